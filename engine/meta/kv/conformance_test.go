package kv_test

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"sort"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"scaidrive/engine/meta/kv"
)

// places are the implementations that pass the suite.
func places(t *testing.T) map[string]func() kv.Place {
	return map[string]func() kv.Place{
		"bolt": func() kv.Place { return kv.BoltPlace{Path: filepath.Join(t.TempDir(), "x.db"), NoSync: true} },
		// Every file of the suite was closed in an orderly way.
		"stopped bolt": func() kv.Place { return kv.BoltPlace{Path: filepath.Join(t.TempDir(), "x.db"), Stopped: true} },
		"mem":          func() kv.Place { return kv.NewMemPlace() },
	}
}

func each(t *testing.T, fn func(t *testing.T, p kv.Place)) {
	for name, place := range places(t) {
		t.Run(name, func(t *testing.T) { fn(t, place()) })
	}
}

func create(t *testing.T, p kv.Place) kv.Store {
	t.Helper()
	if err := p.Replace(func(kv.Store) error { return nil }); err != nil {
		t.Fatal(err)
	}
	return open(t, p)
}

func open(t *testing.T, p kv.Place) kv.Store {
	t.Helper()
	s, err := p.Open()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func begin(t *testing.T, s kv.Store) kv.Tx {
	t.Helper()
	tx, err := s.Begin()
	if err != nil {
		t.Fatal(err)
	}
	return tx
}

func put(k, v string) kv.Op { return kv.Op{Key: []byte(k), Value: []byte(v)} }
func del(k string) kv.Op    { return kv.Op{Key: []byte(k), Delete: true} }

func apply(t *testing.T, s kv.Store, header string, ops ...kv.Op) {
	t.Helper()
	if err := s.Apply([]byte(header), ops); err != nil {
		t.Fatal(err)
	}
}

// all reads everything by the cursor.
func all(t *testing.T, tx kv.Tx) (out []string) {
	t.Helper()
	c := tx.Cursor()
	for k, v, err := c.Seek([]byte{0, 1}); ; k, v, err = c.Next() {
		if err != nil {
			t.Fatal(err)
		}
		if k == nil {
			return out
		}
		out = append(out, string(k)+"="+string(v))
	}
}

func TestMissing(t *testing.T) {
	each(t, func(t *testing.T, p kv.Place) {
		if _, err := p.Open(); !errors.Is(err, kv.ErrNotExist) {
			t.Fatal(err)
		}
	})
}

func TestEmpty(t *testing.T) {
	each(t, func(t *testing.T, p kv.Place) {
		s := create(t, p)
		tx := begin(t, s)
		defer tx.Close()
		h, err := tx.Header()
		if h != nil || err != nil {
			t.Fatal(h, err)
		}
		if _, ok, err := tx.Get([]byte("a")); ok || err != nil {
			t.Fatal(ok, err)
		}
		if got := all(t, tx); got != nil {
			t.Fatal(got)
		}
		if k, _, err := tx.Cursor().Before([]byte("z")); k != nil || err != nil {
			t.Fatal(k, err)
		}
		if k, _, err := tx.Cursor().Next(); k != nil || err != nil {
			t.Fatal(k, err)
		}
	})
}

func TestApplyAndSnapshotOfATransaction(t *testing.T) {
	each(t, func(t *testing.T, p kv.Place) {
		s := create(t, p)
		apply(t, s, "one", put("aa", "1"), put("bb", ""), put("cc", "3"))
		old := begin(t, s)
		defer old.Close()
		apply(t, s, "two", del("aa"), put("bb", "2"), del("nothing"))
		now := begin(t, s)
		defer now.Close()
		for tx, want := range map[kv.Tx][]string{old: {"one", "aa=1", "bb=", "cc=3"}, now: {"two", "bb=2", "cc=3"}} {
			h, err := tx.Header()
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, append([]string{string(h)}, all(t, tx)...)); diff != "" {
				t.Error(diff)
			}
		}
		v, ok, err := old.Get([]byte("bb"))
		if err != nil || !ok || len(v) != 0 {
			t.Fatal(v, ok, err)
		}
	})
}

func TestReopenAndReplace(t *testing.T) {
	each(t, func(t *testing.T, p kv.Place) {
		s := create(t, p)
		apply(t, s, "one", put("aa", "1"))
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Begin(); !errors.Is(err, kv.ErrClosed) {
			t.Fatal(err)
		}
		s = open(t, p)
		tx := begin(t, s)
		if got := all(t, tx); fmt.Sprint(got) != "[aa=1]" {
			t.Fatal(got)
		}
		tx.Close()
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		boom := errors.New("boom")
		if err := p.Replace(func(s kv.Store) error { return boom }); !errors.Is(err, boom) {
			t.Fatal(err)
		}
		err := p.Replace(func(s kv.Store) error { return s.Apply([]byte("new"), []kv.Op{put("zz", "9")}) })
		if err != nil {
			t.Fatal(err)
		}
		tx = begin(t, open(t, p))
		defer tx.Close()
		if got := all(t, tx); fmt.Sprint(got) != "[zz=9]" {
			t.Fatal(got)
		}
	})
}

// TestModel runs random batches against a map, with every kind of read.
func TestModel(t *testing.T) {
	each(t, func(t *testing.T, p kv.Place) {
		const seed = 7
		t.Log("seed", seed)
		rng := rand.New(rand.NewPCG(seed, 1))
		s := create(t, p)
		model := make(map[string]string)
		for round := range 60 {
			ops := make(map[string]kv.Op)
			for range 1 + rng.IntN(400) {
				k := fmt.Sprintf("\x00\x05key %05d %s", rng.IntN(3000), bytes.Repeat([]byte("x"), rng.IntN(3)*40))
				if rng.IntN(3) == 0 || round > 45 && rng.IntN(4) > 0 {
					ops[k] = del(k)
					delete(model, k)
				} else {
					v := string(bytes.Repeat([]byte{byte(rng.Uint32())}, rng.IntN(200)))
					if rng.IntN(50) == 0 {
						v = string(bytes.Repeat([]byte("long"), 4000))
					}
					ops[k] = put(k, v)
					model[k] = v
				}
			}
			var sorted []kv.Op
			for _, op := range ops {
				sorted = append(sorted, op)
			}
			slices.SortFunc(sorted, func(a, b kv.Op) int { return bytes.Compare(a.Key, b.Key) })
			apply(t, s, fmt.Sprint(round), sorted...)
			compare(t, s, model, rng)
		}
	})
}

func compare(t *testing.T, s kv.Store, model map[string]string, rng *rand.Rand) {
	t.Helper()
	tx := begin(t, s)
	defer tx.Close()
	var keys, want []string
	for k := range model {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	for _, k := range keys {
		want = append(want, k+"="+model[k])
	}
	if diff := cmp.Diff(want, all(t, tx)); diff != "" {
		t.Fatal(diff)
	}
	c := tx.Cursor()
	for range 50 {
		probe := fmt.Sprintf("\x00\x05key %05d ", rng.IntN(3100))
		i := sort.SearchStrings(keys, probe)
		k, v, err := c.Seek([]byte(probe))
		if err != nil || (i < len(keys)) != (k != nil) || k != nil && (string(k) != keys[i] || string(v) != model[keys[i]]) {
			t.Fatalf("seek %q: %q %v", probe, k, err)
		}
		k, v, err = c.Before([]byte(probe))
		if err != nil || (i > 0) != (k != nil) || k != nil && (string(k) != keys[i-1] || string(v) != model[keys[i-1]]) {
			t.Fatalf("before %q: %q %v", probe, k, err)
		}
		got, ok, err := tx.Get([]byte(probe))
		wantV, wantOK := model[probe]
		if err != nil || ok != wantOK || string(got) != wantV {
			t.Fatalf("get %q: %q %v %v", probe, got, ok, err)
		}
	}
}

// What was read before a Trim is read after it, by old transactions too.
func TestTrim(t *testing.T) {
	each(t, func(t *testing.T, p kv.Place) {
		s := create(t, p)
		var ops []kv.Op
		for i := range 5000 {
			ops = append(ops, put(fmt.Sprintf("key %05d", i), fmt.Sprint(i)))
		}
		apply(t, s, "one", ops...)
		old := begin(t, s)
		defer old.Close()
		before := all(t, old)
		trimmer, ok := s.(kv.Trimmer)
		if !ok {
			t.Skip("nothing to trim")
		}
		if err := trimmer.Trim(); err != nil {
			t.Fatal(err)
		}
		apply(t, s, "two", del("key 00007"))
		if err := trimmer.Trim(); err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(all(t, old), before) {
			t.Error("an old transaction sees something else")
		}
		now := begin(t, s)
		defer now.Close()
		if got := all(t, now); len(got) != len(before)-1 {
			t.Errorf("%d records, want %d", len(got), len(before)-1)
		}
	})
}

// TestReadersBesideApply has readers on many goroutines while batches are applied:
// each sees one state, and none older than what was applied before it began.
func TestReadersBesideApply(t *testing.T) {
	each(t, func(t *testing.T, p kv.Place) {
		s := create(t, p)
		apply(t, s, "0", put("a", "0"), put("b", "0"))
		var applied atomic.Int64
		end := make(chan struct{})
		var readers sync.WaitGroup
		for range 4 {
			readers.Go(func() {
				for {
					select {
					case <-end:
						return
					default:
					}
					least := applied.Load()
					if err := oneState(s, least); err != nil {
						t.Error(err)
						return
					}
				}
			})
		}
		for i := range 200 {
			v := strconv.Itoa(i + 1)
			apply(t, s, v, put("a", v), put("b", v), put(fmt.Sprint("filler", i%7), strings.Repeat("x", 3000)))
			applied.Store(int64(i + 1))
		}
		close(end)
		readers.Wait()
	})
}

// oneState reports what is wrong with the state that a new transaction shows.
func oneState(s kv.Store, least int64) error {
	tx, err := s.Begin()
	if err != nil {
		return err
	}
	defer tx.Close()
	header, err := tx.Header()
	if err != nil {
		return err
	}
	for _, k := range []string{"a", "b"} {
		v, ok, err := tx.Get([]byte(k))
		if err != nil || !ok || string(v) != string(header) {
			return fmt.Errorf("%s is %q, %v, %v in state %s", k, v, ok, err, header)
		}
	}
	if n, err := strconv.ParseInt(string(header), 10, 64); err != nil || n < least {
		return fmt.Errorf("state %s is shown after %d was applied", header, least)
	}
	return nil
}
