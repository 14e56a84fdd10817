package appliance

import (
	"errors"
	"fmt"
	"io/fs"
	"sync"

	"scaidrive/chunkstore/vfs"
	"scaidrive/engine"
)

// Bounds of the reserve: 1 % of the volume, within these.
const (
	reserveMin  = 64 << 20
	reserveMax  = 1 << 30
	reserveStep = 16 << 20
)

// reserve is disk space kept aside in a preallocated file, so that deleting and
// signing in go on when the volume is full. Metadata (the operation log, the
// database) draws on it when the volume has no room left; content never does.
// While any of it is used, new content is refused; when there is room again it
// is filled up first.
type reserve struct {
	fs   vfs.FS
	path string
	want int64

	mu   sync.Mutex
	file vfs.File
	have int64 // bytes allocated
}

// openReserve opens or makes the reserve. A volume too full for it is no error:
// the server starts, and refuses new content.
func openReserve(d *dataDir) (*reserve, error) {
	_, size, err := volumeSpace(d.path)
	if err != nil {
		return nil, fmt.Errorf("look at the volume of %s: %w", d.path, err)
	}
	r := &reserve{fs: d.fs, path: d.path, want: min(max(size/100, reserveMin), reserveMax)}
	r.file, err = d.fs.OpenRW(reserveName)
	if errors.Is(err, fs.ErrNotExist) {
		r.file, err = d.fs.Create(reserveName)
	}
	if err != nil {
		return nil, fmt.Errorf("open the reserve: %w", err)
	}
	if r.have, err = r.file.Size(); err != nil {
		r.file.Close()
		return nil, fmt.Errorf("open the reserve: %w", err)
	}
	return r, r.refill()
}

// refill allocates what is missing, as far as there is room.
func (r *reserve) refill() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	for r.have < r.want {
		n := min(reserveStep, r.want-r.have)
		// Leave one more step free: a reserve that takes the last block back
		// would only be drawn on again by the next commit.
		if free, _, err := volumeSpace(r.path); err != nil || free < n+reserveStep {
			return err
		}
		err := r.file.Allocate(r.have, n)
		if errors.Is(err, vfs.ErrNoSpace) {
			return nil
		}
		if err == nil {
			err = r.file.Truncate(r.have + n)
		}
		if err != nil {
			return fmt.Errorf("fill the reserve: %w", err)
		}
		r.have += n
	}
	return nil
}

// release gives back at least n bytes to the volume and reports whether there
// was anything to give.
func (r *reserve) release(n int64) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.have == 0 {
		return false
	}
	left := max(0, r.have-max(n, reserveStep))
	if err := r.file.Truncate(left); err != nil {
		return false
	}
	r.have = left
	return true
}

// room is nil while the reserve is whole; else new content is refused.
func (r *reserve) room() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.have >= r.want {
		return nil
	}
	return engine.E(engine.KindNoSpace, "no room left on the storage of this server")
}

func (r *reserve) close() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.file.Close()
}

// reserveFS is a file system whose allocations may draw on the reserve. It is
// what the operation log is given.
type reserveFS struct {
	vfs.FS
	r *reserve
}

func (f reserveFS) wrap(file vfs.File, err error) (vfs.File, error) {
	if err != nil {
		return nil, err
	}
	return reserveFile{file, f.r}, nil
}

func (f reserveFS) Create(name string) (vfs.File, error) { return f.wrap(f.FS.Create(name)) }
func (f reserveFS) OpenRW(name string) (vfs.File, error) { return f.wrap(f.FS.OpenRW(name)) }

type reserveFile struct {
	vfs.File
	r *reserve
}

// Allocate tries again after the reserve gave room.
func (f reserveFile) Allocate(off, length int64) error {
	for {
		err := f.File.Allocate(off, length)
		if !errors.Is(err, vfs.ErrNoSpace) || !f.r.release(length) {
			return err
		}
	}
}
