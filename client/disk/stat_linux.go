package disk

import (
	"io/fs"
	"syscall"

	"golang.org/x/sys/unix"

	"scaidrive/client/planner"
)

const hasExec = true

// openFlags: a file replaced by a pipe is not waited for, a link not followed.
const openFlags = unix.O_NONBLOCK | unix.O_NOFOLLOW

func refuses(name string) string { return plainRefusal(name) }

const statMask = unix.STATX_TYPE | unix.STATX_MODE | unix.STATX_INO | unix.STATX_SIZE |
	unix.STATX_MTIME | unix.STATX_CTIME | unix.STATX_BTIME

func look(d *dir, name string) (e Entry, err error) {
	err = withFd(d.file, func(fd int) error {
		e, err = statxAt(fd, name, unix.AT_SYMLINK_NOFOLLOW)
		return err
	})
	return e, err
}

func statxAt(fd int, name string, flags int) (Entry, error) {
	var st unix.Statx_t
	var serr error
	for {
		if serr = unix.Statx(fd, name, flags, statMask, &st); serr != syscall.EINTR {
			break
		}
	}
	if serr != nil {
		return Entry{}, &fs.PathError{Op: "statx", Path: name, Err: serr}
	}
	e := Entry{Name: name}
	e.Kind, e.Why = kindOf(modeOf(st.Mode))
	id := planner.Identity{Volume: unix.Mkdev(st.Dev_major, st.Dev_minor), Number: st.Ino}
	if st.Mask&unix.STATX_BTIME != 0 {
		id.Birth = nanos(st.Btime)
	}
	e.Stamp.Identity = id
	if e.Kind == File {
		e.Stamp.Size, e.Stamp.MTime, e.Stamp.CTime = int64(st.Size), nanos(st.Mtime), nanos(st.Ctime)
		e.Stamp.Exec = st.Mode&0o100 != 0
	}
	return e, nil
}

func nanos(t unix.StatxTimestamp) int64 { return t.Sec*1e9 + int64(t.Nsec) }

func modeOf(m uint16) fs.FileMode {
	switch m & unix.S_IFMT {
	case unix.S_IFREG:
		return 0
	case unix.S_IFDIR:
		return fs.ModeDir
	case unix.S_IFLNK:
		return fs.ModeSymlink
	case unix.S_IFIFO:
		return fs.ModeNamedPipe
	case unix.S_IFSOCK:
		return fs.ModeSocket
	case unix.S_IFCHR, unix.S_IFBLK:
		return fs.ModeDevice
	}
	return fs.ModeIrregular
}
