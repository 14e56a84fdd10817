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

// Totals add up shares.
type Totals struct {
	Listed    int // live shares that the caller owns
	Shares    int // those that the sums are of
	UsedBytes int64
}

// Usage lists the live shares that the caller owns, by name, for what they hold,
// and adds up what the caller may see: an administrator all of the tenant's,
// deleted ones too, others their own.
func (s *Service) Usage(ctx context.Context, p *engine.Principal, limit, offset int) ([]*engine.Share, Totals, error) {
	var sum Totals
	list, err := s.collect(ctx, p.Tenant, func(sh *engine.Share) bool {
		owns := access.Owns(p, sh)
		if owns || p.AdministersTenant() {
			sum.Shares++
			sum.UsedBytes += sh.UsedBytes
		}
		return owns && sh.DeletedAt.IsZero()
	})
	if err != nil {
		return nil, Totals{}, engine.Wrap("share.Usage", err)
	}
	sum.Listed = len(list)
	return page(list, limit, offset), sum, nil
}
