package journal

import (
	"bytes"
	"container/heap"
	"context"
	"encoding/binary"
	"errors"
	"sort"
	"time"

	"scaidrive/engine"
	"scaidrive/engine/access"
	"scaidrive/engine/meta"
	"scaidrive/engine/meta/schema"
)

// MaxActivity is the longest page of what happened.
const MaxActivity = 500

// A Look asks what happened, latest first.
type Look struct {
	Share  engine.ID       // in this share
	Shares []engine.ID     // else in these; those out of sight are passed over
	Node   engine.ID       // only what is about this file, or this folder and what is in it
	Kind   engine.NodeKind // of Node
	By     engine.ID       // only what this user did
	// From and To bound the moments: From is in, To is not; zero is no bound.
	From, To time.Time
	Limit    int
	Token    string // of the page before
}

// A Happening is a row as the caller is shown it, with names to show.
type Happening struct {
	Row
	ShareName string
	UserName  string // of who did it; empty: the server
}

// A History is a page of what happened, latest first. It may be empty and have a
// next one: a look examines at most 20,000 rows or 50 ms.
type History struct {
	List []Happening
	Next string
}

// A moment is where a look stands: it goes on with what is earlier.
type moment struct {
	at    time.Time
	id    engine.ID // of the change
	share engine.ID
	seq   uint64
}

const momentSize = 8 + 16 + 16 + 8

func (l moment) bytes() []byte {
	b := binary.BigEndian.AppendUint64(make([]byte, 0, momentSize), uint64(l.at.UnixMicro()))
	b = append(append(b, l.id[:]...), l.share[:]...)
	return binary.BigEndian.AppendUint64(b, l.seq)
}

func readMoment(b []byte) (l moment) {
	l.at = time.UnixMicro(int64(binary.BigEndian.Uint64(b))).UTC()
	copy(l.id[:], b[8:])
	copy(l.share[:], b[24:])
	l.seq = binary.BigEndian.Uint64(b[40:])
	return l
}

// before reports whether a row comes after a place in the order latest first.
func (l moment) before(c *engine.Change) bool {
	if d := c.At.Compare(l.at); d != 0 {
		return d < 0
	}
	return bytes.Compare(c.ID[:], l.id[:]) < 0
}

// asked is what a token is bound to.
func (q *Look) asked() string {
	b := []byte("activity\x00")
	b = append(b, q.Share[:]...)
	b = append(append(b, q.Node[:]...), q.By[:]...)
	b = binary.BigEndian.AppendUint64(b, uint64(q.From.UnixMicro()))
	return string(binary.BigEndian.AppendUint64(b, uint64(q.To.UnixMicro())))
}

// Activity tells what happened in shares, latest first, each row as the caller may
// see it now, by the renderer that everybody is shown the change log by. The share's
// logs are merged by their moments; where a page begins costs the logarithm of their
// length.
func (s *Service) Activity(ctx context.Context, p *engine.Principal, q Look) (*History, error) {
	if q.Limit < 1 || q.Limit > MaxActivity {
		return nil, engine.Invalid("limit", "limit is 1 to %d", MaxActivity)
	}
	var from *moment
	if q.Token != "" {
		b, err := s.seal.Open(p, q.asked(), q.Token)
		if err != nil {
			return nil, err
		}
		l := readMoment(b)
		from = &l
	}
	var out *History
	err := s.db.View(ctx, func(v *meta.View) error {
		m := merger{v: v, p: p, q: q, from: from, names: map[engine.ID]string{}, inside: map[engine.ID]bool{}}
		if err := m.open(); err != nil {
			return err
		}
		last, err := m.run()
		if err != nil {
			return err
		}
		out = &History{List: m.list}
		if last != nil {
			out.Next = s.seal.Seal(p, q.asked(), last.bytes())
		}
		return nil
	})
	return out, engine.Wrap("journal.Activity", err)
}

// A merger goes down the logs of shares at once. It is a heap of those that have a
// row left, the one with the latest row first.
type merger struct {
	v     *meta.View
	p     *engine.Principal
	q     Look
	from  *moment
	node  *engine.Node // that q.Node names
	logs  []*log
	list  []Happening
	names map[engine.ID]string // of users
	// inside remembers which folders lie in q.Node, or are it.
	inside map[engine.ID]bool
}

// A log is the rest of a share's change log, latest first.
type log struct {
	share *engine.Share
	rows  []*engine.Change // read ahead
}

func (m *merger) Len() int { return len(m.logs) }
func (m *merger) Less(i, j int) bool {
	a, b := m.logs[i].rows[0], m.logs[j].rows[0]
	return moment{at: a.At, id: a.ID}.before(b)
}
func (m *merger) Swap(i, j int) { m.logs[i], m.logs[j] = m.logs[j], m.logs[i] }

// Push implements heap.Interface.
func (m *merger) Push(x any) { m.logs = append(m.logs, x.(*log)) }

// Pop implements heap.Interface.
func (m *merger) Pop() any {
	l := m.logs[len(m.logs)-1]
	m.logs = m.logs[:len(m.logs)-1]
	return l
}

// open finds where each log begins.
func (m *merger) open() error {
	if !m.q.Share.IsZero() {
		if _, _, err := access.LookShare(m.v, m.p, m.q.Share); err != nil {
			return err
		}
		m.q.Shares = []engine.ID{m.q.Share}
	}
	if !m.q.Node.IsZero() {
		sub, err := access.Check(m.v, m.p, m.q.Node, engine.RightRead)
		if err != nil {
			return err
		}
		if sub.Node.Kind != m.q.Kind || !m.q.Share.IsZero() && m.q.Share != sub.Share.ID {
			return access.NotFound()
		}
		m.node, m.q.Shares = sub.Node, []engine.ID{sub.Share.ID}
		m.inside[m.node.ID] = m.node.Kind == engine.KindFolder
		m.narrow()
	}
	for _, id := range m.q.Shares {
		sh, err := schema.GetShare(m.v, m.p.Tenant, id)
		if errors.Is(err, schema.ErrNotFound) || err == nil && !sh.DeletedAt.IsZero() {
			continue
		}
		if err != nil {
			return err
		}
		l := &log{share: sh}
		below, err := m.begin(sh)
		if err == nil {
			err = m.read(l, below, 1)
		}
		if err != nil {
			return err
		}
		if len(l.rows) > 0 {
			m.logs = append(m.logs, l)
		}
	}
	heap.Init(m)
	return nil
}

// narrow bounds the moments by what a node's record says: nothing is told of it from
// before it was made, nor of a file from after it was last touched.
func (m *merger) narrow() {
	if m.q.From.Before(m.node.CreatedAt) {
		m.q.From = m.node.CreatedAt
	}
	if end := m.node.UpdatedAt.Add(time.Microsecond); m.node.Kind == engine.KindFile && (m.q.To.IsZero() || end.Before(m.q.To)) {
		m.q.To = end
	}
}

// begin gives the sequence number below which a share's log is looked at; 0: from
// its end. In a log the moments ascend.
func (m *merger) begin(sh *engine.Share) (uint64, error) {
	if m.from != nil && m.from.share == sh.ID {
		return m.from.seq, nil
	}
	if m.from == nil && m.q.To.IsZero() {
		return 0, nil
	}
	wanted := func(c *engine.Change) bool {
		return (m.from == nil || m.from.before(c)) && (m.q.To.IsZero() || c.At.Before(m.q.To))
	}
	var failed error
	// The first row that comes too early in the order latest first.
	n := sort.Search(int(sh.Seq), func(i int) bool {
		if failed != nil {
			return true
		}
		var at *engine.Change
		failed = schema.ScanChangesBack(m.v, m.p.Tenant, sh.ID, uint64(i)+2, func(c *engine.Change) (bool, error) {
			at = c
			return false, nil
		})
		return at != nil && !wanted(at)
	})
	return uint64(n) + 1, failed
}

// ahead is how many rows of a log are read at once.
const ahead = 64

func (m *merger) read(l *log, below uint64, n int) error {
	l.rows = l.rows[:0]
	if below == 1 {
		return nil // no row has the number 0
	}
	return schema.ScanChangesBack(m.v, m.p.Tenant, l.share.ID, below, func(c *engine.Change) (bool, error) {
		l.rows = append(l.rows, c)
		return len(l.rows) < n, nil
	})
}

// run takes rows until the page is full or the bound is reached, and gives the place
// to go on; nil: that was all.
func (m *merger) run() (*moment, error) {
	var last *moment
	until := time.Now().Add(examineFor)
	for examined := 0; len(m.logs) > 0; examined++ {
		if len(m.list) == m.q.Limit || examined == maxExamine || examined%64 == 63 && time.Now().After(until) {
			return last, nil
		}
		l := m.logs[0]
		c := l.rows[0]
		if !m.q.From.IsZero() && c.At.Before(m.q.From) {
			return nil, nil // it is the latest that is left
		}
		last = &moment{c.At, c.ID, c.Share, c.Seq}
		if err := m.show(l.share, c); err != nil {
			return nil, err
		}
		if l.rows = l.rows[1:]; len(l.rows) == 0 {
			if err := m.read(l, c.Seq, ahead); err != nil {
				return nil, err
			}
		}
		if len(l.rows) == 0 {
			heap.Pop(m)
		} else {
			heap.Fix(m, 0)
		}
	}
	return nil, nil
}

// show takes a row into the page, if it is asked for and in sight.
func (m *merger) show(sh *engine.Share, c *engine.Change) error {
	if !m.q.By.IsZero() && c.By != m.q.By {
		return nil
	}
	if m.node != nil {
		about, err := m.about(c)
		if err != nil || !about {
			return err
		}
	}
	w := renderer{r: m.v, p: m.p, share: sh}
	rows, err := w.rows(c)
	if err != nil {
		return err
	}
	for i := range rows {
		if rows[i].Bare || rows[i].AccessChanged {
			continue // nobody did anything that the caller may know of
		}
		h := Happening{Row: rows[i], ShareName: sh.Name}
		if h.UserName, err = m.name(rows[i].By); err != nil {
			return err
		}
		m.list = append(m.list, h)
	}
	return nil
}

// about reports whether a row is about the node that was asked for, or something
// that is or was in it.
func (m *merger) about(c *engine.Change) (bool, error) {
	if c.Node == m.node.ID {
		return true, nil
	}
	if m.node.Kind == engine.KindFile {
		return false, nil
	}
	n, err := schema.GetNode(m.v, m.p.Tenant, c.Node)
	if err != nil && !errors.Is(err, schema.ErrNotFound) {
		return false, err
	}
	if err == nil && n.DeletedAt.IsZero() {
		if in, err := m.in(n.Parent); err != nil || in {
			return in, err
		}
	}
	return m.in(c.OldParent)
}

// in reports whether a folder is the one that was asked for, or lies in it.
func (m *merger) in(folder engine.ID) (bool, error) {
	if folder.IsZero() {
		return false, nil
	}
	in, known := m.inside[folder]
	if known {
		return in, nil
	}
	n, err := schema.GetNode(m.v, m.p.Tenant, folder)
	if err != nil && !errors.Is(err, schema.ErrNotFound) {
		return false, err
	}
	m.inside[folder] = false // also ends a circle
	if err == nil {
		if in, err = m.in(n.Parent); err != nil {
			return false, err
		}
	}
	m.inside[folder] = in
	return in, nil
}

// name reads what a user is called.
func (m *merger) name(id engine.ID) (string, error) {
	if name, ok := m.names[id]; ok || id.IsZero() {
		return name, nil
	}
	u, err := schema.GetUser(m.v, m.p.Tenant, id)
	if errors.Is(err, schema.ErrNotFound) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	m.names[id] = u.DisplayName
	return u.DisplayName, nil
}
