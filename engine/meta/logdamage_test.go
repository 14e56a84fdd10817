package meta_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"scaidrive/chunkstore/vfs"
	"scaidrive/engine"
	"scaidrive/engine/meta"
	"scaidrive/engine/meta/kv"
)

// logWorld is a world that ran and was stopped, cleanly or by a kill.
func logWorld(t *testing.T, seed uint64, clean, snapshots bool) *world {
	t.Helper()
	w := newWorld(t, seed, 1)
	if err := meta.Create(t.Context(), w.opts); err != nil {
		t.Fatal(err)
	}
	db, err := meta.Open(t.Context(), w.opts)
	if err != nil {
		t.Fatal(err)
	}
	runWriters(t, w, db, 60, snapshots)
	if !clean {
		fs, place := w.fs.Kill(), w.place.Crash(rngOf(seed))
		t.Cleanup(func() { db.Close() })
		w.fs, w.place = fs, place
		w.opts.FS, w.opts.Place = fs, place
		return w
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	return w
}

func segments(t *testing.T, fs vfs.FS) (names []string) {
	t.Helper()
	entries, err := fs.ReadDir("oplog")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if strings.HasSuffix(e.Name, ".log") {
			names = append(names, "oplog/"+e.Name)
		}
	}
	return names
}

func flipIn(t *testing.T, fs vfs.FS, name string, bit int) {
	t.Helper()
	f, err := fs.OpenRW(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	b := make([]byte, 1)
	if _, err := f.ReadAt(b, int64(bit/8)); err != nil {
		t.Fatal(err)
	}
	b[0] ^= 1 << (bit % 8)
	if _, err := f.WriteAt(b, int64(bit/8)); err != nil {
		t.Fatal(err)
	}
	if err := f.Sync(); err != nil {
		t.Fatal(err)
	}
}

// openAndCheck opens what a damaged world is now. A refusal must be KindDamaged,
// and an acceptance must show everything, or have a problem that Verify names.
func openAndCheck(w *world, low []int64, marked int64) (refused, noticed bool, err error) {
	db, err := meta.Open(context.Background(), w.opts)
	if err != nil {
		if engine.KindOf(err) != engine.KindDamaged {
			return false, false, fmt.Errorf("open: %w", err)
		}
		return true, true, nil
	}
	defer db.Close()
	_, high, _ := w.bounds()
	err = w.check(db, low, high, marked)
	if err == nil {
		return false, false, nil
	}
	// The state itself must be right; only Verify may have found something.
	if !strings.HasPrefix(err.Error(), "verify:") {
		return false, false, err
	}
	return false, true, nil
}

// TestBitFlipsInLog flips bits in the segments of a cleanly stopped store. The
// state is right or the open is refused; what Verify does not find changed
// nothing; and RepairLog brings the store back with nothing lost.
func TestBitFlipsInLog(t *testing.T) {
	refusals, notices, flips := 0, 0, 0
	modelSeeds(t, 150, func(t *testing.T, seed uint64) {
		rng := rngOf(seed, 17)
		w := logWorld(t, 1+seed%3, true, seed%2 == 0)
		low, high, marked := w.bounds()
		all := segments(t, w.fs)
		name := all[rng.IntN(len(all))]
		b, err := vfs.ReadFile(w.fs, name)
		if err != nil {
			t.Fatal(err)
		}
		bit := rng.IntN(8 * len(b))
		if rng.IntN(2) == 0 { // headers of the segment and of its first frame
			bit = rng.IntN(8 * 700)
		}
		flipIn(t, w.fs, name, bit)
		flips++
		refused, noticed, err := openAndCheck(w, low, marked)
		if err != nil {
			t.Errorf("seed %d: bit %d of %s: %v", seed, bit, name, err)
			return
		}
		if refused {
			refusals++
		}
		if noticed {
			notices++
		} else if bit/8 < used(b) && b[bit/8] != 0 {
			t.Errorf("seed %d: bit %d of %s: not noticed", seed, bit, name)
		}
		if !refused {
			return
		}
		s, err := meta.RepairLog(context.Background(), w.opts, false)
		if err != nil || !s.Needed || s.OldLog == "" {
			t.Errorf("seed %d: bit %d of %s: repair: %+v, %v", seed, bit, name, s, err)
			return
		}
		if err := w.crash(rng, w.fs, w.place, low, high, marked, 0); err != nil {
			t.Errorf("seed %d: bit %d of %s: after the repair: %v", seed, bit, name, err)
		}
	})
	t.Logf("%d flips, %d noticed, %d of them at open", flips, notices, refusals)
}

// TestFlipAfterStop: what an orderly stop lets Open leave unread of the log is
// read behind it, a flip there is told, and repaired with nothing lost.
func TestFlipAfterStop(t *testing.T) {
	told := 0
	for seed := uint64(1); seed <= 8; seed++ {
		w := logWorld(t, seed, true, false)
		low, high, marked := w.bounds()
		db, err := meta.Open(t.Context(), w.opts)
		if err != nil {
			t.Fatal(err)
		}
		w.opts.StoppedLSN = db.Status().LSN
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
		all := segments(t, w.fs)
		flipIn(t, w.fs, all[len(all)-1], 8*(512+128+14)) // in the payload of its first frame
		db, err = meta.Open(t.Context(), w.opts)
		if engine.KindOf(err) == engine.KindDamaged {
			continue // that frame is the last
		}
		if err != nil {
			t.Fatal(err)
		}
		for deadline := time.Now().Add(30 * time.Second); len(db.Status().Damage) == 0; time.Sleep(time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatal("the flip is not told")
			}
		}
		told++
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
		s, err := meta.RepairLog(t.Context(), w.opts, false)
		if err != nil || !s.Needed || s.OldLog == "" {
			t.Fatalf("repair: %+v, %v", s, err)
		}
		if err := w.crash(rngOf(seed, 17), w.fs, w.place, low, high, marked, 0); err != nil {
			t.Fatal(err)
		}
	}
	if told == 0 {
		t.Error("no flip was left to the scrub")
	}
}

func used(b []byte) int {
	n := len(b)
	for n > 0 && b[n-1] == 0 {
		n--
	}
	return n
}

// TestLogFiles takes segments away, cuts them, and puts older ones in their
// place, with and without a database file that has what they had.
func TestLogFiles(t *testing.T) {
	type damage func(t *testing.T, fs vfs.FS, all []string)
	remove := func(i int) damage {
		return func(t *testing.T, fs vfs.FS, all []string) {
			if err := fs.Remove(all[(i+len(all))%len(all)]); err != nil {
				t.Fatal(err)
			}
		}
	}
	cut := func(i int, size int64) damage {
		return func(t *testing.T, fs vfs.FS, all []string) {
			f, err := fs.OpenRW(all[(i+len(all))%len(all)])
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			if err := f.Truncate(size); err != nil {
				t.Fatal(err)
			}
		}
	}
	older := func(i int, keep int) damage { // the frames behind the first bytes never written
		return func(t *testing.T, fs vfs.FS, all []string) {
			f, err := fs.OpenRW(all[(i+len(all))%len(all)])
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			n, err := f.Size()
			if err != nil {
				t.Fatal(err)
			}
			if _, err := f.WriteAt(make([]byte, n-int64(keep)), int64(keep)); err != nil {
				t.Fatal(err)
			}
		}
	}
	all := func(t *testing.T, fs vfs.FS, names []string) {
		for _, n := range names {
			if err := fs.Remove(n); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, c := range []struct {
		name   string
		damage damage
		clean  bool
		// noFile: the database file is gone too, so that the log is needed.
		noFile bool
		lost   bool // RepairLog cannot get everything back
		asks   bool // or cannot tell whether it did
	}{
		{name: "whole log, clean", damage: all, clean: true, asks: true},
		{name: "whole log, killed", damage: all, asks: true, lost: true},
		{name: "last segment, clean", damage: remove(-1), clean: true, asks: true},
		{name: "last segment, killed", damage: remove(-1), asks: true, lost: true},
		{name: "middle segment, clean", damage: remove(2), clean: true},
		{name: "middle segment, no file", damage: remove(2), clean: true, noFile: true, lost: true},
		{name: "last segment cut to half its size, clean", damage: cut(-1, 4096), clean: true, asks: true},
		{name: "last segment cut to nothing, clean", damage: cut(-1, 0), clean: true, asks: true},
		{name: "last segment older, clean", damage: older(-1, 512), clean: true, asks: true},
		{name: "middle segment older, no file", damage: older(1, 1500), clean: true, noFile: true, lost: true},
		{name: "first segment, no file", damage: remove(0), clean: true, noFile: true, lost: true},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := logWorld(t, 5, c.clean, false)
			low, high, marked := w.bounds()
			c.damage(t, w.fs, segments(t, w.fs))
			if c.noFile {
				w.place = kv.NewMemPlace()
				w.opts.Place = w.place
			}
			db, err := meta.Open(t.Context(), w.opts)
			if err == nil {
				db.Close()
				t.Fatal("opened")
			}
			if engine.KindOf(err) != engine.KindDamaged {
				t.Fatal(err)
			}
			s, err := meta.RepairLog(t.Context(), w.opts, false)
			if c.asks != s.Uncertain {
				t.Errorf("uncertain: %v", s.Uncertain)
			}
			if c.lost || c.asks {
				if engine.KindOf(err) != engine.KindDamaged {
					t.Fatalf("repaired without a word of what is lost: %+v, %v", s, err)
				}
				s, err = meta.RepairLog(t.Context(), w.opts, true)
			}
			if c.lost {
				low, marked = []int64{0}, 0
			}
			if err != nil || !s.Needed {
				t.Fatalf("%+v, %v", s, err)
			}
			t.Logf("%+v", s)
			if err := w.crash(rngOf(1), w.fs, w.place, low, high, marked, 0); err != nil {
				t.Fatal(err)
			}
		})
	}
	t.Run("first segment, clean", func(t *testing.T) {
		// Nothing of it is needed now, but a rebuild would need it.
		w := logWorld(t, 5, true, false)
		low, _, marked := w.bounds()
		remove(0)(t, w.fs, segments(t, w.fs))
		refused, noticed, err := openAndCheck(w, low, marked)
		if err != nil || refused || !noticed {
			t.Fatal(refused, noticed, err)
		}
	})
}

// TestRepairLogCrash crashes at every call of a repair; run again it ends well.
func TestRepairLogCrash(t *testing.T) {
	w := logWorld(t, 9, true, false)
	low, high, marked := w.bounds()
	all := segments(t, w.fs)
	flipIn(t, w.fs, all[len(all)-1], 8*600)
	rng := rngOf(1)
	points := 0
	var failure error
	fs := w.fs
	fs.OnOp = func(op vfs.Op) {
		if failure != nil {
			return
		}
		points++
		c := w.at(fs.Crash(rng), w.place.Crash(rng))
		_, err := meta.RepairLog(context.Background(), c.opts, false)
		if err == nil {
			err = c.crash(rng, c.fs, c.place, low, high, marked, 0)
		}
		if err != nil {
			failure = fmt.Errorf("at %d: %s %s: %w", op.N, op.Kind, op.Name, err)
		}
	}
	if _, err := meta.RepairLog(t.Context(), w.opts, false); err != nil {
		t.Fatal(err)
	}
	fs.OnOp = nil
	if failure != nil || points == 0 {
		t.Fatal(points, failure)
	}
	if err := w.crash(rng, w.fs, w.place, low, high, marked, 0); err != nil {
		t.Fatal(err)
	}
	if _, err := meta.RepairLog(t.Context(), w.opts, false); err != nil {
		t.Fatal(errors.Join(errors.New("a second repair"), err))
	}
}
