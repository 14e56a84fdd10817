package session

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"

	"scaidrive/chunkstore/vfs"
	"scaidrive/engine"
	"scaidrive/engine/transfer"
)

// spool keeps the files of parts that are ahead of their front: one directory a
// session, one file a part, named by the part's number and an ID that begins with
// eight bytes of this process's own. So the files of an earlier process are told
// from those that calls of this one are writing.
type spool struct {
	fs   vfs.FS
	dir  string
	own  [8]byte
	next atomic.Uint64
	bufs sync.Pool
}

// spoolBuffer is what one part on its way into a file takes in memory, in bytes.
const spoolBuffer = 256 << 10

func newSpool(fsys vfs.FS, dir string, env engine.Env) *spool {
	s := &spool{fs: fsys, dir: dir, bufs: sync.Pool{New: func() any { return new([spoolBuffer]byte) }}}
	if _, err := io.ReadFull(env.Rand, s.own[:]); err != nil {
		panic("the source of randomness failed: " + err.Error()) // it never does
	}
	return s
}

func (s *spool) folder(session engine.ID) string { return s.dir + "/" + session.Format("") }

func (s *spool) name(session engine.ID, index uint32, id engine.ID) string {
	return fmt.Sprintf("%s/%d-%x", s.folder(session), index, id[:])
}

// parse reads a file's name.
func parse(name string) (index uint32, id engine.ID, ok bool) {
	number, text, _ := strings.Cut(name, "-")
	n, err := strconv.ParseUint(number, 10, 32)
	b, err2 := hex.DecodeString(text)
	if err != nil || err2 != nil || len(b) != len(id) {
		return 0, id, false
	}
	copy(id[:], b)
	return uint32(n), id, true
}

// ours reports whether a file was made by this process.
func (s *spool) ours(id engine.ID) bool { return [8]byte(id[:8]) == s.own }

// A spoolFile is a part on its way into a file.
type spoolFile struct {
	s    *spool
	f    vfs.File
	id   engine.ID
	name string
	dir  string
}

// A syncError is a failed sync.
type syncError struct{ err error }

func (e *syncError) Error() string { return "sync of a spooled part: " + e.err.Error() }
func (e *syncError) Unwrap() error { return e.err }

func spaceError(err error) error {
	if errors.Is(err, vfs.ErrNoSpace) {
		return &engine.Error{Kind: engine.KindNoSpace, Msg: "The storage of this server is full", Err: err}
	}
	return fmt.Errorf("spool a part: %w", err)
}

// create makes the file of a part of a known length.
func (s *spool) create(session engine.ID, index uint32, size int64) (*spoolFile, error) {
	w := &spoolFile{s: s, dir: s.folder(session)}
	copy(w.id[:], s.own[:])
	binary.BigEndian.PutUint64(w.id[8:], s.next.Add(1))
	w.name = s.name(session, index, w.id)
	if err := s.fs.MkdirAll(w.dir); err != nil {
		return nil, spaceError(err)
	}
	var err error
	if w.f, err = s.fs.Create(w.name); err != nil {
		return nil, spaceError(err)
	}
	if err := w.f.Allocate(0, size); err != nil {
		w.discard()
		return nil, spaceError(err)
	}
	return w, nil
}

// take writes what r gives and hashes it.
func (w *spoolFile) take(r io.Reader) (sum [32]byte, err error) {
	buf := w.s.bufs.Get().(*[spoolBuffer]byte)
	defer w.s.bufs.Put(buf)
	h := sha256.New()
	for off := int64(0); ; {
		n, err := transfer.Fill(r, buf[:])
		if n > 0 {
			h.Write(buf[:n])
			if _, err := w.f.WriteAt(buf[:n], off); err != nil {
				return sum, spaceError(err)
			}
			off += int64(n)
		}
		if err == io.EOF {
			h.Sum(sum[:0])
			return sum, nil
		}
		if err != nil {
			return sum, err
		}
	}
}

// finish makes the file durable.
func (w *spoolFile) finish() error {
	if err := w.f.Sync(); err != nil {
		return &syncError{err}
	}
	if err := w.f.Close(); err != nil {
		return err
	}
	w.f = nil
	if err := w.s.fs.SyncDir(w.dir); err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return engine.E(engine.KindNotFound, "Not found") // the session was deleted meanwhile
		}
		return &syncError{err}
	}
	return nil
}

// discard closes and removes the file.
func (w *spoolFile) discard() {
	if w.f != nil {
		_ = w.f.Close() // nobody relies on it
	}
	_ = w.s.fs.Remove(w.name) // what stays, the next start removes
}

// errSpool marks a spooled part that can't be read.
var errSpool = errors.New("a spooled part can't be read")

// read gives the bytes of a spooled part, as they are on the disk.
func (s *spool) open(session engine.ID, index uint32, id engine.ID) (io.ReadCloser, error) {
	f, err := s.fs.Open(s.name(session, index, id))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errSpool, err)
	}
	return &spoolReader{f: f}, nil
}

type spoolReader struct {
	f   vfs.File
	off int64
}

func (r *spoolReader) Read(b []byte) (int, error) {
	n, err := r.f.ReadAt(b, r.off)
	r.off += int64(n)
	if err != nil && err != io.EOF {
		err = fmt.Errorf("%w: %w", errSpool, err)
	}
	return n, err
}

func (r *spoolReader) Close() error { return r.f.Close() }

// removeAll removes files of a part; zero IDs are none. What can't be removed
// stays until the session or the process ends.
func (s *spool) removeAll(session engine.ID, index uint32, ids []engine.ID) {
	for _, id := range ids {
		if !id.IsZero() {
			_ = s.fs.Remove(s.name(session, index, id))
		}
	}
}

// clear removes all that a session has spooled.
func (s *spool) clear(session engine.ID) {
	entries, err := s.fs.ReadDir(s.folder(session))
	if err != nil {
		return // there is none, or the next start tries again
	}
	for _, e := range entries {
		_ = s.fs.Remove(s.folder(session) + "/" + e.Name)
	}
	_ = s.fs.Remove(s.folder(session))
}

// sessions lists the sessions that have spooled something, and the names of what
// does not belong here.
func (s *spool) sessions() (list []engine.ID, foreign []string, err error) {
	entries, err := s.fs.ReadDir(s.dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil, nil
	}
	for _, e := range entries {
		id, err := engine.ParseID("", e.Name)
		if err != nil || !e.Dir {
			foreign = append(foreign, e.Name)
			continue
		}
		list = append(list, id)
	}
	return list, foreign, err
}
