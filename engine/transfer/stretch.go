package transfer

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"scaidrive/chunkstore"
	"scaidrive/chunkstore/split"
	"scaidrive/chunkstore/split/sha2x"
	"scaidrive/engine"
)

// A Front is how far a content has come that arrives in stretches.
type Front struct {
	Chunking string // the set that it is cut by
	Sum      []byte // the state of its SHA-256; nil at its beginning
	Tail     []byte // the bytes behind the last cut
}

// A Stretch is a part of a content in the chunk store, cut as a part of the
// whole. Its bytes are those of Chunks from Skip on, and those of Rest.
type Stretch struct {
	Size   int64
	SHA256 [32]byte       // of the stretch alone
	Skip   int            // what of the first chunk came before this stretch
	Chunks []engine.Chunk // all that end in this stretch
	Rest   engine.Chunk   // of this stretch, behind the last cut; may be empty
	Sum    []byte         // the state of the content's SHA-256 behind this stretch
	Tail   []byte         // the bytes behind the last cut, also those before this stretch; of Service.Stretch alone
}

// ErrSum says that the state of a hash can't be read: another build wrote it. The
// content must be taken from its beginning again.
var ErrSum = errors.New("the state of the hash can't be read")

// Stretch reads r to its end, with constant memory, and cuts, hashes and stores
// it as what follows the front. last says that the content ends with it. An error
// of r is given back as it is. What it returns is durable with the next commit
// that needs chunks.
func (s *Service) Stretch(ctx context.Context, p *engine.Principal, at Front, r io.Reader, last bool) (*Stretch, error) {
	set, err := split.ByName(at.Chunking)
	if err != nil {
		return nil, err
	}
	if len(at.Tail) >= set.Max {
		return nil, fmt.Errorf("%d bytes without a cut in the set %s", len(at.Tail), set.Name)
	}
	sum, err := resume(at.Sum)
	if err != nil {
		return nil, err
	}
	out := &Stretch{Skip: len(at.Tail)}
	first := s.blocks.chunk(set.Max)
	head := first.buf[:copy(first.buf, at.Tail)]
	u := &pipeline{s: s, p: p, set: set, goesOn: !last, own: sha2x.NewStream()}
	u.add = func(_ context.Context, c engine.Chunk) error {
		out.Chunks = append(out.Chunks, c)
		return nil
	}
	rest, err := u.run(ctx, first, head, len(head), r, sum)
	if err != nil {
		return nil, err
	}
	out.Size, out.SHA256 = u.size, u.own.Sum()
	if out.Sum, err = sum.MarshalBinary(); err != nil {
		return nil, err
	}
	out.Tail = rest
	if len(out.Chunks) == 0 {
		rest = rest[out.Skip:] // the tail is stored already
	}
	if len(rest) > 0 {
		out.Rest = engine.Chunk{Hash: sha256.Sum256(rest), Size: uint32(len(rest))}
		if _, err := s.put(ctx, p, out.Rest, rest); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// resume makes a hash of its state.
func resume(state []byte) (*sha2x.Stream, error) {
	sum := sha2x.NewStream()
	if len(state) > 0 {
		if err := sum.UnmarshalBinary(state); err != nil {
			return nil, fmt.Errorf("%w: %w", ErrSum, err)
		}
	}
	return sum, nil
}

// WriteStretch writes the bytes of a stretch, verified. What can't be read is
// KindDamaged.
func (s *Service) WriteStretch(ctx context.Context, p *engine.Principal, st *Stretch, w io.Writer) error {
	refs := make([]chunkstore.Ref, 0, len(st.Chunks)+1)
	off, have := int64(0), int64(0)
	for _, c := range st.Chunks {
		refs = append(refs, chunkstore.Ref{Hash: c.Hash, Size: c.Size})
		have += int64(c.Size)
	}
	if len(refs) > 0 {
		off = int64(st.Skip)
	}
	if st.Rest.Size > 0 {
		refs = append(refs, chunkstore.Ref{Hash: st.Rest.Hash, Size: st.Rest.Size})
		have += int64(st.Rest.Size)
	}
	if have-off != st.Size {
		return engine.E(engine.KindDamaged, "Stored data is damaged")
	}
	return storeError(s.chunks.WriteRange(ctx, w, domain(p), refs, off, st.Size))
}

// ReadChunk gives the bytes of one chunk, appended to dst.
func (s *Service) ReadChunk(ctx context.Context, p *engine.Principal, c engine.Chunk, dst []byte) ([]byte, error) {
	data, err := s.chunks.Get(ctx, domain(p), c.Hash, c.Size, nil)
	if err != nil {
		return dst, storeError(err)
	}
	return append(dst, data...), nil
}

// An Assembly makes one content of the chunks of its stretches.
type Assembly struct {
	s    *Service
	p    *engine.Principal
	list *list
}

// Assemble begins a content.
func (s *Service) Assemble(p *engine.Principal, chunking string) *Assembly {
	return &Assembly{s: s, p: p, list: s.newList(p, chunking)}
}

// Add adds the chunks of the next stretch. ok is false, and nothing added, when
// one of them is not in the store any more, or damaged.
func (a *Assembly) Add(ctx context.Context, chunks []engine.Chunk) (ok bool, err error) {
	ask := make([]chunkstore.Hash, len(chunks))
	for i := range chunks {
		ask[i] = chunks[i].Hash
	}
	has, err := a.s.chunks.Has(ctx, domain(a.p), ask)
	if err != nil {
		return false, storeError(err)
	}
	for _, there := range has {
		if !there {
			return false, nil
		}
	}
	for i := range chunks {
		if err := a.list.add(ctx, chunks[i]); err != nil {
			return false, err
		}
	}
	return true, nil
}

// Finish gives the content. sum is the state of its SHA-256 behind its last
// stretch.
func (a *Assembly) Finish(ctx context.Context, sum []byte) (engine.Content, error) {
	h, err := resume(sum)
	if err != nil {
		return engine.Content{}, err
	}
	content, err := a.list.finish(ctx)
	if err != nil {
		return engine.Content{}, err
	}
	content.SHA256 = h.Sum()
	content.HashState = engine.HashVerified
	return content, nil
}

// keptAtOnce bounds how many chunks Kept remembers at a time.
const keptAtOnce = 1 << 19

// Kept counts the bytes of base's chunks that next does not share, with constant
// memory: the hashes are taken in ranges, each in one walk over both lists.
func (s *Service) Kept(ctx context.Context, p *engine.Principal, base *engine.Version, next *engine.Content) (int64, error) {
	ranges := 1 + uint64(next.Count)/keptAtOnce
	to := &engine.Version{Content: *next}
	var kept int64
	for k := range ranges {
		from, end := k<<16/ranges, (k+1)<<16/ranges
		in := func(c engine.Chunk) bool {
			at := uint64(binary.BigEndian.Uint16(c.Hash[:]))
			return from <= at && at < end
		}
		has := make(map[[32]byte]struct{}, min(next.Count, keptAtOnce))
		err := s.eachChunk(ctx, p, to, func(c engine.Chunk) bool {
			if in(c) {
				has[c.Hash] = struct{}{}
			}
			return true
		})
		if err != nil {
			return 0, err
		}
		err = s.eachChunk(ctx, p, base, func(c engine.Chunk) bool {
			if _, shared := has[c.Hash]; in(c) && !shared {
				kept += int64(c.Size)
			}
			return true
		})
		if err != nil {
			return 0, err
		}
	}
	return kept, nil
}
