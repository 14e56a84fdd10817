package disk

import "golang.org/x/sys/unix"

// What a rename can be told.
const (
	noReplace = unix.RENAME_NOREPLACE
	swapNames = unix.RENAME_EXCHANGE
)

func renameFlags(a int, x string, b int, y string, flags uint) error {
	return unix.Renameat2(a, x, b, y, flags)
}
