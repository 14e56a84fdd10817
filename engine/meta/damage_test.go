package meta_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"scaidrive/chunkstore/vfs"
	"scaidrive/engine"
	"scaidrive/engine/meta"
	"scaidrive/engine/meta/kv"
	"scaidrive/engine/meta/schema"
)

// Tables whose misses wait for the scrub, and one whose misses do not.
var (
	damageTables = []schema.Table{schema.Users, schema.Nodes, schema.Versions, schema.Children}
	damageRows   = 1500
)

func damageKey(i int) []byte { return fmt.Appendf(nil, "key %06d", i*7919%100003) }

func damageValue(t schema.Table, i int) []byte {
	return fmt.Appendf(nil, "value %d of %d %s", i, t, bytes.Repeat([]byte("v"), i%60))
}

// buildFile makes a database in a real file and stops it cleanly.
func buildFile(t testing.TB, opts meta.Options) {
	t.Helper()
	ctx := context.Background()
	if err := meta.Create(ctx, opts); err != nil {
		t.Fatal(err)
	}
	db, err := meta.Open(ctx, opts)
	if err != nil {
		t.Fatal(err)
	}
	for from := 0; from < damageRows; from += 100 {
		err := db.Update(ctx, func(tx *meta.Tx) error {
			for _, table := range damageTables {
				for i := from; i < from+100; i++ {
					if err := tx.Put(table, damageKey(i), damageValue(table, i)); err != nil {
						return err
					}
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if from%300 == 0 { // several transactions, so that pages are freed and reused
			if err := db.Flush(); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
}

type verdict struct{ right, damaged, rebuilt int }

// readEverything reads all rows by Get and Scan; each answer must be right, or
// KindDamaged.
func readEverything(db *meta.DB, v *verdict) error {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	for _, table := range damageTables {
		if table == schema.Children {
			// Its misses and scans do not wait: the folder's count and digest,
			// above this package, say what must be there. The scrub does here.
			if err := db.Verified(ctx); err != nil && engine.KindOf(err) != engine.KindDamaged {
				return err
			}
		}
		err := db.View(ctx, func(view *meta.View) error {
			for i := range damageRows {
				got, err := view.Get(table, damageKey(i))
				switch {
				case err == nil && bytes.Equal(got, damageValue(table, i)):
					v.right++
				case engine.KindOf(err) == engine.KindDamaged:
					v.damaged++
				default:
					return fmt.Errorf("get of %s in %s: %q, %v", damageKey(i), table, got, err)
				}
			}
			if got, err := view.Get(table, []byte("key not there")); err == nil {
				return fmt.Errorf("get of what is not there: %q", got)
			} else if !errors.Is(err, schema.ErrNotFound) && engine.KindOf(err) != engine.KindDamaged {
				return err
			}
			return nil
		})
		if err != nil && engine.KindOf(err) != engine.KindDamaged {
			return err
		}
		rows := 0
		err = db.View(ctx, func(view *meta.View) error {
			return view.Scan(table, nil, nil, func(k, val []byte) (bool, error) {
				var n int
				if _, err := fmt.Sscanf(string(val), "value %d of", &n); err != nil || !bytes.Equal(k, damageKey(n)) || !bytes.Equal(val, damageValue(table, n)) {
					return false, fmt.Errorf("scan of %s gives %q = %q", table, k, val)
				}
				rows++
				return true, nil
			})
		})
		switch {
		case err == nil && rows != damageRows:
			return fmt.Errorf("scan of %s: %d rows of %d, without an error", table, rows, damageRows)
		case err != nil && engine.KindOf(err) != engine.KindDamaged:
			return err
		case err != nil:
			v.damaged++
		}
	}
	return nil
}

// TestBitFlipsInFile flips single bits in the database file of a cleanly
// stopped store: nothing wrong is ever served, nothing is absent in silence, and
// Repair brings everything back.
func TestBitFlipsInFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "meta.db")
	fs := vfs.NewMem()
	opts := meta.Options{FS: fs, DBPath: path, StoreID: [16]byte{3}, SegmentSize: 256 << 10, SnapshotBytes: -1, ScrubEvery: -1, FlushAge: -1}
	buildFile(t, opts)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	whole = whole[:usedBytes(whole)]
	var total verdict
	flips := 0
	modelSeeds(t, 300, func(t *testing.T, seed uint64) {
		rng := rngOf(seed, 31)
		b := bytes.Clone(whole)
		at := flipPlace(rng, b)
		b[at/8] ^= 1 << (at % 8)
		copyPath := filepath.Join(dir, fmt.Sprintf("flip%d.db", seed))
		if err := os.WriteFile(copyPath, b, 0o600); err != nil {
			t.Fatal(err)
		}
		defer os.Remove(copyPath)
		o := opts
		o.FS, o.Place = fs.Kill(), kv.BoltPlace{Path: copyPath, NoSync: true}
		if err := flipped(t, o, &total, rng); err != nil {
			t.Errorf("seed %d: bit %d of byte %d: %v", seed, at%8, at/8, err)
		}
		flips++
	})
	t.Logf("%d flips: %d answers right, %d damaged, %d files rebuilt at open", flips, total.right, total.damaged, total.rebuilt)
	if flips >= 100 && (total.damaged == 0 || total.rebuilt == 0) {
		t.Error("the flips were not noticed: is anything checked?")
	}
}

func flipped(t *testing.T, opts meta.Options, total *verdict, rng *rand.Rand) error {
	ctx := context.Background()
	db, err := meta.Open(ctx, opts)
	if err != nil {
		return fmt.Errorf("open: %w", err)
	}
	defer db.Close()
	if db.Status().Rebuilt != "" {
		total.rebuilt++
	}
	before := *total
	if err := readEverything(db, total); err != nil {
		return err
	}
	if rng.IntN(4) > 0 {
		return nil
	}
	// Writing to it must not make it worse.
	for i := range 20 {
		err := db.Update(ctx, func(tx *meta.Tx) error {
			return tx.Put(schema.Nodes, damageKey(i), damageValue(schema.Nodes, i))
		})
		if err != nil && engine.KindOf(err) != engine.KindDamaged {
			return fmt.Errorf("update: %w", err)
		}
	}
	_ = db.Flush() // may find the damage
	if err := db.Repair(ctx); err != nil {
		return fmt.Errorf("repair: %w", err)
	}
	var v verdict
	if err := readEverything(db, &v); err != nil || v.damaged > 0 {
		return fmt.Errorf("after the repair: %d damaged (%d before), %w", v.damaged, total.damaged-before.damaged, err)
	}
	if s := db.Status(); len(s.Damage) > 0 || s.ReadOnly != "" {
		return fmt.Errorf("after the repair: %v %s", s.Damage, s.ReadOnly)
	}
	return nil
}

// usedBytes cuts the zeros at the end, where a flip changes nothing.
func usedBytes(b []byte) int {
	n := len(b)
	for n > 0 && b[n-1] == 0 {
		n--
	}
	return (n + 4095) &^ 4095
}

// flipPlace chooses a bit: anywhere, or in the first bytes of a page, where its
// number, kind and element table are, and where branch pages have all they are.
func flipPlace(rng *rand.Rand, b []byte) int {
	pages := len(b) / 4096
	page := rng.IntN(pages)
	if rng.IntN(2) == 0 { // a branch page, if one is found
		for range 4 * pages {
			p := rng.IntN(pages)
			if b[p*4096+8] == 1 && b[p*4096+9] == 0 {
				page = p
				break
			}
		}
	}
	if rng.IntN(2) == 0 {
		return page*4096*8 + rng.IntN(16*8*20)
	}
	return page*4096*8 + rng.IntN(4096*8)
}

// TestFileDestroyed takes the file away, cuts it, replaces it by rubbish, by that
// of another store and by an older copy: it is rebuilt, or brought up to date.
func TestFileDestroyed(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "meta.db")
	fs := vfs.NewMem()
	opts := meta.Options{FS: fs, DBPath: path, StoreID: [16]byte{3}, SegmentSize: 64 << 10, SnapshotBytes: -1, ScrubEvery: -1}
	buildFile(t, opts)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	foreign := filepath.Join(dir, "foreign.db")
	other := opts
	other.FS, other.DBPath, other.StoreID = vfs.NewMem(), foreign, [16]byte{4}
	buildFile(t, other)
	older := filepath.Join(dir, "older.db")
	old := opts
	old.FS, old.DBPath = vfs.NewMem(), older
	if err := meta.Create(t.Context(), old); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		destroy func() error
		rebuilt bool
	}{
		"untouched":             {func() error { return nil }, false},
		"deleted":               {func() error { return os.Remove(path) }, true},
		"empty":                 {func() error { return os.WriteFile(path, nil, 0o600) }, true},
		"cut":                   {func() error { return os.Truncate(path, 40<<10) }, true},
		"cut to the meta pages": {func() error { return os.Truncate(path, 8<<10) }, true},
		"rubbish":               {func() error { return os.WriteFile(path, bytes.Repeat([]byte("rubbish"), 5000), 0o600) }, true},
		"meta pages destroyed":  {func() error { return os.WriteFile(path, append(make([]byte, 8192), whole[8192:]...), 0o600) }, true},
		"foreign":               {func() error { return copyFile(foreign, path) }, true},
		"older":                 {func() error { return copyFile(older, path) }, false},
	} {
		t.Run(name, func(t *testing.T) {
			if err := os.WriteFile(path, whole, 0o600); err != nil {
				t.Fatal(err)
			}
			if err := c.destroy(); err != nil {
				t.Fatal(err)
			}
			db, err := meta.Open(t.Context(), opts)
			if err != nil {
				t.Fatal(err)
			}
			defer db.Close()
			if got := db.Status().Rebuilt; (got != "") != c.rebuilt {
				t.Errorf("rebuilt: %q", got)
			}
			var v verdict
			if err := readEverything(db, &v); err != nil {
				t.Fatal(err)
			}
			if v.damaged > 0 {
				// Cut behind what is read at open: damage is found while it runs.
				if err := db.Repair(t.Context()); err != nil {
					t.Fatal(err)
				}
				v = verdict{}
				if err := readEverything(db, &v); err != nil || v.damaged > 0 {
					t.Fatal(err, v)
				}
			}
			if r, err := db.Verify(t.Context()); err != nil || len(r.Problems) > 0 {
				t.Fatal(err, r.Problems)
			}
		})
	}
}

func copyFile(from, to string) error {
	b, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	return os.WriteFile(to, b, 0o600)
}
