package meta

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"scaidrive/engine/meta/oplog"
)

// Status is what an operator may want to know.
type Status struct {
	LSN        uint64 // of the newest frame
	FileLSN    uint64 // of the newest frame in the database file
	Layers     int    // records in memory that the file lacks
	LayerBytes int64
	FileBytes  int64
	LogBytes   int64 // since the newest snapshot
	Snapshot   uint64
	// SnapshotError says why the last snapshot failed; empty: it did not.
	SnapshotError string

	Groups  uint64 // commits with one log sync each, since Open
	Updates uint64 // mutations that they carried
	Flushes uint64

	// Scrubbed is when the last whole scrub ended; zero: none since Open.
	Scrubbed   time.Time
	Verified   int // tables verified since Open
	Unverified []string
	// Damage names what is damaged; while it is not empty the database is not
	// ready, and Repair is needed.
	Damage []string
	// Rebuilt says why Open rebuilt the file; empty: it did not.
	Rebuilt string
	// CutBytes of a torn last frame were cut by Open: the trace of a crash.
	CutBytes int64
	// ReadOnly says why writes are refused; empty: they are not.
	ReadOnly string
}

// Status tells how the database is doing. It is cheap.
func (db *DB) Status() Status {
	st := db.state.Load()
	s := Status{
		LSN: st.pos.LSN, FileLSN: st.filePos.LSN,
		Layers: st.active.Len(), LayerBytes: st.activeBytes,
		FileBytes: st.store.Size(),
		Groups:    db.committer.groups.Load(), Updates: db.committer.updates.Load(),
		Rebuilt: db.rebuilt, CutBytes: db.log.Cut(),
	}
	if st.flushing != nil {
		s.Layers += st.flushing.Len()
	}
	if r := db.readOnly.Load(); r != nil {
		s.ReadOnly = r.err.Error()
	}
	u := &db.upkeep
	u.mu.Lock()
	s.Scrubbed, s.Snapshot = u.scrubbed, u.snapshot
	if u.failed != nil {
		s.SnapshotError = u.failed.Error()
	}
	if u.badLog != nil {
		s.Damage = append(s.Damage, u.badLog.Error())
	}
	u.mu.Unlock()
	s.LogBytes = db.log.SizeSince(s.Snapshot)
	s.Flushes = db.flusher.flushes.Load()
	for _, t := range db.scrubOrder() {
		h := db.health(t)
		switch h.state() {
		case healthVerified:
			s.Verified++
		case healthDamaged:
			s.Damage = append(s.Damage, h.err().Error())
		default:
			s.Unverified = append(s.Unverified, tableName(t))
		}
	}
	return s
}

// Tallies are the counts and digests of all tables now.
func (db *DB) Tallies() []Tally { return slices.Clone(db.state.Load().tallies) }

// Verified waits until every table was scrubbed since Open, and gives an engine
// error of KindDamaged if one is damaged.
func (db *DB) Verified(ctx context.Context) error {
	var errs []error
	for _, t := range db.scrubOrder() {
		if err := db.health(t).wait(ctx); err != nil {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// A Report is the outcome of Verify.
type Report struct {
	Records   uint64
	Frames    uint64
	Snapshots int
	// Problems, in words for a person; empty: all is as it was written.
	Problems []string
}

// Verify checks everything: each record, count and digest of the file, the whole
// chain of the log, each snapshot. The error is that of a check that could not
// be made; what is damaged is in the report.
func (db *DB) Verify(ctx context.Context) (Report, error) {
	u := &db.upkeep
	u.walking.Lock()
	defer u.walking.Unlock()
	var r Report
	for _, t := range db.scrubOrder() {
		if err := ctx.Err(); err != nil {
			return r, err
		}
		n, err := db.scrubTable(t)
		r.Records += n
		if errors.Is(err, errStopped) {
			return r, errClosed()
		}
		if err != nil {
			r.Problems = append(r.Problems, err.Error())
		}
	}
	if err := db.verifyLog(ctx, &r); err != nil {
		return r, err
	}
	all, err := db.listSnapshots()
	if err != nil {
		return r, err
	}
	for _, lsn := range all {
		if err := ctx.Err(); err != nil {
			return r, err
		}
		h, _, err := db.checkSnapshot(snapName(lsn))
		if err == nil && h.pos.LSN != lsn {
			err = badSnapshot("it holds frame %d", h.pos.LSN)
		}
		if err != nil {
			r.Problems = append(r.Problems, fmt.Sprintf("%s: %v", snapName(lsn), err))
			continue
		}
		r.Snapshots++
	}
	return r, nil
}

// verifyLog reads every frame, and looks whether the log reaches back to what a
// rebuild would begin with.
func (db *DB) verifyLog(ctx context.Context, r *Report) error {
	start := db.log.Start()
	err := db.log.Sweep()
	if err == nil {
		err = db.log.Read(ctx, start, func(*oplog.Frame, oplog.Position) error {
			r.Frames++
			return nil
		})
	}
	var damage *oplog.DamageError
	switch {
	case errors.As(err, &damage):
		r.Problems = append(r.Problems, err.Error())
	case err != nil:
		return err
	}
	bases, err := db.rebuildBases()
	if err == nil && len(bases) == 0 {
		r.Problems = append(r.Problems, fmt.Sprintf("operation log: it begins after frame %d and no snapshot reaches that far", start.LSN))
	}
	return err
}
