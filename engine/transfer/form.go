package transfer

import (
	"context"
	"crypto/sha256"
	"fmt"

	"scaidrive/chunkstore/split"
	"scaidrive/engine"
)

// form checks what a claim says of its chunks, and expands a patch.
func (st *settling) form(ctx context.Context, i int) error {
	c := &st.claims[i]
	set, err := split.ByName(c.Chunking)
	if c.Chunking == "" {
		set, err = split.Default(), nil
	}
	if err != nil {
		return engine.Invalid("content.chunking", "The chunking set %q is not known", c.Chunking)
	}
	c.Chunking = set.Name
	if c.List != nil {
		return st.fromList(i)
	}
	if c.Patch != nil {
		if c.Chunks != nil {
			return engine.Invalid("content.patch", "A content is told by chunks or by a patch, not by both")
		}
		if err := st.expand(ctx, i); err != nil {
			return err
		}
	}
	return checkChunks(set, c)
}

// checkChunks holds a list of chunks to the set's sizes and to the sum and the
// hash that stand beside it.
func checkChunks(set split.Set, c *Claim) error {
	if c.Size < 0 {
		return engine.Invalid("content.size", "A length can't be negative")
	}
	sum := int64(0)
	for k := range c.Chunks {
		if err := set.Check(int64(c.Chunks[k].Size), k == len(c.Chunks)-1); err != nil {
			return engine.Invalid(fmt.Sprintf("content.chunks.%d.size", k), "%v", err)
		}
		sum += int64(c.Chunks[k].Size)
	}
	switch {
	case sum != c.Size:
		return engine.Invalid("content.size", "The chunks have %d bytes together, not %d", sum, c.Size)
	case len(c.Chunks) == 0 && c.SHA256 != sha256.Sum256(nil),
		len(c.Chunks) == 1 && c.SHA256 != c.Chunks[0].Hash:
		return engine.Invalid("content.checksum_sha256", "The hash is not that of the chunks")
	}
	return nil
}

// maxPatched bounds the lists that the patches of one batch make together:
// contents of 256 GiB. A longer content is told by its chunks.
const maxPatched = 1 << 21

// expand makes a claim's list of chunks out of its patch and the base version.
func (st *settling) expand(ctx context.Context, i int) error {
	c := &st.claims[i]
	base := st.from[i].base
	if base == nil {
		return engine.Invalid("content.patch", "A patch needs the version it is made against")
	}
	if base.Content.Chunking != c.Chunking {
		return engine.Invalid("content.patch", "The base version is of the chunking set %s", base.Content.Chunking)
	}
	if st.patched += int(base.Content.Count); st.patched > maxPatched {
		return engine.E(engine.KindTooLarge, "The patches of one batch may make at most %d chunks together", maxPatched)
	}
	old := make([]engine.Chunk, 0, base.Content.Count)
	err := st.s.eachChunk(ctx, st.p, base, func(ch engine.Chunk) bool {
		old = append(old, ch)
		return true
	})
	if err != nil {
		return err
	}
	list := make([]engine.Chunk, 0, len(old))
	for k, p := range c.Patch {
		switch {
		case p.Count == 0:
			list = append(list, p.Chunk)
		case uint64(p.First)+uint64(p.Count) > uint64(len(old)):
			return engine.Invalid(fmt.Sprintf("content.patch.%d", k), "The base version has %d chunks", len(old))
		case st.patched+int(p.Count) > maxPatched:
			return engine.E(engine.KindTooLarge, "The patches of one batch may make at most %d chunks together", maxPatched)
		default:
			st.patched += int(p.Count)
			list = append(list, old[p.First:p.First+p.Count]...)
		}
	}
	c.Chunks = list
	return nil
}
