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

// List returns the shares that the caller may see, by name, from offset, and
// their number. all lists the whole tenant's and needs tenant_admin, else
// KindForbidden. Without it an administrator sees what they own, too.
//
// The order is by the key of the name, then by ID. Shares made or deleted while
// a long list is put together may be in it or not.
func (s *Service) List(ctx context.Context, p *engine.Principal, all bool, limit, offset int) ([]*engine.Share, int, error) {
	if all && !p.AdministersTenant() {
		return nil, 0, engine.E(engine.KindForbidden, "Only administrators may list all shares")
	}
	var list []*engine.Share
	var behind engine.ID
	for more := true; more; {
		err := s.db.View(ctx, func(v *meta.View) (err error) {
			list, behind, more, err = collect(v, p, all, list, behind)
			return err
		})
		if err != nil {
			return nil, 0, engine.Wrap("share.List", err)
		}
	}
	return page(list, limit, offset), len(list), nil
}

// collect appends the visible shares among the next viewRecords behind an ID.
func collect(r schema.Reader, p *engine.Principal, all bool, list []*engine.Share, behind engine.ID) ([]*engine.Share, engine.ID, bool, error) {
	seen := 0
	err := schema.ScanShares(r, p.Tenant, behind, func(sh *engine.Share) (bool, error) {
		seen++
		behind = sh.ID
		if sh.DeletedAt.IsZero() && (all || access.Owns(p, sh)) {
			list = append(list, sh)
		}
		return seen < viewRecords, nil
	})
	return list, behind, seen == viewRecords, err
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
