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
