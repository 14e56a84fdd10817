package main

import (
	"context"
	"os"

	"scaidrive/client"
	"scaidrive/client/transfer"
	"scaidrive/httpd/wire"
)

type getCmd struct {
	Recursive bool     `short:"r" help:"Folders too, with all that is in them."`
	Args      []string `arg:"" name:"path" help:"SHARE:/path... DIR: what to fetch, and the local folder to place it in."`
}

// Help is shown by --help.
func (getCmd) Help() string {
	return `Each is placed inside the local folder under its own name, as cp -r does; of
SHARE:/ the contents are. The folder is made if it is missing. Content is
replaced only where it differs. What is fetched lies under a hidden temporary
name until its checksum has been found right.

Example:
  scaidrive get -r Projects:/plans ~/Documents`
}

// Run gets.
func (c *getCmd) Run(ctx context.Context, t *terminal) error {
	if len(c.Args) < 2 {
		return client.Usagef("get takes SHARE:/path, and a local folder to place it in")
	}
	last := len(c.Args) - 1
	dir := c.Args[last]
	paths, err := remotePaths(c.Args[:last])
	if err != nil {
		return err
	}
	api, err := t.connect()
	if err != nil {
		return err
	}
	items, failed, err := c.find(ctx, t, api, paths)
	if err != nil {
		return err
	}
	if len(items) == 0 {
		return &partError{exitFailed}
	}
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return err
	}
	run := t.newRun("get")
	all := &transfer.Summary{Problems: []transfer.Problem{}}
	for _, at := range items {
		o := transfer.GetOptions{Share: at.ShareID, Dir: dir, Progress: run.progress, Token: randomName}
		if at.ID != "" {
			o.Item = &at.Item
		}
		var sum *transfer.Summary
		sum, err = transfer.Get(ctx, api, o)
		all.Add(sum)
		if err != nil {
			break
		}
	}
	err = run.end(all, err)
	if err == nil && failed {
		err = &partError{exitPart}
	}
	return err
}

// find looks all paths up before anything is written. failed: some are not there.
func (c *getCmd) find(ctx context.Context, t *terminal, api *client.Client, paths []client.RemotePath) ([]*client.Found, bool, error) {
	var out []*client.Found
	names := make(map[string]bool)
	failed := false
	for _, p := range paths {
		at, err := api.Find(ctx, p)
		if client.StatusOf(err) == 404 && len(paths) > 1 {
			t.finish(err)
			failed = true
			continue
		}
		if err != nil {
			return nil, false, err
		}
		if at.Folder && !c.Recursive {
			return nil, false, client.Usagef("%s is a folder: -r is needed", p)
		}
		if key := client.NameKey(at.Item.Name); names[key] {
			return nil, false, client.Usagef("two of the paths are called %q", at.Item.Name)
		} else if names[key] = true; at.Folder {
			at.Item.Type = wire.TypeFolder
		}
		out = append(out, at)
	}
	return out, failed, nil
}
