package disk

import "golang.org/x/sys/windows"

// Room implements FS.
func (o *osFS) Room() (bytes int64, err error) {
	name, err := windows.UTF16PtrFromString(o.root.Name())
	if err != nil {
		return 0, err
	}
	var free uint64
	err = windows.GetDiskFreeSpaceEx(name, &free, nil, nil)
	return int64(min(free, 1<<62)), err
}
