package preview

import (
	"bytes"
	"fmt"
	"math"
	"os"
	"os/exec"
	"strconv"
	"syscall"

	"golang.org/x/sys/unix"
)

// takeLimits bounds the process by the kernel's means: processor time, writable
// memory, files it may write, the lowest priority, and to be the first that goes
// when the machine has no memory left.
func takeLimits(o order) error {
	cpu := uint64(max(1, o.CPU))
	type limit struct {
		name     string
		resource int
		value    uint64
	}
	limits := []limit{
		// Soft and hard the same: the kernel kills, there is no signal to ignore.
		{"processor time", unix.RLIMIT_CPU, cpu},
		{"core", unix.RLIMIT_CORE, 0},
		{"open files", unix.RLIMIT_NOFILE, 32},
	}
	if o.Mapped > 0 {
		// Not RLIMIT_AS: the runtime reserves addresses that it never uses.
		limits = append(limits, limit{"memory", unix.RLIMIT_DATA, uint64(o.Mapped)})
	}
	if !o.Prepare {
		limits = append(limits, limit{"file size", unix.RLIMIT_FSIZE, 0})
	}
	for _, l := range limits {
		if err := unix.Setrlimit(l.resource, &unix.Rlimit{Cur: l.value, Max: l.value}); err != nil {
			return fmt.Errorf("limit of %s: %w", l.name, err)
		}
	}
	// By process group, which is the child alone: by process it would be one thread.
	if err := unix.Setpriority(unix.PRIO_PGRP, 0, 19); err != nil {
		return fmt.Errorf("lower the priority: %w", err)
	}
	// Not there in every container, and not needed for what is right.
	_ = os.WriteFile("/proc/self/oom_score_adj", []byte("1000"), 0)
	return nil
}

// isolate makes the child a process group of its own.
func isolate(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
}

// residentBytes is the memory that a process has in RAM.
func residentBytes(pid int) (int64, bool) {
	b, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/statm")
	if err != nil {
		return 0, false
	}
	f := bytes.Fields(b)
	if len(f) < 2 {
		return 0, false
	}
	pages, err := strconv.ParseInt(string(f[1]), 10, 64)
	if err != nil || pages > math.MaxInt64/int64(os.Getpagesize()) {
		return 0, false
	}
	return pages * int64(os.Getpagesize()), true
}

// killed reports whether a process ended by SIGKILL.
func killed(s *os.ProcessState) bool {
	w, ok := s.Sys().(syscall.WaitStatus)
	return ok && w.Signaled() && w.Signal() == syscall.SIGKILL
}
