package share

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"scaidrive/engine"
	"scaidrive/engine/access"
	"scaidrive/engine/meta"
	"scaidrive/engine/meta/schema"
	"scaidrive/engine/notice"
	"scaidrive/engine/once"
)

// A Member is somebody with a role in a share, and what they are called. The owner
// is listed with them.
type Member struct {
	engine.ShareMember
	Owner bool // Role is not set then
	Name  string
	Email string // of a user
}

// manage finds a share in which the caller may change who is in it: its owner and
// its administrators, and those of the tenant. Whoever only sees it is KindForbidden.
func manage(r schema.Reader, p *engine.Principal, id engine.ID) (*engine.Share, error) {
	sh, err := check(r, p, id, engine.RightManage)
	if err != nil {
		return nil, err
	}
	if may, err := access.Administers(r, p); err != nil || may {
		return sh, err
	}
	st, err := access.StandingIn(r, p, sh)
	if err == nil && !st.Manages() {
		err = engine.E(engine.KindForbidden, "Only the owner and administrators may change the members of share/%s", id.Format(engine.PrefixShare))
	}
	return sh, err
}

// Members lists the owner and the members of a share by name, from offset, and their
// number, for who may read it. Members whose time is over are in the list.
func (s *Service) Members(ctx context.Context, p *engine.Principal, id engine.ID, limit, offset int) ([]*Member, int, error) {
	var list []*Member
	err := s.db.View(ctx, func(v *meta.View) error {
		sh, err := check(v, p, id, engine.RightRead)
		if err != nil {
			return err
		}
		list = []*Member{{ShareMember: engine.ShareMember{Share: id, Principal: sh.Owner, Kind: sh.OwnerKind, AddedAt: sh.CreatedAt}, Owner: true}}
		err = schema.EachShareMember(v, p.Tenant, sh, func(m *engine.ShareMember) error {
			list = append(list, &Member{ShareMember: *m})
			return nil
		})
		for _, m := range list {
			if err == nil {
				err = call(v, p.Tenant, m)
			}
		}
		return err
	})
	if err != nil {
		return nil, 0, engine.Wrap("share.Members", err)
	}
	slices.SortFunc(list, func(a, b *Member) int {
		if a.Owner != b.Owner {
			return map[bool]int{true: -1, false: 1}[a.Owner]
		}
		if c := strings.Compare(nameKey(a.Name), nameKey(b.Name)); c != 0 {
			return c
		}
		return bytes.Compare(a.Principal[:], b.Principal[:])
	})
	total := len(list)
	return list[min(offset, total):min(offset+limit, total)], total, nil
}

// call reads what a member is called.
func call(r schema.Reader, t engine.TenantNo, m *Member) error {
	if m.Kind == engine.PrincipalGroup {
		g, err := schema.GetGroup(r, t, m.Principal)
		if err == nil {
			m.Name = g.Name
		}
		return damagedIfAbsent(err, "a member is missing")
	}
	u, err := schema.GetUser(r, t, m.Principal)
	if err == nil {
		m.Name, m.Email = u.DisplayName, u.Email
	}
	return damagedIfAbsent(err, "a member is missing")
}

// A MemberSpec is what a new member is made of.
type MemberSpec struct {
	Kind      engine.PrincipalKind
	Principal engine.ID
	Role      engine.MemberRole
	ExpiresAt time.Time // zero: never
}

// AddMember gives a user or group of the tenant a role in a share. Who has one, or
// owns it, is KindConflict; who is no active user or group of the tenant KindInvalid.
func (s *Service) AddMember(ctx context.Context, p *engine.Principal, id engine.ID, spec MemberSpec) (*Member, error) {
	var m *Member
	err := s.db.Update(ctx, func(tx *meta.Tx) error {
		sh, err := manage(tx, p, id)
		if err != nil {
			return err
		}
		m = &Member{ShareMember: engine.ShareMember{
			Share: id, Principal: spec.Principal, Kind: spec.Kind, Role: spec.Role, ExpiresAt: spec.ExpiresAt, AddedBy: p.User, AddedAt: s.env.Now(),
		}}
		if err := s.checkEnd(spec.ExpiresAt); err != nil {
			return err
		}
		live, err := joins(tx, p.Tenant, spec.Kind, spec.Principal)
		if err != nil {
			return err
		}
		if !live {
			return engine.Invalid("principal_id", "Must be an active user or a group of this tenant")
		}
		was, err := schema.GetShareMember(tx, p.Tenant, id, spec.Principal)
		switch {
		case err == nil && was.Live(s.env.Now()), spec.Principal == sh.Owner:
			return engine.E(engine.KindConflict, "Has a role in this share already")
		case err == nil: // their time was over
		case !errors.Is(err, schema.ErrNotFound):
			return err
		case sh.Members.Count >= engine.MaxShareMembers:
			return engine.E(engine.KindConflict, "The share has %d members; use groups", engine.MaxShareMembers)
		}
		if err := schema.PutShareMember(tx, p.Tenant, sh, &m.ShareMember); err != nil {
			return err
		}
		if err := call(tx, p.Tenant, m); err != nil {
			return err
		}
		if err := s.tell(tx, p, sh, engine.NoticeShareAdded, spec.Kind, spec.Principal); err != nil {
			return err
		}
		return once.Keep(ctx, tx, once.Made{ID: spec.Principal})
	})
	if err != nil {
		return nil, engine.Wrap("share.AddMember", err)
	}
	return m, nil
}

// tell has a user, or who is in a group, told of what the caller did to their role.
func (s *Service) tell(w schema.Writer, p *engine.Principal, sh *engine.Share, what engine.NoticeKind, kind engine.PrincipalKind, id engine.ID) error {
	users, err := notice.Audience(w, p.Tenant, kind, id)
	if err != nil {
		return err
	}
	return notice.Tell(w, s.env, p.Tenant, engine.Notice{Kind: what, Share: sh.ID, By: p.User}, users...)
}

// joins is Exists, but that who has not set a password yet may be a member.
func joins(r schema.Reader, t engine.TenantNo, kind engine.PrincipalKind, id engine.ID) (bool, error) {
	if kind == engine.PrincipalUser {
		if u, err := schema.GetUser(r, t, id); err == nil && u.Status == engine.StatusPending {
			return true, nil
		}
	}
	return Exists(r, t, kind, id)
}

// checkEnd answers nil for a moment at which a membership or invitation may end.
func (s *Service) checkEnd(at time.Time) error {
	if !at.IsZero() && !at.After(s.env.Now()) {
		return engine.Invalid("expires_at", "Must be in the future")
	}
	return nil
}

// A MemberChange is what to change of a member; what is nil stays.
type MemberChange struct {
	Role      *engine.MemberRole
	ExpiresAt *time.Time // the zero time: never
}

// EditMember changes a member; one who is none is KindNotFound.
func (s *Service) EditMember(ctx context.Context, p *engine.Principal, id, principal engine.ID, c MemberChange) (*Member, error) {
	var m *Member
	err := s.db.Update(ctx, func(tx *meta.Tx) error {
		sh, err := manage(tx, p, id)
		if err != nil {
			return err
		}
		was, err := schema.GetShareMember(tx, p.Tenant, id, principal)
		if err != nil {
			return noMember(err)
		}
		m = &Member{ShareMember: *was}
		if c.Role != nil {
			m.Role = *c.Role
		}
		if c.ExpiresAt != nil {
			if m.ExpiresAt = *c.ExpiresAt; !m.ExpiresAt.IsZero() {
				if err := s.checkEnd(m.ExpiresAt); err != nil {
					return err
				}
			}
		}
		if err := schema.PutShareMember(tx, p.Tenant, sh, &m.ShareMember); err != nil {
			return err
		}
		if m.Role != was.Role || !m.ExpiresAt.Equal(was.ExpiresAt) {
			if err := s.tell(tx, p, sh, engine.NoticeRoleChanged, m.Kind, principal); err != nil {
				return err
			}
		}
		return call(tx, p.Tenant, m)
	})
	if err != nil {
		return nil, engine.Wrap("share.EditMember", err)
	}
	return m, nil
}

func noMember(err error) error {
	if errors.Is(err, schema.ErrNotFound) {
		return engine.E(engine.KindNotFound, "Member not found")
	}
	return err
}

// RemoveMember takes a member out of a share, from the commit on; everybody may take
// themself out.
func (s *Service) RemoveMember(ctx context.Context, p *engine.Principal, id, principal engine.ID) error {
	err := s.db.Update(ctx, func(tx *meta.Tx) error {
		find := manage
		if principal == p.User {
			find = leaving
		}
		sh, err := find(tx, p, id)
		if err != nil {
			return err
		}
		was, err := schema.GetShareMember(tx, p.Tenant, id, principal)
		if err != nil {
			return noMember(err)
		}
		if was.Live(s.env.Now()) {
			if err := s.tell(tx, p, sh, engine.NoticeShareRemoved, was.Kind, principal); err != nil {
				return err
			}
		}
		return noMember(schema.DeleteShareMember(tx, p.Tenant, sh, principal))
	})
	return engine.Wrap("share.RemoveMember", err)
}

// leaving finds a share that the caller has a role of their own in.
func leaving(r schema.Reader, p *engine.Principal, id engine.ID) (*engine.Share, error) {
	if _, err := schema.GetShareMember(r, p.Tenant, id, p.User); errors.Is(err, schema.ErrNotFound) {
		return manage(r, p, id) // in the words of who is no member
	} else if err != nil {
		return nil, err
	}
	sh, err := schema.GetShare(r, p.Tenant, id)
	if err == nil && !sh.DeletedAt.IsZero() {
		return nil, access.NotFound()
	}
	return sh, err
}

// Transfer gives a share to an active user or a group of the tenant. It is for the
// owner, who stays as an administrator of the share, and for administrators of the
// tenant. A personal share goes with its user only (KindConflict).
func (s *Service) Transfer(ctx context.Context, p *engine.Principal, id engine.ID, kind engine.PrincipalKind, to engine.ID) (*engine.Share, error) {
	var sh *engine.Share
	err := s.db.Update(ctx, func(tx *meta.Tx) (err error) {
		if sh, err = check(tx, p, id, engine.RightRead); err != nil {
			return err
		}
		st, err := access.StandingIn(tx, p, sh)
		if err != nil {
			return err
		}
		may, err := access.Administers(tx, p)
		if err != nil {
			return err
		}
		if !st.Owner && !may {
			return engine.E(engine.KindForbidden, "Only the owner and administrators may give share/%s to somebody", id.Format(engine.PrefixShare))
		}
		live, err := Exists(tx, p.Tenant, kind, to)
		switch {
		case err != nil:
			return err
		case !live:
			return engine.Invalid("new_owner_id", "Must be an active user or a group of this tenant")
		case sh.Type == engine.SharePersonal:
			return engine.E(engine.KindConflict, "A personal share belongs to its user")
		case to == sh.Owner:
			return nil
		}
		if err := schema.DeleteShareMember(tx, p.Tenant, sh, to); err != nil && !errors.Is(err, schema.ErrNotFound) {
			return err
		}
		was := engine.ShareMember{Share: id, Principal: sh.Owner, Kind: sh.OwnerKind, Role: engine.MemberAdmin, AddedBy: p.User, AddedAt: s.env.Now()}
		sh.ModifiedAt = s.env.Now()
		if err := schema.SetShareOwner(tx, p.Tenant, sh, kind, to); err != nil {
			return err
		}
		if err := s.tell(tx, p, sh, engine.NoticeShareAdded, kind, to); err != nil {
			return err
		}
		if !st.Owner {
			return s.tell(tx, p, sh, engine.NoticeShareRemoved, was.Kind, was.Principal)
		}
		return schema.PutShareMember(tx, p.Tenant, sh, &was)
	})
	if err != nil {
		return nil, engine.Wrap("share.Transfer", err)
	}
	return sh, nil
}
