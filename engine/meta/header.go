package meta

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"

	"scaidrive/engine/meta/oplog"
	"scaidrive/engine/meta/schema"
)

// A header says which state a database or snapshot holds, big-endian:
//
//	 0   4  magic "SDMH"
//	 4   2  version, 1
//	 6   2  number of tables n
//	 8  16  store ID
//	24   8  LSN of the last frame folded in
//	32  32  that frame's check
//	64 26n  for each table, ascending: table u16, count u64, digest 2 × u64
//	 +  32  SHA-256 over the bytes before
type header struct {
	store   [16]byte
	pos     oplog.Position
	tallies tallies
}

const (
	headerMagic   = "SDMH"
	headerVersion = 1
)

func (h *header) encode() []byte {
	b := make([]byte, 0, 64+26*len(h.tallies)+32)
	b = append(b, headerMagic...)
	b = binary.BigEndian.AppendUint16(b, headerVersion)
	b = binary.BigEndian.AppendUint16(b, uint16(len(h.tallies)))
	b = append(b, h.store[:]...)
	b = binary.BigEndian.AppendUint64(b, h.pos.LSN)
	b = append(b, h.pos.Chain[:]...)
	for _, t := range h.tallies {
		b = binary.BigEndian.AppendUint16(b, uint16(t.Table))
		b = binary.BigEndian.AppendUint64(b, t.Count)
		b = binary.BigEndian.AppendUint64(b, t.Digest[0])
		b = binary.BigEndian.AppendUint64(b, t.Digest[1])
	}
	sum := sha256.Sum256(b)
	return append(b, sum[:]...)
}

var errBadHeader = errors.New("the header record does not hold")

func decodeHeader(b []byte) (*header, error) {
	if len(b) < 96 || string(b[:4]) != headerMagic || binary.BigEndian.Uint16(b[4:]) != headerVersion {
		return nil, errBadHeader
	}
	n := int(binary.BigEndian.Uint16(b[6:]))
	if len(b) != 96+26*n || sha256.Sum256(b[:len(b)-32]) != [32]byte(b[len(b)-32:]) {
		return nil, errBadHeader
	}
	h := &header{store: [16]byte(b[8:24])}
	h.pos.LSN = binary.BigEndian.Uint64(b[24:])
	h.pos.Chain = oplog.Chain(b[32:64])
	for at := 64; n > 0; n, at = n-1, at+26 {
		t := Tally{
			Table:  schema.Table(binary.BigEndian.Uint16(b[at:])),
			Count:  binary.BigEndian.Uint64(b[at+2:]),
			Digest: [2]uint64{binary.BigEndian.Uint64(b[at+10:]), binary.BigEndian.Uint64(b[at+18:])},
		}
		if k := len(h.tallies); k > 0 && h.tallies[k-1].Table >= t.Table {
			return nil, errBadHeader
		}
		h.tallies = append(h.tallies, t)
	}
	return h, nil
}
