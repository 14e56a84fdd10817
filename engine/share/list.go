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

// A Listed is a share in somebody's list, with what they are in it. Without a role
// something inside was granted.
type Listed struct {
	*engine.Share
	Standing access.Standing
}

// Find is List with more to ask for.
//
// The order is by the key of the name, then by ID. Shares made or deleted while
// a long list is put together may be in it or not. All goes through all shares of
// the tenant, else those are looked at that the caller or a group of theirs has.
func (s *Service) Find(ctx context.Context, p *engine.Principal, q Query) ([]*engine.Share, int, error) {
	if q.All && !p.AdministersTenant() {
		return nil, 0, engine.E(engine.KindForbidden, "Only administrators may list all shares")
	}
	var list []Listed
	var err error
	if q.All {
		_, err = s.collect(ctx, p.Tenant, func(sh *engine.Share) bool {
			if q.Trashed || sh.DeletedAt.IsZero() {
				list = append(list, Listed{Share: sh})
			}
			return false
		})
	} else {
		list, err = s.mine(ctx, p, q.Trashed)
	}
	if err != nil {
		return nil, 0, engine.Wrap("share.List", err)
	}
	rows := page(list, q.Limit, q.Offset)
	out := make([]*engine.Share, len(rows))
	for i := range rows {
		out[i] = rows[i].Share
	}
	return out, len(list), nil
}

// Mine lists the live shares that the caller owns, is a member of, by themself or by
// a group, or where an entry names them, by name, from offset, and their number.
func (s *Service) Mine(ctx context.Context, p *engine.Principal, limit, offset int) ([]Listed, int, error) {
	list, err := s.mine(ctx, p, false)
	if err != nil {
		return nil, 0, engine.Wrap("share.Mine", err)
	}
	return page(list, limit, offset), len(list), nil
}

// Reachable gives the IDs of the shares of Mine, in no order.
func (s *Service) Reachable(ctx context.Context, p *engine.Principal) ([]engine.ID, error) {
	list, err := s.mine(ctx, p, false)
	ids := make([]engine.ID, len(list))
	for i := range list {
		ids[i] = list[i].ID
	}
	return ids, engine.Wrap("share.Reachable", err)
}

// mine gives the shares in the lists of a caller and of their groups, and of
// everyone, that they may see; trashed: those, too, that they may bring back.
func (s *Service) mine(ctx context.Context, p *engine.Principal, trashed bool) (list []Listed, err error) {
	err = s.db.View(ctx, func(v *meta.View) error {
		list = nil
		c, err := access.CircleOf(v, p.Tenant, p.User)
		if err != nil {
			return err
		}
		refs := map[engine.ID]bool{} // whether an entry names them
		for _, who := range append([]engine.ID{p.User, {}}, c.Groups...) {
			err := schema.ScanSharesOf(v, p.Tenant, who, engine.ID{}, func(ref *engine.ShareRef) (bool, error) {
				refs[ref.Share] = refs[ref.Share] || ref.Entries > 0
				return true, nil
			})
			if err != nil {
				return err
			}
		}
		for id, entries := range refs {
			l, err := s.listed(v, p, c, id, entries, trashed)
			if err != nil {
				return err
			}
			if l.Share != nil {
				list = append(list, l)
			}
		}
		return nil
	})
	return list, err
}

// listed reads a share of somebody's list; without a share: they don't see it.
func (s *Service) listed(v *meta.View, p *engine.Principal, c *access.Circle, id engine.ID, entries, trashed bool) (l Listed, err error) {
	sh, err := schema.GetShare(v, p.Tenant, id)
	if err != nil {
		return l, damagedIfAbsent(err, "a share in a list is missing")
	}
	st, err := c.StandingIn(v, p, sh)
	if err != nil {
		return l, err
	}
	switch {
	case !sh.DeletedAt.IsZero():
		if !trashed || !st.Owner {
			return l, nil
		}
	case st.Owner && sh.Exceptions.Count == 0:
	case st.Role == 0 && !st.Owner && !entries:
		return l, nil // a membership that is over
	case sh.Exceptions.Count > 0: // an entry may shut them out, or let them in somewhere
		sub, err := access.Resolve(v, p.Tenant, id)
		if err != nil {
			return l, err
		}
		sight, _, err := access.See(v, p, sub)
		switch {
		case err != nil:
			return l, err
		case st.Owner: // who owns it sees that it is theirs, whatever its entries say
		case sight == access.Bare:
			return Listed{Name(sh), st}, nil
		case sight == access.Hidden:
			return l, nil
		}
	}
	return Listed{sh, st}, nil
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
func page(list []Listed, limit, offset int) []Listed {
	type keyed struct {
		key   string
		share Listed
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
	out := make([]Listed, len(rows))
	for i, r := range rows {
		out[i] = r.share
	}
	return out
}
