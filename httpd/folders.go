package httpd

import (
	"math"
	"strings"
	"unicode/utf8"

	"scaidrive/engine"
	"scaidrive/engine/names"
	"scaidrive/engine/tree"
	"scaidrive/httpd/wire"
)

func createFolder(c *call) error {
	var in wire.CreateFolder
	if err := c.decode(&in, false); err != nil {
		return err
	}
	share, err := bodyID(engine.PrefixShare, in.ShareID, "share_id")
	if err != nil {
		return err
	}
	parent, err := parentOf(share, in.ParentID, "parent_id")
	if err != nil {
		return err
	}
	l, err := c.s.o.Tree.Mkdir(c.ctx, c.who, share, parent, in.Name)
	if err != nil {
		return err
	}
	return c.json(201, wireFolder(c.who.TenantID, l))
}

// parentOf reads the ID of a parent folder; none is the share's root, which may
// also be named by the share's own ID.
func parentOf(share engine.ID, text string, loc ...any) (engine.ID, error) {
	if text == "" || text == share.Format(engine.PrefixShare) {
		return share, nil
	}
	return bodyID(engine.PrefixFolder, text, loc...)
}

func getFolder(c *call) error {
	id, err := c.pathID(engine.PrefixFolder, 0)
	if err != nil {
		return err
	}
	l, err := c.s.o.Tree.Get(c.ctx, c.who, id, engine.KindFolder)
	if err != nil {
		return err
	}
	return c.json(200, wireFolder(c.who.TenantID, l))
}

func listChildren(c *call) error {
	share, err := c.queryShare()
	if err != nil {
		return err
	}
	spec, err := c.listSpec()
	if err != nil {
		return err
	}
	folder := share
	if c.values[0] != "root" {
		if folder, err = c.pathID(engine.PrefixFolder, 0); err != nil {
			return err
		}
	}
	spec.Folder, spec.Share = folder, share
	p, err := c.s.o.Tree.List(c.ctx, c.who, spec)
	if err != nil {
		return err
	}
	out := wire.Children{
		Items: make([]wire.Item, len(p.Items)), Path: p.Path,
		Total: p.Total, TotalExact: p.TotalExact, NextPageToken: p.NextToken,
	}
	if p.Position >= 0 {
		out.Position = &p.Position
	}
	for i, n := range p.Items {
		out.Items[i] = wireItem(share, n)
		out.Items[i].Bare = p.Bare[i]
		if spec.Rights {
			rights := int(p.Rights[i])
			out.Items[i].Permissions = &rights
		}
	}
	if strings.HasSuffix(c.query["include"], "tags") {
		if err := c.addTags(p.Items, out.Items); err != nil {
			return err
		}
	}
	return c.json(200, out)
}

// addTags adds their tags to those of a list that the caller may read.
func (c *call) addTags(nodes []*engine.Node, items []wire.Item) error {
	ids := make([]engine.ID, len(nodes))
	for i, n := range nodes {
		ids[i] = n.ID
	}
	tags, err := c.s.o.Annotate.TagsOf(c.ctx, c.who, ids)
	for i := range tags {
		items[i].Tags = tags[i]
	}
	return err
}

// listSpec reads what a listing is asked for.
func (c *call) listSpec() (spec tree.ListSpec, err error) {
	if spec.Limit, spec.Offset, err = c.page(); err != nil {
		return spec, err
	}
	if spec.Token = c.query["page_token"]; spec.Token != "" && spec.Offset > 0 {
		return spec, badField("value_error", "Value error, page_token and offset exclude each other", "query", "offset")
	}
	sort, err := c.queryChoice("sort", "name", "size", "modified_at", "type", "folders")
	if err != nil {
		return spec, err
	}
	spec.Sort = []tree.Sort{tree.SortName, tree.SortSize, tree.SortModified, tree.SortType, tree.SortFolders}[sort]
	order, err := c.queryChoice("order", "asc", "desc")
	if err != nil {
		return spec, err
	}
	if _, there := c.query["include"]; there {
		i, err := c.queryChoice("include", "permissions", "tags", "permissions,tags")
		if err != nil {
			return spec, err
		}
		spec.Rights = i != 1
	}
	spec.Desc, spec.Filter = order == 1, c.query["filter"]
	if spec.Deleted, err = c.queryBool("include_deleted"); err != nil {
		return spec, err
	}
	spec.Seek, err = c.seek()
	return spec, err
}

// seek reads where in a listing a page is to begin; nil: not by its position.
func (c *call) seek() (*tree.Seek, error) {
	_, at := c.query["position"]
	begins, text := c.query["begins"]
	item, one := c.query["item"]
	if !at && !text && !one {
		return nil, nil
	}
	position, err := c.queryInt("position", 0, 0, math.MaxInt32)
	if err != nil {
		return nil, err
	}
	s := &tree.Seek{Position: int(position), Begins: begins}
	if len(begins) > names.MaxFilter || !utf8.ValidString(begins) {
		return nil, badField("value_error", "Value error, begins is at most 255 bytes", "query", "begins")
	}
	if one {
		if s.Item, err = engine.ParseID(engine.PrefixFile, item); err != nil {
			s.Item, err = engine.ParseID(engine.PrefixFolder, item)
		}
		if err != nil {
			return nil, badField("value_error", "Value error, item is the ID of a file or folder", "query", "item")
		}
	}
	return s, nil
}
