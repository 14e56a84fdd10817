package transfer

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"syscall"

	"scaidrive/client"
	"scaidrive/httpd/wire"
)

var errChecksum = errors.New("the content that arrived does not have the checksum that was announced")

// endsAll reports whether an error concerns all files, not one.
func endsAll(err error) bool {
	var un *client.Unreachable
	if errors.As(err, &un) || errors.Is(err, syscall.ENOSPC) || errors.Is(err, client.ErrNoRenewal) {
		return true
	}
	return client.StatusOf(err) == 401
}

// fetch brings a file's content under a temporary name, checks it and puts it in
// place.
func (d *download) fetch(ctx context.Context, dir *openDir, n *RemoteNode, op GetOp) error {
	if n.Size >= bigFile {
		select {
		case d.big <- struct{}{}:
		case <-ctx.Done():
			return ctx.Err()
		}
		defer func() { <-d.big }()
		return d.fetchBig(ctx, dir.root, n, op)
	}
	return d.fetchSmall(ctx, dir, n, op)
}

// fetchSmall holds the whole content; nothing is written before it is checked.
func (d *download) fetchSmall(ctx context.Context, dir *openDir, n *RemoteNode, op GetOp) error {
	p := d.buffers.Get().(*[]byte)
	defer d.buffers.Put(p)
	if int64(cap(*p)) < n.Size {
		*p = make([]byte, n.Size, n.Size+n.Size/4)
	}
	buf := (*p)[:n.Size]
	if err := d.api.ReadContent(ctx, n.ID, n.Version, buf); err != nil {
		return err
	}
	return d.placeSmall(dir, n, op, buf)
}

// placeSmall puts a content that has come whole in its place.
func (d *download) placeSmall(dir *openDir, n *RemoteNode, op GetOp, buf []byte) error {
	d.received.Add(n.Size)
	d.progress.Add(0, n.Size)
	if sha256.Sum256(buf) != n.Sum {
		return errChecksum
	}
	return placeWhole(dir, partPrefix+d.o.Token(), n, op, buf)
}

// readTriesGet is how often a stream is taken up again that brings nothing.
const readTriesGet = 4

// fetchBig streams into a temporary file whose name tells the version, so that
// an interrupted one is taken up where it ended: what lies there is hashed, not
// fetched. What failed for another reason than an interruption is not kept.
func (d *download) fetchBig(ctx context.Context, dir *os.Root, n *RemoteNode, op GetOp) (err error) {
	f, err := openBigPart(dir, n, op, d.o.Token)
	if err != nil {
		return err
	}
	defer func() {
		if ctx.Err() != nil || endsAll(err) || errors.Is(err, client.ErrBrokenOff) {
			f.leave()
		} else {
			f.drop()
		}
	}()
	sum := newStreamSum()
	defer sum.stop()
	off, err := io.Copy(sum, &contextReader{ctx, io.LimitReader(f.file, n.Size)})
	if err != nil {
		return err
	}
	d.progress.Add(0, off)
	for tries := 0; off < n.Size; {
		m, err := d.stream(ctx, n, f.file, sum, off)
		off += m
		d.received.Add(m)
		switch {
		case err == nil:
		case ctx.Err() != nil:
			return ctx.Err()
		case !errors.Is(err, client.ErrBrokenOff):
			return err
		case m == 0:
			if tries++; tries >= readTriesGet {
				return err
			}
		}
	}
	if sum.sum() != n.Sum {
		return errChecksum
	}
	if err := f.file.Truncate(n.Size); err != nil {
		return err
	}
	return f.place(n, op)
}

// stream writes content from off on to f and to the sum, and tells how much.
func (d *download) stream(ctx context.Context, n *RemoteNode, f *os.File, sum *streamSum, off int64) (int64, error) {
	body, length, err := d.api.Content(ctx, n.ID, n.Version, off)
	if err != nil {
		return 0, err
	}
	defer body.Close()
	if length != n.Size {
		return 0, client.ErrLength
	}
	var done int64
	for off+done < n.Size {
		buf := sum.buffer()
		want := min(int64(len(buf)), n.Size-off-done)
		m, err := io.ReadFull(body, buf[:want])
		if _, werr := f.WriteAt(buf[:m], off+done); werr != nil {
			return done, werr
		}
		sum.add(buf[:m])
		done += int64(m)
		d.progress.Add(0, int64(m))
		if err != nil {
			return done, fmt.Errorf("%w: %v", client.ErrBrokenOff, err)
		}
	}
	return done, nil
}

// A streamSum hashes in a goroutine of its own, so that hashing and moving bytes
// use two cores. Buffers are lent by buffer and come back by add.
type streamSum struct {
	in   chan []byte
	free chan []byte
	out  chan wire.Hash
}

func newStreamSum() *streamSum {
	const n = 3
	s := &streamSum{in: make(chan []byte, n), free: make(chan []byte, n), out: make(chan wire.Hash, 1)}
	for range n {
		s.free <- nil
	}
	in := s.in
	go func() { // ends when stop or sum closes it
		h := sha256.New()
		for b := range in {
			h.Write(b)
			s.free <- b[:cap(b)]
		}
		s.out <- wire.Hash(h.Sum(nil))
	}()
	return s
}

func (s *streamSum) buffer() []byte {
	b := <-s.free
	if b == nil {
		b = make([]byte, streamBuffer)
	}
	return b
}

func (s *streamSum) add(b []byte) { s.in <- b }

// Write takes a copy, for io.Copy.
func (s *streamSum) Write(p []byte) (int, error) {
	for rest := p; len(rest) > 0; {
		b := s.buffer()
		n := copy(b, rest)
		s.add(b[:n])
		rest = rest[n:]
	}
	return len(p), nil
}

// sum ends the stream and gives the hash of all that was added.
func (s *streamSum) sum() wire.Hash {
	s.stop()
	h := <-s.out
	s.out <- h
	return h
}

// stop ends the stream; it may be called again.
func (s *streamSum) stop() {
	if s.in != nil {
		close(s.in)
		s.in = nil
	}
}

// A part is a temporary file in the folder of its place.
type part struct {
	dir  *os.Root
	name string
	file *os.File
	gone bool // placed or removed
}

func (o GetOp) perm(n *RemoteNode) fs.FileMode { return fs.FileMode(permFor(o.Perm, n.Exec)) }

// createPart makes a temporary file that nobody else has.
func createPart(dir *os.Root, name string, perm fs.FileMode) (*part, error) {
	f, err := dir.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_RDWR, perm|0o600)
	if err != nil {
		return nil, err
	}
	p := &part{dir: dir, name: name, file: f}
	if !locked(f) { // somebody who clears up has it already
		p.drop()
		return nil, errors.New("the temporary file was taken by another process")
	}
	return p, nil
}

// openBigPart opens the temporary file of that version, or a fresh one if
// another process is at work on it.
func openBigPart(dir *os.Root, n *RemoteNode, op GetOp, token func() string) (*part, error) {
	name := bigPartName(n)
	f, err := dir.OpenFile(name, os.O_CREATE|os.O_RDWR, op.perm(n)|0o600)
	if err != nil {
		return nil, err
	}
	if info, err := f.Stat(); err == nil && info.Mode().IsRegular() && locked(f) {
		return &part{dir: dir, name: name, file: f}, nil
	}
	f.Close()
	return createPart(dir, partPrefix+token(), op.perm(n))
}

// bigPartName tells the version; characters that are not those of an ID are left out.
func bigPartName(n *RemoteNode) string {
	id := strings.Map(func(r rune) rune {
		if r == '_' || ('0' <= r && r <= '9') || ('A' <= r && r <= 'Z') || ('a' <= r && r <= 'z') {
			return r
		}
		return -1
	}, n.VersionID)
	return partPrefix + id
}

// place gives the file its time and bits and its name, in this order, so that
// what has the name is finished.
func (p *part) place(n *RemoteNode, op GetOp) error {
	if hasExec && op.Perm != 0 {
		if err := p.file.Chmod(op.perm(n)); err != nil {
			return err
		}
	}
	if err := p.dir.Chtimes(p.name, mtimeOf(n), mtimeOf(n)); err != nil {
		return err
	}
	if renameNeedsClosed {
		p.file.Close()
	}
	// A folder or a link may have come meanwhile; a link is replaced, not followed.
	if err := p.dir.Rename(p.name, n.Name); err != nil {
		return err
	}
	p.gone = true
	p.file.Close()
	return nil
}

// drop removes the file unless it is in its place.
func (p *part) drop() {
	if !p.gone {
		p.gone = true
		p.dir.Remove(p.name)
		p.file.Close()
	}
}

// leave closes the file and lets what there is of it lie, for the next run.
func (p *part) leave() {
	if info, err := p.file.Stat(); err == nil && info.Size() == 0 {
		p.drop()
	}
	if !p.gone {
		p.file.Close()
		p.gone = true
	}
}
