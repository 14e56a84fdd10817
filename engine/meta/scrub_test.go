package meta_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"scaidrive/chunkstore/vfs"
	"scaidrive/engine"
	"scaidrive/engine/meta"
	"scaidrive/engine/meta/kv"
	"scaidrive/engine/meta/schema"
)

// gate is a place whose cursors wait, so that a scrub cannot end.
type gate struct {
	kv.Place
	open chan struct{}
}

type gateStore struct {
	kv.Store
	open chan struct{}
}

type gateTx struct {
	kv.Tx
	open chan struct{}
}

type gateCursor struct {
	kv.Cursor
	open chan struct{}
}

func (g gate) Open() (kv.Store, error) {
	s, err := g.Place.Open()
	return gateStore{s, g.open}, err
}

func (s gateStore) Begin() (kv.Tx, error) {
	tx, err := s.Store.Begin()
	return gateTx{tx, s.open}, err
}

func (tx gateTx) Cursor() kv.Cursor { return gateCursor{tx.Tx.Cursor(), tx.open} }

// Seek waits at the beginning of the users' table, where its scrub begins.
func (c gateCursor) Seek(k []byte) ([]byte, []byte, error) {
	if len(k) == 2 && k[1] == byte(schema.Users) {
		<-c.open
	}
	return c.Cursor.Seek(k)
}

// TestAbsenceWaitsForScrub: nothing is told absent from a table of that class
// before it was scrubbed, in a view or a mutation; what is there is served, and
// mutations that do not ask go on.
func TestAbsenceWaitsForScrub(t *testing.T) {
	place, fs := kv.NewMemPlace(), vfs.NewMem()
	opts := meta.Options{Place: place, FS: fs}
	db, err := meta.OpenMem(t.Context(), opts)
	if err != nil {
		t.Fatal(err)
	}
	mustUpdate(t, db, func(tx *meta.Tx) error { return tx.Put(schema.Users, []byte("ann"), []byte("1")) })
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	open := make(chan struct{})
	opts.Place, opts.StoreID = gate{place, open}, [16]byte{1}
	if db, err = meta.Open(t.Context(), opts); err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if v, err := get(t, db, schema.Users, "ann"); v != "1" || err != nil {
		t.Fatal(v, err)
	}
	short, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	err = db.View(short, func(v *meta.View) error { _, err := v.Get(schema.Users, []byte("bob")); return err })
	if engine.KindOf(err) != engine.KindUnavailable {
		t.Fatalf("a miss in an unverified table: %v", err)
	}
	runs := 0
	waiting := make(chan error, 1)
	go func() {
		waiting <- db.Update(context.Background(), func(tx *meta.Tx) error {
			runs++
			_, err := tx.Get(schema.Users, []byte("bob"))
			if !errors.Is(err, schema.ErrNotFound) {
				return fmt.Errorf("bob: %w", err)
			}
			return tx.Put(schema.Users, []byte("bob"), []byte("2"))
		})
	}()
	mustUpdate(t, db, func(tx *meta.Tx) error { return tx.Put(schema.Children, []byte("x"), nil) })
	if _, err := get(t, db, schema.Children, "y"); !errors.Is(err, schema.ErrNotFound) {
		t.Fatalf("a miss in a table that does not wait: %v", err)
	}
	select {
	case err := <-waiting:
		t.Fatalf("the mutation did not wait: %v", err)
	default:
	}
	close(open)
	if err := <-waiting; err != nil {
		t.Fatal(err)
	}
	if _, err := get(t, db, schema.Users, "carl"); !errors.Is(err, schema.ErrNotFound) {
		t.Fatal(err)
	}
}

// TestVanishedRecord takes records out of the file without a trace: their
// tables are damaged, with each kind of miss refused, and Repair brings them back.
func TestVanishedRecord(t *testing.T) {
	for name, value := range map[string][]byte{"vanished": nil, "changed": []byte("\x01 something else that is long enough")} {
		t.Run(name, func(t *testing.T) {
			place, fs := kv.NewMemPlace(), vfs.NewMem()
			opts := meta.Options{Place: place, FS: fs, StoreID: [16]byte{1}, SnapshotBytes: -1, ScrubEvery: -1}
			db, err := meta.OpenMem(t.Context(), opts)
			if err != nil {
				t.Fatal(err)
			}
			mustUpdate(t, db, func(tx *meta.Tx) error {
				for i := range 100 {
					if err := errors.Join(tx.Put(schema.Users, fmt.Appendf(nil, "u%02d", i), []byte("1")),
						tx.Put(schema.Children, fmt.Appendf(nil, "c%02d", i), []byte("1"))); err != nil {
						return err
					}
				}
				return nil
			})
			if err := db.Close(); err != nil {
				t.Fatal(err)
			}
			for _, k := range []string{"\x00\x04u42", "\x00\x0cc42"} {
				if !place.Tamper([]byte(k), value) {
					t.Fatalf("%q is not there", k)
				}
			}
			if db, err = meta.Open(t.Context(), opts); err != nil {
				t.Fatal(err)
			}
			defer db.Close()
			if _, err := get(t, db, schema.Users, "u42"); engine.KindOf(err) != engine.KindDamaged {
				t.Errorf("the record itself: %v", err)
			}
			if err := db.Verified(t.Context()); engine.KindOf(err) != engine.KindDamaged {
				t.Errorf("the scrub: %v", err)
			}
			for _, table := range []schema.Table{schema.Users, schema.Children} {
				if _, err := get(t, db, table, "no such"); engine.KindOf(err) != engine.KindDamaged {
					t.Errorf("a miss in %s: %v", table, err)
				}
				if _, err := scan(db, table, nil, nil); engine.KindOf(err) != engine.KindDamaged {
					t.Errorf("a scan of %s: %v", table, err)
				}
				err := db.View(t.Context(), func(v *meta.View) error {
					return v.ScanBack(table, nil, nil, func(_, _ []byte) (bool, error) { return true, nil })
				})
				if engine.KindOf(err) != engine.KindDamaged {
					t.Errorf("a scan of %s from its end: %v", table, err)
				}
			}
			if v, err := get(t, db, schema.Users, "u41"); v != "1" || err != nil {
				t.Errorf("a whole record beside it: %q, %v", v, err)
			}
			if _, err := get(t, db, schema.Nodes, "no such"); !errors.Is(err, schema.ErrNotFound) {
				t.Errorf("a whole table: %v", err)
			}
			if n := len(db.Status().Damage); n != 2 {
				t.Errorf("damage: %v", db.Status().Damage)
			}
			if _, err := db.Snapshot(t.Context()); err == nil {
				t.Error("a damaged file was made a snapshot")
			}
			if err := db.Repair(t.Context()); err != nil {
				t.Fatal(err)
			}
			if v, err := get(t, db, schema.Users, "u42"); v != "1" || err != nil {
				t.Errorf("after the repair: %q, %v", v, err)
			}
			if r, err := db.Verify(t.Context()); err != nil || len(r.Problems) > 0 {
				t.Error(err, r.Problems)
			}
		})
	}
}

// TestSnapshotsCutTheLog keeps two snapshots and the log after the older one;
// either of them, with the log, brings a destroyed file back.
func TestSnapshotsCutTheLog(t *testing.T) {
	w := newWorld(t, 11, 1)
	if err := meta.Create(t.Context(), w.opts); err != nil {
		t.Fatal(err)
	}
	db, err := meta.Open(t.Context(), w.opts)
	if err != nil {
		t.Fatal(err)
	}
	for i := 1; i <= 120; i++ {
		if err := w.step(db, 0, i); err != nil {
			t.Fatal(err)
		}
		if i%30 == 0 {
			if _, err := db.Snapshot(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	entries, err := w.fs.ReadDir("snapshots")
	if err != nil || len(entries) != 2 {
		t.Fatal(entries, err)
	}
	if all := segments(t, w.fs); all[0] == "oplog/000000000001.log" {
		t.Fatalf("the log was not cut: %v", all)
	}
	low, _, marked := w.bounds()
	for _, c := range []struct {
		name   string
		damage []int
		fails  bool
	}{{"both whole", nil, false}, {"newest damaged", []int{1}, false}, {"older damaged", []int{0}, false}, {"both damaged", []int{0, 1}, true}} {
		fs := w.fs.Kill()
		for _, i := range c.damage {
			flipIn(t, fs, "snapshots/"+entries[i].Name, 8*int(entries[i].Size/2))
		}
		refused, noticed, err := openAndCheck(w.at(fs, kv.NewMemPlace()), low, marked)
		if err != nil || refused != c.fails || noticed != (len(c.damage) > 0) {
			t.Errorf("%s: refused %v, noticed %v, %v", c.name, refused, noticed, err)
		}
	}
}

// TestBitFlipsInSnapshot: no flip in a snapshot is taken for whole.
func TestBitFlipsInSnapshot(t *testing.T) {
	w := logWorld(t, 3, true, false)
	db, err := meta.Open(t.Context(), w.opts)
	if err != nil {
		t.Fatal(err)
	}
	lsn, err := db.Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	name := fmt.Sprintf("snapshots/%016x.snap", lsn)
	b, err := vfs.ReadFile(w.fs, name)
	if err != nil {
		t.Fatal(err)
	}
	rng := rngOf(1)
	for range 300 {
		bit := rng.IntN(8 * len(b))
		flipIn(t, w.fs, name, bit)
		r, err := db.Verify(t.Context())
		if err != nil || len(r.Problems) != 1 {
			t.Fatalf("bit %d: %v %v", bit, r.Problems, err)
		}
		flipIn(t, w.fs, name, bit)
	}
}
