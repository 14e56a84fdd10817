package meta

import (
	"sync"
	"sync/atomic"

	"github.com/cespare/xxhash/v2"

	"scaidrive/engine/meta/schema"
)

// recordSlots bounds the decoded records in memory: some 500 bytes each.
const recordSlots = 1 << 15

// records remembers decoded records of committed states, for views. A record is
// in one slot, that of its key's hash; another key's may push it out.
//
// Invariants: a record that is remembered is what every state has from the LSN
// on at which it was read, because a commit forgets the keys that it writes
// before its state is published, and bars views of older states from bringing
// them back. A view takes only what was read at its own LSN or before.
type records struct {
	slots []atomic.Pointer[record]
	seen  []atomic.Uint32 // what was asked for last: only the second time is worth keeping
	bars  [64]recordBar
}

type record struct {
	key   string // table and key
	lsn   uint64
	value any
}

// A recordBar guards the slots whose number is its own, modulo their number.
type recordBar struct {
	mu  sync.Mutex
	lsn uint64 // of the newest commit that wrote one of their keys
}

func newRecords() *records {
	return &records{slots: make([]atomic.Pointer[record], recordSlots), seen: make([]atomic.Uint32, recordSlots)}
}

func (r *records) get(k []byte, lsn uint64) any {
	e := r.slots[xxhash.Sum64(k)%recordSlots].Load()
	if e == nil || lsn < e.lsn || e.key != string(k) {
		return nil
	}
	return e.value
}

// exact is get of what was kept in the very state of that LSN.
func (r *records) exact(k []byte, lsn uint64) any {
	e := r.slots[xxhash.Sum64(k)%recordSlots].Load()
	if e == nil || lsn != e.lsn || e.key != string(k) {
		return nil
	}
	return e.value
}

// wanted reports whether a record that was just read is worth keeping.
func (r *records) wanted(k []byte) bool {
	h := xxhash.Sum64(k)
	mark := uint32(h>>32) | 1
	return r.seen[h%recordSlots].Swap(mark) == mark
}

// put keeps a record as a state of that LSN has it. value is never changed.
func (r *records) put(k []byte, lsn uint64, value any) {
	slot := xxhash.Sum64(k) % recordSlots
	b := &r.bars[slot%uint64(len(r.bars))]
	b.mu.Lock()
	defer b.mu.Unlock()
	if lsn >= b.lsn {
		r.slots[slot].Store(&record{key: string(k), lsn: lsn, value: value})
	}
}

// forget is called before the state of a commit of that LSN is published.
func (r *records) forget(k []byte, lsn uint64) {
	slot := xxhash.Sum64(k) % recordSlots
	b := &r.bars[slot%uint64(len(r.bars))]
	b.mu.Lock()
	defer b.mu.Unlock()
	b.lsn = lsn
	if e := r.slots[slot].Load(); e != nil && e.key == string(k) {
		r.slots[slot].Store(nil)
	}
}

// clear forgets everything.
func (r *records) clear() {
	for i := range r.slots {
		r.slots[i].Store(nil)
	}
}

// Recall gives what Remember kept of a record, as this view has it, or nil. It
// must not be changed. In a mutation there is nothing to recall.
func (v *View) Recall(t schema.Table, key []byte) any {
	if v.mutation {
		return nil
	}
	return v.st.records.get(fullKey(v.buf[:0], t, key), v.st.pos.LSN)
}

// Worth reports whether a record that was just read should be remembered: when
// it is asked for again and again.
func (v *View) Worth(t schema.Table, key []byte) bool {
	return !v.mutation && v.st.records.wanted(fullKey(v.buf[:0], t, key))
}

// Remember keeps a record that this view has read, decoded, for the views to come
// until it is written again. Nobody may change rec any more.
func (v *View) Remember(t schema.Table, key []byte, rec any) {
	if !v.mutation {
		v.st.records.put(fullKey(v.buf[:0], t, key), v.st.pos.LSN, rec)
	}
}

// chainTable stands in front of the keys of chains. No table has its number.
const chainTable schema.Table = 0xffff

// RecallChain gives what RememberChain kept in this view's state, or nil. In a
// mutation there is nothing to recall.
func (v *View) RecallChain(key []byte) any {
	if v.mutation {
		return nil
	}
	return v.st.records.exact(fullKey(v.buf[:0], chainTable, key), v.st.pos.LSN)
}

// RememberChain keeps what was worked out of records of this view's state, for the
// views of the same state.
func (v *View) RememberChain(key []byte, c any) {
	if !v.mutation {
		v.st.records.put(fullKey(v.buf[:0], chainTable, key), v.st.pos.LSN, c)
	}
}

var (
	_ schema.Memory = (*View)(nil)
	_ schema.Chains = (*View)(nil)
)

// A Generation names a committed state: two that are equal are of equal states.
type Generation struct {
	records *records
	lsn     uint64
}

// Generation names the newest state.
func (db *DB) Generation() Generation {
	st := db.state.Load()
	return Generation{st.records, st.pos.LSN}
}
