package people

import (
	"context"
	"errors"

	"scaidrive/engine"
	"scaidrive/engine/meta/schema"
	"scaidrive/engine/once"
)

// maxOwned is how many shares of a group one mutation hands over.
const maxOwned = 2000

// maxBelow is for how many users below a group that becomes a member it is counted
// how many groups they are in.
const maxBelow = 2000

// A Member is somebody in a group with what they are called.
type Member struct {
	engine.Membership
	Name  string
	Email string // of a user
}

// AddMember puts a user or group into a group of the caller's tenant. Who is in it
// is KindConflict; who is not of this tenant, or would be in more than
// engine.MaxGroupsOf groups by it, KindInvalid. A circle of groups is no error.
func (s *Service) AddMember(ctx context.Context, p *engine.Principal, group engine.ID, kind engine.PrincipalKind, member engine.ID) (*Member, error) {
	if err := administers(p); err != nil {
		return nil, err
	}
	var m *Member
	err := s.administer(ctx, "people.AddMember", p, func(w schema.Writer, p *engine.Principal) error {
		if _, err := liveGroup(w, p.Tenant, group); err != nil {
			return err
		}
		m = &Member{Membership: engine.Membership{Group: group, Member: member, Kind: kind, AddedBy: p.User, AddedAt: s.env.Now()}}
		if err := describe(w, p.Tenant, m); err != nil {
			if engine.KindOf(err) == engine.KindNotFound {
				return engine.Invalid(map[engine.PrincipalKind]string{engine.PrincipalUser: "user_id", engine.PrincipalGroup: "group_id"}[kind],
					"Is no user or group of this tenant")
			}
			return err
		}
		switch _, err := schema.GetMembership(w, p.Tenant, group, member); {
		case err == nil:
			return engine.E(engine.KindConflict, "Is in the group already")
		case !errors.Is(err, schema.ErrNotFound):
			return err
		}
		if err := schema.AddMembership(w, p.Tenant, &m.Membership); err != nil {
			return err
		}
		if err := fewEnough(w, p.Tenant, kind, member); err != nil {
			return err
		}
		return once.Keep(ctx, w, once.Made{ID: member})
	})
	if err != nil {
		return nil, err
	}
	return m, nil
}

// describe reads what a member is called; one who is deleted is KindNotFound.
func describe(r schema.Reader, t engine.TenantNo, m *Member) error {
	if m.Kind == engine.PrincipalGroup {
		g, err := liveGroup(r, t, m.Member)
		if err == nil {
			m.Name = g.Name
		}
		return err
	}
	u, err := liveUser(r, t, m.Member)
	if err == nil {
		m.Name, m.Email = u.DisplayName, u.Email
	}
	return err
}

// fewEnough answers nil when nobody is in too many groups after a member was added.
func fewEnough(r schema.Reader, t engine.TenantNo, kind engine.PrincipalKind, member engine.ID) error {
	users := []engine.ID{member}
	if kind == engine.PrincipalGroup {
		var err error
		if users, err = usersBelow(r, t, member, maxBelow); err != nil {
			return err
		}
	}
	for _, id := range users {
		list, err := groupsOf(r, t, id)
		if err != nil {
			return err
		}
		if len(list) > engine.MaxGroupsOf {
			return engine.Invalid("", "A user would be in more than %d groups", engine.MaxGroupsOf)
		}
	}
	return nil
}

// usersBelow lists users who are in a group directly or through others, at most so
// many.
func usersBelow(r schema.Reader, t engine.TenantNo, group engine.ID, most int) ([]engine.ID, error) {
	var users []engine.ID
	seen := map[engine.ID]bool{group: true}
	for queue := []engine.ID{group}; len(queue) > 0 && len(users) < most; queue = queue[1:] {
		err := schema.ScanMembersOf(r, t, queue[0], engine.ID{}, func(m *engine.Membership) (bool, error) {
			if !seen[m.Member] {
				seen[m.Member] = true
				if m.Kind == engine.PrincipalGroup {
					queue = append(queue, m.Member)
				} else {
					users = append(users, m.Member)
				}
			}
			return len(users) < most, nil
		})
		if err != nil {
			return nil, err
		}
	}
	return users, nil
}

// groupsOf lists the live groups that a user is in, directly or through others, up
// to one too many.
func groupsOf(r schema.Reader, t engine.TenantNo, user engine.ID) ([]engine.ID, error) {
	u, err := schema.GetUser(r, t, user)
	if err != nil {
		return nil, err
	}
	type step struct {
		id   engine.ID
		seal engine.Seal
	}
	var list []engine.ID
	seen := map[engine.ID]bool{}
	for queue := []step{{user, u.Groups}}; len(queue) > 0 && len(list) <= engine.MaxGroupsOf; queue = queue[1:] {
		err := schema.EachGroupOf(r, t, queue[0].id, queue[0].seal, func(id engine.ID) error {
			if seen[id] {
				return nil
			}
			seen[id] = true
			g, err := schema.GetGroup(r, t, id)
			if err != nil || !g.DeletedAt.IsZero() {
				return err
			}
			list = append(list, id)
			queue = append(queue, step{id, g.Groups})
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return list, nil
}

// RemoveMember takes a user or group out of a group; who is not in it is
// KindNotFound.
func (s *Service) RemoveMember(ctx context.Context, p *engine.Principal, group, member engine.ID) error {
	if err := administers(p); err != nil {
		return err
	}
	return s.administer(ctx, "people.RemoveMember", p, func(w schema.Writer, p *engine.Principal) error {
		if _, err := liveGroup(w, p.Tenant, group); err != nil {
			return err
		}
		if err := schema.RemoveMembership(w, p.Tenant, group, member); err != nil {
			return asNotFound(err, "Member")
		}
		return once.Keep(ctx, w, once.Made{ID: member})
	})
}

// Members lists who is in a group directly, in the order of their IDs, from offset,
// and how many there are.
func (s *Service) Members(ctx context.Context, p *engine.Principal, group engine.ID, limit, offset int) ([]*Member, int, error) {
	if err := administers(p); err != nil {
		return nil, 0, err
	}
	var list []*Member
	total := 0
	err := s.view(ctx, "people.Members", func(r schema.Reader) error {
		list = nil
		g, err := liveGroup(r, p.Tenant, group)
		if err != nil {
			return err
		}
		total = int(g.Members.Count)
		at := 0
		return schema.ScanMembersOf(r, p.Tenant, group, engine.ID{}, func(m *engine.Membership) (bool, error) {
			if at++; at <= offset {
				return true, nil
			}
			if len(list) == limit {
				return false, nil
			}
			k := &Member{Membership: *m}
			err := describe(r, p.Tenant, k)
			if engine.KindOf(err) == engine.KindNotFound && err != nil {
				err = nil // a deleted group that is not cleared away yet
			}
			list = append(list, k)
			return len(list) < limit, err
		})
	})
	return list, total, err
}

// GroupsOf lists the live groups that a user is in, directly or through others.
func (s *Service) GroupsOf(ctx context.Context, t engine.TenantNo, user engine.ID) (list []engine.ID, err error) {
	err = s.view(ctx, "people.GroupsOf", func(r schema.Reader) error {
		list, err = groupsOf(r, t, user)
		return err
	})
	return list, err
}
