package tree

import (
	"context"
	"errors"
	"time"

	"scaidrive/engine"
	"scaidrive/engine/access"
	"scaidrive/engine/meta"
	"scaidrive/engine/meta/schema"
)

// The bounds of listings.
const (
	maxPage    = 1000 // entries in a page of a folder
	maxTree    = 5000 // entries in a page of a tree
	maxOffset  = 10000
	viewRows   = 5000 // records read in one view
	viewTime   = 40 * time.Millisecond
	maxExamine = 5000 // entries examined for a page of a folder
)

// A Page is a part of a listing. Total is exact when TotalExact.
type Page struct {
	Items      []*engine.Node
	Path       string
	Total      int
	TotalExact bool
	NextToken  string // empty: the end
}

// Children lists a folder, folders and files together in the order of their name
// keys. token continues a listing; with offset it is KindInvalid.
// At most 5,000 entries are examined, then the page ends with a token.
// A listing that does not agree with the folder's counts and digest is KindDamaged;
// over several pages too, unless more than 5,000 things changed in the share
// between two of them.
func (s *Service) Children(ctx context.Context, p *engine.Principal, folder engine.ID, limit, offset int, token string) (*Page, error) {
	switch {
	case limit < 1 || limit > maxPage:
		return nil, engine.Invalid("limit", "limit is 1 to %d", maxPage)
	case offset < 0 || offset+limit > maxOffset:
		return nil, engine.Invalid("offset", "offset and limit together are at most %d; use page_token beyond that", maxOffset)
	case token != "" && offset != 0:
		return nil, engine.Invalid("page_token", "page_token and offset can't be used together")
	}
	c := childrenPager{s: s, p: p, limit: limit, skip: offset, page: &Page{TotalExact: true}}
	c.l = &listing{root: folder, exact: true, levels: []level{{folder: folder}}}
	if token != "" {
		l, err := s.tokens.open(p, tokenChildren, token)
		if err != nil {
			return nil, err
		}
		if l.root != folder || len(l.levels) != 1 {
			return nil, engine.Invalid("page_token", "The page token is of another folder")
		}
		c.l = l
	}
	for !c.done {
		if err := s.db.View(ctx, c.view); err != nil {
			return nil, s.confirm(ctx, p.Tenant, err, token != "")
		}
	}
	return c.page, nil
}

// childrenPager makes one page of a folder, over as many views as it takes.
type childrenPager struct {
	s           *Service
	p           *engine.Principal
	l           *listing
	limit, skip int
	examined    int
	page        *Page
	done        bool
}

func (c *childrenPager) view(v *meta.View) error {
	sub, err := find(v, c.p, c.l.root, engine.KindFolder)
	if err != nil {
		return err
	}
	if c.l.share.IsZero() {
		c.l.share, c.l.seq, c.l.cursor = sub.Share.ID, sub.Share.Seq, sub.Share.Seq
	}
	if c.l.share != sub.Share.ID { // moved to another share meanwhile: another change log
		c.l.share, c.l.seq, c.l.exact = sub.Share.ID, sub.Share.Seq, false
	}
	if err := c.l.catchUp(v, c.p.Tenant, sub.Share); err != nil {
		return err
	}
	c.page.Path = Locate(sub).Path
	c.page.Total = int(sub.Node.LiveFiles + sub.Node.LiveFolders)
	lv := &c.l.levels[0]

	want := min(c.skip+c.limit-len(c.page.Items), viewRows/2)
	rows, err := children(v, c.p.Tenant, lv.folder, lv.after, want+1)
	if err != nil {
		return err
	}
	last := len(rows) <= want
	below := append(sub.Path[:len(sub.Path):len(sub.Path)], sub.Node)
	for i := range rows[:min(len(rows), want)] {
		if err := c.take(v, sub.Share, below, lv, &rows[i]); err != nil {
			return err
		}
	}
	switch {
	case last && c.l.exact && !lv.tally.agrees(sub.Node):
		return &errSuspect{lv.folder}
	case last:
		c.done = true
	case len(c.page.Items) == c.limit || c.examined >= maxExamine:
		c.done = true
		c.page.NextToken = c.s.tokens.seal(c.p, tokenChildren, c.l)
	}
	return nil
}

// take passes one row: it is skipped, shown or out of sight.
func (c *childrenPager) take(r schema.Reader, sh *engine.Share, below []*engine.Node, lv *level, row *child) error {
	if c.skip > 0 {
		c.skip--
		lv.pass(c.p.Tenant, row)
		return nil
	}
	n, err := childNode(r, c.p.Tenant, lv.folder, &row.Child)
	if err != nil {
		return err
	}
	see, err := visible(r, c.p, sh, below, n)
	if err != nil {
		return err
	}
	lv.pass(c.p.Tenant, row)
	c.examined++
	if see {
		c.page.Items = append(c.page.Items, n)
	} else {
		c.page.Total--
		c.page.TotalExact = false
	}
	return nil
}

// visible decides READ on a child of a folder that the caller may read. What has
// no entries and no cut of its own is decided by its folder.
func visible(r schema.Reader, p *engine.Principal, sh *engine.Share, below []*engine.Node, n *engine.Node) (bool, error) {
	if n.Entries == (engine.Seal{}) && !n.CutOff {
		return true, nil
	}
	rights, err := access.Rights(r, p, &access.Subject{Node: n, Share: sh, Path: below})
	return rights&engine.RightRead != 0, err
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
