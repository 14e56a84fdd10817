package main

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"slices"

	"scaidrive/client"
	"scaidrive/client/runner"
	"scaidrive/httpd/wire"
)

type conflictsCmd struct {
	Ls      conflictsLsCmd      `cmd:"" help:"List the conflicts of a share."`
	Show    conflictsShowCmd    `cmd:"" help:"Show a conflict."`
	Cat     conflictsCatCmd     `cmd:"" help:"Write one of the two contents to standard output."`
	Resolve conflictsResolveCmd `cmd:"" help:"Settle an open conflict."`
}

type conflictsLsCmd struct {
	Share string `arg:"" help:"Name or ID of the share."`
	All   bool   `help:"Resolved ones, too."`
}

// Help is shown by --help.
func (conflictsLsCmd) Help() string {
	return `Example:
  scaidrive conflicts ls Projects`
}

// Run lists.
func (c *conflictsLsCmd) Run(ctx context.Context, t *terminal) error {
	list, err := t.conflictsOf(ctx, c.Share, c.All)
	if err != nil {
		return err
	}
	for i := range list {
		if err := t.conflict(&list[i]); err != nil {
			return err
		}
	}
	return nil
}

func (t *terminal) conflictsOf(ctx context.Context, share string, all bool) ([]wire.Conflict, error) {
	api, err := t.connect()
	if err != nil {
		return nil, err
	}
	id, err := api.FindShare(ctx, share)
	if err != nil {
		return nil, err
	}
	return api.Conflicts(ctx, id, "", all)
}

// conflict writes one line.
func (t *terminal) conflict(c *wire.Conflict) error {
	if t.json {
		return t.object(c)
	}
	path := c.ClientChange.Name
	if c.Path != nil {
		path = *c.Path
	}
	what := c.Status
	if c.Resolution != nil {
		what += " " + *c.Resolution
	}
	_, err := fmt.Fprintf(t.out, "%s %s %s %s (%s)\n", c.ID, c.ConflictType, what, clean(path), clean(c.DeviceName))
	return err
}

type conflictsShowCmd struct {
	Share    string `arg:"" help:"Name or ID of the share."`
	Conflict string `arg:"" help:"The conflict's ID (cfl_…)."`
}

// Help is shown by --help.
func (conflictsShowCmd) Help() string {
	return `Example:
  scaidrive conflicts show Projects cfl_01JZX3Q9QX8N7B2K4M5T6V8W9Y`
}

// Run shows.
func (c *conflictsShowCmd) Run(ctx context.Context, t *terminal) error {
	list, err := t.conflictsOf(ctx, c.Share, true)
	if err != nil {
		return err
	}
	for i := range list {
		f := &list[i]
		if f.ID != c.Conflict {
			continue
		}
		if err := t.conflict(f); err != nil || t.json {
			return err
		}
		fmt.Fprintf(t.out, "made %s by %s, under %s\n", f.CreatedAt.Format("2006-01-02 15:04:05Z"), clean(f.DeviceName), f.Strategy)
		if f.CopyID != nil {
			fmt.Fprintf(t.out, "kept as %s\n", *f.CopyID)
		}
		if f.KeptVersion > 0 {
			fmt.Fprintf(t.out, "kept as version %d\n", f.KeptVersion)
		}
		return nil
	}
	return fmt.Errorf("there is no conflict %s", clean(c.Conflict))
}

type conflictsCatCmd struct {
	Share    string `arg:"" help:"Name or ID of the share."`
	Conflict string `arg:"" help:"The conflict's ID (cfl_…)."`
	Mine     bool   `help:"What waits in the conflict." xor:"side" required:""`
	Theirs   bool   `help:"What stands at its place." xor:"side" required:""`
}

// Help is shown by --help.
func (conflictsCatCmd) Help() string {
	return `The bytes are checked on the way, as by cat.

Example:
  scaidrive conflicts cat Projects cfl_01JZX3Q9QX8N7B2K4M5T6V8W9Y --mine`
}

// Run writes a content.
func (c *conflictsCatCmd) Run(ctx context.Context, t *terminal) error {
	list, err := t.conflictsOf(ctx, c.Share, true)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(list, func(f wire.Conflict) bool { return f.ID == c.Conflict })
	if i < 0 {
		return fmt.Errorf("there is no conflict %s", clean(c.Conflict))
	}
	api, err := t.connect()
	if err != nil {
		return err
	}
	f := &list[i]
	if c.Theirs {
		if f.ResourceType != wire.TypeFile {
			return fmt.Errorf("%s is about a folder", clean(c.Conflict))
		}
		body, length, err := api.Content(ctx, f.ResourceID, 0, 0)
		return t.contentOf(body, length, nil, err)
	}
	body, length, err := api.ConflictContent(ctx, f.ID)
	return t.contentOf(body, length, f.ClientChange.ChecksumSHA256, err)
}

// contentOf writes a content to its end, and compares it with the checksum that it
// must have; nil: that is not known.
func (t *terminal) contentOf(body io.ReadCloser, length int64, want *wire.Hash, err error) error {
	if err != nil {
		return err
	}
	defer body.Close()
	h := sha256.New()
	n, err := io.Copy(io.MultiWriter(t.out, h), body)
	switch {
	case err != nil:
		return err
	case length >= 0 && n != length:
		return client.ErrBrokenOff
	case want != nil && wire.Hash(h.Sum(nil)) != *want:
		return errors.New("the content that arrived does not have the checksum that was announced")
	}
	return nil
}

type conflictsResolveCmd struct {
	Conflict string `arg:"" help:"The conflict's ID (cfl_…)."`
	With     string `required:"" enum:"mine,theirs,both,last-writer,keep-both,server,client" help:"mine (what waits takes its place), theirs (what is there stays), both or last-writer; client, server and keep-both are other names of the first three."`
}

// Help is shown by --help.
func (conflictsResolveCmd) Help() string {
	return `Example:
  scaidrive conflicts resolve cfl_01JZX3Q9QX8N7B2K4M5T6V8W9Y --with both`
}

// Run resolves.
func (c *conflictsResolveCmd) Run(ctx context.Context, t *terminal) error {
	api, err := t.connect()
	if err != nil {
		return err
	}
	with := c.With
	if other := map[string]string{"mine": "client", "theirs": "server", "both": "keep-both"}[with]; other != "" {
		with = other
	}
	by, err := runner.StrategyOf(with)
	if err != nil {
		return client.Usagef("%v", err)
	}
	f, err := api.ResolveConflict(ctx, c.Conflict, by)
	if err != nil {
		return err
	}
	return t.conflict(f)
}
