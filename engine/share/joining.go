package share

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"scaidrive/engine"
	"scaidrive/engine/access"
	"scaidrive/engine/meta"
	"scaidrive/engine/meta/schema"
	"scaidrive/engine/notice"
)

// Bounds of requests to join.
const (
	MaxJoinRequests = 1000 // that are open, of a share
	MaxMyRequests   = 1000 // of a user, answered ones too
	maxTold         = 100  // people who are told of one
)

// A Found is a share that everybody in the tenant may know of, and what the caller
// has to do with it.
type Found struct {
	*engine.Share
	Owner   string // what the owner is called
	Joined  bool   // the caller has a role in it
	Request *engine.JoinRequest
}

// Discover lists the live discoverable shares of the caller's tenant by name, from an
// offset, and their number. Archived ones are not among them.
func (s *Service) Discover(ctx context.Context, p *engine.Principal, limit, offset int) ([]Found, int, error) {
	var all []Listed
	var found []Found
	err := s.db.View(ctx, func(v *meta.View) error {
		all = nil
		err := schema.ScanOpenShares(v, p.Tenant, engine.ID{}, func(id engine.ID) (bool, error) {
			sh, err := open(v, p, id)
			if err != nil && engine.KindOf(err) == engine.KindNotFound {
				return true, nil
			}
			all = append(all, Listed{Share: sh})
			return true, err
		})
		if err != nil {
			return err
		}
		c, err := access.CircleOf(v, p.Tenant, p.User)
		if err != nil {
			return err
		}
		found = nil
		for _, l := range page(all, limit, offset) {
			f := Found{Share: l.Share}
			st, err := c.StandingIn(v, p, l.Share)
			if err != nil {
				return err
			}
			f.Joined = st.Owner || st.Role != 0
			m := &Member{ShareMember: engine.ShareMember{Principal: l.Owner, Kind: l.OwnerKind}}
			if err := call(v, p.Tenant, m); err != nil {
				return err
			}
			f.Owner = m.Name
			if f.Request, err = schema.GetJoinRequest(v, p.Tenant, l.ID, p.User); errors.Is(err, schema.ErrNotFound) {
				f.Request, err = nil, nil
			}
			if err != nil {
				return err
			}
			found = append(found, f)
		}
		return nil
	})
	if err != nil {
		return nil, 0, engine.Wrap("share.Discover", err)
	}
	return found, len(all), nil
}

// open finds a share that may be joined; any other is not found.
func open(r schema.Reader, p *engine.Principal, id engine.ID) (*engine.Share, error) {
	sh, err := schema.GetShare(r, p.Tenant, id)
	if errors.Is(err, schema.ErrNotFound) {
		return nil, access.NotFound()
	}
	if err == nil && (!sh.DeletedAt.IsZero() || !sh.Discoverable || sh.Archived(p.At)) {
		return nil, access.NotFound()
	}
	return sh, err
}

// A Request is a request to join with names to show.
type Request struct {
	*engine.JoinRequest
	ShareName   string
	Name, Email string // of who asks
}

// askAgain is how long who was refused waits before they may ask again.
const askAgain = 24 * time.Hour

// Ask asks to join a discoverable share. Who has a role in it, or an open request, is
// KindConflict; any other share is not found. Those who may answer are told.
func (s *Service) Ask(ctx context.Context, p *engine.Principal, id engine.ID, role engine.MemberRole, message string) (out *Request, err error) {
	if len(message) > maxMessage || !utf8.ValidString(message) {
		return nil, engine.Invalid("message", "Must be UTF-8 of at most %d bytes", maxMessage)
	}
	err = s.db.Update(ctx, func(tx *meta.Tx) error {
		sh, err := open(tx, p, id)
		if err != nil {
			return err
		}
		st, err := access.StandingIn(tx, p, sh)
		if err != nil {
			return err
		}
		if st.Owner || st.Role != 0 {
			return engine.E(engine.KindConflict, "You have a role in this share already")
		}
		switch was, err := schema.GetJoinRequest(tx, p.Tenant, id, p.User); {
		case err == nil && was.State == engine.JoinOpen:
			return engine.E(engine.KindConflict, "You have asked already")
		case err == nil && was.State == engine.JoinRefused && s.env.Now().Before(was.AnsweredAt.Add(askAgain)):
			return engine.E(engine.KindConflict, "You asked and were refused; ask again after a day")
		case err != nil && !errors.Is(err, schema.ErrNotFound):
			return err
		case err != nil:
			if err := s.roomToAsk(tx, p, id); err != nil {
				return err
			}
		}
		j := &engine.JoinRequest{Share: id, User: p.User, Role: role, Message: message, State: engine.JoinOpen, At: s.env.Now()}
		if err := schema.PutJoinRequest(tx, p.Tenant, j); err != nil {
			return err
		}
		tell, err := managers(tx, p.Tenant, sh, s.env.Now())
		if err != nil {
			return err
		}
		n := engine.Notice{Kind: engine.NoticeJoinRequest, Share: id, By: p.User}
		if err := notice.Tell(tx, s.env, p.Tenant, n, tell...); err != nil {
			return err
		}
		out = &Request{JoinRequest: j, ShareName: sh.Name}
		return sign(tx, p.Tenant, out)
	})
	if err != nil {
		return nil, engine.Wrap("share.Ask", err)
	}
	return out, nil
}

// roomToAsk bounds the requests of a share and of a user.
func (s *Service) roomToAsk(r schema.Reader, p *engine.Principal, id engine.ID) error {
	n := 0
	err := schema.ScanJoinRequests(r, p.Tenant, id, engine.ID{}, func(j *engine.JoinRequest) (bool, error) {
		if j.State == engine.JoinOpen {
			n++
		}
		return n < MaxJoinRequests, nil
	})
	if err != nil {
		return err
	}
	mine := 0
	err = schema.ScanJoinRequestsOf(r, p.Tenant, p.User, engine.ID{}, func(engine.ID) (bool, error) {
		mine++
		return mine < MaxMyRequests, nil
	})
	if err == nil && (n >= MaxJoinRequests || mine >= MaxMyRequests) {
		err = engine.E(engine.KindConflict, "There are too many requests; some must be answered or withdrawn first")
	}
	return err
}

// managers are the users who may answer for a share at a moment: its owner, who is in
// the group that owns it directly, and its administrators, some of them if they are
// many.
func managers(r schema.Reader, t engine.TenantNo, sh *engine.Share, at time.Time) (list []engine.ID, err error) {
	add := func(kind engine.PrincipalKind, id engine.ID) error {
		if kind == engine.PrincipalUser {
			list = append(list, id)
			return nil
		}
		if live, err := Exists(r, t, kind, id); err != nil || !live {
			return err
		}
		return schema.ScanMembersOf(r, t, id, engine.ID{}, func(m *engine.Membership) (bool, error) {
			if m.Kind == engine.PrincipalUser {
				list = append(list, m.Member)
			}
			return len(list) < maxTold, nil
		})
	}
	if err := add(sh.OwnerKind, sh.Owner); err != nil {
		return nil, err
	}
	err = schema.EachShareMember(r, t, sh, func(m *engine.ShareMember) error {
		if m.Role != engine.MemberAdmin || !m.Live(at) || len(list) >= maxTold {
			return nil
		}
		return add(m.Kind, m.Principal)
	})
	return list, err
}

// sign reads what a request shows.
func sign(r schema.Reader, t engine.TenantNo, q *Request) error {
	u, err := schema.GetUser(r, t, q.User)
	if err == nil {
		q.Name, q.Email = u.DisplayName, u.Email
	}
	return damagedIfAbsent(err, "who asks to join is missing")
}

// Requests lists the requests to join a share, the open ones first, each by time, for
// who may change its members; from an offset, and their number.
func (s *Service) Requests(ctx context.Context, p *engine.Principal, id engine.ID, limit, offset int) ([]*Request, int, error) {
	var list []*Request
	err := s.db.View(ctx, func(v *meta.View) error {
		list = nil
		sh, err := manage(v, p, id)
		if err != nil {
			return err
		}
		return schema.ScanJoinRequests(v, p.Tenant, id, engine.ID{}, func(j *engine.JoinRequest) (bool, error) {
			q := &Request{JoinRequest: j, ShareName: sh.Name}
			list = append(list, q)
			return true, sign(v, p.Tenant, q)
		})
	})
	if err != nil {
		return nil, 0, engine.Wrap("share.Requests", err)
	}
	slices.SortFunc(list, func(a, b *Request) int {
		if (a.State == engine.JoinOpen) != (b.State == engine.JoinOpen) {
			return map[bool]int{true: -1, false: 1}[a.State == engine.JoinOpen]
		}
		if c := a.At.Compare(b.At); c != 0 {
			return c
		}
		return bytes.Compare(a.User[:], b.User[:])
	})
	return list[min(offset, len(list)):min(offset+limit, len(list))], len(list), nil
}

// MyRequests lists what the caller asked to join, as far as it may still be known of
// or they have a role in it, by name.
func (s *Service) MyRequests(ctx context.Context, p *engine.Principal) ([]*Request, error) {
	var list []*Request
	err := s.db.View(ctx, func(v *meta.View) error {
		list = nil
		return schema.ScanJoinRequestsOf(v, p.Tenant, p.User, engine.ID{}, func(id engine.ID) (bool, error) {
			j, err := schema.GetJoinRequest(v, p.Tenant, id, p.User)
			if err != nil {
				return false, damagedIfAbsent(err, "a request to join is missing")
			}
			sh, err := open(v, p, id)
			if err != nil && engine.KindOf(err) == engine.KindNotFound {
				var sub *access.Subject
				if sub, err = access.CheckShare(v, p, id, engine.RightRead); err == nil {
					sh = sub.Share
				} else if k := engine.KindOf(err); k == engine.KindNotFound {
					return true, nil
				}
			}
			if err != nil {
				return false, err
			}
			q := &Request{JoinRequest: j, ShareName: sh.Name}
			list = append(list, q)
			return true, sign(v, p.Tenant, q)
		})
	})
	slices.SortFunc(list, func(a, b *Request) int { return strings.Compare(nameKey(a.ShareName), nameKey(b.ShareName)) })
	return list, engine.Wrap("share.MyRequests", err)
}

// Decide accepts or refuses a user's open request, for who may change the members; role
// 0 is the one that was asked for. One that was answered is KindConflict, none
// KindNotFound. Who has got a role meanwhile keeps the higher one.
func (s *Service) Decide(ctx context.Context, p *engine.Principal, id, user engine.ID, accept bool, role engine.MemberRole) (*Request, error) {
	var out *Request
	err := s.db.Update(ctx, func(tx *meta.Tx) error {
		sh, err := manage(tx, p, id)
		if err != nil {
			return err
		}
		j, err := schema.GetJoinRequest(tx, p.Tenant, id, user)
		if err != nil {
			return noRequest(err)
		}
		if j.State != engine.JoinOpen {
			return engine.E(engine.KindConflict, "The request was answered already")
		}
		j.State, j.AnsweredBy, j.AnsweredAt = engine.JoinRefused, p.User, s.env.Now()
		if accept {
			if j.State = engine.JoinAccepted; role != 0 {
				j.Role = role
			}
			if err := s.admit(tx, p, sh, j); err != nil {
				return err
			}
		}
		out = &Request{JoinRequest: j, ShareName: sh.Name}
		if err := sign(tx, p.Tenant, out); err != nil {
			return err
		}
		n := engine.Notice{Kind: engine.NoticeJoinRefused, Share: id, By: p.User}
		if accept {
			n.Kind = engine.NoticeJoinAccepted
		}
		if err := notice.Tell(tx, s.env, p.Tenant, n, user); err != nil {
			return err
		}
		return schema.PutJoinRequest(tx, p.Tenant, j)
	})
	if err != nil {
		return nil, engine.Wrap("share.Decide", err)
	}
	return out, nil
}

func noRequest(err error) error {
	if errors.Is(err, schema.ErrNotFound) {
		return engine.E(engine.KindNotFound, "Request not found")
	}
	return err
}

// admit makes who asked a member.
func (s *Service) admit(w schema.Writer, p *engine.Principal, sh *engine.Share, j *engine.JoinRequest) error {
	live, err := Exists(w, p.Tenant, engine.PrincipalUser, j.User)
	if err != nil {
		return err
	}
	if !live {
		return engine.E(engine.KindConflict, "Who asked is not an active user any more")
	}
	was, err := schema.GetShareMember(w, p.Tenant, sh.ID, j.User)
	switch {
	case err == nil && was.Live(s.env.Now()) && was.Role >= j.Role, sh.Owner == j.User:
		return nil
	case err != nil && !errors.Is(err, schema.ErrNotFound):
		return err
	case err != nil && sh.Members.Count >= engine.MaxShareMembers:
		return engine.E(engine.KindConflict, "The share has %d members; use groups", engine.MaxShareMembers)
	}
	return schema.PutShareMember(w, p.Tenant, sh, &engine.ShareMember{
		Share: sh.ID, Principal: j.User, Kind: engine.PrincipalUser, Role: j.Role, AddedBy: p.User, AddedAt: s.env.Now(),
	})
}

// Withdraw takes a request away: one's own, or anybody's for who may change the
// members.
func (s *Service) Withdraw(ctx context.Context, p *engine.Principal, id, user engine.ID) error {
	err := s.db.Update(ctx, func(tx *meta.Tx) error {
		if user != p.User {
			if _, err := manage(tx, p, id); err != nil {
				return err
			}
		}
		j, err := schema.GetJoinRequest(tx, p.Tenant, id, user)
		if err != nil {
			return noRequest(err)
		}
		if j.State == engine.JoinRefused && user == p.User {
			return engine.E(engine.KindConflict, "The request is answered") // and asked anew after a while
		}
		return schema.DeleteJoinRequest(tx, p.Tenant, id, user)
	})
	return engine.Wrap("share.Withdraw", err)
}
