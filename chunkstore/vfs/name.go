package vfs

import (
	"io/fs"
	"strings"
)

// checkName refuses what could leave the root: absolute names, "..", empty
// elements and backslashes (which some platforms take for slashes).
func checkName(op, name string) error {
	if !fs.ValidPath(name) || strings.ContainsAny(name, "\\\x00") {
		return &fs.PathError{Op: op, Path: name, Err: fs.ErrInvalid}
	}
	return nil
}

// baseOf is the last element of a valid name.
func baseOf(name string) string { return name[strings.LastIndexByte(name, '/')+1:] }
