package manifest

import "encoding/binary"

// The formats, little-endian (docs/formats/manifest.md):
//
//	node   0  4  magic "SDML"
//	       4  1  version, 1
//	       5  1  level: 0 a segment, 1 to 7 a list of nodes one level below
//	       6  2  reserved, zero
//	       8  4  number of entries, 1 to 1024
//	      12  4  reserved, zero
//	      16  8  number of chunks below
//	      24  8  sum of their sizes
//	      32  …  entries
//
//	entry of a segment         entry of a list
//	       0 32  SHA-256              0 32  SHA-256 of the node
//	      32  4  size                32  4  its length in bytes
//	                                 36  8  number of chunks below it
//	                                 44  8  sum of their sizes
//
//	head   0 32  as a node, level 255, one entry
//	      32 32  SHA-256 over the list of chunks
//	      64 52  the entry of the top node
//	     116  1  the top node's level
//	     117 11  reserved, zero
const (
	magic      = "SDML"
	version    = 1
	headerSize = 32
	chunkSize  = 36
	childSize  = 52
	levelHead  = 255
)

// A child is an entry of a list: a node and what lies below it. A segment's
// entries are kept as children too, each of one chunk.
type child struct {
	hash   [32]byte
	size   uint32 // of the node, or the chunk, in bytes
	chunks uint64
	bytes  uint64
}

func chunkChild(c Chunk) child { return child{c.Hash, c.Size, 1, uint64(c.Size)} }

func entrySize(level int) int {
	if level == 0 {
		return chunkSize
	}
	return childSize
}

func appendHeader(b []byte, level byte, entries []child) []byte {
	var chunks, bytes uint64
	for i := range entries {
		chunks += entries[i].chunks
		bytes += entries[i].bytes
	}
	b = append(b, magic...)
	b = append(b, version, level, 0, 0)
	b = binary.LittleEndian.AppendUint32(b, uint32(len(entries)))
	b = binary.LittleEndian.AppendUint32(b, 0)
	b = binary.LittleEndian.AppendUint64(b, chunks)
	return binary.LittleEndian.AppendUint64(b, bytes)
}

func appendNode(b []byte, level int, entries []child) []byte {
	b = appendHeader(b, byte(level), entries)
	for i := range entries {
		b = appendEntry(b, level, &entries[i])
	}
	return b
}

func appendEntry(b []byte, level int, e *child) []byte {
	b = append(b, e.hash[:]...)
	b = binary.LittleEndian.AppendUint32(b, e.size)
	if level > 0 {
		b = binary.LittleEndian.AppendUint64(b, e.chunks)
		b = binary.LittleEndian.AppendUint64(b, e.bytes)
	}
	return b
}

func appendHead(b []byte, digest [32]byte, level int, top child) []byte {
	b = appendHeader(b, levelHead, []child{top})
	b = append(b, digest[:]...)
	b = appendEntry(b, 1, &top)
	b = append(b, byte(level))
	return append(b, make([]byte, HeadSize-len(b))...)
}

// header checks the first 32 bytes and gives the number of entries.
func header(b []byte, level byte) (count uint32, chunks, bytes uint64, err error) {
	if len(b) < headerSize {
		return 0, 0, 0, malformed("%d bytes are too short", len(b))
	}
	if string(b[:4]) != magic || b[4] != version {
		return 0, 0, 0, malformed("not a node of version %d", version)
	}
	if b[5] != level {
		return 0, 0, 0, malformed("level %d in the place of %d", b[5], level)
	}
	count = binary.LittleEndian.Uint32(b[8:])
	if b[6]|b[7] != 0 || binary.LittleEndian.Uint32(b[12:]) != 0 {
		return 0, 0, 0, malformed("reserved bytes are set")
	}
	return count, binary.LittleEndian.Uint64(b[16:]), binary.LittleEndian.Uint64(b[24:]), nil
}

// decodeNode reads a node of a known level into dst's storage.
func decodeNode(b []byte, level int, dst []child) ([]child, error) {
	count, chunks, bytes, err := header(b, byte(level))
	if err != nil {
		return nil, err
	}
	size := entrySize(level)
	if count < 1 || count > maxNode || len(b) != headerSize+int(count)*size {
		return nil, malformed("%d entries in %d bytes", count, len(b))
	}
	dst = dst[:0]
	for p := b[headerSize:]; len(p) > 0; p = p[size:] {
		e, err := decodeEntry(p, level)
		if err != nil {
			return nil, err
		}
		if n := len(dst); n > 0 && ends(n-1, &dst[n-1].hash) {
			return nil, malformed("it goes on behind its end at entry %d", n)
		}
		chunks -= e.chunks
		bytes -= e.bytes
		dst = append(dst, e)
	}
	// At most 1024 entries of at most 2^32 chunks and 2^53 bytes: no sum wraps.
	if chunks != 0 || bytes != 0 {
		return nil, malformed("the sums are not those of the entries")
	}
	return dst, nil
}

func decodeEntry(p []byte, level int) (child, error) {
	e := child{size: binary.LittleEndian.Uint32(p[32:]), chunks: 1}
	copy(e.hash[:], p)
	e.bytes = uint64(e.size)
	if level > 0 {
		e.chunks = binary.LittleEndian.Uint64(p[36:])
		e.bytes = binary.LittleEndian.Uint64(p[44:])
	}
	if e.size == 0 || e.chunks == 0 || e.chunks > MaxChunks || e.bytes < e.chunks || e.bytes > maxBytes {
		return child{}, malformed("an entry of %d bytes with %d chunks and %d bytes below", e.size, e.chunks, e.bytes)
	}
	return e, nil
}

// decodeHead reads a head.
func decodeHead(b []byte) (digest [32]byte, level int, top child, err error) {
	count, chunks, bytes, err := header(b, levelHead)
	if err != nil {
		return digest, 0, top, err
	}
	if count != 1 || len(b) != HeadSize {
		return digest, 0, top, malformed("a head of %d bytes with %d entries", len(b), count)
	}
	if top, err = decodeEntry(b[64:], 1); err != nil {
		return digest, 0, top, err
	}
	level = int(b[116])
	for _, z := range b[117:] {
		if z != 0 {
			return digest, 0, top, malformed("reserved bytes are set")
		}
	}
	if level > maxLevel || chunks != top.chunks || bytes != top.bytes || chunks <= MaxInline {
		return digest, 0, top, malformed("a head over %d chunks at level %d, whose top has %d", chunks, level, top.chunks)
	}
	copy(digest[:], b[32:])
	return digest, level, top, nil
}
