package transfer

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"io"
	"sync"

	"scaidrive/chunkstore"
	"scaidrive/chunkstore/split"
	"scaidrive/chunkstore/split/sha2x"
	"scaidrive/engine"
	"scaidrive/engine/access"
	"scaidrive/engine/meta"
)

// The bounds of one exchange of chunks.
const (
	MaxQuery      = 10000    // hashes in a query or a fetch
	MaxFrameBytes = 64 << 20 // bytes of chunks in one call
	MaxFrames     = 100000   // chunks in one call
)

// Query answers which of the hashes the caller must send: all but those which
// this user is remembered to have uploaded to this tenant since the start, and
// which are there. nonce is for proofs of possession.
func (s *Service) Query(ctx context.Context, p *engine.Principal, share engine.ID, hashes [][32]byte) (missing [][32]byte, nonce string, err error) {
	if len(hashes) > MaxQuery {
		return nil, "", engine.Invalid("chunks", "At most %d chunks can be asked for at once", MaxQuery)
	}
	if err := s.maySee(ctx, p, share); err != nil {
		return nil, "", err
	}
	// Whether a chunk is there is asked for those only that the caller has sent,
	// so that the time taken tells nothing of others' chunks.
	var ask []chunkstore.Hash
	for _, h := range hashes {
		if _, ok := s.sent.has(p, h); ok {
			ask = append(ask, h)
		}
	}
	has, err := s.chunks.Has(ctx, domain(p), ask)
	if err != nil {
		return nil, "", storeError(err)
	}
	there := make(map[chunkstore.Hash]bool, len(ask))
	for i, h := range ask {
		there[h] = has[i]
	}
	listed := make(map[[32]byte]bool)
	for _, h := range hashes {
		if !there[h] && !listed[h] {
			listed[h] = true
			missing = append(missing, h)
		}
	}
	return missing, s.nonces.current(p), nil
}

// maySee checks that somebody sees anything in a share.
func (s *Service) maySee(ctx context.Context, p *engine.Principal, share engine.ID) error {
	return s.db.View(ctx, func(v *meta.View) error {
		_, _, err := access.LookShare(v, p, share)
		return err
	})
}

// mayBring checks that somebody may bring content into a share: may make files in it or
// write to those that are there, or is named in it by entries, which may allow either
// somewhere.
func (s *Service) mayBring(ctx context.Context, p *engine.Principal, share engine.ID) error {
	return s.db.View(ctx, func(v *meta.View) error {
		sub, _, err := access.LookShare(v, p, share)
		if err != nil {
			return err
		}
		_, refused := access.CheckShare(v, p, share, engine.RightCreate)
		if refused == nil {
			return nil
		}
		if _, err := access.CheckShare(v, p, share, engine.RightWrite); err == nil {
			return nil
		}
		named, err := access.Named(v, p, sub.Share)
		if err != nil || named {
			return err
		}
		return refused
	})
}

// A Received is the outcome for one chunk sent.
type Received struct {
	Hash   [32]byte
	Size   uint32
	Stored bool // false: it was there already
}

// Receive reads frames (4 bytes big-endian length, then the bytes) until the end
// of r and stores each as a chunk. At most 64 MiB in all, more is KindTooLarge. A
// chunk over the set's maximum or an empty one is KindInvalid. What was stored
// before an error stays, as if the call had ended there. The caller may
// bring content somewhere into the share: what for, and where, only apply tells.
func (s *Service) Receive(ctx context.Context, p *engine.Principal, share engine.ID, r io.Reader) ([]Received, error) {
	if err := s.mayBring(ctx, p, share); err != nil {
		return nil, err
	}
	if err := s.env.CheckRoom(); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	in := receiver{s: s, p: p, cancel: cancel, jobs: make(chan group)}
	var wg sync.WaitGroup
	for range chunkWorkers {
		wg.Go(func() { in.work(ctx) })
	}
	// A small buffer: what a head brings along is copied, the rest of a frame is not.
	err := in.read(ctx, bufio.NewReaderSize(r, 4<<10))
	close(in.jobs)
	wg.Wait()
	if in.err != nil {
		err = in.err
	}
	if err != nil {
		return nil, err
	}
	return in.list, nil
}

// receiver takes in the frames of one call: one goroutine reads, some hash and
// store. Frames go to them in groups, each in one buffer: two are hashed in hardly
// more time than one, and small ones are not worth a hand-over each.
type receiver struct {
	s      *Service
	p      *engine.Principal
	cancel context.CancelFunc
	jobs   chan group

	mu   sync.Mutex
	list []Received
	err  error
}

// maxGroup bounds the frames of a group.
const maxGroup = 64

type group struct {
	block *block
	first int      // the place of its first frame
	data  [][]byte // of the frames, in block
}

func (in *receiver) read(ctx context.Context, r *bufio.Reader) error {
	longest := split.Default().Max
	var g group
	used, total := 0, 0 // bytes of g's block; of the call
	give := func() {
		if len(g.data) > 0 {
			in.jobs <- g
		} else if g.block != nil {
			g.block.drop()
		}
		g, used = group{}, 0
	}
	defer give() // before an error too: as if the call had ended there
	for at := 0; ctx.Err() == nil; at++ {
		var head [4]byte
		switch _, err := io.ReadFull(r, head[:]); {
		case err == io.EOF:
			return nil
		case err != nil:
			return frameError(err)
		}
		if at == MaxFrames {
			return engine.E(engine.KindTooLarge, "More than %d chunks in one call", MaxFrames)
		}
		n := binary.BigEndian.Uint32(head[:])
		if n == 0 || int64(n) > int64(longest) {
			return engine.Invalid("body", "Frame %d has %d bytes; a chunk has 1 to %d", at, n, longest)
		}
		if total += int(n); total > MaxFrameBytes {
			return engine.E(engine.KindTooLarge, "More than %d bytes of chunks in one call", MaxFrameBytes)
		}
		if len(g.data) == maxGroup || g.block != nil && used+int(n) > len(g.block.buf) {
			give()
		}
		if g.block == nil {
			g.first = at
			if n <= smallBlock {
				g.block = in.s.blocks.small()
			} else {
				g.block = in.s.blocks.frames()
			}
		}
		data := g.block.buf[used : used+int(n)]
		if _, err := io.ReadFull(r, data); err != nil {
			return frameError(err)
		}
		used += int(n)
		in.mu.Lock()
		in.list = append(in.list, Received{Size: n})
		in.mu.Unlock()
		g.data = append(g.data, data)
	}
	return ctx.Err()
}

// frameError is the answer to a body that ends inside a frame.
func frameError(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return engine.Invalid("body", "The body ends inside a frame")
	}
	return bodyError(err)
}

func (in *receiver) work(ctx context.Context) {
	var sums [maxGroup][sha256.Size]byte
	for g := range in.jobs {
		if ctx.Err() == nil {
			sha2x.Sums(sums[:], g.data)
		}
		for i, data := range g.data {
			if ctx.Err() == nil {
				in.store(ctx, g.first+i, data, sums[i])
			}
		}
		g.block.drop()
	}
}

func (in *receiver) store(ctx context.Context, at int, data []byte, hash [sha256.Size]byte) {
	c := engine.Chunk{Hash: hash, Size: uint32(len(data))}
	stored, err := in.s.put(ctx, in.p, c, data)
	in.mu.Lock()
	defer in.mu.Unlock()
	if err != nil {
		if in.err == nil {
			in.err = err
			in.cancel()
		}
		return
	}
	in.list[at].Hash, in.list[at].Stored = c.Hash, stored
}

// Fetch writes frames of the named chunks of a version, in the order asked.
// A hash that is not in the version is KindNotFound, before the first byte.
func (s *Service) Fetch(ctx context.Context, p *engine.Principal, file engine.ID, version uint64, hashes [][32]byte) (func(w io.Writer) error, error) {
	if len(hashes) > MaxQuery {
		return nil, engine.Invalid("chunks", "At most %d chunks can be fetched at once", MaxQuery)
	}
	o, err := s.Open(ctx, p, file, version)
	if err != nil {
		return nil, err
	}
	sizes := make(map[[32]byte]uint32, len(hashes))
	for _, h := range hashes {
		sizes[h] = 0
	}
	left := len(sizes)
	if left > 0 {
		err = s.eachChunk(ctx, p, o.Version, func(c engine.Chunk) bool {
			if size, ok := sizes[c.Hash]; ok && size == 0 {
				sizes[c.Hash] = c.Size
				left--
			}
			return left > 0
		})
	}
	if err != nil {
		return nil, o.damaged(err)
	}
	if left > 0 {
		return nil, engine.E(engine.KindNotFound, "The version has no such chunk")
	}
	refs := make([]chunkstore.Ref, len(hashes))
	for i, h := range hashes {
		refs[i] = chunkstore.Ref{Hash: h, Size: sizes[h]}
	}
	return func(w io.Writer) error { return o.writeFrames(ctx, w, refs) }, nil
}
