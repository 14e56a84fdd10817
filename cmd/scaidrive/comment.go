package main

import (
	"context"
	"fmt"

	"scaidrive/httpd/wire"
)

type commentCmd struct {
	Ls   commentLsCmd   `cmd:"" help:"List the comments on a file or folder."`
	Add  commentAddCmd  `cmd:"" help:"Write a comment."`
	Edit commentEditCmd `cmd:"" help:"Change a comment of yours."`
	Rm   commentRmCmd   `cmd:"" help:"Take comments away."`
}

type commentLsCmd struct {
	Path string `arg:"" help:"SHARE:/path." placeholder:"SHARE:/path"`
}

// Help is shown by --help.
func (commentLsCmd) Help() string {
	return `Oldest first.

Example:
  scaidrive comment ls Projects:/plans/house.dwg`
}

// Run lists comments.
func (c *commentLsCmd) Run(ctx context.Context, t *terminal) error {
	api, at, err := t.node(ctx, c.Path)
	if err != nil {
		return err
	}
	err = api.EachComment(ctx, at.Item.Type, at.ID, func(m *wire.Comment) (bool, error) { return true, t.comment(m) })
	if err != nil {
		return fmt.Errorf("comments on %s: %w", c.Path, err)
	}
	return nil
}

func (t *terminal) comment(m *wire.Comment) error {
	if t.json {
		return t.object(m)
	}
	edited := ""
	if m.EditedAt != nil {
		edited = ", changed " + moment(m.EditedAt)
	}
	_, err := fmt.Fprintf(t.out, "%s  %s, %s%s\n  %s\n", m.ID, clean(m.CreatedByName), m.CreatedAt.Local().Format("2006-01-02 15:04"), edited, clean(m.Text))
	return err
}

type commentAddCmd struct {
	Path string `arg:"" help:"SHARE:/path." placeholder:"SHARE:/path"`
	Text string `arg:"" help:"What to write, at most 10,000 bytes."`
}

// Help is shown by --help.
func (commentAddCmd) Help() string {
	return `Example:
  scaidrive comment add Projects:/plans/house.dwg "The roof is missing."`
}

// Run writes a comment.
func (c *commentAddCmd) Run(ctx context.Context, t *terminal) error {
	api, at, err := t.node(ctx, c.Path)
	if err != nil {
		return err
	}
	m, err := api.AddComment(ctx, at.Item.Type, at.ID, c.Text)
	if err != nil {
		return fmt.Errorf("comment on %s: %w", c.Path, err)
	}
	return t.comment(m)
}

type commentEditCmd struct {
	ID   string `arg:"" help:"ID of the comment."`
	Text string `arg:"" help:"What it says from now on."`
}

// Help is shown by --help.
func (commentEditCmd) Help() string {
	return `Example:
  scaidrive comment edit cmt_01JD5Q8Z3K7M2N4P6R8S0T1V3W "The roof is there now."`
}

// Run changes a comment.
func (c *commentEditCmd) Run(ctx context.Context, t *terminal) error {
	api, err := t.connect()
	if err != nil {
		return err
	}
	m, err := api.EditComment(ctx, c.ID, c.Text)
	if err != nil {
		return fmt.Errorf("change the comment %s: %w", c.ID, err)
	}
	return t.comment(m)
}

type commentRmCmd struct {
	IDs []string `arg:"" name:"id" help:"IDs of comments."`
}

// Help is shown by --help.
func (commentRmCmd) Help() string {
	return `Example:
  scaidrive comment rm cmt_01JD5Q8Z3K7M2N4P6R8S0T1V3W`
}

// Run takes comments away.
func (c *commentRmCmd) Run(ctx context.Context, t *terminal) error {
	api, err := t.connect()
	if err != nil {
		return err
	}
	return t.eachArg(c.IDs, func(id string) error {
		if err := api.DeleteComment(ctx, id); err != nil {
			return fmt.Errorf("delete the comment %s: %w", id, err)
		}
		if t.json {
			return t.object(map[string]any{"id": id, "deleted": true})
		}
		return nil
	})
}
