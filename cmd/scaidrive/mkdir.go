package main

import (
	"context"
	"fmt"

	"scaidrive/client"
	"scaidrive/httpd/wire"
)

type mkdirCmd struct {
	Paths   []string `arg:"" name:"path" help:"SHARE:/folder to make."`
	Parents bool     `short:"p" help:"Make missing folders above it too; one that is there is fine."`
}

// Help is shown by --help.
func (mkdirCmd) Help() string {
	return `Example:
  scaidrive mkdir -p Projects:/plans/2026`
}

// Run makes folders.
func (c *mkdirCmd) Run(ctx context.Context, t *terminal) error {
	paths, err := remotePaths(c.Paths)
	if err != nil {
		return err
	}
	for _, p := range paths {
		if len(p.Parts) == 0 {
			return client.Usagef("%s is the share itself", p)
		}
	}
	api, err := t.connect()
	if err != nil {
		return err
	}
	return t.each(paths, func(p client.RemotePath) error { return c.one(ctx, t, api, p) })
}

func (c *mkdirCmd) one(ctx context.Context, t *terminal, api *client.Client, p client.RemotePath) error {
	share, err := api.FindShare(ctx, p.Share)
	if err != nil {
		return err
	}
	at, n, err := api.FindIn(ctx, share, p.Parts)
	if err != nil {
		return err
	}
	switch {
	case !at.Folder:
		return fmt.Errorf("%s: a file is in the way", p)
	case n == len(p.Parts) && !c.Parents:
		return fmt.Errorf("%s: is there already", p)
	case n < len(p.Parts)-1 && !c.Parents:
		return fmt.Errorf("%s: the folder above it is missing (-p makes it)", p)
	}
	id, made := at.ID, n < len(p.Parts)
	for _, name := range p.Parts[n:] {
		f, err := api.CreateFolder(ctx, share, id, name)
		if err != nil {
			return fmt.Errorf("%s: %w", p, err)
		}
		id = f.ID
	}
	if t.json {
		return t.object(struct {
			Path string `json:"path"`
			ID   string `json:"id"`
			Type string `json:"type"`
			Made bool   `json:"made"`
		}{p.String(), id, wire.TypeFolder, made})
	}
	return nil
}
