package tree

import (
	"context"
	"errors"
	"time"

	"scaidrive/engine"
	"scaidrive/engine/access"
	"scaidrive/engine/meta"
	"scaidrive/engine/meta/schema"
	"scaidrive/engine/names"
)

// The bounds of listings.
const (
	maxPage    = 1000 // entries in a page of a folder
	maxTree    = 5000 // entries in a page of a tree
	maxOffset  = 10000
	viewRows   = 5000 // records read in one view
	viewTime   = 40 * time.Millisecond
	maxExamine = 5000   // entries decided about for a page of a folder
	maxRows    = 200000 // rows of a folder read for a page, when a filter passes over most
)

// A Sort is an order of a folder's entries. Those that are equal in it are in the
// order of their name keys.
type Sort uint8

// The orders.
const (
	SortName     Sort = iota // by the key of the name, files and folders together
	SortSize                 // folders first, then by size in bytes
	SortModified             // by the content's time
	SortType                 // folders first, then by the name's extension
	SortFolders              // folders first in either direction, each by the key of the name
)

// A Seek is where in a listing a page begins, in place of an offset and a token.
type Seek struct {
	Position int // entries before it
	// Begins goes on from there to the first name that begins so, and from the end of
	// the folder to its beginning. Without one the page is empty.
	Begins string
	Item   engine.ID // the page begins with this entry; without it, it is empty
}

// A ListSpec is what is asked of a folder.
type ListSpec struct {
	Folder engine.ID // a share's ID is its root
	Share  engine.ID // that it must lie in; zero: any
	Sort   Sort
	Desc   bool   // from the last to the first
	Filter string // only names with a word that begins so; "": all
	// Deleted shows, too, what was deleted from the folder itself.
	Deleted bool
	Rights  bool // tell the caller's rights on each entry

	Limit, Offset int
	Token         string // goes on with a listing; not with Offset
	Seek          *Seek  // not with Offset or Token, nor by SortName
}

// A Page is a part of a listing. Total is exact when TotalExact, else a lower
// bound.
type Page struct {
	Items      []*engine.Node
	Bare       []bool         // which of Items are shown only as the way to something, see access.Name
	Rights     []engine.Right // one for each of Items, when they were asked for
	Path       string
	Total      int
	TotalExact bool
	NextToken  string // empty: the end
	// Position is how many entries the listing has before the page. It is told, and
	// can be asked for, where a ranking serves the listing; else it is -1.
	Position int
}

// Children lists all of a folder by name.
func (s *Service) Children(ctx context.Context, p *engine.Principal, folder engine.ID, limit, offset int, token string) (*Page, error) {
	return s.List(ctx, p, ListSpec{Folder: folder, Limit: limit, Offset: offset, Token: token})
}

// List lists a folder. A token of another folder, order or filter is KindInvalid,
// and so is one together with an offset.
//
// By name, in either direction, a page costs what it shows: the listing begins
// where the token says. At most 5,000 entries are decided about, or 200,000 rows
// passed over by a filter, then the page ends with a token, and may be empty. By
// another order the folder is ranked, and pages are cut out of the ranking, at any
// position, which follows the change log; where something in the share restricts, in folders of more
// than 250,000 entries, and with what was deleted, every page goes through the whole
// folder, in short views, and keeps the entries of the page; there a Seek is
// KindInvalid.
//
// A listing that does not agree with the folder's counts and digest is KindDamaged;
// over several pages too, unless more than 5,000 things changed in the share
// between two of them.
func (s *Service) List(ctx context.Context, p *engine.Principal, spec ListSpec) (*Page, error) {
	switch {
	case spec.Limit < 1 || spec.Limit > maxPage:
		return nil, engine.Invalid("limit", "limit is 1 to %d", maxPage)
	case spec.Offset < 0 || spec.Offset+spec.Limit > maxOffset:
		return nil, engine.Invalid("offset", "offset and limit together are at most %d; use page_token beyond that", maxOffset)
	case spec.Token != "" && spec.Offset != 0:
		return nil, engine.Invalid("page_token", "page_token and offset can't be used together")
	case spec.Sort > SortFolders:
		return nil, engine.Invalid("sort", "Unknown order")
	case spec.Seek != nil && (spec.Sort == SortName || spec.Deleted || spec.Offset != 0 || spec.Token != ""):
		return nil, noSeek()
	}
	match, err := names.NewFilter(spec.Filter)
	if err != nil {
		return nil, engine.Invalid("filter", "The filter is refused: %v", err)
	}
	pg := pager{s: s, p: p, spec: spec, match: match, page: &Page{TotalExact: true, Position: -1}}
	pg.l = &listing{root: spec.Folder, exact: true, levels: []level{{folder: spec.Folder}}, back: spec.Desc}
	if spec.Sort != SortName || spec.Deleted {
		return s.listSorted(ctx, &pg)
	}
	return s.listByName(ctx, &pg)
}

func noSeek() error {
	return engine.Invalid("position", "This listing has no positions; use page_token")
}

// asked is what a token of this listing is bound to.
func (l *ListSpec) asked() []byte {
	b := append([]byte{byte(l.Sort), 0, 0}, l.Folder[:]...)
	if l.Desc {
		b[1] = 1
	}
	if l.Deleted {
		b[2] = 1
	}
	return append(b, l.Filter...)
}

func (s *Service) listByName(ctx context.Context, pg *pager) (*Page, error) {
	c := childrenPager{pager: pg, skip: pg.spec.Offset}
	if pg.spec.Token != "" {
		l, err := s.tokens.openListing(pg.p, tokenChildren, pg.spec.asked(), pg.spec.Token)
		if err != nil {
			return nil, err
		}
		if l.root != pg.spec.Folder || len(l.levels) != 1 {
			return nil, badToken()
		}
		l.back = pg.spec.Desc
		c.l = l
	}
	for !c.done {
		if err := s.db.View(ctx, c.view); err != nil {
			return nil, s.confirm(ctx, pg.p.Tenant, err, pg.spec.Token != "")
		}
	}
	return c.page, nil
}

// pager is what makes a page of a folder, over as many views as it takes.
type pager struct {
	s     *Service
	p     *engine.Principal
	spec  ListSpec
	match *names.Filter
	l     *listing
	page  *Page

	// Of the present view.
	sub  *access.Subject
	kids *access.Children
}

// enter finds the folder in a new view and brings the tally up to it.
func (g *pager) enter(v *meta.View) error {
	sub, err := enterable(v, g.p, g.l.root)
	if err == nil && !g.spec.Share.IsZero() && sub.Share.ID != g.spec.Share {
		err = access.NotFound()
	}
	if err != nil {
		return err
	}
	if g.l.share.IsZero() {
		g.l.share, g.l.seq, g.l.cursor = sub.Share.ID, sub.Share.Seq, sub.Share.Seq
	}
	if g.l.share != sub.Share.ID { // moved to another share meanwhile: another change log
		g.l.share, g.l.seq, g.l.exact = sub.Share.ID, sub.Share.Seq, false
	}
	if err := g.l.catchUp(v, g.p.Tenant, sub.Share); err != nil {
		return err
	}
	g.page.Path = Locate(sub).Path
	g.sub = sub
	g.kids = access.ChildrenOf(g.p, sub.Share, append(sub.Path[:len(sub.Path):len(sub.Path)], sub.Node))
	return nil
}

// open reports whether one decision covers the folder: the share has nothing in it
// that restricts.
func (g *pager) open() bool { return g.sub.Share.Exceptions.Count == 0 }

// A shown is an entry as the caller sees it.
type shown struct {
	node   *engine.Node
	bare   bool
	rights engine.Right
}

// look decides what the caller sees of an entry; false: nothing.
func (g *pager) look(r schema.Reader, n *engine.Node) (shown, bool, error) {
	if !n.DeletedAt.IsZero() {
		rights, err := g.kids.Rights(r, n)
		return shown{n, false, rights}, rights&engine.RightRead != 0, err
	}
	sight, rights, err := g.kids.See(r, n)
	if sight == access.Bare {
		return shown{access.Name(n), true, 0}, true, err
	}
	return shown{n, false, rights}, sight == access.Whole, err
}

func (g *pager) show(e shown) {
	g.page.Items = append(g.page.Items, e.node)
	g.page.Bare = append(g.page.Bare, e.bare)
	if g.spec.Rights {
		g.page.Rights = append(g.page.Rights, e.rights)
	}
}

// childrenPager makes one page by name.
type childrenPager struct {
	*pager
	skip     int
	examined int // entries decided about
	rows     int // rows read
	ahead    int // rows read in one view with a filter
	done     bool
}

func (c *childrenPager) view(v *meta.View) error {
	if err := c.enter(v); err != nil {
		return err
	}
	lv := &c.l.levels[0]
	want := min(c.skip+c.spec.Limit-len(c.page.Items), viewRows/2)
	if c.match != nil { // few rows first, for a filter that fits most; then more and more
		c.ahead = min(max(2*c.ahead, want, 64), viewRows)
		want = c.ahead
	}
	rows, err := c.read(v, lv.after, want+1)
	if err != nil {
		return err
	}
	last, until := len(rows) <= want, c.s.env.Now().Add(viewTime)
	for i := range rows[:min(len(rows), want)] {
		if len(c.page.Items) == c.spec.Limit || c.examined >= maxExamine+c.spec.Offset || i%256 == 255 && c.s.env.Now().After(until) {
			last = false
			break
		}
		if err := c.take(v, lv, &rows[i]); err != nil {
			return err
		}
	}
	switch {
	case last && c.l.exact && !lv.tally.agrees(c.sub.Node):
		return &errSuspect{lv.folder}
	case last:
		c.done = true
	case len(c.page.Items) == c.spec.Limit || c.examined >= maxExamine+c.spec.Offset || c.rows >= maxRows:
		c.done = true
		c.page.NextToken = c.s.tokens.sealFor(c.p, tokenChildren, c.spec.asked(), c.l.append(nil))
	}
	c.count(last)
	return nil
}

func (c *childrenPager) read(v *meta.View, from []byte, n int) ([]child, error) {
	if c.spec.Desc {
		return childrenBack(v, c.p.Tenant, c.l.root, from, n)
	}
	return children(v, c.p.Tenant, c.l.root, from, n)
}

// count tells the total: the folder's own counts where they are those of what the
// caller sees, else what was seen so far.
func (c *childrenPager) count(end bool) {
	if c.open() && c.match == nil {
		c.page.Total, c.page.TotalExact = int(c.sub.Node.LiveFiles+c.sub.Node.LiveFolders), true
		return
	}
	c.page.Total, c.page.TotalExact = int(c.l.seen), end
}

// take passes one row: it is skipped, shown or out of sight.
func (c *childrenPager) take(r schema.Reader, lv *level, row *child) error {
	c.rows++
	if !c.match.Matches(row.key) {
		lv.pass(c.p.Tenant, row)
		return nil
	}
	if c.skip > 0 && c.open() {
		c.skip--
		c.l.seen++
		lv.pass(c.p.Tenant, row)
		return nil
	}
	n, err := childNode(r, c.p.Tenant, lv.folder, &row.Child)
	if err != nil {
		return err
	}
	e, see, err := c.look(r, n)
	if err != nil {
		return err
	}
	lv.pass(c.p.Tenant, row)
	c.examined++
	if !see {
		return nil
	}
	c.l.seen++
	if c.skip > 0 {
		c.skip--
		return nil
	}
	c.show(e)
	return nil
}

// confirm turns a suspicion into an answer. The tally of a listing over several
// pages was carried by a token, so before anything is called damaged the folder
// is counted again from its first child to its last.
func (s *Service) confirm(ctx context.Context, t engine.TenantNo, err error, carried bool) error {
	var suspect *errSuspect
	if !errors.As(err, &suspect) {
		return err
	}
	ok, rerr := s.recount(ctx, t, suspect.folder)
	switch {
	case rerr != nil:
		return rerr
	case !ok:
		return damagedListing(suspect.folder, err)
	case carried:
		return engine.Invalid("page_token", "The folder changed under this listing; begin it again")
	default:
		return engine.E(engine.KindConflict, "The folder changed under this listing; try again")
	}
}

// recount compares a folder's children with its record, in short views.
func (s *Service) recount(ctx context.Context, t engine.TenantNo, folder engine.ID) (bool, error) {
	l := &listing{exact: true, levels: []level{{folder: folder}}}
	agrees, done := false, false
	count := func(v *meta.View) error {
		sub, err := access.Resolve(v, t, folder)
		if err != nil {
			return err
		}
		if l.share != sub.Share.ID {
			*l = listing{share: sub.Share.ID, seq: sub.Share.Seq, exact: true, levels: []level{{folder: folder}}}
		}
		if err := l.catchUp(v, t, sub.Share); err != nil {
			return err
		}
		lv := &l.levels[0]
		rows, err := children(v, t, folder, lv.after, viewRows)
		if err != nil {
			return err
		}
		for i := range rows {
			lv.pass(t, &rows[i])
		}
		if done = len(rows) < viewRows; done {
			agrees = !l.exact || lv.tally.agrees(sub.Node)
		}
		return nil
	}
	for !done {
		if err := s.db.View(ctx, count); err != nil {
			return false, err
		}
	}
	return agrees, nil
}
