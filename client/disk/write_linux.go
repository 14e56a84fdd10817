package disk

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// dirty: one call syncs the whole volume, so nothing is remembered.
type dirty struct{}

func (*dirty) writer(f *os.File) Writer { return f }

// Sync implements FS.
func (o *osFS) Sync() error {
	d, err := o.enter("")
	if err != nil {
		return err
	}
	defer o.leave(d)
	return withFd(d.file, func(fd int) error { return unix.Syncfs(fd) })
}

func withFd(f *os.File, fn func(fd int) error) error {
	conn, err := f.SyscallConn()
	if err != nil {
		return err
	}
	var ferr error
	if err := conn.Control(func(fd uintptr) { ferr = fn(int(fd)) }); err != nil {
		return err
	}
	return ferr
}

func renameat(a *dir, x string, b *dir, y string, flags uint) error {
	return withFd(a.file, func(from int) error {
		return withFd(b.file, func(to int) error { return unix.Renameat2(from, x, to, y, flags) })
	})
}

func rename(a *dir, x string, b *dir, y string) error { return renameat(a, x, b, y, 0) }

// renameFree moves to a name that nothing has.
func renameFree(a *dir, x string, b *dir, y string) error {
	err := renameat(a, x, b, y, unix.RENAME_NOREPLACE)
	switch {
	case errors.Is(err, unix.EEXIST):
		return ErrChanged
	case unsupported(err):
		return rename(a, x, b, y) // looked at just before
	}
	return err
}

func unsupported(err error) bool {
	return errors.Is(err, unix.EINVAL) || errors.Is(err, unix.ENOSYS) || errors.Is(err, unix.ENOTSUP)
}

// exchange exchanges two files in one step.
func exchange(a *dir, x string, b *dir, y string) error {
	return renameat(a, x, b, y, unix.RENAME_EXCHANGE)
}
