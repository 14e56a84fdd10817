package chunkstoretest_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"testing"

	"scaidrive/chunkstore"
	. "scaidrive/chunkstore/chunkstoretest"
	"scaidrive/chunkstore/vfs"
)

// faulty is a world whose disk can fail.
func faulty(seed uint64) (*world, *vfs.Fault) {
	w := crashed(rand.New(rand.NewPCG(seed, 4)), vfs.NewMem(), NewModel())
	f := vfs.NewFault(w.disk)
	w.fsys, w.faulty = f, true
	return w, f
}

// run does a fixed number of steps and goes on after errors. It reports
// whether the store, as it is open now, must refuse all writing.
func (w *world) run(steps int, failed func() int) (fatal bool, err error) {
	for range steps {
		before, store, was := failed(), w.s, fatal
		err := w.step()
		if w.s != store {
			fatal = false
		}
		if w.s == nil {
			return false, nil // opening it again failed
		}
		if err == nil || isMiss(err) {
			continue
		}
		var damaged *chunkstore.DamagedError
		if errors.As(err, &damaged) && before > 0 {
			continue // what could not be read when the store was opened
		}
		if failed() == before && !was {
			return fatal, fmt.Errorf("an error where no call failed: %w", err)
		}
		if w.s == store && errors.Is(err, chunkstore.ErrReadOnly) {
			fatal = true
		}
	}
	return fatal, nil
}

// TestFailNth fails the first call of each kind in a run, then the second, and
// so on until none fails any more, once and from then on, with a plain error,
// with one after the effect, with half a write, and with a full volume.
func TestFailNth(t *testing.T) {
	kinds := []struct {
		name string
		rule vfs.Rule
	}{
		{"write", vfs.Rule{Ops: vfs.OpWrite}},
		{"short write", vfs.Rule{Ops: vfs.OpWrite, Short: true}},
		{"write told wrong", vfs.Rule{Ops: vfs.OpWrite, Done: true}},
		{"full at write", vfs.Rule{Ops: vfs.OpWrite, Short: true, Err: vfs.ErrNoSpace}},
		{"full at allocate", vfs.Rule{Ops: vfs.OpAllocate, Err: vfs.ErrNoSpace}},
		{"full at create", vfs.Rule{Ops: vfs.OpCreate | vfs.OpMkdir, Err: vfs.ErrNoSpace}},
		{"create", vfs.Rule{Ops: vfs.OpCreate}},
		{"sync", vfs.Rule{Ops: vfs.OpSync}},
		{"sync told wrong", vfs.Rule{Ops: vfs.OpSync, Done: true}},
		{"full at sync", vfs.Rule{Ops: vfs.OpSync, Err: vfs.ErrNoSpace}},
		{"syncdir", vfs.Rule{Ops: vfs.OpSyncDir}},
		{"truncate", vfs.Rule{Ops: vfs.OpTruncate}},
		{"read", vfs.Rule{Ops: vfs.OpRead}},
		{"open", vfs.Rule{Ops: vfs.OpOpen}},
		{"any", vfs.Rule{Ops: vfs.OpAny}},
	}
	for _, k := range kinds {
		for _, from := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s/from=%v", k.name, from), func(t *testing.T) {
				seeds(t, 4, 0.6, func(seed uint64) error {
					for n := 1; ; n++ {
						k.rule.N, k.rule.From = n, from
						fired, err := failOnce(seed, k.rule)
						if err != nil {
							return fmt.Errorf("call %d: %w", n, err)
						}
						if !fired {
							return nil
						}
					}
				})
			})
		}
	}
}

func failOnce(seed uint64, rule vfs.Rule) (fired bool, err error) {
	w, f := faulty(seed)
	if err := w.open(); err != nil {
		return false, err
	}
	count := f.Inject(rule)
	fatal, err := w.run(25, count)
	if err != nil {
		return true, err
	}
	f.Clear()
	mayFail := rule.Ops&(vfs.OpSync|vfs.OpSyncDir) != 0
	if fatal && !mayFail {
		return true, errors.New("read-only though no sync failed")
	}
	// A full disk or a bad call is over: what the store still says is right,
	// and unless a sync failed it takes more.
	if count() > 0 && w.s != nil {
		if err := w.alive(fatal, rule); err != nil {
			return true, err
		}
	}
	for i, disk := range []*vfs.Mem{w.disk.CrashDurable(), w.disk.Kill(), w.disk.Crash(w.rng)} {
		if err := crashed(w.rng, disk, w.m.Clone()).after(); err != nil {
			return true, fmt.Errorf("restart %d: %w", i, err)
		}
	}
	if w.s != nil {
		if err := w.s.Close(); err != nil && !fatal {
			return true, err
		}
	}
	return count() > 0, nil
}

// alive checks a store whose disk works again.
func (w *world) alive(fatal bool, rule vfs.Rule) error {
	ctx := context.Background()
	n, b := RandomChunk(w.rng, 500)
	err := w.put(n, b)
	covered := slices.Collect(maps.Keys(w.m.Put))
	marks, serr := w.s.Sync(ctx)
	switch {
	case errors.Is(err, chunkstore.ErrClosed):
		return nil
	case fatal:
		if !errors.Is(err, chunkstore.ErrReadOnly) || !errors.Is(serr, chunkstore.ErrReadOnly) {
			return fmt.Errorf("after a failed sync: put %v, sync %v", err, serr)
		}
	case err != nil || serr != nil:
		return fmt.Errorf("the disk works again: put %w, sync %w", err, serr)
	default:
		w.m.Synced(covered, marks)
	}
	if rule.Ops&(vfs.OpRead|vfs.OpOpen) != 0 {
		return nil // a chunk that could not be read counts as damaged
	}
	return w.m.Check(w.s, true)
}

// TestFullDisk fills a small volume, frees some of it, and goes on.
func TestFullDisk(t *testing.T) {
	seeds(t, 300, 7, func(seed uint64) error {
		w, _ := faulty(seed)
		if err := w.open(); err != nil {
			return err
		}
		capacity := int64(4<<10 + w.rng.IntN(60<<10))
		w.disk.SetCapacity(capacity)
		full := false
		for range 60 {
			err := w.step()
			switch {
			case err == nil || isMiss(err):
			case errors.Is(err, chunkstore.ErrNoSpace):
				full = true
			default:
				return fmt.Errorf("on a small disk: %w", err)
			}
			if w.s == nil {
				break
			}
		}
		w.disk.SetCapacity(0)
		if w.s == nil {
			return crashed(w.rng, w.disk.Crash(w.rng), w.m).after()
		}
		if full {
			if err := w.alive(false, vfs.Rule{}); err != nil {
				return err
			}
		}
		disk := w.disk.Crash(w.rng)
		if err := w.s.Close(); err != nil {
			return err
		}
		return crashed(w.rng, disk, w.m).after()
	})
}

// TestSyncsShared counts syncs: many callers at once share few of them.
func TestSyncsShared(t *testing.T) {
	f := vfs.NewFault(vfs.NewMem())
	o := options(f, NewModel())
	o.PackSize = 1 << 20
	s := Open(t, o)
	ctx := context.Background()
	f.SetSyncDelay(2e6)
	const callers = 64
	done := make(chan error, callers)
	for i := range callers {
		go func() {
			n, b := RandomChunk(rand.New(rand.NewPCG(uint64(i), 9)), 900)
			_, err := s.Put(ctx, n.Domain, chunkstore.KindData, n.Hash, b)
			if err == nil {
				_, err = s.Sync(ctx)
			}
			done <- err
		}()
	}
	for range callers {
		if err := <-done; err != nil {
			t.Fatal(err)
		}
	}
	if n := f.Count(vfs.OpSync, "*.pack"); n > 12 {
		t.Errorf("%d syncs for %d callers at once", n, callers)
	}
	before := f.Count(vfs.OpSync|vfs.OpSyncDir, "")
	n, b := RandomChunk(rand.New(rand.NewPCG(99, 9)), 900)
	if _, err := s.Put(ctx, n.Domain, chunkstore.KindData, n.Hash, b); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Sync(ctx); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Sync(ctx); err != nil { // nothing to do
		t.Fatal(err)
	}
	if n := f.Count(vfs.OpSync|vfs.OpSyncDir, "") - before; n != 1 {
		t.Errorf("%d syncs for one small write, 1 expected", n)
	}
}

// TestSealBehindFailedWrite seals a pack right where a long write has failed:
// the file ends with the trailer all the same, and keeps no space beyond it.
func TestSealBehindFailedWrite(t *testing.T) {
	ctx := context.Background()
	w, f := faulty(1)
	if err := w.open(); err != nil {
		t.Fatal(err)
	}
	noise := func(n int) error {
		b := randomBytes(w.rng, n)
		return w.put(Name{chunkstore.Domain{1}, sha256.Sum256(b)}, b)
	}
	if err := noise(500); err != nil {
		t.Fatal(err)
	}
	f.Inject(vfs.Rule{Ops: vfs.OpWrite, Short: true, Err: vfs.ErrNoSpace})
	if err := noise(4500); !errors.Is(err, chunkstore.ErrNoSpace) {
		t.Fatalf("put: %v", err)
	}
	f.Clear()
	if err := noise(5500); err != nil { // does not fit: the pack is full
		t.Fatal(err)
	}
	marks, err := w.s.Sync(ctx)
	if err != nil {
		t.Fatal(err)
	}
	w.m.Synced(slices.Collect(maps.Keys(w.m.Put)), marks)
	if e, err := w.disk.Stat("packs/00/00000001.pack"); err != nil || e.Size != w.m.Marks[1] {
		t.Errorf("%d bytes, marked are %d: %v", e.Size, w.m.Marks[1], err)
	}
	disk := w.disk.CrashDurable()
	if err := w.s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := crashed(w.rng, disk, w.m).after(); err != nil {
		t.Fatal(err)
	}
}

// TestUndurableNotFolded: the index file never names what a crash can take.
func TestUndurableNotFolded(t *testing.T) {
	ctx := context.Background()
	disk := vfs.NewMem()
	o := options(disk, NewModel())
	o.PackSize, o.IndexPath, o.FoldEntries = 1<<20, filepath.Join(t.TempDir(), "index.db"), 5
	s, err := chunkstore.Open(ctx, o)
	if err != nil {
		t.Fatal(err)
	}
	w := &world{rng: rand.New(rand.NewPCG(5, 5)), s: s, m: NewModel()}
	covered := make(map[Name]bool)
	for i := range 60 {
		if err := w.put(RandomChunk(w.rng, 300)); err != nil {
			t.Fatal(err)
		}
		if i == 30 {
			marks, err := s.Sync(ctx)
			if err != nil {
				t.Fatal(err)
			}
			w.m.Synced(slices.Collect(maps.Keys(w.m.Put)), marks)
			covered = maps.Clone(w.m.Put)
		}
	}
	for i := 0; s.Stats().Index.Folds == 0; i++ { // begun by the Sync, on its own
		if i > 1e7 {
			t.Fatal("nothing is folded")
		}
		runtime.Gosched()
	}
	cut := disk.CrashDurable()
	index, err := os.ReadFile(o.IndexPath)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	o.FS, o.Marks, o.IndexPath = cut, w.m.MarkList(), filepath.Join(t.TempDir(), "index.db")
	if err := os.WriteFile(o.IndexPath, index, 0o600); err != nil {
		t.Fatal(err)
	}
	s = Open(t, o)
	if err := w.m.Check(s, false); err != nil {
		t.Error(err)
	}
	if n := s.Stats().Chunks; int(n) != len(covered) {
		t.Errorf("%d chunks, %d were durable", n, len(covered))
	}
}
