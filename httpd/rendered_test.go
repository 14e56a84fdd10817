package httpd

import (
	"testing"
	"time"

	"scaidrive/engine/journal"
)

// What is rendered for one of a user's sockets is given to the others, as long as
// nothing has been committed since and nothing that they may ends by the clock.
func TestRenderedOnce(t *testing.T) {
	a := newAPI(t)
	j := journal.New(a.DB, a.Tree, a.Transfer, a.Env(), 1)
	who := a.As(a.AddUser(t, "member@example.com"))
	a.vars["member"] = who.User.Format("usr_")
	join := step{name: "join", method: "POST", path: "/shares/{share}/members", status: 201, body: `{"principal_type":"user","principal_id":"{member}","role":"reader"}`}
	leave := step{name: "leave", method: "DELETE", path: "/shares/{share}/members/{member}", status: 204}
	a.step(join)
	tail := j.Tail(who.Tenant)
	a.step(step{name: "make", method: "POST", path: "/folders", body: `{"share_id":"{share}","name":"A"}`, status: 201})
	news := tail.Wait(t.Context(), nil)
	if len(news) != 1 {
		t.Fatal(news)
	}
	mine := &userSockets{}
	socketOf := func(page bool) *socket {
		return &socket{s: &Server{o: Options{Journal: j}}, who: who, mine: mine, page: page}
	}
	one, two, device := socketOf(true), socketOf(true), socketOf(false)
	render := func(k *socket, limit int) [][]byte {
		t.Helper()
		frames, _, err := k.render(t.Context(), news[0], limit)
		if err != nil {
			t.Fatal(err)
		}
		return frames
	}
	same := func(a, b [][]byte) bool { return len(a) == 1 && len(b) == 1 && &a[0][0] == &b[0][0] }
	first := render(one, 5)
	if !same(first, render(two, 5)) {
		t.Error("it was rendered twice")
	}
	if same(first, render(device, 5)) || same(first, render(two, 0)) {
		t.Error("another kind of socket, or one that takes fewer rows, was given the same")
	}
	a.step(leave)
	if got := render(two, 5); len(got) > 0 {
		t.Errorf("who may see nothing any more was told %s", got)
	}
	join.body = `{"principal_type":"user","principal_id":"{member}","role":"reader","expires_at":"` + a.Env().Now().Add(time.Hour).Format(time.RFC3339) + `"}`
	a.step(join)
	who.At = a.Env().Now()
	if first = render(one, 5); len(first) != 1 || same(first, render(two, 5)) {
		t.Error("what ends by the clock was kept")
	}
}
