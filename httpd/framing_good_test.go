package httpd

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"scaidrive/engine"
)

// TestUnusualFramings: what is rare but means one thing only is taken, and the
// connection goes on with the request behind it.
func TestUnusualFramings(t *testing.T) {
	mark := func(c *call) error { return c.json(200, "marked") }
	late := func(c *call) error { // reads its headers behind the body
		_, err := c.body.all()
		if err != nil {
			return err
		}
		return c.json(200, c.header("X-Late"))
	}
	table := append(oneRoute("POST", "/echo", echo, 1000), route{"POST", "/late", late, anyone, 1000, quick, 1, op{}},
		route{"GET", "/mark", mark, anyone, 0, quick, 1, op{}}, route{"DELETE", "/mark", mark, anyone, 0, quick, 1, op{}})
	r := startRig(t, Options{}, table)
	const behind = "GET /mark HTTP/1.1\r\nHost: h\r\n\r\n"
	// A head of n bytes.
	long := func(n int) string {
		const frame = "GET /mark HTTP/1.1\r\nHost: h\r\nX: \r\n\r\n"
		return strings.Replace(frame, "X: ", "X: "+strings.Repeat("x", n-len(frame)), 1)
	}
	longLine := func(n int) string {
		const frame = "GET /mark?x= HTTP/1.1\r\nHost: h\r\n\r\n"
		return strings.Replace(frame, "x=", "x="+strings.Repeat("x", n-len(frame)), 1)
	}
	for _, c := range []struct {
		name, raw string
		status    int
		body      string
	}{
		{"an empty line before", "\r\n" + behind, 200, "marked"},
		{"leading zeros of a length", length("0005"), 200, `"hello"`},
		{"tabs around a length", length("\t5\t"), 200, `"hello"`},
		{"no space behind the colon", "POST /echo HTTP/1.1\r\nHost:h\r\nContent-Length:5\r\n\r\nhello", 200, `"hello"`},
		{"names in capitals", "POST /echo HTTP/1.1\r\nHOST: h\r\nCONTENT-LENGTH: 5\r\n\r\nhello", 200, `"hello"`},
		{"leading zeros of a chunk", inChunks("00005\r\nhello\r\n000\r\n\r\n"), 200, `"hello"`},
		{"chunk size in capitals", inChunks("A\r\n0123456789\r\n0\r\n\r\n"), 200, `"0123456789"`},
		{"extensions", inChunks("5;a=b;c=\"d e\"\r\nhello\r\n0;z\r\n\r\n"), 200, `"hello"`},
		{"chunk that holds a request", inChunks(fmt.Sprintf("%x\r\n%s\r\n0\r\n\r\n", len(behind), behind)), 200, "GET /mark"},
		{"trailer", inChunks("5\r\nhello\r\n0\r\nX-Late: x\r\nDigest: y\r\n\r\n"), 200, `"hello"`},
		{"trailer is no header", strings.Replace(inChunks("5\r\nhello\r\n0\r\nX-Late: x\r\n\r\n"), "/echo", "/late", 1), 200, `""`},
		{"body on GET", "GET /mark HTTP/1.1\r\nHost: h\r\nContent-Length: 31\r\n\r\n" + behind[:31], 200, "marked"},
		{"chunked body on GET", "GET /mark HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n" + chunked(behind), 200, "marked"},
		{"body on DELETE", "DELETE /mark HTTP/1.1\r\nHost: h\r\nContent-Length: 31\r\n\r\n" + behind[:31], 200, "marked"},
		{"same host in the target", "GET http://H:80/mark HTTP/1.1\r\nHost: h:80\r\n\r\n", 200, "marked"},
		{"host with an address", "GET /mark HTTP/1.1\r\nHost: [::1]:8000\r\n\r\n", 200, "marked"},
		{"method in small letters", "get /mark HTTP/1.1\r\nHost: h\r\n\r\n", 405, "detail"},
		{"method nobody knows", "FROB /mark HTTP/1.1\r\nHost: h\r\n\r\n", 405, "detail"},
		{"method nobody knows, with a body", "FROB /mark HTTP/1.1\r\nHost: h\r\nContent-Length: 31\r\n\r\n" + behind[:31], 405, "detail"},
		{"upgrade to h2c", "GET /mark HTTP/1.1\r\nHost: h\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA\r\n\r\n", 200, "marked"},
		{"upgrade to a socket", "GET /mark HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n", 200, "marked"},
		{"upgrade with a body", "POST /echo HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: h2c\r\nContent-Length: 5\r\n\r\nhello", 200, `"hello"`},
		{"an expectation nobody knows", "POST /echo HTTP/1.1\r\nHost: h\r\nExpect: coffee\r\nContent-Length: 5\r\n\r\nhello", 200, `"hello"`},
		{"HTTP/1.0 with keep-alive", "POST /echo HTTP/1.0\r\nConnection: keep-alive\r\nContent-Length: 5\r\n\r\nhello", 200, `"hello"`},
		{"head just under 32 KiB", long(32<<10 - 1), 200, "marked"},
		{"head of 32 KiB", long(32 << 10), 200, "marked"},
		{"head just over 32 KiB", long(32<<10 + 1), 431, "32 KiB"},
		{"request line of 32 KiB", longLine(32 << 10), 200, "marked"},
		{"request line just over 32 KiB", longLine(32<<10 + 1), 431, "32 KiB"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			answers, bodies, closed := r.exchange(t, c.raw+behind)
			if len(answers) == 0 || answers[0].StatusCode != c.status || !strings.Contains(bodies[0], c.body) {
				t.Fatalf("%q; want %d with %s", bodies, c.status, c.body)
			}
			if goesOn := c.status < 430; closed == goesOn || goesOn && (len(answers) != 2 || bodies[1] != `"marked"`) || !goesOn && len(answers) != 1 {
				t.Errorf("closed %v, %q", closed, bodies)
			}
		})
	}
}

// TestRefusedBodyIsNoRequest: however an upload is refused, its body, which is
// itself a request, is not run, and the connection is either at its end or usable.
func TestRefusedBodyIsNoRequest(t *testing.T) {
	const smuggled = "DELETE /things/1 HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer good\r\n\r\n"
	var ran atomic.Int32
	kinds := map[string]error{
		"409": engine.E(engine.KindConflict, "taken"), "413": engine.E(engine.KindTooLarge, "large"), "422": engine.E(engine.KindInvalid, "no"),
		"507": engine.E(engine.KindNoSpace, "full"), "503": engine.E(engine.KindUnavailable, "later"), "500": fmt.Errorf("boom"), "412": engine.E(engine.KindPrecondition, "other"),
		"411": fail(411, "no length"), "410": engine.E(engine.KindGone, "gone"), "429": engine.E(engine.KindRateLimited, "slow down"), "404": notFound(),
	}
	refuse := func(c *call) error { return kinds[c.values[0]] }
	half := func(c *call) error { // reads some of the body, then refuses
		if _, err := io.ReadFull(&c.body, make([]byte, 10)); err != nil {
			return err
		}
		return kinds["409"]
	}
	table := []route{
		{"PUT", "/up/{status}", refuse, writer, -1, bulk, 1, op{}},
		{"PUT", "/half", half, writer, -1, bulk, 1, op{}},
		{"PUT", "/ignored", ignore, writer, -1, bulk, 1, op{}},
		{"PUT", "/json", func(c *call) error { var v struct{}; return c.decode(&v, false) }, writer, 1 << 20, quick, 1, op{}},
		{"PUT", "/short", echo, writer, 20, quick, 1, op{}},
		{"PUT", "/panic", func(*call) error { panic("at once") }, writer, -1, quick, 1, op{}},
		{"DELETE", "/things/{id}", func(c *call) error { ran.Add(1); return c.noContent(204) }, anyone, 0, quick, 1, op{}},
		{"GET", "/mark", func(c *call) error { return c.json(200, "marked") }, anyone, 0, quick, 1, op{}},
	}
	r := startRig(t, Options{}, table)
	type refusal struct {
		path, token, head string
		status            int
	}
	cases := []refusal{
		{"/up/409", "", "", 401}, {"/up/409", "bad", "", 401}, {"/up/409", "readonly", "", 403}, {"/nowhere", "good", "", 404},
		{"/mark", "good", "", 405}, {"/half", "good", "", 409}, {"/json", "good", "Content-Type: text/plain\r\n", 415},
		{"/json", "good", "Content-Type: application/json\r\nContent-Encoding: gzip\r\n", 415},
		{"/json", "good", "Content-Type: application/json\r\n", 422}, {"/short", "good", "", 413},
		{"/panic", "good", "", 500}, {"/up/409?x=1&x=2", "good", "", 400}, {"/up/%zz", "good", "", 400}, {"/ignored", "good", "", 200},
	}
	for status := range kinds {
		var n int
		fmt.Sscan(status, &n)
		cases = append(cases, refusal{"/up/" + status, "good", "", n})
	}
	for _, c := range cases {
		for _, size := range []int{1, 40, 5000} { // times the request in the body; the last is more than is read to its end
			body := strings.Repeat(smuggled, size)
			for how, framing := range map[string]string{
				"length": fmt.Sprintf("Content-Length: %d\r\n\r\n%s", len(body), body),
				"chunks": "Transfer-Encoding: chunked\r\n\r\n" + chunked(body[:len(smuggled)], body[len(smuggled):]+"."),
				"expect": fmt.Sprintf("Expect: 100-continue\r\nContent-Length: %d\r\n\r\n%s", len(body), body),
			} {
				t.Run(fmt.Sprintf("%s %q %d %s %d", c.path, c.token, c.status, how, size), func(t *testing.T) {
					t.Parallel()
					auth := ""
					if c.token != "" {
						auth = "Authorization: Bearer " + c.token + "\r\n"
					}
					nc := r.dial(t)
					go func() {
						_, _ = io.WriteString(nc, "PUT "+c.path+" HTTP/1.1\r\nHost: h\r\n"+auth+c.head+framing+"GET /mark HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
					}()
					br := bufio.NewReader(nc)
					read := func() (*http.Response, string) {
						res, err := http.ReadResponse(br, nil)
						if err != nil {
							t.Fatal(err)
						}
						b, err := io.ReadAll(res.Body)
						if err != nil {
							t.Fatal(err)
						}
						return res, string(b)
					}
					res, b := read()
					if res.StatusCode == 100 {
						res, b = read()
					}
					if res.StatusCode != c.status {
						t.Fatalf("%d %s, want %d", res.StatusCode, b, c.status)
					}
					if size < 5000 && how == "length" && res.Close {
						t.Error("a short body costs the connection")
					}
					if !res.Close {
						if res, b := read(); res.StatusCode != 200 || b != `"marked"` {
							t.Errorf("the next request: %d %s", res.StatusCode, b)
						}
					}
					if more, err := io.ReadAll(br); err != nil || len(more) > 0 {
						t.Errorf("behind the answers: %q, %v", more, err)
					}
				})
			}
		}
	}
	t.Cleanup(func() {
		if n := ran.Load(); n > 0 {
			t.Errorf("%d requests out of bodies were run", n)
		}
	})
}

// TestKeepAlive: a connection that never does wrong is used again and again.
func TestKeepAlive(t *testing.T) {
	r := startRig(t, Options{}, append(oneRoute("POST", "/echo", echo, 1<<20), route{"GET", "/mark", func(c *call) error { return c.json(200, "marked") }, anyone, 0, quick, 1, op{}}))
	nc := r.dial(t)
	br := bufio.NewReader(nc)
	for i := range 200 {
		body := strings.Repeat("x", i*i)
		raw := []string{
			"GET /mark HTTP/1.1\r\nHost: h\r\n\r\n",
			post(fmt.Sprintf("Content-Length: %d\r\n", len(body)), body),
			inChunks(chunked(body)),
			"POST /mark HTTP/1.1\r\nHost: h\r\n\r\n",
		}[i%4]
		go func() { _, _ = io.WriteString(nc, raw) }()
		res, err := http.ReadResponse(br, nil)
		if err != nil {
			t.Fatalf("request %d: %v", i, err)
		}
		b, err := io.ReadAll(res.Body)
		if want := []int{200, 200, 200, 405}[i%4]; err != nil || res.StatusCode != want || i%4 == 1 && !strings.Contains(string(b), `"`+body+`"`) {
			t.Fatalf("request %d: %d, %v", i, res.StatusCode, err)
		}
	}
}
