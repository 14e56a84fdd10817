package tree

import (
	"bytes"
	"context"
	"errors"
	"slices"

	"scaidrive/engine"
	"scaidrive/engine/meta"
	"scaidrive/engine/meta/schema"
	"scaidrive/engine/names"
)

// Trim gives back the memory of what makes only speed.
func (s *Service) Trim() { s.ranks.clear() }

// listRanked makes a page of a folder by its ranking; nil: that can't be, and the
// folder is gone through as for every page. A ranking is made for folders in shares
// in which nothing restricts, so that one decision covers all children; each
// that is shown is read and decided about all the same.
func (s *Service) listRanked(ctx context.Context, pg *pager, behind *rank) (*Page, error) {
	var made *ranking
	for range 3 {
		c := rankedPager{pager: pg, behind: behind, ranking: made}
		if err := s.db.View(ctx, c.view); err != nil || c.done || c.unfit {
			if err != nil || c.unfit {
				return nil, err
			}
			return pg.page, nil
		}
		var err error
		if made, err = s.ranked(ctx, pg, c.key); made == nil || err != nil {
			return nil, err
		}
	}
	return nil, nil
}

// rankedPager makes a page in one view.
type rankedPager struct {
	*pager
	behind  *rank
	ranking *ranking // one that was just made
	key     rankingKey
	done    bool
	unfit   bool
}

func (c *rankedPager) view(v *meta.View) error {
	*c.page = Page{TotalExact: true, Position: -1}
	if err := c.enter(v); err != nil {
		return err
	}
	folder, sh := c.sub.Node, c.sub.Share
	if c.unfit = !c.open() || folder.LiveFiles+folder.LiveFolders > maxRanked; c.unfit {
		return nil
	}
	c.key = rankingKey{c.p.Tenant, sh.ID, folder.ID, c.spec.Sort, c.spec.Desc}
	k := c.ranking
	if k == nil {
		k = c.s.ranks.get(c.key)
	}
	if k == nil || k.rankingKey != c.key {
		return nil
	}
	k, err := k.upTo(v, sh, folder)
	if err != nil {
		return err
	}
	if k != nil {
		c.done, err = c.cut(v, k)
	}
	if err != nil {
		return err
	}
	if !c.done {
		c.s.ranks.drop(c.key)
		*c.page = Page{Position: -1}
		return nil
	}
	c.s.ranks.put(k)
	return nil
}

// cut takes the page out of a ranking. false: a node is not as the ranking says.
func (c *rankedPager) cut(r schema.Reader, k *ranking) (bool, error) {
	at := c.begin(k)
	more := false
	var last *ranked
	for ; at < len(k.entries); at++ {
		e := &k.entries[at]
		if !c.match.Matches(k.nameKey(e)) {
			continue
		}
		if more = len(c.page.Items) == c.spec.Limit; more {
			break
		}
		n, err := c.read(r, k, e)
		if n == nil || err != nil {
			return false, err
		}
		entry, see, err := c.look(r, n)
		if !see || err != nil {
			return false, err
		}
		c.show(entry)
		last = e
	}
	if more {
		end := k.rank(last)
		c.page.NextToken = c.s.tokens.sealFor(c.p, tokenSorted, c.spec.asked(), end.append(nil))
	}
	c.page.Total = c.total(k)
	return true, nil
}

// begin finds the entry that the page begins with, and tells its position.
func (c *rankedPager) begin(k *ranking) int {
	from, skip := k.behind(c.behind), c.spec.Offset
	if s := c.spec.Seek; s != nil {
		from, skip = 0, s.Position
		if s.Begins != "" || !s.Item.IsZero() {
			var found bool
			if skip, found = c.seek(k, s); !found {
				c.page.Position = c.total(k)
				return len(k.entries)
			}
		}
	}
	if c.match == nil {
		c.page.Position = min(from+skip, len(k.entries))
		return c.page.Position
	}
	before, at := 0, 0 // those that match
	for skip += c.matching(k, from); at < len(k.entries) && before < skip; at++ {
		if c.match.Matches(k.nameKey(&k.entries[at])) {
			before++
		}
	}
	c.page.Position = before
	return at
}

// matching counts the first entries of a ranking that match.
func (c *rankedPager) matching(k *ranking, n int) int {
	found := 0
	for i := range k.entries[:n] {
		if c.match.Matches(k.nameKey(&k.entries[i])) {
			found++
		}
	}
	return found
}

// seek finds the position of what is looked for.
func (c *rankedPager) seek(k *ranking, s *Seek) (int, bool) {
	begins := []byte(names.Key(s.Begins))
	first, at := -1, 0
	for i := range k.entries {
		e := &k.entries[i]
		key := k.nameKey(e)
		if !c.match.Matches(key) {
			continue
		}
		if s.Item.IsZero() && bytes.HasPrefix(key, begins) || e.id == s.Item {
			if at >= s.Position || !s.Item.IsZero() {
				return at, true
			}
			if first < 0 {
				first = at
			}
		}
		at++
	}
	return first, first >= 0
}

// read reads an entry's row and node; nil: one of them is not as the ranking says.
// Going through the folder tells then what is damaged.
func (c *rankedPager) read(r schema.Reader, k *ranking, e *ranked) (*engine.Node, error) {
	row, err := schema.GetChild(r, c.p.Tenant, c.l.root, k.nameKey(e))
	if errors.Is(err, schema.ErrNotFound) || err == nil && (row.Node != e.id || row.Kind != e.kind) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	n, err := childNode(r, c.p.Tenant, c.l.root, row)
	if err != nil && engine.KindOf(err) == engine.KindDamaged || err == nil && !k.holds(e, n) {
		return nil, nil
	}
	return n, err
}

func (c *rankedPager) total(k *ranking) int {
	if c.match == nil {
		return len(k.entries)
	}
	return c.matching(k, len(k.entries))
}

// ranked makes a folder's ranking; nil: it changes too much.
func (s *Service) ranked(ctx context.Context, pg *pager, key rankingKey) (*ranking, error) {
	if n := pg.sub.Node; n.LiveFiles+n.LiveFolders > largeFolder {
		select {
		case s.large <- struct{}{}:
			defer func() { <-s.large }()
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	own := *pg
	own.page = &Page{}
	own.l = &listing{root: key.folder, exact: true, levels: []level{{folder: key.folder}}}
	m := ranker{pager: &own, k: &ranking{rankingKey: key}}
	for !m.listed && !m.failed {
		if err := s.db.View(ctx, m.list); err != nil {
			return nil, err
		}
	}
	if key.by != SortType && key.by != SortFolders && !m.failed {
		m.order()
		for m.read < len(m.ids) {
			if err := s.db.View(ctx, m.nodes); err != nil {
				return nil, err
			}
		}
	}
	if m.failed {
		return nil, nil
	}
	m.k.entries = slices.Clip(m.k.entries)
	m.k.sort()
	s.ranks.made.Add(1)
	return m.k, nil
}

// A ranker makes a ranking: it lists the children, then it reads their nodes in
// the order of their IDs, which is how they are stored. What changes meanwhile is
// made up for by the change log.
type ranker struct {
	*pager
	k      *ranking
	begun  bool
	listed bool
	failed bool

	ids  []engine.ID // in order
	of   []uint32    // the entry of each
	read int
}

func (m *ranker) list(v *meta.View) error {
	if err := m.enter(v); err != nil {
		return err
	}
	if !m.begun {
		m.begun, m.k.since = true, m.l.seq
		n := m.sub.Node.LiveFiles + m.sub.Node.LiveFolders
		m.k.entries = make([]ranked, 0, min(n, maxRanked))
	}
	if m.failed = !m.open() || !m.l.exact || m.l.share != m.k.share || len(m.k.entries) > maxRanked; m.failed {
		return nil
	}
	lv, t, rows := &m.l.levels[0], m.p.Tenant, 0
	var last []byte
	err := schema.ScanChildren(v, t, m.l.root, lv.after, func(key []byte, c *engine.Child) (bool, error) {
		rows++
		m.k.entries = append(m.k.entries, m.k.add(key, c, nil))
		lv.tally.add(t, lv.folder, key, c)
		last = append(last[:0], key...)
		return rows < viewRows, nil
	})
	if err != nil {
		return err
	}
	if rows > 0 {
		lv.after = bytes.Clone(last)
	}
	if m.listed = rows < viewRows; m.listed {
		m.k.seq, m.k.tally = m.l.seq, lv.tally
		m.failed = !lv.tally.agrees(m.sub.Node) // going through the folder tells what it is
	}
	return nil
}

func (m *ranker) order() {
	m.of = make([]uint32, len(m.k.entries))
	for i := range m.of {
		m.of[i] = uint32(i)
	}
	slices.SortFunc(m.of, func(a, b uint32) int {
		return bytes.Compare(m.k.entries[a].id[:], m.k.entries[b].id[:])
	})
	m.ids = make([]engine.ID, len(m.of))
	for i, e := range m.of {
		m.ids[i] = m.k.entries[e].id
	}
}

// nodes reads nodes for a while.
func (m *ranker) nodes(v *meta.View) error {
	until := m.s.env.Now().Add(viewTime)
	from := m.read
	return schema.EachNode(v, m.p.Tenant, m.ids[from:], func(i int, n *engine.Node) (bool, error) {
		e := &m.k.entries[m.of[from+i]]
		m.read++
		if n == nil || n.Parent != m.k.folder || n.Kind != e.kind || !n.DeletedAt.IsZero() {
			if m.k.unsure == nil {
				m.k.unsure = map[engine.ID]struct{}{}
			}
			m.k.unsure[e.id] = struct{}{}
			return true, nil
		}
		e.number = rankOf(m.k.by, nil, &engine.Child{Kind: e.kind}, n).number
		return i < viewRows && (i%256 != 255 || m.s.env.Now().Before(until)), nil
	})
}
