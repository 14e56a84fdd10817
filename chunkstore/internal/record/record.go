// Package record is the codec of one record of a pack: a header of 128 bytes,
// the stored bytes, zeros up to a multiple of 8.
//
//	 0  4  magic "SDRC"          40  4  CRC-32C of the stored bytes
//	 4  1  kind                  44  4  key ID, zero
//	 5  1  codec                 48 32  SHA-256 of the raw bytes
//	 6  1  hash algorithm        80 24  nonce, zero
//	 7  1  flags, zero          104 16  tag, zero
//	 8  8  salt of the pack     120  4  reserved, zero
//	16 16  domain               124  4  CRC-32C of bytes 0 to 123
//	32  4  raw length           128  …  stored bytes, zeros
//	36  4  stored length
//
// Integers are little-endian. docs/formats/record.md is the format's page.
//
// Invariants: a header that decodes has passed its CRC, its reserved bytes are
// zero and its lengths agree with its kind and codec; no compressed block
// leaves the encoder without having been decompressed and compared.
//
// It does not know packs or files, and does not compute SHA-256: whoever holds
// the bytes has done so.
package record

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
)

// The sizes of the format, in bytes.
const (
	HeaderSize = 128
	Align      = 8
	MaxRaw     = 16 << 20
)

// The kinds of records. Data and Manifest are chunkstore's own kinds.
const (
	Data     = 1
	Manifest = 2
	Footer   = 254
	Void     = 255
)

// The codecs of the stored bytes.
const (
	Raw = 0
	LZ4 = 1
)

// SHA256 is the only hash algorithm of version 1.
const SHA256 = 1

// Magic begins every record.
const Magic = "SDRC"

var (
	// ErrHeader: these 128 bytes are not a valid header.
	ErrHeader = errors.New("invalid record header")
	// ErrStored: the stored bytes are not those the header speaks of.
	ErrStored = errors.New("stored bytes do not match their checksum")
)

// A Header describes one record.
type Header struct {
	Kind   uint8
	Codec  uint8
	Salt   [8]byte
	Domain [16]byte
	Raw    uint32 // length of the chunk, in bytes
	Stored uint32 // length of the stored bytes, without padding
	CRC    uint32 // CRC-32C of the stored bytes
	Hash   [32]byte
}

// Space is the length of a record with that many stored bytes: header, stored
// bytes and padding.
func Space(stored uint32) int64 {
	return (HeaderSize + int64(stored) + Align - 1) &^ (Align - 1)
}

// Checksum is the CRC-32C of b.
func Checksum(b []byte) uint32 { return crc32.Checksum(b, castagnoli()) }

// castagnoli is the table that hash/crc32 builds once and shares.
func castagnoli() *crc32.Table { return crc32.MakeTable(crc32.Castagnoli) }

// Encode writes the header to the first HeaderSize bytes of dst.
func (h *Header) Encode(dst []byte) {
	dst = dst[:HeaderSize]
	clear(dst)
	copy(dst, Magic)
	dst[4], dst[5], dst[6] = h.Kind, h.Codec, SHA256
	copy(dst[8:], h.Salt[:])
	copy(dst[16:], h.Domain[:])
	binary.LittleEndian.PutUint32(dst[32:], h.Raw)
	binary.LittleEndian.PutUint32(dst[36:], h.Stored)
	binary.LittleEndian.PutUint32(dst[40:], h.CRC)
	copy(dst[48:], h.Hash[:])
	binary.LittleEndian.PutUint32(dst[124:], Checksum(dst[:124]))
}

// Decode reads a header from the first HeaderSize bytes of src. Every error is
// an ErrHeader.
func Decode(src []byte) (Header, error) {
	var h Header
	if len(src) < HeaderSize {
		return h, fmt.Errorf("%w: %d bytes", ErrHeader, len(src))
	}
	src = src[:HeaderSize]
	if string(src[:4]) != Magic {
		return h, fmt.Errorf("%w: magic", ErrHeader)
	}
	if Checksum(src[:124]) != binary.LittleEndian.Uint32(src[124:]) {
		return h, fmt.Errorf("%w: checksum", ErrHeader)
	}
	var zero [48]byte
	if src[7] != 0 || !bytes.Equal(src[44:48], zero[:4]) || !bytes.Equal(src[80:124], zero[:44]) {
		return h, fmt.Errorf("%w: a reserved byte is set", ErrHeader)
	}
	if src[6] != SHA256 {
		return h, fmt.Errorf("%w: hash algorithm %d", ErrHeader, src[6])
	}
	h.Kind, h.Codec = src[4], src[5]
	h.Salt = [8]byte(src[8:16])
	h.Domain = [16]byte(src[16:32])
	h.Raw = binary.LittleEndian.Uint32(src[32:])
	h.Stored = binary.LittleEndian.Uint32(src[36:])
	h.CRC = binary.LittleEndian.Uint32(src[40:])
	h.Hash = [32]byte(src[48:80])
	return h, h.check()
}

// check compares the fields of a header with each other.
func (h *Header) check() error {
	ok := false
	switch h.Kind {
	case Data, Manifest:
		switch h.Codec {
		case Raw:
			ok = h.Raw <= MaxRaw && h.Stored == h.Raw
		case LZ4:
			ok = h.Raw <= MaxRaw && h.Stored < h.Raw && h.Stored > 0
		}
	case Footer:
		ok = h.Codec == Raw && h.Raw <= MaxRaw && h.Stored == h.Raw && h.Domain == [16]byte{}
	case Void:
		ok = h.Codec == Raw && h.Raw == 0 && h.Stored <= 2*MaxRaw && h.CRC == 0 &&
			h.Domain == [16]byte{} && h.Hash == [32]byte{}
	}
	if !ok {
		return fmt.Errorf("%w: kind %d, codec %d, lengths %d and %d", ErrHeader, h.Kind, h.Codec, h.Raw, h.Stored)
	}
	return nil
}

// Padded reports whether the bytes after the stored ones are zero, as they
// have to be. rec is the whole record.
func (h *Header) Padded(rec []byte) bool {
	for _, b := range rec[HeaderSize+int(h.Stored) : Space(h.Stored)] {
		if b != 0 {
			return false
		}
	}
	return true
}
