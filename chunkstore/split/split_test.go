package split_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"io"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"scaidrive/chunkstore/split"
)

// lengths cuts data in one piece by the pure function.
func lengths(set split.Set, data []byte) []int {
	var out []int
	for len(data) > 0 {
		n := set.Cut(data, true)
		out = append(out, n)
		data = data[n:]
	}
	return out
}

// stream cuts a reader by the Splitter and checks that the pieces make up want.
func stream(t testing.TB, s *split.Splitter, want []byte) []int {
	t.Helper()
	var out []int
	for off := 0; ; {
		c, err := s.NextHashed()
		if err == io.EOF {
			if off != len(want) {
				t.Fatalf("the chunks end at %d of %d", off, len(want))
			}
			if _, err := s.Next(); err != io.EOF {
				t.Fatalf("after the end: %v", err)
			}
			return out
		}
		if err != nil {
			t.Fatal(err)
		}
		n := len(c.Data)
		if n == 0 || c.Offset != int64(off) || off+n > len(want) || !bytes.Equal(c.Data, want[off:off+n]) {
			t.Fatalf("the chunk at %d (%d bytes) is not what was read", c.Offset, n)
		}
		if c.Hash != sha256.Sum256(c.Data) {
			t.Fatalf("wrong hash at %d", off)
		}
		out = append(out, n)
		off += n
	}
}

func TestTableIsByFormula(t *testing.T) {
	seen := make(map[uint64]bool)
	for b := range 256 {
		sum := sha256.Sum256(append([]byte("scaidrive gear g1"), byte(b)))
		want := binary.BigEndian.Uint64(sum[:])
		if got := split.Gear1(byte(b)); got != want || seen[got] {
			t.Errorf("entry %d is %#x, want %#x", b, got, want)
		}
		seen[want] = true
		// A run of one byte must not be cut at every minimum.
		if -want < 1<<48 {
			t.Errorf("a run of the byte %d is a cut at every place", b)
		}
	}
}

func TestSets(t *testing.T) {
	d := split.Default()
	got, err := split.ByName(d.Name)
	if err != nil || got != d {
		t.Errorf("the default set by name: %v, error %v", got, err)
	}
	if d.Name != "gear-g1-64k-128k-512k" || d.Min != 65536 || d.Avg != 131072 || d.Max != 524288 {
		t.Errorf("the default set changed: %v", d)
	}
	if _, err := split.ByName("gear-g2"); !errors.Is(err, split.ErrUnknownSet) {
		t.Errorf("an unknown name: %v", err)
	}
	for _, tt := range []struct {
		size     int64
		last, ok bool
	}{
		{0, true, false}, {1, true, true}, {1, false, false}, {65535, false, false}, {65535, true, true},
		{65536, false, true}, {524288, false, true}, {524288, true, true}, {524289, false, false}, {-1, true, false}, {1 << 40, true, false},
	} {
		if err := d.Check(tt.size, tt.last); (err == nil) != tt.ok {
			t.Errorf("size %d, last %v: %v", tt.size, tt.last, err)
		}
	}
}

func TestCutPointsDoNotDependOnReads(t *testing.T) {
	set := split.Default()
	rng := newRand(t, 7)
	for _, name := range slices.Sorted(maps.Keys(formulas)) { // in order, so that the seed reproduces
		data := formulas[name](3<<20 + rng.IntN(1<<20))
		want := lengths(set, data)
		s := split.NewSplitter(set, nil)
		for _, in := range []struct {
			how string
			r   io.Reader
		}{
			{"whole", bytes.NewReader(data)},
			{"half", iotest.HalfReader(bytes.NewReader(data))},
			{"data + EOF", iotest.DataErrReader(bytes.NewReader(data))},
			{"one byte", iotest.OneByteReader(bytes.NewReader(data))},
			{"odd pieces", &oddReader{data: data, rng: rng}},
			{"empty reads", &oddReader{data: data, rng: rng, empty: true}},
		} {
			s.Reset(in.r)
			if d := cmp.Diff(want, stream(t, s, data)); d != "" {
				t.Errorf("%s read by %s:\n%s", name, in.how, d)
			}
		}
	}
}

// oddReader reads pieces of any size.
type oddReader struct {
	data  []byte
	rng   *rand.Rand
	empty bool
}

func (r *oddReader) Read(p []byte) (int, error) {
	if len(r.data) == 0 {
		return 0, io.EOF
	}
	if r.empty && r.rng.IntN(2) == 0 {
		return 0, nil
	}
	n := copy(p[:min(len(p), 1+r.rng.IntN(200000))], r.data)
	r.data = r.data[n:]
	return n, nil
}

func TestCutNeedsNoMoreThanItSays(t *testing.T) {
	set := split.Default()
	data := random(3, 8<<20)
	for len(data) > set.Max {
		want := set.Cut(data, false)
		if want < set.Min || want > set.Max {
			t.Fatalf("a chunk of %d bytes", want)
		}
		// What lies behind the cut has no say, and what lies before it is enough.
		if got := set.Cut(data[:want+1], false); got != want {
			t.Fatalf("with the byte behind the cut: %d, want %d", got, want)
		}
		if got := set.Cut(data[:want], false); got != 0 && want != set.Max {
			t.Fatalf("without the byte behind the cut: %d, want 0", got)
		}
		if got := set.Cut(data[:want], true); got != want {
			t.Fatalf("at the end: %d, want %d", got, want)
		}
		data = data[want:]
	}
	if set.Cut(nil, true) != 0 || set.Cut(nil, false) != 0 {
		t.Error("no bytes make a chunk")
	}
}

func TestSizes(t *testing.T) {
	set := split.Default()
	data := random(11, 64<<20)
	var sum, n, forced float64
	all := lengths(set, data)
	for i, l := range all {
		if err := set.Check(int64(l), i == len(all)-1); err != nil {
			t.Error(err)
		}
		if l == set.Max {
			forced++
		}
		sum, n = sum+float64(l), n+1
	}
	if mean := sum / n; mean < 0.9*float64(set.Avg) || mean > 1.1*float64(set.Avg) {
		t.Errorf("random bytes come to chunks of %.0f bytes", mean)
	}
	if forced/n > 0.01 {
		t.Errorf("%.1f %% of the chunks end at the maximum", 100*forced/n)
	}
}

func TestReadErrors(t *testing.T) {
	set := split.Default()
	broken := errors.New("broken")
	for _, size := range []int{0, 10, 1 << 20} {
		s := split.NewSplitter(set, io.MultiReader(bytes.NewReader(random(1, size)), iotest.ErrReader(broken)))
		var err error
		for got := 0; err == nil; got++ {
			if got > size/set.Min {
				t.Fatal("it does not end")
			}
			_, err = s.Next()
		}
		if !errors.Is(err, broken) {
			t.Errorf("%d bytes, then: %v", size, err)
		}
		if _, err := s.Next(); !errors.Is(err, broken) {
			t.Errorf("the error does not stay: %v", err)
		}
		s.Reset(bytes.NewReader([]byte("x")))
		if p, err := s.Next(); string(p) != "x" || err != nil {
			t.Errorf("after a reset: %q, %v", p, err)
		}
	}
	s := split.NewSplitter(set, emptyReader{})
	if _, err := s.Next(); !errors.Is(err, io.ErrNoProgress) {
		t.Errorf("a reader that gives nothing: %v", err)
	}
}

type emptyReader struct{}

func (emptyReader) Read([]byte) (int, error) { return 0, nil }

func TestMemoryIsConstant(t *testing.T) {
	set := split.Default()
	s := split.NewSplitter(set, bytes.NewReader(random(5, 8<<20)))
	drain := func() {
		for {
			if _, err := s.Next(); err != nil {
				return
			}
		}
	}
	drain()
	if n := s.Buffered(); n > 3*set.Max {
		t.Errorf("a buffer of %d bytes", n)
	}
	data := bytes.NewReader(random(6, 8<<20))
	if n := testing.AllocsPerRun(3, func() { _, _ = data.Seek(0, 0); s.Reset(data); drain() }); n > 0 {
		t.Errorf("%v allocations for 8 MiB", n)
	}
	s = split.NewSplitter(set, bytes.NewReader(make([]byte, 1000)))
	drain()
	if n := s.Buffered(); n > 64<<10 {
		t.Errorf("a buffer of %d bytes for a file of 1000", n)
	}
}

func FuzzSplit(f *testing.F) {
	f.Add([]byte("seed"), uint32(70000), uint16(1))
	f.Add([]byte{0}, uint32(600000), uint16(40000))
	f.Fuzz(func(t *testing.T, pattern []byte, size uint32, piece uint16) {
		if len(pattern) == 0 {
			return
		}
		n := int(size % (2 << 20))
		data := bytes.Repeat(pattern, n/len(pattern)+1)[:n]
		set := split.Default()
		want := reference(set, data)
		if d := cmp.Diff(want, lengths(set, data)); d != "" {
			t.Fatal(d)
		}
		r := &oddReader{data: data, rng: rand.New(rand.NewPCG(uint64(piece), 1)), empty: piece%2 == 0}
		if d := cmp.Diff(want, stream(t, split.NewSplitter(set, r), data)); d != "" {
			t.Fatal(d)
		}
	})
}
