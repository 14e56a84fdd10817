package disk

import (
	"errors"
	"io/fs"
	"slices"

	"golang.org/x/sys/unix"
)

// listBytes is what a folder is read by: some thousand names.
const listBytes = 64 << 10

// List implements FS. It takes the calls that are needed: the folder is opened from the
// one above it, read, and each name looked at; package os makes eleven more for each
// folder. A name is a single element, and no link is followed.
func (o *osFS) List(p string) (out []Entry, err error) {
	parent, name := split(p)
	if p == "" {
		name = "."
	} else if name == "" || name == "." || name == ".." {
		return nil, &fs.PathError{Op: "open", Path: p, Err: fs.ErrInvalid}
	}
	up, err := o.enter(parent)
	if err != nil {
		return nil, err
	}
	defer o.leave(up)
	err = withFd(up.file, func(at int) error {
		fd := -1
		err := again(func() (err error) {
			fd, err = unix.Openat(at, name, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0)
			return err
		})
		if err != nil {
			return &fs.PathError{Op: "open", Path: p, Err: err}
		}
		defer unix.Close(fd)
		out, err = listAt(fd)
		return err
	})
	return out, err
}

func listAt(fd int) ([]Entry, error) {
	names, err := namesIn(fd)
	if err != nil {
		return nil, err
	}
	slices.Sort(names)
	out := make([]Entry, 0, len(names))
	for _, name := range names {
		if e, err := statxAt(fd, name, unix.AT_SYMLINK_NOFOLLOW); err == nil {
			out = append(out, e)
		} else if !errors.Is(err, fs.ErrNotExist) {
			out = append(out, Entry{Name: name, Kind: Unseen, Why: reason(err)})
		}
	}
	return out, nil
}

func namesIn(fd int) (names []string, err error) {
	buf := make([]byte, listBytes)
	for {
		n := 0
		if err := again(func() (err error) { n, err = unix.ReadDirent(fd, buf); return err }); err != nil {
			return nil, &fs.PathError{Op: "readdirent", Path: ".", Err: err}
		}
		if n == 0 {
			return names, nil
		}
		_, _, names = unix.ParseDirent(buf[:n], -1, names)
	}
}
