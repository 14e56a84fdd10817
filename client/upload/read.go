package upload

import (
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"iter"

	"scaidrive/chunkstore/split/sha2x"
	"scaidrive/httpd/wire"
)

// readStep is how much of a large file is read at a time: little enough to be
// in the processor's cache still when it is cut.
const readStep = 1 << 20

// A reader fills windows with files, in order.
type reader struct {
	p    *Pipe
	free <-chan *window
	left int // windows that may be made yet
	emit func(*window)
	w    *window
}

// run reads all files. One that cannot be read is handed on with an error.
func (r *reader) run(ctx context.Context, files iter.Seq[*File]) (err error) {
	if r.w, err = r.take(ctx); err != nil {
		return err
	}
	for f := range files {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if err := r.file(ctx, f); err != nil {
			return err
		}
	}
	r.emit(r.w)
	return nil
}

// take gives an empty window.
func (r *reader) take(ctx context.Context) (*window, error) {
	select {
	case w := <-r.free:
		return w, nil
	default:
	}
	if r.left > 0 {
		r.left--
		return newWindow(), nil
	}
	select {
	case w := <-r.free:
		return w, nil
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

// next gives the full window away and takes an empty one.
func (r *reader) next(ctx context.Context) (err error) {
	r.emit(r.w)
	r.w, err = r.take(ctx)
	return err
}

// A fatalError ends the whole, not one file.
type fatalError struct{ err error }

func (e *fatalError) Error() string { return e.err.Error() }

// file reads a file, again if it changes meanwhile.
func (r *reader) file(ctx context.Context, f *File) error {
	a := &attempt{file: f}
	for try := 0; f.Open != nil && try < max(1, f.Tries); try++ {
		a = &attempt{file: f}
		var fatal *fatalError
		a.err = r.once(ctx, a)
		switch {
		case errors.As(a.err, &fatal):
			return fatal.err
		case ctx.Err() != nil:
			return context.Cause(ctx)
		}
		if !errors.Is(a.err, ErrChanging) {
			break
		}
	}
	r.w.ends = append(r.w.ends, a)
	return nil
}

func (r *reader) once(ctx context.Context, a *attempt) error {
	f := a.file
	src, size, err := f.Open()
	if err != nil {
		return err
	}
	defer src.Close()
	a.size = size
	large := size > int64(r.p.Set.Min)
	if f.Base != nil {
		if a.base, err = f.Base(ctx, large); err != nil {
			return &fatalError{err}
		}
		if len(a.base) > 0 {
			a.inBase = make(map[wire.Hash]struct{}, len(a.base))
			for i := range a.base {
				a.inBase[a.base[i].SHA256] = struct{}{}
			}
		}
	}
	if large {
		err = r.large(ctx, a, src)
	} else {
		err = r.small(ctx, a, src)
	}
	if err == nil && f.Check != nil {
		err = f.Check(src)
	}
	return err
}

func cutShort(err error) error {
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		return ErrChanging
	}
	return err
}

// small reads a file that is one chunk at most; its hash is the chunk's.
func (r *reader) small(ctx context.Context, a *attempt, src Source) error {
	n := int(a.size)
	if n == 0 {
		a.sum = sha256.Sum256(nil)
		return nil
	}
	if r.w.room() < n {
		if err := r.next(ctx); err != nil {
			return &fatalError{err}
		}
	}
	w := r.w
	if _, err := io.ReadFull(src, w.buf[w.used:w.used+n]); err != nil {
		return cutShort(err)
	}
	w.chunks = append(w.chunks, windowChunk{of: a, at: w.used, size: n})
	w.used += n
	return nil
}

// large reads a file of several chunks through as many windows as it takes.
func (r *reader) large(ctx context.Context, a *attempt, src Source) error {
	a.whole = sha2x.NewStream()
	set := r.p.Set
	var off int64  // in the file, of what is cut
	carried := 0   // bytes at the window's end that are not cut yet
	left := a.size // bytes of the file not read yet
	for left > 0 || carried > 0 {
		if r.w.room()-carried <= 0 || (carried < set.Max && r.w.room() < set.Max && left > 0) {
			rest := r.w.buf[r.w.used : r.w.used+carried]
			if err := r.next(ctx); err != nil {
				return &fatalError{err}
			}
			copy(r.w.buf[r.w.used:], rest) // the old window's bytes beyond used are nobody's
		}
		w := r.w
		want := min(int64(w.room()-carried), left, readStep)
		n, err := io.ReadFull(src, w.buf[w.used+carried:w.used+carried+int(want)])
		if err != nil {
			return cutShort(err)
		}
		left -= int64(n)
		carried += n
		from := w.used
		for carried > 0 {
			size := set.Cut(w.buf[w.used:w.used+carried], left == 0)
			if size == 0 {
				break
			}
			w.chunks = append(w.chunks, windowChunk{of: a, at: w.used, size: size, offset: off})
			w.used += size
			carried -= size
			off += int64(size)
		}
		if w.used > from {
			w.spans = append(w.spans, span{of: a, at: from, to: w.used, upTo: off, last: left == 0})
		}
	}
	return nil
}
