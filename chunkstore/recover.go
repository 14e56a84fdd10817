package chunkstore

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"scaidrive/chunkstore/internal/record"
	"scaidrive/chunkstore/locator"
	"scaidrive/chunkstore/vfs"
)

// recover brings packs and index to one state at Open: docs/formats/pack.md.
func (s *Store) recover(ctx context.Context) error {
	if !s.opt.ReadOnly {
		if err := s.fsys.MkdirAll(packsDir); err != nil {
			return err
		}
	}
	files, err := s.list()
	if err != nil {
		return err
	}
	covered := s.loc.Covered()
	told := make(map[PackID]int64, len(s.opt.Marks))
	ids := maps.Clone(files)
	for _, m := range s.opt.Marks {
		told[m.Pack] = max(told[m.Pack], m.Length)
		ids[m.Pack] += 0
	}
	for id := range covered {
		ids[PackID(id)] += 0
	}
	s.next = 1
	order := slices.Sorted(maps.Keys(ids))
	for i, id := range order {
		s.next = id + 1
		size, exists := files[id]
		k := known{told: told[id], cover: covered[uint32(id)], last: i == len(order)-1}
		if err := s.recoverPack(ctx, id, size, exists, k); err != nil {
			return fmt.Errorf("recover pack %d: %w", id, err)
		}
		if !s.opt.ReadOnly && s.loc.Fresh() >= s.opt.FoldEntries {
			if err := s.fold(); err != nil && !errors.Is(err, locator.ErrDamaged) {
				return err
			}
		}
	}
	return nil
}

// list finds the pack files and their lengths. What else lies there is
// reported and left alone.
func (s *Store) list() (map[PackID]int64, error) {
	files := make(map[PackID]int64)
	dirs, err := s.fsys.ReadDir(packsDir)
	if notExist(err) {
		return files, nil
	}
	if err != nil {
		return nil, err
	}
	for _, d := range dirs {
		if !d.Dir {
			s.damage.add(Damage{What: "unexpected file " + packsDir + "/" + d.Name})
			continue
		}
		names, err := s.fsys.ReadDir(packsDir + "/" + d.Name)
		if err != nil {
			return nil, err
		}
		for _, f := range names {
			id, ok := parsePackName(d.Name, f.Name)
			if !ok || f.Dir {
				s.damage.add(Damage{What: "unexpected file " + packsDir + "/" + d.Name + "/" + f.Name})
				continue
			}
			files[id] = f.Size
		}
	}
	return files, nil
}

// known is what the log and the index know of a pack.
type known struct {
	told  int64 // durable length by the operation log
	cover locator.Cover
	last  bool // no pack has a higher number
}

func (k *known) durable() int64 { return max(k.told, k.cover.Length) }

// recoverPack recovers one pack and enters it into the store's tables.
func (s *Store) recoverPack(ctx context.Context, id PackID, size int64, exists bool, k known) error {
	durable := k.durable()
	if !exists {
		if durable > 0 {
			s.lose(id, 0, durable > k.cover.Length, Damage{Pack: id, Length: durable, What: "the pack is missing"})
		}
		return nil
	}
	p := &pack{id: id, size: size, told: k.told, covers: k.cover.Length}
	if size < durable {
		s.lose(id, size, durable > k.cover.Length, Damage{Pack: id, Offset: size, Length: durable - size, What: "the pack is shorter than it was"})
		p.broken, durable = true, size
	} else if k.cover.Sealed && k.cover.Length == size {
		p.sealed = true
		s.packs[id] = p
		s.advance(p, size)
		return nil
	}
	h, c, err := s.openPack(p, durable, k.cover.Length)
	if h == nil || err != nil {
		return err
	}
	list, err := s.collect(ctx, p, c, k.cover.Length)
	if err == nil {
		err = s.settle(p, h, c, list, k)
	}
	s.handles.release(h)
	return err
}

// lose notes that only length bytes of a pack are left. blind says that the
// index does not know what was in the rest.
func (s *Store) lose(id PackID, length int64, blind bool, d Damage) {
	s.lost[id] = length
	if blind {
		s.blind.Store(true)
	}
	s.damage.add(d)
}

// openPack opens a pack and judges its header. Without a handle the pack is of
// no further use.
func (s *Store) openPack(p *pack, durable, cover int64) (*handle, *scan, error) {
	open := s.fsys.OpenRW
	if s.opt.ReadOnly || p.broken {
		open = s.fsys.Open
	}
	f, err := open(packName(p.id))
	if err != nil {
		return nil, nil, err
	}
	h := &handle{file: f, pack: p.id}
	if err := s.handles.check(h); err != nil {
		return nil, nil, errors.Join(err, f.Close())
	}
	c := &scan{codec: &s.codec, file: f, pack: p.id, size: p.size, durable: durable}
	c.damage = s.noteUnknown(cover)
	if s.opt.NeverCut {
		c.durable = p.size
	}
	switch {
	case h.foreign:
		s.lose(p.id, 0, max(durable, p.size) > cover, Damage{Pack: p.id, Length: p.size, What: h.headErr.Error()})
		return nil, nil, f.Close()
	case h.headErr != nil && p.size <= packHeadSize && durable == 0:
		// Interrupted when it was made: it never held a record.
		return nil, nil, errors.Join(f.Close(), s.removePack(p.id))
	case h.headErr != nil:
		// The header was durable before the first record was written.
		c.damage(Damage{Pack: p.id, Length: packHeadSize, What: h.headErr.Error()})
		p.broken = true
		c.sniffSalt()
	default:
		p.salt, c.salt, c.salted = h.head.salt, h.head.salt, true
	}
	return s.handles.insert(h), c, nil
}

// noteUnknown gives a function that lists damage and notes when what was there
// is not in the index, which covers the pack up to cover.
func (s *Store) noteUnknown(cover int64) func(Damage) {
	return func(d Damage) {
		if d.Hash == (Hash{}) && d.Offset+d.Length > cover {
			s.blind.Store(true)
		}
		s.damage.add(d)
	}
}

func (s *Store) removePack(id PackID) error {
	if s.opt.ReadOnly {
		return nil
	}
	if err := s.fsys.Remove(packName(id)); err != nil {
		return err
	}
	return s.fsys.SyncDir(packDir(id))
}

// collect finds the records of a pack and adds those to the index that it does
// not cover. The entries returned are those of a pack without a footer.
func (s *Store) collect(ctx context.Context, p *pack, c *scan, cover int64) ([]packEntry, error) {
	add := func(e packEntry) {
		if e.offset >= cover {
			s.loc.Add(e.domain, e.hash, e.place(p.id))
		}
	}
	c.readTrailer()
	if c.closed && c.size <= c.durable {
		if list, err := c.entries(); err == nil {
			for _, e := range list {
				add(e)
			}
			c.sealed, c.end = true, c.size
			return nil, nil
		}
	}
	var list []packEntry
	c.visit = func(e packEntry) error {
		list = append(list, e)
		return nil
	}
	if err := c.run(ctx.Err); err != nil {
		return nil, err
	}
	if c.bad {
		p.broken = true
	}
	for _, e := range list {
		// Behind damage nothing counts that nobody was told of.
		if !p.broken || e.end() <= c.durable {
			add(e)
		}
	}
	return list, nil
}

// settle makes the end of a pack definite: cuts it, makes its tail durable,
// and continues or seals it.
func (s *Store) settle(p *pack, h *handle, c *scan, list []packEntry, k known) error {
	p.sealed = c.sealed
	if p.broken || s.opt.ReadOnly {
		p.synced = min(c.durable, c.size)
		s.packs[p.id] = p
		return nil
	}
	if err := s.settleTail(p, h.file, c, k.durable()); err != nil {
		return err
	}
	p.size = c.end
	s.packs[p.id] = p
	s.advance(p, c.end)
	if p.sealed {
		return nil
	}
	p.h, p.end, p.records, p.entries, p.allocated = h, c.end, c.records, list, c.end
	h.pinned = true
	if k.last {
		s.active = p
		return nil
	}
	p.full = true
	return s.seal(p)
}

// settleTail cuts a pack behind its last whole record and makes durable what
// is not known to be.
func (s *Store) settleTail(p *pack, f vfs.File, c *scan, durable int64) error {
	if c.end == c.size && c.end == durable {
		return nil
	}
	if c.end < c.size {
		if err := f.Truncate(c.end); err != nil {
			return err
		}
	}
	if err := rewrite(&s.codec, f, durable, c.end); err != nil {
		return err
	}
	if err := f.Sync(); err != nil {
		return err
	}
	if durable > 0 {
		return nil
	}
	// Killed between making the name and syncing its directory?
	if err := s.fsys.MkdirAll(packDir(p.id)); err != nil {
		return err
	}
	return s.fsys.SyncDir(packDir(p.id))
}

// seal ends a pack that an unclean stop left without a footer.
func (s *Store) seal(p *pack) error {
	n, err := s.writeFooter(p, p.end)
	if err == nil {
		err = p.h.file.Sync()
	}
	if err != nil {
		return err
	}
	p.sealed, p.entries = true, nil
	p.size = p.end + n
	s.advance(p, p.size)
	s.handles.unpin(p.h)
	return nil
}

// rewrite writes the bytes of a file from off to end once more in their place:
// after a failed sync the page cache may hold bytes that count as clean and
// that the disk does not have.
func rewrite(codec *record.Codec, f vfs.File, off, end int64) error {
	buf := codec.Buffer(1 << 20)
	defer codec.Release(buf)
	for off < end {
		b := (*buf)[:min(int64(len(*buf)), end-off)]
		n, err := readFull(f, b, off)
		if err != nil && !errors.Is(err, errShort) {
			return err
		}
		clear(b[n:]) // the file may end in the padding of its last record
		if _, err := f.WriteAt(b, off); err != nil {
			return err
		}
		off += int64(len(b))
	}
	return nil
}
