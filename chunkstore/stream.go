package chunkstore

import (
	"context"
	"fmt"
	"io"
	"math"
)

// cacheBelow is the length of a range up to which the cache of hot chunks is
// used: a long one would only push out what is hot.
const cacheBelow = 1 << 20

// WriteRange writes length bytes from offset off of the content that the
// chunks make up, in order. It reads only the chunks that it needs, each is
// verified as a whole before its first byte is written. An error that comes
// after the first byte leaves w with a part of the range. Errors are those of
// Get and of w. Of a long range the next chunks are read while w takes the ones
// before them.
func (s *Store) WriteRange(ctx context.Context, w io.Writer, d Domain, chunks []Ref, off, length int64) error {
	pieces, err := cut(chunks, off, length)
	if err != nil {
		return err
	}
	if len(pieces) == 0 {
		return ctx.Err()
	}
	if length > aheadFrom {
		select {
		case s.ahead <- struct{}{}:
			defer func() { <-s.ahead }()
			return s.writeAhead(ctx, w, d, pieces)
		default:
		}
	}
	for _, p := range pieces {
		v, err := s.piece(ctx, d, p, length <= cacheBelow)
		if err == nil {
			err = s.emit(w, p, v)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// A piece is the part of a chunk that a range takes.
type piece struct {
	ref      Ref
	from, to uint32
}

// cut finds the pieces of a range.
func cut(chunks []Ref, off, length int64) ([]piece, error) {
	if off < 0 || length < 0 || off > math.MaxInt64-length {
		return nil, fmt.Errorf("range of %d bytes from offset %d", length, off)
	}
	var pieces []piece
	at, end := int64(0), off+length
	for _, c := range chunks {
		next := at + int64(c.Size)
		if next > off && at < end {
			pieces = append(pieces, piece{c, uint32(max(off-at, 0)), uint32(min(end, next) - at)})
		}
		at = next
	}
	if end > at {
		return nil, fmt.Errorf("range of %d bytes from offset %d of content of %d bytes", length, off, at)
	}
	return pieces, nil
}

// piece loads the chunk of a piece into a pooled buffer.
func (s *Store) piece(ctx context.Context, d Domain, p piece, hot bool) (view, error) {
	if err := s.enter(); err != nil {
		return view{}, err
	}
	defer s.leave()
	k := chunkKey{d, p.ref.Hash}
	if hot {
		if b := s.cache.get(k); len(b) == int(p.ref.Size) && b != nil {
			return view{data: b}, nil
		}
	}
	out := s.codec.Buffer(int(p.ref.Size))
	v, err := s.load(ctx, d, p.ref, *out)
	if err != nil || v.buf != nil {
		s.codec.Release(out)
	} else {
		v.buf = out // decoded into it
	}
	if err == nil && hot {
		s.cache.put(k, v.data)
	}
	return v, err
}

// emit writes a piece's bytes and lets its buffer go.
func (s *Store) emit(w io.Writer, p piece, v view) error {
	defer s.codec.Release(v.buf)
	n, err := w.Write(v.data[p.from:p.to])
	if err == nil && n < int(p.to-p.from) {
		err = io.ErrShortWrite
	}
	return err
}
