package httpd

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"scaidrive/engine"
	"scaidrive/engine/limit"
	"scaidrive/engine/settings"
)

// readStatuses reads the status lines and heads of n answers, not their bodies.
func readStatuses(t *testing.T, nc net.Conn, n int) []int {
	t.Helper()
	br := bufio.NewReader(nc)
	var out []int
	for range n {
		line, err := br.ReadString('\n')
		if err != nil {
			t.Fatal(err)
		}
		status, _ := strconv.Atoi(strings.Fields(line)[1])
		out = append(out, status)
		for line != "\r\n" {
			if line, err = br.ReadString('\n'); err != nil {
				t.Fatal(err)
			}
		}
	}
	return out
}

func TestRouting(t *testing.T) {
	table := []route{
		{"GET", "/", echo, anyone, 0, quick, 1, op{}},
		{"GET", "/api/v1/things/{id}", echo, anyone, 0, quick, 1, op{}},
		{"DELETE", "/api/v1/things/{id}", echo, anyone, 0, quick, 1, op{}},
		{"POST", "/api/v1/things", echo, writer, 100, quick, 1, op{}},
	}
	r := startRig(t, Options{}, table)
	for _, c := range []struct {
		method, target string
		status         int
		contains       string
	}{
		{"GET", "/", 200, `"/"`},
		{"GET", "/api/v1/things/a", 200, `["a"]`},
		{"GET", "/api/v1/things/a/", 200, `["a"]`},
		{"GET", "/api/v1/things/a%2Fb", 200, `["a/b"]`},
		{"GET", "/api/v1/things/%C3%A4", 200, `["ä"]`},
		{"GET", "/api/v1/things/a?x=1&y=a+b%26", 200, `{"x":"1","y":"a b\u0026"}`},
		{"GET", "/api/v1/things/a?next=http://evil.example/x", 200, "evil"},
		{"HEAD", "/api/v1/things/a", 200, ""},
		{"GET", "/api/v1/things", 405, "GET"},
		{"PUT", "/api/v1/things/a", 405, "PUT"},
		{"OPTIONS", "/api/v1/things/a", 405, "OPTIONS"},
		{"GET", "/api/v1/things/a//", 404, "Not found"},
		{"GET", "/api/v1//things/a", 404, "Not found"},
		{"GET", "//api/v1/things/a", 404, "Not found"},
		{"GET", "/api/v1/x/../things/a", 404, "Not found"},
		{"GET", "/api/v1/things/", 405, "GET"},
		{"GET", "/api/v1/nothing", 404, "Not found"},
		{"GET", "/API/v1/things/a", 404, "Not found"},
		{"GET", "/api/v1/things/%zz", 400, "escape"},
		{"GET", "/api/v1/things/%ff", 400, "escape"},
		{"GET", "/api/v1/things/%00", 400, "escape"},
		{"GET", "/api/v1/things/a?x=%zz", 400, "escape"},
		{"GET", "/api/v1/things/a?x=%ff", 400, "escape"},
		{"GET", "/api/v1/things/a?x=1&x=2", 400, "twice"},
		{"POST", "/api/v1/things", 401, "bearer"},
	} {
		if c.method == "HEAD" {
			if res, _ := r.call(t, c.method, c.target, ""); res.StatusCode != c.status || res.ContentLength <= 0 {
				t.Errorf("%s %s: %v", c.method, c.target, res)
			}
			continue
		}
		answers, bodies, _ := r.exchange(t, c.method+" "+c.target+" HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
		if len(answers) != 1 || answers[0].StatusCode != c.status || !strings.Contains(bodies[0], c.contains) {
			t.Errorf("%s %s: %d answers %q, want %d with %s", c.method, c.target, len(answers), bodies, c.status, c.contains)
			continue
		}
		switch h := answers[0].Header; c.status {
		case 405:
			if h.Get("Allow") == "" {
				t.Errorf("%s %s: no Allow", c.method, c.target)
			}
		case 401:
			if h.Get("WWW-Authenticate") != "Bearer" {
				t.Errorf("%s %s: no WWW-Authenticate", c.method, c.target)
			}
		}
	}
	if res, _ := r.call(t, "DELETE", "/api/v1/things", ""); res.Header.Get("Allow") != "POST" {
		t.Errorf("Allow: %q", res.Header.Get("Allow"))
	}
	if res, _ := r.call(t, "POST", "/api/v1/things/a", ""); res.Header.Get("Allow") != "DELETE, GET, HEAD" {
		t.Errorf("Allow: %q", res.Header.Get("Allow"))
	}
}

func TestRequestID(t *testing.T) {
	r := startRig(t, Options{}, oneRoute("GET", "/x", ignore, 0))
	for given, keep := range map[string]bool{
		"abc-123_.:/+=@Z": true, strings.Repeat("a", 128): true,
		strings.Repeat("a", 129): false, "a b": false, "a\"b": false, "ä": false, "<script>": false, "a,b": false,
	} {
		res, _ := r.call(t, "GET", "/x", "", "X-Request-Id", given)
		got := res.Header.Get("X-Request-Id")
		if (got == given) != keep || (!keep && !strings.HasPrefix(got, "req_")) {
			t.Errorf("%q came back as %q", given, got)
		}
	}
}

func TestRateLimit(t *testing.T) {
	rates := limit.Budgets{Token: 5, User: 100, Tenant: 100, Address: 2}
	table := []route{
		{"GET", "/mine", ignore, reader, 0, quick, 2, op{}},
		{"GET", "/all", ignore, anyone, 0, quick, 1, op{}},
	}
	r := startRig(t, Options{Values: settingsOf(func(v *settings.Values) { v.Rates = rates })}, table)
	for i, remaining := range []string{"3", "1", ""} {
		res, body := r.call(t, "GET", "/mine", "", "Authorization", "Bearer good")
		if remaining == "" {
			if res.StatusCode != 429 || res.Header.Get("Retry-After") == "" || res.Header.Get("X-RateLimit-Remaining") != "0" || !strings.Contains(body, "limit of this token") {
				t.Errorf("call %d: %d %v %s", i, res.StatusCode, res.Header, body)
			}
		} else if res.StatusCode != 200 || res.Header.Get("X-RateLimit-Remaining") != remaining || res.Header.Get("X-RateLimit-Limit") != "5" {
			t.Errorf("call %d: %d %v", i, res.StatusCode, res.Header)
		}
	}
	for i, want := range []int{200, 200, 429} {
		if res, _ := r.call(t, "GET", "/all", ""); res.StatusCode != want {
			t.Errorf("call %d without a token: %d", i, res.StatusCode)
		}
	}
}

func TestPanicIsAnswered(t *testing.T) {
	table := append(oneRoute("GET", "/panic", func(c *call) error { panic("at the disco") }, 0),
		route{"GET", "/stream", func(c *call) error {
			return c.stream(200, 1<<20, func(_ context.Context, w io.Writer) error {
				if _, err := w.Write(make([]byte, 1000)); err != nil {
					return err
				}
				panic("too late")
			})
		}, anyone, 0, bulk, 1, op{}})
	r := startRig(t, Options{}, table)
	answers, bodies, _ := r.exchange(t, strings.Repeat("GET /panic HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer tops3cret\r\n\r\n", 2))
	if len(answers) != 2 || answers[1].StatusCode != 500 || bodies[1] != `{"detail":"Internal error"}` {
		t.Fatalf("%q", bodies)
	}
	if log := r.log.String(); !strings.Contains(log, "at the disco") || strings.Contains(log, "tops3cret") {
		t.Errorf("log: %s", log)
	}
	if err := readBody(r, "/stream"); err == nil {
		t.Error("an answer that broke off came to a clean end")
	}
}

func readBody(r *rig, path string) error {
	res, err := http.Get("http://" + r.addr + path)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if res.StatusCode != 200 {
		return fmt.Errorf("status %d", res.StatusCode)
	}
	_, err = io.Copy(io.Discard, res.Body)
	return err
}

func TestStream(t *testing.T) {
	data := bytes.Repeat([]byte("0123456789abcdef"), 1<<16+1) // over 1 MiB
	boom := engine.E(engine.KindDamaged, "Stored data of file fil_X is damaged")
	write := func(n int, err error) func(context.Context, io.Writer) error {
		return func(_ context.Context, w io.Writer) error {
			for at := 0; at < n; {
				m, werr := w.Write(data[at:min(at+300_000, n)])
				if at += m; werr != nil {
					return werr
				}
			}
			return err
		}
	}
	for _, c := range []struct {
		name           string
		length         int64
		writes         int
		err            error
		status         int
		whole          bool
		method, detail string
	}{
		{"long", 1 << 20, 1 << 20, nil, 200, true, "GET", ""},
		{"short", 1000, 1000, nil, 200, true, "GET", ""},
		{"empty", 0, 0, nil, 200, true, "GET", ""},
		{"of unknown length", -1, 1 << 20, nil, 200, true, "GET", ""},
		{"long, head only", 1 << 20, 1 << 20, nil, 200, true, "HEAD", ""},
		{"fails at once", 1 << 20, 0, boom, 500, true, "GET", "fil_X"},
		{"fails at once, unknown length", -1, 0, boom, 500, true, "GET", "fil_X"},
		{"short, fails in the middle", 1000, 500, boom, 500, true, "GET", "fil_X"},
		{"fails in the middle", 1 << 20, 400_000, boom, 200, false, "GET", ""},
		{"fails before the last byte", 1 << 20, 1<<20 - 1, boom, 200, false, "GET", ""},
		{"fails after the last byte", 1 << 20, 1 << 20, boom, 200, false, "GET", ""},
		{"writes too much", 1 << 20, 1<<20 + 1, nil, 200, false, "GET", ""},
		{"ends early without an error", 1 << 20, 400_000, nil, 200, false, "GET", ""},
		{"short, ends early without an error", 1000, 400, nil, 500, true, "GET", "Internal"},
		{"fails in the middle, unknown length", -1, 400_000, boom, 200, false, "GET", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := func(k *call) error { return k.stream(200, c.length, write(c.writes, c.err)) }
			r := startRig(t, Options{}, []route{{"GET", "/x", h, anyone, 0, bulk, 1, op{}}})
			req, _ := http.NewRequest(c.method, "http://"+r.addr+"/x", nil)
			res, err := http.DefaultTransport.RoundTrip(req)
			if err != nil {
				t.Fatal(err)
			}
			defer res.Body.Close()
			body, err := io.ReadAll(res.Body)
			if res.StatusCode != c.status || (err == nil) != c.whole || !strings.Contains(string(body), c.detail) {
				t.Fatalf("status %d, %d bytes, error %v", res.StatusCode, len(body), err)
			}
			if c.status == 200 && !bytes.Equal(body, data[:len(body)]) {
				t.Error("other bytes")
			}
			if c.method == "HEAD" && res.ContentLength != c.length {
				t.Errorf("announced %d", res.ContentLength)
			}
			if err := r.stop(); err != nil { // no call is left behind
				t.Error(err)
			}
		})
	}
}

// TestOutflowHoldsTheLastByteBack: an error after the last byte must not follow
// a whole answer, whatever becomes of the connection.
func TestOutflowHoldsTheLastByteBack(t *testing.T) {
	data := bytes.Repeat([]byte("x"), 100)
	for _, c := range []struct {
		pieces []int
		err    error
		want   int
	}{
		{[]int{100}, nil, 100}, {[]int{99, 1}, nil, 100}, {[]int{100}, io.ErrNoProgress, 99},
		{[]int{99, 1}, io.ErrNoProgress, 99}, {[]int{50, 51}, nil, 50}, {[]int{100, 1}, nil, 99}, {[]int{50}, nil, 50},
	} {
		o := newOutflow(&call{ctx: t.Context()}, 100)
		go o.run(func(_ context.Context, w io.Writer) error {
			for _, n := range c.pieces {
				if _, err := w.Write(append(data, data...)[:n]); err != nil {
					return err
				}
			}
			return c.err
		})
		if err := o.started(); err != nil {
			t.Fatal(err)
		}
		var b bytes.Buffer
		n, err := o.WriteTo(&b)
		if b.Len() != c.want || n != int64(c.want) || (err == nil) != (c.want == 100) {
			t.Errorf("%v: %d bytes, %v", c, b.Len(), err)
		}
	}
}

func TestSlowBodyIsCutOff(t *testing.T) {
	table := append(oneRoute("POST", "/echo", echo, 1<<20), route{"POST", "/ignore", ignore, anyone, 0, quick, 1, op{}})
	r := startRig(t, Options{}, table, func(s *Server) { s.grace = 200 * time.Millisecond })
	for _, c := range []struct {
		path   string
		status int
	}{{"/echo", 408}, {"/ignore", 200}} {
		nc := r.dial(t)
		if _, err := io.WriteString(nc, "POST "+c.path+" HTTP/1.1\r\nHost: h\r\nContent-Length: 1000\r\n\r\nsome"); err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		res, err := http.ReadResponse(bufio.NewReader(nc), nil)
		if err != nil {
			t.Fatal(err)
		}
		if res.StatusCode != c.status || !res.Close || time.Since(start) > 5*time.Second {
			t.Errorf("%s: %d, close %v, after %v", c.path, res.StatusCode, res.Close, time.Since(start))
		}
	}
	// Bytes that trickle do not help.
	trickle := r.dial(t)
	if _, err := io.WriteString(trickle, "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 100000\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	stop := make(chan struct{})
	go func() {
		for tick := time.NewTicker(20 * time.Millisecond); ; {
			select {
			case <-tick.C:
				_, _ = trickle.Write([]byte("x"))
			case <-stop:
				tick.Stop()
				return
			}
		}
	}()
	res, err := http.ReadResponse(bufio.NewReader(trickle), nil)
	close(stop)
	if err != nil || res.StatusCode != 408 {
		t.Fatalf("trickling: %v, %v", res, err)
	}
	// Who keeps the pace may take longer than the grace in all.
	nc := r.dial(t)
	if _, err := io.WriteString(nc, "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 3000\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	for range 10 {
		time.Sleep(50 * time.Millisecond) // the peer's own pace is what is tested
		if _, err := nc.Write(make([]byte, 300)); err != nil {
			t.Fatal(err)
		}
	}
	if res, err := http.ReadResponse(bufio.NewReader(nc), nil); err != nil || res.StatusCode != 200 {
		t.Fatalf("%v, %v", res, err)
	}
}

func TestSlowReaderIsCutOff(t *testing.T) {
	ended := make(chan error, 1)
	h := func(c *call) error {
		return c.stream(200, 1<<30, func(_ context.Context, w io.Writer) error {
			var err error
			for buf := make([]byte, 1<<20); err == nil; {
				_, err = w.Write(buf)
			}
			ended <- err
			return err
		})
	}
	r := startRig(t, Options{}, []route{{"GET", "/x", h, anyone, 0, bulk, 1, op{}}}, func(s *Server) { s.grace = 100 * time.Millisecond })
	nc := r.dial(t)
	if _, err := io.WriteString(nc, "GET /x HTTP/1.1\r\nHost: h\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	select {
	case err := <-ended:
		if err == nil {
			t.Error("no error")
		}
	case <-time.After(10 * time.Second):
		t.Fatal("a peer that reads nothing holds the answer for ever")
	}
}

func TestSlowHeadIsCutOff(t *testing.T) {
	r := startRig(t, Options{Limits: Limits{Head: 200 * time.Millisecond, Idle: 200 * time.Millisecond}}, oneRoute("GET", "/x", ignore, 0))
	nc := r.dial(t)
	if _, err := io.WriteString(nc, "GET /x HTTP/1.1\r\nHost: h\r\n"); err != nil {
		t.Fatal(err)
	}
	if got := readStatuses(t, nc, 1); got[0] != 408 {
		t.Errorf("status %d", got[0])
	}
	// Between requests the connection is closed without a word.
	answers, _, closed := r.exchange(t, "GET /x HTTP/1.1\r\nHost: h\r\n\r\n")
	if len(answers) != 1 || !closed {
		t.Errorf("%d answers, closed %v", len(answers), closed)
	}
}

func TestConnectionLimits(t *testing.T) {
	r := startRig(t, Options{Limits: Limits{ConnsPerAddr: 2}}, oneRoute("GET", "/x", ignore, 0))
	open := []net.Conn{r.dial(t), r.dial(t)}
	for _, nc := range open { // both are known to the server once they are answered
		if _, err := io.WriteString(nc, "GET /x HTTP/1.1\r\nHost: h\r\n\r\n"); err != nil {
			t.Fatal(err)
		}
		readStatuses(t, nc, 1)
	}
	third := r.dial(t)
	res, err := http.ReadResponse(bufio.NewReader(third), nil)
	if err != nil || res.StatusCode != 503 || res.Header.Get("Retry-After") == "" {
		t.Fatalf("%v, %v", res, err)
	}
	if b, err := io.ReadAll(res.Body); err != nil || !strings.HasPrefix(string(b), `{"detail":`) {
		t.Fatalf("%s, %v", b, err)
	}
	open[0].Close()
	for range 100 {
		nc, err := net.Dial("tcp", r.addr)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.WriteString(nc, "GET /x HTTP/1.1\r\nHost: h\r\n\r\n")
		res, err := http.ReadResponse(bufio.NewReader(nc), nil)
		nc.Close()
		if err == nil && res.StatusCode == 200 {
			return
		}
	}
	t.Fatal("a closed connection still counts")
}

func TestServeDrains(t *testing.T) {
	entered, release := make(chan struct{}), make(chan struct{})
	slow := func(c *call) error {
		close(entered)
		<-release
		return c.json(200, "done")
	}
	r := startRig(t, Options{}, oneRoute("GET", "/slow", slow, 0))
	idle := r.dial(t)
	nc := r.dial(t)
	if _, err := io.WriteString(nc, "GET /slow HTTP/1.1\r\nHost: h\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	<-entered
	ended := make(chan error, 1)
	go func() { ended <- r.stop() }()
	if _, err := idle.Read(make([]byte, 1)); !errors.Is(err, io.EOF) {
		t.Errorf("the idle connection: %v", err)
	}
	select {
	case err := <-ended:
		t.Fatalf("Serve ended while a call was running: %v", err)
	default:
	}
	close(release)
	res, err := http.ReadResponse(bufio.NewReader(nc), nil)
	if err != nil || res.StatusCode != 200 {
		t.Fatalf("the running call: %v, %v", res, err)
	}
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
}

func TestServeBreaksWhatDoesNotEnd(t *testing.T) {
	entered := make(chan struct{})
	var cancelled atomic.Bool
	h := func(c *call) error {
		close(entered)
		<-c.ctx.Done()
		cancelled.Store(true)
		return c.ctx.Err()
	}
	r := startRig(t, Options{Limits: Limits{Drain: 200 * time.Millisecond}}, oneRoute("GET", "/x", h, 0))
	nc := r.dial(t)
	if _, err := io.WriteString(nc, "GET /x HTTP/1.1\r\nHost: h\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	<-entered
	if err := r.stop(); err != nil {
		t.Fatal(err)
	}
	if !cancelled.Load() {
		t.Error("Serve ended before the call")
	}
}
