package meta

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"scaidrive/engine"
	"scaidrive/engine/meta/kv"
	"scaidrive/engine/meta/oplog"
)

// A Salvaged says what RepairLog did.
type Salvaged struct {
	// Needed is false when the log was not damaged; nothing was changed then.
	Needed bool
	// Damage is what was wrong with it.
	Damage string
	// LSN is the last frame of the state that was kept, From where it came from.
	LSN  uint64
	From string
	// Lost are the numbers of acknowledged frames that are gone, first and last;
	// zero: none. Frames behind the gap are not applied: they were computed from
	// what is lost.
	LostFrom, LostTo uint64
	// Uncertain is set when the log's end is not there, so that it cannot be told
	// whether acknowledged frames followed LSN.
	Uncertain bool
	// OldLog is the directory into which the damaged log was moved.
	OldLog string
}

// RepairLog makes a database usable again whose log is missing or damaged, while
// it is not open. It takes the newest state that can be proven whole (database
// file, or snapshot, plus the frames that continue it), makes a snapshot of it
// and begins a new log; the old one is moved aside, never removed. If frames are
// lost, or may be, it does so only with acceptLoss, and is KindDamaged without.
func RepairLog(ctx context.Context, opts Options, acceptLoss bool) (Salvaged, error) {
	opts.StoppedLSN = 0 // every frame is read
	opts.fill()
	var s Salvaged
	if err := finishNewLog(&opts); err != nil {
		return s, err
	}
	db, err := Open(ctx, opts)
	if err == nil {
		return s, db.Close()
	}
	if engine.KindOf(err) != engine.KindDamaged {
		return s, err
	}
	s.Needed, s.Damage = true, err.Error()
	r := &salvaging{db: closedDB(opts), report: &s}
	if r.log, err = oplog.OpenSalvage(ctx, opts.logOptions()); err != nil {
		return s, err
	}
	if err := r.choose(ctx); err != nil {
		return s, err
	}
	if s.Uncertain && !acceptLoss {
		return s, &engine.Error{Op: "meta", Kind: engine.KindDamaged,
			Msg: fmt.Sprintf("the end of the operation log is missing: what was acknowledged after frame %d, if anything, is lost", s.LSN)}
	}
	if s.LostTo > 0 && !acceptLoss {
		return s, &engine.Error{Op: "meta", Kind: engine.KindDamaged,
			Msg: fmt.Sprintf("frames %d to %d of the operation log are lost; what is whole ends before them", s.LostFrom, s.LostTo)}
	}
	return s, r.rebuild(ctx)
}

// closedDB is a DB without log and goroutines, for its file and snapshots.
func closedDB(opts Options) *DB {
	db := &DB{opts: opts}
	db.ctx, db.cancel = context.WithCancel(context.Background())
	db.flusher.init()
	db.upkeep.init(0)
	db.tables.reset(opts.Tables)
	return db
}

type salvaging struct {
	db     *DB
	log    *oplog.Salvage
	report *Salvaged

	file     bool   // begin with the database file,
	snapshot uint64 // or with this snapshot; 0: with nothing
	end      oplog.Position
}

// choose finds the base from which the frames reach furthest.
func (r *salvaging) choose(ctx context.Context) error {
	newest := r.log.Newest
	try := func(from oplog.Position, what string, file bool, snapshot uint64) error {
		newest = max(newest, from.LSN)
		end, err := r.log.Read(ctx, from, nil)
		if err != nil {
			return err
		}
		if r.report.From == "" || end.LSN > r.end.LSN {
			r.end, r.file, r.snapshot = end, file, snapshot
			r.report.From = what
		}
		return nil
	}
	if h, err := r.wholeFile(); err != nil {
		return err
	} else if h != nil {
		if err := try(h.pos, "the database file", true, 0); err != nil {
			return err
		}
	}
	all, err := r.db.listSnapshots()
	if err != nil {
		return err
	}
	for _, lsn := range all {
		newest = max(newest, lsn)
		h, _, err := r.db.checkSnapshot(snapName(lsn))
		if errors.Is(err, errSnapshot) {
			continue
		}
		if err != nil {
			return err
		}
		if err := try(h.pos, snapName(lsn), false, lsn); err != nil {
			return err
		}
	}
	if _, ok := r.firstFrame(); ok || r.report.From == "" {
		if err := try(oplog.Genesis(r.db.opts.StoreID), "the log's first frame", false, 0); err != nil {
			return err
		}
	}
	r.report.LSN = r.end.LSN
	r.report.Uncertain = !r.log.EndKnown(newest)
	if newest > r.end.LSN {
		r.report.LostFrom, r.report.LostTo = r.end.LSN+1, newest
	}
	return nil
}

func (r *salvaging) firstFrame() (uint64, bool) {
	all := r.log.After(0)
	return 1, len(all) > 0 && all[0] == 1
}

// wholeFile gives the header of the database file if every record, count and
// digest in it holds.
func (r *salvaging) wholeFile() (*header, error) {
	s, h, _, err := openFile(r.db.opts.Place, r.db.opts.StoreID)
	if err != nil || s == nil {
		return nil, err
	}
	if h != nil && verifyFile(s, h) != nil {
		h = nil
	}
	return h, closeStore(s)
}

// rebuild brings the file to the state chosen, snapshots it and begins the log.
func (r *salvaging) rebuild(ctx context.Context) error {
	var err error
	if r.file {
		err = r.extendFile(ctx)
	} else {
		err = r.db.opts.Place.Replace(func(s kv.Store) error { return r.fill(ctx, s) })
	}
	if err != nil {
		return err
	}
	s, h, why, err := openFile(r.db.opts.Place, r.db.opts.StoreID)
	if err == nil && (h == nil || h.pos != r.end) {
		err = fmt.Errorf("the repaired file cannot be used: %s", why)
	}
	if err != nil {
		return errors.Join(err, closeStore(s))
	}
	r.db.state.Store(&state{store: s, active: newLayer(), pos: h.pos, filePos: h.pos, tallies: h.tallies, records: newRecords()})
	if err = r.db.opts.FS.MkdirAll(snapDir); err == nil {
		_, _, err = r.db.writeSnapshot(ctx)
	}
	if err := errors.Join(err, s.Close()); err != nil {
		return err
	}
	return r.newLog()
}

func (r *salvaging) replay(ctx context.Context, s kv.Store, h *header) error {
	fo := newFold(&r.db.opts, s, h)
	_, err := r.log.Read(ctx, h.pos, func(f *oplog.Frame, at oplog.Position) error {
		if err := fo.frame(f, at); err != nil || fo.bytes < fo.limit {
			return err
		}
		return fo.flush()
	})
	if err == nil {
		err = fo.flush()
	}
	if err == nil {
		err = verifyFile(s, &header{tallies: fo.tallies})
	}
	return err
}

func (r *salvaging) extendFile(ctx context.Context) error {
	s, h, why, err := openFile(r.db.opts.Place, r.db.opts.StoreID)
	if err == nil && h == nil {
		err = errors.New(why)
	}
	if err == nil {
		err = r.replay(ctx, s, h)
	}
	return errors.Join(err, closeStore(s))
}

func (r *salvaging) fill(ctx context.Context, s kv.Store) error {
	h := &header{store: r.db.opts.StoreID, pos: oplog.Genesis(r.db.opts.StoreID)}
	if r.snapshot > 0 {
		var err error
		h, _, err = r.db.loadSnapshot(snapName(r.snapshot), func(ops []kv.Op) error { return s.Apply(nil, ops) })
		if err != nil {
			return err
		}
	}
	if err := s.Apply(h.encode(), nil); err != nil {
		return err
	}
	return r.replay(ctx, s, h)
}

const newLogDir = "oplog.new"

// newLog begins a log after the state and puts it in the place of the old one.
func (r *salvaging) newLog() error {
	fsys, lo := r.db.opts.FS, r.db.opts.logOptions()
	lo.Dir = newLogDir
	if err := oplog.Create(lo, r.end); err != nil {
		return err
	}
	for n := 1; ; n++ {
		r.report.OldLog = fmt.Sprintf("oplog.damaged-%d", n)
		if _, err := fsys.Stat(r.report.OldLog); errors.Is(err, fs.ErrNotExist) {
			break
		} else if err != nil {
			return err
		}
	}
	if err := fsys.Rename("oplog", r.report.OldLog); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := fsys.SyncDir("."); err != nil {
		return err
	}
	return finishNewLog(&r.db.opts)
}

// finishNewLog gives a new log its place when the old one is gone, and removes
// one that was not finished otherwise.
func finishNewLog(opts *Options) error {
	fsys := opts.FS
	if _, err := fsys.Stat(newLogDir); errors.Is(err, fs.ErrNotExist) {
		return nil
	} else if err != nil {
		return err
	}
	if _, err := fsys.Stat("oplog"); errors.Is(err, fs.ErrNotExist) {
		if err := fsys.Rename(newLogDir, "oplog"); err != nil {
			return err
		}
		return fsys.SyncDir(".")
	} else if err != nil {
		return err
	}
	entries, err := fsys.ReadDir(newLogDir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if err := fsys.Remove(newLogDir + "/" + e.Name); err != nil {
			return err
		}
	}
	return fsys.Remove(newLogDir)
}
