package archive

import "encoding/binary"

// A directory remembers the entries that have gone out until it is written at
// the archive's end. It is all of an archive that grows with the number of
// entries, so it is kept small: of a name only what the name before does not
// begin with, of a place nothing, for it follows from the lengths. In memory an
// entry is
//
//	u  bytes of the name before that this one begins with
//	u  length of the rest    …  the rest
//	u  size
//	s  seconds since the entry before
//	1  1: folder, 2: executable, 4: told
//	4  CRC-32, of what is not empty
//
// u is a varint, s one with a sign.
type directory struct {
	blocks  [][]byte // an entry lies in one block
	count   int64
	offset  int64 // where the next entry will lie
	length  int64 // of the directory as it will be written
	name    string
	seconds int64
}

// blockSize of memory: a list that is copied when it grows would need twice that.
const blockSize = 64 << 10

const (
	bitDir = 1 << iota
	bitExecutable
	bitTold
)

// pass counts an entry without remembering it: what is needed to know lengths.
func (d *directory) pass(r *record) {
	d.length += r.centralLen(d.offset)
	d.offset += r.localLen(d.offset)
	d.count++
}

// total is the length of an archive of what was passed.
func (d *directory) total() int64 {
	return d.offset + d.length + endLength(d.count, d.length, d.offset)
}

// add remembers an entry.
func (d *directory) add(r *record) {
	shared := 0
	for shared < len(d.name) && shared < len(r.name) && d.name[shared] == r.name[shared] {
		shared++
	}
	most := len(r.name) - shared + 4*binary.MaxVarintLen64 + 5
	if len(d.blocks) == 0 || cap(d.last())-len(d.last()) < most {
		d.blocks = append(d.blocks, make([]byte, 0, max(blockSize, most)))
	}
	b := d.last()
	b = binary.AppendUvarint(b, uint64(shared))
	b = binary.AppendUvarint(b, uint64(len(r.name)-shared))
	b = append(b, r.name[shared:]...)
	b = binary.AppendUvarint(b, uint64(r.size))
	b = binary.AppendVarint(b, r.seconds-d.seconds)
	var bits byte
	for _, f := range []struct {
		on  bool
		bit byte
	}{{r.dir, bitDir}, {r.executable, bitExecutable}, {r.told, bitTold}} {
		if f.on {
			bits |= f.bit
		}
	}
	b = append(b, bits)
	if r.size > 0 {
		b = le.AppendUint32(b, r.crc)
	}
	d.blocks[len(d.blocks)-1] = b
	d.name, d.seconds = r.name, r.seconds
	d.pass(r)
}

func (d *directory) last() []byte { return d.blocks[len(d.blocks)-1] }

// each calls fn for the entries in order, with the place of each. The record is
// fn's until it returns.
func (d *directory) each(fn func(r *record, offset int64) error) error {
	var r record
	var name []byte
	var offset int64
	for _, b := range d.blocks {
		for len(b) > 0 {
			shared := take(&b)
			rest := take(&b)
			name = append(name[:shared], b[:rest]...)
			b = b[rest:]
			r.name = string(name)
			r.size = int64(take(&b))
			delta, n := binary.Varint(b)
			r.seconds += delta
			bits := b[n]
			b = b[n+1:]
			r.dir, r.executable, r.told = bits&bitDir != 0, bits&bitExecutable != 0, bits&bitTold != 0
			r.crc = 0
			if r.size > 0 {
				r.crc = le.Uint32(b)
				b = b[4:]
			}
			if err := fn(&r, offset); err != nil {
				return err
			}
			offset += r.localLen(offset)
		}
	}
	return nil
}

func take(b *[]byte) uint64 {
	v, n := binary.Uvarint(*b)
	*b = (*b)[n:]
	return v
}
