// Package filelock locks open files against other processes. A lock is of the open
// file: closing it, or the end of the process, gives it back. It says nothing about
// the file's content, and who does not ask for it is not kept away.
package filelock
