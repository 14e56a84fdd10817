package journal

import (
	"context"
	"encoding/binary"
	"sync"
	"time"

	"scaidrive/engine"
	"scaidrive/engine/access"
	"scaidrive/engine/meta"
	"scaidrive/engine/meta/schema"
)

// ringSize is how many commits of a tenant are remembered for those who follow all
// shares of it. Who is further behind is told only where the shares stand.
const ringSize = 4096

// hub wakes those who wait for rows of shares, and remembers the latest commits for
// those who follow all shares of a tenant.
type hub struct {
	mu      sync.Mutex
	waiting map[place]map[chan<- struct{}]struct{}
	tenants map[engine.TenantNo]*history
	// Those who are told when who may do what changes.
	concerned map[concern]map[chan<- struct{}]struct{}
}

type place struct {
	tenant engine.TenantNo
	share  engine.ID
}

// A history is what was committed in a tenant since the start: the latest commits in
// a ring, by their number, and where each share stands.
type history struct {
	n      uint64 // number of the next commit
	ring   [ringSize]span
	stands map[engine.ID]uint64
	more   chan struct{} // closed at the next commit; nil: nobody waits
}

// A span is the rows of one commit in a share: behind from, up to to. There are none
// when both are the same.
type span struct {
	share    engine.ID
	from, to uint64
	met      bool // which conflicts are open has changed
}

func (h *hub) of(t engine.TenantNo) *history {
	if h.tenants == nil {
		h.tenants = map[engine.TenantNo]*history{}
	}
	y := h.tenants[t]
	if y == nil {
		y = &history{stands: map[engine.ID]uint64{}}
		h.tenants[t] = y
	}
	return y
}

// rows tells that a share's change log has grown by the rows behind from, up to to.
func (h *hub) rows(t engine.TenantNo, share engine.ID, from, to uint64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	wake(h.waiting[place{t, share}])
	y := h.of(t)
	y.stands[share] = to
	y.add(span{share: share, from: from, to: to})
}

// met tells that other conflicts of a share are open than before; the change log
// need not have grown by that.
func (h *hub) met(t engine.TenantNo, share engine.ID) {
	h.mu.Lock()
	defer h.mu.Unlock()
	y := h.of(t)
	y.add(span{share: share, from: y.stands[share], to: y.stands[share], met: true})
}

func (y *history) add(s span) {
	y.ring[y.n%ringSize] = s
	y.n++
	if y.more != nil {
		close(y.more)
		y.more = nil
	}
}

// A concern is whose rights may be others: a tenant's, or those of one of its users,
// sessions or service tokens.
type concern struct {
	tenant engine.TenantNo
	id     engine.ID // zero: of all in the tenant
}

// about lists the concerns of a principal.
func about(p *engine.Principal) []concern {
	return []concern{{p.Tenant, engine.ID{}}, {p.Tenant, p.User}, {p.Tenant, p.SessionID}, {p.Tenant, p.ServiceToken}}
}

// Concern has ch told when what a principal may, or whether they may act at all, may
// have become another, until the returned function is called. ch has room for one.
func (s *Service) Concern(p *engine.Principal, ch chan<- struct{}) (stop func()) {
	h := &s.hub
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.concerned == nil {
		h.concerned = map[concern]map[chan<- struct{}]struct{}{}
	}
	for _, c := range about(p) {
		if h.concerned[c] == nil {
			h.concerned[c] = map[chan<- struct{}]struct{}{}
		}
		h.concerned[c][ch] = struct{}{}
	}
	return func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		for _, c := range about(p) {
			if delete(h.concerned[c], ch); len(h.concerned[c]) == 0 {
				delete(h.concerned, c)
			}
		}
	}
}

// written is told of records that decide who may do what, once they are durable.
func (h *hub) written(t schema.Table, key []byte) {
	h.mu.Lock()
	defer h.mu.Unlock()
	c := concern{}
	switch {
	case t == schema.Partners:
		for _, list := range h.concerned {
			wake(list)
		}
		return
	case len(key) < 4:
		return
	}
	c.tenant = engine.TenantNo(binary.BigEndian.Uint32(key))
	switch t {
	case schema.Users, schema.Sessions, schema.ServiceTokens:
		copy(c.id[:], key[len(key)-len(c.id):])
	}
	wake(h.concerned[c])
}

// decisive are the tables of those records.
func decisive() []schema.Table {
	return []schema.Table{
		schema.Partners, schema.Tenants, schema.Users, schema.Sessions, schema.ServiceTokens,
		schema.ShareMembers, schema.SharesOf,
	}
}

func wake(list map[chan<- struct{}]struct{}) {
	for ch := range list {
		select {
		case ch <- struct{}{}:
		default: // woken already
		}
	}
}

// watch has ch told of a share's rows until the returned function is called. ch
// has room for one.
func (h *hub) watch(t engine.TenantNo, share engine.ID, ch chan<- struct{}) (stop func()) {
	at := place{t, share}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.waiting == nil {
		h.waiting = map[place]map[chan<- struct{}]struct{}{}
	}
	if h.waiting[at] == nil {
		h.waiting[at] = map[chan<- struct{}]struct{}{}
	}
	h.waiting[at][ch] = struct{}{}
	return func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		if delete(h.waiting[at], ch); len(h.waiting[at]) == 0 {
			delete(h.waiting, at)
		}
	}
}

// since gives what was committed since a number, joined by share in the order of the
// first commits, the number to go on with, and, when nothing was, a channel that is
// closed at the next commit. whole says that the ring does not reach back: then each
// span only says where its share stands.
func (h *hub) since(t engine.TenantNo, n uint64) (list []span, next uint64, whole bool, more <-chan struct{}) {
	h.mu.Lock()
	defer h.mu.Unlock()
	y := h.of(t)
	switch {
	case n == y.n:
		if y.more == nil {
			y.more = make(chan struct{})
		}
		return nil, n, false, y.more
	case y.n-n > ringSize:
		for share, to := range y.stands {
			list = append(list, span{share: share, from: to, to: to})
		}
		return list, y.n, true, nil
	}
	at := map[engine.ID]int{}
	for ; n < y.n; n++ {
		s := y.ring[n%ringSize]
		if i, ok := at[s.share]; ok {
			switch had := &list[i]; {
			case s.from == s.to:
			case had.from == had.to:
				had.from, had.to = s.from, s.to
			default:
				had.from, had.to = min(had.from, s.from), max(had.to, s.to)
			}
			list[i].met = list[i].met || s.met
			continue
		}
		at[s.share] = len(list)
		list = append(list, s)
	}
	return list, y.n, false, nil
}

// end is the number of the next commit.
func (h *hub) end(t engine.TenantNo) uint64 {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.of(t).n
}

// A Tail follows all shares of a tenant from the moment it was made. For one
// goroutine.
type Tail struct {
	s *Service
	t engine.TenantNo
	n uint64
}

// Tail begins to follow.
func (s *Service) Tail(t engine.TenantNo) *Tail { return &Tail{s, t, s.hub.end(t)} }

// News is what was committed in a share since it was last asked.
type News struct {
	Share engine.ID
	from  uint64
	to    uint64
	whole bool
	met   bool
}

// Wait returns what was committed since the last call, waiting for something if there
// is nothing, or nil with ctx's end or when stop is closed.
func (t *Tail) Wait(ctx context.Context, stop <-chan struct{}) []News {
	for {
		list, next, whole, more := t.s.hub.since(t.t, t.n)
		t.n = next
		if more == nil {
			news := make([]News, len(list))
			for i, s := range list {
				news[i] = News{s.share, s.from, s.to, whole, s.met}
			}
			return news
		}
		select {
		case <-more:
		case <-stop:
			return nil
		case <-ctx.Done():
			return nil
		}
	}
}

// State names the newest state of the database: while it is the same, so is what Tell
// renders, unless a role ends by the clock.
func (s *Service) State() meta.Generation { return s.db.Generation() }

// Tell renders what was committed in a share for a caller, as of now, at most limit
// rows. Where there are more, or they are not known any more, the feed has no rows
// and only its mark counts. A share that the caller may not READ, and rows of which
// they may see none, are nil; but that other conflicts are open is told to all who may
// READ the share.
func (s *Service) Tell(ctx context.Context, p *engine.Principal, n News, limit int) (*Feed, error) {
	examine := min(int(n.to-n.from), limit+1)
	f, err := s.look(ctx, p, n.Share, n.from, max(1, examine))
	if err != nil {
		if k := engine.KindOf(err); k == engine.KindNotFound || k == engine.KindGone || k == engine.KindForbidden {
			return nil, nil
		}
		return nil, err
	}
	switch {
	case !n.whole && n.met && n.from == n.to:
		return &Feed{Met: true}, nil
	case !n.whole && len(f.Rows) == 0 && f.Seq >= n.to:
		if n.met {
			return &Feed{Met: true}, nil
		}
		return nil, nil
	case n.whole || len(f.Rows) > limit || f.Seq < n.to:
		m, err := s.MarkAt(ctx, p, n.Share, n.to)
		return &Feed{Mark: m, Seq: n.to, More: true, Met: n.met}, err
	}
	f.Met = n.met
	return f, nil
}

// maxStandings is of how many shares a socket is told that its user stands otherwise.
const maxStandings = 1000

// Standings names how a principal stands in each share that they see, at most 1,000,
// and until when that holds by the clock; zero: nothing of it ends.
func (s *Service) Standings(ctx context.Context, p *engine.Principal) (map[engine.ID]string, time.Time, error) {
	out := map[engine.ID]string{}
	var ends time.Time
	err := s.db.View(ctx, func(v *meta.View) error {
		circle, err := access.CircleOf(v, p.Tenant, p.User)
		if err != nil {
			return err
		}
		for _, who := range append([]engine.ID{p.User, {}}, circle.Groups...) {
			var shares []engine.ID
			err := schema.ScanSharesOf(v, p.Tenant, who, engine.ID{}, func(ref *engine.ShareRef) (bool, error) {
				shares = append(shares, ref.Share)
				return len(out)+len(shares) < maxStandings, nil
			})
			if err != nil {
				return err
			}
			for _, id := range shares {
				sub, _, err := access.LookShare(v, p, id)
				if engine.KindOf(err) == engine.KindNotFound {
					continue
				}
				if err != nil {
					return err
				}
				tag, until, err := access.Tag(v, p, sub.Share)
				if err != nil {
					return err
				}
				if out[id] = tag; !until.IsZero() && (ends.IsZero() || until.Before(ends)) {
					ends = until
				}
			}
		}
		return nil
	})
	return out, ends, err
}
