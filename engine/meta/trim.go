package meta

import "scaidrive/engine/meta/kv"

// Trim gives back memory that only speed needs, for a time in which nothing is
// asked: what is committed goes into the database file, and the file's pages out
// of the process; the system's page cache keeps them.
func (db *DB) Trim() error {
	if err := db.Flush(); err != nil {
		return err
	}
	db.state.Load().records.clear()
	if t, ok := db.state.Load().store.(kv.Trimmer); ok {
		return t.Trim()
	}
	return nil
}
