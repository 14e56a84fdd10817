package identity

import (
	"errors"
	"time"

	"scaidrive/engine"
	"scaidrive/engine/meta/schema"
)

// Acting is a user as who acts now without being there: in work that they ordered
// and that goes on in the background. It is read anew for every step of that work.
// A user who may not sign in any more, or whose tenant may not, is
// KindUnauthorized or KindForbidden, as at their next call.
func Acting(r schema.Reader, no engine.TenantNo, user engine.ID, now time.Time) (*engine.Principal, error) {
	u, err := schema.GetUser(r, no, user)
	if errors.Is(err, schema.ErrNotFound) {
		return nil, unauthorized("The user does not exist any more", nil)
	}
	if err != nil {
		return nil, err
	}
	t, err := schema.GetTenant(r, no)
	if err != nil {
		return nil, damagedIfAbsent(err, "a user's tenant is missing")
	}
	if err := mayAct(r, u, t); err != nil {
		return nil, err
	}
	return &engine.Principal{
		User: u.ID, Tenant: no, TenantID: t.ID, Partner: t.Partner, Email: u.Email, Name: u.Name,
		Role: u.AdminRole, Scopes: scopesOf(u.AdminRole), At: now,
	}, nil
}
