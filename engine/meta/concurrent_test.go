package meta_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"

	"scaidrive/engine"
	"scaidrive/engine/meta"
	"scaidrive/engine/meta/schema"
)

// TestReadersSeeWholeStates moves amounts between accounts in two tables while
// readers sum them up by Get and by Scan: the sum never changes. Layers are
// flushed, snapshots taken and the file replaced meanwhile.
func TestReadersSeeWholeStates(t *testing.T) {
	const accounts, total = 40, 40 * 100
	db, err := meta.OpenMem(t.Context(), meta.Options{DBPath: filepath.Join(t.TempDir(), "meta.db"),
		FlushBytes: 3000, PageRecords: 5, SnapshotBytes: -1, SegmentSize: 64 << 10})
	if err != nil {
		t.Fatal(err)
	}
	account := func(i int) (schema.Table, []byte) {
		return []schema.Table{schema.Nodes, schema.Children}[i%2], fmt.Appendf(nil, "account %03d", i)
	}
	err = db.Update(t.Context(), func(tx *meta.Tx) error {
		for i := range accounts {
			table, k := account(i)
			if err := tx.Put(table, k, []byte("100")); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	rounds := 5000
	if raceEnabled || testing.Short() {
		rounds = 300
	}
	var writers, readers sync.WaitGroup
	var done atomic.Bool
	for w := range 4 {
		writers.Go(func() {
			rng := rngOf(1, uint64(w))
			for range rounds {
				if err := db.Update(t.Context(), func(tx *meta.Tx) error { return transfer(tx, account, rng.IntN(accounts), rng.IntN(accounts)) }); err != nil && !errors.Is(err, errWanted) {
					t.Error(err)
					return
				}
			}
		})
	}
	for r := range 3 {
		readers.Go(func() {
			for !done.Load() {
				if err := sum(db, account, accounts, total, r%2 == 0); err != nil {
					t.Error(err)
					return
				}
				runtime.Gosched()
			}
		})
	}
	readers.Go(func() {
		for !done.Load() {
			if _, err := db.Snapshot(t.Context()); err != nil {
				t.Error("snapshot:", err)
			}
			if err := db.Repair(t.Context()); err != nil {
				t.Error("repair:", err)
			}
		}
	})
	writers.Wait()
	done.Store(true)
	readers.Wait()
	if r, err := db.Verify(t.Context()); err != nil || len(r.Problems) > 0 {
		t.Error(err, r.Problems)
	}
	s := db.Status()
	t.Logf("%d updates in %d groups, %d flushes", s.Updates, s.Groups, s.Flushes)
	if s.Flushes < 5 {
		t.Errorf("only %d flushes", s.Flushes)
	}
	if err := db.Close(); err != nil {
		t.Error(err)
	}
}

// transfer moves one from an account to another, and fails half-way when there
// is nothing to move.
func transfer(tx *meta.Tx, account func(int) (schema.Table, []byte), from, to int) error {
	for _, step := range []struct{ i, by int }{{to, 1}, {from, -1}} {
		table, k := account(step.i)
		b, err := tx.Get(table, k)
		if err != nil {
			return err
		}
		n, _ := strconv.Atoi(string(b))
		if n+step.by < 0 {
			return errWanted
		}
		if err := tx.Put(table, k, strconv.AppendInt(nil, int64(n+step.by), 10)); err != nil {
			return err
		}
	}
	return nil
}

func sum(db *meta.DB, account func(int) (schema.Table, []byte), accounts, total int, scan bool) error {
	got := 0
	err := db.View(context.Background(), func(v *meta.View) error {
		add := func(_, b []byte) (bool, error) {
			n, err := strconv.Atoi(string(b))
			got += n
			return true, err
		}
		if scan {
			return errors.Join(v.Scan(schema.Nodes, nil, nil, add), v.Scan(schema.Children, nil, nil, add))
		}
		for i := range accounts {
			table, k := account(i)
			b, err := v.Get(table, k)
			if err != nil {
				return err
			}
			if _, err := add(nil, b); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil && got != total {
		err = fmt.Errorf("the sum is %d, not %d", got, total)
	}
	return err
}

// TestUpdateContext drops what was not taken and tells the outcome of what was.
func TestUpdateContext(t *testing.T) {
	db := openMem(t, meta.Options{})
	inside, goOn := make(chan struct{}), make(chan struct{})
	first := make(chan error, 1)
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		first <- db.Update(ctx, func(tx *meta.Tx) error {
			close(inside)
			<-goOn
			return tx.Put(schema.Nodes, []byte("first"), nil)
		})
	}()
	<-inside
	second := make(chan error, 1)
	go func() {
		second <- db.Update(ctx, func(tx *meta.Tx) error { return tx.Put(schema.Nodes, []byte("second"), nil) })
	}()
	cancel()
	if err := <-second; !errors.Is(err, context.Canceled) {
		t.Errorf("what was not taken: %v", err)
	}
	close(goOn)
	if err := <-first; err != nil {
		t.Errorf("what was taken: %v", err)
	}
	if _, err := get(t, db, schema.Nodes, "first"); err != nil {
		t.Error(err)
	}
	if _, err := get(t, db, schema.Nodes, "second"); !errors.Is(err, schema.ErrNotFound) {
		t.Error(err)
	}
}

// TestGroupsKeepOrderAndIndependence: what waits together shares a frame; one
// that fails, panics, exceeds the bounds or ends its goroutine takes nothing
// of the others with it.
func TestGroupsKeepOrderAndIndependence(t *testing.T) {
	db := openMem(t, meta.Options{})
	inside, goOn := make(chan struct{}), make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		_ = db.Update(t.Context(), func(tx *meta.Tx) error { close(inside); <-goOn; return nil })
	})
	<-inside
	var mu sync.Mutex
	var hooks []int
	const n = 60
	errs := make([]error, n)
	for i := range n {
		wg.Go(func() {
			errs[i] = db.Update(t.Context(), func(tx *meta.Tx) error {
				if err := tx.Put(schema.Nodes, fmt.Appendf(nil, "%02d", i), []byte("x")); err != nil {
					return err
				}
				tx.OnCommit(func() { mu.Lock(); hooks = append(hooks, i); mu.Unlock() })
				tx.OnCommit(func() { panic("a hook") })
				switch i % 6 {
				case 0:
					return errWanted
				case 1:
					panic("wanted")
				case 2:
					for range 10 {
						_ = tx.Put(schema.Versions, []byte("large"), make([]byte, 1<<20))
					}
					return nil // the error of Put is not forgotten
				case 3:
					tx.NeedChunks() // and there is no chunk store
				}
				return nil
			})
		})
	}
	close(goOn)
	wg.Wait()
	for i, err := range errs {
		_, gerr := get(t, db, schema.Nodes, fmt.Sprintf("%02d", i))
		want := [6]engine.Kind{engine.KindInternal, engine.KindInternal, engine.KindInvalid, engine.KindInternal}[i%6]
		if i%6 >= 4 {
			if err != nil || gerr != nil {
				t.Errorf("%d: %v, %v", i, err, gerr)
			}
		} else if err == nil || engine.KindOf(err) != want || !errors.Is(gerr, schema.ErrNotFound) {
			t.Errorf("%d: %v, %v", i, err, gerr)
		}
	}
	if len(hooks) != n/3 {
		t.Errorf("%d hooks", len(hooks))
	}
	gone := make(chan error, 1)
	go func() {
		gone <- db.Update(t.Context(), func(tx *meta.Tx) error { runtime.Goexit(); return nil })
	}()
	if err := <-gone; err == nil {
		t.Error("an update whose goroutine ended was acknowledged")
	}
	mustUpdate(t, db, func(tx *meta.Tx) error { return tx.Put(schema.Nodes, []byte("after"), nil) })
}

// TestReadYourWrites checks Get and Scan inside a mutation, over all layers.
func TestReadYourWrites(t *testing.T) {
	db := openMem(t, meta.Options{})
	for i, k := range []string{"a", "b", "c", "d"} {
		mustUpdate(t, db, func(tx *meta.Tx) error { return tx.Put(schema.Nodes, []byte(k), []byte("old")) })
		if i == 1 {
			if err := db.Flush(); err != nil {
				t.Fatal(err)
			}
		}
	}
	mustUpdate(t, db, func(tx *meta.Tx) error {
		for _, k := range []string{"a", "c"} {
			if err := tx.Delete(schema.Nodes, []byte(k)); err != nil {
				return err
			}
		}
		if err := tx.Put(schema.Nodes, []byte("b"), []byte("new")); err != nil {
			return err
		}
		var got []string
		err := tx.Scan(schema.Nodes, nil, nil, func(k, v []byte) (bool, error) {
			got = append(got, string(k)+string(v))
			return true, tx.Put(schema.Nodes, append([]byte("x"), k...), nil) // not seen by this scan
		})
		if fmt.Sprint(got) != "[bnew dold]" || err != nil {
			t.Error(got, err)
		}
		if _, err := tx.Get(schema.Nodes, []byte("a")); !errors.Is(err, schema.ErrNotFound) {
			t.Error(err)
		}
		return nil
	})
	var pages []string
	err := db.Walk(t.Context(), schema.Nodes, nil, []byte("xc"), 1, func(k, v []byte) (bool, error) {
		pages = append(pages, string(k))
		return true, nil
	})
	if err != nil || fmt.Sprint(pages) != "[b d xb]" {
		t.Error(pages, err)
	}
	rows, err := scan(db, schema.Nodes, []byte("b"), []byte("xd"))
	if err != nil || fmt.Sprint(rows) != "[b=new d=old xb=]" {
		t.Error(rows, err)
	}
}
