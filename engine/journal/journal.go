// Package journal is the change log and the batch door through which sync
// clients change things.
//
// Invariants:
//   - the changes of a batch are taken in order, each whole or not at all, and
//     what is answered as applied is durable, in one commit;
//   - no version names a chunk that is not there, or that its author was not seen
//     to have;
//   - where edits meet, no content is lost: whatever loses its name is kept as a
//     copy, a version, in the trash or in an open conflict, in the commit that
//     took the name away;
//   - a change that a device named by a reference has one effect, however often it
//     is sent;
//   - a row of the change log is rendered for who asks, as of now, by one renderer.
//
// What becomes of edits that meet is decided here (meet.go and its neighbours);
// what may be done at all is decided by access, and how it is written by tree.
package journal

import (
	"time"

	"scaidrive/engine"
	"scaidrive/engine/meta"
	"scaidrive/engine/page"
	"scaidrive/engine/transfer"
	"scaidrive/engine/tree"
)

// Service applies batches of changes, keeps conflicts and devices, and gives the
// change log to those who follow it. Safe for concurrent use.
type Service struct {
	db       *meta.DB
	tree     *tree.Service
	transfer *transfer.Service
	env      engine.Env
	epoch    uint32
	hub      hub
	seal     *page.Sealer
}

// New makes the service. epoch is the store's, below 2^17. It follows what tree
// changes, so it must be made before anything is.
func New(db *meta.DB, tree *tree.Service, transfer *transfer.Service, env engine.Env, epoch uint32) *Service {
	s := &Service{db: db, tree: tree, transfer: transfer, env: env, epoch: epoch, seal: page.New(env.Rand)}
	tree.OnRows(s.hub.rows)
	db.Watch(s.hub.written, decisive()...)
	return s
}

// The bounds of a batch and of what is remembered of a device.
const (
	MaxChanges  = 1000
	MaxOutcomes = 10_000 // of a device
	MaxDeviceID = 128    // bytes
	MaxRef      = 256    // bytes of a client_ref, and of a round's ID
)

// A Batch is the body of POST /sync/apply.
type Batch struct {
	DeviceID  string
	Share     engine.ID
	Strategy  engine.Strategy // zero: the share's, else KeepBoth
	ClientNow time.Time       // the client's clock when it sent this; zero: the server's
	// Based says that BaseSeq is told: the share's sequence up to which the client
	// had followed when it planned this.
	Based   bool
	BaseSeq uint64
	RoundID string // names a restorable group in the trash
	Atomic  bool
	Changes []Change
}

// A Change is one change of a batch.
type Change struct {
	ClientRef  string
	Resource   engine.ResourceKind
	Kind       engine.ChangeKind
	ResourceID engine.ID // of what is there already
	ParentID   engine.ID // or Path; of a move zero: where it is
	Path       string    // "/a/b/c": parent folders made in the same batch are found
	Name       string
	Base       engine.ID
	BaseParent engine.ID // where its maker knew it; zero: not told
	BaseName   string
	ModifiedAt time.Time
	SeenAt     time.Time // when its maker noticed it; zero: not told
	Executable *bool
	Content    *Content
}

// Content is what the client says of a file's bytes. Either Chunks or Patch or List.
type Content struct {
	Size     int64
	SHA256   [32]byte
	Chunking string
	Chunks   []engine.Chunk
	Patch    []transfer.Patch // against the base version
	List     *[32]byte        // a manifest that was sent before
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

// A Met is a change that met another one: what became of it.
type Met struct {
	Index     int
	ClientRef string
	Conflict  *engine.Conflict
	Node      *tree.Located // what it is about, as it is now; nil: gone, or out of sight
}

// A Refused is the outcome of a change that had no effect.
type Refused struct {
	Index     int
	ClientRef string
	Err       error
	Missing   [][32]byte
	// MissingList: the manifest that the change names must be sent first.
	MissingList bool
	// Node is what is there instead, where Err is KindConflict and the caller
	// may read it.
	Node *tree.Located
}

// A Result is the answer to a batch, each list in the order of its changes. A
// deletion of a folder from which something was saved is in Applied and in
// Conflicts.
type Result struct {
	Applied   []Applied
	Conflicts []Met
	Errors    []Refused
	Seq       uint64
	Epoch     string
	Rows      uint64 // of the change log, the last ones up to Seq
}
