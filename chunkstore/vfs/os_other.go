//go:build !linux

package vfs

import "os"

// allocate does nothing: there is no portable call that reserves space without
// changing the size.
func allocate(*os.File, int64, int64) error { return nil }

// syncFile flushes through the drive's cache (F_FULLFSYNC, FlushFileBuffers).
func syncFile(f *os.File, _ bool) error { return f.Sync() }
