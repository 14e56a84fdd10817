package identity

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"scaidrive/engine"
	"scaidrive/engine/meta/schema"
	"scaidrive/engine/meta/schema/schematest"
)

// session signs Ann in.
func (b *bench) session(t testing.TB) *engine.Principal {
	t.Helper()
	p, err := b.Authenticate(t.Context(), b.login(t).AccessToken)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func (b *bench) serviceToken(t testing.TB, p *engine.Principal, scopes ...string) *NewServiceToken {
	t.Helper()
	tok, err := b.CreateServiceToken(t.Context(), p, ServiceTokenSpec{Name: "backup", Scopes: scopes})
	if err != nil {
		t.Fatal(err)
	}
	return tok
}

func TestServiceToken(t *testing.T) {
	b := newBench(t)
	ann := b.session(t)
	tok := b.serviceToken(t, ann, "files:read", "files:read")
	if !strings.HasPrefix(tok.Text, "sdt_") || len(tok.Text) != 47 || strings.Contains(fmt.Sprintf("%v %+v %#v", tok, tok, tok), tok.Text) {
		t.Errorf("a token of %d bytes, printed as %v", len(tok.Text), tok)
	}
	for table, rows := range b.db.mem.Rows {
		for k, v := range rows {
			if strings.Contains(k+string(v), tok.Text[4:]) {
				t.Errorf("the token stands in table %s", table)
			}
		}
	}
	p, err := b.Authenticate(t.Context(), tok.Text)
	want := &engine.Principal{
		User: b.ann.ID, Tenant: 1, TenantID: b.tenant.ID, Partner: b.tenant.Partner, Email: "Ann@Example.com", Name: "Ann",
		Scopes: []string{"files:read"}, ServiceToken: tok.ID, At: b.clock(),
	}
	if diff := cmp.Diff(want, p); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	// Its session may end, it does not.
	if err := b.Logout(t.Context(), ann); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Authenticate(t.Context(), tok.Text); err != nil {
		t.Error(err)
	}
	is(t, "sign out", b.Logout(t.Context(), p), engine.KindForbidden, "")
	_, err = b.CreateServiceToken(t.Context(), p, ServiceTokenSpec{Name: "child", Scopes: []string{"files:read"}})
	if engine.KindOf(err) != engine.KindForbidden {
		t.Errorf("a token made a token: %v", err)
	}
	for _, bad := range []string{"sdt_", tok.Text + "x", tok.Text[:46], tok.Text[:46] + "!", "SDT_" + tok.Text[4:], "sdt_" + strings.Repeat("A", 43), "rt_" + tok.Text[4:]} {
		_, err := b.Authenticate(t.Context(), bad)
		if e := new(engine.Error); !errors.As(err, &e) || e.Kind != engine.KindUnauthorized || e.Msg != msgToken || strings.Contains(err.Error(), bad) && bad != "sdt_" {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

// What takes a token's power away does so at the next call.
func TestServiceTokensEnd(t *testing.T) {
	b := newBench(t)
	ann := b.session(t)
	tok := b.serviceToken(t, ann, "files:read")
	kind := func(text string) engine.Kind {
		_, err := b.Authenticate(t.Context(), text)
		if err == nil {
			return 0
		}
		return engine.KindOf(err)
	}
	b.change(t, func(u *engine.User) { u.Status = engine.StatusSuspended })
	if got := kind(tok.Text); got != engine.KindForbidden {
		t.Errorf("of a suspended user: %d", got)
	}
	b.change(t, func(u *engine.User) { u.Status = engine.StatusDeleted })
	if got := kind(tok.Text); got != engine.KindUnauthorized {
		t.Errorf("of a deleted user: %d", got)
	}
	b.change(t, func(u *engine.User) { u.Status = engine.StatusActive })
	b.pass(time.Second)
	b.change(t, func(u *engine.User) { u.RevokedBefore = b.clock() })
	if got := kind(tok.Text); got != engine.KindUnauthorized {
		t.Errorf("after all was revoked: %d", got)
	}
	ann = b.session(t)
	later := b.serviceToken(t, ann, "files:read")
	if got := kind(later.Text); got != 0 {
		t.Errorf("made after all was revoked: %d", got)
	}
	is(t, "another's", b.DeleteServiceToken(t.Context(), &engine.Principal{User: b.admin.ID, Tenant: 1, SessionID: engine.ID{1}}, later.ID), engine.KindNotFound, "")
	is(t, "of another tenant", b.DeleteServiceToken(t.Context(), &engine.Principal{User: b.ann.ID, Tenant: 2, SessionID: engine.ID{1}}, later.ID), engine.KindNotFound, "")
	if err := b.DeleteServiceToken(t.Context(), ann, later.ID); err != nil {
		t.Fatal(err)
	}
	if got := kind(later.Text); got != engine.KindUnauthorized {
		t.Errorf("deleted: %d", got)
	}
	is(t, "deleted again", b.DeleteServiceToken(t.Context(), ann, later.ID), engine.KindNotFound, "")

	short, err := b.CreateServiceToken(t.Context(), ann, ServiceTokenSpec{Name: "short", Scopes: []string{"files:read"}, ExpiresAt: b.clock().Add(time.Minute)})
	if err != nil {
		t.Fatal(err)
	}
	b.pass(time.Minute - time.Microsecond)
	if got := kind(short.Text); got != 0 {
		t.Errorf("before its end: %d", got)
	}
	b.pass(time.Microsecond)
	if got := kind(short.Text); got != engine.KindUnauthorized {
		t.Errorf("at its end: %d", got)
	}
}

// A role's scopes go with the role; a token never has more than its session.
func TestScopesOfServiceTokens(t *testing.T) {
	b := newBench(t)
	ann := b.session(t)
	for _, tt := range []struct {
		spec ServiceTokenSpec
		kind engine.Kind
	}{
		{ServiceTokenSpec{Name: "x"}, engine.KindInvalid},
		{ServiceTokenSpec{Scopes: []string{"files:read"}}, engine.KindInvalid},
		{ServiceTokenSpec{Name: strings.Repeat("x", 256), Scopes: []string{"files:read"}}, engine.KindInvalid},
		{ServiceTokenSpec{Name: "a\nb", Scopes: []string{"files:read"}}, engine.KindInvalid},
		{ServiceTokenSpec{Name: "x", Scopes: []string{"files:read", "files:burn"}}, engine.KindInvalid},
		{ServiceTokenSpec{Name: "x", Scopes: []string{"*"}}, engine.KindInvalid},
		{ServiceTokenSpec{Name: "x", Scopes: []string{"tenant:admin"}}, engine.KindForbidden},
		{ServiceTokenSpec{Name: "x", Scopes: []string{"admin:*"}}, engine.KindForbidden},
		{ServiceTokenSpec{Name: "x", Scopes: []string{"files:read"}, ExpiresAt: b.clock()}, engine.KindInvalid},
	} {
		_, err := b.CreateServiceToken(t.Context(), ann, tt.spec)
		is(t, fmt.Sprint(tt.spec.Name, tt.spec.Scopes), err, tt.kind, "")
	}
	b.change(t, func(u *engine.User) { u.AdminRole = engine.RoleTenantAdmin })
	tok := b.serviceToken(t, b.session(t), "files:read", "tenant:admin")
	has := func() string {
		p, err := b.Authenticate(t.Context(), tok.Text)
		if err != nil {
			t.Fatal(err)
		}
		return strings.Join(p.Scopes, " ")
	}
	if got := has(); got != "files:read tenant:admin" {
		t.Error(got)
	}
	b.change(t, func(u *engine.User) { u.AdminRole = engine.RoleNone })
	if got := has(); got != "files:read" {
		t.Errorf("after the role was lost: %s", got)
	}
}

func TestBoundOfServiceTokens(t *testing.T) {
	b := newBench(t)
	ann := b.session(t)
	var first *NewServiceToken
	for i := range MaxServiceTokens {
		tok := b.serviceToken(t, ann, "files:read")
		if i == 0 {
			first = tok
		}
	}
	spec := ServiceTokenSpec{Name: "one more", Scopes: []string{"files:read"}}
	_, err := b.CreateServiceToken(t.Context(), ann, spec)
	is(t, "one more", err, engine.KindConflict, "")
	list, err := b.ServiceTokens(t.Context(), ann)
	if err != nil || len(list) != MaxServiceTokens || list[0].ID != first.ID {
		t.Errorf("%d tokens, %v", len(list), err)
	}
	// A token sees them, and ends none but itself.
	p, err := b.Authenticate(t.Context(), first.Text)
	if err != nil {
		t.Fatal(err)
	}
	is(t, "another one", b.DeleteServiceToken(t.Context(), p, list[1].ID), engine.KindForbidden, "")
	if err := b.DeleteServiceToken(t.Context(), p, p.ServiceToken); err != nil {
		t.Error(err)
	}
	if _, err := b.CreateServiceToken(t.Context(), ann, spec); err != nil {
		t.Error(err)
	}
}

// The last use is written once an hour, and nobody is refused because it is not.
func TestLastUseIsCoarse(t *testing.T) {
	b := newBench(t)
	ann := b.session(t)
	tok := b.serviceToken(t, ann, "files:read")
	writes := 0
	b.db.before = func(*schematest.Mem) { writes++ }
	use := func(n int) {
		t.Helper()
		for range n {
			if _, err := b.Authenticate(t.Context(), tok.Text); err != nil {
				t.Fatal(err)
			}
		}
	}
	used := func() time.Time {
		s, err := schema.GetServiceToken(b.db.mem, 1, b.ann.ID, tok.ID)
		if err != nil {
			t.Fatal(err)
		}
		return s.LastUsedAt
	}
	first := b.clock()
	use(50)
	b.pass(usedEvery - time.Microsecond)
	use(50)
	if writes != 1 || !used().Equal(first) {
		t.Errorf("%d writes, last used %s", writes, used())
	}
	b.pass(time.Microsecond)
	use(50)
	if writes != 2 || !used().Equal(first.Add(usedEvery)) {
		t.Errorf("%d writes, last used %s", writes, used())
	}
	b.pass(usedEvery)
	b.db.before = func(*schematest.Mem) { writes++; panic("the store takes nothing") }
	func() {
		defer func() { _ = recover() }()
		use(1)
	}()
	b.db.before = nil
	use(50)
	if writes != 3 {
		t.Errorf("%d writes", writes)
	}
}
