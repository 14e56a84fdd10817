package people

import (
	"scaidrive/engine"
	"scaidrive/engine/meta/schema"
)

// mayTouch answers nil for who may change a user of their tenant: nobody changes
// who stands above them.
func mayTouch(p *engine.Principal, u *engine.User) error {
	if u.AdminRole > p.Role {
		return engine.E(engine.KindForbidden, "This user's role is above yours")
	}
	return nil
}

// mayGive answers nil for who may give a role: not one above their own, and that of
// a partner's staff only as super_admin.
func mayGive(p *engine.Principal, role engine.AdminRole) error {
	if role > p.Role || role == engine.RolePartnerAdmin && p.Role != engine.RoleSuperAdmin {
		return engine.E(engine.KindForbidden, "This role is above yours")
	}
	return nil
}

// acts reports whether a user can sign in and act.
func acts(u *engine.User) bool {
	return u.Status == engine.StatusActive || u.Status == engine.StatusInactive
}

// notTheLast answers nil unless a change takes the last acting administrator of the
// tenant, or the last acting super_admin of the installation, out of office. It is
// asked in the mutation of the change, before it.
func notTheLast(r schema.Reader, was, now *engine.User) error {
	heads := func(u *engine.User) bool {
		return acts(u) && (u.AdminRole == engine.RoleTenantAdmin || u.AdminRole == engine.RoleSuperAdmin)
	}
	if heads(was) && !heads(now) {
		ok, err := another(r, was.Tenant, was, heads)
		if err != nil {
			return err
		}
		if !ok {
			return engine.E(engine.KindConflict, "This is the last active administrator of the tenant")
		}
	}
	if err := notTheLastOfPartner(r, was, now); err != nil {
		return err
	}
	supers := func(u *engine.User) bool { return acts(u) && u.AdminRole == engine.RoleSuperAdmin }
	if supers(was) && !supers(now) {
		ok, err := another(r, 0, was, supers)
		if err != nil {
			return err
		}
		if !ok {
			return engine.E(engine.KindConflict, "This is the last active super_admin of this server")
		}
	}
	return nil
}

// notTheLastOfPartner answers nil unless a change takes the last acting administrator of
// the user's partner out of office. Another one is made first.
func notTheLastOfPartner(r schema.Reader, was, now *engine.User) error {
	staff := func(u *engine.User) bool { return acts(u) && u.AdminRole == engine.RolePartnerAdmin }
	if !staff(was) || staff(now) {
		return nil
	}
	t, err := schema.GetTenant(r, was.Tenant)
	if err != nil {
		return err
	}
	found := false
	err = schema.ScanAdmins(r, 0, engine.ID{}, func(no engine.TenantNo, id engine.ID, role engine.AdminRole) (bool, error) {
		if role != engine.RolePartnerAdmin || no == was.Tenant && id == was.ID {
			return true, nil
		}
		its, err := schema.GetTenant(r, no)
		if err != nil || its.Partner != t.Partner || its.Status != engine.StatusActive {
			return true, err
		}
		u, err := schema.GetUser(r, no, id)
		found = err == nil && staff(u)
		return !found, err
	})
	if err == nil && !found {
		err = engine.E(engine.KindConflict, "This is the last active administrator of the partner")
	}
	return err
}

// another reports whether there is another user with a role who is as wanted; in
// tenant 0, in any tenant.
func another(r schema.Reader, t engine.TenantNo, but *engine.User, wanted func(*engine.User) bool) (bool, error) {
	found := false
	err := schema.ScanAdmins(r, t, engine.ID{}, func(no engine.TenantNo, id engine.ID, _ engine.AdminRole) (bool, error) {
		if no == but.Tenant && id == but.ID {
			return true, nil
		}
		u, err := schema.GetUser(r, no, id)
		if err != nil {
			return false, err
		}
		if !wanted(u) {
			return true, nil
		}
		if no != but.Tenant { // whose tenant is suspended can't act
			tn, err := schema.GetTenant(r, no)
			if err != nil {
				return false, err
			}
			found = tn.Status == engine.StatusActive
		} else {
			found = true
		}
		return !found, nil
	})
	return found, err
}
