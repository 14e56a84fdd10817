package transfer

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
)

// readStep is how much of a large file is read at a time: little enough to be
// in the processor's cache still when it is cut.
const readStep = 1 << 20

// readTries is how often a file that changes under the reader is read.
const readTries = 3

var errChanging = errors.New("keeps changing while it is read")

// A reader fills windows with the files of the tasks, in order.
type reader struct {
	u    *upload
	take func() (*window, error)
	emit func(*window)

	w   *window
	dir *os.Root // the directory of the last file
	src int32
}

// run reads all tasks. A file that cannot be read ends as a job with an error.
func (r *reader) run(ctx context.Context, tasks []task) (err error) {
	r.src = -1
	defer r.closeDir()
	if r.w, err = r.take(); err != nil {
		return err
	}
	for _, t := range tasks {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := r.file(ctx, t); err != nil {
			return err
		}
	}
	r.emit(r.w)
	return nil
}

func (r *reader) closeDir() {
	if r.dir != nil {
		r.dir.Close()
		r.dir = nil
	}
}

// next gives the full window away and takes an empty one.
func (r *reader) next() (err error) {
	r.emit(r.w)
	r.w, err = r.take()
	return err
}

// file reads one task's file, again if it changes meanwhile.
func (r *reader) file(ctx context.Context, t task) error {
	if t.op.Action == PutTouch {
		r.w.ends = append(r.w.ends, r.u.newJob(t))
		return nil
	}
	var last *job
	for range readTries {
		j := r.u.newJob(t)
		last = j
		err := r.once(ctx, j)
		var fatal *fatalError
		switch {
		case err == nil:
			r.w.ends = append(r.w.ends, j)
			return nil
		case errors.As(err, &fatal):
			return fatal.err
		case ctx.Err() != nil:
			return ctx.Err()
		}
		j.err = err
		if !errors.Is(err, errChanging) {
			break
		}
	}
	r.w.ends = append(r.w.ends, last)
	return nil
}

// fatalError ends the whole transfer, not one file.
type fatalError struct{ err error }

func (e *fatalError) Error() string { return e.err.Error() }

func (r *reader) once(ctx context.Context, j *job) error {
	f, info, err := r.open(j.op.File)
	if err != nil {
		return err
	}
	defer f.Close()
	j.size, j.mtime, j.exec = info.Size(), info.ModTime().UnixNano(), info.Mode()&0o100 != 0
	if j.size <= int64(r.u.set.Min) {
		err = r.small(j, f)
	} else {
		if err := r.u.findBase(ctx, j); err != nil {
			return &fatalError{err}
		}
		err = r.large(j, f)
	}
	if err != nil {
		return err
	}
	after, err := f.Stat()
	if err != nil {
		return err
	}
	if after.Size() != j.size || after.ModTime().UnixNano() != j.mtime {
		return errChanging
	}
	return nil
}

// open opens a file below its root, and only if it is still a regular file.
func (r *reader) open(i int32) (*os.File, fs.FileInfo, error) {
	lf := &r.u.local.Files[i]
	if r.dir == nil || r.src != lf.Src {
		r.closeDir()
		s := &r.u.local.Sources[lf.Src]
		dir, err := s.root.OpenRoot(s.rel)
		if err != nil {
			return nil, nil, err
		}
		r.dir, r.src = dir, lf.Src
	}
	seen, err := r.dir.Lstat(lf.Name)
	if err != nil {
		return nil, nil, err
	}
	if !seen.Mode().IsRegular() {
		return nil, nil, fmt.Errorf("has become a %s", kindOf(seen.Mode()))
	}
	f, err := r.dir.Open(lf.Name)
	if err != nil {
		return nil, nil, err
	}
	info, err := f.Stat()
	if err == nil && !os.SameFile(info, seen) {
		err = errors.New("was replaced while it was looked at")
	}
	if err != nil {
		f.Close()
		return nil, nil, err
	}
	return f, info, nil
}

// small reads a file that is one chunk at most; its hash is the chunk's.
func (r *reader) small(j *job, f *os.File) error {
	n := int(j.size)
	if n == 0 {
		j.sum = sha256.Sum256(nil)
		return nil
	}
	if r.w.room() < n {
		if err := r.next(); err != nil {
			return &fatalError{err}
		}
	}
	w := r.w
	if _, err := io.ReadFull(f, w.buf[w.used:w.used+n]); err != nil {
		if err == io.EOF || err == io.ErrUnexpectedEOF {
			return errChanging
		}
		return err
	}
	w.chunks = append(w.chunks, windowChunk{job: j, at: w.used, size: n})
	w.used += n
	return nil
}

// large reads a file of several chunks through as many windows as it takes.
func (r *reader) large(j *job, f *os.File) error {
	j.whole = sha256.New()
	var off int64  // in the file, of what is cut
	carried := 0   // bytes at the window's end that are not cut yet
	left := j.size // bytes of the file not read yet
	for left > 0 || carried > 0 {
		if r.w.room()-carried == 0 || (carried < r.u.set.Max && r.w.room() < r.u.set.Max && left > 0) {
			rest := r.w.buf[r.w.used : r.w.used+carried]
			if err := r.next(); err != nil {
				return &fatalError{err}
			}
			copy(r.w.buf[r.w.used:], rest) // the old window's bytes beyond used are nobody's
		}
		w := r.w
		want := min(int64(w.room()-carried), left, readStep)
		n, err := io.ReadFull(f, w.buf[w.used+carried:w.used+carried+int(want)])
		if err == io.EOF || err == io.ErrUnexpectedEOF {
			return errChanging
		}
		if err != nil {
			return err
		}
		left -= int64(n)
		carried += n
		from := w.used
		for carried > 0 {
			size := r.u.set.Cut(w.buf[w.used:w.used+carried], left == 0)
			if size == 0 {
				break
			}
			w.chunks = append(w.chunks, windowChunk{job: j, at: w.used, size: size, offset: off})
			w.used += size
			carried -= size
			off += int64(size)
		}
		if w.used > from {
			w.spans = append(w.spans, span{job: j, at: from, to: w.used, last: left == 0})
		}
	}
	return nil
}
