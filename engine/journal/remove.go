package journal

import (
	"errors"
	"fmt"
	"time"

	"scaidrive/engine"
	"scaidrive/engine/access"
	"scaidrive/engine/meta/schema"
	"scaidrive/engine/tree"
)

// delete moves a node to the trash, unless somebody changed it meanwhile and the
// strategy has that stand.
func (r *round) delete(c *Change) (made, error) {
	sub, err := r.batch.Look(r.in.Share, c.ResourceID, kindOf(c), engine.RightDelete)
	if err != nil {
		return made{}, err
	}
	if sub.Trashed != nil {
		return applied(tree.Outcome{Located: tree.Locate(sub)}, nil)
	}
	theirs, changed, err := r.changedMeanwhile(c, sub)
	if err != nil {
		return made{}, err
	}
	if !changed {
		return r.trash(c, sub.Node)
	}
	f := r.conflict(c, engine.ConflictEditDelete, sub.Node.ID)
	f.Server = sub.Node.VersionID
	if !r.secondWins(r.editedAt(c), theirs) {
		out := tree.Outcome{Located: tree.Locate(sub)}
		if r.strategy == engine.Manual {
			return r.left(f, out)
		}
		return r.settled(f, out)
	}
	m, err := r.trash(c, sub.Node)
	if err != nil {
		return m, err
	}
	f, err = r.store(f, true)
	m.done, m.conflicts = false, append([]*engine.Conflict{f}, m.conflicts...)
	return m, err
}

// changedMeanwhile reports whether a node is not what the deleter knew, and when
// that was made.
func (r *round) changedMeanwhile(c *Change, sub *access.Subject) (at time.Time, changed bool, err error) {
	n := sub.Node
	if r.mine[n.ID] {
		return at, false, nil
	}
	if !c.BaseParent.IsZero() && n.Parent != c.BaseParent || c.BaseName != "" && n.Name != c.BaseName {
		at, changed = n.Placed(), true
	}
	if n.Kind != engine.KindFile || c.Base.IsZero() || c.Base == n.VersionID {
		return at, changed, nil
	}
	cur, err := tree.CurrentVersion(r.tx, r.p.Tenant, n)
	if err != nil {
		return at, false, err
	}
	base, err := tree.VersionByID(r.tx, r.p.Tenant, n, c.Base)
	switch {
	case err == nil && tree.SameContent(&base.Content, &cur.Content):
		return at, changed, nil
	case err != nil && !errors.Is(err, schema.ErrNotFound):
		return at, false, err
	}
	return after(at, cur.Edited()), true, nil
}

// trash moves a node to the trash. What was made or changed in a folder without
// the deleter's knowledge stays, in folders made anew for it, as the strategy says.
func (r *round) trash(c *Change, n *engine.Node) (made, error) {
	var stay []survivor
	if n.Kind == engine.KindFolder {
		all, err := r.survivors(n)
		if err != nil {
			return made{}, err
		}
		for _, s := range all {
			ok, err := r.survives(c, &s)
			if err != nil {
				return made{}, err
			}
			if ok {
				stay = append(stay, s)
			}
		}
	}
	out, err := r.batch.Delete(tree.Deletion{ID: n.ID, Kind: n.Kind, Group: r.group, DeletedAt: r.editedAt(c)})
	if err != nil {
		return made{Outcome: out}, err
	}
	m, _ := applied(out, nil)
	for _, s := range stay {
		f, err := r.save(c, &s)
		if err != nil {
			// The deletion is written: without this it must not be.
			return made{}, fmt.Errorf("save %s from a deletion: %v", s.node.ID.Format(""), err)
		}
		if f != nil {
			m.conflicts = append(m.conflicts, f)
		}
	}
	return m, nil
}

// survives decides whether something in a deleted folder stays.
func (r *round) survives(c *Change, s *survivor) (bool, error) {
	switch {
	case s.isNew:
		return true, nil // the deleter never saw it
	case r.strategy == engine.ClientWins:
		return false, nil
	case r.strategy != engine.LastWriterWins:
		return true, nil
	}
	theirs, err := r.madeAt(s)
	return r.editedAt(c).Before(theirs), err
}

// madeAt is when a survivor became what the deleter did not know.
func (r *round) madeAt(s *survivor) (time.Time, error) {
	var at time.Time
	if s.placed || s.created {
		at = s.node.Placed()
	}
	if s.edited {
		cur, err := tree.CurrentVersion(r.tx, r.p.Tenant, s.node)
		if err != nil {
			return at, err
		}
		at = after(at, cur.Edited())
	}
	return at, nil
}

// save brings a survivor out of the folder that has just been deleted, and tells
// of it unless the deleter never knew it.
func (r *round) save(c *Change, s *survivor) (*engine.Conflict, error) {
	way, err := r.batch.WayTo(r.in.Share, s.node.Parent)
	if err != nil {
		return nil, err
	}
	made, err := r.madeAt(s)
	if err != nil {
		return nil, err
	}
	at, err := r.batch.Pave(way, r.copyNames, made, true)
	if err != nil {
		return nil, err
	}
	_, err = r.batch.Revive(tree.Revival{
		ID: s.node.ID, Kind: s.node.Kind, Parent: at, Offer: r.plainOr(s.node.Name), MovedAt: s.node.PlacedAt, Force: true,
	})
	if err != nil || s.isNew || r.resolving != nil {
		return nil, err
	}
	one := *c
	one.ResourceID, one.Resource = s.node.ID, engine.ResourceFile
	one.Base, one.BaseParent, one.BaseName = engine.ID{}, engine.ID{}, ""
	if s.node.Kind == engine.KindFolder {
		one.Resource = engine.ResourceFolder
	}
	f := r.conflict(&one, engine.ConflictEditDelete, s.node.ID)
	f.Server = s.node.VersionID
	return r.store(f, r.strategy != engine.Manual)
}
