// Package split cuts a stream of bytes into chunks by its content, the same for
// server, client and command line, in constant memory.
//
// Where a chunk ends is decided by the bytes after the chunk's start alone: not
// by how they are read, nor by what came before. So an edit changes the chunks
// around it, and behind it the old cut points come back.
//
// A Set (algorithm, table, sizes) is named in every manifest and never changes:
// a test holds published vectors (docs/formats/chunking.md). A better one gets
// a new name beside it.
//
// The package keeps nothing, compresses nothing and imports the standard
// library only.
package split

import (
	"errors"
	"fmt"
)

//go:generate go run gen/main.go

// ErrUnknownSet is told by ByName.
var ErrUnknownSet = errors.New("unknown chunking set")

// A Set says how content is cut. Sizes are in bytes. The zero value is not
// usable; take one from Default or ByName.
type Set struct {
	Name string
	// Min and Max bound every chunk but the last, which may be shorter than
	// Min. Avg is what random content comes to.
	Min, Avg, Max int

	table *[256]uint64
	limit uint64 // a cut is where the hash is below it
}

// Default is the set that new content is cut by.
func Default() Set {
	return Set{
		Name: "gear-g1-64k-128k-512k",
		Min:  64 << 10, Avg: 128 << 10, Max: 512 << 10,
		table: &gear1, limit: 1 << 48,
	}
}

// ByName gives the set of that name, or ErrUnknownSet.
func ByName(name string) (Set, error) {
	if s := Default(); s.Name == name {
		return s, nil
	}
	return Set{}, fmt.Errorf("%w %q", ErrUnknownSet, name)
}

// Check says whether a chunk of that size can come from the set. last is for
// the last chunk of a content, the only one that may be shorter than Min.
func (s Set) Check(size int64, last bool) error {
	lowest := int64(s.Min)
	if last {
		lowest = 1
	}
	if size < lowest || size > int64(s.Max) {
		return fmt.Errorf("a chunk of %d bytes is not of the set %s (%d to %d)", size, s.Name, lowest, s.Max)
	}
	return nil
}

// Cut gives the length of the first chunk of data. eof says that nothing
// follows data; then what is left is a chunk. Otherwise 0 means that the end is
// not in data: give it more, at most Max bytes.
func (s Set) Cut(data []byte, eof bool) int {
	whole := len(data) >= s.Max
	if whole {
		data = data[:s.Max]
	}
	if len(data) > s.Min {
		if n := s.find(data[s.Min:]); n >= 0 {
			return s.Min + n
		}
	}
	if whole || eof {
		return len(data)
	}
	return 0
}

// find gives the first index at which the gear hash over p, from its start to
// that byte included, is below the limit; -1 if there is none.
//
// The hash takes a byte by h = 2h + table[byte] mod 2^64, so it is that of the
// last 64 bytes. Two bytes are taken at a step: 4h + (2a + b) needs the first
// one's hash for the comparison only, which halves the chain of operations that
// wait for each other.
func (s Set) find(p []byte) int {
	var h uint64
	g, limit := s.table, s.limit
	i := 0
	for ; i+8 <= len(p); i += 8 {
		q := p[i : i+8 : i+8]
		a, b := g[q[0]], g[q[1]]
		x := h<<1 + a
		h = h<<2 + (a<<1 + b)
		if x < limit {
			return i
		}
		if h < limit {
			return i + 1
		}
		a, b = g[q[2]], g[q[3]]
		x = h<<1 + a
		h = h<<2 + (a<<1 + b)
		if x < limit {
			return i + 2
		}
		if h < limit {
			return i + 3
		}
		a, b = g[q[4]], g[q[5]]
		x = h<<1 + a
		h = h<<2 + (a<<1 + b)
		if x < limit {
			return i + 4
		}
		if h < limit {
			return i + 5
		}
		a, b = g[q[6]], g[q[7]]
		x = h<<1 + a
		h = h<<2 + (a<<1 + b)
		if x < limit {
			return i + 6
		}
		if h < limit {
			return i + 7
		}
	}
	for ; i < len(p); i++ {
		if h = h<<1 + g[p[i]]; h < limit {
			return i
		}
	}
	return -1
}
