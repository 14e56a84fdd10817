package meta

import (
	"bytes"
	"slices"

	"github.com/tidwall/btree"

	"scaidrive/engine/meta/kv"
	"scaidrive/engine/meta/oplog"
)

// An entry is a committed write that the database file does not have yet. It is
// never changed after it was put into a layer.
type entry struct {
	key   []byte // table and key
	value []byte
	del   bool
	check check // of the value; zero when del

	// What lies below the layer that this entry is in: needed to keep counts
	// and digests when the layer is flushed.
	base    check
	hasBase bool

	mutation uint64 // the mutation that wrote it
}

// cost is roughly the memory that an entry takes, in bytes.
func (e *entry) cost() int64 { return int64(len(e.key)+len(e.value)) + 192 }

// A layer is a sorted table of entries, copied on write: a published layer never
// changes.
type layer = btree.BTreeG[*entry]

func newLayer() *layer {
	less := func(a, b *entry) bool { return bytes.Compare(a.key, b.key) < 0 }
	return btree.NewBTreeGOptions(less, btree.Options{NoLocks: true, Degree: 16})
}

// find looks a full key up. A nil layer holds nothing.
func find(l *layer, k []byte) (*entry, bool) {
	if l == nil {
		return nil, false
	}
	probe := entry{key: k}
	return l.Get(&probe)
}

// A state is what readers see: the layers over the database file. It is
// immutable; a new one is published for each group and each step of the flusher.
//
// A reader takes a state first and begins a transaction of the file then. The
// file is never beyond the layers of the state unless a layer was rotated and
// flushed in between, which the number of rotations tells.
type state struct {
	store kv.Store

	active      *layer // newest
	activeBytes int64
	flushing    *layer // under it; nil: none
	rotations   uint64

	pos     oplog.Position // the last frame visible
	tallies tallies        // of all tables, with what the layers add

	filePos oplog.Position // the last frame that the file has

	records *records // decoded, of this state and of those that follow it

	// Of flushing: the state that the file will have.
	flushPos     oplog.Position
	flushTallies tallies
}

// under gives the check of what lies under the active layer, from the flushing
// layer or by get.
func (st *state) under(k []byte, get func() (check, bool, error)) (check, bool, error) {
	if e, ok := find(st.flushing, k); ok {
		return e.check, !e.del, nil
	}
	return get()
}

// put sets e in the layer, which must be one's own copy, keeping the base of an
// entry that was there.
func put(l *layer, e *entry, base func() (check, bool, error)) (old *entry, err error) {
	old, ok := l.Get(e)
	if ok {
		e.base, e.hasBase = old.base, old.hasBase
	} else if e.base, e.hasBase, err = base(); err != nil {
		return nil, err
	}
	l.Set(e)
	return old, nil
}

// account adds to ts what the entry changes, before being what was visible in
// the same layer (nil: the entry's base was).
func account(ts *tallies, e, before *entry) {
	t := ts.of(tableOf(e.key))
	switch {
	case before != nil && !before.del:
		t.remove(before.check)
	case before == nil && e.hasBase:
		t.remove(e.base)
	}
	if !e.del {
		t.add(e.check)
	}
}

// rotated is the state with the active layer on its way to the file.
func (st *state) rotated() *state {
	next := *st
	next.flushing, next.flushPos, next.flushTallies = st.active, st.pos, slices.Clone(st.tallies)
	next.active, next.activeBytes = newLayer(), 0
	next.rotations++
	return &next
}

// flushOps are the writes that bring a layer into the file.
func flushOps(l *layer) []kv.Op {
	ops := make([]kv.Op, 0, l.Len())
	l.Scan(func(e *entry) bool {
		op := kv.Op{Key: e.key, Delete: e.del}
		if !e.del {
			op.Value = appendEnvelope(make([]byte, 0, envelopeSize+len(e.value)), e.check, e.value)
		}
		ops = append(ops, op)
		return true
	})
	return ops
}
