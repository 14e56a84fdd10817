//go:build unix

package disk

import "golang.org/x/sys/unix"

// Room implements FS.
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
	return int64(st.Bavail) * int64(st.Bsize), err
}
