package main

import (
	"bufio"
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// serverMemory reads a field of the server's /proc status, in MiB.
func (b *bench) serverMemory(field string) float64 { return memoryOf(b.srv.Process.Pid, field) }

// memoryOf reads a field of a process's /proc status, in MiB.
func memoryOf(pid int, field string) float64 {
	status, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/status")
	if err != nil {
		return 0
	}
	for line := range strings.SplitSeq(string(status), "\n") {
		if v, ok := strings.CutPrefix(line, field+":"); ok {
			n, _ := strconv.ParseFloat(strings.Fields(v)[0], 64)
			return n / 1024
		}
	}
	return 0
}

// traced reports whether a tracer holds all threads of the server.
func (b *bench) traced() bool {
	all, err := filepath.Glob("/proc/" + strconv.Itoa(b.srv.Process.Pid) + "/task/*/status")
	for _, name := range all {
		if status, rerr := os.ReadFile(name); rerr == nil && bytes.Contains(status, []byte("\nTracerPid:\t0\n")) {
			return false
		}
	}
	return err == nil && len(all) > 0
}

// serverCPU gives the server's CPU seconds so far.
func (b *bench) serverCPU() float64 { return cpuOf(b.srv.Process.Pid) }

// cpuOf gives a process's CPU seconds so far, by its clock: /proc counts in steps
// of 10 ms.
func cpuOf(pid int) float64 {
	var t unix.Timespec
	if err := unix.ClockGettime(int32(^pid<<3|2), &t); err != nil {
		return 0
	}
	return float64(t.Nano()) / 1e9
}

func peakMiB(s *os.ProcessState) float64 {
	if ru, ok := s.SysUsage().(*syscall.Rusage); ok {
		return float64(ru.Maxrss) / 1024
	}
	return 0
}

// syncCounter counts the server's fsync and fdatasync calls from now until the
// returned function is called; -1 where strace is missing.
func (b *bench) syncCounter() func() int {
	trace := exec.Command("strace", "-f", "-qq", "-e", "trace=fsync,fdatasync", "-p", strconv.Itoa(b.srv.Process.Pid))
	pipe, err := trace.StderrPipe()
	if err != nil || trace.Start() != nil {
		return func() int { return -1 }
	}
	for range 1000 { // until every thread is traced
		if b.traced() {
			break
		}
		time.Sleep(2 * time.Millisecond)
	}
	counted := make(chan int)
	go func() {
		n := 0
		for s := bufio.NewScanner(pipe); s.Scan(); {
			if strings.Contains(s.Text(), "sync(") {
				n++
			}
		}
		counted <- n
	}()
	return func() int {
		trace.Process.Signal(os.Interrupt)
		n := <-counted
		trace.Wait()
		return n
	}
}
