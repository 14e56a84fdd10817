package meta

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"scaidrive/engine"
	"scaidrive/engine/meta/kv"
	"scaidrive/engine/meta/schema"
)

// A View is a consistent state of the database, for one goroutine. It is
// short-lived: at most 50 ms or 5,000 records, and none is held across network
// I/O; a longer walk goes in pages, each a View of its own that begins where the
// last one ended.
type View struct {
	db    *DB
	ctx   context.Context
	st    *state
	layer *layer // st.active, or a mutation's own copy
	tx    kv.Tx
	cur   kv.Cursor
	buf   [96]byte
	probe entry // what layers are asked with

	// Of a mutation: it runs inside the committer and must not wait there.
	mutation bool
	waitFor  *health
}

var _ schema.Reader = (*View)(nil)

// errAgain ends a run of a mutation that needs a table's scrub.
var errAgain = &engine.Error{Op: "meta", Kind: engine.KindUnavailable, Msg: "the database is still being checked"}

// begin takes the newest state with a transaction of its file.
func (db *DB) begin() (*state, kv.Tx, error) {
	for {
		st := db.state.Load()
		tx, err := st.store.Begin()
		if errors.Is(err, kv.ErrClosed) {
			// Closed for good, or being replaced.
			db.awaitSwap()
			if db.state.Load() == st {
				return nil, nil, errClosed()
			}
			continue
		}
		if err != nil {
			return nil, nil, db.damaged("the database file cannot be read", err)
		}
		if now := db.state.Load(); now.rotations == st.rotations && now.store == st.store {
			return st, tx, nil
		}
		tx.Close()
	}
}

// awaitSwap returns when the file is not being replaced.
func (db *DB) awaitSwap() {
	db.swap.RLock()
	defer db.swap.RUnlock()
}

// Get implements schema.Reader.
func (v *View) Get(t schema.Table, key []byte) ([]byte, error) {
	k := fullKey(v.buf[:0], t, key)
	if e, ok := v.layered(k); ok {
		if e.del {
			return nil, schema.ErrNotFound
		}
		return e.value, nil
	}
	payload, _, ok, err := v.stored(k)
	if err != nil {
		return nil, err
	}
	if !ok {
		if err := v.absent(t, k, true); err != nil {
			return nil, err
		}
		return nil, schema.ErrNotFound
	}
	return payload, nil
}

func (v *View) layered(k []byte) (*entry, bool) {
	v.probe.key = k
	if e, ok := v.layer.Get(&v.probe); ok || v.st.flushing == nil {
		return e, ok
	}
	return v.st.flushing.Get(&v.probe)
}

// stored reads from the file and verifies.
func (v *View) stored(k []byte) (payload []byte, c check, ok bool, err error) {
	raw, ok, err := v.tx.Get(k)
	if err == nil && ok {
		payload, c, err = openEnvelope(k, raw)
	}
	if err != nil {
		return nil, c, false, v.db.tableDamaged(tableOf(k), err)
	}
	return payload, c, ok, nil
}

// baseCheck gives the check of what the file holds under k. Writing over what
// cannot be read is refused.
func (v *View) baseCheck(k []byte) (check, bool, error) {
	_, c, ok, err := v.stored(k)
	if err == nil && !ok {
		err = v.absent(tableOf(k), k, false)
	}
	return c, ok, err
}

// absent is called before it is told that the file has no k. The records
// beside its place are verified, and, when wait is set and the table is one
// whose absences wait, the whole table must have been since the open.
func (v *View) absent(t schema.Table, k []byte, wait bool) error {
	if err := v.beside(k); err != nil {
		return err
	}
	return v.whole(t, wait)
}

// beside verifies the file's records before and after the place of k.
func (v *View) beside(k []byte) error {
	if v.cur == nil {
		v.cur = v.tx.Cursor()
	}
	nk, nv, err := v.cur.Seek(k)
	if err == nil && nk != nil && bytes.Compare(nk, k) <= 0 {
		err = fmt.Errorf("%w: keys out of order", kv.ErrDamaged)
	}
	if err := v.neighbour(k, nk, nv, err); err != nil {
		return err
	}
	return v.before(k)
}

// before verifies the file's record before the place of k.
func (v *View) before(k []byte) error {
	pk, pv, err := v.cur.Before(k)
	if err == nil && pk != nil && bytes.Compare(pk, k) >= 0 {
		err = fmt.Errorf("%w: keys out of order", kv.ErrDamaged)
	}
	return v.neighbour(k, pk, pv, err)
}

// neighbour verifies a record nk beside the place of k. One that is damaged says
// nothing about k if it stands in another table and k's has been verified.
func (v *View) neighbour(k, nk, nv []byte, err error) error {
	if err != nil {
		return v.db.tableDamaged(tableOf(k), err)
	}
	if nk == nil {
		return nil
	}
	if _, _, err := openEnvelope(nk, nv); err != nil {
		damage := v.db.tableDamaged(tableOf(nk), err)
		if tableOf(nk) == tableOf(k) || v.db.health(tableOf(k)).state() != healthVerified {
			return damage
		}
	}
	return nil
}

// whole is called before an absence, or the completeness of a scan, is told.
func (v *View) whole(t schema.Table, wait bool) error {
	h := v.db.health(t)
	switch {
	case h.state() == healthDamaged:
		return h.err()
	case h.state() == healthVerified || !h.waits || !wait:
		return nil
	case v.mutation:
		v.waitFor = h
		return errAgain
	}
	return h.wait(v.ctx)
}

// Scan implements schema.Reader. It sees the state at its start, also when fn
// writes. Of a table whose absences wait, it waits for the table's scrub.
func (v *View) Scan(t schema.Table, from, to []byte, fn func(key, value []byte) (bool, error)) error {
	low, high := fullKey(nil, t, from), fullKey(nil, t+1, nil)
	if to != nil {
		high = fullKey(nil, t, to)
	}
	if bytes.Compare(low, high) >= 0 {
		return nil
	}
	if err := v.whole(t, true); err != nil {
		return err
	}
	top := v.layer
	if v.mutation {
		top = v.layer.Copy()
	}
	s := scan{view: v, low: low, high: high, merge: mergeUp(low, top, v.st.flushing)}
	defer s.release()
	if err := s.start(); err != nil {
		return err
	}
	for {
		k, value, err := s.next()
		if err != nil || k == nil {
			return err
		}
		more, err := fn(k[2:], value)
		if err != nil || !more {
			return err
		}
	}
}

// Walk scans a range in pages, each a View of its own, for what takes longer than
// a View may: what is committed meanwhile under keys not yet reached is seen.
// pageSize 0 is 1,000 records.
func (db *DB) Walk(ctx context.Context, t schema.Table, from, to []byte, pageSize int, fn func(key, value []byte) (bool, error)) error {
	if pageSize <= 0 {
		pageSize = 1000
	}
	from = bytes.Clone(from)
	for {
		n, stopped := 0, false
		err := db.View(ctx, func(v *View) error {
			return v.Scan(t, from, to, func(key, value []byte) (bool, error) {
				more, err := fn(key, value)
				from = append(append(from[:0], key...), 0)
				stopped = !more
				n++
				return more && n < pageSize, err
			})
		})
		if err != nil || stopped || n < pageSize {
			return err
		}
		if err := ctx.Err(); err != nil {
			return err
		}
	}
}

// A scan goes up a range of the layers and the file.
type scan struct {
	merge
	view *View
	low  []byte
	high []byte
	cur  kv.Cursor
}

func (s *scan) start() (err error) {
	low := s.low
	s.cur = s.view.tx.Cursor()
	// The record before the first one: a key that was changed to a smaller one
	// would stand there.
	if s.view.cur == nil {
		s.view.cur = s.view.tx.Cursor()
	}
	if err := s.view.before(low); err != nil {
		return err
	}
	s.k, s.v, err = s.cur.Seek(low)
	if err == nil && s.k != nil && bytes.Compare(s.k, low) < 0 {
		err = fmt.Errorf("%w: keys out of order", kv.ErrDamaged)
	}
	return s.take(err)
}

// take verifies the record at which the file's cursor stands now, also the one
// beyond the end of the range.
func (s *scan) take(err error) error {
	if err != nil {
		return s.view.db.tableDamaged(tableOf(s.low), err)
	}
	if s.k == nil {
		return nil
	}
	if bytes.Compare(s.k, s.high) >= 0 {
		err := s.view.neighbour(s.low, s.k, s.v, nil)
		s.k = nil
		return err
	}
	if s.v, _, err = openEnvelope(s.k, s.v); err != nil {
		return s.view.db.tableDamaged(tableOf(s.low), err)
	}
	return nil
}

func (s *scan) next() (k, v []byte, err error) {
	for {
		if s.step {
			s.step = false
			s.k, s.v, err = s.cur.Next()
			if err := s.take(err); err != nil {
				return nil, nil, err
			}
		}
		if k = s.first(); k == nil || bytes.Compare(k, s.high) >= 0 {
			return nil, nil, nil
		}
		if v, ok := s.pick(k); ok {
			return k, v, nil
		}
	}
}
