package tree

import (
	"errors"

	"scaidrive/engine"
	"scaidrive/engine/access"
	"scaidrive/engine/meta/schema"
)

// below answers nil if the caller has a right on everything below a folder. What is
// in the trash of itself does not count.
func (b *Batch) below(at revision, want engine.Right) error {
	sub := &access.Subject{Node: at.node, Share: at.folder.share.share, Path: at.folder.below}
	return b.under(sub, want, false)
}

// The bounds of what under looks at, in nodes.
const (
	smallTree = 32     // it looks at each node of a tree of so many, rather than at the share's exceptions
	maxUneven = 20_000 // in all, where entries decide unevenly
)

// under answers nil if the caller has a right on everything below a folder, and
// nothing there is held, if unheld.
//
// A tree that holds no more than its share has exceptions is decided about node by
// node. In a larger one the exceptions are looked at, and how the folder and each of
// them decide about what says nothing itself: files and folders in it, and those
// deeper. Only where that is denied something, what is there is gone through.
func (b *Batch) under(sub *access.Subject, want engine.Right, unheld bool) error {
	if sub.Node.Kind != engine.KindFolder || sub.Share.Exceptions.Count == 0 {
		return nil
	}
	return b.underOf(sub, want, unheld, max(smallTree, int(min(sub.Share.Exceptions.Count, maxUneven))))
}

// underOf is under, with how many nodes a small tree has.
func (b *Batch) underOf(sub *access.Subject, want engine.Right, unheld bool, small int) error {
	u := under{b: b, folder: sub.Node.ID, want: want, unheld: unheld, left: small}
	err := u.each(sub)
	if !errors.Is(err, errTooMany) {
		return err
	}
	u.left = maxUneven
	if err := u.plain(sub); err != nil {
		return err
	}
	return schema.ScanExceptions(b.r, b.p.Tenant, sub.Share, func(id engine.ID, _ *engine.Exception) error {
		it, err := access.Resolve(b.r, b.p.Tenant, id)
		if err != nil && engine.KindOf(err) == engine.KindNotFound {
			return nil // it is being removed for good
		}
		if err != nil || !within(it, sub.Node.ID) {
			return err
		}
		if it.Trashed != nil && it.Trashed.ID != idOf(sub.Trashed) {
			return nil // deleted by itself: it outlives the folder
		}
		have, err := access.Rights(b.r, b.p, it)
		if err == nil {
			err = u.decide(it.Node, have)
		}
		if err != nil || it.Node.Kind != engine.KindFolder {
			return err
		}
		return u.plain(it)
	})
}

// idOf is a node's ID; zero: of none.
func idOf(n *engine.Node) (id engine.ID) {
	if n != nil {
		id = n.ID
	}
	return id
}

// under is a look at all below a folder.
type under struct {
	b      *Batch
	folder engine.ID
	want   engine.Right
	unheld bool
	left   int // nodes that may be looked at
}

// decide answers nil if a node does not speak against the whole.
func (u *under) decide(n *engine.Node, have engine.Right) error {
	switch {
	case u.unheld && n.Holds != (engine.Seal{}):
		return errHeld()
	case u.want&^have != 0:
		return engine.E(engine.KindForbidden, "Permission denied on something in folder/%s", u.folder.Format(engine.PrefixFolder))
	}
	return nil
}

// plain decides about what lies below a folder and says nothing itself: right in it
// and deeper, files and folders. If some of it would be denied, each thing is looked
// at.
func (u *under) plain(sub *access.Subject) error {
	in := append(sub.Path[:len(sub.Path):len(sub.Path)], sub.Node)
	deeper := append(in[:len(in):len(in)], &engine.Node{Kind: engine.KindFolder, Parent: sub.Node.ID})
	for _, path := range [][]*engine.Node{in, deeper} {
		kids := access.ChildrenOf(u.b.p, sub.Share, path)
		for _, kind := range []engine.NodeKind{engine.KindFile, engine.KindFolder} {
			have, err := kids.Rights(u.b.r, &engine.Node{Kind: kind, Parent: path[len(path)-1].ID})
			if err != nil {
				return err
			}
			if u.want&^have == 0 {
				continue
			}
			err = u.each(sub)
			if errors.Is(err, errTooMany) {
				return tooMany("What folder/%s holds is not decided alike, and it is too much to look at at once", u.folder.Format(engine.PrefixFolder))
			}
			return err
		}
	}
	return nil
}

// each decides about every node below a folder.
func (u *under) each(sub *access.Subject) error {
	rows, err := children(u.b.r, u.b.p.Tenant, sub.Node.ID, nil, u.left+1)
	if err != nil {
		return err
	}
	if u.left -= len(rows); u.left < 0 {
		return errTooMany
	}
	in := append(sub.Path[:len(sub.Path):len(sub.Path)], sub.Node)
	kids := access.ChildrenOf(u.b.p, sub.Share, in)
	for i := range rows {
		n, err := childNode(u.b.r, u.b.p.Tenant, sub.Node.ID, &rows[i].Child)
		if err != nil {
			return err
		}
		have, err := kids.Rights(u.b.r, n)
		if err == nil {
			err = u.decide(n, have)
		}
		if err == nil && n.Kind == engine.KindFolder {
			err = u.each(&access.Subject{Node: n, Share: sub.Share, Path: in})
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func within(sub *access.Subject, folder engine.ID) bool {
	for _, up := range sub.Path {
		if up.ID == folder {
			return true
		}
	}
	return false
}

// A visitor is called for every node below a folder, parents before children.
type visitor func(n *engine.Node) error

// errTooMany ends a walk that met more than its bound.
var errTooMany = errors.New("more nodes than the bound")

// TooMany reports whether a copy or a move was refused because a folder holds more
// than one commit may take. In parts it is possible.
func TooMany(err error) bool { return errors.Is(err, errTooMany) }

// tooMany makes that error.
func tooMany(format string, args ...any) error {
	e := engine.E(engine.KindConflict, format, args...)
	e.Err = errTooMany
	return e
}

// descend visits what lives below a folder, at most *left nodes in all.
func (b *Batch) descend(folder engine.ID, left *int, visit visitor) error {
	rows, err := children(b.r, b.p.Tenant, folder, nil, *left+1)
	if err != nil {
		return err
	}
	if *left -= len(rows); *left < 0 {
		return errTooMany
	}
	for i := range rows {
		n, err := childNode(b.r, b.p.Tenant, folder, &rows[i].Child)
		if err != nil {
			return err
		}
		if err := visit(n); err != nil {
			return err
		}
		if n.Kind != engine.KindFolder {
			continue
		}
		if err := b.descend(n.ID, left, visit); err != nil {
			return err
		}
	}
	return nil
}
