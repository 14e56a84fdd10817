package transfer

import (
	"bytes"
	"context"
	"io"
	"sync"
	"sync/atomic"

	"scaidrive/chunkstore/split"
	"scaidrive/chunkstore/split/sha2x"
	"scaidrive/engine"
)

// The bounds of one upload. Its memory is blocksInFlight blocks, whatever its
// length.
const (
	smallBlock     = 64 << 10
	framesBlock    = 1 << 20 // holds a chunk of any length
	largeBlock     = 2 << 20
	blocksInFlight = 4
	chunkWorkers   = 2
	chunksAtATime  = 4 // that a worker hashes together
)

// A block is a stretch of a stream in memory. Chunks are slices of it; it goes
// back to its pool when the last user has dropped it.
type block struct {
	buf  []byte
	refs atomic.Int32
	back func(*block)
}

func (b *block) hold() { b.refs.Add(1) }

func (b *block) drop() {
	if b.refs.Add(-1) == 0 {
		b.back(b)
	}
}

// blocks are the pools of buffers that all transfers share.
type blocks struct{ smallOnes, groupOnes, chunkOnes, framesOnes, largeOnes sync.Pool }

func take(pool *sync.Pool, size int) *block {
	b, _ := pool.Get().(*block)
	if b == nil {
		b = &block{buf: make([]byte, size)}
		b.back = func(b *block) { pool.Put(b) }
	}
	b.refs.Store(1)
	return b
}

func (p *blocks) small() *block            { return take(&p.smallOnes, smallBlock) }
func (p *blocks) group() *block            { return take(&p.groupOnes, groupBytes) }
func (p *blocks) chunk(longest int) *block { return take(&p.chunkOnes, longest) }
func (p *blocks) frames() *block           { return take(&p.framesOnes, framesBlock) }
func (p *blocks) large() *block            { return take(&p.largeOnes, largeBlock) }

// pipeline is an upload of more than one block: this goroutine reads and cuts,
// one hashes what came, and some hash and store chunks.
type pipeline struct {
	s      *Service
	p      *engine.Principal
	set    split.Set
	goesOn bool          // the content goes on behind this stream
	own    *sha2x.Stream // has what came; nil where nobody asks for it
	size   int64         // of what came
	cancel context.CancelFunc

	free   chan struct{} // a token for each block that may be in use
	chunks chan chunkJob
	whole  chan wholeJob

	mu   sync.Mutex
	err  error
	add  func(context.Context, engine.Chunk) error // takes the chunks in order
	next int                                       // the first chunk that add has not had
	done map[int]engine.Chunk                      // stored ahead of it; bounded by the blocks in use
}

type chunkJob struct {
	at    int
	data  []byte
	block *block
}

type wholeJob struct {
	data  []byte
	block *block
}

// ingestMany stores a stream that begins with a full first block.
func (s *Service) ingestMany(ctx context.Context, p *engine.Principal, set split.Set, first *block, r io.Reader) (engine.Content, error) {
	list := s.newList(p, set.Name)
	sum := sha2x.NewStream()
	u := &pipeline{s: s, p: p, set: set, add: list.add}
	if _, err := u.run(ctx, first, first.buf, 0, r, sum); err != nil {
		return engine.Content{}, err
	}
	content, err := list.finish(ctx)
	if err != nil {
		return engine.Content{}, err
	}
	content.HashState = engine.HashVerified
	content.SHA256 = sum.Sum()
	return content, nil
}

// run takes first, of which head is the beginning of the stream and so many
// bytes of it are in sum already, and reads r to its end. It gives a copy of what
// is left behind the last cut of a content that goes on.
func (u *pipeline) run(ctx context.Context, first *block, head []byte, hashed int, r io.Reader, sum *sha2x.Stream) ([]byte, error) {
	ctx, u.cancel = context.WithCancel(ctx)
	defer u.cancel()
	u.free = make(chan struct{}, blocksInFlight)
	u.chunks, u.whole = make(chan chunkJob, 16), make(chan wholeJob, blocksInFlight)
	u.done = map[int]engine.Chunk{}
	var wg sync.WaitGroup
	wg.Go(func() {
		for j := range u.whole {
			if u.own != nil {
				sha2x.WriteBoth(sum, u.own, j.data)
			} else {
				_, _ = sum.Write(j.data)
			}
			j.block.drop()
		}
	})
	for range chunkWorkers {
		wg.Go(func() { u.work(ctx) })
	}
	rest, err := u.read(ctx, first, head, hashed, r)
	close(u.chunks)
	close(u.whole)
	wg.Wait()
	switch {
	case u.err != nil: // the cause; read saw only that the context was cancelled
		err = u.err
	case err == nil:
		err = ctx.Err() // then workers may have passed over chunks
	}
	return rest, err
}

// read fills block after block and cuts chunks from each. What is left at the end
// of a block, less than the longest chunk, begins the next one.
func (u *pipeline) read(ctx context.Context, first *block, head []byte, hashed int, r io.Reader) ([]byte, error) {
	carry, at := first, 0
	rest := head // in carry
	for eof := false; !eof; {
		select {
		case u.free <- struct{}{}:
		case <-ctx.Done():
			carry.drop()
			return nil, ctx.Err()
		}
		b := u.block()
		have := copy(b.buf, rest)
		carried := have
		if carry == first {
			carried = hashed
		}
		carry.drop()
		n, err := Fill(r, b.buf[have:])
		if err != nil && err != io.EOF {
			b.drop()
			return nil, err
		}
		eof = err != nil
		u.size += int64(n)
		data := b.buf[:have+n]
		b.hold()
		u.whole <- wholeJob{data[carried:], b}
		for {
			n := 0
			if eof || len(data) >= u.set.Max {
				n = u.set.Cut(data, eof && !u.goesOn)
			}
			if n == 0 {
				break
			}
			b.hold()
			u.chunks <- chunkJob{at, data[:n], b}
			at++
			data = data[n:]
		}
		carry, rest = b, data
	}
	rest = bytes.Clone(rest)
	carry.drop()
	return rest, ctx.Err()
}

// block takes a large block whose return also gives the token back.
func (u *pipeline) block() *block {
	in := u.s.blocks.large()
	b := &block{buf: in.buf, back: func(*block) { in.drop(); <-u.free }}
	b.refs.Store(1)
	return b
}

// work hashes and stores chunks until there are no more, some at a time where they
// wait. After an error it only lets go of what it gets.
func (u *pipeline) work(ctx context.Context) {
	var jobs [chunksAtATime]chunkJob
	var data [chunksAtATime][]byte
	var sums [chunksAtATime][32]byte
	for j := range u.chunks {
		n := 0
		for more := true; more; {
			jobs[n], data[n] = j, j.data
			n++
			if more = n < len(jobs); more {
				select {
				case j, more = <-u.chunks:
				default:
					more = false
				}
			}
		}
		if ctx.Err() == nil {
			sha2x.Sums(sums[:], data[:n])
		}
		for i, j := range jobs[:n] {
			if ctx.Err() == nil {
				if err := u.store(ctx, j, sums[i]); err != nil {
					u.fail(err)
				}
			}
			j.block.drop()
		}
	}
}

func (u *pipeline) fail(err error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.err == nil {
		u.err = err
		u.cancel()
	}
}

func (u *pipeline) store(ctx context.Context, j chunkJob, sum [32]byte) error {
	c := engine.Chunk{Hash: sum, Size: uint32(len(j.data))}
	if _, err := u.s.put(ctx, u.p, c, j.data); err != nil {
		return err
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	u.done[j.at] = c
	for {
		c, ok := u.done[u.next]
		if !ok {
			return nil
		}
		delete(u.done, u.next)
		u.next++
		if err := u.add(ctx, c); err != nil {
			return err
		}
	}
}
