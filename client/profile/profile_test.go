package profile_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"scaidrive/client"
	"scaidrive/client/clienttest"
	"scaidrive/client/profile"
)

var now = func() time.Time { return time.Date(2026, 11, 22, 8, 0, 0, 0, time.UTC) }

// open makes a session as another process would: with nothing shared but the files.
func open(t *testing.T, dir, name string) (*profile.Session, error) {
	return profile.Open(profile.NewStore(dir), name, now, func(url string) (profile.Renewer, error) {
		return client.New(url, client.Options{})
	})
}

func signIn(t *testing.T, srv *clienttest.Server, dir string) {
	t.Helper()
	c, err := client.New(srv.URL, client.Options{})
	if err != nil {
		t.Fatal(err)
	}
	tok, err := c.Login(t.Context(), clienttest.Email, clienttest.Password)
	if err != nil {
		t.Fatal(err)
	}
	if err := profile.NewStore(dir).Save("default", profile.FromToken(srv.URL, clienttest.Email, tok, now())); err != nil {
		t.Fatal(err)
	}
}

func TestSignInIsPrivate(t *testing.T) {
	srv := clienttest.New(t)
	dir := filepath.Join(t.TempDir(), "conf", "profiles")
	signIn(t, srv, dir)
	info, err := os.Stat(filepath.Join(dir, "default.json"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	if info, _ = os.Stat(dir); info.Mode().Perm() != 0o700 {
		t.Errorf("the folder: %v", info.Mode())
	}
	entries, _ := os.ReadDir(dir)
	for _, e := range entries {
		if strings.HasSuffix(e.Name(), ".tmp") {
			t.Errorf("%s was left behind", e.Name())
		}
	}
}

// TestRenewal: twenty sessions and as many processes find their token refused at
// the same moment; the refresh token is used once, and all go on.
func TestRenewal(t *testing.T) {
	srv := clienttest.New(t)
	dir := t.TempDir()
	signIn(t, srv, dir)
	srv.AddShare("Work")
	var clients []*client.Client
	for range 20 {
		s, err := open(t, dir, "default")
		if err != nil {
			t.Fatal(err)
		}
		c, err := client.New(s.URL(), client.Options{Credentials: s})
		if err != nil {
			t.Fatal(err)
		}
		clients = append(clients, c)
	}
	srv.Expire()
	var wg sync.WaitGroup
	for _, c := range clients {
		for range 3 {
			wg.Go(func() {
				if l, err := c.MyShares(t.Context()); err != nil || len(l) != 1 {
					t.Errorf("%v, %v", l, err)
				}
			})
		}
	}
	wg.Wait()
	if n := srv.Count("POST /auth/token"); n != 1 {
		t.Errorf("renewed %d times", n)
	}
	in, err := profile.NewStore(dir).Load("default")
	if err != nil || in.Email != clienttest.Email {
		t.Errorf("%+v, %v", in, err)
	}
}

// TestEarlyRenewal: a token that is about to end is renewed before it is refused.
func TestEarlyRenewal(t *testing.T) {
	srv := clienttest.New(t)
	dir := t.TempDir()
	signIn(t, srv, dir)
	s, err := profile.Open(profile.NewStore(dir), "default", func() time.Time { return now().Add(59*time.Minute + 30*time.Second) },
		func(url string) (profile.Renewer, error) { return client.New(url, client.Options{}) })
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Token(t.Context()); err != nil || srv.Count("POST /auth/token") != 1 {
		t.Errorf("%v, %d", err, srv.Count("POST /auth/token"))
	}
}

func TestEndedSignIn(t *testing.T) {
	srv := clienttest.New(t)
	dir := t.TempDir()
	signIn(t, srv, dir)
	in, _ := profile.NewStore(dir).Load("default")
	in.RefreshToken = "rt_nonsense"
	if err := profile.NewStore(dir).Save("default", in); err != nil {
		t.Fatal(err)
	}
	s, err := open(t, dir, "default")
	if err != nil {
		t.Fatal(err)
	}
	c, _ := client.New(s.URL(), client.Options{Credentials: s})
	srv.Expire()
	if _, err := c.MyShares(t.Context()); client.StatusOf(err) != 401 {
		t.Errorf("got %v", err)
	}
}

// TestAnotherServer: a token is not sent to a server that the profile was signed
// in to afterwards.
func TestAnotherServer(t *testing.T) {
	one, two := clienttest.New(t), clienttest.New(t)
	dir := t.TempDir()
	signIn(t, one, dir)
	s, err := open(t, dir, "default")
	if err != nil {
		t.Fatal(err)
	}
	c, _ := client.New(s.URL(), client.Options{Credentials: s})
	one.Expire()
	signIn(t, two, dir)
	if _, err := c.MyShares(t.Context()); client.StatusOf(err) != 401 {
		t.Errorf("got %v", err)
	}
	if n := two.Count("GET /users/me/shares") + two.Count("POST /auth/token"); n != 0 {
		t.Errorf("the other server was asked %d times", n)
	}
}

func TestNoProfile(t *testing.T) {
	dir := t.TempDir()
	if _, err := open(t, dir, "default"); !errors.Is(err, profile.ErrNone) {
		t.Errorf("got %v", err)
	}
	for _, name := range []string{"", ".", "..", "../x", "a/b", strings.Repeat("x", 65), ".hidden"} {
		if profile.ValidName(name) {
			t.Errorf("%q is taken for a name", name)
		}
		if err := profile.NewStore(dir).Save(name, &profile.SignIn{}); err == nil {
			t.Errorf("%q was saved", name)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "default.json"), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := open(t, dir, "default"); err == nil || errors.Is(err, profile.ErrNone) {
		t.Errorf("got %v", err)
	}
}
