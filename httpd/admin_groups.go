package httpd

import (
	"scaidrive/engine"
	"scaidrive/engine/people"
	"scaidrive/httpd/wire"
)

func (c *call) wireGroup(g *engine.Group) wire.Group {
	return wire.Group{
		ID: g.ID.Format(engine.PrefixGroup), TenantID: c.who.TenantID.Format(engine.PrefixTenant),
		Name: g.Name, Description: g.Description, MemberCount: int(g.Members.Count), CreatedAt: wire.At(g.CreatedAt),
	}
}

func listGroups(c *call) error {
	limit, offset, err := c.page()
	if err != nil {
		return err
	}
	behind, err := c.pageBehind(engine.PrefixGroup)
	if err != nil {
		return err
	}
	list, err := c.s.o.People.Groups(c.ctx, c.who, c.query["search"], behind, limit, offset)
	if err != nil {
		return err
	}
	out := wire.Groups{Groups: make([]wire.Group, len(list.Items)), Total: list.Total, TotalExact: list.Exact}
	for i, g := range list.Items {
		out.Groups[i] = c.wireGroup(g)
	}
	if !list.Next.IsZero() {
		out.NextPageToken = list.Next.Format(engine.PrefixGroup)
	}
	return c.json(200, out)
}

func createGroup(c *call) error {
	var in wire.CreateGroup
	if err := c.decode(&in, false); err != nil {
		return err
	}
	g, err := c.s.o.People.CreateGroup(c.ctx, c.who, in.Name, in.Description)
	if err != nil {
		return err
	}
	return c.json(201, c.wireGroup(g))
}

func groupAgain(c *call, a *engine.Answer) error {
	g, err := c.s.o.People.Group(c.ctx, c.who, a.ID)
	if err != nil {
		return err
	}
	return c.json(int(a.Status), c.wireGroup(g))
}

func getGroup(c *call) error {
	id, err := c.pathID(engine.PrefixGroup, 0)
	if err != nil {
		return err
	}
	g, err := c.s.o.People.Group(c.ctx, c.who, id)
	if err != nil {
		return err
	}
	return c.json(200, c.wireGroup(g))
}

func updateGroup(c *call) error {
	id, err := c.pathID(engine.PrefixGroup, 0)
	if err != nil {
		return err
	}
	var in wire.UpdateGroup
	if err := c.decode(&in, false); err != nil {
		return err
	}
	g, err := c.s.o.People.EditGroup(c.ctx, c.who, id, in.Name, in.Description)
	if err != nil {
		return err
	}
	return c.json(200, c.wireGroup(g))
}

func deleteGroup(c *call) error {
	id, err := c.pathID(engine.PrefixGroup, 0)
	if err != nil {
		return err
	}
	kind, heir, err := c.queryHeir()
	if err == nil {
		err = c.s.o.People.DeleteGroup(c.ctx, c.who, id, kind, heir)
	}
	if err != nil {
		return err
	}
	return c.noContent(204)
}

func wireGroupMember(m *people.Member) wire.GroupMember {
	out := wire.GroupMember{Name: m.Name, AddedAt: wire.At(m.AddedAt)}
	out.PrincipalID, out.PrincipalType = wirePrincipal(m.Kind, m.Member)
	if m.Kind == engine.PrincipalUser {
		out.Email = &m.Email
	}
	if !m.AddedBy.IsZero() {
		by := m.AddedBy.Format(engine.PrefixUser)
		out.AddedBy = &by
	}
	return out
}

func listGroupMembers(c *call) error {
	id, err := c.pathID(engine.PrefixGroup, 0)
	if err != nil {
		return err
	}
	limit, offset, err := c.page()
	if err != nil {
		return err
	}
	list, total, err := c.s.o.People.Members(c.ctx, c.who, id, limit, offset)
	if err != nil {
		return err
	}
	out := wire.GroupMembers{Members: make([]wire.GroupMember, len(list)), Total: total}
	for i, m := range list {
		out.Members[i] = wireGroupMember(m)
	}
	return c.json(200, out)
}

func addGroupMember(c *call) error {
	id, err := c.pathID(engine.PrefixGroup, 0)
	if err != nil {
		return err
	}
	var in wire.AddGroupMember
	if err := c.decode(&in, false); err != nil {
		return err
	}
	if (in.UserID == "") == (in.GroupID == "") {
		return badField("missing", "One of user_id and group_id is required", "body", "user_id")
	}
	kind, field, text, prefix := engine.PrincipalUser, "user_id", in.UserID, engine.PrefixUser
	if in.GroupID != "" {
		kind, field, text, prefix = engine.PrincipalGroup, "group_id", in.GroupID, engine.PrefixGroup
	}
	member, err := bodyID(prefix, text, field)
	if err != nil {
		return err
	}
	m, err := c.s.o.People.AddMember(c.ctx, c.who, id, kind, member)
	if err != nil {
		return err
	}
	return c.json(201, wireGroupMember(m))
}

func removeGroupMember(c *call) error {
	id, err := c.pathID(engine.PrefixGroup, 0)
	if err != nil {
		return err
	}
	_, member, err := parsePrincipal(c.values[1])
	if err != nil {
		return notFound()
	}
	if err := c.s.o.People.RemoveMember(c.ctx, c.who, id, member); err != nil {
		return err
	}
	return c.noContent(204)
}
