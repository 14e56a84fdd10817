//go:build unix

package disk

import (
	"errors"

	"golang.org/x/sys/unix"
)

// Room implements FS. Some file systems, those of programs above all, count no blocks.
func (o *osFS) Room() (bytes int64, err error) {
	f, err := o.root.Open(".")
	if err != nil {
		return 0, err
	}
	defer f.Close()
	var st unix.Statfs_t
	err = withFd(f, func(fd int) error {
		for {
			if err := unix.Fstatfs(fd, &st); err != unix.EINTR {
				return err
			}
		}
	})
	if err == nil && st.Blocks == 0 {
		err = errors.ErrUnsupported
	}
	return int64(st.Bavail) * int64(st.Bsize), err
}
