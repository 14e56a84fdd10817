package preview

import (
	"fmt"
	"math"
	"os"
	"runtime"
	"unsafe"

	"golang.org/x/sys/unix"
)

// confine gives system calls up, for all threads and for good. What is not on the
// list fails with EPERM: no socket, no connection, no other process, no signal to
// one, no file to write. Each call makes the filter narrower. A system that cannot
// do it does not render.
func confine(o order, s stage) error {
	if o.Unconfined {
		return nil
	}
	prog, err := filter(s, uint32(os.Getpid()))
	if err != nil {
		return err
	}
	// The promise is a thread's; the filter is then put on all of them.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return fmt.Errorf("no new privileges: %w", err)
	}
	fprog := unix.SockFprog{Len: uint16(len(prog)), Filter: &prog[0]}
	_, _, errno := unix.Syscall(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER,
		unix.SECCOMP_FILTER_FLAG_TSYNC, uintptr(unsafe.Pointer(&fprog)))
	runtime.KeepAlive(prog)
	if errno != 0 {
		return fmt.Errorf("filter system calls: %w", errno)
	}
	return nil
}

// Where the kernel puts what a filter sees: number, architecture, then from 16 on
// the arguments of 8 bytes each. All architectures below are little-endian.
const (
	offNumber = 0
	offArch   = 4
	offArgs   = 16
)

// A rule lets a system call through whose argument, as a 32-bit value, has the bits
// of Has, none of Lacks, and, if Equals is given, is that.
type rule struct {
	number uintptr
	arg    uint32
	has    uint32
	lacks  uint32
	equals *uint32
}

// filter makes the program for a stage: a list of what the Go runtime needs, with
// conditions where a call could reach beyond the process.
func filter(s stage, pid uint32) ([]unix.SockFilter, error) {
	arch, list := archCalls()
	if arch == 0 {
		return nil, fmt.Errorf("filter system calls: not known for %s", runtime.GOARCH)
	}
	list = append(list, commonCalls()...)
	rules := []rule{
		{number: unix.SYS_CLONE, has: unix.CLONE_THREAD},
		{number: unix.SYS_TGKILL, equals: &pid},
		// The second filter comes through the first.
		{number: unix.SYS_SECCOMP, equals: ptr(uint32(unix.SECCOMP_SET_MODE_FILTER))},
		// Naming memory, and the promise above.
		{number: unix.SYS_PRCTL, equals: ptr(uint32(unix.PR_SET_NO_NEW_PRIVS))},
	}
	switch s {
	case loading:
		list = append(list, unix.SYS_MPROTECT)
		list = append(list, mapCalls()...)
		list = append(list, readCalls()...)
		rules = append(rules, rule{number: unix.SYS_OPENAT, arg: 2,
			lacks: unix.O_WRONLY | unix.O_RDWR | unix.O_CREAT | unix.O_TRUNC})
	case decoding:
		for _, n := range append(mapCalls(), unix.SYS_MPROTECT) {
			rules = append(rules, rule{number: n, arg: 2, lacks: unix.PROT_EXEC})
		}
	}
	return assemble(arch, list, rules), nil
}

func assemble(arch uint32, list []uintptr, rules []rule) []unix.SockFilter {
	const (
		load = unix.BPF_LD | unix.BPF_W | unix.BPF_ABS
		eq   = unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K
		set  = unix.BPF_JMP | unix.BPF_JSET | unix.BPF_K
		ret  = unix.BPF_RET | unix.BPF_K

		allow = unix.SECCOMP_RET_ALLOW
		deny  = unix.SECCOMP_RET_ERRNO | uint32(unix.EPERM)
	)
	p := []unix.SockFilter{
		{Code: load, K: offArch},
		{Code: eq, K: arch, Jt: 1},
		{Code: ret, K: unix.SECCOMP_RET_KILL_PROCESS},
		{Code: load, K: offNumber},
		// So that a C library falls back to what is on the list.
		{Code: eq, K: unix.SYS_CLONE3, Jf: 1},
		{Code: ret, K: unix.SECCOMP_RET_ERRNO | uint32(unix.ENOSYS)},
	}
	for _, n := range list {
		p = append(p, unix.SockFilter{Code: eq, K: uint32(n), Jf: 1}, unix.SockFilter{Code: ret, K: allow})
	}
	for _, r := range rules {
		body := []unix.SockFilter{{Code: load, K: offArgs + 8*r.arg}}
		no := unix.SockFilter{Code: ret, K: deny}
		if r.has != 0 { // one bit
			body = append(body, unix.SockFilter{Code: set, K: r.has, Jt: 1}, no)
		}
		if r.lacks != 0 {
			body = append(body, unix.SockFilter{Code: set, K: r.lacks, Jf: 1}, no)
		}
		if r.equals != nil {
			body = append(body, unix.SockFilter{Code: eq, K: *r.equals, Jt: 1}, no)
		}
		body = append(body, unix.SockFilter{Code: ret, K: allow})
		p = append(p, unix.SockFilter{Code: eq, K: uint32(r.number), Jf: uint8(min(len(body), math.MaxUint8))})
		p = append(p, body...)
	}
	return append(p, unix.SockFilter{Code: ret, K: deny})
}

func ptr(v uint32) *uint32 { return &v }

// commonCalls are what the runtime needs to schedule, to wait, to take and return
// memory, and to move bytes through what is open.
func commonCalls() []uintptr {
	return []uintptr{
		unix.SYS_READ, unix.SYS_WRITE, unix.SYS_CLOSE, unix.SYS_LSEEK, unix.SYS_PREAD64,
		unix.SYS_MUNMAP, unix.SYS_MADVISE, unix.SYS_BRK, unix.SYS_FUTEX,
		unix.SYS_EXIT, unix.SYS_EXIT_GROUP, unix.SYS_RESTART_SYSCALL,
		unix.SYS_RT_SIGACTION, unix.SYS_RT_SIGPROCMASK, unix.SYS_RT_SIGRETURN, unix.SYS_SIGALTSTACK,
		unix.SYS_SCHED_YIELD, unix.SYS_SCHED_GETAFFINITY, unix.SYS_NANOSLEEP,
		unix.SYS_CLOCK_GETTIME, unix.SYS_CLOCK_NANOSLEEP, unix.SYS_GETTIMEOFDAY,
		unix.SYS_GETPID, unix.SYS_GETPPID, unix.SYS_GETTID, unix.SYS_GETRANDOM,
		unix.SYS_EPOLL_CREATE1, unix.SYS_EPOLL_CTL, unix.SYS_EPOLL_PWAIT, unix.SYS_EVENTFD2,
		unix.SYS_FCNTL, unix.SYS_SET_ROBUST_LIST, unix.SYS_RSEQ,
		unix.SYS_TIMER_DELETE, unix.SYS_TIMER_SETTIME,
	}
}

// readCalls are what looking at files takes beside opening them.
func readCalls() []uintptr {
	return append(statCalls(), unix.SYS_GETDENTS64, unix.SYS_READLINKAT, unix.SYS_FACCESSAT, unix.SYS_STATX)
}
