package disk

import "golang.org/x/sys/unix"

// What a rename can be told.
const (
	noReplace = unix.RENAME_EXCL
	swapNames = unix.RENAME_SWAP
)

func renameFlags(a int, x string, b int, y string, flags uint) error {
	return unix.RenameatxNp(a, x, b, y, uint32(flags))
}
