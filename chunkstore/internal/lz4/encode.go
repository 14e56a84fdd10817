// Package lz4 compresses chunks as LZ4 blocks, in the format that every LZ4 decoder
// reads. It does not decode, and makes no frames.
//
// It is the fast search of one candidate a position, as the format's author has it,
// with a table of 16,384 places: chunks are some 192 KiB, and a match may lie 64 KiB
// back, of which the usual 4,096 places forget most. Longer matches are fewer, so
// that it is quicker for it.
//
// Invariants:
//   - what is written decodes to the source, and lies in dst;
//   - nothing outside of the source is read: why, stands where it is read.
//
// Callers don't rely on the first, they decode and compare.
package lz4

import (
	"encoding/binary"
	"math"
	"math/bits"
)

const (
	tableBits = 14

	minMatch = 4

	// The format wants the last match to begin 12 bytes before the end at the latest,
	// and five literals behind it. No match begins in the last tail bytes here, so
	// that 16 can be read where one begins.
	tail         = 16
	lastLiterals = 5

	// A search that finds nothing skips ahead: after so many steps (as a power of
	// two) by one more.
	patience = 6
)

// An Encoder is the memory of a compression, for reuse. The zero value is ready;
// for one goroutine at a time.
type Encoder struct {
	// By hash, the lower half of the position that had it last: a match lies less
	// than 65,536 bytes back, so that is enough to tell how far.
	table [1 << tableBits]uint16
}

// hash is of the lowest five bytes of v.
func hash(v uint64) uint32 {
	return uint32(v << 24 * 0xcf1bbcdcbb >> (64 - tableBits))
}

// Compress writes the block of src to dst and gives its length: 0 where it does not
// fit, or would only by a few bytes. They don't overlap. What lies behind the block in
// dst is undefined.
func (e *Encoder) Compress(dst, src []byte) int {
	n := len(src)
	if n > math.MaxInt32 {
		return 0
	}
	if n <= tail {
		return closing(dst, src, 0)
	}
	clear(e.table[:])
	s := wordsOf(src)
	// A position is read at when it is end at most. A candidate is not above the
	// position that it is for, nor below 0: the table knows only positions passed, and
	// 0. So eight bytes can be read at both, and at end+1.
	end, limit := n-tail, n-lastLiterals
	di := 0     // where the next sequence goes
	anchor := 0 // the first byte that no sequence has
	for at := 1; ; {
		// Look for a position whose first bytes were seen.
		v := s.load64(at)
		h := hash(v)
		var match int
		next, steps := at, 1<<patience
		for {
			at = next
			next = at + steps>>patience
			steps++
			if next > end {
				return closing(dst, src[anchor:], di)
			}
			back := uint16(at) - e.table[h]
			match = at - int(back)
			e.table[h] = uint16(at)
			first := uint32(v)
			v = s.load64(next)
			h = hash(v)
			if s.load32(match) == first && back != 0 {
				break
			}
		}
		for at > anchor && match > 0 && src[at-1] == src[match-1] {
			at--
			match--
		}
		literals := at - anchor
		if di+literals+literals/255+24 > len(dst) {
			return 0
		}
		token := di
		di++
		code := byte(literals << 4)
		if literals < 15 {
			// anchor is end at most, and the match takes what is too much.
			binary.LittleEndian.PutUint64(dst[di:], s.load64(anchor))
			binary.LittleEndian.PutUint64(dst[di+8:], s.load64(anchor+8))
			di += literals
		} else {
			code = 0xf0
			di = putLength(dst, di, literals-15)
			di += copy(dst[di:], src[anchor:at])
		}
		for { // the match, and those that follow without literals
			binary.LittleEndian.PutUint16(dst[di:], uint16(at-match))
			di += 2
			length := s.common(at+minMatch, match+minMatch, limit)
			at += minMatch + length
			if length < 15 {
				dst[token] = code | byte(length)
			} else {
				if di+length/255+1 > len(dst) {
					return 0
				}
				dst[token] = code | 15
				di = putLength(dst, di, length-15)
			}
			anchor = at
			if at > end {
				return closing(dst, src[anchor:], di)
			}
			e.table[hash(s.load64(at-2))] = uint16(at - 2)
			v := s.load64(at)
			h := hash(v)
			back := uint16(at) - e.table[h]
			match = at - int(back)
			e.table[h] = uint16(at)
			if s.load32(match) != uint32(v) || back == 0 {
				break
			}
			if di+3 > len(dst) {
				return 0
			}
			token, code = di, 0
			di++
		}
		at++
	}
}

// common is how many bytes are equal from at on and from match on, which is below
// at; only bytes before limit count.
func (s words) common(at, match, limit int) int {
	from := at
	for ; at+8 <= limit; at, match = at+8, match+8 {
		if x := s.load64(at) ^ s.load64(match); x != 0 {
			return at - from + bits.TrailingZeros64(x)/8
		}
	}
	for ; at < limit && s.load8(at) == s.load8(match); at, match = at+1, match+1 {
	}
	return at - from
}

// putLength writes what a length has beyond the 15 that its token tells.
func putLength(dst []byte, di, n int) int {
	for ; n >= 255; n -= 255 {
		dst[di] = 255
		di++
	}
	dst[di] = byte(n)
	return di + 1
}

// closing writes the last sequence, which is literals alone, and gives the length of
// the block.
func closing(dst, literals []byte, di int) int {
	n := len(literals)
	if di+n+n/255+2 > len(dst) {
		return 0
	}
	if n < 15 {
		dst[di] = byte(n << 4)
		di++
	} else {
		dst[di] = 0xf0
		di = putLength(dst, di+1, n-15)
	}
	return di + copy(dst[di:], literals)
}
