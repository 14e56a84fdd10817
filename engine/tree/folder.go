package tree

import (
	"time"

	"scaidrive/engine"
	"scaidrive/engine/meta/schema"
)

// Mkdir makes a folder. modified zero is now. When there is one of that name
// already it is KindConflict, and that folder is returned beside the error if
// the caller may read it.
func (b *Batch) Mkdir(share, parent engine.ID, name string, modified time.Time) (Outcome, error) {
	if b.err != nil {
		return Outcome{}, b.err
	}
	f, err := b.parent(share, parent)
	if err != nil {
		return Outcome{}, err
	}
	at, there, err := b.place(f, name)
	if err != nil {
		return Outcome{Located: there}, err
	}
	n := &engine.Node{
		ID: b.s.env.NewID(), Kind: engine.KindFolder, Parent: f.node.ID, Name: at.name,
		Owner: b.p.User, CreatedBy: b.p.User, CreatedAt: b.now,
		ModifiedBy: b.p.User, ModifiedAt: b.contentTime(modified), UpdatedAt: b.now, PlacedAt: b.made,
	}
	if err := b.writeNode(n); err != nil {
		return Outcome{}, err
	}
	if err := b.link(at, n); err != nil {
		return Outcome{}, err
	}
	f.share.share.Count(engine.Holding{Folders: 1}, 1)
	made := b.keep(n, f, f.share)
	f.remember(name, made)
	return b.done(f, n, engine.ChangeCreated)
}

// Twin makes a folder like another one, with its age and owner: what lies in the
// one is moved to the other, in parts.
func (b *Batch) Twin(of *engine.Node, parent engine.ID, name string) (Outcome, error) {
	if schema.ExceptionOf(of).Any() {
		return Outcome{}, engine.E(engine.KindConflict,
			"The folder has permissions or holds of its own and is too large to be moved to another share at once; move what lies in it")
	}
	out, err := b.Mkdir(engine.ID{}, parent, name, of.ModifiedAt)
	if err != nil {
		return Outcome{}, err
	}
	n := out.Node
	n.Owner, n.CreatedBy, n.CreatedAt = of.Owner, of.CreatedBy, of.CreatedAt
	return out, b.writeNode(n)
}

// Touch sets the time of a file or folder, and whether a file is executable. base,
// when not zero, is the version that the file must have (else KindConflict).
func (b *Batch) Touch(share, id engine.ID, kind engine.NodeKind, base engine.ID, modified time.Time, executable *bool) (Outcome, error) {
	if b.err != nil {
		return Outcome{}, b.err
	}
	at, err := b.node(share, id, kind, engine.RightWrite)
	if err != nil {
		return Outcome{}, err
	}
	n := at.node
	if own := b.folders[id]; own != nil {
		n = own.node // the copy with the counts of this batch
	}
	out := Outcome{Located: at.folder.locate(n)}
	if !base.IsZero() && kind == engine.KindFile && base != n.VersionID {
		return out, engine.E(engine.KindConflict, "The file has a newer version than the one this was made from")
	}
	if !b.touch(n, modified, executable) {
		return out, nil
	}
	if err := b.writeNode(n); err != nil {
		return Outcome{}, err
	}
	return b.done(at.folder, n, engine.ChangeUpdated)
}
