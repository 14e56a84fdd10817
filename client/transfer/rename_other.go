//go:build !windows

package transfer

// renameNeedsClosed: an open file cannot be renamed here.
const renameNeedsClosed = false
