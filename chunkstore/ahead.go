package chunkstore

import (
	"context"
	"io"
	"sync"
)

// Bounds of reading ahead, in bytes, and how many may do it at the same time: a
// stream that does holds up to three batches. Further ones read and write in turn.
const (
	aheadFrom    = 2 << 20 // the shortest range for which it is worth a goroutine
	aheadBatch   = 512 << 10
	aheadStreams = 16
)

// A batch is a run of pieces that were read, up to the one that could not be.
type batch struct {
	pieces []piece
	views  []view
	err    error
}

// writeAhead writes pieces in order, while another goroutine reads the next. They
// meet once a batch, for waking one another is what it costs most.
func (s *Store) writeAhead(ctx context.Context, w io.Writer, d Domain, pieces []piece) error {
	ctx, cancel := context.WithCancel(ctx)
	read := make(chan batch, 1)
	var reader sync.WaitGroup
	reader.Go(func() {
		defer close(read)
		for len(pieces) > 0 {
			b := s.readBatch(ctx, d, pieces)
			pieces = pieces[len(b.views):]
			read <- b
			if b.err != nil {
				return
			}
		}
	})
	defer func() {
		cancel()
		for b := range read {
			s.release(b.views)
		}
		reader.Wait()
	}()
	for b := range read {
		for i, v := range b.views {
			if err := s.emit(w, b.pieces[i], v); err != nil {
				s.release(b.views[i+1:])
				return err
			}
		}
		if b.err != nil {
			return b.err
		}
	}
	return nil
}

func (s *Store) release(views []view) {
	for _, v := range views {
		s.codec.Release(v.buf)
	}
}

func (s *Store) readBatch(ctx context.Context, d Domain, pieces []piece) batch {
	b := batch{pieces: pieces}
	for n := 0; len(b.views) < len(pieces) && n < aheadBatch; n += int(pieces[len(b.views)-1].ref.Size) {
		v, err := s.piece(ctx, d, pieces[len(b.views)], false)
		if err != nil {
			b.err = err
			break
		}
		b.views = append(b.views, v)
	}
	return b
}
