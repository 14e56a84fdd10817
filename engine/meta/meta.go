// Package meta is the metadata engine: the only place where metadata changes.
//
// A mutation is a function from a read view to a write set, or an error. The
// committer takes the mutations that wait, in order, runs each on the database
// plus what this group wrote so far, drops the writes of one that fails, makes
// the chunks that the group relies on durable, writes one frame of the operation
// log and syncs it: this is the commit. Only then is anything visible.
package meta

import (
	"context"

	"scaidrive/engine/meta/schema"
)

// A DB is an open metadata database. Safe for concurrent use.
type DB struct{}

// A View is a consistent state of the database. It is short-lived: at most
// 50 ms or 5,000 records, and none is held across network I/O.
type View struct{}

// Get implements schema.Reader.
func (v *View) Get(t schema.Table, key []byte) ([]byte, error) { panic("unfinished") }

// Scan implements schema.Reader.
func (v *View) Scan(t schema.Table, from, to []byte, fn func(k, v []byte) (bool, error)) error {
	panic("unfinished")
}

// A Tx is a View with a write set. It is not valid after its function returned.
type Tx struct{ View }

// Put implements schema.Writer.
func (tx *Tx) Put(t schema.Table, key, value []byte) error { panic("unfinished") }

// Delete implements schema.Writer.
func (tx *Tx) Delete(t schema.Table, key []byte) error { panic("unfinished") }

// NeedChunks says that the mutation names chunks: the group's pack records are
// synced before its frame is written.
func (tx *Tx) NeedChunks() { panic("unfinished") }

// OnCommit registers a function that is called, in commit order, once the frame
// is durable and visible and before Update returns. It must be quick and must
// not call Update.
func (tx *Tx) OnCommit(fn func()) { panic("unfinished") }

// View runs fn on the newest committed state.
func (db *DB) View(ctx context.Context, fn func(*View) error) error { panic("unfinished") }

// Update runs fn as one mutation and returns when it is durable. fn may be run
// again on a newer state; it must have no effect besides its writes. An error of
// fn is returned as it is and nothing was written. Once a sync has failed every
// Update is an engine error of KindUnavailable.
func (db *DB) Update(ctx context.Context, fn func(*Tx) error) error { panic("unfinished") }
