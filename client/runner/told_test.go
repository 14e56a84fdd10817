package runner

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"scaidrive/client"
	"scaidrive/httpd/wire"
)

// TestWithdrawnStaysTold: what was done when a share was withdrawn is told as long as it
// is, whatever later attempts say; when it is back, no more. A sign-in that does not hold
// any more is told with what to do.
func TestWithdrawnStaysTold(t *testing.T) {
	url, token, share := serve(t)
	admin, err := client.New(url, client.Options{Credentials: client.Static(token)})
	if err != nil {
		t.Fatal(err)
	}
	defer admin.Close()
	const email = "guest@example.com"
	u, err := admin.CreateUser(t.Context(), wire.CreateUser{Email: email, Password: password, Name: "Guest"})
	if err != nil {
		t.Fatal(err)
	}
	join := func() {
		t.Helper()
		if _, err := admin.AddMember(t.Context(), share, wire.AddShareMember{PrincipalType: "user", PrincipalID: u.ID, Role: "contributor"}); err != nil {
			t.Fatal(err)
		}
	}
	join()
	tok, err := admin.Login(t.Context(), email, password)
	if err != nil {
		t.Fatal(err)
	}
	h := &happening{}
	dir, store, cfg := follow(t, h, url, tok.AccessToken, share)
	write(t, filepath.Join(dir, "one"), "one")
	says := func(fits func(s *Status) bool) func() bool {
		return func() bool {
			var s Status
			return store.Status(cfg, &s) == nil && fits(&s)
		}
	}
	eventually(t, h, "it is in step", says(func(s *Status) bool { return s.InStep && s.Files == 1 }))
	if err := admin.RemoveMember(t.Context(), share, u.ID); err != nil {
		t.Fatal(err)
	}
	told := func(s *Status) bool { return strings.Contains(s.Error, "1 files and folders were removed here") }
	eventually(t, h, "it is withdrawn", says(told))
	var first Status
	if err := store.Status(cfg, &first); err != nil {
		t.Fatal(err)
	}
	eventually(t, h, "it was tried again", says(func(s *Status) bool { return s.Updated.After(first.Updated.Add(firstRetry*3/4)) && told(s) }))
	if _, err := os.Stat(filepath.Join(dir, "one")); err == nil {
		t.Error("it is still there")
	}
	join()
	eventually(t, h, "it is back", says(func(s *Status) bool { return s.InStep && s.Withdrawn == "" }))
	// What to do about a sign-in that does not hold is told with it; of other errors nothing.
	if err := signInAgain(cfg, &client.StatusError{Status: 401}); err == nil || !strings.Contains(err.Error(), "scaidrive login "+url) || client.StatusOf(err) != 401 {
		t.Errorf("signed out: %v", err)
	}
	if err := signInAgain(cfg, &client.StatusError{Status: 404}); err != nil {
		t.Errorf("not found: %v", err)
	}
}
