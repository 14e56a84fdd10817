package usage

import (
	"cmp"
	"context"
	"slices"
	"time"

	"scaidrive/engine"
	"scaidrive/engine/access"
	"scaidrive/engine/meta"
	"scaidrive/engine/meta/schema"
)

// What took long to add up is told again until so many times as long has passed, so
// that who looks all the time costs a hundredth of a processor; what took less than
// keepFrom is added up each time.
const (
	keepTimes = 100
	keepFrom  = 2 * time.Millisecond
	keepMost  = time.Minute
)

// Largest is how many shares a Total names.
const Largest = 5

// A Total adds up all shares of a tenant, deleted ones too.
type Total struct {
	// Figures is nil while one of them has none; its At is the moment of the oldest.
	*Figures
	Count     int
	UsedBytes int64
	Largest   []*engine.Share // live ones that hold something, the largest first
	AddedUp   time.Time
}

// A Whole adds up all tenants.
type Whole struct {
	Tenants   int
	Shares    int
	UsedBytes int64
	AddedUp   time.Time
}

// kept is something that was added up, told until it is due again.
type kept[T any] struct {
	value *T
	until time.Time // of the machine's clock
}

// recall gives what was kept, or has it made.
func recall[T any](k *kept[T], lock func() (unlock func()), make func() (*T, error)) (*T, error) {
	unlock := lock()
	was := *k
	unlock()
	began := time.Now()
	if was.value != nil && began.Before(was.until) {
		return was.value, nil
	}
	v, err := make()
	if err != nil {
		return nil, err
	}
	if took := time.Since(began); took >= keepFrom {
		unlock := lock()
		*k = kept[T]{v, began.Add(min(keepTimes*took, keepMost))}
		unlock()
	}
	return v, nil
}

func (s *Service) lock() func() { s.mu.Lock(); return s.mu.Unlock }

// Tenant adds up the caller's tenant, whose administrator they must be.
func (s *Service) Tenant(ctx context.Context, p *engine.Principal) (*Total, error) {
	if !p.AdministersTenant() {
		return nil, engine.E(engine.KindForbidden, "Only administrators may add up all shares")
	}
	s.mu.Lock()
	k := s.totals[p.Tenant]
	if k == nil {
		k = new(kept[Total])
		s.totals[p.Tenant] = k
	}
	s.mu.Unlock()
	return recall(k, s.lock, func() (*Total, error) { return s.total(ctx, p.Tenant) })
}

func (s *Service) total(ctx context.Context, t engine.TenantNo) (*Total, error) {
	now := s.env.Now()
	until := now.Add(inlineTime)
	out := &Total{Figures: &Figures{At: now}, AddedUp: now}
	var all []*engine.Share
	err := s.eachShare(ctx, t, func(sh *engine.Share) { all = append(all, sh) })
	if err != nil {
		return nil, engine.Wrap("usage.Tenant", err)
	}
	for _, sh := range all {
		out.Count++
		out.UsedBytes += sh.UsedBytes
		out.Figures = add(out.Figures, s.figures(ctx, t, sh, until))
		if sh.DeletedAt.IsZero() && sh.UsedBytes > 0 {
			out.largest(sh)
		}
	}
	return out, ctx.Err()
}

func (o *Total) largest(sh *engine.Share) {
	at, _ := slices.BinarySearchFunc(o.Largest, sh, func(a, b *engine.Share) int { return cmp.Compare(b.UsedBytes, a.UsedBytes) })
	if o.Largest = slices.Insert(o.Largest, at, sh); len(o.Largest) > Largest {
		o.Largest = o.Largest[:Largest]
	}
}

// Alone reports whether there is one tenant, which then has all of the store.
func (s *Service) Alone(ctx context.Context) (bool, error) {
	n := 0
	err := s.db.View(ctx, func(v *meta.View) error {
		n = 0
		return schema.ScanTenants(v, 0, func(*engine.Tenant) (bool, error) { n++; return n < 2, nil })
	})
	return n == 1, engine.Wrap("usage.Alone", err)
}

// Whole adds up all tenants, for who administers the server.
func (s *Service) Whole(ctx context.Context, p *engine.Principal) (*Whole, error) {
	if err := access.AdministersServer(p); err != nil {
		return nil, err
	}
	return recall(&s.whole, s.lock, func() (*Whole, error) {
		out := &Whole{AddedUp: s.env.Now()}
		tenants, err := s.tenants(ctx)
		for _, t := range tenants {
			if err != nil {
				break
			}
			out.Tenants++
			err = s.eachShare(ctx, t, func(sh *engine.Share) {
				out.Shares++
				out.UsedBytes += sh.UsedBytes
			})
		}
		return out, engine.Wrap("usage.Whole", err)
	})
}

func (s *Service) tenants(ctx context.Context) (list []engine.TenantNo, err error) {
	err = s.db.View(ctx, func(v *meta.View) error {
		list = nil
		return schema.ScanTenants(v, 0, func(t *engine.Tenant) (bool, error) {
			list = append(list, t.No)
			return true, nil
		})
	})
	return list, err
}

// eachShare goes through a tenant's shares, in short views.
func (s *Service) eachShare(ctx context.Context, t engine.TenantNo, fn func(*engine.Share)) error {
	var behind engine.ID
	for rows := pageRows; rows == pageRows; {
		err := s.db.View(ctx, func(v *meta.View) error {
			rows = 0
			return schema.ScanShares(v, t, behind, func(sh *engine.Share) (bool, error) {
				rows++
				behind = sh.ID
				fn(sh)
				return rows < pageRows, nil
			})
		})
		if err != nil {
			return err
		}
	}
	return nil
}
