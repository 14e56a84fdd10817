package transfer_test

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"scaidrive/httpd/wire"
)

const fetchRoute = "POST /sync/files/fetch"

// small makes a share of a few hundred small files and gives its tree.
func (w *world) small() string {
	src := filepath.Join(w.t.TempDir(), "tree")
	for i := range 300 {
		write(w.t, filepath.Join(src, fmt.Sprintf("d%d", i%7), fmt.Sprintf("f%03d", i)), random(uint64(i), i*11), 0o644)
	}
	write(w.t, filepath.Join(src, "run.sh"), []byte("#!/bin/sh\n"), 0o755)
	w.noProblems(w.put(src))
	return src
}

func TestSmallFilesComeTogether(t *testing.T) {
	w := newWorld(t)
	src, out := w.small(), t.TempDir()
	w.noProblems(w.get("/tree", out))
	same(t, disk(t, src), disk(t, filepath.Join(out, "tree")))
	noStrays(t, out)
	if n, one := w.srv.Count(fetchRoute), w.srv.Count("GET /files/{id}/content"); n > 3 || one > 0 {
		t.Errorf("%d requests for many, %d for one", n, one)
	}
	// A replaced file keeps its other permissions.
	path := filepath.Join(out, "tree", "d1", "f001")
	other := filepath.Join(out, "tree", "d2", "f002")
	for _, p := range []string{path, other} {
		write(t, p, []byte("something longer than it was before"), 0o600)
		if err := os.Chmod(p, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	w.noProblems(w.get("/tree", out))
	same(t, disk(t, src), disk(t, filepath.Join(out, "tree")))
	for _, p := range []string{path, other} {
		if fi, err := os.Stat(p); err != nil || fi.Mode().Perm() != 0o600 {
			t.Errorf("%v, %v", fi.Mode(), err)
		}
	}
}

// TestOddBatches: what a batch does not bring comes by itself; nothing is lost, and
// nothing that is not the content gets the name.
func TestOddBatches(t *testing.T) {
	every := func(n int64, f func(w http.ResponseWriter, f *wire.FileFrame, b *[]byte)) func(http.ResponseWriter, *wire.FileFrame, *[]byte) {
		var at atomic.Int64
		return func(rw http.ResponseWriter, fr *wire.FileFrame, b *[]byte) {
			if at.Add(1)%n == 0 {
				f(rw, fr, b)
			}
		}
	}
	for name, c := range map[string]struct {
		mangle func(http.ResponseWriter, *wire.FileFrame, *[]byte)
		wrong  bool // files are refused
	}{
		"damaged": {every(9, func(_ http.ResponseWriter, f *wire.FileFrame, b *[]byte) {
			*f, *b = wire.FileFrame{Index: f.Index, Status: 500}, nil
		}), false},
		"gone": {every(2, func(_ http.ResponseWriter, f *wire.FileFrame, b *[]byte) {
			*f, *b = wire.FileFrame{Index: f.Index, Status: 404}, nil
		}), false},
		"another size": {every(9, func(_ http.ResponseWriter, f *wire.FileFrame, b *[]byte) {
			*b = append(*b, "more"...)
			f.Size += 4
		}), false},
		"a size that lies": {every(50, func(_ http.ResponseWriter, f *wire.FileFrame, b *[]byte) { f.Size++ }), false},
		"cut": {every(40, func(rw http.ResponseWriter, f *wire.FileFrame, b *[]byte) {
			_, _ = rw.Write(append(f.AppendTo(nil), (*b)[:len(*b)/2]...))
			panic(http.ErrAbortHandler)
		}), false},
		"cut at the first": {func(rw http.ResponseWriter, _ *wire.FileFrame, _ *[]byte) {
			rw.(http.Flusher).Flush()
			panic(http.ErrAbortHandler)
		}, false},
		"nonsense": {every(60, func(_ http.ResponseWriter, f *wire.FileFrame, b *[]byte) { f.Index += 3 }), false},
		"other bytes": {every(20, func(_ http.ResponseWriter, f *wire.FileFrame, b *[]byte) {
			if len(*b) > 0 {
				(*b)[len(*b)-1] ^= 1
			}
		}), true},
	} {
		w := newWorld(t)
		src, out := w.small(), t.TempDir()
		w.srv.MangleFile = c.mangle
		s := w.get("/tree", out)
		want, got := disk(t, src), disk(t, filepath.Join(out, "tree"))
		if c.wrong {
			if len(s.Problems) == 0 || len(s.Problems) != len(want)-len(got) {
				t.Errorf("%s: %d problems, %d of %d are there", name, len(s.Problems), len(got), len(want))
			}
			for _, p := range s.Problems {
				if !strings.Contains(p.Reason, "checksum") {
					t.Errorf("%s: %v", name, p)
				}
			}
			for path := range want {
				if _, ok := got[path]; !ok {
					delete(want, path)
				}
			}
		} else {
			w.noProblems(s)
		}
		same(t, want, got)
		noStrays(t, out)
		if s.FilesNew+int64(len(s.Problems)) != 301 {
			t.Errorf("%s: %+v", name, s)
		}
	}
}

// TestOlderServer has no route for many files.
func TestOlderServer(t *testing.T) {
	w := newWorld(t)
	src, out := w.small(), t.TempDir()
	w.srv.Before = func(rw http.ResponseWriter, r *http.Request) bool {
		if !strings.HasSuffix(r.URL.Path, "/files/fetch") {
			return false
		}
		rw.WriteHeader(404)
		return true
	}
	w.noProblems(w.get("/tree", out))
	same(t, disk(t, src), disk(t, filepath.Join(out, "tree")))
}

func TestCancelledBatches(t *testing.T) {
	w := newWorld(t)
	w.small()
	out := t.TempDir()
	ctx, cancel := context.WithCancel(t.Context())
	var at atomic.Int64 // an answer may still be written after the end, so the hook stays
	w.srv.MangleFile = func(http.ResponseWriter, *wire.FileFrame, *[]byte) {
		if at.Add(1) == 100 {
			cancel()
		}
	}
	s, err := w.tryGet(ctx, "/tree", out)
	if err == nil {
		t.Fatalf("no error: %+v", s)
	}
	noStrays(t, out)
	w.noProblems(w.get("/tree", out))
}

// TestBatchesStayInside: a link that comes in the place of a file is replaced, not
// followed, and a folder is left.
func TestBatchesStayInside(t *testing.T) {
	w := newWorld(t)
	d := w.srv.Mkdir(w.share, "", "d")
	for i := range 5 {
		w.srv.Put(w.share, d.Entry.ID, fmt.Sprintf("f%d", i), []byte("new"), time.Now())
	}
	outside := filepath.Join(t.TempDir(), "outside")
	write(t, outside, []byte("keep"), 0o644)
	out := t.TempDir()
	var once atomic.Bool
	w.srv.MangleFile = func(http.ResponseWriter, *wire.FileFrame, *[]byte) {
		if once.CompareAndSwap(false, true) { // after the plan was made
			_ = os.Symlink(outside, filepath.Join(out, "d", "f1"))
			_ = os.MkdirAll(filepath.Join(out, "d", "f2", "x"), 0o777)
		}
	}
	s := w.get("/d", out)
	if len(s.Problems) != 1 || s.FilesNew != 4 {
		t.Errorf("%+v", s)
	}
	if b, _ := os.ReadFile(outside); string(b) != "keep" {
		t.Error("a file outside was written")
	}
	if fi, err := os.Lstat(filepath.Join(out, "d", "f1")); err != nil || !fi.Mode().IsRegular() {
		t.Errorf("%v, %v", fi, err)
	}
	noStrays(t, out)
}
