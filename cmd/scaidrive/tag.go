package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"

	"scaidrive/client"
	"scaidrive/httpd/wire"
)

type tagCmd struct {
	Ls   tagLsCmd   `cmd:"" help:"List the tags of a file or folder, or those in use."`
	Add  tagAddCmd  `cmd:"" help:"Add tags to a file or folder."`
	Set  tagSetCmd  `cmd:"" help:"Replace the tags of a file or folder."`
	Rm   tagRmCmd   `cmd:"" help:"Take tags from a file or folder."`
	Find tagFindCmd `cmd:"" help:"List what has a tag."`
}

type tagLsCmd struct {
	Path string `arg:"" optional:"" help:"SHARE:/path; the tags in use if left out." placeholder:"SHARE:/path"`
}

// Help is shown by --help.
func (tagLsCmd) Help() string {
	return `One tag a line.

Examples:
  scaidrive tag ls
  scaidrive tag ls Projects:/plans/house.dwg`
}

// Run lists tags.
func (c *tagLsCmd) Run(ctx context.Context, t *terminal) error {
	if c.Path != "" {
		return t.tags(ctx, c.Path, nil)
	}
	api, err := t.connect()
	if err != nil {
		return err
	}
	err = api.EachTag(ctx, "", func(tag *string) (bool, error) { return true, t.tag(*tag) })
	if err != nil {
		return fmt.Errorf("list the tags: %w", err)
	}
	return nil
}

func (t *terminal) tag(tag string) error {
	if t.json {
		return t.object(map[string]string{"tag": tag})
	}
	_, err := fmt.Fprintln(t.out, clean(tag))
	return err
}

// tags finds a file or folder, changes its tags unless change is nil, and lists them.
func (t *terminal) tags(ctx context.Context, path string, change func(was []string) []string) error {
	api, at, err := t.node(ctx, path)
	if err != nil {
		return err
	}
	tags, err := api.Tags(ctx, at.Item.Type, at.ID)
	if err == nil && change != nil {
		tags, err = api.SetTags(ctx, at.Item.Type, at.ID, change(tags))
	}
	if err != nil {
		return fmt.Errorf("tags of %s: %w", path, err)
	}
	if t.json {
		return t.object(map[string]any{"path": path, "type": at.Item.Type, "id": at.ID, "tags": tags})
	}
	for _, tag := range tags {
		if err := t.tag(tag); err != nil {
			return err
		}
	}
	return nil
}

// node connects and finds a file or folder that is no share's root.
func (t *terminal) node(ctx context.Context, path string) (*client.Client, *client.Found, error) {
	p, err := client.ParseRemotePath(path)
	if err != nil {
		return nil, nil, err
	}
	if len(p.Parts) == 0 {
		return nil, nil, client.Usagef("%s is a share; name a file or folder in it", p)
	}
	api, err := t.connect()
	if err != nil {
		return nil, nil, err
	}
	at, err := api.Find(ctx, p)
	return api, at, err
}

// without gives a list without some tags, whatever their case.
func without(list, some []string) []string {
	return slices.DeleteFunc(slices.Clone(list), func(tag string) bool {
		return slices.ContainsFunc(some, func(s string) bool { return client.NameKey(strings.TrimSpace(s)) == client.NameKey(tag) })
	})
}

type tagAddCmd struct {
	Path string   `arg:"" help:"SHARE:/path." placeholder:"SHARE:/path"`
	Tags []string `arg:"" help:"Tags of at most 64 bytes."`
}

// Help is shown by --help.
func (tagAddCmd) Help() string {
	return `Example:
  scaidrive tag add Projects:/plans/house.dwg urgent "to check"`
}

// Run adds tags.
func (c *tagAddCmd) Run(ctx context.Context, t *terminal) error {
	return t.tags(ctx, c.Path, func(was []string) []string { return append(without(was, c.Tags), c.Tags...) })
}

type tagSetCmd struct {
	Path string   `arg:"" help:"SHARE:/path." placeholder:"SHARE:/path"`
	Tags []string `arg:"" optional:"" help:"All its tags from now on; none if left out."`
}

// Help is shown by --help.
func (tagSetCmd) Help() string {
	return `Example:
  scaidrive tag set Projects:/plans/house.dwg done`
}

// Run replaces tags.
func (c *tagSetCmd) Run(ctx context.Context, t *terminal) error {
	return t.tags(ctx, c.Path, func([]string) []string { return c.Tags })
}

type tagRmCmd struct {
	Path string   `arg:"" help:"SHARE:/path." placeholder:"SHARE:/path"`
	Tags []string `arg:"" help:"The tags to take away."`
}

// Help is shown by --help.
func (tagRmCmd) Help() string {
	return `Example:
  scaidrive tag rm Projects:/plans/house.dwg urgent`
}

// Run takes tags away.
func (c *tagRmCmd) Run(ctx context.Context, t *terminal) error {
	return t.tags(ctx, c.Path, func(was []string) []string { return without(was, c.Tags) })
}

type tagFindCmd struct {
	Tag   string `arg:"" help:"The tag, in any case."`
	Share string `help:"Only in this share." placeholder:"SHARE"`
}

// Help is shown by --help.
func (tagFindCmd) Help() string {
	return `Example:
  scaidrive tag find urgent --share Projects`
}

// Run lists what has a tag.
func (c *tagFindCmd) Run(ctx context.Context, t *terminal) error {
	api, err := t.connect()
	if err != nil {
		return err
	}
	share := ""
	if c.Share != "" {
		if share, err = api.FindShare(ctx, c.Share); err != nil {
			return err
		}
	}
	names, err := shareNames(ctx, api)
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(t.out, 0, 0, 2, ' ', 0)
	err = api.EachTagged(ctx, c.Tag, share, func(it *wire.TaggedItem) (bool, error) {
		if t.json {
			return true, t.object(it)
		}
		path := it.Path
		if it.Type == wire.TypeFolder {
			path += "/"
		}
		fmt.Fprintf(w, "%s\t%s\n", clean(names.of(it.ShareID)+":"+path), clean(strings.Join(it.Tags, ", ")))
		return true, nil
	})
	if err != nil {
		return fmt.Errorf("what has the tag %q: %w", c.Tag, err)
	}
	return w.Flush()
}

// named are shares by their IDs, as they are written on the command line.
type named map[string]string

// of gives the name by which a share can be named, else its ID.
func (n named) of(id string) string {
	if name := n[id]; name != "" {
		return name
	}
	return id
}

// shareNames reads what the caller's shares are called. A name that several have is
// not one of them.
func shareNames(ctx context.Context, api *client.Client) (named, error) {
	shares, err := api.MyShares(ctx)
	if err != nil {
		return nil, fmt.Errorf("list the shares: %w", err)
	}
	count, names := map[string]int{}, named{}
	for i := range shares {
		count[client.NameKey(shares[i].Name)]++
	}
	for i := range shares {
		if count[client.NameKey(shares[i].Name)] == 1 {
			names[shares[i].ID] = shares[i].Name
		}
	}
	return names, nil
}
