package meta

import (
	"bytes"
	"fmt"

	"github.com/tidwall/btree"

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
	s := backScan{view: v, low: low, sources: [2]backLayer{newBackLayer(top, high), newBackLayer(v.st.flushing, high)}}
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

// A backLayer walks one layer down. e is where it stands, nil at its end.
type backLayer struct {
	it btree.IterG[*entry]
	e  *entry
	on bool
}

func newBackLayer(l *layer, high []byte) (s backLayer) {
	if l == nil || l.Len() == 0 {
		return s
	}
	s.it, s.on = l.Iter(), true
	if s.it.Seek(&entry{key: high}) {
		s.step()
	} else if s.it.Last() {
		s.e = s.it.Item()
	}
	return s
}

func (s *backLayer) step() {
	s.e = nil
	if s.it.Prev() {
		s.e = s.it.Item()
	}
}

// A backScan merges the layers with the file; the first source that has a key wins.
type backScan struct {
	view    *View
	low     []byte
	sources [2]backLayer
	cur     kv.Cursor
	at      []byte // the file's place, our copy
	k, v    []byte // the file's record; k == nil: at its end
	step    bool   // the file's record was given: move on first
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
		k = s.k
		for i := range s.sources {
			if e := s.sources[i].e; e != nil && (k == nil || bytes.Compare(e.key, k) > 0) {
				k = e.key
			}
		}
		if k == nil || bytes.Compare(k, s.low) < 0 {
			return nil, nil, nil
		}
		if v, ok := s.pick(k); ok {
			return k, v, nil
		}
	}
}

// pick takes k from the newest source that has it and moves every source that
// stands on it. It reports whether the key is there.
func (s *backScan) pick(k []byte) (v []byte, ok bool) {
	found := false
	for i := range s.sources {
		src := &s.sources[i]
		if src.e == nil || !bytes.Equal(src.e.key, k) {
			continue
		}
		if !found {
			found, v, ok = true, src.e.value, !src.e.del
		}
		src.step()
	}
	if s.k != nil && bytes.Equal(s.k, k) {
		if !found {
			v, ok = s.v, true
		}
		s.step = true
	}
	return v, ok
}

func (s *backScan) release() {
	for i := range s.sources {
		if s.sources[i].on {
			s.sources[i].it.Release()
		}
	}
}
