// Package manifest keeps long lists of chunks: the ordered (SHA-256, size) pairs
// that a file's content is made of.
//
// Up to MaxInline chunks the list stands in the version's record. A longer one
// is a tree of nodes, each stored as a chunk of kind manifest: segments hold
// chunks, the levels above hold nodes, a head of fixed size holds the top. Nodes
// end where the hashes in them say so, so an edit of a file rewrites one
// segment, the nodes above it and the head; all others are stored already.
//
// Invariants:
//   - a list has one encoding: equal lists have equal trees and equal heads;
//   - every node's counts and sums are checked against what its parent says,
//     down from the head, which is checked against the version's record;
//   - writer and reader hold one node of each level, whatever the list's length.
//
// The package is a leaf: it stores and loads through two small interfaces and
// knows neither packs nor domains. That a node's bytes have the hash asked for
// is what its Getter promises.
package manifest

import (
	"context"
	"errors"
	"fmt"
)

// The limits of a list.
const (
	// MaxInline is the longest list kept in the version's record itself.
	MaxInline = 16
	// MaxChunks is the longest list.
	MaxChunks = 1<<32 - 1
	// HeadSize is the length of every head, in bytes.
	HeadSize = 128

	minNode  = 32   // entries before a node may end by the rule
	maxNode  = 1024 // entries at which a node ends in any case
	maxLevel = 7    // 32^7 is more than MaxChunks
	maxBytes = 1 << 53
)

// A Chunk names bytes by their SHA-256; Size is in bytes and never 0.
type Chunk struct {
	Hash [32]byte
	Size uint32
}

// A List is what a version's record says of a list of chunks. Either Inline or
// Root is set, by Count.
type List struct {
	Count  uint32
	Size   int64    // sum of the chunks' sizes, in bytes
	Digest [32]byte // SHA-256 over the list, see Digest
	Inline []Chunk
	Root   [32]byte // hash of the head
}

// A Putter stores a node unless it is there. data is not kept.
type Putter interface {
	PutManifest(ctx context.Context, hash [32]byte, data []byte) error
}

// A Getter gives a node's bytes, verified against hash and size. They are not
// changed and not used after the next call.
type Getter interface {
	GetManifest(ctx context.Context, hash [32]byte, size uint32) ([]byte, error)
}

// ErrMalformed marks every error about bytes or figures that are not those of a
// list. Coming from a store, it means damage.
var ErrMalformed = errors.New("malformed manifest")

func malformed(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrMalformed, fmt.Sprintf(format, args...))
}

// ends is the rule by which a node ends after an entry: its index in the node,
// and the hash of the chunk or node that it names.
func ends(index int, hash *[32]byte) bool {
	return index+1 >= maxNode || index+1 >= minNode && hash[31]&0x7f == 0
}
