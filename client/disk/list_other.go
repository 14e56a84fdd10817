//go:build !linux

package disk

import (
	"errors"
	"io/fs"
	"slices"
)

// List implements FS.
func (o *osFS) List(p string) ([]Entry, error) {
	// Opened anew: reading a folder moves its offset, which is the descriptor's.
	d, err := o.enter(p)
	if err != nil {
		return nil, err
	}
	defer o.leave(d)
	f, err := d.root.Open(".")
	if err != nil {
		return nil, err
	}
	defer f.Close()
	names, err := f.Readdirnames(-1)
	if err != nil {
		return nil, err
	}
	slices.Sort(names)
	out := make([]Entry, 0, len(names))
	for _, name := range names {
		if e, err := look(d, name); err == nil {
			out = append(out, e)
		} else if !errors.Is(err, fs.ErrNotExist) {
			out = append(out, Entry{Name: name, Kind: Unseen, Why: reason(err)})
		}
	}
	return out, nil
}
