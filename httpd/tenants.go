package httpd

import (
	"scaidrive/engine"
	"scaidrive/engine/meta/schema"
	"scaidrive/engine/people"
	"scaidrive/engine/tenancy"
	"scaidrive/httpd/wire"
)

// orNone gives a pointer to a number, nil for 0.
func orNone[T int | int64](n T) *T {
	if n == 0 {
		return nil
	}
	return &n
}

func wireTenant(t *engine.Tenant) wire.Tenant {
	s := &t.Settings
	creation := "admins"
	if s.ShareCreationByMembers {
		creation = "members"
	}
	return wire.Tenant{
		ID: t.ID.Format(engine.PrefixTenant), PartnerID: t.Partner.Format(engine.PrefixPartner),
		Name: t.Name, DisplayName: t.DisplayName, Status: statusName(t.Status), CreatedAt: wire.At(t.CreatedAt),
		Settings: wire.TenantSettings{
			MaxFileSizeBytes: s.MaxFileSize, DefaultShareQuotaBytes: orNone(s.DefaultShareQuota), DefaultUserQuotaBytes: orNone(s.DefaultUserQuota),
			TrashRetentionDays: s.TrashRetentionDays, VersionRetentionDays: orNone(s.VersionRetentionDays), VersionKeepLast: orNone(s.VersionKeepLast),
			VectorizationEnabled: !s.NoVectorization, RequireMFA: s.RequireMFA, WindowsCompatibleNames: s.WindowsCompatibleNames,
			ShareCreation: creation, Invitations: !s.NoInvitations, PasswordMinLength: s.PasswordMinLength,
		},
	}
}

func getTenant(c *call) error {
	t, err := c.s.o.Tenancy.Get(c.ctx, c.who.Tenant)
	if err != nil {
		return err
	}
	return c.json(200, wireTenant(t))
}

func updateTenant(c *call) error {
	var in wire.UpdateTenant
	if err := c.decode(&in, false); err != nil {
		return err
	}
	if in.ShareCreation != nil && *in.ShareCreation != "admins" && *in.ShareCreation != "members" {
		return badField("literal_error", "Input should be admins or members", "body", "share_creation")
	}
	t, err := c.s.o.Tenancy.Edit(c.ctx, c.who, tenancy.Change{DisplayName: in.DisplayName, Settings: func(s *engine.TenantSettings) {
		set(&s.MaxFileSize, in.MaxFileSizeBytes)
		set(&s.DefaultShareQuota, in.DefaultShareQuotaBytes)
		set(&s.DefaultUserQuota, in.DefaultUserQuotaBytes)
		set(&s.TrashRetentionDays, in.TrashRetentionDays)
		set(&s.VersionRetentionDays, in.VersionRetentionDays)
		set(&s.VersionKeepLast, in.VersionKeepLast)
		set(&s.RequireMFA, in.RequireMFA)
		set(&s.WindowsCompatibleNames, in.WindowsCompatibleNames)
		set(&s.PasswordMinLength, in.PasswordMinLength)
		if in.VectorizationEnabled != nil {
			s.NoVectorization = !*in.VectorizationEnabled
		}
		if in.Invitations != nil {
			s.NoInvitations = !*in.Invitations
		}
		if in.ShareCreation != nil {
			s.ShareCreationByMembers = *in.ShareCreation == "members"
		}
	}})
	if err != nil {
		return err
	}
	return c.json(200, wireTenant(t))
}

// set takes over what a body says, if it says something.
func set[T any](to, from *T) {
	if from != nil {
		*to = *from
	}
}

func wirePartner(p *engine.Partner) wire.Partner {
	return wire.Partner{
		ID: p.ID.Format(engine.PrefixPartner), Name: p.Name, DisplayName: p.DisplayName, Status: statusName(p.Status), CreatedAt: wire.At(p.CreatedAt),
	}
}

func listPartners(c *call) error {
	limit, offset, err := c.page()
	if err != nil {
		return err
	}
	list, err := c.s.o.Tenancy.Partners(c.ctx, c.who)
	if err != nil {
		return err
	}
	out := wire.Partners{Partners: []wire.Partner{}, Total: len(list)}
	for _, p := range list[min(offset, len(list)):min(offset+limit, len(list))] {
		out.Partners = append(out.Partners, wirePartner(p))
	}
	return c.json(200, out)
}

func createPartner(c *call) error {
	var in wire.CreatePartner
	if err := c.decode(&in, false); err != nil {
		return err
	}
	p, err := c.s.o.Tenancy.CreatePartner(c.ctx, c.who, in.Name, in.DisplayName)
	if err != nil {
		return err
	}
	return c.json(201, wirePartner(p))
}

func listTenants(c *call) error {
	id, err := c.pathID(engine.PrefixPartner, 0)
	if err != nil {
		return err
	}
	limit, offset, err := c.page()
	if err != nil {
		return err
	}
	list, err := c.s.o.Tenancy.Tenants(c.ctx, c.who, id)
	if err != nil {
		return err
	}
	out := wire.Tenants{Tenants: []wire.Tenant{}, Total: len(list)}
	for _, t := range list[min(offset, len(list)):min(offset+limit, len(list))] {
		out.Tenants = append(out.Tenants, wireTenant(t))
	}
	return c.json(200, out)
}

func createTenant(c *call) error {
	id, err := c.pathID(engine.PrefixPartner, 0)
	if err != nil {
		return err
	}
	var in wire.CreateTenant
	if err := c.decode(&in, false); err != nil {
		return err
	}
	var admin *engine.User
	var invite *people.Invite
	t, err := c.s.o.Tenancy.CreateTenant(c.ctx, c.who, id, in.Name, in.DisplayName, func(w schema.Writer, t *engine.Tenant) (err error) {
		admin, invite, err = c.s.o.People.FirstAdmin(w, t, in.AdminEmail)
		if engine.KindOf(err) == engine.KindInvalid && err != nil {
			err = engine.Invalid("admin_email", "Is not an e-mail address")
		}
		return err
	})
	if err != nil {
		return err
	}
	return c.json(201, wire.NewTenant{Tenant: wireTenant(t), AdminUserID: admin.ID.Format(engine.PrefixUser), Invite: *c.wireInvite(invite)})
}

// setPartner turns a state into the handler that sets it.
func setPartner(status engine.Status) func(*call) error {
	return func(c *call) error {
		id, err := c.pathID(engine.PrefixPartner, 0)
		if err != nil {
			return err
		}
		pt, err := c.s.o.Tenancy.SetPartner(c.ctx, c.who, id, status)
		if err != nil {
			return err
		}
		return c.json(200, wirePartner(pt))
	}
}

// setTenant turns a state into the handler that sets it.
func setTenant(status engine.Status) func(*call) error {
	return func(c *call) error {
		partner, err := c.pathID(engine.PrefixPartner, 0)
		if err != nil {
			return err
		}
		id, err := c.pathID(engine.PrefixTenant, 1)
		if err != nil {
			return err
		}
		t, err := c.s.o.Tenancy.SetStatus(c.ctx, c.who, partner, id, status)
		if err != nil {
			return err
		}
		return c.json(200, wireTenant(t))
	}
}
