package journal

import (
	"scaidrive/engine"
	"scaidrive/engine/access"
	"scaidrive/engine/meta/schema"
	"scaidrive/engine/tree"
)

// A renderer shows rows of the change log to one caller, as of now. It is the only
// one, for the feed and for sockets:
//
//   - whoever may READ what a row is about gets it, with its paths as far as they are
//     in sight; what moved into sight is told as created;
//   - whoever sees it only as the way to something gets its bare name;
//   - what moved out of sight is told as deleted to who would READ it where it was;
//   - whoever sees another part of a share by it than before, is told to list that
//     part anew;
//   - everyone else gets nothing.
//
// What is in the trash by now is told only as deleted: the row of its deletion
// follows, or that of a folder above it. Whoever knows it at another place than in
// that folder is told when it moved from there.
type renderer struct {
	r     schema.Reader
	p     *engine.Principal
	share *engine.Share
}

// rows gives what the caller is told by a row: at most two.
func (w *renderer) rows(c *engine.Change) ([]Row, error) {
	sub, sight, err := w.sees(c.Node)
	if err != nil {
		return nil, err
	}
	here := sub != nil && sub.Share.ID == w.share.ID
	var list []Row
	switch {
	case c.Kind == engine.ChangeUpdated && c.AccessChanged:
		return w.regulated(c, sub, sight, here)
	case c.Kind == engine.ChangeDeleted || sight == access.Hidden || !here:
		list, err = w.gone(c, sub, sight == access.Whole)
	case sub.Trashed != nil:
		return w.gone(c, sub, false)
	case sight == access.Bare:
		list, err = w.bare(c, sub)
	default:
		list, err = w.whole(c, sub)
	}
	if err != nil || w.share.Exceptions.Count == 0 {
		return list, err
	}
	return w.withWays(c, sub, sight, here, list)
}

// whole shows a row about what the caller may READ.
func (w *renderer) whole(c *engine.Change, sub *access.Subject) ([]Row, error) {
	row := *c
	out := Row{Change: &row, Node: sub.Node}
	var err error
	if out.NewPath, err = w.path(c.NewParent, c.NewName); err != nil {
		return nil, err
	}
	if out.NewPath != nil {
		out.Parent = c.NewParent
	}
	if c.Kind != engine.ChangeMoved && c.Kind != engine.ChangeRenamed {
		return []Row{out}, nil
	}
	if out.OldPath, err = w.oldPath(c, sub); err != nil {
		return nil, err
	}
	if out.OldPath == nil {
		row.Kind, row.OldName, row.OldParent = engine.ChangeCreated, "", engine.ID{}
	}
	return []Row{out}, nil
}

// bare shows a row about a folder of which the caller sees the name.
func (w *renderer) bare(c *engine.Change, sub *access.Subject) ([]Row, error) {
	if c.Kind == engine.ChangeUpdated {
		return nil, nil // not its name
	}
	row := engine.Change{
		ID: c.ID, Share: c.Share, Seq: c.Seq, Kind: c.Kind, Resource: c.Resource, Node: c.Node,
		NewParent: c.NewParent, NewName: c.NewName, Recursive: c.Recursive,
	}
	if c.Kind == engine.ChangeMoved {
		row.Kind = engine.ChangeCreated
	}
	out := Row{Change: &row, Node: access.Name(sub.Node), Bare: true}
	var err error
	if out.NewPath, err = w.path(c.NewParent, c.NewName); err != nil || out.NewPath == nil {
		return nil, err
	}
	out.Parent = c.NewParent
	return []Row{out}, nil
}

// gone shows that something is not where it was: to who would READ it there.
func (w *renderer) gone(c *engine.Change, sub *access.Subject, sees bool) ([]Row, error) {
	deleted := c.Kind == engine.ChangeDeleted
	if !deleted && (c.Kind != engine.ChangeMoved || sees) {
		return nil, nil
	}
	old, err := w.oldPath(c, sub)
	if err != nil || old == nil && !(deleted && sees) {
		return nil, err
	}
	row := *c
	row.Kind = engine.ChangeDeleted
	row.NewParent, row.NewName = engine.ID{}, ""
	row.Version, row.VersionID, row.Size, row.SHA256 = 0, engine.ID{}, 0, [32]byte{}
	row.Regulated, row.Affected = false, nil
	out := Row{Change: &row, OldPath: old}
	if old != nil {
		out.Parent = row.OldParent
	}
	return []Row{out}, nil
}

// regulated tells that entries or a cut on a node are not what they were: to who may
// READ it, and to those for whom that is so, at the nearest folder that they do.
func (w *renderer) regulated(c *engine.Change, sub *access.Subject, sight access.Sight, here bool) ([]Row, error) {
	if !here || sub.Trashed != nil {
		return nil, nil
	}
	if sight == access.Whole {
		return w.opened(c, sub)
	}
	hit, err := w.affected(c)
	if err != nil || !hit && sight == access.Hidden {
		return nil, err
	}
	return w.nearest(c, sub)
}

// opened tells of a node that the caller may READ and perhaps could not: of itself,
// and to list anew what lies below. Where the folders above it may be ways since, they
// are listed anew with it.
func (w *renderer) opened(c *engine.Change, sub *access.Subject) ([]Row, error) {
	if sub.Node.ID == w.share.ID {
		return []Row{w.anew(c, sub)}, nil
	}
	_, up, err := w.sees(sub.Node.Parent)
	if err != nil {
		return nil, err
	}
	if up != access.Whole {
		return w.nearest(c, sub)
	}
	plain := *c
	plain.AccessChanged, plain.Affected = false, nil
	list, err := w.whole(&plain, sub)
	if err == nil && sub.Node.Kind == engine.KindFolder {
		list = append(list, w.anew(c, sub))
	}
	return list, err
}

// withWays adds that a part is to be listed anew, where by a row other folders than
// before may be ways, or what is below is decided otherwise.
func (w *renderer) withWays(c *engine.Change, sub *access.Subject, sight access.Sight, here bool, list []Row) ([]Row, error) {
	if c.Kind == engine.ChangeUpdated || c.Kind == engine.ChangeRenamed {
		return list, nil
	}
	whole := sight == access.Whole && here && sub.Trashed == nil && c.Kind != engine.ChangeDeleted
	around, err := w.around(c, sub, sight, whole, len(list) > 0)
	switch {
	case err != nil:
		return nil, err
	case around:
	case whole && c.Regulated: // what is below may be decided otherwise
		return append(list, w.anew(c, sub)), nil
	default:
		return list, nil
	}
	from := sub
	if !here || c.Kind == engine.ChangeDeleted || c.Kind == engine.ChangeMoved {
		from = nil // both ends: from the root
	}
	more, err := w.nearest(c, from)
	return append(list, more...), err
}

// around reports whether by a row other folders around it than before may be ways. told:
// the caller is told of the row itself.
func (w *renderer) around(c *engine.Change, sub *access.Subject, sight access.Sight, whole, told bool) (bool, error) {
	if sight == access.Bare {
		return true, nil
	}
	if c.Regulated && !whole { // what is in it and names the caller leads elsewhere now
		if hit, err := w.affected(c); hit || err != nil {
			return hit, err
		}
	}
	switch {
	case told: // the folders may be seen by it alone
		for _, id := range []engine.ID{c.OldParent, c.NewParent} {
			if id.IsZero() {
				continue
			}
			if _, at, err := w.sees(id); err != nil || at != access.Whole {
				return true, err
			}
		}
		return false, nil
	case whole && c.Regulated:
		return false, nil
	}
	return w.led(sub)
}

// led reports whether something that is in the trash by now was the way to what the
// caller may READ.
func (w *renderer) led(sub *access.Subject) (bool, error) {
	if sub == nil || sub.Trashed == nil || sub.Node.Kind != engine.KindFolder {
		return false, nil
	}
	ways, err := access.WaysIn(w.r, w.p, w.share)
	if err != nil {
		return false, err
	}
	return ways.Led(w.r, sub)
}

// affected reports whether a row names the caller, or a group of theirs, or everyone.
func (w *renderer) affected(c *engine.Change) (bool, error) {
	if len(c.Affected) == 0 {
		return false, nil
	}
	circle, err := access.CircleOf(w.r, w.p.Tenant, w.p.User)
	if err != nil {
		return false, err
	}
	for _, id := range c.Affected {
		if id.IsZero() || id == circle.User || circle.In(id) {
			return true, nil
		}
	}
	return false, nil
}

// anew is a row that says that a node and all below it are to be listed anew.
func (w *renderer) anew(c *engine.Change, sub *access.Subject) Row {
	resource := engine.ResourceFolder
	switch {
	case sub.Node.ID == w.share.ID:
		resource = engine.ResourceShare
	case sub.Node.Kind == engine.KindFile:
		resource = engine.ResourceFile
	}
	return Row{Change: &engine.Change{
		ID: c.ID, Share: c.Share, Seq: c.Seq, Kind: engine.ChangeUpdated, Resource: resource, Node: sub.Node.ID,
		At: c.At, AccessChanged: true, Recursive: sub.Node.Kind == engine.KindFolder,
	}}
}

// nearest says it of the nearest folder above a node that the caller may READ, or of
// the share; nil: of the share.
func (w *renderer) nearest(c *engine.Change, sub *access.Subject) ([]Row, error) {
	root, _, err := access.LookShare(w.r, w.p, w.share.ID)
	if err != nil {
		return nil, err
	}
	if sub != nil {
		for i := len(sub.Path) - 1; i > 0; i-- {
			up := &access.Subject{Node: sub.Path[i], Share: sub.Share, Path: sub.Path[:i]}
			have, err := access.Rights(w.r, w.p, up)
			if err != nil {
				return nil, err
			}
			if have&engine.RightRead != 0 {
				return []Row{w.anew(c, up)}, nil
			}
		}
	}
	return []Row{w.anew(c, root)}, nil
}

// sees finds a node, in the trash or not, and what the caller sees of it. A node that
// is gone for good is nil.
func (w *renderer) sees(id engine.ID) (*access.Subject, access.Sight, error) {
	sub, err := access.Resolve(w.r, w.p.Tenant, id)
	if err != nil {
		if engine.KindOf(err) == engine.KindNotFound {
			return nil, access.Hidden, nil
		}
		return nil, access.Hidden, err
	}
	sight, _, err := access.See(w.r, w.p, sub)
	return sub, sight, err
}

// path is where a name in a folder is now; nil when the folder is out of sight.
func (w *renderer) path(folder engine.ID, name string) (*string, error) {
	if folder.IsZero() {
		return nil, nil
	}
	sub, sight, err := w.sees(folder)
	if err != nil || sub == nil || sight == access.Hidden {
		return nil, err
	}
	return at(sub, name), nil
}

func at(folder *access.Subject, name string) *string {
	path := tree.Locate(folder).Path
	if path != "/" {
		path += "/"
	}
	path += name
	return &path
}

// oldPath is where something was; nil when the caller would not READ it there now. Of
// what is gone for good, only what its folder says of all that lies in it is known;
// where its own entries said otherwise, nobody is told its name. Of a folder that is
// gone for good nobody can tell any more who saw it: only who may READ the whole
// share is told.
func (w *renderer) oldPath(c *engine.Change, sub *access.Subject) (*string, error) {
	if c.OldParent.IsZero() {
		return nil, nil
	}
	up, err := access.Resolve(w.r, w.p.Tenant, c.OldParent)
	if err != nil {
		if engine.KindOf(err) != engine.KindNotFound {
			return nil, err
		}
		_, sight, err := w.sees(w.share.ID)
		if err != nil || sight != access.Whole || w.share.Exceptions.Count != 0 {
			return nil, err
		}
		gone := "/" + c.OldName
		return &gone, nil
	}
	there := &access.Subject{Share: up.Share, Path: append(up.Path[:len(up.Path):len(up.Path)], up.Node)}
	switch {
	case sub != nil:
		there.Node = sub.Node
	case c.Regulated:
		return nil, nil
	default:
		there.Node = &engine.Node{Kind: engine.KindFile}
		if c.Resource == engine.ResourceFolder {
			there.Node.Kind = engine.KindFolder
		}
	}
	have, err := access.Rights(w.r, w.p, there)
	if err != nil || have&engine.RightRead == 0 {
		return nil, err
	}
	if up.Trashed == nil {
		return at(up, c.OldName), nil
	}
	path, err := access.PathOf(w.r, w.p, up)
	if path != "/" {
		path += "/"
	}
	path += c.OldName
	return &path, err
}
