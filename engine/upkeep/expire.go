package upkeep

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"scaidrive/engine"
	"scaidrive/engine/identity"
	"scaidrive/engine/meta"
	"scaidrive/engine/meta/schema"
	"scaidrive/engine/notice"
	"scaidrive/engine/tree"
)

const (
	lookEvery   = 5 * time.Second // at the clock
	expireEvery = time.Hour
	// overFor is for how many counted days sessions and refresh tokens have been over
	// when they are removed: as long everybody would be let in again if it was only the
	// clock that was wrong.
	overFor = 7
)

// Options are what a Keeper is made of. All but Log are required.
type Options struct {
	DB       *meta.DB
	Tree     *tree.Service
	Identity *identity.Service
	Notices  *notice.Service
	Env      engine.Env
	// Uptime is how long the process has run, by a clock that nobody sets.
	Uptime func() time.Duration
	Log    *slog.Logger
}

// A Keeper removes what is kept for a time only and whose time is over.
type Keeper struct {
	o   Options
	cal calendar
}

// New makes a keeper and tells the tree which day it is.
func New(ctx context.Context, o Options) (*Keeper, error) {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	k := &Keeper{o: o, cal: calendar{db: o.DB, now: o.Env.Now, uptime: o.Uptime}}
	if err := k.cal.load(ctx); err != nil {
		return nil, fmt.Errorf("read the count of days: %w", err)
	}
	o.Tree.Today(k.cal.days.Count)
	return k, nil
}

// Run counts days and removes what is over, until ctx ends. What could not be done is
// logged and tried again.
func (k *Keeper) Run(ctx context.Context) {
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	last := -expireEvery
	for {
		counted, err := k.count(ctx)
		if up := k.o.Uptime(); err == nil && (counted || up-last >= expireEvery) {
			last = up
			err = k.Expire(ctx, counted)
		}
		if err != nil && ctx.Err() == nil {
			k.o.Log.Warn("what is over could not be removed", "err", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

func (k *Keeper) count(ctx context.Context) (bool, error) {
	counted, err := k.cal.tick(ctx)
	if err != nil {
		return false, fmt.Errorf("count the days: %w", err)
	}
	k.o.Tree.Today(k.cal.days.Count)
	return counted, nil
}

// Expire removes what is over now from the trash of all shares, and with all also what
// nobody misses for a day: sessions, refresh tokens and old notices. With all it also has
// people told whose roles end soon.
func (k *Keeper) Expire(ctx context.Context, all bool) error {
	failed := []error{k.expireTrash(ctx)}
	if all {
		_, gone, err := k.o.Notices.Upkeep(ctx)
		failed = append(failed, err)
		if gone > 0 {
			k.o.Log.Info("old notices were removed", "count", gone)
		}
		if until := k.cal.before(overFor); !until.IsZero() {
			sessions, tokens, err := k.o.Identity.Expire(ctx, until)
			failed = append(failed, err)
			if sessions+tokens > 0 {
				k.o.Log.Info("sessions that are over were removed", "sessions", sessions, "refresh_tokens", tokens)
			}
		}
	}
	return errors.Join(failed...)
}

// A trash is that of a share.
type trash struct {
	tenant engine.TenantNo
	share  engine.ID
	days   int
}

// expireTrash goes through the shares. A thing goes when both are over since it was
// deleted: so many days by the clock, and so many days of running.
func (k *Keeper) expireTrash(ctx context.Context) error {
	all, err := k.trashes(ctx)
	failed := []error{err}
	for _, x := range all {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		count := k.cal.days.Count
		if x.days == 0 || count < uint64(x.days) {
			continue
		}
		until := k.o.Env.Now().Add(-time.Duration(x.days) * day)
		gone, err := k.o.Tree.ExpireTrash(ctx, x.tenant, x.share, until, count-uint64(x.days))
		if err != nil {
			failed = append(failed, fmt.Errorf("expire the trash of %s: %w", x.share.Format(engine.PrefixShare), err))
		}
		if gone > 0 {
			k.o.Log.Info("what was in the trash for its time was removed for good",
				"share", x.share.Format(engine.PrefixShare), "count", gone, "days", x.days)
		}
	}
	return errors.Join(failed...)
}

// trashes lists the shares with how long their trash is kept.
func (k *Keeper) trashes(ctx context.Context) (all []trash, err error) {
	var tenants []*engine.Tenant
	err = k.o.DB.View(ctx, func(v *meta.View) error {
		tenants = nil
		return schema.ScanTenants(v, 0, func(t *engine.Tenant) (bool, error) {
			tenants = append(tenants, t)
			return true, nil
		})
	})
	for _, t := range tenants {
		var behind engine.ID
		for n := page; n == page && err == nil; {
			err = k.o.DB.View(ctx, func(v *meta.View) error {
				n = 0
				return schema.ScanShares(v, t.No, behind, func(s *engine.Share) (bool, error) {
					n++
					behind = s.ID
					all = append(all, trash{t.No, s.ID, s.TrashKept(&t.Settings)})
					return n < page, nil
				})
			})
		}
	}
	return all, err
}
