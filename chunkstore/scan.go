package chunkstore

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"

	"scaidrive/chunkstore/internal/record"
	"scaidrive/chunkstore/vfs"
)

// A scan walks the records of one pack from its header on.
type scan struct {
	codec *record.Codec
	file  vfs.File
	pack  PackID
	size  int64
	// salt is the pack's; without one (its header is damaged) any will do.
	salt   [8]byte
	salted bool

	// durable is how far a bad record is damage and the search goes on behind
	// it; beyond it the walk ends at the first bad record.
	durable int64
	// deep checks the stored bytes of each record, full their SHA-256 too.
	// Beyond durable the bytes are always checked.
	deep, full bool

	visit  func(packEntry) error
	damage func(Damage)

	window []byte // bytes read ahead, from winOff
	winOff int64
	step   int64 // length of the last record: small ones are read ahead

	// What the walk found.
	end     int64 // end of the last whole record
	records int   // places given out, voids included
	sealed  bool
	bad     bool // there was damage
	trailer packTrailer
	closed  bool // the trailer is valid
	// unreadable is the error of reading the trailer.
	unreadable error
}

// A place is one record found by a scan.
type place struct {
	off int64
	h   record.Header
}

func (p *place) end() int64 { return p.off + record.Space(p.h.Stored) }

// run walks all records. Its error is that of visit or the context's; what is
// wrong with the records, or cannot be read, goes to damage.
func (c *scan) run(cancelled func() error) error {
	c.readTrailer()
	c.end = packHeadSize
	for c.end < c.size {
		if err := cancelled(); err != nil {
			return err
		}
		p, err := c.at(c.end)
		if err == nil && p.h.Kind == record.Footer {
			if err = c.footer(p); err == nil {
				c.end, c.sealed = c.size, true
				return nil
			}
		}
		if err != nil {
			if c.end >= c.durable {
				if !isBad(err) {
					// It may be readable another time: damage, and nothing is cut.
					c.hurt(Damage{Pack: c.pack, Offset: c.end, Length: c.size - c.end, What: err.Error()})
				}
				return nil
			}
			next, rerr := c.resync(c.end+record.Align, cancelled)
			if rerr != nil {
				return rerr
			}
			c.hurt(Damage{Pack: c.pack, Offset: c.end, Length: next - c.end, What: err.Error()})
			c.end = next
			continue
		}
		if err := c.take(p); err != nil {
			return err
		}
	}
	return nil
}

func (c *scan) hurt(d Damage) {
	c.bad = true
	c.damage(d)
}

// take passes a whole record on.
func (c *scan) take(p place) error {
	c.step = p.end() - c.end
	c.end = p.end()
	c.records++
	if p.h.Kind == record.Void {
		return nil
	}
	return c.visit(packEntry{
		offset: p.off, raw: p.h.Raw, stored: p.h.Stored, kind: Kind(p.h.Kind), codec: p.h.Codec,
		domain: p.h.Domain, hash: p.h.Hash,
	})
}

// A badRecord says what is wrong with the bytes at a place. Another error is
// that of reading them.
type badRecord struct{ what error }

func (e *badRecord) Error() string { return e.what.Error() }
func (e *badRecord) Unwrap() error { return e.what }

func isBad(err error) bool {
	var b *badRecord
	return errors.As(err, &b)
}

// read fills b from off, at the second try if need be. An end of file before is
// an errShort.
func (c *scan) read(b []byte, off int64) (int, error) {
	n, err := readFull(c.file, b, off)
	if err != nil && !errors.Is(err, errShort) {
		n, err = readFull(c.file, b, off)
	}
	return n, err
}

// at reads and judges the record at off. An error that is not a badRecord is
// that of reading.
func (c *scan) at(off int64) (place, error) {
	head, err := c.bytes(off, record.HeaderSize)
	if err != nil {
		return place{}, err
	}
	p := place{off: off}
	p.h, err = record.Decode(head)
	if err == nil && c.salted && p.h.Salt != c.salt {
		err = errors.New("the record belongs to another pack")
	}
	if err == nil && off+record.HeaderSize+int64(p.h.Stored) > c.size {
		err = errShort
	}
	if err != nil {
		return place{}, &badRecord{err}
	}
	if !c.salted {
		c.salt, c.salted = p.h.Salt, true
	}
	if p.h.Kind == record.Footer || p.h.Kind == record.Void {
		return p, nil
	}
	if c.deep || c.full || p.end() > c.durable {
		err = c.check(&p, c.full)
	}
	return p, err
}

// check reads a record's stored bytes and verifies them. Damage of one record
// below the durable length is reported, and is no error: its place is known.
func (c *scan) check(p *place, full bool) error {
	buf := c.codec.Buffer(int(record.Space(p.h.Stored)))
	defer c.codec.Release(buf)
	n, err := c.read(*buf, p.off)
	if errors.Is(err, errShort) && n >= record.HeaderSize+int(p.h.Stored) {
		clear((*buf)[n:])
		err = nil
	}
	if err == nil {
		if err = c.verify(p, *buf, full); err == nil {
			return nil
		}
		err = &badRecord{err}
	}
	if p.off >= c.durable {
		return err
	}
	c.hurt(Damage{c.pack, p.off, record.Space(p.h.Stored), p.h.Domain, p.h.Hash, err.Error()})
	return nil
}

func (c *scan) verify(p *place, rec []byte, full bool) error {
	stored := rec[record.HeaderSize : record.HeaderSize+p.h.Stored]
	if !full {
		if record.Checksum(stored) != p.h.CRC {
			return record.ErrStored
		}
		return nil
	}
	out := c.codec.Buffer(int(p.h.Raw))
	defer c.codec.Release(out)
	data, err := c.codec.Unpack(&p.h, stored, *out)
	if err != nil {
		return err
	}
	if sha256.Sum256(data) != p.h.Hash {
		return errors.New("the bytes do not have the SHA-256 of the chunk")
	}
	if !p.h.Padded(rec) {
		return errors.New("the bytes behind the record are not zero")
	}
	return nil
}

// readTrailer looks whether the pack ends in a valid trailer.
func (c *scan) readTrailer() {
	if c.size < packHeadSize+footerSpace(0) {
		return
	}
	b := make([]byte, trailerSize)
	if _, err := c.read(b, c.size-trailerSize); err != nil {
		c.unreadable = err
		return
	}
	t, ok := decodeTrailer(b, c.size)
	if ok && t.pack == c.pack && (!c.salted || t.salt == c.salt) {
		c.trailer, c.closed = t, true
		if !c.salted {
			c.salt, c.salted = t.salt, true
		}
	}
}

// entries reads the footer that the trailer names.
func (c *scan) entries() ([]packEntry, error) {
	if !c.closed {
		return nil, &badRecord{errors.New("the pack has no trailer")}
	}
	b := make([]byte, c.size-c.trailer.footer)
	if _, err := c.read(b, c.trailer.footer); err != nil {
		return nil, err
	}
	list, err := decodeFooter(b, c.trailer)
	if err != nil {
		return nil, &badRecord{err}
	}
	return list, nil
}

// footer judges a footer record met on the walk: the trailer has to name it.
func (c *scan) footer(p place) error {
	if c.unreadable != nil {
		return c.unreadable
	}
	if !c.closed || c.trailer.footer != p.off {
		return &badRecord{errors.New("a footer without its trailer")}
	}
	_, err := c.entries()
	return err
}

// resync finds the next whole record from off on whose bytes have the SHA-256
// that its header names, or a footer that the trailer names; else the end.
func (c *scan) resync(off int64, cancelled func() error) (int64, error) {
	const ahead = 1 << 20
	for base := off; base < c.size; base += ahead {
		if err := cancelled(); err != nil {
			return 0, err
		}
		buf := make([]byte, min(ahead+record.HeaderSize, c.size-base))
		if _, err := c.read(buf, base); err != nil {
			continue // what cannot be read is part of the damage
		}
		for i := 0; i+record.HeaderSize <= len(buf) && i < ahead; {
			j := bytes.Index(buf[i:], []byte(record.Magic))
			if j < 0 || i+j >= ahead {
				break
			}
			i += j
			if i%record.Align == 0 && c.genuine(base+int64(i), buf[i:]) {
				return base + int64(i), nil
			}
			i++
		}
	}
	return c.size, nil
}

// genuine reports whether a record that a search came upon is one.
func (c *scan) genuine(off int64, head []byte) bool {
	h, err := record.Decode(head)
	if err != nil || c.salted && h.Salt != c.salt {
		return false
	}
	p := place{off, h}
	if off+record.HeaderSize+int64(h.Stored) > c.size {
		return false
	}
	switch h.Kind {
	case record.Void:
		return true
	case record.Footer:
		return c.footer(p) == nil
	}
	buf := c.codec.Buffer(int(record.Space(h.Stored)))
	defer c.codec.Release(buf)
	n, err := c.read(*buf, off)
	if err != nil && !(errors.Is(err, errShort) && n >= record.HeaderSize+int(h.Stored)) {
		return false
	}
	clear((*buf)[n:])
	return c.verify(&p, *buf, true) == nil
}

// bytes gives n bytes at off, reading ahead where records are small.
func (c *scan) bytes(off, n int64) ([]byte, error) {
	if off >= c.winOff && off+n <= c.winOff+int64(len(c.window)) {
		return c.window[off-c.winOff:][:n], nil
	}
	if off+n > c.size {
		return nil, &badRecord{fmt.Errorf("%w a header at offset %d", errShort, off)}
	}
	size := n
	if c.step > 0 && c.step < 16<<10 {
		size = min(64<<10, c.size-off)
	}
	if int64(cap(c.window)) < size {
		c.window = make([]byte, size)
	}
	c.window = c.window[:size]
	if _, err := c.read(c.window, off); err != nil {
		c.window = c.window[:0]
		if errors.Is(err, errShort) {
			return nil, &badRecord{err}
		}
		return nil, err
	}
	c.winOff = off
	return c.window[:n], nil
}

// sniffSalt finds the salt of a pack whose header is damaged in what must be
// its first record.
func (c *scan) sniffSalt() {
	b := make([]byte, record.HeaderSize)
	if _, err := c.read(b, packHeadSize); err != nil {
		return
	}
	if h, err := record.Decode(b); err == nil {
		c.salt, c.salted = h.Salt, true
	}
}
