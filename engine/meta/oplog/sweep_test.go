package oplog

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"testing"

	"scaidrive/chunkstore/vfs"
)

// stoppedLog makes a log in one segment that was closed with its last frame at end;
// off is where the next one would go.
func stoppedLog(t *testing.T, m vfs.FS) (o Options, end Position, off int64) {
	t.Helper()
	o = options(m)
	o.SegmentSize = 256 << 10
	if err := Create(o, Genesis(o.Store)); err != nil {
		t.Fatal(err)
	}
	l, err := Open(o, 0)
	if err != nil {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(5, 1))
	for i := range 12 {
		if _, err := l.Append(frame(rng, i)); err != nil {
			t.Fatal(err)
		}
	}
	end, off = l.End(), l.off
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	o.Stopped = end.LSN
	return o, end, off
}

func patch(t *testing.T, m vfs.FS, name string, b []byte, off int64) {
	t.Helper()
	f, err := m.OpenRW(name)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteAt(b, off); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}

// TestStoppedWritesNothing: Open after an orderly stop changes and syncs nothing, and
// reads hardly more than the frames.
func TestStoppedWritesNothing(t *testing.T) {
	m := vfs.NewFault(vfs.NewMem())
	o, end, off := stoppedLog(t, m)
	m.Inject(vfs.Rule{Ops: vfs.OpMutating, From: true})
	reads := func() (n int) {
		for _, c := range m.Counts() {
			if c.Op == vfs.OpRead {
				n += c.N
			}
		}
		return n
	}
	before := reads()
	l, err := Open(o, end.LSN)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if l.End() != end || l.off != off {
		t.Fatalf("the log ends with frame %d at %d", l.End().LSN, l.off)
	}
	if n := reads() - before; n > 4 {
		t.Errorf("%d reads", n)
	}
}

// TestSweep puts something far behind the last frame of a stopped log, where Open
// does not look: the first append and the check find it. Whole frames are damage, and
// nothing is written over them; anything else is cut.
func TestSweep(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 2))
	for _, c := range []struct {
		name   string
		behind int64 // distance from the last frame
		lsn    uint64
		damage bool
	}{
		{"a frame behind a hole", 2 * glance, 1, true},
		{"a frame in the last window", 200 << 10, 9, true},
		{"a bit", 3 * glance, 0, false},
		{"the last byte", -1, 0, false},
	} {
		for _, first := range []string{"append", "check", "sweep"} {
			t.Run(c.name+"/"+first, func(t *testing.T) {
				m := vfs.NewMem()
				o, end, off := stoppedLog(t, m)
				name, at := "oplog/"+segmentName(1), off+c.behind
				if c.behind < 0 {
					at = o.SegmentSize + c.behind
				}
				b := []byte{4}
				if c.lsn > 0 {
					f := frame(rng, 40)
					f.LSN = end.LSN + c.lsn
					b, _ = appendFrame(nil, f, kindCommit, end.Chain, Genesis(o.Store).Chain)
				}
				patch(t, m, name, b, at)
				l, err := Open(o, end.LSN)
				if err != nil || l.End() != end {
					t.Fatalf("open: %v", err)
				}
				defer l.Close()
				switch first {
				case "append":
					_, err = l.Append(frame(rng, 41))
				case "check":
					err = l.Check(t.Context())
				case "sweep":
					err = l.Sweep()
				}
				if c.damage {
					if !errors.As(err, new(*DamageError)) || l.Failed() == nil {
						t.Errorf("not noticed: %v", err)
					}
					if _, err := l.Append(frame(rng, 42)); !errors.Is(err, ErrFailed) {
						t.Errorf("another append: %v", err)
					}
					if whole, _ := vfs.ReadFile(m, name); !bytes.Equal(whole[at:][:len(b)], b) || !allZero(whole[off:at]) {
						t.Error("the log was written to")
					}
					return
				}
				if err != nil || l.Cut() == 0 {
					t.Fatalf("%d bytes cut, %v", l.Cut(), err)
				}
				if _, err := l.Append(frame(rng, 42)); err != nil {
					t.Fatal(err)
				}
				if whole, _ := vfs.ReadFile(m, name); !allZero(whole[l.off:]) {
					t.Error("what was behind is still there")
				}
			})
		}
	}
}

// TestSweepUnreadable: while what is behind the last frame cannot be read, nothing is
// appended.
func TestSweepUnreadable(t *testing.T) {
	m := vfs.NewFault(vfs.NewMem())
	o, end, _ := stoppedLog(t, m)
	l, err := Open(o, end.LSN)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	m.Inject(vfs.Rule{Ops: vfs.OpRead, From: true})
	if _, err := l.Append(frame(rand.New(rand.NewPCG(5, 3)), 1)); !errors.Is(err, ErrFailed) {
		t.Errorf("append: %v", err)
	}
}
