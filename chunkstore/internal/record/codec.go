package record

import (
	"bytes"
	"fmt"
	"slices"
	"sync"

	"github.com/pierrec/lz4/v4"

	own "scaidrive/chunkstore/internal/lz4"
)

// minCompress is the length below which compression is not tried.
const minCompress = 64

// A Codec turns chunks into stored bytes and back. It keeps buffers and
// compressors for reuse. The zero value is ready; safe for concurrent use.
type Codec struct {
	buffers     sync.Pool // *[]byte
	compressors sync.Pool // *own.Encoder
}

// Buffer gives a slice of length n with undefined content. Give it back with
// Release, or let it go.
func (c *Codec) Buffer(n int) *[]byte {
	b, _ := c.buffers.Get().(*[]byte)
	if b == nil || cap(*b) < n {
		// Sizes are rounded up, so that a buffer fits the next chunk too.
		s := make([]byte, n, (n+64<<10-1)&^(64<<10-1))
		return &s
	}
	*b = (*b)[:n]
	return b
}

// Release gives a buffer back; nothing may refer to its bytes any more.
func (c *Codec) Release(b *[]byte) {
	if b != nil && cap(*b) <= 2<<20 {
		c.buffers.Put(b)
	}
}

// Build makes the record of a chunk: h gets codec, lengths and checksum, and
// the buffer returned holds the whole record but for its header, which the
// caller encodes once it knows the salt. The caller releases the buffer.
func (c *Codec) Build(h *Header, data []byte) *[]byte {
	h.Raw = uint32(len(data))
	buf := c.Buffer(int(Space(h.Raw)))
	if n := c.compress((*buf)[HeaderSize:], data); n > 0 {
		h.Codec, h.Stored = LZ4, uint32(n)
	} else {
		h.Codec, h.Stored = Raw, h.Raw
		copy((*buf)[HeaderSize:], data)
	}
	stored := (*buf)[HeaderSize : HeaderSize+h.Stored]
	h.CRC = Checksum(stored)
	*buf = (*buf)[:Space(h.Stored)]
	clear((*buf)[HeaderSize+h.Stored:])
	return buf
}

// compress puts the LZ4 block of data into dst and returns its length, or 0
// when it does not save a sixteenth or does not decompress to the same bytes.
//
// Encoder and decoder are of different hands, so what one has wrong the other finds.
func (c *Codec) compress(dst, data []byte) int {
	if len(data) < minCompress || looksRandom(data) {
		return 0
	}
	z, _ := c.compressors.Get().(*own.Encoder)
	if z == nil {
		z = new(own.Encoder)
	}
	n := z.Compress(dst[:len(data)-len(data)/16], data)
	c.compressors.Put(z)
	if n == 0 {
		return 0
	}
	back := c.Buffer(len(data))
	defer c.Release(back)
	m, err := lz4.UncompressBlock(dst[:n], *back)
	if err != nil || m != len(data) || !bytes.Equal(*back, data) {
		return 0
	}
	return n
}

// looksRandom reports whether the bytes of a sample are as even as random ones
// are. What is packed or encrypted already is found out by it in a tenth of the
// time that the compressor takes; what repeats random bytes within a chunk is
// taken for random, too, and stored as it is.
func looksRandom(data []byte) bool {
	const (
		pieces, length = 64, 64
		// A byte comes expected times. The sum of squared differences over that
		// is 255 on average, and above 400 once in ten million times; that of
		// text is above 10,000.
		expected = pieces * length / 256
		most     = 400
	)
	if len(data) < 8*pieces*length {
		return false
	}
	var counts [256]int
	for i := range pieces {
		for _, c := range data[len(data)/pieces*i:][:length] {
			counts[c]++
		}
	}
	sum := 0
	for _, n := range counts {
		sum += (n - expected) * (n - expected)
	}
	return sum <= most*expected
}

// Unpack verifies the stored bytes by the header's checksum and decodes them
// into dst's storage if it is large enough. Every error is an ErrStored.
func (c *Codec) Unpack(h *Header, stored, dst []byte) ([]byte, error) {
	if len(stored) != int(h.Stored) {
		return nil, fmt.Errorf("%w: %d bytes of %d", ErrStored, len(stored), h.Stored)
	}
	if Checksum(stored) != h.CRC {
		return nil, ErrStored
	}
	return Inflate(h.Codec, h.Raw, stored, dst)
}

// Inflate decodes stored bytes without a checksum. Every error is an ErrStored.
func Inflate(codec uint8, raw uint32, stored, dst []byte) ([]byte, error) {
	if raw > MaxRaw {
		return nil, fmt.Errorf("%w: length %d", ErrStored, raw)
	}
	dst = slices.Grow(dst[:0], int(raw))[:raw]
	switch codec {
	case Raw:
		if len(stored) != int(raw) {
			return nil, fmt.Errorf("%w: %d bytes of %d", ErrStored, len(stored), raw)
		}
		copy(dst, stored)
		return dst, nil
	case LZ4:
		n, err := lz4.UncompressBlock(stored, dst)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrStored, err)
		}
		if n != int(raw) {
			return nil, fmt.Errorf("%w: decompressed to %d bytes of %d", ErrStored, n, raw)
		}
		return dst, nil
	}
	return nil, fmt.Errorf("%w: codec %d", ErrStored, codec)
}
