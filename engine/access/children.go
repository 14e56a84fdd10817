package access

import (
	"scaidrive/engine"
	"scaidrive/engine/meta/schema"
)

// Children decides about what lies in one folder. What comes from above is decided
// once for all files and once for all folders, and what a child says itself on top of
// it, so that a listing costs hardly more than one decision. It is good for one view.
type Children struct {
	p     *engine.Principal
	share *engine.Share
	path  []*engine.Node // from the share's root to the folder

	plain [2]engine.Right // of files, of folders
	known [2]bool
	ways  *Ways // nil: not needed yet
}

// ChildrenOf begins decisions about the children of the last folder of a path that
// begins at the share's root.
func ChildrenOf(p *engine.Principal, share *engine.Share, path []*engine.Node) *Children {
	return &Children{p: p, share: share, path: path}
}

// Rights is [Rights] for a child.
func (c *Children) Rights(r schema.Reader, n *engine.Node) (engine.Right, error) {
	k := 0
	if n.Kind == engine.KindFolder {
		k = 1
	}
	if !c.known[k] {
		like := &engine.Node{Kind: n.Kind, Parent: n.Parent} // anything of the kind that says nothing itself
		rights, err := Rights(r, c.p, &Subject{Node: like, Share: c.share, Path: c.path})
		if err != nil {
			return 0, err
		}
		c.plain[k], c.known[k] = rights, true
	}
	return onTop(r, c.p, c.share, n, c.plain[k])
}

// See is [See] for a live child.
func (c *Children) See(r schema.Reader, n *engine.Node) (Sight, engine.Right, error) {
	have, err := c.Rights(r, n)
	switch {
	case err != nil:
		return Hidden, 0, err
	case have&engine.RightRead != 0:
		return Whole, have, nil
	case n.Kind != engine.KindFolder || c.share.Exceptions.Count == 0:
		return Hidden, 0, nil
	}
	if c.ways == nil {
		if c.ways, err = WaysIn(r, c.p, c.share); err != nil {
			return Hidden, 0, err
		}
	}
	way, err := c.ways.Has(r, n, c.path)
	if !way || err != nil {
		return Hidden, 0, err
	}
	return Bare, 0, nil
}
