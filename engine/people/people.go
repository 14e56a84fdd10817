// Package people is who there is in a tenant: users with their life cycle, groups
// and who is in them, and how both are found.
//
// Invariants:
//   - an administration role is used only where the token's scope and the role
//     stored in the database agree, and nobody touches who stands above them;
//   - the last active administrator of a tenant, and the last of the installation,
//     can't be removed, suspended or demoted;
//   - a user who is deleted leaves nothing orphaned: what they owned has another
//     owner in the commit that deletes them, or before; and nothing that was theirs
//     comes to whoever gets their address later;
//   - a group that is deleted gives nothing from that commit on, and one made again
//     under its name is another group;
//   - every change of who is in what raises the tenant's generation of principals in
//     the same commit.
//
// It does not decide what anybody may do with files (package access), and knows no
// passwords or tokens but by package identity.
package people

import (
	"context"
	"errors"
	"io"

	"scaidrive/engine"
	"scaidrive/engine/access"
	"scaidrive/engine/identity"
	"scaidrive/engine/meta"
	"scaidrive/engine/meta/schema"
	"scaidrive/engine/share"
)

// Bounds of one view, and of what a search looks at.
const (
	viewRecords   = 2000
	maxCandidates = 20_000
	MaxListed     = 10_000 // up to which a search counts exactly
)

// Service keeps users and groups. Safe for concurrent use.
type Service struct {
	db       *meta.DB
	env      engine.Env
	identity *identity.Service
	shares   *share.Service
	random   io.Reader
}

// New makes the service.
func New(db *meta.DB, env engine.Env, id *identity.Service, shares *share.Service) *Service {
	return &Service{db: db, env: env, identity: id, shares: shares, random: env.Rand}
}

// administers answers nil for who may administer their tenant.
func administers(p *engine.Principal) error {
	if !p.AdministersTenant() {
		return engine.E(engine.KindForbidden, "Only administrators of the tenant may do this")
	}
	return nil
}

func notFound(what string) error { return engine.E(engine.KindNotFound, "%s not found", what) }

// asNotFound turns an absent record into the answer for what is unknown.
func asNotFound(err error, what string) error {
	if errors.Is(err, schema.ErrNotFound) {
		return notFound(what)
	}
	return err
}

// liveUser finds a user of a tenant who is not deleted.
func liveUser(r schema.Reader, t engine.TenantNo, id engine.ID) (*engine.User, error) {
	u, err := schema.GetUser(r, t, id)
	if err != nil {
		return nil, asNotFound(err, "User")
	}
	if u.Status == engine.StatusDeleted {
		return nil, notFound("User")
	}
	return u, nil
}

// update runs a mutation of the service's.
func (s *Service) update(ctx context.Context, op string, fn func(schema.Writer) error) error {
	return engine.Wrap(op, s.db.Update(ctx, func(tx *meta.Tx) error { return fn(tx) }))
}

// administer runs a mutation for who administers their tenant when it commits. p is the
// caller with the role that they have then.
func (s *Service) administer(ctx context.Context, op string, p *engine.Principal, fn func(w schema.Writer, p *engine.Principal) error) error {
	if err := administers(p); err != nil {
		return err
	}
	return s.update(ctx, op, func(w schema.Writer) error {
		now, err := access.Now(w, p)
		if err != nil {
			return err
		}
		if err := administers(now); err != nil {
			return err
		}
		return fn(w, now)
	})
}

// view runs a view of the service's.
func (s *Service) view(ctx context.Context, op string, fn func(schema.Reader) error) error {
	return engine.Wrap(op, s.db.View(ctx, func(v *meta.View) error { return fn(v) }))
}
