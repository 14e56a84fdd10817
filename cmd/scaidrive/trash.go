package main

import (
	"context"
	"fmt"
	"strings"
	"text/tabwriter"

	"scaidrive/client"
	"scaidrive/httpd/wire"
)

type trashCmd struct {
	Ls    trashLsCmd    `cmd:"" help:"List what is in the trash of a share."`
	Empty trashEmptyCmd `cmd:"" help:"Remove for good what is in the trash of a share."`
}

type trashLsCmd struct {
	Share string `arg:"" help:"Name or ID of the share."`
}

// Help is shown by --help.
func (trashLsCmd) Help() string {
	return `What was deleted last comes first.

Example:
  scaidrive trash ls Projects`
}

// Run lists the trash.
func (c *trashLsCmd) Run(ctx context.Context, t *terminal) error {
	api, share, err := t.share(ctx, c.Share)
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(t.out, 0, 0, 2, ' ', 0)
	err = api.EachTrash(ctx, share, func(it *wire.TrashItem) (bool, error) {
		if t.json {
			return true, t.object(it)
		}
		path, length := clean(it.Path), "-"
		if it.Type == wire.TypeFolder {
			path += "/"
		} else if it.Size != nil {
			length = size(*it.Size)
		}
		_, err := fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", it.ID, it.DeletedAt.Local().Format("2006-01-02 15:04"), length, path)
		return true, err
	})
	if err != nil {
		return fmt.Errorf("list the trash: %w", err)
	}
	return w.Flush()
}

type trashEmptyCmd struct {
	Share string `arg:"" help:"Name or ID of the share."`
}

// Help is shown by --help.
func (trashEmptyCmd) Help() string {
	return `What was in it cannot be brought back.

Example:
  scaidrive trash empty Projects`
}

// Run empties the trash.
func (c *trashEmptyCmd) Run(ctx context.Context, t *terminal) error {
	api, share, err := t.share(ctx, c.Share)
	if err != nil {
		return err
	}
	if err := api.EmptyTrash(ctx, share); err != nil {
		return fmt.Errorf("empty the trash: %w", err)
	}
	if t.json {
		return t.object(struct {
			ShareID string `json:"share_id"`
		}{share})
	}
	t.say("The trash of %s is empty.", clean(c.Share))
	return nil
}

// share connects and finds a share; SHARE: and SHARE:/ are the share too.
func (t *terminal) share(ctx context.Context, name string) (*client.Client, string, error) {
	api, err := t.connect()
	if err != nil {
		return nil, "", err
	}
	share, err := api.FindShare(ctx, strings.TrimSuffix(strings.TrimSuffix(name, "/"), ":"))
	return api, share, err
}

type restoreCmd struct {
	What []string `arg:"" help:"SHARE:/path that it had, or its ID." placeholder:"SHARE:/path|ID"`
}

// Help is shown by --help.
func (restoreCmd) Help() string {
	return `Of several things that had one path, the one deleted last comes back.

Example:
  scaidrive restore Projects:/plans/2025.md`
}

// Run brings things back from the trash.
func (c *restoreCmd) Run(ctx context.Context, t *terminal) error {
	api, err := t.connect()
	if err != nil {
		return err
	}
	return t.eachArg(c.What, func(what string) error {
		kind, id, err := inTrash(ctx, api, what)
		if err != nil {
			return err
		}
		n, err := api.Restore(ctx, kind, id)
		if err != nil {
			return fmt.Errorf("%s: %w", what, err)
		}
		return t.placed(what, kind, "restored", n)
	})
}

// inTrash finds what was deleted by its ID or by the path that it had.
func inTrash(ctx context.Context, api *client.Client, what string) (kind, id string, err error) {
	if !strings.Contains(what, ":") {
		switch {
		case strings.HasPrefix(what, "fil_"):
			return wire.TypeFile, what, nil
		case strings.HasPrefix(what, "fld_"):
			return wire.TypeFolder, what, nil
		}
	}
	p, err := client.ParseRemotePath(what)
	if err != nil {
		return "", "", err
	}
	if len(p.Parts) == 0 {
		return "", "", client.Usagef("%s is the share itself", p)
	}
	share, err := api.FindShare(ctx, p.Share)
	if err != nil {
		return "", "", err
	}
	want := client.NameKey("/" + strings.Join(p.Parts, "/"))
	err = api.EachTrash(ctx, share, func(it *wire.TrashItem) (bool, error) {
		if client.NameKey(it.Path) != want {
			return true, nil
		}
		kind, id = it.Type, it.ID
		return false, nil
	})
	if err == nil && id == "" {
		err = fmt.Errorf("%s is not in the trash", p)
	}
	return kind, id, err
}

type versionsCmd struct {
	Path    string `arg:"" help:"SHARE:/path of a file." placeholder:"SHARE:/path"`
	Restore uint64 `help:"Make the content of version N the current one." placeholder:"N"`
}

// Help is shown by --help.
func (versionsCmd) Help() string {
	return `The newest comes first. Restoring one makes a new version; none is lost.

Example:
  scaidrive versions Projects:/plan.md
  scaidrive versions Projects:/plan.md --restore 2`
}

// Run lists versions, or restores one.
func (c *versionsCmd) Run(ctx context.Context, t *terminal) error {
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
		return client.Usagef("%s is a folder: files have versions", p)
	}
	if c.Restore > 0 {
		v, err := api.RestoreVersion(ctx, at.ID, c.Restore)
		if err != nil {
			return fmt.Errorf("%s: %w", p, err)
		}
		if t.json {
			return t.object(v)
		}
		t.say("Version %d of %s has the content of version %d.", v.Version, clean(p.String()), v.RestoredFrom)
		return nil
	}
	list, err := api.Versions(ctx, at.ID)
	if err != nil {
		return fmt.Errorf("%s: %w", p, err)
	}
	w := tabwriter.NewWriter(t.out, 0, 0, 2, ' ', 0)
	for i := range list {
		v := &list[i]
		if t.json {
			if err := t.object(v); err != nil {
				return err
			}
			continue
		}
		fmt.Fprintf(w, "v%d\t%s\t%s\t%s\n", v.VersionNumber, size(v.Size), v.CreatedAt.Local().Format("2006-01-02 15:04"), v.CreatedBy)
	}
	return w.Flush()
}
