package main

import (
	"context"
	"fmt"
	"text/tabwriter"
	"time"

	"scaidrive/client"
	"scaidrive/httpd/wire"
)

type activityCmd struct {
	Path  string `arg:"" optional:"" help:"SHARE:/path, SHARE a name or an ID; all shares if left out." placeholder:"SHARE:/path"`
	User  string `help:"Only what this user did: an e-mail address or an ID." placeholder:"WHO"`
	Since string `help:"Not before: a date, a time, or how long ago in hours or days." placeholder:"WHEN"`
	Until string `help:"Before: a date, a time, or how long ago." placeholder:"WHEN"`
	Limit int    `short:"n" default:"50" help:"How many lines at most; 0 is all."`
}

// Help is shown by --help.
func (activityCmd) Help() string {
	return `What happened, latest first.

Examples:
  scaidrive activity
  scaidrive activity Projects:/plans --since 7d
  scaidrive activity --user ana@example.com -n 10`
}

// Run lists what happened.
func (c *activityCmd) Run(ctx context.Context, t *terminal) error {
	var q client.ActivityQuery
	var err error
	if q.From, err = ago(c.Since, t.now()); err != nil {
		return client.Usagef("--since: %v", err)
	}
	if q.To, err = ago(c.Until, t.now()); err != nil {
		return client.Usagef("--until: %v", err)
	}
	var p client.RemotePath
	if c.Path != "" {
		if p, err = client.ParseRemotePath(c.Path); err != nil {
			return err
		}
	}
	api, err := t.connect()
	if err != nil {
		return err
	}
	if c.Path != "" {
		at, err := api.Find(ctx, p)
		if err != nil {
			return err
		}
		switch {
		case !at.Folder:
			q.File = at.ID
		case at.ID != "":
			q.Folder = at.ID
		default:
			q.Share = at.ShareID
		}
	}
	if c.User != "" {
		if q.User, err = api.FindPrincipal(ctx, c.User); err != nil {
			return err
		}
	}
	w := tabwriter.NewWriter(t.out, 0, 0, 2, ' ', 0)
	n := 0
	err = api.EachActivity(ctx, q, func(a *wire.Activity) (bool, error) {
		n++
		more := c.Limit == 0 || n < c.Limit
		if t.json {
			return more, t.object(a)
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", a.ChangedAt.Local().Format("2006-01-02 15:04"), clean(orDash(a.ChangedByName)), a.ChangeType, happened(a))
		return more, nil
	})
	if err != nil {
		return fmt.Errorf("what happened: %w", err)
	}
	return w.Flush()
}

// happened tells in a line what a row is about.
func happened(a *wire.Activity) string {
	at := func(path *string) string { return clean(a.ShareName + ":" + *path) }
	switch {
	case a.NewPath != nil && a.OldPath != nil:
		return at(a.OldPath) + " -> " + at(a.NewPath)
	case a.NewPath != nil:
		return at(a.NewPath)
	case a.OldPath != nil:
		return at(a.OldPath)
	}
	return clean(a.ShareName + ": " + a.Metadata.Name)
}

// ago reads a moment: as parseWhen does, but a duration is before now. Empty is the
// zero time.
func ago(s string, now time.Time) (time.Time, error) {
	if s == "" {
		return time.Time{}, nil
	}
	at, err := parseWhen(s, now)
	if _, date := time.Parse(time.RFC3339, s); err == nil && at.After(now) && date != nil {
		if _, day := time.Parse(time.DateOnly, s); day != nil {
			at = now.Add(-at.Sub(now))
		}
	}
	return at, err
}
