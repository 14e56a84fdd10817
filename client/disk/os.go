package disk

import (
	"errors"
	"io/fs"
	"os"
	"path"
	"strings"
	"sync"
	"time"

	"scaidrive/client/planner"
)

// keptOpen is how many folders stay open between calls.
const keptOpen = 64

// osFS is the operating system's file system below a root.
type osFS struct {
	root *os.Root

	mu   sync.Mutex
	dirs map[string]*dir
	tick int64

	unsynced dirty
}

// A dir is an open folder.
type dir struct {
	root  *os.Root
	file  *os.File
	users int
	last  int64
	stale bool // to be closed when nobody uses it
}

// Open opens the file system below a folder, which must be there.
func Open(root string) (FS, error) {
	r, err := os.OpenRoot(root)
	if err != nil {
		return nil, err
	}
	return &osFS{root: r, dirs: map[string]*dir{}}, nil
}

func split(p string) (parent, name string) {
	i := strings.LastIndexByte(p, '/')
	return p[:max(i, 0)], p[i+1:]
}

// enter opens the folder at a path. leave gives it back.
func (o *osFS) enter(p string) (*dir, error) {
	o.mu.Lock()
	if d := o.dirs[p]; d != nil {
		d.users++
		o.tick++
		d.last = o.tick
		o.mu.Unlock()
		return d, nil
	}
	o.mu.Unlock()
	d, err := o.open(p)
	if err != nil {
		return nil, err
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if other := o.dirs[p]; other != nil {
		d.close()
		d = other
	} else {
		o.evict()
		o.dirs[p] = d
	}
	d.users++
	o.tick++
	d.last = o.tick
	return d, nil
}

func (o *osFS) open(p string) (*dir, error) {
	if p == "" {
		root, err := o.root.OpenRoot(".")
		if err != nil {
			return nil, err
		}
		return opened(root)
	}
	parent, name := split(p)
	up, err := o.enter(parent)
	if err != nil {
		return nil, err
	}
	defer o.leave(up)
	seen, err := up.root.Lstat(name)
	if err != nil {
		return nil, err
	}
	if !seen.IsDir() {
		return nil, &fs.PathError{Op: "open", Path: p, Err: errors.New("it is not a folder")}
	}
	root, err := up.root.OpenRoot(name)
	if err != nil {
		return nil, err
	}
	d, err := opened(root)
	if err != nil {
		return nil, err
	}
	if info, err := d.file.Stat(); err != nil || !os.SameFile(info, seen) {
		d.close()
		return nil, &fs.PathError{Op: "open", Path: p, Err: errors.New("it was replaced while it was looked at")}
	}
	return d, nil
}

func opened(root *os.Root) (*dir, error) {
	f, err := root.Open(".")
	if err != nil {
		return nil, errors.Join(err, root.Close())
	}
	return &dir{root: root, file: f}, nil
}

func (d *dir) close() {
	d.file.Close()
	d.root.Close()
}

func (o *osFS) leave(d *dir) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if d.users--; d.users == 0 && d.stale {
		d.close()
	}
}

// evict closes the folder unused for longest, when there are many.
func (o *osFS) evict() {
	if len(o.dirs) < keptOpen {
		return
	}
	oldest, at := "", int64(0)
	for p, d := range o.dirs {
		if d.users == 0 && (at == 0 || d.last < at) {
			oldest, at = p, d.last
		}
	}
	if at != 0 {
		o.dirs[oldest].close()
		delete(o.dirs, oldest)
	}
}

// Forget implements FS.
func (o *osFS) Forget() { o.drop("") }

// drop forgets the open folders at a path and below.
func (o *osFS) drop(p string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for at, d := range o.dirs {
		if p != "" && (!strings.HasPrefix(at, p) || len(at) > len(p) && at[len(p)] != '/') {
			continue
		}
		delete(o.dirs, at)
		if d.users == 0 {
			d.close()
		} else {
			d.stale = true
		}
	}
}

// in runs fn with the folder of a path and the name in it.
func (o *osFS) in(p string, fn func(d *dir, name string) error) error {
	parent, name := split(p)
	if name == "" || name == "." || name == ".." {
		return &fs.PathError{Op: "open", Path: p, Err: fs.ErrInvalid}
	}
	d, err := o.enter(parent)
	if err != nil {
		return err
	}
	defer o.leave(d)
	return fn(d, name)
}

// Look implements FS.
func (o *osFS) Look(p string) (e Entry, err error) {
	err = o.in(p, func(d *dir, name string) error {
		e, err = look(d, name)
		return err
	})
	return e, err
}

// Open implements FS.
func (o *osFS) Open(p string) (r Reader, err error) {
	err = o.in(p, func(d *dir, name string) error {
		r, err = openFile(d, name)
		return err
	})
	return r, err
}

// Create implements FS.
func (o *osFS) Create(p string, exec bool) (w Writer, err error) {
	err = o.in(p, func(d *dir, name string) error {
		f, err := d.root.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_RDWR, permOf(exec))
		if err != nil {
			return err
		}
		w = o.unsynced.writer(f)
		return nil
	})
	return w, err
}

func permOf(exec bool) fs.FileMode {
	if exec {
		return 0o777
	}
	return 0o666
}

// Mkdir implements FS.
func (o *osFS) Mkdir(p string) error {
	return o.in(p, func(d *dir, name string) error { return d.root.Mkdir(name, 0o777) })
}

// Place implements FS.
func (o *osFS) Place(from, to string) error {
	if strings.HasPrefix(to, from+"/") {
		return ErrChanged
	}
	defer o.drop(from)
	return o.in(from, func(a *dir, x string) error {
		return o.in(to, func(b *dir, y string) error {
			if done, err := moveFree(a, x, b, y); done {
				return err
			}
			here, err := look(a, x)
			if err != nil {
				return err
			}
			there, err := look(b, y)
			switch {
			case errors.Is(err, fs.ErrNotExist):
				return renameFree(a, x, b, y)
			case err != nil:
				return err
			case here.Stamp.Identity != there.Stamp.Identity || here.Stamp.Identity == (planner.Identity{}) || !sameName(x, y):
				return ErrChanged
			}
			return rename(a, x, b, y) // the same in other letters
		})
	})
}

// sameName reports whether a file system may take two names for one.
func sameName(x, y string) bool { return x != y && nameKey(x) == nameKey(y) }

// Replace implements FS.
func (o *osFS) Replace(from, to string, want planner.Stamp) error {
	return o.in(from, func(a *dir, x string) error {
		return o.in(to, func(b *dir, y string) error {
			e, err := look(b, y)
			if errors.Is(err, fs.ErrNotExist) || err == nil && (e.Kind != File || e.Stamp != want) {
				return ErrChanged
			}
			if err != nil {
				return err
			}
			if err := likeOld(a, x, b, y); err != nil {
				return err
			}
			return o.swap(a, x, b, y, want)
		})
	})
}

// likeOld gives a new file the permissions of the one that it replaces, but for the
// executable bit: what nobody else could read stays so.
func likeOld(a *dir, x string, b *dir, y string) error {
	if !hasExec {
		return nil
	}
	old, err := b.root.Lstat(y)
	if err != nil {
		return err
	}
	next, err := a.root.Lstat(x)
	if err != nil {
		return err
	}
	perm := old.Mode().Perm() &^ 0o111
	if next.Mode()&0o100 != 0 {
		perm |= perm >> 2 & 0o111
	}
	return a.root.Chmod(x, perm)
}

// Remove implements FS.
func (o *osFS) Remove(p string, want *planner.Stamp) error {
	return o.in(p, func(d *dir, name string) error {
		e, err := look(d, name)
		if err != nil {
			return err
		}
		if want == nil {
			if e.Kind == Folder {
				return ErrChanged
			}
			return d.root.Remove(name)
		}
		if e.Kind != File || e.Stamp != *want {
			return ErrChanged
		}
		return d.root.Remove(name)
	})
}

// Rmdir implements FS.
func (o *osFS) Rmdir(p string) error {
	defer o.drop(p)
	return o.in(p, func(d *dir, name string) error {
		e, err := look(d, name)
		if err != nil {
			return err
		}
		if e.Kind != Folder {
			return ErrChanged
		}
		o.drop(p) // some systems don't remove what is open
		return d.root.Remove(name)
	})
}

// SetTime implements FS.
func (o *osFS) SetTime(p string, mtime int64) error {
	return o.in(p, func(d *dir, name string) error {
		info, err := d.root.Lstat(name)
		if err != nil {
			return err
		}
		if !info.Mode().IsRegular() {
			return ErrChanged
		}
		at := time.Unix(0, mtime)
		return d.root.Chtimes(name, at, at)
	})
}

// SetExec implements FS.
func (o *osFS) SetExec(p string, exec bool) error {
	if !hasExec {
		return nil
	}
	return o.in(p, func(d *dir, name string) error {
		info, err := d.root.Lstat(name)
		if err != nil {
			return err
		}
		if !info.Mode().IsRegular() {
			return ErrChanged
		}
		perm := info.Mode().Perm() &^ 0o111
		if exec {
			perm |= perm >> 2 & 0o111 // who may read it may run it
		}
		return d.root.Chmod(name, perm)
	})
}

// Traits implements FS.
func (o *osFS) Traits() Traits { return Traits{Exec: hasExec, Refuses: refuses} }

// Close implements FS.
func (o *osFS) Close() error {
	o.drop("")
	return o.root.Close()
}

// reason is an error without the path that is told anyway.
func reason(err error) string {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		return pe.Err.Error()
	}
	return err.Error()
}

// Join puts a name behind a path.
func Join(dir, name string) string {
	if dir == "" {
		return name
	}
	return path.Join(dir, name)
}

func kindOf(m fs.FileMode) (Kind, string) {
	switch {
	case m.IsRegular():
		return File, ""
	case m.IsDir():
		return Folder, ""
	case m&fs.ModeSymlink != 0:
		return Other, "link"
	case m&fs.ModeNamedPipe != 0:
		return Other, "named pipe"
	case m&fs.ModeSocket != 0:
		return Other, "socket"
	case m&fs.ModeDevice != 0:
		return Other, "device"
	}
	return Other, "not a regular file"
}
