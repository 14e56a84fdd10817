package meta

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"strings"

	"scaidrive/chunkstore/vfs"
	"scaidrive/engine/meta/kv"
)

const (
	snapDir    = "snapshots"
	snapSuffix = ".snap"
	snapTmp    = snapDir + "/new.tmp"
	snapKeep   = 2
)

func snapName(lsn uint64) string { return fmt.Sprintf("%s/%016x%s", snapDir, lsn, snapSuffix) }

// listSnapshots gives their numbers, newest first.
func (db *DB) listSnapshots() ([]uint64, error) {
	entries, err := db.opts.FS.ReadDir(snapDir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var out []uint64
	for _, e := range entries {
		if s, ok := strings.CutSuffix(e.Name, snapSuffix); ok && len(s) == 16 {
			if n, err := strconv.ParseUint(s, 16, 64); err == nil {
				out = append(out, n)
			}
		}
	}
	slices.Sort(out)
	slices.Reverse(out)
	return out, nil
}

// cleanSnapshots removes what an interrupted snapshot left.
func (db *DB) cleanSnapshots() error {
	if err := db.opts.FS.MkdirAll(snapDir); err != nil {
		return err
	}
	if err := db.opts.FS.Remove(snapTmp); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	all, err := db.listSnapshots()
	if len(all) > 0 {
		db.upkeep.snapshot = all[0]
		if st, err := db.opts.FS.Stat(snapName(all[0])); err == nil {
			db.upkeep.lastSize = st.Size
		}
	}
	return err
}

// snapshotIfDue takes a snapshot when the log has grown enough to pay for one.
func (db *DB) snapshotIfDue() {
	if db.opts.SnapshotBytes < 0 || db.readOnly.Load() != nil {
		return
	}
	u := &db.upkeep
	u.mu.Lock()
	since, size := u.snapshot, u.lastSize
	u.mu.Unlock()
	if db.log.SizeSince(since) < max(db.opts.SnapshotBytes, size) {
		return
	}
	if _, err := db.Snapshot(db.ctx); err != nil && !errors.Is(err, errStopped) {
		db.opts.Log.Error("no snapshot could be taken", "err", err)
	}
}

// Snapshot copies the committed state into a file of its own, verifies it, and
// removes the snapshots and log segments that are not needed any more. It gives
// the number of the last frame in it. Reads and writes go on meanwhile.
func (db *DB) Snapshot(ctx context.Context) (lsn uint64, err error) {
	u := &db.upkeep
	u.walking.Lock()
	defer u.walking.Unlock()
	defer func() {
		u.mu.Lock()
		defer u.mu.Unlock()
		u.failed = err
	}()
	if err := db.Flush(); err != nil {
		return 0, err
	}
	h, size, err := db.writeSnapshot(ctx)
	if err != nil {
		if rerr := db.opts.FS.Remove(snapTmp); rerr != nil && !errors.Is(rerr, fs.ErrNotExist) {
			err = errors.Join(err, rerr)
		}
		return 0, err
	}
	u.mu.Lock()
	u.snapshot, u.lastSize = h.pos.LSN, size
	u.mu.Unlock()
	return h.pos.LSN, db.trim(h.pos.LSN)
}

// writeSnapshot writes, verifies and names the file.
func (db *DB) writeSnapshot(ctx context.Context) (*header, int64, error) {
	fsys := db.opts.FS
	if err := fsys.Remove(snapTmp); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, 0, err
	}
	f, err := fsys.Create(snapTmp)
	if err != nil {
		return nil, 0, err
	}
	h, err := db.copyTables(ctx, f)
	if err == nil {
		if err = f.Sync(); err != nil {
			db.stop(fmt.Errorf("snapshot: %w", err), false)
		}
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return nil, 0, err
	}
	got, size, err := db.checkSnapshot(snapTmp)
	if err == nil && got.pos != h.pos {
		err = badSnapshot("it is of another state")
	}
	if err != nil {
		return nil, 0, err
	}
	if err := fsys.Rename(snapTmp, snapName(h.pos.LSN)); err != nil {
		return nil, 0, err
	}
	if err := fsys.SyncDir(snapDir); err != nil {
		db.stop(fmt.Errorf("snapshot: %w", err), false)
		return nil, 0, err
	}
	return h, size, nil
}

// copyTables walks through the file and writes all of it. What is flushed behind
// the walk meanwhile is written as changes, so that the copy is of the state at
// the walk's end.
func (db *DB) copyTables(ctx context.Context, f vfs.File) (*header, error) {
	sw, err := newSnapWriter(f, db.opts.StoreID)
	if err != nil {
		return nil, err
	}
	w := newWalk(1, 0xffff)
	var end *header
	wrong, err := db.walkFile(w, sw.record, &walkObserver{
		flushed: func(l *layer) {
			if end != nil {
				return
			}
			l.Scan(func(e *entry) bool {
				if w.behind(e.key) {
					sw.change(e)
				}
				return true
			})
		},
		page: func() error {
			if err := ctx.Err(); err != nil {
				return err
			}
			return db.writeBlocks(sw)
		},
		end: func(h *header) { end = h },
	})
	if err != nil {
		if errors.Is(err, kv.ErrDamaged) || errors.Is(err, errBadValue) {
			return nil, db.damaged("while a snapshot was taken", err)
		}
		return nil, err
	}
	if len(wrong) > 0 {
		return nil, db.tableDamaged(wrong[0], errTally)
	}
	return end, sw.end(end)
}

// writeBlocks takes the filled blocks from under the flusher and writes them.
func (db *DB) writeBlocks(sw *snapWriter) error {
	db.flusher.file.Lock()
	out := *sw
	sw.blocks = nil
	db.flusher.file.Unlock()
	err := out.write()
	sw.off, sw.allocated, sw.chain = out.off, out.allocated, out.chain
	return err
}

// checkSnapshot reads a whole snapshot.
func (db *DB) checkSnapshot(name string) (*header, int64, error) {
	return db.loadSnapshot(name, nil)
}

func (db *DB) loadSnapshot(name string, fn func([]kv.Op) error) (*header, int64, error) {
	f, err := db.opts.FS.Open(name)
	if err != nil {
		return nil, 0, err
	}
	defer f.Close()
	size, err := f.Size()
	if err != nil {
		return nil, 0, err
	}
	h, err := readSnapshot(f, size, db.opts.StoreID, fn)
	return h, size, err
}

// trim keeps the two newest good snapshots and the log after the older of them.
// A snapshot that is not good stays where it is, for a person to look at, but
// counts for nothing. verified is one that was read a moment ago.
func (db *DB) trim(verified uint64) error {
	all, err := db.listSnapshots()
	if err != nil {
		return err
	}
	var good []uint64
	for _, lsn := range all {
		if len(good) == snapKeep {
			if err := db.removeSnapshot(lsn); err != nil {
				return err
			}
			continue
		}
		if lsn == verified {
			good = append(good, lsn)
			continue
		}
		h, _, err := db.checkSnapshot(snapName(lsn))
		if err == nil && h.pos.LSN == lsn {
			good = append(good, lsn)
		} else {
			db.opts.Log.Error("a snapshot is damaged", "name", snapName(lsn), "err", err)
		}
	}
	if len(good) < snapKeep {
		return nil
	}
	if _, err := db.log.Trim(good[snapKeep-1]); err != nil {
		if db.log.Failed() != nil {
			db.stop(err, false)
		}
		return err
	}
	return nil
}

func (db *DB) removeSnapshot(lsn uint64) error {
	if err := db.opts.FS.Remove(snapName(lsn)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}
