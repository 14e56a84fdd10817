package disk

import (
	"errors"
	"io"
	"io/fs"
	"sync"

	"golang.org/x/sys/unix"
)

// openFile opens a regular file in the three calls that it takes; package os would
// try the poller, too.
func openFile(d *dir, name string) (Reader, error) {
	failed := func(err error) error { return &fs.PathError{Op: "open", Path: name, Err: err} }
	var f *file
	err := withFd(d.file, func(dir int) error {
		// A pipe would be waited for, and opening a device may do something: look first.
		seen, err := statxAt(dir, name, unix.AT_SYMLINK_NOFOLLOW)
		if err != nil {
			return err
		}
		if seen.Kind != File {
			return failed(ErrNoFile)
		}
		fd := -1
		if err := again(func() (err error) {
			fd, err = unix.Openat(dir, name, unix.O_RDONLY|unix.O_CLOEXEC|openFlags, 0)
			return err
		}); err != nil {
			return failed(err)
		}
		f = &file{fd: fd, name: name}
		if f.opened, err = statxAt(fd, "", unix.AT_EMPTY_PATH); err != nil || f.opened.Kind != File || f.opened.Stamp.Identity != seen.Stamp.Identity {
			return errors.Join(failed(ErrChanged), f.Close())
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return f, nil
}

// A file is an open regular file.
type file struct {
	mu     sync.RWMutex // held to read while the descriptor is in use
	fd     int          // -1: closed
	name   string
	opened Entry // how it was when it was opened
	looked bool
}

func (f *file) use(op string, fn func(fd int) (int, error)) (n int, err error) {
	f.mu.RLock()
	defer f.mu.RUnlock()
	if f.fd < 0 {
		return 0, &fs.PathError{Op: op, Path: f.name, Err: fs.ErrClosed}
	}
	err = again(func() (err error) { n, err = fn(f.fd); return err })
	if err != nil {
		return 0, &fs.PathError{Op: op, Path: f.name, Err: err}
	}
	return n, nil
}

// Read implements io.Reader.
func (f *file) Read(b []byte) (int, error) {
	n, err := f.use("read", func(fd int) (int, error) { return unix.Read(fd, b) })
	if err == nil && n == 0 && len(b) > 0 {
		err = io.EOF
	}
	return n, err
}

// ReadAt implements io.ReaderAt.
func (f *file) ReadAt(b []byte, off int64) (done int, err error) {
	for done < len(b) {
		n, err := f.use("read", func(fd int) (int, error) { return unix.Pread(fd, b[done:], off+int64(done)) })
		if err != nil {
			return done, err
		}
		if n == 0 {
			return done, io.EOF
		}
		done += n
	}
	return done, nil
}

// Look implements Reader. The first one tells how the file was when it was opened,
// which is before anything was read.
func (f *file) Look() (e Entry, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.fd < 0 {
		return Entry{}, &fs.PathError{Op: "statx", Path: f.name, Err: fs.ErrClosed}
	}
	e = f.opened
	if f.looked {
		e, err = statxAt(f.fd, "", unix.AT_EMPTY_PATH)
	}
	f.looked = true
	e.Name = f.name
	return e, err
}

// Close implements io.Closer.
func (f *file) Close() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.fd < 0 {
		return &fs.PathError{Op: "close", Path: f.name, Err: fs.ErrClosed}
	}
	err := unix.Close(f.fd)
	f.fd = -1
	return err
}
