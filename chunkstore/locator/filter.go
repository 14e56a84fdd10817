package locator

import (
	"encoding/binary"
	"hash/crc32"
	"math/bits"
)

const (
	filterMagic   = "SDFILTR1"
	bitsPerKey    = 12
	probes        = 8
	minFilterKeys = 1 << 14
)

// A filter is a Bloom filter that grows by layers, each for twice as many keys
// as the one before. It never says that it has not seen a key that was added.
type filter struct{ layers []layer }

type layer struct {
	words []uint64
	room  uint64 // keys that still fit
}

// newFilter makes a filter with room for about n keys.
func newFilter(n uint64) *filter {
	f := new(filter)
	f.grow(max(n+n/8, minFilterKeys))
	return f
}

func (f *filter) grow(n uint64) {
	f.layers = append(f.layers, layer{make([]uint64, (n*bitsPerKey+63)/64), n})
}

// positions gives the two numbers from which the probes are made.
func positions(k key) (a, b uint64) {
	a = binary.LittleEndian.Uint64(k.hash[:]) ^ uint64(k.domain)*0x9e3779b97f4a7c15
	b = binary.LittleEndian.Uint64(k.hash[8:]) | 1
	return a, b
}

func (f *filter) add(k key) {
	if f.has(k) {
		return
	}
	l := &f.layers[len(f.layers)-1]
	if l.room == 0 {
		f.grow(uint64(len(l.words)) * 64 / bitsPerKey * 2)
		l = &f.layers[len(f.layers)-1]
	}
	l.room--
	a, b := positions(k)
	for range probes {
		i := l.at(a)
		l.words[i/64] |= 1 << (i % 64)
		a += b
	}
}

// at maps a number to a bit of the layer.
func (l *layer) at(a uint64) uint64 {
	hi, _ := bits.Mul64(a, uint64(len(l.words))*64)
	return hi
}

func (f *filter) has(k key) bool {
	for i := range f.layers {
		if f.layers[i].has(k) {
			return true
		}
	}
	return false
}

func (l *layer) has(k key) bool {
	a, b := positions(k)
	for range probes {
		i := l.at(a)
		if l.words[i/64]&(1<<(i%64)) == 0 {
			return false
		}
		a += b
	}
	return true
}

func (f *filter) bytes() int {
	n := 0
	for _, l := range f.layers {
		n += len(l.words) * 8
	}
	return n
}

// encode is the content of the filter's file: magic, store ID, generation,
// number of layers, for each room, number of words, words; CRC-32C.
func (f *filter) encode(id [16]byte, generation uint64) []byte {
	b := make([]byte, 0, 64+f.bytes()+16*len(f.layers))
	b = append(append(b, filterMagic...), id[:]...)
	b = binary.LittleEndian.AppendUint64(b, generation)
	b = binary.LittleEndian.AppendUint32(b, uint32(len(f.layers)))
	for _, l := range f.layers {
		b = binary.LittleEndian.AppendUint64(b, l.room)
		b = binary.LittleEndian.AppendUint64(b, uint64(len(l.words)))
		for _, w := range l.words {
			b = binary.LittleEndian.AppendUint64(b, w)
		}
	}
	return binary.LittleEndian.AppendUint32(b, crc32.Checksum(b, crc32.MakeTable(crc32.Castagnoli)))
}

// parseFilter gives nil for anything but a whole filter of that store and
// generation.
func parseFilter(b []byte, id [16]byte, generation uint64) *filter {
	const head = len(filterMagic) + 16 + 8 + 4
	if len(b) < head+4 {
		return nil
	}
	sum := binary.LittleEndian.Uint32(b[len(b)-4:])
	b = b[:len(b)-4]
	if crc32.Checksum(b, crc32.MakeTable(crc32.Castagnoli)) != sum || string(b[:8]) != filterMagic ||
		[16]byte(b[8:24]) != id || binary.LittleEndian.Uint64(b[24:]) != generation {
		return nil
	}
	f := new(filter)
	n := binary.LittleEndian.Uint32(b[32:])
	b = b[head:]
	for range n {
		if len(b) < 16 {
			return nil
		}
		l := layer{room: binary.LittleEndian.Uint64(b)}
		words := binary.LittleEndian.Uint64(b[8:])
		b = b[16:]
		if words == 0 || words > uint64(len(b))/8 {
			return nil
		}
		l.words = make([]uint64, words)
		for i := range l.words {
			l.words[i] = binary.LittleEndian.Uint64(b[8*i:])
		}
		b = b[8*words:]
		f.layers = append(f.layers, l)
	}
	if len(f.layers) == 0 || len(b) != 0 {
		return nil
	}
	return f
}
