package access_test

import (
	"testing"
	"time"

	"scaidrive/engine"
	"scaidrive/engine/access"
	"scaidrive/engine/meta/schema"
	"scaidrive/engine/meta/schema/schematest"
)

// people makes a world with a member and groups 60, 61, 62: the member is in 60,
// which is in 61, which is in 62, which is in 60 again.
func people(t *testing.T) (*schematest.Mem, *engine.Principal) {
	t.Helper()
	m := world(t)
	member := id(50)
	must(t, schema.PutUser(m, &engine.User{ID: member, Tenant: tenant, Status: engine.StatusActive}))
	for _, g := range []byte{60, 61, 62, 63} {
		must(t, schema.PutGroup(m, &engine.Group{ID: id(g), Tenant: tenant}))
	}
	join(t, m, 60, member, engine.PrincipalUser)
	join(t, m, 61, id(60), engine.PrincipalGroup)
	join(t, m, 62, id(61), engine.PrincipalGroup)
	join(t, m, 60, id(62), engine.PrincipalGroup)
	return m, &engine.Principal{User: member, Tenant: tenant, At: time.UnixMicro(1000).UTC(), Memo: &engine.Memo{}}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func join(t *testing.T, m *schematest.Mem, group byte, who engine.ID, kind engine.PrincipalKind) {
	t.Helper()
	must(t, schema.AddMembership(m, tenant, &engine.Membership{Group: id(group), Member: who, Kind: kind}))
}

// sharing changes the share's record.
func sharing(t *testing.T, m *schematest.Mem, fn func(*engine.Share) error) {
	t.Helper()
	sh, err := schema.GetShare(m, tenant, share)
	must(t, err)
	must(t, fn(sh))
}

func invite(t *testing.T, m *schematest.Mem, who engine.ID, role engine.MemberRole, until time.Time) {
	t.Helper()
	sharing(t, m, func(sh *engine.Share) error {
		return schema.PutShareMember(m, tenant, sh, &engine.ShareMember{Share: share, Principal: who, Role: role, ExpiresAt: until})
	})
}

// reading hides that the store can be written to: what it reads is committed.
type reading struct{ schema.Reader }

func rights(t *testing.T, m *schematest.Mem, p *engine.Principal) engine.Right {
	t.Helper()
	var got [2]engine.Right
	for i, r := range []schema.Reader{reading{m}, m} {
		s, err := access.Resolve(r, tenant, file)
		must(t, err)
		got[i], err = access.Rights(r, p, s)
		must(t, err)
	}
	if got[0] != got[1] {
		t.Fatalf("%06b to readers, %06b in a mutation", got[0], got[1])
	}
	return got[0]
}

const contributing = engine.RightRead | engine.RightWrite | engine.RightDelete | engine.RightCreate

// Each change counts at the next question, also for who was asked about before.
func TestRolesAndGroups(t *testing.T) {
	m, p := people(t)
	want := func(what string, rights_ engine.Right) {
		t.Helper()
		if got := rights(t, m, p); got != rights_ {
			t.Errorf("%s: %06b, want %06b", what, got, rights_)
		}
	}
	want("nothing yet", 0)
	invite(t, m, p.User, engine.MemberReader, time.Time{})
	want("a reader", engine.RightRead)
	invite(t, m, id(63), engine.MemberAdmin, time.Time{})
	want("another group's role", engine.RightRead)
	invite(t, m, id(62), engine.MemberContributor, time.Time{})
	want("a role of a group that a group of a group of mine is in", contributing)
	must(t, schema.RemoveMembership(m, tenant, id(61), id(60)))
	want("the group in between left", engine.RightRead)
	join(t, m, 63, p.User, engine.PrincipalUser)
	want("joined another group", engine.RightsAll)
	must(t, schema.RemoveMembership(m, tenant, id(63), p.User))
	sharing(t, m, func(sh *engine.Share) error { return schema.DeleteShareMember(m, tenant, sh, p.User) })
	want("no member any more", 0)
	sharing(t, m, func(sh *engine.Share) error {
		return schema.SetShareOwner(m, tenant, sh, engine.PrincipalGroup, id(60))
	})
	want("a group of mine owns the share", engine.RightsAll)
	sharing(t, m, func(sh *engine.Share) error {
		return schema.SetShareOwner(m, tenant, sh, engine.PrincipalUser, id(60))
	})
	want("a user with the ID of my group owns it", 0)
}

func TestRolesExpire(t *testing.T) {
	m, p := people(t)
	end := p.At.Add(time.Minute)
	invite(t, m, p.User, engine.MemberReader, time.Time{})
	invite(t, m, id(60), engine.MemberAdmin, end)
	for _, c := range []struct {
		at   time.Time
		want engine.Right
	}{{p.At, engine.RightsAll}, {end.Add(-1), engine.RightsAll}, {end, engine.RightRead}, {time.Time{}, engine.RightRead}} {
		q := *p
		q.At = c.at
		if got := rights(t, m, &q); got != c.want {
			t.Errorf("at %v: %06b, want %06b", c.at, got, c.want)
		}
	}
}

// Only as many groups are looked at as can be; beyond, nothing is granted.
func TestTooManyGroups(t *testing.T) {
	m, p := people(t)
	invite(t, m, p.User, engine.MemberReader, time.Time{})
	big := func(n int) (g engine.ID) {
		g[0], g[14], g[15] = 9, byte(n>>8), byte(n)
		return g
	}
	for n := range access.MaxGroups - 3 {
		must(t, schema.PutGroup(m, &engine.Group{ID: big(n), Tenant: tenant}))
		must(t, schema.AddMembership(m, tenant, &engine.Membership{Group: big(n), Member: p.User, Kind: engine.PrincipalUser}))
	}
	if got := rights(t, m, p); got != engine.RightRead {
		t.Errorf("in %d groups: %06b", access.MaxGroups, got)
	}
	join(t, m, 63, p.User, engine.PrincipalUser)
	if _, err := access.Check(m, p, file, engine.RightRead); engine.KindOf(err) != engine.KindForbidden {
		t.Errorf("in one more: %v", err)
	}
}
