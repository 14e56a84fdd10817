package session

import (
	"context"
	"errors"
	"time"

	"scaidrive/engine"
	"scaidrive/engine/meta"
	"scaidrive/engine/meta/schema"
)

// checkEvery is how often expired sessions are looked for.
const checkEvery = time.Minute

// Run removes what an earlier process left, moves the fronts of sessions on from
// spooled parts, and ends expired sessions, until ctx ends.
func (s *Service) Run(ctx context.Context) {
	err := s.Expire(ctx)
	if err == nil {
		err = s.sweep(ctx)
	}
	if err != nil && ctx.Err() == nil {
		s.log.Warn("what is left of upload sessions could not be cleaned up", "err", err)
	}
	tick := time.NewTicker(checkEvery)
	defer tick.Stop()
	for {
		for at, ok := s.dequeue(); ok && ctx.Err() == nil; at, ok = s.dequeue() {
			s.follow(ctx, at)
		}
		select {
		case <-ctx.Done():
			return
		case <-s.wake:
		case <-tick.C:
			if err := s.Expire(ctx); err != nil && ctx.Err() == nil {
				s.log.Warn("expired upload sessions could not be ended", "err", err)
			}
		}
	}
}

// enqueue notes that the front of a session can go on.
func (s *Service) enqueue(at place) {
	s.mu.Lock()
	if !s.queued[at] {
		s.queued[at] = true
		s.queue = append(s.queue, at)
	}
	s.mu.Unlock()
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

func (s *Service) dequeue() (place, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.queue) == 0 {
		s.queue = nil
		return place{}, false
	}
	at := s.queue[0]
	s.queue = s.queue[1:]
	delete(s.queued, at)
	return at, true
}

// follow moves a front on by one part; then it is others' turn. What fails is
// tried again when the next part comes, or at complete.
func (s *Service) follow(ctx context.Context, at place) {
	l := s.enter(at.id)
	defer s.leave(at.id, l)
	moved, err := s.advance(ctx, at, l)
	switch {
	case moved && err == nil:
		s.enqueue(at)
	case err != nil && ctx.Err() == nil && engine.KindOf(err) != engine.KindNotFound && engine.KindOf(err) != engine.KindGone && engine.KindOf(err) != engine.KindConflict:
		s.log.Warn("a spooled part could not be taken in", "session", at.id.Format(engine.PrefixUpload), "err", err)
	}
}

// Expire ends the sessions that nobody has used for a Lifetime and removes their
// parts, and forgets those that ended long ago.
func (s *Service) Expire(ctx context.Context) error {
	var key []byte
	for {
		var over []place
		seen := 0
		err := s.db.View(ctx, func(v *meta.View) error {
			return schema.ScanUploads(v, key, func(k []byte, t engine.TenantNo, u *engine.Upload) (bool, error) {
				key = append(key[:0], k...)
				seen++
				if s.overdue(u) && !s.busy(u.ID) {
					over = append(over, place{t, u.User, u.ID})
				}
				return seen < recordsAtOnce, nil
			})
		})
		if err != nil {
			return err
		}
		if err := s.expire(ctx, over); err != nil {
			return err
		}
		if seen < recordsAtOnce {
			return nil
		}
	}
}

// overdue reports whether a session has to be ended or forgotten.
func (s *Service) overdue(u *engine.Upload) bool {
	if u.Status == engine.UploadExpired {
		return !s.env.Now().Before(u.TouchedAt.Add(Lifetime + remembered))
	}
	return s.expired(u)
}

func (s *Service) expire(ctx context.Context, over []place) error {
	if len(over) == 0 {
		return nil
	}
	err := s.db.Update(ctx, func(tx *meta.Tx) error {
		for _, at := range over {
			u, err := schema.GetUpload(tx, at.tenant, at.user, at.id)
			if errors.Is(err, schema.ErrNotFound) {
				continue
			}
			if err != nil {
				return err
			}
			switch {
			case !s.overdue(u):
				continue
			case u.Status == engine.UploadExpired:
				err = schema.DeleteUpload(tx, at.tenant, u)
			default:
				u.Status = engine.UploadExpired
				err = schema.PutUpload(tx, at.tenant, u)
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, at := range over {
		s.tidy(ctx, at)
	}
	return nil
}

// fewParts is how many records of parts go in the commit that ends their session.
const fewParts = 256

// dropFewParts removes records of parts of a session that ends; what is beyond
// fewParts is left for tidy.
func dropFewParts(w schema.Writer, at place) error {
	var list []uint32
	err := schema.ScanUploadParts(w, at.tenant, at.user, at.id, 0, func(part *engine.UploadPart) (bool, error) {
		list = append(list, part.Index)
		return len(list) < fewParts, nil
	})
	for _, index := range list {
		if err == nil {
			err = schema.DeleteUploadPart(w, at.tenant, at.user, at.id, index)
		}
	}
	return err
}

// tidy removes the parts of a session that takes none any more. What it can't
// remove now, the next start does.
func (s *Service) tidy(ctx context.Context, at place) {
	ctx = context.WithoutCancel(ctx)
	for {
		parts := false
		err := s.db.View(ctx, func(v *meta.View) error {
			return schema.ScanUploadParts(v, at.tenant, at.user, at.id, 0, func(*engine.UploadPart) (bool, error) {
				parts = true
				return false, nil
			})
		})
		if err == nil && parts {
			err = s.db.Update(ctx, func(tx *meta.Tx) error {
				if u, err := schema.GetUpload(tx, at.tenant, at.user, at.id); err == nil && u.Status == engine.UploadOpen {
					return errChanged
				}
				return dropFewParts(tx, at)
			})
		}
		if err != nil {
			s.log.Warn("the parts of an upload session that ended could not be removed", "session", at.id.Format(engine.PrefixUpload), "err", err)
			return
		}
		if !parts {
			break
		}
	}
	s.spool.clear(at.id)
}

// sweep brings records and spool files together after a start: a file that no
// record names goes, a record whose file is gone goes, and so do the parts of
// sessions that have ended.
func (s *Service) sweep(ctx context.Context) error {
	// Directories first: a session is older than its directory, so that one that
	// is not among the open ones has ended.
	dirs, foreign, err := s.spool.sessions()
	if err != nil {
		return err
	}
	for _, name := range foreign {
		s.log.Warn("a foreign file lies among the upload sessions", "name", name)
	}
	open, err := s.openSessions(ctx)
	if err != nil {
		return err
	}
	spooled := map[engine.ID]bool{}
	for _, id := range dirs {
		if spooled[id] = true; open[id] == (place{}) {
			s.spool.clear(id)
		}
	}
	for _, at := range open {
		if err := s.compare(ctx, at, spooled[at.id]); err != nil {
			return err
		}
		s.enqueue(at)
	}
	return s.dropOrphans(ctx)
}

// openSessions lists all open sessions.
func (s *Service) openSessions(ctx context.Context) (map[engine.ID]place, error) {
	open := map[engine.ID]place{}
	var key []byte
	for {
		seen := 0
		err := s.db.View(ctx, func(v *meta.View) error {
			return schema.ScanUploads(v, key, func(k []byte, t engine.TenantNo, u *engine.Upload) (bool, error) {
				key = append(key[:0], k...)
				if seen++; u.Status == engine.UploadOpen {
					open[u.ID] = place{t, u.User, u.ID}
				}
				return seen < recordsAtOnce, nil
			})
		})
		if err != nil || seen < recordsAtOnce {
			return open, err
		}
	}
}

// compare holds the spool files of a session against its records. What this
// process has made is left alone: it is in use. Before the front no part is spooled.
func (s *Service) compare(ctx context.Context, at place, spooled bool) error {
	files := map[string]bool{}
	if spooled {
		entries, err := s.spool.fs.ReadDir(s.spool.folder(at.id))
		if err != nil {
			return err
		}
		for _, e := range entries {
			files[s.spool.folder(at.id)+"/"+e.Name] = true
		}
	}
	var u *engine.Upload
	err := s.db.View(ctx, func(v *meta.View) (err error) {
		u, err = schema.GetUpload(v, at.tenant, at.user, at.id)
		return err
	})
	if errors.Is(err, schema.ErrNotFound) {
		return nil // it has just been deleted
	}
	if err != nil {
		return err
	}
	var gone []*engine.UploadPart
	err = s.eachPart(ctx, at, u.Front, func(part *engine.UploadPart) error {
		if part.Spool.IsZero() || s.spool.ours(part.Spool) {
			return nil
		}
		name := s.spool.name(at.id, part.Index, part.Spool)
		if !files[name] {
			gone = append(gone, part)
		}
		delete(files, name)
		return nil
	})
	if err != nil {
		return err
	}
	for _, part := range gone {
		if err := s.lose(ctx, at, part.Index, part); err != nil && engine.KindOf(err) == engine.KindInternal {
			return err
		}
	}
	for name := range files {
		if _, id, ok := parse(name[len(s.spool.folder(at.id))+1:]); !ok || !s.spool.ours(id) {
			_ = s.spool.fs.Remove(name) // the next start tries again
		}
	}
	return nil
}

// dropOrphans removes the parts of sessions that are not open.
func (s *Service) dropOrphans(ctx context.Context) error {
	var at place
	for {
		orphan := false
		err := s.db.View(ctx, func(v *meta.View) (err error) {
			if at.tenant, at.user, at.id, err = schema.NextUploadOfPart(v, at.tenant, at.user, at.id); err != nil {
				return err
			}
			u, err := schema.GetUpload(v, at.tenant, at.user, at.id)
			if errors.Is(err, schema.ErrNotFound) || err == nil && u.Status != engine.UploadOpen {
				orphan, err = true, nil
			}
			return err
		})
		if errors.Is(err, schema.ErrNotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		if orphan {
			s.tidy(ctx, at)
		}
	}
}
