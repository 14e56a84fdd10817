package appliance

import (
	"os"

	"golang.org/x/sys/windows"
)

// lockFile takes the lock of a data directory; it is released when the file is
// closed or the process ends.
func lockFile(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	var ol windows.Overlapped
	err = windows.LockFileEx(windows.Handle(f.Fd()), windows.LOCKFILE_EXCLUSIVE_LOCK|windows.LOCKFILE_FAIL_IMMEDIATELY, 0, 1, 0, &ol)
	if err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

// volumeSpace gives the bytes free for us on the volume of path, and its size.
func volumeSpace(path string) (free, size int64, err error) {
	p, err := windows.UTF16PtrFromString(path)
	if err != nil {
		return 0, 0, err
	}
	var f, s, all uint64
	if err := windows.GetDiskFreeSpaceEx(p, &f, &s, &all); err != nil {
		return 0, 0, err
	}
	return int64(f), int64(s), nil
}

func networkFS(path string) (string, error) {
	return "", nil // GetDriveType comes with the Windows server; the client is what runs there
}
