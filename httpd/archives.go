package httpd

import (
	"scaidrive/engine"
	"scaidrive/engine/archive"
	"scaidrive/httpd/wire"
)

func getFolderArchive(c *call) error {
	id, err := c.pathID(engine.PrefixFolder, 0)
	if err != nil {
		return err
	}
	a, err := c.s.o.Archives.Open(c.ctx, c.who, []archive.Item{{ID: id, Kind: engine.KindFolder}})
	if err != nil {
		return err
	}
	return c.archive(a)
}

func createArchive(c *call) error {
	var in wire.CreateArchive
	if err := c.decode(&in, false); err != nil {
		return err
	}
	items := make([]archive.Item, len(in.Items))
	for i, it := range in.Items {
		var err error
		if items[i], err = archiveItem(it, i); err != nil {
			return err
		}
	}
	ticket, expires, err := c.s.o.Archives.Issue(c.ctx, c.who, items)
	if err != nil {
		return err
	}
	return c.json(201, wire.ArchiveTicket{URL: wire.Prefix + "/archives/" + ticket, ExpiresAt: wire.At(expires)})
}

// archiveItem reads an item by the prefix of its ID, which the resource type, if
// given, must be that of. A share is its root folder.
func archiveItem(in wire.ArchiveItem, i int) (archive.Item, error) {
	for _, k := range []struct {
		name, prefix string
		kind         engine.NodeKind
	}{
		{wire.TypeFile, engine.PrefixFile, engine.KindFile},
		{wire.TypeFolder, engine.PrefixFolder, engine.KindFolder},
		{"share", engine.PrefixShare, engine.KindFolder},
	} {
		id, err := engine.ParseID(k.prefix, in.ID)
		if err != nil {
			continue
		}
		if in.ResourceType != "" && in.ResourceType != k.name {
			return archive.Item{}, badField("value_error", "Value error, the ID is of another resource_type", "body", "items", i, "resource_type")
		}
		return archive.Item{ID: id, Kind: k.kind}, nil
	}
	return archive.Item{}, badField("value_error", "Value error, not the ID of a file, folder or share", "body", "items", i, "id")
}

// getArchive needs no token: the ticket in the address is one. Who sends a token
// all the same must be the ticket's user.
func getArchive(c *call) error {
	var caller *engine.Principal
	if c.header("Authorization") != "" {
		token, err := c.bearer()
		if err != nil {
			return err
		}
		if caller, err = c.s.authenticate(c.ctx, token); err != nil {
			return err
		}
	}
	a, p, err := c.s.o.Archives.Redeem(c.ctx, c.values[0], caller, c.isHead())
	c.who = p
	if err != nil {
		return err
	}
	return c.archive(a)
}

// archive answers with an archive.
func (c *call) archive(a *archive.Archive) error {
	c.setHeader("Content-Type", "application/zip")
	c.setHeader("Content-Disposition", attachment(a.Name))
	c.setHeader("Cache-Control", "private, no-store")
	c.setHeader("Accept-Ranges", "none")
	c.setHeader("Referrer-Policy", "no-referrer")
	c.setHeader("Content-Security-Policy", "sandbox; default-src 'none'")
	c.setHeader("Cross-Origin-Resource-Policy", "same-origin")
	return c.stream(200, a.Length, a.WriteTo)
}
