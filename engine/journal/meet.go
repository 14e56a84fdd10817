package journal

import (
	"errors"
	"time"

	"scaidrive/engine"
	"scaidrive/engine/access"
	"scaidrive/engine/meta/schema"
	"scaidrive/engine/names"
	"scaidrive/engine/tree"
)

// secondWins decides, where two changes want the same name or place, whether the
// one that comes now gets it from the one that was committed. theirs is when that
// one was made. Equal times go to the one that comes now, which is later in the
// share's sequence.
func (r *round) secondWins(mine, theirs time.Time) bool {
	switch r.strategy {
	case engine.ClientWins:
		return true
	case engine.LastWriterWins:
		return !mine.Before(theirs)
	default:
		return false
	}
}

// after clamps a time to not before another one.
func after(t, low time.Time) time.Time {
	if t.Before(low) {
		return low
	}
	return t
}

func sameName(a, b string) bool {
	stored, err := names.Clean(a, false)
	return err == nil && stored == b
}

func oneName(name string) tree.Names {
	return func(try int) string { return name }
}

// plainOr offers a name, then those of a conflict copy of it.
func (r *round) plainOr(name string) tree.Names {
	copies := r.copyNames(name)
	return func(try int) string {
		if try == 0 {
			return name
		}
		return copies(try - 1)
	}
}

// copyNames offers the names of a conflict copy.
func (r *round) copyNames(name string) tree.Names {
	device := r.deviceName
	if r.resolving != nil {
		device = r.resolving.DeviceName
	}
	return conflictNames(name, device, r.now)
}

// weigh counts what two contents do not share. ok false: they are long and have to
// be compared outside of the mutation.
func (r *round) weigh(old, next *engine.Content) (w weight, ok bool) {
	if int(old.Count) == len(old.Inline) && int(next.Count) == len(next.Inline) {
		return weight{tree.Kept(old.Inline, next.Inline), tree.Kept(next.Inline, old.Inline)}, true
	}
	if w, ok = r.known[[2][32]byte{old.Digest, next.Digest}]; !ok {
		r.needs = append(r.needs, need{*old, *next})
	}
	return w, ok
}

// errLater stands for the outcome of a change that waits for a comparison: the
// mutation is run again.
var errLater error = engine.E(engine.KindConflict, "Contents have to be compared")

// overwrite makes a content the current one of a live file, whatever that is.
func (r *round) overwrite(n *engine.Node, spec tree.FileSpec) (tree.Outcome, error) {
	cur, err := tree.CurrentVersion(r.tx, r.p.Tenant, n)
	if err != nil {
		return tree.Outcome{}, err
	}
	w, ok := r.weigh(&cur.Content, &spec.Content)
	if !ok {
		return tree.Outcome{}, errLater
	}
	spec.File, spec.Base, spec.Kept = n.ID, n.VersionID, w.kept
	return r.batch.PutFile(spec)
}

// aside keeps a content as a version of a file that never was current.
func (r *round) aside(n *engine.Node, spec tree.FileSpec) (uint64, error) {
	cur, err := tree.CurrentVersion(r.tx, r.p.Tenant, n)
	if err != nil {
		return 0, err
	}
	w, ok := r.weigh(&cur.Content, &spec.Content)
	if !ok {
		return 0, errLater
	}
	return r.batch.AddVersion(n.ID, spec, w.beyond)
}

// create makes a file.
func (r *round) create(c *Change, spec tree.FileSpec) (made, error) {
	out, err := r.batch.PutFile(spec)
	switch kind := engine.KindOf(err); {
	case err == nil:
		return applied(out, nil)
	case kind == engine.KindConflict && out.Located != nil:
		return r.nameTaken(c, spec, out.Located)
	case kind == engine.KindGone || kind == engine.KindNotFound:
		return r.createInDead(c, &spec, err)
	}
	return made{Outcome: out}, err
}

// mkdir makes a folder.
func (r *round) mkdir(c *Change) (made, error) {
	out, err := r.batch.Mkdir(r.in.Share, c.ParentID, c.Name, c.ModifiedAt)
	switch kind := engine.KindOf(err); {
	case err == nil:
		return applied(out, nil)
	case kind == engine.KindConflict && out.Located != nil:
		there := out.Located
		switch {
		case !sameName(c.Name, there.Node.Name):
			return made{Outcome: out}, err
		case there.Node.Kind == engine.KindFolder:
			return applied(tree.Outcome{Located: there}, nil)
		}
		return r.kindsDiffer(c, nil, there)
	case kind == engine.KindGone || kind == engine.KindNotFound:
		return r.createInDead(c, nil, err)
	}
	return made{Outcome: out}, err
}

// nameTaken settles a new file whose name is taken.
func (r *round) nameTaken(c *Change, spec tree.FileSpec, there *tree.Located) (made, error) {
	n := there.Node
	switch {
	case !sameName(spec.Name, n.Name):
		// Two names that differ in case only: not ours to choose.
		return made{Outcome: tree.Outcome{Located: there}}, taken()
	case n.Kind == engine.KindFolder:
		return r.kindsDiffer(c, &spec, there)
	}
	known, err := r.alreadyThere(n, &spec.Content, engine.ID{})
	if err != nil || known {
		return applied(tree.Outcome{Located: there}, err)
	}
	return r.contentsMeet(c, spec, there, engine.ConflictNameCollision)
}

func taken() error {
	return engine.E(engine.KindConflict, "The name is already taken in this folder")
}

// alreadyThere reports whether a file has a content already: as its current one,
// or as that of base or of a newer version (base zero: any), which the same change,
// or one like it, made before.
func (r *round) alreadyThere(n *engine.Node, content *engine.Content, base engine.ID) (bool, error) {
	if r.strategy == engine.ClientWins || r.resolving != nil {
		return r.sameAsCurrent(n, content), nil
	}
	found, seen := false, 0
	err := schema.ScanVersions(r.tx, r.p.Tenant, n.ID, 0, func(v *engine.Version) (bool, error) {
		found = tree.SameContent(&v.Content, content)
		seen++
		if v.ID == base && v.Number <= n.Version {
			return false, nil // what is the base's own is no edit
		}
		return !found && seen < tree.MaxVersionScan, nil
	})
	return found, err
}

func (r *round) sameAsCurrent(n *engine.Node, content *engine.Content) bool {
	v, err := tree.CurrentVersion(r.tx, r.p.Tenant, n)
	return err == nil && tree.SameContent(&v.Content, content)
}

// update gives a file a new content.
func (r *round) update(c *Change, spec tree.FileSpec) (made, error) {
	out, err := r.batch.PutFile(spec)
	switch kind := engine.KindOf(err); {
	case err == nil:
		return applied(out, nil)
	case kind == engine.KindConflict && out.Located != nil:
		return r.stale(c, spec, out.Located)
	case kind == engine.KindGone:
		sub, lerr := r.batch.Look(r.in.Share, c.ResourceID, engine.KindFile, engine.RightWrite)
		if lerr != nil {
			return made{}, lerr
		}
		if sub.Trashed != nil {
			return r.editDeleted(c, spec, sub)
		}
	}
	return made{Outcome: out}, err
}

// stale settles an edit whose base is not current.
func (r *round) stale(c *Change, spec tree.FileSpec, loc *tree.Located) (made, error) {
	n := loc.Node
	if r.mine[n.ID] {
		return applied(r.overwrite(n, spec)) // made from what this batch made before
	}
	known, err := r.alreadyThere(n, &spec.Content, c.Base)
	if err != nil || known {
		return applied(tree.Outcome{Located: loc}, err)
	}
	base, err := tree.VersionByID(r.tx, r.p.Tenant, n, c.Base)
	if err != nil && !errors.Is(err, schema.ErrNotFound) {
		return made{}, err
	}
	if err == nil {
		if r.sameAsCurrent(n, &base.Content) {
			return applied(r.overwrite(n, spec)) // what was made meanwhile was undone again
		}
		spec.EditedAt = after(spec.EditedAt, base.Edited())
	}
	return r.contentsMeet(c, spec, loc, engine.ConflictEditEdit)
}

// contentsMeet settles a content that meets another one of a live file.
func (r *round) contentsMeet(c *Change, spec tree.FileSpec, loc *tree.Located, typ engine.ConflictType) (made, error) {
	n := loc.Node
	cur, err := tree.CurrentVersion(r.tx, r.p.Tenant, n)
	if err != nil {
		return made{}, err
	}
	f := r.conflict(c, typ, n.ID)
	f.Server = n.VersionID
	if before, err := r.copied(f, &spec.Content); err != nil || before != nil {
		return made{Outcome: tree.Outcome{Located: loc}, conflicts: []*engine.Conflict{before}}, err
	}
	switch {
	case r.secondWins(spec.EditedAt, cur.Edited()):
		f.Version = n.Version
		out, err := r.overwrite(n, spec)
		if err != nil {
			return made{Outcome: out}, err
		}
		return r.settled(f, out)
	case r.strategy == engine.KeepBoth:
		return r.copyBeside(f, spec, loc)
	case r.strategy == engine.Manual:
		return r.pending(f, spec, loc)
	}
	if r.resolving == nil || f.Version == 0 {
		if f.Version, err = r.aside(n, spec); err != nil {
			return made{}, err
		}
	}
	return r.settled(f, tree.Outcome{Located: loc})
}

// copied finds the conflict whose copy holds a content already that the same device
// sent: it is not kept a second time.
func (r *round) copied(f *engine.Conflict, content *engine.Content) (*engine.Conflict, error) {
	var found *engine.Conflict
	if r.strategy != engine.KeepBoth || r.resolving != nil {
		return nil, nil
	}
	err := schema.ScanNodeConflicts(r.tx, r.p.Tenant, f.Node, func(o *engine.Conflict) (bool, error) {
		if o.Copy.IsZero() || o.User != f.User || o.Device != f.Device {
			return true, nil
		}
		sub, err := access.Resolve(r.tx, r.p.Tenant, o.Copy)
		if err != nil && engine.KindOf(err) != engine.KindNotFound {
			return false, err
		}
		if err == nil && sub.Trashed == nil && sub.Node.Kind == engine.KindFile && r.sameAsCurrent(sub.Node, content) {
			found = o
		}
		return found == nil, nil
	})
	return found, err
}

// copyBeside keeps a content as a copy beside a file. Where there is no right or no
// room for that it becomes a version, and the conflict stays open.
func (r *round) copyBeside(f *engine.Conflict, spec tree.FileSpec, loc *tree.Located) (made, error) {
	n := loc.Node
	spec.File, spec.Base = engine.ID{}, engine.ID{}
	spec.Parent = n.Parent
	out, err := r.batch.PutBeside(n, spec, r.copyNames(n.Name))
	switch kind := engine.KindOf(err); {
	case err == nil:
		f.Copy = out.Node.ID
		// What the conflict is about stays as it was; the copy's row tells the rest.
		out.Located = loc
		return r.settled(f, out)
	case r.batch.Err() != nil:
		return made{}, err
	case kind == engine.KindForbidden || kind == engine.KindNoSpace || kind == engine.KindNotFound || kind == engine.KindInvalid:
		var other error
		if r.resolving != nil && f.Version != 0 {
			return made{}, err // it is a version already
		}
		if f.Version, other = r.aside(n, spec); other != nil {
			return made{}, other
		}
		f.Intent.HasContent, f.Intent.Content = false, engine.Content{}
		return r.left(f, tree.Outcome{Located: loc})
	}
	return made{Outcome: out}, err
}

// kindsDiffer settles a new file or folder whose name something of the other kind
// has. spec is nil for a folder.
func (r *round) kindsDiffer(c *Change, spec *tree.FileSpec, there *tree.Located) (made, error) {
	f := r.conflict(c, engine.ConflictNameCollision, there.Node.ID)
	f.Server = there.Node.VersionID
	switch {
	case r.secondWins(r.editedAt(c), there.Node.Placed()) && r.displace(there):
		f.Copy = there.Node.ID
		out, err := r.make(c, spec, oneName(c.Name))
		if err != nil {
			return made{Outcome: out}, err
		}
		return r.settled(f, out)
	case r.strategy == engine.Manual && spec != nil:
		return r.pending(f, *spec, there)
	}
	out, err := r.make(c, spec, r.copyNames(c.Name))
	if err != nil {
		return made{Outcome: out}, err
	}
	f.Copy = out.Node.ID
	switch {
	case r.strategy == engine.Manual:
		return r.left(f, out)
	case r.strategy == engine.ServerWins && spec != nil:
		if _, err := r.batch.Delete(tree.Deletion{ID: out.Node.ID, Kind: engine.KindFile, Group: r.group}); err != nil {
			return made{}, err
		}
		out.Located = there
	}
	return r.settled(f, out)
}

// make makes a file or folder under the first name that is free.
func (r *round) make(c *Change, spec *tree.FileSpec, offer tree.Names) (tree.Outcome, error) {
	if spec == nil {
		return r.batch.MkdirBeside(r.in.Share, c.ParentID, offer)
	}
	put := *spec
	put.File, put.Base, put.Parent = engine.ID{}, engine.ID{}, c.ParentID
	return r.batch.PutBeside(nil, put, offer)
}

// displace gives something the name of a conflict copy of itself, so that its own
// becomes free; false: the caller may not.
func (r *round) displace(there *tree.Located) bool {
	_, err := r.batch.MoveBeside(tree.Move{Share: r.in.Share, ID: there.Node.ID, Kind: there.Node.Kind}, r.copyNames(there.Node.Name))
	return err == nil
}

// createInDead settles something new in a folder that is in the trash.
func (r *round) createInDead(c *Change, spec *tree.FileSpec, cause error) (made, error) {
	parent := c.ParentID
	way, err := r.batch.WayTo(r.in.Share, parent)
	if err != nil || !way.Dead {
		return made{}, cause
	}
	if r.strategy == engine.ServerWins {
		f := r.conflict(c, engine.ConflictDeleteEdit, parent)
		kind, put := engine.KindFolder, tree.FileSpec{ModifiedAt: c.ModifiedAt}
		if spec != nil {
			kind, put = engine.KindFile, *spec
		}
		out, err := r.batch.PutDead(r.in.Share, parent, kind, put, r.plainOr(c.Name))
		if err != nil {
			return made{}, err
		}
		f.Copy = out.Node.ID
		return r.settled(f, out)
	}
	if way.Blocked != nil && r.strategy == engine.Manual && spec != nil {
		return r.pending(r.conflict(c, engine.ConflictNameCollision, way.Blocked.Node.ID), *spec, way.Blocked)
	}
	if err := r.batch.Allowed(c.Name); err != nil {
		return made{}, err
	}
	if spec != nil {
		sub, err := r.batch.Look(r.in.Share, parent, engine.KindFolder, 0)
		if err == nil {
			err = r.batch.Room(sub.Share, spec.Content.Size)
		}
		if err != nil {
			return made{}, err
		}
	}
	blocked := way.Blocked
	at, err := r.pave(way, r.editedAt(c))
	if err != nil {
		return made{}, err
	}
	again := *c
	again.ParentID = at
	var m made
	if spec == nil {
		m, err = r.mkdir(&again)
	} else {
		put := *spec
		put.Parent = at
		m, err = r.create(&again, put)
	}
	if err == nil && blocked != nil {
		f := r.conflict(c, engine.ConflictNameCollision, blocked.Node.ID)
		f.Copy = at
		if r.strategy == engine.Manual {
			f, err = r.store(f, false)
		} else {
			f, err = r.store(f, true)
		}
		m.conflicts = append(m.conflicts, f)
	}
	return m, err
}

// pave makes the folders of a way; something else that has the first one's name
// keeps it or gives it up, as the strategy says.
func (r *round) pave(w *tree.Way, mine time.Time) (engine.ID, error) {
	if w.Blocked != nil && r.secondWins(mine, w.Blocked.Node.Placed()) && r.displace(w.Blocked) {
		w.Blocked = nil
	}
	return r.batch.Pave(w, r.copyNames, mine, false)
}

// editDeleted settles an edit of a file that is in the trash, by itself or with a
// folder above it.
func (r *round) editDeleted(c *Change, spec tree.FileSpec, sub *access.Subject) (made, error) {
	n := sub.Node
	loc := tree.Locate(sub)
	known, err := r.alreadyThere(n, &spec.Content, c.Base)
	if err != nil || known {
		return applied(tree.Outcome{Located: loc}, err)
	}
	way, err := r.batch.WayTo(r.in.Share, n.Parent)
	if err != nil {
		return made{}, err
	}
	var there *tree.Located
	if !way.Missing() {
		if there, err = r.batch.Taken(way.At, n.Name); err != nil {
			return made{}, err
		}
	}
	if there != nil && there.Node.Kind == engine.KindFile {
		// A new object has its name: as if the edit had made another of that name.
		asNew, put := *c, spec
		asNew.ParentID, asNew.Name = way.At, there.Node.Name
		put.Parent, put.Name = way.At, there.Node.Name
		return r.nameTaken(&asNew, put, there)
	}
	return r.settleDeleted(c, spec, sub, way, there)
}

// settleDeleted decides about an edit of a file in the trash whose name is free, or
// a folder's.
func (r *round) settleDeleted(c *Change, spec tree.FileSpec, sub *access.Subject, way *tree.Way, there *tree.Located) (made, error) {
	n, loc := sub.Node, tree.Locate(sub)
	deleted, err := tree.DeletedAt(r.tx, r.p.Tenant, sub.Share.ID, sub.Trashed)
	if err != nil {
		return made{}, err
	}
	if base, err := tree.VersionByID(r.tx, r.p.Tenant, n, c.Base); err == nil {
		spec.EditedAt = after(spec.EditedAt, base.Edited())
	}
	f := r.conflict(c, engine.ConflictDeleteEdit, n.ID)
	f.Server = n.VersionID
	blocked := there
	if way.Blocked != nil {
		blocked = way.Blocked
	}
	stays := r.strategy == engine.ServerWins || r.strategy == engine.LastWriterWins && blocked == nil && spec.EditedAt.Before(deleted)
	switch {
	case r.strategy == engine.Manual && (sub.Trashed == n || blocked != nil):
		return r.pending(f, spec, loc)
	case stays:
		if f.Version, err = r.aside(n, spec); err != nil {
			return made{}, err
		}
		return r.settled(f, tree.Outcome{Located: loc})
	}
	cur, err := tree.CurrentVersion(r.tx, r.p.Tenant, n)
	if err != nil {
		return made{}, err
	}
	w, ok := r.weigh(&cur.Content, &spec.Content)
	if !ok {
		return made{}, errLater
	}
	if way.Denied != nil {
		if f.Version, err = r.aside(n, spec); err != nil {
			return made{}, err
		}
		return r.left(f, tree.Outcome{Located: loc})
	}
	spec.Kept = w.kept
	return r.bringBack(f, spec, sub, way, there)
}

// bringBack makes a file in the trash live again, with a new content.
func (r *round) bringBack(f *engine.Conflict, spec tree.FileSpec, sub *access.Subject, way *tree.Way, there *tree.Located) (made, error) {
	n := sub.Node
	if err := r.batch.Room(sub.Share, spec.Content.Size); err != nil {
		return made{}, err
	}
	if there != nil && r.secondWins(spec.EditedAt, there.Node.Placed()) {
		r.displace(there)
	}
	at, err := r.pave(way, spec.EditedAt)
	if err != nil {
		return made{}, err
	}
	out, err := r.batch.Revive(tree.Revival{
		ID: n.ID, Kind: engine.KindFile, Parent: at, Offer: r.plainOr(n.Name), MovedAt: spec.EditedAt, Content: &spec,
	})
	if err != nil {
		return made{Outcome: out}, err
	}
	if r.strategy == engine.Manual { // it went with a folder above it: somebody may want that
		return r.left(f, out)
	}
	return r.settled(f, out)
}

// touch sets time and attributes. From a base that is not current, or in the trash,
// nothing of it is worth keeping: no content is at stake.
func (r *round) touch(c *Change) (made, error) {
	kind, base := engine.KindFolder, engine.ID{}
	if c.Resource == engine.ResourceFile {
		kind, base = engine.KindFile, c.Base
	}
	if r.mine[c.ResourceID] {
		base = engine.ID{}
	}
	out, err := r.batch.Touch(r.in.Share, c.ResourceID, kind, base, c.ModifiedAt, c.Executable)
	if engine.KindOf(err) == engine.KindConflict && out.Located != nil && err != nil {
		return applied(r.batch.Touch(r.in.Share, c.ResourceID, kind, engine.ID{}, time.Time{}, c.Executable))
	}
	if engine.KindOf(err) == engine.KindGone {
		sub, lerr := r.batch.Look(r.in.Share, c.ResourceID, kind, engine.RightWrite)
		if lerr == nil && sub.Trashed != nil {
			return applied(tree.Outcome{Located: tree.Locate(sub)}, nil) // the deletion stands
		}
	}
	return applied(out, err)
}
