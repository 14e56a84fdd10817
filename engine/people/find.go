package people

import (
	"bytes"
	"context"
	"slices"
	"strings"

	"scaidrive/engine"
	"scaidrive/engine/meta/schema"
	"scaidrive/engine/names"
)

// MaxFound is how many users and groups a search gives at most.
const MaxFound = 50

// Find finds active users and groups of the caller's tenant with a word in their
// names, or in a user's address, that begins as text says, each by name, at most
// limit; kind 0 both. Where there are more, it gives the first of them by their words.
// It goes by an index of words and looks at no more than maxCandidates of them.
func (s *Service) Find(ctx context.Context, p *engine.Principal, text string, kind engine.PrincipalKind, limit int) ([]*engine.User, []*engine.Group, error) {
	if limit < 1 || limit > MaxFound {
		return nil, nil, engine.Invalid("limit", "limit is 1 to %d", MaxFound)
	}
	match, err := names.NewFilter(text)
	if err != nil || match == nil {
		return nil, nil, engine.Invalid("q", "Must be UTF-8 of 1 to %d bytes", names.MaxFilter)
	}
	var users []*engine.User
	var groups []*engine.Group
	err = s.view(ctx, "people.Find", func(r schema.Reader) error {
		if kind != engine.PrincipalGroup {
			_, err := candidates(r, p.Tenant, engine.PrincipalUser, match, func(id engine.ID) (bool, error) {
				u, err := schema.GetUser(r, p.Tenant, id)
				if err == nil && acts(u) && fits(match, u) {
					users = append(users, u)
				}
				return len(users) < limit, err
			})
			if err != nil {
				return err
			}
		}
		if kind == engine.PrincipalUser {
			return nil
		}
		_, err := candidates(r, p.Tenant, engine.PrincipalGroup, match, func(id engine.ID) (bool, error) {
			g, err := schema.GetGroup(r, p.Tenant, id)
			if err == nil && g.DeletedAt.IsZero() && match.Matches([]byte(names.Key(g.Name))) {
				groups = append(groups, g)
			}
			return len(groups) < limit, err
		})
		return err
	})
	if err != nil {
		return nil, nil, err
	}
	byName(users)
	groupsByName(groups)
	return users, groups, nil
}

func groupsByName(groups []*engine.Group) {
	slices.SortStableFunc(groups, func(a, b *engine.Group) int { return strings.Compare(names.Key(a.Name), names.Key(b.Name)) })
}

func byName(users []*engine.User) {
	slices.SortStableFunc(users, func(a, b *engine.User) int {
		if c := strings.Compare(names.Key(a.DisplayName), names.Key(b.DisplayName)); c != 0 {
			return c
		}
		return bytes.Compare(a.ID[:], b.ID[:])
	})
}

// fits reports whether a user passes a filter.
func fits(match *names.Filter, u *engine.User) bool {
	for _, text := range []string{u.DisplayName, u.Name, u.Email} {
		if match.Matches([]byte(names.Key(text))) {
			return true
		}
	}
	return false
}

// turn is how many rows of a word are looked at before the next word's turn.
const turn = 64

// candidates goes through the users or groups that may pass a filter, each once, until
// fn returns false, and reports whether those were all. The words of the filter take
// turns: so it costs what the word costs that is through first, or gives enough first.
func candidates(r schema.Reader, t engine.TenantNo, kind engine.PrincipalKind, match *names.Filter, fn func(engine.ID) (bool, error)) (bool, error) {
	words := []schema.WordScan{{Kind: kind}} // a filter of no word: through all
	if pieces := match.Pieces(); len(pieces) > 0 {
		words = words[:0]
		for _, p := range pieces {
			words = append(words, schema.WordScan{Kind: kind, Word: p.Word, Whole: p.Whole})
		}
	}
	seen := map[engine.ID]bool{}
	for {
		for i := range words {
			rows, enough := 0, false
			err := schema.ScanWords(r, t, &words[i], func(id engine.ID) (bool, error) {
				rows++
				if !seen[id] {
					seen[id] = true
					more, err := fn(id)
					if enough = !more || len(seen) >= maxCandidates; enough || err != nil {
						return false, err
					}
				}
				return rows < turn, nil
			})
			if err != nil || enough {
				return false, err
			}
			if words[i].Over {
				return true, nil
			}
		}
	}
}

// A UserQuery says which users are listed.
type UserQuery struct {
	Search string
	Status engine.Status // 0: all but the deleted ones
	Admins *bool         // only those who have a role, or have none
	Behind engine.ID     // go on behind this user; not with Search
	Limit  int
	Offset int
}

// A Listing is a page of users or groups.
type Listing[T any] struct {
	Items []T
	// Total counts all that fit; Exact: it is no lower bound.
	Total int
	Exact bool
	Next  engine.ID // go on behind it; zero: that was the end
}

// Users lists users of the caller's tenant: by ID, which is the order in which they
// were made, or with Search by name; then Total is exact up to MaxListed.
func (s *Service) Users(ctx context.Context, p *engine.Principal, q UserQuery) (*Listing[*engine.User], error) {
	if err := administers(p); err != nil {
		return nil, err
	}
	match, err := names.NewFilter(q.Search)
	if err != nil {
		return nil, engine.Invalid("search", "Must be UTF-8 of at most %d bytes", names.MaxFilter)
	}
	wanted := func(u *engine.User) bool {
		if q.Status == 0 && u.Status == engine.StatusDeleted || q.Status != 0 && u.Status != q.Status {
			return false
		}
		return q.Admins == nil || *q.Admins == (u.AdminRole != engine.RoleNone)
	}
	if match != nil {
		return s.searchUsers(ctx, p, match, q, wanted)
	}
	c := collector[*engine.User]{limit: q.Limit, offset: q.Offset}
	// They are counted in the tenant's record, and those with a role are few.
	err = s.view(ctx, "people.Users", func(r schema.Reader) error {
		c.total, err = countUsers(r, p.Tenant, q)
		return err
	})
	switch {
	case err != nil:
	case q.Admins != nil && *q.Admins && q.Status != engine.StatusDeleted:
		err = s.view(ctx, "people.Users", func(r schema.Reader) error {
			return schema.ScanAdmins(r, p.Tenant, q.Behind, func(t engine.TenantNo, id engine.ID, _ engine.AdminRole) (bool, error) {
				u, err := schema.GetUser(r, t, id)
				if err != nil {
					return false, err
				}
				return !wanted(u) || c.take(u, id), nil
			})
		})
	default:
		err = s.steps(ctx, "people.Users", q.Behind, func(r schema.Reader, behind engine.ID, step *int) (last engine.ID, err error) {
			err = schema.ScanUsers(r, p.Tenant, behind, func(u *engine.User) (bool, error) {
				last = u.ID
				*step--
				if wanted(u) && !c.take(u, u.ID) {
					*step = -1
				}
				return *step > 0, nil
			})
			return last, err
		})
	}
	return c.listing(), err
}

// countUsers counts the users that a query without Search is for, in all its pages.
func countUsers(r schema.Reader, t engine.TenantNo, q UserQuery) (int, error) {
	tn, err := schema.GetTenant(r, t)
	if err != nil {
		return 0, err
	}
	var n int64
	for s := engine.StatusActive; s <= engine.StatusDeleted; s++ {
		if q.Status == s || q.Status == 0 && s != engine.StatusDeleted {
			n += *tn.People.In(s)
		}
	}
	if q.Admins == nil {
		return int(n), nil
	}
	var with int64
	err = schema.ScanAdmins(r, t, engine.ID{}, func(_ engine.TenantNo, id engine.ID, _ engine.AdminRole) (bool, error) {
		if q.Status == 0 { // of the deleted nobody has a role
			with++
			return true, nil
		}
		u, err := schema.GetUser(r, t, id)
		if err == nil && u.Status == q.Status {
			with++
		}
		return true, err
	})
	if *q.Admins {
		return int(with), err
	}
	return int(n - with), err
}

// searchUsers lists the users that pass a filter, by name.
func (s *Service) searchUsers(ctx context.Context, p *engine.Principal, match *names.Filter, q UserQuery, wanted func(*engine.User) bool) (*Listing[*engine.User], error) {
	var list []*engine.User
	all := false
	err := s.view(ctx, "people.Users", func(r schema.Reader) (err error) {
		all, err = candidates(r, p.Tenant, engine.PrincipalUser, match, func(id engine.ID) (bool, error) {
			u, err := schema.GetUser(r, p.Tenant, id)
			if err == nil && wanted(u) && fits(match, u) {
				list = append(list, u)
			}
			return len(list) < MaxListed, err
		})
		return err
	})
	if err != nil {
		return nil, err
	}
	byName(list)
	return pageOf(list, q.Limit, q.Offset, all), nil
}

// pageOf cuts a page out of what a search found; all: there is no more.
func pageOf[T any](list []T, limit, offset int, all bool) *Listing[T] {
	return &Listing[T]{Items: list[min(offset, len(list)):min(offset+limit, len(list))], Total: len(list), Exact: all}
}

// Groups lists the live groups of the caller's tenant, by ID, or with search by
// name; then Total is exact up to MaxListed.
func (s *Service) Groups(ctx context.Context, p *engine.Principal, search string, behind engine.ID, limit, offset int) (*Listing[*engine.Group], error) {
	if err := administers(p); err != nil {
		return nil, err
	}
	match, err := names.NewFilter(search)
	if err != nil {
		return nil, engine.Invalid("search", "Must be UTF-8 of at most %d bytes", names.MaxFilter)
	}
	if match != nil {
		return s.searchGroups(ctx, p, match, limit, offset)
	}
	c := collector[*engine.Group]{limit: limit, offset: offset}
	err = s.view(ctx, "people.Groups", func(r schema.Reader) error {
		tn, err := schema.GetTenant(r, p.Tenant)
		if err == nil {
			c.total = int(tn.People.Groups)
		}
		return err
	})
	if err == nil {
		err = s.steps(ctx, "people.Groups", behind, func(r schema.Reader, behind engine.ID, step *int) (last engine.ID, err error) {
			err = schema.ScanGroups(r, p.Tenant, behind, func(g *engine.Group) (bool, error) {
				last = g.ID
				*step--
				if g.DeletedAt.IsZero() && !c.take(g, g.ID) {
					*step = -1
				}
				return *step > 0, nil
			})
			return last, err
		})
	}
	return c.listing(), err
}

// searchGroups lists the groups that pass a filter, by name; there is no place to go on
// behind.
func (s *Service) searchGroups(ctx context.Context, p *engine.Principal, match *names.Filter, limit, offset int) (*Listing[*engine.Group], error) {
	var list []*engine.Group
	all := false
	err := s.view(ctx, "people.Groups", func(r schema.Reader) (err error) {
		all, err = candidates(r, p.Tenant, engine.PrincipalGroup, match, func(id engine.ID) (bool, error) {
			g, err := schema.GetGroup(r, p.Tenant, id)
			if err == nil && g.DeletedAt.IsZero() && match.Matches([]byte(names.Key(g.Name))) {
				list = append(list, g)
			}
			return len(list) < MaxListed, err
		})
		return err
	})
	if err != nil {
		return nil, err
	}
	groupsByName(list)
	return pageOf(list, limit, offset, all), nil
}

// steps goes through records in short views. scan looks at no more than step of
// them, lowers it by what it saw, sets it below 0 to end, and gives the last one.
func (s *Service) steps(ctx context.Context, op string, behind engine.ID, scan func(r schema.Reader, behind engine.ID, step *int) (engine.ID, error)) error {
	for {
		step := viewRecords
		err := s.view(ctx, op, func(r schema.Reader) (err error) {
			behind, err = scan(r, behind, &step)
			return err
		})
		if err != nil || step != 0 {
			return err
		}
	}
}

// A collector cuts a page out of what it is given. How many there are in all is
// counted elsewhere.
type collector[T any] struct {
	limit, offset int
	items         []T
	ids           []engine.ID
	passed, total int
	more          bool
}

// take takes the next one and reports whether more is wanted.
func (c *collector[T]) take(item T, id engine.ID) bool {
	if len(c.items) == c.limit {
		c.more = true
		return false
	}
	if c.passed++; c.passed > c.offset {
		c.items, c.ids = append(c.items, item), append(c.ids, id)
	}
	return true
}

func (c *collector[T]) listing() *Listing[T] {
	l := &Listing[T]{Items: c.items, Total: c.total, Exact: true}
	if n := len(c.ids); n > 0 && c.more {
		l.Next = c.ids[n-1]
	}
	return l
}
