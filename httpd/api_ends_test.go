package httpd

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"scaidrive/engine"
)

// until reads frames up to one that has a text, and gives those before it.
func (p *peer) until(text string) (before []string) {
	p.t.Helper()
	for range 1000 {
		f := p.next()
		if strings.Contains(f, text) {
			return before
		}
		before = append(before, f)
	}
	p.t.Fatalf("1000 frames without %s", text)
	return nil
}

// poll asks for changes and waits; what comes is told to the channel: status and body.
func (a *api) poll(who, path string) <-chan string {
	out := make(chan string, 1)
	req, err := http.NewRequest("GET", "http://"+a.addr+a.fill("/api/v1"+path), nil)
	if err != nil {
		a.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+a.vars[who])
	go func() {
		res, err := a.client.Do(req)
		if err != nil {
			out <- err.Error()
			return
		}
		defer res.Body.Close()
		b, _ := io.ReadAll(res.Body)
		out <- res.Status + " " + string(b)
	}()
	return out
}

// waiting returns when n wait for the clock.
func (a *api) waiting(n int) {
	a.t.Helper()
	for deadline := time.Now().Add(20 * time.Second); a.Waiting() < n; {
		if time.Now().After(deadline) {
			a.t.Fatalf("%d wait for the clock, not %d", a.Waiting(), n)
		}
		time.Sleep(time.Millisecond) // a look, no synchronisation
	}
}

// The moment a role ends by the clock, who had it is told so at both sockets and where
// they wait for changes, hears of nothing more, and goes on with nothing that they had
// begun.
func TestARoleEndsByTheClock(t *testing.T) {
	a := newAPI(t)
	u := a.AddUser(t, "guest@example.com")
	a.vars["guest_id"], a.vars["guest"] = u.ID.Format(engine.PrefixUser), a.signIn("guest@example.com").AccessToken
	end := a.Now().Add(30 * time.Minute).UTC().Format(time.RFC3339)
	a.run([]step{
		{name: "a role for half an hour", method: "POST", path: "/shares/{share}/members", body: `{"principal_id":"{guest_id}","role":"contributor","expires_at":"` + end + `"}`, status: 201},
		{name: "own share", as: "guest", method: "POST", path: "/shares", body: `{"name":"Mine","share_type":"project"}`, status: 201, keep: "mine=id"},
		{name: "file", method: "POST", path: "/files", body: upload("f.txt", "content"), status: 201, keep: "f=id"},
		{name: "device", as: "guest", method: "POST", path: "/sync/devices", body: `{"device_id":"d","device_name":"D"}`, status: 201},
		{name: "begin an upload", as: "guest", method: "POST", path: "/uploads", body: create("u.bin", 100_000, ""), status: 201, keep: "u=session_id"},
		{name: "a part", as: "guest", method: "PUT", path: "/uploads/{u}/chunks/0", body: strings.Repeat("x", 65536), status: 204},
		{name: "begin a download", as: "guest", method: "GET", path: "/files/{f}/content", head: []string{"Range", "bytes=0-2"}, status: 206, has: []string{"con"}},
		{name: "an archive", as: "guest", method: "POST", path: "/archives", body: `{"items":[{"id":"{f}"}]}`, status: 201, keep: "archive=url"},
	})
	page, _ := a.dial("/realtime/ws?token=" + a.vars["guest"])
	page.expect("connected")
	for _, s := range []string{"{share}", "{mine}"} {
		page.send(a.fill(`{"action":"subscribe","share_id":"` + s + `"}`))
		page.expect("subscribed")
	}
	device, _ := a.dial("/sync/ws/d?token=" + a.vars["guest"])
	device.send(`{"type":"subscribe"}`)
	device.expect("subscribed")
	polled := a.poll("guest", "/sync/changes?share_id={share}&wait=50")
	a.waiting(3)
	a.Pass(30*time.Minute - time.Microsecond)
	a.step(step{name: "just before", as: "guest", method: "GET", path: "/files/{f}", status: 200})
	select {
	case got := <-polled:
		t.Errorf("the poll ends before the role: %s", got)
	default:
	}
	a.Pass(time.Microsecond)
	if got := <-polled; !strings.HasPrefix(got, "404 ") || strings.Contains(got, "f.txt") {
		t.Errorf("the poll: %s", got)
	}
	for _, p := range []*peer{page, device} {
		p.expect(`"event_type":"change"`, a.vars["share"])
	}
	a.run([]step{
		{name: "what is theirs no more", method: "POST", path: "/files", body: upload(secret+".txt", "content"), status: 201},
		{name: "download", as: "guest", method: "GET", path: "/files/{f}/content", head: []string{"Range", "bytes=3-"}, status: 404},
		{name: "part", as: "guest", method: "PUT", path: "/uploads/{u}/chunks/1", body: strings.Repeat("x", 100_000-65536), status: 404},
		{name: "complete", as: "guest", method: "POST", path: "/uploads/{u}/complete", body: `{}`, status: 404},
		{name: "session", as: "guest", method: "GET", path: "/uploads/{u}", status: 200, has: []string{`"received":[[0,0]]`}},
		{name: "write", as: "guest", method: "POST", path: "/files", body: upload("late.txt", "x"), status: 404},
		{name: "changes", as: "guest", method: "GET", path: "/sync/changes?share_id={share}", status: 404},
	})
	res, body := a.do("GET", a.vars["archive"], "")
	if res.StatusCode == 200 && strings.Contains(body, "content") {
		t.Errorf("the archive of who may not read any more: %d %q", res.StatusCode, body)
	}
	for _, mark := range []string{"first", "second"} {
		a.step(step{name: mark, as: "guest", method: "POST", path: "/folders", body: `{"share_id":"{mine}","name":"` + mark + `"}`, status: 201})
		for _, p := range []*peer{page, device} {
			for _, f := range p.until(`"name":"` + mark + `"`) {
				if strings.Contains(f, secret) || strings.Contains(f, a.vars["share"]) {
					t.Errorf("told after the end: %s", f)
				}
			}
		}
	}
}

// What happens to what somebody may not see is told to them by no socket and no waiting
// poll: not its name, and not that it happened.
func TestNothingLeaksLive(t *testing.T) {
	a := leaky(t)
	type ear struct {
		who   string
		peers []*peer
	}
	var ears []ear
	for _, who := range []string{"reader", "way", "stranger", "user"} {
		a.step(step{name: "own share", as: who, method: "POST", path: "/shares", body: `{"name":"Mine","share_type":"project"}`, status: 201, keep: "mine_" + who + "=id"})
		page, _ := a.dial("/realtime/ws?token=" + a.vars[who])
		page.expect("connected")
		for _, s := range []string{"{share}", "{mine_" + who + "}"} {
			page.send(a.fill(`{"action":"subscribe","share_id":"` + s + `"}`))
			page.expect("subscribed")
		}
		e := ear{who, []*peer{page}}
		if who == "stranger" || who == "user" {
			a.step(step{name: "a device", as: who, method: "POST", path: "/sync/devices", body: `{"device_id":"d","device_name":"D"}`, status: 201})
		}
		device, _ := a.dial("/sync/ws/d?token=" + a.vars[who])
		device.send(`{"type":"subscribe"}`)
		device.expect("subscribed")
		ears = append(ears, ear{who, append(e.peers, device)})
	}
	a.step(step{name: "a role for a while", method: "PATCH", path: "/shares/{share}/members/{reader_id}", body: `{"expires_at":"2026-11-22T12:55:00Z"}`, status: 200})
	for _, e := range ears {
		if e.who == "reader" {
			e.peers[0].until(`"kind":"role_changed"`)
		}
	}
	polls := map[string]<-chan string{}
	for _, who := range []string{"reader", "way"} {
		polls[who] = a.poll(who, "/sync/changes?share_id={share}&wait=55")
	}
	a.waiting(3) // the reader's sockets and poll
	j := func(name, method, path, body string, status int, keep ...string) step {
		return step{name: name, method: method, path: path, body: body, status: status, keep: strings.Join(keep, "")}
	}
	for _, s := range []step{
		j("create", "POST", "/folders", `{"share_id":"{share}","parent_id":"{target}","name":"`+secret+` new"}`, 201, "new=id"),
		j("file", "POST", "/files", upload(secret+" new.txt", "x", "folder_id", "{new}"), 201, "newfile=id"),
		j("rename", "PATCH", "/files/{newfile}", `{"name":"`+secret+` newer.txt"}`, 200),
		j("copy", "POST", "/files/{newfile}/copy", `{"target_folder_id":"{target}"}`, 201),
		j("comment", "POST", "/files/{newfile}/comments", `{"text":"@reader@example.com @way@example.com `+secret+`"}`, 201),
		j("tag", "PUT", "/files/{newfile}/tags", `{"tags":["`+secret+`"]}`, 200),
		j("tag what they had marked", "PUT", "/files/{file}/tags", `{"tags":["`+secret+` too"]}`, 200),
		j("rename what they had opened", "PATCH", "/files/{file}", `{"name":"`+secret+` thrice.txt"}`, 200),
		j("trash", "DELETE", "/files/{newfile}", "", 204),
		j("restore", "POST", "/files/{newfile}/restore", "", 200),
		j("for good", "DELETE", "/files/{newfile}?permanent=true", "", 204),
		j("trash a folder", "DELETE", "/folders/{new}", "", 204),
		j("beside the way", "POST", "/files", upload(secret+" beside.txt", "x", "folder_id", "{beside}"), 201),
	} {
		a.step(s)
		for who, p := range polls {
			select {
			case got := <-p:
				t.Fatalf("%s's poll is woken by what they may not see, %s at the latest: %s", who, s.name, got)
			default:
			}
		}
	}
	saw := 0
	for _, mark := range []string{"first", "second"} {
		for _, e := range ears {
			a.step(step{name: mark, as: e.who, method: "POST", path: "/folders", body: `{"share_id":"{mine_` + e.who + `}","name":"` + mark + `"}`, status: 201})
			for _, p := range e.peers {
				for _, f := range p.until(`"name":"` + mark + `"`) {
					if e.who == "user" {
						if strings.Contains(f, secret) {
							saw++
						}
						continue
					}
					if strings.Contains(f, secret) || strings.Contains(f, a.vars["share"]) {
						t.Errorf("%s is told: %s", e.who, f)
					}
				}
			}
		}
	}
	if saw < 8 {
		t.Errorf("the owner was told of %d", saw)
	}
	// By a move below entries that name them they may learn that there was one: that a
	// part is to be listed anew.
	a.step(j("move", "POST", "/folders/{dir}/move", `{"target_folder_id":"{below}"}`, 200))
	for _, e := range ears {
		a.step(step{name: "third", as: e.who, method: "POST", path: "/folders", body: `{"share_id":"{mine_` + e.who + `}","name":"third"}`, status: 201})
		for _, p := range e.peers {
			for _, f := range p.until(`"name":"third"`) {
				if e.who != "user" && strings.Contains(f, secret) {
					t.Errorf("%s is told: %s", e.who, f)
				}
			}
		}
	}
	a.step(step{name: "what they may see", method: "POST", path: "/files", body: upload("visible.txt", "x"), status: 201})
	if got := <-polls["reader"]; !strings.Contains(got, `"access_changed":true`) || strings.Contains(got, secret) {
		t.Errorf("the reader's poll: %s", got)
	}
	a.step(step{name: "and they", method: "PATCH", path: "/files/{told}", body: `{"name":"told again.txt"}`, status: 200})
	if got := <-polls["way"]; !strings.Contains(got, "told again.txt") || strings.Contains(got, secret) {
		t.Errorf("the poll of who sees a way: %s", got)
	}
}
