package chunkstore

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"scaidrive/chunkstore/locator"
)

// ensureIndex verifies the index and rebuilds it from the packs when it is
// damaged. nil means that its misses can be believed.
func (s *Store) ensureIndex(ctx context.Context) error {
	err := s.loc.Verify(ctx)
	if !errors.Is(err, locator.ErrDamaged) {
		return err
	}
	s.rebuilding.Lock()
	defer s.rebuilding.Unlock()
	if s.loc.Verify(ctx) == nil {
		return nil // somebody else has rebuilt it
	}
	return s.rebuild(ctx, err)
}

// checkIndex does the same in the background, where nobody waits for the
// answer: the next miss tries again.
func (s *Store) checkIndex(ctx context.Context) {
	if err := s.ensureIndex(ctx); err != nil && ctx.Err() == nil {
		s.damage.add(Damage{What: "chunk index: " + err.Error()})
	}
}

// rebuild makes the index anew from the packs. Called with rebuilding held.
func (s *Store) rebuild(ctx context.Context, why error) error {
	if s.opt.ReadOnly {
		return fmt.Errorf("opened for reading: %w", why)
	}
	s.damage.add(Damage{What: "the index was rebuilt: " + why.Error()})
	s.mu.Lock()
	if err := s.failed; err != nil {
		s.mu.Unlock()
		return err
	}
	// What lost packs held was known to the old index alone.
	if len(s.lost) > 0 {
		s.blind.Store(true)
	}
	var all []*pack
	for _, p := range s.packs {
		p.covers = 0
		all = append(all, p)
	}
	s.mu.Unlock()
	if err := s.loc.Reset(); err != nil {
		if errors.Is(err, locator.ErrSync) {
			s.mu.Lock()
			defer s.mu.Unlock()
			return s.fail(err)
		}
		return fmt.Errorf("rebuild chunk index: %w", err)
	}
	slices.SortFunc(all, func(a, b *pack) int { return cmp.Compare(a.id, b.id) })
	for _, p := range all {
		if err := s.reindex(ctx, p); err != nil {
			s.loc.Suspect(err)
			return fmt.Errorf("rebuild chunk index: pack %d: %w", p.id, err)
		}
		if s.loc.Fresh() >= s.opt.FoldEntries {
			// Packs not reached yet must not count as covered.
			if err := s.loc.Fold(nil, s.durable()); err != nil {
				return fmt.Errorf("rebuild chunk index: %w", err)
			}
		}
	}
	return s.foldAll()
}

// durable gives a predicate for entries whose records are durable.
func (s *Store) durable() func(locator.Entry) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	m := make(map[uint32]int64, len(s.packs))
	for id, p := range s.packs {
		m[uint32(id)] = p.synced
	}
	return func(e locator.Entry) bool { return e.Damaged || e.Offset < m[e.Pack] }
}

// reindex adds the records of one pack to the index.
func (s *Store) reindex(ctx context.Context, p *pack) error {
	s.mu.Lock()
	writing := p.h != nil && !p.sealed
	list := slices.Clone(p.entries)
	c := &scan{codec: &s.codec, pack: p.id, size: p.size, durable: min(p.size, p.synced), damage: s.noteUnknown(0)}
	s.mu.Unlock()
	if !writing {
		h, err := s.handles.acquire(p.id)
		if notExist(err) {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.lose(p.id, 0, true, Damage{Pack: p.id, Length: p.size, What: "the pack is missing"})
			return nil
		}
		if err != nil {
			return err
		}
		defer s.handles.release(h)
		if list, err = s.readAll(ctx, h, c); err != nil {
			return err
		}
	}
	for _, e := range list {
		if writing || e.end() <= c.durable {
			s.loc.Add(e.domain, e.hash, e.place(p.id))
		}
	}
	return nil
}

// readAll lists the records of a pack that is not being written, by its footer
// if that is whole.
func (s *Store) readAll(ctx context.Context, h *handle, c *scan) ([]packEntry, error) {
	if h.foreign {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.lose(h.pack, 0, true, Damage{Pack: h.pack, Length: c.size, What: h.headErr.Error()})
		return nil, nil
	}
	c.file = h.file
	if h.headErr == nil {
		c.salt, c.salted = h.head.salt, true
	} else {
		c.sniffSalt()
	}
	if size, err := h.file.Size(); err != nil {
		return nil, err
	} else if size < c.size {
		s.mu.Lock()
		s.lose(h.pack, size, true, Damage{Pack: h.pack, Offset: size, Length: c.size - size, What: "the pack is shorter than it was"})
		s.mu.Unlock()
		c.size, c.durable = size, size
	}
	c.readTrailer()
	if c.closed {
		if list, err := c.entries(); err == nil {
			return list, nil
		}
	}
	var list []packEntry
	c.visit = func(e packEntry) error {
		list = append(list, e)
		return nil
	}
	return list, c.run(ctx.Err)
}
