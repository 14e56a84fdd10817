package worker

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"scaidrive/client/planner"
	"scaidrive/httpd/wire"
)

// answers changes what the server says to requests that have a text in their address.
type answers struct {
	to     string
	change func(b []byte) []byte
	asked  []string // the addresses of all requests
}

// RoundTrip implements http.RoundTripper.
func (a *answers) RoundTrip(r *http.Request) (*http.Response, error) {
	a.asked = append(a.asked, r.URL.String())
	r.Header.Set("Accept-Encoding", "identity")
	resp, err := http.DefaultTransport.RoundTrip(r)
	if err != nil || a.change == nil || !strings.Contains(r.URL.String(), a.to) {
		return resp, err
	}
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, err
	}
	b = a.change(b)
	resp.Body, resp.ContentLength = io.NopCloser(bytes.NewReader(b)), int64(len(b))
	resp.Header.Del("Content-Length")
	return resp, nil
}

func (a *answers) count(text string) (n int) {
	for _, u := range a.asked {
		if strings.Contains(u, text) {
			n++
		}
	}
	return n
}

// A changed file is made of what is on the disk by what the server tells of bytes,
// without its list of chunks; and where that comes out wrong, by the list.
func TestRebuilt(t *testing.T) {
	instead := func(old, with string) func([]byte) []byte {
		return func(b []byte) []byte { return bytes.ReplaceAll(b, []byte(old), []byte(with)) }
	}
	cases := []struct {
		name   string
		change func([]byte) []byte
		lists  int // requests for lists of chunks, with bytes and without
	}{
		{"by bytes", nil, 1},
		{"bytes that are not those", instead(`"bytes":[0,`, `"bytes":[1,`), 2},
		{"bytes behind the end", instead(`"bytes":[0,`, `"bytes":[99999999999,`), 2},
		{"a server that does not know", instead(`"bytes"`, `"other"`), 2},
	}
	r := newRig(t)
	a := r.desk("a")
	content := []byte(noise(5, 6<<20))
	a.write("f", string(content))
	a.inStep()
	var desks []*desk
	var heard []*answers
	for _, tt := range cases {
		d, w := r.desk(tt.name), &answers{to: "bytes=true", change: tt.change}
		d.conn = w
		d.inStep()
		w.asked = nil
		desks, heard = append(desks, d), append(heard, w)
	}
	copy(content[2<<20:], noise(6, 100_000))
	// A piece that comes twice, and one that goes elsewhere.
	content = append(content[:5<<20], append([]byte(noise(6, 900_000)), content[1<<20:2<<20]...)...)
	a.write("f", string(content))
	a.inStep()
	for i, tt := range cases {
		d := desks[i]
		d.inStep()
		d.expect(a.tree())
		if n := heard[i].count("/sync/manifest/"); n != tt.lists {
			t.Errorf("%s: %d lists were asked for, want %d: %v", tt.name, n, tt.lists, heard[i].asked)
		}
		if saved := d.folder.Status().Counts.BytesSaved; saved < 3<<20 {
			t.Errorf("%s: %d bytes were not moved", tt.name, saved)
		}
	}
}

// What a server tells of a difference is bounded before anything is read or written.
func TestPartsOf(t *testing.T) {
	h := wire.Hash{1}
	kept := func(at, n int64) wire.PatchItem { return wire.PatchItem{Bytes: []int64{at, n}} }
	fresh := func(n uint32) wire.PatchItem { return wire.PatchItem{SHA256: &h, Size: n} }
	for _, tt := range []struct {
		name  string
		patch []wire.PatchItem
		ok    bool
	}{
		{"kept and new", []wire.PatchItem{kept(7, 600), fresh(400)}, true},
		{"too short", []wire.PatchItem{kept(0, 600), fresh(399)}, false},
		{"too long", []wire.PatchItem{kept(0, 600), fresh(401)}, false},
		{"nothing", nil, false},
		{"nothing new", []wire.PatchItem{kept(0, 1000), fresh(0)}, false},
		{"nothing kept", []wire.PatchItem{kept(0, 0), fresh(1000)}, false},
		{"less than nothing", []wire.PatchItem{kept(0, -5), fresh(1000)}, false},
		{"before the beginning", []wire.PatchItem{kept(-1, 1000)}, false},
		{"beyond all numbers", []wire.PatchItem{kept(1<<62, 1<<62), kept(1<<62, 1000)}, false},
		{"at the end of all numbers", []wire.PatchItem{kept(1<<63-1, 1000)}, false},
		{"one number", []wire.PatchItem{{Bytes: []int64{1000}}}, false},
		{"neither", []wire.PatchItem{{Size: 1000}}, false},
	} {
		m := &wire.Manifest{Patch: tt.patch, Size: 1000, ChecksumSHA256: h, VersionID: "ver_1"}
		g := &fetch{file: planner.File{Size: 1000, Hash: h}}
		if _, err := partsOf(m, g, "ver_1"); (err == nil) != tt.ok || err != nil && !errors.Is(err, errServer) {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
	big := []wire.PatchItem{fresh(8<<20 + 1)}
	m := &wire.Manifest{Patch: big, Size: 8<<20 + 1, VersionID: "ver_1"}
	if _, err := partsOf(m, &fetch{file: planner.File{Size: 8<<20 + 1}}, "ver_1"); !errors.Is(err, errServer) {
		t.Errorf("a chunk that is too large: %v", err)
	}
	m = &wire.Manifest{Patch: []wire.PatchItem{kept(0, 1000)}, Size: 1000, VersionID: "ver_1"}
	if _, err := partsOf(m, &fetch{file: planner.File{Size: 1000}}, "ver_2"); !errors.Is(err, errServer) {
		t.Errorf("another version: %v", err)
	}
}
