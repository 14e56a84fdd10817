package meta

import (
	"sync"
	"sync/atomic"

	"github.com/cespare/xxhash/v2"

	"scaidrive/engine/meta/schema"
)

// recordSlots bounds the decoded records in memory: some 500 bytes each. They lie
// in sets of recordWays.
const (
	recordSlots = 1 << 15
	recordWays  = 4
	recordSets  = recordSlots / recordWays
)

// records remembers decoded records of committed states, for views. A record is
// in one slot of its key's set, which the hash of the key says; another key's may
// push it out.
//
// Invariants: a record that is remembered is what every state has from the LSN
// on at which it was read, because a commit forgets the keys that it writes
// before its state is published, and bars views of older states from bringing
// them back. A view takes only what was read at its own LSN or before.
type records struct {
	sets []recordSet
	seen []atomic.Uint32 // what was asked for last: only the second time is worth keeping
	bars [64]recordBar
}

type recordSet struct {
	slots [recordWays]atomic.Pointer[record]
	// tags are 8 bits of the hash of the key in each slot, so that records of other
	// keys are not touched. They are a hint: a slot's key decides.
	tags atomic.Uint32
	// used has a bit for each slot that was asked for since the last time that all
	// had been. What was not makes room first.
	used atomic.Uint32
}

type record struct {
	size  uint8    // of the key, if it is in short
	short [31]byte // table and key: in one piece of memory with the rest, if they are short enough
	long  string   // else
	lsn   uint64
	value any
}

func newRecord(k []byte, lsn uint64, value any) *record {
	e := &record{lsn: lsn, value: value}
	if len(k) <= len(e.short) {
		e.size = uint8(copy(e.short[:], k))
	} else {
		e.long = string(k)
	}
	return e
}

// is reports whether the record is that of k, which is not empty.
func (e *record) is(k []byte) bool {
	if len(k) <= len(e.short) {
		return string(e.short[:e.size]) == string(k)
	}
	return e.long == string(k)
}

// A recordBar guards the sets whose number is its own, modulo their number.
type recordBar struct {
	mu  sync.Mutex
	lsn uint64 // of the newest commit that wrote one of their keys
}

func newRecords() *records {
	return &records{sets: make([]recordSet, recordSets), seen: make([]atomic.Uint32, recordSlots)}
}

// find gives what is kept under k, of whatever state.
func (r *records) find(k []byte) *record {
	h := xxhash.Sum64(k)
	s := &r.sets[h%recordSets]
	tags, tag := s.tags.Load(), byte(h>>56)
	for i := range s.slots {
		if byte(tags>>(8*i)) != tag {
			continue
		}
		if e := s.slots[i].Load(); e != nil && e.is(k) {
			if bit := uint32(1) << i; s.used.Load()&bit == 0 {
				s.used.Or(bit)
			}
			return e
		}
	}
	return nil
}

func (r *records) get(k []byte, lsn uint64) any {
	if e := r.find(k); e != nil && lsn >= e.lsn {
		return e.value
	}
	return nil
}

// exact is get of what was kept in the very state of that LSN.
func (r *records) exact(k []byte, lsn uint64) any {
	if e := r.find(k); e != nil && lsn == e.lsn {
		return e.value
	}
	return nil
}

// wanted reports whether a record that was just read is worth keeping.
func (r *records) wanted(k []byte) bool {
	h := xxhash.Sum64(k)
	mark := uint32(h>>32) | 1
	return r.seen[h%recordSlots].Swap(mark) == mark
}

// put keeps a record as a state of that LSN has it. value is never changed.
func (r *records) put(k []byte, lsn uint64, value any) {
	h := xxhash.Sum64(k)
	s, b := r.guarded(h)
	b.mu.Lock()
	defer b.mu.Unlock()
	if lsn < b.lsn {
		return
	}
	i := s.place(k, int(h>>54%recordWays))
	s.slots[i].Store(newRecord(k, lsn, value))
	s.tags.Store(s.tags.Load()&^(0xff<<(8*i)) | uint32(h>>56)<<(8*i))
}

// place gives the slot of k, else a free one, else one that makes room: the first from
// some slot on that was not asked for lately.
func (s *recordSet) place(k []byte, from int) int {
	free := -1
	for i := range s.slots {
		e := s.slots[i].Load()
		switch {
		case e == nil:
			free = i
		case e.is(k):
			return i
		}
	}
	if free >= 0 {
		return free
	}
	used := s.used.Load()
	for n := range recordWays {
		if i := (from + n) % recordWays; used&(1<<i) == 0 {
			return i
		}
	}
	s.used.Store(0)
	return from
}

// forget is called before the state of a commit of that LSN is published.
func (r *records) forget(k []byte, lsn uint64) {
	s, b := r.guarded(xxhash.Sum64(k))
	b.mu.Lock()
	defer b.mu.Unlock()
	b.lsn = lsn
	for i := range s.slots {
		if e := s.slots[i].Load(); e != nil && e.is(k) {
			s.slots[i].Store(nil)
		}
	}
}

// guarded gives the set of a key's hash, and what guards it.
func (r *records) guarded(h uint64) (*recordSet, *recordBar) {
	n := h % recordSets
	return &r.sets[n], &r.bars[n%uint64(len(r.bars))]
}

// clear forgets everything.
func (r *records) clear() {
	for i := range r.sets {
		for j := range r.sets[i].slots {
			r.sets[i].slots[j].Store(nil)
		}
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
