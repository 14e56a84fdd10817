package worker

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"strings"
	"sync/atomic"
	"testing"

	"scaidrive/client/disk"
	"scaidrive/httpd/wire"
)

// countedDisk counts what is done on a disk.
type countedDisk struct {
	disk.FS
	opened, synced *atomic.Int64
	open           func(path string) // after the file was opened
}

// Open implements disk.FS.
func (c countedDisk) Open(path string) (disk.Reader, error) {
	r, err := c.FS.Open(path)
	if !strings.HasPrefix(path, Own) {
		c.opened.Add(1)
		if c.open != nil {
			c.open(path)
		}
	}
	return r, err
}

// Sync implements disk.FS.
func (c countedDisk) Sync() error { c.synced.Add(1); return c.FS.Sync() }

// A listener sees the answers that a client gets.
type listener struct {
	next http.RoundTripper
	each func(path string, body []byte)
	ask  func(path string)
}

// RoundTrip implements http.RoundTripper.
func (t listener) RoundTrip(r *http.Request) (*http.Response, error) {
	if t.ask != nil {
		t.ask(r.URL.Path)
	}
	resp, err := t.next.RoundTrip(r)
	if err != nil || t.each == nil {
		return resp, err
	}
	b, err := io.ReadAll(resp.Body)
	resp.Body.Close()
	resp.Body = io.NopCloser(bytes.NewReader(b))
	t.each(r.URL.Path, b)
	return resp, err
}

const someFiles = 40

// first makes a client with files that nobody else has, which go in several batches.
func first(t *testing.T, r *rig) (d *desk, want map[string]string, c *countedDisk) {
	d = r.desk("a")
	d.batch = 7
	c = &countedDisk{opened: &atomic.Int64{}, synced: &atomic.Int64{}}
	d.disk = func() disk.FS {
		fsys, err := disk.Open(d.root)
		if err != nil {
			t.Fatal(err)
		}
		n := *c
		n.FS = fsys
		return n
	}
	want = map[string]string{}
	for i := range someFiles {
		dir := fmt.Sprintf("f%d", i%3)
		p, text := fmt.Sprintf("%s/%02d", dir, i), fmt.Sprint("content ", i)
		d.write(p, text)
		want[dir], want[p] = "/", text
	}
	return d, want, c
}

func TestNewFilesAreReadOnce(t *testing.T) {
	r := newRig(t)
	d, want, c := first(t, r)
	rows, sent := 0, 0
	d.conn = listener{next: http.DefaultTransport, each: func(path string, body []byte) {
		switch {
		case strings.HasSuffix(path, "/sync/changes"):
			rows += bytes.Count(body, []byte(`"resource_id"`))
		case strings.HasSuffix(path, "/sync/chunks"):
			sent++
		}
	}}
	d.sync()
	if n := c.opened.Load(); n != someFiles {
		t.Errorf("%d files were opened %d times", someFiles, n)
	}
	if rows != 0 {
		t.Errorf("%d rows of its own were read", rows)
	}
	if n := c.synced.Load(); n > 2 {
		t.Errorf("the disk was synced %d times for what a scan has found at once", n)
	}
	if sent != 1 {
		t.Errorf("chunks were sent in %d requests", sent)
	}
	b := r.desk("b")
	b.sync()
	b.expect(want)
	d.inStep()
	d.close() // what the records say holds in the next run, too
	d.inStep()
}

// What others do between two batches is not passed over with the rows of the batches.
func TestRowsOfOthersAreRead(t *testing.T) {
	r := newRig(t)
	d, want, _ := first(t, r)
	b := r.desk("b")
	b.write("kept", "for long")
	b.sync()
	n := 0
	d.conn = listener{next: http.DefaultTransport, ask: func(path string) {
		if !strings.HasSuffix(path, "/sync/apply") {
			return
		}
		switch n++; n {
		case 2:
			b.write("of b", "new")
			b.sync()
		case 4:
			b.remove("kept")
			b.sync()
		}
	}}
	d.sync()
	want["of b"] = "new"
	d.expect(want)
	if got := settle(d, b); !maps.Equal(got, want) {
		t.Errorf("at the end there is\n%swant\n%s", show(got), show(want))
	}
}

// A file that changes while it is read, or between that and its batch, ends with what
// it has at the end, and nothing else than what it had at some moment is ever shown.
func TestNewFilesThatChange(t *testing.T) {
	r := newRig(t)
	d, want, c := first(t, r)
	reads := 0
	c.open = func(path string) {
		if path == "f1/04" {
			if reads++; reads == 1 {
				d.must(os.WriteFile(d.path("f1/04"), []byte("while it is read"), 0o644))
			}
		}
	}
	asked := false
	d.conn = listener{next: http.DefaultTransport, ask: func(path string) {
		if strings.HasSuffix(path, "/sync/apply") && !asked {
			asked = true
			d.must(os.WriteFile(d.path("f2/02"), []byte("after it was sent"), 0o644))
			d.remove("f0/39")
		}
	}}
	d.sync()
	d.folder.TouchAll()
	d.sync()
	want["f1/04"], want["f2/02"] = "while it is read", "after it was sent"
	delete(want, "f0/39")
	d.expect(want)
	if e := r.entries()["f1/04"]; e.Version != 1 {
		t.Errorf("the file that changed while it was read has %d versions: what it never was, too", e.Version)
	}
	b := r.desk("b")
	b.sync()
	b.expect(want)
}

// What the server has lost of what was sent early is sent again when it asks for it,
// and a server that takes nothing early gets everything later.
func TestEarlyIsLost(t *testing.T) {
	for name, of := range map[string]struct {
		path   string
		status int
	}{
		"refused":   {"/sync/chunks/query", http.StatusServiceUnavailable},
		"forgotten": {"/sync/chunks", -1},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			d, want, _ := first(t, r)
			var asked atomic.Int64
			d.conn = swap{http.DefaultTransport, func(path string) int {
				if strings.HasSuffix(path, of.path) && asked.Add(1) == 1 {
					return of.status
				}
				return 0
			}}
			d.sync()
			if asked.Load() < 2 {
				t.Error("what was lost was not sent again")
			}
			b := r.desk("b")
			b.sync()
			b.expect(want)
		})
	}
}

// swap answers in the place of the server: with a status, or (-1) as if it had taken
// the chunks.
type swap struct {
	next http.RoundTripper
	with func(path string) int
}

// RoundTrip implements http.RoundTripper.
func (s swap) RoundTrip(r *http.Request) (*http.Response, error) {
	status := s.with(r.URL.Path)
	if status == 0 {
		return s.next.RoundTrip(r)
	}
	body := []byte("{}")
	if r.Body != nil {
		b, err := io.ReadAll(r.Body)
		r.Body.Close()
		if err != nil {
			return nil, err
		}
		if status < 0 {
			body = receivedAll(b)
		}
	}
	return &http.Response{StatusCode: max(status, 200), Header: http.Header{"Content-Type": {"application/json"}},
		Body: io.NopCloser(bytes.NewReader(body)), ContentLength: int64(len(body)), Request: r}, nil
}

// receivedAll is the answer of a server that has taken the chunks of a body.
func receivedAll(b []byte) []byte {
	var got wire.ReceivedChunks
	for len(b) > 4 {
		n := 4 + int(binary.BigEndian.Uint32(b))
		sum := sha256.Sum256(b[4:n])
		got.Chunks = append(got.Chunks, wire.ReceivedChunk{SHA256: sum, Size: uint32(n - 4)})
		b = b[n:]
	}
	out, _ := json.Marshal(got)
	return out
}
