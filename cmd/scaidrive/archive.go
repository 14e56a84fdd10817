package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"scaidrive/client"
	"scaidrive/httpd/wire"
)

type archiveCmd struct {
	Args []string `arg:"" name:"path" help:"SHARE:/path... FILE.zip: what to put into the archive, and where to write it; - is standard output."`
}

// Help is shown by --help.
func (archiveCmd) Help() string {
	return `The archive is made by the server while it is written, uncompressed. A share is
its contents; with other things beside it, a folder of its name. FILE.zip appears
when the archive is complete. A path that is not there is named, and the rest
ends in 3.

Example:
  scaidrive archive Projects:/plans Projects:/readme.txt plans.zip`
}

// Run writes an archive.
func (c *archiveCmd) Run(ctx context.Context, t *terminal) error {
	if len(c.Args) < 2 {
		return client.Usagef("archive takes SHARE:/path, and a file to write or -")
	}
	last := len(c.Args) - 1
	target := c.Args[last]
	paths, err := remotePaths(c.Args[:last])
	if err != nil {
		return err
	}
	if info, err := os.Stat(target); target != "-" && err == nil && !info.Mode().IsRegular() {
		return client.Usagef("%s is no file", target)
	}
	api, err := t.connect()
	if err != nil {
		return err
	}
	items, failed, err := archiveItems(ctx, t, api, paths)
	if err != nil {
		return err
	}
	if len(items) == 0 {
		return &partError{exitFailed}
	}
	if err := c.write(ctx, t, api, items, target); err != nil {
		return err
	}
	if failed {
		return &partError{exitPart}
	}
	return nil
}

// archiveItems looks the paths up. failed: some of several are not there.
func archiveItems(ctx context.Context, t *terminal, api *client.Client, paths []client.RemotePath) (items []wire.ArchiveItem, failed bool, err error) {
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
		item := wire.ArchiveItem{ID: at.ID}
		if at.ID == "" {
			item.ID = at.ShareID
		}
		items = append(items, item)
	}
	return items, failed, nil
}

// write brings the archive to where it belongs, whole or not at all.
func (c *archiveCmd) write(ctx context.Context, t *terminal, api *client.Client, items []wire.ArchiveItem, target string) (err error) {
	began := t.now()
	body, length, err := api.Archive(ctx, items)
	if err != nil {
		return err
	}
	defer body.Close()
	var in io.Reader = body
	if t.showsProgress() {
		b := newBar(t, "archive")
		b.Total(1, max(length, 0))
		defer b.end()
		in = io.TeeReader(body, barWriter{b})
	}
	if target == "-" {
		_, err := io.Copy(t.out, in)
		return err
	}
	f, err := os.OpenFile(filepath.Join(filepath.Dir(target), "."+filepath.Base(target)+"."+randomName()+".part"), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o666)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(f.Name())
		}
	}()
	n, err := io.Copy(f, in)
	if err = errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("%s: %w", target, err)
	}
	if err := os.Rename(f.Name(), target); err != nil {
		return err
	}
	seconds := t.now().Sub(began).Seconds()
	if t.json {
		return t.object(struct {
			Command string  `json:"command"`
			File    string  `json:"file"`
			Bytes   int64   `json:"bytes"`
			Seconds float64 `json:"seconds"`
		}{"archive", target, n, seconds})
	}
	t.say("%s: %s in %.1f s.", clean(target), size(n), seconds)
	return nil
}

// barWriter shows bytes that pass.
type barWriter struct{ b *bar }

func (w barWriter) Write(p []byte) (int, error) {
	w.b.Add(0, int64(len(p)))
	return len(p), nil
}
