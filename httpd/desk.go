package httpd

import (
	"context"

	"scaidrive/engine"
	"scaidrive/engine/desk"
	"scaidrive/httpd/wire"
)

func listFavourites(c *call) error { return c.desk(c.s.o.Desk.Favourites) }

func listRecent(c *call) error { return c.desk(c.s.o.Desk.Recent) }

// desk answers with a page of what is the caller's own.
func (c *call) desk(list func(context.Context, *engine.Principal, int, int) (*desk.Page, error)) error {
	limit, offset, err := c.page()
	if err != nil {
		return err
	}
	p, err := list(c.ctx, c.who, limit, offset)
	if err != nil {
		return err
	}
	out := wire.Desk{Items: make([]wire.DeskItem, len(p.Items)), Total: p.Total}
	for i := range p.Items {
		out.Items[i] = wireDeskItem(&p.Items[i])
	}
	return c.json(200, out)
}

func wireDeskItem(e *desk.Item) wire.DeskItem {
	it := wireItem(e.Share, e.Node)
	return wire.DeskItem{
		ID: it.ID, Name: it.Name, Type: it.Type, ShareID: it.ShareID, ParentID: it.ParentID, Path: e.Path,
		Size: it.Size, MIMEType: it.MIMEType, ModifiedAt: it.ModifiedAt, CreatedAt: it.CreatedAt,
		Version: it.Version, VersionID: it.VersionID, ChecksumSHA256: it.ChecksumSHA256, Attributes: it.Attributes,
		At: wire.At(e.At),
	}
}

func addFavourite(c *call) error {
	id, kind, err := c.mark()
	if err == nil {
		err = c.s.o.Desk.AddFavourite(c.ctx, c.who, id, kind)
	}
	if err != nil {
		return err
	}
	return c.noContent(204)
}

func removeFavourite(c *call) error {
	id, _, err := c.mark()
	if err == nil {
		err = c.s.o.Desk.RemoveFavourite(c.ctx, c.who, id)
	}
	if err != nil {
		return err
	}
	return c.noContent(204)
}

// mark reads what is marked.
func (c *call) mark() (id engine.ID, kind engine.NodeKind, err error) {
	var in wire.Mark
	if err := c.decode(&in, false); err != nil {
		return id, 0, err
	}
	switch in.ResourceType {
	case wire.TypeFile:
		id, err = bodyID(engine.PrefixFile, in.ResourceID, "resource_id")
		return id, engine.KindFile, err
	case wire.TypeFolder:
		id, err = bodyID(engine.PrefixFolder, in.ResourceID, "resource_id")
		return id, engine.KindFolder, err
	}
	return id, 0, badField("literal_error", "Input should be file or folder", "body", "resource_type")
}
