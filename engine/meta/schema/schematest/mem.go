// Package schematest has a map that behaves like a metadata database, for tests
// of what reads and writes through schema. It keeps nothing, checks nothing and
// knows no transactions; tests break its values by hand.
package schematest

import (
	"bytes"
	"sort"

	"scaidrive/engine/meta/schema"
)

// Mem implements schema.Writer on a map. Not safe for concurrent use.
type Mem struct {
	Rows map[schema.Table]map[string][]byte
	// Gets and Scanned count the calls of Get and the rows given by Scan.
	Gets, Scanned int
	// Fail, when set, is asked before each call and its error returned.
	Fail func() error
}

// New makes an empty one.
func New() *Mem { return &Mem{Rows: map[schema.Table]map[string][]byte{}} }

func (m *Mem) fail() error {
	if m.Fail == nil {
		return nil
	}
	return m.Fail()
}

// Get implements schema.Reader.
func (m *Mem) Get(t schema.Table, key []byte) ([]byte, error) {
	m.Gets++
	if err := m.fail(); err != nil {
		return nil, err
	}
	v, ok := m.Rows[t][string(key)]
	if !ok {
		return nil, schema.ErrNotFound
	}
	return v, nil
}

// Scan implements schema.Reader. The slices given to fn are overwritten when it
// returns, so that whoever keeps them is found out.
func (m *Mem) Scan(t schema.Table, from, to []byte, fn func(key, value []byte) (bool, error)) error {
	if err := m.fail(); err != nil {
		return err
	}
	var keys []string
	for k := range m.Rows[t] {
		if k >= string(from) && (to == nil || k < string(to)) {
			keys = append(keys, k)
		}
	}
	sort.Strings(keys)
	for _, k := range keys {
		m.Scanned++
		kb, vb := []byte(k), bytes.Clone(m.Rows[t][k])
		more, err := fn(kb, vb)
		for i := range kb {
			kb[i] = 0xdb
		}
		for i := range vb {
			vb[i] = 0xdb
		}
		if err != nil || !more {
			return err
		}
	}
	return nil
}

// Put implements schema.Writer.
func (m *Mem) Put(t schema.Table, key, value []byte) error {
	if err := m.fail(); err != nil {
		return err
	}
	if m.Rows[t] == nil {
		m.Rows[t] = map[string][]byte{}
	}
	m.Rows[t][string(key)] = append([]byte{}, value...)
	return nil
}

// Delete implements schema.Writer.
func (m *Mem) Delete(t schema.Table, key []byte) error {
	if err := m.fail(); err != nil {
		return err
	}
	delete(m.Rows[t], string(key))
	return nil
}
