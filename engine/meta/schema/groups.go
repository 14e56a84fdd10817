package schema

import (
	"errors"
	"fmt"

	"scaidrive/engine"
)

// Groups restrict as well as grant: an entry may deny a group. So a membership
// that is missing is noticed: the groups that a user or a group is in have their
// seal in the record of that user or group, the members of a group in the group's.

func groupFields(c *codec, g *engine.Group) {
	c.string(1, "name", &g.Name)
	c.string(2, "description", &g.Description)
	c.time(3, "created_at", &g.CreatedAt)
	c.id(4, "created_by", &g.CreatedBy)
	c.time(5, "deleted_at", &g.DeletedAt)
	c.seal(6, "members", &g.Members)
	c.seal(7, "groups", &g.Groups)
	c.extra(&g.Extra)
}

func membershipFields(c *codec, m *engine.Membership) {
	unsigned(c, 1, "kind", &m.Kind)
	c.id(2, "added_by", &m.AddedBy)
	c.time(3, "added_at", &m.AddedAt)
	c.extra(&m.Extra)
}

// groupRef is the value of GroupsOf.
type groupRef struct {
	Kind  engine.PrincipalKind // of the member
	Extra engine.Extra
}

func groupRefFields(c *codec, r *groupRef) {
	unsigned(c, 1, "kind", &r.Kind)
	c.extra(&r.Extra)
}

// GroupKey is the key of a group.
func GroupKey(t engine.TenantNo, id engine.ID) []byte { return tenantKey(t, 0, id) }

// GroupMemberKey is the key of a membership, seen from the group.
func GroupMemberKey(t engine.TenantNo, group, member engine.ID) []byte {
	return tenantKey(t, 0, group, member)
}

// GroupOfKey is the key of a membership, seen from the member.
func GroupOfKey(t engine.TenantNo, member, group engine.ID) []byte {
	return tenantKey(t, 0, member, group)
}

// RaisePrincipals raises the number of a tenant's generation of principals: with
// it goes whatever was decided by groups, memberships, and by users' states and roles.
func RaisePrincipals(w Writer, t engine.TenantNo) error {
	tn, err := GetTenant(w, t)
	if err != nil {
		return mustBe(Tenants, TenantKey(t), err)
	}
	tn.PrincipalGen++
	return PutTenant(w, tn)
}

// mustBe turns the absence of a record that another one names into damage.
func mustBe(t Table, key []byte, err error) error {
	if errors.Is(err, ErrNotFound) {
		return damaged(t, key, errors.New("it is named, but missing"))
	}
	return err
}

// GetGroup reads a group, deleted ones too.
func GetGroup(r Reader, t engine.TenantNo, id engine.ID) (*engine.Group, error) {
	g, err := get(r, Groups, GroupKey(t, id), groupFields)
	if err == nil {
		g.Tenant, g.ID = t, id
	}
	return g, err
}

// PeekGroup is GetGroup for who changes nothing of what it gives; its ID and tenant
// are not set.
func PeekGroup(r Reader, t engine.TenantNo, id engine.ID) (*engine.Group, error) {
	return peek(r, Groups, GroupKey(t, id), groupFields)
}

// PutGroup writes a group and raises the generation of the tenant's principals.
func PutGroup(w Writer, g *engine.Group) error {
	if err := putGroup(w, g); err != nil {
		return err
	}
	return RaisePrincipals(w, g.Tenant)
}

func putGroup(w Writer, g *engine.Group) error {
	return put(w, Groups, GroupKey(g.Tenant, g.ID), g, groupFields)
}

// ScanGroups goes through a tenant's groups behind an ID, deleted ones too.
func ScanGroups(r Reader, t engine.TenantNo, behind engine.ID, fn func(*engine.Group) (bool, error)) error {
	return scanIDs(r, Groups, tenantKey(t, idSize), behind, groupFields, func(id engine.ID, g *engine.Group) (bool, error) {
		g.Tenant, g.ID = t, id
		return fn(g)
	})
}

// GetMembership reads whether and since when somebody is in a group directly.
func GetMembership(r Reader, t engine.TenantNo, group, member engine.ID) (*engine.Membership, error) {
	m, err := get(r, GroupMembers, GroupMemberKey(t, group, member), membershipFields)
	if err == nil {
		m.Group, m.Member = group, member
	}
	return m, err
}

// AddMembership puts a user or group into a group: both rows and both seals. That
// they exist, and that the membership does not, is for the caller to have asked in
// the same mutation. It raises the generation of the tenant's principals.
func AddMembership(w Writer, t engine.TenantNo, m *engine.Membership) error {
	key := GroupMemberKey(t, m.Group, m.Member)
	if err := put(w, GroupMembers, key, m, membershipFields); err != nil {
		return err
	}
	ref := groupRef{Kind: m.Kind}
	back := GroupOfKey(t, m.Member, m.Group)
	if err := put(w, GroupsOf, back, &ref, groupRefFields); err != nil {
		return err
	}
	return sealMembership(w, t, m, 1,
		recordDigest(GroupMembers, key, encode(m, membershipFields)), recordDigest(GroupsOf, back, encode(&ref, groupRefFields)))
}

// RemoveMembership takes a user or group out of a group; ErrNotFound: they are not
// in it. It raises the generation of the tenant's principals.
func RemoveMembership(w Writer, t engine.TenantNo, group, member engine.ID) error {
	m, err := GetMembership(w, t, group, member)
	if err != nil {
		return err
	}
	key, back := GroupMemberKey(t, group, member), GroupOfKey(t, member, group)
	ref, err := get(w, GroupsOf, back, groupRefFields)
	if err != nil {
		return mustBe(GroupsOf, back, err)
	}
	if err := w.Delete(GroupMembers, key); err != nil {
		return err
	}
	if err := w.Delete(GroupsOf, back); err != nil {
		return err
	}
	return sealMembership(w, t, m, -1,
		recordDigest(GroupMembers, key, encode(m, membershipFields)), recordDigest(GroupsOf, back, encode(ref, groupRefFields)))
}

// sealMembership adds or removes a membership in the seals of both its ends.
func sealMembership(w Writer, t engine.TenantNo, m *engine.Membership, by int, in, of engine.Digest) error {
	g, err := GetGroup(w, t, m.Group)
	if err != nil {
		return mustBe(Groups, GroupKey(t, m.Group), err)
	}
	g.Members = addSeal(g.Members, by, in)
	if err := putGroup(w, g); err != nil {
		return err
	}
	switch m.Kind {
	case engine.PrincipalGroup:
		// The group may be in itself: read what was just written.
		k, err := GetGroup(w, t, m.Member)
		if err != nil {
			return mustBe(Groups, GroupKey(t, m.Member), err)
		}
		k.Groups = addSeal(k.Groups, by, of)
		err = putGroup(w, k)
		if err != nil {
			return err
		}
	default:
		u, err := GetUser(w, t, m.Member)
		if err != nil {
			return mustBe(Users, UserKey(t, m.Member), err)
		}
		u.Groups = addSeal(u.Groups, by, of)
		if err := PutUser(w, u); err != nil {
			return err
		}
	}
	return RaisePrincipals(w, t)
}

// EachGroupOf goes through the groups that a user or group is in directly, deleted
// ones too, in the order of their IDs, and then compares with seal, the Groups of
// the user's or group's record of the same view: a difference is KindDamaged, and
// what fn was told is void. With the zero seal nothing is read.
func EachGroupOf(r Reader, t engine.TenantNo, principal engine.ID, seal engine.Seal, fn func(group engine.ID) error) error {
	if seal == (engine.Seal{}) {
		return nil
	}
	var seen engine.Seal
	prefix := tenantKey(t, idSize, principal)
	err := r.Scan(GroupsOf, prefix, prefixEnd(prefix), func(k, v []byte) (bool, error) {
		if len(k) != len(prefix)+idSize {
			return false, damaged(GroupsOf, k, fmt.Errorf("a key of %d bytes", len(k)))
		}
		seen = addSeal(seen, 1, recordDigest(GroupsOf, k, v)) // as it is stored: the seal says whether that is right
		return true, fn(tailID(k))
	})
	if err != nil {
		return err
	}
	if seen != seal {
		return damaged(GroupsOf, tenantKey(t, 0, principal), errors.New("the groups are not those that were counted"))
	}
	return nil
}

// EachMemberOf goes through a group's members in the order of their IDs, and then
// compares with the group's seal, as EachGroupOf.
func EachMemberOf(r Reader, g *engine.Group, fn func(*engine.Membership) error) error {
	var seen engine.Seal
	err := ScanMembersOf(r, g.Tenant, g.ID, engine.ID{}, func(m *engine.Membership) (bool, error) {
		seen = addSeal(seen, 1, recordDigest(GroupMembers, GroupMemberKey(g.Tenant, g.ID, m.Member), encode(m, membershipFields)))
		return true, fn(m)
	})
	if err != nil {
		return err
	}
	if seen != g.Members {
		return damaged(GroupMembers, tenantKey(g.Tenant, 0, g.ID), errors.New("the members are not those that were counted"))
	}
	return nil
}

// ScanMembersOf goes through a group's members behind one of them, for pages; a
// missing one is noticed by EachMemberOf only.
func ScanMembersOf(r Reader, t engine.TenantNo, group, behind engine.ID, fn func(*engine.Membership) (bool, error)) error {
	return scanIDs(r, GroupMembers, tenantKey(t, idSize, group), behind, membershipFields, func(id engine.ID, m *engine.Membership) (bool, error) {
		m.Group, m.Member = group, id
		return fn(m)
	})
}
