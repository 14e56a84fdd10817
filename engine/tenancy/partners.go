package tenancy

import (
	"context"
	"errors"
	"unicode"
	"unicode/utf8"

	"strings"

	"scaidrive/engine"
	"scaidrive/engine/access"
	"scaidrive/engine/meta"
	"scaidrive/engine/meta/schema"
	"scaidrive/engine/names"
)

// maxName is the longest name of a partner or tenant, in bytes.
const maxName = 255

func checkName(field, text string) error {
	if len(text) > maxName || strings.TrimSpace(text) == "" || !utf8.ValidString(text) || strings.ContainsFunc(text, unicode.IsControl) {
		return engine.Invalid(field, "Must be 1 to %d bytes of UTF-8 without control characters", maxName)
	}
	return nil
}

// may answers nil for who may administer a partner: its staff, and the server's
// administrators. For anybody else it is as if there were no such partner.
func may(r schema.Reader, p *engine.Principal, partner engine.ID) (*engine.Partner, error) {
	p, err := access.Now(r, p)
	if err != nil {
		return nil, err
	}
	if !p.Has(engine.ScopePartnerAdmin) || p.Role != engine.RolePartnerAdmin && p.Role != engine.RoleSuperAdmin {
		return nil, engine.E(engine.KindForbidden, "Only the partner's administrators may do this")
	}
	pt, err := schema.GetPartner(r, partner)
	if errors.Is(err, schema.ErrNotFound) || err == nil && p.Role != engine.RoleSuperAdmin && p.Partner != partner {
		return nil, engine.E(engine.KindNotFound, "Partner not found")
	}
	return pt, err
}

// CreatePartner makes a partner; for super_admins. A taken name is KindConflict.
func (s *Service) CreatePartner(ctx context.Context, p *engine.Principal, name, display string) (*engine.Partner, error) {
	if err := access.AdministersServer(p); err != nil {
		return nil, err
	}
	if display == "" {
		display = name
	}
	if err := errors.Join(checkName("name", name), checkName("display_name", display)); err != nil {
		return nil, err
	}
	pt := &engine.Partner{ID: s.env.NewID(), Name: name, DisplayName: display, Status: engine.StatusActive, CreatedAt: s.env.Now()}
	err := s.db.Update(ctx, func(tx *meta.Tx) error {
		if err := access.AdministersServerNow(tx, p); err != nil {
			return err
		}
		err := schema.ScanPartners(tx, engine.ID{}, func(other *engine.Partner) (bool, error) {
			if names.Key(other.Name) == names.Key(name) {
				return false, engine.E(engine.KindConflict, "There is a partner of this name")
			}
			return true, nil
		})
		if err != nil {
			return err
		}
		return schema.PutPartner(tx, pt)
	})
	if err != nil {
		return nil, engine.Wrap("tenancy.CreatePartner", err)
	}
	return pt, nil
}

// Partners lists the partners that the caller administers, in the order in which
// they were made.
func (s *Service) Partners(ctx context.Context, p *engine.Principal) (list []*engine.Partner, err error) {
	err = s.db.View(ctx, func(v *meta.View) error {
		list = nil
		if p.Role != engine.RoleSuperAdmin {
			pt, err := may(v, p, p.Partner)
			list = append(list, pt)
			return err
		}
		return schema.ScanPartners(v, engine.ID{}, func(pt *engine.Partner) (bool, error) {
			list = append(list, pt)
			return true, nil
		})
	})
	return list, engine.Wrap("tenancy.Partners", err)
}

// Tenants lists a partner's tenants in the order in which they were made.
func (s *Service) Tenants(ctx context.Context, p *engine.Principal, partner engine.ID) (list []*engine.Tenant, err error) {
	err = s.db.View(ctx, func(v *meta.View) error {
		list = nil
		if _, err := may(v, p, partner); err != nil {
			return err
		}
		return schema.ScanTenants(v, 0, func(t *engine.Tenant) (bool, error) {
			if t.Partner == partner {
				list = append(list, t)
			}
			return true, nil
		})
	})
	return list, engine.Wrap("tenancy.Tenants", err)
}

// CreateTenant makes a tenant of a partner. found is called in the same mutation, so
// that the tenant has an administrator from its beginning. A name that a tenant of
// the partner has is KindConflict.
func (s *Service) CreateTenant(ctx context.Context, p *engine.Principal, partner engine.ID, name, display string, found func(schema.Writer, *engine.Tenant) error) (*engine.Tenant, error) {
	if display == "" {
		display = name
	}
	var t *engine.Tenant
	err := s.db.Update(ctx, func(tx *meta.Tx) error {
		if _, err := may(tx, p, partner); err != nil {
			return err
		}
		if err := checkName("name", name); err != nil {
			return err
		}
		if err := checkName("display_name", display); err != nil {
			return err
		}
		var last engine.TenantNo
		err := schema.ScanTenants(tx, 0, func(other *engine.Tenant) (bool, error) {
			last = other.No
			if other.Partner == partner && names.Key(other.Name) == names.Key(name) {
				return false, engine.E(engine.KindConflict, "The partner has a tenant of this name")
			}
			return true, nil
		})
		if err != nil {
			return err
		}
		if last == ^engine.TenantNo(0) {
			return engine.E(engine.KindConflict, "There are no numbers of tenants left")
		}
		t = &engine.Tenant{
			No: last + 1, ID: s.env.NewID(), Partner: partner, Name: name, DisplayName: display, Status: engine.StatusActive,
			CreatedAt: s.env.Now(), Settings: engine.DefaultTenantSettings(), Directory: schema.DirectoryVersion,
		}
		if err := schema.PutTenant(tx, t); err != nil {
			return err
		}
		return found(tx, t)
	})
	if err != nil {
		return nil, engine.Wrap("tenancy.CreateTenant", err)
	}
	return t, nil
}

// SetStatus suspends a partner's tenant or lets it act again. Whoever is in a
// suspended one is refused at the next request. The caller's own can't be suspended.
func (s *Service) SetStatus(ctx context.Context, p *engine.Principal, partner, tenant engine.ID, status engine.Status) (*engine.Tenant, error) {
	var t *engine.Tenant
	err := s.db.Update(ctx, func(tx *meta.Tx) error {
		if _, err := may(tx, p, partner); err != nil {
			return err
		}
		unknown := engine.E(engine.KindNotFound, "Tenant not found")
		no, err := schema.GetTenantNo(tx, tenant)
		if errors.Is(err, schema.ErrNotFound) {
			return unknown
		}
		if err != nil {
			return err
		}
		if t, err = schema.GetTenant(tx, no); err != nil {
			return err
		}
		switch {
		case t.Partner != partner:
			return unknown
		case no == p.Tenant && status != engine.StatusActive:
			return engine.E(engine.KindConflict, "You can't suspend your own tenant")
		}
		if status != engine.StatusActive {
			if err := notTheLastSuper(tx, t); err != nil {
				return err
			}
		}
		t.Status = status
		t.PrincipalGen++
		return schema.PutTenant(tx, t)
	})
	if err != nil {
		return nil, engine.Wrap("tenancy.SetStatus", err)
	}
	return t, nil
}

// SetPartner suspends a partner or lets it act again; for super_admins. Whoever is in
// a tenant of a suspended one, its staff included, is refused at the next request. The
// caller's own can't be suspended.
func (s *Service) SetPartner(ctx context.Context, p *engine.Principal, partner engine.ID, status engine.Status) (*engine.Partner, error) {
	if err := access.AdministersServer(p); err != nil {
		return nil, err
	}
	var pt *engine.Partner
	err := s.db.Update(ctx, func(tx *meta.Tx) (err error) {
		if err := access.AdministersServerNow(tx, p); err != nil {
			return err
		}
		if pt, err = may(tx, p, partner); err != nil {
			return err
		}
		if partner == p.Partner && status != engine.StatusActive {
			return engine.E(engine.KindConflict, "You can't suspend your own partner")
		}
		pt.Status = status
		return schema.PutPartner(tx, pt)
	})
	if err != nil {
		return nil, engine.Wrap("tenancy.SetPartner", err)
	}
	return pt, nil
}

// notTheLastSuper answers nil unless all the super_admins who can act are of one tenant.
func notTheLastSuper(r schema.Reader, t *engine.Tenant) error {
	here, elsewhere := false, false
	err := schema.ScanAdmins(r, 0, engine.ID{}, func(no engine.TenantNo, id engine.ID, role engine.AdminRole) (bool, error) {
		if role != engine.RoleSuperAdmin {
			return true, nil
		}
		u, err := schema.GetUser(r, no, id)
		if err != nil || u.Status != engine.StatusActive && u.Status != engine.StatusInactive {
			return true, err
		}
		if no == t.No {
			here = true
			return true, nil
		}
		its, err := schema.GetTenant(r, no)
		elsewhere = elsewhere || err == nil && its.Status == engine.StatusActive
		return !elsewhere, err
	})
	if err == nil && here && !elsewhere {
		err = engine.E(engine.KindConflict, "The last active super_admin of this server is in this tenant")
	}
	return err
}

// A Change is what to change of a tenant; what is nil stays.
type Change struct {
	DisplayName *string
	Settings    func(*engine.TenantSettings)
}

// Edit changes the caller's tenant; for its administrators. A setting that breaks a
// rule is KindInvalid.
func (s *Service) Edit(ctx context.Context, p *engine.Principal, c Change) (*engine.Tenant, error) {
	if !p.AdministersTenant() {
		return nil, engine.E(engine.KindForbidden, "Only administrators of the tenant may do this")
	}
	var t *engine.Tenant
	err := s.db.Update(ctx, func(tx *meta.Tx) (err error) {
		may, err := access.Administers(tx, p)
		if err == nil && !may {
			err = engine.E(engine.KindForbidden, "Only administrators of the tenant may do this")
		}
		if err != nil {
			return err
		}
		if t, err = schema.GetTenant(tx, p.Tenant); err != nil {
			return err
		}
		if c.DisplayName != nil {
			if err := checkName("display_name", *c.DisplayName); err != nil {
				return err
			}
			t.DisplayName = *c.DisplayName
		}
		if c.Settings != nil {
			c.Settings(&t.Settings)
		}
		if err := checkSettings(&t.Settings); err != nil {
			return err
		}
		return schema.PutTenant(tx, t)
	})
	if err != nil {
		return nil, engine.Wrap("tenancy.Edit", err)
	}
	return t, nil
}

// The bounds of settings.
const (
	maxSize     = 1 << 60
	maxVersions = 1_000_000
	maxPassword = 128 // the longest minimum, in characters
)

func checkSettings(s *engine.TenantSettings) error {
	for _, n := range []struct {
		field     string
		value     int64
		low, high int64
	}{
		{"max_file_size_bytes", s.MaxFileSize, 1, maxSize},
		{"default_share_quota_bytes", s.DefaultShareQuota, 0, maxSize},
		{"default_user_quota_bytes", s.DefaultUserQuota, 0, maxSize},
		{"trash_retention_days", int64(s.TrashRetentionDays), 0, engine.MaxRetentionDays},
		{"version_retention_days", int64(s.VersionRetentionDays), 0, engine.MaxRetentionDays},
		{"version_keep_last", int64(s.VersionKeepLast), 0, maxVersions},
		{"password_min_length", int64(s.PasswordMinLength), 8, maxPassword},
	} {
		if n.value < n.low || n.value > n.high {
			return engine.Invalid(n.field, "Must be %d to %d", n.low, n.high)
		}
	}
	if s.VersionRetentionDays != 0 {
		return engine.Invalid("version_retention_days", "This server keeps all versions; nothing thins them yet")
	}
	if s.VersionKeepLast != 0 {
		return engine.Invalid("version_keep_last", "This server keeps all versions; nothing thins them yet")
	}
	if s.RequireMFA {
		return engine.Invalid("require_mfa", "This server has no second factors yet")
	}
	return nil
}
