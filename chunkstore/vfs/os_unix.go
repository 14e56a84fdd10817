//go:build unix

package vfs

import (
	"errors"
	"os"
	"syscall"
)

func isNoSpace(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT)
}

func syncDirectory(p string) error {
	d, err := os.Open(p)
	if err != nil {
		return err
	}
	info, err := d.Stat()
	if err == nil && !info.IsDir() {
		err = &os.PathError{Op: "syncdir", Path: p, Err: syscall.ENOTDIR}
	}
	if err == nil {
		err = d.Sync()
	}
	return errors.Join(err, d.Close())
}
