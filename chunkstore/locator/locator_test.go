package locator

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"go.etcd.io/bbolt"
)

var id = [16]byte{1}

func hash(n int) [32]byte {
	return sha256.Sum256(binary.LittleEndian.AppendUint64(nil, uint64(n)))
}

func entry(n int) Entry {
	return Entry{Pack: uint32(1 + n/100), Offset: int64(64 + 8*n), Stored: uint32(n), Raw: uint32(2 * n), Kind: 1, Codec: uint8(n % 2)}
}

var dom = [16]byte{0xd}

func all(Entry) bool { return true }

func open1(t *testing.T, path string, o Options) *Index {
	t.Helper()
	o.StoreID = id
	x, err := Open(path, o)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

func want(t *testing.T, x *Index, from, to int) {
	t.Helper()
	for n := from; n < to; n++ {
		e, ok, err := x.Lookup(dom, hash(n))
		if err != nil || !ok || e != entry(n) {
			t.Fatalf("entry %d: %+v, %v, %v", n, e, ok, err)
		}
	}
}

// TestFold: entries are found before, during and after folds, and after
// opening again as far as they were folded.
func TestFold(t *testing.T) {
	path := filepath.Join(t.TempDir(), "index.db")
	x := open1(t, path, Options{Batch: 100})
	for n := range 1000 {
		x.Add(dom, hash(n), entry(n))
	}
	want(t, x, 0, 1000)
	cover := map[uint32]Cover{1: {Length: 900, Sealed: true}, 6: {Length: 700}}
	if err := x.Fold(cover, func(e Entry) bool { return e.Stored < 600 }); err != nil {
		t.Fatal(err)
	}
	if x.Fresh() != 400 || x.Stats().Folded != 600 || x.Stats().Folds != 6 {
		t.Errorf("after the fold: %+v", x.Stats())
	}
	want(t, x, 0, 1000)
	if err := x.Verify(context.Background()); err != nil {
		t.Fatal(err)
	}
	if err := x.Close(); err != nil {
		t.Fatal(err)
	}
	for _, filter := range []bool{true, false} {
		if !filter {
			if err := os.Remove(path + filterSuffix); err != nil {
				t.Fatal(err)
			}
		}
		x = open1(t, path, Options{})
		if c := x.Covered(); len(c) != 2 || c[1] != cover[1] || c[6] != cover[6] {
			t.Errorf("covered %v", c)
		}
		want(t, x, 0, 600)
		if _, ok, err := x.Lookup(dom, hash(700)); ok || err != nil {
			t.Errorf("an entry that was not folded: %v, %v", ok, err)
		}
		if filter != (x.never != nil) {
			t.Errorf("filter %v", x.never)
		}
		if err := x.Verify(context.Background()); err != nil {
			t.Fatal(err)
		}
		if err := x.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// TestReplace: the later of two entries wins in memory, a fold replaces, and
// the account of the file stays right.
func TestReplace(t *testing.T) {
	x := open1(t, filepath.Join(t.TempDir(), "index.db"), Options{})
	defer x.Close()
	h := hash(1)
	older, newer := entry(1), entry(500)
	for _, fold := range []bool{false, true} {
		x.Add(dom, h, newer)
		x.Add(dom, h, older)
		if e, _, _ := x.Lookup(dom, h); e != newer {
			t.Fatalf("%+v", e)
		}
		x.MarkDamaged(dom, h, older) // not where it is
		x.MarkDamaged(dom, h, newer)
		if e, _, _ := x.Lookup(dom, h); !e.Damaged {
			t.Fatalf("%+v", e)
		}
		if fold {
			if err := x.Fold(nil, all); err != nil {
				t.Fatal(err)
			}
		}
		x.Add(dom, h, older) // anything is better than a damaged one
		if e, _, _ := x.Lookup(dom, h); e != older {
			t.Fatalf("%+v", e)
		}
		if fold {
			if err := x.Fold(nil, all); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := x.Verify(context.Background()); err != nil || x.Stats().Folded != 1 {
		t.Fatalf("%v, %+v", err, x.Stats())
	}
}

// TestForeign: another store's file is not used.
func TestForeign(t *testing.T) {
	path := filepath.Join(t.TempDir(), "index.db")
	x := open1(t, path, Options{})
	x.Add(dom, hash(1), entry(1))
	if err := x.Fold(map[uint32]Cover{1: {Length: 100}}, all); err != nil {
		t.Fatal(err)
	}
	if err := x.Close(); err != nil {
		t.Fatal(err)
	}
	y, err := Open(path, Options{StoreID: [16]byte{2}})
	if err != nil {
		t.Fatal(err)
	}
	defer y.Close()
	if len(y.Covered()) != 0 || y.Stats().Folded != 0 {
		t.Errorf("took over %v, %+v", y.Covered(), y.Stats())
	}
}

// TestVanished takes a key out behind the index's back: Lookup misses it, but
// the miss is not certain and Verify notices, with and without a filter.
func TestVanished(t *testing.T) {
	for _, filter := range []bool{true, false} {
		path := filepath.Join(t.TempDir(), "index.db")
		x := open1(t, path, Options{})
		for n := range 5000 {
			x.Add(dom, hash(n), entry(n))
		}
		if err := x.Fold(nil, all); err != nil {
			t.Fatal(err)
		}
		if err := x.Close(); err != nil {
			t.Fatal(err)
		}
		if !filter {
			os.Remove(path + filterSuffix)
		}
		db, err := bbolt.Open(path, 0o600, nil)
		if err != nil {
			t.Fatal(err)
		}
		err = db.Update(func(tx *bbolt.Tx) error {
			return tx.Bucket([]byte(bucketChunks)).Delete(key{1, hash(77)}.append(nil))
		})
		if err = errors.Join(err, db.Close()); err != nil {
			t.Fatal(err)
		}
		x = open1(t, path, Options{})
		if _, ok, err := x.Lookup(dom, hash(77)); ok || err != nil {
			t.Fatalf("lookup: %v, %v", ok, err)
		}
		if x.Certain(dom, hash(77)) {
			t.Error("a vanished entry is a certain miss")
		}
		if filter && !x.Certain(dom, hash(-1)) && !x.Certain(dom, hash(-2)) && !x.Certain(dom, hash(-3)) {
			t.Error("what was never there is not a certain miss")
		}
		if err := x.Verify(context.Background()); !errors.Is(err, ErrDamaged) {
			t.Errorf("verify: %v", err)
		}
		if err := x.Fold(nil, all); !errors.Is(err, ErrDamaged) && x.Fresh() > 0 {
			t.Errorf("fold: %v", err)
		}
		if err := x.Reset(); err != nil {
			t.Fatal(err)
		}
		for n := range 5000 {
			x.Add(dom, hash(n), entry(n))
		}
		if err := x.Fold(nil, all); err != nil {
			t.Fatal(err)
		}
		want(t, x, 0, 5000)
		if err := errors.Join(x.Verify(context.Background()), x.Close()); err != nil {
			t.Fatal(err)
		}
	}
}

// TestFilter: it never denies what was added, grows, and is rarely wrong.
func TestFilter(t *testing.T) {
	f := newFilter(0)
	rng := rand.New(rand.NewPCG(1, 1))
	var keys []key
	for range 100000 {
		k := key{domain: uint32(rng.IntN(3))}
		binary.LittleEndian.PutUint64(k.hash[:], rng.Uint64())
		binary.LittleEndian.PutUint64(k.hash[8:], rng.Uint64())
		keys = append(keys, k)
		f.add(k)
	}
	f = parseFilter(f.encode(id, 7), id, 7)
	if f == nil {
		t.Fatal("does not decode")
	}
	for i, k := range keys {
		if !f.has(k) {
			t.Fatalf("key %d was added", i)
		}
	}
	wrong := 0
	for range 100000 {
		k := key{}
		binary.LittleEndian.PutUint64(k.hash[:], rng.Uint64())
		binary.LittleEndian.PutUint64(k.hash[8:], rng.Uint64())
		if f.has(k) {
			wrong++
		}
	}
	if wrong > 2000 {
		t.Errorf("%d of 100,000 taken for known", wrong)
	}
	if f.bytes() > 100000*5 {
		t.Errorf("%d bytes for 100,000 keys", f.bytes())
	}
	b := f.encode(id, 7)
	if parseFilter(b, id, 8) != nil || parseFilter(b, [16]byte{9}, 7) != nil {
		t.Error("a filter of another generation or store is used")
	}
	b[len(b)/2] ^= 1
	if parseFilter(b, id, 7) != nil {
		t.Error("a damaged filter is used")
	}
}

func FuzzValues(f *testing.F) {
	k := key{1, hash(1)}.append(nil)
	f.Add(k, entry(5).append(k, nil))
	st := state{generation: 3, count: 4}
	f.Add([]byte(bucketState), st.encode(id))
	f.Add([]byte("filter"), newFilter(0).encode(id, 1)[:100])
	f.Fuzz(func(t *testing.T, k, v []byte) {
		if e, ok := parseEntry(k, v); ok && string(e.append(k, nil)) != string(v) {
			t.Error("an entry encodes to other bytes")
		}
		if s, ok := parseState(v, id); ok && string(s.encode(id)) != string(v) {
			t.Error("a state encodes to other bytes")
		}
		parseFilter(v, id, 1)
		parseKey(k)
	})
}

func BenchmarkFold(b *testing.B) {
	x, err := Open(filepath.Join(b.TempDir(), "index.db"), Options{StoreID: id})
	if err != nil {
		b.Fatal(err)
	}
	defer x.Close()
	n := 0
	for b.Loop() {
		for range 65536 {
			n++
			x.Add(dom, hash(n), entry(n))
		}
		if err := x.Fold(nil, all); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "entries/s")
	b.ReportMetric(float64(x.Stats().FileBytes)/float64(n), "B/entry")
}

func BenchmarkLookup(b *testing.B) {
	x, err := Open(filepath.Join(b.TempDir(), "index.db"), Options{StoreID: id})
	if err != nil {
		b.Fatal(err)
	}
	defer x.Close()
	for n := range 200000 {
		x.Add(dom, hash(n), entry(n))
	}
	if err := x.Fold(nil, all); err != nil {
		b.Fatal(err)
	}
	n := 0
	for b.Loop() {
		n = (n*7 + 1) % 200000
		if _, ok, _ := x.Lookup(dom, hash(n)); !ok {
			b.Fatal(n)
		}
	}
}

// TestCycle: a branch page that leads back to itself or to one above, which
// bbolt would follow until the stack ends, is found before.
func TestCycle(t *testing.T) {
	path := filepath.Join(t.TempDir(), "index.db")
	x := open1(t, path, Options{})
	for n := range 20000 {
		x.Add(dom, hash(n), entry(n))
	}
	if err := x.Fold(map[uint32]Cover{1: {Length: 100}}, all); err != nil {
		t.Fatal(err)
	}
	var root uint64
	size := 0
	if err := x.db.View(func(tx *bbolt.Tx) error {
		root, size = uint64(tx.Bucket([]byte(bucketChunks)).Root()), tx.DB().Info().PageSize
		return x.checkTrees(tx)
	}); err != nil {
		t.Fatal(err)
	}
	if err := x.Close(); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	head := whole[root*uint64(size):]
	count := int(binary.NativeEndian.Uint16(head[10:]))
	if binary.NativeEndian.Uint16(head[8:]) != pageBranch || count < 3 {
		t.Fatalf("the root has %d children and flags %x", count, head[8:10])
	}
	child := binary.NativeEndian.Uint64(head[pageHeadSize+8:])
	if f := binary.NativeEndian.Uint16(whole[child*uint64(size)+8:]); f != pageBranch {
		t.Fatalf("only one level of branches, flags %x", f)
	}
	for _, c := range []struct {
		page, to uint64
		elem     int
	}{{root, root, 0}, {root, root, count - 1}, {child, root, 1}, {child, child, 0}, {root, child, 1}} {
		b := append([]byte(nil), whole...)
		binary.NativeEndian.PutUint64(b[c.page*uint64(size)+pageHeadSize+uint64(c.elem)*pageElemSize+8:], c.to)
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		x := open1(t, path, Options{})
		if len(x.Covered()) != 0 {
			t.Errorf("child %d of page %d leads to %d, and the file is used", c.elem, c.page, c.to)
		}
		if err := x.Close(); err != nil {
			t.Fatal(err)
		}
	}
}
