package chunkstore

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"sync"

	"scaidrive/chunkstore/internal/record"
	"scaidrive/chunkstore/locator"
)

// Get returns the chunk's bytes, verified, in dst's storage if it is large
// enough. size is the length the caller expects. Errors: ErrNotFound, which is
// told only when the index is known to be whole; *DamagedError; ErrClosed; the
// context's; or the system's.
func (s *Store) Get(ctx context.Context, d Domain, h Hash, size uint32, dst []byte) ([]byte, error) {
	if err := s.enter(); err != nil {
		return nil, err
	}
	defer s.leave()
	k := chunkKey{d, h}
	if b := s.cache.get(k); b != nil && len(b) == int(size) {
		return append(dst[:0], b...), nil
	}
	v, err := s.load(ctx, d, Ref{h, size}, dst)
	if err != nil {
		return nil, err
	}
	if v.buf != nil { // a raw chunk, still in the buffer it was read into
		v.data = append(dst[:0], v.data...)
		s.codec.Release(v.buf)
	}
	s.cache.put(k, v.data)
	return v.data, nil
}

// A view is a chunk's verified bytes. buf, if not nil, is the pooled buffer
// that they lie in.
type view struct {
	data []byte
	buf  *[]byte
}

// load finds, reads and verifies a chunk. A compressed one is decoded into
// dst; a raw one is left where it was read.
func (s *Store) load(ctx context.Context, d Domain, want Ref, dst []byte) (view, error) {
	if err := ctx.Err(); err != nil {
		return view{}, err
	}
	e, err := s.find(ctx, d, want.Hash)
	if err != nil {
		return view{}, err
	}
	dmg := func(what string, args ...any) error {
		return &DamagedError{d, want.Hash, PackID(e.Pack), e.Offset, fmt.Sprintf(what, args...)}
	}
	if e.Raw != want.Size {
		return view{}, dmg("it is %d bytes long, and %d were expected", e.Raw, want.Size)
	}
	s.mu.Lock()
	left, lost := s.lost[PackID(e.Pack)]
	s.mu.Unlock()
	if lost && e.Offset+record.Space(e.Stored) > left {
		s.condemn(d, want.Hash, e, "the pack is missing, too short or not this store's")
		return view{}, dmg("the pack is missing, too short or not this store's")
	}
	h, err := s.handles.acquire(PackID(e.Pack))
	if err != nil {
		if notExist(err) {
			s.condemn(d, want.Hash, e, "the pack is missing")
			return view{}, dmg("the pack is missing")
		}
		return view{}, fmt.Errorf("open pack %d: %w", e.Pack, err)
	}
	defer s.handles.release(h)
	if h.foreign {
		s.condemn(d, want.Hash, e, h.headErr.Error())
		return view{}, dmg("%v", h.headErr)
	}
	if h.headErr != nil {
		s.damage.add(Damage{Pack: h.pack, Length: packHeadSize, What: h.headErr.Error()})
	}
	v, bad, err := s.read(h, d, want.Hash, e, dst)
	if bad != nil {
		s.condemn(d, want.Hash, e, bad.Error())
	}
	if err != nil {
		return view{}, dmg("%v", err)
	}
	return v, nil
}

// condemn records that a chunk's record is damaged: it counts as missing from
// now on, so that any sender heals it.
func (s *Store) condemn(d Domain, h Hash, e locator.Entry, what string) {
	s.damage.add(Damage{PackID(e.Pack), e.Offset, record.Space(e.Stored), d, h, what})
	s.loc.MarkDamaged(d, h, e)
	s.cache.drop(chunkKey{d, h})
}

// read reads one record and verifies it, a second time when that fails, and at
// last by SHA-256 alone. bad is what is wrong with the record, err that the
// bytes are not to be had: bad without err means right bytes in a damaged record.
func (s *Store) read(h *handle, d Domain, hash Hash, e locator.Entry, dst []byte) (v view, bad, err error) {
	buf := s.codec.Buffer(int(record.Space(e.Stored)))
	for range 2 {
		var n int
		n, bad = readFull(h.file, *buf, e.Offset)
		if errors.Is(bad, errShort) && n >= record.HeaderSize+int(e.Stored) {
			bad = nil // only padding is missing
		}
		if bad == nil {
			v, bad = s.unpack(h, d, hash, e, buf, dst)
		}
		if bad == nil {
			if v.buf == nil {
				s.codec.Release(buf)
			}
			return v, nil, nil
		}
	}
	defer s.codec.Release(buf)
	data, err := record.Inflate(e.Codec, e.Raw, (*buf)[record.HeaderSize:record.HeaderSize+e.Stored], dst)
	if err != nil || sha256.Sum256(data) != hash {
		return view{}, bad, bad
	}
	return view{data: data}, bad, nil
}

// unpack verifies a record that was read against what was asked for.
func (s *Store) unpack(h *handle, d Domain, hash Hash, e locator.Entry, buf *[]byte, dst []byte) (view, error) {
	hd, err := record.Decode(*buf)
	if err != nil {
		return view{}, err
	}
	switch {
	case h.headErr == nil && hd.Salt != h.head.salt:
		return view{}, errors.New("the record belongs to another pack")
	case hd.Domain != d || hd.Hash != hash:
		return view{}, fmt.Errorf("the record is that of chunk %s", Hash(hd.Hash))
	case hd.Raw != e.Raw || hd.Stored != e.Stored:
		return view{}, fmt.Errorf("its lengths are %d and %d, and %d and %d were expected", hd.Raw, hd.Stored, e.Raw, e.Stored)
	}
	stored := (*buf)[record.HeaderSize : record.HeaderSize+hd.Stored]
	if hd.Codec == record.Raw {
		if record.Checksum(stored) != hd.CRC {
			return view{}, record.ErrStored
		}
		return view{stored, buf}, nil
	}
	data, err := s.codec.Unpack(&hd, stored, dst)
	return view{data: data}, err
}

// find gives the place of a chunk. A miss is ErrNotFound only when the index
// is known to be whole; else it is verified, and rebuilt, first.
func (s *Store) find(ctx context.Context, d Domain, h Hash) (locator.Entry, error) {
	e, ok, err := s.loc.Lookup(d, h)
	if ok && err == nil {
		return e, nil
	}
	// A running rebuild is waited for: what it has not reached yet is no miss.
	s.rebuilding.RLock()
	e, ok, err = s.loc.Lookup(d, h)
	certain := err == nil && s.loc.Certain(d, h)
	s.rebuilding.RUnlock()
	if err == nil && (ok || certain) {
		return e, s.found(d, h, ok)
	}
	if err := s.ensureIndex(ctx); err != nil {
		return e, err
	}
	s.rebuilding.RLock()
	defer s.rebuilding.RUnlock()
	e, ok, err = s.loc.Lookup(d, h)
	if err != nil {
		return e, err
	}
	if !ok {
		s.loc.Absent(d, h)
	}
	return e, s.found(d, h, ok)
}

// found is the error of a look-up in a whole index. A chunk that is not in it
// may have been in a part of a pack that cannot be read.
func (s *Store) found(d Domain, h Hash, ok bool) error {
	switch {
	case ok:
		return nil
	case s.blind.Load():
		return &DamagedError{Domain: d, Hash: h, What: "it is not known, and packs are damaged where it may have been"}
	}
	return ErrNotFound
}

func isEOF(err error) bool { return errors.Is(err, io.EOF) }

// damageList keeps what was found damaged since Open, each place once.
type damageList struct {
	mu   sync.Mutex
	seen map[damagePlace]bool
	list []Damage
}

type damagePlace struct {
	pack   PackID
	offset int64
	hash   Hash
}

// maxDamages bounds the list; what comes after is still refused, but not listed.
const maxDamages = 10000

func (l *damageList) add(d Damage) {
	l.mu.Lock()
	defer l.mu.Unlock()
	at := damagePlace{d.Pack, d.Offset, d.Hash}
	if d.Pack == 0 {
		at.hash = sha256.Sum256([]byte(d.What))
	}
	if l.seen[at] || len(l.list) >= maxDamages {
		return
	}
	if l.seen == nil {
		l.seen = make(map[damagePlace]bool)
	}
	l.seen[at] = true
	l.list = append(l.list, d)
}

// Damage lists what was found damaged since Open, by recovery, reads and
// Verify; at most 10,000 entries. What has been healed since is still listed.
func (s *Store) Damage() []Damage {
	s.damage.mu.Lock()
	defer s.damage.mu.Unlock()
	return append([]Damage(nil), s.damage.list...)
}
