package main

import (
	"context"
	"fmt"
	"text/tabwriter"

	"scaidrive/client"
	"scaidrive/httpd/wire"
)

type lsCmd struct {
	Path string `arg:"" help:"SHARE:/path, SHARE a name or an ID." placeholder:"SHARE:/path"`
	Long bool   `short:"l" help:"Show size, time and version too."`

	Sort    string `enum:"name,size,modified,type" default:"name" help:"Order: name, size, modified or type."`
	Reverse bool   `short:"r" help:"The other way round."`
	Filter  string `help:"Only names with a word that begins so." placeholder:"TEXT"`
}

// Help is shown by --help.
func (lsCmd) Help() string {
	return `One name a line; a folder's ends in a slash.

Example:
  scaidrive ls -l Projects:/plans
  scaidrive ls -l --sort modified --reverse --filter report Projects:/`
}

// Run lists a folder, or shows a file.
func (c *lsCmd) Run(ctx context.Context, t *terminal) error {
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
	w := tabwriter.NewWriter(t.out, 0, 0, 2, ' ', 0)
	if !at.Folder {
		if err := c.item(t, w, &at.Item); err != nil {
			return err
		}
		return w.Flush()
	}
	q := client.ListQuery{Sort: c.Sort, Reverse: c.Reverse, Filter: c.Filter}
	if q.Sort == "modified" {
		q.Sort = "modified_at"
	}
	for token := ""; ; {
		page, err := api.List(ctx, at.ShareID, at.ID, q, token)
		if err != nil {
			return fmt.Errorf("list %s: %w", p, err)
		}
		for i := range page.Items {
			if err := c.item(t, w, &page.Items[i]); err != nil {
				return err
			}
		}
		if err := w.Flush(); err != nil || page.NextPageToken == "" || page.NextPageToken == token {
			return err
		}
		token = page.NextPageToken
	}
}

func (c *lsCmd) item(t *terminal, w *tabwriter.Writer, it *wire.Item) error {
	if t.json {
		return t.object(it)
	}
	name, length := clean(it.Name), "-"
	if it.Type == wire.TypeFolder {
		name += "/"
	} else if it.Size != nil {
		length = size(*it.Size)
	}
	var err error
	if c.Long {
		_, err = fmt.Fprintf(w, "%s\t%s\tv%d\t%s\n", length, modified(it), it.Version, name)
	} else {
		_, err = fmt.Fprintln(t.out, name)
	}
	return err
}

// modified is when an entry was changed; of a folder that is only the way to something
// nothing but the name is known.
func modified(it *wire.Item) string {
	if it.Bare {
		return "-"
	}
	return it.ModifiedAt.Local().Format("2006-01-02 15:04")
}
