package vfs

import (
	"errors"
	"os"
	"syscall"
)

// Win32 codes of a full volume.
const (
	errorHandleDiskFull    = syscall.Errno(39)
	errorDiskFull          = syscall.Errno(112)
	errorDiskQuotaExceeded = syscall.Errno(1295)
)

func isNoSpace(err error) bool {
	return errors.Is(err, errorDiskFull) || errors.Is(err, errorHandleDiskFull) ||
		errors.Is(err, errorDiskQuotaExceeded)
}

// syncDirectory only checks that p is a directory: NTFS journals names in
// order, and Windows has no call to flush one directory.
func syncDirectory(p string) error {
	info, err := os.Stat(p)
	if err != nil {
		return err
	}
	if !info.IsDir() {
		return &os.PathError{Op: "syncdir", Path: p, Err: syscall.ENOTDIR}
	}
	return nil
}
