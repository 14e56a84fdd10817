package acl

import (
	"context"

	"scaidrive/engine"
	"scaidrive/engine/access"
	"scaidrive/engine/meta"
	"scaidrive/engine/meta/schema"
)

// Inherit cuts a resource off from the entries above it, or lets it inherit again.
// With keep, what it inherited stands on it from then on, as explicit entries in
// canonical order: as on Windows, a farther denial then counts like a nearer one. The
// root of a share has nothing to be cut off from (KindInvalid).
func (s *Service) Inherit(ctx context.Context, p *engine.Principal, res Resource, inherit, keep bool, match Match) error {
	err := s.change(ctx, p, res, match, func(c *change) error { return c.setInherit(inherit, keep) })
	return engine.Wrap("acl.Inherit", err)
}

func (c *change) setInherit(inherit, keep bool) error {
	n := c.sub.Node
	switch {
	case inherit && keep:
		return engine.Invalid("copy_inherited", "Goes with inherit_from_parent: false")
	case !inherit && n.Parent.IsZero():
		return engine.Invalid("inherit_from_parent", "The root of a share inherits from nothing")
	case inherit == !n.CutOff:
		return nil
	}
	c.cut = !inherit
	open := *n // as if nothing were cut off
	open.CutOff = false
	from, err := inherited(c.w, c.p.Tenant, &access.Subject{Node: &open, Share: c.sub.Share, Path: c.sub.Path})
	if err != nil {
		return err
	}
	for _, a := range from {
		if inherit {
			c.gained = append(c.gained, a.entries...)
			continue
		}
		c.dropped = append(c.dropped, a.entries...)
		if keep {
			for _, e := range a.entries {
				c.keep(e)
			}
		}
	}
	return nil
}

// keep makes an inherited entry an explicit one, or adds its rights to the one that
// is there already.
func (c *change) keep(e engine.Entry) {
	for i := range c.is {
		if keyOf(&c.is[i]) == keyOf(&e) {
			c.is[i].Rights |= e.Rights
			return
		}
	}
	c.is = append(c.is, e)
}

// Give gives a file or folder to an active user of the tenant. It is for who owns it,
// for the owner and the administrators of the share, and for administrators of the
// tenant; whoever has MANAGE_PERMISSIONS may take it. What it says about whom stays.
// The root of a share is its share's owner's: see share.Transfer.
func (s *Service) Give(ctx context.Context, p *engine.Principal, res Resource, to engine.ID) (owner engine.ID, err error) {
	err = s.db.Update(ctx, func(tx *meta.Tx) error {
		sub, _, err := manage(tx, p, res)
		if err != nil {
			return err
		}
		n := sub.Node
		if n.ID == sub.Share.ID {
			return engine.Invalid("new_owner_id", "The root folder belongs to the owner of the share; transfer the share")
		}
		if to != p.User && n.Owner != p.User {
			ruling, err := rules(tx, p, sub.Share)
			if err != nil {
				return err
			}
			if !ruling {
				return engine.E(engine.KindForbidden, "Only the owner and administrators may give it to somebody else; you may take it")
			}
		}
		if to != p.User {
			h, err := holder(tx, p, engine.PrincipalUser, to, "new_owner_id")
			if err != nil {
				return err
			}
			if !h.Active {
				return engine.Invalid("new_owner_id", "Must be an active user of this tenant")
			}
		}
		owner = to
		if n.Owner == to {
			return nil
		}
		affected := []engine.ID{n.Owner, to}
		n.Owner = to
		if err := schema.PutNode(tx, p.Tenant, n); err != nil {
			return err
		}
		sub.Share.AccessGen++
		return s.tree.AccessChanged(tx, p, sub, affected)
	})
	return owner, engine.Wrap("acl.Give", err)
}
