package transfer

import (
	"os"

	win "golang.org/x/sys/windows"
)

// renameNeedsClosed: an open file cannot be renamed here.
const renameNeedsClosed = true

// tryLock takes the file's lock unless another process has it; closing gives it back.
// The byte locked lies far beyond any content, since locked bytes cannot be written.
func tryLock(f *os.File) bool {
	o := &win.Overlapped{OffsetHigh: 0x7fffffff}
	return win.LockFileEx(win.Handle(f.Fd()),
		win.LOCKFILE_EXCLUSIVE_LOCK|win.LOCKFILE_FAIL_IMMEDIATELY, 0, 1, 0, o) == nil
}
