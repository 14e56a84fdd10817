package journal

import (
	"scaidrive/engine"
	"scaidrive/engine/meta/schema"
	"scaidrive/engine/tree"
)

// conflict begins the object of a change that met another one.
func (r *round) conflict(c *Change, typ engine.ConflictType, node engine.ID) *engine.Conflict {
	if f := r.resolving; f != nil {
		return f
	}
	f := &engine.Conflict{
		ID: r.s.env.NewID(), Share: r.in.Share, Node: node, Resource: c.Resource, Type: typ,
		Strategy: r.strategy, User: r.p.User, Device: r.in.DeviceID, DeviceName: r.deviceName, CreatedAt: r.now,
		Intent: engine.Intent{
			Kind: c.Kind, Resource: c.Resource, Node: c.ResourceID, Parent: c.ParentID, Name: c.Name,
			Base: c.Base, BaseParent: c.BaseParent, BaseName: c.BaseName, BaseSeq: r.in.BaseSeq,
			ModifiedAt: c.ModifiedAt, EditedAt: r.editedAt(c),
		},
	}
	if c.Executable != nil {
		f.Intent.Executable = 1
		if *c.Executable {
			f.Intent.Executable = 2
		}
	}
	return f
}

// settled stores a conflict that the strategy has resolved.
func (r *round) settled(f *engine.Conflict, out tree.Outcome) (made, error) {
	f, err := r.store(f, true)
	return made{Outcome: out, conflicts: []*engine.Conflict{f}}, err
}

// left stores a conflict that waits for a person.
func (r *round) left(f *engine.Conflict, out tree.Outcome) (made, error) {
	f, err := r.store(f, false)
	return made{Outcome: out, conflicts: []*engine.Conflict{f}}, err
}

// store writes a conflict.
func (r *round) store(f *engine.Conflict, resolved bool) (*engine.Conflict, error) {
	if resolved {
		f.Resolution, f.ResolvedAt = r.strategy, r.now
		if f.Resolution == engine.Manual { // there was nothing to choose
			f.Resolution = engine.ServerWins
		}
		if r.resolving != nil {
			f.ResolvedBy = r.p.User
		}
		f.Intent.HasContent, f.Intent.Content = false, engine.Content{}
	}
	return f, schema.PutConflict(r.tx, r.p.Tenant, f)
}

// pending keeps a content in an open conflict. One that the same device has open
// about the same thing takes its place; the content that waited there becomes a
// version.
func (r *round) pending(f *engine.Conflict, spec tree.FileSpec, loc *tree.Located) (made, error) {
	held := spec.Content.Size
	if loc.Node.Kind == engine.KindFile {
		cur, err := tree.CurrentVersion(r.tx, r.p.Tenant, loc.Node)
		if err != nil {
			return made{}, err
		}
		w, ok := r.weigh(&cur.Content, &spec.Content)
		if !ok {
			return made{}, errLater
		}
		held = w.beyond
	}
	sh, err := schema.GetShare(r.tx, r.p.Tenant, r.in.Share)
	if err != nil {
		return made{}, err
	}
	if err := r.batch.Charge(sh, held); err != nil {
		return made{}, err
	}
	f.Held, f.Intent.HasContent, f.Intent.Content = held, true, spec.Content
	before, err := r.waiting(f, loc)
	if err != nil {
		return made{}, err
	}
	if before != nil {
		if tree.SameContent(&before.Intent.Content, &spec.Content) {
			return made{Outcome: tree.Outcome{Located: loc}, conflicts: []*engine.Conflict{before}}, r.batch.Charge(sh, -held)
		}
		if err := r.retire(before, loc, sh); err != nil {
			return made{}, err
		}
		f.ID, f.CreatedAt = before.ID, before.CreatedAt
	}
	return r.left(f, tree.Outcome{Located: loc})
}

// waiting finds the conflict with a content that the same device has open about
// the same thing.
func (r *round) waiting(f *engine.Conflict, loc *tree.Located) (*engine.Conflict, error) {
	var found *engine.Conflict
	err := schema.ScanNodeConflicts(r.tx, r.p.Tenant, f.Node, func(o *engine.Conflict) (bool, error) {
		if o.ID != f.ID && o.Open() && o.User == f.User && o.Device == f.Device && o.Intent.HasContent &&
			(edits(f, loc) && edits(o, loc) || o.Type == f.Type && o.Intent.Name == f.Intent.Name && o.Intent.Parent == f.Intent.Parent) {
			found = o
		}
		return true, nil
	})
	return found, err
}

// edits reports whether a conflict is about the content of a file: one that a device
// made under a taken name goes on as an edit of the file that has it.
func edits(f *engine.Conflict, loc *tree.Located) bool {
	return loc.Node.Kind == engine.KindFile && (f.Type == engine.ConflictEditEdit || f.Type == engine.ConflictNameCollision)
}

// retire makes the content that waits in a conflict a version of what the conflict
// is about; where that is a folder the content stays counted nowhere else and is
// kept as a file in the trash.
func (r *round) retire(f *engine.Conflict, loc *tree.Located, sh *engine.Share) error {
	if err := r.batch.Charge(sh, -f.Held); err != nil {
		return err
	}
	spec := tree.FileSpec{
		Share: r.in.Share, Content: f.Intent.Content, ModifiedAt: f.Intent.ModifiedAt, EditedAt: f.Intent.EditedAt,
	}
	if loc.Node.Kind == engine.KindFile {
		_, err := r.aside(loc.Node, spec)
		return err
	}
	spec.Parent = loc.Node.ID
	out, err := r.batch.PutBeside(nil, spec, r.copyNames(f.Intent.Name))
	if err != nil {
		return err
	}
	_, err = r.batch.Delete(tree.Deletion{ID: out.Node.ID, Kind: engine.KindFile})
	return err
}
