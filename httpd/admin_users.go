package httpd

import (
	"strings"

	"scaidrive/engine"
	"scaidrive/engine/people"
	"scaidrive/httpd/wire"
)

// The names of the states of users, tenants and partners, and of the roles.
func statusName(s engine.Status) string {
	switch s {
	case engine.StatusActive:
		return "active"
	case engine.StatusPending:
		return "pending"
	case engine.StatusSuspended:
		return "suspended"
	case engine.StatusInactive:
		return "inactive"
	}
	return "deleted"
}

// bodyRole reads a role that a body names; "none" is none.
func bodyRole(name string) (engine.AdminRole, error) {
	for _, r := range []engine.AdminRole{engine.RoleTenantAdmin, engine.RolePartnerAdmin, engine.RoleSuperAdmin} {
		if name == roleName(r) {
			return r, nil
		}
	}
	if name == "none" {
		return engine.RoleNone, nil
	}
	return 0, badField("literal_error", "Input should be none, tenant_admin, partner_admin or super_admin", "body", "admin_role")
}

func (c *call) wireUser(u *engine.User) wire.AdminUser {
	out := wire.AdminUser{
		ID: u.ID.Format(engine.PrefixUser), TenantID: c.who.TenantID.Format(engine.PrefixTenant),
		Email: u.Email, Name: u.Name, DisplayName: u.DisplayName, Status: statusName(u.Status),
		IsActive:           u.Status == engine.StatusActive || u.Status == engine.StatusInactive,
		ProvisioningSource: "local", LastLoginAt: wire.AtPtr(u.LastLoginAt), CreatedAt: wire.At(u.CreatedAt),
	}
	if role := roleName(u.AdminRole); role != "" {
		out.IsAdmin, out.AdminRole = true, &role
	}
	if u.QuotaBytes > 0 {
		out.QuotaBytes = &u.QuotaBytes
	}
	return out
}

// wireInvite gives an invite with the address of the page that takes it. The secret
// stands behind the "#", which browsers keep to themselves.
func (c *call) wireInvite(i *people.Invite) *wire.Invite {
	if i == nil {
		return nil
	}
	return &wire.Invite{Token: i.Text, URL: c.issuer() + "/#activate=" + i.Text, ExpiresAt: wire.At(i.ExpiresAt)}
}

// pageBehind reads page_token: the place behind which a list by ID goes on.
func (c *call) pageBehind(prefix string) (engine.ID, error) {
	text, ok := c.query["page_token"]
	if !ok {
		return engine.ID{}, nil
	}
	id, err := engine.ParseID(prefix, text)
	if _, offset := c.query["offset"]; err != nil || offset || c.query["search"] != "" {
		return engine.ID{}, badField("value_error", "Value error, not a page_token of this list, or not together with offset or search", "query", "page_token")
	}
	return id, nil
}

func listUsers(c *call) error {
	limit, offset, err := c.page()
	if err != nil {
		return err
	}
	q := people.UserQuery{Search: c.query["search"], Limit: limit, Offset: offset}
	words := []string{"", "active", "pending", "suspended", "inactive", "deleted"} // in the order of the states
	state, err := c.queryChoice("status", words...)
	if err != nil {
		return err
	}
	q.Status = engine.Status(state)
	if _, ok := c.query["is_admin"]; ok {
		yes, err := c.queryBool("is_admin")
		if err != nil {
			return err
		}
		q.Admins = &yes
	}
	if q.Behind, err = c.pageBehind(engine.PrefixUser); err != nil {
		return err
	}
	list, err := c.s.o.People.Users(c.ctx, c.who, q)
	if err != nil {
		return err
	}
	out := wire.AdminUsers{Users: make([]wire.AdminUser, len(list.Items)), Total: list.Total, TotalExact: list.Exact}
	for i, u := range list.Items {
		out.Users[i] = c.wireUser(u)
	}
	if !list.Next.IsZero() {
		out.NextPageToken = list.Next.Format(engine.PrefixUser)
	}
	return c.json(200, out)
}

func createUser(c *call) error {
	var in wire.CreateUser
	if err := c.decode(&in, false); err != nil {
		return err
	}
	spec := people.UserSpec{Email: in.Email, Name: in.Name, DisplayName: in.DisplayName, Password: in.Password}
	if in.QuotaBytes != nil {
		if spec.QuotaBytes = *in.QuotaBytes; spec.QuotaBytes < 1 {
			return badField("greater_than_equal", "Input should be positive", "body", "quota_bytes")
		}
	}
	if in.AdminRole != nil {
		var err error
		if spec.Role, err = bodyRole(*in.AdminRole); err != nil {
			return err
		}
	}
	u, invite, err := c.s.o.People.CreateUser(c.ctx, c.who, spec)
	if err != nil {
		return err
	}
	out := c.wireUser(u)
	out.Invite = c.wireInvite(invite)
	return c.json(201, out)
}

// aUser turns a handler of one user into one of the route.
func aUser(status int, h func(c *call, id engine.ID) (*engine.User, *people.Invite, error)) func(*call) error {
	return func(c *call) error {
		id, err := c.pathID(engine.PrefixUser, 0)
		if err != nil {
			return err
		}
		u, invite, err := h(c, id)
		if err != nil {
			return err
		}
		out := c.wireUser(u)
		out.Invite = c.wireInvite(invite)
		return c.json(status, out)
	}
}

func getUser(c *call, id engine.ID) (*engine.User, *people.Invite, error) {
	u, err := c.s.o.People.User(c.ctx, c.who, id)
	return u, nil, err
}

func updateUser(c *call, id engine.ID) (*engine.User, *people.Invite, error) {
	var in wire.UpdateUser
	if err := c.decode(&in, false); err != nil {
		return nil, nil, err
	}
	change := people.UserChange{Email: in.Email, Name: in.Name, DisplayName: in.DisplayName, QuotaBytes: in.QuotaBytes}
	if in.AdminRole != nil {
		role, err := bodyRole(*in.AdminRole)
		if err != nil {
			return nil, nil, err
		}
		change.Role = &role
	}
	u, err := c.s.o.People.EditUser(c.ctx, c.who, id, change)
	return u, nil, err
}

func suspendUser(c *call, id engine.ID) (*engine.User, *people.Invite, error) {
	u, err := c.s.o.People.SuspendUser(c.ctx, c.who, id)
	return u, nil, err
}

func activateUser(c *call, id engine.ID) (*engine.User, *people.Invite, error) {
	u, err := c.s.o.People.ActivateUser(c.ctx, c.who, id)
	return u, nil, err
}

func resetPassword(c *call, id engine.ID) (*engine.User, *people.Invite, error) {
	var in wire.ResetPassword
	if err := c.decode(&in, false); err != nil {
		return nil, nil, err
	}
	invite, err := c.s.o.People.ResetPassword(c.ctx, c.who, id, in.Password)
	if err != nil {
		return nil, nil, err
	}
	u, err := c.s.o.People.User(c.ctx, c.who, id)
	return u, invite, err
}

// queryHeir reads heir_id: who gets what belongs to what is deleted.
func (c *call) queryHeir() (engine.PrincipalKind, engine.ID, error) {
	text, ok := c.query["heir_id"]
	if !ok {
		return 0, engine.ID{}, nil
	}
	kind, id, err := parsePrincipal(text)
	if err != nil {
		return 0, engine.ID{}, badField("value_error", "Value error, "+err.Error(), "query", "heir_id")
	}
	return kind, id, nil
}

// bodyPrincipal reads the ID of a user or a group in a field of the body.
func bodyPrincipal(text, field string) (engine.PrincipalKind, engine.ID, error) {
	kind, id, err := parsePrincipal(text)
	if err != nil {
		err = badField("value_error", "Value error, "+err.Error(), "body", field)
	}
	return kind, id, err
}

// parsePrincipal reads the ID of a user or a group.
func parsePrincipal(text string) (engine.PrincipalKind, engine.ID, error) {
	if strings.HasPrefix(text, engine.PrefixGroup) {
		id, err := engine.ParseID(engine.PrefixGroup, text)
		return engine.PrincipalGroup, id, err
	}
	id, err := engine.ParseID(engine.PrefixUser, text)
	return engine.PrincipalUser, id, err
}

// wirePrincipal gives the ID of a user or a group, and which of them it is.
func wirePrincipal(kind engine.PrincipalKind, id engine.ID) (text, name string) {
	if kind == engine.PrincipalGroup {
		return id.Format(engine.PrefixGroup), "group"
	}
	return id.Format(engine.PrefixUser), "user"
}

func deleteUser(c *call) error {
	id, err := c.pathID(engine.PrefixUser, 0)
	if err != nil {
		return err
	}
	kind, heir, err := c.queryHeir()
	if err == nil {
		err = c.s.o.People.DeleteUser(c.ctx, c.who, id, kind, heir)
	}
	if err != nil {
		return err
	}
	return c.noContent(204)
}

func activate(c *call) error {
	var in wire.Activate
	if err := c.decode(&in, false); err != nil {
		return err
	}
	if err := c.s.o.People.Redeem(c.ctx, in.Token, in.Password); err != nil {
		return err
	}
	return c.noContent(204)
}
