package meta

import (
	"encoding/binary"
	"errors"
	"slices"

	"github.com/cespare/xxhash/v2"

	"scaidrive/engine/meta/schema"
)

// A stored value is the payload in an envelope (docs/formats/metadata.md):
//
//	0   1  version, 1
//	1  16  check: two 64-bit sums, big-endian
//	17  n  payload
//
// Each sum is XXH64 with a seed of its own over version, table u16, key length
// u32, key, payload. So a value answers for its table and its key, and the check
// of a record is also what it adds to its table's digest.
const (
	envelopeVersion = 1
	envelopeSize    = 17

	seedA = 0x5ca1d81e6d657461
	seedB = 0x9e3779b97f4a7c15
)

// A check is the two sums over one record.
type check [2]uint64

func checkOf(table schema.Table, key, payload []byte) (c check) {
	var head [7]byte
	head[0] = envelopeVersion
	binary.BigEndian.PutUint16(head[1:], uint16(table))
	binary.BigEndian.PutUint32(head[3:], uint32(len(key)))
	var d xxhash.Digest
	for i, seed := range [2]uint64{seedA, seedB} {
		d.ResetWithSeed(seed)
		d.Write(head[:])
		d.Write(key)
		d.Write(payload)
		c[i] = d.Sum64()
	}
	return c
}

func appendEnvelope(b []byte, c check, payload []byte) []byte {
	b = append(b, envelopeVersion)
	b = binary.BigEndian.AppendUint64(b, c[0])
	b = binary.BigEndian.AppendUint64(b, c[1])
	return append(b, payload...)
}

var errBadValue = errors.New("a value's check does not hold")

// openEnvelope verifies a stored value; k is the key with its table in front.
// The payload points into raw.
func openEnvelope(k, raw []byte) (payload []byte, c check, err error) {
	if len(k) < 2 || len(raw) < envelopeSize || raw[0] != envelopeVersion {
		return nil, c, errBadValue
	}
	payload = raw[envelopeSize:]
	c = check{binary.BigEndian.Uint64(raw[1:]), binary.BigEndian.Uint64(raw[9:])}
	if checkOf(tableOf(k), k[2:], payload) != c {
		return nil, c, errBadValue
	}
	return payload, c, nil
}

// tableOf is the table in front of a stored key.
func tableOf(k []byte) schema.Table { return schema.Table(binary.BigEndian.Uint16(k)) }

// fullKey puts the table in front of a key.
func fullKey(b []byte, t schema.Table, key []byte) []byte {
	return append(binary.BigEndian.AppendUint16(b, uint16(t)), key...)
}

// A Tally is what a table holds: how many records, and their digest.
type Tally struct {
	Table  schema.Table
	Count  uint64
	Digest [2]uint64
}

func (t *Tally) add(c check) {
	t.Count++
	t.Digest[0] += c[0]
	t.Digest[1] += c[1]
}

func (t *Tally) remove(c check) {
	t.Count--
	t.Digest[0] -= c[0]
	t.Digest[1] -= c[1]
}

// tallies are sorted by table. A table without records has none, or a zero one.
type tallies []Tally

func (ts *tallies) of(t schema.Table) *Tally {
	i, ok := slices.BinarySearchFunc(*ts, t, func(a Tally, t schema.Table) int { return int(a.Table) - int(t) })
	if !ok {
		*ts = slices.Insert(*ts, i, Tally{Table: t})
	}
	return &(*ts)[i]
}

// get is of without making one.
func (ts tallies) get(t schema.Table) Tally {
	for _, ta := range ts {
		if ta.Table == t {
			return ta
		}
	}
	return Tally{Table: t}
}
