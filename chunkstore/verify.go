package chunkstore

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"scaidrive/chunkstore/internal/record"
	"scaidrive/chunkstore/locator"
)

// Verify reads all packs and compares them with the index. Without full it
// reads headers and footers; with it every byte, and computes every SHA-256.
// Each thing found wrong goes to report, and counts as missing from then on.
// The error is nil when the walk came to its end, whatever it found. It may run
// beside everything else.
func (s *Store) Verify(ctx context.Context, full bool, report func(Damage)) error {
	if err := s.enter(); err != nil {
		return err
	}
	defer s.leave()
	tell := func(d Damage) {
		s.damage.add(d)
		report(d)
	}
	if err := s.loc.Verify(ctx); errors.Is(err, locator.ErrDamaged) {
		tell(Damage{What: err.Error()})
		if s.opt.ReadOnly {
			return err
		}
		if err := s.ensureIndex(ctx); err != nil {
			return err
		}
	} else if err != nil {
		return err
	}
	bad := make(map[PackID]bool) // packs in which the index may name what is not there
	for _, p := range s.known() {
		damaged, err := s.verifyPack(ctx, p, full, tell)
		if err != nil {
			return fmt.Errorf("verify pack %d: %w", p.id, err)
		}
		if damaged {
			bad[p.id] = true
		}
	}
	return s.verifyIndex(ctx, bad, tell)
}

// A packState is what Verify has to know of a pack.
type packState struct {
	id     PackID
	size   int64 // durable bytes
	sealed bool
	lost   bool // of which only size bytes are left
}

// known lists all packs that there are or should be.
func (s *Store) known() []packState {
	s.mu.Lock()
	defer s.mu.Unlock()
	var list []packState
	for id, p := range s.packs {
		if _, lost := s.lost[id]; !lost {
			list = append(list, packState{id, p.synced, p.sealed, false})
		}
	}
	for id, left := range s.lost {
		list = append(list, packState{id, left, false, true})
	}
	slices.SortFunc(list, func(a, b packState) int { return cmp.Compare(a.id, b.id) })
	return list
}

// verifyPack walks one pack and reports whether anything is wrong with it.
func (s *Store) verifyPack(ctx context.Context, p packState, full bool, tell func(Damage)) (bool, error) {
	bad := false
	hurt := func(d Damage) {
		bad = true
		if d.Hash != (Hash{}) {
			s.condemnAt(d)
		}
		tell(d)
	}
	h, err := s.handles.acquire(p.id)
	if notExist(err) {
		hurt(Damage{Pack: p.id, Length: p.size, What: "the pack is missing"})
		return true, nil
	}
	if err != nil {
		return false, err
	}
	defer s.handles.release(h)
	// The handle's header may have been read long ago.
	now := &handle{file: h.file, pack: p.id}
	if err := s.handles.check(now); err != nil {
		return false, err
	}
	if now.headErr != nil {
		hurt(Damage{Pack: p.id, Length: packHeadSize, What: now.headErr.Error()})
	}
	if now.foreign {
		return true, nil
	}
	size, err := h.file.Size()
	if err != nil {
		return false, err
	}
	if size < p.size || p.lost {
		hurt(Damage{Pack: p.id, Offset: size, Length: max(p.size-size, 0), What: "the pack is shorter than it was"})
	}
	c := &scan{codec: &s.codec, file: h.file, pack: p.id, size: min(size, p.size), deep: full, full: full, damage: hurt}
	c.durable = c.size
	if now.headErr == nil {
		c.salt, c.salted = now.head.salt, true
	} else {
		c.sniffSalt()
	}
	c.visit = func(e packEntry) error { return s.verifyEntry(p.id, e, tell) }
	if err := c.run(ctx.Err); err != nil {
		return bad, err
	}
	if p.sealed && !c.sealed && !p.lost {
		hurt(Damage{Pack: p.id, Offset: c.end, What: "the pack has lost its footer"})
	}
	return bad, nil
}

// condemnAt marks the chunk of a damaged record, if the index means that one.
func (s *Store) condemnAt(d Damage) {
	e, ok, err := s.loc.Lookup(d.Domain, d.Hash)
	if err == nil && ok && PackID(e.Pack) == d.Pack && e.Offset == d.Offset {
		s.condemn(d.Domain, d.Hash, e, d.What)
	}
}

// verifyEntry checks that the index knows a chunk that a pack holds.
func (s *Store) verifyEntry(id PackID, e packEntry, tell func(Damage)) error {
	_, ok, err := s.loc.Lookup(e.domain, e.hash)
	if err == nil && !ok {
		tell(Damage{id, e.offset, e.end() - e.offset, e.domain, e.hash, "the index has lost the chunk"})
		s.loc.Add(e.domain, e.hash, e.place(id))
	}
	return err
}

// verifyIndex looks at each chunk that the index places in one of the packs
// given, and names those that are not there.
func (s *Store) verifyIndex(ctx context.Context, bad map[PackID]bool, tell func(Damage)) error {
	type lost struct {
		d Domain
		h Hash
		e locator.Entry
	}
	var suspects []lost
	err := s.loc.Walk(ctx, func(d [16]byte, h [32]byte, e locator.Entry) error {
		if bad[PackID(e.Pack)] {
			suspects = append(suspects, lost{d, h, e})
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, l := range suspects {
		if err := ctx.Err(); err != nil {
			return err
		}
		v, err := s.load(ctx, l.d, Ref{l.h, l.e.Raw}, nil)
		s.codec.Release(v.buf)
		var de *DamagedError
		if errors.As(err, &de) {
			tell(Damage{de.Pack, de.Offset, record.Space(l.e.Stored), l.d, l.h, de.What})
		} else if err != nil && !errors.Is(err, ErrNotFound) {
			return err
		}
	}
	return nil
}
