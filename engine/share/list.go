package share

import (
	"bytes"
	"context"
	"slices"
	"strings"

	"scaidrive/engine"
	"scaidrive/engine/access"
	"scaidrive/engine/meta"
	"scaidrive/engine/meta/schema"
)

// viewRecords is how many records one view examines at most.
const viewRecords = 2000

// A Query says which shares are listed.
type Query struct {
	All     bool // the whole tenant's; for its administrators
	Trashed bool // deleted ones, too: those that the caller may bring back
	Limit   int
	Offset  int
}

// List returns the shares that the caller may see, by name, from offset, and
// their number. all lists the whole tenant's and needs tenant_admin, else
// KindForbidden. Without it an administrator sees what they own, too.
func (s *Service) List(ctx context.Context, p *engine.Principal, all bool, limit, offset int) ([]*engine.Share, int, error) {
	return s.Find(ctx, p, Query{All: all, Limit: limit, Offset: offset})
}

// Find is List with more to ask for.
//
// The order is by the key of the name, then by ID. Shares made or deleted while
// a long list is put together may be in it or not. It goes through all shares of
// the tenant.
func (s *Service) Find(ctx context.Context, p *engine.Principal, q Query) ([]*engine.Share, int, error) {
	if q.All && !p.AdministersTenant() {
		return nil, 0, engine.E(engine.KindForbidden, "Only administrators may list all shares")
	}
	list, err := s.collect(ctx, p.Tenant, func(sh *engine.Share) bool {
		return (q.Trashed || sh.DeletedAt.IsZero()) && (q.All || access.Owns(p, sh))
	})
	if err != nil {
		return nil, 0, engine.Wrap("share.List", err)
	}
	return page(list, q.Limit, q.Offset), len(list), nil
}

// collect gives the shares of a tenant that are wanted, in short views.
func (s *Service) collect(ctx context.Context, t engine.TenantNo, wanted func(*engine.Share) bool) ([]*engine.Share, error) {
	var list []*engine.Share
	var behind engine.ID
	for {
		seen := 0
		err := s.db.View(ctx, func(v *meta.View) error {
			return schema.ScanShares(v, t, behind, func(sh *engine.Share) (bool, error) {
				seen++
				behind = sh.ID
				if wanted(sh) {
					list = append(list, sh)
				}
				return seen < viewRecords, nil
			})
		})
		if err != nil || seen < viewRecords {
			return list, err
		}
	}
}

// page sorts a list and cuts a page out of it.
func page(list []*engine.Share, limit, offset int) []*engine.Share {
	type keyed struct {
		key   string
		share *engine.Share
	}
	rows := make([]keyed, len(list))
	for i, sh := range list {
		rows[i] = keyed{nameKey(sh.Name), sh}
	}
	slices.SortFunc(rows, func(a, b keyed) int {
		if c := strings.Compare(a.key, b.key); c != 0 {
			return c
		}
		return bytes.Compare(a.share.ID[:], b.share.ID[:])
	})
	offset = min(max(offset, 0), len(rows))
	rows = rows[offset:]
	rows = rows[:min(max(limit, 0), len(rows))]
	out := make([]*engine.Share, len(rows))
	for i, r := range rows {
		out[i] = r.share
	}
	return out
}
