package main

import (
	"context"
	"fmt"
	"text/tabwriter"

	"scaidrive/httpd/wire"
)

type shareCmd struct {
	Create shareCreateCmd `cmd:"" help:"Make a share."`
	Ls     shareLsCmd     `cmd:"" help:"List the shares that you see."`
	Show   shareShowCmd   `cmd:"" help:"Show a share."`
	Set    shareSetCmd    `cmd:"" help:"Rename or describe a share, or bring it back."`
	Rm     shareRmCmd     `cmd:"" help:"Delete a share."`

	Members     shareMembersCmd     `cmd:"" help:"List who has a role in a share."`
	Add         shareAddCmd         `cmd:"" help:"Give users and groups a role in a share."`
	Remove      shareRemoveCmd      `cmd:"" help:"Take users and groups out of a share."`
	Invite      shareInviteCmd      `cmd:"" help:"Invite somebody by e-mail address."`
	Invitations shareInvitationsCmd `cmd:"" help:"List the invitations into a share, or take one back."`
	Invited     shareInvitedCmd     `cmd:"" help:"List and answer the invitations for you."`
	Give        shareGiveCmd        `cmd:"" help:"Give a share to another owner."`

	Discover shareDiscoverCmd `cmd:"" help:"List the shares that you may ask to join."`
	Join     shareJoinCmd     `cmd:"" help:"Ask to join a share."`
	Withdraw shareWithdrawCmd `cmd:"" help:"Take back that you asked to join a share."`
	Requests shareRequestsCmd `cmd:"" help:"List and answer requests to join."`
}

type shareCreateCmd struct {
	Name string `arg:"" help:"Name of the share."`
	Type string `enum:"central,project" default:"central" help:"central or project."`
}

// Help is shown by --help.
func (shareCreateCmd) Help() string {
	return `Prints the ID and the name.

Example:
  scaidrive share create Projects --type project`
}

// Run makes a share.
func (c *shareCreateCmd) Run(ctx context.Context, t *terminal) error {
	api, err := t.connect()
	if err != nil {
		return err
	}
	s, err := api.CreateShare(ctx, wire.CreateShare{Name: c.Name, ShareType: c.Type})
	if err != nil {
		return fmt.Errorf("make the share %q: %w", c.Name, err)
	}
	if t.json {
		return t.object(s)
	}
	fmt.Fprintf(t.out, "%s %s\n", s.ID, clean(s.Name))
	return nil
}

type shareLsCmd struct {
	Deleted bool `help:"List the deleted ones that you may bring back."`
}

// Help is shown by --help.
func (shareLsCmd) Help() string {
	return `Example:
  scaidrive share ls`
}

// Run lists shares.
func (c *shareLsCmd) Run(ctx context.Context, t *terminal) error {
	api, err := t.connect()
	if err != nil {
		return err
	}
	if c.Deleted {
		return listDeletedShares(ctx, t, api)
	}
	shares, err := api.MyShares(ctx)
	if err != nil {
		return fmt.Errorf("list the shares: %w", err)
	}
	w := tabwriter.NewWriter(t.out, 0, 0, 2, ' ', 0)
	for i := range shares {
		s := &shares[i]
		if t.json {
			if err := t.object(s); err != nil {
				return err
			}
			continue
		}
		role := "-"
		if s.Role != nil {
			role = *s.Role
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", s.ID, s.Type, role, size(s.UsedBytes), clean(s.Name))
	}
	return w.Flush()
}

// size writes a number of bytes for a person.
func size(n int64) string {
	const units = "KMGTPE"
	if n < 1024 {
		return fmt.Sprintf("%d B", n)
	}
	f, u := float64(n)/1024, 0
	for f >= 1023.95 && u < len(units)-1 {
		f /= 1024
		u++
	}
	return fmt.Sprintf("%.1f %ciB", f, units[u])
}
