package manifest_test

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"scaidrive/chunkstore/manifest"
)

// nodes keeps the nodes of lists in a map and counts what is done with them.
type nodes struct {
	data   map[[32]byte][]byte
	puts   int // of new nodes
	bytes  int // of new nodes
	gets   int
	putErr error
}

func newNodes() *nodes { return &nodes{data: make(map[[32]byte][]byte)} }

func (n *nodes) PutManifest(_ context.Context, hash [32]byte, data []byte) error {
	if sha256.Sum256(data) != hash {
		return errors.New("a node stored under another hash")
	}
	if _, ok := n.data[hash]; !ok {
		n.puts++
		n.bytes += len(data)
		n.data[hash] = slices.Clone(data)
	}
	return n.putErr
}

var errMissing = errors.New("no such node")

func (n *nodes) GetManifest(_ context.Context, hash [32]byte, size uint32) ([]byte, error) {
	n.gets++
	b, ok := n.data[hash]
	if !ok || len(b) != int(size) {
		return nil, errMissing
	}
	return b, nil
}

// chunks makes a list of chunks by a seed.
func chunks(rng *rand.Rand, n int) []manifest.Chunk {
	out := make([]manifest.Chunk, n)
	for i := range out {
		for k := 0; k < 32; k += 8 {
			binary.LittleEndian.PutUint64(out[i].Hash[k:], rng.Uint64())
		}
		out[i].Size = 1 + rng.Uint32N(524288)
	}
	return out
}

func write(t testing.TB, store *nodes, list []manifest.Chunk) manifest.List {
	t.Helper()
	w := manifest.NewWriter(store)
	for _, c := range list {
		if err := w.Add(t.Context(), c); err != nil {
			t.Fatal(err)
		}
	}
	l, err := w.Finish(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func read(t testing.TB, store *nodes, l manifest.List) ([]manifest.Chunk, error) {
	t.Helper()
	var out []manifest.Chunk
	err := manifest.Each(t.Context(), store, l, func(c manifest.Chunk) error {
		out = append(out, c)
		return nil
	})
	return out, err
}

func newRand(t testing.TB, seed uint64) *rand.Rand {
	t.Logf("seed %d", seed)
	return rand.New(rand.NewPCG(seed, 9))
}

var lengths = []int{0, 1, 2, 15, 16, 17, 31, 32, 33, 100, 1023, 1024, 1025, 5000, 40000, 300000}

func TestRoundTrip(t *testing.T) {
	rng := newRand(t, 1)
	for _, n := range lengths {
		want := chunks(rng, n)
		store := newNodes()
		l := write(t, store, want)
		var size int64
		h := sha256.New()
		for _, c := range want {
			size += int64(c.Size)
			h.Write(c.Hash[:])
			h.Write(binary.LittleEndian.AppendUint32(nil, c.Size))
		}
		if int(l.Count) != n || l.Size != size || !slices.Equal(h.Sum(nil), l.Digest[:]) {
			t.Errorf("%d chunks: the list says %d chunks, %d bytes", n, l.Count, l.Size)
		}
		if (n <= manifest.MaxInline) != (len(store.data) == 0) || len(l.Inline) != n && n <= manifest.MaxInline {
			t.Errorf("%d chunks: %d nodes, %d inline", n, len(store.data), len(l.Inline))
		}
		got, err := read(t, store, l)
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("%d chunks come back as %d, error %v", n, len(got), err)
		}
		again := newNodes()
		if d := cmp.Diff(l, write(t, again, want)); d != "" || len(again.data) != len(store.data) {
			t.Errorf("%d chunks: not the same tree: %s", n, d)
		}
		seen := make(map[[32]byte]bool)
		err = manifest.EachNode(t.Context(), store, l, func(hash [32]byte, size uint32) error {
			seen[hash] = true
			if len(store.data[hash]) != int(size) {
				t.Errorf("a node of %d bytes is told with %d", len(store.data[hash]), size)
			}
			return nil
		})
		if err != nil || len(seen) != len(store.data) {
			t.Errorf("%d chunks: %d of %d nodes are told, error %v", n, len(seen), len(store.data), err)
		}
	}
}

func TestSeek(t *testing.T) {
	rng := newRand(t, 2)
	for _, n := range lengths {
		list := chunks(rng, n)
		store := newNodes()
		l := write(t, store, list)
		starts := make([]int64, n+1)
		for i, c := range list {
			starts[i+1] = starts[i] + int64(c.Size)
		}
		r, err := manifest.Open(t.Context(), store, l)
		if err != nil {
			t.Fatal(err)
		}
		check := func(at int) {
			t.Helper()
			if int(r.Index()) != at || r.Offset() != starts[at] {
				t.Fatalf("%d chunks: at chunk %d (byte %d), want %d (byte %d)", n, r.Index(), r.Offset(), at, starts[at])
			}
			// Go on behind the end of a segment now and then.
			for i := at; i < min(n, at+1+rng.IntN(3)*600); i++ {
				if c, err := r.Next(t.Context()); err != nil || c != list[i] {
					t.Fatalf("%d chunks: chunk %d is %v, error %v", n, i, c, err)
				}
			}
			if at == n {
				if _, err := r.Next(t.Context()); err != io.EOF {
					t.Fatalf("%d chunks: at the end: %v", n, err)
				}
			}
		}
		for range 50 {
			i := rng.IntN(n + 1)
			noErr(t, r.SeekChunk(t.Context(), uint32(i)))
			check(i)
			noErr(t, r.SeekOffset(t.Context(), starts[i]))
			check(i)
			if i < n {
				noErr(t, r.SeekOffset(t.Context(), starts[i]+rng.Int64N(int64(list[i].Size))))
				check(i)
			}
		}
		for _, err := range []error{r.SeekOffset(t.Context(), -1), r.SeekOffset(t.Context(), l.Size+1), r.SeekChunk(t.Context(), l.Count+1)} {
			if err == nil {
				t.Errorf("%d chunks: a seek outside succeeded", n)
			}
		}
		noErr(t, r.SeekChunk(t.Context(), 0))
		check(0)
	}
}

func TestSeekReadsFewNodes(t *testing.T) {
	rng := newRand(t, 3)
	store := newNodes()
	l := write(t, store, chunks(rng, 300000))
	r, err := manifest.Open(t.Context(), store, l)
	noErr(t, err)
	store.gets = 0
	noErr(t, r.SeekOffset(t.Context(), l.Size/2))
	if _, err := r.Next(t.Context()); err != nil || store.gets > 3 {
		t.Errorf("%d nodes read for one chunk of 300,000, error %v", store.gets, err)
	}
}

func TestAnEditRewritesLittle(t *testing.T) {
	rng := newRand(t, 4)
	list := chunks(rng, 16384) // 2 GiB
	store := newNodes()
	write(t, store, list)
	t.Logf("2 GiB: %d nodes, %d bytes", store.puts, store.bytes)
	const rounds = 50
	store.puts, store.bytes = 0, 0
	for range rounds {
		at := rng.IntN(len(list) - 20)
		edited := slices.Replace(slices.Clone(list), at, at+16, chunks(rng, 10+rng.IntN(10))...)
		write(t, store, edited)
	}
	t.Logf("an edit of 2 MiB: %.1f new nodes, %d bytes", float64(store.puts)/rounds, store.bytes/rounds)
	if store.puts > 6*rounds || store.bytes > 32000*rounds {
		t.Errorf("%d nodes with %d bytes for an edit", store.puts/rounds, store.bytes/rounds)
	}
}

func TestEqualChunks(t *testing.T) {
	list := slices.Repeat(chunks(newRand(t, 5), 1), 200000)
	store := newNodes()
	l := write(t, store, list)
	if len(store.data) > 8 {
		t.Errorf("%d nodes for 200,000 equal chunks", len(store.data))
	}
	got, err := read(t, store, l)
	if err != nil || !slices.Equal(got, list) {
		t.Errorf("%d chunks, error %v", len(got), err)
	}
}

// TestEndsAtTheEnd: lists whose last chunk also ends the node by the rule, at one
// level or at several.
func TestEndsAtTheEnd(t *testing.T) {
	rng := newRand(t, 10)
	for _, n := range []int{1024, 2048, 1024 * 1024} {
		list := slices.Repeat(chunks(rng, 1), n)
		list[0].Hash[31] = 1
		for i := range list {
			list[i] = list[0]
		}
		store := newNodes()
		l := write(t, store, list)
		got, err := read(t, store, l)
		if err != nil || !slices.Equal(got, list) {
			t.Errorf("%d equal chunks come back as %d, error %v", n, len(got), err)
		}
	}
	for _, n := range []int{32, 33, 64, 700} {
		list := chunks(rng, n)
		list[31].Hash[31], list[n-1].Hash[31] = 0x80, 0
		store := newNodes()
		l := write(t, store, list)
		got, err := read(t, store, l)
		if err != nil || !slices.Equal(got, list) {
			t.Errorf("%d chunks come back as %d, error %v", n, len(got), err)
		}
	}
}

func TestTebibyte(t *testing.T) {
	if os.Getenv("SCAIDRIVE_LONG") == "" {
		t.Skip("SCAIDRIVE_LONG is not set")
	}
	rng := newRand(t, 6)
	store := newNodes()
	w := manifest.NewWriter(store)
	var piece []manifest.Chunk
	const n = 8 << 20
	for i := range n {
		if i%100000 == 0 {
			piece = chunks(rng, 100000)
		}
		noErr(t, w.Add(t.Context(), piece[i%100000]))
	}
	l, err := w.Finish(t.Context())
	noErr(t, err)
	r, err := manifest.Open(t.Context(), store, l)
	noErr(t, err)
	store.gets = 0
	noErr(t, r.SeekChunk(t.Context(), n-1))
	t.Logf("%d chunks: %d nodes, %d bytes; a seek reads %d", n, store.puts, store.bytes, store.gets)
	got := 0
	noErr(t, manifest.Each(t.Context(), store, l, func(manifest.Chunk) error { got++; return nil }))
	if got != n {
		t.Errorf("%d of %d chunks", got, n)
	}
}

func TestWriterErrors(t *testing.T) {
	rng := newRand(t, 7)
	store := newNodes()
	w := manifest.NewWriter(store)
	noErr(t, w.Add(t.Context(), chunks(rng, 1)[0]))
	if err := w.Add(t.Context(), manifest.Chunk{}); !errors.Is(err, manifest.ErrMalformed) {
		t.Errorf("a chunk without bytes: %v", err)
	}
	if _, err := w.Finish(t.Context()); err == nil {
		t.Error("finished after an error")
	}

	broken := errors.New("disk")
	for at := range 3 {
		store := newNodes()
		w := manifest.NewWriter(store)
		var err error
		for i, c := range chunks(rng, 3000) {
			if i == at*1000 {
				store.putErr = broken
			}
			if err = w.Add(t.Context(), c); err != nil {
				break
			}
		}
		if _, ferr := w.Finish(t.Context()); !errors.Is(ferr, broken) || err != nil && !errors.Is(err, broken) {
			t.Errorf("a store that fails: %v, then %v", err, ferr)
		}
	}
	w = manifest.NewWriter(store)
	if _, err := w.Finish(t.Context()); err != nil {
		t.Error(err)
	}
	if _, err := w.Finish(t.Context()); err == nil {
		t.Error("finished twice")
	}
}

// TestDamageIsNoticed changes every byte of the head and of some nodes, and what
// the record says, and swaps and drops nodes: reading tells it.
func TestDamageIsNoticed(t *testing.T) {
	rng := newRand(t, 8)
	list := chunks(rng, 700)
	store := newNodes()
	l := write(t, store, list)
	refused := func(what string, l manifest.List) {
		t.Helper()
		got, err := read(t, store, l)
		if err == nil {
			t.Errorf("%s: not noticed", what)
		}
		if err != nil && !errors.Is(err, manifest.ErrMalformed) && !errors.Is(err, errMissing) {
			t.Errorf("%s: %v", what, err)
		}
		if len(got) > len(list) {
			t.Errorf("%s: more chunks than there are", what)
		}
	}
	// The store verifies hashes; here it does not, so that the tree's own checks
	// are seen: all but the bytes that are nothing but a chunk's hash, which the
	// digest catches at the end.
	for hash, b := range store.data {
		step := 1
		if len(b) > 4000 {
			step = 37
		}
		for i := 0; i < len(b); i += step {
			b[i] ^= 1 << (i % 8)
			refused(fmt.Sprintf("byte %d of %d of a node of level %d", i, len(b), b[5]), l)
			b[i] ^= 1 << (i % 8)
		}
		for _, n := range []int{0, 10, 31, len(b) - 1} {
			store.data[hash] = b[:n]
			refused("a shortened node", l)
		}
		delete(store.data, hash)
		refused("a missing node", l)
		store.data[hash] = b
	}
	for what, change := range map[string]func(l *manifest.List){
		"count":        func(l *manifest.List) { l.Count++ },
		"count below":  func(l *manifest.List) { l.Count-- },
		"inline count": func(l *manifest.List) { l.Count = 3 },
		"size":         func(l *manifest.List) { l.Size-- },
		"digest":       func(l *manifest.List) { l.Digest[4] ^= 4 },
		"root":         func(l *manifest.List) { l.Root[4] ^= 4 },
		"none":         func(l *manifest.List) { *l = manifest.List{}; l.Size = 5 },
	} {
		c := l
		change(&c)
		refused(what, c)
	}
	short := write(t, store, list[:3])
	for what, change := range map[string]func(l *manifest.List){
		"inline order":   func(l *manifest.List) { l.Inline[0], l.Inline[1] = l.Inline[1], l.Inline[0] },
		"inline missing": func(l *manifest.List) { l.Inline = l.Inline[:2] },
		"inline size":    func(l *manifest.List) { l.Size++ },
		"inline empty":   func(l *manifest.List) { l.Inline[1].Size = 0 },
		"inline digest":  func(l *manifest.List) { l.Digest[0]++ },
	} {
		c := short
		c.Inline = slices.Clone(short.Inline)
		change(&c)
		refused(what, c)
	}
	// An error stays.
	r, err := manifest.Open(t.Context(), store, l)
	noErr(t, err)
	held := store.data
	store.data = nil
	err = r.SeekOffset(t.Context(), l.Size/2)
	store.data = held
	if _, nerr := r.Next(t.Context()); err == nil || nerr != err {
		t.Errorf("after %v: %v", err, nerr)
	}
	if got, err := read(t, store, l); err != nil || !slices.Equal(got, list) {
		t.Errorf("the list itself: %v", err)
	}
}

func noErr(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
