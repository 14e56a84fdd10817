package meta_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"scaidrive/chunkstore"
	"scaidrive/chunkstore/vfs"
	"scaidrive/engine/meta"
	"scaidrive/engine/meta/kv"
	"scaidrive/engine/meta/schema"
)

// The model: writers, each with a key space of its own, whose i-th mutation is a
// function of (seed, writer, i) alone. So a plain map of what must be there
// follows from how many mutations of each writer are durable.

var modelTables = []schema.Table{schema.Nodes, schema.Children, schema.Versions, schema.Changes}

const modelKeys = 12

type modelOp struct {
	table schema.Table
	key   string
	value string
	del   bool
}

type mutation struct {
	ops    []modelOp
	fail   bool
	panics bool
	chunks bool
}

func rngOf(seed uint64, parts ...uint64) *rand.Rand {
	h := seed
	for _, p := range parts {
		h = h*0x9e3779b97f4a7c15 + p + 1
	}
	return rand.New(rand.NewPCG(seed, h))
}

func makeMutation(seed uint64, w, i int) mutation {
	rng := rngOf(seed, uint64(w), uint64(i))
	var m mutation
	for range 1 + rng.IntN(5) {
		op := modelOp{table: modelTables[rng.IntN(len(modelTables))], key: fmt.Sprintf("%d/%02d", w, rng.IntN(modelKeys))}
		if op.del = rng.IntN(4) == 0; !op.del {
			b := make([]byte, rng.IntN(120))
			if rng.IntN(20) == 0 {
				b = make([]byte, 3000)
			}
			for j := range b {
				b[j] = byte(rng.Uint32())
			}
			op.value = string(b)
		}
		m.ops = append(m.ops, op)
	}
	switch rng.IntN(12) {
	case 0:
		m.fail = true
	case 1:
		m.panics = true
	case 2, 3:
		m.chunks = true
	}
	return m
}

func counterKey(w int) []byte { return fmt.Appendf(nil, "writer %d", w) }

type modelState map[string]string

func rowKey(t schema.Table, key string) string { return fmt.Sprintf("%d:%s", t, key) }

// expected is the state when each writer's first done[w] mutations are in.
func expected(seed uint64, done []int, refused map[[2]int]bool) modelState {
	s := make(modelState)
	for w, n := range done {
		for i := 1; i <= n; i++ {
			m := makeMutation(seed, w, i)
			if m.fail || m.panics || refused[[2]int{w, i}] {
				continue
			}
			for _, op := range m.ops {
				if op.del {
					delete(s, rowKey(op.table, op.key))
				} else {
					s[rowKey(op.table, op.key)] = op.value
				}
			}
			s[rowKey(schema.Users, string(counterKey(w)))] = strconv.Itoa(i)
		}
	}
	return s
}

var errWanted = errors.New("wanted")

// A world is a database under test, with what is known about its promises.
type world struct {
	t       testing.TB
	seed    uint64
	writers int
	fs      *vfs.Mem
	place   *kv.MemPlace
	opts    meta.Options

	started []atomic.Int64 // the newest mutation handed to Update
	visible []atomic.Int64 // the newest one whose OnCommit was called
	synced  atomic.Int64   // the mark of the newest Barrier
	marked  atomic.Int64   // the mark that a committed mutation relied on

	// refused are the mutations of which Update said that nothing of them is
	// there, by (writer, number).
	refused map[[2]int]bool
}

func newWorld(t testing.TB, seed uint64, writers int) *world {
	w := &world{t: t, seed: seed, writers: writers, fs: vfs.NewMem(), place: kv.NewMemPlace(),
		started: make([]atomic.Int64, writers), visible: make([]atomic.Int64, writers)}
	w.opts = meta.Options{FS: w.fs, Place: w.place, StoreID: [16]byte{7}, SegmentSize: 8 << 10,
		FlushBytes: 4000, FlushAge: -1, SnapshotBytes: -1, ScrubEvery: -1, PageRecords: 3,
		Barrier: func(context.Context) ([]chunkstore.Mark, error) {
			n := w.synced.Add(1)
			return []chunkstore.Mark{{Pack: chunkstore.PackID(n % 3), Length: n}}, nil
		}}
	return w
}

// at is a world with the same promises on other disks.
func (w *world) at(fs *vfs.Mem, place *kv.MemPlace) *world {
	c := newWorld(w.t, w.seed, w.writers)
	for k := range w.writers {
		c.started[k].Store(w.started[k].Load())
		c.visible[k].Store(w.visible[k].Load())
	}
	c.synced.Store(w.synced.Load())
	c.marked.Store(w.marked.Load())
	c.refused, c.fs, c.place = w.refused, fs, place
	c.opts.FS, c.opts.Place = fs, place
	return c
}

// step runs writer k's i-th mutation. It returns Update's error, without those
// that the mutation itself wants.
func (w *world) step(db *meta.DB, k, i int) error {
	m := makeMutation(w.seed, k, i)
	w.started[k].Store(int64(i))
	err := db.Update(w.t.Context(), func(tx *meta.Tx) error {
		for _, op := range m.ops {
			var err error
			if op.del {
				err = tx.Delete(op.table, []byte(op.key))
			} else {
				err = tx.Put(op.table, []byte(op.key), []byte(op.value))
			}
			if err != nil {
				return err
			}
		}
		if err := tx.Put(schema.Users, counterKey(k), strconv.AppendInt(nil, int64(i), 10)); err != nil {
			return err
		}
		if m.chunks {
			tx.NeedChunks()
		}
		tx.OnCommit(func() {
			w.visible[k].Store(int64(i))
			if m.chunks {
				w.marked.Store(w.synced.Load())
			}
		})
		if m.panics {
			panic("wanted")
		}
		if m.fail {
			return errWanted
		}
		return nil
	})
	if m.fail && errors.Is(err, errWanted) || m.panics && err != nil {
		return nil
	}
	if err == nil && (m.fail || m.panics) {
		w.t.Errorf("seed %d: writer %d, mutation %d succeeded", w.seed, k, i)
	}
	return err
}

// readState reads all there is, by scan, and by Get of every key of the model.
func readState(ctx context.Context, db *meta.DB, writers int) (modelState, error) {
	s := make(modelState)
	err := db.View(ctx, func(v *meta.View) error {
		for _, t := range append([]schema.Table{schema.Users}, modelTables...) {
			err := v.Scan(t, nil, nil, func(k, val []byte) (bool, error) {
				s[rowKey(t, string(k))] = string(val)
				return true, nil
			})
			if err != nil {
				return err
			}
			if err := sameBack(v, t); err != nil {
				return err
			}
			for w := range writers {
				for i := range modelKeys {
					key := fmt.Sprintf("%d/%02d", w, i)
					got, err := v.Get(t, []byte(key))
					want, ok := s[rowKey(t, key)]
					if ok != (err == nil) || err != nil && !errors.Is(err, schema.ErrNotFound) || string(got) != want {
						return fmt.Errorf("get of %s in %s: %w, the scan says %v", key, t, err, ok)
					}
				}
			}
		}
		return nil
	})
	return s, err
}

// sameBack compares the scan of a table from its end with that from its beginning,
// and one from within with the part of it.
func sameBack(v *meta.View, t schema.Table) error {
	var there, back []string
	err := v.Scan(t, nil, nil, func(k, val []byte) (bool, error) {
		there = append(there, string(k)+"="+string(val))
		return true, nil
	})
	if err != nil {
		return err
	}
	slices.Reverse(there)
	for _, to := range []string{"", "1/05", "0/00"} {
		want := there
		var end []byte
		if to != "" {
			end = []byte(to)
			from, _ := slices.BinarySearchFunc(there, to, func(row, to string) int {
				if row < to {
					return 1
				}
				return -1
			})
			want = there[from:]
		}
		back = nil
		err := v.ScanBack(t, nil, end, func(k, val []byte) (bool, error) {
			back = append(back, string(k)+"="+string(val))
			return true, nil
		})
		if err != nil {
			return err
		}
		if !slices.Equal(want, back) {
			return fmt.Errorf("scan of %s back from %q: %q, want %q", t, to, back, want)
		}
	}
	return nil
}

// check verifies that an opened database holds every mutation that was visible
// and nothing that was not begun, each whole, in order.
func (w *world) check(db *meta.DB, low, high []int64, marked int64) error {
	ctx := context.Background()
	if err := db.Verified(ctx); err != nil {
		return fmt.Errorf("scrub: %w", err)
	}
	s, err := readState(ctx, db, w.writers)
	if err != nil {
		return err
	}
	done := make([]int, w.writers)
	for k := range done {
		done[k], _ = strconv.Atoi(s[rowKey(schema.Users, string(counterKey(k)))])
		if int64(done[k]) < low[k] {
			return fmt.Errorf("writer %d: mutation %d was committed, the newest one there is %d", k, low[k], done[k])
		}
		if int64(done[k]) > high[k] {
			return fmt.Errorf("writer %d: mutation %d is there, only %d were begun", k, done[k], high[k])
		}
	}
	if diff := cmp.Diff(expected(w.seed, done, w.refused), s); diff != "" {
		return fmt.Errorf("state of %v (-want +got):\n%s", done, diff)
	}
	marks, err := db.Marks(ctx)
	if err != nil {
		return err
	}
	newest := int64(0)
	for _, m := range marks {
		newest = max(newest, m.Length)
	}
	if newest < marked {
		return fmt.Errorf("the mark %d is lost, the newest one is %d", marked, newest)
	}
	r, err := db.Verify(ctx)
	if err != nil || len(r.Problems) > 0 {
		return fmt.Errorf("verify: %v, %v", err, r.Problems)
	}
	return nil
}

func (w *world) bounds() (low, high []int64, marked int64) {
	marked = w.marked.Load()
	for k := range w.writers {
		low = append(low, w.visible[k].Load())
	}
	for k := range w.writers {
		high = append(high, w.started[k].Load())
	}
	return low, high, marked
}

// crash opens what a crash at this moment would leave, and checks it. depth
// more crashes follow while it opens. What it then shows to readers must
// survive a power cut too.
func (w *world) crash(rng *rand.Rand, fs *vfs.Mem, place *kv.MemPlace, low, high []int64, marked int64, depth int) error {
	opts := w.opts
	opts.FS, opts.Place = fs, place
	var inner error
	var opened atomic.Bool
	if depth > 0 {
		rng := rngOf(rng.Uint64()) // the hook runs beside this function
		fs.OnOp = func(op vfs.Op) {
			if !opened.Load() && inner == nil && rng.IntN(3) == 0 {
				if err := w.crash(rng, fs.Crash(rng), place.Crash(rng), low, high, marked, 0); err != nil {
					inner = fmt.Errorf("at %s %s while it opens: %w", op.Kind, op.Name, err)
				}
			}
		}
	}
	db, err := meta.Open(context.Background(), opts)
	if err != nil {
		return fmt.Errorf("open: %w", err)
	}
	opened.Store(true)
	err = w.check(db, low, high, marked)
	if err == nil && rng.IntN(4) == 0 {
		err = w.cutAgain(db, fs.CrashDurable(), place.Crash(rng), high, marked)
	}
	err = errors.Join(err, db.Close())
	return errors.Join(err, inner)
}

// cutAgain checks that what db shows is there after a power cut.
func (w *world) cutAgain(db *meta.DB, fs *vfs.Mem, place *kv.MemPlace, high []int64, marked int64) error {
	s, err := readState(context.Background(), db, w.writers)
	if err != nil {
		return err
	}
	seen := make([]int64, w.writers)
	for k := range seen {
		n, _ := strconv.Atoi(s[rowKey(schema.Users, string(counterKey(k)))])
		seen[k] = int64(n)
	}
	opts := w.opts
	opts.FS, opts.Place = fs, place
	again, err := meta.Open(context.Background(), opts)
	if err != nil {
		return fmt.Errorf("open after a second cut: %w", err)
	}
	if err := w.check(again, seen, high, marked); err != nil {
		return errors.Join(fmt.Errorf("after a second cut: %w", err), again.Close())
	}
	return again.Close()
}

// modelSeeds gives the seeds to run: n of them, or by the environment one, or as
// many as fit into a duration.
func modelSeeds(t *testing.T, n int, run func(t *testing.T, seed uint64)) {
	if s := os.Getenv("SCAIDRIVE_SEED"); s != "" {
		seed, err := strconv.ParseUint(s, 0, 64)
		if err != nil {
			t.Fatal(err)
		}
		run(t, seed)
		return
	}
	base, until := uint64(1), time.Time{}
	if s := os.Getenv("SCAIDRIVE_LONG"); s != "" {
		d, err := time.ParseDuration(s)
		if err != nil {
			t.Fatal(err)
		}
		base, until, n = uint64(time.Now().UnixNano()), time.Now().Add(d), 1<<30
	}
	if raceEnabled {
		n = max(1, n/10)
	}
	if testing.Short() {
		n = max(1, n/10)
	}
	for i := range n {
		if !until.IsZero() && time.Now().After(until) {
			t.Logf("%d seeds from %d", i, base)
			return
		}
		run(t, base+uint64(i))
		if t.Failed() {
			t.Fatalf("seed %d; again with SCAIDRIVE_SEED=%d", base+uint64(i), base+uint64(i))
		}
	}
	t.Logf("%d seeds from %d", n, base)
}

// TestCrashEverywhere crashes before every call that changes the disk.
func TestCrashEverywhere(t *testing.T) {
	points := 0
	modelSeeds(t, 60, func(t *testing.T, seed uint64) {
		rng := rngOf(seed)
		w := newWorld(t, seed, 1+rng.IntN(3))
		if rng.IntN(3) == 0 {
			w.opts.SnapshotBytes = 12 << 10
		}
		if err := meta.Create(t.Context(), w.opts); err != nil {
			t.Fatal(err)
		}
		var mu sync.Mutex
		var failure error
		every, snapshots := 1+rng.IntN(3), rng.IntN(2) == 0
		at := func(what string) {
			mu.Lock()
			defer mu.Unlock()
			if failure != nil || rng.IntN(every) != 0 {
				return
			}
			points++
			// The bounds from below before the clone, those from above after it.
			low, _, marked := w.bounds()
			place, fs := w.place.Crash(rng), w.fs.Kill()
			if rng.IntN(4) > 0 {
				fs = fs.Crash(rng)
			}
			_, high, _ := w.bounds()
			depth := 0
			if rng.IntN(8) == 0 {
				depth = 1
			}
			if err := w.crash(rng, fs, place, low, high, marked, depth); err != nil {
				failure = fmt.Errorf("crash at %s: %w", what, err)
			}
		}
		w.fs.OnOp = func(op vfs.Op) { at(fmt.Sprintf("%d: %s %s %s", op.N, op.Kind, op.Name, op.To)) }
		w.place.OnApply = func() error { at("apply"); return nil }
		db, err := meta.Open(t.Context(), w.opts)
		if err != nil {
			t.Fatal(err)
		}
		runWriters(t, w, db, 25, snapshots)
		if err := db.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
		if failure != nil {
			t.Errorf("seed %d: %v", seed, failure)
		}
		low, high, marked := w.bounds()
		w.fs.OnOp, w.place.OnApply = nil, nil
		if err := w.crash(rng, w.fs, w.place, low, high, marked, 0); err != nil {
			t.Errorf("seed %d: at the end: %v", seed, err)
		}
	})
	t.Logf("%d crash points", points)
}

// TestModelOnFile runs the model on a real file, without crashes.
func TestModelOnFile(t *testing.T) {
	modelSeeds(t, 5, func(t *testing.T, seed uint64) {
		w := newWorld(t, seed, 3)
		w.opts.Place = kv.BoltPlace{Path: filepath.Join(t.TempDir(), "meta.db"), NoSync: true}
		if err := meta.Create(t.Context(), w.opts); err != nil {
			t.Fatal(err)
		}
		for part := range 3 {
			db, err := meta.Open(t.Context(), w.opts)
			if err != nil {
				t.Fatal(err)
			}
			if part < 2 {
				runPart(t, w, db, 1+part*150, 150+part*150, true)
			}
			low, high, marked := w.bounds()
			err = w.check(db, low, high, marked)
			if err := errors.Join(err, db.Close()); err != nil {
				t.Fatalf("seed %d: %v", seed, err)
			}
		}
	})
}

// runWriters runs n mutations of each writer; the first one also takes
// snapshots now and then.
func runWriters(t *testing.T, w *world, db *meta.DB, n int, snapshots bool) {
	runPart(t, w, db, 1, n, snapshots)
}

func runPart(t *testing.T, w *world, db *meta.DB, from, to int, snapshots bool) {
	var wg sync.WaitGroup
	for k := range w.writers {
		wg.Go(func() {
			rng := rngOf(w.seed, 99, uint64(k))
			for i := from; i <= to; i++ {
				if err := w.step(db, k, i); err != nil {
					t.Errorf("seed %d: writer %d, mutation %d: %v", w.seed, k, i, err)
					return
				}
				if snapshots && k == 0 && rng.IntN(9) == 0 {
					if _, err := db.Snapshot(t.Context()); err != nil {
						t.Errorf("seed %d: snapshot: %v", w.seed, err)
						return
					}
				}
				if rng.IntN(15) == 0 {
					if err := db.Flush(); err != nil {
						t.Errorf("seed %d: flush: %v", w.seed, err)
						return
					}
				}
				if rng.IntN(3) == 0 {
					runtime.Gosched()
				}
			}
		})
	}
	wg.Wait()
}
