package vfs

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
)

// OS is the file system of the operating system below the directory root.
// The directory itself need not exist before MkdirAll was called.
//
// A file that is open can be removed or replaced on Unix; on Windows such a
// call fails, so a caller closes its handles first.
//
// durable are directories right below root, and root itself as ".", whose names an
// earlier process has synced for certain: MkdirAll leaves them alone if they exist.
func OS(root string, durable ...string) FS {
	o := &osFS{root: root, durable: make(map[string]bool)}
	for _, name := range durable {
		if info, err := os.Lstat(o.path(name)); err == nil && info.IsDir() {
			o.durable[name] = true
		}
	}
	return o
}

type osFS struct {
	root string

	// durable holds the directories whose names this process has synced
	// itself, or was told of. One that merely exists may have been made by a process
	// that was killed before its sync.
	mu      sync.Mutex
	durable map[string]bool
}

func (o *osFS) path(name string) string {
	return filepath.Join(o.root, filepath.FromSlash(name))
}

func (o *osFS) Create(name string) (File, error) {
	return o.open("create", name, os.O_RDWR|os.O_CREATE|os.O_EXCL)
}

func (o *osFS) Open(name string) (File, error) {
	return o.open("open", name, os.O_RDONLY)
}

func (o *osFS) OpenRW(name string) (File, error) {
	return o.open("open", name, os.O_RDWR)
}

func (o *osFS) open(op, name string, flag int) (File, error) {
	if err := checkName(op, name); err != nil {
		return nil, err
	}
	f, err := os.OpenFile(o.path(name), flag, 0o600)
	if err != nil {
		return nil, mapError(err)
	}
	info, err := f.Stat()
	if err == nil && info.IsDir() {
		err = &fs.PathError{Op: op, Path: name, Err: errIsDir}
	}
	if err != nil {
		f.Close()
		return nil, mapError(err)
	}
	of := &osFile{f: f}
	of.size.Store(info.Size())
	// A handle cannot know what an earlier one left unsynced.
	of.resized.Store(true)
	return of, nil
}

var errIsDir = errors.New("is a directory")

func (o *osFS) Rename(oldname, newname string) error {
	if err := errors.Join(checkName("rename", oldname), checkName("rename", newname)); err != nil {
		return err
	}
	o.forget(oldname)
	o.forget(newname)
	return mapError(os.Rename(o.path(oldname), o.path(newname)))
}

func (o *osFS) Remove(name string) error {
	if err := checkName("remove", name); err != nil {
		return err
	}
	o.forget(name)
	return mapError(os.Remove(o.path(name)))
}

// forget drops a name, and what lies below it, from the directories known to
// be durable.
func (o *osFS) forget(name string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for d := range o.durable {
		if d == name || strings.HasPrefix(d, name+"/") {
			delete(o.durable, d)
		}
	}
}

func (o *osFS) MkdirAll(name string) error {
	if err := checkName("mkdir", name); err != nil {
		return err
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if err := o.mkdirDurable("."); err != nil || name == "." {
		return err
	}
	for i := 0; i <= len(name); i++ {
		if i == len(name) || name[i] == '/' {
			if err := o.mkdirDurable(name[:i]); err != nil {
				return err
			}
		}
	}
	return nil
}

// mkdirDurable makes one directory unless it exists and syncs its parent
// unless this process has done so before. Called with mu held.
func (o *osFS) mkdirDurable(name string) error {
	if o.durable[name] {
		return nil
	}
	if name == "." {
		if err := mkdirRoot(filepath.Clean(o.root)); err != nil {
			return mapError(err)
		}
	} else {
		p := o.path(name)
		if err := os.Mkdir(p, 0o700); err != nil {
			info, serr := os.Stat(p)
			if serr != nil || !info.IsDir() {
				return mapError(err)
			}
		}
		if err := syncDirectory(filepath.Dir(p)); err != nil {
			return mapError(err)
		}
	}
	o.durable[name] = true
	return nil
}

// mkdirRoot makes the root and what is missing above it, and syncs the
// directories in which it made one.
func mkdirRoot(p string) error {
	info, err := os.Stat(p)
	if err == nil && info.IsDir() {
		return nil
	}
	if err == nil {
		return &fs.PathError{Op: "mkdir", Path: p, Err: errors.New("not a directory")}
	}
	parent := filepath.Dir(p)
	if parent != p {
		if err := mkdirRoot(parent); err != nil {
			return err
		}
	}
	if err := os.Mkdir(p, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return syncDirectory(parent)
}

func (o *osFS) ReadDir(name string) ([]Entry, error) {
	if err := checkName("readdir", name); err != nil {
		return nil, err
	}
	list, err := os.ReadDir(o.path(name))
	if err != nil {
		return nil, mapError(err)
	}
	out := make([]Entry, 0, len(list))
	for _, d := range list {
		info, err := d.Info()
		if err == nil && info.Mode()&fs.ModeSymlink != 0 {
			info, err = os.Stat(filepath.Join(o.path(name), d.Name()))
		}
		if errors.Is(err, fs.ErrNotExist) {
			continue // removed since the directory was read
		}
		if err != nil {
			return nil, mapError(err)
		}
		out = append(out, entryOf(d.Name(), info))
	}
	return out, nil
}

func (o *osFS) Stat(name string) (Entry, error) {
	if err := checkName("stat", name); err != nil {
		return Entry{}, err
	}
	info, err := os.Stat(o.path(name))
	if err != nil {
		return Entry{}, mapError(err)
	}
	return entryOf(baseOf(name), info), nil
}

func entryOf(name string, info fs.FileInfo) Entry {
	if info.IsDir() {
		return Entry{Name: name, Dir: true}
	}
	return Entry{Name: name, Size: info.Size()}
}

func (o *osFS) SyncDir(name string) error {
	if err := checkName("syncdir", name); err != nil {
		return err
	}
	return mapError(syncDirectory(o.path(name)))
}

// osFile is a file of the operating system.
type osFile struct {
	f *os.File
	// size is the length as far as this handle knows; resized says that it may
	// have changed since the last sync, so that the next one must be a full one.
	size    atomic.Int64
	resized atomic.Bool
	closed  atomic.Bool
}

func (f *osFile) ReadAt(p []byte, off int64) (int, error) {
	n, err := f.f.ReadAt(p, off)
	return n, mapError(err)
}

func (f *osFile) WriteAt(p []byte, off int64) (int, error) {
	n, err := f.f.WriteAt(p, off)
	if end := off + int64(n); n > 0 && end > f.size.Load() {
		f.resized.Store(true)
		for {
			old := f.size.Load()
			if end <= old || f.size.CompareAndSwap(old, end) {
				break
			}
		}
	}
	return n, mapError(err)
}

func (f *osFile) Close() error {
	f.closed.Store(true)
	return mapError(f.f.Close())
}

func (f *osFile) Size() (int64, error) {
	info, err := f.f.Stat()
	if err != nil {
		return 0, f.mapError("stat", err)
	}
	return info.Size(), nil
}

// mapError names a closed handle as such: some methods of os.File and its raw
// connection have errors of their own for it.
func (f *osFile) mapError(op string, err error) error {
	if err != nil && f.closed.Load() {
		return &fs.PathError{Op: op, Path: f.f.Name(), Err: fs.ErrClosed}
	}
	return mapError(err)
}

func (f *osFile) Truncate(size int64) error {
	f.resized.Store(true)
	if err := f.f.Truncate(size); err != nil {
		return mapError(err)
	}
	f.size.Store(size)
	return nil
}

func (f *osFile) Allocate(off, length int64) error {
	if off < 0 || length <= 0 {
		return &fs.PathError{Op: "allocate", Path: f.f.Name(), Err: fs.ErrInvalid}
	}
	f.resized.Store(true)
	return f.mapError("allocate", allocate(f.f, off, length))
}

func (f *osFile) Sync() error {
	// The mark goes before the call: a write that comes between the two is in
	// this sync or sets it again.
	full := f.resized.Swap(false)
	err := syncFile(f.f, full)
	if err != nil {
		f.resized.Store(true)
	}
	return f.mapError("sync", err)
}

// mapError makes every error of a full volume an ErrNoSpace as well.
func mapError(err error) error {
	if err == nil || !isNoSpace(err) {
		return err
	}
	return fmt.Errorf("%w: %w", ErrNoSpace, err)
}
