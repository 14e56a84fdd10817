// Package journal is the change log and the batch door through which sync
// clients change things.
//
// Invariants:
//   - the changes of a batch are taken in order, each whole or not at all, and
//     what is answered as applied is durable, in one commit;
//   - no version names a chunk that is not there, or that its author was not seen
//     to have;
//   - a base version that is not current is refused, never overwritten.
//
// It settles no conflicts yet, and remembers no outcomes: a change sent again is
// judged again.
package journal

import (
	"strconv"
	"time"

	"scaidrive/engine"
	"scaidrive/engine/meta"
	"scaidrive/engine/transfer"
	"scaidrive/engine/tree"
)

// Service applies batches of changes.
type Service struct {
	db       *meta.DB
	tree     *tree.Service
	transfer *transfer.Service
	env      engine.Env
	epoch    uint32
}

// New makes the service. epoch is the store's, below 2^17.
func New(db *meta.DB, tree *tree.Service, transfer *transfer.Service, env engine.Env, epoch uint32) *Service {
	return &Service{db: db, tree: tree, transfer: transfer, env: env, epoch: epoch}
}

// epochShift leaves 36 bits for the sequence and 17 for the epoch, so that a
// cursor stays below 2^53 and is exact in every client's numbers.
const epochShift = 36

// Cursor turns a share's sequence number into the integer cursor of the contract
// (epoch in the upper bits), and gives the opaque epoch beside it.
func (s *Service) Cursor(seq uint64) (cursor int64, epoch string) {
	return int64(s.epoch)<<epochShift | int64(seq), "e" + strconv.FormatUint(uint64(s.epoch), 10)
}

// MaxChanges is the longest batch.
const MaxChanges = 1000

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
	Patch    []transfer.Patch // against the base version
	Sources  []Source
	Proofs   map[[32]byte][32]byte
}

// A Source is a version that the caller may read and that holds chunks.
type Source = transfer.Source

// An Applied is the outcome of a change that is durable.
type Applied struct {
	Index     int
	ClientRef string
	Node      *tree.Located
	Seq       uint64    // of the change row; 0: nothing had to change
	Change    engine.ID // of that row
}

// A Refused is the outcome of a change that had no effect.
type Refused struct {
	Index     int
	ClientRef string
	Err       error
	Missing   [][32]byte
	// Node is what is there instead, where Err is KindConflict and the caller
	// may read it.
	Node *tree.Located
}

// A Result is the answer to a batch, in the order of its changes.
type Result struct {
	Applied []Applied
	Errors  []Refused
	Seq     uint64
}
