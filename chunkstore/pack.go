package chunkstore

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"scaidrive/chunkstore/internal/record"
)

// The pack format; docs/formats/pack.md draws it.
const (
	packVersion   = 1
	packMagic     = "SDPACK\r\n"
	trailerMagic  = "SDPKEND\n"
	packHeadSize  = 64
	entrySize     = 64
	trailerSize   = 64
	maxRecords    = 262144   // a footer of 16 MiB
	maxPackLength = 32 << 30 // offsets are 32 bits of 8 bytes
	packsDir      = "packs"
)

var errPackHeader = errors.New("invalid pack header")

// A packHead is what begins a pack.
type packHead struct {
	store [16]byte
	pack  PackID
	salt  [8]byte
}

func (h *packHead) encode() []byte {
	b := make([]byte, packHeadSize)
	copy(b, packMagic)
	binary.LittleEndian.PutUint32(b[8:], packVersion)
	copy(b[16:], h.store[:])
	binary.LittleEndian.PutUint32(b[32:], uint32(h.pack))
	copy(b[40:], h.salt[:])
	binary.LittleEndian.PutUint32(b[60:], record.Checksum(b[:60]))
	return b
}

// decodePackHead reads a pack's header. An error is an errPackHeader when the
// bytes are damaged, and an ErrFormat when they are of a later version.
func decodePackHead(b []byte) (h packHead, err error) {
	if len(b) < packHeadSize || string(b[:8]) != packMagic ||
		record.Checksum(b[:60]) != binary.LittleEndian.Uint32(b[60:]) {
		return h, errPackHeader
	}
	var zero [16]byte
	v := binary.LittleEndian.Uint32(b[8:])
	if v != packVersion || !bytes.Equal(b[12:16], zero[:4]) || !bytes.Equal(b[36:40], zero[:4]) ||
		!bytes.Equal(b[48:60], zero[:12]) {
		return h, fmt.Errorf("%w: version %d, flags %x", ErrFormat, v, b[12:16])
	}
	h.store = [16]byte(b[16:32])
	h.pack = PackID(binary.LittleEndian.Uint32(b[32:]))
	h.salt = [8]byte(b[40:48])
	return h, nil
}

// A packEntry is one line of a pack's footer: a chunk and its place.
type packEntry struct {
	offset int64
	raw    uint32
	stored uint32
	kind   Kind
	codec  uint8
	domain Domain
	hash   Hash
}

func (e *packEntry) end() int64 { return e.offset + record.Space(e.stored) }

func (e *packEntry) append(b []byte) []byte {
	b = binary.LittleEndian.AppendUint32(b, uint32(e.offset/record.Align))
	b = binary.LittleEndian.AppendUint32(b, e.raw)
	b = binary.LittleEndian.AppendUint32(b, e.stored)
	b = append(b, byte(e.kind), e.codec, record.SHA256, 0)
	b = append(b, e.domain[:]...)
	return append(b, e.hash[:]...)
}

func parsePackEntry(b []byte) (e packEntry, ok bool) {
	e = packEntry{
		offset: int64(binary.LittleEndian.Uint32(b)) * record.Align,
		raw:    binary.LittleEndian.Uint32(b[4:]),
		stored: binary.LittleEndian.Uint32(b[8:]),
		kind:   Kind(b[12]),
		codec:  b[13],
		domain: Domain(b[16:32]),
		hash:   Hash(b[32:64]),
	}
	return e, b[14] == record.SHA256 && b[15] == 0
}

// footerSpace is what a footer record of n entries and the trailer take.
func footerSpace(n int) int64 { return record.Space(uint32(n*entrySize)) + trailerSize }

// encodeFooter makes the bytes that seal a pack whose records end at off. The
// entries are in order of offset.
func encodeFooter(pack PackID, salt [8]byte, off int64, entries []packEntry) []byte {
	b := make([]byte, record.HeaderSize, footerSpace(len(entries)))
	for i := range entries {
		b = entries[i].append(b)
	}
	table := b[record.HeaderSize:]
	h := record.Header{
		Kind: record.Footer, Codec: record.Raw, Salt: salt,
		Raw: uint32(len(table)), Stored: uint32(len(table)),
		CRC: record.Checksum(table), Hash: sha256.Sum256(table),
	}
	h.Encode(b)
	t := make([]byte, trailerSize)
	copy(t, trailerMagic)
	binary.LittleEndian.PutUint32(t[8:], packVersion)
	binary.LittleEndian.PutUint32(t[12:], uint32(pack))
	copy(t[16:], salt[:])
	binary.LittleEndian.PutUint64(t[24:], uint64(off))
	binary.LittleEndian.PutUint32(t[32:], uint32(len(entries)))
	binary.LittleEndian.PutUint32(t[60:], record.Checksum(t[:60]))
	return append(b, t...)
}

// A packTrailer ends a sealed pack and says where its footer is.
type packTrailer struct {
	pack   PackID
	salt   [8]byte
	footer int64
	count  int
}

// decodeTrailer reads the trailer of a pack that is size bytes long.
func decodeTrailer(b []byte, size int64) (t packTrailer, ok bool) {
	if len(b) < trailerSize || string(b[:8]) != trailerMagic ||
		record.Checksum(b[:60]) != binary.LittleEndian.Uint32(b[60:]) ||
		binary.LittleEndian.Uint32(b[8:]) != packVersion || !bytes.Equal(b[36:60], make([]byte, 24)) {
		return t, false
	}
	t.pack = PackID(binary.LittleEndian.Uint32(b[12:]))
	t.salt = [8]byte(b[16:24])
	t.footer = int64(binary.LittleEndian.Uint64(b[24:]))
	t.count = int(binary.LittleEndian.Uint32(b[32:]))
	return t, t.count <= maxRecords && t.footer >= packHeadSize && t.footer+footerSpace(t.count) == size
}

// decodeFooter reads the entries of a footer record and trailer, as
// encodeFooter made them at t.footer.
func decodeFooter(b []byte, t packTrailer) ([]packEntry, error) {
	h, err := record.Decode(b)
	if err != nil {
		return nil, err
	}
	if h.Kind != record.Footer || h.Salt != t.salt || int(h.Stored) != t.count*entrySize {
		return nil, fmt.Errorf("%w: not the footer that the trailer names", record.ErrHeader)
	}
	table := b[record.HeaderSize : record.HeaderSize+int(h.Stored)]
	if record.Checksum(table) != h.CRC || sha256.Sum256(table) != h.Hash {
		return nil, record.ErrStored
	}
	entries := make([]packEntry, 0, t.count)
	at := int64(packHeadSize)
	for ; len(table) > 0; table = table[entrySize:] {
		e, ok := parsePackEntry(table)
		if !ok || e.offset < at || e.end() > t.footer {
			return nil, fmt.Errorf("%w: entry of the footer", record.ErrStored)
		}
		at = e.end()
		entries = append(entries, e)
	}
	return entries, nil
}

// packDir and packName are where a pack lies below the store's root.
func packDir(id PackID) string  { return fmt.Sprintf("%s/%02x", packsDir, uint32(id)>>8) }
func packName(id PackID) string { return fmt.Sprintf("%s/%08x.pack", packDir(id), uint32(id)) }

// parsePackName gives the pack of a file in a sub-folder of packs.
func parsePackName(dir, name string) (PackID, bool) {
	hex, ok := strings.CutSuffix(name, ".pack")
	if !ok || len(hex) != 8 {
		return 0, false
	}
	n, err := strconv.ParseUint(hex, 16, 32)
	if err != nil || n == 0 {
		return 0, false
	}
	id := PackID(n)
	return id, packName(id) == packsDir+"/"+dir+"/"+name
}
