// Package tree holds files and folders: making, finding, listing, moving, copying,
// deleting, restoring and removing for good.
//
// Invariants:
//   - a name is unique in its folder, by its folded key;
//   - a folder's record holds the counts and the digest of its live children,
//     and every complete listing is compared with them, so that a child that
//     vanished from the table is damage and never a shorter list;
//   - a share's used bytes, its sequence and the row of its change log are
//     written in the commit of the change that they tell of;
//   - the record of every node's parent is there; what was deleted from a folder
//     is listed beside it, and goes to the folder above when the folder goes away;
//   - whoever may not read a thing gets the answer for a thing that is absent.
//
// It does not move bytes (transfer) and decides no rights (access).
package tree

import (
	"context"
	"errors"
	"io"
	"strings"
	"sync/atomic"
	"time"

	"scaidrive/engine"
	"scaidrive/engine/access"
	"scaidrive/engine/meta"
	"scaidrive/engine/meta/schema"
	"scaidrive/engine/once"
)

// Service works on files and folders.
type Service struct {
	db     *meta.DB
	env    engine.Env
	tokens tokens

	today    atomic.Uint64 // see Today
	prepared atomic.Bool   // the trash is known by folder, see Prepare
	ordered  chan struct{} // wakes Run
	large    chan struct{} // holds one for each large folder being sorted
	ranks    rankings

	onRows func(t engine.TenantNo, share engine.ID, from, to uint64) // see OnRows

	// OnTouch, when set before the first change, is told after each commit which
	// files and folders a user made or changed in it, the last ones of many. It must
	// be quick.
	OnTouch func(p *engine.Principal, touched []Touched)
}

// Touched is a file or folder that somebody made or changed.
type Touched struct {
	Node engine.ID
	Kind engine.NodeKind
}

// OnRows names the one who is told, once they are durable, that a share's change
// log has new rows: those behind from, up to to. It must be called before anything
// is changed; fn must be quick.
func (s *Service) OnRows(fn func(t engine.TenantNo, share engine.ID, from, to uint64)) { s.onRows = fn }

// New makes the service. The tokens of listings are valid for this service only.
func New(db *meta.DB, env engine.Env) *Service {
	s := &Service{db: db, env: env, ordered: make(chan struct{}, 1), large: make(chan struct{}, maxLarge)}
	if _, err := io.ReadFull(env.Rand, s.tokens.key[:]); err != nil {
		panic("the source of randomness failed: " + err.Error()) // it never does
	}
	return s
}

// A Located is a node with where it is: its share and its path ("/a/b").
type Located struct {
	Node  *engine.Node
	Share engine.ID
	Path  string
}

// Locate turns what access found into a node with its path.
func Locate(sub *access.Subject) *Located {
	var b strings.Builder
	long := 1 + len(sub.Node.Name)
	for _, n := range sub.Path {
		long += 1 + len(n.Name)
	}
	b.Grow(long)
	for _, n := range sub.Path {
		if !n.Parent.IsZero() {
			b.WriteByte('/')
			b.WriteString(n.Name)
		}
	}
	b.WriteByte('/')
	if !sub.Node.Parent.IsZero() {
		b.WriteString(sub.Node.Name)
	}
	return &Located{Node: sub.Node, Share: sub.Share.ID, Path: b.String()}
}

// find checks READ on a node of a kind; 0 is either.
func find(r schema.Reader, p *engine.Principal, id engine.ID, kind engine.NodeKind) (*access.Subject, error) {
	sub, err := access.Check(r, p, id, engine.RightRead)
	if err != nil {
		return nil, err
	}
	if kind != 0 && sub.Node.Kind != kind {
		return nil, access.NotFound()
	}
	return sub, nil
}

// enterable finds a live folder that the caller may list: one that they may read, or
// the way to something that they may.
func enterable(r schema.Reader, p *engine.Principal, id engine.ID) (*access.Subject, error) {
	sub, _, err := access.Look(r, p, id)
	if err == nil && sub.Node.Kind != engine.KindFolder {
		err = access.NotFound()
	}
	return sub, err
}

// Get returns a live node that the caller may read. kind is KindFile, KindFolder
// or 0 for either; a node of the other kind is KindNotFound.
func (s *Service) Get(ctx context.Context, p *engine.Principal, id engine.ID, kind engine.NodeKind) (*Located, error) {
	var loc *Located
	err := s.db.View(ctx, func(v *meta.View) error {
		sub, err := find(v, p, id, kind)
		if err == nil {
			loc = Locate(sub)
		}
		return err
	})
	return loc, err
}

// Mkdir makes a folder. parent may be a share's ID for its root. A taken name is
// KindConflict.
func (s *Service) Mkdir(ctx context.Context, p *engine.Principal, share, parent engine.ID, name string) (*Located, error) {
	if err := s.env.CheckRoom(); err != nil {
		return nil, err
	}
	var loc *Located
	err := s.db.Update(ctx, func(tx *meta.Tx) error {
		b := s.Batch(tx, p)
		out, err := b.Mkdir(share, parent, name, time.Time{})
		if err != nil {
			return err
		}
		loc = out.Located
		return b.finish(ctx, once.Node(loc.Node))
	})
	if err != nil {
		return nil, err
	}
	return loc, nil
}

// Versions lists a file's versions, newest first, and gives their number. A
// version that is missing from the file's history is KindDamaged.
func (s *Service) Versions(ctx context.Context, p *engine.Principal, file engine.ID, limit, offset int) ([]*engine.Version, int, error) {
	if limit < 1 || limit > maxPage || offset < 0 {
		return nil, 0, engine.Invalid("limit", "limit is 1 to %d, offset 0 or more", maxPage)
	}
	var list []*engine.Version
	var total int
	err := s.db.View(ctx, func(v *meta.View) error {
		list = list[:0]
		sub, err := find(v, p, file, engine.KindFile)
		if err != nil {
			return err
		}
		// Nothing prunes versions yet: all numbers up to the newest one are there.
		total = int(sub.Node.Newest())
		for i := offset; i < total && len(list) < limit; i++ {
			one, err := Version(v, p.Tenant, sub.Node, sub.Node.Newest()-uint64(i))
			if err != nil {
				return err
			}
			list = append(list, one)
		}
		return nil
	})
	return list, total, err
}

// Version reads a version of a file by its number; 0 is the current one. An
// unknown number is KindNotFound, a missing record KindDamaged.
func Version(r schema.Reader, t engine.TenantNo, n *engine.Node, number uint64) (*engine.Version, error) {
	if number == 0 || number == n.Version {
		return CurrentVersion(r, t, n)
	}
	if number > n.Newest() {
		return nil, engine.E(engine.KindNotFound, "Version not found")
	}
	v, err := schema.GetVersion(r, t, n.ID, number)
	if errors.Is(err, schema.ErrNotFound) {
		return nil, damagedVersion(n, number, err)
	}
	return v, err
}

// FileAt finds a live file that the caller may read, where it is now, with the
// content of one of its versions.
func FileAt(r schema.Reader, p *engine.Principal, id engine.ID, number uint64) (*Located, error) {
	sub, err := find(r, p, id, engine.KindFile)
	if err != nil {
		return nil, err
	}
	if n := sub.Node; n.Version != number {
		v, err := Version(r, p.Tenant, n, number)
		if err != nil {
			return nil, err
		}
		n.Version, n.VersionID = v.Number, v.ID
		n.Size, n.SHA256, n.HashState = v.Content.Size, v.Content.SHA256, v.Content.HashState
		n.ModifiedBy, n.ModifiedAt, n.UpdatedAt = v.CreatedBy, v.ModifiedAt, v.CreatedAt
	}
	return Locate(sub), nil
}

// GetAt is FileAt on the newest state.
func (s *Service) GetAt(ctx context.Context, p *engine.Principal, id engine.ID, number uint64) (loc *Located, err error) {
	err = s.db.View(ctx, func(v *meta.View) error {
		loc, err = FileAt(v, p, id, number)
		return err
	})
	return loc, err
}

// FileSpec is a new file or a new version of one.
type FileSpec struct {
	Share      engine.ID
	Parent     engine.ID // of a new file; a share's ID means its root
	Name       string
	File       engine.ID // of a new version; zero for a new file
	Base       engine.ID // of a new version: the version ID it was made from
	Content    engine.Content
	ModifiedAt time.Time
	EditedAt   time.Time // when it was made, by the server's clock; zero: now
	MIME       string    // "": as it was, what the name says for a new file
	Executable *bool     // nil: as it was, false for a new file
	// Kept is, of a new version, how many bytes of Base's chunks Content does not
	// share. It is needed when one of the two is not inline; otherwise it is
	// computed and Kept is not looked at.
	Kept int64
}

// PutFile makes a file or a version of one in the caller's mutation: node, child,
// version, counters, change row. It checks rights, names, limits, quota, and Base
// (a base that is not current is KindConflict, unless the content is the current
// one already). Content equal to the current version's changes time and
// attributes only and makes no version. changed is the share's new sequence
// number, 0 when nothing was written. For many files use a Batch.
func (s *Service) PutFile(w schema.Writer, p *engine.Principal, spec FileSpec) (n *Located, changed uint64, err error) {
	b := s.Batch(w, p)
	out, err := b.PutFile(spec)
	if err == nil {
		err = b.Flush()
	}
	return out.Located, out.Seq, err
}

// MkdirIn is Mkdir in the caller's mutation. When the folder is there already it
// is KindConflict, and the located node is returned beside the error if the
// caller may read it.
func (s *Service) MkdirIn(w schema.Writer, p *engine.Principal, share, parent engine.ID, name string) (*Located, uint64, error) {
	b := s.Batch(w, p)
	out, err := b.Mkdir(share, parent, name, time.Time{})
	if err == nil {
		err = b.Flush()
	}
	return out.Located, out.Seq, err
}
