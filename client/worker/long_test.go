package worker

import (
	"bytes"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"strings"
	"sync/atomic"
	"testing"
)

// A tap looks at what goes over a connection, and may do something first.
type tap struct {
	before func(r *http.Request, body string)
	up     atomic.Int64
	down   atomic.Int64
}

func (w *tap) RoundTrip(r *http.Request) (*http.Response, error) {
	body := ""
	if r.Body != nil && r.Body != http.NoBody {
		b, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		body = string(b)
		r.Body = io.NopCloser(bytes.NewReader(b))
	}
	w.up.Add(int64(len(body)))
	if w.before != nil {
		w.before(r, body)
	}
	resp, err := http.DefaultTransport.RoundTrip(r)
	if err == nil {
		resp.Body = &counted{resp.Body, &w.down}
	}
	return resp, err
}

type counted struct {
	io.ReadCloser
	n *atomic.Int64
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.ReadCloser.Read(p)
	c.n.Add(int64(n))
	return n, err
}

func noise(seed uint64, n int) string {
	b := make([]byte, n)
	s := rand.NewChaCha8([32]byte{byte(seed)})
	_, _ = s.Read(b)
	return string(b)
}

// TestLongLists: a list of chunks that is too long for a batch goes up in pieces,
// also when the server is restarted before it is named, and when all of the file's
// chunks are new or none.
func TestLongLists(t *testing.T) {
	r := newRig(t)
	a, b := r.desk("a"), r.desk("b")
	a.listFrom = 1000
	var pieces, named int
	restart := false
	w := &tap{}
	w.before = func(req *http.Request, body string) {
		if strings.Contains(req.URL.Path, "/sync/manifests/") {
			pieces++
		}
		if strings.HasSuffix(req.URL.Path, "/sync/apply") && strings.Contains(body, `"manifest":`) {
			named++
			if restart {
				restart = false
				r.stop()
				r.serve(strings.TrimPrefix(r.url, "http://"))
				http.DefaultTransport.(*http.Transport).CloseIdleConnections()
			}
		}
	}
	a.conn = w
	one := noise(1, 5<<20)
	a.write("new", one)
	a.write("small", "small")
	a.inStep()
	if pieces < 3 || named != 1 {
		t.Errorf("%d pieces, %d times named", pieces, named)
	}
	b.inStep()
	b.expect(a.tree())

	// Restarted in between: the server knows neither the list nor whose the chunks are.
	a.write("new", noise(2, 5<<20))
	restart = true
	pieces, named = 0, 0
	a.inStep()
	if named != 2 {
		t.Errorf("%d times named", named)
	}
	b.inStep()
	b.expect(a.tree())

	// What the tenant has already, from another place: proven, not sent.
	a.write("again", one)
	before := w.up.Load()
	a.inStep()
	if n := w.up.Load() - before; n > 100_000 {
		t.Errorf("%d bytes went up", n)
	}
	b.inStep()
	b.expect(a.tree())
}

// TestPatchesBothWays: of a changed file's list of chunks only the difference
// travels, up and down.
func TestPatchesBothWays(t *testing.T) {
	r := newRig(t)
	a, b := r.desk("a"), r.desk("b")
	up, down := &tap{}, &tap{}
	a.conn, b.conn = up, down
	content := []byte(noise(3, 40<<20)) // some 320 chunks
	a.write("f", string(content))
	settle(a, b)
	patched := 0
	up.before = func(req *http.Request, body string) {
		if strings.HasSuffix(req.URL.Path, "/sync/apply") && strings.Contains(body, `"patch":`) && len(body) < 2000 {
			patched++
		}
	}
	down.before = func(req *http.Request, _ string) {
		if strings.Contains(req.URL.Path, "/sync/manifest/") && req.URL.Query().Get("since_version") == "1" {
			patched++
		}
	}
	copy(content[20<<20:], "an edit in the middle")
	a.must(os.WriteFile(a.path("f"), content, 0o644))
	before := down.down.Load()
	a.inStep()
	b.inStep()
	b.expect(a.tree())
	if patched != 2 {
		t.Errorf("%d patches", patched)
	}
	if n := down.down.Load() - before; n > 1<<20 {
		t.Errorf("%d bytes came down", n)
	}
}

// TestManyFilesTogether: small files come in few answers, under a limit of
// bandwidth, too, and one that goes meanwhile fails no other.
func TestManyFilesTogether(t *testing.T) {
	r := newRig(t)
	a, b := r.desk("a"), r.desk("b")
	var asked, single atomic.Int64
	b.conn = &tap{before: func(req *http.Request, _ string) {
		if strings.HasSuffix(req.URL.Path, "/sync/files/fetch") {
			if asked.Add(1) == 1 {
				a.remove("d/7")
				a.sync()
			}
		}
		if strings.HasSuffix(req.URL.Path, "/content") {
			single.Add(1)
		}
	}}
	for i := range 300 {
		a.write("d/"+string(rune('0'+i%10))+strings.Repeat("x", i/10), noise(uint64(i), i*10))
	}
	a.inStep()
	b.sync()
	b.inStep()
	b.expect(a.tree())
	if n := asked.Load(); n == 0 || n > 4 || single.Load() > 4 {
		t.Errorf("%d requests for many, %d for one", asked.Load(), single.Load())
	}
}
