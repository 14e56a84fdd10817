package identity_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"scaidrive/engine"
	"scaidrive/engine/enginetest"
	"scaidrive/engine/identity"
	"scaidrive/engine/meta"
	"scaidrive/engine/meta/schema"
)

// Whatever is remembered of a caller: each change counts at the next call.
func TestWhatIsKnownOfACallerIsNeverOld(t *testing.T) {
	w := enginetest.New(t)
	refused := func(kind engine.Kind) func(p *engine.Principal, err error) error {
		return func(_ *engine.Principal, err error) error {
			if engine.KindOf(err) != kind {
				return errors.New("not refused")
			}
			return nil
		}
	}
	user := func(change func(u *engine.User)) func(*meta.Tx) error {
		return func(tx *meta.Tx) error {
			u, err := schema.GetUser(tx, w.Tenant.No, w.User.ID)
			if err != nil {
				return err
			}
			change(u)
			return schema.PutUser(tx, u)
		}
	}
	for name, c := range map[string]struct {
		change func(tx *meta.Tx) error
		pass   time.Duration
		want   func(p *engine.Principal, err error) error
	}{
		"suspended": {change: user(func(u *engine.User) { u.Status = engine.StatusSuspended }), want: refused(engine.KindForbidden)},
		"deleted":   {change: user(func(u *engine.User) { u.Status = engine.StatusDeleted }), want: refused(engine.KindUnauthorized)},
		"revoked":   {change: user(func(u *engine.User) { u.RevokedBefore = w.Now().Add(time.Hour) }), want: refused(engine.KindUnauthorized)},
		"expired":   {pass: identity.AccessLifetime, want: refused(engine.KindUnauthorized)},
		"made administrator": {change: user(func(u *engine.User) { u.AdminRole = engine.RoleTenantAdmin }), want: func(p *engine.Principal, err error) error {
			if err != nil || p.Role != engine.RoleTenantAdmin {
				return errors.New("the old role")
			}
			return nil
		}},
	} {
		t.Run(name, func(t *testing.T) {
			if err := w.DB.Update(t.Context(), func(tx *meta.Tx) error { return schema.PutUser(tx, w.User) }); err != nil {
				t.Fatal(err)
			}
			g, err := w.Identity.Login(t.Context(), w.User.Email, enginetest.Password, "192.0.2.1", "http://files.example.com")
			if err != nil {
				t.Fatal(err)
			}
			for range 3 {
				p, err := w.Identity.Authenticate(t.Context(), g.AccessToken)
				if err != nil || p.User != w.User.ID {
					t.Fatal(p, err)
				}
				p.Role = engine.RoleSuperAdmin // what a caller does with it is their own
			}
			if c.change != nil {
				if err := w.DB.Update(t.Context(), c.change); err != nil {
					t.Fatal(err)
				}
			}
			w.Pass(c.pass)
			p, err := w.Identity.Authenticate(context.Background(), g.AccessToken)
			if err := c.want(p, err); err != nil {
				t.Fatal(err, p)
			}
		})
	}
}
