package chunkstore

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"sync"

	"scaidrive/chunkstore/internal/record"
	"scaidrive/chunkstore/locator"
	"scaidrive/chunkstore/vfs"
)

// MaxChunk is the longest chunk, in bytes.
const MaxChunk = record.MaxRaw

// Put stores a chunk unless the domain has it. It is readable when Put returns
// and durable after the next Sync. The caller has computed h; data is not kept.
// Errors: ErrReadOnly, ErrNoSpace, ErrClosed, the context's, or the system's;
// after one nothing of the chunk is there.
func (s *Store) Put(ctx context.Context, d Domain, k Kind, h Hash, data []byte) (stored bool, err error) {
	if k != KindData && k != KindManifest {
		return false, fmt.Errorf("put chunk %s: kind %d", h, k)
	}
	if len(data) > MaxChunk {
		return false, fmt.Errorf("put chunk %s: %d bytes are more than %d", h, len(data), MaxChunk)
	}
	if err := s.enter(); err != nil {
		return false, err
	}
	defer s.leave()
	key := chunkKey{d, h}
	if err := s.flights.begin(ctx, key); err != nil {
		return false, err
	}
	defer s.flights.end(key)
	if e, ok := s.present(d, []Hash{h}); ok[0] {
		if int(e[0].Raw) != len(data) {
			return false, fmt.Errorf("put chunk %s: %d bytes, but the stored chunk has %d", h, len(data), e[0].Raw)
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		return false, s.writable()
	}
	hd := record.Header{Kind: uint8(k), Domain: d, Hash: h}
	rec := s.codec.Build(&hd, data)
	defer s.codec.Release(rec)
	if err := s.append(&hd, *rec); err != nil {
		return false, fmt.Errorf("put chunk %s: %w", h, spaceError(err))
	}
	return true, nil
}

// append writes a record whose header is still to be encoded.
func (s *Store) append(hd *record.Header, rec []byte) error {
	s.mu.Lock()
	p, off, err := s.reserve(int64(len(rec)))
	if err != nil {
		s.mu.Unlock()
		return err
	}
	ep := s.epoch
	ep.writes.Add(1)
	s.mu.Unlock()
	defer ep.writes.Done()

	hd.Salt = p.salt
	hd.Encode(rec)
	// One at a time: the kernel has them take turns, too, and its waiting keeps a
	// processor busy.
	p.writing.Lock()
	n, err := p.h.file.WriteAt(rec, off)
	p.writing.Unlock()
	if err == nil && n < len(rec) {
		err = io.ErrShortWrite
	}
	if err != nil {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.giveBack(p, ep, gap{off, int64(len(rec))})
		return err
	}
	e := packEntry{offset: off, raw: hd.Raw, stored: hd.Stored, kind: Kind(hd.Kind), codec: hd.Codec, domain: hd.Domain, hash: hd.Hash}
	s.loc.Add(e.domain, e.hash, e.place(p.id))
	s.mu.Lock()
	defer s.mu.Unlock()
	p.entries = append(p.entries, e)
	return nil
}

func (e *packEntry) place(id PackID) locator.Entry {
	return locator.Entry{
		Pack: uint32(id), Offset: e.offset, Stored: e.stored, Raw: e.raw, Kind: uint8(e.kind), Codec: e.codec,
	}
}

// reserve gives out a place of n bytes in the active pack, with disk space for
// it and for the footer. Called with mu held.
func (s *Store) reserve(n int64) (*pack, int64, error) {
	if err := s.writable(); err != nil {
		return nil, 0, err
	}
	if err := s.fillGaps(); err != nil {
		return nil, 0, err
	}
	p := s.active
	if p != nil && p.records > 0 &&
		(p.records >= maxRecords || p.end+n+footerSpace(p.records+1) > s.opt.PackSize) {
		p.full = true
		s.touch(p)
		s.active, p = nil, nil
	}
	if p == nil {
		var err error
		if p, err = s.beginPack(); err != nil {
			return nil, 0, fmt.Errorf("begin pack: %w", err)
		}
		s.active = p
	}
	if err := s.allocate(p, p.end+n+footerSpace(p.records+1)); err != nil {
		return nil, 0, fmt.Errorf("reserve room in pack %d: %w", p.id, err)
	}
	off := p.end
	p.end += n
	p.records++
	s.touch(p)
	if s.unsynced += n; s.opt.FlushBytes > 0 && s.unsynced >= s.opt.FlushBytes {
		s.poke()
	}
	return p, off, nil
}

// touch puts a pack among those that the next sync is about.
func (s *Store) touch(p *pack) {
	if !p.dirty {
		p.dirty = true
		s.dirty = append(s.dirty, p)
	}
}

// allocate has disk space reserved up to end: in steps, and on a volume that
// is almost full no more than is needed.
func (s *Store) allocate(p *pack, end int64) error {
	if end <= p.allocated {
		return nil
	}
	to := max(end, min(p.allocated+allocStep, s.opt.PackSize))
	err := p.h.file.Allocate(p.allocated, to-p.allocated)
	if err != nil && to > end {
		to = end
		err = p.h.file.Allocate(p.allocated, to-p.allocated)
	}
	if err == nil {
		p.allocated = to
	}
	return err
}

// beginPack makes the next pack: header and name are durable before a record
// is written, so that a pack with records always has a header.
func (s *Store) beginPack() (*pack, error) {
	id := s.next
	p := &pack{id: id, end: packHeadSize}
	if _, err := io.ReadFull(s.opt.Rand, p.salt[:]); err != nil {
		return nil, err
	}
	if err := s.fsys.MkdirAll(packDir(id)); err != nil {
		if !errors.Is(err, vfs.ErrNoSpace) {
			return nil, s.fail(err) // it may have been its sync
		}
		return nil, err
	}
	f, err := s.fsys.Create(packName(id))
	if err != nil {
		if errors.Is(err, fs.ErrExist) {
			s.next++
		}
		return nil, err
	}
	s.next++
	head := packHead{store: s.opt.StoreID, pack: id, salt: p.salt}
	if _, err := f.WriteAt(head.encode(), 0); err != nil {
		// Without a record it means nothing; Open removes what is left.
		return nil, errors.Join(err, f.Close(), s.fsys.Remove(packName(id)))
	}
	if err := f.Sync(); err != nil {
		return nil, errors.Join(s.fail(err), f.Close())
	}
	if err := s.fsys.SyncDir(packDir(id)); err != nil {
		return nil, errors.Join(s.fail(err), f.Close())
	}
	p.synced = packHeadSize
	p.h = s.handles.insert(&handle{file: f, head: head, pack: id, pinned: true})
	s.handles.release(p.h) // pinned, so it stays
	s.packs[id] = p
	return p, nil
}

// giveBack deals with a place whose write failed. The last one is taken back,
// unless a sync may count on it already. Called with mu held.
func (s *Store) giveBack(p *pack, ep *epoch, g gap) {
	if ep == s.epoch && g.off+g.length == p.end {
		p.end = g.off
		p.records--
		return
	}
	p.gaps = append(p.gaps, g)
}

// fillGaps turns failed places into void records. While one cannot be written
// nothing else is. Called with mu held.
func (s *Store) fillGaps() error {
	for _, p := range s.dirty {
		for len(p.gaps) > 0 {
			g := p.gaps[len(p.gaps)-1]
			hd := record.Header{Kind: record.Void, Salt: p.salt, Stored: uint32(g.length - record.HeaderSize)}
			var b [record.HeaderSize]byte
			hd.Encode(b[:])
			_, err := p.h.file.WriteAt(b[:], g.off)
			if end := g.off + g.length; err == nil && g.length > record.HeaderSize {
				// The file has to reach the end of the place: a mark may name it.
				_, err = p.h.file.WriteAt(make([]byte, record.Align), end-record.Align)
			}
			if err != nil {
				return fmt.Errorf("void a failed write: %w", err)
			}
			p.gaps = p.gaps[:len(p.gaps)-1]
		}
	}
	return nil
}

type chunkKey struct {
	domain Domain
	hash   Hash
}

// flights makes concurrent puts of one chunk take turns, so that it is stored
// once.
type flights struct {
	mu sync.Mutex
	on map[chunkKey]chan struct{}
}

// begin waits for its turn.
func (f *flights) begin(ctx context.Context, k chunkKey) error {
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		f.mu.Lock()
		other, ok := f.on[k]
		if !ok {
			if f.on == nil {
				f.on = make(map[chunkKey]chan struct{})
			}
			f.on[k] = make(chan struct{})
			f.mu.Unlock()
			return nil
		}
		f.mu.Unlock()
		select {
		case <-other:
		case <-ctx.Done():
		}
	}
}

func (f *flights) end(k chunkKey) {
	f.mu.Lock()
	defer f.mu.Unlock()
	close(f.on[k])
	delete(f.on, k)
}

// Has reports for each hash whether the domain has a chunk that is not known to
// be damaged.
func (s *Store) Has(ctx context.Context, d Domain, hashes []Hash) ([]bool, error) {
	if err := s.enter(); err != nil {
		return nil, err
	}
	defer s.leave()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	_, ok := s.present(d, hashes)
	return ok, nil
}

// present looks chunks up and leaves out those known to be damaged.
func (s *Store) present(d Domain, hashes []Hash) ([]locator.Entry, []bool) {
	raw := make([][32]byte, len(hashes))
	for i, h := range hashes {
		raw[i] = h
	}
	entries, ok := s.loc.LookupAll(d, raw)
	if s.loc.Damaged() != nil {
		s.poke() // rebuilt in the background: a wrong miss here costs a second copy
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range entries {
		e := &entries[i]
		if !ok[i] {
			continue
		}
		left, lost := s.lost[PackID(e.Pack)]
		ok[i] = !e.Damaged && (!lost || e.Offset+record.Space(e.Stored) <= left)
	}
	return entries, ok
}
