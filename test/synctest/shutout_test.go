package synctest

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"scaidrive/httpd/wire"
)

// TestSuspendedIsTold: who is suspended is told so by their client within seconds,
// whether it waits on a socket or works, and goes on when they are let in again.
func TestSuspendedIsTold(t *testing.T) {
	s := newServer(t, filepath.Join(t.TempDir(), "data"))
	api := s.api(t)
	share := newShare(t, api, "Work")
	const email, password = "guest@example.com", "a long enough pass phrase 7"
	u, err := api.CreateUser(t.Context(), wire.CreateUser{Email: email, Password: password, Name: "Guest"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := api.AddMember(t.Context(), share, wire.AddShareMember{PrincipalType: "user", PrincipalID: u.ID, Role: "contributor"}); err != nil {
		t.Fatal(err)
	}
	a := newPerson(t, "A")
	login := func() {
		t.Helper()
		if out, code := a.run(password+"\n", "login", s.url(), "--email", email, "--password-stdin"); code != 0 {
			t.Fatalf("login: exit %d\n%s", code, out)
		}
	}
	login()
	a.ok("sync", "add", share, a.root)
	a.write("one", "one")
	a.follow()
	const seconds = 12 * time.Second // far less than the waits between attempts become
	for range 4 {
		a.inStep()
		began := time.Now()
		if _, err := api.SuspendUser(t.Context(), u.ID); err != nil {
			t.Fatal(err)
		}
		a.says("the account is suspended", func(s *state) bool { return strings.Contains(s.Error, "suspended") })
		if took := time.Since(began); took > seconds {
			t.Errorf("it was told after %v", took)
		}
		began = time.Now()
		if _, err := api.ActivateUser(t.Context(), u.ID); err != nil {
			t.Fatal(err)
		}
		login()
		a.inStep()
		if took := time.Since(began); took > seconds {
			t.Errorf("it was back after %v", took)
		}
	}
}
