package manifest

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"hash"
)

// A Digester computes the digest of a list (manifest_sha256): SHA-256 over each
// chunk's 32 bytes of hash and its size as four bytes, little-endian.
type Digester struct{ h hash.Hash }

// NewDigester begins with the empty list.
func NewDigester() *Digester { return &Digester{sha256.New()} }

// Add appends a chunk.
func (d *Digester) Add(c Chunk) {
	var b [chunkSize]byte
	copy(b[:], c.Hash[:])
	binary.LittleEndian.PutUint32(b[32:], c.Size)
	d.h.Write(b[:])
}

// Sum is the digest of the chunks so far.
func (d *Digester) Sum() (sum [32]byte) {
	d.h.Sum(sum[:0])
	return sum
}

// Digest is the digest of a whole list.
func Digest(chunks []Chunk) [32]byte {
	d := NewDigester()
	for _, c := range chunks {
		d.Add(c)
	}
	return d.Sum()
}

// A Writer makes a List from chunks in order, storing nodes as they fill. Not
// safe for concurrent use.
type Writer struct {
	put    Putter
	digest *Digester
	levels [][]child // entries of the node being filled, at each level
	count  uint64
	size   int64
	buf    []byte
	err    error
}

// NewWriter begins an empty list.
func NewWriter(put Putter) *Writer {
	return &Writer{put: put, digest: NewDigester(), levels: make([][]child, 1, 3)}
}

// Add appends a chunk. After an error the list cannot be finished.
func (w *Writer) Add(ctx context.Context, c Chunk) error {
	if w.err != nil {
		return w.err
	}
	if c.Size == 0 || w.count >= MaxChunks || w.size > maxBytes-int64(c.Size) {
		w.err = malformed("chunk %d has %d bytes, after %d bytes", w.count, c.Size, w.size)
		return w.err
	}
	w.digest.Add(c)
	w.count++
	w.size += int64(c.Size)
	w.err = w.add(ctx, 0, chunkChild(c))
	return w.err
}

// add appends an entry to the node of a level and stores the node if it ends.
func (w *Writer) add(ctx context.Context, level int, e child) error {
	if level == len(w.levels) {
		if level > maxLevel {
			return malformed("more than %d levels", maxLevel)
		}
		w.levels = append(w.levels, nil)
	}
	w.levels[level] = append(w.levels[level], e)
	if !ends(len(w.levels[level])-1, &e.hash) {
		return nil
	}
	return w.flush(ctx, level)
}

// flush stores the node of a level and names it one level above.
func (w *Writer) flush(ctx context.Context, level int) error {
	e, err := w.store(ctx, level)
	if err != nil {
		return err
	}
	return w.add(ctx, level+1, e)
}

func (w *Writer) store(ctx context.Context, level int) (child, error) {
	entries := w.levels[level]
	var e child
	for i := range entries {
		e.chunks += entries[i].chunks
		e.bytes += entries[i].bytes
	}
	w.buf = appendNode(w.buf[:0], level, entries)
	e.size = uint32(len(w.buf))
	e.hash = sha256.Sum256(w.buf)
	w.levels[level] = entries[:0]
	if err := w.put.PutManifest(ctx, e.hash, w.buf); err != nil {
		return e, fmt.Errorf("store a node of a manifest: %w", err)
	}
	return e, nil
}

// Finish stores what is left and gives the list. The Writer cannot be used again.
func (w *Writer) Finish(ctx context.Context) (List, error) {
	if w.err != nil {
		return List{}, w.err
	}
	w.err = fmt.Errorf("%w: it is finished", ErrMalformed)
	l := List{Count: uint32(w.count), Size: w.size, Digest: w.digest.Sum()}
	if w.count <= MaxInline {
		for _, e := range w.levels[0] {
			l.Inline = append(l.Inline, Chunk{e.hash, e.size})
		}
		return l, nil
	}
	top, level, err := w.top(ctx)
	if err != nil {
		return List{}, err
	}
	w.buf = appendHead(w.buf[:0], l.Digest, level, top)
	l.Root = sha256.Sum256(w.buf)
	if err := w.put.PutManifest(ctx, l.Root, w.buf); err != nil {
		return List{}, fmt.Errorf("store the head of a manifest: %w", err)
	}
	return l, nil
}

// top stores the unfinished nodes from below until one node names everything.
func (w *Writer) top(ctx context.Context) (child, int, error) {
	for level := 0; ; level++ {
		last := level == len(w.levels)-1
		if last && level > 0 && len(w.levels[level]) == 1 {
			return w.levels[level][0], level - 1, nil // the only node of the level below
		}
		if last {
			e, err := w.store(ctx, level)
			return e, level, err
		}
		if len(w.levels[level]) > 0 {
			if err := w.flush(ctx, level); err != nil {
				return child{}, 0, err
			}
		}
	}
}
