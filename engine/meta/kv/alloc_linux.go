package kv

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// fallocate gives the file's first n bytes their blocks, without changing its
// size. A file system that cannot is no error.
func fallocate(f *os.File, n int64) error {
	for {
		err := unix.Fallocate(int(f.Fd()), unix.FALLOC_FL_KEEP_SIZE, 0, n)
		switch {
		case errors.Is(err, unix.EINTR):
			continue
		case errors.Is(err, unix.EOPNOTSUPP), errors.Is(err, unix.ENOSYS):
			return nil
		}
		return err
	}
}
