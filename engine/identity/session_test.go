package identity

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"scaidrive/engine"
	"scaidrive/engine/meta/schema"
	"scaidrive/engine/meta/schema/schematest"
)

func TestSignInAndBeRecognised(t *testing.T) {
	b := newBench(t)
	g, err := b.Login(t.Context(), "ANN@example.COM", password, addr, issuer)
	if err != nil {
		t.Fatal(err)
	}
	if g.ExpiresIn != 3600 || g.Scope != "files:read files:write" || !strings.HasPrefix(g.RefreshToken, "rt_") || len(g.RefreshToken) != 46 {
		t.Errorf("%#v %d %s", g.RefreshToken, g.ExpiresIn, g.Scope)
	}
	for range 2 { // by signature, then from memory
		p, err := b.Authenticate(t.Context(), g.AccessToken)
		if err != nil {
			t.Fatal(err)
		}
		p.Memo = nil
		want := &engine.Principal{
			User: b.ann.ID, Tenant: 1, TenantID: b.tenant.ID, Partner: b.tenant.Partner, Email: "Ann@Example.com", Name: "Ann",
			Scopes: []string{"files:read", "files:write"}, SessionID: p.SessionID, At: b.clock(),
		}
		if diff := cmp.Diff(want, p); diff != "" || p.SessionID.IsZero() {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
	u, err := b.User(t.Context(), 1, b.ann.ID)
	if err != nil || !u.LastLoginAt.Equal(b.clock()) {
		t.Errorf("last login %v, %v", u, err)
	}
	// What is stored verifies a refresh token and does not hold it.
	for table, rows := range b.db.mem.Rows {
		for k, v := range rows {
			if strings.Contains(k+string(v), g.RefreshToken[3:]) || strings.Contains(k+string(v), password) {
				t.Errorf("a secret stands in table %s", table)
			}
		}
	}
}

// All that is wrong is told in the same words, after one hash.
func TestWrongSignInsLookTheSame(t *testing.T) {
	b := newBench(t)
	b.put(t, func(w schema.Writer) error {
		return AddUser(w, &engine.User{ID: b.newID(), Tenant: 1, Email: "gone@example.com", Status: engine.StatusDeleted, PasswordHash: b.ann.PasswordHash})
	})
	tests := []struct{ name, email, password string }{
		{"wrong password", "ann@example.com", "not " + password},
		{"empty password", "ann@example.com", ""},
		{"other case", "ann@example.com", strings.ToUpper(password)},
		{"unknown", "nobody@example.com", password},
		{"no password set", "bob@example.com", password},
		{"no password set, none given", "bob@example.com", ""},
		{"deleted", "gone@example.com", password},
		{"no address", "ann", password},
		{"empty address", "", password},
		{"huge password", "ann@example.com", strings.Repeat("x", 1<<20)},
		{"not UTF-8", "ann@example.com", password + "\xff"},
		{"cut at NUL", "ann@example.com", password + "\x00"},
	}
	for i, tt := range tests {
		g, err := b.Login(t.Context(), tt.email, tt.password, fmt.Sprintf("192.0.2.%d", i), issuer)
		is(t, tt.name, err, engine.KindUnauthorized, msgLogin)
		if g != nil || err.Error() != "identity: "+msgLogin {
			t.Errorf("%s: %v, %v", tt.name, g, err)
		}
	}
	if n := len(b.db.mem.Rows[schema.Sessions]); n != 0 {
		t.Errorf("%d sessions were made", n)
	}
}

func TestWhoMayNotAct(t *testing.T) {
	b := newBench(t)
	g := b.login(t)
	tests := []struct {
		status engine.Status
		tenant engine.Status
		kind   engine.Kind
	}{
		{engine.StatusSuspended, engine.StatusActive, engine.KindForbidden},
		{engine.StatusPending, engine.StatusActive, engine.KindForbidden},
		{engine.StatusDeleted, engine.StatusActive, engine.KindUnauthorized},
		{0, engine.StatusActive, engine.KindUnauthorized},
		{77, engine.StatusActive, engine.KindUnauthorized},
		{engine.StatusActive, engine.StatusSuspended, engine.KindForbidden},
		{engine.StatusActive, engine.StatusDeleted, engine.KindForbidden},
		{engine.StatusActive, 0, engine.KindForbidden},
	}
	for _, tt := range tests {
		b.change(t, func(u *engine.User) { u.Status = tt.status })
		b.tenant.Status = tt.tenant
		b.put(t, func(w schema.Writer) error { return schema.PutTenant(w, b.tenant) })
		name := fmt.Sprintf("user %d in tenant %d", tt.status, tt.tenant)

		_, err := b.Authenticate(t.Context(), g.AccessToken)
		is(t, name+", token", err, tt.kind, "")
		_, err = b.Refresh(t.Context(), g.RefreshToken, issuer)
		is(t, name+", refresh", err, tt.kind, "")
		_, err = b.Login(t.Context(), "ann@example.com", password, addr, issuer)
		is(t, name+", sign-in", err, tt.kind, "")
		_, err = b.Login(t.Context(), "ann@example.com", "wrong", name, issuer)
		is(t, name+", sign-in with a wrong password", err, engine.KindUnauthorized, msgLogin)
	}
	// A moment later all is well again; nothing was used up.
	b.change(t, func(u *engine.User) { u.Status = engine.StatusInactive })
	b.tenant.Status = engine.StatusActive
	b.put(t, func(w schema.Writer) error { return schema.PutTenant(w, b.tenant) })
	if _, err := b.Authenticate(t.Context(), g.AccessToken); err != nil {
		t.Error(err)
	}
	if _, err := b.Refresh(t.Context(), g.RefreshToken, issuer); err != nil {
		t.Error(err)
	}
}

func TestTheStoredRoleCounts(t *testing.T) {
	b := newBench(t)
	roles := map[engine.AdminRole][]string{
		engine.RoleNone:         {"files:read", "files:write"},
		engine.RoleTenantAdmin:  {"files:read", "files:write", "tenant:admin"},
		engine.RolePartnerAdmin: {"files:read", "files:write", "partner:admin"},
		engine.RoleSuperAdmin:   {"files:read", "files:write", "tenant:admin", "partner:admin", "admin:*"},
		99:                      {"files:read", "files:write"},
	}
	for at, carried := range roles {
		b.change(t, func(u *engine.User) { u.AdminRole = at })
		g := b.login(t)
		if g.Scope != strings.Join(carried, " ") {
			t.Errorf("role %d carries %q", at, g.Scope)
		}
		for now, allowed := range roles {
			b.change(t, func(u *engine.User) { u.AdminRole = now })
			p, err := b.Authenticate(t.Context(), g.AccessToken)
			if err != nil {
				t.Fatal(err)
			}
			for _, s := range p.Scopes {
				if !slices.Contains(carried, s) || !slices.Contains(allowed, s) {
					t.Errorf("signed in as role %d, now %d: scope %s", at, now, s)
				}
			}
			admin := at == engine.RoleTenantAdmin || at == engine.RoleSuperAdmin
			isNow := now == engine.RoleTenantAdmin || now == engine.RoleSuperAdmin
			if p.Role != now || p.AdministersTenant() != (admin && isNow) {
				t.Errorf("signed in as role %d, now %d: %+v", at, now, p)
			}
		}
	}
}

func TestRefreshTokensAreUsedOnce(t *testing.T) {
	b := newBench(t)
	g1 := b.login(t)
	other := b.login(t)
	b.pass(time.Hour)
	if _, err := b.Authenticate(t.Context(), g1.AccessToken); engine.KindOf(err) != engine.KindUnauthorized {
		t.Errorf("an expired token: %v", err)
	}
	g2, err := b.Refresh(t.Context(), g1.RefreshToken, issuer)
	if err != nil {
		t.Fatal(err)
	}
	if g2.RefreshToken == g1.RefreshToken || g2.AccessToken == g1.AccessToken {
		t.Error("the same token again")
	}
	p, err := b.Authenticate(t.Context(), g2.AccessToken)
	if err != nil {
		t.Fatal(err)
	}
	// The first one again: somebody has a copy. The session is over.
	_, err = b.Refresh(t.Context(), g1.RefreshToken, issuer)
	is(t, "a used token", err, engine.KindUnauthorized, msgToken)
	_, err = b.Authenticate(t.Context(), g2.AccessToken)
	is(t, "its session's token", err, engine.KindUnauthorized, msgToken)
	_, err = b.Refresh(t.Context(), g2.RefreshToken, issuer)
	is(t, "its session's refresh token", err, engine.KindUnauthorized, msgToken)
	if s, err := schema.GetSession(b.db.mem, 1, p.SessionID); err != nil || s.EndedAt.IsZero() {
		t.Errorf("the session: %+v, %v", s, err)
	}
	if _, err := b.Refresh(t.Context(), other.RefreshToken, issuer); err != nil {
		t.Errorf("another session: %v", err)
	}
}

func TestRefreshRefuses(t *testing.T) {
	b := newBench(t)
	g := b.login(t)
	for _, token := range []string{"", "rt_", g.AccessToken, strings.ToUpper(g.RefreshToken), g.RefreshToken + "=", g.RefreshToken[3:],
		"rt_" + strings.Repeat("A", 43), strings.Repeat("rt_", 1<<20)} {
		_, err := b.Refresh(t.Context(), token, issuer)
		is(t, "refresh", err, engine.KindUnauthorized, msgToken)
	}
	b.pass(RefreshLifetime)
	_, err := b.Refresh(t.Context(), g.RefreshToken, issuer)
	is(t, "after 30 days", err, engine.KindUnauthorized, msgToken)
}

// A session lives on as long as it is refreshed in time.
func TestRefreshMovesTheSessionOn(t *testing.T) {
	b := newBench(t)
	g := b.login(t)
	for range 4 {
		b.pass(RefreshLifetime - time.Second)
		var err error
		if g, err = b.Refresh(t.Context(), g.RefreshToken, issuer); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := b.Authenticate(t.Context(), g.AccessToken); err != nil {
		t.Error(err)
	}
}

func TestEndedSessions(t *testing.T) {
	ends := map[string]func(b *bench, p *engine.Principal){
		"logout": func(b *bench, p *engine.Principal) {
			for range 2 {
				if err := b.Logout(t.Context(), p); err != nil {
					t.Error(err)
				}
			}
		},
		"revoked": func(b *bench, _ *engine.Principal) {
			b.pass(time.Second)
			b.change(t, func(u *engine.User) { u.RevokedBefore = b.clock() })
		},
		"no longer kept": func(b *bench, p *engine.Principal) { _ = schema.DeleteSession(b.db.mem, 1, p.SessionID) },
		"of another user": func(b *bench, p *engine.Principal) {
			s, _ := schema.GetSession(b.db.mem, 1, p.SessionID)
			s.User = b.admin.ID
			_ = schema.PutSession(b.db.mem, 1, s)
		},
	}
	for name, end := range ends {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			g := b.login(t)
			p, err := b.Authenticate(t.Context(), g.AccessToken)
			if err != nil {
				t.Fatal(err)
			}
			end(b, p)
			_, err = b.Authenticate(t.Context(), g.AccessToken)
			is(t, "token", err, engine.KindUnauthorized, msgToken)
			_, err = b.Refresh(t.Context(), g.RefreshToken, issuer)
			is(t, "refresh", err, engine.KindUnauthorized, msgToken)
			b.login(t) // and anew
		})
	}
}

// A password that is changed between its check and the commit does not let in.
func TestPasswordChangedMeanwhile(t *testing.T) {
	b := newBench(t)
	b.db.before = func(m *schematest.Mem) {
		u, _ := schema.GetUser(m, 1, b.ann.ID)
		u.PasswordHash = "another"
		_ = schema.PutUser(m, u)
	}
	_, err := b.Login(t.Context(), "ann@example.com", password, addr, issuer)
	is(t, "sign-in", err, engine.KindUnauthorized, msgLogin)
}

// Every record that a call reads is damaged or fails to be read: it refuses.
func TestDamageRefuses(t *testing.T) {
	b := newBench(t)
	g := b.login(t)
	whole := b.db.mem
	calls := map[string]func() error{
		"authenticate": func() error { _, err := b.Authenticate(t.Context(), g.AccessToken); return err },
		"refresh":      func() error { _, err := b.Refresh(t.Context(), g.RefreshToken, issuer); return err },
		"login":        func() error { _, err := b.Login(t.Context(), "ann@example.com", password, addr, issuer); return err },
	}
	for name, call := range calls {
		n := 0
		for ; n < 50; n++ {
			b.db.mem = copyOf(whole)
			b.db.twice = false
			reads := 0
			b.db.mem.Fail = func() error {
				if reads++; reads == n+1 {
					return engine.E(engine.KindDamaged, "stored data is damaged")
				}
				return nil
			}
			err := call()
			if err == nil {
				break
			}
			if engine.KindOf(err) != engine.KindDamaged {
				t.Errorf("%s, read %d: %v", name, n, err)
			}
		}
		if n < 3 || n == 50 {
			t.Errorf("%s: %d reads failed", name, n)
		}
	}
	// A user or tenant who is gone from under an address or session.
	for table, kinds := range map[schema.Table][2]engine.Kind{
		schema.Users:       {engine.KindUnauthorized, engine.KindDamaged},
		schema.Tenants:     {engine.KindDamaged, engine.KindDamaged},
		schema.TenantsByID: {engine.KindUnauthorized, engine.KindInternal},
	} {
		b.db.mem = copyOf(whole)
		clear(b.db.mem.Rows[table])
		if err := calls["authenticate"](); engine.KindOf(err) != kinds[0] || err == nil {
			t.Errorf("no %s, authenticate: %v", table, err)
		}
		if err := calls["login"](); engine.KindOf(err) != kinds[1] && kinds[1] != engine.KindInternal {
			t.Errorf("no %s, login: %v", table, err)
		}
	}
}

func TestSecretsDoNotPrint(t *testing.T) {
	b := newBench(t)
	g := b.login(t)
	keys, err := NewKeys(b.env())
	if err != nil {
		t.Fatal(err)
	}
	_, wrong := b.Login(t.Context(), "ann@example.com", "a wrong secret", addr, issuer)
	_, bad := b.Authenticate(t.Context(), g.AccessToken+"x")
	_, used := b.Refresh(t.Context(), g.RefreshToken, issuer)
	_, used2 := b.Refresh(t.Context(), g.RefreshToken, issuer)
	_, short := b.HashPassword(t.Context(), b.tenant, "tiny")
	_, common := b.HashPassword(t.Context(), b.tenant, "password1234")
	_, badKey := newService(b.db, b.env(), Keys{Active: []byte("-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----\n")}, Options{})
	for _, v := range []any{g, *g, keys, &keys, Options{}, wrong, bad, used, used2, short, common, badKey, errors.Join(wrong, bad)} {
		text := fmt.Sprintf("%v %+v %s %#v", v, v, v, v)
		for _, secret := range []string{g.AccessToken, g.RefreshToken, "a wrong secret", "tiny", "password1234", "PRIVATE KEY", "c2VjcmV0", string(keys.Active)} {
			if strings.Contains(text, secret) {
				t.Errorf("%T prints %q: %s", v, secret, text)
			}
		}
	}
}

func TestAdministrators(t *testing.T) {
	b := newBench(t)
	if ok, err := HasAdmin(schematest.New()); ok || err != nil {
		t.Errorf("an empty store: %v, %v", ok, err)
	}
	if ok, err := HasAdmin(b.db.mem); !ok || err != nil {
		t.Errorf("%v, %v", ok, err)
	}
	if b.admin.AdminRole != engine.RoleSuperAdmin || b.admin.Status != engine.StatusActive {
		t.Errorf("%+v", b.admin)
	}
	if _, err := b.Login(t.Context(), "admin@EXAMPLE.com", password, addr, issuer); err != nil {
		t.Error(err)
	}
	other := &engine.Tenant{No: 2, ID: b.newID(), Status: engine.StatusActive}
	_, err := b.BootstrapAdmin(b.db.mem, other, "aNN@example.com", b.ann.PasswordHash)
	is(t, "an address of another tenant", err, engine.KindConflict, "")
	_, err = b.BootstrapAdmin(b.db.mem, other, "nonsense", b.ann.PasswordHash)
	is(t, "a malformed address", err, engine.KindInvalid, "")
	if _, err := b.BootstrapAdmin(b.db.mem, other, "new@example.com", password); err == nil || strings.Contains(err.Error(), password) {
		t.Errorf("a password for a hash: %v", err)
	}
	b.admin.Status = engine.StatusDeleted
	b.put(t, func(w schema.Writer) error { return schema.PutUser(w, b.admin) })
	if ok, err := HasAdmin(b.db.mem); ok || err != nil {
		t.Errorf("the only administrator is deleted: %v, %v", ok, err)
	}
	b.put(t, func(w schema.Writer) error { return w.Put(schema.Users, schema.UserKey(1, b.admin.ID), []byte{0xff}) })
	if _, err := HasAdmin(b.db.mem); engine.KindOf(err) != engine.KindDamaged {
		t.Errorf("a damaged user: %v", err)
	}
	_, err = b.User(context.Background(), 2, b.ann.ID)
	is(t, "a user of another tenant", err, engine.KindNotFound, "")
}
