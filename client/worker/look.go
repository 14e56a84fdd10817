package worker

import (
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"sync"
	"time"

	"scaidrive/client/disk"
	"scaidrive/client/planner"
)

// looked is what reading a file has told.
type looked struct {
	file  planner.File
	stamp planner.Stamp
	err   error
}

// readers is how many files are read at a time to know their content.
const readers = 4

// read reads the files that may have changed.
func (s *scan) read(ctx context.Context, matches []planner.Match) error {
	var todo []int
	for i, m := range matches {
		if s.ids[i] == "" || s.found[i].IsDir || s.found[i].Closed != "" {
			continue
		}
		if !m.Same || s.f.rehash && s.found[i].Stamp.CTime == 0 {
			matches[i].Same = false
			todo = append(todo, i)
		}
	}
	s.f.rehash = false
	if todo = s.early(ctx, todo); len(todo) == 0 || ctx.Err() != nil {
		return ctx.Err()
	}
	var mu sync.Mutex
	var wg sync.WaitGroup
	next := 0
	for range min(readers, len(todo)) {
		wg.Go(func() {
			buf := make([]byte, 256<<10)
			for {
				mu.Lock()
				if next == len(todo) || ctx.Err() != nil {
					mu.Unlock()
					return
				}
				i := todo[next]
				next++
				mu.Unlock()
				l := s.f.look(s.place(i), buf)
				mu.Lock()
				s.files[i] = l
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	s.f.count(func(c *Counts) { c.Hashed += int64(len(todo)) })
	return ctx.Err()
}

// errWriting says that a file changes while it is read.
var errWriting = errors.New("it is being written")

// racy is how young a file's time may be for a later change to leave it as it is:
// clocks of file systems are no finer.
const racy = 20 * time.Millisecond

// coarse is racy on file systems that keep whole seconds, or two of them.
const coarse = 2 * time.Second

// racyFor is racy as the time of a file tells that its file system is: one that keeps
// whole seconds only gives whole seconds.
func racyFor(e *disk.Entry) time.Duration {
	if at := changedAt(e); at%int64(time.Second) == 0 {
		return coarse
	}
	return racy
}

// changedAt is when a file was changed in any way, as far as the system tells.
func changedAt(e *disk.Entry) int64 {
	if e.Stamp.CTime != 0 {
		return e.Stamp.CTime
	}
	return e.Stamp.MTime
}

// age is how long ago a file was changed in any way, as far as the system tells;
// negative where its time is still to come: then a change shows by an earlier one.
func (f *Folder) age(e *disk.Entry) time.Duration {
	return time.Duration(f.o.Now().UnixNano() - changedAt(e))
}

// A look is a file that is read between two equal looks at it.
type look struct {
	f      *Folder
	r      disk.Reader
	before disk.Entry
	age    time.Duration
}

// begin opens a file that has been left alone for long enough.
func (f *Folder) begin(path string) (l *look, err error) {
	r, err := f.disk.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			r.Close()
		}
	}()
	l = &look{f: f, r: r}
	if l.before, err = r.Look(); err != nil {
		return nil, err
	}
	l.age = f.age(&l.before)
	if l.age >= 0 && l.age < f.o.Stable {
		return nil, errWriting
	}
	if l.age >= 0 && l.age < racy {
		f.o.Sleep(racy - l.age)
		if l.before, err = r.Look(); err != nil {
			return nil, err
		}
		l.age = f.age(&l.before)
	}
	return l, nil
}

// end looks again, after so many bytes were read.
func (l *look) end(n int64) error {
	after, err := l.r.Look()
	if err != nil {
		return err
	}
	if l.before.Stamp != after.Stamp || n != l.before.Stamp.Size {
		return errWriting
	}
	return nil
}

// tells is what was found out, by the hash of what was read.
func (l *look) tells(sum [sha256.Size]byte) looked {
	t := looked{stamp: l.before.Stamp}
	if l.age >= 0 && l.age < racyFor(&l.before) {
		// A change in the same tick would not show: it is read again next time.
		t.stamp.CTime = -1
	}
	t.file = planner.File{Hash: sum, Size: l.before.Stamp.Size, Exec: t.stamp.Exec}
	return t
}

// look reads a file to know its content.
func (f *Folder) look(path string, buf []byte) looked {
	l, err := f.begin(path)
	if err != nil {
		return looked{err: err}
	}
	defer l.r.Close()
	h := sha256.New()
	n, err := io.CopyBuffer(struct{ io.Writer }{h}, struct{ io.Reader }{l.r}, buf)
	if err == nil {
		err = l.end(n)
	}
	if err != nil {
		return looked{err: err}
	}
	return l.tells([sha256.Size]byte(h.Sum(nil)))
}
