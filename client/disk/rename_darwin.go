package disk

import (
	"errors"

	"golang.org/x/sys/unix"
)

func rename(a *dir, x string, b *dir, y string) error {
	return unix.Renameat(int(a.file.Fd()), x, int(b.file.Fd()), y)
}

func renameat(a *dir, x string, b *dir, y string, flags uint32) error {
	return unix.RenameatxNp(int(a.file.Fd()), x, int(b.file.Fd()), y, flags)
}

// renameFree moves to a name that nothing has.
func renameFree(a *dir, x string, b *dir, y string) error {
	err := renameat(a, x, b, y, unix.RENAME_EXCL)
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
	return renameat(a, x, b, y, unix.RENAME_SWAP)
}
