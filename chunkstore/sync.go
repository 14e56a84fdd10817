package chunkstore

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"scaidrive/chunkstore/internal/record"
	"scaidrive/chunkstore/locator"
)

// A syncGroup is the callers that one sync answers.
type syncGroup struct {
	done  chan struct{}
	asked bool // by a caller who takes the marks
	marks []Mark
	err   error
}

// Sync makes every chunk put before the call durable. The marks are the packs
// whose durable length grew since a Sync told it last; the caller puts them
// into the next frame of the operation log. Callers that come while a sync runs
// share the next one, and its marks.
//
// Errors: ErrReadOnly after a failed sync, for ever; ErrNoSpace, after which
// nothing is lost and Sync can be called again; ErrClosed; the context's, with
// the sync going on.
func (s *Store) Sync(ctx context.Context) ([]Mark, error) {
	if err := s.enter(); err != nil {
		return nil, err
	}
	defer s.leave()
	return s.sync(ctx, true)
}

// sync joins the next sync, and runs it when it is the first to come.
func (s *Store) sync(ctx context.Context, asked bool) ([]Mark, error) {
	s.mu.Lock()
	g, first := s.group, false
	if g == nil {
		g, first = &syncGroup{done: make(chan struct{})}, true
		s.group = g
	}
	g.asked = g.asked || asked
	s.mu.Unlock()
	if !first {
		select {
		case <-g.done:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
		return slices.Clone(g.marks), g.err
	}
	s.syncing.Lock()
	defer s.syncing.Unlock()
	g.err = spaceError(s.syncDirty(g))
	close(g.done)
	return slices.Clone(g.marks), g.err
}

// syncDirty makes all packs durable up to the places given out so far.
func (s *Store) syncDirty(g *syncGroup) error {
	s.mu.Lock()
	s.group = nil // who comes now waits for the next
	if err := s.writable(); err != nil {
		s.mu.Unlock()
		return err
	}
	// From here on a failed write of this epoch becomes a gap, so the ends in
	// work stay the ends of places.
	ep := s.epoch
	s.epoch = new(epoch)
	s.unsynced = 0
	work := make([]syncJob, 0, len(s.dirty))
	for _, p := range s.dirty {
		work = append(work, syncJob{p, p.end, p.full})
	}
	s.mu.Unlock()
	ep.writes.Wait()

	s.mu.Lock()
	err := s.fillGaps()
	s.mu.Unlock()
	if err != nil {
		return err
	}
	for _, w := range work {
		if err := s.syncPack(w); err != nil {
			return err
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if g.asked {
		g.marks = s.untoldMarks()
	}
	if !s.loc.InMemory() && s.loc.Fresh() >= s.opt.FoldEntries {
		s.poke()
	}
	return nil
}

// A syncJob is one pack's part of a sync.
type syncJob struct {
	p    *pack
	end  int64
	seal bool
}

// syncPack makes one pack durable up to w.end and seals it if it is full.
func (s *Store) syncPack(w syncJob) error {
	p, length := w.p, w.end
	if w.seal {
		// A footer that cannot be written now is written by a later sync: the
		// pack stays on the list. The records must not wait for it.
		if n, err := s.writeFooter(p, w.end); err == nil {
			length += n
		} else {
			w.seal = false
		}
	}
	err := p.h.file.Sync()
	s.mu.Lock()
	defer s.mu.Unlock()
	if err != nil {
		return s.fail(err)
	}
	s.advance(p, length)
	if w.seal {
		p.sealed, p.size, p.entries = true, length, nil
		s.handles.unpin(p.h)
	}
	if p.end == w.end && (!p.full || p.sealed) {
		p.dirty = false
		s.dirty = slices.DeleteFunc(s.dirty, func(q *pack) bool { return q == p })
	}
	return nil
}

// writeFooter writes the footer of a pack that takes no more records and ends
// the file there. It returns the footer's length.
func (s *Store) writeFooter(p *pack, end int64) (int64, error) {
	s.mu.Lock()
	entries := slices.Clone(p.entries)
	s.mu.Unlock()
	slices.SortFunc(entries, func(a, b packEntry) int { return cmp.Compare(a.offset, b.offset) })
	b := encodeFooter(p.id, p.salt, end, entries)
	if _, err := p.h.file.WriteAt(b, end); err != nil {
		return 0, err
	}
	// This also gives back the disk space allocated beyond the end.
	return int64(len(b)), p.h.file.Truncate(end + int64(len(b)))
}

// advance notes a new durable length. Called with mu held.
func (s *Store) advance(p *pack, length int64) {
	p.synced = length
	if p.synced > p.told {
		s.untold[p.id] = p
	}
}

// untoldMarks are the marks that no caller of Sync was given yet. Called with
// mu held.
func (s *Store) untoldMarks() []Mark {
	marks := make([]Mark, 0, len(s.untold))
	for id, p := range s.untold {
		marks = append(marks, Mark{id, p.synced})
		p.told = p.synced
	}
	clear(s.untold)
	slices.SortFunc(marks, func(a, b Mark) int { return cmp.Compare(a.Pack, b.Pack) })
	return marks
}

// poke wakes the flusher. It never blocks.
func (s *Store) poke() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// flusher starts syncs by itself when much is unsynced, so that the one that
// somebody waits for is short; it folds the index, and verifies it once after
// an unclean end. It ends with ctx.
func (s *Store) flusher(ctx context.Context) {
	var check <-chan time.Time
	if !s.loc.Stats().Verified {
		if s.opt.CheckAfter <= 0 {
			s.checkIndex(ctx)
		} else {
			t := time.NewTimer(s.opt.CheckAfter)
			defer t.Stop()
			check = t.C
		}
	}
	for {
		select {
		case <-ctx.Done():
			return
		case <-check:
			s.checkIndex(ctx)
			continue
		case <-s.wake:
		}
		s.mu.Lock()
		flush := s.failed == nil && s.opt.FlushBytes > 0 && s.unsynced >= s.opt.FlushBytes
		s.mu.Unlock()
		if flush {
			// Whoever calls Sync next is told the same.
			_, _ = s.sync(ctx, false)
		}
		if !s.loc.InMemory() && s.loc.Fresh() >= s.opt.FoldEntries {
			// A failed sync is remembered; on a full disk the next one tries again.
			_ = s.fold()
		}
		if s.loc.Damaged() != nil {
			s.checkIndex(ctx)
		}
	}
}

// fold writes the index entries of durable records to the index file. A failed
// sync of it makes the store read-only.
func (s *Store) fold() error {
	s.rebuilding.RLock()
	defer s.rebuilding.RUnlock()
	return s.foldAll()
}

// foldAll is fold for callers that hold rebuilding: while the packs are read
// again, those not reached yet are not covered.
func (s *Store) foldAll() error {
	if s.opt.ReadOnly || s.loc.InMemory() {
		return nil
	}
	s.mu.Lock()
	if s.failed != nil {
		s.mu.Unlock()
		return s.failed
	}
	durable := make(map[uint32]int64, len(s.packs))
	cover := make(map[uint32]locator.Cover)
	for id, p := range s.packs {
		durable[uint32(id)] = p.synced
		if p.synced != p.covers && !p.broken {
			cover[uint32(id)] = locator.Cover{Length: p.synced, Sealed: p.sealed}
		}
	}
	s.mu.Unlock()
	err := s.loc.Fold(cover, func(e locator.Entry) bool {
		return e.Damaged || e.Offset+record.Space(e.Stored) <= durable[e.Pack]
	})
	s.mu.Lock()
	defer s.mu.Unlock()
	if errors.Is(err, locator.ErrSync) {
		return s.fail(err)
	}
	if err != nil {
		return fmt.Errorf("fold chunk index: %w", err)
	}
	for id, c := range cover {
		s.packs[PackID(id)].covers = c.Length
	}
	return nil
}
