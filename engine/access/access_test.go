package access_test

import (
	"errors"
	"fmt"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"scaidrive/engine"
	"scaidrive/engine/access"
	"scaidrive/engine/meta/schema"
	"scaidrive/engine/meta/schema/schematest"
)

const tenant engine.TenantNo = 1

func id(b byte) (i engine.ID) {
	i[15] = b
	return i
}

// The little world: share 1 of user 100 holds folder 2, in it folder 3, in it
// file 4. Share 9 is deleted and holds file 10.
var (
	share, outer, inner, file = id(1), id(2), id(3), id(4)
	deadShare, deadFile       = id(9), id(10)
	owner                     = id(100)
)

func world(t *testing.T) *schematest.Mem {
	t.Helper()
	m := schematest.New()
	at := time.UnixMicro(1).UTC()
	err := errors.Join(
		schema.PutTenant(m, &engine.Tenant{No: tenant, ID: id(200)}),
		schema.PutShare(m, tenant, &engine.Share{ID: share, OwnerKind: engine.PrincipalUser, Owner: owner}),
		schema.PutNode(m, tenant, &engine.Node{ID: share, Kind: engine.KindFolder}),
		schema.PutNode(m, tenant, &engine.Node{ID: outer, Kind: engine.KindFolder, Parent: share, Name: "outer"}),
		schema.PutNode(m, tenant, &engine.Node{ID: inner, Kind: engine.KindFolder, Parent: outer, Name: "inner"}),
		schema.PutNode(m, tenant, &engine.Node{ID: file, Kind: engine.KindFile, Parent: inner, Name: "f"}),
		schema.PutShare(m, tenant, &engine.Share{ID: deadShare, OwnerKind: engine.PrincipalUser, Owner: owner, DeletedAt: at}),
		schema.PutNode(m, tenant, &engine.Node{ID: deadShare, Kind: engine.KindFolder}),
		schema.PutNode(m, tenant, &engine.Node{ID: deadFile, Kind: engine.KindFile, Parent: deadShare}),
	)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func change(t *testing.T, m *schematest.Mem, node engine.ID, fn func(*engine.Node)) {
	t.Helper()
	n, err := schema.GetNode(m, tenant, node)
	if err != nil {
		t.Fatal(err)
	}
	fn(n)
	if err := schema.PutNode(m, tenant, n); err != nil {
		t.Fatal(err)
	}
}

func person(user engine.ID, role engine.AdminRole) *engine.Principal {
	return &engine.Principal{User: user, Tenant: tenant, Role: role}
}

func TestResolveFindsTheWayUp(t *testing.T) {
	m := world(t)
	s, err := access.Resolve(m, tenant, file)
	if err != nil {
		t.Fatal(err)
	}
	var path []engine.ID
	for _, n := range s.Path {
		path = append(path, n.ID)
	}
	if diff := cmp.Diff([]engine.ID{share, outer, inner}, path); diff != "" {
		t.Errorf("path (-want +got):\n%s", diff)
	}
	if s.Node.ID != file || s.Share.ID != share || s.Trashed != nil {
		t.Errorf("%+v", s)
	}
	root, err := access.Resolve(m, tenant, share)
	if err != nil || len(root.Path) != 0 || root.Node.ID != share {
		t.Errorf("%+v, %v", root, err)
	}
}

func TestTheNearestDeletedNodeIsNamed(t *testing.T) {
	m := world(t)
	del := func(n *engine.Node) { n.DeletedAt = time.UnixMicro(5).UTC() }
	for _, node := range []engine.ID{outer, inner, file} { // from above
		change(t, m, node, del)
		s, err := access.Resolve(m, tenant, file)
		if err != nil || s.Trashed == nil || s.Trashed.ID != node {
			t.Fatalf("%x: %+v, %v", node, s, err)
		}
		_, err = access.Check(m, person(owner, 0), file, engine.RightRead)
		if engine.KindOf(err) != engine.KindGone {
			t.Errorf("its reader: %v", err)
		}
		_, err = access.Check(m, person(id(101), 0), file, engine.RightRead)
		if err == nil || err.Error() != access.NotFound().Error() {
			t.Errorf("a stranger: %v", err)
		}
	}
	if _, err := access.Check(m, person(owner, 0), share, engine.RightsAll); err != nil {
		t.Errorf("the root: %v", err)
	}
}

// Every record of the world in turn is taken away, made unreadable, or made one
// that points nowhere: the answer is damage, or for the thing asked itself that
// it is not there; never a right, never a wrong way.
func TestDamageRefuses(t *testing.T) {
	whole := world(t)
	for _, table := range []schema.Table{schema.Nodes, schema.Shares} {
		for _, rec := range []engine.ID{share, outer, inner, file} {
			key := schema.NodeKey(tenant, rec)
			if _, ok := whole.Rows[table][string(key)]; !ok {
				continue
			}
			for _, how := range []string{"missing", "garbage", "empty"} {
				m := schematest.New()
				for k, rows := range whole.Rows {
					m.Rows[k] = maps.Clone(rows)
				}
				want := engine.KindDamaged
				switch how {
				case "missing":
					delete(m.Rows[table], string(key))
					if table == schema.Nodes && rec == file {
						want = engine.KindNotFound
					}
				case "garbage":
					m.Rows[table][string(key)] = []byte{0xff}
				case "empty": // decodes to a record of defaults
					m.Rows[table][string(key)] = nil
					if table == schema.Shares {
						want = engine.KindNotFound // owned by nobody
					}
				}
				_, err := access.Check(m, person(owner, 0), file, engine.RightRead)
				if engine.KindOf(err) != want || err == nil {
					t.Errorf("table %s, %x %s: %v", table, rec[15], how, err)
				}
			}
		}
	}
	t.Run("root of a live share missing", func(t *testing.T) {
		m := world(t)
		if err := schema.DeleteNode(m, tenant, share); err != nil {
			t.Fatal(err)
		}
		_, err := access.CheckShare(m, person(owner, 0), share, engine.RightRead)
		if engine.KindOf(err) != engine.KindDamaged {
			t.Error(err)
		}
	})
	t.Run("cycle", func(t *testing.T) {
		m := world(t)
		change(t, m, outer, func(n *engine.Node) { n.Parent = inner })
		_, err := access.Check(m, person(owner, engine.RoleSuperAdmin), file, engine.RightRead)
		if engine.KindOf(err) != engine.KindDamaged {
			t.Error(err)
		}
	})
	t.Run("a file above", func(t *testing.T) {
		m := world(t)
		change(t, m, inner, func(n *engine.Node) { n.Kind = engine.KindFile })
		_, err := access.Check(m, person(owner, 0), file, engine.RightRead)
		if engine.KindOf(err) != engine.KindDamaged {
			t.Error(err)
		}
	})
	t.Run("a failing read", func(t *testing.T) {
		m := world(t)
		calls := 0
		for nth := range 5 {
			calls = 0
			m.Fail = func() error {
				if calls++; calls == nth+1 {
					return engine.E(engine.KindUnavailable, "closed")
				}
				return nil
			}
			_, err := access.Check(m, person(owner, 0), file, engine.RightRead)
			if engine.KindOf(err) != engine.KindUnavailable {
				t.Errorf("read %d: %v", nth, err)
			}
		}
	})
}

func TestADeepTreeIsNoCycle(t *testing.T) {
	m := world(t)
	parent := share
	for i := range 128 {
		n := engine.ID{0: 1, 14: byte(i >> 8), 15: byte(i)}
		if err := schema.PutNode(m, tenant, &engine.Node{ID: n, Kind: engine.KindFolder, Parent: parent}); err != nil {
			t.Fatal(err)
		}
		parent = n
	}
	if s, err := access.Check(m, person(owner, 0), parent, engine.RightsAll); err != nil || len(s.Path) != 128 {
		t.Error(err)
	}
}

func TestWhoMayWhat(t *testing.T) {
	stranger := id(101)
	tests := []struct {
		name string
		p    *engine.Principal
		may  bool
	}{
		{"owner", person(owner, engine.RoleNone), true},
		{"stranger", person(stranger, engine.RoleNone), false},
		{"partner_admin", person(stranger, engine.RolePartnerAdmin), false},
		{"tenant_admin", person(stranger, engine.RoleTenantAdmin), true},
		{"super_admin", person(stranger, engine.RoleSuperAdmin), true},
		{"a role of a later build", person(stranger, 99), false},
		{"nobody", person(engine.ID{}, engine.RoleNone), false},
		{"nobody with a role", person(engine.ID{}, engine.RoleSuperAdmin), false},
		{"owner's ID in another tenant", &engine.Principal{User: owner, Tenant: 2, Role: engine.RoleSuperAdmin}, false},
		{"scopes alone", &engine.Principal{User: stranger, Tenant: tenant, Scopes: []string{"*", "admin:*"}}, false},
	}
	m := world(t)
	for _, tt := range tests {
		for _, node := range []engine.ID{share, outer, file} {
			for want := engine.RightRead; want <= engine.RightManage; want <<= 1 {
				_, err := access.Check(m, tt.p, node, want)
				if (err == nil) != tt.may {
					t.Errorf("%s: %06b on %x: %v", tt.name, want, node[15], err)
				}
				// What is invisible is told as what is not there.
				_, unknown := access.Check(m, tt.p, id(77), want)
				if err != nil && (err.Error() != unknown.Error() || engine.KindOf(err) != engine.KindOf(unknown)) {
					t.Errorf("%s: %v, but an unknown ID: %v", tt.name, err, unknown)
				}
			}
		}
		for _, node := range []engine.ID{deadShare, deadFile} {
			if _, err := access.Check(m, tt.p, node, engine.RightRead); engine.KindOf(err) != engine.KindNotFound {
				t.Errorf("%s in a deleted share: %v", tt.name, err)
			}
		}
	}
}

// A share of an owning group is not that of a user with the group's ID, and
// nobody's is nobody's.
func TestOwnershipIsOfUsers(t *testing.T) {
	for _, s := range []engine.Share{
		{ID: share, OwnerKind: engine.PrincipalGroup, Owner: owner},
		{ID: share, OwnerKind: engine.PrincipalEveryone},
		{ID: share, OwnerKind: engine.PrincipalUser},
		{ID: share, Owner: owner},
	} {
		for _, user := range []engine.ID{owner, {}} {
			if access.Owns(person(user, 0), &s) {
				t.Errorf("%x owns %+v", user, s)
			}
		}
	}
}

func TestCheckShareTakesSharesOnly(t *testing.T) {
	m := world(t)
	if _, err := access.CheckShare(m, person(owner, 0), share, engine.RightsAll); err != nil {
		t.Error(err)
	}
	for _, node := range []engine.ID{outer, file, deadShare, id(77)} {
		_, err := access.CheckShare(m, person(owner, 0), node, engine.RightRead)
		if err == nil || err.Error() != access.NotFound().Error() {
			t.Errorf("%x: %v", node[15], err)
		}
	}
}

// Entries that are missing refuse: nobody is let in because a denial was lost.
// Administrators, who pass every entry, still come to what is left.
func TestMissingEntriesRefuse(t *testing.T) {
	for _, on := range []engine.ID{share, outer, inner, file} {
		m := world(t)
		sh, err := schema.GetShare(m, tenant, share)
		if err != nil {
			t.Fatal(err)
		}
		n, err := schema.GetNode(m, tenant, on)
		if err != nil {
			t.Fatal(err)
		}
		entries := []engine.Entry{{Type: engine.EntryDeny, Kind: engine.PrincipalEveryone, Rights: engine.RightDelete, AppliesTo: engine.AppliesToThisAndDescendants}}
		if err := schema.PutEntries(m, tenant, sh, n, entries); err != nil {
			t.Fatal(err)
		}
		check := func(p *engine.Principal, want engine.Kind, rights engine.Right) {
			t.Helper()
			_, err := access.Check(m, p, file, rights)
			if engine.KindOf(err) != want {
				t.Errorf("entries on %x: %v", on[15], err)
			}
		}
		admin := person(id(101), engine.RoleTenantAdmin)
		check(person(owner, 0), 0, engine.RightRead)
		check(person(owner, 0), engine.KindForbidden, engine.RightDelete)
		check(admin, 0, engine.RightsAll)
		m.Rows[schema.Entries] = nil
		check(person(owner, 0), engine.KindDamaged, engine.RightRead)
		check(admin, 0, engine.RightsAll)
	}
}

// Whoever may read, but not all that was asked for, is told which right is
// missing on what. Nobody is in that state yet, so the words are tested here.
func TestRefusalIsWorded(t *testing.T) {
	m := world(t)
	for _, tt := range []struct {
		node engine.ID
		have engine.Right
		want engine.Right
		text string
	}{
		{file, engine.RightRead, engine.RightWrite, "Permission denied: WRITE on file/" + file.Format("fil_")},
		{outer, engine.RightRead, engine.RightCreate | engine.RightDelete, "Permission denied: DELETE, CREATE on folder/" + outer.Format("fld_")},
		{share, engine.RightRead | engine.RightShare, engine.RightsAll, "Permission denied: WRITE, DELETE, CREATE, MANAGE_PERMISSIONS on share/" + share.Format("shr_")},
	} {
		s, err := access.Resolve(m, tenant, tt.node)
		if err != nil {
			t.Fatal(err)
		}
		_, err = access.Decide(s, tt.have, tt.want)
		var e *engine.Error
		if !errors.As(err, &e) || e.Kind != engine.KindForbidden || e.Msg != tt.text {
			t.Errorf("%v, want %s", err, tt.text)
		}
	}
	if !strings.HasPrefix(fmt.Sprint(access.NotFound()), "Not found") {
		t.Error(access.NotFound())
	}
}
