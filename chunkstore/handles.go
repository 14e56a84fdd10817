package chunkstore

import (
	"container/list"
	"errors"
	"fmt"
	"io/fs"
	"sync"

	"scaidrive/chunkstore/vfs"
)

// A handle is an open pack, shared by its readers.
type handle struct {
	file vfs.File
	// head is the pack's header, checked; headErr says what is wrong with it.
	// Records can be read with a damaged header, but not of a foreign pack.
	head    packHead
	headErr error
	foreign bool

	pack   PackID
	refs   int
	pinned bool // being written: stays whatever the limit
	gone   bool // out of the table: closed by the last reader
	elem   *list.Element
}

// handles keeps packs open, the least recently used first to go.
type handles struct {
	fsys  vfs.FS
	store [16]byte
	limit int

	mu   sync.Mutex
	open map[PackID]*handle
	lru  *list.List // of *handle, most recent first
}

func newHandles(fsys vfs.FS, store [16]byte, limit int) *handles {
	return &handles{fsys: fsys, store: store, limit: limit, open: make(map[PackID]*handle), lru: list.New()}
}

// acquire gives the handle of a pack; the caller releases it. A pack whose
// file does not exist is a fs.ErrNotExist.
func (t *handles) acquire(id PackID) (*handle, error) {
	t.mu.Lock()
	if h, ok := t.open[id]; ok {
		h.refs++
		t.lru.MoveToFront(h.elem)
		t.mu.Unlock()
		return h, nil
	}
	t.mu.Unlock()
	f, err := t.fsys.Open(packName(id))
	if err != nil {
		return nil, err
	}
	h := &handle{file: f, pack: id}
	if err := t.check(h); err != nil {
		f.Close()
		return nil, err
	}
	return t.insert(h), nil
}

// check reads and judges the pack's header. Its error is an ErrFormat.
func (t *handles) check(h *handle) error {
	b := make([]byte, packHeadSize)
	_, err := readFull(h.file, b, 0)
	if err != nil {
		_, err = readFull(h.file, b, 0)
	}
	if h.headErr = err; err == nil {
		h.head, h.headErr = decodePackHead(b)
	}
	switch {
	case errors.Is(h.headErr, ErrFormat):
		return h.headErr
	case h.headErr != nil:
	case h.head.store != t.store:
		h.foreign, h.headErr = true, errors.New("the pack belongs to another store")
	case h.head.pack != h.pack:
		h.foreign, h.headErr = true, fmt.Errorf("the file is pack %d", h.head.pack)
	}
	return nil
}

// insert puts a new handle into the table and takes a reference. If another
// got there first, that one is given.
func (t *handles) insert(h *handle) *handle {
	t.mu.Lock()
	defer t.mu.Unlock()
	if other, ok := t.open[h.pack]; ok {
		other.refs++
		h.file.Close()
		return other
	}
	h.refs++
	h.elem = t.lru.PushFront(h)
	t.open[h.pack] = h
	t.trim()
	return h
}

// trim closes what is over the limit and not in use. Called with mu held.
func (t *handles) trim() {
	for e := t.lru.Back(); e != nil && len(t.open) > t.limit; {
		h := e.Value.(*handle)
		e = e.Prev()
		if h.refs == 0 && !h.pinned {
			t.remove(h)
			h.file.Close()
		}
	}
}

func (t *handles) remove(h *handle) {
	t.lru.Remove(h.elem)
	delete(t.open, h.pack)
	h.gone = true
}

func (t *handles) release(h *handle) {
	t.mu.Lock()
	defer t.mu.Unlock()
	h.refs--
	if h.refs == 0 && h.gone {
		h.file.Close()
	} else if len(t.open) > t.limit {
		t.trim()
	}
}

// unpin lets a pack go that is no longer written.
func (t *handles) unpin(h *handle) {
	t.mu.Lock()
	defer t.mu.Unlock()
	h.pinned = false
	t.trim()
}

// close closes all handles. Nobody may hold one.
func (t *handles) close() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	var err error
	for _, h := range t.open {
		err = errors.Join(err, h.file.Close())
	}
	clear(t.open)
	return err
}

var errShort = errors.New("the pack ends before")

// readFull fills b from off. An end of file before is an errShort.
func readFull(f vfs.File, b []byte, off int64) (int, error) {
	n, err := f.ReadAt(b, off)
	if n == len(b) {
		return n, nil
	}
	if err == nil || isEOF(err) {
		return n, fmt.Errorf("%w %d bytes from offset %d", errShort, len(b), off)
	}
	return n, err
}

func notExist(err error) bool { return errors.Is(err, fs.ErrNotExist) }
