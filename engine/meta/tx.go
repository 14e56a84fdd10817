package meta

import (
	"bytes"

	"scaidrive/engine"
	"scaidrive/engine/meta/schema"
)

// The bounds of one mutation; a larger change is a job in steps.
const (
	MaxKeys  = 32000
	MaxBytes = 8 << 20 // keys and values
	MaxKey   = 4 << 10 // bytes of one key
)

// A Tx is a View with a write set. It is not valid after its function returned.
type Tx struct {
	View

	number  uint64
	touched [][]byte // full keys, in the order of the first write
	bytes   int
	chunks  bool
	hooks   []func()
	failed  error // an error of a write: the mutation fails whatever fn returns
}

var _ schema.Writer = (*Tx)(nil)

// Put implements schema.Writer.
func (tx *Tx) Put(t schema.Table, key, value []byte) error {
	return tx.write(t, key, value, false)
}

// Delete implements schema.Writer. Deleting what is not there is no error.
func (tx *Tx) Delete(t schema.Table, key []byte) error {
	return tx.write(t, key, nil, true)
}

func (tx *Tx) write(t schema.Table, key, value []byte, del bool) error {
	if tx.failed != nil {
		return tx.failed
	}
	if t == 0 || t >= firstOwnTable || len(key) == 0 || len(key) > MaxKey {
		tx.failed = engine.E(engine.KindInternal, "table %d or a key of %d bytes is not one to write", t, len(key))
		return tx.failed
	}
	tx.bytes += len(key) + len(value)
	if tx.bytes > MaxBytes || len(tx.touched) >= MaxKeys {
		tx.failed = engine.Invalid("", "too much for one change: at most %d records and %d bytes", MaxKeys, MaxBytes)
		return tx.failed
	}
	e := &entry{key: fullKey(make([]byte, 0, 2+len(key)), t, key), del: del, mutation: tx.number}
	if !del {
		e.value = bytes.Clone(value)
		if e.value == nil {
			e.value = []byte{}
		}
		e.check = checkOf(t, key, value)
	}
	old, err := put(tx.layer, e, func() (check, bool, error) {
		return tx.st.under(e.key, func() (check, bool, error) { return tx.baseCheck(e.key) })
	})
	if err != nil {
		tx.failed = err
		return err
	}
	if old == nil || old.mutation != tx.number {
		tx.touched = append(tx.touched, e.key)
	}
	return nil
}

// NeedChunks says that the mutation names chunks: the group's pack records are
// synced before its frame is written.
func (tx *Tx) NeedChunks() { tx.chunks = true }

// OnCommit registers a function that is called, in commit order, once the frame
// is durable and visible and before Update returns. It must be quick and must
// not call Update. A run of the mutation that is not committed calls none.
func (tx *Tx) OnCommit(fn func()) { tx.hooks = append(tx.hooks, fn) }
