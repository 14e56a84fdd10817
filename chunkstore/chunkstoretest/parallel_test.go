package chunkstoretest_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"

	"scaidrive/chunkstore"
	. "scaidrive/chunkstore/chunkstoretest"
	"scaidrive/chunkstore/vfs"
)

// TestParallel lets many callers put, sync and read the same few chunks, on a
// small pack size with an index file that is folded all the time, and takes
// crash clones on the way: what a Sync covered is in each of them.
func TestParallel(t *testing.T) {
	for _, index := range []bool{true, false} {
		t.Run(fmt.Sprintf("index=%v", index), func(t *testing.T) {
			disk := vfs.NewMem()
			o := chunkstore.Options{
				FS: disk, StoreID: StoreID, PackSize: 16 << 10, FlushBytes: 20 << 10, FoldEntries: 50, Handles: 2,
				CacheBytes: 1 << 16,
			}
			if index {
				o.IndexPath = filepath.Join(t.TempDir(), "index.db")
			}
			s := Open(t, o)
			const workers, rounds = 8, 120
			var durable sync.Map // Name -> true
			var stored atomic.Int64
			contents := make(map[Name][]byte)
			var names []Name
			rng := rand.New(rand.NewPCG(1, 9))
			for len(names) < 400 {
				n, b := RandomChunk(rng, 2000)
				if _, ok := contents[n]; !ok {
					contents[n] = b
					names = append(names, n)
				}
			}
			var wg sync.WaitGroup
			fail := make(chan error, workers+1)
			for i := range workers {
				wg.Go(func() {
					rng := rand.New(rand.NewPCG(uint64(i), 10))
					for range rounds {
						if err := work(s, rng, names, contents, &durable, &stored); err != nil {
							fail <- err
							return
						}
					}
				})
			}
			wg.Go(func() {
				rng := rand.New(rand.NewPCG(99, 10))
				for range 15 {
					m := NewModel()
					durable.Range(func(k, _ any) bool {
						n := k.(Name)
						m.Bytes[n], m.Durable[n] = contents[n], true
						return true
					})
					c := crashed(rng, disk.Crash(rng), m)
					err := c.open()
					if err == nil {
						err = errors.Join(c.m.Check(c.s, false), c.s.Close())
					}
					if err != nil {
						fail <- fmt.Errorf("crash clone: %w", err)
						return
					}
				}
			})
			wg.Wait()
			close(fail)
			for err := range fail {
				t.Error(err)
			}
			if n := stored.Load(); n > int64(len(names)) {
				t.Errorf("%d puts stored, of %d chunks", n, len(names))
			}
		})
	}
}

// work is one round of one caller.
func work(s *chunkstore.Store, rng *rand.Rand, names []Name, contents map[Name][]byte, durable *sync.Map, stored *atomic.Int64) error {
	ctx := context.Background()
	var mine []Name
	for range 1 + rng.IntN(5) {
		n := names[rng.IntN(len(names))]
		ok, err := s.Put(ctx, n.Domain, chunkstore.KindData, n.Hash, contents[n])
		if err != nil {
			return err
		}
		if ok {
			stored.Add(1)
		}
		got, err := s.Get(ctx, n.Domain, n.Hash, uint32(len(contents[n])), nil)
		if err != nil || !bytes.Equal(got, contents[n]) {
			return fmt.Errorf("get after put: %w", err)
		}
		mine = append(mine, n)
	}
	if _, err := s.Sync(ctx); err != nil {
		return err
	}
	for _, n := range mine {
		durable.Store(n, true)
	}
	var refs []chunkstore.Ref
	var want []byte
	d := mine[0].Domain
	for _, n := range mine {
		if n.Domain == d {
			refs = append(refs, chunkstore.Ref{Hash: n.Hash, Size: uint32(len(contents[n]))})
			want = append(want, contents[n]...)
		}
	}
	var out bytes.Buffer
	if err := s.WriteRange(ctx, &out, d, refs, 0, int64(len(want))); err != nil {
		return err
	}
	if !bytes.Equal(out.Bytes(), want) {
		return errors.New("range: wrong bytes")
	}
	return nil
}

// TestCloseUnderLoad closes a store that is in use: every call ends with the
// right answer or ErrClosed.
func TestCloseUnderLoad(t *testing.T) {
	for round := range 20 {
		s, err := chunkstore.Open(context.Background(), options(vfs.NewMem(), NewModel()))
		if err != nil {
			t.Fatal(err)
		}
		var wg sync.WaitGroup
		for i := range 4 {
			wg.Go(func() {
				rng := rand.New(rand.NewPCG(uint64(round), uint64(i)))
				for {
					n, b := RandomChunk(rng, 500)
					_, err := s.Put(context.Background(), n.Domain, chunkstore.KindData, n.Hash, b)
					if err == nil {
						_, err = s.Sync(context.Background())
					}
					if errors.Is(err, chunkstore.ErrClosed) {
						return
					}
					if err != nil {
						t.Error(err)
						return
					}
				}
			})
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		wg.Wait()
	}
}

// TestCancelled: a cancelled caller leaves, the others do not notice.
func TestCancelled(t *testing.T) {
	s := Open(t, chunkstore.Options{})
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	n, b := RandomChunk(rand.New(rand.NewPCG(1, 1)), 100)
	if _, err := s.Put(ctx, n.Domain, chunkstore.KindData, n.Hash, b); !errors.Is(err, context.Canceled) {
		t.Errorf("put: %v", err)
	}
	if _, err := s.Has(ctx, n.Domain, []chunkstore.Hash{n.Hash}); !errors.Is(err, context.Canceled) {
		t.Errorf("has: %v", err)
	}
	if _, err := s.Get(ctx, n.Domain, n.Hash, 1, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("get: %v", err)
	}
	if ok, err := s.Put(context.Background(), n.Domain, chunkstore.KindManifest, n.Hash, b); !ok || err != nil {
		t.Errorf("put: %v, %v", ok, err)
	}
	if _, err := s.Put(context.Background(), n.Domain, 0, n.Hash, b); err == nil {
		t.Error("kind 0 is accepted")
	}
	if _, err := s.Put(context.Background(), n.Domain, chunkstore.KindData, n.Hash, make([]byte, chunkstore.MaxChunk+1)); err == nil {
		t.Error("a chunk too long is accepted")
	}
	var d *chunkstore.DamagedError
	if _, err := s.Get(context.Background(), n.Domain, n.Hash, uint32(len(b)+1), nil); !errors.As(err, &d) {
		t.Errorf("another length: %v", err)
	}
	if got, err := s.Get(context.Background(), n.Domain, n.Hash, uint32(len(b)), nil); err != nil || !bytes.Equal(got, b) {
		t.Errorf("get: %v", err)
	}
}
