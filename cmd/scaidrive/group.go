package main

import (
	"context"
	"fmt"
	"text/tabwriter"

	"scaidrive/client"
	"scaidrive/httpd/wire"
)

type groupCmd struct {
	Ls     groupLsCmd     `cmd:"" help:"List the groups of the tenant."`
	Show   groupShowCmd   `cmd:"" help:"Show a group and who is in it."`
	Create groupCreateCmd `cmd:"" help:"Make a group."`
	Set    groupSetCmd    `cmd:"" help:"Rename or describe a group."`
	Rm     groupRmCmd     `cmd:"" help:"Delete a group for good."`
	Add    groupAddCmd    `cmd:"" help:"Put users and groups into a group."`
	Remove groupRemoveCmd `cmd:"" help:"Take users and groups out of a group."`
}

type groupLsCmd struct {
	Search string `help:"Only those with a word in the name that begins so." placeholder:"TEXT"`
}

// Help is shown by --help.
func (groupLsCmd) Help() string {
	return `Example:
  scaidrive group ls`
}

// Run lists groups.
func (c *groupLsCmd) Run(ctx context.Context, t *terminal) error {
	api, err := t.connect()
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(t.out, 0, 0, 2, ' ', 0)
	err = api.EachGroup(ctx, c.Search, func(g *wire.Group) (bool, error) {
		if t.json {
			return true, t.object(g)
		}
		fmt.Fprintf(w, "%s\t%d\t%s\n", g.ID, g.MemberCount, clean(g.Name))
		return true, nil
	})
	if err != nil {
		return fmt.Errorf("list the groups: %w", err)
	}
	return w.Flush()
}

// group connects and finds a group by name or ID.
func (t *terminal) group(ctx context.Context, name string) (*client.Client, string, error) {
	api, err := t.connect()
	if err != nil {
		return nil, "", err
	}
	id, err := api.FindGroup(ctx, name)
	return api, id, err
}

type groupShowCmd struct {
	Group string `arg:"" help:"Name or ID of the group."`
}

// Help is shown by --help.
func (groupShowCmd) Help() string {
	return `Example:
  scaidrive group show Sales`
}

// Run shows a group.
func (c *groupShowCmd) Run(ctx context.Context, t *terminal) error {
	api, id, err := t.group(ctx, c.Group)
	if err != nil {
		return err
	}
	g, err := api.Group(ctx, id)
	if err != nil {
		return fmt.Errorf("group %q: %w", c.Group, err)
	}
	members, err := api.GroupMembers(ctx, id)
	if err != nil {
		return fmt.Errorf("members of the group %q: %w", c.Group, err)
	}
	if t.json {
		return t.object(struct {
			*wire.Group
			Members []wire.GroupMember `json:"members"`
		}{g, members})
	}
	fmt.Fprintf(t.out, "%s %s\n", g.ID, clean(g.Name))
	w := tabwriter.NewWriter(t.out, 0, 0, 2, ' ', 0)
	for _, m := range members {
		fmt.Fprintf(w, "  %s\t%s\t%s\n", m.PrincipalID, m.PrincipalType, clean(m.Name))
	}
	return w.Flush()
}

type groupCreateCmd struct {
	Name        string `arg:"" help:"Name of the group."`
	Description string `help:"What it is for." placeholder:"TEXT"`
}

// Help is shown by --help.
func (groupCreateCmd) Help() string {
	return `Prints the ID and the name.

Example:
  scaidrive group create Sales`
}

// Run makes a group.
func (c *groupCreateCmd) Run(ctx context.Context, t *terminal) error {
	api, err := t.connect()
	if err != nil {
		return err
	}
	g, err := api.CreateGroup(ctx, wire.CreateGroup{Name: c.Name, Description: c.Description})
	if err != nil {
		return fmt.Errorf("make the group %q: %w", c.Name, err)
	}
	return t.showGroup(g)
}

func (t *terminal) showGroup(g *wire.Group) error {
	if t.json {
		return t.object(g)
	}
	_, err := fmt.Fprintf(t.out, "%s %s\n", g.ID, clean(g.Name))
	return err
}

type groupSetCmd struct {
	Group       string  `arg:"" help:"Name or ID of the group."`
	Name        *string `help:"A new name." placeholder:"NAME"`
	Description *string `help:"A new description; empty for none." placeholder:"TEXT"`
}

// Help is shown by --help.
func (groupSetCmd) Help() string {
	return `Example:
  scaidrive group set Sales --name "Sales Europe"`
}

// Run changes a group.
func (c *groupSetCmd) Run(ctx context.Context, t *terminal) error {
	if c.Name == nil && c.Description == nil {
		return client.Usagef("say what to set: --name or --description")
	}
	api, id, err := t.group(ctx, c.Group)
	if err != nil {
		return err
	}
	g, err := api.UpdateGroup(ctx, id, wire.UpdateGroup{Name: c.Name, Description: c.Description})
	if err != nil {
		return fmt.Errorf("change the group %q: %w", c.Group, err)
	}
	return t.showGroup(g)
}

type groupRmCmd struct {
	Group string `arg:"" help:"Name or ID of the group."`
	Heir  string `help:"Who gets the shares that it owns: a user or group; you if left out." placeholder:"WHO"`
}

// Help is shown by --help.
func (groupRmCmd) Help() string {
	return `It gives nothing from then on; a group made again under its name is another.

Example:
  scaidrive group rm Sales`
}

// Run deletes a group.
func (c *groupRmCmd) Run(ctx context.Context, t *terminal) error {
	return t.removeFor(ctx, "group", c.Group, c.Heir, t.group, (*client.Client).DeleteGroup)
}

// removeFor deletes a user or group for good; heir gets what they own.
func (t *terminal) removeFor(ctx context.Context, what, name, heir string,
	find func(context.Context, string) (*client.Client, string, error), remove func(c *client.Client, ctx context.Context, id, heir string) error) error {
	api, id, err := find(ctx, name)
	if err == nil && heir != "" {
		heir, err = api.FindPrincipal(ctx, heir)
	}
	if err != nil {
		return err
	}
	if err := remove(api, ctx, id, heir); err != nil {
		return fmt.Errorf("delete the %s %q: %w", what, name, err)
	}
	if t.json {
		return t.object(map[string]any{"id": id, "deleted": true})
	}
	t.say("%s is deleted.", clean(name))
	return nil
}

type groupAddCmd struct {
	Group   string   `arg:"" help:"Name or ID of the group."`
	Members []string `arg:"" name:"who" help:"E-mail addresses of users, names of groups, or IDs."`
}

// Help is shown by --help.
func (groupAddCmd) Help() string {
	return `Example:
  scaidrive group add Sales ana@example.com "Sales Europe"`
}

// Run puts users and groups into a group.
func (c *groupAddCmd) Run(ctx context.Context, t *terminal) error {
	api, id, err := t.group(ctx, c.Group)
	if err != nil {
		return err
	}
	return t.eachPrincipal(ctx, api, c.Members, func(who string) (any, error) { return api.AddGroupMember(ctx, id, who) })
}

type groupRemoveCmd struct {
	Group   string   `arg:"" help:"Name or ID of the group."`
	Members []string `arg:"" name:"who" help:"E-mail addresses of users, names of groups, or IDs."`
}

// Help is shown by --help.
func (groupRemoveCmd) Help() string {
	return `Example:
  scaidrive group remove Sales ana@example.com`
}

// Run takes users and groups out of a group.
func (c *groupRemoveCmd) Run(ctx context.Context, t *terminal) error {
	api, id, err := t.group(ctx, c.Group)
	if err != nil {
		return err
	}
	return t.removeEach(ctx, api, c.Members, func(who string) error { return api.RemoveGroupMember(ctx, id, who) })
}

// removeEach is eachPrincipal for what takes them out of something.
func (t *terminal) removeEach(ctx context.Context, api *client.Client, names []string, remove func(who string) error) error {
	return t.eachPrincipal(ctx, api, names, func(who string) (any, error) {
		return map[string]any{"principal_id": who, "removed": true}, remove(who)
	})
}

// eachPrincipal does something for each of some users and groups, by name or ID,
// shows its result with --json, and tells of those it failed for.
func (t *terminal) eachPrincipal(ctx context.Context, api *client.Client, names []string, do func(who string) (any, error)) error {
	done := 0
	for _, name := range names {
		who, err := api.FindPrincipal(ctx, name)
		var result any
		if err == nil {
			result, err = do(who)
		}
		if err == nil && t.json {
			err = t.object(result)
		}
		if err != nil {
			t.warn("%s: %v", clean(name), err)
			continue
		}
		done++
	}
	switch {
	case done == len(names):
		return nil
	case done > 0:
		return &partError{exitPart}
	}
	return &partError{exitFailed}
}
