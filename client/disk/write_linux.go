package disk

import (
	"errors"
	"io/fs"
	"os"

	"golang.org/x/sys/unix"
)

// dirty: one call syncs the whole volume, so nothing is remembered.
type dirty struct{}

func (*dirty) writer(f *os.File) Writer { return &earlyFile{File: f} }

// earlyBytes is after how many bytes of a file the disk begins to write them.
const earlyBytes = 16 << 20

// An earlyFile begins to reach the disk while it is written, so that the sync at its
// end has little left to wait for.
type earlyFile struct {
	*os.File
	at, begun int64
}

// Write implements io.Writer.
func (f *earlyFile) Write(b []byte) (int, error) {
	n, err := f.File.Write(b)
	f.at += int64(n)
	if f.at-f.begun >= earlyBytes {
		// It only asks: what becomes of it is told by the sync.
		_ = withFd(f.File, func(fd int) error {
			return unix.SyncFileRange(fd, f.begun, f.at-f.begun, unix.SYNC_FILE_RANGE_WRITE)
		})
		f.begun = f.at
	}
	return n, err
}

// Sync implements FS.
func (o *osFS) Sync() error {
	d, err := o.enter("")
	if err != nil {
		return err
	}
	defer o.leave(d)
	return withFd(d.file, func(fd int) error { return unix.Syncfs(fd) })
}

// WriteWhole implements FS. It takes the four calls that are needed, of which package os
// makes eleven. The name is a single element, and creating exclusively follows no
// link.
func (o *osFS) WriteWhole(p string, content []byte, exec bool, mtime int64) error {
	return o.in(p, func(d *dir, name string) error {
		var written error
		err := withFd(d.file, func(fd int) error {
			written = writeAt(fd, name, content, exec, mtime)
			return nil
		})
		return errors.Join(err, written)
	})
}

func writeAt(dir int, name string, content []byte, exec bool, mtime int64) (err error) {
	failed := func(op string, err error) error { return &fs.PathError{Op: op, Path: name, Err: err} }
	var f int
	err = again(func() (err error) {
		f, err = unix.Openat(dir, name, unix.O_CREAT|unix.O_EXCL|unix.O_WRONLY|unix.O_NOFOLLOW|unix.O_CLOEXEC, uint32(permOf(exec)))
		return err
	})
	if err != nil {
		return failed("create", err)
	}
	defer func() {
		if cerr := unix.Close(f); cerr != nil && err == nil {
			err = failed("close", cerr)
		}
	}()
	for len(content) > 0 {
		n := 0
		if err := again(func() (err error) { n, err = unix.Write(f, content); return err }); err != nil {
			return failed("write", err)
		}
		content = content[n:]
	}
	at := unix.NsecToTimespec(mtime)
	if err := again(func() error {
		return unix.UtimesNanoAt(dir, name, []unix.Timespec{at, at}, unix.AT_SYMLINK_NOFOLLOW)
	}); err != nil {
		return failed("set the time of", err)
	}
	return nil
}

// again calls fn until no signal interrupts it.
func again(fn func() error) error {
	for {
		if err := fn(); err != unix.EINTR {
			return err
		}
	}
}
