package kv

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// release drops n mapped bytes of a file from the process; they are read again
// when touched. p must be the start of a shared, read-only mapping.
func release(p unsafe.Pointer, n int64) {
	_ = unix.Madvise(unsafe.Slice((*byte)(p), n), unix.MADV_DONTNEED)
}
