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

// WriteWhole implements FS.
func (o *osFS) WriteWhole(p string, content []byte, exec bool, mtime int64) error {
	w, err := o.Create(p, exec)
	if err != nil {
		return err
	}
	_, err = w.Write(content)
	if err = errors.Join(err, w.Close()); err != nil {
		return err
	}
	return o.SetTime(p, mtime)
}
