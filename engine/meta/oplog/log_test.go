package oplog

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"reflect"
	"testing"

	"scaidrive/chunkstore/vfs"
)

func options(fsys vfs.FS) Options {
	return Options{FS: fsys, Dir: "oplog", Store: [16]byte{1, 2, 3}, SegmentSize: 4 << 10}
}

func open(t *testing.T, fsys vfs.FS, known uint64) *Log {
	t.Helper()
	l, err := Open(options(fsys), known)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

func create(t *testing.T, fsys vfs.FS) *Log {
	t.Helper()
	if err := Create(options(fsys), Genesis([16]byte{1, 2, 3})); err != nil {
		t.Fatal(err)
	}
	return open(t, fsys, 0)
}

func frame(rng *rand.Rand, i int) *Frame {
	f := &Frame{}
	for p := range rng.IntN(3) {
		f.Marks = append(f.Marks, Mark{Pack: uint32(p + 1), Length: int64(i)})
	}
	for k := range 1 + rng.IntN(5) {
		w := Write{Table: uint16(k/2 + 1), Key: fmt.Appendf(nil, "key %d", k), Delete: rng.IntN(4) == 0}
		if !w.Delete {
			w.Value = bytes.Repeat([]byte{byte(i)}, rng.IntN(300))
		}
		f.Writes = append(f.Writes, w)
	}
	return f
}

// clone keeps a frame beyond the callback.
func clone(f *Frame) Frame {
	c := Frame{LSN: f.LSN, Marks: append([]Mark(nil), f.Marks...)}
	for _, w := range f.Writes {
		c.Writes = append(c.Writes, Write{w.Table, bytes.Clone(w.Key), append([]byte(nil), w.Value...), w.Delete})
	}
	return c
}

func readAll(t *testing.T, l *Log, from Position) (out []Frame) {
	t.Helper()
	err := l.Read(context.Background(), from, func(f *Frame, at Position) error {
		if at.LSN != f.LSN {
			t.Errorf("position %d at frame %d", at.LSN, f.LSN)
		}
		out = append(out, clone(f))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// TestAppendReadReopen writes frames over many segments and reads them from
// every position.
func TestAppendReadReopen(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	m := vfs.NewMem()
	l := create(t, m)
	var want []Frame
	ends := []Position{l.End()}
	for i := range 120 {
		f := frame(rng, i)
		if i == 60 { // larger than a segment
			f.Writes = []Write{{Table: 9, Key: []byte("large"), Value: make([]byte, 10_000)}}
		}
		end, err := l.Append(f)
		if err != nil {
			t.Fatal(err)
		}
		want, ends = append(want, clone(f)), append(ends, end)
		if i%10 == 0 {
			if err := l.Prepare(); err != nil {
				t.Fatal(err)
			}
		}
		if i%25 == 0 {
			if err := l.Close(); err != nil {
				t.Fatal(err)
			}
			l = open(t, m, uint64(i))
		}
	}
	for n, at := range ends {
		if got := readAll(t, l, at); len(got) != len(want)-n || n < len(want) && !reflect.DeepEqual(want[n:], got) {
			t.Fatalf("from %d: other frames were read", n)
		}
	}
	wrong := ends[50]
	wrong.Chain[3] ^= 1
	if err := l.Read(context.Background(), wrong, func(*Frame, Position) error { return nil }); !errors.Is(err, ErrDiverged) {
		t.Fatalf("from another history: %v", err)
	}
	n, err := l.Trim(70)
	if err != nil || n == 0 || l.Start().LSN > 70 || l.Start().LSN == 0 {
		t.Fatal(n, err, l.Start().LSN)
	}
	if !reflect.DeepEqual(want[70:], readAll(t, l, ends[70])) {
		t.Fatal("other frames were read after the trim")
	}
	if err := l.Read(context.Background(), ends[3], func(*Frame, Position) error { return nil }); !errors.As(err, new(*DamageError)) {
		t.Fatalf("from before the log's start: %v", err)
	}
}

// TestTornTail cuts the last frame at every length: it is gone, what is before
// it is there, and the next append goes on; what the database has is never cut.
func TestTornTail(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 1))
	m := vfs.NewMem()
	l := create(t, m)
	for i := range 3 {
		if _, err := l.Append(frame(rng, i)); err != nil {
			t.Fatal(err)
		}
	}
	from := l.off
	last := frame(rng, 9)
	if _, err := l.Append(last); err != nil {
		t.Fatal(err)
	}
	to := l.off
	l.Close()
	for keep := from; keep < to-8; keep++ {
		c := m.Kill()
		f, err := c.OpenRW("oplog/" + segmentName(1))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.WriteAt(make([]byte, to-keep), keep); err != nil {
			t.Fatal(err)
		}
		f.Close()
		if _, err := Open(options(c), 4); !errors.As(err, new(*DamageError)) {
			t.Fatalf("kept %d bytes of a frame that the database has: %v", keep-from, err)
		}
		cut := open(t, c, 3)
		end := cut.End().LSN
		if end == 4 && keep > to-12 { // zeros at the end of the check
			continue
		}
		if end != 3 || cut.Cut() == 0 != (keep <= from) {
			t.Fatalf("kept %d bytes: end %d, cut %d", keep-from, end, cut.Cut())
		}
		if _, err := cut.Append(&Frame{Writes: []Write{{Table: 1, Key: []byte("k")}}}); err != nil {
			t.Fatal(err)
		}
		cut.Close()
		if got := readAll(t, open(t, c, 4), Genesis([16]byte{1, 2, 3})); len(got) != 4 || len(got[3].Writes) != 1 {
			t.Fatalf("kept %d bytes: %d frames", keep-from, len(got))
		}
	}
}

// TestForgedFrameInValue: a value that looks like a whole frame is not taken for
// one when the frame around it is torn.
func TestForgedFrameInValue(t *testing.T) {
	m := vfs.NewMem()
	l := create(t, m)
	forged, _ := appendFrame(nil, &Frame{LSN: 7, Writes: []Write{{Table: 1, Key: []byte("x")}}}, kindCommit, Chain{}, Chain{})
	off := l.off
	if _, err := l.Append(&Frame{Writes: []Write{{Table: 1, Key: []byte("k"), Value: forged}}}); err != nil {
		t.Fatal(err)
	}
	l.Close()
	f, err := m.OpenRW("oplog/" + segmentName(1))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteAt([]byte{0xff}, off+9); err != nil {
		t.Fatal(err)
	}
	f.Close()
	if l := open(t, m, 0); l.End().LSN != 0 || l.Cut() == 0 {
		t.Fatal(l.End())
	}
}

func TestCreateRefusesWhatIsThere(t *testing.T) {
	m := vfs.NewMem()
	if _, err := Open(options(m), 0); !errors.Is(err, ErrMissing) {
		t.Fatal(err)
	}
	l := create(t, m)
	l.Close()
	if err := Create(options(m), Position{}); !errors.Is(err, fs.ErrExist) {
		t.Fatal(err)
	}
	o := options(m)
	o.Store[0]++
	if _, err := Open(o, 0); !errors.As(err, new(*DamageError)) {
		t.Fatalf("another store's log: %v", err)
	}
}

// TestFrameSurvivesEveryFlip: no bit of a frame can change unnoticed.
func TestFrameSurvivesEveryFlip(t *testing.T) {
	seed := Chain{1}
	b, _ := appendFrame(nil, frame(rand.New(rand.NewPCG(3, 1)), 3), kindCommit, Chain{2}, seed)
	for bit := range 8 * len(b) {
		b[bit/8] ^= 1 << (bit % 8)
		if _, err := decodeFrame(b, seed); err == nil {
			t.Fatalf("bit %d of byte %d of %d", bit%8, bit/8, len(b))
		}
		b[bit/8] ^= 1 << (bit % 8)
	}
	h := encodeSegment([16]byte{1}, segmentInfo{number: 1, first: 1, size: 4096})
	for bit := range 8 * len(h) {
		h[bit/8] ^= 1 << (bit % 8)
		if _, err := decodeSegment(h, [16]byte{1}); err == nil {
			t.Fatalf("header: bit %d of byte %d", bit%8, bit/8)
		}
		h[bit/8] ^= 1 << (bit % 8)
	}
}

// FuzzDecodeFrame: whatever decodes encodes to the same bytes again. The check
// is mended first, or the fuzzer would never get behind it.
func FuzzDecodeFrame(f *testing.F) {
	rng := rand.New(rand.NewPCG(4, 1))
	for i := range 4 {
		b, _ := appendFrame(nil, frame(rng, i), kindCommit, Chain{}, Chain{})
		f.Add(b)
	}
	end, _ := appendFrame(nil, &Frame{LSN: 3}, kindEnd, Chain{}, Chain{})
	f.Add(end)
	f.Add(make([]byte, 300))
	f.Fuzz(func(t *testing.T, b []byte) {
		b = mend(bytes.Clone(b))
		d, err := decodeFrame(b, Chain{})
		if err != nil {
			return
		}
		again, check := appendFrame(nil, &d.Frame, d.kind, d.prev, Chain{})
		if !bytes.Equal(again[:min(len(again), d.size)], b[:d.size]) || check != d.check {
			t.Fatalf("decoded %+v, encodes to other bytes", d.Frame)
		}
		wholeAfter(b, 0, Chain{})
	})
}

// mend puts the right check behind the payload that the header names.
func mend(b []byte) []byte {
	if len(b) < frameHeader+frameCheck || string(b[:4]) != frameMagic {
		return b
	}
	n := uint64(b[22])<<8 | uint64(b[23])
	if n > uint64(len(b)-frameHeader-frameCheck) {
		return b
	}
	c := sum(Chain{}, b[:frameHeader+n])
	copy(b[frameHeader+n:], c[:])
	return b
}

func FuzzDecodeSegment(f *testing.F) {
	f.Add(encodeSegment([16]byte{1}, segmentInfo{number: 1, first: 1, size: 4096}))
	f.Add(make([]byte, segmentHeader))
	f.Fuzz(func(t *testing.T, b []byte) {
		if s, err := decodeSegment(b, [16]byte{1}); err == nil && !bytes.Equal(encodeSegment([16]byte{1}, s), b[:segmentHeader]) {
			t.Fatalf("%+v", s)
		}
	})
}
