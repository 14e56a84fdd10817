//go:build unix

package transfer

import (
	"os"

	"golang.org/x/sys/unix"
)

// renameNeedsClosed: an open file cannot be renamed here.
const renameNeedsClosed = false

// tryLock takes the file's lock unless another process has it; closing gives it back.
func tryLock(f *os.File) bool {
	conn, err := f.SyscallConn()
	if err != nil {
		return false
	}
	ok := false
	err = conn.Control(func(fd uintptr) {
		ok = unix.Flock(int(fd), unix.LOCK_EX|unix.LOCK_NB) == nil
	})
	return err == nil && ok
}
