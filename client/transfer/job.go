package transfer

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"sync/atomic"

	"scaidrive/client/upload"
	"scaidrive/httpd/wire"
)

// A task is a file to put, in one round.
type task struct {
	op PutOp
	// prove, of a later round: the server does not remember who sent the chunks,
	// but may have them, so they are proven in the place of sending them.
	prove bool
	// force, of a later round: the server said that it lacks these chunks. The
	// others it has, and they are proven where it does not remember them.
	force map[wire.Hash]struct{}
}

// A job is a task under way.
type job struct {
	task
	file *upload.File
	state
	content *wire.Content

	// reading is the state at the last opening. Stretches of an attempt are still
	// reported while the file is opened for the next one; state itself is settled
	// when the file is handed on.
	reading atomic.Pointer[state]
}

// A state is what a file is when it is opened.
type state struct {
	size  int64
	mtime int64 // nanoseconds
	exec  bool
}

// readTries is how often a file that changes under the reader is read.
const readTries = 3

func (u *put) newJob(t task) *job {
	f := &u.local.Files[t.op.File]
	return &job{task: t, state: state{size: f.Size, mtime: f.Mtime, exec: f.Exec}}
}

// outgoing describes a job to the way up. Its functions are called by one goroutine.
func (u *put) outgoing(j *job, from *opener) *upload.File {
	f := &upload.File{Prove: j.prove, Force: j.force, Tries: readTries}
	if j.op.Action == PutTouch {
		return f
	}
	f.Open = func() (upload.Source, int64, error) {
		file, info, err := from.open(j.op.File)
		if err != nil {
			return nil, 0, err
		}
		j.state = state{size: info.Size(), mtime: info.ModTime().UnixNano(), exec: info.Mode()&0o100 != 0}
		now := j.state
		j.reading.Store(&now)
		return file, now.size, nil
	}
	f.Check = func(s upload.Source) error {
		after, err := s.(*os.File).Stat()
		if err != nil {
			return err
		}
		if after.Size() != j.size || after.ModTime().UnixNano() != j.mtime {
			return upload.ErrChanging
		}
		return nil
	}
	f.Base = func(ctx context.Context, large bool) ([]wire.Chunk, error) { return u.findBase(ctx, j, large) }
	if j.op.Remote >= 0 {
		n := &u.remote.Nodes[j.op.Remote]
		f.BaseFile, f.BaseVersion = n.ID, n.VersionID
	}
	return f
}

// findBase asks for the chunks of the version that a large file replaces, and
// for how much of it an earlier run has sent.
func (u *put) findBase(ctx context.Context, j *job, large bool) ([]wire.Chunk, error) {
	if large {
		j.file.Provable.Store(u.notes.sent(u.noteKey(j, j.size), j.size, j.mtime))
	}
	if j.op.Remote < 0 {
		return nil, nil
	}
	n := &u.remote.Nodes[j.op.Remote]
	switch {
	case n.Size == 0:
		return nil, nil
	case n.Size <= int64(u.set.Min):
		// A version of one chunk needs no manifest: its hash is the chunk's.
		return []wire.Chunk{{SHA256: n.Sum, Size: uint32(n.Size)}}, nil
	case !large:
		return nil, nil
	}
	m, err := u.api.Manifest(ctx, n.ID, n.Version)
	if err != nil {
		return nil, ctx.Err() // without it more is sent, that is all
	}
	if m.Chunking != u.set.Name || m.VersionID != n.VersionID {
		return nil, nil
	}
	return m.Chunks, nil
}

// An opener opens local files; it keeps the folder of the last one open.
type opener struct {
	u   *put
	dir *os.Root
	src int32
}

func (o *opener) close() {
	if o.dir != nil {
		o.dir.Close()
		o.dir = nil
	}
}

// open opens a file below its root, and only if it is still a regular file.
func (o *opener) open(i int32) (*os.File, fs.FileInfo, error) {
	lf := &o.u.local.Files[i]
	if o.dir == nil || o.src != lf.Src {
		o.close()
		s := &o.u.local.Sources[lf.Src]
		dir, err := s.root.OpenRoot(s.rel)
		if err != nil {
			return nil, nil, err
		}
		o.dir, o.src = dir, lf.Src
	}
	seen, err := o.dir.Lstat(lf.Name)
	if err != nil {
		return nil, nil, err
	}
	if !seen.Mode().IsRegular() {
		return nil, nil, fmt.Errorf("has become a %s", kindOf(seen.Mode()))
	}
	f, err := o.dir.Open(lf.Name)
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
