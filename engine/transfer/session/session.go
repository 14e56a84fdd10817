// Package session keeps resumable uploads: a file that arrives in numbered parts,
// in any order, over many connections and restarts.
//
// The front is the run of parts, from the first on, that has been cut and hashed
// as one stream. A part that comes at the front, or again behind it, flows
// straight into the chunk store. Only a part ahead of the front is spooled, in a
// file of its own below staging/, and taken from there when the front gets to it.
//
// Invariants:
//   - a part that was acknowledged is durable: its record is committed after its
//     spool file, or in the commit that syncs its chunks;
//   - the record of a part before the front holds the state behind it, so that
//     the front can go on, or go back, from every part after a restart. Nothing
//     that matters is only in memory, and memory does not grow with the file;
//   - bytes read back are compared with the hash that the part came with. A part
//     that can't be read is missing, and sent again;
//   - nothing is visible before complete; then all of it is, in one commit;
//   - a session is its user's alone: to all others it is absent.
//
// It decides no rights (access), makes no files (tree) and cuts no chunks
// (transfer).
package session

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"mime"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"scaidrive/chunkstore/split"
	"scaidrive/chunkstore/vfs"
	"scaidrive/engine"
	"scaidrive/engine/access"
	"scaidrive/engine/meta"
	"scaidrive/engine/meta/schema"
	"scaidrive/engine/once"
	"scaidrive/engine/transfer"
	"scaidrive/engine/tree"
)

// The bounds of sessions. Sizes are in bytes.
const (
	MinPart     = 64 << 10
	MaxPart     = 64 << 20
	DefaultPart = 4 << 20
	MaxParts    = 1 << 18
	MaxOpen     = 1000 // sessions of a user
	// Lifetime is how long a session lives without a sign of life, and how long
	// a completed one answers.
	Lifetime = 24 * time.Hour
	// remembered is how long an expired session is told from one that never was.
	remembered = 7 * 24 * time.Hour
)

// Service keeps upload sessions.
type Service struct {
	db       *meta.DB
	transfer *transfer.Service
	tree     *tree.Service
	env      engine.Env
	spool    *spool
	log      *slog.Logger

	mu     sync.Mutex
	live   map[engine.ID]*live
	queue  []place // sessions whose front can go on
	queued map[place]bool
	wake   chan struct{}
	failed atomic.Pointer[engine.Error]
}

// Options are what a service is made of; all are needed but Log.
type Options struct {
	DB       *meta.DB
	Transfer *transfer.Service
	Tree     *tree.Service
	Env      engine.Env
	// FS and Dir say where parts are spooled; nothing else lies in Dir.
	FS  vfs.FS
	Dir string
	Log *slog.Logger
}

// New makes the service. Nothing is cleaned up until Run.
func New(o Options) *Service {
	s := &Service{
		db: o.DB, transfer: o.Transfer, tree: o.Tree, env: o.Env, log: o.Log,
		spool: newSpool(o.FS, o.Dir, o.Env),
		live:  map[engine.ID]*live{}, queued: map[place]bool{}, wake: make(chan struct{}, 1),
	}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	return s
}

// A place names a session.
type place struct {
	tenant   engine.TenantNo
	user, id engine.ID
}

func placeOf(p *engine.Principal, id engine.ID) place { return place{p.Tenant, p.User, id} }

// live is what is known of a session while calls work on it.
type live struct {
	refs       int
	completing bool          // guarded by Service.mu
	front      chan struct{} // holds a token while somebody moves the front on from stored parts
}

// enter marks that a call works on a session; leave ends that.
func (s *Service) enter(id engine.ID) *live {
	s.mu.Lock()
	defer s.mu.Unlock()
	l := s.live[id]
	if l == nil {
		l = &live{front: make(chan struct{}, 1)}
		s.live[id] = l
	}
	l.refs++
	return l
}

func (s *Service) leave(id engine.ID, l *live) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if l.refs--; l.refs == 0 {
		delete(s.live, id)
	}
}

func (s *Service) completing(l *live) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return l.completing
}

// busy reports whether calls work on a session.
func (s *Service) busy(id engine.ID) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.live[id] != nil
}

// Failed is the error of a sync of a spool file that failed; after it no part is
// taken until a restart.
func (s *Service) Failed() error {
	if err := s.failed.Load(); err != nil {
		return err
	}
	return nil
}

// Spec describes a new session.
type Spec struct {
	Share, Parent engine.ID
	Name          string
	Size          int64
	PartSize      int64 // 0: the server chooses
	MIME          string
	SHA256        *[32]byte // compared at complete
	Replace       engine.ID // the file that gets a new version
	ModifiedAt    time.Time
}

// A Session is what may be told of a session.
type Session struct {
	*engine.Upload
	ExpiresAt  time.Time
	Completing bool
	// Received are the parts that are here, as runs from first to last.
	Received [][2]uint32
	Bytes    int64 // of those parts
}

// Create begins a session. It makes all the checks that complete will make again:
// rights, name, a taken name, limits, quota, room.
func (s *Service) Create(ctx context.Context, p *engine.Principal, spec Spec) (*Session, error) {
	u := &engine.Upload{
		ID: s.env.NewID(), User: p.User, Status: engine.UploadOpen,
		Share: spec.Share, Parent: spec.Parent, Name: spec.Name, Replace: spec.Replace,
		Size: spec.Size, MIME: spec.MIME, ModifiedAt: spec.ModifiedAt,
		CreatedAt: s.env.Now(), Chunking: split.Default().Name,
	}
	u.TouchedAt = u.CreatedAt
	if spec.SHA256 != nil {
		u.SHA256, u.HasSHA256 = *spec.SHA256, true
	}
	var err error
	if u.MIME, err = mediaType(spec.MIME); err != nil {
		return nil, err
	}
	if u.PartSize, err = partSize(spec.Size, spec.PartSize); err != nil {
		return nil, err
	}
	if err := s.env.CheckRoom(); err != nil {
		return nil, err
	}
	err = s.db.Update(ctx, func(tx *meta.Tx) error {
		if err := s.check(tx, p, u); err != nil {
			return err
		}
		if err := s.mayOpen(tx, p); err != nil {
			return err
		}
		if err := schema.PutUpload(tx, p.Tenant, u); err != nil {
			return err
		}
		return once.Keep(ctx, tx, once.Made{ID: u.ID})
	})
	if err != nil {
		return nil, err
	}
	return s.describe(u), nil
}

func (s *Service) describe(u *engine.Upload) *Session {
	return &Session{Upload: u, ExpiresAt: u.TouchedAt.Add(Lifetime)}
}

// maxMediaType bounds an announced media type, in bytes.
const maxMediaType = 255

// mediaType reads an announced media type; "" is none.
func mediaType(text string) (string, error) {
	if text == "" {
		return "", nil
	}
	t, params, err := mime.ParseMediaType(text)
	if err == nil && strings.Contains(t, "/") && len(text) <= maxMediaType {
		if text = mime.FormatMediaType(t, params); text != "" {
			return text, nil
		}
	}
	return "", engine.Invalid("mime_type", "This is not a media type")
}

// partSize settles the size of parts.
func partSize(size, want int64) (uint32, error) {
	if size < 0 {
		return 0, engine.Invalid("file_size", "A length can't be negative")
	}
	if want == 0 {
		want = DefaultPart
		for want < MaxPart && size > want*MaxParts {
			want *= 2
		}
	}
	if want < MinPart || want > MaxPart || want&(want-1) != 0 {
		return 0, engine.Invalid("chunk_size", "The size of parts is a power of two from %d to %d", MinPart, MaxPart)
	}
	if size > MaxPart*MaxParts {
		return 0, engine.E(engine.KindTooLarge, "A file has at most %d bytes", int64(MaxPart*MaxParts))
	}
	if size > want*MaxParts {
		return 0, engine.Invalid("chunk_size", "A file has at most %d parts", MaxParts)
	}
	return uint32(want), nil
}

// mayOpen refuses one session too many.
func (s *Service) mayOpen(r schema.Reader, p *engine.Principal) error {
	open := 0
	err := schema.ScanOpenUploads(r, p.Tenant, p.User, func(u *engine.Upload) (bool, error) {
		if !s.expired(u) {
			open++
		}
		return open < MaxOpen, nil
	})
	if err == nil && open == MaxOpen {
		err = engine.E(engine.KindRateLimited, "There are %d open upload sessions; complete or delete some", MaxOpen)
	}
	return err
}

// check makes all the checks of the file that is to come.
func (s *Service) check(r schema.Reader, p *engine.Principal, u *engine.Upload) error {
	spec, err := s.fileSpec(r, p, u)
	if err != nil {
		return err
	}
	return s.tree.Check(r, p, spec)
}

// fileSpec is what a session will ask of the tree, without a content but for its
// length. A new version is made from the current one.
func (s *Service) fileSpec(r schema.Reader, p *engine.Principal, u *engine.Upload) (tree.FileSpec, error) {
	spec := tree.FileSpec{Share: u.Share, Parent: u.Parent, Name: u.Name, ModifiedAt: u.ModifiedAt, MIME: u.MIME}
	spec.Content.Size = u.Size
	if !u.Replace.IsZero() {
		sub, err := access.Check(r, p, u.Replace, engine.RightWrite)
		if err != nil {
			return spec, err
		}
		spec.File, spec.Base = u.Replace, sub.Node.VersionID
	}
	return spec, nil
}

func (s *Service) expired(u *engine.Upload) bool {
	return u.Status == engine.UploadExpired || !s.env.Now().Before(u.TouchedAt.Add(Lifetime))
}

// find reads a session that has not expired.
func (s *Service) find(r schema.Reader, at place) (*engine.Upload, error) {
	u, err := schema.GetUpload(r, at.tenant, at.user, at.id)
	switch {
	case errors.Is(err, schema.ErrNotFound):
		return nil, access.NotFound()
	case err != nil:
		return nil, err
	case s.expired(u):
		return nil, engine.E(engine.KindGone, "The upload session has expired")
	}
	return u, nil
}

// open reads a session that takes parts.
func (s *Service) open(r schema.Reader, at place) (*engine.Upload, error) {
	u, err := s.find(r, at)
	if err == nil && u.Status != engine.UploadOpen {
		err = engine.E(engine.KindConflict, "The upload session is completed")
	}
	if err != nil || !u.Replace.IsZero() { // a file's place is looked up at its completion
		return u, err
	}
	sh, err := schema.GetShare(r, at.tenant, u.Share)
	if errors.Is(err, schema.ErrNotFound) || err == nil && !sh.DeletedAt.IsZero() {
		return u, engine.E(engine.KindGone, "The share that the upload session goes to was deleted")
	}
	return u, err
}

// Delete ends a session and removes what came in it. The file of a completed one
// stays.
func (s *Service) Delete(ctx context.Context, p *engine.Principal, id engine.ID) error {
	at := placeOf(p, id)
	l := s.enter(id)
	defer s.leave(id, l)
	if s.completing(l) {
		return errCompleting()
	}
	err := s.db.Update(ctx, func(tx *meta.Tx) error {
		u, err := s.find(tx, at)
		if err != nil {
			return err
		}
		if err := schema.DeleteUpload(tx, at.tenant, u); err != nil {
			return err
		}
		if err := dropFewParts(tx, at); err != nil {
			return err
		}
		return once.Keep(ctx, tx, once.Made{ID: id})
	})
	if err != nil {
		return err
	}
	s.tidy(ctx, at)
	return nil
}

func errCompleting() error {
	return engine.E(engine.KindConflict, "The upload session is being completed")
}

// principal is who a session belongs to, as far as moving bytes needs it.
func principal(r schema.Reader, at place) (*engine.Principal, error) {
	t, err := schema.GetTenant(r, at.tenant)
	if err != nil {
		return nil, fmt.Errorf("the tenant of an upload session: %w", err)
	}
	return &engine.Principal{User: at.user, Tenant: at.tenant, TenantID: t.ID}, nil
}

// exact reads a part's body and holds it to its length.
type exact struct {
	r    io.Reader
	want int64
	got  int64
}

func (e *exact) Read(b []byte) (int, error) {
	// One byte more than expected shows a body that is too long.
	n, err := e.r.Read(b[:min(int64(len(b)), e.want-e.got+1)])
	e.got += int64(n)
	switch {
	case e.got > e.want:
		return n, wrongLength(e.want)
	case err == io.EOF && e.got < e.want:
		return n, engine.Invalid("", "The part has %d bytes; %d belong to it", e.got, e.want)
	}
	return n, err
}

func wrongLength(want int64) error {
	return engine.Invalid("", "The part is longer than the %d bytes that belong to it", want)
}
