package httpd

import (
	"context"
	"time"

	"scaidrive/engine"
	"scaidrive/engine/share"
	"scaidrive/httpd/wire"
)

func memberRoleName(r engine.MemberRole) string {
	switch r {
	case engine.MemberReader:
		return "reader"
	case engine.MemberContributor:
		return "contributor"
	}
	return "admin"
}

// bodyMemberRole reads the role of a member; the owner is none.
func bodyMemberRole(name string) (engine.MemberRole, error) {
	for _, r := range []engine.MemberRole{engine.MemberReader, engine.MemberContributor, engine.MemberAdmin} {
		if name == memberRoleName(r) {
			return r, nil
		}
	}
	if name == "owner" {
		return 0, badField("literal_error", "Ownership moves by transfer", "body", "role")
	}
	return 0, badField("literal_error", "Input should be reader, contributor or admin", "body", "role")
}

func wireMember(m *share.Member) wire.ShareMember {
	out := wire.ShareMember{Name: m.Name, Role: "owner", ExpiresAt: wire.AtPtr(m.ExpiresAt), AddedAt: wire.At(m.AddedAt)}
	out.PrincipalID, out.PrincipalType = wirePrincipal(m.Kind, m.Principal)
	if m.Kind == engine.PrincipalUser {
		out.Email = &m.Email
	}
	if !m.Owner {
		out.Role = memberRoleName(m.Role)
	}
	if !m.AddedBy.IsZero() {
		by := m.AddedBy.Format(engine.PrefixUser)
		out.AddedBy = &by
	}
	return out
}

// pathMember reads the share and the principal that a path names.
func (c *call) pathMember() (sh, principal engine.ID, err error) {
	if sh, err = c.pathShare(0); err != nil {
		return sh, principal, err
	}
	if _, principal, err = parsePrincipal(c.values[1]); err != nil {
		err = notFound()
	}
	return sh, principal, err
}

// pageOfShare answers a page of what belongs to the share that the path names.
func pageOfShare[T any](c *call, list func(ctx context.Context, p *engine.Principal, id engine.ID, limit, offset int) ([]T, int, error), answer func([]T, int) error) error {
	id, err := c.pathShare(0)
	if err != nil {
		return err
	}
	limit, offset, err := c.page()
	if err != nil {
		return err
	}
	page, total, err := list(c.ctx, c.who, id, limit, offset)
	if err != nil {
		return err
	}
	return answer(page, total)
}

func listMembers(c *call) error { return pageOfShare(c, c.s.o.Shares.Members, c.members) }

func (c *call) members(list []*share.Member, total int) error {
	out := wire.ShareMembers{Members: make([]wire.ShareMember, len(list)), Total: total}
	for i, m := range list {
		out.Members[i] = wireMember(m)
	}
	return c.json(200, out)
}

func addMember(c *call) error {
	id, err := c.pathShare(0)
	if err != nil {
		return err
	}
	var in wire.AddShareMember
	if err := c.decode(&in, false); err != nil {
		return err
	}
	var spec share.MemberSpec
	if spec.Kind, spec.Principal, err = bodyPrincipal(in.PrincipalID, "principal_id"); err != nil {
		return err
	}
	if _, kind := wirePrincipal(spec.Kind, spec.Principal); in.PrincipalType != "" && in.PrincipalType != kind {
		return badField("value_error", "Value error, principal_id is the ID of a "+kind, "body", "principal_type")
	}
	if spec.Role, err = bodyMemberRole(in.Role); err != nil {
		return err
	}
	if in.ExpiresAt != nil {
		spec.ExpiresAt = in.ExpiresAt.Time
	}
	m, err := c.s.o.Shares.AddMember(c.ctx, c.who, id, spec)
	if err != nil {
		return err
	}
	return c.json(201, wireMember(m))
}

func updateMember(c *call) error {
	id, principal, err := c.pathMember()
	if err != nil {
		return err
	}
	var in wire.UpdateShareMember
	if err := c.decode(&in, false); err != nil {
		return err
	}
	var change share.MemberChange
	if in.Role != nil {
		role, err := bodyMemberRole(*in.Role)
		if err != nil {
			return err
		}
		change.Role = &role
	}
	if in.ExpiresAt != nil {
		change.ExpiresAt = &in.ExpiresAt.Time
	}
	if in.Unlimited != nil && *in.Unlimited {
		if in.ExpiresAt != nil {
			return badField("value_error", "Value error, not together with expires_at", "body", "unlimited")
		}
		change.ExpiresAt = new(time.Time)
	}
	m, err := c.s.o.Shares.EditMember(c.ctx, c.who, id, principal, change)
	if err != nil {
		return err
	}
	return c.json(200, wireMember(m))
}

func removeMember(c *call) error {
	id, principal, err := c.pathMember()
	if err == nil {
		err = c.s.o.Shares.RemoveMember(c.ctx, c.who, id, principal)
	}
	if err != nil {
		return err
	}
	return c.noContent(204)
}

func transferShare(c *call) error {
	id, err := c.pathShare(0)
	if err != nil {
		return err
	}
	var in wire.TransferOwnership
	if err := c.decode(&in, false); err != nil {
		return err
	}
	kind, to, err := bodyPrincipal(in.NewOwnerID, "new_owner_id")
	if err != nil {
		return err
	}
	sh, err := c.s.o.Shares.Transfer(c.ctx, c.who, id, kind, to)
	if err != nil {
		return err
	}
	return c.json(200, c.wireShare(sh))
}

func (c *call) wireInvitation(i *share.Invited) wire.Invitation {
	state := map[engine.InvitationState]string{engine.InvitationOpen: "open", engine.InvitationAccepted: "accepted", engine.InvitationDeclined: "declined"}[i.State]
	id := i.ID.Format(engine.PrefixInvitation)
	return wire.Invitation{
		ID: id, ShareID: i.Share.Format(engine.PrefixShare), ShareName: i.ShareName, Email: i.Email, Role: memberRoleName(i.Role),
		Message: i.Message, Status: state, InvitedBy: i.InvitedBy.Format(engine.PrefixUser), CreatedAt: wire.At(i.CreatedAt), ExpiresAt: wire.At(i.ExpiresAt),
		URL: c.issuer() + "/#invitation=" + id,
	}
}

func (c *call) invitations(list []*share.Invited, total int) error {
	out := wire.Invitations{Invitations: make([]wire.Invitation, len(list)), Total: total}
	for i, inv := range list {
		out.Invitations[i] = c.wireInvitation(inv)
	}
	return c.json(200, out)
}

func listInvitations(c *call) error { return pageOfShare(c, c.s.o.Shares.Invitations, c.invitations) }

func createInvitation(c *call) error {
	id, err := c.pathShare(0)
	if err != nil {
		return err
	}
	var in wire.CreateInvitation
	if err := c.decode(&in, false); err != nil {
		return err
	}
	spec := share.InvitationSpec{Email: in.Email, Message: in.Message}
	if spec.Role, err = bodyMemberRole(in.Role); err != nil {
		return err
	}
	if in.ExpiresAt != nil {
		spec.ExpiresAt = in.ExpiresAt.Time
	}
	i, err := c.s.o.Shares.Invite(c.ctx, c.who, id, spec)
	if err != nil {
		return err
	}
	return c.json(201, c.wireInvitation(i))
}

func deleteInvitation(c *call) error {
	sh, err := c.pathShare(0)
	if err != nil {
		return err
	}
	id, err := c.pathID(engine.PrefixInvitation, 1)
	if err == nil {
		err = c.s.o.Shares.TakeBack(c.ctx, c.who, sh, id)
	}
	if err != nil {
		return err
	}
	return c.noContent(204)
}

func listMyInvitations(c *call) error {
	list, err := c.s.o.Shares.MyInvitations(c.ctx, c.who)
	if err != nil {
		return err
	}
	return c.invitations(list, len(list))
}

func acceptInvitation(c *call) error {
	id, err := c.pathID(engine.PrefixInvitation, 0)
	if err != nil {
		return err
	}
	i, err := c.s.o.Shares.Answer(c.ctx, c.who, id, true)
	if err != nil {
		return err
	}
	return c.json(200, wire.Joined{ShareID: i.Share.Format(engine.PrefixShare), Role: memberRoleName(i.Role)})
}

func declineInvitation(c *call) error {
	id, err := c.pathID(engine.PrefixInvitation, 0)
	if err == nil {
		_, err = c.s.o.Shares.Answer(c.ctx, c.who, id, false)
	}
	if err != nil {
		return err
	}
	return c.noContent(204)
}
