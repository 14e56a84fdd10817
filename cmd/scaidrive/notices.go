package main

import (
	"context"
	"fmt"
	"text/tabwriter"
	"time"

	"scaidrive/httpd/wire"
)

type noticesCmd struct {
	Ls   noticesLsCmd   `cmd:"" default:"withargs" help:"List what happened that you should know of."`
	Read noticesReadCmd `cmd:"" help:"Mark notices as read."`
}

type noticesLsCmd struct {
	Unread bool `help:"Only those that are not read."`
}

// Help is shown by --help.
func (noticesLsCmd) Help() string {
	return `The newest comes first; a star stands before what is not read.

Example:
  scaidrive notices --unread`
}

// Run lists notices.
func (c *noticesLsCmd) Run(ctx context.Context, t *terminal) error {
	api, err := t.connect()
	if err != nil {
		return err
	}
	list, err := api.Notices(ctx, c.Unread)
	if err != nil {
		return fmt.Errorf("list the notices: %w", err)
	}
	w := tabwriter.NewWriter(t.out, 0, 0, 2, ' ', 0)
	for i := range list {
		n := &list[i]
		if t.json {
			if err := t.object(n); err != nil {
				return err
			}
			continue
		}
		star := "*"
		if n.ReadAt != nil {
			star = ""
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", star, n.At.Local().Format("2006-01-02 15:04"), n.ID, clean(tells(n)))
	}
	return w.Flush()
}

// tells is a notice as a sentence.
func tells(n *wire.Notice) string {
	or := func(text *string, other string) string {
		if text == nil {
			return other
		}
		return *text
	}
	by, share := or(n.ByName, "Somebody"), or(n.ShareName, "a share")
	thing := share + ":" + or(n.Path, "")
	ends := ""
	if n.EndsAt != nil {
		ends = " until " + n.EndsAt.Local().Format("2006-01-02 15:04")
	}
	times := ""
	if n.Count > 1 {
		times = fmt.Sprintf(" (%d)", n.Count)
	}
	switch n.Kind {
	case "share_added":
		return fmt.Sprintf("%s gave you access to %s: %s%s", by, share, or(n.Role, "by a group"), ends)
	case "share_removed":
		return fmt.Sprintf("%s took a role in %s from you", by, share)
	case "role_changed":
		return fmt.Sprintf("%s changed your role in %s: %s%s", by, share, or(n.Role, "none"), ends)
	case "role_ends":
		return fmt.Sprintf("Your role in %s ends soon:%s", share, ends)
	case "invited":
		return fmt.Sprintf("%s invites you into %s: %s", by, share, or(n.Role, ""))
	case "invitation_accepted":
		return fmt.Sprintf("%s accepted your invitation into %s", by, share)
	case "join_request":
		return fmt.Sprintf("%s asks to join %s", by, share)
	case "join_accepted":
		return fmt.Sprintf("%s let you join %s: %s", by, share, or(n.Role, ""))
	case "join_refused":
		return fmt.Sprintf("%s refused your request to join %s", by, share)
	case "share_archived":
		return fmt.Sprintf("%s archived %s: it can be changed%s", by, share, ends)
	case "comment":
		return fmt.Sprintf("%s commented on %s%s", by, thing, times)
	case "mention":
		return fmt.Sprintf("%s mentioned you beside %s%s", by, thing, times)
	case "conflict":
		if n.Path != nil {
			return "A conflict waits for you: " + thing
		}
		return fmt.Sprintf("Conflicts wait for you in %s%s", share, times)
	case "job_failed":
		return fmt.Sprintf("A job (%s) did not do everything: scaidrive job show %s", or(n.JobKind, "?"), or(n.SubjectID, ""))
	}
	return n.Kind
}

type noticesReadCmd struct {
	IDs []string `arg:"" optional:"" name:"id" help:"Notices; all there are now if left out."`
}

// Help is shown by --help.
func (noticesReadCmd) Help() string {
	return `Example:
  scaidrive notices read`
}

// Run marks notices as read.
func (c *noticesReadCmd) Run(ctx context.Context, t *terminal) error {
	api, err := t.connect()
	if err != nil {
		return err
	}
	ids := c.IDs
	if len(ids) == 0 {
		list, err := api.Notices(ctx, true)
		if err != nil {
			return fmt.Errorf("list the notices: %w", err)
		}
		for i := range list {
			ids = append(ids, list[i].ID)
		}
	}
	unread := 0
	if len(ids) > 0 {
		if unread, err = api.ReadNotices(ctx, ids, time.Time{}); err != nil {
			return fmt.Errorf("mark the notices as read: %w", err)
		}
	}
	if t.json {
		return t.object(wire.Unread{Unread: unread})
	}
	return nil
}
