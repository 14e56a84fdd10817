package locator

import (
	"encoding/binary"
	"hash/crc32"

	"github.com/cespare/xxhash/v2"
)

const (
	version   = 1
	valueSize = 24
	stateSize = 72
	keySize   = 36
)

// The names of the buckets, which their checks cover too.
const (
	bucketState   = "state"
	bucketDomains = "domains"
	bucketPacks   = "packs"
	bucketChunks  = "chunks"
)

const flagDamaged = 1

func (k key) append(b []byte) []byte {
	return append(binary.BigEndian.AppendUint32(b, k.domain), k.hash[:]...)
}

func parseKey(b []byte) (k key, ok bool) {
	if len(b) != keySize {
		return k, false
	}
	return key{binary.BigEndian.Uint32(b), [32]byte(b[4:])}, true
}

// seal appends the check of a value that stands under k in a bucket.
func seal(bucket string, k, v []byte) []byte {
	return binary.LittleEndian.AppendUint32(v, check(bucket, k, v))
}

// open gives the value without its check, or false when that does not hold.
func open(bucket string, k, v []byte) ([]byte, bool) {
	if len(v) < 4 {
		return nil, false
	}
	body := v[:len(v)-4]
	return body, check(bucket, k, body) == binary.LittleEndian.Uint32(v[len(v)-4:])
}

func check(bucket string, k, v []byte) uint32 {
	var buf [128]byte
	b := append(append(append(buf[:0], bucket...), k...), v...)
	return crc32.Checksum(b, crc32.MakeTable(crc32.Castagnoli))
}

func (e Entry) append(k, b []byte) []byte {
	n := len(b)
	b = binary.LittleEndian.AppendUint32(b, e.Pack)
	b = binary.LittleEndian.AppendUint32(b, uint32(e.Offset/8))
	b = binary.LittleEndian.AppendUint32(b, e.Stored)
	b = binary.LittleEndian.AppendUint32(b, e.Raw)
	flags := byte(0)
	if e.Damaged {
		flags = flagDamaged
	}
	b = append(b, e.Kind, e.Codec, flags, 0)
	return binary.LittleEndian.AppendUint32(b, check(bucketChunks, k, b[n:]))
}

func parseEntry(k, v []byte) (e Entry, ok bool) {
	if len(v) != valueSize {
		return e, false
	}
	v, ok = open(bucketChunks, k, v)
	if !ok || v[18]&^flagDamaged != 0 || v[19] != 0 {
		return e, false
	}
	return Entry{
		Pack:    binary.LittleEndian.Uint32(v),
		Offset:  int64(binary.LittleEndian.Uint32(v[4:])) * 8,
		Stored:  binary.LittleEndian.Uint32(v[8:]),
		Raw:     binary.LittleEndian.Uint32(v[12:]),
		Kind:    v[16],
		Codec:   v[17],
		Damaged: v[18]&flagDamaged != 0,
	}, true
}

// A digest is an order-free sum over entries.
type digest [2]uint64

func (d *digest) add(k, v []byte) {
	a, b := hashes(k, v)
	d[0] += a
	d[1] += b
}

func (d *digest) sub(k, v []byte) {
	a, b := hashes(k, v)
	d[0] -= a
	d[1] -= b
}

func hashes(k, v []byte) (uint64, uint64) {
	var buf [96]byte
	b := append(append(append(buf[:0], 0x5d), k...), v...)
	return xxhash.Sum64(b[1:]), xxhash.Sum64(b)
}

// state is the file's own account of itself.
type state struct {
	generation uint64
	count      uint64
	digest     digest
	domains    uint32
	packs      uint32
	small      uint64 // digest of domains and packs
}

func (s *state) encode(id [16]byte) []byte {
	b := make([]byte, 0, stateSize)
	b = binary.LittleEndian.AppendUint32(b, version)
	b = append(b, id[:]...)
	b = binary.LittleEndian.AppendUint64(b, s.generation)
	b = binary.LittleEndian.AppendUint64(b, s.count)
	b = binary.LittleEndian.AppendUint64(b, s.digest[0])
	b = binary.LittleEndian.AppendUint64(b, s.digest[1])
	b = binary.LittleEndian.AppendUint32(b, s.domains)
	b = binary.LittleEndian.AppendUint32(b, s.packs)
	b = binary.LittleEndian.AppendUint64(b, s.small)
	return seal(bucketState, []byte(bucketState), b)
}

func parseState(v []byte, id [16]byte) (s state, ok bool) {
	if len(v) != stateSize {
		return s, false
	}
	v, ok = open(bucketState, []byte(bucketState), v)
	if !ok || binary.LittleEndian.Uint32(v) != version || [16]byte(v[4:20]) != id {
		return s, false
	}
	return state{
		generation: binary.LittleEndian.Uint64(v[20:]),
		count:      binary.LittleEndian.Uint64(v[28:]),
		digest:     digest{binary.LittleEndian.Uint64(v[36:]), binary.LittleEndian.Uint64(v[44:])},
		domains:    binary.LittleEndian.Uint32(v[52:]),
		packs:      binary.LittleEndian.Uint32(v[56:]),
		small:      binary.LittleEndian.Uint64(v[60:]),
	}, true
}

func domainKV(d [16]byte, n uint32) (k, v []byte) {
	k = d[:]
	return k, seal(bucketDomains, k, binary.LittleEndian.AppendUint32(nil, n))
}

func packKV(pack uint32, c Cover) (k, v []byte) {
	k = binary.BigEndian.AppendUint32(nil, pack)
	v = binary.LittleEndian.AppendUint64(nil, uint64(c.Length))
	if c.Sealed {
		v = append(v, 1)
	} else {
		v = append(v, 0)
	}
	return k, seal(bucketPacks, k, v)
}

// smallDigest is the digest of the two small buckets.
func smallDigest(domains map[[16]byte]uint32, packs map[uint32]Cover) uint64 {
	var d digest
	for dom, n := range domains {
		d.add(domainKV(dom, n))
	}
	for p, c := range packs {
		d.add(packKV(p, c))
	}
	return d[0]
}
