package access

import (
	"errors"
	"maps"
	"time"

	"scaidrive/engine"
	"scaidrive/engine/meta/schema"
)

// Ways are the folders of a share that somebody may not read, but that lead to
// something below that they may: of those they see the name and nothing else.
//
// What leads there is found from the other end: by the entries that name the user or
// a group of theirs, and, for who was denied something, by the cuts from inheritance.
// Each such node that may be read makes ways of all folders above it. Below a node
// whose entries apply to some of what lies there and not to the rest (files only,
// one level, not to itself) any folder may be a way; of those it is asked when
// somebody comes to them.
//
// They are remembered at the principal with the generations of the tenant's
// principals and of the share's access, and end with the first role that does. They
// are good for one view.
type Ways struct {
	p     *engine.Principal
	share *engine.Share

	folders map[engine.ID]struct{}
	led     map[engine.ID]struct{} // folders above what is in the trash
	uneven  map[engine.ID]struct{} // nodes whose entries don't apply alike to all below
	loose   []*Subject             // the same: what they lead to depends on what lies there
	asked   map[engine.ID]bool     // of this view
}

// The bounds of what is looked at for ways. Beyond them a folder is no way: it is
// hidden, and what it leads to is reached by its ID only.
const (
	maxSearch  = 2000   // children, for a folder below an uneven node
	maxKept    = 20_000 // ways that are remembered at a principal
	maxLeading = 1_000_000
)

// WaysIn finds the ways of a principal in a share.
func WaysIn(r schema.Reader, p *engine.Principal, sh *engine.Share) (*Ways, error) {
	w := &Ways{p: p, share: sh}
	if p.User.IsZero() || sh.Exceptions.Count == 0 {
		return w, nil
	}
	c, st, err := stand(r, p, sh)
	if err != nil || st.admin {
		return w, err
	}
	if k, ok := p.Memo.Load().(*known); ok && committed(r) {
		if s, ok := k.shares[sh.ID]; ok && s.ways != nil && s.gen == sh.AccessGen && s.live(p.At) {
			w.folders, w.led, w.uneven, w.loose = s.ways.folders, s.ways.led, s.ways.uneven, s.ways.loose
			return w, w.loosely(r)
		}
	}
	f := finder{r: r, w: w, c: c, st: st, leads: map[engine.ID]struct{}{}}
	if err := f.find(); err != nil {
		return nil, err
	}
	if committed(r) && len(w.folders)+len(w.led) <= maxKept {
		remember(p, sh.ID, func(s *knownStanding) {
			if s.gen == sh.AccessGen {
				s.ways = &Ways{folders: w.folders, led: w.led, uneven: w.uneven, loose: w.loose}
			}
		})
	}
	return w, w.loosely(r)
}

// Named reports whether an entry in a share names the principal or a group of theirs, so
// that they may have other rights somewhere in it than on its root.
func Named(r schema.Reader, p *engine.Principal, sh *engine.Share) (found bool, err error) {
	if p.User.IsZero() || sh.Exceptions.Count == 0 {
		return false, nil
	}
	c, _, err := stand(r, p, sh)
	if err != nil {
		return false, err
	}
	for _, who := range append([]engine.ID{c.User, {}}, c.Groups...) {
		err := schema.ScanNamed(r, p.Tenant, who, sh.ID, func(engine.ID, *engine.Named) (bool, error) {
			found = true
			return false, nil
		})
		if err != nil || found {
			return found, err
		}
	}
	return false, nil
}

// loosely adds what uneven nodes lead to now. What was remembered is not changed.
func (w *Ways) loosely(r schema.Reader) error {
	if len(w.loose) == 0 {
		return nil
	}
	w.folders = maps.Clone(w.folders)
	for _, sub := range w.loose {
		left := maxSearch
		found, err := w.search(r, sub.Node, sub.Path, &left)
		if err != nil {
			return err
		}
		if found {
			w.folders[sub.Node.ID] = struct{}{}
			w.above(sub)
		}
	}
	return nil
}

// above makes ways of all folders above a node.
func (w *Ways) above(sub *Subject) {
	for i := len(sub.Path) - 1; i >= 0; i-- {
		id := sub.Path[i].ID
		if _, known := w.folders[id]; known {
			return // and those above it
		}
		w.folders[id] = struct{}{}
	}
}

// live reports whether what is remembered holds at a moment.
func (s *knownStanding) live(at time.Time) bool { return s.until.IsZero() || at.Before(s.until) }

// remember changes what is known of a principal for a share, if anything is.
func remember(p *engine.Principal, share engine.ID, change func(*knownStanding)) {
	k, ok := p.Memo.Load().(*known)
	if !ok {
		return
	}
	s, ok := k.shares[share]
	if !ok {
		return
	}
	change(&s)
	next := &known{circle: k.circle, gen: k.gen, shares: make(map[engine.ID]knownStanding, len(k.shares))}
	for id, other := range k.shares {
		next.shares[id] = other
	}
	next.shares[share] = s
	p.Memo.Store(next)
}

// None reports whether nothing is a way.
func (w *Ways) None() bool { return len(w.folders) == 0 && len(w.uneven) == 0 }

// Led reports whether a folder in the trash leads to something in it that the
// principal may read there.
func (w *Ways) Led(r schema.Reader, sub *Subject) (bool, error) {
	if _, led := w.led[sub.Node.ID]; led || !w.below(sub.Node, sub.Path) {
		return led, nil
	}
	left := maxSearch
	return w.search(r, sub.Node, sub.Path, &left)
}

// Has reports whether a live folder that the principal may not read leads to
// something that they may. path are the folders above it, from the share's root.
func (w *Ways) Has(r schema.Reader, n *engine.Node, path []*engine.Node) (bool, error) {
	if n.Kind != engine.KindFolder || w.None() {
		return false, nil
	}
	if _, ok := w.folders[n.ID]; ok {
		return true, nil
	}
	if !w.below(n, path) {
		return false, nil
	}
	if yes, ok := w.asked[n.ID]; ok {
		return yes, nil
	}
	left := maxSearch
	yes, err := w.search(r, n, path, &left)
	if err == nil {
		if w.asked == nil {
			w.asked = map[engine.ID]bool{}
		}
		w.asked[n.ID] = yes
	}
	return yes, err
}

// below reports whether a node is, or lies below, one with uneven entries.
func (w *Ways) below(n *engine.Node, path []*engine.Node) bool {
	if len(w.uneven) == 0 {
		return false
	}
	if _, ok := w.uneven[n.ID]; ok {
		return true
	}
	for _, up := range path {
		if _, ok := w.uneven[up.ID]; ok {
			return true
		}
	}
	return false
}

// search looks below a folder for anything that may be read.
func (w *Ways) search(r schema.Reader, n *engine.Node, path []*engine.Node, left *int) (bool, error) {
	below := append(path[:len(path):len(path)], n)
	if len(below) > maxDepth {
		return false, damage(n.ID, "its ancestors come to no root")
	}
	kids := ChildrenOf(w.p, w.share, below)
	var folders []*engine.Node
	found := false
	err := schema.ScanChildren(r, w.p.Tenant, n.ID, nil, func(_ []byte, c *engine.Child) (bool, error) {
		if *left--; *left < 0 {
			return false, nil
		}
		child, err := schema.GetNode(r, w.p.Tenant, c.Node)
		if errors.Is(err, schema.ErrNotFound) {
			return false, damage(n.ID, "a child is missing")
		}
		if err != nil {
			return false, err
		}
		rights, err := kids.Rights(r, child)
		if found = rights&engine.RightRead != 0; err != nil || found {
			return false, err
		}
		if child.Kind == engine.KindFolder {
			folders = append(folders, child)
		}
		return true, nil
	})
	if err != nil || found {
		return found, err
	}
	for _, f := range folders {
		if _, found = w.folders[f.ID]; found {
			return true, nil
		}
		if found, err = w.search(r, f, below, left); err != nil || found || *left < 0 {
			return found, err
		}
	}
	return false, nil
}

// A finder finds ways.
type finder struct {
	r     schema.Reader
	w     *Ways
	c     *Circle
	st    standing
	leads map[engine.ID]struct{} // that were looked at
}

func (f *finder) find() error {
	f.w.folders, f.w.led, f.w.uneven = map[engine.ID]struct{}{}, map[engine.ID]struct{}{}, map[engine.ID]struct{}{}
	denied := false
	for _, who := range append([]engine.ID{f.c.User, {}}, f.c.Groups...) {
		var nodes []engine.ID
		err := schema.ScanNamed(f.r, f.w.p.Tenant, who, f.w.share.ID, func(id engine.ID, n *engine.Named) (bool, error) {
			denied = denied || n.Denies
			if n.Leads {
				nodes = append(nodes, id)
			}
			return len(f.leads)+len(nodes) < maxLeading, nil
		})
		if err != nil {
			return err
		}
		for _, id := range nodes {
			if err := f.take(id); err != nil {
				return err
			}
		}
	}
	if denied && f.st.rights&engine.RightRead != 0 {
		// A cut takes the denial away and leaves the role.
		err := schema.ScanExceptions(f.r, f.w.p.Tenant, f.w.share, func(id engine.ID, e *engine.Exception) error {
			if !e.CutOff {
				return nil
			}
			return f.take(id)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// take looks at a node that may lead somewhere.
func (f *finder) take(id engine.ID) error {
	if _, done := f.leads[id]; done {
		return nil
	}
	f.leads[id] = struct{}{}
	sub, err := Resolve(f.r, f.w.p.Tenant, id)
	if err != nil {
		if engine.KindOf(err) == engine.KindNotFound {
			return nil // it is being removed for good
		}
		return err
	}
	if sub.Share.ID != f.w.share.ID {
		return nil
	}
	have, err := Rights(f.r, f.w.p, sub)
	if err != nil {
		return err
	}
	if have&engine.RightRead != 0 && sub.Trashed != nil {
		for _, up := range sub.Path {
			f.w.led[up.ID] = struct{}{}
		}
	}
	if have&engine.RightRead != 0 && sub.Trashed == nil {
		f.w.above(sub)
	}
	if sub.Node.Kind != engine.KindFolder {
		return nil
	}
	entries, err := schema.GetEntries(f.r, f.w.p.Tenant, sub.Node)
	if err != nil {
		return err
	}
	for i := range entries {
		e := &entries[i]
		even := e.AppliesTo == engine.AppliesToThisAndDescendants && !e.OneLevel
		if even || e.Rights&engine.RightRead == 0 || !f.c.holds(e) {
			continue
		}
		if sub.Trashed != nil {
			f.w.led[id] = struct{}{}
			for _, up := range sub.Path {
				f.w.led[up.ID] = struct{}{}
			}
		} else {
			f.w.uneven[id] = struct{}{}
			f.w.loose = append(f.w.loose, sub)
		}
		break
	}
	return nil
}
