package meta

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"scaidrive/engine/meta/kv"
)

// The flusher's part of a DB: one goroutine brings rotated layers into the file.
type flusher struct {
	signal chan struct{} // of one place

	// file is held while the file changes, and by the scrub and snapshots while
	// they read a page, so that they know what changed behind them.
	file  sync.Mutex
	walks map[*walk]func(*layer) // told of each flush, with file held

	mu   sync.Mutex
	done chan struct{} // closed at the end of the present or next attempt
	err  error         // of the last attempt

	flushes atomic.Uint64
}

func (f *flusher) init() {
	f.signal = make(chan struct{}, 1)
	f.done = make(chan struct{})
	f.walks = make(map[*walk]func(*layer))
}

func (f *flusher) wake() {
	select {
	case f.signal <- struct{}{}:
	default:
	}
}

// finish ends an attempt.
func (f *flusher) finish(err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.err = err
	close(f.done)
	f.done = make(chan struct{})
}

// waitFlush waits until the layer that is being flushed is in the file, or an
// attempt has failed.
func (db *DB) waitFlush() error {
	f := &db.flusher
	f.mu.Lock()
	done := f.done
	f.mu.Unlock()
	if db.state.Load().flushing == nil {
		return nil
	}
	f.wake()
	select {
	case <-done:
	case <-db.ctx.Done():
		return errClosed()
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.err
}

// flushLoop is the flusher's goroutine.
func (db *DB) flushLoop() {
	defer db.wg.Done()
	var age <-chan time.Time
	if db.opts.FlushAge > 0 {
		t := time.NewTicker(db.opts.FlushAge)
		defer t.Stop()
		age = t.C
	}
	for {
		select {
		case <-db.flusher.signal:
		case <-age:
			if st := db.state.Load(); st.flushing == nil && st.active.Len() > 0 {
				db.committer.order(db.rotate)
			}
		case <-db.ctx.Done():
			db.flusher.finish(errClosed())
			return
		}
		db.flusher.finish(db.flush())
	}
}

// flush brings the flushing layer into the file. An error other than a full
// volume stops the database.
func (db *DB) flush() error {
	if err := db.writable(); err != nil {
		return err
	}
	f := &db.flusher
	f.file.Lock()
	defer f.file.Unlock()
	st := db.state.Load()
	if st.flushing == nil {
		return nil
	}
	h := header{store: db.opts.StoreID, pos: st.flushPos, tallies: st.flushTallies}
	err := st.store.Apply(h.encode(), flushOps(st.flushing))
	if errors.Is(err, kv.ErrNoSpace) && db.opts.MakeRoom != nil && db.opts.MakeRoom() {
		err = st.store.Apply(h.encode(), flushOps(st.flushing))
	}
	switch {
	case errors.Is(err, kv.ErrNoSpace):
		db.opts.Log.Warn("no space for the metadata file", "err", err)
		return noSpace(err)
	case err != nil:
		db.stop(fmt.Errorf("metadata file: %w", err), errors.Is(err, kv.ErrDamaged))
		return db.writable()
	}
	for _, tell := range f.walks {
		tell(st.flushing)
	}
	f.flushes.Add(1)
	db.publishState(func(next *state) {
		next.flushing, next.flushTallies = nil, nil
		next.filePos = st.flushPos
	})
	return nil
}

// rotate starts the flush of the active layer. Only the committer calls it, or
// nobody else runs.
func (db *DB) rotate() {
	st := db.state.Load()
	if st.flushing != nil || st.active.Len() == 0 {
		return
	}
	db.publishState(func(next *state) { *next = *next.rotated() })
	db.flusher.wake()
}

func (db *DB) rotateIfFull() {
	if st := db.state.Load(); st.flushing == nil && st.activeBytes >= db.opts.FlushBytes {
		db.rotate()
	}
}

// Flush brings all that is committed now into the database file.
func (db *DB) Flush() error {
	target := db.state.Load().pos.LSN
	for {
		st := db.state.Load()
		if st.filePos.LSN >= target || st.flushing == nil && st.active.Len() == 0 {
			return nil
		}
		if st.flushing == nil {
			if err := db.onCommitter(func() error { db.rotate(); return nil }); err != nil {
				return err
			}
		}
		if err := db.waitFlush(); err != nil {
			return err
		}
	}
}
