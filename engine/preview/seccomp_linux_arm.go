package preview

import "golang.org/x/sys/unix"

// The private calls of 32-bit ARM, by their numbers.
const (
	armCacheFlush = 0x0f0002
	armSetTLS     = 0x0f0005
)

func archCalls() (uint32, []uintptr) {
	return unix.AUDIT_ARCH_ARM, []uintptr{unix.SYS_EPOLL_WAIT, unix.SYS__LLSEEK, armCacheFlush, armSetTLS,
		unix.SYS_FCNTL64, unix.SYS_CLOCK_GETTIME64, unix.SYS_FUTEX_TIME64, unix.SYS_TIMER_SETTIME64}
}

func mapCalls() []uintptr { return []uintptr{unix.SYS_MMAP2} }

func statCalls() []uintptr { return []uintptr{unix.SYS_FSTAT64, unix.SYS_FSTATAT64} }
