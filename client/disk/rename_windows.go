package disk

import (
	"errors"
	"os"
	"strings"

	"golang.org/x/sys/windows"

	"scaidrive/client/planner"
)

// rename goes by full names: Windows has no renaming by handles in our library.
// Both folders are open, and so can't be replaced meanwhile.
func rename(a *dir, x string, b *dir, y string) error {
	return os.Rename(a.root.Name()+`\`+x, b.root.Name()+`\`+y)
}

// renameFree moves to a name that nothing has.
func renameFree(a *dir, x string, b *dir, y string) error {
	from, err := windows.UTF16PtrFromString(longPath(a.root.Name() + `\` + x))
	if err != nil {
		return err
	}
	to, err := windows.UTF16PtrFromString(longPath(b.root.Name() + `\` + y))
	if err != nil {
		return err
	}
	err = windows.MoveFileEx(from, to, 0) // that is: nothing is replaced
	if errors.Is(err, windows.ERROR_ALREADY_EXISTS) || errors.Is(err, windows.ERROR_FILE_EXISTS) {
		return ErrChanged
	}
	return err
}

// longPath is a full path in the form in which it may be longer than 260 characters.
func longPath(p string) string {
	switch {
	case len(p) < 240 || strings.HasPrefix(p, `\\?\`) || strings.Contains(p, "/"):
		return p
	case strings.HasPrefix(p, `\\`):
		return `\\?\UNC\` + p[2:]
	}
	return `\\?\` + p
}

func (o *osFS) swap(a *dir, x string, b *dir, y string, _ planner.Stamp) error {
	return rename(a, x, b, y)
}

// moveFree leaves it to those who look first.
func moveFree(a *dir, x string, b *dir, y string) (done bool, err error) { return false, nil }
