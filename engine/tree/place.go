package tree

import (
	"errors"

	"scaidrive/engine"
	"scaidrive/engine/access"
	"scaidrive/engine/meta/schema"
	"scaidrive/engine/names"
)

// A place is where something new goes: a folder and a free name in it.
type place struct {
	folder *folderState
	name   string // as it is stored
	key    []byte
}

// place checks a name against the rules of names, the limits of paths and what
// the folder has. A taken name is KindConflict, and what has it is returned
// beside the error if the caller may read it.
func (b *Batch) place(f *folderState, name string) (place, *Located, error) {
	return b.placeOf(f, name, nil)
}

// placeOf is place for a node that is there already: its own name is free for it,
// its present name was allowed once, and what lies below it must fit too.
func (b *Batch) placeOf(f *folderState, name string, n *engine.Node) (place, *Located, error) {
	set, err := b.settings()
	if err != nil {
		return place{}, nil, err
	}
	windows, bytes, levels := set.WindowsCompatibleNames, 0, 0
	if n != nil {
		windows = windows && name != n.Name
		bytes, levels = int(n.PathBytes), int(n.Height)
	}
	stored, err := names.Clean(name, windows)
	if err == nil {
		err = names.CheckPath(len(f.path)+len(stored)+bytes, f.level()+1+levels)
	}
	if err != nil {
		return place{}, nil, engine.Invalid("name", "The name is refused: %v", err)
	}
	key := []byte(names.Key(stored))
	c, err := schema.GetChild(b.r, b.p.Tenant, f.node.ID, key)
	if errors.Is(err, schema.ErrNotFound) {
		return place{f, stored, key}, nil, nil
	}
	if err != nil {
		return place{}, nil, err
	}
	if n != nil && c.Node == n.ID {
		return place{f, stored, key}, nil, nil
	}
	there, err := b.there(f, c)
	if err != nil {
		return place{}, nil, err
	}
	return place{}, there, engine.E(engine.KindConflict, "The name is already taken in this folder")
}

// there describes what has a name, if the caller may read it.
func (b *Batch) there(f *folderState, c *engine.Child) (*Located, error) {
	n, err := childNode(b.r, b.p.Tenant, f.node.ID, c)
	if err != nil {
		return nil, err
	}
	rights, err := access.Rights(b.r, b.p, f.subject(n))
	if err != nil || rights&engine.RightRead == 0 {
		return nil, err
	}
	return f.locate(n), nil
}

// locate tells where a node is. Who may make things in the folder and not read it is
// told the node's name and nothing of the way there.
func (f *folderState) locate(n *engine.Node) *Located {
	if f.decided && f.rights&engine.RightRead == 0 {
		return &Located{Node: n, Share: f.share.share.ID, Path: "/…/" + n.Name}
	}
	return &Located{Node: n, Share: f.share.share.ID, Path: f.path + "/" + n.Name}
}

// link puts a node into its place: the row, the counts and the bounds of what
// lies below its folders.
func (b *Batch) link(at place, n *engine.Node) error {
	c := engine.Child{Node: n.ID, Kind: n.Kind}
	if err := schema.LinkChild(b.w, b.p.Tenant, at.folder.node, at.key, &c); err != nil {
		return b.broken(err)
	}
	at.folder.dirty = true
	at.folder.contain(n)
	return nil
}

// contain lifts the bounds of a folder and of those above it over a node in it.
func (f *folderState) contain(n *engine.Node) {
	f.raise(1+n.Height, uint32(1+len(n.Name))+n.PathBytes)
}

// unlink takes a node out of its folder: the row and the counts.
func (b *Batch) unlink(f *folderState, n *engine.Node) error {
	key := []byte(names.Key(n.Name))
	c, err := schema.GetChild(b.r, b.p.Tenant, f.node.ID, key)
	if err != nil && !errors.Is(err, schema.ErrNotFound) {
		return err
	}
	if err != nil || c.Node != n.ID || c.Kind != n.Kind {
		return damagedListing(f.node.ID, err)
	}
	if err := schema.UnlinkChild(b.w, b.p.Tenant, f.node, key, c); err != nil {
		return b.broken(err)
	}
	f.dirty = true
	return nil
}

// raise lifts the upper bounds of a folder and of those above it. A folder whose
// bounds hold already ends it: those above hold its bounds.
func (f *folderState) raise(height, bytes uint32) {
	for ; f != nil; f = f.up {
		if f.node.Height >= height && f.node.PathBytes >= bytes {
			return
		}
		f.node.Height = max(f.node.Height, height)
		f.node.PathBytes = max(f.node.PathBytes, bytes)
		f.dirty = true
		height, bytes = f.node.Height+1, f.node.PathBytes+uint32(1+len(f.node.Name))
	}
}

// record writes a row of the share's change log and gives it the next number.
func (b *Batch) record(sh *shareState, c engine.Change) (Outcome, error) {
	c.ID, c.Share, c.Seq = b.s.env.NewID(), sh.share.ID, sh.share.Seq+1
	c.By, c.At, c.Device = b.p.User, b.now, b.device
	if err := schema.PutChange(b.w, b.p.Tenant, &c); err != nil {
		return Outcome{}, b.broken(err)
	}
	sh.share.Seq = c.Seq
	sh.dirty = true
	b.changed(&c)
	return Outcome{Seq: c.Seq, Change: c.ID}, nil
}
