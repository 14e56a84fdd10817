package schema_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"scaidrive/engine"
	"scaidrive/engine/meta/schema"
	"scaidrive/engine/meta/schema/schematest"
)

// people is a tenant with users 1 to 3, groups 11 and 12, and share 21.
func people(t *testing.T) *schematest.Mem {
	t.Helper()
	m := schematest.New()
	err := errors.Join(
		schema.PutTenant(m, &engine.Tenant{No: 1, ID: id(99)}),
		schema.PutUser(m, &engine.User{Tenant: 1, ID: id(1)}),
		schema.PutUser(m, &engine.User{Tenant: 1, ID: id(2)}),
		schema.PutUser(m, &engine.User{Tenant: 1, ID: id(3)}),
		schema.PutGroup(m, &engine.Group{Tenant: 1, ID: id(11), Name: "a"}),
		schema.PutGroup(m, &engine.Group{Tenant: 1, ID: id(12), Name: "b"}),
		schema.PutShare(m, 1, &engine.Share{ID: id(21)}),
	)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func gen(t *testing.T, m *schematest.Mem) uint64 {
	t.Helper()
	tn, err := schema.GetTenant(m, 1)
	if err != nil {
		t.Fatal(err)
	}
	return tn.PrincipalGen
}

// groupsOf and membersOf read with the seals as they are stored now.
func groupsOf(m *schematest.Mem, user engine.ID) (list []engine.ID, err error) {
	seal := engine.Seal{}
	if u, err := schema.GetUser(m, 1, user); err == nil {
		seal = u.Groups
	} else if g, err := schema.GetGroup(m, 1, user); err == nil {
		seal = g.Groups
	}
	err = schema.EachGroupOf(m, 1, user, seal, func(g engine.ID) error { list = append(list, g); return nil })
	return list, err
}

func membersOf(m *schematest.Mem, group engine.ID) (list []engine.ID, err error) {
	g, err := schema.GetGroup(m, 1, group)
	if err != nil {
		return nil, err
	}
	err = schema.EachMemberOf(m, g, func(k *engine.Membership) error { list = append(list, k.Member); return nil })
	return list, err
}

func TestMembershipsAreSeenFromBothEnds(t *testing.T) {
	m := people(t)
	before := gen(t, m)
	for _, k := range []engine.Membership{
		{Group: id(11), Member: id(1), Kind: engine.PrincipalUser, AddedBy: id(3), AddedAt: time.UnixMicro(5).UTC()},
		{Group: id(11), Member: id(2), Kind: engine.PrincipalUser},
		{Group: id(12), Member: id(1), Kind: engine.PrincipalUser},
		{Group: id(11), Member: id(12), Kind: engine.PrincipalGroup},
		{Group: id(12), Member: id(11), Kind: engine.PrincipalGroup}, // a circle
		{Group: id(12), Member: id(12), Kind: engine.PrincipalGroup}, // in itself
	} {
		if err := schema.AddMembership(m, 1, &k); err != nil {
			t.Fatal(err)
		}
		got, err := schema.GetMembership(m, 1, k.Group, k.Member)
		if diff := cmp.Diff(&k, got); err != nil || diff != "" {
			t.Error(err, diff)
		}
	}
	if now := gen(t, m); now != before+6 {
		t.Errorf("generation %d after %d", now, before)
	}
	check := func(who engine.ID, read func(*schematest.Mem, engine.ID) ([]engine.ID, error), want ...engine.ID) {
		t.Helper()
		got, err := read(m, who)
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("%x: %v\n%s", who, err, diff)
		}
	}
	check(id(1), groupsOf, id(11), id(12))
	check(id(2), groupsOf, id(11))
	check(id(3), groupsOf)
	check(id(12), groupsOf, id(11), id(12))
	check(id(11), membersOf, id(1), id(2), id(12))
	check(id(12), membersOf, id(1), id(11), id(12))
	for _, k := range [][2]byte{{11, 1}, {12, 12}, {11, 12}, {12, 11}, {12, 1}, {11, 2}} {
		if err := schema.RemoveMembership(m, 1, id(k[0]), id(k[1])); err != nil {
			t.Fatal(err)
		}
	}
	if err := schema.RemoveMembership(m, 1, id(11), id(2)); !errors.Is(err, schema.ErrNotFound) {
		t.Errorf("twice: %v", err)
	}
	check(id(1), groupsOf)
	check(id(11), membersOf)
	check(id(12), membersOf)
	if now := gen(t, m); now != before+12 {
		t.Errorf("generation %d after %d", now, before)
	}
}

// A row that is lost or changed by itself refuses: a lost membership might lose
// what an entry denies.
func TestLostMembershipsAreDamage(t *testing.T) {
	for name, hurt := range map[string]func(m *schematest.Mem){
		"lost": func(m *schematest.Mem) {
			delete(m.Rows[schema.GroupsOf], string(schema.GroupOfKey(1, id(1), id(11))))
			delete(m.Rows[schema.GroupMembers], string(schema.GroupMemberKey(1, id(11), id(1))))
			delete(m.Rows[schema.ShareMembers], string(schema.ShareMemberKey(1, id(21), id(1))))
		},
		"another": func(m *schematest.Mem) {
			for t, keys := range map[schema.Table][2][]byte{
				schema.GroupsOf:     {schema.GroupOfKey(1, id(1), id(11)), schema.GroupOfKey(1, id(1), id(13))},
				schema.GroupMembers: {schema.GroupMemberKey(1, id(11), id(1)), schema.GroupMemberKey(1, id(11), id(3))},
				schema.ShareMembers: {schema.ShareMemberKey(1, id(21), id(1)), schema.ShareMemberKey(1, id(21), id(3))},
			} {
				m.Rows[t][string(keys[1])] = m.Rows[t][string(keys[0])]
				delete(m.Rows[t], string(keys[0]))
			}
		},
	} {
		m := people(t)
		for _, g := range []byte{11, 12} {
			if err := schema.AddMembership(m, 1, &engine.Membership{Group: id(g), Member: id(1), Kind: engine.PrincipalUser}); err != nil {
				t.Fatal(err)
			}
		}
		s := &engine.Share{ID: id(21)}
		for _, p := range []byte{1, 2} {
			if err := schema.PutShareMember(m, 1, s, &engine.ShareMember{Share: s.ID, Principal: id(p), Kind: engine.PrincipalUser, Role: engine.MemberAdmin}); err != nil {
				t.Fatal(err)
			}
		}
		hurt(m)
		t.Run(name, func(t *testing.T) {
			_, err := groupsOf(m, id(1))
			isDamaged(t, err)
			_, err = membersOf(m, id(11))
			isDamaged(t, err)
			isDamaged(t, schema.EachShareMember(m, 1, s, func(*engine.ShareMember) error { return nil }))
		})
	}
}

func TestShareMembersAndLists(t *testing.T) {
	m := people(t)
	s, err := schema.GetShare(m, 1, id(21))
	if err != nil {
		t.Fatal(err)
	}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(schema.SetShareOwner(m, 1, s, engine.PrincipalUser, id(3)))
	reader := engine.ShareMember{Share: s.ID, Principal: id(1), Kind: engine.PrincipalUser, Role: engine.MemberReader, AddedAt: time.UnixMicro(7).UTC()}
	must(schema.PutShareMember(m, 1, s, &reader))
	gen := s.AccessGen
	must(schema.PutShareMember(m, 1, s, &engine.ShareMember{Principal: id(11), Kind: engine.PrincipalGroup, Role: engine.MemberContributor}))
	admin := reader
	admin.Role, admin.ExpiresAt = engine.MemberAdmin, time.UnixMicro(9).UTC()
	must(schema.PutShareMember(m, 1, s, &admin))
	if s.AccessGen != gen+2 || s.Members.Count != 2 {
		t.Errorf("%+v", s)
	}
	stored, err := schema.GetShare(m, 1, s.ID)
	if diff := cmp.Diff(s, stored); err != nil || diff != "" {
		t.Error(err, diff)
	}
	got, err := schema.GetShareMember(m, 1, s.ID, id(1))
	if diff := cmp.Diff(&admin, got); err != nil || diff != "" {
		t.Error(err, diff)
	}
	if !admin.Live(time.UnixMicro(8)) || admin.Live(time.UnixMicro(9)) || !reader.Live(time.UnixMicro(9)) {
		t.Error("when a membership counts")
	}
	listed := func(who engine.ID) (refs []engine.ShareRef) {
		t.Helper()
		must(schema.ScanSharesOf(m, 1, who, engine.ID{}, func(ref *engine.ShareRef) (bool, error) {
			refs = append(refs, *ref)
			return true, nil
		}))
		return refs
	}
	same := func(who byte, want ...engine.ShareRef) {
		t.Helper()
		if diff := cmp.Diff(want, listed(id(who))); diff != "" {
			t.Errorf("%d: %s", who, diff)
		}
	}
	must(schema.PutShareMember(m, 1, s, &engine.ShareMember{Principal: id(3), Kind: engine.PrincipalUser, Role: engine.MemberReader}))
	same(3, engine.ShareRef{Share: s.ID, Owner: true, Member: true})
	must(schema.SetShareOwner(m, 1, s, engine.PrincipalGroup, id(12)))
	same(3, engine.ShareRef{Share: s.ID, Member: true})
	same(12, engine.ShareRef{Share: s.ID, Owner: true})
	must(schema.DeleteShareMember(m, 1, s, id(3)))
	same(3)
	must(schema.DeleteShareMember(m, 1, s, id(1)))
	same(1)
	if err := schema.DeleteShareMember(m, 1, s, id(1)); !errors.Is(err, schema.ErrNotFound) {
		t.Error(err)
	}
	n := 0
	must(schema.EachShareMember(m, 1, s, func(*engine.ShareMember) error { n++; return nil }))
	if n != 1 {
		t.Errorf("%d members", n)
	}
	must(schema.ChangeShareRef(m, 1, id(1), s.ID, func(ref *engine.ShareRef) { ref.Entries++ }))
	same(1, engine.ShareRef{Share: s.ID, Entries: 1})
}

func TestInvitationsAreFoundByShareAndAddress(t *testing.T) {
	m := people(t)
	for i, email := range []string{"a@example.com", "b@example.com", "a@example.com"} {
		err := schema.PutInvitation(m, 1, email, &engine.Invitation{ID: id(byte(31 + i)), Share: id(21), Email: email, Role: engine.MemberReader})
		if err != nil {
			t.Fatal(err)
		}
	}
	of := func(folded string) (list []engine.ID) {
		err := schema.ScanInvitationsOf(m, 1, folded, engine.ID{}, func(i, share engine.ID) (bool, error) {
			inv, err := schema.GetInvitation(m, 1, share, i)
			if err != nil || inv.Email != folded {
				t.Errorf("%+v, %v", inv, err)
			}
			list = append(list, i)
			return true, nil
		})
		if err != nil {
			t.Error(err)
		}
		return list
	}
	if diff := cmp.Diff([]engine.ID{id(31), id(33)}, of("a@example.com")); diff != "" {
		t.Error(diff)
	}
	if err := schema.DeleteInvitation(m, 1, "a@example.com", id(21), id(31)); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]engine.ID{id(33)}, of("a@example.com")); diff != "" {
		t.Error(diff)
	}
	n := 0
	err := schema.ScanInvitations(m, 1, id(21), engine.ID{}, func(*engine.Invitation) (bool, error) { n++; return true, nil })
	if err != nil || n != 2 {
		t.Error(n, err)
	}
}
