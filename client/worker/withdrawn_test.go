package worker

import (
	"errors"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"scaidrive/client"
	"scaidrive/httpd/wire"
)

// guest is a desk of somebody who is a member of the share.
func (r *rig) guest(name string) (d *desk, user string) {
	r.t.Helper()
	admin := r.api(nil)
	email := name + "@example.com"
	u, err := admin.CreateUser(r.t.Context(), wire.CreateUser{Email: email, Password: adminPassword, Name: name})
	if err != nil {
		r.t.Fatal(err)
	}
	r.join(u.ID)
	tok, err := admin.Login(r.t.Context(), email, adminPassword)
	if err != nil {
		r.t.Fatal(err)
	}
	theirs := *r
	theirs.token = tok.AccessToken
	return theirs.desk(name), u.ID
}

func (r *rig) join(user string) {
	r.t.Helper()
	if _, err := r.api(nil).AddMember(r.t.Context(), r.share, wire.AddShareMember{PrincipalType: "user", PrincipalID: user, Role: "contributor"}); err != nil {
		r.t.Fatal(err)
	}
}

// lostAnswers loses the answers to what is sent.
type lostAnswers struct{}

// RoundTrip implements http.RoundTripper.
func (lostAnswers) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := http.DefaultTransport.RoundTrip(r)
	if err == nil && strings.HasSuffix(r.URL.Path, "/sync/apply") {
		resp.Body.Close()
		return nil, errLost
	}
	return resp, err
}

// S54, S45 of a whole share: what was in step goes from the disk, what was edited is in
// the rescue folder, what was only there stays; nothing happens on the server, and it
// comes back when the share does. So it is for a client that follows, that was off, and
// that had sent something without an answer.
func TestShareIsWithdrawn(t *testing.T) {
	r := newRig(t)
	for _, how := range []string{"following", "off", "in the middle of sending", "a part of it", "while a file is written"} {
		t.Run(how, func(t *testing.T) {
			sub := *r
			sub.t = t
			sub.newShare("withdrawn, " + how)
			a := sub.desk("a")
			b, user := sub.guest("guest-" + strings.ReplaceAll(how, " ", "-"))
			for _, p := range []string{"one", "two", "dir/three", "dir/sub/five"} {
				a.write(p, "content of "+p)
			}
			if how == "a part of it" {
				b.only = []string{"one", "dir"}
			}
			a.sync()
			b.inStep()
			before := a.tree()
			b.write("one", "edited by the guest")
			b.write("new", "only here")
			if how == "in the middle of sending" {
				b.close()
				b.conn = lostAnswers{}
				if err := b.trySync(); err == nil {
					t.Fatal("the answer was not lost")
				}
				b.close()
				b.conn = nil
				before["one"], before["new"] = "edited by the guest", "only here"
			}
			if how != "following" {
				b.close()
			}
			if err := a.api(nil).RemoveMember(t.Context(), a.share, user); err != nil {
				t.Fatal(err)
			}
			if how == "while a file is written" {
				b.start().o.Stable = time.Hour
			}
			err := b.trySync()
			if !errors.Is(err, ErrWithdrawn) {
				t.Fatalf("it ends with %v", err)
			}
			left := b.tree()
			if how != "in the middle of sending" {
				b.expect(map[string]string{"new": "only here"})
				rescued, err := os.ReadDir(b.path(RescueDir))
				if err != nil || len(rescued) != 1 {
					t.Fatalf("rescued: %v, %v", rescued, err)
				}
				if text, _ := os.ReadFile(b.path(RescueDir + "/" + rescued[0].Name())); string(text) != "edited by the guest" {
					t.Errorf("rescued is %q", text)
				}
			}
			// Asked again, nothing more happens, also by a new process.
			for range 2 {
				if err := b.trySync(); client.StatusOf(err) != 404 || b.folder.Status().InStep {
					t.Errorf("again: %v", err)
				}
				b.expect(left)
				b.close()
			}
			// Nothing was counted as a deletion, and nothing came.
			a.inStep()
			if how != "in the middle of sending" {
				a.expect(before)
			}
			// It comes back.
			sub.join(user)
			b.sync()
			a.sync()
			if got := b.tree(); got["dir/sub/five"] != "content of dir/sub/five" || got["new"] != "only here" && how != "a part of it" {
				t.Errorf("b has\n%s", show(got))
			}
			b.inStep()
		})
	}
}

// A share that the server does not know, or that was deleted, is not taken for
// withdrawn: nothing is changed here.
func TestShareIsNotKnown(t *testing.T) {
	r := newRig(t)
	a := r.desk("a")
	b, _ := r.guest("guest")
	a.write("one", "one")
	a.sync()
	b.inStep()
	before := b.tree()
	if err := a.api(nil).DeleteShare(t.Context(), a.share); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := b.trySync(); client.StatusOf(err) != 404 || errors.Is(err, ErrWithdrawn) {
			t.Errorf("it ends with %v", err)
		}
		b.expect(before)
		b.close()
	}
}

// S45: the role is lowered while edits wait. They are refused and kept in the rescue
// folder, what is on the server comes, and all else goes on.
func TestRoleIsLowered(t *testing.T) {
	r := newRig(t)
	a := r.desk("a")
	b, user := r.guest("guest")
	a.write("one", "one")
	a.write("two", "two")
	a.sync()
	b.inStep()
	b.write("one", "edited by the guest")
	b.write("new", "only here")
	b.mkdir("made")
	a.write("two", "edited by a")
	a.sync()
	role := func(name string) {
		t.Helper()
		if _, err := a.api(nil).AddMember(t.Context(), a.share, wire.AddShareMember{PrincipalType: "user", PrincipalID: user, Role: name}); err != nil {
			t.Fatal(err)
		}
	}
	if err := a.api(nil).RemoveMember(t.Context(), a.share, user); err != nil {
		t.Fatal(err)
	}
	role("reader")
	b.sync()
	got := b.tree()
	if got["one"] != "one" || got["two"] != "edited by a" || got["new"] != "" {
		t.Errorf("b has\n%s", show(got))
	}
	rescued := ""
	list, err := os.ReadDir(b.path(RescueDir))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range list {
		text, _ := os.ReadFile(b.path(RescueDir + "/" + e.Name()))
		rescued += string(text) + ";"
	}
	if len(list) != 2 || !strings.Contains(rescued, "edited by the guest;") || !strings.Contains(rescued, "only here;") {
		t.Errorf("rescued: %q", rescued)
	}
	a.expect(map[string]string{"one": "one", "two": "edited by a"})
	a.inStep()
}

// Who may write in one folder of a share, and is no member of it, sends what they change
// there.
func TestGrantedBelow(t *testing.T) {
	r := newRig(t)
	a := r.desk("a")
	b, user := r.guest("guest")
	a.write("dir/open/one", "one")
	a.write("dir/shut", "shut")
	a.sync()
	api := a.api(nil)
	if err := api.RemoveMember(t.Context(), a.share, user); err != nil {
		t.Fatal(err)
	}
	on, err := api.FindResource(t.Context(), a.share+":/dir/open")
	if err != nil {
		t.Fatal(err)
	}
	entry := wire.SetACLEntry{PrincipalType: "user", PrincipalID: user, ACEType: "allow", Permissions: []string{"READ", "WRITE", "DELETE", "CREATE"}}
	if _, err := api.SetACLEntry(t.Context(), on, entry); err != nil {
		t.Fatal(err)
	}
	b.inStep()
	b.expect(map[string]string{"dir": "/", "dir/open": "/", "dir/open/one": "one"})
	b.write("dir/open/one", "edited by the guest")
	b.write("dir/open/sub/new", strings.Repeat("made by the guest ", 10_000))
	b.inStep()
	a.inStep()
	if got := a.tree(); got["dir/open/one"] != "edited by the guest" || !strings.HasPrefix(got["dir/open/sub/new"], "180000 bytes") || got["dir/shut"] != "shut" {
		t.Errorf("a has\n%s", show(got))
	}
}
