package transfer

import (
	"context"

	"scaidrive/chunkstore"
	"scaidrive/chunkstore/manifest"
	"scaidrive/engine"
)

// EachChunk calls fn for the chunks of a content in order, for those who look
// after a store as a whole: nobody's rights are asked. A manifest that can't be
// read is KindDamaged; an error of fn ends the walk and is returned.
func (s *Service) EachChunk(ctx context.Context, d chunkstore.Domain, c engine.Content, fn func(engine.Chunk) error) error {
	return manifestError(manifest.Each(ctx, &nodes{s: s, dom: d}, listOf(&c), func(ch manifest.Chunk) error {
		return fn(engine.Chunk(ch))
	}))
}
