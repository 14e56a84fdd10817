package preview

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"image"
	"image/color"
	_ "image/jpeg"
	"io"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"

	"scaidrive/engine"
)

func asEngine(err error) *engine.Error {
	e, _ := errors.AsType[*engine.Error](err)
	return e
}

func TestThumbnail(t *testing.T) {
	s := newService(t, Options{})
	for _, c := range []struct {
		name  string
		file  []byte
		size  int
		media string
		want  image.Point
	}{
		{"photo", photo(1200, 800), SizeTile, "image/jpeg", image.Pt(256, 171)},
		{"tall", photo(30, 3000), SizeScreen, "image/jpeg", image.Pt(10, 1024)},
		{"small stays", photo(40, 20), SizeIcon, "image/jpeg", image.Pt(40, 20)},
		{"opaque", plain(500, 500, color.Black), SizeIcon, "image/jpeg", image.Pt(64, 64)},
		{"transparent", plain(500, 250, color.NRGBA{200, 0, 0, 100}), SizeIcon, "image/png", image.Pt(64, 32)},
	} {
		t.Run(c.name, func(t *testing.T) {
			b, media, err := s.Thumbnail(t.Context(), sha256.Sum256(c.file), c.size, from(c.file))
			if err != nil {
				t.Fatal(err)
			}
			m, _, err := image.Decode(bytes.NewReader(b))
			if err != nil || media != c.media || m.Bounds().Size() != c.want {
				t.Fatalf("%s %v %v, want %s %v", media, m.Bounds(), err, c.media, c.want)
			}
		})
	}
}

// TestMadeOnce: the second caller is served from disk, in this life and the next.
func TestMadeOnce(t *testing.T) {
	dir, file := t.TempDir(), photo(300, 300)
	s := newServiceAt(t, dir, Options{})
	first, err := page(t, s, file, 1, SizeIcon)
	if err != nil {
		t.Fatal(err)
	}
	s.Close()
	s = newServiceAt(t, dir, Options{})
	again, err := s.Page(t.Context(), sha256.Sum256(file), 1, SizeIcon, func(io.Writer) error {
		t.Error("the file was read again")
		return nil
	})
	if err != nil || !bytes.Equal(first.Bytes, again.Bytes) || again.Pages != 1 {
		t.Fatalf("not the same rendition: %v", err)
	}
}

// TestTogether: many who want the same at once start one child.
func TestTogether(t *testing.T) {
	s := newService(t, Options{Workers: 2})
	file := photo(800, 600)
	var opened atomic.Int64
	var wg sync.WaitGroup
	for range 30 {
		wg.Go(func() {
			_, err := s.Page(t.Context(), sha256.Sum256(file), 1, SizeTile, func(w io.Writer) error {
				opened.Add(1)
				return from(file)(w)
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if opened.Load() != 1 || s.renders.Load() != 1 {
		t.Fatalf("%d streams, %d children, want one", opened.Load(), s.renders.Load())
	}
}

// TestWorkersAndQueue: no more children than workers, no more waiting than allowed.
func TestWorkersAndQueue(t *testing.T) {
	s := newService(t, Options{Workers: 1, Queue: 2})
	hold, inside := make(chan struct{}), make(chan struct{}, 10)
	var most, now atomic.Int64
	var wg sync.WaitGroup
	ask := func(n byte) {
		wg.Go(func() {
			_, err := s.Page(t.Context(), [32]byte{n}, 1, SizeIcon, func(w io.Writer) error {
				most.Store(max(most.Load(), now.Add(1)))
				defer now.Add(-1)
				inside <- struct{}{}
				<-hold
				return from(photo(100, 100))(w)
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	for n := range byte(3) {
		ask(n)
	}
	<-inside
	for { // until the other two have come in
		s.mu.Lock()
		n := s.asked
		s.mu.Unlock()
		if n == 3 {
			break
		}
		runtime.Gosched()
	}
	_, err := s.Page(t.Context(), [32]byte{9}, 1, SizeIcon, from(nil))
	wantKind(t, err, engine.KindUnavailable, "too many")
	close(hold)
	wg.Wait()
	if most.Load() != 1 {
		t.Fatalf("%d at work at once", most.Load())
	}
}

func TestCallersMistakes(t *testing.T) {
	s := newService(t, Options{})
	file := photo(10, 10)
	_, err := page(t, s, file, 1, 100)
	wantKind(t, err, engine.KindInvalid, "size must be")
	_, err = page(t, s, file, 0, SizeIcon)
	wantKind(t, err, engine.KindNotFound, "page")
	_, err = page(t, s, file, 2, SizeIcon)
	wantKind(t, err, engine.KindNotFound, "page")
	_, err = page(t, s, []byte("only words"), 1, SizeIcon)
	wantKind(t, err, engine.KindInvalid, "kind of file")
	_, err = page(t, s, nil, 1, SizeIcon)
	wantKind(t, err, engine.KindInvalid, "kind of file")
}

// TestBrokenStream: what was cut off is not drawn, not kept, and the reason is told.
func TestBrokenStream(t *testing.T) {
	s := newService(t, Options{})
	file := photo(600, 600)
	bad := engine.E(engine.KindDamaged, "a chunk is gone")
	for _, n := range []int{0, 10, 2000, len(file) - 1, len(file)} {
		_, err := s.Page(t.Context(), sha256.Sum256(file), 1, SizeIcon, func(w io.Writer) error {
			if _, err := w.Write(file[:n]); err != nil {
				return err
			}
			return bad
		})
		wantKind(t, err, engine.KindDamaged, "a chunk is gone")
	}
	if _, err := page(t, s, file, 1, SizeIcon); err != nil {
		t.Fatalf("after the broken streams: %v", err)
	}
}

// TestGivenUp: a caller that leaves takes its child along, and one that waits for
// another's does not suffer.
func TestGivenUp(t *testing.T) {
	s := newService(t, Options{Workers: 1})
	file := photo(600, 600)
	ctx, cancel := context.WithCancel(t.Context())
	inside, follow := make(chan struct{}), make(chan error, 1)
	go func() {
		<-inside
		go func() {
			_, err := page(t, s, file, 1, SizeIcon)
			follow <- err
		}()
		cancel()
	}()
	_, err := s.Page(ctx, sha256.Sum256(file), 1, SizeIcon, func(w io.Writer) error {
		if _, err := w.Write(file[:5000]); err != nil {
			return err
		}
		close(inside)
		<-ctx.Done()
		return ctx.Err()
	})
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("%v, want the context's error", err)
	}
	if err := <-follow; err != nil {
		t.Fatalf("the one who waited: %v", err)
	}
}

// TestClose ends a child at work and refuses what comes later.
func TestClose(t *testing.T) {
	s := newService(t, Options{})
	file := photo(600, 600)
	inside, out := make(chan struct{}), make(chan error, 1)
	go func() {
		_, err := s.Page(context.Background(), sha256.Sum256(file), 1, SizeIcon, func(w io.Writer) error {
			if _, err := w.Write(file[:5000]); err != nil {
				return err
			}
			close(inside)
			for { // a stream without an end: only the child's can end it
				if _, err := w.Write(make([]byte, 1000)); err != nil {
					return err
				}
			}
		})
		out <- err
	}()
	<-inside
	s.Close()
	wantKind(t, <-out, engine.KindUnavailable, "")
	_, err := page(t, s, file, 1, SizeIcon)
	wantKind(t, err, engine.KindUnavailable, "shutting down")
}

// TestNoRenderer: without the binary there are no previews, and that is all.
func TestNoRenderer(t *testing.T) {
	s := New(t.TempDir(), "/nonexistent/scaidrive", Options{})
	defer s.Close()
	file := photo(100, 100)
	_, err := page(t, s, file, 1, SizeIcon)
	wantKind(t, err, engine.KindUnavailable, "does not start")
}
