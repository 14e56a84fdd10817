package chunkstoretest_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"testing"
	"time"

	"scaidrive/chunkstore"
	. "scaidrive/chunkstore/chunkstoretest"
	"scaidrive/chunkstore/vfs"
)

var seedFlag = flag.Uint64("seed", 0, "run this seed only")

// seeds calls f for each seed of a run: n of them, one tenth in short runs and
// under the race detector, or as many as its share (in percent) of
// SCAIDRIVE_LONG has time for. SCAIDRIVE_SEED and -seed choose one.
func seeds(t *testing.T, n int, share float64, f func(seed uint64) error) {
	t.Helper()
	one := *seedFlag
	if v := os.Getenv("SCAIDRIVE_SEED"); one == 0 && v != "" {
		var err error
		if one, err = strconv.ParseUint(v, 0, 64); err != nil {
			t.Fatalf("SCAIDRIVE_SEED: %v", err)
		}
	}
	if one != 0 {
		if err := f(one); err != nil {
			t.Fatalf("seed %d: %v", one, err)
		}
		return
	}
	first := uint64(1)
	var until time.Time
	if v := os.Getenv("SCAIDRIVE_LONG"); v != "" {
		d, err := time.ParseDuration(v)
		if err != nil {
			t.Fatalf("SCAIDRIVE_LONG: %v", err)
		}
		until, first = time.Now().Add(time.Duration(float64(d)*share/100)), rand.Uint64()|1
		n = 1 << 30
	} else if testing.Short() || raceEnabled {
		n = max(n/10, 1)
	}
	done := 0
	for i := range n {
		seed := first + uint64(i)
		if err := f(seed); err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		if done++; !until.IsZero() && time.Now().After(until) {
			break
		}
	}
	t.Logf("%d seeds from %d", done, first)
}

// options are those of a small store in memory.
func options(fsys vfs.FS, m *Model) chunkstore.Options {
	return chunkstore.Options{
		FS: fsys, StoreID: StoreID, Marks: m.MarkList(),
		PackSize: 6 << 10, CacheBytes: -1, FlushBytes: -1, SealRecords: 3,
		Rand: rand.NewChaCha8([32]byte{1}),
	}
}

// A world is a store under random operations, and what was promised so far.
type world struct {
	rng   *rand.Rand
	disk  *vfs.Mem
	fsys  vfs.FS
	s     *chunkstore.Store
	m     *Model
	names []Name
	// unmarked Syncs happen where the frame of the log got lost: their marks
	// are not known at the next Open.
	unmarked bool
	// faulty: what cannot be read counts as missing and is stored again.
	faulty bool
}

// open opens the store; s is nil when that failed.
func (w *world) open() error {
	s, err := chunkstore.Open(context.Background(), options(w.fsys, w.m))
	w.s = s
	return err
}

// step does one random operation and keeps the model. Errors of the store are
// returned as they are.
func (w *world) step() error {
	ctx := context.Background()
	switch r := w.rng.IntN(20); {
	case r < 11:
		n, b := RandomChunk(w.rng, 1+w.rng.IntN(3000))
		if len(w.names) > 0 && w.rng.IntN(4) == 0 {
			n = w.names[w.rng.IntN(len(w.names))]
			b = w.m.Bytes[n]
		}
		return w.put(n, b)
	case r < 17:
		covered := slices.Collect(maps.Keys(w.m.Put))
		marks, err := w.s.Sync(ctx)
		if err != nil {
			return err
		}
		if w.unmarked && w.rng.IntN(3) == 0 {
			marks = nil
		}
		w.m.Synced(covered, marks)
		return nil
	case r < 19:
		if len(w.names) == 0 {
			return nil
		}
		n := w.names[w.rng.IntN(len(w.names))]
		_, err := w.s.Get(ctx, n.Domain, n.Hash, uint32(len(w.m.Bytes[n])), nil)
		return err
	default:
		err := w.s.Close()
		if err == nil {
			w.m.Synced(slices.Collect(maps.Keys(w.m.Put)), nil)
		} else {
			clear(w.m.Put)
		}
		return errors.Join(err, w.open())
	}
}

func (w *world) put(n Name, b []byte) error {
	if _, ok := w.m.Bytes[n]; !ok {
		w.names = append(w.names, n)
	}
	w.m.Bytes[n] = b
	stored, err := w.s.Put(context.Background(), n.Domain, chunkstore.KindData, n.Hash, b)
	if err != nil {
		return err
	}
	if stored && w.m.Put[n] && !w.faulty {
		return fmt.Errorf("chunk %s was stored twice", n.Hash)
	}
	w.m.Put[n] = true
	return nil
}

// crashed makes the world that is found after a crash: what was not promised
// is only remembered by its bytes.
func crashed(rng *rand.Rand, disk *vfs.Mem, m *Model) *world {
	w := &world{rng: rng, disk: disk, fsys: disk, m: m}
	clear(m.Put)
	w.names = slices.SortedFunc(maps.Keys(m.Bytes), func(a, b Name) int { return slices.Compare(a.Hash[:], b.Hash[:]) })
	return w
}

// after checks a world after a crash, goes on in it, and crashes it once more.
func (w *world) after() error {
	if err := w.open(); err != nil {
		return fmt.Errorf("open: %w", err)
	}
	if err := w.m.Check(w.s, false); err != nil {
		return err
	}
	// What is there after Open must not go again: somebody may rely on it.
	for _, n := range w.names {
		has, err := w.s.Has(context.Background(), n.Domain, []chunkstore.Hash{n.Hash})
		if err != nil {
			return err
		}
		if has[0] {
			w.m.Put[n], w.m.Durable[n] = true, true
		}
	}
	for range w.rng.IntN(6) {
		if err := w.step(); err != nil && !isMiss(err) {
			return fmt.Errorf("after the crash: %w", err)
		}
	}
	if err := w.m.Check(w.s, true); err != nil {
		return fmt.Errorf("after the crash: %w", err)
	}
	if err := Verified(w.s); err != nil {
		return err
	}
	again := crashed(w.rng, w.disk.Crash(w.rng), w.m.Clone())
	if err := w.s.Close(); err != nil {
		return err
	}
	if err := again.open(); err != nil {
		return fmt.Errorf("open after the second crash: %w", err)
	}
	if err := again.m.Check(again.s, false); err != nil {
		return fmt.Errorf("after the second crash: %w", err)
	}
	return again.s.Close()
}

// TestCrash runs random operations, cuts the power (or kills the process) at
// random calls on the way, and looks at each disk as it is found then.
func TestCrash(t *testing.T) {
	seeds(t, 4000, 30, func(seed uint64) error {
		rng := rand.New(rand.NewPCG(seed, 0))
		w := crashed(rng, vfs.NewMem(), NewModel())
		w.unmarked = seed%2 == 0
		var found []*world
		cuts := rand.New(rand.NewPCG(seed, 1))
		w.disk.OnOp = func(op vfs.Op) {
			if cuts.IntN(25) == 0 && len(found) < 8 {
				found = append(found, crashed(rand.New(rand.NewPCG(seed, uint64(op.N))), cutPower(cuts, w.disk), w.m.Clone()))
			}
		}
		if err := w.open(); err != nil {
			return err
		}
		for range 10 + rng.IntN(30) {
			if err := w.step(); err != nil && !isMiss(err) {
				return err
			}
		}
		if err := w.m.Check(w.s, true); err != nil {
			return err
		}
		if err := w.s.Close(); err != nil {
			return err
		}
		for i, f := range found {
			if err := f.after(); err != nil {
				return fmt.Errorf("crash %d: %w", i, err)
			}
		}
		return nil
	})
}

func cutPower(rng *rand.Rand, disk *vfs.Mem) *vfs.Mem {
	switch rng.IntN(4) {
	case 0:
		return disk.CrashDurable()
	case 1:
		return disk.Kill()
	}
	return disk.Crash(rng)
}

// TestCrashEverywhere cuts the power before each single call of a run, once a
// seed with a fixed run.
func TestCrashEverywhere(t *testing.T) {
	seeds(t, 60, 15, func(seed uint64) error {
		for at := 1; ; at++ {
			rng := rand.New(rand.NewPCG(seed, 2))
			w := crashed(rng, vfs.NewMem(), NewModel())
			var found *world
			w.disk.OnOp = func(op vfs.Op) {
				if op.N == at {
					cuts := rand.New(rand.NewPCG(seed, uint64(at)))
					found = crashed(cuts, cutPower(cuts, w.disk), w.m.Clone())
				}
			}
			err := w.open()
			for i := 0; err == nil && i < 12; i++ {
				if err = w.step(); isMiss(err) {
					err = nil
				}
			}
			if err != nil {
				return err
			}
			if err := w.s.Close(); err != nil {
				return err
			}
			if found == nil {
				return nil
			}
			if err := found.after(); err != nil {
				return fmt.Errorf("crash before call %d: %w", at, err)
			}
		}
	})
}

// TestCrashInRecovery crashes, crashes again at a random call of the recovery,
// and again in the recovery from that.
func TestCrashInRecovery(t *testing.T) {
	seeds(t, 2500, 20, func(seed uint64) error {
		rng := rand.New(rand.NewPCG(seed, 3))
		w := crashed(rng, vfs.NewMem(), NewModel())
		if err := w.open(); err != nil {
			return err
		}
		for range 5 + rng.IntN(25) {
			if err := w.step(); err != nil && !isMiss(err) {
				return err
			}
		}
		disk := cutPower(rng, w.disk)
		m := w.m.Clone()
		if err := w.s.Close(); err != nil {
			return err
		}
		for range 3 {
			var next *vfs.Mem
			at := 1 + rng.IntN(8)
			disk.OnOp = func(op vfs.Op) {
				if next == nil && op.N >= at {
					next = cutPower(rng, disk)
				}
			}
			half := crashed(rng, disk, m.Clone())
			if err := half.open(); err != nil {
				return fmt.Errorf("recover: %w", err)
			}
			if err := half.s.Close(); err != nil {
				return err
			}
			if next == nil {
				break
			}
			disk = next
		}
		disk.OnOp = nil
		return crashed(rng, disk, m).after()
	})
}
