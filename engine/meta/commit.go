package meta

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"sync"
	"sync/atomic"

	"scaidrive/chunkstore"
	"scaidrive/chunkstore/vfs"
	"scaidrive/engine"
	"scaidrive/engine/meta/oplog"
	"scaidrive/engine/meta/schema"
)

// The bounds of a group. Together with one mutation's they keep a frame well
// below a segment of the default size.
const (
	groupMutations = 2048
	groupKeys      = 32000
	groupBytes     = 4 << 20
)

// A request is one Update that waits.
type request struct {
	fn    func(*Tx) error
	state atomic.Int32 // 0 waits, 1 taken, 2 dropped by its caller
	done  chan struct{}

	// The outcome, valid once done is closed.
	err     error
	waitFor *health // run again when this table is verified

	// Of the run in the present group.
	hooks  []func()
	chunks bool
}

func (r *request) take() bool { return r.state.CompareAndSwap(0, 1) || r.state.Load() == 1 }
func (r *request) drop() bool { return r.state.CompareAndSwap(0, 2) }

func (r *request) answer(err error) {
	r.err = err
	close(r.done)
}

// The committer's part of a DB. One goroutine runs the groups.
type committer struct {
	mu     sync.Mutex
	queue  []*request
	orders []func() // run by the committer between groups
	closed bool
	signal chan struct{} // of one place
	ended  chan struct{} // closed when the goroutine has ended

	// Of the goroutine alone.
	mutations uint64
	pending   map[chunkstore.PackID]int64 // marks that no frame carries yet
	lowSpace  bool                        // no room for a further log segment
	next      []*request                  // to be run before the queue

	groups  atomic.Uint64
	updates atomic.Uint64
}

func (c *committer) enqueue(r *request) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return false
	}
	c.queue = append(c.queue, r)
	c.poke()
	return true
}

func (c *committer) poke() {
	select {
	case c.signal <- struct{}{}:
	default:
	}
}

// order has fn run by the committer between two groups; false: it has ended.
func (c *committer) order(fn func()) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return false
	}
	c.orders = append(c.orders, fn)
	c.poke()
	return true
}

// onCommitter runs fn between two groups and waits for it.
func (db *DB) onCommitter(fn func() error) error {
	done := make(chan error, 1)
	if !db.committer.order(func() { done <- fn() }) {
		return errClosed()
	}
	return <-done
}

// shut makes enqueue refuse; what waits already is still run.
func (c *committer) shut() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.closed = true
	c.poke()
}

// take waits for work. more is false when there will be none any more.
func (c *committer) take() (reqs []*request, orders []func(), more bool) {
	for {
		c.mu.Lock()
		reqs, orders = c.queue, c.orders
		c.queue, c.orders = nil, nil
		if len(c.next) > 0 {
			reqs = append(c.next, reqs...)
			c.next = nil
		}
		closed := c.closed
		c.mu.Unlock()
		if len(reqs) > 0 || len(orders) > 0 {
			return reqs, orders, true
		}
		if closed {
			return nil, nil, false
		}
		<-c.signal
	}
}

// commitLoop is the committer's goroutine.
func (db *DB) commitLoop() {
	var open []*request
	ended := false
	defer func() {
		if ended {
			close(db.committer.ended)
			return
		}
		// A mutation ended the goroutine (runtime.Goexit): nothing of its group
		// was written. The committer goes on in another goroutine.
		for _, r := range open {
			select {
			case <-r.done:
			default:
				r.answer(engine.E(engine.KindInternal, "a mutation ended its goroutine"))
			}
		}
		go db.commitLoop()
	}()
	for {
		reqs, orders, more := db.committer.take()
		if !more {
			break
		}
		open = reqs
		for _, fn := range orders {
			fn()
		}
		for len(reqs) > 0 {
			reqs = db.runGroup(reqs)
		}
		db.rotateIfFull()
	}
	ended = true
}

// A group is a run of mutations that share a frame.
type group struct {
	st      *state
	view    View
	layer   *layer // with what the group wrote so far
	touched [][]byte
	bytes   int
	chunks  bool

	members []*request // succeeded, in order
	failed  []outcome  // answered with the group: what they saw is only true then
}

type outcome struct {
	r   *request
	err error
}

func (g *group) full() bool {
	return len(g.members) >= groupMutations || len(g.touched) >= groupKeys || g.bytes >= groupBytes
}

// runGroup runs mutations up to the bounds of a group, commits and answers. It
// returns those that are left.
func (db *DB) runGroup(reqs []*request) (rest []*request) {
	if err := db.admit(); err != nil {
		for _, r := range reqs {
			if r.take() {
				r.answer(err)
			}
		}
		return nil
	}
	g, rest, err := db.runMutations(reqs)
	if err != nil {
		for _, r := range reqs[:len(reqs)-len(rest)] {
			if r.take() {
				r.answer(err)
			}
		}
		return rest
	}
	if g.chunks {
		if err := db.runBarrier(); err != nil {
			return append(db.dropChunks(g, err), rest...)
		}
	}
	err = db.writeFrame(g)
	for _, o := range g.failed {
		if err != nil && len(g.members) > 0 {
			o.err = err
		}
		o.r.answer(o.err)
	}
	for _, r := range g.members {
		if err == nil {
			db.runHooks(r)
		}
	}
	for _, r := range g.members {
		r.answer(err)
	}
	db.committer.groups.Add(1)
	db.committer.updates.Add(uint64(len(g.members)))
	return rest
}

// admit refuses when nothing can be committed, and holds the committer back
// while the layers wait for the flusher.
func (db *DB) admit() error {
	for {
		if err := db.writable(); err != nil {
			return err
		}
		st := db.state.Load()
		if st.flushing == nil {
			db.rotateIfFull()
			return nil
		}
		if st.activeBytes < 4*db.opts.FlushBytes {
			return nil
		}
		if err := db.waitFlush(); err != nil {
			return err
		}
	}
}

// runMutations runs each on what the ones before it left.
func (db *DB) runMutations(reqs []*request) (*group, []*request, error) {
	st, tx, err := db.begin()
	if err != nil {
		return nil, nil, err
	}
	defer tx.Close()
	g := &group{st: st, layer: st.active.Copy()}
	g.view = View{db: db, ctx: db.ctx, st: st, tx: tx, mutation: true}
	for i, r := range reqs {
		if g.full() {
			return g, reqs[i:], nil
		}
		if !r.take() {
			continue
		}
		g.run(r)
	}
	return g, nil, nil
}

// run runs one mutation. Its writes are kept only if it succeeds.
func (g *group) run(r *request) {
	db := g.view.db
	db.committer.mutations++
	tx := &Tx{View: g.view, number: db.committer.mutations}
	tx.layer = g.layer.Copy()
	err := runProtected(tx, r.fn)
	switch {
	case tx.waitFor != nil:
		r.waitFor = tx.waitFor
		r.answer(errAgain)
		return
	case err == nil && tx.failed != nil:
		err = tx.failed
	case err == nil && tx.chunks && db.barrier.Load() == nil:
		err = engine.E(engine.KindInternal, "a mutation names chunks before there is a chunk store")
	case err == nil && tx.chunks && db.outOfSegments():
		err = noSpace(nil)
	}
	if err != nil {
		g.failed = append(g.failed, outcome{r, err})
		return
	}
	r.hooks, r.chunks = tx.hooks, tx.chunks
	g.layer = tx.layer
	g.touched = append(g.touched, tx.touched...)
	g.bytes += tx.bytes
	g.chunks = g.chunks || tx.chunks
	g.members = append(g.members, r)
}

func runProtected(tx *Tx, fn func(*Tx) error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			tx.db.opts.Log.Error("a mutation panicked", "panic", p, "stack", string(debug.Stack()))
			err = &engine.Error{Op: "meta", Kind: engine.KindInternal, Msg: "internal error", Err: fmt.Errorf("panic: %v", p)}
		}
	}()
	return fn(tx)
}

func (db *DB) runHooks(r *request) {
	for _, fn := range r.hooks {
		func() {
			defer func() {
				if p := recover(); p != nil {
					db.opts.Log.Error("a commit hook panicked", "panic", p, "stack", string(debug.Stack()))
				}
			}()
			fn()
		}()
	}
}

func noSpace(err error) error {
	return &engine.Error{Op: "meta", Kind: engine.KindNoSpace, Msg: "no space left on the storage of this server", Err: err}
}

// outOfSegments reports whether only one more log segment's room is left. What
// names chunks grows the store and is refused then; deleting goes on.
func (db *DB) outOfSegments() bool {
	c := &db.committer
	if c.lowSpace && db.log.Prepare() == nil {
		c.lowSpace = false
	}
	return c.lowSpace
}

// runBarrier makes the group's chunks durable and remembers their marks until a
// frame carries them.
func (db *DB) runBarrier() error {
	marks, err := (*db.barrier.Load())(db.ctx)
	if err != nil {
		if errors.Is(err, chunkstore.ErrNoSpace) || errors.Is(err, vfs.ErrNoSpace) {
			return noSpace(err)
		}
		if errors.Is(err, chunkstore.ErrReadOnly) {
			db.stop(fmt.Errorf("chunk store: %w", err), false)
		}
		return &engine.Error{Op: "meta", Kind: engine.KindUnavailable, Msg: "the chunk store takes nothing", Err: err}
	}
	for _, m := range marks {
		db.committer.pending[m.Pack] = m.Length
	}
	return nil
}

// dropChunks fails the group's mutations that name chunks and returns the
// others, to be run again: what they saw included the failed ones.
func (db *DB) dropChunks(g *group, err error) (again []*request) {
	for _, r := range g.members {
		if r.chunks {
			r.answer(err)
		} else {
			again = append(again, r)
		}
	}
	for _, o := range g.failed {
		again = append(again, o.r)
	}
	return again
}

// writeFrame writes the group's net writes as one frame, and publishes them.
func (db *DB) writeFrame(g *group) error {
	if len(g.members) == 0 || len(g.touched) == 0 && len(db.committer.pending) == 0 {
		return nil
	}
	st := g.st
	entries := g.net()
	f := &oplog.Frame{Marks: db.pendingMarks()}
	for _, e := range entries {
		f.Writes = append(f.Writes, oplog.Write{Table: uint16(tableOf(e.key)), Key: e.key[2:], Value: e.value, Delete: e.del})
	}
	marks, err := db.markEntries(g.layer, f.Marks)
	if err != nil {
		return err
	}
	entries = append(entries, marks...)
	if err := db.begun(); err != nil {
		return err
	}
	pos, err := db.log.Append(f)
	if err != nil {
		return db.appendFailed(err)
	}
	clear(db.committer.pending)

	ts, added := slices.Clone(st.tallies), int64(0)
	for _, e := range entries {
		before, _ := find(st.active, e.key)
		account(&ts, e, before)
		added += e.cost()
		if before != nil {
			added -= before.cost()
		}
	}
	db.publishState(func(next *state) {
		next.active, next.pos, next.tallies = g.layer, pos, ts
		next.activeBytes = st.activeBytes + added
		for _, e := range entries {
			next.records.forget(e.key, pos.LSN)
		}
	})
	db.upkeep.logGrew(added)
	for _, e := range entries {
		db.watched(tableOf(e.key), e.key[2:])
	}
	return nil
}

// A watch is who is told of the writes of some tables.
type watch struct {
	tables []schema.Table
	fn     func(t schema.Table, key []byte)
}

// Watch has fn called for every record of some tables that is written or removed, in
// the order of the commits, once it is durable and visible. It must be quick, must
// not keep the key and must not call Update; it is called by one goroutine, and of a
// database until that is closed.
func (db *DB) Watch(fn func(t schema.Table, key []byte), tables ...schema.Table) {
	db.publish.Lock()
	defer db.publish.Unlock()
	var list []watch
	if had := db.watches.Load(); had != nil {
		list = slices.Clone(*had)
	}
	list = append(list, watch{tables, fn})
	db.watches.Store(&list)
}

func (db *DB) watched(t schema.Table, key []byte) {
	list := db.watches.Load()
	if list == nil {
		return
	}
	for i := range *list {
		if w := &(*list)[i]; slices.Contains(w.tables, t) {
			w.fn(t, key)
		}
	}
}

// publishState makes a new state from the newest one.
func (db *DB) publishState(change func(next *state)) {
	db.publish.Lock()
	defer db.publish.Unlock()
	next := *db.state.Load()
	change(&next)
	db.state.Store(&next)
}

// net gives the group's entries sorted by key, each key once.
func (g *group) net() []*entry {
	slices.SortFunc(g.touched, bytes.Compare)
	g.touched = slices.CompactFunc(g.touched, bytes.Equal)
	entries := make([]*entry, 0, len(g.touched))
	for _, k := range g.touched {
		if e, ok := find(g.layer, k); ok {
			entries = append(entries, e)
		}
	}
	return entries
}

func (db *DB) pendingMarks() []oplog.Mark {
	var marks []oplog.Mark
	for p, n := range db.committer.pending {
		marks = append(marks, oplog.Mark{Pack: uint32(p), Length: n})
	}
	slices.SortFunc(marks, func(a, b oplog.Mark) int { return int(int64(a.Pack) - int64(b.Pack)) })
	return marks
}

// markEntries puts a frame's marks into the layer, as records of markTable. The
// frame itself carries them as marks.
func (db *DB) markEntries(l *layer, marks []oplog.Mark) ([]*entry, error) {
	if len(marks) == 0 {
		return nil, nil
	}
	st, tx, err := db.begin()
	if err != nil {
		return nil, err
	}
	defer tx.Close()
	v := &View{db: db, ctx: db.ctx, st: st, layer: l, tx: tx, mutation: true}
	entries := make([]*entry, 0, len(marks))
	for _, m := range marks {
		e := markEntry(m)
		e.mutation = db.committer.mutations
		_, err := put(l, e, func() (check, bool, error) {
			return st.under(e.key, func() (check, bool, error) { return v.baseCheck(e.key) })
		})
		if err != nil {
			return nil, err
		}
		entries = append(entries, e)
	}
	return entries, nil
}

func markEntry(m oplog.Mark) *entry {
	key := binary.BigEndian.AppendUint32(nil, m.Pack)
	e := &entry{key: fullKey(nil, markTable, key), value: binary.BigEndian.AppendUint64(nil, uint64(m.Length))}
	e.check = checkOf(markTable, key, e.value)
	return e
}

// begun calls Options.Begin before the first frame.
func (db *DB) begun() error {
	if begin := db.opts.Begin; begin != nil {
		err := begin()
		if errors.Is(err, vfs.ErrNoSpace) {
			return noSpace(err)
		}
		if err != nil {
			db.stop(err, false)
			return db.writable()
		}
		db.opts.Begin = nil
	}
	return nil
}

// appendFailed tells a full volume from a log that has failed.
func (db *DB) appendFailed(err error) error {
	if failed := db.log.Failed(); failed != nil {
		db.stop(fmt.Errorf("operation log: %w", failed), false)
		return db.writable()
	}
	if errors.Is(err, vfs.ErrNoSpace) {
		return noSpace(err)
	}
	return &engine.Error{Op: "meta", Kind: engine.KindUnavailable, Msg: "the operation log takes nothing", Err: err}
}

// Marks are the newest mark of each pack, for chunkstore's Open.
func (db *DB) Marks(ctx context.Context) ([]chunkstore.Mark, error) {
	var marks []chunkstore.Mark
	err := db.View(ctx, func(v *View) error {
		return v.Scan(markTable, nil, nil, func(k, val []byte) (bool, error) {
			if len(k) != 4 || len(val) != 8 {
				return false, db.tableDamaged(markTable, errors.New("a mark of the wrong length"))
			}
			marks = append(marks, chunkstore.Mark{
				Pack: chunkstore.PackID(binary.BigEndian.Uint32(k)), Length: int64(binary.BigEndian.Uint64(val))})
			return true, nil
		})
	})
	return marks, err
}
