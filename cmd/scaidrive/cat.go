package main

import (
	"context"
	"fmt"

	"scaidrive/client"
	"scaidrive/client/transfer"
)

type catCmd struct {
	Path string `arg:"" help:"SHARE:/path of a file." placeholder:"SHARE:/path"`
}

// Help is shown by --help.
func (catCmd) Help() string {
	return `The bytes are checked on the way: content that is not what the server
announced ends in 1. --json changes nothing.

Example:
  scaidrive cat Projects:/plans/readme.txt`
}

// Run writes a file to standard output.
func (c *catCmd) Run(ctx context.Context, t *terminal) error {
	p, err := client.ParseRemotePath(c.Path)
	if err != nil {
		return err
	}
	api, err := t.connect()
	if err != nil {
		return err
	}
	at, err := api.Find(ctx, p)
	if err != nil {
		return err
	}
	if at.Folder {
		return client.Usagef("%s is a folder", p)
	}
	if err := transfer.Cat(ctx, api, &at.Item, t.out); err != nil {
		return fmt.Errorf("%s: %w", p, err)
	}
	return nil
}
