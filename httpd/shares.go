package httpd

import (
	"context"

	"scaidrive/engine"
	"scaidrive/engine/share"
	"scaidrive/httpd/wire"
)

func getMe(c *call) error {
	u, err := c.s.o.Identity.User(c.ctx, c.who.Tenant, c.who.User)
	if err != nil {
		return err
	}
	groups, err := c.s.o.People.GroupsOf(c.ctx, c.who.Tenant, c.who.User)
	if err != nil {
		return err
	}
	me := wire.Me{
		ID: u.ID.Format(engine.PrefixUser), Email: u.Email, Name: u.Name, DisplayName: u.DisplayName,
		TenantID: c.who.TenantID.Format(engine.PrefixTenant), PartnerID: c.who.Partner.Format(engine.PrefixPartner),
		Groups: []string{}, Scopes: append([]string{}, c.who.Scopes...),
	}
	for _, g := range groups {
		me.Groups = append(me.Groups, g.Format(engine.PrefixGroup))
	}
	if role := roleName(c.who.Role); role != "" {
		me.IsAdmin, me.AdminRole = true, &role
	}
	return c.json(200, me)
}

func roleName(r engine.AdminRole) string {
	switch r {
	case engine.RoleTenantAdmin:
		return "tenant_admin"
	case engine.RolePartnerAdmin:
		return "partner_admin"
	case engine.RoleSuperAdmin:
		return "super_admin"
	}
	return ""
}

func listMyShares(c *call) error {
	limit, offset, err := c.sharePage()
	if err != nil {
		return err
	}
	list, total, err := c.s.o.Shares.Mine(c.ctx, c.who, limit, offset)
	if err != nil {
		return err
	}
	out := wire.MyShares{Shares: make([]wire.MyShare, len(list)), Total: total}
	for i, sh := range list {
		out.Shares[i] = c.wireMyShare(sh)
	}
	return c.json(200, out)
}

func listShares(c *call) error {
	limit, offset, err := c.sharePage()
	if err != nil {
		return err
	}
	q := share.Query{Limit: limit, Offset: offset}
	if q.All, err = c.queryBool("all"); err != nil {
		return err
	}
	if q.Trashed, err = c.queryBool("include_trashed"); err != nil {
		return err
	}
	list, total, err := c.s.o.Shares.Find(c.ctx, c.who, q)
	if err != nil {
		return err
	}
	out := wire.Shares{Shares: make([]wire.Share, len(list)), Total: total}
	for i, sh := range list {
		out.Shares[i] = c.wireShare(sh)
	}
	return c.json(200, out)
}

func createShare(c *call) error {
	var in wire.CreateShare
	if err := c.decode(&in, false); err != nil {
		return err
	}
	spec := share.CreateSpec{Name: in.Name, Description: in.Description, QuotaBytes: -1}
	switch in.ShareType {
	case "central":
		spec.Type = engine.ShareCentral
	case "project":
		spec.Type = engine.ShareProject
	case "personal":
		return badField("literal_error", "A personal share is made at the first sign-in, not by a call", "body", "share_type")
	default:
		return badField("literal_error", "Input should be central or project", "body", "share_type")
	}
	if in.QuotaBytes != nil {
		if *in.QuotaBytes < 0 {
			return badField("greater_than_equal", "Input should not be negative", "body", "quota_bytes")
		}
		spec.QuotaBytes = *in.QuotaBytes
	}
	var err error
	spec.Slug = in.Slug
	if spec.Discoverable, err = bodyVisibility(in.Visibility); err != nil {
		return err
	}
	if in.ArchiveAt != nil {
		spec.ArchiveAt = in.ArchiveAt.Time
	}
	if in.OwnerID != "" {
		if spec.OwnerKind, spec.Owner, err = bodyPrincipal(in.OwnerID, "owner_id"); err != nil {
			return err
		}
	}
	sh, err := c.s.o.Shares.Create(c.ctx, c.who, spec)
	if err != nil {
		return err
	}
	return c.json(201, c.wireShare(sh))
}

func getShare(c *call) error {
	id, err := c.pathShare(0)
	if err != nil {
		return err
	}
	sh, err := c.s.o.Shares.Get(c.ctx, c.who, id)
	if err != nil {
		return err
	}
	return c.json(200, c.wireShare(sh))
}

// maxFileSize is what /config tells everybody: the first tenant's limit.
func (s *Server) maxFileSize(ctx context.Context) int64 {
	if s.o.Tenancy != nil {
		if t, err := s.o.Tenancy.Get(ctx, 1); err == nil {
			return t.Settings.MaxFileSize
		}
	}
	return engine.DefaultTenantSettings().MaxFileSize
}
