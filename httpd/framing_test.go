package httpd

import (
	"net/http"
	"strings"
	"testing"
)

// Every request here is followed on the same connection by one whose answer
// would betray that the first was read differently than it stands.
func TestFraming(t *testing.T) {
	const next = "GET /next HTTP/1.1\r\nHost: h\r\n\r\n"
	table := append(oneRoute("POST", "/echo", echo, 1000), route{"POST", "/ignore", ignore, anyone, 0, quick, 1, op{}},
		route{"GET", "/next", func(c *call) error { return c.json(200, "next") }, anyone, 0, quick, 1, op{}})
	r := startRig(t, Options{}, table)
	for _, c := range []struct {
		name, raw string
		status    int
		next      bool // the next request is answered
		body      string
	}{
		{"length", "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello", 200, true, `"hello"`},
		{"chunked", "POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n" + chunked("hel", "lo"), 200, true, `"hello"`},
		{"chunked in capitals", "POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: Chunked\r\n\r\n" + chunked("hello"), 200, true, `"hello"`},
		{"no body", "POST /echo HTTP/1.1\r\nHost: h\r\n\r\n", 200, true, `""`},
		{"GET with a body", "GET /next HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello", 200, true, "next"},
		{"unread", "POST /ignore HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello", 200, true, "ignored"},
		{"unread and chunked", "POST /ignore HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n" + chunked(strings.Repeat("x", 9000), next), 200, true, "ignored"},
		{"unread and long", "POST /ignore HTTP/1.1\r\nHost: h\r\nContent-Length: 300000\r\n\r\n" + strings.Repeat("x", 300000-len(next)) + next, 200, false, "ignored"},
		{"unread, long and chunked", "POST /ignore HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n" + chunked(strings.Repeat("x", 300000), next), 200, false, "ignored"},
		{"over the limit", "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 1001\r\n\r\n" + strings.Repeat("x", 1001), 413, true, "limit"},
		{"far over the limit", "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 1000000\r\n\r\n" + strings.Repeat("x", 1000000), 413, false, "limit"},
		{"over the limit and chunked", "POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n" + chunked(strings.Repeat("x", 1001), next), 413, false, "limit"},

		{"asks to close", "POST /echo HTTP/1.1\r\nHost: h\r\nConnection: Close\r\nContent-Length: 5\r\n\r\nhello", 200, false, `"hello"`},
		{"asks to close in a list", "POST /echo HTTP/1.1\r\nHost: h\r\nConnection: x, close\r\nContent-Length: 5\r\n\r\nhello", 200, false, `"hello"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			answers, bodies, closed := r.exchange(t, c.raw+next)
			if len(answers) == 0 {
				t.Fatal("no answer")
			}
			if answers[0].StatusCode != c.status || !strings.Contains(bodies[0], c.body) {
				t.Errorf("got %d %s, want %d with %q", answers[0].StatusCode, bodies[0], c.status, c.body)
			}
			if c.status >= 400 && !strings.HasPrefix(bodies[0], `{"detail":`) {
				t.Errorf("the answer is no problem: %s", bodies[0])
			}
			if answers[0].Header.Get("X-Request-Id") == "" {
				t.Error("no X-Request-Id")
			}
			want := 1
			if c.next {
				want = 2
			}
			if len(answers) != want || (c.next && bodies[1] != `"next"`) {
				t.Errorf("%d answers, want %d: %q", len(answers), want, bodies)
			}
			if closed == c.next {
				t.Errorf("closed: %v", closed)
			}
		})
	}
}

func TestExpectContinue(t *testing.T) {
	table := []route{{"POST", "/echo", echo, writer, 1000, quick, 1, op{}}}
	r := startRig(t, Options{}, table)
	for _, c := range []struct {
		name, token, length string
		first, second       int
	}{
		{"allowed", "good", "5", 100, 200},
		{"no token", "", "5", 401, 0},
		{"bad token", "bad", "5", 401, 0},
		{"no scope", "readonly", "5", 403, 0},
		{"too long", "good", "1001", 413, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			nc := r.dial(t)
			head := "POST /echo HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: " + c.length + "\r\nAuthorization: Bearer " + c.token + "\r\n\r\n"
			if _, err := nc.Write([]byte(head)); err != nil {
				t.Fatal(err)
			}
			statuses := readStatuses(t, nc, 1)
			if statuses[0] != c.first {
				t.Fatalf("first %d, want %d", statuses[0], c.first)
			}
			if c.first != http.StatusContinue {
				return
			}
			if _, err := nc.Write([]byte("hello")); err != nil {
				t.Fatal(err)
			}
			if got := readStatuses(t, nc, 1); got[0] != c.second {
				t.Fatalf("second %d, want %d", got[0], c.second)
			}
		})
	}
}
