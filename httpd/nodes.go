package httpd

import (
	"strconv"
	"strings"

	"scaidrive/engine"
	"scaidrive/engine/tree"
	"scaidrive/httpd/wire"
)

// A nodeCall is a call about one file or folder, named by the path.
type nodeCall struct {
	*call
	id      engine.ID
	kind    engine.NodeKind
	ifMatch engine.ID
}

// file turns a handler of files and folders into one of files.
func file(h func(nodeCall) error) func(*call) error { return onNode(engine.KindFile, h) }

// folder turns a handler of files and folders into one of folders.
func folder(h func(nodeCall) error) func(*call) error { return onNode(engine.KindFolder, h) }

func onNode(kind engine.NodeKind, h func(nodeCall) error) func(*call) error {
	return func(c *call) error {
		n := nodeCall{call: c, kind: kind}
		prefix := engine.PrefixFile
		if kind == engine.KindFolder {
			prefix = engine.PrefixFolder
		}
		var err error
		if n.id, err = c.pathID(prefix, 0); err != nil {
			return err
		}
		if kind == engine.KindFile {
			n.ifMatch, err = c.ifMatch(n.id)
		} else if h := strings.Trim(c.header("If-Match"), " \t"); h != "" && h != "*" {
			n.ifMatch = engine.ID{0xff} // folders have no versions: no tag fits
		}
		if err != nil {
			return err
		}
		return h(n)
	}
}

// answer is the file or folder as it is now.
func (c nodeCall) answer(status int, l *tree.Located, err error) error {
	if err != nil {
		return err
	}
	if c.kind == engine.KindFolder {
		return c.json(status, wireFolder(c.who.TenantID, l))
	}
	c.setHeader("ETag", etag(l.Node.VersionID))
	f := wireFile(c.who.TenantID, l)
	return c.json(status, &f)
}

func deleteNode(c nodeCall) error {
	permanent, err := c.queryBool("permanent")
	if err != nil {
		return err
	}
	if permanent {
		err = c.s.o.Tree.Purge(c.ctx, c.who, c.id, c.kind, c.ifMatch)
	} else {
		err = c.s.o.Tree.Trash(c.ctx, c.who, c.id, c.kind, c.ifMatch)
	}
	if err != nil {
		return err
	}
	return c.noContent(204)
}

func restoreNode(c nodeCall) error {
	l, err := c.s.o.Tree.Restore(c.ctx, c.who, c.id, c.kind, c.ifMatch)
	return c.answer(200, l, err)
}

func updateNode(c nodeCall) error {
	var in wire.UpdateFile
	if c.kind == engine.KindFolder {
		var f wire.UpdateFolder
		if err := c.decode(&f, false); err != nil {
			return err
		}
		in = wire.UpdateFile{Name: f.Name, ModifiedAt: f.ModifiedAt, IsDeleted: f.IsDeleted}
	} else if err := c.decode(&in, false); err != nil {
		return err
	}
	e := tree.Edit{IfMatch: c.ifMatch}
	var err error
	if e.Name, err = nameOf(in.Name); err != nil {
		return err
	}
	if in.ModifiedAt != nil {
		e.ModifiedAt = in.ModifiedAt.Time
	}
	if in.Attributes != nil {
		e.Executable = in.Attributes.Executable
	}
	if in.IsDeleted != nil {
		if *in.IsDeleted {
			return badField("value_error", "Value error, DELETE moves to the trash", "body", "is_deleted")
		}
		e.Restore = true
	}
	l, err := c.s.o.Tree.Edit(c.ctx, c.who, c.id, c.kind, e)
	return c.answer(200, l, err)
}

// nameOf reads a name that may be left out, but not be empty.
func nameOf(name *string) (string, error) {
	if name == nil {
		return "", nil
	}
	if *name == "" {
		return "", badField("value_error", "Value error, a name must not be empty", "body", "name")
	}
	return *name, nil
}

// place reads where a copy or a moved thing goes.
func (c nodeCall) place() (to tree.Target, name string, err error) {
	var in wire.Place
	if err := c.decode(&in, false); err != nil {
		return to, "", err
	}
	switch {
	case (in.TargetFolderID == "") == (in.TargetShareID == ""):
		return to, "", badField("value_error", "Value error, exactly one of target_folder_id and target_share_id is given", "body", "target_folder_id")
	case in.TargetFolderID != "":
		to.Folder, err = bodyID(engine.PrefixFolder, in.TargetFolderID, "target_folder_id")
	default:
		to.Share, err = bodyID(engine.PrefixShare, in.TargetShareID, "target_share_id")
	}
	if err == nil {
		name, err = nameOf(in.Name)
	}
	return to, name, err
}

func moveNode(c nodeCall) error {
	to, name, err := c.place()
	if err != nil {
		return err
	}
	l, err := c.s.o.Tree.Move(c.ctx, c.who, tree.Move{ID: c.id, Kind: c.kind, To: &to, Name: name, IfMatch: c.ifMatch})
	return c.answer(200, l, err)
}

func copyNode(c nodeCall) error {
	to, name, err := c.place()
	if err != nil {
		return err
	}
	l, err := c.s.o.Tree.Copy(c.ctx, c.who, tree.Copy{ID: c.id, Kind: c.kind, To: to, Name: name, IfMatch: c.ifMatch})
	return c.answer(201, l, err)
}

func restoreVersion(c nodeCall) error {
	version, err := strconv.ParseUint(c.values[1], 10, 62)
	if err != nil || version == 0 {
		return notFound()
	}
	l, err := c.s.o.Transfer.Revert(c.ctx, c.who, c.id, version, c.ifMatch)
	if err != nil {
		return damaged(err, c.id, version)
	}
	return c.revertedTo(l)
}

// revertedTo answers with the version that a restore made.
func (c *call) revertedTo(l *tree.Located) error {
	version, _ := strconv.ParseUint(c.values[1], 10, 62)
	c.setHeader("ETag", etag(l.Node.VersionID))
	return c.json(200, wire.RestoredVersion{
		ID: l.Node.ID.Format(engine.PrefixFile), Version: l.Node.Version, RestoredFrom: version,
	})
}

func listTrash(c *call) error {
	share, err := c.queryShare()
	if err != nil {
		return err
	}
	limit, offset, err := c.page()
	if err != nil {
		return err
	}
	token := c.query["page_token"]
	if token != "" && offset > 0 {
		return badField("value_error", "Value error, page_token and offset exclude each other", "query", "offset")
	}
	p, err := c.s.o.Tree.ListTrash(c.ctx, c.who, share, limit, offset, token)
	if err != nil {
		return err
	}
	out := wire.Trash{Items: make([]wire.TrashItem, len(p.Items)), Total: p.Total, TotalExact: p.TotalExact, NextPageToken: p.NextToken}
	for i := range p.Items {
		out.Items[i] = wireTrashItem(&p.Items[i])
	}
	return c.json(200, out)
}

func wireTrashItem(e *tree.TrashEntry) wire.TrashItem {
	it := wireItem(e.Share, e.Node)
	return wire.TrashItem{
		ID: it.ID, Name: it.Name, Type: it.Type, ShareID: it.ShareID, ParentID: it.ParentID, Path: e.Path,
		Size: it.Size, MIMEType: it.MIMEType, ModifiedAt: it.ModifiedAt,
		Version: it.Version, VersionID: it.VersionID, ChecksumSHA256: it.ChecksumSHA256,
		DeletedAt: wire.At(e.Item.DeletedAt), DeletedBy: e.Item.DeletedBy.Format(engine.PrefixUser),
		GroupID: idOr(engine.PrefixJob, e.Item.Group),
	}
}

func emptyTrash(c *call) error {
	share, err := c.queryShare()
	if err != nil {
		return err
	}
	if _, _, err := c.s.o.Tree.EmptyTrash(c.ctx, c.who, share); err != nil {
		return err
	}
	return c.noContent(204)
}
