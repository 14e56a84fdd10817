// Package annotate keeps what people write beside files and folders: comments and
// tags.
//
// Invariants:
//   - both stand on nodes by their IDs, so that they follow what moves, and go when
//     the node is removed for good; a copy has none of them;
//   - who may READ a thing reads its comments and tags and may comment; tags need
//     WRITE; a comment is changed by its author alone, and taken away by them and by
//     who has MANAGE_PERMISSIONS;
//   - what is found by a tag is decided about one by one: neither a thing nor a tag
//     that is only on things out of sight is shown, counted or told by a token.
//
// It decides no rights (access) and knows no bytes.
package annotate

import (
	"context"
	"time"

	"scaidrive/engine"
	"scaidrive/engine/access"
	"scaidrive/engine/meta"
	"scaidrive/engine/meta/schema"
	"scaidrive/engine/page"
)

// The bounds of a page, and of one look for what has a tag.
const (
	MaxPage = 1000

	maxExamine = 20_000
	examineFor = 50 * time.Millisecond
)

// Service keeps comments and tags. Safe for concurrent use.
type Service struct {
	db   *meta.DB
	env  engine.Env
	seal *page.Sealer
}

// New makes the service.
func New(db *meta.DB, env engine.Env) *Service {
	return &Service{db: db, env: env, seal: page.New(env.Rand)}
}

// On names a file or folder; a node of the other kind is not found.
type On struct {
	Node engine.ID
	Kind engine.NodeKind
}

// find checks a right on a node. A share's root has neither comments nor tags.
func find(r schema.Reader, p *engine.Principal, on On, want engine.Right) (*access.Subject, error) {
	sub, err := access.Check(r, p, on.Node, want)
	if err == nil && (sub.Node.Kind != on.Kind || sub.Node.Parent.IsZero()) {
		err = access.NotFound()
	}
	return sub, err
}

// writable answers nil where something may be written beside what was found.
func writable(p *engine.Principal, sub *access.Subject) error {
	if sub.Share.Archived(p.At) {
		return engine.E(engine.KindForbidden, "The share is archived and can only be read")
	}
	return nil
}

func (s *Service) view(ctx context.Context, op string, fn func(*meta.View) error) error {
	return engine.Wrap(op, s.db.View(ctx, fn))
}

func (s *Service) update(ctx context.Context, op string, fn func(*meta.Tx) error) error {
	return engine.Wrap(op, s.db.Update(ctx, fn))
}

func checkLimit(limit int) error {
	if limit < 1 || limit > MaxPage {
		return engine.Invalid("limit", "limit is 1 to %d", MaxPage)
	}
	return nil
}
