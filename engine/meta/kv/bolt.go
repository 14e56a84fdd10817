package kv

import (
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	bolt "go.etcd.io/bbolt"
	berrors "go.etcd.io/bbolt/errors"
)

// The file's layout: one bucket. The header is the record with headerKey, which
// sorts before every other (a user's keys begin with a table number that is not
// zero), and is padded so that bbolt never stores the bucket inline.
const (
	boltPageSize  = 4096
	boltAllocSize = 4 << 20
	headerPadding = 2 << 10
)

var (
	boltBucket = []byte("scaidrive")
	headerKey  = []byte{0, 0}
)

// BoltPlace is the place of one bbolt file.
type BoltPlace struct {
	// Path is the file's name on the disk.
	Path string
	// NoSync leaves out all syncs: for tests that are not about durability.
	NoSync bool
	// Stopped says that the last process closed the file in an orderly way, with no
	// sync that failed: then Open writes nothing.
	Stopped bool
}

// Open implements Place.
func (p BoltPlace) Open() (Store, error) {
	if _, err := os.Stat(p.Path); err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return nil, ErrNotExist
		}
		return nil, err
	}
	if err := precheck(p.Path); err != nil {
		return nil, err
	}
	return openBolt(p.Path, p.NoSync, p.Stopped)
}

// Replace implements Place.
func (p BoltPlace) Replace(fill func(Store) error) error {
	tmp := p.Path + ".new"
	if err := os.Remove(tmp); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	s, err := openBolt(tmp, p.NoSync, false)
	if err != nil {
		return err
	}
	if err := fill(s); err != nil {
		s.Close()
		return err
	}
	if err := s.Close(); err != nil {
		return err
	}
	if err := os.Rename(tmp, p.Path); err != nil {
		return err
	}
	return syncDir(filepath.Dir(p.Path), p.NoSync)
}

func syncDir(dir string, noSync bool) error {
	if noSync || runtime.GOOS == "windows" {
		return nil
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	err = d.Sync()
	return errors.Join(err, d.Close())
}

// boltStore is a bbolt file. bbolt writes it; it is read by a reader of our own
// (boltPages), because bbolt trusts what it finds in a page.
type boltStore struct {
	db   *bolt.DB
	file *os.File
	// allocated is the length of the file's start that surely has its blocks.
	allocated int64
	broken    error // after a failed Apply; only Apply uses it
	unsettled bool  // rewriteMeta is left to the first Apply, which alone uses this
	root      atomic.Pointer[boltRoot]

	// Begin and Close: bbolt's own Close is not safe against a Begin that
	// panics half-way, so the transactions are counted here.
	readers sync.RWMutex
	closed  bool

	// shared is the transaction that all readers of the newest state use, so that
	// most need none of their own; nil: there is none. Between an Apply's begin and
	// its end it stays nil, for bbolt then may wait for all transactions that
	// are open, to move its mapping.
	shared  atomic.Pointer[boltTx]
	sharing sync.Mutex
	alone   bool // under sharing: each reader has a transaction of its own
}

// boltRoot remembers where the bucket's tree begins in the state of one
// transaction number.
type boltRoot struct {
	txid int
	page uint64
}

func openBolt(path string, noSync, stopped bool) (s *boltStore, err error) {
	s = &boltStore{unsettled: stopped && !noSync}
	err = guard(func() error {
		db, err := bolt.Open(path, 0o600, &bolt.Options{
			Timeout:         time.Second,
			FreelistType:    bolt.FreelistMapType,
			InitialMmapSize: initialMmapSize(),
			PageSize:        boltPageSize,
			NoSync:          noSync,
			NoGrowSync:      false,
			NoStatistics:    true,
			OpenFile: func(name string, flag int, mode os.FileMode) (*os.File, error) {
				f, err := os.OpenFile(name, flag, mode)
				if s.file == nil {
					s.file = f
				}
				return f, err
			},
		})
		if err != nil {
			return err
		}
		s.db = db
		db.AllocSize = boltAllocSize
		if noSync || stopped {
			return nil
		}
		return rewriteMeta(s.file)
	})
	if err != nil {
		// After a panic inside bbolt its file may still be open and locked.
		if s.file != nil {
			s.file.Close()
		}
		return nil, classifyOpen(err)
	}
	return s, nil
}

// rewriteMeta writes the two meta pages again, as they are, and syncs. If their
// sync failed in an earlier process, the kernel shows a newer meta page than the
// disk has, and bbolt would reuse pages that the disk's older one needs.
func rewriteMeta(f *os.File) error {
	b := make([]byte, 2*boltPageSize)
	if _, err := f.ReadAt(b, 0); err != nil {
		return err
	}
	if _, err := f.WriteAt(b, 0); err != nil {
		return err
	}
	return f.Sync()
}

// classifyOpen tells a file that is not right from one that cannot be reached.
func classifyOpen(err error) error {
	var pe *fs.PathError
	if errors.As(err, &pe) || errors.Is(err, berrors.ErrTimeout) {
		return err
	}
	var en syscall.Errno
	if errors.As(err, &en) {
		return err
	}
	if errors.Is(err, ErrDamaged) {
		return err
	}
	return fmt.Errorf("%w: %w", ErrDamaged, err)
}

// initialMmapSize is large, where addresses cost nothing, so that a growing
// file is not mapped anew: that would wait for every reader, and every reader
// behind it would wait too.
func initialMmapSize() int {
	if strconv.IntSize == 64 && runtime.GOOS != "windows" {
		return math.MaxInt & (64 << 30)
	}
	return 0
}

// guard runs fn, which reads or writes mapped pages: a panic of bbolt or a fault
// on a page becomes ErrDamaged.
func guard(fn func() error) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%w: %v", ErrDamaged, r)
		}
	}()
	return fn()
}

func (s *boltStore) Begin() (Tx, error) {
	if t := s.shared.Load(); t != nil && t.enter() {
		return t, nil
	}
	s.sharing.Lock()
	defer s.sharing.Unlock()
	if t := s.shared.Load(); t != nil && t.enter() {
		return t, nil
	}
	t, err := s.begin()
	if err == nil && !s.alone {
		t.enter()
		s.shared.Store(t)
	}
	return t, err
}

// begin opens a transaction of which the caller is the only user.
func (s *boltStore) begin() (*boltTx, error) {
	s.readers.RLock()
	if s.closed {
		s.readers.RUnlock()
		return nil, ErrClosed
	}
	t := &boltTx{store: s}
	if err := guard(t.begin); err != nil {
		s.readers.RUnlock()
		return nil, err
	}
	t.users.Store(1)
	return t, nil
}

// share says whether readers may share a transaction from now on. It lets go of
// the one that they share now.
func (s *boltStore) share(on bool) {
	s.sharing.Lock()
	defer s.sharing.Unlock()
	s.alone = !on
	if t := s.shared.Swap(nil); t != nil {
		t.Close()
	}
}

// Trim implements Trimmer.
func (s *boltStore) Trim() error {
	tx, err := s.Begin() // keeps the mapping where it is
	if err != nil {
		return err
	}
	defer tx.Close()
	t := tx.(*boltTx)
	release(t.data, int64(t.pages)*boltPageSize)
	return nil
}

// Size implements Store.
func (s *boltStore) Size() int64 {
	st, err := s.file.Stat()
	if err != nil {
		return 0
	}
	return st.Size()
}

func (s *boltStore) Close() error {
	s.share(false)
	s.readers.Lock()
	defer s.readers.Unlock()
	if s.closed {
		return nil
	}
	s.closed = true
	if s.broken != nil {
		// bbolt may hold a lock of the transaction that broke: close the file
		// alone and leave the mapping to the end of the process.
		return s.file.Close()
	}
	return guard(s.db.Close)
}

func (s *boltStore) Apply(header []byte, ops []Op) error {
	if s.broken != nil {
		return s.broken
	}
	if err := s.allocate(header, ops); err != nil {
		return err
	}
	if s.unsettled {
		if s.broken = rewriteMeta(s.file); s.broken != nil {
			return s.broken
		}
		s.unsettled = false
	}
	s.share(false)
	err := guard(func() error { return s.apply(header, ops) })
	if err == nil {
		s.share(true)
		return nil
	}
	// A full volume in a plain write leaves the file as it was: bbolt writes to
	// free pages only, and the meta page last.
	var pe *fs.PathError
	if errors.As(err, &pe) && pe.Op == "write" && (errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT)) {
		s.share(true)
		return fmt.Errorf("%w: %w", ErrNoSpace, err)
	}
	s.broken = err
	return err
}

func (s *boltStore) apply(header []byte, ops []Op) error {
	tx, err := s.db.Begin(true)
	if err != nil {
		return err
	}
	defer tx.Rollback() // does nothing after Commit
	b, err := tx.CreateBucketIfNotExists(boltBucket)
	if err != nil {
		return err
	}
	for _, op := range ops {
		if op.Delete {
			err = b.Delete(op.Key)
		} else {
			err = b.Put(op.Key, op.Value)
		}
		if err != nil {
			return err
		}
	}
	if err := b.Put(headerKey, padHeader(header)); err != nil {
		return err
	}
	return tx.Commit()
}

// padHeader puts the length in front and zeros behind.
func padHeader(h []byte) []byte {
	b := make([]byte, max(4+len(h), headerPadding))
	b[0], b[1], b[2], b[3] = byte(len(h)>>24), byte(len(h)>>16), byte(len(h)>>8), byte(len(h))
	copy(b[4:], h)
	return b
}

func unpadHeader(b []byte) ([]byte, error) {
	if len(b) < 4 {
		return nil, fmt.Errorf("%w: header record of %d bytes", ErrDamaged, len(b))
	}
	n := uint64(b[0])<<24 | uint64(b[1])<<16 | uint64(b[2])<<8 | uint64(b[3])
	if n > uint64(len(b)-4) {
		return nil, fmt.Errorf("%w: header record names %d bytes", ErrDamaged, n)
	}
	return b[4 : 4+n], nil
}

// allocate reserves what the batch can need at most beyond the file's end, so
// that a full volume shows here and not in the middle of a commit.
func (s *boltStore) allocate(header []byte, ops []Op) error {
	need := int64(2*len(header) + 2*boltAllocSize)
	var bytes int64
	for _, op := range ops {
		bytes += int64(len(op.Key) + len(op.Value) + 32)
	}
	// Each key may rewrite a page of its own and, now and then, pages above it;
	// with many keys they share pages.
	need += 2*bytes + min(int64(len(ops)), 4096)*boltPageSize
	end := s.Size() + need
	if end <= s.allocated {
		return nil
	}
	end += 4 * boltAllocSize // not at each batch
	if err := fallocate(s.file, end); err != nil {
		if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) {
			return fmt.Errorf("%w: %w", ErrNoSpace, err)
		}
		return err
	}
	s.allocated = end
	return nil
}
