// Package schema is the registry of metadata tables: their numbers, keys and
// record encodings. Nothing else in the engine knows how a value is stored.
//
// Numbers are never reused. A key begins with the tenant's 32-bit number, but
// for the global tables, which the registry names. Integers in keys are
// big-endian, IDs are 16 raw bytes, times are int64 microseconds UTC.
package schema

import "errors"

// Table is the number of a metadata table.
type Table uint16

// ErrNotFound says that the table has no such key.
var ErrNotFound = errors.New("no such record")

// Reader reads checked values. Returned slices are valid until the view ends
// and must not be changed.
type Reader interface {
	// Get returns the value, ErrNotFound, or an engine error of KindDamaged.
	Get(t Table, key []byte) ([]byte, error)
	// Scan calls fn for each key in [from, to) in order until fn returns false;
	// to == nil means to the end of the table. fn's slices are valid during the
	// call only.
	Scan(t Table, from, to []byte, fn func(key, value []byte) (bool, error)) error
}

// A Memory is a Reader that keeps records decoded. What Recall gives is the
// record as the Reader would read it now.
type Memory interface {
	// Recall gives what Remember kept under a key, or nil.
	Recall(t Table, key []byte) any
	// Worth reports whether a record that was just read should be remembered.
	Worth(t Table, key []byte) bool
	// Remember keeps a record. Nobody may change rec any more.
	Remember(t Table, key []byte, rec any)
}

// A Chains is a Reader of a committed state that keeps what was worked out of
// several of its records: for that state alone, and nothing of it in the next.
type Chains interface {
	// RecallChain gives what RememberChain kept under a key in this very state, or
	// nil.
	RecallChain(key []byte) any
	// RememberChain keeps something. Nobody may change v any more.
	RememberChain(key []byte, v any)
}

// A BackReader also scans from the last key to the first.
type BackReader interface {
	Reader
	// ScanBack calls fn for each key in [from, to) from the last to the first until
	// fn returns false; to == nil means from the end of the table. fn's slices are
	// valid during the call only.
	ScanBack(t Table, from, to []byte, fn func(key, value []byte) (bool, error)) error
}

// Writer is a Reader that sees its own writes. It copies key and value.
type Writer interface {
	Reader
	Put(t Table, key, value []byte) error
	Delete(t Table, key []byte) error
}
