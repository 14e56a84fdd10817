// Package kv is a small ordered key-value seam under the metadata engine: sorted
// keys, consistent read transactions, and batches that are applied whole and
// durably, each with a header record that says which state this is.
//
// Implementations: Bolt (one bbolt file) and Mem (in memory, with crash clones).
// Both pass one conformance suite.
//
// Invariants:
//   - after Apply returned nil its batch and header survive a crash, together;
//     one that was under way is there whole or not at all;
//   - a read transaction sees one state, however many batches are applied since;
//   - no memory of the store is handed out: results are copies, so that what was
//     checked stays what it was, and a page that cannot be read is an error here;
//   - a structure that cannot be right (a page out of its place, keys out of
//     order, a fault or panic while reading) is ErrDamaged, never a crash.
//
// It does not know what keys and values mean and does not checksum them: bbolt
// keeps no checksum of its data pages, so its user has to.
package kv

import "errors"

var (
	// ErrNotExist: there is no store in this place.
	ErrNotExist = errors.New("no database here")
	// ErrDamaged: the store's structure is not what was written.
	ErrDamaged = errors.New("database is damaged")
	// ErrNoSpace: the volume is full. The batch was not applied, the store goes on.
	ErrNoSpace = errors.New("no space for the database")
	// ErrClosed: the store was closed or replaced.
	ErrClosed = errors.New("database is closed")
)

// MaxKey is the longest key in bytes.
const MaxKey = 16 << 10

// An Op sets or removes one key. The slices are not kept.
type Op struct {
	Key    []byte
	Value  []byte
	Delete bool
}

// A Store is an open ordered store. Safe for concurrent use; Apply is called by
// one goroutine at a time.
type Store interface {
	// Begin opens a read transaction on the newest applied state.
	Begin() (Tx, error)
	// Apply applies ops, sorted by key without repetition, and replaces the
	// header, atomically and durably. ErrNoSpace leaves the store as it was;
	// after any other error it must not be called again.
	Apply(header []byte, ops []Op) error
	// Size is the space that the store takes, in bytes.
	Size() int64
	// Close waits for the read transactions that are open.
	Close() error
}

// A Trimmer is a Store that holds memory which it can give back and read again.
type Trimmer interface{ Trim() error }

// A Tx is a read transaction, for one goroutine. It must be closed, and soon:
// it keeps the store from reusing space.
type Tx interface {
	// Header is the header of the batch applied last, nil if there was none.
	Header() ([]byte, error)
	// Get gives a copy of the value.
	Get(key []byte) (value []byte, ok bool, err error)
	// Cursor makes a cursor, which ends with the transaction.
	Cursor() Cursor
	Close()
}

// A Cursor walks keys in order. The slices that it gives are valid until its
// next call. key == nil says that there is none.
type Cursor interface {
	// Seek goes to the first key >= key.
	Seek(key []byte) (k, v []byte, err error)
	// Before goes to the last key < key.
	Before(key []byte) (k, v []byte, err error)
	// Next goes to the key after the one given last by Seek or Next.
	Next() (k, v []byte, err error)
}

// A Place is where a store lives and can be replaced by another.
type Place interface {
	// Open opens the store; ErrNotExist, or ErrDamaged when it cannot be opened.
	Open() (Store, error)
	// Replace makes an empty store beside the place, lets fill fill it, closes
	// it and puts it durably in the place of what was there, which must be
	// closed. A crash leaves the old or the new one.
	Replace(fill func(Store) error) error
}
