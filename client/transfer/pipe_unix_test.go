//go:build unix

package transfer_test

import "syscall"

func makePipe(path string) error { return syscall.Mkfifo(path, 0o644) }
