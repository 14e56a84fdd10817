package tree

import (
	"context"
	"errors"
	"time"

	"scaidrive/engine"
	"scaidrive/engine/access"
	"scaidrive/engine/meta"
	"scaidrive/engine/meta/schema"
)

// expirePage is how many deleted nodes are ordered away in one commit of upkeep.
const expirePage = 100

// Today says which day of running it is (see engine.Days), for what is deleted from now
// on.
func (s *Service) Today(day uint64) { s.today.Store(day) }

// ExpireTrash purges, as Purge does and in small commits, what went into a share's trash
// at a moment or before it, and on a day of running or before it. Nobody's rights are
// asked; what is held, or holds something that is, stays. It gives how many went;
// beside an error, how far it came.
func (s *Service) ExpireTrash(ctx context.Context, t engine.TenantNo, share engine.ID, until time.Time, day uint64) (gone int, err error) {
	behind := &engine.TrashItem{DeletedAt: until}
	for {
		var page []*engine.TrashItem
		err := s.db.View(ctx, func(v *meta.View) error {
			page = nil
			return schema.ScanTrash(v, t, share, behind, func(i *engine.TrashItem) (bool, error) {
				page = append(page, i)
				return len(page) < expirePage, nil
			})
		})
		if err != nil || len(page) == 0 {
			return gone, err
		}
		behind = page[len(page)-1]
		var due []*engine.TrashItem
		for _, i := range page {
			if i.Day <= day {
				due = append(due, i)
			}
		}
		n, err := s.expire(ctx, t, due)
		if gone += n; err != nil || len(page) < expirePage {
			return gone, err
		}
	}
}

func (s *Service) expire(ctx context.Context, t engine.TenantNo, due []*engine.TrashItem) (gone int, err error) {
	if len(due) == 0 {
		return 0, nil
	}
	err = s.db.Update(ctx, func(tx *meta.Tx) error {
		gone = 0
		b := s.Batch(tx, &engine.Principal{Tenant: t})
		for _, i := range due {
			went, err := b.expire(i)
			if err != nil {
				return err
			}
			if went {
				gone++
			}
		}
		tx.OnCommit(s.wake)
		return b.Flush()
	})
	if err != nil {
		return 0, err
	}
	return gone, nil
}

// expire orders a deleted node away, unless it is held or not what it was.
func (b *Batch) expire(i *engine.TrashItem) (bool, error) {
	n, err := schema.GetNode(b.r, b.p.Tenant, i.Node)
	if err != nil && !errors.Is(err, schema.ErrNotFound) {
		return false, err
	}
	if err != nil || n.Purged || !n.DeletedAt.Equal(i.DeletedAt) {
		return false, nil // restored, deleted anew or gone meanwhile
	}
	if err := b.settle(n.Kind); err != nil {
		return false, err
	}
	if err := b.lift(n); err != nil {
		return false, err
	}
	sub, err := access.Resolve(b.r, b.p.Tenant, i.Node)
	if err != nil {
		return false, err
	}
	if sub.Node.Holds != (engine.Seal{}) {
		return false, nil
	}
	if err := b.under(sub, 0, true); err != nil {
		if engine.KindOf(err) == engine.KindForbidden {
			return false, nil
		}
		return false, err
	}
	if err := schema.DeleteTrash(b.w, b.p.Tenant, i.Share, i.DeletedAt, i.Node); err != nil {
		return false, b.broken(err)
	}
	if err := b.order(sub.Node, i.Share); err != nil {
		return false, err
	}
	return true, b.settle(n.Kind)
}
