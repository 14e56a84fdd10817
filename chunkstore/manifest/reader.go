package manifest

import (
	"context"
	"fmt"
	"io"
)

// A Reader gives the chunks of a List in order, from any place. It holds one
// node of each level. After an error other than io.EOF it cannot be used any
// more. Not safe for concurrent use.
type Reader struct {
	get    Getter
	list   List
	top    child
	frames []frame // by level; the segment is frames[0]
	index  uint64  // of the next chunk
	offset int64   // where the next chunk begins in the content
	// digest runs along while everything was read from the start on.
	digest *Digester
	err    error // the first one; nothing is given out after it
}

// A frame is the node of a level on the way to the next chunk.
type frame struct {
	hash    [32]byte
	entries []child
	next    int  // the entry after the one the way goes through
	last    bool // whether the node is the last of its level
}

// Open begins reading a list. It checks an inline list whole, and of a longer
// one the head; nodes are loaded and checked as they are reached.
func Open(ctx context.Context, get Getter, list List) (*Reader, error) {
	r := &Reader{get: get, list: list, digest: NewDigester()}
	if list.Count <= MaxInline {
		return r, r.openInline()
	}
	b, err := get.GetManifest(ctx, list.Root, HeadSize)
	if err != nil {
		return nil, fmt.Errorf("load the head of a manifest: %w", err)
	}
	digest, level, top, err := decodeHead(b)
	if err != nil {
		return nil, err
	}
	if digest != list.Digest || top.chunks != uint64(list.Count) || top.bytes != uint64(list.Size) {
		return nil, malformed("the head is of another list: %d chunks with %d bytes, and not %d with %d",
			top.chunks, top.bytes, list.Count, list.Size)
	}
	r.top = top
	r.frames = make([]frame, level+1)
	return r, r.seek(ctx, 0, func(e *child) uint64 { return e.chunks })
}

func (r *Reader) openInline() error {
	var size int64
	entries := make([]child, 0, len(r.list.Inline))
	for _, c := range r.list.Inline {
		if c.Size == 0 {
			return malformed("a chunk without bytes")
		}
		size += int64(c.Size)
		entries = append(entries, chunkChild(c))
	}
	if len(entries) != int(r.list.Count) || size != r.list.Size || Digest(r.list.Inline) != r.list.Digest {
		return malformed("a list of %d chunks with %d bytes is not the one of %d with %d",
			len(entries), size, r.list.Count, r.list.Size)
	}
	r.frames = []frame{{entries: entries, last: true}}
	return nil
}

// Offset is where the chunk that Next gives begins in the content, in bytes;
// Index is its number from 0.
func (r *Reader) Offset() int64 { return r.offset }

// Index is the number, from 0, of the chunk that Next gives.
func (r *Reader) Index() uint32 { return uint32(r.index) }

// Next gives the next chunk; io.EOF after the last one. At the end of a list
// that was read from its start without a seek the digest is checked.
func (r *Reader) Next(ctx context.Context) (Chunk, error) {
	if r.err != nil {
		return Chunk{}, r.err
	}
	for r.frames[0].next == len(r.frames[0].entries) {
		if r.index == uint64(r.list.Count) {
			if r.digest != nil && r.digest.Sum() != r.list.Digest {
				r.err = malformed("the digest is not that of the chunks")
				return Chunk{}, r.err
			}
			return Chunk{}, io.EOF
		}
		if r.err = r.advance(ctx); r.err != nil {
			return Chunk{}, r.err
		}
	}
	f := &r.frames[0]
	c := Chunk{f.entries[f.next].hash, f.entries[f.next].size}
	f.next++
	r.index++
	r.offset += int64(c.Size)
	if r.digest != nil {
		r.digest.Add(c)
	}
	return c, nil
}

// advance goes on with the next segment.
func (r *Reader) advance(ctx context.Context) error {
	level := 1
	for level < len(r.frames) && r.frames[level].next == len(r.frames[level].entries) {
		level++
	}
	if level == len(r.frames) {
		return malformed("it ends after %d of %d chunks", r.index, r.list.Count)
	}
	for ; level > 0; level-- {
		f := &r.frames[level]
		e := f.entries[f.next]
		f.next++
		if err := r.load(ctx, level-1, e, f.last && f.next == len(f.entries)); err != nil {
			return err
		}
	}
	return nil
}

// load reads the node of a level that its parent's entry names.
func (r *Reader) load(ctx context.Context, level int, e child, last bool) error {
	f := &r.frames[level]
	if f.hash == e.hash && f.last == last && len(f.entries) > 0 {
		f.next = 0
		return nil
	}
	b, err := r.get.GetManifest(ctx, e.hash, e.size)
	if err != nil {
		return fmt.Errorf("load a node of a manifest: %w", err)
	}
	if len(b) != int(e.size) {
		return malformed("a node of %d bytes in the place of %d", len(b), e.size)
	}
	f.hash = [32]byte{}
	entries, err := decodeNode(b, level, f.entries)
	if err != nil {
		return err
	}
	*f = frame{hash: e.hash, entries: entries, last: last}
	var sum child
	for i := range entries {
		sum.chunks += entries[i].chunks
		sum.bytes += entries[i].bytes
	}
	n := len(entries)
	switch {
	case sum.chunks != e.chunks || sum.bytes != e.bytes:
		return malformed("a node over %d chunks and %d bytes where %d and %d were named", sum.chunks, sum.bytes, e.chunks, e.bytes)
	case !last && !ends(n-1, &entries[n-1].hash):
		return malformed("a node ends before its end")
	case level > 0 && level == len(r.frames)-1 && n == 1:
		return malformed("a level too many")
	}
	return nil
}

// SeekOffset makes Next go on with the chunk that holds the byte at off; off at
// the end of the content is the end of the list.
func (r *Reader) SeekOffset(ctx context.Context, off int64) error {
	if off < 0 || off > r.list.Size {
		return fmt.Errorf("seek to byte %d of %d", off, r.list.Size)
	}
	return r.seekOnce(ctx, uint64(off), func(e *child) uint64 { return e.bytes })
}

// SeekChunk makes Next go on with the chunk of that number; the list's Count is
// its end.
func (r *Reader) SeekChunk(ctx context.Context, index uint32) error {
	if index > r.list.Count {
		return fmt.Errorf("seek to chunk %d of %d", index, r.list.Count)
	}
	return r.seekOnce(ctx, uint64(index), func(e *child) uint64 { return e.chunks })
}

func (r *Reader) seekOnce(ctx context.Context, target uint64, figure func(*child) uint64) error {
	if r.err == nil {
		r.err = r.seek(ctx, target, figure)
	}
	return r.err
}

// seek goes down to the entry in which a sum of one of its figures lies.
func (r *Reader) seek(ctx context.Context, target uint64, figure func(*child) uint64) error {
	r.index, r.offset = 0, 0
	if target > 0 {
		r.digest = nil
	} else {
		r.digest = NewDigester()
	}
	e, last := r.top, true
	for level := len(r.frames) - 1; level >= 0; level-- {
		if r.list.Count > MaxInline { // an inline list has no node to load
			if err := r.load(ctx, level, e, last); err != nil {
				return err
			}
		}
		f := &r.frames[level]
		for f.next = 0; f.next < len(f.entries) && target >= figure(&f.entries[f.next]); f.next++ {
			target -= figure(&f.entries[f.next])
			r.index += f.entries[f.next].chunks
			r.offset += int64(f.entries[f.next].bytes)
		}
		if level == 0 || f.next == len(f.entries) {
			r.settle(level)
			return nil
		}
		e = f.entries[f.next]
		f.next++
		last = f.last && f.next == len(f.entries)
	}
	return nil
}

// settle empties the levels below one at whose end a seek came to rest.
func (r *Reader) settle(level int) {
	for l := range level {
		r.frames[l] = frame{entries: r.frames[l].entries[:0]}
	}
}

// Each calls fn for every chunk of a list in order, and checks the digest. An
// error of fn ends it and is returned as it is.
func Each(ctx context.Context, get Getter, list List, fn func(Chunk) error) error {
	r, err := Open(ctx, get, list)
	if err != nil {
		return err
	}
	for {
		c, err := r.Next(ctx)
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if err := fn(c); err != nil {
			return err
		}
	}
}

// EachNode calls fn for every chunk of kind manifest that a list is stored in:
// its head and its nodes, parents first. An inline list has none.
func EachNode(ctx context.Context, get Getter, list List, fn func(hash [32]byte, size uint32) error) error {
	if list.Count <= MaxInline {
		return nil
	}
	if err := fn(list.Root, HeadSize); err != nil {
		return err
	}
	r, err := Open(ctx, get, list)
	if err != nil {
		return err
	}
	// The way down, level by level; the top's entry stands above the frames.
	var walk func(level int, e child, last bool) error
	walk = func(level int, e child, last bool) error {
		if err := fn(e.hash, e.size); err != nil || level == 0 {
			return err
		}
		if err := r.load(ctx, level, e, last); err != nil {
			return err
		}
		f := &r.frames[level]
		for i := range f.entries {
			if err := walk(level-1, f.entries[i], last && i == len(f.entries)-1); err != nil {
				return err
			}
		}
		return nil
	}
	return walk(len(r.frames)-1, r.top, true)
}
