package appliance

import (
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// machineMemory is the memory of the machine, or of the control group that the
// process lives in, in bytes.
func machineMemory() int64 {
	var s unix.Sysinfo_t
	total := int64(4 << 30)
	if err := unix.Sysinfo(&s); err == nil {
		total = int64(s.Totalram) * int64(s.Unit)
	}
	if b, err := os.ReadFile("/sys/fs/cgroup/memory.max"); err == nil {
		if n, err := strconv.ParseInt(strings.TrimSpace(string(b)), 10, 64); err == nil && n > 0 {
			total = min(total, n)
		}
	}
	return total
}

// releaseProgram drops the resident pages of the program's own code and constants:
// much of it ran only once, at the start. What is needed again comes back from the
// page cache, sixteen pages at a time.
func releaseProgram() {
	maps, err := os.ReadFile("/proc/self/maps")
	if err != nil {
		return
	}
	program, err := os.Readlink("/proc/self/exe")
	if err != nil {
		return
	}
	for line := range strings.Lines(string(maps)) {
		// from-to permissions offset device inode path
		f := strings.Fields(line)
		if len(f) != 6 || f[5] != program || strings.Contains(f[1], "w") || !strings.HasSuffix(f[1], "p") {
			continue
		}
		from, to, ok := strings.Cut(f[0], "-")
		first, err1 := strconv.ParseUint(from, 16, 64)
		end, err2 := strconv.ParseUint(to, 16, 64)
		if !ok || err1 != nil || err2 != nil || end <= first {
			continue
		}
		// These mappings stay where they are until the process ends.
		_, _, _ = unix.Syscall(unix.SYS_MADVISE, uintptr(first), uintptr(end-first), unix.MADV_DONTNEED)
	}
}
