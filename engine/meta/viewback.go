package meta

import (
	"bytes"
	"fmt"

	"scaidrive/engine/meta/kv"
	"scaidrive/engine/meta/schema"
)

var _ schema.BackReader = (*View)(nil)

// ScanBack implements schema.BackReader: it is Scan from the last key to the
// first, with the same checks. Each record of the file costs a search of its own,
// so it is for pages and not for whole tables.
func (v *View) ScanBack(t schema.Table, from, to []byte, fn func(key, value []byte) (bool, error)) error {
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
	s := backScan{view: v, low: low, merge: mergeDown(high, top, v.st.flushing)}
	defer s.release()
	if err := s.start(high); err != nil {
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

// A backScan goes down a range of the layers and the file.
type backScan struct {
	merge
	view *View
	low  []byte
	cur  kv.Cursor
	at   []byte // the file's place, our copy
}

func (s *backScan) start(high []byte) error {
	s.cur = s.view.tx.Cursor()
	// The record behind the last one: a key that was changed to a greater one
	// would stand there.
	k, v, err := s.cur.Seek(high)
	if err == nil && k != nil && bytes.Compare(k, high) < 0 {
		err = fmt.Errorf("%w: keys out of order", kv.ErrDamaged)
	}
	if err := s.view.neighbour(s.low, k, v, err); err != nil {
		return err
	}
	return s.before(high)
}

// before takes the file's last record below a key and verifies it, also the one
// that lies below the range.
func (s *backScan) before(key []byte) error {
	var err error
	s.k, s.v, err = s.cur.Before(key)
	if err == nil && s.k != nil && bytes.Compare(s.k, key) >= 0 {
		err = fmt.Errorf("%w: keys out of order", kv.ErrDamaged)
	}
	if err != nil {
		return s.view.db.tableDamaged(tableOf(s.low), err)
	}
	if s.k == nil {
		return nil
	}
	if bytes.Compare(s.k, s.low) < 0 {
		err := s.view.neighbour(s.low, s.k, s.v, nil)
		s.k = nil
		return err
	}
	if s.v, _, err = openEnvelope(s.k, s.v); err != nil {
		return s.view.db.tableDamaged(tableOf(s.low), err)
	}
	return nil
}

func (s *backScan) next() (k, v []byte, err error) {
	for {
		if s.step {
			s.step = false
			s.at = append(s.at[:0], s.k...)
			if err := s.before(s.at); err != nil {
				return nil, nil, err
			}
		}
		if k = s.first(); k == nil || bytes.Compare(k, s.low) < 0 {
			return nil, nil, nil
		}
		if v, ok := s.pick(k); ok {
			return k, v, nil
		}
	}
}
