package disk

import (
	"io/fs"
	"os"

	"golang.org/x/sys/windows"

	"scaidrive/client/planner"
)

const hasExec = false

const openFlags = 0

func refuses(name string) string { return WindowsRefusal(name) }

func look(d *dir, name string) (Entry, error) {
	info, err := d.root.Lstat(name)
	if err != nil {
		return Entry{}, err
	}
	e := Entry{Name: name}
	e.Kind, e.Why = kindOf(info.Mode())
	if e.Kind == Other {
		return e, nil
	}
	f, err := d.root.Open(name)
	if err != nil {
		return Entry{}, err
	}
	defer f.Close()
	return entryOf(f, info, name)
}

func lookFile(f *os.File) (Entry, error) {
	info, err := f.Stat()
	if err != nil {
		return Entry{}, err
	}
	return entryOf(f, info, "")
}

// entryOf asks an open file for its identity: its number on the volume, and when
// it was made.
func entryOf(f *os.File, info fs.FileInfo, name string) (Entry, error) {
	e := Entry{Name: name}
	e.Kind, e.Why = kindOf(info.Mode())
	var by windows.ByHandleFileInformation
	if err := windows.GetFileInformationByHandle(windows.Handle(f.Fd()), &by); err != nil {
		return Entry{}, &fs.PathError{Op: "look", Path: name, Err: err}
	}
	e.Stamp.Identity = planner.Identity{Volume: uint64(by.VolumeSerialNumber),
		Number: uint64(by.FileIndexHigh)<<32 | uint64(by.FileIndexLow), Birth: by.CreationTime.Nanoseconds()}
	if e.Kind == File {
		e.Stamp.Size, e.Stamp.MTime = info.Size(), info.ModTime().UnixNano()
	}
	return e, nil
}
