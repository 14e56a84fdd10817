//go:build linux || darwin

package disk

import (
	"errors"

	"scaidrive/client/planner"
)

// swap exchanges two files in one step, and looks at what it got: an edit that
// came in between goes back to its place.
func (o *osFS) swap(a *dir, x string, b *dir, y string, want planner.Stamp) error {
	err := exchange(a, x, b, y)
	if unsupported(err) {
		return rename(a, x, b, y)
	}
	if err != nil {
		return err
	}
	e, err := look(a, x)
	if err == nil && e.Kind == File && SameFile(e.Stamp, want) {
		return a.root.Remove(x)
	}
	if back := exchange(a, x, b, y); back != nil {
		return errors.Join(err, back)
	}
	return errors.Join(ErrChanged, err)
}
