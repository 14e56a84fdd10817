//go:build unix

package filelock

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// Wait waits for the exclusive lock.
func Wait(f *os.File) error { return flock(f, unix.LOCK_EX) }

// Try takes the exclusive lock unless somebody else has it.
func Try(f *os.File) (bool, error) {
	err := flock(f, unix.LOCK_EX|unix.LOCK_NB)
	if errors.Is(err, unix.EWOULDBLOCK) {
		return false, nil
	}
	return err == nil, err
}

func flock(f *os.File, how int) error {
	conn, err := f.SyscallConn()
	if err != nil {
		return err
	}
	var lerr error
	err = conn.Control(func(fd uintptr) {
		for {
			if lerr = unix.Flock(int(fd), how); !errors.Is(lerr, unix.EINTR) {
				return
			}
		}
	})
	return errors.Join(err, lerr)
}
