package meta

import (
	"context"
	"errors"
	"fmt"

	"scaidrive/engine"
	"scaidrive/engine/meta/kv"
	"scaidrive/engine/meta/oplog"
)

// rebuildFile makes the database file anew, from the newest snapshot that is
// good and the log after it, or from the log alone where that goes back to the
// first frame. The new file is verified before it takes the old one's place;
// before, if not nil, is called then.
func (db *DB) rebuildFile(ctx context.Context, before func() error) (*fold, error) {
	bases, err := db.rebuildBases()
	if err != nil {
		return nil, err
	}
	var problems []error
	for _, base := range bases {
		err := db.opts.Place.Replace(func(s kv.Store) error {
			if err := db.fillFile(ctx, s, base); err != nil {
				return err
			}
			if before == nil {
				return nil
			}
			return before()
		})
		if err == nil {
			return db.openRebuilt()
		}
		if !errors.Is(err, errSnapshot) && !errors.Is(err, oplog.ErrDiverged) {
			return nil, err
		}
		db.opts.Log.Error("a snapshot cannot be used", "lsn", base, "err", err)
		problems = append(problems, err)
	}
	return nil, &engine.Error{Op: "meta", Kind: engine.KindDamaged,
		Msg: "the metadata file cannot be rebuilt: neither a snapshot nor the whole log is there", Err: errors.Join(problems...)}
}

// rebuildBases are the frames after which a rebuild can begin, newest first:
// those of snapshots, and 0 if the log has its first frame.
func (db *DB) rebuildBases() ([]uint64, error) {
	all, err := db.listSnapshots()
	if err != nil {
		return nil, err
	}
	start, end := db.log.Start(), db.log.End()
	var bases []uint64
	for _, lsn := range all {
		if lsn >= start.LSN && lsn <= end.LSN && lsn > 0 {
			bases = append(bases, lsn)
		}
	}
	if start.LSN == 0 {
		bases = append(bases, 0)
	}
	return bases, nil
}

// fillFile fills an empty file and verifies it.
func (db *DB) fillFile(ctx context.Context, s kv.Store, base uint64) error {
	h := &header{store: db.opts.StoreID, pos: oplog.Genesis(db.opts.StoreID)}
	if base > 0 {
		var err error
		h, _, err = db.loadSnapshot(snapName(base), func(ops []kv.Op) error {
			if err := ctx.Err(); err != nil {
				return err
			}
			return s.Apply(nil, ops)
		})
		if err != nil {
			return err
		}
		if h.pos.LSN != base {
			return badSnapshot("its name says frame %d, it holds frame %d", base, h.pos.LSN)
		}
	}
	if err := s.Apply(h.encode(), nil); err != nil {
		return err
	}
	fo := newFold(&db.opts, s, h)
	if err := fo.replay(ctx, db.log); err != nil {
		return err
	}
	if err := fo.flush(); err != nil {
		return err
	}
	if err := verifyFile(s, &header{tallies: fo.tallies}); err != nil {
		return fmt.Errorf("the rebuilt file: %w", err)
	}
	return nil
}

func (db *DB) openRebuilt() (*fold, error) {
	s, h, why, err := openFile(db.opts.Place, db.opts.StoreID)
	if err == nil && h == nil {
		err = fmt.Errorf("the rebuilt file cannot be used: %s", why)
	}
	if err != nil {
		return nil, errors.Join(err, closeStore(s))
	}
	return newFold(&db.opts, s, h), nil
}

// Repair rebuilds the database file from snapshot and log while the database is
// open. Reads go on with the old file until the new one is there; writes wait.
// It does not lift the refusal of writes after a failed sync.
func (db *DB) Repair(ctx context.Context) error {
	if s := db.readOnly.Load(); s != nil && !s.damage {
		return db.writable()
	}
	db.upkeep.walking.Lock()
	defer db.upkeep.walking.Unlock()
	db.decide()
	return db.onCommitter(func() error { return db.replaceFile(ctx) })
}

// decide verifies the tables that no scrub has looked at yet. A reader that waits
// for one of them holds the old file open, and the scrub that it waits for would
// wait for the repair.
func (db *DB) decide() {
	for _, t := range db.scrubOrder() {
		h := db.health(t)
		if h.state() != healthUnknown {
			continue
		}
		if _, err := db.scrubTable(t); err != nil {
			db.opts.Log.Warn("a table cannot be verified before the repair", "table", tableName(t), "err", err)
		}
		if h.state() == healthUnknown {
			h.damage(errors.New("not verified before a repair"))
		}
	}
}

// replaceFile runs on the committer.
func (db *DB) replaceFile(ctx context.Context) error {
	db.flusher.file.Lock()
	defer db.flusher.file.Unlock()
	old, swapping := db.state.Load().store, false
	fo, err := db.rebuildFile(ctx, func() error {
		db.swap.Lock()
		swapping = true
		return closeStore(old)
	})
	if swapping {
		defer db.swap.Unlock()
	}
	if err != nil {
		if swapping {
			db.stop(fmt.Errorf("metadata file: %w", err), false)
		}
		return openError(err)
	}
	db.publishState(func(next *state) {
		*next = state{store: fo.store, active: fo.layer, rotations: next.rotations + 1,
			pos: fo.pos, filePos: fo.filePos, tallies: fo.tallies, records: newRecords()}
	})
	db.tables.reset(db.opts.Tables)
	for _, t := range db.scrubOrder() {
		db.health(t).verified()
	}
	if s := db.readOnly.Load(); s != nil && s.damage {
		db.readOnly.Store(nil)
	}
	db.opts.Log.Warn("the metadata file was rebuilt")
	return nil
}
