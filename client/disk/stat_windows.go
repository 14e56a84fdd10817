package disk

import (
	"io/fs"
	"os"
	"unsafe"

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
		e.Stamp.CTime = changeTime(f)
	}
	return e, nil
}

// basicInfo is FILE_BASIC_INFO: times in units of 100 ns since 1601.
type basicInfo struct {
	creation, access, write, change int64
	attributes                      uint32
	_                               uint32
}

// changeTime is when a file was last changed in any way; 0 where the file system does
// not keep it, as FAT does not.
func changeTime(f *os.File) int64 {
	var info basicInfo
	err := windows.GetFileInformationByHandleEx(windows.Handle(f.Fd()), windows.FileBasicInfo, (*byte)(unsafe.Pointer(&info)), uint32(unsafe.Sizeof(info)))
	if err != nil || info.change <= 0 {
		return 0
	}
	ft := windows.Filetime{LowDateTime: uint32(info.change), HighDateTime: uint32(info.change >> 32)}
	return ft.Nanoseconds()
}
