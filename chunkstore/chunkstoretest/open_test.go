package chunkstoretest_test

import (
	"bytes"
	"context"
	"errors"
	"maps"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"testing"
	"testing/synctest"

	"scaidrive/chunkstore"
	. "scaidrive/chunkstore/chunkstoretest"
	"scaidrive/chunkstore/vfs"
)

// filled is a world with some packs, all synced.
func filled(t *testing.T, seed uint64) *world {
	t.Helper()
	w := crashed(rand.New(rand.NewPCG(seed, 11)), vfs.NewMem(), NewModel())
	if err := w.open(); err != nil {
		t.Fatal(err)
	}
	for range 40 {
		if err := w.put(RandomChunk(w.rng, 1500)); err != nil {
			t.Fatal(err)
		}
	}
	marks, err := w.s.Sync(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	w.m.Synced(slices.Collect(maps.Keys(w.m.Put)), marks)
	if err := w.s.Close(); err != nil {
		t.Fatal(err)
	}
	return w
}

// TestNeverCut: where marks and index are lost, one bad bit costs one chunk,
// and not all that lies behind it.
func TestNeverCut(t *testing.T) {
	w := filled(t, 1)
	packs := memPacks(w.disk)
	name := slices.Sorted(maps.Keys(packs))[0]
	b := bytes.Clone(packs[name])
	b[64+130] ^= 1 // in the first record
	b[64+3] ^= 1
	if err := write(w.disk, name, b); err != nil {
		t.Fatal(err)
	}
	o := options(w.disk, NewModel())
	o.NeverCut = true
	s, err := chunkstore.Open(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	gone := 0
	for n, want := range w.m.Bytes {
		got, err := s.Get(context.Background(), n.Domain, n.Hash, uint32(len(want)), nil)
		var de *chunkstore.DamagedError
		switch {
		case errors.As(err, &de):
			gone++
		case err != nil || !bytes.Equal(got, want):
			t.Errorf("chunk %s: %v", n.Hash, err)
		}
	}
	if gone > 1 || len(s.Damage()) == 0 {
		t.Errorf("%d chunks are gone, damage %v", gone, s.Damage())
	}
	if now := memPacks(w.disk); !bytes.Equal(now[name], b) {
		t.Error("the damaged pack was changed")
	}
}

// TestReadOnly changes nothing, whatever state it finds.
func TestReadOnly(t *testing.T) {
	w := filled(t, 2)
	packs := memPacks(w.disk)
	names := slices.Sorted(maps.Keys(packs))
	last := names[len(names)-1]
	torn := append(bytes.Clone(packs[last]), "SDRC, and then the power went"...)
	if err := write(w.disk, last, torn); err != nil {
		t.Fatal(err)
	}
	if err := write(w.disk, "packs/00/000000f0.pack", []byte("half a header")); err != nil {
		t.Fatal(err)
	}
	before := memPacks(w.disk)
	ops := w.disk.Ops()
	o := options(w.disk, w.m)
	o.ReadOnly = true
	s, err := chunkstore.Open(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.m.Check(s, false); err != nil {
		t.Error(err)
	}
	if err := Verified(s); err != nil {
		t.Error(err)
	}
	n, b := RandomChunk(w.rng, 100)
	if _, err := s.Put(context.Background(), n.Domain, chunkstore.KindData, n.Hash, b); !errors.Is(err, chunkstore.ErrReadOnly) {
		t.Errorf("put: %v", err)
	}
	if _, err := s.Sync(context.Background()); !errors.Is(err, chunkstore.ErrReadOnly) {
		t.Errorf("sync: %v", err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if w.disk.Ops() != ops || !maps.EqualFunc(before, memPacks(w.disk), bytes.Equal) {
		t.Error("something was changed")
	}
}

// TestMarks: a sync that the store made by itself is told to the next caller,
// and none is told twice.
func TestMarks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := context.Background()
		o := options(vfs.NewMem(), NewModel())
		o.FlushBytes = 1 // after each Put
		s := Open(t, o)
		w := &world{rng: rand.New(rand.NewPCG(3, 11)), s: s, m: NewModel()}
		told := make(map[chunkstore.PackID]int64)
		for range 60 {
			if err := w.put(RandomChunk(w.rng, 900)); err != nil {
				t.Fatal(err)
			}
			if w.rng.IntN(2) == 0 {
				synctest.Wait() // for the sync that was started by itself
			}
			if w.rng.IntN(5) > 0 {
				continue
			}
			marks, err := s.Sync(ctx)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range marks {
				if m.Length <= told[m.Pack] {
					t.Errorf("mark %v after %d", m, told[m.Pack])
				}
				told[m.Pack] = m.Length
			}
			all := make(map[chunkstore.PackID]int64)
			for _, m := range s.Marks() {
				all[m.Pack] = m.Length
			}
			if !maps.Equal(all, told) {
				t.Fatalf("told %v, durable are %v", told, all)
			}
		}
	})
}

// TestDomains: what one domain has, another has not.
func TestDomains(t *testing.T) {
	ctx := context.Background()
	s := Open(t, chunkstore.Options{IndexPath: filepath.Join(t.TempDir(), "index.db"), FoldEntries: 1})
	n, b := RandomChunk(rand.New(rand.NewPCG(4, 11)), 300)
	for d := range byte(5) {
		n.Domain = chunkstore.Domain{d}
		if _, err := s.Get(ctx, n.Domain, n.Hash, uint32(len(b)), nil); !errors.Is(err, chunkstore.ErrNotFound) {
			t.Errorf("domain %d before the put: %v", d, err)
		}
		if stored, err := s.Put(ctx, n.Domain, chunkstore.KindData, n.Hash, b); !stored || err != nil {
			t.Errorf("domain %d: %v, %v", d, stored, err)
		}
		if _, err := s.Sync(ctx); err != nil {
			t.Fatal(err)
		}
	}
}

// TestForeignFiles: what does not belong among the packs is told and kept.
func TestForeignFiles(t *testing.T) {
	w := filled(t, 5)
	for _, name := range []string{"packs/notes.txt", "packs/00/00000001.pack.bak", "packs/07/00000001.pack"} {
		if err := write(w.disk, name, []byte("hello")); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.open(); err != nil {
		t.Fatal(err)
	}
	defer w.s.Close()
	if d := w.s.Damage(); len(d) != 3 {
		t.Errorf("damage: %v", d)
	}
	if _, err := vfs.ReadFile(w.disk, "packs/notes.txt"); err != nil {
		t.Error(err)
	}
}
