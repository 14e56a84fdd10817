package share

import (
	"context"
	"slices"
	"strings"

	"scaidrive/engine"
	"scaidrive/engine/meta"
	"scaidrive/engine/meta/schema"
	"scaidrive/engine/names"
)

// MaxPrincipals is how many a search gives at most.
const MaxPrincipals = 50

// Users finds active users of the caller's tenant whose name or e-mail address has
// a word that begins as text says, by name, at most limit. It goes through the
// users of the tenant until limit of them fit.
func (s *Service) Users(ctx context.Context, p *engine.Principal, text string, limit int) ([]*engine.User, error) {
	if limit < 1 || limit > MaxPrincipals {
		return nil, engine.Invalid("limit", "limit is 1 to %d", MaxPrincipals)
	}
	match, err := names.NewFilter(text)
	if err != nil || match == nil {
		return nil, engine.Invalid("q", "Must be UTF-8 of 1 to %d bytes", names.MaxFilter)
	}
	fits := func(u *engine.User) bool {
		for _, part := range []string{u.DisplayName, u.Name, u.Email} {
			if match.Matches([]byte(names.Key(part))) {
				return true
			}
		}
		return false
	}
	var list []*engine.User
	var behind engine.ID
	for more := true; more && len(list) < limit; {
		seen := 0
		err := s.db.View(ctx, func(v *meta.View) error {
			return schema.ScanUsers(v, p.Tenant, behind, func(u *engine.User) (bool, error) {
				seen++
				behind = u.ID
				if u.Status == engine.StatusActive && fits(u) {
					list = append(list, u)
				}
				return seen < viewRecords && len(list) < limit, nil
			})
		})
		if err != nil {
			return nil, engine.Wrap("share.Users", err)
		}
		more = seen == viewRecords
	}
	slices.SortStableFunc(list, func(a, b *engine.User) int {
		return strings.Compare(nameKey(a.DisplayName), nameKey(b.DisplayName))
	})
	return list, nil
}
