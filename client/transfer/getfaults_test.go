package transfer_test

import (
	"context"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"scaidrive/httpd/wire"
)

// TestHostileNames: whatever a server lists, nothing is written outside.
func TestHostileNames(t *testing.T) {
	names := []string{"", ".", "..", "../up", "a/b", "/etc/abs", `a\b`, "nul\x00", "new\nline", "..\\up",
		".scaidrive", ".scaidrive-part-x", strings.Repeat("x", 256)}
	for _, name := range names {
		for _, kind := range []string{wire.TypeFile, wire.TypeFolder} {
			w := newWorld(t)
			d := w.srv.Mkdir(w.share, "", "d")
			w.srv.Put(w.share, d.Entry.ID, "honest", []byte("h"), time.Now())
			evil := w.srv.Mkdir(w.share, d.Entry.ID, "evil")
			w.srv.Put(w.share, evil.Entry.ID, "inside", []byte("i"), time.Now())
			file := w.srv.Put(w.share, d.Entry.ID, "evilfile", []byte("e"), time.Now())
			w.srv.Mangle = func(tr *wire.Tree) {
				for i := range tr.Entries {
					e := &tr.Entries[i]
					if (kind == wire.TypeFolder && e.ID == evil.Entry.ID) || (kind == wire.TypeFile && e.ID == file.Entry.ID) {
						e.Name = name
					}
				}
			}
			top := t.TempDir()
			out := filepath.Join(top, "x", "out")
			if err := os.MkdirAll(out, 0o777); err != nil {
				t.Fatal(err)
			}
			s := w.get("/d", out)
			if len(s.Problems) != 1 {
				t.Errorf("%q: problems %v", name, s.Problems)
			}
			want := 4 // x/, x/out/, x/out/d/, x/out/d/honest
			if kind == wire.TypeFile {
				want += 2
			} else {
				want++
			}
			if got := disk(t, top); len(got) != want || got["x/out/d/honest"] == "" {
				t.Errorf("%q as %s left %v", name, kind, got)
			}
		}
	}
}

// TestTwinsFromTheServer: a name listed twice is placed once.
func TestTwinsFromTheServer(t *testing.T) {
	w := newWorld(t)
	d := w.srv.Mkdir(w.share, "", "d")
	w.srv.Put(w.share, d.Entry.ID, "one", []byte("1"), time.Now())
	w.srv.Put(w.share, d.Entry.ID, "two", []byte("2"), time.Now())
	w.srv.Mangle = func(tr *wire.Tree) {
		for i := range tr.Entries {
			if tr.Entries[i].Name == "two" {
				tr.Entries[i].Name = "ONE"
			}
		}
	}
	out := t.TempDir()
	if s := w.get("/d", out); len(s.Problems) != 1 || s.FilesNew != 1 {
		t.Errorf("%+v", s)
	}
}

// TestNonsenseListings are refused whole.
func TestNonsenseListings(t *testing.T) {
	for name, mangle := range map[string]func(*wire.Tree){
		"unknown parent": func(tr *wire.Tree) { p := "fld_nowhere"; tr.Entries[0].ParentID = &p },
		"no size":        func(tr *wire.Tree) { tr.Entries[0].Size = nil },
		"no checksum":    func(tr *wire.Tree) { tr.Entries[0].ChecksumSHA256 = nil },
		"negative":       func(tr *wire.Tree) { n := int64(-1); tr.Entries[0].Size = &n },
		"no ID":          func(tr *wire.Tree) { tr.Entries[0].ID = "" },
		"endless":        func(tr *wire.Tree) { tr.NextPageToken = "0" },
		"below a file": func(tr *wire.Tree) {
			p := tr.Entries[0].ID
			e := tr.Entries[0]
			e.ID, e.ParentID = "fil_other", &p
			tr.Entries = append(tr.Entries, e)
		},
	} {
		w := newWorld(t)
		d := w.srv.Mkdir(w.share, "", "d")
		w.srv.Put(w.share, d.Entry.ID, "one", []byte("1"), time.Now())
		w.srv.Mangle = mangle
		out := t.TempDir()
		if _, err := w.tryGet(t.Context(), "/d", out); err == nil {
			t.Errorf("%s: no error", name)
		}
		if got := disk(t, out); len(got) != 0 {
			t.Errorf("%s: left %v", name, got)
		}
	}
}

// TestLinksAreNotFollowed: a link in the target is neither followed nor replaced.
func TestLinksAreNotFollowed(t *testing.T) {
	w := newWorld(t)
	d := w.srv.Mkdir(w.share, "", "d")
	sub := w.srv.Mkdir(w.share, d.Entry.ID, "sub")
	w.srv.Put(w.share, sub.Entry.ID, "f", []byte("new"), time.Now())
	w.srv.Put(w.share, d.Entry.ID, "file", []byte("new"), time.Now())
	outside := t.TempDir()
	write(t, filepath.Join(outside, "f"), []byte("keep"), 0o644)
	out := t.TempDir()
	os.Mkdir(filepath.Join(out, "d"), 0o777)
	os.Symlink(outside, filepath.Join(out, "d", "sub"))
	os.Symlink(filepath.Join(outside, "f"), filepath.Join(out, "d", "file"))
	s := w.get("/d", out)
	if len(s.Problems) != 2 || s.FilesNew != 0 {
		t.Errorf("%+v", s)
	}
	if b, _ := os.ReadFile(filepath.Join(outside, "f")); string(b) != "keep" {
		t.Error("a file outside was written")
	}
}

// TestWrongContent: bytes that do not have the announced checksum never get the
// name, small or large.
func TestWrongContent(t *testing.T) {
	for _, size := range []int{10, 5 << 20} {
		w := newWorld(t)
		n := w.srv.Put(w.share, "", "f", random(1, size), time.Now())
		w.srv.Before = func(rw http.ResponseWriter, r *http.Request) bool {
			if !strings.HasSuffix(r.URL.Path, "/content") {
				return false
			}
			b := w.srv.Content(n)
			b[size/2] ^= 1
			rw.Header().Set("Content-Length", strconv.Itoa(size))
			rw.Write(b)
			return true
		}
		out := t.TempDir()
		s := w.get("/f", out)
		if len(s.Problems) != 1 || !strings.Contains(s.Problems[0].Reason, "checksum") {
			t.Errorf("%+v", s)
		}
		if got := disk(t, out); len(got) != 0 {
			t.Errorf("left %d files", len(got))
		}
	}
}

// TestBrokenDownloads: each body is cut off in the middle once or more; what has
// arrived of a large one is not fetched again.
func TestBrokenDownloads(t *testing.T) {
	w := newWorld(t)
	src := sample(t)
	w.put(src)
	w.srv.Before = firstOfEach(func(rw http.ResponseWriter, r *http.Request) bool {
		if !strings.HasSuffix(r.URL.Path, "/content") {
			return false
		}
		large := w.srv.Lookup(w.share, "tree/large")
		if strings.Contains(r.URL.Path, large.Entry.ID) && r.Header.Get("Range") == "" {
			b := w.srv.Content(large)
			rw.Header().Set("Content-Length", "18874368")
			rw.Write(b[:12<<20])
			panic(http.ErrAbortHandler)
		}
		panic(http.ErrAbortHandler)
	})
	out := t.TempDir()
	s := w.get("/tree", out)
	w.noProblems(s)
	if s.BytesReceived > s.BytesTotal+1<<20 {
		t.Errorf("received %d of %d", s.BytesReceived, s.BytesTotal)
	}
	same(t, disk(t, src), disk(t, filepath.Join(out, "tree")))
	noStrays(t, out)
}

// TestDamagedContent: content that breaks off in the middle and is then refused
// leaves nothing; the other files arrive.
func TestDamagedContent(t *testing.T) {
	w := newWorld(t)
	n := w.srv.Put(w.share, "", "bad", random(1, 6<<20), time.Now())
	w.srv.Put(w.share, "", "good", random(2, 6<<20), time.Now())
	w.srv.Before = func(rw http.ResponseWriter, r *http.Request) bool {
		if !strings.Contains(r.URL.Path, n.Entry.ID+"/content") {
			return false
		}
		if r.Header.Get("Range") == "" {
			rw.Header().Set("Content-Length", "6291456")
			rw.Write(w.srv.Content(n)[:5<<20])
			panic(http.ErrAbortHandler)
		}
		rw.WriteHeader(500)
		return true
	}
	out := t.TempDir()
	s := w.get("/", out)
	if len(s.Problems) != 1 || s.FilesNew != 1 {
		t.Errorf("%+v", s)
	}
	if got := disk(t, out); len(got) != 1 {
		t.Errorf("left %d files", len(got))
	}
}

// TestInterruptedGet: a get that is cut off leaves nothing that looks like a
// result, and the next one goes on.
func TestInterruptedGet(t *testing.T) {
	w := newWorld(t)
	content := random(1, 20<<20)
	n := w.srv.Put(w.share, "", "big", content, time.Now())
	ctx, cancel := context.WithCancel(t.Context())
	w.srv.Before = func(rw http.ResponseWriter, r *http.Request) bool {
		if !strings.HasSuffix(r.URL.Path, "/content") {
			return false
		}
		rw.Header().Set("Content-Length", "20971520")
		rw.Write(content[:12<<20])
		rw.(http.Flusher).Flush()
		time.AfterFunc(300*time.Millisecond, cancel)
		<-r.Context().Done()
		return true
	}
	out := t.TempDir()
	if _, err := w.tryGet(ctx, "/big", out); err == nil {
		t.Fatal("no error")
	}
	if _, err := os.Stat(filepath.Join(out, "big")); err == nil {
		t.Fatal("an unfinished file has the name")
	}
	w.srv.Before = nil
	// Strays of other runs go; what was begun is taken up.
	write(t, filepath.Join(out, ".scaidrive-part-dead"), []byte("x"), 0o644)
	write(t, filepath.Join(out, ".scaidrive-part-ver_OLD"), []byte("x"), 0o644)
	s := w.get("/big", out)
	w.noProblems(s)
	if s.BytesReceived > 9<<20 {
		t.Errorf("%d bytes came again", s.BytesReceived-8<<20)
	}
	if b, _ := os.ReadFile(filepath.Join(out, "big")); hashOf(string(b)) != hashOf(string(w.srv.Content(n))) {
		t.Error("the content is wrong")
	}
	noStrays(t, out)
	// A part that was spoilt meanwhile is noticed and thrown away.
	os.Remove(filepath.Join(out, "big"))
	write(t, filepath.Join(out, ".scaidrive-part-"+n.Entry.VersionID), random(2, 5<<20), 0o644)
	if s = w.get("/big", out); len(s.Problems) != 1 {
		t.Errorf("%+v", s)
	}
	w.noProblems(w.get("/big", out))
}
