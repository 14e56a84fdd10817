package worker

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"scaidrive/client"
	"scaidrive/client/planner"
	"scaidrive/httpd/wire"
)

// An evil server speaks HTTP, and says what a test has it say.
type evil struct {
	url    string
	asked  atomic.Int64 // requests
	routes map[string]http.HandlerFunc
}

func newEvil(t *testing.T) *evil {
	e := &evil{routes: map[string]http.HandlerFunc{
		"/sync/tree":      says(map[string]any{"entries": []any{}, "cursor": 1}),
		"/sync/changes":   says(map[string]any{"changes": []any{}, "cursor": 1}),
		"/sync/conflicts": says([]any{}),
		"/sync/apply":     says(map[string]any{}),
		"/sync/chunks/query": func(w http.ResponseWriter, r *http.Request) {
			var q wire.ChunkQuery
			_ = json.NewDecoder(r.Body).Decode(&q)
			says(wire.ChunkQueryResult{Missing: q.Chunks, Nonce: "n"})(w, r)
		},
		"/sync/chunks": says(map[string]any{"chunks": []any{}}),
	}}
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		e.asked.Add(1)
		path := strings.TrimPrefix(r.URL.Path, wire.Prefix)
		if h := e.routes[path]; h != nil {
			h(w, r)
			return
		}
		for at, h := range e.routes {
			if strings.HasSuffix(at, "/") && strings.HasPrefix(path, at) {
				h(w, r)
				return
			}
		}
		http.NotFound(w, r)
	}))
	t.Cleanup(srv.Close)
	e.url = srv.URL
	return e
}

func says(v any) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { _ = json.NewEncoder(w).Encode(v) }
}

func (e *evil) api(t *testing.T) *client.Client {
	t.Helper()
	api, err := client.New(e.url, client.Options{Credentials: client.Static("the token"), Attempts: 2,
		Sleep: func(ctx context.Context, _ time.Duration) error { return ctx.Err() }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(api.Close)
	return api
}

// receives has a folder send nothing: what is tested is what comes.
func receives(o *Options) { o.Mode = planner.ReceiveOnly }

// peak tells the most bytes of objects there were while fn ran, over those before.
func peak(fn func()) int64 {
	defer debug.SetGCPercent(debug.SetGCPercent(30)) // what is held counts, not what waits for the collector
	runtime.GC()
	now := func() int64 {
		s := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
		metrics.Read(s)
		return int64(s[0].Value.Uint64())
	}
	before, most := now(), atomic.Int64{}
	stop, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		tick := time.NewTicker(2 * time.Millisecond)
		defer tick.Stop()
		for {
			if n := now() - before; n > most.Load() {
				most.Store(n)
			}
			select {
			case <-stop:
				return
			case <-tick.C:
			}
		}
	}()
	fn()
	close(stop)
	<-done
	return most.Load()
}

// TestHostileNamesOnTheWire: names that lead somewhere else, with contents that are
// right, make nothing, neither from a listing nor from the change log.
func TestHostileNamesOnTheWire(t *testing.T) {
	content := "evil"
	sum := sha256.Sum256([]byte(content))
	for _, name := range []string{"..", ".", "../sibling", "/etc/motd", "a/b", `..\sibling`, `C:\x`, `\\host\share`, "nul\x00", "x\x00/../y",
		".scaidrive", "..\u2215", strings.Repeat("../", 40) + "etc/motd"} {
		e := newEvil(t)
		file := map[string]any{"resource_type": "file", "id": "fil_1", "name": name, "size": len(content), "checksum_sha256": fmt.Sprintf("%x", sum), "version": 1, "version_id": "ver_1"}
		folder := map[string]any{"resource_type": "folder", "id": "fld_1", "name": name}
		below := map[string]any{"resource_type": "file", "id": "fil_2", "parent_id": "fld_1", "name": "below", "size": len(content), "checksum_sha256": fmt.Sprintf("%x", sum), "version": 1, "version_id": "ver_2"}
		good := map[string]any{"resource_type": "file", "id": "fil_3", "name": "good", "size": len(content), "checksum_sha256": fmt.Sprintf("%x", sum), "version": 1, "version_id": "ver_3"}
		entries := []any{file, good}
		if strings.Contains(name, "\u2215") {
			entries = []any{good} // it is a name like any other, and has its test by the rows
		}
		rows := []any{}
		for _, x := range []map[string]any{folder, below} {
			rows = append(rows, map[string]any{"resource_type": x["resource_type"], "resource_id": x["id"], "change_type": "created", "version_id": x["version_id"], "metadata": x})
		}
		e.routes["/sync/tree"] = says(map[string]any{"entries": entries, "cursor": 1})
		e.routes["/sync/changes"] = says(map[string]any{"changes": rows, "cursor": 2})
		e.routes["/files/"] = func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, content) }
		root, s, _ := against(t, e.api(t), receives)
		list, err := os.ReadDir(root)
		if err != nil {
			t.Fatal(err)
		}
		if want := 4 + strings.Count(name, "\u2215"); len(list) != want {
			t.Errorf("%q: the root has %v: %+v", name, list, s)
		}
		if b, _ := os.ReadFile(filepath.Join(root, "good")); string(b) != content {
			t.Errorf("%q: a good name beside it is %q: %+v", name, b, s)
		}
		if b, _ := os.ReadFile(filepath.Join(root, ".scaidrive", "folder")); string(b) != "m" {
			t.Errorf("%q: the marker is %q", name, b)
		}
	}
}

// page writes a page of a tree with so many folders.
func page(w io.Writer, first, n int, next string) {
	fmt.Fprint(w, `{"cursor":1,"entries":[`)
	for i := range n {
		if i > 0 {
			fmt.Fprint(w, ",")
		}
		fmt.Fprintf(w, `{"resource_type":"folder","id":"fld_%d","name":"n%d"}`, first+i, first+i)
	}
	fmt.Fprintf(w, `],"next_page_token":%q}`, next)
}

// TestEndless: a listing or a change log without end ends in a clear error, after a
// bounded number of questions and in bounded memory.
func TestEndless(t *testing.T) {
	const most = 30_000
	row := func(i int) map[string]any {
		return map[string]any{"resource_type": "file", "resource_id": fmt.Sprint("fil_", i), "change_type": "created", "version_id": "ver_1",
			"metadata": map[string]any{"name": fmt.Sprint("n", i), "size": 1, "checksum_sha256": strings.Repeat("00", 32), "version": 1}}
	}
	for name, c := range map[string]struct {
		route   string
		answer  func(n int, w http.ResponseWriter)
		asks    int64
		message string
	}{
		"pages":          {"/sync/tree", func(n int, w http.ResponseWriter) { page(w, n*5000, 5000, fmt.Sprint("t", n)) }, 20, "more than 30000 files and folders"},
		"the same again": {"/sync/tree", func(n int, w http.ResponseWriter) { page(w, 0, 5000, fmt.Sprint("t", n)) }, 20, "again and again"},
		"small pages":    {"/sync/tree", func(n int, w http.ResponseWriter) { page(w, n, 1, fmt.Sprint("t", n)) }, 1100, "does not come to an end"},
		"empty pages":    {"/sync/tree", func(n int, w http.ResponseWriter) { page(w, n, 0, fmt.Sprint("t", n)) }, 10, "does not come to an end"},
		"rows": {"/sync/changes", func(n int, w http.ResponseWriter) {
			rows := make([]any, 5000)
			for i := range rows {
				rows[i] = row(n*5000 + i)
			}
			says(map[string]any{"changes": rows, "cursor": n + 1, "has_more": true})(w, nil)
		}, 20, "more than 30000 files and folders"},
		"no rows": {"/sync/changes", func(n int, w http.ResponseWriter) {
			says(map[string]any{"changes": []any{}, "cursor": n + 1, "has_more": true})(w, nil)
		}, maxAnswers + 10, "does not come to an end"},
		"one position": {"/sync/changes", func(_ int, w http.ResponseWriter) {
			says(map[string]any{"changes": []any{}, "cursor": 1, "has_more": true})(w, nil)
		}, 10, "does not go on"},
	} {
		t.Run(name, func(t *testing.T) {
			e := newEvil(t)
			var n atomic.Int64
			e.routes[c.route] = func(w http.ResponseWriter, _ *http.Request) { c.answer(int(n.Add(1)), w) }
			var err error
			memory := peak(func() {
				_, _, err = against(t, e.api(t), func(o *Options) { o.nodes = most })
			})
			if err == nil || !strings.Contains(err.Error(), c.message) {
				t.Errorf("it ends with %v", err)
			}
			if asked := e.asked.Load(); asked > c.asks {
				t.Errorf("%d requests", asked)
			}
			t.Logf("%d requests, %d MiB at most: %v", e.asked.Load(), memory>>20, err)
			if memory > 100<<20 { // with what the server writes
				t.Errorf("%d MiB", memory>>20)
			}
		})
	}
}

// TestRedirectsElsewhere: what leads to another server is not followed, whatever asks.
func TestRedirectsElsewhere(t *testing.T) {
	var elsewhere atomic.Int64
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		elsewhere.Add(1)
		t.Errorf("%s %s came here, with the token %q", r.Method, r.URL, r.Header.Get("Authorization"))
		fmt.Fprint(w, "{}")
	}))
	defer other.Close()
	sum := strings.Repeat("ab", 32)
	entry := func(size int) map[string]any {
		return map[string]any{"resource_type": "file", "id": "fil_1", "name": "x", "size": size, "checksum_sha256": sum, "version": 1, "version_id": "ver_1"}
	}
	for _, status := range []int{301, 302, 303, 307, 308} {
		for _, route := range []string{"/sync/tree", "/sync/changes", "/sync/chunks/query", "/sync/chunks", "/files/", "/sync/files/fetch", "/sync/manifest/"} {
			e := newEvil(t)
			size := 10
			if route == "/sync/manifest/" {
				size = 1 << 20
			}
			entries := []any{entry(size)}
			if route == "/sync/files/fetch" { // of several
				two := entry(size)
				two["id"], two["name"] = "fil_2", "y"
				entries = append(entries, two)
			}
			e.routes["/sync/tree"] = says(map[string]any{"entries": entries, "cursor": 1})
			var how []func(*Options)
			if route == "/files/" || route == "/sync/files/fetch" || route == "/sync/manifest/" {
				how = append(how, receives)
			}
			asked := false
			e.routes[route] = func(w http.ResponseWriter, r *http.Request) {
				asked = true
				http.Redirect(w, r, other.URL+r.URL.RequestURI(), status)
			}
			if _, s, err := against(t, e.api(t), how...); err == nil && s.InStep || !asked {
				t.Errorf("%s, %d: asked %v, it says %+v", route, status, asked, s)
			}
		}
		// The socket, and what gives its ticket.
		for _, route := range []string{"/auth/ticket", "/sync/ws/"} {
			e := newEvil(t)
			e.routes["/auth/ticket"] = says(wire.Ticket{Ticket: "t"})
			e.routes[route] = func(w http.ResponseWriter, r *http.Request) {
				http.Redirect(w, r, strings.Replace(other.URL, "http", "ws", 1)+r.URL.RequestURI(), status)
			}
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
			if err := e.api(t).Listen(ctx, "dev", func() {}, func(*wire.Frame) {}); err == nil || ctx.Err() != nil {
				t.Errorf("%s, %d: %v", route, status, err)
			}
			cancel()
		}
	}
	if elsewhere.Load() > 0 {
		t.Error("the other server was asked")
	}
}

// endless writes the same again until the other side has enough, at most a gigabyte.
func endless(w io.Writer, text string) {
	block := []byte(strings.Repeat(text, 1+(256<<10)/len(text)))
	for range 1 << 12 {
		if _, err := w.Write(block); err != nil {
			return
		}
	}
}

// TestOversized: answers that are too long, or become large in memory, are given up
// in bounded memory; contents that are longer than announced change nothing.
func TestOversized(t *testing.T) {
	content := strings.Repeat("x", 300<<10)
	sum := fmt.Sprintf("%x", sha256.Sum256([]byte(content)))
	one := func(size int64) map[string]any {
		return map[string]any{"entries": []any{map[string]any{"resource_type": "file", "id": "fil_1", "name": "x", "size": size, "checksum_sha256": sum, "version": 1, "version_id": "ver_1"}}, "cursor": 1}
	}
	manifest := map[string]any{"file_id": "fil_1", "version_id": "ver_1", "version": 1, "size": len(content), "checksum_sha256": sum, "chunking": "x", "chunks": []any{map[string]any{"sha256": sum, "size": len(content)}}}
	for name, c := range map[string]map[string]http.HandlerFunc{
		"tree": {"/sync/tree": func(w http.ResponseWriter, _ *http.Request) { endless(w, `{"entries":[`) }},
		"rows that are nothing": {"/sync/changes": func(w http.ResponseWriter, _ *http.Request) {
			fmt.Fprint(w, `{"changes":[null`)
			for range 100 {
				fmt.Fprint(w, strings.Repeat(",null", 100_000))
			}
			fmt.Fprint(w, `]}`)
		}},
		"an error": {"/sync/changes": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(500); endless(w, `{"detail":"x`) }},
		"a header": {"/sync/changes": func(w http.ResponseWriter, _ *http.Request) {
			for i := range 3000 {
				w.Header().Set(fmt.Sprint("X-", i), strings.Repeat("x", 8000))
			}
		}},
		"a chunk": {"/sync/tree": says(one(int64(len(content)))), "/sync/manifest/": says(manifest), "/sync/chunks/fetch": func(w http.ResponseWriter, _ *http.Request) {
			var head [4]byte
			binary.BigEndian.PutUint32(head[:], 1<<31)
			_, _ = w.Write(head[:])
			endless(w, "x")
		}},
		"a long chunk": {"/sync/tree": says(one(int64(len(content)))), "/sync/manifest/": says(manifest), "/sync/chunks/fetch": func(w http.ResponseWriter, _ *http.Request) {
			var head [4]byte
			binary.BigEndian.PutUint32(head[:], uint32(len(content)+5))
			_, _ = w.Write(head[:])
			endless(w, "x")
		}},
		"chunks without end": {"/sync/tree": says(one(1 << 40)), "/sync/manifest/": func(w http.ResponseWriter, r *http.Request) {
			chunks := make([]any, 20_000)
			for i := range chunks {
				chunks[i] = map[string]any{"sha256": sum, "size": 1}
			}
			var first int
			_, _ = fmt.Sscan(r.URL.Query().Get("first"), &first)
			says(map[string]any{"file_id": "fil_1", "version_id": "ver_1", "version": 1, "size": int64(1 << 40), "checksum_sha256": sum, "chunks": chunks, "next_chunk": first + 20_000})(w, r)
		}},
		"a content": {"/sync/tree": says(one(10)), "/files/": func(w http.ResponseWriter, _ *http.Request) { endless(w, "x") }},
	} {
		t.Run(name, func(t *testing.T) {
			e := newEvil(t)
			for route, h := range c {
				e.routes[route] = h
			}
			var root string
			var s Status
			var err error
			memory := peak(func() { root, s, err = against(t, e.api(t), receives) })
			if err == nil && s.InStep {
				t.Errorf("it says that it is in step: %+v", s)
			}
			if list, _ := os.ReadDir(root); len(list) != 3 {
				t.Errorf("the root has %v", list)
			}
			t.Logf("%d requests, %d MiB at most: %v %v", e.asked.Load(), memory>>20, err, s.Waiting)
			if memory > 600<<20 { // an answer of 64 MiB as it grows, and what was before it
				t.Errorf("%d MiB", memory>>20)
			}
		})
	}
}
