package transfer

import (
	"context"
	"errors"
	"io"

	"scaidrive/chunkstore"
	"scaidrive/chunkstore/manifest"
	"scaidrive/engine"
	"scaidrive/engine/tree"
)

// nodes keeps the nodes of manifests as chunks of one tenant.
type nodes struct {
	s   *Service
	dom chunkstore.Domain
	buf []byte
}

func (n *nodes) PutManifest(ctx context.Context, hash [32]byte, data []byte) error {
	_, err := n.s.chunks.Put(ctx, n.dom, chunkstore.KindManifest, hash, data)
	return storeError(err)
}

func (n *nodes) GetManifest(ctx context.Context, hash [32]byte, size uint32) ([]byte, error) {
	b, err := n.s.chunks.Get(ctx, n.dom, hash, size, n.buf)
	if err == nil {
		n.buf = b
	}
	return b, err
}

func (s *Service) nodes(p *engine.Principal) *nodes { return &nodes{s: s, dom: domain(p)} }

// A list collects the chunks of a new content in order. Lists too long for a
// version's record are stored as they grow.
type list struct {
	w        *manifest.Writer
	chunking string
}

func (s *Service) newList(p *engine.Principal, chunking string) *list {
	return &list{w: manifest.NewWriter(s.nodes(p)), chunking: chunking}
}

func (l *list) add(ctx context.Context, c engine.Chunk) error {
	return l.w.Add(ctx, manifest.Chunk(c))
}

// finish gives the content, without its whole-file hash.
func (l *list) finish(ctx context.Context) (engine.Content, error) {
	m, err := l.w.Finish(ctx)
	if err != nil {
		return engine.Content{}, err
	}
	c := engine.Content{Size: m.Size, Chunking: l.chunking, Count: m.Count, Digest: m.Digest, Root: m.Root}
	for _, ch := range m.Inline {
		c.Inline = append(c.Inline, engine.Chunk(ch))
	}
	return c, nil
}

// content makes a content of a whole list, without its whole-file hash.
func (s *Service) content(ctx context.Context, p *engine.Principal, chunking string, chunks []engine.Chunk) (engine.Content, error) {
	l := s.newList(p, chunking)
	for i := range chunks {
		if err := l.add(ctx, chunks[i]); err != nil {
			return engine.Content{}, err
		}
	}
	return l.finish(ctx)
}

// listOf is what the manifest package needs to know of a content.
func listOf(c *engine.Content) manifest.List {
	l := manifest.List{Count: c.Count, Size: c.Size, Digest: c.Digest, Root: c.Root}
	for i := range c.Inline {
		l.Inline = append(l.Inline, manifest.Chunk(c.Inline[i]))
	}
	return l
}

var errStop = errors.New("stop")

// eachChunk calls fn for the chunks of a version in order until it returns false.
// A manifest that can't be read is KindDamaged.
func (s *Service) eachChunk(ctx context.Context, p *engine.Principal, v *engine.Version, fn func(engine.Chunk) bool) error {
	err := manifest.Each(ctx, s.nodes(p), listOf(&v.Content), func(c manifest.Chunk) error {
		if !fn(engine.Chunk(c)) {
			return errStop
		}
		return nil
	})
	if errors.Is(err, errStop) {
		return nil
	}
	return manifestError(err)
}

// manifestError gives an error of reading a manifest its kind.
func manifestError(err error) error {
	if errors.Is(err, manifest.ErrMalformed) {
		return &engine.Error{Kind: engine.KindDamaged, Msg: "Stored data is damaged", Err: err}
	}
	return storeError(err)
}

// kept counts the bytes of base's chunks that a new list does not share.
func (s *Service) kept(ctx context.Context, p *engine.Principal, base *engine.Version, chunks []engine.Chunk) (int64, error) {
	if base.Content.Count <= engine.MaxInlineChunks {
		return tree.Kept(base.Content.Inline, chunks), nil
	}
	in := make(map[[32]byte]struct{}, len(chunks))
	for i := range chunks {
		in[chunks[i].Hash] = struct{}{}
	}
	var sum int64
	err := s.eachChunk(ctx, p, base, func(c engine.Chunk) bool {
		if _, ok := in[c.Hash]; !ok {
			sum += int64(c.Size)
		}
		return true
	})
	return sum, err
}

// Weigh counts what two contents do not share: the bytes of old's chunks that are
// not in next, and of next's that are not in old.
func (s *Service) Weigh(ctx context.Context, p *engine.Principal, old, next *engine.Content) (kept, beyond int64, err error) {
	if kept, err = s.Kept(ctx, p, &engine.Version{Content: *old}, next); err == nil {
		beyond, err = s.Kept(ctx, p, &engine.Version{Content: *next}, old)
	}
	return kept, beyond, err
}

// chunksFrom calls fn for the chunks of a content from one on until it returns false.
func (s *Service) chunksFrom(ctx context.Context, p *engine.Principal, c *engine.Content, first uint32, fn func(engine.Chunk) bool) error {
	r, err := manifest.Open(ctx, s.nodes(p), listOf(c))
	if err == nil && first > 0 {
		err = r.SeekChunk(ctx, first)
	}
	for err == nil {
		var ch manifest.Chunk
		if ch, err = r.Next(ctx); err == nil && !fn(engine.Chunk(ch)) {
			return nil
		}
	}
	if errors.Is(err, io.EOF) {
		return nil
	}
	return manifestError(err)
}

// window is how many chunks of a long content are handed to the store at once.
const window = 256

// writeContent writes a range of a version's content.
func (s *Service) writeContent(ctx context.Context, p *engine.Principal, c *engine.Content, w io.Writer, off, length int64) error {
	if c.Count <= engine.MaxInlineChunks {
		refs := make([]chunkstore.Ref, len(c.Inline))
		for i, ch := range c.Inline {
			refs[i] = chunkstore.Ref{Hash: ch.Hash, Size: ch.Size}
		}
		return s.chunks.WriteRange(ctx, w, domain(p), refs, off, length)
	}
	r, err := manifest.Open(ctx, s.nodes(p), listOf(c))
	if err != nil {
		return err
	}
	if off > 0 {
		if err := r.SeekOffset(ctx, off); err != nil {
			return err
		}
	}
	off -= r.Offset() // within the first chunk
	refs := make([]chunkstore.Ref, 0, window)
	for length > 0 {
		refs = refs[:0]
		have := -off
		for len(refs) < window && have < length {
			ch, err := r.Next(ctx)
			if err == io.EOF {
				return manifest.ErrMalformed // the head and the chunks disagree
			}
			if err != nil {
				return err
			}
			refs = append(refs, chunkstore.Ref{Hash: ch.Hash, Size: ch.Size})
			have += int64(ch.Size)
		}
		n := min(have, length)
		if err := s.chunks.WriteRange(ctx, w, domain(p), refs, off, n); err != nil {
			return err
		}
		length -= n
		off = 0
	}
	return nil
}
