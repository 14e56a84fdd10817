package appliance

import (
	"errors"
	"sync/atomic"
	"time"

	"scaidrive/chunkstore/vfs"
)

// A mark is the writing of a header that says that the store is in use.
type mark struct {
	done chan struct{} // closed when the first attempt has ended
	err  error         // its outcome, and of those that followed
	now  time.Time     // of the start
	// failed is set while the header could not be written.
	failed atomic.Bool
}

// markInUse has the header say that the store is in use. After an orderly stop that
// goes on beside everything else: before anything is written to log or database,
// awaitMark tells that it is durable. failed is called with what went wrong then.
func (d *dataDir) markInUse(now time.Time, failed func(error)) error {
	if d.stopped() == 0 {
		return d.setState(stateInUse, 0, now)
	}
	m := &mark{done: make(chan struct{}), now: now}
	d.inUse = m
	go func() {
		defer close(m.done)
		if m.err = d.setState(stateInUse, 0, now); m.err != nil {
			m.failed.Store(true)
			failed(m.err)
		}
	}()
	return nil
}

// awaitMark waits until the store is marked as in use. A volume that was full is tried
// again. It is called by one goroutine at a time.
func (d *dataDir) awaitMark() error {
	m := d.inUse
	if m == nil {
		return nil
	}
	<-m.done
	if errors.Is(m.err, vfs.ErrNoSpace) {
		m.err = d.setState(stateInUse, 0, m.now)
		m.failed.Store(m.err != nil)
	}
	return m.err
}

// marked reports that the header could be written, as far as is known.
func (d *dataDir) marked() bool { return d.inUse == nil || !d.inUse.failed.Load() }
