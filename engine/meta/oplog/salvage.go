package oplog

import (
	"bytes"
	"context"
	"errors"
	"io"
	"maps"
	"slices"

	"scaidrive/chunkstore/vfs"
)

// A Salvage is what can still be read of a damaged log: every frame that is
// whole by itself, wherever it stands.
type Salvage struct {
	opts   Options
	frames map[uint64]found
	// Newest is the highest number of a frame that is whole.
	Newest uint64

	// Of the last segment: it is there in its full length, an end mark says that
	// another one followed, bytes that are no frame follow its last whole one.
	full, ended, garbage bool
}

// EndKnown reports whether it is certain that the log had no frames after
// those found and after known, the newest frame that the database has.
func (s *Salvage) EndKnown(known uint64) bool {
	if !s.full || s.ended {
		return false
	}
	// Frames that the database has and the log not: one broken frame explains
	// one of them; an older copy of the segment would lack them without a trace.
	return s.Newest >= known || s.garbage && s.Newest+1 == known
}

type found struct {
	name string
	off  int64
	size int64
	seed Chain
	prev Chain
}

// OpenSalvage searches all segments. It changes nothing.
func OpenSalvage(ctx context.Context, opts Options) (*Salvage, error) {
	opts.fill()
	s := &Salvage{opts: opts, frames: make(map[uint64]found)}
	numbers, err := list(opts)
	if errors.Is(err, ErrMissing) {
		return s, nil
	}
	if err != nil {
		return nil, err
	}
	before := Genesis(opts.Store).Chain
	for _, n := range numbers {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if before, err = s.search(segmentName(n), before); err != nil {
			return nil, err
		}
	}
	for lsn := range maps.Keys(s.frames) {
		s.Newest = max(s.Newest, lsn)
	}
	return s, nil
}

// search looks for whole frames at every place of a segment. Its seed is in the
// header; if that is damaged, it is the check of the last frame before.
func (s *Salvage) search(name string, before Chain) (last Chain, err error) {
	b, err := vfs.ReadFile(s.opts.FS, s.opts.Dir+"/"+name)
	if err != nil {
		return before, err
	}
	seeds := []Chain{before}
	if len(b) >= segmentHeader {
		seeds = append(seeds, Chain(b[48:80]))
	}
	last = before
	s.ended, s.garbage = false, false
	info, err := decodeSegment(b, s.opts.Store)
	s.full = err == nil && info.size == int64(len(b)) || err != nil && int64(len(b)) >= s.opts.SegmentSize
	behind := min(len(b), segmentHeader)
	for at := 0; at < len(b); {
		i := bytes.Index(b[at:], []byte(frameMagic))
		if i < 0 {
			break
		}
		at += i
		size := 1
		for _, seed := range seeds {
			d, err := decodeFrame(b[at:], seed)
			if err != nil {
				continue
			}
			if d.kind == kindCommit {
				s.frames[d.LSN] = found{name, int64(at), int64(d.size), seed, d.prev}
				last = d.check
			}
			s.ended = s.ended || d.kind == kindEnd
			size = d.size
			behind = at + size
			break
		}
		at += size
	}
	s.garbage = !allZero(b[behind:])
	return last, nil
}

// Read gives the frames after a position, as far as they continue it without a
// gap, and the position reached. fn may be nil.
func (s *Salvage) Read(ctx context.Context, from Position, fn func(*Frame, Position) error) (Position, error) {
	for {
		f, ok := s.frames[from.LSN+1]
		if !ok || f.prev != from.Chain {
			return from, nil
		}
		if err := ctx.Err(); err != nil {
			return from, err
		}
		d, err := s.load(f)
		if err != nil {
			return from, err
		}
		from = Position{LSN: d.LSN, Chain: d.check}
		if fn != nil {
			if err := fn(&d.Frame, from); err != nil {
				return from, err
			}
		}
	}
}

func (s *Salvage) load(f found) (*decoded, error) {
	file, err := s.opts.FS.Open(s.opts.Dir + "/" + f.name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	b := make([]byte, f.size)
	if n, err := file.ReadAt(b, f.off); err != nil && !(errors.Is(err, io.EOF) && n == len(b)) {
		return nil, err
	}
	return decodeFrame(b, f.seed)
}

// After lists the whole frames with a number above lsn, for a report.
func (s *Salvage) After(lsn uint64) []uint64 {
	var out []uint64
	for n := range s.frames {
		if n > lsn {
			out = append(out, n)
		}
	}
	slices.Sort(out)
	return out
}
