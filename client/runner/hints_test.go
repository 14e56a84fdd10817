package runner

import (
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"scaidrive/httpd/wire"
)

// A gateway stands between client and server. It can let no socket through, cut
// those that are open, and counts long polls.
type gateway struct {
	*httptest.Server
	refuse atomic.Bool
	polls  atomic.Int64
	opened atomic.Int64

	mu    sync.Mutex
	conns []net.Conn
}

func newGateway(t *testing.T, to string) *gateway {
	u, err := url.Parse(to)
	if err != nil {
		t.Fatal(err)
	}
	g := &gateway{}
	proxy := httputil.NewSingleHostReverseProxy(u)
	proxy.ErrorHandler = func(w http.ResponseWriter, _ *http.Request, _ error) { w.WriteHeader(502) }
	g.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.Contains(r.URL.Path, "/sync/ws/") {
			if g.refuse.Load() {
				w.WriteHeader(502)
				return
			}
			g.opened.Add(1)
		}
		if r.URL.Query().Get("wait") != "" {
			g.polls.Add(1)
		}
		proxy.ServeHTTP(w, r)
	}))
	g.Config.ConnState = func(c net.Conn, s http.ConnState) {
		if s == http.StateHijacked {
			g.mu.Lock()
			defer g.mu.Unlock()
			g.conns = append(g.conns, c)
		}
	}
	g.Start()
	t.Cleanup(func() { g.cut(); g.Close() })
	return g
}

// cut ends the open sockets without a word.
func (g *gateway) cut() {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, c := range g.conns {
		c.Close()
	}
	g.conns = nil
}

// TestSocketComesAndGoes: a folder goes on without a socket, takes it when there is
// one, and comes back to the long poll when it breaks.
func TestSocketComesAndGoes(t *testing.T) {
	server, token, share := serve(t)
	g := newGateway(t, server)
	g.refuse.Store(true)
	h := &happening{}
	a, _, _ := follow(t, h, server, token, share)
	b, _, _ := follow(t, h, g.URL, token, share)
	step := func(text string) {
		t.Helper()
		write(t, filepath.Join(a, "f"), text)
		eventually(t, h, text, has(filepath.Join(b, "f"), text))
	}
	step("by long poll")
	if g.polls.Load() == 0 || g.opened.Load() != 0 {
		t.Fatalf("%d polls, %d sockets", g.polls.Load(), g.opened.Load())
	}
	g.refuse.Store(false)
	for i := 0; g.opened.Load() == 0; i++ {
		step("until there is a socket " + string(rune('a'+i)))
	}
	step("by socket")
	step("by socket again")
	polls := g.polls.Load()
	step("by socket alone")
	if n := g.polls.Load(); n != polls {
		t.Errorf("%d long polls beside the socket", n-polls)
	}
	g.refuse.Store(true)
	g.cut()
	step("by long poll again")
	step("and again")
}

// TestFrames: what a socket tells wakes those whom it concerns, and no others.
func TestFrames(t *testing.T) {
	var h hints
	l := &line{listeners: map[*listener]struct{}{}}
	mine := &listener{of: &h, line: l, share: "shr_1", wake: make(chan struct{}, 1)}
	other := &listener{of: &h, line: l, share: "shr_2", wake: make(chan struct{}, 1)}
	l.listeners[mine], l.listeners[other] = struct{}{}, struct{}{}
	woken := func(k *listener) bool {
		select {
		case <-k.wake:
			return true
		default:
			return false
		}
	}
	for _, tc := range []struct {
		name        string
		frame       wire.Frame
		mine, other bool
		want        heard
	}{
		{"a row that is not the last", wire.Frame{EventType: "change", ShareID: "shr_1", Data: "a row"}, false, false, heard{}},
		{"what no row tells of", wire.Frame{EventType: "change", ShareID: "shr_1"}, true, false, heard{unclear: true}},
		{"the last row", wire.Frame{EventType: "change", ShareID: "shr_1", Cursor: 7}, true, false, heard{newest: 7}},
		{"another share", wire.Frame{EventType: "change", ShareID: "shr_2", Cursor: 9}, false, true, heard{newest: 7}},
		{"pong", wire.Frame{Type: "pong"}, false, false, heard{newest: 7}},
		{"from the future", wire.Frame{EventType: "later", ShareID: "shr_1"}, false, false, heard{newest: 7}},
		{"preferences", wire.Frame{EventType: "sync_preference_updated", ShareID: "shr_1"}, true, false, heard{newest: 7, settings: true}},
		{"a full resync", wire.Frame{EventType: "force_sync", ShareID: "shr_1"}, true, false, heard{newest: 7, whole: true}},
		{"a full resync of all", wire.Frame{EventType: "force_sync"}, true, true, heard{newest: 7, whole: true}},
		{"wipe", wire.Frame{EventType: "wipe"}, true, true, heard{newest: 7, withdrawn: true}},
	} {
		h.frame(l, &tc.frame)
		if m, o := woken(mine), woken(other); m != tc.mine || o != tc.other {
			t.Errorf("%s: woke %v, %v", tc.name, m, o)
		}
		if got := mine.heard(); got != tc.want {
			t.Errorf("%s: heard %+v", tc.name, got)
		}
		other.heard()
	}
}

// TestSpread: waits are spread over the second half.
func TestSpread(t *testing.T) {
	seen := map[bool]bool{}
	for range 200 {
		d := spread(firstReopen)
		if d < firstReopen/2 || d > firstReopen {
			t.Fatal(d)
		}
		seen[d > firstReopen*3/4] = true
	}
	if len(seen) != 2 {
		t.Error(errors.New("all waits are alike"))
	}
}
