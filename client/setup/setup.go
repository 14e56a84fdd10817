// Package setup keeps which local folders are kept in step with which shares, in
// the client's state directory: one folder of its own for each, with its settings,
// records and last status.
//
// Invariants:
//   - a file is whole at any moment: it is replaced by renaming;
//   - one process at a time works on a folder: it holds the folder's lock;
//   - one at a time changes settings, for as long as that takes: none writes over what
//     another has changed;
//   - a local folder is never inside another synced one.
//
// It does not sync: client/worker does.
package setup

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"scaidrive/client/filelock"
)

// A Folder is the settings of a synced folder.
type Folder struct {
	ID        string    `json:"id"` // of this client's own, also what its marker says
	Server    string    `json:"server"`
	Profile   string    `json:"profile,omitempty"` // of the sign-in; "": that of the environment
	Share     string    `json:"share"`
	ShareName string    `json:"share_name"`
	Dir       string    `json:"dir"` // absolute
	Mode      string    `json:"mode"`
	Strategy  string    `json:"strategy,omitempty"` // "": the share's
	Only      []string  `json:"only,omitempty"`
	Ignore    []string  `json:"ignore,omitempty"`
	Up        int64     `json:"up,omitempty"`   // bytes a second; 0: no limit
	Down      int64     `json:"down,omitempty"` // the same
	Paused    bool      `json:"paused,omitempty"`
	Added     time.Time `json:"added"`
	// AllowDeletes lets the next run delete as much as it finds deleted.
	AllowDeletes bool `json:"allow_deletes,omitempty"`
	// Resync has the next run list the share anew, and look at the whole disk.
	Resync bool `json:"resync,omitempty"`
}

// settingsFile holds a folder's settings.
const settingsFile = "folder.json"

// ErrNone: there is no such folder.
var ErrNone = errors.New("it is no synced folder")

// ErrBusy: another process works on the folder.
var ErrBusy = errors.New("another process is at work on it")

// A Store is a directory of synced folders.
type Store struct{ dir string }

// NewStore uses dir, which is made (0700) when something is saved.
func NewStore(dir string) *Store { return &Store{dir} }

// All lists the folders, in the order in which they were added.
func (s *Store) All() ([]*Folder, error) {
	entries, err := os.ReadDir(s.dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var out []*Folder
	for _, e := range entries {
		if !e.IsDir() {
			continue
		}
		f := &Folder{}
		err := readJSON(filepath.Join(s.dir, e.Name(), settingsFile), f)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil || f.ID != e.Name() {
			return nil, fmt.Errorf("the settings in %s can't be read", filepath.Join(s.dir, e.Name()))
		}
		out = append(out, f)
	}
	slices.SortFunc(out, func(a, b *Folder) int {
		if c := a.Added.Compare(b.Added); c != 0 {
			return c
		}
		return strings.Compare(a.ID, b.ID)
	})
	return out, nil
}

// Find gives the folder that somebody names: its directory, something in it, its
// ID, or its share, where that is clear.
func (s *Store) Find(name string) (*Folder, error) {
	all, err := s.All()
	if err != nil {
		return nil, err
	}
	path, err := Real(name)
	if err != nil {
		return nil, err
	}
	var found []*Folder
	for _, f := range all {
		switch {
		case f.ID == name || f.Dir == path:
			return f, nil
		case f.Share == name || f.ShareName == name || inside(path, f.Dir):
			found = append(found, f)
		}
	}
	switch len(found) {
	case 1:
		return found[0], nil
	case 0:
		return nil, fmt.Errorf("%s: %w", name, ErrNone)
	}
	return nil, fmt.Errorf("%s: there are several folders of that share; name the folder", name)
}

// Real is the absolute path of a folder, with links resolved as far as it is there.
func Real(path string) (string, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	rest := ""
	for at := abs; ; at = filepath.Dir(at) {
		if real, err := filepath.EvalSymlinks(at); err == nil {
			return filepath.Join(real, rest), nil
		}
		if at == filepath.Dir(at) {
			return abs, nil
		}
		rest = filepath.Join(filepath.Base(at), rest)
	}
}

// inside reports whether a path is a folder or lies in it.
func inside(path, folder string) bool {
	rel, err := filepath.Rel(folder, path)
	return err == nil && rel != ".." && !strings.HasPrefix(rel, ".."+string(filepath.Separator))
}

// Add keeps a new folder.
func (s *Store) Add(f *Folder) error {
	done, err := s.changing()
	if err != nil {
		return err
	}
	defer done()
	all, err := s.All()
	if err != nil {
		return err
	}
	for _, o := range all {
		if inside(f.Dir, o.Dir) || inside(o.Dir, f.Dir) {
			return fmt.Errorf("%s and the synced folder %s lie in one another", f.Dir, o.Dir)
		}
	}
	if err := os.MkdirAll(s.path(f.ID), 0o700); err != nil {
		return err
	}
	defer s.changed()
	return s.save(f)
}

// save replaces a folder's settings, durably: without them nobody knows what the
// folder is.
func (s *Store) save(f *Folder) error { return writeJSON(s.File(f, settingsFile), f, true) }

// Change changes a folder's settings as they are now, which may be otherwise than the
// caller has them, and gives them. Nobody else changes them meanwhile.
func (s *Store) Change(id string, how func(*Folder)) (*Folder, error) {
	if _, err := s.Load(id); err != nil {
		return nil, err // there is nothing that a lock were needed for
	}
	done, err := s.changing()
	if err != nil {
		return nil, err
	}
	defer done()
	f, err := s.Load(id)
	if err != nil {
		return nil, err
	}
	how(f)
	return f, s.save(f)
}

// changing waits until no other process changes settings, and keeps the others waiting
// until the function is called.
func (s *Store) changing() (func(), error) {
	if err := os.MkdirAll(s.dir, 0o700); err != nil {
		return nil, err
	}
	file, err := os.OpenFile(filepath.Join(s.dir, "changing"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := filelock.Wait(file); err != nil {
		file.Close()
		return nil, fmt.Errorf("lock %s: %w", file.Name(), err)
	}
	return func() { file.Close() }, nil // closing gives the lock back
}

// Load reads a folder's settings again.
func (s *Store) Load(id string) (*Folder, error) {
	f := &Folder{}
	err := readJSON(filepath.Join(s.path(id), settingsFile), f)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ErrNone
	}
	return f, err
}

// Remove forgets a folder. What is in it stays.
func (s *Store) Remove(f *Folder) error {
	done, err := s.changing()
	if err != nil {
		return err
	}
	defer done()
	return os.RemoveAll(s.path(f.ID))
}

func (s *Store) path(id string) string { return filepath.Join(s.dir, filepath.Base(id)) }

// File is the path of a file that is kept with a folder.
func (s *Store) File(f *Folder, name string) string { return filepath.Join(s.path(f.ID), name) }

// Lock takes a folder's lock; ErrBusy if another process has it. The function
// gives it back.
func (s *Store) Lock(f *Folder) (func(), error) { return lock(s.File(f, "lock"), f.Dir) }

// LockFollowing takes the lock of who follows the folders of this installation; ErrBusy
// if another process does. The function gives it back.
func (s *Store) LockFollowing() (func(), error) {
	if err := os.MkdirAll(s.dir, 0o700); err != nil {
		return nil, err
	}
	return lock(filepath.Join(s.dir, "following"), "the synced folders")
}

// Followed reports whether a process follows the folders of this installation.
func (s *Store) Followed() bool {
	if _, err := os.Stat(filepath.Join(s.dir, "following")); err != nil {
		return false
	}
	unlock, err := s.LockFollowing()
	if err == nil {
		unlock()
	}
	return errors.Is(err, ErrBusy)
}

func lock(path, what string) (func(), error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	ok, err := filelock.Try(file)
	if err != nil || !ok {
		file.Close()
		if err == nil {
			err = fmt.Errorf("%s: %w", what, ErrBusy)
		}
		return nil, err
	}
	return func() { file.Close() }, nil
}

// SaveStatus keeps what a folder says of itself, for those who ask.
func (s *Store) SaveStatus(f *Folder, status any) error {
	return writeJSON(s.File(f, "status.json"), status, false)
}

// Status reads what was kept last; fs.ErrNotExist if nothing was.
func (s *Store) Status(f *Folder, into any) error {
	return readJSON(s.File(f, "status.json"), into)
}

// Device is this client's name to the servers, made by name when there is none.
func (s *Store) Device(name func() string) (string, error) {
	path := filepath.Join(s.dir, "device")
	if id, err := readDevice(path); id != "" || err != nil {
		return id, err
	}
	done, err := s.changing()
	if err != nil {
		return "", err
	}
	defer done()
	if id, err := readDevice(path); id != "" || err != nil {
		return id, err // another process has made one meanwhile
	}
	id := name()
	return id, os.WriteFile(path, []byte(id), 0o600)
}

// readDevice gives "" where there is no name.
func readDevice(path string) (string, error) {
	b, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) || err == nil && len(b) > 128 {
		return "", nil
	}
	return string(b), err
}

func readJSON(path string, into any) error {
	b, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	return json.Unmarshal(b, into)
}

func writeJSON(path string, v any, durable bool) error {
	b, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return err
	}
	tmp, err := os.CreateTemp(filepath.Dir(path), ".new-*") // made with 0600
	if err != nil {
		return err
	}
	if _, err = tmp.Write(b); err == nil && durable {
		err = tmp.Sync()
	}
	if err = errors.Join(err, tmp.Close()); err == nil {
		err = os.Rename(tmp.Name(), path)
	}
	if err != nil {
		os.Remove(tmp.Name())
	}
	return err
}
