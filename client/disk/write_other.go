//go:build !linux

package disk

import (
	"errors"
	"os"
)

// dirty: files are synced one by one, when they are closed.
type dirty struct{}

func (*dirty) writer(f *os.File) Writer { return &syncedFile{f} }

type syncedFile struct{ *os.File }

// Close syncs the file first.
func (f *syncedFile) Close() error { return errors.Join(f.File.Sync(), f.File.Close()) }

// Sync implements FS: the files are synced already.
func (o *osFS) Sync() error { return nil }
