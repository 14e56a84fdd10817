package tree

import (
	"bytes"
	"cmp"
	"container/heap"
	"context"
	"encoding/binary"
	"errors"
	"slices"
	"strings"

	"scaidrive/engine"
	"scaidrive/engine/meta"
	"scaidrive/engine/meta/schema"
	"scaidrive/engine/names"
)

// A rank is the place of an entry in an order: by number, then text, then name
// key, then ID. In a listing's token it is where the next page begins:
//
//	i  number    u length  …  text    u length  …  key    16  ID
type rank struct {
	number int64
	text   string
	key    []byte
	id     engine.ID
}

// rankOf gives the rank of an entry. n is needed by size and time only.
func rankOf(by Sort, key []byte, c *engine.Child, n *engine.Node) rank {
	r := rank{key: key, id: c.Node}
	switch by {
	case SortSize:
		if r.number = -1; c.Kind == engine.KindFile {
			r.number = n.Size
		}
	case SortModified:
		r.number = n.ModifiedAt.UnixMicro()
	case SortType:
		if c.Kind == engine.KindFile {
			r.number, r.text = 1, extension(key)
		}
	case SortFolders:
		if c.Kind == engine.KindFile {
			r.number = 1
		}
	}
	return r
}

// extension is what follows the last dot of a key, if the dot is not its first byte.
func extension(key []byte) string {
	if i := bytes.LastIndexByte(key, '.'); i > 0 {
		return string(key[i+1:])
	}
	return ""
}

// compare orders ranks. desc turns the order round, but not that of names within
// what is equal, unless names are what is asked for.
func (r *rank) compare(o *rank, by Sort, desc bool) int {
	c := cmp.Compare(r.number, o.number)
	if c == 0 {
		c = strings.Compare(r.text, o.text)
	}
	if by == SortName {
		c = 0
	}
	return inOrder(c, bytes.Compare(r.key, o.key), bytes.Compare(r.id[:], o.id[:]), by, desc)
}

// inOrder puts together how two entries compare by what is asked for, by their name
// keys, and by their IDs.
func inOrder(c, key, id int, by Sort, desc bool) int {
	if desc {
		if by == SortName || by == SortFolders {
			key = -key
		}
		if by != SortFolders {
			c = -c
		}
	}
	return cmp.Or(c, key, id)
}

func (r *rank) append(b []byte) []byte {
	b = binary.AppendVarint(b, r.number)
	b = binary.AppendUvarint(b, uint64(len(r.text)))
	b = append(b, r.text...)
	b = binary.AppendUvarint(b, uint64(len(r.key)))
	b = append(b, r.key...)
	return append(b, r.id[:]...)
}

func parseRank(b []byte) (*rank, bool) {
	number, n := binary.Varint(b)
	if n <= 0 {
		return nil, false
	}
	t := tokenReader{b: b[n:]}
	r := &rank{number: number}
	size := t.uint()
	if size > maxKey {
		return nil, false
	}
	r.text = string(t.bytes(int(size)))
	if size = t.uint(); size > maxKey {
		return nil, false
	}
	r.key = t.bytes(int(size))
	r.id = t.id()
	return r, !t.bad && len(t.b) == 0
}

// A pick is an entry that belongs to the page as far as is known.
type pick struct {
	rank
	shown
}

// picks is a heap with the last in the order on top.
type picks struct {
	list []pick
	by   Sort
	desc bool
}

// Len implements heap.Interface.
func (k *picks) Len() int { return len(k.list) }

// Less implements heap.Interface.
func (k *picks) Less(i, j int) bool {
	return k.list[i].compare(&k.list[j].rank, k.by, k.desc) > 0
}

// Swap implements heap.Interface.
func (k *picks) Swap(i, j int) { k.list[i], k.list[j] = k.list[j], k.list[i] }

// Push implements heap.Interface.
func (k *picks) Push(x any) { k.list = append(k.list, x.(pick)) }

// Pop implements heap.Interface.
func (k *picks) Pop() any {
	last := k.list[len(k.list)-1]
	k.list = k.list[:len(k.list)-1]
	return last
}

// sortedPager makes one page of a folder in another order than its name keys',
// or with what was deleted from it: it goes through all of the folder and keeps as
// many entries behind the page's beginning as the page may have, and one more.
type sortedPager struct {
	*pager
	behind *rank // nil: from the beginning
	keep   int
	picks
	seen    int
	trashed engine.ID // the last deleted one that was met
	phase   int       // 0 children, 1 what was deleted, 2 the end
}

// Of folders with more than largeFolder entries only maxLarge are gone through at
// the same time; others wait.
const (
	largeFolder = 20_000
	maxLarge    = 2
)

func (s *Service) listSorted(ctx context.Context, pg *pager) (*Page, error) {
	pg.l.back = false
	c := sortedPager{pager: pg, keep: pg.spec.Offset + pg.spec.Limit + 1}
	c.picks.by, c.picks.desc = pg.spec.Sort, pg.spec.Desc
	if pg.spec.Token != "" {
		state, err := s.tokens.openFor(pg.p, tokenSorted, pg.spec.asked(), pg.spec.Token)
		if err != nil {
			return nil, err
		}
		r, ok := parseRank(state)
		if !ok {
			return nil, badToken()
		}
		c.behind = r
	}
	if pg.spec.Deleted && !s.prepared.Load() {
		return nil, errNotPrepared()
	}
	if !pg.spec.Deleted {
		page, err := s.listRanked(ctx, pg, c.behind)
		if err != nil || page != nil {
			return page, s.confirm(ctx, pg.p.Tenant, err, false)
		}
		if pg.spec.Seek != nil {
			return nil, noSeek()
		}
		*pg.page = Page{TotalExact: true, Position: -1}
		pg.l = &listing{root: pg.spec.Folder, exact: true, levels: []level{{folder: pg.spec.Folder}}}
	}
	for first := true; c.phase < 2; first = false {
		if err := s.db.View(ctx, c.view); err != nil {
			return nil, s.confirm(ctx, pg.p.Tenant, err, false)
		}
		if n := c.sub.Node; first && c.phase < 2 && n.LiveFiles+n.LiveFolders > largeFolder {
			select {
			case s.large <- struct{}{}:
				defer func() { <-s.large }()
			case <-ctx.Done():
				return nil, ctx.Err()
			}
		}
	}
	return c.finish(), nil
}

func (c *sortedPager) view(v *meta.View) error {
	if err := c.enter(v); err != nil {
		return err
	}
	if c.phase == 1 {
		return c.viewTrashed(v)
	}
	lv := &c.l.levels[0]
	rows, err := children(v, c.p.Tenant, c.l.root, lv.after, viewRows)
	if err != nil {
		return err
	}
	until := c.s.env.Now().Add(viewTime)
	for i := range rows {
		if i%256 == 255 && c.s.env.Now().After(until) {
			return nil
		}
		if err := c.take(v, &rows[i]); err != nil {
			return err
		}
		lv.pass(c.p.Tenant, &rows[i])
	}
	if len(rows) < viewRows {
		if c.l.exact && !lv.tally.agrees(c.sub.Node) {
			return &errSuspect{lv.folder}
		}
		if c.phase++; !c.spec.Deleted {
			c.phase++
		}
	}
	return nil
}

// take considers a live child. Its node is read only where that is needed: to
// decide about it, to rank it, or to show it.
func (c *sortedPager) take(r schema.Reader, row *child) error {
	if !c.match.Matches(row.key) {
		return nil
	}
	var e shown
	load := func() (see bool, err error) {
		n, err := childNode(r, c.p.Tenant, c.l.root, &row.Child)
		if err != nil {
			return false, err
		}
		e, see, err = c.look(r, n)
		return see, err
	}
	if !c.open() || c.spec.Sort == SortSize || c.spec.Sort == SortModified {
		if see, err := load(); !see || err != nil {
			return err
		}
	}
	at := rankOf(c.spec.Sort, row.key, &row.Child, e.node)
	if c.seen++; !c.wanted(&at) {
		return nil
	}
	if e.node == nil {
		if see, err := load(); !see || err != nil {
			return err
		}
	}
	c.put(pick{at, e})
	return nil
}

// viewTrashed considers what was deleted from the folder.
func (c *sortedPager) viewTrashed(v *meta.View) error {
	rows := 0
	err := schema.ScanTrashed(v, c.p.Tenant, c.l.root, c.trashed, func(id engine.ID) (bool, error) {
		rows++
		c.trashed = id
		return rows < viewRows/2, c.takeTrashed(v, id)
	})
	if err == nil && rows < viewRows/2 {
		c.phase++
	}
	return err
}

func (c *sortedPager) takeTrashed(r schema.Reader, id engine.ID) error {
	n, err := schema.GetNode(r, c.p.Tenant, id)
	if errors.Is(err, schema.ErrNotFound) {
		return nil // removed for good; verify names what is missing otherwise
	}
	if err != nil || n.Purged || n.DeletedAt.IsZero() || n.Parent != c.l.root {
		return err
	}
	key := []byte(names.Key(n.Name))
	if !c.match.Matches(key) {
		return nil
	}
	e, see, err := c.look(r, n)
	if !see || err != nil {
		return err
	}
	at := rankOf(c.spec.Sort, key, &engine.Child{Node: id, Kind: n.Kind}, n)
	if c.seen++; c.wanted(&at) {
		c.put(pick{at, e})
	}
	return nil
}

// wanted reports whether an entry of a rank belongs to the page, as far as is known.
func (c *sortedPager) wanted(at *rank) bool {
	if c.behind != nil && at.compare(c.behind, c.by, c.desc) <= 0 {
		return false
	}
	return len(c.list) < c.keep || at.compare(&c.list[0].rank, c.by, c.desc) < 0
}

func (c *sortedPager) put(p pick) {
	if len(c.list) < c.keep {
		heap.Push(&c.picks, p)
		return
	}
	c.list[0] = p
	heap.Fix(&c.picks, 0)
}

// finish makes the page of what was picked.
func (c *sortedPager) finish() *Page {
	slices.SortFunc(c.list, func(a, b pick) int { return a.compare(&b.rank, c.by, c.desc) })
	list := c.list[min(c.spec.Offset, len(c.list)):]
	more := len(list) > c.spec.Limit
	list = list[:min(len(list), c.spec.Limit)]
	for i := range list {
		c.show(list[i].shown)
	}
	if more {
		last := &list[len(list)-1].rank
		c.page.NextToken = c.s.tokens.sealFor(c.p, tokenSorted, c.spec.asked(), last.append(nil))
	}
	c.page.Total = c.seen
	return c.page
}
