package split

import (
	"crypto/sha256"
	"io"
)

// A Chunk is a piece of a stream. Data is valid until the next call of the
// Splitter that gave it; Offset is where it begins, in bytes.
type Chunk struct {
	Hash   [sha256.Size]byte
	Data   []byte
	Offset int64
}

// A Splitter cuts what it reads. It holds at most three times the set's Max in
// memory, less for short streams. Not safe for concurrent use.
type Splitter struct {
	set    Set
	r      io.Reader
	buf    []byte // of which [start:end] is read and not yet given out
	start  int
	end    int
	offset int64 // of start in the stream
	err    error // of the last read; io.EOF at the end
}

// firstBuffer is the size of a new Splitter's buffer, in bytes: enough for most
// files of a source tree.
const firstBuffer = 64 << 10

// maxEmptyReads is how many reads without bytes or error are borne in a row.
const maxEmptyReads = 100

// NewSplitter cuts r by a set.
func NewSplitter(set Set, r io.Reader) *Splitter { return &Splitter{set: set, r: r} }

// Reset goes on with another stream, keeping the buffer.
func (s *Splitter) Reset(r io.Reader) {
	*s = Splitter{set: s.set, r: r, buf: s.buf}
}

// Next gives the next chunk, valid until the next call. At the end it is
// io.EOF; an empty stream has no chunks. Any other error is the reader's: what
// was read and not yet given out is no chunk then, and the error stays.
func (s *Splitter) Next() ([]byte, error) {
	for s.end-s.start < s.set.Max && s.err == nil {
		s.fill()
	}
	if s.err != nil && s.err != io.EOF {
		return nil, s.err
	}
	n := s.set.Cut(s.buf[s.start:s.end], s.err == io.EOF)
	if n == 0 {
		return nil, io.EOF
	}
	chunk := s.buf[s.start : s.start+n : s.start+n]
	s.start += n
	s.offset += int64(n)
	return chunk, nil
}

// NextHashed is Next with the chunk's SHA-256.
func (s *Splitter) NextHashed() (Chunk, error) {
	at := s.offset
	data, err := s.Next()
	if err != nil {
		return Chunk{}, err
	}
	return Chunk{Hash: sha256.Sum256(data), Data: data, Offset: at}, nil
}

// fill reads once, after making room for it: by moving what is left to the
// front, or by a larger buffer while it is not full size.
func (s *Splitter) fill() {
	if s.end == len(s.buf) {
		limit := 3 * s.set.Max
		if len(s.buf) < limit {
			size := min(max(firstBuffer, 2*len(s.buf)), limit)
			grown := make([]byte, size)
			s.end = copy(grown, s.buf[s.start:s.end])
			s.buf = grown
		} else {
			s.end = copy(s.buf, s.buf[s.start:s.end])
		}
		s.start = 0
	}
	for range maxEmptyReads {
		n, err := s.r.Read(s.buf[s.end:])
		if n < 0 || n > len(s.buf)-s.end {
			panic("split: a reader returned an impossible count")
		}
		s.end += n
		s.err = err
		if n > 0 || err != nil {
			return
		}
	}
	s.err = io.ErrNoProgress
}
