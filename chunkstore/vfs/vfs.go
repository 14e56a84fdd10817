// Package vfs is the file system seam of the storage engine: every byte that
// packs and the operation log write goes through it, so that a test can stand
// in for the disk.
//
// Implementations: OS (the real one), Mem (in memory, with crash clones that
// drop unsynced bytes and tear writes) and Fault (wraps another one and fails
// chosen calls). All pass one conformance suite.
//
// Rules that every implementation keeps:
//   - bytes written with WriteAt survive a crash for certain only after Sync
//     of that file returned nil;
//   - a created, renamed or removed name survives for certain only after
//     SyncDir of its directory returned nil, for a rename between two
//     directories of both;
//   - what another process wrote before it was killed can be read and need not
//     be durable: whoever opens a file and relies on it syncs it first;
//   - names are slash-separated and relative to the root the FS was made with.
package vfs

import (
	"errors"
	"io"
	"io/fs"
)

// ErrNoSpace marks every error that says that the volume is full
// (ENOSPC, EDQUOT); test with errors.Is.
var ErrNoSpace = errors.New("no space left on the volume")

// A FS is a directory tree on one volume. All methods are safe for concurrent
// use. A name that does not exist is fs.ErrNotExist.
type FS interface {
	// Create makes a new file with mode 0600 and opens it for reading and
	// writing; an existing name is fs.ErrExist.
	Create(name string) (File, error)
	// Open opens an existing file for reading.
	Open(name string) (File, error)
	// OpenRW opens an existing file for reading and writing.
	OpenRW(name string) (File, error)
	// Rename replaces newname atomically.
	Rename(oldname, newname string) error
	Remove(name string) error
	// MkdirAll makes name and its parents with mode 0700 and syncs the
	// directories in which it made one.
	MkdirAll(name string) error
	// ReadDir lists the names in a directory, sorted, with their kind and size.
	ReadDir(name string) ([]Entry, error)
	Stat(name string) (Entry, error)
	// SyncDir makes the names in a directory durable.
	SyncDir(name string) error
}

// An Entry is one name of a directory. Size is in bytes, 0 for a directory.
type Entry struct {
	Name string
	Dir  bool
	Size int64
}

// A File is an open file. ReadAt and WriteAt may be called concurrently.
type File interface {
	io.ReaderAt
	io.WriterAt
	io.Closer
	// Size is the file's length in bytes.
	Size() (int64, error)
	Truncate(size int64) error
	// Allocate reserves disk space for length bytes from off without changing
	// Size; a full volume is ErrNoSpace here, and not later in WriteAt.
	// Where the platform has no such call it does nothing.
	Allocate(off, length int64) error
	// Sync makes the file's bytes and size durable. Once it has failed on a
	// handle it must not be tried again on it: the kernel may have dropped
	// the pages.
	Sync() error
}

// ReadFile returns the whole content of a file.
func ReadFile(fsys FS, name string) ([]byte, error) {
	f, err := fsys.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	n, err := f.Size()
	if err != nil {
		return nil, err
	}
	b := make([]byte, n)
	if _, err := f.ReadAt(b, 0); err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	return b, nil
}

// WriteFile replaces a file atomically and durably: temporary name beside it,
// sync, rename, sync of the directory.
func WriteFile(fsys FS, name string, data []byte) error {
	tmp := name + ".tmp"
	if err := fsys.Remove(tmp); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	f, err := fsys.Create(tmp)
	if err != nil {
		return err
	}
	if _, err := f.WriteAt(data, 0); err != nil {
		f.Close()
		return err
	}
	if err := f.Sync(); err != nil {
		f.Close()
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	if err := fsys.Rename(tmp, name); err != nil {
		return err
	}
	return fsys.SyncDir(dirOf(name))
}

func dirOf(name string) string {
	for i := len(name) - 1; i >= 0; i-- {
		if name[i] == '/' {
			return name[:i]
		}
	}
	return "."
}
