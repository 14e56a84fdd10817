package main

import (
	"context"
	"fmt"
	"text/tabwriter"

	"scaidrive/client"
	"scaidrive/httpd/wire"
)

type shareDiscoverCmd struct{}

// Help is shown by --help.
func (shareDiscoverCmd) Help() string {
	return `Example:
  scaidrive share discover`
}

// Run lists discoverable shares.
func (c *shareDiscoverCmd) Run(ctx context.Context, t *terminal) error {
	api, err := t.connect()
	if err != nil {
		return err
	}
	list, err := api.DiscoverableShares(ctx)
	if err != nil {
		return fmt.Errorf("list the discoverable shares: %w", err)
	}
	w := tabwriter.NewWriter(t.out, 0, 0, 2, ' ', 0)
	for i := range list {
		s := &list[i]
		if t.json {
			if err := t.object(s); err != nil {
				return err
			}
			continue
		}
		state := orDash(s.Request)
		if s.Joined {
			state = "joined"
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", s.ID, state, clean(s.OwnerName), clean(s.Name))
	}
	return w.Flush()
}

type shareJoinCmd struct {
	Share   string `arg:"" help:"Name or ID of a discoverable share."`
	Role    string `enum:"reader,contributor,admin" default:"reader" help:"reader, contributor or admin."`
	Message string `help:"A few words to whom it is for." placeholder:"TEXT"`
}

// Help is shown by --help.
func (shareJoinCmd) Help() string {
	return `Example:
  scaidrive share join Projects --role contributor --message "I am in the team now"`
}

// Run asks to join a share.
func (c *shareJoinCmd) Run(ctx context.Context, t *terminal) error {
	api, err := t.connect()
	if err != nil {
		return err
	}
	list, err := api.DiscoverableShares(ctx)
	if err != nil {
		return fmt.Errorf("list the discoverable shares: %w", err)
	}
	id := c.Share
	for i := range list {
		if client.NameKey(list[i].Name) == client.NameKey(c.Share) {
			if id != c.Share {
				return client.Usagef("several discoverable shares are named %q; name one by its ID", c.Share)
			}
			id = list[i].ID
		}
	}
	q, err := api.AskToJoin(ctx, id, wire.AskToJoin{Role: c.Role, Message: c.Message})
	if err != nil {
		return fmt.Errorf("ask to join %q: %w", c.Share, err)
	}
	return t.join(q)
}

func (t *terminal) join(q *wire.JoinRequest) error {
	if t.json {
		return t.object(q)
	}
	_, err := fmt.Fprintf(t.out, "%s  %s  %s  %s\n", q.Status, q.Role, clean(q.Email), clean(q.ShareName))
	return err
}

type shareWithdrawCmd struct {
	Share string `arg:"" help:"Name or ID of the share that you asked to join."`
}

// Help is shown by --help.
func (shareWithdrawCmd) Help() string {
	return `Example:
  scaidrive share withdraw Projects`
}

// Run takes back a request to join.
func (c *shareWithdrawCmd) Run(ctx context.Context, t *terminal) error {
	api, err := t.connect()
	if err != nil {
		return err
	}
	list, err := api.MyJoinRequests(ctx)
	if err != nil {
		return fmt.Errorf("list your requests: %w", err)
	}
	var asked *wire.JoinRequest
	for i := range list {
		q := &list[i]
		if q.ShareID != c.Share && (q.Status != "open" || client.NameKey(q.ShareName) != client.NameKey(c.Share)) {
			continue
		}
		if asked != nil {
			return client.Usagef("you asked to join several shares named %q; name one by its ID", c.Share)
		}
		asked = q
	}
	if asked == nil {
		return client.Usagef("you have not asked to join %q", c.Share)
	}
	if err := api.WithdrawJoin(ctx, asked.ShareID, asked.UserID); err != nil {
		return fmt.Errorf("take back the request to join %q: %w", c.Share, err)
	}
	if t.json {
		return t.object(map[string]any{"share_id": asked.ShareID, "withdrawn": true})
	}
	t.say("The request to join %s is taken back.", clean(asked.ShareName))
	return nil
}

type shareRequestsCmd struct {
	Share  string `arg:"" help:"Name or ID of the share."`
	Accept string `help:"Let this user join: an e-mail address or an ID." placeholder:"WHO" xor:"answer"`
	Refuse string `help:"Refuse this user." placeholder:"WHO" xor:"answer"`
	Role   string `enum:",reader,contributor,admin" default:"" help:"The role to give; the one asked for if left out." placeholder:"ROLE"`
}

// Help is shown by --help.
func (shareRequestsCmd) Help() string {
	return `Lists the requests to join a share, or answers one.

Examples:
  scaidrive share requests Projects
  scaidrive share requests Projects --accept ana@example.com --role reader`
}

// Run lists or answers requests to join.
func (c *shareRequestsCmd) Run(ctx context.Context, t *terminal) error {
	api, id, err := t.share(ctx, c.Share)
	if err != nil {
		return err
	}
	list, err := api.JoinRequests(ctx, id)
	if err != nil {
		return fmt.Errorf("requests to join %q: %w", c.Share, err)
	}
	who := c.Accept + c.Refuse
	for i := range list {
		q := &list[i]
		if who != "" && client.NameKey(q.Email) != client.NameKey(who) && q.UserID != who {
			continue
		}
		switch {
		case c.Accept != "":
			q, err = api.AcceptJoin(ctx, id, q.UserID, c.Role)
		case c.Refuse != "":
			q, err = api.RefuseJoin(ctx, id, q.UserID)
		}
		if err != nil {
			return fmt.Errorf("answer %q: %w", who, err)
		}
		if err := t.join(q); err != nil || who != "" {
			return err
		}
	}
	if who != "" {
		return client.Usagef("%q has not asked to join %q", who, c.Share)
	}
	return nil
}
