package people

import (
	"context"
	"errors"
	"unicode/utf8"

	"scaidrive/engine"
	"scaidrive/engine/meta/schema"
	"scaidrive/engine/names"
	"scaidrive/engine/once"
	"scaidrive/engine/share"
)

// CreateGroup makes a group of the caller's tenant. Its name is taken by another
// one, without case: KindConflict.
func (s *Service) CreateGroup(ctx context.Context, p *engine.Principal, name, description string) (*engine.Group, error) {
	if err := administers(p); err != nil {
		return nil, err
	}
	if err := checkGroup(name, description); err != nil {
		return nil, err
	}
	g := &engine.Group{
		ID: s.env.NewID(), Tenant: p.Tenant, Name: name, Description: description,
		CreatedAt: s.env.Now(), CreatedBy: p.User,
	}
	err := s.administer(ctx, "people.CreateGroup", p, func(w schema.Writer, p *engine.Principal) error {
		if err := takeName(w, g); err != nil {
			return err
		}
		if err := schema.PutGroup(w, g); err != nil {
			return err
		}
		if err := schema.ChangeWords(w, p.Tenant, engine.PrincipalGroup, g.ID, nil, names.Words(names.Key(name))); err != nil {
			return err
		}
		if err := schema.CountGroups(w, p.Tenant, 1); err != nil {
			return err
		}
		return once.Keep(ctx, w, once.Made{ID: g.ID})
	})
	if err != nil {
		return nil, err
	}
	return g, nil
}

func checkGroup(name, description string) error {
	if err := checkName("name", name, 1); err != nil {
		return err
	}
	if len(description) > maxText || !utf8.ValidString(description) {
		return engine.Invalid("description", "Must be UTF-8 of at most %d bytes", maxText)
	}
	return nil
}

func takeName(w schema.Writer, g *engine.Group) error {
	key := names.Key(g.Name)
	switch other, err := schema.FindGroup(w, g.Tenant, key); {
	case err == nil && other != g.ID:
		return engine.E(engine.KindConflict, "There is a group of this name")
	case err != nil && !errors.Is(err, schema.ErrNotFound):
		return err
	}
	return schema.PutGroupName(w, g.Tenant, key, g.ID)
}

// liveGroup finds a group that is not deleted.
func liveGroup(r schema.Reader, t engine.TenantNo, id engine.ID) (*engine.Group, error) {
	g, err := schema.GetGroup(r, t, id)
	if err != nil {
		return nil, asNotFound(err, "Group")
	}
	if !g.DeletedAt.IsZero() {
		return nil, notFound("Group")
	}
	return g, nil
}

// Group returns a group of the caller's tenant.
func (s *Service) Group(ctx context.Context, p *engine.Principal, id engine.ID) (g *engine.Group, err error) {
	if err := administers(p); err != nil {
		return nil, err
	}
	err = s.view(ctx, "people.Group", func(r schema.Reader) (err error) {
		g, err = liveGroup(r, p.Tenant, id)
		return err
	})
	return g, err
}

// EditGroup changes name and description; what is nil stays.
func (s *Service) EditGroup(ctx context.Context, p *engine.Principal, id engine.ID, name, description *string) (*engine.Group, error) {
	if err := administers(p); err != nil {
		return nil, err
	}
	var g *engine.Group
	err := s.administer(ctx, "people.EditGroup", p, func(w schema.Writer, p *engine.Principal) (err error) {
		if g, err = liveGroup(w, p.Tenant, id); err != nil {
			return err
		}
		was := *g
		if name != nil {
			g.Name = *name
		}
		if description != nil {
			g.Description = *description
		}
		if err := checkGroup(g.Name, g.Description); err != nil {
			return err
		}
		if before := names.Key(was.Name); before != names.Key(g.Name) {
			if err := schema.DeleteGroupName(w, p.Tenant, before); err != nil {
				return err
			}
			if err := takeName(w, g); err != nil {
				return err
			}
		}
		if err := schema.PutGroup(w, g); err != nil {
			return err
		}
		err = schema.ChangeWords(w, p.Tenant, engine.PrincipalGroup, id, names.Words(names.Key(was.Name)), names.Words(names.Key(g.Name)))
		if err != nil {
			return err
		}
		return once.Keep(ctx, w, once.Made{ID: id})
	})
	return g, err
}

// DeleteGroup deletes a group: from the commit on it gives nothing, in any share and
// any entry, and in no other group. Shares that it owns go to the heir in the same
// commit (zero: the caller). The records of its members are cleared away behind it.
func (s *Service) DeleteGroup(ctx context.Context, p *engine.Principal, id engine.ID, heirKind engine.PrincipalKind, heir engine.ID) error {
	if err := administers(p); err != nil {
		return err
	}
	if heir.IsZero() {
		heirKind, heir = engine.PrincipalUser, p.User
	}
	if heir == id {
		return engine.Invalid("heir_id", "Must be another group, or a user")
	}
	err := s.administer(ctx, "people.DeleteGroup", p, func(w schema.Writer, p *engine.Principal) error {
		g, err := liveGroup(w, p.Tenant, id)
		if err != nil {
			return err
		}
		if err := s.bequeath(w, g, heirKind, heir); err != nil {
			return err
		}
		g.DeletedAt = s.env.Now()
		if err := schema.PutGroup(w, g); err != nil {
			return err
		}
		if err := schema.DeleteGroupName(w, p.Tenant, names.Key(g.Name)); err != nil {
			return err
		}
		err = schema.ChangeWords(w, p.Tenant, engine.PrincipalGroup, id, names.Words(names.Key(g.Name)), nil)
		if err != nil {
			return err
		}
		if err := schema.CountGroups(w, p.Tenant, -1); err != nil {
			return err
		}
		return once.Keep(ctx, w, once.Made{ID: id})
	})
	if err != nil {
		return err
	}
	// It is deleted; what is left of it harms nothing, and Prepare goes on with it.
	_ = s.clear(ctx, p.Tenant, id)
	return nil
}

// bequeath gives the shares that a group owns to an heir.
func (s *Service) bequeath(w schema.Writer, g *engine.Group, kind engine.PrincipalKind, heir engine.ID) error {
	var owned []engine.ID
	err := schema.ScanSharesOf(w, g.Tenant, g.ID, engine.ID{}, func(ref *engine.ShareRef) (bool, error) {
		if ref.Owner {
			owned = append(owned, ref.Share)
		}
		return len(owned) <= maxOwned, nil
	})
	if err != nil || len(owned) == 0 {
		return err
	}
	if len(owned) > maxOwned {
		return engine.E(engine.KindConflict, "The group owns more than %d shares; give them to somebody first", maxOwned)
	}
	live, err := share.Exists(w, g.Tenant, kind, heir)
	if err != nil {
		return err
	}
	if !live {
		return engine.Invalid("heir_id", "Must be an active user or a group of this tenant")
	}
	for _, id := range owned {
		sh, err := schema.GetShare(w, g.Tenant, id)
		if err != nil {
			return err
		}
		if err := schema.SetShareOwner(w, g.Tenant, sh, kind, heir); err != nil {
			return err
		}
	}
	return nil
}

// clear takes the members out of a deleted group, and it out of groups and shares,
// in steps.
func (s *Service) clear(ctx context.Context, t engine.TenantNo, id engine.ID) error {
	for more := true; more; {
		err := s.update(ctx, "people.clear", func(w schema.Writer) error {
			left, err := s.clearStep(w, t, id)
			more = left == 0
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) clearStep(w schema.Writer, t engine.TenantNo, id engine.ID) (int, error) {
	g, err := schema.GetGroup(w, t, id)
	if err != nil {
		return 0, err
	}
	left := removeStep
	var members, groups, shares []engine.ID
	err = schema.ScanMembersOf(w, t, id, engine.ID{}, func(m *engine.Membership) (bool, error) {
		members = append(members, m.Member)
		return len(members) < left, nil
	})
	if err != nil {
		return 0, err
	}
	if left -= len(members); left > 0 {
		err = schema.EachGroupOf(w, t, id, g.Groups, func(in engine.ID) error {
			if in != id && len(groups) < left {
				groups = append(groups, in)
			}
			return nil
		})
		if err != nil {
			return 0, err
		}
		left -= len(groups)
	}
	if left > 0 {
		err = schema.ScanSharesOf(w, t, id, engine.ID{}, func(ref *engine.ShareRef) (bool, error) {
			if ref.Member {
				shares = append(shares, ref.Share)
			}
			return len(shares) < left, nil
		})
		if err != nil {
			return 0, err
		}
		left -= len(shares)
	}
	for _, m := range members {
		if err := schema.RemoveMembership(w, t, id, m); err != nil {
			return 0, err
		}
	}
	for _, in := range groups {
		if err := schema.RemoveMembership(w, t, in, id); err != nil {
			return 0, err
		}
	}
	for _, in := range shares {
		sh, err := schema.GetShare(w, t, in)
		if err != nil {
			return 0, err
		}
		if err := schema.DeleteShareMember(w, t, sh, id); err != nil {
			return 0, err
		}
	}
	return left, nil
}
