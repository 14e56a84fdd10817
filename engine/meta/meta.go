// Package meta is the metadata engine: the only place where metadata changes.
//
// A mutation is a function from a read view to a write set, or an error. The
// committer takes the mutations that wait, in order, runs each on the database
// plus what this group wrote so far, drops the writes of one that fails, makes
// the chunks that the group relies on durable, writes one frame of the operation
// log and syncs it: this is the commit. Only then is anything visible.
//
// What was committed lies in sorted layers in memory until the flusher writes it
// into the database file (kv) in large batches; the file trails the log and is
// folded from it again when it is lost or damaged.
//
// Invariants:
//   - an Update that returned nil survives a crash; one that did not leaves all
//     of its writes or none; nothing is visible before its frame is synced;
//   - a View sees the state after one whole frame;
//   - every value read from the file answers for its table and key; every table
//     has a count and a digest, kept with each write and recomputed by the
//     scrub, so that what vanished from the file is noticed, and is not told as
//     absent;
//   - after the first failed sync nothing is acknowledged until a restart;
//   - a segment of the log goes only when two verified snapshots begin after it.
//
// It knows no record encodings, no rights and no chunks beyond their marks.
package meta

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"scaidrive/chunkstore"
	"scaidrive/chunkstore/vfs"
	"scaidrive/engine"
	"scaidrive/engine/meta/kv"
	"scaidrive/engine/meta/oplog"
	"scaidrive/engine/meta/schema"
)

// Options say where a database is and how it is kept. FS and StoreID are
// required.
type Options struct {
	// FS is rooted at the data directory; the engine keeps oplog/ and snapshots/
	// there.
	FS vfs.FS
	// DBPath is the real path of the database file; empty: in memory, folded
	// from the log at each Open.
	DBPath string
	// Place, when set, is used in the stead of DBPath.
	Place kv.Place
	// StoreID is the identity of the store; files of another one are refused.
	StoreID [16]byte
	// StoppedLSN is the last frame at an orderly stop, if that was how the last
	// process ended and no sync of it failed, else 0. Where the database file has
	// it, Open writes and syncs nothing, and leaves reading most of the log to the
	// first scrub, or to the first commit.
	StoppedLSN uint64
	// Begin, if set, is called once before anything is written to log or database
	// file. Its error is like that of a failed sync, but for vfs.ErrNoSpace: then it
	// is called again for the next one.
	Begin func() error
	// UpkeepAfter is how long the scrub and all other upkeep wait after Open, unless
	// somebody waits for what the scrub will say.
	UpkeepAfter time.Duration
	// Barrier makes the chunks durable that mutations name (chunkstore's Sync);
	// SetBarrier may set it later.
	Barrier func(context.Context) ([]chunkstore.Mark, error)
	// Tables is the registry, in the order of the scrub; nil: schema.Tables.
	Tables []schema.Def
	// SegmentSize of the operation log in bytes; 0: 16 MiB.
	SegmentSize int64
	// A layer is flushed when it takes FlushBytes of memory (0: 16 MiB) or is
	// FlushAge old (0: 10 s; negative: never for its age).
	FlushBytes int64
	FlushAge   time.Duration
	// A snapshot is taken when the log since the last one is longer than this,
	// and longer than the last snapshot; 0: 256 MiB, negative: only on demand.
	SnapshotBytes int64
	// ScrubEvery is the time between scrubs after the one that follows every
	// Open; 0: 24 h, negative: only that one.
	ScrubEvery time.Duration
	// PageRecords is how many records the scrub and snapshots read at a time, while
	// the file cannot be flushed to; 0: 4,000, some milliseconds.
	PageRecords int
	// MakeRoom, when set, is asked for disk space when the database file cannot
	// grow: it reports whether it has given some back, and trying again is worth it.
	// (The log and snapshots ask through FS.)
	MakeRoom func() bool
	// Log takes what an operator should know; nil: nothing is logged.
	Log *slog.Logger
}

func (o *Options) fill() {
	if o.Tables == nil {
		o.Tables = schema.Tables()
	}
	if o.FlushBytes == 0 {
		o.FlushBytes = 16 << 20
	}
	if o.FlushAge == 0 {
		o.FlushAge = 10 * time.Second
	}
	if o.SnapshotBytes == 0 {
		o.SnapshotBytes = 256 << 20
	}
	if o.ScrubEvery == 0 {
		o.ScrubEvery = 24 * time.Hour
	}
	if o.PageRecords == 0 {
		o.PageRecords = 4000
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Place == nil {
		o.Place = kv.NewMemPlace()
		if o.DBPath != "" {
			o.Place = kv.BoltPlace{Path: o.DBPath, Stopped: o.StoppedLSN > 0}
		}
	}
}

func (o *Options) logOptions() oplog.Options {
	return oplog.Options{FS: o.FS, Dir: "oplog", Store: o.StoreID, SegmentSize: o.SegmentSize}
}

// A DB is an open metadata database. Safe for concurrent use.
type DB struct {
	opts  Options
	log   *oplog.Log
	state atomic.Pointer[state]
	// publish is held while a new state is made from the newest one.
	publish sync.Mutex
	watches atomic.Pointer[[]watch] // see Watch
	// swap is held for writing while the database file is being replaced.
	swap sync.RWMutex

	barrier  atomic.Pointer[func(context.Context) ([]chunkstore.Mark, error)]
	readOnly atomic.Pointer[stopped]

	committer committer
	flusher   flusher
	upkeep    upkeep
	tables    registry

	rebuilt string // why Open rebuilt the file; empty: it did not

	ctx     context.Context // ends with Close
	cancel  context.CancelFunc
	wg      sync.WaitGroup
	closing sync.Once
	closed  error
}

// stopped says why nothing is acknowledged any more.
type stopped struct {
	err    error
	damage bool // a Repair can lift it
}

func errClosed() error {
	return &engine.Error{Op: "meta", Kind: engine.KindUnavailable, Msg: "the server is shutting down"}
}

// stop makes the database read-only; the first reason stays.
func (db *DB) stop(err error, damage bool) {
	if db.readOnly.CompareAndSwap(nil, &stopped{err: err, damage: damage}) {
		db.opts.Log.Error("metadata is read-only", "reason", err)
		db.flusher.wake()
	}
}

func (db *DB) writable() error {
	if s := db.readOnly.Load(); s != nil {
		return &engine.Error{Op: "meta", Kind: engine.KindUnavailable,
			Msg: "writes are refused until the server is restarted", Err: s.err}
	}
	return nil
}

// SetBarrier sets what makes chunks durable. Until then a mutation that names
// chunks fails.
func (db *DB) SetBarrier(fn func(context.Context) ([]chunkstore.Mark, error)) { db.barrier.Store(&fn) }

// View runs fn on the newest committed state.
func (db *DB) View(ctx context.Context, fn func(*View) error) error {
	st, tx, err := db.begin()
	if err != nil {
		return err
	}
	defer tx.Close()
	return fn(&View{db: db, ctx: ctx, st: st, layer: st.active, tx: tx})
}

// Update runs fn as one mutation and returns when it is durable. fn may be run
// again on a newer state; it must have no effect besides its writes. An error of
// fn is returned as it is and nothing was written. fn runs on the committer's
// goroutine: it must be quick, and must not call View or Update. If ctx ends
// before fn was taken, fn is dropped; later the outcome is waited for. Once a
// sync has failed every Update is an engine error of KindUnavailable; a full
// volume is KindNoSpace and not lasting.
func (db *DB) Update(ctx context.Context, fn func(*Tx) error) error {
	for {
		if err := db.writable(); err != nil {
			return err
		}
		r := &request{fn: fn, done: make(chan struct{})}
		if !db.committer.enqueue(r) {
			return errClosed()
		}
		select {
		case <-r.done:
		case <-ctx.Done():
			if r.drop() {
				return &engine.Error{Op: "meta", Kind: engine.KindUnavailable, Msg: "given up before it began", Err: context.Cause(ctx)}
			}
			<-r.done
		}
		if r.waitFor == nil {
			return r.err
		}
		if err := r.waitFor.wait(ctx); err != nil {
			return err
		}
	}
}

// damaged makes the error of something that cannot be read at all.
func (db *DB) damaged(what string, err error) error {
	db.opts.Log.Error("metadata is damaged", "what", what, "err", err)
	return &engine.Error{Op: "meta", Kind: engine.KindDamaged, Msg: "stored metadata is damaged", Err: errors.Join(errors.New(what), err)}
}
