//go:build !linux

package disk

import (
	"errors"
	"io/fs"
	"os"

	"scaidrive/client/planner"
)

// dirty: files are synced one by one, when they are closed.
type dirty struct{}

func (*dirty) writer(f *os.File) Writer { return &syncedFile{f} }

type syncedFile struct{ *os.File }

// Close syncs the file first.
func (f *syncedFile) Close() error { return errors.Join(f.File.Sync(), f.File.Close()) }

// Sync implements FS: the files are synced already.
func (o *osFS) Sync() error { return nil }

// renameFree moves to a name that nothing has, as far as can be seen.
func renameFree(a *dir, x string, b *dir, y string) error {
	if _, err := b.root.Lstat(y); !errors.Is(err, fs.ErrNotExist) {
		return errors.Join(ErrChanged, err)
	}
	return rename(a, x, b, y)
}

func (o *osFS) swap(a *dir, x string, b *dir, y string, _ planner.Stamp) error {
	return rename(a, x, b, y)
}
