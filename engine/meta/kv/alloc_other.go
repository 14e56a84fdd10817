//go:build !linux

package kv

import "os"

// fallocate does nothing where the platform has no such call.
func fallocate(*os.File, int64) error { return nil }
