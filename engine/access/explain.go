package access

import (
	"bytes"
	"errors"
	"slices"

	"scaidrive/engine"
	"scaidrive/engine/meta/schema"
)

// A Holder is whose rights are asked for, who need not be the one who asks: a user,
// whoever is in a group and in no other, or any active user.
type Holder struct {
	Kind engine.PrincipalKind
	ID   engine.ID // zero for everyone
	// Active: may act. Who is not, has no right.
	Active bool

	who    *engine.Principal
	circle *Circle
	groups engine.Seal
}

// HolderOf finds a holder in the tenant of who asks; ErrNotFound: there is none.
func HolderOf(r schema.Reader, asks *engine.Principal, kind engine.PrincipalKind, id engine.ID) (*Holder, error) {
	h := &Holder{Kind: kind, ID: id, circle: &Circle{}, who: &engine.Principal{Tenant: asks.Tenant, At: asks.At}}
	switch kind {
	case engine.PrincipalEveryone:
		h.Active = true
		return h, nil
	case engine.PrincipalGroup:
		g, err := schema.GetGroup(r, asks.Tenant, id)
		if err == nil && !g.DeletedAt.IsZero() {
			err = schema.ErrNotFound
		}
		if err != nil {
			return nil, err
		}
		h.Active, h.groups = true, g.Groups
		if err := h.circle.widen(r, asks.Tenant, id, g.Groups); err != nil {
			return nil, err
		}
		if !h.circle.In(id) {
			h.circle.Groups = append(h.circle.Groups, id)
			slices.SortFunc(h.circle.Groups, func(a, b engine.ID) int { return bytes.Compare(a[:], b[:]) })
		}
		return h, nil
	case engine.PrincipalUser:
		u, err := schema.GetUser(r, asks.Tenant, id)
		if err == nil && u.Status == engine.StatusDeleted {
			err = schema.ErrNotFound
		}
		if err != nil {
			return nil, err
		}
		h.Active, h.groups = u.Status == engine.StatusActive || u.Status == engine.StatusInactive, u.Groups
		h.who.User, h.who.Role, h.circle.User = id, u.AdminRole, id
		return h, h.circle.widen(r, asks.Tenant, id, u.Groups)
	}
	return nil, schema.ErrNotFound
}

// Explain gives the rights of a holder on a subject and what decided each.
func (h *Holder) Explain(r schema.Reader, s *Subject) (engine.Right, []Reason, error) {
	v := verdict{explain: true}
	if !h.Active {
		v.say(engine.RightsAll, false, Reason{By: ByState})
		return 0, v.reasons, nil
	}
	var st standing
	var err error
	if h.who.Role == engine.RoleTenantAdmin || h.who.Role == engine.RoleSuperAdmin {
		st.admin = true
	} else if st, _, err = standingIn(r, h.who, h.circle, s.Share); err != nil {
		return 0, nil, err
	}
	st.archived = s.Share.Archived(h.who.At)
	err = judge(h.circle, st, s, &v, func(n *engine.Node) ([]engine.Entry, error) { return schema.GetEntries(r, h.who.Tenant, n) })
	slices.SortFunc(v.reasons, func(a, b Reason) int { return int(a.Right) - int(b.Right) })
	return v.allowed, v.reasons, err
}

// RoleGiving finds whose role gives the holder a right in a share: the owner's, or a
// member's. The zero member is nobody's.
func (h *Holder) RoleGiving(r schema.Reader, sh *engine.Share, right engine.Right) (m engine.ShareMember, owner bool, err error) {
	if owned(h.circle, sh) {
		return engine.ShareMember{Share: sh.ID, Principal: sh.Owner, Kind: sh.OwnerKind}, true, nil
	}
	list := slices.Clone(h.circle.Groups)
	if !h.circle.User.IsZero() {
		list = append([]engine.ID{h.circle.User}, list...)
	}
	for _, who := range list {
		is, err := schema.GetShareMember(r, h.who.Tenant, sh.ID, who)
		if errors.Is(err, schema.ErrNotFound) {
			continue
		}
		if err != nil {
			return m, false, err
		}
		if is.Live(h.who.At) && (!h.who.At.IsZero() || is.ExpiresAt.IsZero()) && is.Role.Rights()&right != 0 {
			return *is, false, nil
		}
	}
	return m, false, nil
}

// Way gives the groups by which the holder is in a group, the nearest first and that
// one last; of a shortest way. Nil: they are not in it, or are it.
func (h *Holder) Way(r schema.Reader, group engine.ID) ([]*engine.Group, error) {
	if !h.circle.In(group) || group == h.ID {
		return nil, nil
	}
	from := map[engine.ID]engine.ID{}
	found := map[engine.ID]*engine.Group{}
	queue := []engine.ID{h.ID}
	seals := map[engine.ID]engine.Seal{h.ID: h.groups}
	for len(queue) > 0 && found[group] == nil {
		at := queue[0]
		queue = queue[1:]
		err := schema.EachGroupOf(r, h.who.Tenant, at, seals[at], func(id engine.ID) error {
			if found[id] != nil || !h.circle.In(id) {
				return nil
			}
			g, err := schema.GetGroup(r, h.who.Tenant, id)
			if err != nil {
				return err
			}
			found[id], from[id], seals[id] = g, at, g.Groups
			queue = append(queue, id)
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	if found[group] == nil {
		return nil, nil
	}
	var way []*engine.Group
	for at := group; at != h.ID; at = from[at] {
		way = append(way, found[at])
	}
	slices.Reverse(way)
	return way, nil
}
