package meta_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"syscall"
	"testing"

	"scaidrive/chunkstore"
	"scaidrive/chunkstore/vfs"
	"scaidrive/engine"
	"scaidrive/engine/meta"
	"scaidrive/engine/meta/kv"
	"scaidrive/engine/meta/schema"
)

// TestFailTheNth fails the first call, the second, and so on, until none fails
// any more: while a database is opened, written, flushed, given a snapshot and
// closed. What was acknowledged is there afterwards; what was refused for want of
// space is not; after a failed sync nothing is acknowledged.
func TestFailTheNth(t *testing.T) {
	for _, c := range []struct {
		name string
		rule vfs.Rule
	}{
		{"sync", vfs.Rule{Ops: vfs.OpSync | vfs.OpSyncDir}},
		{"sync that says full", vfs.Rule{Ops: vfs.OpSync | vfs.OpSyncDir, Err: vfs.ErrNoSpace}},
		{"full volume", vfs.Rule{Ops: vfs.OpWrite | vfs.OpAllocate | vfs.OpTruncate | vfs.OpCreate, Err: fmt.Errorf("%w: %w", vfs.ErrNoSpace, syscall.ENOSPC)}},
		{"full volume in the middle of a write", vfs.Rule{Ops: vfs.OpWrite, Short: true, Err: vfs.ErrNoSpace}},
		{"full volume for a while", vfs.Rule{Ops: vfs.OpWrite | vfs.OpAllocate | vfs.OpCreate, From: true, Err: vfs.ErrNoSpace}},
		{"write that is done and fails", vfs.Rule{Ops: vfs.OpWrite, Done: true}},
		{"full volume after a whole write", vfs.Rule{Ops: vfs.OpWrite, Done: true, Err: vfs.ErrNoSpace}},
		{"any call", vfs.Rule{}},
		{"rename or remove that is done", vfs.Rule{Ops: vfs.OpRename | vfs.OpRemove | vfs.OpCreate, Done: true}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			step := 1
			if testing.Short() || raceEnabled {
				step = 7
			}
			n := 1
			for ; ; n += step {
				rule := c.rule
				rule.N = n
				if !failOnce(t, uint64(n), rule) {
					break
				}
				if t.Failed() {
					t.Fatalf("call %d", n)
				}
			}
			t.Logf("%d calls", n-1)
		})
	}
}

// failOnce reports whether the rule has fired.
func failOnce(t *testing.T, seed uint64, rule vfs.Rule) bool {
	w := newWorld(t, seed, 1)
	w.refused = make(map[[2]int]bool)
	if err := meta.Create(t.Context(), w.opts); err != nil {
		t.Fatal(err)
	}
	opts := w.opts
	fault := vfs.NewFault(w.fs)
	opts.FS = fault
	fired := fault.Inject(rule)
	db, err := meta.Open(t.Context(), opts)
	if err == nil {
		w.runUntilRefused(db, rule)
		err := db.Close()
		if err != nil && fired() == 0 {
			t.Errorf("close: %v", err)
		}
	} else if fired() == 0 {
		t.Errorf("open: %v", err)
	}
	low, high, marked := w.bounds()
	rng := rngOf(seed, 5)
	if err := w.crash(rng, w.fs.Crash(rng), w.place.Crash(rng), low, high, marked, 0); err != nil {
		t.Errorf("rule %+v: after a power cut: %v", rule, err)
	}
	if err := w.crash(rng, w.fs.Kill(), w.place.Crash(rng), low, high, marked, 0); err != nil {
		t.Errorf("rule %+v: after a restart: %v", rule, err)
	}
	return fired() > 0
}

// runUntilRefused runs mutations until one is refused for good.
func (w *world) runUntilRefused(db *meta.DB, rule vfs.Rule) {
	for i := 1; i <= 30; i++ {
		err := w.step(db, 0, i)
		switch engine.KindOf(err) {
		case engine.KindNoSpace:
			w.refused[[2]int{0, i}] = true
			if rule.Err == nil {
				w.t.Errorf("rule %+v: mutation %d: %v", rule, i, err)
			}
		case engine.KindUnavailable:
			if db.Status().ReadOnly == "" {
				w.refused[[2]int{0, i}] = true
				break
			}
			w.mustStayReadOnly(db)
			return
		default:
			if err != nil {
				w.t.Errorf("rule %+v: mutation %d: %v", rule, i, err)
				return
			}
		}
		if i%11 == 0 {
			_, _ = db.Snapshot(context.Background()) // may fail; nothing may be lost
		}
	}
}

// mustStayReadOnly checks that a database that refused goes on refusing, and
// that its readers see what was visible.
func (w *world) mustStayReadOnly(db *meta.DB) {
	low, _, _ := w.bounds()
	for range 2 {
		err := db.Update(w.t.Context(), func(tx *meta.Tx) error { return tx.Put(schema.Nodes, []byte("late"), nil) })
		if engine.KindOf(err) != engine.KindUnavailable {
			w.t.Errorf("an update after the failure: %v", err)
		}
	}
	s, err := readState(w.t.Context(), db, 1)
	if err != nil {
		w.t.Errorf("reading after the failure: %v", err)
		return
	}
	want := expected(w.seed, []int{int(low[0])}, w.refused)
	if fmt.Sprint(want) != fmt.Sprint(s) {
		w.t.Errorf("after the failure readers see another state than the one that was committed last")
	}
}

// TestFullVolume fills the disk for real: every mutation either succeeds or is
// KindNoSpace, reads go on, and there is room again as soon as there is.
func TestFullVolume(t *testing.T) {
	w := newWorld(t, 1, 1)
	w.refused = make(map[[2]int]bool)
	if err := meta.Create(t.Context(), w.opts); err != nil {
		t.Fatal(err)
	}
	db, err := meta.Open(t.Context(), w.opts)
	if err != nil {
		t.Fatal(err)
	}
	w.fs.SetCapacity(w.fs.Used() + 20<<10)
	full := 0
	i := 1
	for ; full < 20 && i < 1000; i++ {
		err := w.step(db, 0, i)
		if engine.KindOf(err) == engine.KindNoSpace {
			w.refused[[2]int{0, i}] = true
			full++
		} else if err != nil {
			t.Fatal(i, err)
		}
	}
	if full < 20 {
		t.Fatal("the volume never became full")
	}
	if _, err := readState(t.Context(), db, 1); err != nil {
		t.Fatal(err)
	}
	// A restart on the full volume opens and reads.
	low, high, marked := w.bounds()
	if err := w.crash(rngOf(2), w.fs.Kill(), w.place.Crash(rngOf(2)), low, high, marked, 0); err != nil {
		t.Fatal("restarted while full:", err)
	}
	w.fs.SetCapacity(0)
	for range 30 {
		if err := w.step(db, 0, i); err != nil {
			t.Fatal(i, err)
		}
		i++
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	low, high, marked = w.bounds()
	if err := w.crash(rngOf(1), w.fs, w.place, low, high, marked, 0); err != nil {
		t.Fatal(err)
	}
}

// TestFileFull refuses the database file's growth: the layers stay, writes are
// refused when they have grown too far, and go on when there is room.
func TestFileFull(t *testing.T) {
	w := newWorld(t, 3, 1)
	w.refused = make(map[[2]int]bool)
	if err := meta.Create(t.Context(), w.opts); err != nil {
		t.Fatal(err)
	}
	full := true
	w.place.OnApply = func() error {
		if full {
			return kv.ErrNoSpace
		}
		return nil
	}
	db, err := meta.Open(t.Context(), w.opts)
	if err != nil {
		t.Fatal(err)
	}
	i, refused := 1, 0
	for ; i < 500 && refused < 5; i++ {
		if err := w.step(db, 0, i); engine.KindOf(err) == engine.KindNoSpace {
			w.refused[[2]int{0, i}] = true
			refused++
		} else if err != nil {
			t.Fatal(i, err)
		}
	}
	if refused == 0 {
		t.Fatal("the layers grow without bound")
	}
	if err := db.Close(); !errors.As(err, new(*engine.Error)) {
		t.Fatalf("close with layers that cannot be flushed: %v", err)
	}
	// Opened again, it asks for room.
	asked := 0
	w.opts.MakeRoom = func() bool { asked++; full = false; return true }
	if db, err = meta.Open(t.Context(), w.opts); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil || asked != 1 {
		t.Fatalf("asked for room %d times: %v", asked, err)
	}
	low, high, marked := w.bounds()
	if err := w.crash(rngOf(1), w.fs, w.place, low, high, marked, 0); err != nil {
		t.Fatal(err)
	}
}

// TestMarksOutliveARefusedFrame: the chunk store tells each mark once. When the
// frame that should carry it is refused, the next one does.
func TestMarksOutliveARefusedFrame(t *testing.T) {
	fault := vfs.NewFault(vfs.NewMem())
	told := []chunkstore.Mark{{Pack: 4, Length: 100}, {Pack: 2, Length: 7}}
	db := openMem(t, meta.Options{FS: fault, Barrier: func(context.Context) ([]chunkstore.Mark, error) {
		m := told
		told = nil
		return m, nil
	}})
	update := func() error {
		return db.Update(t.Context(), func(tx *meta.Tx) error {
			tx.NeedChunks()
			return tx.Put(schema.Nodes, []byte("k"), []byte("v"))
		})
	}
	fault.Inject(vfs.Rule{Ops: vfs.OpWrite, Name: "oplog/*.log", Err: vfs.ErrNoSpace})
	if err := update(); engine.KindOf(err) != engine.KindNoSpace {
		t.Fatal(err)
	}
	if marks, err := db.Marks(t.Context()); err != nil || len(marks) != 0 {
		t.Fatal(marks, err)
	}
	if err := update(); err != nil {
		t.Fatal(err)
	}
	marks, err := db.Marks(t.Context())
	want := []chunkstore.Mark{{Pack: 2, Length: 7}, {Pack: 4, Length: 100}}
	if err != nil || !slices.Equal(marks, want) {
		t.Fatal(marks, err)
	}
}

// TestBarrierFails: a full chunk store refuses what names chunks and nothing
// else; one that failed for good stops everything.
func TestBarrierFails(t *testing.T) {
	var fails error
	db := openMem(t, meta.Options{Barrier: func(context.Context) ([]chunkstore.Mark, error) { return nil, fails }})
	inside, goOn := make(chan struct{}), make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		_ = db.Update(t.Context(), func(tx *meta.Tx) error { close(inside); <-goOn; return nil })
	})
	<-inside
	fails = chunkstore.ErrNoSpace
	errs := make([]error, 20)
	for i := range errs {
		wg.Go(func() {
			errs[i] = db.Update(t.Context(), func(tx *meta.Tx) error {
				if i%2 == 0 {
					tx.NeedChunks()
				}
				return tx.Put(schema.Nodes, []byte{byte('a' + i)}, nil)
			})
		})
	}
	close(goOn)
	wg.Wait()
	for i, err := range errs {
		_, gerr := get(t, db, schema.Nodes, string(rune('a'+i)))
		if i%2 == 0 && (engine.KindOf(err) != engine.KindNoSpace || !errors.Is(gerr, schema.ErrNotFound)) || i%2 == 1 && (err != nil || gerr != nil) {
			t.Errorf("%d: %v, %v", i, err, gerr)
		}
	}
	fails = chunkstore.ErrReadOnly
	for _, chunks := range []bool{true, false} {
		err := db.Update(t.Context(), func(tx *meta.Tx) error {
			if chunks {
				tx.NeedChunks()
			}
			return tx.Put(schema.Nodes, []byte("late"), nil)
		})
		if engine.KindOf(err) != engine.KindUnavailable {
			t.Errorf("after a failed sync of the packs: %v", err)
		}
	}
	if _, err := get(t, db, schema.Nodes, "late"); !errors.Is(err, schema.ErrNotFound) {
		t.Error(err)
	}
}
