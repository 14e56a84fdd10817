package meta

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"scaidrive/chunkstore"
	"scaidrive/chunkstore/vfs"
	"scaidrive/engine"
	"scaidrive/engine/meta/kv"
	"scaidrive/engine/meta/oplog"
)

// Create makes an empty database: a log without frames and a file without
// records. It is refused where a log has frames already; what an interrupted
// Create left is made anew.
func Create(ctx context.Context, opts Options) error {
	opts.fill()
	if err := clearCreated(ctx, &opts); err != nil {
		return err
	}
	if err := opts.FS.MkdirAll("snapshots"); err != nil {
		return err
	}
	at := oplog.Genesis(opts.StoreID)
	h := header{store: opts.StoreID, pos: at}
	if err := opts.Place.Replace(func(s kv.Store) error { return s.Apply(h.encode(), nil) }); err != nil {
		return err
	}
	return oplog.Create(opts.logOptions(), at)
}

// clearCreated removes a log without frames.
func clearCreated(ctx context.Context, opts *Options) error {
	log, err := oplog.Open(opts.logOptions(), 0)
	if errors.Is(err, oplog.ErrMissing) {
		return nil
	}
	if err != nil {
		return err
	}
	empty := log.End().LSN == 0
	if err := log.Close(); err != nil {
		return err
	}
	if !empty {
		return fmt.Errorf("%w: a database is there already", fs.ErrExist)
	}
	return oplog.Remove(opts.logOptions())
}

// Open opens a database that Create made. The file is rebuilt from the newest
// good snapshot and the log when it is missing, damaged, or not of this store;
// Status tells. A log that is missing or damaged is KindDamaged, and nothing is
// changed.
func Open(ctx context.Context, opts Options) (*DB, error) {
	opts.fill()
	db := &DB{opts: opts}
	db.ctx, db.cancel = context.WithCancel(context.WithoutCancel(ctx))
	db.committer.signal = make(chan struct{}, 1)
	db.committer.ended = make(chan struct{})
	db.committer.pending = make(map[chunkstore.PackID]int64)
	db.flusher.init()
	db.upkeep.init(opts.SnapshotBytes)
	db.tables.reset(opts.Tables)
	if opts.Barrier != nil {
		db.SetBarrier(opts.Barrier)
	}
	if err := db.load(ctx); err != nil {
		db.cancel()
		return nil, openError(err)
	}
	db.wg.Add(2)
	go db.commitLoop()
	go db.flushLoop()
	go db.upkeepLoop()
	return db, nil
}

func openError(err error) error {
	var damage *oplog.DamageError
	if errors.As(err, &damage) || errors.Is(err, oplog.ErrMissing) || errors.Is(err, oplog.ErrDiverged) {
		return &engine.Error{Op: "meta", Kind: engine.KindDamaged, Msg: err.Error(), Err: err}
	}
	var e *engine.Error
	if errors.As(err, &e) {
		return err
	}
	if errors.Is(err, vfs.ErrNoSpace) || errors.Is(err, kv.ErrNoSpace) {
		return noSpace(err)
	}
	return fmt.Errorf("open metadata: %w", err)
}

// load opens log and file and folds what the file lacks.
func (db *DB) load(ctx context.Context) error {
	store, h, why, err := openFile(db.opts.Place, db.opts.StoreID)
	if err != nil {
		return err
	}
	known := uint64(0)
	if h != nil {
		known = h.pos.LSN
	}
	logOptions := db.opts.logOptions()
	if known == db.opts.StoppedLSN && known > 0 {
		logOptions.Stopped = known
	}
	if db.log, err = oplog.Open(logOptions, known); err != nil {
		return errors.Join(err, closeStore(store))
	}
	if err := db.cleanSnapshots(); err != nil {
		return errors.Join(err, closeStore(store), db.log.Close())
	}
	var fo *fold
	if h != nil {
		fo, why, err = db.foldFile(ctx, store, h)
	}
	if why != "" && err == nil {
		db.opts.Log.Warn("the metadata file is rebuilt", "reason", why)
		if err = closeStore(store); err == nil {
			fo, err = db.rebuildFile(ctx, nil)
			db.rebuilt = why
		}
	}
	if err == nil {
		err = db.verifyMarks(fo.store)
	}
	if err != nil {
		return errors.Join(err, db.log.Close())
	}
	db.state.Store(&state{store: fo.store, active: fo.layer, activeBytes: fo.bytes,
		pos: fo.pos, filePos: fo.filePos, tallies: fo.tallies, records: newRecords()})
	return nil
}

func closeStore(s kv.Store) error {
	if s == nil {
		return nil
	}
	// A store that is damaged may fail to close; it is replaced anyway.
	if err := s.Close(); err != nil && !errors.Is(err, kv.ErrDamaged) {
		return err
	}
	return nil
}

// openFile opens the database file and reads its header. why says what is wrong
// with it, if it has to be rebuilt; h is nil then.
func openFile(place kv.Place, id [16]byte) (s kv.Store, h *header, why string, err error) {
	s, err = place.Open()
	switch {
	case errors.Is(err, kv.ErrNotExist):
		return nil, nil, "the file is missing", nil
	case errors.Is(err, kv.ErrDamaged):
		return nil, nil, err.Error(), nil
	case err != nil:
		return nil, nil, "", err
	}
	tx, err := s.Begin()
	var raw []byte
	if err == nil {
		raw, err = tx.Header()
		tx.Close()
	}
	if err == nil {
		h, err = decodeHeader(raw)
	}
	if err == nil && h.store != id {
		err = errors.New("the file belongs to another store")
	}
	if err != nil {
		return s, nil, err.Error(), nil
	}
	return s, h, "", nil
}

// foldFile applies the frames that the file lacks. why is set when the file
// cannot be used.
func (db *DB) foldFile(ctx context.Context, store kv.Store, h *header) (fo *fold, why string, err error) {
	if h.pos.LSN < db.log.Start().LSN {
		return nil, fmt.Sprintf("the file ends with frame %d, the log begins after frame %d", h.pos.LSN, db.log.Start().LSN), nil
	}
	fo = newFold(&db.opts, store, h)
	fo.keep = true
	err = fo.replay(ctx, db.log)
	if errors.Is(err, errFile) && !errors.Is(err, kv.ErrNoSpace) || errors.Is(err, oplog.ErrDiverged) {
		return nil, err.Error(), nil
	}
	return fo, "", err
}

// verifyMarks recounts the pack marks in the file at once: the chunk store
// needs them whole, and they are few.
func (db *DB) verifyMarks(s kv.Store) error {
	tx, err := s.Begin()
	if err != nil {
		return err
	}
	defer tx.Close()
	raw, err := tx.Header()
	if err != nil {
		return err
	}
	h, err := decodeHeader(raw)
	if err != nil {
		return err
	}
	w := newWalk(markTable, markTable)
	for err == nil && !w.done {
		err = w.page(tx, db.opts.PageRecords, nil)
	}
	if err == nil && len(w.compare(h.tallies)) > 0 {
		err = errTally
	}
	if err != nil {
		db.tableDamaged(markTable, err)
		return nil
	}
	db.health(markTable).verified()
	return nil
}

// Close ends the database in an orderly way: what waits is committed, and all
// that is committed goes into the file.
func (db *DB) Close() error {
	db.closing.Do(func() { db.closed = db.close() })
	return db.closed
}

func (db *DB) close() error {
	var err error
	if db.readOnly.Load() == nil {
		err = db.Flush()
	}
	db.committer.shut()
	<-db.committer.ended
	db.upkeep.stop()
	db.cancel()
	db.wg.Wait()
	// What came in during the flush above.
	for db.readOnly.Load() == nil && err == nil {
		st := db.state.Load()
		if st.flushing == nil && st.active.Len() == 0 {
			break
		}
		db.rotate()
		err = db.flush()
	}
	return errors.Join(err, db.state.Load().store.Close(), db.log.Close())
}

// OpenMem makes and opens an empty database in memory, for tests of the
// services above. FS and StoreID may be left out.
func OpenMem(ctx context.Context, opts Options) (*DB, error) {
	if opts.FS == nil {
		opts.FS = vfs.NewMem()
	}
	if opts.StoreID == ([16]byte{}) {
		opts.StoreID = [16]byte{1}
	}
	if opts.SegmentSize == 0 {
		opts.SegmentSize = 64 << 10
	}
	if opts.Place == nil {
		opts.Place = kv.NewMemPlace()
	}
	if err := Create(ctx, opts); err != nil {
		return nil, err
	}
	return Open(ctx, opts)
}
