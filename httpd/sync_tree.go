package httpd

import (
	"scaidrive/engine"
	"scaidrive/engine/tree"
	"scaidrive/httpd/wire"
)

func getTree(c *call) error {
	share, err := c.queryShare()
	if err != nil {
		return err
	}
	folder, given, err := c.queryID(engine.PrefixFolder, "folder_id")
	if err != nil {
		return err
	}
	if !given {
		folder = share
	}
	limit, err := c.queryInt("limit", maxTree, 1, maxTree)
	if err != nil {
		return err
	}
	l, err := c.s.o.Tree.Walk(c.ctx, c.who, share, folder, int(limit), c.query["page_token"])
	if err != nil {
		return err
	}
	out := wire.Tree{Entries: make([]wire.Entry, len(l.Entries)), NextPageToken: l.NextToken}
	mark, err := c.s.o.Journal.MarkAt(c.ctx, c.who, share, l.Cursor)
	if err != nil {
		return err
	}
	out.Cursor, out.Epoch = mark.Cursor, mark.Epoch
	for i, n := range l.Entries {
		out.Entries[i] = wireEntry(share, n)
		out.Entries[i].Bare = l.Bare[i]
	}
	return c.json(200, &out)
}

// locatedEntry is an entry with its path, as the answer of apply gives it.
func locatedEntry(l *tree.Located) wire.Entry {
	e := wireEntry(l.Share, l.Node)
	e.Path = l.Path
	return e
}
