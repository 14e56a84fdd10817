package main

import (
	"context"
	"fmt"
	"text/tabwriter"

	"scaidrive/client"
	"scaidrive/httpd/wire"
)

func listDeletedShares(ctx context.Context, t *terminal, api *client.Client) error {
	shares, err := api.DeletedShares(ctx)
	if err != nil {
		return fmt.Errorf("list the deleted shares: %w", err)
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
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", s.ID, s.ShareType, size(s.UsedBytes), clean(s.Name))
	}
	return w.Flush()
}

type shareShowCmd struct {
	Share string `arg:"" help:"Name or ID of the share."`
}

// Help is shown by --help.
func (shareShowCmd) Help() string {
	return `Example:
  scaidrive share show Projects`
}

// Run shows a share.
func (c *shareShowCmd) Run(ctx context.Context, t *terminal) error {
	api, id, err := t.share(ctx, c.Share)
	if err != nil {
		return err
	}
	s, err := api.Share(ctx, id)
	if err != nil {
		return fmt.Errorf("share %q: %w", c.Share, err)
	}
	return t.showShare(s)
}

func (t *terminal) showShare(s *wire.Share) error {
	if t.json {
		return t.object(s)
	}
	w := tabwriter.NewWriter(t.out, 0, 0, 2, ' ', 0)
	line := func(name, value string) { fmt.Fprintf(w, "%s\t%s\n", name, value) }
	line("ID", s.ID)
	line("Name", clean(s.Name))
	if s.Description != "" {
		line("Description", clean(s.Description))
	}
	line("Type", s.ShareType)
	line("Owner", s.OwnerID)
	if s.Slug != nil {
		line("Slug", *s.Slug)
	}
	line("Visibility", s.Visibility)
	if s.ArchiveAt != nil {
		line(map[bool]string{true: "Archived since", false: "Archived at"}[s.IsArchived], moment(s.ArchiveAt))
	}
	line("Used", size(s.UsedBytes))
	if s.QuotaBytes != nil {
		line("Quota", size(*s.QuotaBytes))
	}
	line("Made", s.CreatedAt.Local().Format("2006-01-02 15:04"))
	return w.Flush()
}

type shareSetCmd struct {
	Share       string  `arg:"" help:"Name or ID of the share."`
	Name        *string `help:"A new name." placeholder:"NAME"`
	Description *string `help:"A new description; empty for none." placeholder:"TEXT"`
	Slug        *string `help:"Another name for it, of a-z, 0-9 and -; empty for none." placeholder:"SLUG"`
	Visibility  *string `help:"private, or discoverable: everybody in the tenant may ask to join." placeholder:"WHO"`
	ArchiveAt   string  `help:"When it becomes read-only: a date, a time, or a duration in hours or days." placeholder:"WHEN"`
	Archive     bool    `help:"Make it read-only now." xor:"archive"`
	Unarchive   bool    `help:"Let it be written again." xor:"archive"`
	Conflicts   *string `help:"What becomes of edits that meet: KEEP_BOTH, LAST_WRITER_WINS, MANUAL, SERVER_WINS or CLIENT_WINS." placeholder:"STRATEGY"`
	Quota       string  `help:"How much it may hold: bytes, or with K, M, G or T; none: what the tenant gives." placeholder:"SIZE"`
	Restore     bool    `help:"Bring a deleted share back."`
}

// Help is shown by --help.
func (shareSetCmd) Help() string {
	return `Examples:
  scaidrive share set Projects --name "Projects 2026" --description "All of them"
  scaidrive share set Projects --slug projects --visibility discoverable --archive-at 90d
  scaidrive share set Projects --restore`
}

// Run changes a share.
func (c *shareSetCmd) Run(ctx context.Context, t *terminal) error {
	u, err := c.change(t)
	if err != nil {
		return err
	}
	if u == (wire.UpdateShare{}) && !c.Restore {
		return client.Usagef("say what to set; --help tells what there is")
	}
	api, err := t.connect()
	if err != nil {
		return err
	}
	find := api.FindShare
	if c.Restore {
		find = api.FindDeletedShare
		live := false
		u.IsDeleted = &live
	}
	id, err := find(ctx, c.Share)
	if err != nil {
		return err
	}
	s, err := api.UpdateShare(ctx, id, u)
	if err != nil {
		return fmt.Errorf("change the share %q: %w", c.Share, err)
	}
	return t.showShare(s)
}

func (c *shareSetCmd) change(t *terminal) (wire.UpdateShare, error) {
	u := wire.UpdateShare{Name: c.Name, Description: c.Description, Slug: c.Slug, Visibility: c.Visibility}
	if c.ArchiveAt != "" {
		at, err := parseWhen(c.ArchiveAt, t.now())
		if err != nil {
			return u, client.Usagef("--archive-at: %v", err)
		}
		w := wire.At(at)
		u.ArchiveAt = &w
	}
	if c.Archive || c.Unarchive {
		u.IsArchived = &c.Archive
	}
	if c.Quota != "" {
		n := int64(-1)
		if c.Quota != "none" {
			var err error
			if n, err = parseSize(c.Quota); err != nil {
				return u, client.Usagef("--quota: %v", err)
			}
		}
		u.QuotaBytes = &n
	}
	if c.Conflicts != nil {
		u.Settings = &wire.UpdateShareSettings{ConflictResolution: c.Conflicts}
	}
	return u, nil
}

type shareRmCmd struct {
	Share string `arg:"" help:"Name or ID of the share."`
}

// Help is shown by --help.
func (shareRmCmd) Help() string {
	return `The share and all in it are gone for everybody; nothing is removed for good.
"share set --restore" brings it back.

Example:
  scaidrive share rm Projects`
}

// Run deletes a share.
func (c *shareRmCmd) Run(ctx context.Context, t *terminal) error {
	api, id, err := t.share(ctx, c.Share)
	if err != nil {
		return err
	}
	if err := api.DeleteShare(ctx, id); err != nil {
		return fmt.Errorf("delete the share %q: %w", c.Share, err)
	}
	if t.json {
		return t.object(map[string]any{"id": id, "deleted": true})
	}
	t.say("%s is deleted.", clean(c.Share))
	return nil
}
