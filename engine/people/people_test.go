package people_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"scaidrive/engine"
	"scaidrive/engine/enginetest"
	"scaidrive/engine/meta"
	"scaidrive/engine/meta/schema"
	"scaidrive/engine/people"
	"scaidrive/engine/share"
)

type world struct {
	*enginetest.World
	*people.Service
	t     *testing.T
	admin *engine.Principal
	User  *engine.User
}

func newWorld(t *testing.T) *world {
	w := &world{World: enginetest.New(t), t: t}
	w.Service = people.New(w.DB, w.Env(), w.Identity, w.Shares)
	w.admin, w.User = w.As(w.Admin), w.World.User
	return w
}

func (w *world) create(email string, role engine.AdminRole) *engine.User {
	w.t.Helper()
	u, _, err := w.CreateUser(w.t.Context(), w.admin, people.UserSpec{Email: email, Name: strings.Split(email, "@")[0], Password: enginetest.Password, Role: role})
	if err != nil {
		w.t.Fatal(err)
	}
	return u
}

func (w *world) group(name string, members ...engine.ID) *engine.Group {
	w.t.Helper()
	g, err := w.CreateGroup(w.t.Context(), w.admin, name, "")
	if err != nil {
		w.t.Fatal(err)
	}
	for _, m := range members {
		w.add(g.ID, engine.PrincipalUser, m)
	}
	return g
}

func (w *world) add(group engine.ID, kind engine.PrincipalKind, member engine.ID) {
	w.t.Helper()
	if _, err := w.AddMember(w.t.Context(), w.admin, group, kind, member); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) wants(what string, err error, kind engine.Kind) {
	w.t.Helper()
	if err == nil || engine.KindOf(err) != kind {
		w.t.Errorf("%s: %v (kind %d), want kind %d", what, err, engine.KindOf(err), kind)
	}
}

func (w *world) ok(what string, err error) {
	w.t.Helper()
	if err != nil {
		w.t.Errorf("%s: %v", what, err)
	}
}

func (w *world) signIn(email, password string) (string, string, error) {
	g, err := w.Identity.Login(w.t.Context(), email, password, "10.0.0.1", "http://test")
	if err != nil {
		return "", "", err
	}
	return g.AccessToken, g.RefreshToken, nil
}

func TestLifeOfAUser(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	u := w.create("Ada@example.com", 0)
	access, refresh, err := w.signIn("ada@EXAMPLE.com", enginetest.Password)
	w.ok("sign in", err)
	p, err := w.Identity.Authenticate(ctx, access)
	w.ok("the token", err)
	tok, err := w.Identity.CreateServiceToken(ctx, p, serviceToken())
	w.ok("a service token", err)

	_, _, err = w.CreateUser(ctx, w.admin, people.UserSpec{Email: "ADA@example.com", Name: "x"})
	w.wants("a taken address", err, engine.KindConflict)

	_, err = w.SuspendUser(ctx, w.admin, u.ID)
	w.ok("suspend", err)
	_, err = w.Identity.Authenticate(ctx, access)
	w.wants("suspended", err, engine.KindForbidden)
	_, err = w.Identity.Authenticate(ctx, tok.Text)
	w.wants("suspended, service token", err, engine.KindForbidden)
	_, err = w.Identity.Refresh(ctx, refresh, "http://test")
	w.wants("suspended, refresh", err, engine.KindForbidden)
	_, _, err = w.signIn("ada@example.com", enginetest.Password)
	w.wants("suspended, sign in", err, engine.KindForbidden)

	_, err = w.ActivateUser(ctx, w.admin, u.ID)
	w.ok("activate", err)
	// Nothing of before comes back.
	_, err = w.Identity.Authenticate(ctx, access)
	w.wants("the old token", err, engine.KindUnauthorized)
	_, err = w.Identity.Authenticate(ctx, tok.Text)
	w.wants("the old service token", err, engine.KindUnauthorized)
	_, err = w.Identity.Refresh(ctx, refresh, "http://test")
	w.wants("the old refresh token", err, engine.KindUnauthorized)
	w.Pass(time.Second)
	access, _, err = w.signIn("ada@example.com", enginetest.Password)
	w.ok("sign in again", err)
	_, err = w.Identity.Authenticate(ctx, access)
	w.ok("the new token", err)

	name := "Ada Lovelace"
	email := "lovelace@example.com"
	_, err = w.EditUser(ctx, w.admin, u.ID, people.UserChange{DisplayName: &name, Email: &email})
	w.ok("edit", err)
	_, _, err = w.signIn("ada@example.com", enginetest.Password)
	w.wants("the old address", err, engine.KindUnauthorized)
	w.found("lovel", u.ID)
	taken := "USER@example.com"
	_, err = w.EditUser(ctx, w.admin, u.ID, people.UserChange{Email: &taken})
	w.wants("a taken address", err, engine.KindConflict)
	w.found("lovel", u.ID)
	empty := " "
	_, err = w.EditUser(ctx, w.admin, u.ID, people.UserChange{Name: &empty})
	w.wants("no name", err, engine.KindInvalid)
	_, err = w.SuspendUser(ctx, w.admin, w.NewID())
	w.wants("nobody", err, engine.KindNotFound)
}

// found holds what a search gives against IDs of users and groups.
func (w *world) found(text string, want ...engine.ID) {
	w.t.Helper()
	users, groups, err := w.Find(w.t.Context(), w.admin, text, 0, 50)
	if err != nil {
		w.t.Fatal(err)
	}
	var got []engine.ID
	for _, u := range users {
		got = append(got, u.ID)
	}
	for _, g := range groups {
		got = append(got, g.ID)
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		w.t.Errorf("%q finds %x, want %x", text, got, want)
	}
}

func TestInvitedUsers(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	u, invite, err := w.CreateUser(ctx, w.admin, people.UserSpec{Email: "new@example.com", Name: "New"})
	if err != nil || invite == nil || u.Status != engine.StatusPending {
		t.Fatalf("%+v, %v, %v", u, invite, err)
	}
	if s := fmt.Sprintf("%v %+v %#v", *invite, *invite, *invite); strings.Contains(s, invite.Text) {
		t.Error("the secret is printed")
	}
	_, _, err = w.signIn("new@example.com", "")
	w.wants("without a password", err, engine.KindUnauthorized)
	w.wants("broken", w.Redeem(ctx, invite.Text[1:], enginetest.Password), engine.KindGone)
	w.wants("another", w.Redeem(ctx, invite.Text[:30]+strings.Repeat("A", len(invite.Text)-30), enginetest.Password), engine.KindGone)
	w.wants("a short password", w.Redeem(ctx, invite.Text, "short"), engine.KindInvalid)
	w.ok("redeem", w.Redeem(ctx, invite.Text, "correct horse battery"))
	w.wants("twice", w.Redeem(ctx, invite.Text, "correct horse battery"), engine.KindGone)
	_, _, err = w.signIn("new@example.com", "correct horse battery")
	w.ok("sign in", err)
	if n := w.owned(u.ID); n != 1 {
		t.Errorf("%d shares of their own", n)
	}
	invite, err = w.ResetPassword(ctx, w.admin, u.ID, "")
	w.ok("reset", err)
	_, _, err = w.signIn("new@example.com", "correct horse battery")
	w.wants("the old password", err, engine.KindUnauthorized)
	w.Pass(people.InviteLifetime)
	w.wants("over", w.Redeem(ctx, invite.Text, enginetest.Password), engine.KindGone)
	invite, err = w.ResetPassword(ctx, w.admin, u.ID, "")
	w.ok("reset again", err)
	_, err = w.SuspendUser(ctx, w.admin, u.ID)
	w.ok("suspend", err)
	w.wants("suspended", w.Redeem(ctx, invite.Text, enginetest.Password), engine.KindGone)
	_, err = w.ActivateUser(ctx, w.admin, u.ID)
	w.ok("activate", err)
	w.wants("taken back", w.Redeem(ctx, invite.Text, enginetest.Password), engine.KindGone)
	if _, err = w.ResetPassword(ctx, w.admin, u.ID, enginetest.Password); err != nil {
		t.Fatal(err)
	}
	w.Pass(time.Second)
	_, _, err = w.signIn("new@example.com", enginetest.Password)
	w.ok("sign in with what the administrator set", err)
	if n := w.owned(u.ID); n != 1 {
		t.Errorf("%d shares of their own", n)
	}
}

// owned counts the shares in a principal's list that they own.
func (w *world) owned(id engine.ID) (n int) {
	w.t.Helper()
	err := w.DB.View(w.t.Context(), func(v *meta.View) error {
		n = 0
		return schema.ScanSharesOf(v, 1, id, engine.ID{}, func(ref *engine.ShareRef) (bool, error) {
			if ref.Owner {
				n++
			}
			return true, nil
		})
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return n
}

func TestWhoStandsAbove(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	boss := w.create("boss@example.com", engine.RoleTenantAdmin)
	second := w.create("second@example.com", engine.RoleTenantAdmin)
	p := w.As(boss)
	role := func(r engine.AdminRole) people.UserChange { return people.UserChange{Role: &r} }
	_, err := w.SuspendUser(ctx, p, w.Admin.ID)
	w.wants("a tenant_admin suspends a super_admin", err, engine.KindForbidden)
	_, err = w.ResetPassword(ctx, p, w.Admin.ID, enginetest.Password)
	w.wants("and sets their password", err, engine.KindForbidden)
	w.wants("and deletes them", w.DeleteUser(ctx, p, w.Admin.ID, 0, engine.ID{}), engine.KindForbidden)
	email := "x@example.com"
	_, err = w.EditUser(ctx, p, w.Admin.ID, people.UserChange{Email: &email})
	w.wants("and takes their address", err, engine.KindForbidden)
	for _, r := range []engine.AdminRole{engine.RolePartnerAdmin, engine.RoleSuperAdmin} {
		_, err = w.EditUser(ctx, p, boss.ID, role(r))
		w.wants("makes themself more", err, engine.KindForbidden)
		_, _, err = w.CreateUser(ctx, p, people.UserSpec{Email: email, Name: "x", Role: r})
		w.wants("makes somebody more", err, engine.KindForbidden)
	}
	_, err = w.EditUser(ctx, p, w.User.ID, role(engine.RoleTenantAdmin))
	w.ok("makes another", err)
	_, err = w.EditUser(ctx, p, second.ID, role(engine.RoleNone))
	w.ok("demotes one", err)
	for name, q := range map[string]*engine.Principal{"a user": w.As(w.User), "without the scope": unscoped(p)} {
		_, err = w.SuspendUser(ctx, q, w.User.ID)
		w.wants(name, err, engine.KindForbidden)
		_, err = w.CreateGroup(ctx, q, "g", "")
		w.wants(name, err, engine.KindForbidden)
		_, err = w.Users(ctx, q, people.UserQuery{Limit: 5})
		w.wants(name, err, engine.KindForbidden)
	}
}

func unscoped(p *engine.Principal) *engine.Principal {
	return &engine.Principal{User: p.User, Tenant: p.Tenant, TenantID: p.TenantID, Role: p.Role, Scopes: []string{engine.ScopeFilesRead, engine.ScopeFilesWrite}}
}

// The last of the administrators stays, whatever is tried, also by two at once.
func TestTheLastAdministratorStays(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	none := engine.RoleNone
	_, err := w.EditUser(ctx, w.admin, w.Admin.ID, people.UserChange{Role: &none})
	w.wants("demote", err, engine.KindConflict)
	_, err = w.SuspendUser(ctx, w.admin, w.Admin.ID)
	w.wants("suspend oneself", err, engine.KindConflict)
	w.wants("delete oneself", w.DeleteUser(ctx, w.admin, w.Admin.ID, 0, engine.ID{}), engine.KindConflict)
	// A tenant_admin beside does not save the last super_admin, and a suspended
	// super_admin saves nobody.
	w.create("boss@example.com", engine.RoleTenantAdmin)
	tired := w.create("tired@example.com", engine.RoleSuperAdmin)
	_, err = w.SuspendUser(ctx, w.admin, tired.ID)
	w.ok("suspend another", err)
	_, err = w.EditUser(ctx, w.admin, w.Admin.ID, people.UserChange{Role: &none})
	w.wants("demote the last super_admin", err, engine.KindConflict)
	_, err = w.ActivateUser(ctx, w.admin, tired.ID)
	w.ok("activate", err)

	// Each of two takes the other out of office: one of them remains.
	var wg sync.WaitGroup
	errs := make([]error, 2)
	for i, who := range [][2]*engine.User{{w.Admin, tired}, {tired, w.Admin}} {
		wg.Add(1)
		go func() {
			defer wg.Done()
			_, errs[i] = w.SuspendUser(ctx, w.As(who[0]), who[1].ID)
		}()
	}
	wg.Wait()
	if (errs[0] == nil) == (errs[1] == nil) {
		t.Errorf("both or none: %v", errs)
	}
}

func TestDeletedUsersLeaveNothingOrphaned(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	u := w.create("gone@example.com", 0)
	heir := w.create("heir@example.com", 0)
	p := w.As(u)
	for i := range 3 {
		if _, err := w.Shares.Create(ctx, p, share.CreateSpec{Name: fmt.Sprint("P", i), Type: engine.ShareProject, QuotaBytes: -1}); err != nil {
			t.Fatal(err)
		}
	}
	g := w.group("Team", u.ID)
	w.memberOf(w.UserShare.ID, u.ID)
	w.wants("an heir of nobody", w.DeleteUser(ctx, w.admin, u.ID, engine.PrincipalUser, w.NewID()), engine.KindInvalid)
	w.wants("their own heir", w.DeleteUser(ctx, w.admin, u.ID, engine.PrincipalUser, u.ID), engine.KindInvalid)
	w.ok("delete", w.DeleteUser(ctx, w.admin, u.ID, engine.PrincipalUser, heir.ID))
	if n := w.owned(heir.ID); n != 5 {
		t.Errorf("the heir owns %d shares", n)
	}
	if n := w.owned(u.ID); n != 0 {
		t.Errorf("the deleted user owns %d shares", n)
	}
	list, _, err := w.Shares.List(ctx, w.As(heir), false, 50, 0)
	w.ok("list", err)
	names := ""
	for _, sh := range list {
		names += sh.Name + "|"
		if sh.OwnerKind != engine.PrincipalUser || sh.Owner != heir.ID {
			t.Errorf("%+v", sh)
		}
	}
	if names != "P0|P1|P2|Personal|Personal (gone)|" {
		t.Error(names)
	}
	if _, n, _ := w.Members(ctx, w.admin, g.ID, 50, 0); n != 0 {
		t.Errorf("%d in the group", n)
	}
	_, _, err = w.signIn("gone@example.com", enginetest.Password)
	w.wants("sign in", err, engine.KindUnauthorized)
	w.wants("twice", w.DeleteUser(ctx, w.admin, u.ID, 0, engine.ID{}), engine.KindNotFound)
	_, err = w.ActivateUser(ctx, w.admin, u.ID)
	w.wants("revived", err, engine.KindNotFound)

	again := w.create("gone@example.com", 0)
	if again.ID == u.ID || w.owned(again.ID) != 1 {
		t.Errorf("made again: %+v", again)
	}
	err = w.DB.View(ctx, func(v *meta.View) error {
		if _, err := schema.GetShareMember(v, 1, w.UserShare.ID, again.ID); !errors.Is(err, schema.ErrNotFound) {
			t.Errorf("a member again: %v", err)
		}
		sh, err := schema.GetShare(v, 1, w.UserShare.ID)
		if err != nil {
			return err
		}
		return schema.EachShareMember(v, 1, sh, func(m *engine.ShareMember) error { t.Errorf("%+v", m); return nil })
	})
	w.ok("members", err)
}

func (w *world) memberOf(share, user engine.ID) {
	w.t.Helper()
	err := w.DB.Update(w.t.Context(), func(tx *meta.Tx) error {
		sh, err := schema.GetShare(tx, 1, share)
		if err != nil {
			return err
		}
		return schema.PutShareMember(tx, 1, sh, &engine.ShareMember{Principal: user, Kind: engine.PrincipalUser, Role: engine.MemberReader})
	})
	if err != nil {
		w.t.Fatal(err)
	}
}

// Whoever owns more than one step hands over is deleted all the same.
func TestDeletionInManySteps(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	u := w.create("rich@example.com", 0)
	const many = 1100
	for from := 0; from < many; from += 100 {
		err := w.DB.Update(ctx, func(tx *meta.Tx) error {
			for i := range 100 {
				sh := &engine.Share{ID: w.NewID(), Name: fmt.Sprint("S", from+i), Type: engine.ShareProject, QuotaBytes: -1}
				if err := schema.SetShareOwner(tx, 1, sh, engine.PrincipalUser, u.ID); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	w.ok("delete", w.DeleteUser(ctx, w.admin, u.ID, engine.PrincipalUser, w.User.ID))
	if n := w.owned(w.User.ID); n != many+2 {
		t.Errorf("%d shares", n)
	}
	g, err := w.Identity.User(ctx, 1, u.ID)
	if err != nil || g.Status != engine.StatusDeleted || g.DeletedAt.IsZero() || g.PasswordHash != "" {
		t.Errorf("%+v, %v", g, err)
	}
}
