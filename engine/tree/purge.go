package tree

import (
	"context"
	"errors"

	"scaidrive/engine"
	"scaidrive/engine/access"
	"scaidrive/engine/meta"
	"scaidrive/engine/meta/schema"
	"scaidrive/engine/names"
	"scaidrive/engine/once"
)

// Purge removes a node for good, whether it is live or in the trash, with all
// that lies below it. It needs DELETE on it and on all below. From its commit on
// the node is absent; its records go in steps (Run), and with each step the bytes
// of it out of the share's count. What was deleted by itself from a folder below
// stays in the trash.
func (s *Service) Purge(ctx context.Context, p *engine.Principal, id engine.ID, kind engine.NodeKind, ifMatch engine.ID) error {
	return s.db.Update(ctx, func(tx *meta.Tx) error {
		b := s.Batch(tx, p)
		if err := b.purge(id, kind, ifMatch); err != nil {
			return err
		}
		tx.OnCommit(s.wake)
		return b.finish(ctx, once.Made{ID: id})
	})
}

func (s *Service) wake() {
	select {
	case s.ordered <- struct{}{}:
	default:
	}
}

// purge marks a node and orders its removal.
func (b *Batch) purge(id engine.ID, kind engine.NodeKind, ifMatch engine.ID) error {
	if err := b.settle(kind); err != nil {
		return err
	}
	sub, err := b.deleted(id, kind, engine.RightDelete)
	if err != nil {
		return err
	}
	n, share := sub.Node, sub.Share.ID
	if err := b.free(sub); err != nil {
		return err
	}
	if sub.Trashed == nil {
		at, _, err := b.delete(id, kind, ifMatch)
		if err != nil {
			return err
		}
		n = at.node
	} else {
		if err := (&revision{node: n}).matches(ifMatch); err != nil {
			return err
		}
		if err := schema.DeleteTrash(b.w, b.p.Tenant, share, n.DeletedAt, n.ID); err != nil {
			return b.broken(err)
		}
	}
	if err := b.order(n, share); err != nil {
		return err
	}
	return b.settle(kind)
}

// order marks a node that is out of its folder and of the trash as purged, and orders
// its removal.
func (b *Batch) order(n *engine.Node, share engine.ID) error {
	n.Purged = true
	if err := b.writeNode(n); err != nil {
		return err
	}
	order := engine.Purge{Node: n.ID, Share: share, By: b.p.User, At: b.now}
	if err := schema.PutPurge(b.w, b.p.Tenant, &order); err != nil {
		return b.broken(err)
	}
	return nil
}

// free refuses what is held, or what holds something that is, or may not be
// deleted by the caller.
func (b *Batch) free(sub *access.Subject) error {
	if sub.Node.Holds != (engine.Seal{}) {
		return errHeld()
	}
	return b.under(sub, engine.RightDelete, true)
}

func errHeld() error {
	return engine.E(engine.KindForbidden, "It is under a legal hold, or something in it is")
}

// emptyPage is how many deleted nodes are ordered away in one commit.
const emptyPage = 500

// EmptyTrash purges everything that is in a share's trash when the call comes to
// it. What the caller may not delete, or is held, stays. It gives how many went
// and how many stayed; beside an error, how far it came.
func (s *Service) EmptyTrash(ctx context.Context, p *engine.Principal, share engine.ID) (gone, stay int, err error) {
	var behind *engine.TrashItem
	for {
		var page []*engine.TrashItem
		err := s.db.View(ctx, func(v *meta.View) error {
			if _, err := access.CheckShare(v, p, share, engine.RightDelete); err != nil {
				return err
			}
			return schema.ScanTrash(v, p.Tenant, share, behind, func(i *engine.TrashItem) (bool, error) {
				page = append(page, i)
				return len(page) < emptyPage, nil
			})
		})
		if err != nil {
			return gone, stay, err
		}
		last := len(page) < emptyPage
		var went, left int
		err = s.db.Update(ctx, func(tx *meta.Tx) error {
			went, left = 0, 0
			if err := s.orderAll(tx, p, page, &went, &left); err != nil || !last {
				return err
			}
			return once.Keep(ctx, tx, once.Made{ID: share})
		})
		if err != nil {
			return gone, stay, err
		}
		s.wake()
		if gone, stay = gone+went, stay+left; last {
			return gone, stay, nil
		}
		behind = page[len(page)-1]
	}
}

func (s *Service) orderAll(tx *meta.Tx, p *engine.Principal, page []*engine.TrashItem, went, left *int) error {
	b := s.Batch(tx, p)
	for _, i := range page {
		n, err := schema.GetNode(tx, p.Tenant, i.Node)
		if err != nil && !errors.Is(err, schema.ErrNotFound) {
			return err
		}
		if err != nil || n.Purged || !n.DeletedAt.Equal(i.DeletedAt) {
			continue // restored, deleted anew or gone meanwhile
		}
		if err := b.lift(n); err != nil {
			return err
		}
		err = b.purge(i.Node, n.Kind, engine.ID{})
		switch kind := engine.KindOf(err); {
		case err == nil:
			*went++
		case b.Err() != nil:
			return err
		case kind == engine.KindNotFound, kind == engine.KindForbidden, kind == engine.KindGone:
			*left++
		default:
			return err
		}
	}
	return b.Flush()
}

// lift hands a deleted node that lies in something that is being removed to the
// folder above that, as the removal will do when it comes to it.
func (b *Batch) lift(n *engine.Node) error {
	to := n.Parent
	up := n
	for depth := 0; !up.Parent.IsZero(); depth++ {
		if depth > 2*names.MaxLevels {
			return damagedListing(n.Parent, nil)
		}
		var err error
		if up, err = schema.GetNode(b.r, b.p.Tenant, up.Parent); err != nil {
			return damagedListing(n.Parent, err)
		}
		if up.Purged {
			to = up.Parent
		}
	}
	if to == n.Parent {
		return nil
	}
	return rehang(b.w, b.p.Tenant, deletedFrom{n.Parent, n.ID}, to)
}
