//go:build !linux

package disk

import (
	"io/fs"
	"os"
)

func openFile(d *dir, name string) (Reader, error) {
	// A pipe would be waited for, and a link followed: look first.
	seen, err := d.root.Lstat(name)
	if err != nil {
		return nil, err
	}
	if !seen.Mode().IsRegular() {
		return nil, &fs.PathError{Op: "open", Path: name, Err: ErrNoFile}
	}
	f, err := d.root.OpenFile(name, os.O_RDONLY|openFlags, 0)
	if err != nil {
		return nil, err
	}
	if info, err := f.Stat(); err != nil || !os.SameFile(info, seen) {
		f.Close()
		return nil, &fs.PathError{Op: "open", Path: name, Err: ErrChanged}
	}
	return osFile{f, name}, nil
}

type osFile struct {
	*os.File
	name string
}

// Look implements Reader.
func (f osFile) Look() (Entry, error) {
	e, err := lookFile(f.File)
	e.Name = f.name
	return e, err
}
