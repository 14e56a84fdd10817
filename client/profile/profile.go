// Package profile keeps sign-ins in the configuration directory, one file for
// each profile name, readable by its owner only.
//
// Invariants:
//   - a profile file is whole at any moment: it is replaced by renaming;
//   - a refresh token is used once: renewals of one profile exclude each other
//     across processes, and who waited takes the result of who went first;
//   - a token is given out together with the address it belongs to, never with
//     another one.
//
// It does not ask anybody anything and does not decide which profile to use.
package profile

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"time"

	"scaidrive/client/filelock"
)

// Default is the profile used where none is named.
const Default = "default"

// ErrNone: there is no sign-in under that name.
var ErrNone = errors.New("not signed in")

// A SignIn is what one profile holds.
type SignIn struct {
	URL          string    `json:"url"`
	Email        string    `json:"email"`
	AccessToken  string    `json:"access_token"`
	ExpiresAt    time.Time `json:"expires_at"`
	RefreshToken string    `json:"refresh_token,omitempty"`
}

// A Store is a directory of profiles.
type Store struct{ dir string }

// NewStore uses dir, which is made (0700) when something is saved.
func NewStore(dir string) *Store { return &Store{dir: dir} }

// UserStore is the store in the platform's configuration directory.
func UserStore() (*Store, error) {
	dir, err := os.UserConfigDir()
	if err != nil {
		return nil, fmt.Errorf("find the configuration directory: %w", err)
	}
	return NewStore(filepath.Join(dir, "scaidrive", "profiles")), nil
}

var goodName = regexp.MustCompile(`^[A-Za-z0-9_-][A-Za-z0-9._-]{0,63}$`)

// ValidName reports whether a profile can have that name.
func ValidName(name string) bool { return goodName.MatchString(name) }

// Path is the profile's file.
func (s *Store) Path(name string) string { return filepath.Join(s.dir, name+".json") }

// Load reads a profile; ErrNone if there is none.
func (s *Store) Load(name string) (*SignIn, error) {
	if !ValidName(name) {
		return nil, fmt.Errorf("%q is not a profile name", name)
	}
	b, err := os.ReadFile(s.Path(name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("profile %q: %w", name, ErrNone)
	}
	if err != nil {
		return nil, err
	}
	var in SignIn
	if err := json.Unmarshal(b, &in); err != nil || in.URL == "" {
		return nil, fmt.Errorf("profile %q: %s cannot be read, sign in again", name, s.Path(name))
	}
	return &in, nil
}

// Save replaces a profile. It waits for a renewal under way, so that a new
// sign-in is not overwritten by it.
func (s *Store) Save(name string, in *SignIn) error {
	unlock, err := s.lock(name)
	if err != nil {
		return err
	}
	defer unlock()
	return s.write(name, in)
}

func (s *Store) lock(name string) (func(), error) {
	if !ValidName(name) {
		return nil, fmt.Errorf("%q is not a profile name", name)
	}
	if err := os.MkdirAll(s.dir, 0o700); err != nil {
		return nil, err
	}
	f, err := os.OpenFile(filepath.Join(s.dir, name+".lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := filelock.Wait(f); err != nil {
		f.Close()
		return nil, fmt.Errorf("lock %s: %w", f.Name(), err)
	}
	return func() { f.Close() }, nil // closing gives the lock back
}

// write replaces the file; the lock is held.
func (s *Store) write(name string, in *SignIn) (err error) {
	b, err := json.MarshalIndent(in, "", "  ")
	if err != nil {
		return err
	}
	f, err := os.CreateTemp(s.dir, "."+name+"-*.tmp") // made with 0600
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			f.Close()
			os.Remove(f.Name())
		}
	}()
	if _, err := f.Write(append(b, '\n')); err != nil {
		return err
	}
	if err := f.Sync(); err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	return os.Rename(f.Name(), s.Path(name))
}
