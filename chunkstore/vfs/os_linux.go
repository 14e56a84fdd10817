package vfs

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// allocate reserves the blocks of a range without changing the file's size. A
// file system that cannot is left alone.
func allocate(f *os.File, off, length int64) error {
	err := control(f, func(fd int) error {
		return unix.Fallocate(fd, unix.FALLOC_FL_KEEP_SIZE, off, length)
	})
	if errors.Is(err, unix.EOPNOTSUPP) || errors.Is(err, unix.ENOSYS) {
		return nil
	}
	return err
}

// syncFile makes bytes and size durable. fdatasync is enough by its contract
// in either case; after a change of size the full call is made, because that
// is the case in which kernels have had faults.
func syncFile(f *os.File, full bool) error {
	if full {
		return f.Sync()
	}
	return control(f, unix.Fdatasync)
}

func control(f *os.File, call func(fd int) error) error {
	conn, err := f.SyscallConn()
	if err != nil {
		return err
	}
	var cerr error
	err = conn.Control(func(fd uintptr) {
		for {
			if cerr = call(int(fd)); !errors.Is(cerr, unix.EINTR) {
				return
			}
		}
	})
	if err != nil {
		return err
	}
	if cerr != nil {
		return &os.PathError{Op: "sync or allocate", Path: f.Name(), Err: cerr}
	}
	return nil
}
