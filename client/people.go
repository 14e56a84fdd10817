package client

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"scaidrive/httpd/wire"
)

// send sends in as JSON and reads the answer; a nil in is no body.
func send[T any](ctx context.Context, c *Client, method, path string, in any) (*T, error) {
	r := call{method: method, path: path}
	if in != nil {
		var err error
		if r, err = r.jsonBody(in); err != nil {
			return nil, err
		}
	}
	var out T
	return &out, c.ask(ctx, r, &out)
}

func (c *Client) remove(ctx context.Context, path string, q url.Values) error {
	return c.ask(ctx, call{method: http.MethodDelete, path: path, query: q}, nil)
}

const peoplePage = 500

// EachUser goes through the users of the tenant until fn returns false: those with a
// word that begins as search says, and of a state, where these are given.
func (c *Client) EachUser(ctx context.Context, search, status string, fn func(*wire.AdminUser) (bool, error)) error {
	q := url.Values{"limit": {strconv.Itoa(peoplePage)}}
	if status != "" {
		q.Set("status", status)
	}
	if search != "" {
		q.Set("search", search)
	}
	for n := 0; ; {
		var page wire.AdminUsers
		if err := c.get(ctx, "/admin/users", q, &page); err != nil {
			return err
		}
		for i := range page.Users {
			if more, err := fn(&page.Users[i]); err != nil || !more {
				return err
			}
		}
		n += len(page.Users)
		switch {
		case page.NextPageToken != "":
			q.Set("page_token", page.NextPageToken)
		case search != "" && len(page.Users) > 0 && n < page.Total:
			q.Set("offset", strconv.Itoa(n))
		default:
			return nil
		}
	}
}

// User gives a user of the tenant.
func (c *Client) User(ctx context.Context, id string) (*wire.AdminUser, error) {
	var out wire.AdminUser
	return &out, c.get(ctx, "/admin/users/"+url.PathEscape(id), nil, &out)
}

// FindUser gives the ID of the user with an address, or of an ID.
func (c *Client) FindUser(ctx context.Context, emailOrID string) (string, error) {
	if strings.HasPrefix(emailOrID, "usr_") && !strings.Contains(emailOrID, "@") {
		return emailOrID, nil
	}
	id := ""
	err := c.EachUser(ctx, emailOrID, "", func(u *wire.AdminUser) (bool, error) {
		if NameKey(u.Email) == NameKey(emailOrID) {
			id = u.ID
		}
		return id == "", nil
	})
	if err == nil && id == "" {
		err = notThere("user", emailOrID)
	}
	return id, err
}

func notThere(what, name string) error {
	return &StatusError{Status: http.StatusNotFound, Problem: wire.Problem{Detail: fmt.Sprintf("there is no %s %q", what, name)}}
}

// CreateUser makes a user. Without a password the answer holds a link to hand over.
func (c *Client) CreateUser(ctx context.Context, in wire.CreateUser) (*wire.AdminUser, error) {
	return send[wire.AdminUser](ctx, c, http.MethodPost, "/admin/users", in)
}

// UpdateUser changes a user.
func (c *Client) UpdateUser(ctx context.Context, id string, in wire.UpdateUser) (*wire.AdminUser, error) {
	return send[wire.AdminUser](ctx, c, http.MethodPatch, "/admin/users/"+url.PathEscape(id), in)
}

// SuspendUser shuts a user out.
func (c *Client) SuspendUser(ctx context.Context, id string) (*wire.AdminUser, error) {
	return send[wire.AdminUser](ctx, c, http.MethodPost, "/admin/users/"+url.PathEscape(id)+"/suspend", nil)
}

// ActivateUser lets a user in again.
func (c *Client) ActivateUser(ctx context.Context, id string) (*wire.AdminUser, error) {
	return send[wire.AdminUser](ctx, c, http.MethodPost, "/admin/users/"+url.PathEscape(id)+"/activate", nil)
}

// ResetPassword gives a user a password, or a link to set one.
func (c *Client) ResetPassword(ctx context.Context, id, password string) (*wire.AdminUser, error) {
	return send[wire.AdminUser](ctx, c, http.MethodPost, "/admin/users/"+url.PathEscape(id)+"/reset-password", wire.ResetPassword{Password: password})
}

// DeleteUser deletes a user; heir "" is the caller.
func (c *Client) DeleteUser(ctx context.Context, id, heir string) error {
	return c.remove(ctx, "/admin/users/"+url.PathEscape(id), heirQuery(heir))
}

func heirQuery(heir string) url.Values {
	if heir == "" {
		return nil
	}
	return url.Values{"heir_id": {heir}}
}

// EachGroup goes through the groups of the tenant until fn returns false.
func (c *Client) EachGroup(ctx context.Context, search string, fn func(*wire.Group) (bool, error)) error {
	q := url.Values{"limit": {strconv.Itoa(peoplePage)}}
	if search != "" {
		q.Set("search", search)
	}
	for n := 0; ; {
		var page wire.Groups
		if err := c.get(ctx, "/admin/groups", q, &page); err != nil {
			return err
		}
		for i := range page.Groups {
			if more, err := fn(&page.Groups[i]); err != nil || !more {
				return err
			}
		}
		n += len(page.Groups)
		switch {
		case page.NextPageToken != "":
			q.Set("page_token", page.NextPageToken)
		case search != "" && len(page.Groups) > 0 && n < page.Total:
			q.Set("offset", strconv.Itoa(n))
		default:
			return nil
		}
	}
}

// FindGroup gives the ID of the group of a name, or of an ID.
func (c *Client) FindGroup(ctx context.Context, nameOrID string) (string, error) {
	if strings.HasPrefix(nameOrID, "grp_") && len(nameOrID) == 30 {
		return nameOrID, nil
	}
	id := ""
	err := c.EachGroup(ctx, nameOrID, func(g *wire.Group) (bool, error) {
		if NameKey(g.Name) == NameKey(nameOrID) {
			id = g.ID
		}
		return id == "", nil
	})
	if err == nil && id == "" {
		err = notThere("group", nameOrID)
	}
	return id, err
}

// Group gives a group.
func (c *Client) Group(ctx context.Context, id string) (*wire.Group, error) {
	var out wire.Group
	return &out, c.get(ctx, "/admin/groups/"+url.PathEscape(id), nil, &out)
}

// CreateGroup makes a group.
func (c *Client) CreateGroup(ctx context.Context, in wire.CreateGroup) (*wire.Group, error) {
	return send[wire.Group](ctx, c, http.MethodPost, "/admin/groups", in)
}

// UpdateGroup renames or describes a group.
func (c *Client) UpdateGroup(ctx context.Context, id string, in wire.UpdateGroup) (*wire.Group, error) {
	return send[wire.Group](ctx, c, http.MethodPatch, "/admin/groups/"+url.PathEscape(id), in)
}

// DeleteGroup deletes a group; heir "" is the caller.
func (c *Client) DeleteGroup(ctx context.Context, id, heir string) error {
	return c.remove(ctx, "/admin/groups/"+url.PathEscape(id), heirQuery(heir))
}

// GroupMembers lists who is in a group directly, at most 10,000.
func (c *Client) GroupMembers(ctx context.Context, id string) ([]wire.GroupMember, error) {
	var all []wire.GroupMember
	for {
		var page wire.GroupMembers
		q := url.Values{"limit": {strconv.Itoa(peoplePage)}, "offset": {strconv.Itoa(len(all))}}
		if err := c.get(ctx, "/admin/groups/"+url.PathEscape(id)+"/members", q, &page); err != nil {
			return nil, err
		}
		all = append(all, page.Members...)
		if len(page.Members) == 0 || len(all) >= min(page.Total, 10_000) {
			return all, nil
		}
	}
}

// AddGroupMember puts a user or group into a group.
func (c *Client) AddGroupMember(ctx context.Context, group, principal string) (*wire.GroupMember, error) {
	in := wire.AddGroupMember{UserID: principal}
	if strings.HasPrefix(principal, "grp_") {
		in = wire.AddGroupMember{GroupID: principal}
	}
	return send[wire.GroupMember](ctx, c, http.MethodPost, "/admin/groups/"+url.PathEscape(group)+"/members", in)
}

// RemoveGroupMember takes a user or group out of a group.
func (c *Client) RemoveGroupMember(ctx context.Context, group, principal string) error {
	return c.remove(ctx, "/admin/groups/"+url.PathEscape(group)+"/members/"+url.PathEscape(principal), nil)
}

// FindPrincipal gives the ID of an active user with an address, of a group of a name,
// or of an ID. It needs no role.
func (c *Client) FindPrincipal(ctx context.Context, name string) (string, error) {
	if (strings.HasPrefix(name, "usr_") || strings.HasPrefix(name, "grp_")) && len(name) == 30 {
		return name, nil
	}
	found, err := c.FindPrincipals(ctx, name)
	if err != nil {
		return "", err
	}
	for _, u := range found.Users {
		if NameKey(u.Email) == NameKey(name) {
			return u.ID, nil
		}
	}
	for _, g := range found.Groups {
		if NameKey(g.Name) == NameKey(name) {
			return g.ID, nil
		}
	}
	return "", notThere("user or group", name)
}

// Members lists the owner and the members of a share, at most 10,000.
func (c *Client) Members(ctx context.Context, share string) ([]wire.ShareMember, error) {
	var all []wire.ShareMember
	for {
		var page wire.ShareMembers
		q := url.Values{"limit": {strconv.Itoa(peoplePage)}, "offset": {strconv.Itoa(len(all))}}
		if err := c.get(ctx, "/shares/"+url.PathEscape(share)+"/members", q, &page); err != nil {
			return nil, err
		}
		all = append(all, page.Members...)
		if len(page.Members) == 0 || len(all) >= min(page.Total, 10_000) {
			return all, nil
		}
	}
}

// AddMember gives a user or group a role in a share.
func (c *Client) AddMember(ctx context.Context, share string, in wire.AddShareMember) (*wire.ShareMember, error) {
	return send[wire.ShareMember](ctx, c, http.MethodPost, "/shares/"+url.PathEscape(share)+"/members", in)
}

// UpdateMember changes a member's role or its end.
func (c *Client) UpdateMember(ctx context.Context, share, principal string, in wire.UpdateShareMember) (*wire.ShareMember, error) {
	return send[wire.ShareMember](ctx, c, http.MethodPatch, "/shares/"+url.PathEscape(share)+"/members/"+url.PathEscape(principal), in)
}

// RemoveMember takes a member out of a share.
func (c *Client) RemoveMember(ctx context.Context, share, principal string) error {
	return c.remove(ctx, "/shares/"+url.PathEscape(share)+"/members/"+url.PathEscape(principal), nil)
}

// Invite invites an address into a share.
func (c *Client) Invite(ctx context.Context, share string, in wire.CreateInvitation) (*wire.Invitation, error) {
	return send[wire.Invitation](ctx, c, http.MethodPost, "/shares/"+url.PathEscape(share)+"/invitations", in)
}

// Invitations lists the invitations into a share, answered ones too.
func (c *Client) Invitations(ctx context.Context, share string) ([]wire.Invitation, error) {
	var all []wire.Invitation
	for {
		var page wire.Invitations
		q := url.Values{"limit": {"1000"}, "offset": {strconv.Itoa(len(all))}}
		if err := c.get(ctx, "/shares/"+url.PathEscape(share)+"/invitations", q, &page); err != nil {
			return nil, err
		}
		all = append(all, page.Invitations...)
		if len(page.Invitations) == 0 || len(all) >= page.Total {
			return all, nil
		}
	}
}

// DeleteInvitation takes an invitation back.
func (c *Client) DeleteInvitation(ctx context.Context, share, invitation string) error {
	return c.remove(ctx, "/shares/"+url.PathEscape(share)+"/invitations/"+url.PathEscape(invitation), nil)
}

// MyInvitations lists the open invitations for the caller's address.
func (c *Client) MyInvitations(ctx context.Context) ([]wire.Invitation, error) {
	var out wire.Invitations
	err := c.ask(ctx, call{method: http.MethodGet, path: "/users/me/invitations"}, &out)
	return out.Invitations, err
}

// AcceptInvitation accepts an invitation of the caller's, once.
func (c *Client) AcceptInvitation(ctx context.Context, invitation string) (*wire.Joined, error) {
	return send[wire.Joined](ctx, c, http.MethodPost, "/users/me/invitations/"+url.PathEscape(invitation)+"/accept", nil)
}

// DeclineInvitation declines an invitation of the caller's.
func (c *Client) DeclineInvitation(ctx context.Context, invitation string) error {
	return c.ask(ctx, call{method: http.MethodPost, path: "/users/me/invitations/" + url.PathEscape(invitation) + "/decline"}, nil)
}

// TransferShare gives a share to a user or group.
func (c *Client) TransferShare(ctx context.Context, share, owner string) (*wire.Share, error) {
	return send[wire.Share](ctx, c, http.MethodPost, "/permissions/ownership/share/"+url.PathEscape(share)+"/transfer", wire.TransferOwnership{NewOwnerID: owner})
}

// Dashboard tells how the caller's tenant does, for its administrators.
func (c *Client) Dashboard(ctx context.Context) (*wire.Dashboard, error) {
	var out wire.Dashboard
	return &out, c.get(ctx, "/admin/dashboard", nil, &out)
}

// Tenant gives the caller's tenant.
func (c *Client) Tenant(ctx context.Context) (*wire.Tenant, error) {
	var out wire.Tenant
	return &out, c.get(ctx, "/admin/tenant", nil, &out)
}

// UpdateTenant changes the settings of the caller's tenant.
func (c *Client) UpdateTenant(ctx context.Context, in wire.UpdateTenant) (*wire.Tenant, error) {
	return send[wire.Tenant](ctx, c, http.MethodPatch, "/admin/tenant", in)
}

// Partners lists the partners that the caller administers.
func (c *Client) Partners(ctx context.Context) ([]wire.Partner, error) {
	var out wire.Partners
	err := c.get(ctx, "/admin/partners", url.Values{"limit": {"1000"}}, &out)
	return out.Partners, err
}

// CreatePartner makes a partner.
func (c *Client) CreatePartner(ctx context.Context, in wire.CreatePartner) (*wire.Partner, error) {
	return send[wire.Partner](ctx, c, http.MethodPost, "/admin/partners", in)
}

// SuspendPartner shuts a partner out with all its tenants, or lets it in again.
func (c *Client) SuspendPartner(ctx context.Context, partner string, suspend bool) (*wire.Partner, error) {
	verb := "/activate"
	if suspend {
		verb = "/suspend"
	}
	return send[wire.Partner](ctx, c, http.MethodPost, "/admin/partners/"+url.PathEscape(partner)+verb, nil)
}

// Tenants lists the tenants of a partner.
func (c *Client) Tenants(ctx context.Context, partner string) ([]wire.Tenant, error) {
	var out wire.Tenants
	err := c.get(ctx, "/admin/partners/"+url.PathEscape(partner)+"/tenants", url.Values{"limit": {"1000"}}, &out)
	return out.Tenants, err
}

// CreateTenant makes a tenant of a partner.
func (c *Client) CreateTenant(ctx context.Context, partner string, in wire.CreateTenant) (*wire.NewTenant, error) {
	return send[wire.NewTenant](ctx, c, http.MethodPost, "/admin/partners/"+url.PathEscape(partner)+"/tenants", in)
}

// SuspendTenant shuts a tenant out, or lets it in again.
func (c *Client) SuspendTenant(ctx context.Context, partner, tenant string, suspend bool) (*wire.Tenant, error) {
	verb := "/activate"
	if suspend {
		verb = "/suspend"
	}
	return send[wire.Tenant](ctx, c, http.MethodPost, "/admin/partners/"+url.PathEscape(partner)+"/tenants/"+url.PathEscape(tenant)+verb, nil)
}

// DiscoverableShares lists the shares of the tenant that anybody may ask to join.
func (c *Client) DiscoverableShares(ctx context.Context) ([]wire.OpenShare, error) {
	var all []wire.OpenShare
	for {
		var page wire.OpenShares
		q := url.Values{"limit": {strconv.Itoa(sharesPage)}, "offset": {strconv.Itoa(len(all))}}
		if err := c.get(ctx, "/shares/discoverable", q, &page); err != nil {
			return nil, err
		}
		all = append(all, page.Shares...)
		if len(page.Shares) == 0 || len(all) >= page.Total {
			return all, nil
		}
	}
}

// AskToJoin asks for a role in a discoverable share.
func (c *Client) AskToJoin(ctx context.Context, share string, in wire.AskToJoin) (*wire.JoinRequest, error) {
	return send[wire.JoinRequest](ctx, c, http.MethodPost, "/shares/"+url.PathEscape(share)+"/join-requests", in)
}

// JoinRequests lists the first 1,000 requests to join a share, the open ones first.
func (c *Client) JoinRequests(ctx context.Context, share string) ([]wire.JoinRequest, error) {
	var out wire.JoinRequests
	err := c.get(ctx, "/shares/"+url.PathEscape(share)+"/join-requests", url.Values{"limit": {"1000"}}, &out)
	return out.JoinRequests, err
}

// AcceptJoin lets somebody who asked join a share; role "" is the one asked for.
func (c *Client) AcceptJoin(ctx context.Context, share, user, role string) (*wire.JoinRequest, error) {
	return send[wire.JoinRequest](ctx, c, http.MethodPost, "/shares/"+url.PathEscape(share)+"/join-requests/"+url.PathEscape(user)+"/accept", wire.AcceptJoin{Role: role})
}

// RefuseJoin refuses a request to join a share.
func (c *Client) RefuseJoin(ctx context.Context, share, user string) (*wire.JoinRequest, error) {
	return send[wire.JoinRequest](ctx, c, http.MethodPost, "/shares/"+url.PathEscape(share)+"/join-requests/"+url.PathEscape(user)+"/refuse", nil)
}

// MyJoinRequests lists the requests of the caller to join shares.
func (c *Client) MyJoinRequests(ctx context.Context) ([]wire.JoinRequest, error) {
	var out wire.JoinRequests
	err := c.ask(ctx, call{method: http.MethodGet, path: "/users/me/join-requests"}, &out)
	return out.JoinRequests, err
}

// WithdrawJoin takes a request to join a share away.
func (c *Client) WithdrawJoin(ctx context.Context, share, user string) error {
	return c.ask(ctx, call{method: http.MethodDelete, path: "/shares/" + url.PathEscape(share) + "/join-requests/" + url.PathEscape(user)}, nil)
}
