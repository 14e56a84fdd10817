package chunkstore

import (
	"context"
	"fmt"
	"io"
	"math"
	"sync"
)

const (
	// ahead is how many chunks of a stream are read and verified while an
	// earlier one is written out; readers is by how many goroutines.
	ahead   = 4
	readers = 2
	// cacheBelow is the length of a range up to which the cache of hot chunks is
	// used: a long one would only push out what is hot.
	cacheBelow = 1 << 20
)

// WriteRange writes length bytes from offset off of the content that the
// chunks make up, in order. It reads only the chunks that it needs, each is
// verified as a whole before its first byte is written, and while one is
// written the next are read. An error that comes after the first byte leaves w
// with a part of the range. Errors are those of Get and of w.
func (s *Store) WriteRange(ctx context.Context, w io.Writer, d Domain, chunks []Ref, off, length int64) error {
	pieces, err := cut(chunks, off, length)
	if err != nil {
		return err
	}
	if len(pieces) == 0 {
		return ctx.Err()
	}
	hot := length <= cacheBelow
	if len(pieces) == 1 {
		v, err := s.piece(ctx, d, pieces[0], hot)
		if err != nil {
			return err
		}
		return s.emit(w, pieces[0], v)
	}
	return s.pipe(ctx, w, d, pieces, hot)
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

// pipe reads pieces ahead by a few goroutines and writes them in order.
func (s *Store) pipe(ctx context.Context, w io.Writer, d Domain, pieces []piece, hot bool) error {
	ctx, cancel := context.WithCancel(ctx)
	type result struct {
		v   view
		err error
	}
	// slots[i%ahead] carries piece i; tokens bounds how many are under way.
	slots := make([]chan result, ahead)
	for i := range slots {
		slots[i] = make(chan result, 1)
	}
	todo := make(chan int, ahead)
	var wg sync.WaitGroup
	for range min(readers, len(pieces)) {
		wg.Go(func() {
			for i := range todo {
				v, err := s.piece(ctx, d, pieces[i], hot)
				slots[i%ahead] <- result{v, err}
			}
		})
	}
	given := 0
	for ; given < min(ahead, len(pieces)); given++ {
		todo <- given
	}
	var err error
	taken := 0
	for ; taken < given && err == nil; taken++ {
		r := <-slots[taken%ahead]
		if err = r.err; err == nil {
			err = s.emit(w, pieces[taken], r.v)
		}
		if err == nil && given < len(pieces) {
			todo <- given
			given++
		}
	}
	close(todo)
	cancel()
	for ; taken < given; taken++ {
		r := <-slots[taken%ahead]
		s.codec.Release(r.v.buf)
	}
	wg.Wait()
	return err
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
