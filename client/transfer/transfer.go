// Package transfer moves trees between a local disk and a share: put and get.
//
// Both list the target once, decide by a pure plan what to do with each file
// (by size and time; only what differs in one of them is hashed), and then run
// the plan with constant memory and several requests under way.
//
// Invariants:
//   - what is committed is the content of one moment: a file whose size or time
//     changed while it was read is read again, and refused if it keeps changing;
//   - what get puts in place has the SHA-256 that the listing named; until then
//     it lies under a hidden temporary name in the same folder;
//   - nothing outside the folders named is read or written: every access goes
//     through os.Root, links are never followed out of it, and a name that the
//     server sends must be one plain path element;
//   - a version that the listing did not see is never replaced;
//   - memory grows with the number of files (about 300 bytes each), not with
//     their sizes.
//
// It is not the sync engine: it keeps no records between runs beside notes on
// unfinished uploads, moves in one direction and deletes nothing.
package transfer

import (
	"context"
	"io"
	"strings"

	"scaidrive/client/upload"
	"scaidrive/httpd/wire"
)

// API is what a transfer needs of the server; [client.Client] is one.
type API interface {
	Tree(ctx context.Context, share, folder string, each func(*wire.Entry) error) error
	Children(ctx context.Context, share, folder, token string) (*wire.Children, error)
	upload.API
	Apply(ctx context.Context, a *wire.Apply) (*wire.ApplyResult, error)
	Manifest(ctx context.Context, file string, version uint64) (*wire.Manifest, error)
	Content(ctx context.Context, file string, version uint64, off int64) (io.ReadCloser, int64, error)
	ReadContent(ctx context.Context, file string, version uint64, buf []byte) error
	FetchFiles(ctx context.Context, files []wire.FileVersion, each func(f wire.FileFrame, content io.Reader) error) error
}

// The kinds of problems.
const (
	Skipped = "skipped" // not a file or folder: a link, a device, a pipe
	Failed  = "failed"
)

// A Problem is an item that was not transferred, and why.
type Problem struct {
	Path   string `json:"path"`
	Kind   string `json:"kind"` // Skipped or Failed
	Reason string `json:"reason"`
}

// Summary tells what a transfer did.
type Summary struct {
	FilesNew       int64 `json:"files_new"`
	FilesUpdated   int64 `json:"files_updated"`
	FilesTouched   int64 `json:"files_touched"` // same content, time or executable bit set
	FilesUnchanged int64 `json:"files_unchanged"`
	FoldersNew     int64 `json:"folders_new"`
	BytesTotal     int64 `json:"bytes_total"`    // of all files of the tree
	BytesSent      int64 `json:"bytes_sent"`     // content that went up
	BytesReceived  int64 `json:"bytes_received"` // content that came down
	ChunksSent     int64 `json:"chunks_sent"`
	ChunksKnown    int64 `json:"chunks_known"` // not sent: the server has them
	Batches        int64 `json:"batches"`      // commits asked for

	Problems []Problem `json:"problems"`
}

// Done counts what is as it should be now.
func (s *Summary) Done() int64 {
	return s.FilesNew + s.FilesUpdated + s.FilesTouched + s.FilesUnchanged + s.FoldersNew
}

// Progress is told how far a transfer is. Its methods are called from several
// goroutines.
type Progress interface {
	// Total is told once it is known: files, and bytes of content.
	Total(files, bytes int64)
	// Add tells of files finished and bytes moved or found to be there.
	Add(files, bytes int64)
}

type noProgress struct{}

func (noProgress) Total(int64, int64) {}
func (noProgress) Add(int64, int64)   {}

// partPrefix begins the names of unfinished downloads; put does not see them.
const partPrefix = ".scaidrive-part-"

// stateFolder is kept by the sync client at the root of its folders.
const stateFolder = ".scaidrive"

// ours reports whether a name is one of the client's own files.
func ours(name string) bool {
	return name == stateFolder || strings.HasPrefix(name, partPrefix)
}

// Add takes the counts and problems of another transfer in.
func (s *Summary) Add(o *Summary) {
	s.FilesNew += o.FilesNew
	s.FilesUpdated += o.FilesUpdated
	s.FilesTouched += o.FilesTouched
	s.FilesUnchanged += o.FilesUnchanged
	s.FoldersNew += o.FoldersNew
	s.BytesTotal += o.BytesTotal
	s.BytesSent += o.BytesSent
	s.BytesReceived += o.BytesReceived
	s.ChunksSent += o.ChunksSent
	s.ChunksKnown += o.ChunksKnown
	s.Batches += o.Batches
	s.Problems = append(s.Problems, o.Problems...)
}
