package disk

import (
	"io/fs"
	"os"
	"syscall"

	"golang.org/x/sys/unix"

	"scaidrive/client/planner"
)

const hasExec = true

const openFlags = unix.O_NONBLOCK | unix.O_NOFOLLOW

func refuses(name string) string { return plainRefusal(name) }

func look(d *dir, name string) (Entry, error) {
	info, err := d.root.Lstat(name)
	if err != nil {
		return Entry{}, err
	}
	return entryOf(info, name), nil
}

func lookFile(f *os.File) (Entry, error) {
	info, err := f.Stat()
	if err != nil {
		return Entry{}, err
	}
	return entryOf(info, ""), nil
}

func entryOf(info fs.FileInfo, name string) Entry {
	e := Entry{Name: name}
	e.Kind, e.Why = kindOf(info.Mode())
	st, ok := info.Sys().(*syscall.Stat_t)
	if ok {
		e.Stamp.Identity = planner.Identity{Volume: uint64(st.Dev), Number: st.Ino, Birth: st.Birthtimespec.Nano()}
	}
	if e.Kind == File {
		e.Stamp.Size, e.Stamp.MTime, e.Stamp.Exec = info.Size(), info.ModTime().UnixNano(), info.Mode()&0o100 != 0
		if ok {
			e.Stamp.CTime = st.Ctimespec.Nano()
		}
	}
	return e
}
