package share

import (
	"context"

	"scaidrive/engine"
	"scaidrive/engine/access"
	"scaidrive/engine/meta"
	"scaidrive/engine/meta/schema"
)

// Used adds up what the shares count that a user owns, deleted ones too: the user
// level of quotas.
func (s *Service) Used(ctx context.Context, p *engine.Principal) (int64, error) {
	var used int64
	own, err := s.owned(ctx, p)
	for _, l := range own {
		used += l.UsedBytes
	}
	return used, engine.Wrap("share.Used", err)
}

// Quota is how many bytes the shares of a user may count; 0: any number.
func (s *Service) Quota(ctx context.Context, p *engine.Principal) (limit int64, err error) {
	err = s.db.View(ctx, func(v *meta.View) error {
		t, err := schema.GetTenant(v, p.Tenant)
		if err != nil {
			return damagedIfAbsent(err, "the caller's tenant is missing")
		}
		u, err := schema.GetUser(v, p.Tenant, p.User)
		if err != nil {
			return damagedIfAbsent(err, "the caller is missing")
		}
		limit = u.Quota(&t.Settings)
		return nil
	})
	return limit, engine.Wrap("share.Quota", err)
}

// owned gives the shares that a user owns by themself, deleted ones too.
func (s *Service) owned(ctx context.Context, p *engine.Principal) (list []Listed, err error) {
	err = s.db.View(ctx, func(v *meta.View) error {
		list = nil
		return schema.ScanSharesOf(v, p.Tenant, p.User, engine.ID{}, func(ref *engine.ShareRef) (bool, error) {
			if !ref.Owner {
				return true, nil
			}
			sh, err := schema.GetShare(v, p.Tenant, ref.Share)
			list = append(list, Listed{Share: sh, Standing: access.Standing{Owner: true}})
			return true, damagedIfAbsent(err, "a share in a list is missing")
		})
	})
	return list, err
}

// Usage lists the live shares that the caller owns, by name, for what they hold:
// a page of them and their number. seen are all shares that the caller may add up,
// in no order: an administrator all of the tenant's, deleted ones too, others
// their own.
func (s *Service) Usage(ctx context.Context, p *engine.Principal, limit, offset int) (list []*engine.Share, total int, seen []*engine.Share, err error) {
	own, err := s.owned(ctx, p)
	if err == nil && p.AdministersTenant() {
		_, err = s.collect(ctx, p.Tenant, func(sh *engine.Share) bool { seen = append(seen, sh); return false })
	}
	if err != nil {
		return nil, 0, nil, engine.Wrap("share.Usage", err)
	}
	live := own[:0:0]
	for _, l := range own {
		if !p.AdministersTenant() {
			seen = append(seen, l.Share)
		}
		if l.DeletedAt.IsZero() {
			live = append(live, l)
		}
	}
	for _, l := range page(live, limit, offset) {
		list = append(list, l.Share)
	}
	return list, len(live), seen, nil
}
