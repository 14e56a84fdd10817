package httpd

import (
	"encoding/json"
	"net"
	"net/http"
	"runtime"
	"runtime/debug"
	"strings"
	"testing"
	"time"

	"github.com/fasthttp/websocket"

	"scaidrive/engine"
	"scaidrive/engine/meta"
	"scaidrive/engine/meta/schema"
	"scaidrive/httpd/wire"
)

// A peer is a client's end of a socket.
type peer struct {
	t  testing.TB
	ws *websocket.Conn
}

// dial opens a socket; a refused one gives the status.
func (a *api) dial(path string, head ...string) (*peer, int) {
	a.t.Helper()
	h := http.Header{}
	for i := 0; i < len(head); i += 2 {
		h.Set(head[i], head[i+1])
	}
	ws, res, err := websocket.DefaultDialer.Dial("ws://"+a.addr+"/api/v1"+a.fill(path), h)
	if err != nil {
		if res != nil {
			return nil, res.StatusCode
		}
		a.t.Fatal(err)
	}
	a.t.Cleanup(func() { _ = ws.Close() })
	return &peer{a.t, ws}, 101
}

func (p *peer) send(text string) {
	p.t.Helper()
	if err := p.ws.WriteMessage(websocket.TextMessage, []byte(text)); err != nil {
		p.t.Fatal(err)
	}
}

// next gives the next frame as text.
func (p *peer) next() string {
	p.t.Helper()
	_ = p.ws.SetReadDeadline(time.Now().Add(20 * time.Second))
	_, b, err := p.ws.ReadMessage()
	if err != nil {
		p.t.Fatal(err)
	}
	return string(b)
}

// expect reads a frame that has all of the parts.
func (p *peer) expect(parts ...string) string {
	p.t.Helper()
	got := p.next()
	for _, part := range parts {
		if !strings.Contains(got, part) {
			p.t.Errorf("the frame %s lacks %s", got, part)
		}
	}
	return got
}

// closed gives the code with which the server closes.
func (p *peer) closed() int {
	p.t.Helper()
	_ = p.ws.SetReadDeadline(time.Now().Add(20 * time.Second))
	for {
		_, _, err := p.ws.ReadMessage()
		if e, ok := err.(*websocket.CloseError); ok {
			return e.Code
		}
		if err != nil {
			p.t.Fatal(err)
		}
	}
}

// A device is asked to list a share anew: at once where it listens, else when it does
// next; and once.
func TestForceSync(t *testing.T) {
	a := newAPI(t)
	ask := step{name: "ask", method: "POST", path: "/sync/status/resync?share_id={share}&device_id=d", status: 204}
	a.run([]step{
		{name: "register", method: "POST", path: "/sync/devices", body: `{"device_id":"d","device_name":"D"}`, status: 201},
		{name: "another device", method: "POST", path: "/sync/devices", body: `{"device_id":"e","device_name":"E"}`, status: 201},
		{name: "me", method: "GET", path: "/users/me", status: 200, keep: "me=id"},
		ask,
	})
	open := func(device string, frames int) *peer {
		t.Helper()
		p, _ := a.dial("/sync/ws/"+device, "Authorization", "Bearer "+a.vars["user"])
		p.send(`{"type":"subscribe"}`)
		for range frames { // in any order
			if got := p.next(); !strings.Contains(got, `"subscribed"`) && !strings.Contains(got, `"event_type":"force_sync"`) {
				t.Errorf("the frame %s", got)
			}
		}
		return p
	}
	quiet := func(p *peer) {
		t.Helper()
		p.send(`{"type":"ping"}`)
		p.expect(`{"type":"pong"}`)
	}
	d := open("d", 2) // it was asked before
	quiet(d)
	a.step(ask)
	if got := d.expect(`"event_type":"force_sync"`); got != a.fill(`{"event_type":"force_sync","share_id":"{share}"}`) {
		t.Error(got)
	}
	quiet(d) // it is noted now that it was told
	_ = d.ws.Close()
	d, e := open("d", 1), open("e", 1)
	quiet(d)
	quiet(e)

	// All devices of a user, for the shares that they follow: e follows none.
	admin := ask
	admin.as, admin.path = "admin", "/admin/users/{me}/resync"
	a.step(admin)
	d.expect(a.fill(`"event_type":"force_sync","share_id":"{share}"`))
	quiet(e)
}

func TestSyncSocket(t *testing.T) {
	a := newAPI(t)
	a.run([]step{
		{name: "register", method: "POST", path: "/sync/devices", body: `{"device_id":"d","device_name":"D"}`, status: 201},
		{name: "ticket", method: "POST", path: "/auth/ticket", status: 201, has: []string{`"expires_in":30`}, keep: "ticket=ticket"},
		{name: "no socket", method: "GET", path: "/sync/ws/d?ticket=x", status: 400},
	})
	for path, code := range map[string]int{"/sync/ws/d": 4401, "/sync/ws/d?token=x": 4401, "/sync/ws/d?ticket=x": 4401, "/realtime/ws": 4401} {
		p, status := a.dial(path)
		if status != 101 {
			t.Fatalf("%s: %d", path, status)
		}
		if got := p.closed(); got != code {
			t.Errorf("%s: closed with %d", path, got)
		}
	}
	if _, status := a.dial("/realtime/ws?ticket={ticket}", "Origin", "https://elsewhere.example.com"); status != 403 {
		t.Errorf("a page of another origin: %d", status)
	}
	p, _ := a.dial("/sync/ws/d?ticket={ticket}", "Origin", "http://"+a.addr)
	if again, _ := a.dial("/sync/ws/d?ticket={ticket}"); again.closed() != 4401 {
		t.Error("a ticket opened two sockets")
	}
	if _, status := a.dial("/sync/ws/other", "Authorization", "Bearer "+a.vars["user"]); status != 404 {
		t.Errorf("an unknown device: %d", status)
	}
	p.send(`{"type":"ping"}`)
	p.expect(`{"type":"pong"}`)
	p.send(`{"event_type":"ping"}`)
	p.expect(`{"event_type":"pong"}`)
	p.send(`{"type":"subscribe"}`)
	p.expect(`{"type":"subscribed"}`)
	stranger, _ := a.dial("/realtime/ws?token=" + a.vars["stranger"])
	stranger.expect(`"event_type":"connected"`, `"type":"connected"`, `"user_id":"usr_`)
	stranger.send(a.fill(`{"action":"subscribe","share_id":"{share}"}`))
	stranger.expect(`"event_type":"subscribed"`)

	a.step(step{name: "make", method: "POST", path: "/folders", body: `{"share_id":"{share}","name":"A"}`, status: 201, keep: "a=id"})
	var f struct {
		EventType string   `json:"event_type"`
		Data      wire.Row `json:"data"`
		Cursor    int64    `json:"cursor"`
	}
	if err := json.Unmarshal([]byte(p.expect(`"share_id":"`+a.vars["share"]+`"`)), &f); err != nil || f.EventType != "change" || f.Data.ChangeType != "created" || *f.Data.NewPath != "/A" || f.Cursor == 0 {
		t.Errorf("%+v, %v", f, err)
	}
	a.step(step{name: "preferences", method: "PUT", path: "/sync/preferences?share_id={share}&device_id=d", body: `{"paused":true}`, status: 200})
	p.expect(`"event_type":"sync_preference_updated"`, `"device_id":"d"`)

	// A page's socket, with its own kind of frames.
	page, _ := a.dial("/realtime/ws", "Authorization", "Bearer "+a.vars["user"])
	page.expect(`"event_type":"connected"`)
	page.send(`{"action":"ping"}`)
	page.expect(`"event_type":"pong"`, `"type":"pong"`)
	page.send(a.fill(`{"action":"subscribe","share_id":"{share}"}`))
	page.expect(`"event_type":"subscribed"`, `"share_id":"`)
	a.step(step{name: "file", method: "POST", path: "/files", body: upload("f.txt", "one"), status: 201, keep: "f=id"})
	page.expect(`"event_type":"file_created"`, `"name":"f.txt"`, `"path":"/f.txt"`, `"share_id":"`)
	p.expect(`"change_type":"created"`, `"resource_type":"file"`)
	a.step(step{name: "rename", method: "PATCH", path: "/folders/{a}", body: `{"name":"B"}`, status: 200})
	page.expect(`"event_type":"folder_updated"`, `"name":"B"`)
	a.step(step{name: "delete", method: "DELETE", path: "/files/{f}", status: 204})
	page.expect(`"event_type":"file_deleted"`, `"file_id":"`+a.vars["f"])
	page.send(a.fill(`{"action":"unsubscribe","share_id":"{share}"}`))
	page.expect(`"event_type":"unsubscribed"`)

	// More than 200 rows at once are one frame with the newest cursor.
	p.expect(`"renamed"`)
	p.expect(`"deleted"`)
	var many []string
	for i := range 250 {
		many = append(many, `{"resource_type":"folder","change_type":"created","name":"m`+itoa(i)+`"}`)
	}
	a.step(step{name: "many", method: "POST", path: "/sync/apply", body: `{"device_id":"d","share_id":"{share}","changes":[` + strings.Join(many, ",") + `]}`, status: 200})
	if got := p.expect(`"event_type":"change"`, `"cursor":`); strings.Contains(got, "data") {
		t.Errorf("a row: %s", cut(got))
	}

	// The stranger has seen nothing of it: the next thing is the answer to a ping.
	stranger.send(`{"action":"ping"}`)
	stranger.expect(`"pong"`)

	// A second socket takes the place of the first; the device's end ends it.
	second, _ := a.dial("/sync/ws/d", "Authorization", "Bearer "+a.vars["user"])
	if code := p.closed(); code != 4409 {
		t.Errorf("the first was closed with %d", code)
	}
	a.step(step{name: "remove", method: "DELETE", path: "/sync/devices/d", status: 204})
	second.expect(`"event_type":"wipe"`)
}

// That a conflict is open, or is no more, is told to the pages of all who see the share.
func TestSocketsConflicts(t *testing.T) {
	a := newAPI(t)
	pages := map[string]*peer{}
	for _, who := range []string{"user", "admin", "stranger"} {
		pages[who], _ = a.dial("/realtime/ws?token=" + a.vars[who])
		pages[who].expect("connected")
		pages[who].send(a.fill(`{"action":"subscribe","share_id":"{share}"}`))
		pages[who].expect("subscribed")
	}
	a.run([]step{
		{name: "file", method: "POST", path: "/files", body: upload("f.txt", "one"), status: 201, keep: "f=id"},
		{name: "its version", method: "GET", path: "/files/{f}", status: 200, keep: "v=version_id"},
		{name: "another", method: "POST", path: "/uploads", body: `{"share_id":"{share}","file_name":"f.txt","file_size":0,"replace_file_id":"{f}"}`, status: 201, keep: "up=session_id"},
		{name: "complete", method: "POST", path: "/uploads/{up}/complete", status: 200},
	})
	for _, who := range []string{"user", "admin"} {
		pages[who].expect("file_created")
		pages[who].expect("file_updated")
	}
	r := a.step(step{name: "meet", method: "POST", path: "/sync/apply", body: `{"device_id":"d","share_id":"{share}","conflict_resolution":"MANUAL","changes":[{"resource_type":"file","change_type":"deleted","resource_id":"{f}","base_version_id":"{v}"}]}`, status: 200, has: []string{`"status":"open"`}})
	var met wire.ApplyResult
	if err := json.Unmarshal([]byte(r), &met); err != nil || len(met.Conflicts) != 1 {
		t.Fatal(err, r)
	}
	a.vars["c"] = met.Conflicts[0].Conflict.ID
	// Whose change it was is told of what it met, too, and has a notice; in any order.
	all := pages["user"].next() + pages["user"].next() + pages["user"].next()
	for _, part := range []string{`"kind":"conflict"`, `"event_type":"conflict","type":"conflict","share_id":"{share}","data":`, `"event_type":"conflict","type":"conflict","share_id":"{share}"}`} {
		if !strings.Contains(all, a.fill(part)) {
			t.Errorf("%s is not in %s", part, all)
		}
	}
	pages["admin"].expect(`"event_type":"conflict"`, `"type":"conflict"`, a.fill(`"share_id":"{share}"`))
	a.step(step{name: "settle", method: "POST", path: "/sync/conflicts/{c}/resolve?resolution=SERVER_WINS", status: 200})
	for _, who := range []string{"user", "admin"} {
		pages[who].expect(`"event_type":"conflict"`)
	}
	pages["stranger"].send(`{"action":"ping"}`)
	pages["stranger"].expect(`"pong"`) // and nothing before it
}

func TestSocketLimits(t *testing.T) {
	a := newAPI(t)
	var all []*peer
	for range maxUserSockets {
		p, status := a.dial("/realtime/ws?token=" + a.vars["user"])
		if status != 101 {
			t.Fatal(status)
		}
		p.expect("connected")
		all = append(all, p)
	}
	if _, status := a.dial("/realtime/ws?token=" + a.vars["user"]); status != 429 {
		t.Errorf("one more: %d", status)
	}
	_ = all[0].ws.Close()
	for try := 0; ; try++ { // the server notices
		if p, status := a.dial("/realtime/ws?token=" + a.vars["user"]); status == 101 {
			p.expect("connected")
			break
		}
		if try == 1000 {
			t.Fatal("the closed one still counts")
		}
		runtime.Gosched()
	}
	for range commandsBurst + 5 {
		_ = all[1].ws.WriteMessage(websocket.TextMessage, []byte(`{"action":"x"}`))
	}
	if code := all[1].closed(); code != 1008 {
		t.Errorf("closed with %d after too many messages", code)
	}
	_ = all[2].ws.WriteMessage(websocket.TextMessage, []byte(strings.Repeat("x", maxCommand+1)))
	if code := all[2].closed(); code != 1009 {
		t.Errorf("closed with %d after a long message", code)
	}
}

// 500 idle sockets, their clients in the same process, take less than 100 MiB, and a
// change reaches all within a second.
func TestIdleSockets(t *testing.T) {
	if testing.Short() {
		t.Skip("opens 500 sockets")
	}
	a := newAPI(t)
	memory := func() uint64 {
		runtime.GC() // what lies in pools goes with the second one
		runtime.GC()
		debug.FreeOSMemory()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.Sys - m.HeapReleased
	}
	before := memory()
	var all []*peer
	for i := range 50 {
		u := a.AddUser(t, "u"+itoa(i)+"@example.com")
		u.AdminRole = engine.RoleTenantAdmin
		if err := a.DB.Update(t.Context(), func(tx *meta.Tx) error { return schema.PutUser(tx, u) }); err != nil {
			t.Fatal(err)
		}
		token := a.signIn(u.Email).AccessToken
		dialer := websocket.Dialer{NetDialContext: (&net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, 0, byte(2+i))}}).DialContext}
		for range maxUserSockets {
			ws, res, err := dialer.Dial("ws://"+a.addr+"/api/v1/realtime/ws", http.Header{"Authorization": {"Bearer " + token}})
			if err != nil {
				t.Fatal(err, res)
			}
			t.Cleanup(func() { _ = ws.Close() })
			p := &peer{a.t, ws}
			p.expect("connected")
			p.send(a.fill(`{"action":"subscribe","share_id":"{share}"}`))
			p.expect("subscribed")
			all = append(all, p)
		}
	}
	used := int64(memory()) - int64(before) // below 0 where earlier tests' went meanwhile
	t.Logf("%d sockets and their clients: %d KiB", len(all), used>>10)
	if used > 100<<20 {
		t.Errorf("%d sockets take %d MiB", len(all), used>>20)
	}
	begin := time.Now()
	a.step(step{name: "make", method: "POST", path: "/folders", body: `{"share_id":"{share}","name":"A"}`, status: 201})
	for _, p := range all {
		p.expect("folder_created")
	}
	took := time.Since(begin)
	t.Logf("told all in %v", took)
	if took > 5*time.Second { // a second on a machine that is not busy
		t.Errorf("it took %v until all were told", took)
	}
}
