package meta_test

import (
	"encoding/binary"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"scaidrive/engine/meta"
	"scaidrive/engine/meta/schema"
)

// readNumber reads a record as schema does: recalled, or read and remembered.
func readNumber(v *meta.View, key []byte) (uint64, error) {
	if n, ok := v.Recall(schema.Nodes, key).(*uint64); ok {
		return *n, nil
	}
	b, err := v.Get(schema.Nodes, key)
	if err != nil {
		return 0, err
	}
	n := binary.BigEndian.Uint64(b)
	if v.Worth(schema.Nodes, key) {
		v.Remember(schema.Nodes, key, &n)
	}
	return n, nil
}

// Two records are always written together with one number. Readers that read one
// of them twice, and the other between, see one number, and never an older one
// than was committed before they began.
func TestRememberedRecordsBelongToTheView(t *testing.T) {
	db := openMem(t, meta.Options{FlushBytes: 4 << 10})
	const pairs = 40
	var committed [pairs]atomic.Uint64
	key := func(i, side int) []byte { return fmt.Appendf(nil, "key %d %d", i, side) }
	write := func(i int, n uint64) error {
		return db.Update(t.Context(), func(tx *meta.Tx) error {
			for side := range 2 {
				if err := tx.Put(schema.Nodes, key(i, side), binary.BigEndian.AppendUint64(nil, n)); err != nil {
					return err
				}
				if got, err := readNumber(&tx.View, key(i, side)); err != nil || got != n {
					return fmt.Errorf("a mutation reads %d, it wrote %d: %w", got, n, err)
				}
			}
			return nil
		})
	}
	for i := range pairs {
		if err := write(i, 0); err != nil {
			t.Fatal(err)
		}
	}
	var wg sync.WaitGroup
	stop := make(chan struct{})
	for r := range 4 {
		wg.Go(func() {
			for n := r; ; n++ {
				select {
				case <-stop:
					return
				default:
				}
				i := n * 7 % pairs
				least := committed[i].Load()
				err := db.View(t.Context(), func(v *meta.View) error {
					var got [3]uint64
					for k, side := range []int{0, 1, 0} {
						var err error
						if got[k], err = readNumber(v, key(i, side)); err != nil {
							return err
						}
					}
					if got[0] != got[1] || got[0] != got[2] || got[0] < least {
						return fmt.Errorf("pair %d: %v, committed before: %d", i, got, least)
					}
					return nil
				})
				if err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	for n := uint64(1); n <= 3000; n++ {
		i := int(n*13) % pairs
		if err := write(i, n); err != nil {
			t.Error(err)
			break
		}
		committed[i].Store(n)
		if n%500 == 0 {
			if err := db.Trim(); err != nil {
				t.Error(err)
			}
		}
	}
	close(stop)
	wg.Wait()
}

// A chain is of one state: neither an older view nor a newer one is given it, and
// none that a mutation works out is kept.
func TestChainsBelongToOneState(t *testing.T) {
	db := openMem(t, meta.Options{})
	key := []byte("folder")
	write := func(n uint64, chain func(tx *meta.Tx)) {
		t.Helper()
		if err := db.Update(t.Context(), func(tx *meta.Tx) error {
			if chain != nil {
				chain(tx)
			}
			return tx.Put(schema.Nodes, key, binary.BigEndian.AppendUint64(nil, n))
		}); err != nil {
			t.Fatal(err)
		}
	}
	view := func(f func(v *meta.View)) {
		t.Helper()
		if err := db.View(t.Context(), func(v *meta.View) error { f(v); return nil }); err != nil {
			t.Fatal(err)
		}
	}
	write(1, nil)
	view(func(old *meta.View) {
		view(func(v *meta.View) { v.RememberChain(key, "of state 1") })
		if got := old.RecallChain(key); got != "of state 1" {
			t.Errorf("in the same state: %v", got)
		}
		write(2, func(tx *meta.Tx) {
			if got := tx.RecallChain(key); got != nil {
				t.Errorf("a mutation is given %v", got)
			}
			tx.RememberChain(key, "of a mutation")
		})
		view(func(v *meta.View) {
			if got := v.RecallChain(key); got != nil {
				t.Errorf("a newer view is given %v", got)
			}
			v.RememberChain(key, "of state 2")
		})
		if got := old.RecallChain(key); got != nil {
			t.Errorf("an older view is given %v", got)
		}
	})
}
