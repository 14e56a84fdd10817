package share

import (
	"context"

	"scaidrive/engine"
	"scaidrive/engine/access"
)

// Used adds up what the shares count that a user owns, deleted ones too: the user
// level of quotas.
func (s *Service) Used(ctx context.Context, p *engine.Principal) (int64, error) {
	var used int64
	_, err := s.collect(ctx, p.Tenant, func(sh *engine.Share) bool {
		if access.Owns(p, sh) {
			used += sh.UsedBytes
		}
		return false
	})
	return used, engine.Wrap("share.Used", err)
}

// Usage lists the live shares that the caller owns, by name, for what they hold:
// a page of them and their number. seen are all shares that the caller may add up,
// in no order: an administrator all of the tenant's, deleted ones too, others
// their own.
func (s *Service) Usage(ctx context.Context, p *engine.Principal, limit, offset int) (list []*engine.Share, total int, seen []*engine.Share, err error) {
	own, err := s.collect(ctx, p.Tenant, func(sh *engine.Share) bool {
		owns := access.Owns(p, sh)
		if owns || p.AdministersTenant() {
			seen = append(seen, sh)
		}
		return owns && sh.DeletedAt.IsZero()
	})
	if err != nil {
		return nil, 0, nil, engine.Wrap("share.Usage", err)
	}
	return page(own, limit, offset), len(own), seen, nil
}
