package main

import (
	"context"
	"fmt"

	"scaidrive/client"
	"scaidrive/httpd/wire"
)

type rmCmd struct {
	Recursive bool     `short:"r" help:"Folders too, with all that is in them."`
	Permanent bool     `help:"Remove for good, not to the trash."`
	Paths     []string `arg:"" name:"path" help:"SHARE:/path of a file or folder."`
}

// Help is shown by --help.
func (rmCmd) Help() string {
	return `What is removed goes to the trash, from which restore brings it back.

Example:
  scaidrive rm -r Projects:/plans/2025`
}

// Run moves files and folders to the trash.
func (c *rmCmd) Run(ctx context.Context, t *terminal) error {
	paths, err := remotePaths(c.Paths)
	if err != nil {
		return err
	}
	for _, p := range paths {
		if len(p.Parts) == 0 {
			return client.Usagef("%s is the share itself: a share is not removed with rm", p)
		}
	}
	api, err := t.connect()
	if err != nil {
		return err
	}
	return t.each(paths, func(p client.RemotePath) error {
		at, err := api.Find(ctx, p)
		if err != nil {
			return err
		}
		if at.Folder && !c.Recursive {
			return client.Usagef("%s is a folder: -r is needed", p)
		}
		kind := wire.TypeFile
		if at.Folder {
			kind = wire.TypeFolder
		}
		remove, now := api.Trash, "in the trash"
		if c.Permanent {
			remove, now = api.Purge, "removed for good"
		}
		if err := remove(ctx, kind, at.ID); err != nil {
			return fmt.Errorf("%s: %w", p, err)
		}
		if t.json {
			return t.object(struct {
				Path string `json:"path"`
				ID   string `json:"id"`
				Type string `json:"type"`
			}{p.String(), at.ID, kind})
		}
		t.say("%s is %s.", clean(p.String()), now)
		return nil
	})
}
