// Package sha2x computes SHA-256 of two messages at a time on one core.
//
// The processor's instructions for SHA-256 each wait for the one before: one
// message leaves half of the unit idle. Two that have nothing to do with each
// other fill it, and take hardly longer than one. Where the processor or its
// instructions are others, the same functions hash one message after the other.
//
// Invariants: every result is that of crypto/sha256, which also does what is left
// over. Nothing is kept of the messages. It starts no goroutines.
package sha2x

import (
	"crypto/sha256"
	"encoding"
	"encoding/binary"
	"hash"
	"sync"
)

// The form in which crypto/sha256 gives its state away.
const (
	magic     = "sha\x03"
	stateSize = len(magic) + sha256.Size + sha256.BlockSize + 8
)

// paired tells whether two at a time can be had, which it tries once.
var paired = sync.OnceValue(func() bool { return capable() && works() })

// works compares the instructions, and crypto/sha256's form of a state, with
// crypto/sha256's own result.
func works() bool {
	var data [2*sha256.BlockSize + 1]byte
	for i := range data {
		data[i] = byte(i * 7)
	}
	h := sha256.New()
	if _, ok := stateOf(h, 0); !ok {
		return false
	}
	a, b := initial, initial
	blocks2(&a, &b, &data[0], &data[1], 2)
	for i, s := range []*[8]uint32{&a, &b} {
		if !resume(h, s, 2*sha256.BlockSize) || [32]byte(h.Sum(nil)) != sha256.Sum256(data[i:i+2*sha256.BlockSize]) {
			return false
		}
	}
	return true
}

// initial is the state before the first block.
var initial = [8]uint32{0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19}

// stateOf takes the state out of a hash that has had n bytes, a number of whole
// blocks.
func stateOf(h hash.Hash, n uint64) (s [8]uint32, ok bool) {
	a, ok := h.(encoding.BinaryAppender)
	if !ok {
		return s, false
	}
	var room [stateSize]byte
	b, err := a.AppendBinary(room[:0])
	if err != nil || len(b) != stateSize || string(b[:len(magic)]) != magic || binary.BigEndian.Uint64(b[stateSize-8:]) != n {
		return s, false
	}
	for i := range s {
		s[i] = binary.BigEndian.Uint32(b[len(magic)+4*i:])
	}
	return s, true
}

// resume makes h one that has had n bytes, a number of whole blocks, with the
// state s behind them.
func resume(h hash.Hash, s *[8]uint32, n uint64) bool {
	u, ok := h.(encoding.BinaryUnmarshaler)
	if !ok {
		return false
	}
	var room [stateSize]byte
	b := append(room[:0], magic...)
	for _, v := range s {
		b = binary.BigEndian.AppendUint32(b, v)
	}
	b = append(b, make([]byte, sha256.BlockSize)...)
	return u.UnmarshalBinary(binary.BigEndian.AppendUint64(b, n)) == nil
}

// Sums puts the SHA-256 of each message into the sums at its place, which are at
// least as many.
func Sums(sums [][sha256.Size]byte, messages [][]byte) {
	if len(messages) < 2 || !paired() {
		for i, m := range messages {
			sums[i] = sha256.Sum256(m)
		}
		return
	}
	q := queue{sums: sums, messages: messages}
	var a, b lane
	for a.fill(&q) && b.fill(&q) {
		step(&a, &b)
	}
	a.alone()
	b.alone()
}

// A Stream is the hash of one message that comes in pieces.
type Stream struct {
	h hash.Hash
	n uint64
}

// NewStream begins a message.
func NewStream() *Stream { return &Stream{h: sha256.New()} }

// Write adds a piece. It never fails.
func (s *Stream) Write(p []byte) (int, error) {
	s.n += uint64(len(p))
	return s.h.Write(p)
}

// WriteBeside is Write of p, and Sums of some messages at the same time. Those
// may be parts of p.
func (s *Stream) WriteBeside(p []byte, sums [][sha256.Size]byte, messages [][]byte) {
	q := queue{sums: sums, messages: messages}
	if len(messages) > 0 && len(p) >= 2*sha256.BlockSize && paired() {
		if over := int(s.n % sha256.BlockSize); over > 0 {
			_, _ = s.Write(p[:sha256.BlockSize-over])
			p = p[sha256.BlockSize-over:]
		}
		if state, ok := stateOf(s.h, s.n); ok {
			a, b := lane{state: state, data: p}, lane{}
			for len(a.data) >= sha256.BlockSize && b.fill(&q) {
				step(&a, &b)
			}
			s.n += uint64(len(p) - len(a.data))
			p = a.data
			resume(s.h, &a.state, s.n)
			b.alone()
		}
	}
	_, _ = s.Write(p)
	Sums(q.sums[q.next:], q.messages[q.next:])
}

// WriteBoth adds a piece to two streams at the same time.
func WriteBoth(s, t *Stream, p []byte) {
	if len(p) < 3*sha256.BlockSize || !paired() {
		_, _ = s.Write(p)
		_, _ = t.Write(p)
		return
	}
	streams := [2]*Stream{s, t}
	var rest [2][]byte
	for i, to := range streams {
		over := -to.n % sha256.BlockSize
		_, _ = to.Write(p[:over])
		rest[i] = p[over:]
	}
	if first, ok := stateOf(s.h, s.n); ok {
		if second, ok := stateOf(t.h, t.n); ok {
			a, b := lane{state: first, data: rest[0]}, lane{state: second, data: rest[1]}
			step(&a, &b)
			for i, l := range []*lane{&a, &b} {
				streams[i].n += uint64(len(rest[i]) - len(l.data))
				resume(streams[i].h, &l.state, streams[i].n)
				rest[i] = l.data
			}
		}
	}
	for i, to := range streams {
		_, _ = to.Write(rest[i])
	}
}

// MarshalBinary gives the state of a stream away, in the form of crypto/sha256.
func (s *Stream) MarshalBinary() ([]byte, error) {
	return s.h.(encoding.BinaryMarshaler).MarshalBinary()
}

// UnmarshalBinary has the stream go on from a state that crypto/sha256 or
// MarshalBinary gave.
func (s *Stream) UnmarshalBinary(state []byte) error {
	if err := s.h.(encoding.BinaryUnmarshaler).UnmarshalBinary(state); err != nil {
		return err
	}
	s.n = binary.BigEndian.Uint64(state[len(state)-8:])
	return nil
}

// Sum is the hash of what was written.
func (s *Stream) Sum() (sum [sha256.Size]byte) {
	s.h.Sum(sum[:0])
	return sum
}

// A queue is the messages that no lane has begun.
type queue struct {
	sums     [][sha256.Size]byte
	messages [][]byte
	next     int
}

// A lane is one of the two messages that go at a time.
type lane struct {
	state  [8]uint32
	data   []byte // what is not in state yet
	sum    *[sha256.Size]byte
	length uint64
	padded bool
	end    [2 * sha256.BlockSize]byte // what is behind the last whole block, padded
}

// fill has the lane stand before a whole block, if need be of the queue's next
// message; false: there is none.
func (l *lane) fill(q *queue) bool {
	for len(l.data) < sha256.BlockSize {
		switch {
		case l.sum != nil && !l.padded:
			l.pad()
			continue
		case l.sum != nil:
			for i, v := range l.state {
				binary.BigEndian.PutUint32(l.sum[4*i:], v)
			}
			l.sum = nil
		}
		if q.next == len(q.messages) {
			return false
		}
		m := q.messages[q.next]
		l.state, l.data, l.sum, l.length, l.padded = initial, m, &q.sums[q.next], uint64(len(m)), false
		q.next++
	}
	return true
}

// pad has the message end as SHA-256 wants it: a one bit, zeros, its length in bits.
func (l *lane) pad() {
	n := copy(l.end[:], l.data)
	l.end[n] = 0x80
	clear(l.end[n+1:])
	size := sha256.BlockSize
	if n+1+8 > size {
		size *= 2
	}
	binary.BigEndian.PutUint64(l.end[size-8:size], 8*l.length)
	l.data, l.padded = l.end[:size], true
}

// alone brings the lane to the end of its message. The other half of the unit does
// the same work for nobody.
func (l *lane) alone() {
	var none queue
	for l.sum != nil && l.fill(&none) {
		nobody := lane{data: l.data}
		step(l, &nobody)
	}
}

// step takes as many blocks from both lanes as both have.
func step(a, b *lane) {
	n := min(len(a.data), len(b.data)) / sha256.BlockSize
	blocks2(&a.state, &b.state, &a.data[0], &b.data[0], n)
	a.data, b.data = a.data[n*sha256.BlockSize:], b.data[n*sha256.BlockSize:]
}
