package main

import (
	"context"
	"fmt"
	"text/tabwriter"

	"scaidrive/client"
	"scaidrive/httpd/wire"
)

type shareMembersCmd struct {
	Share string `arg:"" help:"Name or ID of the share."`
}

// Help is shown by --help.
func (shareMembersCmd) Help() string {
	return `Example:
  scaidrive share members Projects`
}

// Run lists who has a role in a share.
func (c *shareMembersCmd) Run(ctx context.Context, t *terminal) error {
	api, id, err := t.share(ctx, c.Share)
	if err != nil {
		return err
	}
	list, err := api.Members(ctx, id)
	if err != nil {
		return fmt.Errorf("members of the share %q: %w", c.Share, err)
	}
	w := tabwriter.NewWriter(t.out, 0, 0, 2, ' ', 0)
	for i := range list {
		m := &list[i]
		if t.json {
			if err := t.object(m); err != nil {
				return err
			}
			continue
		}
		fmt.Fprintf(w, "%s\t%s\t%s\tends %s\t%s\n", m.PrincipalID, m.PrincipalType, m.Role, moment(m.ExpiresAt), clean(m.Name))
	}
	return w.Flush()
}

type shareAddCmd struct {
	Share   string   `arg:"" help:"Name or ID of the share."`
	Members []string `arg:"" name:"who" help:"E-mail addresses of users, names of groups, or IDs."`
	Role    string   `enum:"reader,contributor,admin" default:"reader" help:"reader, contributor or admin."`
	Expires string   `help:"When it ends: a date, a time, or a duration in hours or days. Default: never." placeholder:"WHEN"`
}

// Help is shown by --help.
func (shareAddCmd) Help() string {
	return `Who has another role in the share gets this one.

Example:
  scaidrive share add Projects ana@example.com Sales --role contributor --expires 30d`
}

// Run gives users and groups a role in a share.
func (c *shareAddCmd) Run(ctx context.Context, t *terminal) error {
	var end *wire.Time
	if c.Expires != "" {
		at, err := parseWhen(c.Expires, t.now())
		if err != nil {
			return client.Usagef("--expires: %v", err)
		}
		w := wire.At(at)
		end = &w
	}
	api, id, err := t.share(ctx, c.Share)
	if err != nil {
		return err
	}
	return t.eachPrincipal(ctx, api, c.Members, func(who string) (any, error) {
		m, err := api.AddMember(ctx, id, wire.AddShareMember{PrincipalID: who, Role: c.Role, ExpiresAt: end})
		if client.StatusOf(err) == 409 {
			unlimited := end == nil
			m, err = api.UpdateMember(ctx, id, who, wire.UpdateShareMember{Role: &c.Role, ExpiresAt: end, Unlimited: &unlimited})
		}
		return m, err
	})
}

type shareRemoveCmd struct {
	Share   string   `arg:"" help:"Name or ID of the share."`
	Members []string `arg:"" name:"who" help:"E-mail addresses of users, names of groups, or IDs."`
}

// Help is shown by --help.
func (shareRemoveCmd) Help() string {
	return `Example:
  scaidrive share remove Projects ana@example.com`
}

// Run takes users and groups out of a share.
func (c *shareRemoveCmd) Run(ctx context.Context, t *terminal) error {
	api, id, err := t.share(ctx, c.Share)
	if err != nil {
		return err
	}
	return t.removeEach(ctx, api, c.Members, func(who string) error { return api.RemoveMember(ctx, id, who) })
}

type shareInviteCmd struct {
	Share   string `arg:"" help:"Name or ID of the share."`
	Email   string `arg:"" help:"The e-mail address to invite."`
	Role    string `enum:"reader,contributor,admin" default:"reader" help:"reader, contributor or admin."`
	Message string `help:"A few words to whom it is for." placeholder:"TEXT"`
}

// Help is shown by --help.
func (shareInviteCmd) Help() string {
	return `Prints the link to hand over.

Example:
  scaidrive share invite Projects ana@example.com --role contributor`
}

// Run invites somebody.
func (c *shareInviteCmd) Run(ctx context.Context, t *terminal) error {
	api, id, err := t.share(ctx, c.Share)
	if err != nil {
		return err
	}
	i, err := api.Invite(ctx, id, wire.CreateInvitation{Email: c.Email, Role: c.Role, Message: c.Message})
	if err != nil {
		return fmt.Errorf("invite %q: %w", c.Email, err)
	}
	if t.json {
		return t.object(i)
	}
	_, err = fmt.Fprintln(t.out, i.URL)
	return err
}

type shareGiveCmd struct {
	Share string `arg:"" help:"Name or ID of the share."`
	Owner string `arg:"" help:"Its new owner: the e-mail address of a user, the name of a group, or an ID."`
}

// Help is shown by --help.
func (shareGiveCmd) Help() string {
	return `Its owner becomes an administrator of the share.

Example:
  scaidrive share give Projects Sales`
}

// Run gives a share to somebody.
func (c *shareGiveCmd) Run(ctx context.Context, t *terminal) error {
	api, id, err := t.share(ctx, c.Share)
	if err != nil {
		return err
	}
	who, err := api.FindPrincipal(ctx, c.Owner)
	if err != nil {
		return err
	}
	s, err := api.TransferShare(ctx, id, who)
	if err != nil {
		return fmt.Errorf("give the share %q to %q: %w", c.Share, c.Owner, err)
	}
	return t.showShare(s)
}
