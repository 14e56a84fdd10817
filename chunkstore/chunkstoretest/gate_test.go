package chunkstoretest_test

import (
	"context"
	"errors"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"testing/synctest"

	"scaidrive/chunkstore"
	. "scaidrive/chunkstore/chunkstoretest"
	"scaidrive/chunkstore/vfs"
)

// A gate is a file system whose next write waits until the test decides.
type gate struct {
	vfs.FS
	verdict chan error // one value for the write that waits; nil channel: open
}

type gateFile struct {
	vfs.File
	g *gate
}

func (g *gate) Create(name string) (vfs.File, error) {
	f, err := g.FS.Create(name)
	return &gateFile{f, g}, err
}

func (f *gateFile) WriteAt(p []byte, off int64) (int, error) {
	if c := f.g.verdict; c != nil {
		f.g.verdict = nil
		if err := <-c; err != nil {
			n, _ := f.File.WriteAt(p[:len(p)/2], off)
			return n, err
		}
	}
	return f.File.WriteAt(p, off)
}

// TestFailUnderSync fails the last write of a pack while a Sync that counts
// on its place waits for it.
func TestFailUnderSync(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := context.Background()
		disk := vfs.NewMem()
		g := &gate{FS: disk}
		o := options(g, NewModel())
		o.PackSize = 1 << 20
		s, err := chunkstore.Open(ctx, o)
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		w := &world{rng: rand.New(rand.NewPCG(1, 14)), s: s, m: NewModel()}
		if err := w.put(RandomChunk(w.rng, 500)); err != nil {
			t.Fatal(err)
		}
		verdict := make(chan error)
		g.verdict = verdict
		put, synced := make(chan error, 1), make(chan error, 1)
		go func() {
			n, b := RandomChunk(rand.New(rand.NewPCG(2, 14)), 700)
			_, err := s.Put(ctx, n.Domain, chunkstore.KindData, n.Hash, b)
			put <- err
		}()
		synctest.Wait()
		go func() {
			marks, err := s.Sync(ctx)
			if err == nil {
				w.m.Synced(slices.Collect(maps.Keys(w.m.Put)), marks)
			}
			synced <- err
		}()
		synctest.Wait()
		select {
		case err := <-synced:
			t.Fatalf("Sync did not wait for a write that began before it: %v", err)
		default:
		}
		verdict <- vfs.ErrNoSpace
		if err := <-put; !errors.Is(err, chunkstore.ErrNoSpace) {
			t.Errorf("put: %v", err)
		}
		if err := <-synced; err != nil {
			t.Errorf("sync: %v", err)
		}
		for i := range 20 {
			c := disk.Crash(rand.New(rand.NewPCG(uint64(i), 15)))
			if err := crashed(rand.New(rand.NewPCG(uint64(i), 16)), c, w.m.Clone()).after(); err != nil {
				t.Fatalf("crash %d: %v", i, err)
			}
		}
		if err := w.put(RandomChunk(w.rng, 500)); err != nil {
			t.Fatal(err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	})
}
