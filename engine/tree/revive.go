package tree

import (
	"errors"
	"time"

	"scaidrive/engine"
	"scaidrive/engine/access"
	"scaidrive/engine/meta/schema"
	"scaidrive/engine/names"
)

// A Way leads to where a folder is, or was before it came into the trash: a live
// folder, and the folders below it that would have to be made anew.
type Way struct {
	Dead bool      // the folder that was asked for is in the trash
	At   engine.ID // the live folder where the way ends
	// Blocked is what has the name of the first of the folders to be made and is
	// no folder; nil: nothing has.
	Blocked *Located
	// Denied is why the caller may make nothing in At; nil: they may.
	Denied error
	// DeletedAt is when what is in the trash was deleted, by the server's clock, as
	// far as the deleter could tell.
	DeletedAt time.Time

	rest []*engine.Node // outermost first
}

// Missing reports whether folders would have to be made.
func (w *Way) Missing() bool { return len(w.rest) > 0 }

// WayTo finds the way to a folder of a share that the caller may read, and writes
// nothing. Where a living folder of the same name has taken the place of one in
// the trash, the way leads through it.
func (b *Batch) WayTo(share, folder engine.ID) (*Way, error) {
	if b.err != nil {
		return nil, b.err
	}
	sub, err := access.Resolve(b.r, b.p.Tenant, folder)
	if err != nil {
		return nil, err
	}
	if sub.Node.Kind != engine.KindFolder || sub.Share.ID != share {
		return nil, access.NotFound()
	}
	have, err := access.Rights(b.r, b.p, sub)
	if err != nil {
		return nil, err
	}
	if have&engine.RightRead == 0 {
		return nil, access.NotFound()
	}
	w := &Way{Dead: sub.Trashed != nil}
	var f *folderState
	if sub.Trashed != nil {
		f = b.living(sub)
		if w.DeletedAt, err = DeletedAt(b.r, b.p.Tenant, share, sub.Trashed); err != nil {
			return nil, err
		}
		chain := append(sub.Path[:len(sub.Path):len(sub.Path)], sub.Node)
		for i, n := range chain {
			if n.ID == f.node.ID {
				w.rest = chain[i+1:]
				break
			}
		}
	} else {
		f = b.adopt(sub)
	}
	if f, err = b.follow(w, f); err != nil {
		return nil, err
	}
	w.At = f.node.ID
	w.Denied = b.decide(f, engine.RightCreate)
	return w, nil
}

// follow goes on through living folders that have the names of dead ones.
func (b *Batch) follow(w *Way, f *folderState) (*folderState, error) {
	for len(w.rest) > 0 {
		c, err := schema.GetChild(b.r, b.p.Tenant, f.node.ID, []byte(names.Key(w.rest[0].Name)))
		if errors.Is(err, schema.ErrNotFound) {
			return f, nil
		}
		if err != nil {
			return nil, err
		}
		n, err := childNode(b.r, b.p.Tenant, f.node.ID, c)
		if err != nil {
			return nil, err
		}
		if n.Kind != engine.KindFolder {
			w.Blocked = f.locate(n)
			return f, nil
		}
		next := b.folders[n.ID]
		if next == nil {
			next = b.keep(n, f, f.share)
		}
		if err := b.decide(next, engine.RightRead); err != nil {
			return nil, err
		}
		f, w.rest = next, w.rest[1:]
	}
	return f, nil
}

// Pave makes the folders that a way lacks, each with the owner, the explicit
// entries and the cut of the one in the trash, and gives the last of them. Where
// the way is blocked the first one gets a name of offer. force asks no right of
// the caller: what is saved from a deletion is not theirs to refuse. at is when
// that was made which needs them, by the server's clock.
func (b *Batch) Pave(w *Way, offer func(name string) Names, at time.Time, force bool) (engine.ID, error) {
	if w.Denied != nil && !force {
		return engine.ID{}, w.Denied
	}
	in := w.At
	for i, dead := range w.rest {
		f, err := b.open(in)
		if err != nil {
			return engine.ID{}, err
		}
		to, err := b.pavePlace(f, dead, offer, i == 0 && w.Blocked != nil)
		if err != nil {
			return engine.ID{}, err
		}
		n := &engine.Node{
			ID: b.s.env.NewID(), Kind: engine.KindFolder, Parent: f.node.ID, Name: to.name,
			Owner: dead.Owner, CreatedBy: b.p.User, CreatedAt: b.now,
			ModifiedBy: b.p.User, ModifiedAt: dead.ModifiedAt, UpdatedAt: b.now, PlacedAt: at,
		}
		if err := b.writeNode(n); err != nil {
			return engine.ID{}, err
		}
		if err := b.link(to, n); err != nil {
			return engine.ID{}, err
		}
		if err := b.sameEntries(f.share.share.ID, dead, n); err != nil {
			return engine.ID{}, err
		}
		f.share.share.Count(engine.Holding{Folders: 1}, 1)
		b.keep(n, f, f.share)
		if _, err := b.done(f, n, engine.ChangeCreated); err != nil {
			return engine.ID{}, err
		}
		in = n.ID
	}
	return in, nil
}

func (b *Batch) pavePlace(f *folderState, dead *engine.Node, offer func(string) Names, blocked bool) (place, error) {
	if !blocked {
		to, _, err := b.placeOf(f, dead.Name, &engine.Node{Name: dead.Name})
		if err == nil || engine.KindOf(err) != engine.KindConflict {
			return to, err
		}
	}
	next := offer(dead.Name)
	for try := range maxNames {
		to, _, err := b.placeOf(f, next(try), &engine.Node{Name: next(try)})
		if err == nil || engine.KindOf(err) != engine.KindConflict {
			return to, err
		}
	}
	return place{}, errTaken()
}

// DeletedAt is when a node in the trash was deleted, by the server's clock, as far
// as the deleter could tell.
func DeletedAt(r schema.Reader, t engine.TenantNo, share engine.ID, n *engine.Node) (time.Time, error) {
	i, err := schema.GetTrash(r, t, share, n.DeletedAt, n.ID)
	if errors.Is(err, schema.ErrNotFound) {
		return n.DeletedAt, nil
	}
	if err != nil || i.EditedAt.IsZero() {
		return n.DeletedAt, err
	}
	return i.EditedAt, nil
}

// A Revival brings a node back that is in the trash, by itself or with a folder
// above it, to a live folder of its share.
type Revival struct {
	ID      engine.ID
	Kind    engine.NodeKind
	Parent  engine.ID
	Offer   Names // of names; a taken one is passed over
	MovedAt time.Time
	Content *FileSpec // a new content of a file, made over the current one; nil: as it is
	Force   bool      // asks no right of the caller, as Pave
}

// Revive makes a Revival. It needs WRITE on the node and CREATE on the folder. A
// refused one has no effect.
func (b *Batch) Revive(v Revival) (Outcome, error) {
	if err := b.settle(engine.KindFolder); err != nil {
		return Outcome{}, err
	}
	sub, err := b.revivable(v)
	if err != nil {
		return Outcome{}, err
	}
	f, err := b.open(v.Parent)
	if err == nil && !v.Force {
		err = b.decide(f, engine.RightCreate)
	}
	if err != nil {
		return Outcome{}, err
	}
	if f.share.share.ID != sub.Share.ID {
		return Outcome{}, access.NotFound()
	}
	n := sub.Node
	to, err := b.offered(f, n, v.Offer)
	if err != nil {
		return Outcome{}, err
	}
	rev := revision{folder: f, node: n}
	if v.Content != nil {
		if err := b.planOver(&rev, v.Content); err != nil {
			return Outcome{}, err
		}
	}
	if err := b.outOfTrash(sub); err != nil {
		return Outcome{}, err
	}
	f.share.placed(n)
	b.rename(n, to.name)
	n.DeletedAt, n.DeletedBy = time.Time{}, engine.ID{}
	n.Parent, n.UpdatedAt, n.PlacedAt = f.node.ID, b.now, v.MovedAt
	if err := b.link(to, n); err != nil {
		return Outcome{}, err
	}
	if v.Content != nil {
		err = b.writeOver(rev, *v.Content)
	} else {
		err = b.writeNode(n)
	}
	if err != nil {
		return Outcome{}, err
	}
	made := moved(n)
	made.Kind, made.OldParent, made.OldName = engine.ChangeCreated, engine.ID{}, ""
	made.NewParent, made.NewName = n.Parent, n.Name
	out, err := b.record(f.share, made)
	if err != nil {
		return Outcome{}, err
	}
	out.Located = f.locate(n)
	return out, b.settle(engine.KindFolder)
}

func (b *Batch) revivable(v Revival) (*access.Subject, error) {
	var sub *access.Subject
	var err error
	if v.Force {
		sub, err = access.Resolve(b.r, b.p.Tenant, v.ID)
	} else {
		sub, err = b.Look(engine.ID{}, v.ID, v.Kind, engine.RightWrite)
	}
	if err == nil && sub.Trashed == nil {
		err = engine.E(engine.KindConflict, "It is not in the trash")
	}
	return sub, err
}

// offered finds the first of the names that is free.
func (b *Batch) offered(f *folderState, n *engine.Node, offer Names) (place, error) {
	for try := range maxNames {
		to, _, err := b.placeOf(f, offer(try), n)
		if err == nil || engine.KindOf(err) != engine.KindConflict {
			return to, err
		}
	}
	return place{}, errTaken()
}

// planOver checks a content that is to be made over a file's current one.
func (b *Batch) planOver(rev *revision, spec *FileSpec) error {
	var err error
	if rev.current, err = CurrentVersion(b.r, b.p.Tenant, rev.node); err != nil {
		return err
	}
	if rev.kept, err = keptBytes(&rev.current.Content, spec); err != nil {
		return err
	}
	if err := b.fits(spec.Content.Size); err != nil {
		return err
	}
	return b.room(rev.folder.share.share, spec.Content.Size+rev.kept-rev.current.Content.Size)
}

// writeOver is writeRevision without the row.
func (b *Batch) writeOver(rev revision, spec FileSpec) error {
	n := rev.node
	if spec.Executable != nil {
		n.Executable = *spec.Executable
	}
	rev.current.Kept = rev.kept
	if err := schema.PutVersion(b.w, b.p.Tenant, rev.current); err != nil {
		return b.broken(err)
	}
	b.setContent(n, spec)
	rev.folder.share.share.Count(rev.adds(&spec), 1)
	return b.writeVersion(n, spec.Content, spec.EditedAt)
}

// outOfTrash takes a node from where it lies: its own place in the trash, or a
// folder that is in the trash.
func (b *Batch) outOfTrash(sub *access.Subject) error {
	n := sub.Node
	if !n.DeletedAt.IsZero() {
		if err := b.untrash(sub.Share.ID, n, n.Parent); err != nil {
			return b.broken(err)
		}
		return nil
	}
	up := sub.Path[len(sub.Path)-1]
	key := []byte(names.Key(n.Name))
	c, err := schema.GetChild(b.r, b.p.Tenant, up.ID, key)
	if err != nil && !errors.Is(err, schema.ErrNotFound) {
		return b.broken(err)
	}
	if err != nil || c.Node != n.ID {
		return b.broken(damagedListing(up.ID, err))
	}
	if err := schema.UnlinkChild(b.w, b.p.Tenant, up, key, c); err != nil {
		return b.broken(err)
	}
	return b.writeNode(up)
}

// PutDead makes a file or folder in a folder that is in the trash, so that it
// comes back with that folder: what is stored and shown to nobody. A folder has no
// content. It needs CREATE on the folder.
func (b *Batch) PutDead(share, folder engine.ID, kind engine.NodeKind, spec FileSpec, offer Names) (Outcome, error) {
	if err := b.settle(engine.KindFolder); err != nil {
		return Outcome{}, err
	}
	sub, err := b.Look(share, folder, engine.KindFolder, engine.RightCreate)
	if err != nil {
		return Outcome{}, err
	}
	chain := b.aside(sub)
	f := chain[len(chain)-1]
	n := &engine.Node{
		ID: b.s.env.NewID(), Kind: kind, Parent: folder, Owner: b.p.User, CreatedBy: b.p.User, CreatedAt: b.now,
		ModifiedBy: b.p.User, ModifiedAt: b.contentTime(spec.ModifiedAt), UpdatedAt: b.now,
	}
	to, err := b.offered(f, n, offer)
	if err != nil {
		return Outcome{}, err
	}
	n.Name = to.name
	if kind == engine.KindFile {
		if err := b.fits(spec.Content.Size); err != nil {
			return Outcome{}, err
		}
		if err := b.Charge(sub.Share, spec.Content.Size); err != nil {
			return Outcome{}, err
		}
		n.MIME = MediaType(n.Name)
		n.Executable = spec.Executable != nil && *spec.Executable
		b.setContent(n, spec)
		err = b.writeVersion(n, spec.Content, spec.EditedAt)
	} else {
		err = b.writeNode(n)
	}
	if err == nil {
		err = b.link(to, n)
	}
	st, made := b.stateOf(sub.Share), engine.Holding{Files: 1}
	if kind == engine.KindFolder {
		made = engine.Holding{Folders: 1}
	}
	st.share.Count(made, 1)
	st.dirty = true
	for _, up := range chain {
		if err == nil && up.dirty {
			err = b.writeNode(up.node)
		}
	}
	return Outcome{Located: f.locate(n)}, err
}

// aside gives the folders from a share's root down to one in the trash, without
// keeping them as folders that live.
func (b *Batch) aside(sub *access.Subject) []*folderState {
	var chain []*folderState
	var up *folderState
	for _, n := range append(sub.Path[:len(sub.Path):len(sub.Path)], sub.Node) {
		f := &folderState{node: n, up: up, share: b.stateOf(sub.Share), below: []*engine.Node{n}}
		if up != nil {
			f.path = up.path + "/" + n.Name
			f.below = append(up.below[:len(up.below):len(up.below)], n)
		}
		chain, up = append(chain, f), f
	}
	return chain
}
