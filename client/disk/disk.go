// Package disk is the seam between a sync client and a local file system: what it
// can tell of files, and what is done with them, with the differences of platforms
// behind one interface.
//
// Invariants:
//   - nothing outside of the root is read or written: every access goes through
//     os.Root, folder by folder, and no link is followed, not even one that stays
//     inside;
//   - a name is never taken from something else: Place takes a free name, Replace
//     and Remove act only on what still looks as it is told;
//   - a path is made of names as they stand on the disk, parted by slashes; "" is
//     the root.
//
// It decides nothing about what is to be done. What a name looks like on the
// server is the worker's business (client/worker); Traits tell what this disk can
// hold.
package disk

import (
	"errors"
	"io"

	"scaidrive/client/planner"
)

// ErrChanged says that what is at a path is not what was to be replaced, removed
// or moved, or that a name is taken. Nothing was done.
var ErrChanged = errors.New("it has changed on the disk meanwhile")

// ErrNoFile says that there is no regular file at a path: a folder, a link or a
// device has its place.
var ErrNoFile = errors.New("it is not a file")

// Kind says what an entry is.
type Kind uint8

// The kinds.
const (
	File Kind = iota
	Folder
	Other  // a link, a device: Why says what
	Unseen // it is there and could not be looked at: Why says why
)

// An Entry is what the disk tells of a name without following it.
type Entry struct {
	Name  string // as it stands on the disk
	Kind  Kind
	Why   string // of Other and Unseen
	Stamp planner.Stamp
}

// Traits are what a file system can hold.
type Traits struct {
	Exec bool // it keeps the executable bit
	// Refuses tells why it can't hold a name, "" if it can.
	Refuses func(name string) string
}

// A Reader is an open file. Look tells how it is now; the first time it may tell how
// it was when it was opened.
type Reader interface {
	io.Reader
	io.ReaderAt
	io.Closer
	Look() (Entry, error)
}

// A Writer is a new file.
type Writer interface {
	io.Writer
	io.ReaderAt
	io.Closer
}

// FS is the file system below a root. Safe for concurrent use.
type FS interface {
	// List gives what lies in a folder, in the order of names. What went while it
	// was listed is left out.
	List(dir string) ([]Entry, error)
	// Look tells of one name. fs.ErrNotExist if it is not there.
	Look(path string) (Entry, error)
	// Open opens a regular file.
	Open(path string) (Reader, error)
	// Create makes a new file.
	Create(path string, exec bool) (Writer, error)
	// WriteWhole makes a new file that is whole: with its content and the time of its
	// modification, in nanoseconds since 1970. After an error there may be one that
	// is not.
	WriteWhole(path string, content []byte, exec bool, mtime int64) error
	// Mkdir makes a folder.
	Mkdir(path string) error
	// Place gives what is at a path another one, whose name is free: of others,
	// that is; it may be the same name in other letters. Else ErrChanged.
	Place(from, to string) error
	// Replace puts a file in the place of another that looks as want. Else ErrChanged.
	Replace(from, to string, want planner.Stamp) error
	// Remove removes a file that looks as want (else ErrChanged), or, with want nil,
	// whatever is there that is no folder.
	Remove(path string, want *planner.Stamp) error
	// Rmdir removes an empty folder.
	Rmdir(path string) error
	// SetTime sets when a file was modified, in nanoseconds since 1970.
	SetTime(path string, mtime int64) error
	// SetExec sets the executable bit, where there is one.
	SetExec(path string, exec bool) error
	// Sync makes all that was done so far durable.
	Sync() error
	// Room tells how many bytes are free for this user, or an error where that can't be
	// told.
	Room() (bytes int64, err error)
	// Traits tell what the file system can hold.
	Traits() Traits
	// Forget closes what was kept open between calls.
	Forget()
	// Close ends the use.
	Close() error
}

// SameFile reports whether a file is the one that a stamp is of, with the same
// size and time, whatever its name: moving a file changes the time of its inode.
func SameFile(a, b planner.Stamp) bool {
	return a.Identity == b.Identity && a.Size == b.Size && a.MTime == b.MTime && a.Exec == b.Exec
}
