package people_test

import (
	"fmt"
	"testing"
	"time"

	"scaidrive/engine"
	"scaidrive/engine/acl"
	"scaidrive/engine/meta"
	"scaidrive/engine/meta/schema"
	"scaidrive/engine/people"
	"scaidrive/engine/share"
)

// Whoever began something as an administrator and is none when it commits has not done
// it: a call carries the role that was stored when it began.
func TestALostRoleEndsWhatItBegan(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	boss := w.create("boss@example.com", engine.RoleSuperAdmin)
	stale := w.As(boss) // as of a call that is under way
	victim, g := w.create("victim@example.com", engine.RoleNone), w.group("G", w.User.ID)
	central := func(p *engine.Principal) error {
		_, err := w.Shares.Create(ctx, p, share.CreateSpec{Name: "Central", Type: engine.ShareCentral, QuotaBytes: -1})
		return err
	}
	w.ok("while in office", central(stale))
	sh, err := w.Shares.Create(ctx, w.As(w.User), share.CreateSpec{Name: "Theirs", Type: engine.ShareProject, QuotaBytes: -1})
	w.ok("share", err)
	tn, err := w.Tenancy.Get(ctx, 1)
	w.ok("tenant", err)
	entries := acl.New(w.DB, nil, w.Env())
	name, role := "Another", engine.RoleTenantAdmin
	day := w.Now().Add(24 * time.Hour)

	try := map[string]func() error{
		"CreateUser": func() error {
			_, _, err := w.CreateUser(ctx, stale, people.UserSpec{Email: "x@example.com", Name: "X"})
			return err
		},
		"EditUser": func() error {
			_, err := w.EditUser(ctx, stale, victim.ID, people.UserChange{Role: &role})
			return err
		},
		"SuspendUser":   func() error { _, err := w.SuspendUser(ctx, stale, victim.ID); return err },
		"ActivateUser":  func() error { _, err := w.ActivateUser(ctx, stale, victim.ID); return err },
		"ResetPassword": func() error { _, err := w.ResetPassword(ctx, stale, victim.ID, ""); return err },
		"DeleteUser":    func() error { return w.DeleteUser(ctx, stale, victim.ID, engine.PrincipalUser, w.Admin.ID) },
		"CreateGroup":   func() error { _, err := w.CreateGroup(ctx, stale, name, ""); return err },
		"EditGroup":     func() error { _, err := w.EditGroup(ctx, stale, g.ID, &name, nil); return err },
		"DeleteGroup":   func() error { return w.DeleteGroup(ctx, stale, g.ID, engine.PrincipalUser, w.Admin.ID) },
		"AddMember": func() error {
			_, err := w.AddMember(ctx, stale, g.ID, engine.PrincipalUser, victim.ID)
			return err
		},
		"RemoveMember":  func() error { return w.RemoveMember(ctx, stale, g.ID, w.User.ID) },
		"CreatePartner": func() error { _, err := w.Tenancy.CreatePartner(ctx, stale, name, ""); return err },
		"CreateTenant": func() error {
			_, err := w.Tenancy.CreateTenant(ctx, stale, tn.Partner, name, "", func(schema.Writer, *engine.Tenant) error { return nil })
			return err
		},
		"SetStatus": func() error {
			_, err := w.Tenancy.SetStatus(ctx, stale, tn.Partner, tn.ID, engine.StatusActive)
			return err
		},
		"SetPartner": func() error {
			_, err := w.Tenancy.SetPartner(ctx, stale, tn.Partner, engine.StatusActive)
			return err
		},
		"central share": func() error { return central(stale) },
		"share for another": func() error {
			_, err := w.Shares.Create(ctx, stale, share.CreateSpec{Name: "For", Type: engine.ShareProject, QuotaBytes: -1, OwnerKind: engine.PrincipalUser, Owner: w.User.ID})
			return err
		},
		"share.Delete": func() error { return w.Shares.Delete(ctx, stale, sh.ID) },
		"share.Edit": func() error {
			_, err := w.Shares.Edit(ctx, stale, sh.ID, share.Change{Name: &name, ArchiveAt: &day})
			return err
		},
		"share.Transfer": func() error {
			_, err := w.Shares.Transfer(ctx, stale, sh.ID, engine.PrincipalUser, boss.ID)
			return err
		},
		"share.AddMember": func() error {
			_, err := w.Shares.AddMember(ctx, stale, sh.ID, share.MemberSpec{Kind: engine.PrincipalUser, Principal: boss.ID, Role: engine.MemberAdmin})
			return err
		},
		"acl.Set": func() error {
			_, _, err := entries.Set(ctx, stale, acl.Resource{Kind: engine.ResourceShare, ID: sh.ID}, acl.Spec{
				Kind: engine.PrincipalUser, Principal: boss.ID, Type: engine.EntryAllow, Rights: engine.RightsAll,
			}, nil)
			return err
		},
	}
	digest := func() string {
		sums := ""
		w.ok("look", w.DB.View(ctx, func(v *meta.View) error {
			for _, d := range schema.Tables() {
				err := v.Scan(d.No, nil, nil, func(k, val []byte) (bool, error) {
					sums += fmt.Sprintf("%d %x %x\n", d.No, k, val)
					return true, nil
				})
				if err != nil {
					return err
				}
			}
			return nil
		}))
		return sums
	}
	refuse := func(how string) {
		before := digest()
		for what, do := range try {
			switch err := do(); {
			case err == nil:
				t.Errorf("%s, %s: done", how, what)
			case engine.KindOf(err) != engine.KindForbidden && engine.KindOf(err) != engine.KindNotFound:
				t.Errorf("%s, %s: %v", how, what, err)
			}
		}
		if digest() != before {
			t.Errorf("%s: something was written", how)
		}
	}
	none := engine.RoleNone
	_, err = w.EditUser(ctx, w.admin, boss.ID, people.UserChange{Role: &none})
	w.ok("take the role", err)
	refuse("without the role")
	_, err = w.EditUser(ctx, w.admin, boss.ID, people.UserChange{Role: &role})
	w.ok("a smaller role", err)
	_, _, err = w.CreateUser(ctx, stale, people.UserSpec{Email: "high@example.com", Name: "H", Role: engine.RoleSuperAdmin})
	w.wants("give what is above", err, engine.KindForbidden)
	_, err = w.SuspendUser(ctx, stale, w.Admin.ID)
	w.wants("touch who is above", err, engine.KindForbidden)
	w.wants("tenants", try["CreateTenant"](), engine.KindForbidden)
	w.ok("what the smaller role may", try["CreateGroup"]())
	_, err = w.SuspendUser(ctx, w.admin, boss.ID)
	w.ok("suspend", err)
	refuse("suspended")
}
