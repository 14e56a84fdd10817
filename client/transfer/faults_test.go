package transfer_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"scaidrive/client"
	"scaidrive/httpd/wire"
)

// TestLostAnswers loses the n-th answer of each route, one at a time, until none
// is lost any more: the tree arrives whole each time, and exactly once.
func TestLostAnswers(t *testing.T) {
	for _, route := range []string{"/sync/apply", "/sync/chunks", "/sync/chunks/query", "/folders/"} {
		t.Run(strings.ReplaceAll(route, "/", "-"), func(t *testing.T) {
			for n := int64(1); ; n++ {
				w := newWorld(t)
				src := sample(t)
				var seen, lost atomic.Int64
				w.srv.Lose = func(r *http.Request) bool {
					if strings.HasPrefix(strings.TrimPrefix(r.URL.Path, wire.Prefix), route) && seen.Add(1) == n {
						lost.Add(1)
						return true
					}
					return false
				}
				s := w.put(src)
				w.noProblems(s)
				if s.FilesNew != 48 {
					t.Fatalf("answer %d lost: %+v", n, s)
				}
				w.srv.Lose = nil
				out := t.TempDir()
				w.get("/tree", out)
				same(t, disk(t, src), disk(t, filepath.Join(out, "tree")))
				if n := w.srv.Lookup(w.share, "tree/large"); len(n.Versions) != 1 {
					t.Errorf("%d versions of one put", len(n.Versions))
				}
				if lost.Load() == 0 || n >= 2 {
					return
				}
			}
		})
	}
}

// TestUnavailableIsWaitedFor: 503 with Retry-After is asked again.
func TestUnavailableIsWaitedFor(t *testing.T) {
	w := newWorld(t)
	w.srv.Before = firstOfEach(func(rw http.ResponseWriter, r *http.Request) bool {
		rw.Header().Set("Retry-After", "1")
		rw.WriteHeader(503)
		return true
	})
	src := sample(t)
	w.noProblems(w.put(src))
	out := t.TempDir()
	w.noProblems(w.get("/tree", out))
	same(t, disk(t, src), disk(t, filepath.Join(out, "tree")))
}

// TestMissingChunksAreSent: the server forgets everything and loses half of the
// chunks between their arrival and the commit, as a restart might; what it lost
// is sent, what it has is proven.
func TestMissingChunksAreSent(t *testing.T) {
	w := newWorld(t)
	src := sample(t)
	var once atomic.Bool
	w.srv.Before = func(_ http.ResponseWriter, r *http.Request) bool {
		if strings.HasSuffix(r.URL.Path, "/sync/apply") && w.srv.Uploaded() > 17<<20 && once.CompareAndSwap(false, true) {
			w.srv.Forget(func(h wire.Hash) bool { return h[0]&1 == 0 })
		}
		return false
	}
	s := w.put(src)
	w.noProblems(s)
	if !once.Load() || s.FilesNew != 48 {
		t.Fatalf("%+v", s)
	}
	// The large file's other half is proven; small ones are sent again.
	if extra := s.BytesSent - s.BytesTotal; extra <= 0 || extra > s.BytesTotal*3/4 {
		t.Errorf("%d of %d bytes were sent again", extra, s.BytesTotal)
	}
	out := t.TempDir()
	w.get("/tree", out)
	same(t, disk(t, src), disk(t, filepath.Join(out, "tree")))
}

// TestInterruptedPutGoesOn cuts a put at each of its requests: the next one
// finishes it and sends only what is not there, also when the server was
// restarted in between.
func TestInterruptedPutGoesOn(t *testing.T) {
	src := filepath.Join(t.TempDir(), "big")
	write(t, filepath.Join(src, "huge"), random(6, 64<<20), 0o644)
	for _, restart := range []bool{false, true} {
		for cut := int64(2); ; cut += 9 {
			w := newWorld(t)
			ctx, cancel := context.WithCancel(t.Context())
			var n atomic.Int64
			w.srv.Before = func(http.ResponseWriter, *http.Request) bool {
				if n.Add(1) == cut {
					cancel()
				}
				return false
			}
			_, err := w.tryPut(ctx, src)
			cancel()
			if err == nil {
				break
			}
			w.srv.Before = nil
			sent := w.srv.Uploaded()
			if restart {
				w.srv.Forget(nil)
			}
			s := w.put(src)
			w.noProblems(s)
			// What was under way when it was cut may not have been noted.
			slack := int64(0)
			if restart {
				slack = 40 << 20 // a put has 32 MiB under way, and what a request carries beyond
			}
			if again := s.BytesSent - (s.BytesTotal - sent); again > slack {
				t.Errorf("cut at %d (restart %v): %d bytes there, %d of %d sent", cut, restart, sent, s.BytesSent, s.BytesTotal)
			}
		}
	}
}

// TestChangedMeanwhile: a version that the listing did not see is not replaced.
func TestChangedMeanwhile(t *testing.T) {
	w := newWorld(t)
	src := filepath.Join(t.TempDir(), "s")
	write(t, filepath.Join(src, "old"), []byte("mine, old"), 0o644)
	w.put(src)
	write(t, filepath.Join(src, "old"), []byte("mine, newer"), 0o644)
	write(t, filepath.Join(src, "new"), []byte("mine"), 0o644)
	folder := w.srv.Lookup(w.share, "s").Entry.ID
	var once atomic.Bool
	w.srv.Before = func(_ http.ResponseWriter, r *http.Request) bool {
		if strings.HasSuffix(r.URL.Path, "/sync/apply") && once.CompareAndSwap(false, true) {
			w.srv.Put(w.share, folder, "old", []byte("theirs"), time.Now())
			w.srv.Put(w.share, folder, "new", []byte("theirs"), time.Now())
		}
		return false
	}
	s := w.put(src)
	if len(s.Problems) != 2 || s.Done() != 0 {
		t.Fatalf("%+v", s)
	}
	for _, name := range []string{"old", "new"} {
		if b := w.srv.Content(w.srv.Lookup(w.share, "s/"+name)); string(b) != "theirs" {
			t.Errorf("%s was replaced by %q", name, b)
		}
	}
	if s = w.put(src); s.FilesUpdated != 2 {
		t.Errorf("run again: %+v", s)
	}
}

// TestFileGrowsWhileRead: what is committed is the content of one moment.
func TestFileGrowsWhileRead(t *testing.T) {
	w := newWorld(t)
	path := filepath.Join(t.TempDir(), "log")
	write(t, path, random(1, 90<<20), 0o644)
	var grow func()
	w.srv.Before = func(_ http.ResponseWriter, r *http.Request) bool {
		if strings.HasSuffix(r.URL.Path, "/sync/chunks") && grow != nil {
			grow()
		}
		return false
	}
	var left atomic.Int64
	left.Store(1)
	grow = func() {
		if left.Add(-1) < 0 {
			return
		}
		f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
		if err != nil {
			t.Error(err)
			return
		}
		defer f.Close()
		f.WriteString("one more line\n")
	}
	s := w.put(path)
	w.noProblems(s)
	want, _ := os.ReadFile(path)
	if got := w.srv.Content(w.srv.Lookup(w.share, "log")); !bytes.Equal(got, want) {
		t.Errorf("the server has %d bytes, the file %d", len(got), len(want))
	}
}

// TestLostServer: without a server the put ends with an error, in bounded time.
func TestLostServer(t *testing.T) {
	w := newWorld(t)
	src := sample(t)
	var n atomic.Int64
	w.srv.Before = func(http.ResponseWriter, *http.Request) bool {
		if n.Add(1) > 4 {
			panic(http.ErrAbortHandler)
		}
		return false
	}
	if s, err := w.tryPut(t.Context(), src); err == nil || !strings.Contains(err.Error(), "no connection") {
		t.Errorf("%+v, %v", s, err)
	}
}

// TestSpoiltChunks: chunks that arrive as other bytes are noticed.
func TestSpoiltChunks(t *testing.T) {
	w := newWorld(t)
	w.srv.Before = func(rw http.ResponseWriter, r *http.Request) bool {
		if !strings.HasSuffix(r.URL.Path, "/sync/chunks") {
			return false
		}
		fmt.Fprint(rw, `{"chunks":[]}`)
		return true
	}
	if _, err := w.tryPut(t.Context(), sample(t)); err == nil || !strings.Contains(err.Error(), "other bytes") {
		t.Errorf("got %v", err)
	}
}

// TestQuota: what the server refuses of all files is the error of the put.
func TestQuota(t *testing.T) {
	w := newWorld(t)
	var once atomic.Bool
	w.srv.Before = func(rw http.ResponseWriter, r *http.Request) bool {
		if strings.HasSuffix(r.URL.Path, "/sync/chunks") && once.CompareAndSwap(false, true) {
			rw.WriteHeader(507)
			fmt.Fprint(rw, `{"detail":"The share's quota would be exceeded"}`)
			return true
		}
		return false
	}
	_, err := w.tryPut(t.Context(), sample(t))
	if client.StatusOf(err) != 507 || !strings.Contains(err.Error(), "quota") {
		t.Errorf("got %v", err)
	}
}

// TestReplacedBetweenScanAndRead: what has become a link or a pipe since it was
// listed is not followed or waited for, wherever it leads.
func TestReplacedBetweenScanAndRead(t *testing.T) {
	w := newWorld(t)
	src := filepath.Join(t.TempDir(), "s")
	secret := filepath.Join(t.TempDir(), "secret")
	write(t, secret, []byte("not yours"), 0o644)
	for _, name := range []string{"out", "in", "pipe", "dir", "good", "folder/f"} {
		write(t, filepath.Join(src, name), []byte("text"), 0o644)
	}
	write(t, filepath.Join(filepath.Dir(secret), "f"), []byte("not yours"), 0o644)
	var once atomic.Bool
	w.srv.Before = func(_ http.ResponseWriter, r *http.Request) bool {
		if !strings.HasSuffix(r.URL.Path, "/sync/apply") || !once.CompareAndSwap(false, true) {
			return false
		}
		for _, name := range []string{"out", "in", "pipe", "dir", "folder/f", "folder"} {
			if err := os.Remove(filepath.Join(src, name)); err != nil {
				t.Error(err)
			}
		}
		for name, target := range map[string]string{"out": secret, "in": "good", "folder": filepath.Dir(secret)} {
			if err := os.Symlink(target, filepath.Join(src, name)); err != nil {
				t.Error(err)
			}
		}
		if err := errors.Join(makePipe(filepath.Join(src, "pipe")), os.Mkdir(filepath.Join(src, "dir"), 0o755)); err != nil {
			t.Error(err)
		}
		return false
	}
	s := w.put(src)
	if s.FilesNew != 1 || len(s.Problems) != 5 {
		t.Errorf("%+v", s)
	}
	for _, name := range []string{"out", "in", "pipe", "dir", "folder/f"} {
		if n := w.srv.Lookup(w.share, "s/"+name); n != nil {
			t.Errorf("%s was sent: %q", name, w.srv.Content(n))
		}
	}
}
