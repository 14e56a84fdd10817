package meta

import (
	"bytes"

	"github.com/tidwall/btree"
)

// A layerScan walks one layer, up or down. e is where it stands, nil at its end.
type layerScan struct {
	it   btree.IterG[*entry]
	e    *entry
	on   bool
	down bool
}

// scanUp begins at the first key that is not below low.
func scanUp(l *layer, low []byte) (s layerScan) {
	if l == nil || l.Len() == 0 {
		return s
	}
	s.it, s.on = l.Iter(), true
	if s.it.Seek(&entry{key: low}) {
		s.e = s.it.Item()
	}
	return s
}

// scanDown begins at the last key below high.
func scanDown(l *layer, high []byte) (s layerScan) {
	if l == nil || l.Len() == 0 {
		return s
	}
	s.it, s.on, s.down = l.Iter(), true, true
	if s.it.Seek(&entry{key: high}) {
		s.step()
	} else if s.it.Last() {
		s.e = s.it.Item()
	}
	return s
}

func (s *layerScan) step() {
	s.e = nil
	if s.down && s.it.Prev() || !s.down && s.it.Next() {
		s.e = s.it.Item()
	}
}

// A merge lays layers, the newest first, over the file; the first source that has
// a key wins. Who has one moves the file.
type merge struct {
	sources [2]layerScan
	down    bool
	k, v    []byte // the file's record; k == nil: at its end
	step    bool   // the file's record was given: move on first
}

func mergeUp(low []byte, newest, older *layer) merge {
	return merge{sources: [2]layerScan{scanUp(newest, low), scanUp(older, low)}}
}

func mergeDown(high []byte, newest, older *layer) merge {
	return merge{sources: [2]layerScan{scanDown(newest, high), scanDown(older, high)}, down: true}
}

// first is the key that comes next, nil at the end of all sources.
func (m *merge) first() []byte {
	k := m.k
	for i := range m.sources {
		e := m.sources[i].e
		if e == nil {
			continue
		}
		if k == nil {
			k = e.key
		} else if c := bytes.Compare(e.key, k); c < 0 && !m.down || c > 0 && m.down {
			k = e.key
		}
	}
	return k
}

// pick takes k from the newest source that has it and moves every source that
// stands on it. It reports whether the key is there.
func (m *merge) pick(k []byte) (v []byte, ok bool) {
	found := false
	for i := range m.sources {
		src := &m.sources[i]
		if src.e == nil || !bytes.Equal(src.e.key, k) {
			continue
		}
		if !found {
			found, v, ok = true, src.e.value, !src.e.del
		}
		src.step()
	}
	if m.k != nil && bytes.Equal(m.k, k) {
		if !found {
			v, ok = m.v, true
		}
		m.step = true
	}
	return v, ok
}

func (m *merge) release() {
	for i := range m.sources {
		if m.sources[i].on {
			m.sources[i].it.Release()
		}
	}
}
