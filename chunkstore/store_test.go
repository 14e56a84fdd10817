package chunkstore_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"sync"
	"testing"

	"scaidrive/chunkstore"
	"scaidrive/chunkstore/vfs"
)

var (
	storeID = [16]byte{1, 2, 3}
	tenantA = chunkstore.Domain{0xa}
	tenantB = chunkstore.Domain{0xb}
)

func open(t testing.TB, o chunkstore.Options) *chunkstore.Store {
	t.Helper()
	if o.StoreID == ([16]byte{}) {
		o.StoreID = storeID
	}
	s, err := chunkstore.Open(context.Background(), o)
	if err != nil {
		t.Fatalf("open: %v", err)
	}
	return s
}

func osOptions(t testing.TB) chunkstore.Options {
	dir := t.TempDir()
	return chunkstore.Options{FS: vfs.OS(dir), IndexPath: filepath.Join(dir, "index.db")}
}

// chunk makes content from a seed: half of it compresses.
func chunk(seed uint64, n int) ([]byte, chunkstore.Hash) {
	rng := rand.New(rand.NewPCG(seed, 1))
	b := make([]byte, n)
	for i := range b {
		if seed%2 == 0 {
			b[i] = byte(rng.Uint32())
		} else {
			b[i] = "the quick brown fox "[rng.IntN(4)*5+i%5]
		}
	}
	return b, sha256.Sum256(b)
}

func put(t testing.TB, s *chunkstore.Store, d chunkstore.Domain, b []byte) bool {
	t.Helper()
	stored, err := s.Put(context.Background(), d, chunkstore.KindData, sha256.Sum256(b), b)
	if err != nil {
		t.Fatalf("put: %v", err)
	}
	return stored
}

func syncStore(t testing.TB, s *chunkstore.Store) []chunkstore.Mark {
	t.Helper()
	m, err := s.Sync(context.Background())
	if err != nil {
		t.Fatalf("sync: %v", err)
	}
	return m
}

func wantChunk(t testing.TB, s *chunkstore.Store, d chunkstore.Domain, b []byte) {
	t.Helper()
	got, err := s.Get(context.Background(), d, sha256.Sum256(b), uint32(len(b)), nil)
	if err != nil {
		t.Fatalf("get: %v", err)
	}
	if !bytes.Equal(got, b) {
		t.Fatalf("get: wrong bytes")
	}
}

func TestRoundTrip(t *testing.T) {
	for _, index := range []string{"file", "memory"} {
		t.Run(index, func(t *testing.T) {
			o := osOptions(t)
			if index == "memory" {
				o.IndexPath = ""
			}
			o.PackSize = 256 << 10
			s := open(t, o)
			var all [][]byte
			for i := range 200 {
				b, _ := chunk(uint64(i), i*i%40000)
				all = append(all, b)
				if !put(t, s, tenantA, b) {
					t.Fatalf("chunk %d was there already", i)
				}
				if put(t, s, tenantA, b) {
					t.Fatalf("chunk %d was stored twice", i)
				}
			}
			marks := syncStore(t, s)
			if len(marks) < 2 {
				t.Fatalf("marks %v: several packs were expected", marks)
			}
			check := func(s *chunkstore.Store) {
				t.Helper()
				for _, b := range all {
					wantChunk(t, s, tenantA, b)
				}
				_, err := s.Get(context.Background(), tenantB, sha256.Sum256(all[5]), uint32(len(all[5])), nil)
				if !errors.Is(err, chunkstore.ErrNotFound) {
					t.Fatalf("another domain's chunk: %v", err)
				}
				if err := s.Verify(context.Background(), true, func(d chunkstore.Damage) { t.Errorf("verify: %v", d) }); err != nil {
					t.Fatal(err)
				}
				if d := s.Damage(); len(d) > 0 {
					t.Fatalf("damage: %v", d)
				}
			}
			check(s)
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			for range 3 {
				s = open(t, o)
				check(s)
				more, _ := chunk(rand.Uint64(), 5000)
				put(t, s, tenantA, more)
				all = append(all, more)
				if err := s.Close(); err != nil {
					t.Fatal(err)
				}
			}
			if _, err := s.Put(context.Background(), tenantA, chunkstore.KindData, chunkstore.Hash{}, nil); !errors.Is(err, chunkstore.ErrClosed) {
				t.Fatalf("put after close: %v", err)
			}
		})
	}
}

func TestWriteRange(t *testing.T) {
	s := open(t, osOptions(t))
	defer s.Close()
	var refs []chunkstore.Ref
	var whole []byte
	for i := range 30 {
		b, h := chunk(uint64(i), 1000+i*777)
		put(t, s, tenantA, b)
		refs = append(refs, chunkstore.Ref{Hash: h, Size: uint32(len(b))})
		whole = append(whole, b...)
	}
	rng := rand.New(rand.NewPCG(7, 7))
	for range 300 {
		off := rng.IntN(len(whole) + 1)
		n := rng.IntN(len(whole) - off + 1)
		var w bytes.Buffer
		if err := s.WriteRange(context.Background(), &w, tenantA, refs, int64(off), int64(n)); err != nil {
			t.Fatalf("range %d+%d: %v", off, n, err)
		}
		if !bytes.Equal(w.Bytes(), whole[off:off+n]) {
			t.Fatalf("range %d+%d: wrong bytes", off, n)
		}
	}
	if err := s.WriteRange(context.Background(), &bytes.Buffer{}, tenantA, refs, 0, int64(len(whole)+1)); err == nil {
		t.Fatal("a range beyond the end was served")
	}
	refs[12].Hash[0] ^= 1
	var w bytes.Buffer
	err := s.WriteRange(context.Background(), &w, tenantA, refs, 0, int64(len(whole)))
	if !errors.Is(err, chunkstore.ErrNotFound) || !bytes.HasPrefix(whole, w.Bytes()) {
		t.Fatalf("missing chunk: %v", err)
	}
}

// TestLongRanges writes ranges that are long enough to be read ahead, more of them
// at the same time than may be.
func TestLongRanges(t *testing.T) {
	s := open(t, osOptions(t))
	defer s.Close()
	var refs []chunkstore.Ref
	var whole []byte
	for i := range 80 {
		b, h := chunk(uint64(i), 50_000+i*1777)
		put(t, s, tenantA, b)
		refs = append(refs, chunkstore.Ref{Hash: h, Size: uint32(len(b))})
		whole = append(whole, b...)
	}
	const least = 4 << 20
	var streams sync.WaitGroup
	for i := range 40 {
		streams.Go(func() {
			rng := rand.New(rand.NewPCG(11, uint64(i)))
			off := rng.IntN(len(whole) - least)
			n := least + rng.IntN(len(whole)-off-least+1)
			var w bytes.Buffer
			if err := s.WriteRange(context.Background(), &w, tenantA, refs, int64(off), int64(n)); err != nil || !bytes.Equal(w.Bytes(), whole[off:off+n]) {
				t.Errorf("range %d+%d: %v, or wrong bytes", off, n, err)
			}
		})
	}
	streams.Wait()

	full := &failingWriter{room: 3 << 20}
	if err := s.WriteRange(context.Background(), full, tenantA, refs, 0, int64(len(whole))); !errors.Is(err, errFull) || !bytes.Equal(full.b, whole[:3<<20]) {
		t.Fatalf("a writer that fails: %v after %d bytes", err, len(full.b))
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := &failingWriter{room: len(whole), at: 2 << 20, then: cancel}
	if err := s.WriteRange(ctx, ended, tenantA, refs, 0, int64(len(whole))); !errors.Is(err, context.Canceled) || !bytes.HasPrefix(whole, ended.b) {
		t.Fatalf("a context that ends: %v", err)
	}
	refs[60].Hash[0] ^= 1
	var w bytes.Buffer
	before := 0
	for _, r := range refs[:60] {
		before += int(r.Size)
	}
	err := s.WriteRange(context.Background(), &w, tenantA, refs, 0, int64(len(whole)))
	if !errors.Is(err, chunkstore.ErrNotFound) || !bytes.Equal(w.Bytes(), whole[:before]) {
		t.Fatalf("missing chunk: %v after %d of %d bytes", err, w.Len(), before)
	}
}

var errFull = errors.New("full")

// A failingWriter takes so many bytes, and calls then once it has some.
type failingWriter struct {
	b        []byte
	room, at int
	then     func()
}

func (f *failingWriter) Write(p []byte) (int, error) {
	n := min(len(p), f.room-len(f.b))
	f.b = append(f.b, p[:n]...)
	if f.then != nil && len(f.b) >= f.at {
		f.then()
	}
	if n < len(p) {
		return n, errFull
	}
	return n, nil
}

func BenchmarkPut(b *testing.B) {
	for _, c := range []struct {
		name string
		seed uint64
		size int
	}{{"random192K", 2, 192 << 10}, {"text192K", 1, 192 << 10}, {"random4K", 2, 4 << 10}} {
		b.Run(c.name, func(b *testing.B) {
			o := osOptions(b)
			s := open(b, o)
			defer s.Close()
			data, _ := chunk(c.seed, c.size)
			b.SetBytes(int64(c.size))
			var n uint64
			for b.Loop() {
				// Another hash each time; Put does not compute it.
				n++
				h := sha256.Sum256([]byte(fmt.Sprint(n)))
				if _, err := s.Put(context.Background(), tenantA, chunkstore.KindData, h, data); err != nil {
					b.Fatal(err)
				}
			}
			syncStore(b, s)
		})
	}
}

type countWriter struct{ n int64 }

func (c *countWriter) Write(p []byte) (int, error) { c.n += int64(len(p)); return len(p), nil }

func BenchmarkWriteRange(b *testing.B) {
	for _, c := range []struct {
		name string
		seed uint64
	}{{"random", 0}, {"text", 1}} {
		b.Run(c.name, func(b *testing.B) {
			s := open(b, osOptions(b))
			defer s.Close()
			var refs []chunkstore.Ref
			total := int64(0)
			for i := range 1000 {
				data, h := chunk(uint64(2*i)+c.seed, 192<<10)
				put(b, s, tenantA, data)
				refs = append(refs, chunkstore.Ref{Hash: h, Size: uint32(len(data))})
				total += int64(len(data))
			}
			syncStore(b, s)
			b.SetBytes(total)
			for b.Loop() {
				w := &countWriter{}
				if err := s.WriteRange(context.Background(), w, tenantA, refs, 0, total); err != nil || w.n != total {
					b.Fatal(err, w.n)
				}
			}
		})
	}
}

func BenchmarkGet4K(b *testing.B) {
	for _, cache := range []int64{0, -1} {
		b.Run(fmt.Sprintf("cache=%d", cache), func(b *testing.B) {
			o := osOptions(b)
			o.CacheBytes = cache
			s := open(b, o)
			defer s.Close()
			var hs []chunkstore.Hash
			for i := range 20000 {
				data, h := chunk(uint64(i), 4096)
				put(b, s, tenantA, data)
				hs = append(hs, h)
			}
			syncStore(b, s)
			b.SetBytes(4096)
			b.ResetTimer()
			b.RunParallel(func(pb *testing.PB) {
				var buf []byte
				rng := rand.New(rand.NewPCG(1, 2))
				for pb.Next() {
					var err error
					if buf, err = s.Get(context.Background(), tenantA, hs[rng.IntN(len(hs))], 4096, buf); err != nil {
						b.Fatal(err)
					}
				}
			})
		})
	}
}

// BenchmarkPutSync is a small write with its sync, by many at once.
func BenchmarkPutSync(b *testing.B) {
	s := open(b, osOptions(b))
	defer s.Close()
	data, _ := chunk(2, 4096)
	b.SetParallelism(16)
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			h := sha256.Sum256(binaryOf(rand.Uint64()))
			if _, err := s.Put(context.Background(), tenantA, chunkstore.KindData, h, data); err != nil {
				b.Fatal(err)
			}
			if _, err := s.Sync(context.Background()); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func binaryOf(n uint64) []byte { return fmt.Append(nil, n) }
