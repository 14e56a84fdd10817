package main

import (
	"context"
	"fmt"

	"scaidrive/client"
	"scaidrive/httpd/wire"
)

type mvCmd struct {
	Paths []string `arg:"" name:"path" help:"SHARE:/path of what is moved, one or more, and of where to."`
}

// Help is shown by --help.
func (mvCmd) Help() string {
	return `Into a folder that is there, or to a new name in one. Nothing is replaced.

Example:
  scaidrive mv Projects:/plan.md Projects:/plans/2026.md
  scaidrive mv Projects:/a Projects:/b Archive:/2025`
}

// Run moves and renames.
func (c *mvCmd) Run(ctx context.Context, t *terminal) error {
	return relocate(ctx, t, c.Paths, relocation{done: "moved", job: wire.JobMove, to: (*client.Client).Move})
}

type cpCmd struct {
	Recursive bool     `short:"r" help:"Folders too, with all that is in them."`
	Paths     []string `arg:"" name:"path" help:"SHARE:/path of what is copied, one or more, and of where to."`
}

// Help is shown by --help.
func (cpCmd) Help() string {
	return `Into a folder that is there, or to a new name in one. Nothing is replaced, and no
content travels.

Example:
  scaidrive cp -r Projects:/plans Archive:/plans-2025`
}

// Run copies.
func (c *cpCmd) Run(ctx context.Context, t *terminal) error {
	return relocate(ctx, t, c.Paths, relocation{done: "copied", job: wire.JobCopy, to: (*client.Client).Copy, onlyFiles: !c.Recursive})
}

// A relocation is what mv and cp do with one thing.
type relocation struct {
	done      string
	job       string // the kind of job that does it where one call does not
	to        func(c *client.Client, ctx context.Context, kind, id, share, folder, name string) (*client.Node, error)
	onlyFiles bool
}

func relocate(ctx context.Context, t *terminal, args []string, r relocation) error {
	paths, err := remotePaths(args)
	if err != nil {
		return err
	}
	if len(paths) < 2 {
		return client.Usagef("what, and where to: two paths or more are needed")
	}
	sources, target := paths[:len(paths)-1], paths[len(paths)-1]
	for _, p := range sources {
		if len(p.Parts) == 0 {
			return client.Usagef("%s is the share itself", p)
		}
	}
	api, err := t.connect()
	if err != nil {
		return err
	}
	share, err := api.FindShare(ctx, target.Share)
	if err != nil {
		return err
	}
	return t.each(sources, func(p client.RemotePath) error {
		at, err := api.Find(ctx, p)
		if err != nil {
			return err
		}
		if at.Folder && r.onlyFiles {
			return client.Usagef("%s is a folder: -r is needed", p)
		}
		folder, name, err := landing(ctx, api, share, target, at, len(sources) > 1)
		if err != nil {
			return err
		}
		n, err := r.to(api, ctx, at.Item.Type, at.ID, share, folder, name)
		if client.TooLarge(err) {
			return r.large(ctx, t, api, at, share, folder, name)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", p, err)
		}
		return t.placed(p.String(), at.Item.Type, r.done, n)
	})
}

// large does it by a job, which takes a folder apart that is too large for one
// call.
func (r relocation) large(ctx context.Context, t *terminal, api *client.Client, at *client.Found, share, folder, name string) error {
	target := folder
	if target == "" {
		target = share
	}
	id, err := api.CreateJob(ctx, wire.CreateJob{Kind: r.job, Items: []wire.JobItem{{ID: at.ID, Name: name}}, Target: target})
	if err != nil {
		return err
	}
	return t.await(ctx, api, id)
}

// landing finds the folder that something goes into, and its name there; "" is
// its own. A name that is there already in another case is a new name for what
// has it.
func landing(ctx context.Context, api *client.Client, share string, target client.RemotePath, src *client.Found, many bool) (folder, name string, err error) {
	at, n, err := api.FindIn(ctx, share, target.Parts)
	if err != nil {
		return "", "", err
	}
	switch left := len(target.Parts) - n; {
	case left == 0 && at.ID == src.ID && !many:
		if src.Item.ParentID != nil {
			folder = *src.Item.ParentID
		}
		return folder, target.Name(), nil
	case left == 0 && at.Folder:
		return at.ID, "", nil
	case left == 0, !at.Folder:
		return "", "", fmt.Errorf("%s: a file is there already", target)
	case many:
		return "", "", fmt.Errorf("%s: there is no such folder", target)
	case left > 1:
		return "", "", fmt.Errorf("%s: the folder above it is missing", target)
	}
	return at.ID, target.Name(), nil
}

// placed tells where something is now.
func (t *terminal) placed(from, kind, done string, n *client.Node) error {
	if t.json {
		return t.object(struct {
			From    string `json:"from"`
			ID      string `json:"id"`
			Type    string `json:"type"`
			ShareID string `json:"share_id"`
			Path    string `json:"path"`
		}{from, n.ID, kind, n.ShareID, n.Path})
	}
	if kind == wire.TypeFolder {
		n.Path += "/"
	}
	t.say("%s is %s to %s.", clean(from), done, clean(n.Path))
	return nil
}
