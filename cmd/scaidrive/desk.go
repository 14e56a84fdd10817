package main

import (
	"context"
	"fmt"
	"text/tabwriter"

	"scaidrive/client"
	"scaidrive/httpd/wire"
)

type favoritesCmd struct {
	Ls  favoritesLsCmd  `cmd:"" help:"List your favourites."`
	Add favoritesAddCmd `cmd:"" help:"Mark files and folders."`
	Rm  favoritesRmCmd  `cmd:"" help:"Take the mark from files and folders."`
}

type favoritesLsCmd struct{}

// Help is shown by --help.
func (favoritesLsCmd) Help() string {
	return `What was marked last comes first.

Example:
  scaidrive favorites ls`
}

// Run lists favourites.
func (c *favoritesLsCmd) Run(ctx context.Context, t *terminal) error {
	return t.desk(ctx, "list the favourites", (*client.Client).Favorites)
}

type recentCmd struct{}

// Help is shown by --help.
func (recentCmd) Help() string {
	return `What you opened or changed last comes first, each file or folder once.

Example:
  scaidrive recent`
}

// Run lists what was recent.
func (c *recentCmd) Run(ctx context.Context, t *terminal) error {
	return t.desk(ctx, "list what was opened last", (*client.Client).Recent)
}

// desk lists what is the caller's own.
func (t *terminal) desk(ctx context.Context, what string, list func(*client.Client, context.Context) ([]wire.DeskItem, error)) error {
	api, err := t.connect()
	if err != nil {
		return err
	}
	items, err := list(api, ctx)
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	var names named
	if !t.json && len(items) > 0 {
		if names, err = shareNames(ctx, api); err != nil {
			return err
		}
	}
	w := tabwriter.NewWriter(t.out, 0, 0, 2, ' ', 0)
	for i := range items {
		it := &items[i]
		if t.json {
			if err := t.object(it); err != nil {
				return err
			}
			continue
		}
		path, length := it.Path, "-"
		if it.Type == wire.TypeFolder {
			path += "/"
		} else if it.Size != nil {
			length = size(*it.Size)
		}
		fmt.Fprintf(w, "%s\t%s\t%s\n", it.At.Local().Format("2006-01-02 15:04"), length, clean(names.of(it.ShareID)+":"+path))
	}
	return w.Flush()
}

type favoritesAddCmd struct {
	Paths []string `arg:"" help:"SHARE:/path, SHARE a name or an ID." placeholder:"SHARE:/path"`
}

// Help is shown by --help.
func (favoritesAddCmd) Help() string {
	return `Example:
  scaidrive favorites add Projects:/plans Projects:/notes.txt`
}

// Run marks.
func (c *favoritesAddCmd) Run(ctx context.Context, t *terminal) error {
	return t.mark(ctx, c.Paths, true)
}

type favoritesRmCmd struct {
	Paths []string `arg:"" help:"SHARE:/path, SHARE a name or an ID." placeholder:"SHARE:/path"`
}

// Help is shown by --help.
func (favoritesRmCmd) Help() string {
	return `Example:
  scaidrive favorites rm Projects:/plans`
}

// Run takes marks away.
func (c *favoritesRmCmd) Run(ctx context.Context, t *terminal) error {
	return t.mark(ctx, c.Paths, false)
}

func (t *terminal) mark(ctx context.Context, args []string, favourite bool) error {
	paths, err := remotePaths(args)
	if err != nil {
		return err
	}
	for _, p := range paths {
		if len(p.Parts) == 0 {
			return client.Usagef("%s is a share; files and folders can be marked", p)
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
		if err := api.Mark(ctx, at.Item.Type, at.ID, favourite); err != nil {
			return fmt.Errorf("%s: %w", p, err)
		}
		if t.json {
			return t.object(map[string]any{"path": p.String(), "type": at.Item.Type, "id": at.ID, "favorite": favourite})
		}
		return nil
	})
}

type quotaCmd struct {
	Shares bool `help:"Show each share, too."`
}

// Help is shown by --help.
func (quotaCmd) Help() string {
	return `Example:
  scaidrive quota --shares`
}

// Run shows what is used.
func (c *quotaCmd) Run(ctx context.Context, t *terminal) error {
	api, err := t.connect()
	if err != nil {
		return err
	}
	q, err := api.Quota(ctx)
	if err != nil {
		return fmt.Errorf("the quota: %w", err)
	}
	if t.json {
		if err := t.object(q); err != nil {
			return err
		}
	} else {
		of := "no limit"
		if q.QuotaBytes != nil {
			of = "of " + size(*q.QuotaBytes)
		}
		fmt.Fprintf(t.out, "%s used, %s\n", size(q.UsedBytes), of)
	}
	if !c.Shares {
		return nil
	}
	return t.shareUsage(ctx, api)
}

func (t *terminal) shareUsage(ctx context.Context, api *client.Client) error {
	w := tabwriter.NewWriter(t.out, 0, 0, 2, ' ', 0)
	for seen := 0; ; {
		page, err := api.Stats(ctx, seen)
		if err != nil {
			return fmt.Errorf("what the shares hold: %w", err)
		}
		for i := range page.Shares {
			s := &page.Shares[i]
			if t.json {
				if err := t.object(s); err != nil {
					return err
				}
				continue
			}
			fmt.Fprintf(w, "%s\t%s\t%s\n", s.ShareID, size(s.UsedBytes), clean(s.ShareName))
		}
		if seen += len(page.Shares); len(page.Shares) == 0 || seen >= page.Total {
			return w.Flush()
		}
	}
}
