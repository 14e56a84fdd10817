// Package notice keeps what people are to be told that happened while they were away,
// and shows it to them.
//
// Invariants:
//   - a notice is written in the mutation of its cause (Tell), so that there is none
//     without the other;
//   - it holds IDs alone. What it says is found and decided about when it is read: one
//     about something out of the reader's sight, or about what is settled by now, is
//     neither shown nor counted; that somebody was taken out of a share is told, but
//     not of which, once they see nothing of it;
//   - a user has at most engine.MaxNotices, for engine.NoticeLifetime. Their numbers
//     have no gaps, so that the one too many is found without a look at the others.
//
// Who wrote, invited or answered is not told of it. It sends no mail.
package notice

import (
	"context"
	"encoding/binary"
	"slices"
	"sync"
	"time"

	"scaidrive/engine"
	"scaidrive/engine/meta"
	"scaidrive/engine/meta/schema"
	"scaidrive/engine/page"
)

// MaxPage is the longest page, MaxIDs how many notices are marked at once by ID.
const (
	MaxPage = 1000
	MaxIDs  = engine.MaxNotices
)

// Service shows notices. Safe for concurrent use.
type Service struct {
	db   *meta.DB
	env  engine.Env
	seal *page.Sealer

	mu      sync.Mutex
	waiting map[reader]map[chan<- struct{}]struct{}
}

type reader struct {
	tenant engine.TenantNo
	user   engine.ID
}

// New makes the service.
func New(db *meta.DB, env engine.Env) *Service {
	s := &Service{db: db, env: env, seal: page.New(env.Rand), waiting: map[reader]map[chan<- struct{}]struct{}{}}
	db.Watch(s.written, schema.Notices)
	return s
}

// Follow has ch told when a user's notices are others than before, until the returned
// function is called. ch has room for one.
func (s *Service) Follow(p *engine.Principal, ch chan<- struct{}) (stop func()) {
	who := reader{p.Tenant, p.User}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.waiting[who] == nil {
		s.waiting[who] = map[chan<- struct{}]struct{}{}
	}
	s.waiting[who][ch] = struct{}{}
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if delete(s.waiting[who], ch); len(s.waiting[who]) == 0 {
			delete(s.waiting, who)
		}
	}
}

func (s *Service) written(_ schema.Table, key []byte) {
	t, user := schema.NoticeUser(key)
	s.mu.Lock()
	defer s.mu.Unlock()
	for ch := range s.waiting[reader{t, user}] {
		select {
		case ch <- struct{}{}:
		default: // woken already
		}
	}
}

// A Query asks for notices.
type Query struct {
	Unread bool // of those alone
	Token  string
	Limit  int
	Offset int
}

// A Page is a part of a list, the newest first. Total counts all that are shown of what
// was asked for, Unread those of all that are not read.
type Page struct {
	List   []Shown
	Total  int
	Unread int
	Next   string // the token of the page behind it; "": that was the end
}

// List shows the caller their notices.
func (s *Service) List(ctx context.Context, p *engine.Principal, q Query) (*Page, error) {
	switch {
	case q.Limit < 1 || q.Limit > MaxPage:
		return nil, engine.Invalid("limit", "limit is 1 to %d", MaxPage)
	case q.Offset < 0:
		return nil, engine.Invalid("offset", "offset is 0 or more")
	case q.Offset > 0 && q.Token != "":
		return nil, engine.Invalid("offset", "Not together with page_token")
	}
	asked := "notices"
	if q.Unread {
		asked = "unread"
	}
	below := ^uint64(0)
	if q.Token != "" {
		place, err := s.seal.Open(p, asked, q.Token)
		if err != nil {
			return nil, err
		}
		below = binary.BigEndian.Uint64(place)
	}
	var out *Page
	err := s.db.View(ctx, func(v *meta.View) error {
		out = &Page{}
		offset, last := q.Offset, uint64(0)
		return s.each(v, p, func(n *Shown) (bool, error) {
			if n.ReadAt.IsZero() {
				out.Unread++
			} else if q.Unread {
				return true, nil
			}
			out.Total++
			switch {
			case n.Seq >= below:
			case offset > 0:
				offset--
			case len(out.List) < q.Limit:
				if err := n.dress(v, p); err != nil {
					return false, err
				}
				out.List, last = append(out.List, *n), n.Seq
			case out.Next == "":
				out.Next = s.seal.Seal(p, asked, binary.BigEndian.AppendUint64(nil, last))
			}
			return true, nil
		})
	})
	return out, engine.Wrap("notice.List", err)
}

// each goes through the notices that the caller is shown, the newest first.
func (s *Service) each(r schema.Reader, p *engine.Principal, fn func(*Shown) (bool, error)) error {
	old, known := s.env.Now().Add(-engine.NoticeLifetime), seen{}
	return schema.ScanNotices(r, p.Tenant, p.User, 0, func(n *engine.Notice) (bool, error) {
		if n.At.Before(old) {
			return true, nil
		}
		one, err := show(r, p, n, known)
		if one == nil || err != nil {
			return true, err
		}
		return fn(one)
	})
}

// News shows what the caller was told after the notice with an ID, the oldest first, at
// most limit, and gives the newest ID of all; more: there was more than that.
func (s *Service) News(ctx context.Context, p *engine.Principal, after engine.ID, limit int) (list []Shown, newest engine.ID, more bool, err error) {
	err = s.db.View(ctx, func(v *meta.View) error {
		list, newest, more = nil, after, false
		return schema.ScanNotices(v, p.Tenant, p.User, 0, func(n *engine.Notice) (bool, error) {
			if slices.Compare(n.ID[:], after[:]) <= 0 {
				return false, nil
			}
			if slices.Compare(n.ID[:], newest[:]) > 0 {
				newest = n.ID
			}
			if more = len(list) == limit; more {
				return false, nil
			}
			one, err := show(v, p, n, seen{})
			if one == nil || err != nil {
				return true, err
			}
			list = append(list, *one)
			return true, list[len(list)-1].dress(v, p)
		})
	})
	slices.Reverse(list)
	return list, newest, more, engine.Wrap("notice.News", err)
}

// Newest is the ID of the last notice that the caller was sent; zero: there is none.
func (s *Service) Newest(ctx context.Context, p *engine.Principal) (id engine.ID, err error) {
	err = s.db.View(ctx, func(v *meta.View) error {
		return schema.ScanNotices(v, p.Tenant, p.User, 0, func(n *engine.Notice) (bool, error) {
			id = n.ID
			return false, nil
		})
	})
	return id, engine.Wrap("notice.Newest", err)
}

// Read marks notices of the caller as read: those with the IDs, and those up to a
// moment, to the millisecond, unless that is zero. What is no notice of theirs is passed
// over. It gives how many are not read then.
func (s *Service) Read(ctx context.Context, p *engine.Principal, ids []engine.ID, until time.Time) (unread int, err error) {
	if len(ids) > MaxIDs {
		return 0, engine.Invalid("ids", "At most %d at once", MaxIDs)
	}
	due := func(r schema.Reader) (list []*engine.Notice, err error) {
		err = schema.ScanNotices(r, p.Tenant, p.User, 0, func(n *engine.Notice) (bool, error) {
			if n.ReadAt.IsZero() && (slices.Contains(ids, n.ID) || !until.IsZero() && !n.At.Truncate(time.Millisecond).After(until)) {
				list = append(list, n)
			}
			return true, nil
		})
		return list, err
	}
	var list []*engine.Notice
	err = s.db.View(ctx, func(v *meta.View) (err error) {
		list, err = due(v)
		return err
	})
	if err == nil && len(list) > 0 {
		err = s.db.Update(ctx, func(tx *meta.Tx) error {
			list, err := due(tx)
			for _, n := range list {
				if n.ReadAt = s.env.Now(); err == nil {
					err = schema.PutNotice(tx, p.Tenant, n)
				}
			}
			return err
		})
	}
	if err == nil {
		err = s.db.View(ctx, func(v *meta.View) error {
			unread = 0
			return s.each(v, p, func(n *Shown) (bool, error) {
				if n.ReadAt.IsZero() {
					unread++
				}
				return true, nil
			})
		})
	}
	return unread, engine.Wrap("notice.Read", err)
}
