package main

import (
	"context"
	"fmt"
	"text/tabwriter"

	"scaidrive/client"
	"scaidrive/httpd/wire"
)

type shareInvitationsCmd struct {
	Share    string `arg:"" help:"Name or ID of the share."`
	TakeBack string `help:"Take this open invitation back: an e-mail address or an ID." placeholder:"WHO"`
}

// Help is shown by --help.
func (shareInvitationsCmd) Help() string {
	return `Lists the invitations into a share, or takes one back.

Examples:
  scaidrive share invitations Projects
  scaidrive share invitations Projects --take-back ana@example.com`
}

// Run lists invitations, or takes one back.
func (c *shareInvitationsCmd) Run(ctx context.Context, t *terminal) error {
	api, id, err := t.share(ctx, c.Share)
	if err != nil {
		return err
	}
	list, err := api.Invitations(ctx, id)
	if err != nil {
		return fmt.Errorf("invitations into %q: %w", c.Share, err)
	}
	if c.TakeBack == "" {
		return t.invitations(list)
	}
	for i := range list {
		v := &list[i]
		if v.ID != c.TakeBack && (v.Status != "open" || client.NameKey(v.Email) != client.NameKey(c.TakeBack)) {
			continue
		}
		if err := api.DeleteInvitation(ctx, id, v.ID); err != nil {
			return fmt.Errorf("take back the invitation of %q: %w", c.TakeBack, err)
		}
		if t.json {
			return t.object(map[string]any{"id": v.ID, "taken_back": true})
		}
		t.say("The invitation of %s is taken back.", clean(v.Email))
		return nil
	}
	return client.Usagef("there is no open invitation of %q into %q", c.TakeBack, c.Share)
}

// invitations lists invitations.
func (t *terminal) invitations(list []wire.Invitation) error {
	w := tabwriter.NewWriter(t.out, 0, 0, 2, ' ', 0)
	for i := range list {
		v := &list[i]
		if t.json {
			if err := t.object(v); err != nil {
				return err
			}
			continue
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", v.ID, v.Status, v.Role, clean(v.Email), clean(v.ShareName))
	}
	return w.Flush()
}

type shareInvitedCmd struct {
	Accept  string `help:"Accept the invitation into this share: its name, or the ID of share or invitation." placeholder:"SHARE" xor:"answer"`
	Decline string `help:"Decline it." placeholder:"SHARE" xor:"answer"`
}

// Help is shown by --help.
func (shareInvitedCmd) Help() string {
	return `Lists the shares that you are invited into, or answers an invitation.

Examples:
  scaidrive share invited
  scaidrive share invited --accept Projects`
}

// Run lists or answers invitations for the caller.
func (c *shareInvitedCmd) Run(ctx context.Context, t *terminal) error {
	api, err := t.connect()
	if err != nil {
		return err
	}
	list, err := api.MyInvitations(ctx)
	if err != nil {
		return fmt.Errorf("list your invitations: %w", err)
	}
	name := c.Accept + c.Decline
	if name == "" {
		return t.invitations(list)
	}
	var found *wire.Invitation
	for i := range list {
		v := &list[i]
		if v.ID != name && v.ShareID != name && client.NameKey(v.ShareName) != client.NameKey(name) {
			continue
		}
		if found != nil {
			return client.Usagef("you are invited into several shares named %q; name one by its ID", name)
		}
		found = v
	}
	if found == nil {
		return client.Usagef("you are not invited into %q", name)
	}
	if c.Decline != "" {
		if err := api.DeclineInvitation(ctx, found.ID); err != nil {
			return fmt.Errorf("decline the invitation into %q: %w", name, err)
		}
		if t.json {
			return t.object(map[string]any{"id": found.ID, "declined": true})
		}
		t.say("The invitation into %s is declined.", clean(found.ShareName))
		return nil
	}
	joined, err := api.AcceptInvitation(ctx, found.ID)
	if err != nil {
		return fmt.Errorf("accept the invitation into %q: %w", name, err)
	}
	if t.json {
		return t.object(joined)
	}
	_, err = fmt.Fprintf(t.out, "%s  %s  %s\n", joined.ShareID, joined.Role, clean(found.ShareName))
	return err
}
