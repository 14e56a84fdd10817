package meta_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"scaidrive/chunkstore/vfs"
	"scaidrive/engine"
	"scaidrive/engine/meta"
	"scaidrive/engine/meta/kv"
	"scaidrive/engine/meta/schema"
)

// stoppedDB makes a database with two users that was closed, and the options to open
// it again as that.
func stoppedDB(t *testing.T) (meta.Options, *vfs.Fault) {
	t.Helper()
	fs := vfs.NewFault(vfs.NewMem())
	opts := meta.Options{Place: kv.NewMemPlace(), FS: fs, StoreID: [16]byte{1}}
	db, err := meta.OpenMem(t.Context(), opts)
	if err != nil {
		t.Fatal(err)
	}
	mustUpdate(t, db, func(tx *meta.Tx) error {
		return errors.Join(tx.Put(schema.Users, []byte("ann"), []byte("1")), tx.Put(schema.Nodes, []byte("n"), []byte("1")))
	})
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	opts.StoppedLSN = db.Status().LSN
	return opts, fs
}

// TestBegin: Options.Begin has returned before a first frame is written. While there is
// no room for it, nothing is taken, later it is; any other error is final.
func TestBegin(t *testing.T) {
	opts, fs := stoppedDB(t)
	writes := func() (n int) {
		for _, c := range fs.Counts() {
			if c.Op&(vfs.OpWrite|vfs.OpSync) != 0 {
				n += c.N
			}
		}
		return n
	}
	put := func(db *meta.DB, key string) error {
		return db.Update(t.Context(), func(tx *meta.Tx) error { return tx.Put(schema.Users, []byte(key), []byte("2")) })
	}
	opts.UpkeepAfter = time.Hour
	calls, before := 0, 0
	outcome := vfs.ErrNoSpace
	opts.Begin = func() error {
		if calls++; writes() != before {
			t.Error("something was written before")
		}
		return outcome
	}
	before = writes()
	db, err := meta.Open(t.Context(), opts)
	if err != nil {
		t.Fatal(err)
	}
	if err := put(db, "bob"); engine.KindOf(err) != engine.KindNoSpace || calls != 1 {
		t.Errorf("no room, %d calls: %v", calls, err)
	}
	outcome = nil
	for _, key := range []string{"carl", "dora"} {
		if err := put(db, key); err != nil || calls != 2 {
			t.Errorf("%s, %d calls: %v", key, calls, err)
		}
		outcome = errors.New("too late")
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}

	opts, fs = stoppedDB(t)
	opts.UpkeepAfter = time.Hour
	opts.Begin = func() error { return errors.New("the disk is gone") }
	if db, err = meta.Open(t.Context(), opts); err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	before = writes()
	for range 2 {
		if err := put(db, "bob"); engine.KindOf(err) != engine.KindUnavailable {
			t.Errorf("a failed begin: %v", err)
		}
	}
	if db.Status().ReadOnly == "" || writes() != before {
		t.Error("the database goes on")
	}
	if v, err := get(t, db, schema.Users, "ann"); v != "1" || err != nil {
		t.Errorf("reading: %q, %v", v, err)
	}
}

// TestUpkeepAfter: the scrub waits, but for the table of which somebody has to know
// whether it is whole; who is patient waits for it.
func TestUpkeepAfter(t *testing.T) {
	opts, _ := stoppedDB(t)
	opts.UpkeepAfter = time.Hour
	db, err := meta.Open(t.Context(), opts)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	miss := func(ctx context.Context, table schema.Table) error {
		return db.View(ctx, func(v *meta.View) error { _, err := v.Get(table, []byte("no such")); return err })
	}
	short, cancel := context.WithTimeout(meta.Patiently(t.Context()), 20*time.Millisecond)
	defer cancel()
	if err := miss(short, schema.Users); engine.KindOf(err) != engine.KindUnavailable {
		t.Errorf("a patient miss: %v", err)
	}
	unverified := len(db.Status().Unverified)
	if err := miss(t.Context(), schema.Users); !errors.Is(err, schema.ErrNotFound) {
		t.Errorf("a miss: %v", err)
	}
	if n := len(db.Status().Unverified); n != unverified-1 {
		t.Errorf("%d tables of %d are unverified", n, unverified)
	}
	err = db.Update(t.Context(), func(tx *meta.Tx) error {
		_, err := tx.Get(schema.Nodes, []byte("no such"))
		return err
	})
	if !errors.Is(err, schema.ErrNotFound) {
		t.Errorf("a miss in a mutation: %v", err)
	}
	if err := db.Verified(t.Context()); err != nil || !db.Status().Scrubbed.IsZero() {
		t.Errorf("all tables: %v", err)
	}
}

// TestUpkeepAfterEnds: when the time is over, all is scrubbed that nobody asked for.
func TestUpkeepAfterEnds(t *testing.T) {
	opts, _ := stoppedDB(t)
	opts.UpkeepAfter = time.Millisecond
	db, err := meta.Open(t.Context(), opts)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := db.Verified(meta.Patiently(t.Context())); err != nil {
		t.Error(err)
	}
}

// TestStoppedBoltFile: a file that was closed in an orderly way is opened without being
// written to, and takes what comes.
func TestStoppedBoltFile(t *testing.T) {
	path := t.TempDir() + "/meta.db"
	opts := meta.Options{DBPath: path, FS: vfs.NewMem(), StoreID: [16]byte{1}}
	db, err := meta.OpenMem(t.Context(), opts)
	for round := range 3 {
		if err != nil {
			t.Fatal(err)
		}
		mustUpdate(t, db, func(tx *meta.Tx) error {
			return tx.Put(schema.Users, []byte{byte(round)}, []byte("1"))
		})
		if err := db.Flush(); err != nil {
			t.Fatal(err)
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
		opts.StoppedLSN = db.Status().LSN
		db, err = meta.Open(t.Context(), opts)
	}
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for round := range 3 {
		if _, err := get(t, db, schema.Users, string([]byte{byte(round)})); err != nil {
			t.Errorf("user %d: %v", round, err)
		}
	}
	if err := db.Verified(t.Context()); err != nil || db.Status().Rebuilt != "" {
		t.Errorf("%v, rebuilt: %q", err, db.Status().Rebuilt)
	}
}
