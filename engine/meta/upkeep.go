package meta

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"scaidrive/chunkstore/vfs"
	"scaidrive/engine/meta/kv"
	"scaidrive/engine/meta/schema"
)

// The upkeep's part of a DB: one goroutine scrubs, takes snapshots and prepares
// the next segment of the log.
type upkeep struct {
	signal chan struct{} // of one place
	grown  atomic.Int64  // bytes of log since the last signal
	step   int64         // how many of them give a signal
	quit   chan struct{}
	asks   chan struct{} // of one place: asked has grown

	// walking is held by whoever walks through the file: one at a time.
	walking sync.Mutex

	mu       sync.Mutex
	asked    []schema.Table // somebody waits for their scrub
	scrubbed time.Time      // when the last whole scrub ended
	snapshot uint64         // LSN of the newest verified snapshot
	lastSize int64          // of it
	failed   error          // of the last snapshot
	badLog   error          // what is wrong with frames that Open did not read
}

func (u *upkeep) init(snapshotBytes int64) {
	u.step = 1 << 20
	if snapshotBytes > 0 {
		u.step = min(u.step, snapshotBytes/4)
	}
	u.signal = make(chan struct{}, 1)
	u.quit = make(chan struct{})
	u.asks = make(chan struct{}, 1)
}

// ask has a table scrubbed although upkeep still rests.
func (u *upkeep) ask(t schema.Table) {
	u.mu.Lock()
	u.asked = append(u.asked, t)
	u.mu.Unlock()
	select {
	case u.asks <- struct{}{}:
	default:
	}
}

// rest waits for Options.UpkeepAfter, and scrubs meanwhile what somebody waits for;
// false: the database closes.
func (db *DB) rest() bool {
	u := &db.upkeep
	if db.opts.UpkeepAfter <= 0 {
		return true
	}
	t := time.NewTimer(db.opts.UpkeepAfter)
	defer t.Stop()
	for {
		select {
		case <-t.C:
			return true
		case <-u.quit:
			return false
		case <-u.asks:
			u.mu.Lock()
			asked := u.asked
			u.asked = nil
			u.mu.Unlock()
			db.scrubTables(asked)
		}
	}
}

func (u *upkeep) stop() { close(u.quit) }

func (u *upkeep) stopping() bool {
	select {
	case <-u.quit:
		return true
	default:
		return false
	}
}

// logGrew is called by the committer.
func (u *upkeep) logGrew(n int64) {
	if u.grown.Add(n) > u.step {
		u.grown.Store(0)
		u.wake()
	}
}

func (u *upkeep) wake() {
	select {
	case u.signal <- struct{}{}:
	default:
	}
}

// upkeepLoop is the upkeep's goroutine.
func (db *DB) upkeepLoop() {
	defer db.wg.Done()
	if !db.rest() {
		return
	}
	db.scrub()
	db.checkLog()
	var again <-chan time.Time
	if db.opts.ScrubEvery > 0 {
		t := time.NewTicker(db.opts.ScrubEvery)
		defer t.Stop()
		again = t.C
	}
	for {
		db.prepareLog()
		db.snapshotIfDue()
		select {
		case <-db.upkeep.signal:
		case <-again:
			db.scrub()
		case <-db.upkeep.quit:
			return
		}
	}
}

// prepareLog makes the next segment ahead of its need.
func (db *DB) prepareLog() {
	err := db.log.Prepare()
	switch {
	case err == nil:
	case db.log.Failed() != nil:
		db.stop(err, false)
	default:
		if errors.Is(err, vfs.ErrNoSpace) {
			db.committer.order(func() { db.committer.lowSpace = true })
		}
		db.opts.Log.Warn("no further segment of the operation log", "err", err)
	}
}

// checkLog reads what Open has left of the log.
func (db *DB) checkLog() {
	err := db.log.Check(db.ctx)
	if err == nil || db.upkeep.stopping() {
		return
	}
	if db.log.Failed() != nil {
		db.stop(fmt.Errorf("operation log: %w", err), false)
	}
	db.opts.Log.Error("damage found in the operation log; stop the server and run scaidrive repair", "err", err)
	db.upkeep.mu.Lock()
	defer db.upkeep.mu.Unlock()
	db.upkeep.badLog = err
}

var errStopped = errors.New("the database is closing")

// scrub recounts every table, in the order of the registry, then those that are
// not registered.
func (db *DB) scrub() {
	if !db.scrubTables(db.scrubOrder()) {
		return
	}
	db.upkeep.mu.Lock()
	defer db.upkeep.mu.Unlock()
	db.upkeep.scrubbed = time.Now().UTC()
}

// scrubTables recounts some tables; false: the database closes.
func (db *DB) scrubTables(tables []schema.Table) bool {
	db.upkeep.walking.Lock()
	defer db.upkeep.walking.Unlock()
	for _, t := range tables {
		if _, err := db.scrubTable(t); errors.Is(err, errStopped) {
			return false
		}
	}
	return true
}

func (db *DB) scrubOrder() []schema.Table {
	db.tables.mu.RLock()
	order := append([]schema.Table(nil), db.tables.order...)
	db.tables.mu.RUnlock()
	known := make(map[schema.Table]bool)
	for _, t := range order {
		known[t] = true
	}
	for _, t := range db.state.Load().tallies {
		if !known[t.Table] {
			order = append(order, t.Table)
		}
	}
	return order
}

// scrubTable recounts one table and settles its health. It gives the number of
// records read.
func (db *DB) scrubTable(t schema.Table) (uint64, error) {
	w := newWalk(t, t)
	wrong, err := db.walkFile(w, nil, nil)
	if errors.Is(err, errStopped) {
		return w.records, err
	}
	if err == nil && len(wrong) > 0 {
		err = errTally
	}
	if err != nil {
		return w.records, db.tableDamaged(t, err)
	}
	db.health(t).verified()
	return w.records, nil
}

// walkFile runs a walk to its end beside the flusher, and says which tables are
// not as the file's header has them. visit sees each record; page is called
// after each page, without a lock; told of each flush is tell, with the
// flusher's lock held.
func (db *DB) walkFile(w *walk, visit func(k, raw []byte), o *walkObserver) (wrong []schema.Table, err error) {
	f := &db.flusher
	f.file.Lock()
	store := db.state.Load().store
	f.walks[w] = func(l *layer) {
		if o != nil && o.flushed != nil {
			o.flushed(l)
		}
		w.flushed(l)
	}
	f.file.Unlock()
	defer func() {
		f.file.Lock()
		delete(f.walks, w)
		f.file.Unlock()
	}()
	for !w.done {
		if db.upkeep.stopping() {
			return nil, errStopped
		}
		wrong, err = db.walkPage(w, store, visit, o)
		if err != nil {
			return nil, err
		}
		if o != nil && o.page != nil {
			if err := o.page(); err != nil {
				return nil, err
			}
		}
	}
	return wrong, nil
}

// A walkObserver takes part in a walk.
type walkObserver struct {
	flushed func(*layer)  // before the walk corrects its tallies
	page    func() error  // after each page
	end     func(*header) // at the end, while the file cannot change
}

// walkPage reads a page; after the last one it compares with the header, before
// anything can change.
func (db *DB) walkPage(w *walk, store kv.Store, visit func(k, raw []byte), o *walkObserver) ([]schema.Table, error) {
	db.flusher.file.Lock()
	defer db.flusher.file.Unlock()
	if db.state.Load().store != store {
		return nil, errStopped // the file was replaced
	}
	tx, err := store.Begin()
	if err != nil {
		return nil, err
	}
	defer tx.Close()
	if err := w.page(tx, db.opts.PageRecords, visit); err != nil || !w.done {
		return nil, err
	}
	raw, err := tx.Header()
	if err != nil {
		return nil, err
	}
	h, err := decodeHeader(raw)
	if err != nil {
		return nil, err
	}
	if o != nil && o.end != nil {
		o.end(h)
	}
	return w.compare(h.tallies), nil
}
