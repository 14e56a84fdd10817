package access

import (
	"errors"

	"scaidrive/engine"
	"scaidrive/engine/meta/schema"
)

// A principal says which role its user had when the call began. A mutation decides by
// the role that is stored when it commits: what somebody began as an administrator does
// not end after they are one no more.

// Now gives a principal with no more than the role that r has for them. Who may not act
// any more is KindForbidden.
func Now(r schema.Reader, p *engine.Principal) (*engine.Principal, error) {
	u, err := schema.GetUser(r, p.Tenant, p.User)
	if errors.Is(err, schema.ErrNotFound) {
		return nil, engine.E(engine.KindForbidden, "The account is gone")
	}
	if err != nil {
		return nil, err
	}
	if u.Status != engine.StatusActive && u.Status != engine.StatusInactive {
		return nil, engine.E(engine.KindForbidden, "The account is suspended")
	}
	t, err := schema.GetTenant(r, p.Tenant)
	if err != nil {
		return nil, err
	}
	suspended := t.Status != engine.StatusActive
	if !suspended && !t.Partner.IsZero() {
		pt, err := schema.GetPartner(r, t.Partner)
		if err != nil {
			return nil, err
		}
		suspended = pt.Status != engine.StatusActive
	}
	if suspended {
		return nil, engine.E(engine.KindForbidden, "The tenant is suspended")
	}
	if u.AdminRole == p.Role || u.AdminRole == engine.RoleSuperAdmin {
		return p, nil
	}
	now := *p
	if now.Role = engine.RoleNone; p.Role == engine.RoleSuperAdmin {
		now.Role = u.AdminRole
	}
	return &now, nil
}

// Administers reports whether a principal administers their tenant, by their token and
// by what r says of them.
func Administers(r schema.Reader, p *engine.Principal) (bool, error) {
	if !p.AdministersTenant() {
		return false, nil
	}
	now, err := Now(r, p)
	return err == nil && now.AdministersTenant(), err
}

// AdministersServer answers nil for who administers the whole server, by their token and
// the role that it had when the call began.
func AdministersServer(p *engine.Principal) error {
	if !p.Has(engine.ScopeAdmin) || p.Role != engine.RoleSuperAdmin {
		return engine.E(engine.KindForbidden, "Only the server's administrators may do this")
	}
	return nil
}

// AdministersServerNow is AdministersServer by the role that r has.
func AdministersServerNow(r schema.Reader, p *engine.Principal) error {
	p, err := Now(r, p)
	if err != nil {
		return err
	}
	return AdministersServer(p)
}
