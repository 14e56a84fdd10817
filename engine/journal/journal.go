// Package journal is the change log and the batch door through which sync
// clients change things.
package journal

import (
	"context"
	"time"

	"scaidrive/engine"
	"scaidrive/engine/meta"
	"scaidrive/engine/transfer"
	"scaidrive/engine/tree"
)

// Service applies batches of changes.
type Service struct{ db *meta.DB }

// New makes the service.
func New(db *meta.DB, tree *tree.Service, transfer *transfer.Service, env engine.Env, epoch uint32) *Service {
	panic("unfinished")
}

// Cursor turns a share's sequence number into the integer cursor of the contract
// (epoch in the upper bits), and gives the opaque epoch beside it.
func (s *Service) Cursor(seq uint64) (cursor int64, epoch string) { panic("unfinished") }

// A Batch is the body of POST /sync/apply.
type Batch struct {
	DeviceID  string
	Share     engine.ID
	ClientNow time.Time
	Atomic    bool
	Changes   []Change
}

// A Change is one change of a batch. Created and updated are taken so far; the
// other kinds are answered with KindInvalid in Errors.
type Change struct {
	ClientRef  string
	Resource   engine.ResourceKind
	Kind       engine.ChangeKind
	ResourceID engine.ID // of an update
	ParentID   engine.ID // or Path
	Path       string    // "/a/b/c": parent folders made in the same batch are found
	Name       string
	Base       engine.ID
	ModifiedAt time.Time
	Executable *bool
	Content    *Content
}

// Content is what the client says of a file's bytes. Either Chunks or Patch.
type Content struct {
	Size     int64
	SHA256   [32]byte
	Chunking string
	Chunks   []engine.Chunk
	Sources  []Source
	Proofs   map[[32]byte][32]byte
}

// A Source is a version that the caller may read and that holds chunks.
type Source struct {
	File    engine.ID
	Version uint64
}

// An Applied is the outcome of a change that is durable.
type Applied struct {
	Index     int
	ClientRef string
	Node      *tree.Located
	Seq       uint64
}

// A Refused is the outcome of a change that had no effect.
type Refused struct {
	Index     int
	ClientRef string
	Err       error
	Missing   [][32]byte
}

// A Result is the answer to a batch, in the order of its changes.
type Result struct {
	Applied []Applied
	Errors  []Refused
	Seq     uint64
}

// Apply takes a batch: changes in order, each atomic, all of them in one durable
// commit. Atomic: any refusal refuses all.
func (s *Service) Apply(ctx context.Context, p *engine.Principal, b Batch) (*Result, error) {
	panic("unfinished")
}
