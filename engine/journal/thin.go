package journal

import (
	"context"
	"encoding/binary"
	"errors"
	"time"

	"scaidrive/engine"
	"scaidrive/engine/meta"
	"scaidrive/engine/meta/schema"
)

// Keep is how much of the change log is kept.
type Keep struct {
	Age  time.Duration // rows are kept whole for so long
	Rows uint64        // and so many of a tenant, the newest
	// Deletions is how long the last row of what is gone stays behind that, and after
	// which time a device that was not seen is waited for no more.
	Deletions time.Duration
	// Least is how many rows must have become old in a share to look through its log.
	Least uint64
}

// DefaultKeep is what the contract promises.
func DefaultKeep() Keep {
	const day = 24 * time.Hour
	return Keep{Age: 90 * day, Rows: 1_000_000, Deletions: 400 * day, Least: 10_000}
}

// The bounds of thinning.
const (
	thinEvery = 6 * time.Hour
	thinRows  = 2000            // read in one view, and at most removed in one commit
	thinKnown = 200_000         // things that are remembered at once
	thinRest  = 3               // times as long as the work it rests
	maxRest   = 2 * time.Second // at once
)

// Run thins the change logs now and then until ctx ends. keep is asked each time.
// trouble, when not nil, is told why one could not be; it is tried again.
func (s *Service) Run(ctx context.Context, keep func() Keep, trouble func(error)) {
	for ctx.Err() == nil {
		if err := s.Thin(ctx, keep()); err != nil && ctx.Err() == nil && trouble != nil {
			trouble(err)
		}
		rest(ctx, thinEvery)
	}
}

func rest(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	}
}

// Thin goes through all change logs once. Of the rows that are older than keep says
// and that all devices have passed, each thing keeps its last one, and one that tells
// of a deletion goes after keep.Deletions. A share's LogFloor is raised in a commit of
// its own before the first row goes: nobody follows a log with gaps.
func (s *Service) Thin(ctx context.Context, keep Keep) error {
	var tenants []engine.TenantNo
	err := s.db.View(ctx, func(v *meta.View) error {
		return schema.ScanTenants(v, 0, func(t *engine.Tenant) (bool, error) {
			tenants = append(tenants, t.No)
			return true, nil
		})
	})
	failed := []error{err}
	for _, t := range tenants {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		th := &thinner{s: s, ctx: ctx, tenant: t, keep: keep, now: s.env.Now()}
		failed = append(failed, th.run())
	}
	return errors.Join(failed...)
}

// A thinner thins the logs of a tenant.
type thinner struct {
	s      *Service
	ctx    context.Context
	tenant engine.TenantNo
	keep   Keep
	now    time.Time

	logs []logOf
	cut  time.Time // rows up to then are old
}

// A logOf is the log of a share as it was found.
type logOf struct {
	share     engine.ID
	seq       uint64
	floor     uint64
	followed  uint64 // by the slowest device
	following bool   // there is one
}

func (th *thinner) run() error {
	if err := th.find(); err != nil {
		return err
	}
	old, err := th.age()
	if err != nil || !old {
		return err
	}
	if err := th.followers(); err != nil {
		return err
	}
	for i := range th.logs {
		l := &th.logs[i]
		upTo, err := th.lastBefore(l, th.cut)
		if err != nil {
			return err
		}
		if l.following {
			upTo = min(upTo, l.followed)
		}
		if upTo < l.floor+max(th.keep.Least, 1) {
			continue
		}
		if err := th.thin(l, upTo); err != nil {
			return err
		}
	}
	return nil
}

// find lists the logs.
func (th *thinner) find() error {
	behind := engine.ID{}
	for n := thinRows; n == thinRows; {
		err := th.s.db.View(th.ctx, func(v *meta.View) error {
			n = 0
			return schema.ScanShares(v, th.tenant, behind, func(sh *engine.Share) (bool, error) {
				n++
				behind = sh.ID
				th.logs = append(th.logs, logOf{share: sh.ID, seq: sh.Seq, floor: sh.LogFloor})
				return n < thinRows, nil
			})
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// age finds the moment up to which rows are old: as late as keep.Age allows, and
// early enough for keep.Rows behind it. false: there is none.
func (th *thinner) age() (bool, error) {
	th.cut = th.now.Add(-th.keep.Age)
	for back := 24 * time.Hour; ; back *= 2 {
		newer, older := uint64(0), false
		for i := range th.logs {
			l := &th.logs[i]
			at, err := th.lastBefore(l, th.cut)
			if err != nil {
				return false, err
			}
			newer += l.seq - at
			older = older || at > l.floor
		}
		if newer >= th.keep.Rows || !older {
			return older, nil
		}
		th.cut = th.cut.Add(-back)
	}
}

// lastBefore finds the last row that is not behind a moment; what is thinned already
// is before all.
func (th *thinner) lastBefore(l *logOf, at time.Time) (uint64, error) {
	low, high := l.floor, l.seq
	err := th.s.db.View(th.ctx, func(v *meta.View) error {
		for low < high {
			mid := low + (high-low+1)/2
			c, err := schema.GetChange(v, th.tenant, l.share, mid)
			if err != nil {
				return err
			}
			if c.At.After(at) {
				high = mid - 1
			} else {
				low = mid
			}
		}
		return nil
	})
	if errors.Is(err, schema.ErrNotFound) {
		return l.floor, nil // a log with gaps that nobody has noted is left alone
	}
	return low, err
}

// followers finds how far the slowest device has followed each share.
func (th *thinner) followers() error {
	at := map[engine.ID]int{}
	for i := range th.logs {
		at[th.logs[i].share] = i
	}
	var behind []byte
	for n := thinRows; n == thinRows; {
		err := th.s.db.View(th.ctx, func(v *meta.View) error {
			n = 0
			return schema.ScanFollowers(v, th.tenant, behind, func(key []byte, share engine.ID, seen time.Time, d *engine.DeviceShare) (bool, error) {
				n++
				behind = append(behind[:0], key...)
				if i, ok := at[share]; ok && th.now.Sub(seen) <= th.keep.Deletions {
					if l := &th.logs[i]; !l.following || d.Position < l.followed {
						l.followed, l.following = d.Position, true
					}
				}
				return n < thinRows, nil
			})
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// thin thins a log up to a sequence number.
func (th *thinner) thin(l *logOf, upTo uint64) error {
	gone := false
	err := th.s.db.Update(th.ctx, func(tx *meta.Tx) error {
		sh, err := schema.GetShare(tx, th.tenant, l.share)
		if gone = errors.Is(err, schema.ErrNotFound); gone {
			return nil
		}
		if err != nil {
			return err
		}
		sh.LogFloor = max(sh.LogFloor, upTo)
		return schema.PutShare(tx, th.tenant, sh)
	})
	if err != nil || gone {
		return err
	}
	rows, err := th.count(l)
	if err != nil {
		return err
	}
	parts := (rows + thinKnown - 1) / thinKnown
	for part := range parts {
		if err := th.part(l, upTo, part, parts); err != nil {
			return err
		}
	}
	return nil
}

// pages reads a log from its end to its beginning; fn is called with each row, and
// what it wants removed is removed after each page. Between pages it rests.
func (th *thinner) pages(l *logOf, fn func(c *engine.Change) (remove bool)) error {
	below := uint64(0)
	for n := thinRows; n == thinRows; {
		began := time.Now()
		var remove []uint64
		err := th.s.db.View(th.ctx, func(v *meta.View) error {
			n, remove = 0, remove[:0]
			return schema.ScanChangesBack(v, th.tenant, l.share, below, func(c *engine.Change) (bool, error) {
				n++
				below = c.Seq
				if fn(c) {
					remove = append(remove, c.Seq)
				}
				return n < thinRows && below > 1, nil
			})
		})
		if err == nil && len(remove) > 0 {
			err = th.s.db.Update(th.ctx, func(tx *meta.Tx) error {
				for _, seq := range remove {
					if err := schema.DeleteChange(tx, th.tenant, l.share, seq); err != nil {
						return err
					}
				}
				return nil
			})
		}
		if err != nil {
			return err
		}
		if n == thinRows {
			rest(th.ctx, min(maxRest, thinRest*time.Since(began)))
		}
		if below == 1 {
			return nil
		}
	}
	return nil
}

func (th *thinner) count(l *logOf) (n uint64, err error) {
	err = th.pages(l, func(*engine.Change) bool { n++; return false })
	return n, err
}

// part thins what a part of the things has in a log, so that not all are remembered
// at once.
func (th *thinner) part(l *logOf, upTo, part, parts uint64) error {
	known := map[engine.ID]struct{}{}
	return th.pages(l, func(c *engine.Change) bool {
		if binary.BigEndian.Uint64(c.Node[8:])%parts != part {
			return false
		}
		old := c.Seq <= upTo && !c.At.After(th.cut)
		if _, later := known[c.Node]; later {
			return old
		}
		known[c.Node] = struct{}{}
		return old && c.Kind == engine.ChangeDeleted && th.now.Sub(c.At) > th.keep.Deletions
	})
}
