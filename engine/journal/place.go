package journal

import (
	"errors"

	"scaidrive/engine"
	"scaidrive/engine/access"
	"scaidrive/engine/tree"
)

func kindOf(c *Change) engine.NodeKind {
	if c.Resource == engine.ResourceFolder {
		return engine.KindFolder
	}
	return engine.KindFile
}

// move gives a node another place, another name, or both.
func (r *round) move(c *Change) (made, error) {
	sub, err := r.batch.Look(r.in.Share, c.ResourceID, kindOf(c), 0)
	if err != nil {
		return made{}, err
	}
	if sub.Trashed != nil {
		return r.moveDeleted(c, sub)
	}
	n := sub.Node
	parent, name := c.ParentID, c.Name
	if parent.IsZero() {
		parent = n.Parent
	}
	if name == "" {
		name = n.Name
	}
	elsewhere, renamed := false, false
	if !r.mine[n.ID] {
		elsewhere = !c.BaseParent.IsZero() && n.Parent != c.BaseParent
		renamed = c.BaseName != "" && n.Name != c.BaseName
	}
	// What its maker left as it was stays as it is now.
	if elsewhere && parent == c.BaseParent {
		parent, elsewhere = n.Parent, false
	}
	if renamed && sameName(name, c.BaseName) {
		name, renamed = n.Name, false
	}
	if parent == n.Parent && sameName(name, n.Name) {
		return applied(tree.Outcome{Located: tree.Locate(sub)}, nil)
	}
	if elsewhere || renamed {
		f := r.conflict(c, engine.ConflictMoveMove, n.ID)
		f.Server = n.VersionID
		if !r.secondWins(r.editedAt(c), n.Placed()) {
			out := tree.Outcome{Located: tree.Locate(sub)}
			if r.strategy == engine.Manual {
				return r.left(f, out)
			}
			return r.settled(f, out)
		}
		m, err := r.moveTo(c, n, parent, name)
		if err != nil {
			return m, err
		}
		f, err = r.store(f, true)
		m.done, m.conflicts = false, append([]*engine.Conflict{f}, m.conflicts...)
		return m, err
	}
	return r.moveTo(c, n, parent, name)
}

// moveTo moves a live node, whatever others did with it.
func (r *round) moveTo(c *Change, n *engine.Node, parent engine.ID, name string) (made, error) {
	m := tree.Move{Share: r.in.Share, ID: n.ID, Kind: n.Kind, Name: name, MovedAt: r.editedAt(c)}
	if parent != n.Parent {
		m.To = &tree.Target{Share: r.in.Share, Folder: parent}
	}
	out, err := r.batch.Move(m)
	switch kind := engine.KindOf(err); {
	case err == nil:
		return applied(out, nil)
	case errors.Is(err, tree.ErrInside):
		return r.cycle(c, n)
	case kind == engine.KindConflict && out.Located != nil && sameName(name, out.Node.Name):
		return r.moveTaken(c, m, out.Located)
	case (kind == engine.KindGone || kind == engine.KindNotFound) && m.To != nil:
		return r.moveIntoDead(c, n, parent, name, err)
	}
	return made{Outcome: out}, err
}

// cycle reports a move that would put a folder into itself. What was committed
// first stands, under every strategy.
func (r *round) cycle(c *Change, n *engine.Node) (made, error) {
	if r.in.Atomic {
		return made{}, tree.ErrInside
	}
	loc, err := r.locate(n.ID)
	if err != nil {
		return made{}, err
	}
	f := r.conflict(c, engine.ConflictMoveCycle, n.ID)
	f.Resolution, f.ResolvedAt = engine.ServerWins, r.now
	return r.left(f, tree.Outcome{Located: loc})
}

// moveTaken settles two different things that were given the same name: both stay,
// one of them under the name of a copy.
func (r *round) moveTaken(c *Change, m tree.Move, there *tree.Located) (made, error) {
	f := r.conflict(c, engine.ConflictNameCollision, m.ID)
	name := m.Name
	if r.secondWins(r.editedAt(c), there.Node.Placed()) && r.displace(there) {
		f.Copy = there.Node.ID
		out, err := r.batch.Move(m)
		if err != nil {
			return made{Outcome: out}, err
		}
		return r.settled(f, out)
	}
	out, err := r.batch.MoveBeside(m, r.copyNames(name))
	if err != nil {
		return made{Outcome: out}, err
	}
	f.Copy = m.ID
	if r.strategy == engine.Manual {
		return r.left(f, out)
	}
	return r.settled(f, out)
}

// moveIntoDead settles a move into a folder that is in the trash.
func (r *round) moveIntoDead(c *Change, n *engine.Node, parent engine.ID, name string, cause error) (made, error) {
	way, err := r.batch.WayTo(r.in.Share, parent)
	if err != nil || !way.Dead {
		return made{}, cause
	}
	if r.strategy == engine.ServerWins || way.Denied != nil {
		loc, err := r.locate(n.ID)
		if err != nil {
			return made{}, err
		}
		return r.settled(r.conflict(c, engine.ConflictDeleteEdit, n.ID), tree.Outcome{Located: loc})
	}
	at, err := r.pave(way, r.editedAt(c))
	if err != nil {
		return made{}, err
	}
	return r.moveTo(c, n, at, name)
}

// moveDeleted settles a move of something that is in the trash, by itself or with
// a folder above it.
func (r *round) moveDeleted(c *Change, sub *access.Subject) (made, error) {
	n := sub.Node
	deleted, err := tree.DeletedAt(r.tx, r.p.Tenant, sub.Share.ID, sub.Trashed)
	if err != nil {
		return made{}, err
	}
	parent, name := c.ParentID, c.Name
	if parent.IsZero() {
		parent = n.Parent
	}
	if name == "" {
		name = n.Name
	}
	if parent == n.Parent && sameName(name, n.Name) {
		return applied(tree.Outcome{Located: tree.Locate(sub)}, nil)
	}
	f := r.conflict(c, engine.ConflictDeleteEdit, n.ID)
	f.Server = n.VersionID
	way, err := r.batch.WayTo(r.in.Share, parent)
	if err != nil {
		return made{}, err
	}
	if r.strategy == engine.ServerWins || way.Denied != nil ||
		r.strategy == engine.LastWriterWins && r.editedAt(c).Before(deleted) {
		return r.settled(f, tree.Outcome{Located: tree.Locate(sub)})
	}
	at, err := r.pave(way, r.editedAt(c))
	if err != nil {
		return made{}, err
	}
	out, err := r.batch.Revive(tree.Revival{ID: n.ID, Kind: n.Kind, Parent: at, Offer: r.plainOr(name), MovedAt: r.editedAt(c)})
	if err != nil {
		return made{Outcome: out}, err
	}
	if r.strategy == engine.Manual {
		return r.left(f, out)
	}
	return r.settled(f, out)
}
