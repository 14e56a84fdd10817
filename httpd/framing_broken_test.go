package httpd

import (
	"bufio"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// post is a POST whose framing a case breaks: the head's lines, then the rest.
func post(lines, rest string) string {
	return "POST /echo HTTP/1.1\r\nHost: h\r\n" + lines + "\r\n" + rest
}

// inChunks is a POST with a chunked body of the bytes given.
func inChunks(body string) string { return post("Transfer-Encoding: chunked\r\n", body) }

func length(v string) string { return post("Content-Length: "+v+"\r\n", "hello") }

// brokenFramings are requests that may be read in more than one way, or in none.
// Each is answered with the status (400 where none is given), and nothing that
// follows it on the connection is read as a request.
var brokenFramings = []struct {
	name, raw string
	status    int
}{
	// Lengths.
	{"length twice", post("Content-Length: 5\r\nContent-Length: 5\r\n", "hello"), 0},
	{"length twice, different", post("Content-Length: 5\r\nContent-Length: 0\r\n", "hello"), 0},
	{"length twice, in other letters", post("Content-Length: 5\r\ncontent-LENGTH: 5\r\n", "hello"), 0},
	{"length twice, apart", post("Content-Length: 5\r\nX: y\r\nContent-Length: 6\r\n", "hello"), 0},
	{"list of equal lengths", length("5, 5"), 0},
	{"list of lengths", length("5,6"), 0},
	{"length with plus", length("+5"), 0},
	{"length with minus", length("-5"), 0},
	{"length in hex", length("0x5"), 0},
	{"length with a fraction", length("5.0"), 0},
	{"length with an exponent", length("5e0"), 0},
	{"length with a space inside", length("1 0"), 0},
	{"length with a tab inside", length("1\t0"), 0},
	{"length with underscores", length("1_0"), 0},
	{"length in quotes", length(`"5"`), 0},
	{"length of 2^63", length("9223372036854775808"), 0},
	{"length of 2^64", length("18446744073709551616"), 0},
	{"length of 2^64+5", length("18446744073709551621"), 0},
	{"length of forty digits", length(strings.Repeat("9", 40)), 0},
	{"length of a hundred zeros", length(strings.Repeat("0", 100) + "5"), 0},
	{"no length", length(""), 0},
	{"length in full-width digits", length("\uff15"), 0},
	{"length with a vertical tab", length("5\x0b"), 0},
	{"length with NUL", length("5\x00"), 0},

	// Codings.
	{"length and coding", post("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", chunked("hello")), 0},
	{"coding and length", post("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", chunked("hello")), 0},
	{"coding and no length", post("Transfer-Encoding: chunked\r\nContent-Length: 0\r\n", chunked("hello")), 0},
	{"coding twice", post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", chunked("hello")), 0},
	{"coding twice, second identity", post("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n", chunked("hello")), 0},
	{"chunked, identity", post("Transfer-Encoding: chunked, identity\r\n", chunked("hello")), 0},
	{"identity, chunked", post("Transfer-Encoding: identity, chunked\r\n", chunked("hello")), 0},
	{"gzip, chunked", post("Transfer-Encoding: gzip, chunked\r\n", chunked("hello")), 0},
	{"chunked, chunked", post("Transfer-Encoding: chunked, chunked\r\n", chunked("hello")), 0},
	{"identity", post("Transfer-Encoding: identity\r\n", "hello"), 0},
	{"identity and length", post("Transfer-Encoding: identity\r\nContent-Length: 5\r\n", "hello"), 0},
	{"xchunked", post("Transfer-Encoding: xchunked\r\n", chunked("hello")), 0},
	{"chunkedx", post("Transfer-Encoding: chunkedx\r\n", chunked("hello")), 0},
	{"chunked with a parameter", post("Transfer-Encoding: chunked;q=1\r\n", chunked("hello")), 0},
	{"chunked in quotes", post("Transfer-Encoding: \"chunked\"\r\n", chunked("hello")), 0},
	{"chunked with a vertical tab", post("Transfer-Encoding: chunked\x0b\r\n", chunked("hello")), 0},
	{"vertical tab before chunked", post("Transfer-Encoding: \x0bchunked\r\n", chunked("hello")), 0},
	{"chunked with NUL", post("Transfer-Encoding: chunked\x00\r\n", chunked("hello")), 0},
	{"no coding", post("Transfer-Encoding:\r\n", chunked("hello")), 0},
	{"coding with an empty element", post("Transfer-Encoding: ,chunked\r\n", chunked("hello")), 0},
	{"long spaces before the coding", post("Transfer-Encoding:"+strings.Repeat(" ", 100)+"chunked\r\n", chunked("hello")), 0},
	{"coding in HTTP/1.0", "POST /echo HTTP/1.0\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n" + chunked("hello"), 0},
	{"coding in HTTP/1.0 with keep-alive", "POST /echo HTTP/1.0\r\nHost: h\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n" + chunked("hello"), 0},

	// Lines.
	{"LF behind the request line", "POST /echo HTTP/1.1\nHost: h\r\n\r\n", 0},
	{"LF only", "POST /echo HTTP/1.1\nHost: h\n\n", 0},
	{"LF behind a header", post("X: y\nContent-Length: 5\r\n", "hello"), 0},
	{"LF as the empty line", "POST /echo HTTP/1.1\r\nHost: h\r\n\n", 0},
	{"LF CR LF as the empty line", "POST /echo HTTP/1.1\r\nHost: h\n\r\n", 0},
	{"CR behind a header", post("X: y\rContent-Length: 5\r\n", "hello"), 0},
	{"CR CR LF", "POST /echo HTTP/1.1\r\nHost: h\r\r\n\r\n", 0},
	{"CR in the request line", "POST /echo\r HTTP/1.1\r\nHost: h\r\n\r\n", 0},
	{"CR as the end of the head", "POST /echo HTTP/1.1\r\nHost: h\r\n\rX: y\r\n\r\n", 0},
	{"space before the colon", post("Content-Length : 5\r\n", "hello"), 0},
	{"tab before the colon", post("Content-Length\t: 5\r\n", "hello"), 0},
	{"space before a name", "POST /echo HTTP/1.1\r\n Host: h\r\nHost: h\r\n\r\n", 0},
	{"tab before a name", "POST /echo HTTP/1.1\r\n\tX: y\r\nHost: h\r\n\r\n", 0},
	{"space inside a name", post("Content Length: 5\r\n", "hello"), 0},
	{"folded line", post("X: y\r\n Content-Length: 5\r\n", "hello"), 0},
	{"line folded with a tab", post("X: y\r\n\tz\r\n", ""), 0},
	{"folded coding", post("Transfer-Encoding:\r\n chunked\r\n", chunked("hello")), 0},
	{"folded length", post("Content-Length:\r\n 5\r\n", "hello"), 0},
	{"line of spaces", post(" \r\n", ""), 0},
	{"NUL in a name", post("X\x00Y: z\r\n", ""), 0},
	{"control character in a name", post("X\x01: z\r\n", ""), 0},
	{"DEL in a name", post("X\x7f: z\r\n", ""), 0},
	{"character above ASCII in a name", post("X\u00e4: z\r\n", ""), 0},
	{"parenthesis in a name", post("X(y): z\r\n", ""), 0},
	{"NUL in a value", post("X: a\x00b\r\n", ""), 0},
	{"control character in a value", post("X: a\x01b\r\n", ""), 0},
	{"DEL in a value", post("X: a\x7fb\r\n", ""), 0},
	{"empty name", post(": y\r\n", ""), 0},
	{"no colon", post("nonsense\r\n", ""), 0},
	{"two empty lines before", "\r\n\r\nPOST /echo HTTP/1.1\r\nHost: h\r\n\r\n", 0},
	{"LF before", "\nPOST /echo HTTP/1.1\r\nHost: h\r\n\r\n", 0},
	{"token twice", post("Authorization: Bearer a\r\nAuthorization: Bearer b\r\n", ""), 0},
	{"type twice", post("Content-Type: application/json\r\nContent-Type: text/plain\r\n", ""), 0},

	// Chunks.
	{"chunk size with plus", inChunks("+5\r\nhello\r\n0\r\n\r\n"), 0},
	{"chunk size with minus", inChunks("-5\r\nhello\r\n0\r\n\r\n"), 0},
	{"chunk size with 0x", inChunks("0x5\r\nhello\r\n0\r\n\r\n"), 0},
	{"chunk size with h", inChunks("5h\r\nhello\r\n0\r\n\r\n"), 0},
	{"space before the chunk size", inChunks(" 5\r\nhello\r\n0\r\n\r\n"), 0},
	{"space behind the chunk size", inChunks("5 \r\nhello\r\n0\r\n\r\n"), 0},
	{"tab behind the chunk size", inChunks("5\t\r\nhello\r\n0\r\n\r\n"), 0},
	{"space within the chunk size", inChunks("1 0\r\nhello\r\n0\r\n\r\n"), 0},
	{"chunk size in full-width digits", inChunks("\uff15\r\nhello\r\n0\r\n\r\n"), 0},
	{"no chunk size", inChunks("\r\nhello\r\n0\r\n\r\n"), 0},
	{"extension without size", inChunks(";x\r\nhello\r\n0\r\n\r\n"), 0},
	{"chunk of 2^63", inChunks("8000000000000000\r\nhello\r\n0\r\n\r\n"), 0},
	{"chunk of 2^64", inChunks("10000000000000000\r\nhello\r\n0\r\n\r\n"), 0},
	{"chunk of 2^64+5", inChunks("10000000000000005\r\nhello\r\n0\r\n\r\n"), 0},
	{"thousands of zeros", inChunks(strings.Repeat("0", 5000) + "5\r\nhello\r\n0\r\n\r\n"), 0},
	{"sixteen zeros", inChunks(strings.Repeat("0", 16) + "\r\n\r\n"), 0},
	{"LF behind the chunk size", inChunks("5\nhello\r\n0\r\n\r\n"), 0},
	{"CR behind the chunk size", inChunks("5\rhello\r\n0\r\n\r\n"), 0},
	{"CR CR LF behind the chunk size", inChunks("5\r\r\nhello\r\n0\r\n\r\n"), 0},
	{"LF within an extension", inChunks("5;a\nb\r\nhello\r\n0\r\n\r\n"), 0},
	{"CR within an extension", inChunks("5;a\rb\r\nhello\r\n0\r\n\r\n"), 0},
	{"NUL within an extension", inChunks("5;a\x00b\r\nhello\r\n0\r\n\r\n"), 0},
	{"space before an extension", inChunks("5 ;a\r\nhello\r\n0\r\n\r\n"), 0},
	{"empty extension", inChunks("5;\r\nhello\r\n0\r\n\r\n"), 0},
	{"over-long extension", inChunks("5;" + strings.Repeat("a", 300) + "\r\nhello\r\n0\r\n\r\n"), 0},
	{"endless extension", inChunks("5;" + strings.Repeat("a", 1<<20)), 0},
	{"nothing but extensions", inChunks(strings.Repeat("1;"+strings.Repeat("a", 200)+"\r\nx\r\n", 900) + "0\r\n\r\n"), 0},
	{"no CR LF behind a chunk", inChunks("5\r\nhello0\r\n\r\n"), 0},
	{"LF behind a chunk", inChunks("5\r\nhello\n0\r\n\r\n"), 0},
	{"chunk longer than its size", inChunks("3\r\nhello\r\n0\r\n\r\n"), 0},
	{"chunk shorter than its size", inChunks("9\r\nhello\r\n0\r\n\r\n"), 0},
	{"LF behind the last chunk", inChunks("5\r\nhello\r\n0\n\n"), 0},
	{"LF as the end of the body", inChunks("5\r\nhello\r\n0\r\n\n"), 0},
	{"trailer with a length", inChunks("5\r\nhello\r\n0\r\nContent-Length: 500\r\n\r\n"), 0},
	{"trailer with a coding", inChunks("5\r\nhello\r\n0\r\nTransfer-Encoding: chunked\r\n\r\n"), 0},
	{"trailer with a host", inChunks("5\r\nhello\r\n0\r\nHost: g\r\n\r\n"), 0},
	{"trailer with a token", inChunks("5\r\nhello\r\n0\r\nAuthorization: Bearer good\r\n\r\n"), 0},
	{"trailer without a colon", inChunks("5\r\nhello\r\n0\r\nnonsense\r\n\r\n"), 0},
	{"trailer without a name", inChunks("5\r\nhello\r\n0\r\n: x\r\n\r\n"), 0},
	{"trailer with a space before the colon", inChunks("5\r\nhello\r\n0\r\nX : y\r\n\r\n"), 0},
	{"trailer that ends in LF", inChunks("5\r\nhello\r\n0\r\nX: y\n\r\n"), 0},
	{"folded trailer", inChunks("5\r\nhello\r\n0\r\nX: y\r\n z\r\n\r\n"), 0},
	{"over-long trailer", inChunks("5\r\nhello\r\n0\r\nX: " + strings.Repeat("y", 9000) + "\r\n\r\n"), 0},

	// Targets and hosts.
	{"two hosts", "GET /mark HTTP/1.1\r\nHost: h\r\nHost: h\r\n\r\n", 0},
	{"two hosts, different", "GET /mark HTTP/1.1\r\nHost: h\r\nHost: g\r\n\r\n", 0},
	{"no host", "GET /mark HTTP/1.1\r\n\r\n", 0},
	{"host without a name", "GET /mark HTTP/1.1\r\nHost:\r\n\r\n", 0},
	{"host with a slash", "GET /mark HTTP/1.1\r\nHost: h/mark\r\n\r\n", 0},
	{"host with a space", "GET /mark HTTP/1.1\r\nHost: h g\r\n\r\n", 0},
	{"host with a user", "GET /mark HTTP/1.1\r\nHost: u@h\r\n\r\n", 0},
	{"host with a comma", "GET /mark HTTP/1.1\r\nHost: h, g\r\n\r\n", 0},
	{"host with a quote", "GET /mark HTTP/1.1\r\nHost: h\"\r\n\r\n", 0},
	{"host above ASCII", "GET /mark HTTP/1.1\r\nHost: h\u00e4\r\n\r\n", 0},
	{"absolute target of another host", "GET http://other/mark HTTP/1.1\r\nHost: h\r\n\r\n", 0},
	{"absolute target of another port", "GET http://h:81/mark HTTP/1.1\r\nHost: h\r\n\r\n", 0},
	{"absolute target with a user", "GET http://h@h/mark HTTP/1.1\r\nHost: h\r\n\r\n", 0},
	{"absolute target of another scheme", "GET ftp://h/mark HTTP/1.1\r\nHost: h\r\n\r\n", 0},
	{"absolute target without a host", "GET http:///mark HTTP/1.1\r\nHost: h\r\n\r\n", 0},
	{"absolute target and no host", "GET http://h/mark HTTP/1.1\r\n\r\n", 0},
	{"authority as target", "CONNECT h:80 HTTP/1.1\r\nHost: h:80\r\n\r\n", 0},
	{"authority as target of GET", "GET h:80 HTTP/1.1\r\nHost: h:80\r\n\r\n", 0},
	{"asterisk", "OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n", 0},
	{"asterisk of GET", "GET * HTTP/1.1\r\nHost: h\r\n\r\n", 0},
	{"target without a slash", "GET mark HTTP/1.1\r\nHost: h\r\n\r\n", 0},
	{"no target", "GET  HTTP/1.1\r\nHost: h\r\n\r\n", 0},
	{"two spaces before the target", "GET  /mark HTTP/1.1\r\nHost: h\r\n\r\n", 0},
	{"two spaces before the version", "GET /mark  HTTP/1.1\r\nHost: h\r\n\r\n", 0},
	{"space in the target", "GET /mark /x HTTP/1.1\r\nHost: h\r\n\r\n", 0},
	{"space behind the version", "GET /mark HTTP/1.1 \r\nHost: h\r\n\r\n", 0},
	{"tab in the request line", "GET\t/mark HTTP/1.1\r\nHost: h\r\n\r\n", 0},
	{"NUL in the target", "GET /mark\x00 HTTP/1.1\r\nHost: h\r\n\r\n", 0},
	{"control character in the target", "GET /mark\x01 HTTP/1.1\r\nHost: h\r\n\r\n", 0},

	// Methods and versions.
	{"no method", " /mark HTTP/1.1\r\nHost: h\r\n\r\n", 0},
	{"method with a colon", "GE:T /mark HTTP/1.1\r\nHost: h\r\n\r\n", 0},
	{"HTTP/0.9", "GET /mark\r\n\r\n", 0},
	{"HTTP/0.9 with a version", "GET /mark HTTP/0.9\r\nHost: h\r\n\r\n", 505},
	{"HTTP/1.2", "GET /mark HTTP/1.2\r\nHost: h\r\n\r\n", 505},
	{"HTTP/2.0", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505},
	{"HTTP/2.0 with a path", "GET /mark HTTP/2.0\r\nHost: h\r\n\r\n", 505},
	{"http/1.1", "GET /mark http/1.1\r\nHost: h\r\n\r\n", 0},
	{"HTTP/1.10", "GET /mark HTTP/1.10\r\nHost: h\r\n\r\n", 0},
	{"HTTP/01.1", "GET /mark HTTP/01.1\r\nHost: h\r\n\r\n", 0},
	{"HTTP/1,1", "GET /mark HTTP/1,1\r\nHost: h\r\n\r\n", 0},
	{"HTTPS/1.1", "GET /mark HTTPS/1.1\r\nHost: h\r\n\r\n", 0},
	{"no version", "GET /mark \r\nHost: h\r\n\r\n", 0},
	{"no HTTP", "hello there\r\n\r\n", 0},
	{"TLS", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", 0},
	{"expectation in HTTP/1.0", "POST /echo HTTP/1.0\r\nHost: h\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\nhello", 417},

	// Lengths of heads.
	{"request line over 32 KiB", "GET /" + strings.Repeat("x", 33<<10) + " HTTP/1.1\r\nHost: h\r\n\r\n", 431},
	{"line without end", "GET /" + strings.Repeat("x", 40<<10), 431},
	{"header over 32 KiB", "GET /mark HTTP/1.1\r\nHost: h\r\nX: " + strings.Repeat("x", 33<<10) + "\r\n\r\n", 431},
	{"many headers over 32 KiB", "GET /mark HTTP/1.1\r\nHost: h\r\n" + strings.Repeat("X: y\r\n", 6000) + "\r\n", 431},
}

// TestBrokenFraming: no broken request lets what stands behind it be run, however
// the bytes are cut into packets.
func TestBrokenFraming(t *testing.T) {
	const behind = "DELETE /things/1 HTTP/1.1\r\nHost: h\r\n\r\nGET /mark HTTP/1.1\r\nHost: h\r\n\r\n"
	var ran atomic.Int32
	mark := func(c *call) error { ran.Add(1); return c.json(200, "marked") }
	table := append(oneRoute("POST", "/echo", echo, 100_000), route{"GET", "/mark", mark, anyone, 0, quick, 1, op{}},
		route{"DELETE", "/things/{id}", mark, anyone, 0, quick, 1, op{}})
	r := startRig(t, Options{}, table)
	if n := len(brokenFramings); n < 70 {
		t.Errorf("only %d cases", n)
	}
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	rng := rand.New(rand.NewPCG(seed, 1))
	for _, c := range brokenFramings {
		for _, cuts := range []int{0, 3, -1} {
			t.Run(fmt.Sprintf("%s, %d cuts", c.name, cuts), func(t *testing.T) {
				nc := r.dial(t)
				_ = nc.SetDeadline(time.Now().Add(5 * time.Second))
				br := bufio.NewReader(nc)
				if cuts < 0 { // behind a good request
					_, _ = io.WriteString(nc, "POST /echo HTTP/1.1\r\nHost: h\r\n\r\n")
					if res, err := http.ReadResponse(br, nil); err != nil {
						t.Fatal(err)
					} else if _, err := io.ReadAll(res.Body); err != nil {
						t.Fatal(err)
					}
				}
				var pieces []int // drawn here: the generator is not for two at once
				for range cuts {
					pieces = append(pieces, rng.IntN(60))
				}
				go func() {
					raw := c.raw + behind
					for _, n := range pieces {
						n = min(n, len(raw))
						if _, err := io.WriteString(nc, raw[:n]); err != nil {
							return
						}
						raw = raw[n:]
						time.Sleep(time.Millisecond) // so that packets are of the peer's making
					}
					_, _ = io.WriteString(nc, raw)
				}()
				want := c.status
				if want == 0 {
					want = 400
				}
				res, err := http.ReadResponse(br, nil)
				if err != nil {
					t.Fatalf("no answer: %v", err)
				}
				body, err := io.ReadAll(res.Body)
				if err != nil || res.StatusCode != want || !res.Close || !strings.HasPrefix(string(body), `{"detail":`) || res.Header.Get("X-Request-Id") == "" {
					t.Errorf("%d, close %v, %v, %s; want %d", res.StatusCode, res.Close, res.Header, body, want)
				}
				if more, err := io.ReadAll(br); err != nil || len(more) > 0 {
					t.Errorf("behind the answer: %q, %v", more, err)
				}
				if ran.Swap(0) > 0 {
					t.Error("what stood behind the broken request was run")
				}
			})
		}
	}
}
