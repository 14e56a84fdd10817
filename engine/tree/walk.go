package tree

import (
	"context"
	"time"

	"scaidrive/engine"
	"scaidrive/engine/access"
	"scaidrive/engine/meta"
	"scaidrive/engine/names"
)

// A Listing is a page of a subtree, parents before children.
type Listing struct {
	Entries   []*engine.Node
	Bare      []bool // which of Entries are shown only as the way to something, see access.Name
	NextToken string
	Cursor    uint64 // the share's sequence at the moment the listing began
}

// Walk lists everything below a folder, page by page (limit at most 5,000), depth
// first: each folder is followed by what lies in it. folder may be zero or the
// share's ID for its root.
//
// Replaying the change log from Cursor over the listing gives the present state:
// a folder that was begun is finished wherever it is moved meanwhile, and one
// that is moved before it was met has a row in the log. Every folder is compared
// with its counts and digest when its last child was listed, as Children does.
func (s *Service) Walk(ctx context.Context, p *engine.Principal, share, folder engine.ID, limit int, token string) (*Listing, error) {
	if limit < 1 || limit > maxTree {
		return nil, engine.Invalid("limit", "limit is 1 to %d", maxTree)
	}
	if folder.IsZero() {
		folder = share
	}
	w := walker{s: s, p: p, limit: limit}
	w.l = &listing{root: folder, share: share, exact: true, levels: []level{{folder: folder}}}
	w.fresh = token == ""
	if token != "" {
		l, err := s.tokens.open(p, tokenTree, token)
		if err != nil {
			return nil, err
		}
		if l.root != folder || l.share != share {
			return nil, engine.Invalid("page_token", "The page token is of another folder")
		}
		w.l = l
	}
	for len(w.entries) < limit && len(w.l.levels) > 0 {
		if err := s.db.View(ctx, w.view); err != nil {
			return nil, s.confirm(ctx, p.Tenant, err, token != "")
		}
	}
	out := &Listing{Entries: w.entries, Bare: w.bare, Cursor: w.l.cursor}
	if len(w.l.levels) > 0 {
		out.NextToken = s.tokens.seal(p, tokenTree, w.l)
	}
	return out, nil
}

// walker makes one page of a tree. Its listing's levels are the folders that
// were begun and are not finished, outermost first.
type walker struct {
	s       *Service
	p       *engine.Principal
	l       *listing
	limit   int
	fresh   bool
	entries []*engine.Node
	bare    []bool

	// Of the present view: what is known of each level, and rows read ahead.
	open   []openLevel
	budget int
	until  time.Time
}

type openLevel struct {
	node  *engine.Node
	share *engine.Share
	below []*engine.Node // the path of what lies in it
	kids  *access.Children
	rows  []child
	last  bool // there are no rows beyond these
}

func (o *openLevel) decide(p *engine.Principal) { o.kids = access.ChildrenOf(p, o.share, o.below) }

func (w *walker) view(v *meta.View) error {
	root, err := enterable(v, w.p, w.l.root)
	if err != nil {
		return err
	}
	if root.Share.ID != w.l.share {
		return access.NotFound()
	}
	if w.fresh {
		w.l.cursor, w.l.seq, w.fresh = root.Share.Seq, root.Share.Seq, false
	}
	if err := w.l.catchUp(v, w.p.Tenant, root.Share); err != nil {
		return err
	}
	if err := w.resume(v, root); err != nil {
		return err
	}
	w.budget, w.until = viewRows, w.s.env.Now().Add(viewTime)
	for len(w.entries) < w.limit && len(w.l.levels) > 0 && w.budget > 0 {
		if err := w.step(v); err != nil {
			return err
		}
		if len(w.entries)%256 == 0 && w.s.env.Now().After(w.until) {
			return nil
		}
	}
	return w.finish(v)
}

// resume finds the levels again in a new view. One that was moved is looked up by
// itself; one that was deleted or is out of sight now is dropped, and its row in
// the change log tells the rest.
func (w *walker) resume(v *meta.View, root *access.Subject) error {
	w.open = w.open[:0]
	kept := w.l.levels[:0]
	for i := range w.l.levels {
		lv := w.l.levels[i]
		sub := root
		if lv.folder != w.l.root {
			var err error
			sub, err = enterable(v, w.p, lv.folder)
			if k := engine.KindOf(err); err != nil && (k == engine.KindNotFound || k == engine.KindGone) {
				continue
			}
			if err != nil {
				return err
			}
			if sub.Share.ID != w.l.share {
				continue
			}
		}
		kept = append(kept, lv)
		w.open = append(w.open, openLevel{
			node: sub.Node, share: sub.Share,
			below: append(sub.Path[:len(sub.Path):len(sub.Path)], sub.Node),
		})
		w.open[len(w.open)-1].decide(w.p)
	}
	w.l.levels = kept
	return nil
}

// step lists one child of the innermost folder, or ends that folder.
func (w *walker) step(v *meta.View) error {
	top := len(w.l.levels) - 1
	lv, o := &w.l.levels[top], &w.open[top]
	if len(o.rows) == 0 && !o.last {
		n := min(512, w.limit-len(w.entries)+1, w.budget+1)
		rows, err := children(v, w.p.Tenant, lv.folder, lv.after, n)
		if err != nil {
			return err
		}
		o.rows, o.last = rows, len(rows) < n
		w.budget -= len(rows)
	}
	if len(o.rows) == 0 {
		return w.end()
	}
	row := &o.rows[0]
	n, err := childNode(v, w.p.Tenant, lv.folder, &row.Child)
	if err != nil {
		return err
	}
	sight, _, err := o.kids.See(v, n)
	if err != nil {
		return err
	}
	lv.pass(w.p.Tenant, row)
	o.rows = o.rows[1:]
	w.budget--
	if sight == access.Hidden {
		return nil
	}
	if sight == access.Bare {
		w.entries = append(w.entries, access.Name(n))
	} else {
		w.entries = append(w.entries, n)
	}
	w.bare = append(w.bare, sight == access.Bare)
	if n.Kind == engine.KindFolder {
		return w.push(n)
	}
	return nil
}

// push begins a folder.
func (w *walker) push(n *engine.Node) error {
	if len(w.l.levels) > names.MaxLevels {
		return damagedListing(n.ID, nil)
	}
	up := &w.open[len(w.open)-1]
	w.l.levels = append(w.l.levels, level{folder: n.ID})
	w.open = append(w.open, openLevel{
		node: n, share: up.share,
		below: append(up.below[:len(up.below):len(up.below)], n),
	})
	w.open[len(w.open)-1].decide(w.p)
	return nil
}

// end verifies the innermost folder and leaves it.
func (w *walker) end() error {
	top := len(w.l.levels) - 1
	if w.l.exact && !w.l.levels[top].tally.agrees(w.open[top].node) {
		return &errSuspect{w.l.levels[top].folder}
	}
	w.l.levels, w.open = w.l.levels[:top], w.open[:top]
	return nil
}

// finish ends the folders whose last child is in this page, so that a listing
// whose last entry fills a page needs no empty page after it.
func (w *walker) finish(v *meta.View) error {
	for len(w.l.levels) > 0 && len(w.entries) >= w.limit {
		top := len(w.l.levels) - 1
		o := &w.open[top]
		if len(o.rows) == 0 && !o.last {
			rows, err := children(v, w.p.Tenant, w.l.levels[top].folder, w.l.levels[top].after, 1)
			if err != nil {
				return err
			}
			o.rows, o.last = rows, len(rows) == 0
		}
		if len(o.rows) > 0 {
			return nil
		}
		if err := w.end(); err != nil {
			return err
		}
	}
	return nil
}
