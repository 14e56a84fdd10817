package vfs

import (
	"io"
	"io/fs"
	"slices"
)

// SectorSize is the unit, in bytes, in which Mem keeps or drops what was
// written and not synced.
const SectorSize = 512

// memFile is a handle on a file of a Mem.
type memFile struct {
	m        *Mem
	n        *node
	name     string
	writable bool
	closed   bool // guarded by m.mu
}

// handle opens a file. Called with mu held.
func (m *Mem) handle(n *node, name string, writable bool) *memFile {
	n.handles++
	return &memFile{m: m, n: n, name: name, writable: writable}
}

func (f *memFile) fail(op string, err error) error {
	return &fs.PathError{Op: op, Path: f.name, Err: err}
}

// check says whether the handle can be used. Called with mu held.
func (f *memFile) check(op string, write bool) error {
	if f.closed {
		return f.fail(op, fs.ErrClosed)
	}
	if write && !f.writable {
		return f.fail(op, fs.ErrPermission)
	}
	return nil
}

func (f *memFile) ReadAt(p []byte, off int64) (int, error) {
	f.m.mu.RLock()
	defer f.m.mu.RUnlock()
	if err := f.check("read", false); err != nil {
		return 0, err
	}
	if off < 0 {
		return 0, f.fail("read", fs.ErrInvalid)
	}
	if len(p) == 0 {
		return 0, nil
	}
	if off >= int64(len(f.n.data)) {
		return 0, io.EOF
	}
	n := copy(p, f.n.data[off:])
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

func (f *memFile) WriteAt(p []byte, off int64) (int, error) {
	f.m.before(Op{Kind: OpWrite, Name: f.name, Off: off, Len: int64(len(p))})
	f.m.mu.Lock()
	defer f.m.mu.Unlock()
	if err := f.check("write", true); err != nil {
		return 0, err
	}
	if off < 0 {
		return 0, f.fail("write", fs.ErrInvalid)
	}
	if len(p) == 0 {
		return 0, nil
	}
	room := f.m.room(f.n)
	var full error
	if end := off + int64(len(p)); end > room {
		full = f.fail("write", ErrNoSpace)
		p = p[:max(0, room-off)]
		if len(p) == 0 {
			return 0, full
		}
	}
	f.n.touch(off, off+int64(len(p)))
	if end := off + int64(len(p)); end > int64(len(f.n.data)) {
		f.m.resize(f.n, end)
	}
	copy(f.n.data[off:], p)
	return len(p), full
}

// room is the offset up to which a file can grow.
func (m *Mem) room(n *node) int64 {
	if m.capacity <= 0 {
		return 1<<63 - 1
	}
	return max(n.cost(), n.cost()+m.capacity-m.used)
}

// resize changes the length of a file, filling with zeros.
func (m *Mem) resize(n *node, size int64) {
	m.used -= n.cost()
	if old := int64(len(n.data)); size > old {
		n.data = slices.Grow(n.data, int(size-old))[:size]
		clear(n.data[old:])
	} else {
		n.data = n.data[:size]
	}
	m.used += n.cost()
}

// touch keeps the durable bytes of the sectors between two offsets before they
// are written.
func (n *node) touch(from, to int64) {
	if n.dirty == nil {
		n.dirty = make(map[int64][]byte)
	}
	for s := from / SectorSize; s*SectorSize < to; s++ {
		if _, ok := n.dirty[s]; ok {
			continue
		}
		if old, ok := n.lost[s]; ok {
			n.dirty[s] = old
			delete(n.lost, s)
			continue
		}
		start := s * SectorSize
		end := min(start+SectorSize, n.syncedLen, int64(len(n.data)))
		if end <= start {
			n.dirty[s] = nil
			continue
		}
		n.dirty[s] = slices.Clone(n.data[start:end])
	}
}

func (f *memFile) Close() error {
	f.m.mu.Lock()
	defer f.m.mu.Unlock()
	if err := f.check("close", false); err != nil {
		return err
	}
	f.closed = true
	f.n.handles--
	f.m.release(f.n)
	return nil
}

func (f *memFile) Size() (int64, error) {
	f.m.mu.RLock()
	defer f.m.mu.RUnlock()
	if err := f.check("stat", false); err != nil {
		return 0, err
	}
	return int64(len(f.n.data)), nil
}

func (f *memFile) Truncate(size int64) error {
	f.m.before(Op{Kind: OpTruncate, Name: f.name, Off: size})
	f.m.mu.Lock()
	defer f.m.mu.Unlock()
	if err := f.check("truncate", true); err != nil {
		return err
	}
	if size < 0 {
		return f.fail("truncate", fs.ErrInvalid)
	}
	if size > f.m.room(f.n) {
		return f.fail("truncate", ErrNoSpace)
	}
	if old := int64(len(f.n.data)); size < old {
		f.n.touch(size, old)
		f.m.used -= f.n.cost()
		f.n.allocated = min(f.n.allocated, size)
		f.m.used += f.n.cost()
	}
	f.m.resize(f.n, size)
	return nil
}

func (f *memFile) Allocate(off, length int64) error {
	f.m.before(Op{Kind: OpAllocate, Name: f.name, Off: off, Len: length})
	f.m.mu.Lock()
	defer f.m.mu.Unlock()
	if err := f.check("allocate", true); err != nil {
		return err
	}
	if off < 0 || length <= 0 {
		return f.fail("allocate", fs.ErrInvalid)
	}
	end := off + length
	if end > f.m.room(f.n) {
		return f.fail("allocate", ErrNoSpace)
	}
	f.m.used -= f.n.cost()
	f.n.allocated = max(f.n.allocated, end)
	f.m.used += f.n.cost()
	return nil
}

func (f *memFile) Sync() error {
	f.m.before(Op{Kind: OpSync, Name: f.name})
	f.m.mu.Lock()
	defer f.m.mu.Unlock()
	if err := f.check("sync", false); err != nil {
		return err
	}
	clear(f.n.dirty)
	f.n.syncedLen = int64(len(f.n.data))
	return nil
}

// LoseUnsynced makes the file's unsynced bytes lost, as a kernel does whose
// write-back failed: reads still show them, a later Sync succeeds, and a crash
// drops them. Fault calls it when it fails a sync.
func (f *memFile) LoseUnsynced() {
	f.m.mu.Lock()
	defer f.m.mu.Unlock()
	if f.n.lost == nil {
		f.n.lost = make(map[int64][]byte)
	}
	for s, old := range f.n.dirty {
		f.n.lost[s] = old
	}
	clear(f.n.dirty)
}
