//go:build linux || darwin

package disk

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

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
		return withFd(b.file, func(to int) error { return renameFlags(from, x, to, y, flags) })
	})
}

func rename(a *dir, x string, b *dir, y string) error { return renameat(a, x, b, y, 0) }

// moveFree moves to a name that nothing has, in one step. It tells whether that
// settles it: if something has the name, one has to look what.
func moveFree(a *dir, x string, b *dir, y string) (done bool, err error) {
	err = renameat(a, x, b, y, noReplace)
	return !errors.Is(err, unix.EEXIST) && !unsupported(err), err
}

// renameFree moves to a name that nothing has.
func renameFree(a *dir, x string, b *dir, y string) error {
	err := renameat(a, x, b, y, noReplace)
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
	return renameat(a, x, b, y, swapNames)
}
