package main

import (
	"context"
	"fmt"
	"runtime/debug"
	"strings"

	"scaidrive/client"
	"scaidrive/client/transfer"
)

type putCmd struct {
	Recursive bool     `short:"r" help:"Folders too, with all that is in them."`
	Args      []string `arg:"" name:"path" help:"LOCAL... SHARE:/folder: local files and folders, and the folder of a share to place them in."`
}

// Help is shown by --help.
func (putCmd) Help() string {
	return `Each is placed inside the folder under its own name, as cp -r does ("." places
its contents). Missing folders are made. Content is replaced only where it
differs, and only what the server lacks is sent. Times and the executable bit
are kept. Links and special files are skipped, named, and end in 3.

Example:
  scaidrive put -r ~/Documents Projects:/archive`
}

// putGarbage is how much garbage may gather beside what is in use, in percent. A put has
// large buffers as long as it runs and makes little garbage: as much again would be
// half its memory, and collecting it takes no time that can be measured.
const putGarbage = 40

// Run puts.
func (c *putCmd) Run(ctx context.Context, t *terminal) error {
	debug.SetGCPercent(putGarbage)
	if len(c.Args) < 2 {
		return client.Usagef("put takes something local, and SHARE:/folder to place it in")
	}
	last := len(c.Args) - 1
	target, err := client.ParseRemotePath(c.Args[last])
	if err != nil {
		return err
	}
	api, err := t.connect()
	if err != nil {
		return err
	}
	conf, err := api.Config(ctx)
	if err != nil {
		return err
	}
	share, err := api.FindShare(ctx, target.Share)
	if err != nil {
		return err
	}
	at, n, err := api.FindIn(ctx, share, target.Parts)
	if err != nil {
		return fmt.Errorf("%s: %w", target, err)
	}
	if !at.Folder {
		return fmt.Errorf("%s: is a file, and cannot be put into", target)
	}
	run := t.newRun("put")
	o := transfer.PutOptions{Share: share, Folder: at.ID, Missing: target.Parts[n:],
		Target: "/" + strings.Join(target.Parts, "/"), Args: c.Args[:last], Recursive: c.Recursive,
		Chunking: conf.Chunking, Device: "cli-" + randomName(), Progress: run.progress}
	if dir, err := stateDir(t.getenv); err == nil {
		o.Notes = transfer.NewNotes(dir, api.Address())
	}
	sum, err := transfer.Put(ctx, api, o)
	return run.end(sum, err)
}
