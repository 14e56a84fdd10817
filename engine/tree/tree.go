// Package tree holds files and folders: making, finding, listing and deleting.
package tree

import (
	"context"
	"time"

	"scaidrive/engine"
	"scaidrive/engine/meta"
	"scaidrive/engine/meta/schema"
)

// Service works on files and folders.
type Service struct{ db *meta.DB }

// New makes the service.
func New(db *meta.DB, env engine.Env) *Service { panic("unfinished") }

// A Located is a node with where it is: its share and its path ("/a/b").
type Located struct {
	Node  *engine.Node
	Share engine.ID
	Path  string
}

// Get returns a live node that the caller may read. kind is KindFile, KindFolder
// or 0 for either; a node of the other kind is KindNotFound.
func (s *Service) Get(ctx context.Context, p *engine.Principal, id engine.ID, kind engine.NodeKind) (*Located, error) {
	panic("unfinished")
}

// Mkdir makes a folder. parent may be a share's ID for its root. A taken name is
// KindConflict.
func (s *Service) Mkdir(ctx context.Context, p *engine.Principal, share, parent engine.ID, name string) (*Located, error) {
	panic("unfinished")
}

// A Page is a part of a listing. Total is exact when TotalExact.
type Page struct {
	Items      []*engine.Node
	Path       string
	Total      int
	TotalExact bool
	NextToken  string // empty: the end
}

// Children lists a folder, folders and files together in the order of their name
// keys. token continues a listing; with offset it is KindInvalid.
// At most 5,000 entries are examined, then the page ends with a token.
// A listing that does not agree with the folder's counts and digest is KindDamaged.
func (s *Service) Children(ctx context.Context, p *engine.Principal, folder engine.ID, limit, offset int, token string) (*Page, error) {
	panic("unfinished")
}

// A Listing is a page of a subtree, parents before children.
type Listing struct {
	Entries   []*engine.Node
	NextToken string
	Cursor    uint64 // the share's sequence at the moment the listing began
}

// Walk lists everything below a folder, page by page (limit at most 5,000).
func (s *Service) Walk(ctx context.Context, p *engine.Principal, share, folder engine.ID, limit int, token string) (*Listing, error) {
	panic("unfinished")
}

// Versions lists a file's versions, newest first.
func (s *Service) Versions(ctx context.Context, p *engine.Principal, file engine.ID, limit, offset int) ([]*engine.Version, int, error) {
	panic("unfinished")
}

// Trash moves a node to the trash: one record, one change row, whatever lies below.
// ifMatch, when not zero, is the version ID that a file must have (else KindPrecondition).
func (s *Service) Trash(ctx context.Context, p *engine.Principal, id engine.ID, kind engine.NodeKind, ifMatch engine.ID) error {
	panic("unfinished")
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
	Executable *bool // nil: as it was, false for a new file
}

// PutFile makes a file or a version of one in the caller's mutation: node, child,
// version, counters, change row. It checks rights, names, limits, quota, and Base
// (a base that is not current is KindConflict). Content equal to the current
// version's changes time and attributes only and makes no version.
// changed is the share's new sequence number, 0 when nothing was written.
func (s *Service) PutFile(w schema.Writer, p *engine.Principal, spec FileSpec) (n *Located, changed uint64, err error) {
	panic("unfinished")
}

// MkdirIn is Mkdir in the caller's mutation. When the folder is there already it
// is KindConflict, and the located node is returned beside the error if the
// caller may read it.
func (s *Service) MkdirIn(w schema.Writer, p *engine.Principal, share, parent engine.ID, name string) (*Located, uint64, error) {
	panic("unfinished")
}
