//go:build linux || darwin

package transfer

import (
	"errors"
	"io/fs"

	"golang.org/x/sys/unix"

	"scaidrive/client"
)

// placeWhole puts a content in its place, by way of a temporary file. It is
// place_other.go with the six calls that it takes, relative to the open folder, of
// which package os makes fourteen: names are single path elements here, and
// neither creating exclusively nor renaming follows a link.
func placeWhole(dir *openDir, part string, n *RemoteNode, op GetOp, content []byte) error {
	if !client.SafeName(n.Name) || !client.SafeName(part) {
		return &fs.PathError{Op: "create", Path: n.Name, Err: fs.ErrInvalid}
	}
	conn, err := dir.self.SyscallConn()
	if err != nil {
		return err
	}
	var placed error
	err = conn.Control(func(fd uintptr) { placed = placeAt(int(fd), part, n, op, content) })
	return errors.Join(err, placed)
}

func placeAt(dir int, part string, n *RemoteNode, op GetOp, content []byte) (err error) {
	failed := func(op string, err error) error { return &fs.PathError{Op: op, Path: n.Name, Err: err} }
	var f int
	err = again(func() (err error) {
		f, err = unix.Openat(dir, part, unix.O_CREAT|unix.O_EXCL|unix.O_WRONLY|unix.O_NOFOLLOW|unix.O_CLOEXEC, uint32(op.perm(n)|0o600))
		return err
	})
	if err != nil {
		return failed("create", err)
	}
	defer func() { // closed last: until then its lock keeps others from clearing it up
		if err != nil {
			_ = unix.Unlinkat(dir, part, 0)
		}
		if cerr := unix.Close(f); cerr != nil && err == nil {
			err = failed("close", cerr)
		}
	}()
	if err := unix.Flock(f, unix.LOCK_EX|unix.LOCK_NB); err != nil {
		return errors.New("the temporary file was taken by another process")
	}
	for len(content) > 0 {
		var k int
		if err := again(func() (err error) { k, err = unix.Write(f, content); return err }); err != nil {
			return failed("write", err)
		}
		content = content[k:]
	}
	if hasExec && op.Perm != 0 {
		if err := again(func() error { return unix.Fchmod(f, uint32(op.perm(n))) }); err != nil {
			return failed("chmod", err)
		}
	}
	at, err := unix.TimeToTimespec(mtimeOf(n))
	if err != nil {
		return failed("set the time of", err)
	}
	if err := again(func() error {
		return unix.UtimesNanoAt(dir, part, []unix.Timespec{at, at}, unix.AT_SYMLINK_NOFOLLOW)
	}); err != nil {
		return failed("set the time of", err)
	}
	if err := again(func() error { return unix.Renameat(dir, part, dir, n.Name) }); err != nil {
		return failed("rename", err)
	}
	return nil
}

// again calls fn until no signal interrupts it.
func again(fn func() error) error {
	for {
		if err := fn(); err != unix.EINTR {
			return err
		}
	}
}
