package archive

import (
	"encoding/binary"
	"math"
	"time"
)

// A record is what the archive's directory says of one entry. All numbers in an
// archive are little-endian.
type record struct {
	name       string // UTF-8, slashes between the parts; a folder's ends in one
	size       int64
	crc        uint32
	seconds    int64 // of Unix; when the content was changed
	dir        bool
	executable bool
	// told: the local header is complete. Otherwise the sum follows the bytes in a
	// data descriptor, because nobody knew it before they were read.
	told bool
}

// The signatures and lengths of the format (APPNOTE 4.3).
const (
	localSig, localHead     = 0x04034b50, 30
	descriptorSig           = 0x08074b50
	descriptorLen           = 16
	descriptorLen64         = 24
	centralSig, centralHead = 0x02014b50, 46
	end64Sig, end64Len      = 0x06064b50, 56
	locatorSig, locatorLen  = 0x07064b50, 20
	endSig, endLen          = 0x06054b50, 22

	timeExtra  = 9  // 0x5455, length, flags, 4 bytes of seconds
	sizesExtra = 20 // 0x0001, length, two sizes

	flagDescriptor = 1 << 3
	flagUTF8       = 1 << 11

	max32 = math.MaxUint32
	max16 = math.MaxUint16
)

// long reports whether the sizes of an entry at offset have 64 bits: they need
// them, or a descriptor follows and the place needs them. Info-ZIP's unzip takes
// the length of a descriptor from the directory's entry, which then holds a ZIP64
// field for the place; other programs take it from the local header. So both say
// the same.
func (r *record) long(offset int64) bool {
	return r.size >= max32 || !r.told && offset >= max32
}

// dated reports whether the time fits the extended timestamp, which has 32 bits
// with a sign; a later one is told by the DOS fields alone.
func (r *record) dated() bool { return r.seconds >= math.MinInt32 && r.seconds <= math.MaxInt32 }

// localLen is the length of all that stands for the entry before the directory,
// when it lies at offset.
func (r *record) localLen(offset int64) int64 {
	n := localHead + int64(len(r.name)) + r.size
	if r.dated() {
		n += timeExtra
	}
	switch {
	case r.told && r.long(offset):
		n += sizesExtra
	case r.told:
	case r.long(offset):
		n += sizesExtra + descriptorLen64
	default:
		n += descriptorLen
	}
	return n
}

// centralLen is the length of the entry in the directory, when it lies at offset.
func (r *record) centralLen(offset int64) int64 {
	n := centralHead + int64(len(r.name))
	if r.dated() {
		n += timeExtra
	}
	if x := r.centralExtra(offset); x > 0 {
		n += 4 + x
	}
	return n
}

// centralExtra is how many bytes the fields of 64 bits take in the directory.
func (r *record) centralExtra(offset int64) int64 {
	var n int64
	if r.long(offset) {
		n += 16
	}
	if offset >= max32 {
		n += 8
	}
	return n
}

var le = binary.LittleEndian

// common appends the fields that both headers share, from the version needed to
// the length of the name.
func (r *record) common(b []byte, need64 bool) []byte {
	version, flags := uint16(20), uint16(flagUTF8)
	if need64 {
		version = 45
	}
	if !r.told {
		flags |= flagDescriptor
	}
	b = le.AppendUint16(b, version)
	b = le.AppendUint16(b, flags)
	b = le.AppendUint16(b, 0) // stored
	t, d := dosTime(r.seconds)
	b = le.AppendUint16(b, t)
	b = le.AppendUint16(b, d)
	return b
}

// appendLocal appends the local header. Sizes are always told, so that who reads
// the archive as a stream knows where an entry ends; the sum is if r.told.
func (r *record) appendLocal(b []byte, offset int64) []byte {
	b = le.AppendUint32(b, localSig)
	b = r.common(b, r.long(offset))
	crc, size, extra := r.crc, uint32(r.size), 0
	if !r.told {
		crc = 0
	}
	if r.long(offset) {
		size, extra = max32, sizesExtra
	}
	if r.dated() {
		extra += timeExtra
	}
	b = le.AppendUint32(b, crc)
	b = le.AppendUint32(b, size)
	b = le.AppendUint32(b, size)
	b = le.AppendUint16(b, uint16(len(r.name)))
	b = le.AppendUint16(b, uint16(extra))
	b = append(b, r.name...)
	if r.long(offset) {
		b = le.AppendUint16(b, 1)
		b = le.AppendUint16(b, 16)
		b = le.AppendUint64(b, uint64(r.size))
		b = le.AppendUint64(b, uint64(r.size))
	}
	return r.appendTime(b)
}

// appendDescriptor appends what follows the bytes of an entry that is not told.
func (r *record) appendDescriptor(b []byte, offset int64) []byte {
	b = le.AppendUint32(b, descriptorSig)
	b = le.AppendUint32(b, r.crc)
	if r.long(offset) {
		b = le.AppendUint64(b, uint64(r.size))
		return le.AppendUint64(b, uint64(r.size))
	}
	b = le.AppendUint32(b, uint32(r.size))
	return le.AppendUint32(b, uint32(r.size))
}

func (r *record) appendTime(b []byte) []byte {
	if !r.dated() {
		return b
	}
	b = le.AppendUint16(b, 0x5455)
	b = le.AppendUint16(b, 5)
	b = append(b, 1) // the time of modification alone
	return le.AppendUint32(b, uint32(int32(r.seconds)))
}

// appendCentral appends the entry of the directory.
func (r *record) appendCentral(b []byte, offset int64) []byte {
	b = le.AppendUint32(b, centralSig)
	b = le.AppendUint16(b, 3<<8|45) // made by a Unix, by version 4.5 of the format
	b = r.common(b, r.long(offset) || offset >= max32)
	size, at := uint32(r.size), uint32(offset)
	if r.long(offset) {
		size = max32
	}
	if offset >= max32 {
		at = max32
	}
	wide := r.centralExtra(offset)
	extra := int64(0)
	if wide > 0 {
		extra += 4 + wide
	}
	if r.dated() {
		extra += timeExtra
	}
	b = le.AppendUint32(b, r.crc)
	b = le.AppendUint32(b, size)
	b = le.AppendUint32(b, size)
	b = le.AppendUint16(b, uint16(len(r.name)))
	b = le.AppendUint16(b, uint16(extra))
	b = le.AppendUint16(b, 0) // comment
	b = le.AppendUint16(b, 0) // disk
	b = le.AppendUint16(b, 0) // internal attributes
	b = le.AppendUint32(b, r.attributes())
	b = le.AppendUint32(b, at)
	b = append(b, r.name...)
	if wide > 0 {
		b = le.AppendUint16(b, 1)
		b = le.AppendUint16(b, uint16(wide))
		if r.long(offset) {
			b = le.AppendUint64(b, uint64(r.size))
			b = le.AppendUint64(b, uint64(r.size))
		}
		if offset >= max32 {
			b = le.AppendUint64(b, uint64(offset))
		}
	}
	return r.appendTime(b)
}

// attributes are the Unix mode above those of DOS.
func (r *record) attributes() uint32 {
	switch {
	case r.dir:
		return 0o040755<<16 | 0x10
	case r.executable:
		return 0o100755 << 16
	}
	return 0o100644 << 16
}

// endLength is the length of what follows the directory.
func endLength(count, length, offset int64) int64 {
	if wideEnd(count, length, offset) {
		return end64Len + locatorLen + endLen
	}
	return endLen
}

func wideEnd(count, length, offset int64) bool {
	return count >= max16 || length >= max32 || offset >= max32
}

// appendEnd appends what follows a directory of so many entries and bytes that
// begins at offset.
func appendEnd(b []byte, count, length, offset int64) []byte {
	if wideEnd(count, length, offset) {
		b = le.AppendUint32(b, end64Sig)
		b = le.AppendUint64(b, end64Len-12)
		b = le.AppendUint16(b, 3<<8|45)
		b = le.AppendUint16(b, 45)
		b = le.AppendUint32(b, 0)
		b = le.AppendUint32(b, 0)
		b = le.AppendUint64(b, uint64(count))
		b = le.AppendUint64(b, uint64(count))
		b = le.AppendUint64(b, uint64(length))
		b = le.AppendUint64(b, uint64(offset))

		b = le.AppendUint32(b, locatorSig)
		b = le.AppendUint32(b, 0)
		b = le.AppendUint64(b, uint64(offset+length))
		b = le.AppendUint32(b, 1)
	}
	b = le.AppendUint32(b, endSig)
	b = le.AppendUint16(b, 0)
	b = le.AppendUint16(b, 0)
	b = le.AppendUint16(b, uint16(min(count, max16)))
	b = le.AppendUint16(b, uint16(min(count, max16)))
	b = le.AppendUint32(b, uint32(min(length, max32)))
	b = le.AppendUint32(b, uint32(min(offset, max32)))
	return le.AppendUint16(b, 0)
}

// dosTime gives the two fields of MS-DOS, in UTC: from 1980 to 2107, in steps of
// two seconds.
func dosTime(seconds int64) (clock, date uint16) {
	t := time.Unix(seconds, 0).UTC()
	switch {
	case t.Year() < 1980:
		return 0, 1<<5 | 1
	case t.Year() > 2107:
		return 23<<11 | 59<<5 | 29, 127<<9 | 12<<5 | 31
	}
	clock = uint16(t.Hour()<<11 | t.Minute()<<5 | t.Second()/2)
	return clock, uint16((t.Year()-1980)<<9 | int(t.Month())<<5 | t.Day())
}
