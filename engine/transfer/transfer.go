// Package transfer moves bytes in and out: streams into chunks, chunks into
// streams, and what a client needs to send only what is missing.
package transfer

import (
	"context"
	"io"
	"time"

	"scaidrive/chunkstore"
	"scaidrive/engine"
	"scaidrive/engine/meta"
	"scaidrive/engine/tree"
)

// Service moves bytes.
type Service struct{ db *meta.DB }

// New makes the service.
func New(db *meta.DB, chunks *chunkstore.Store, tree *tree.Service, env engine.Env) *Service {
	panic("unfinished")
}

// UploadSpec describes a plain upload.
type UploadSpec struct {
	Share, Parent engine.ID
	Name          string
	ModifiedAt    time.Time
	Size          int64     // announced length, -1 unknown
	SHA256        *[32]byte // announced, nil if not; a difference is KindInvalid "checksum_sha256"
}

// Upload reads a new file's bytes from r with constant memory, stores them and
// makes the file. It checks rights, name and quota before the first byte is read
// and again in the commit. On any error nothing is visible.
func (s *Service) Upload(ctx context.Context, p *engine.Principal, spec UploadSpec, r io.Reader) (*tree.Located, error) {
	panic("unfinished")
}

// An Opened is a version's content, ready to be read.
type Opened struct {
	Located *tree.Located
	Version *engine.Version
	s       *Service
}

// Open finds a file's content; version 0 is the current one.
func (s *Service) Open(ctx context.Context, p *engine.Principal, file engine.ID, version uint64) (*Opened, error) {
	panic("unfinished")
}

// WriteRange writes length bytes from off to w, verified and read ahead. The
// first chunk is verified before the first byte is written. A full read in order
// of a version whose hash is only claimed verifies it.
func (o *Opened) WriteRange(ctx context.Context, w io.Writer, off, length int64) error {
	panic("unfinished")
}

// Manifest lists a version's chunks.
func (o *Opened) Manifest(ctx context.Context) ([]engine.Chunk, error) { panic("unfinished") }

// Query answers which of the hashes the caller must send: all but those which
// this user is remembered to have uploaded to this tenant since the start, and
// which are there. nonce is for proofs of possession.
func (s *Service) Query(ctx context.Context, p *engine.Principal, share engine.ID, hashes [][32]byte) (missing [][32]byte, nonce string, err error) {
	panic("unfinished")
}

// A Received is the outcome for one chunk sent.
type Received struct {
	Hash   [32]byte
	Size   uint32
	Stored bool // false: it was there already
}

// Receive reads frames (4 bytes big-endian length, then the bytes) until the end
// of r and stores each as a chunk. At most 64 MiB in all. A chunk over the set's
// maximum or an empty one is KindInvalid.
func (s *Service) Receive(ctx context.Context, p *engine.Principal, share engine.ID, r io.Reader) ([]Received, error) {
	panic("unfinished")
}

// Fetch writes frames of the named chunks of a version, in the order asked.
// A hash that is not in the version is KindNotFound, before the first byte.
func (s *Service) Fetch(ctx context.Context, p *engine.Principal, file engine.ID, version uint64, hashes [][32]byte) (func(w io.Writer) error, error) {
	panic("unfinished")
}
