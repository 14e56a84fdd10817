package oplog

import (
	"context"
	"errors"
	"math/rand/v2"
	"testing"

	"scaidrive/chunkstore/vfs"
)

// TestStopped flips a bit in each byte of the last segment after an orderly
// stop: Open refuses, or Check finds it, or it stands behind the last frame and is cut;
// where Open takes the log, it ends where it ended.
func TestStopped(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 1))
	m := vfs.NewMem()
	l := create(t, m)
	for i := range 40 {
		if _, err := l.Append(frame(rng, i)); err != nil {
			t.Fatal(err)
		}
	}
	end, off, name := l.End(), l.off, l.path(segmentName(l.segments[len(l.segments)-1].number))
	if first := l.segments[len(l.segments)-1].first; first == 1 || end.LSN-first < 3 {
		t.Fatalf("the last segment begins with frame %d of %d", first, end.LSN)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	whole, err := vfs.ReadFile(m, name)
	if err != nil {
		t.Fatal(err)
	}
	stopped := func(b []byte) (*Log, error) {
		f, err := m.OpenRW(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.WriteAt(b, 0); err != nil {
			t.Fatal(err)
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
		o := options(m)
		o.Stopped = end.LSN
		return Open(o, end.LSN)
	}
	checked := 0
	for at := -1; at < len(whole); at++ {
		b := append([]byte(nil), whole...)
		if at >= 0 {
			b[at] ^= 1 << rng.IntN(8)
		}
		l, err := stopped(b)
		if err != nil {
			if at < 0 || !errors.As(err, new(*DamageError)) {
				t.Fatalf("byte %d: open: %v", at, err)
			}
			continue
		}
		err = l.Check(context.Background())
		switch {
		case l.End() != end || l.off != off:
			t.Errorf("byte %d: the log ends with frame %d at %d", at, l.End().LSN, l.off)
		case at >= 0 && at < int(off) && !errors.As(err, new(*DamageError)):
			t.Errorf("byte %d: not noticed: %v", at, err)
		case (at < 0 || at >= int(off)) && err != nil:
			t.Errorf("byte %d: %v", at, err)
		case at >= int(off) != (l.Cut() > 0):
			t.Errorf("byte %d: %d bytes were cut", at, l.Cut())
		case err != nil:
			checked++
		}
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if checked < 100 {
		t.Errorf("%d flips were left to Check", checked)
	}
	// Another end than was noted is read as ever, and the log goes on.
	for _, lsn := range []uint64{1, end.LSN - 1, end.LSN + 1} {
		if _, err := stopped(whole); err != nil {
			t.Fatal(err)
		}
		o := options(m)
		o.Stopped = lsn
		l, err := Open(o, min(lsn, end.LSN))
		if err != nil || l.End() != end {
			t.Fatalf("stopped at %d: %v", lsn, err)
		}
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if l, err = stopped(whole); err != nil {
		t.Fatal(err)
	}
	if _, err := l.Append(frame(rng, 41)); err != nil {
		t.Fatal(err)
	}
	if err := l.Check(context.Background()); err != nil {
		t.Fatalf("check beside an append: %v", err)
	}
	if got := readAll(t, l, Genesis([16]byte{1, 2, 3})); len(got) != 41 {
		t.Fatalf("%d frames", len(got))
	}
}
