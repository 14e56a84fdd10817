package httpd

import (
	"bufio"
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/oklog/ulid/v2"

	"scaidrive/engine"
	"scaidrive/engine/settings"
)

// A rig is a server of a test's own routes on a loopback address.
type rig struct {
	*Server
	addr string
	log  *syncBuffer
	stop func() error // ends the server and gives what Serve returned
}

type syncBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *syncBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *syncBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

func testEnv() engine.Env {
	return engine.Env{
		Now: time.Now, Rand: rand.Reader,
		NewID: func() engine.ID { return engine.ID(ulid.Make()) },
	}
}

// testUser is who "Bearer good" is.
func testUser() *engine.Principal {
	return &engine.Principal{User: engine.ID{1}, Tenant: 1, SessionID: engine.ID{2}, Scopes: []string{"files:read", "files:write"}}
}

func testAuthenticate(_ context.Context, token string) (*engine.Principal, error) {
	switch token {
	case "good":
		return testUser(), nil
	case "admin":
		p := testUser()
		p.Role, p.Scopes = engine.RoleSuperAdmin, append(p.Scopes, "tenant:admin", "partner:admin", "admin:*")
		return p, nil
	case "roleless": // the scopes alone
		p := testUser()
		p.Scopes = append(p.Scopes, "tenant:admin", "partner:admin", "admin:*")
		return p, nil
	case "readonly":
		p := testUser()
		p.Scopes = []string{"files:read"}
		return p, nil
	}
	return nil, engine.E(engine.KindUnauthorized, "The token is not valid")
}

func startRig(t *testing.T, o Options, table []route, adjust ...func(*Server)) *rig {
	t.Helper()
	r := &rig{log: &syncBuffer{}}
	o.Env = testEnv()
	o.Logger = slog.New(slog.NewTextHandler(r.log, nil))
	r.Server = newServer(o, table)
	r.authenticate = testAuthenticate
	for _, f := range adjust {
		f(r.Server)
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	r.addr = ln.Addr().String()
	ctx, cancel := context.WithCancel(context.Background())
	over := make(chan error, 1)
	go func() { over <- r.Serve(ctx, ln) }()
	r.stop = sync.OnceValue(func() error { cancel(); return <-over })
	t.Cleanup(func() {
		if err := r.stop(); err != nil {
			t.Errorf("Serve: %v", err)
		}
	})
	return r
}

// told gives the options of a server whose process was told settings: name, value, ...
func told(t *testing.T, said ...string) Options {
	t.Helper()
	var given []settings.Given
	for i := 0; i+1 < len(said); i += 2 {
		given = append(given, settings.Given{Name: said[i], Text: said[i+1], Source: settings.Flag, From: said[i]})
	}
	s, err := settings.New(settings.Options{Given: given})
	if err != nil {
		t.Fatal(err)
	}
	return Options{Values: s.Now}
}

// settingsOf gives the defaults with a change.
func settingsOf(adjust func(*settings.Values)) func() *settings.Values {
	v := *settings.Defaults()
	adjust(&v)
	return func() *settings.Values { return &v }
}

// dial opens a raw connection that ends with the test.
func (r *rig) dial(t *testing.T) net.Conn {
	t.Helper()
	nc, err := net.Dial("tcp", r.addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { nc.Close() })
	_ = nc.SetDeadline(time.Now().Add(20 * time.Second))
	return nc
}

// exchange sends raw bytes and reads all the answers until the server closes or
// falls silent.
func (r *rig) exchange(t *testing.T, raw string) (answers []*http.Response, bodies []string, closed bool) {
	t.Helper()
	nc := r.dial(t)
	go func() { _, _ = io.WriteString(nc, raw) }()
	br := bufio.NewReader(nc)
	for {
		_ = nc.SetReadDeadline(time.Now().Add(300 * time.Millisecond))
		if len(answers) == 0 {
			_ = nc.SetReadDeadline(time.Now().Add(10 * time.Second))
		}
		res, err := http.ReadResponse(br, nil)
		if err != nil {
			ne, ok := err.(net.Error)
			return answers, bodies, !ok || !ne.Timeout()
		}
		b, err := io.ReadAll(res.Body)
		if err != nil {
			t.Fatalf("answer %d breaks: %v", len(answers), err)
		}
		answers, bodies = append(answers, res), append(bodies, string(b))
	}
}

// call makes one request with net/http.
func (r *rig) call(t *testing.T, method, path, body string, headers ...string) (*http.Response, string) {
	t.Helper()
	req, err := http.NewRequest(method, "http://"+r.addr+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: 20 * time.Second}
	res, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res, string(b)
}

func echo(c *call) error {
	b, err := c.body.all()
	if err != nil {
		return err
	}
	return c.json(200, map[string]any{"path": c.route.path, "values": c.values, "body": string(b), "query": c.query})
}

func ignore(c *call) error { return c.json(200, "ignored") }

func oneRoute(method, path string, h func(*call) error, limit int64) []route {
	return []route{{method, path, h, anyone, limit, quick, 1, op{}}}
}

func chunked(parts ...string) string {
	var b strings.Builder
	for _, p := range parts {
		fmt.Fprintf(&b, "%x\r\n%s\r\n", len(p), p)
	}
	return b.String() + "0\r\n\r\n"
}
