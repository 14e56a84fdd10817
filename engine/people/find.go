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
// limit; kind 0 both. It goes by an index of words and looks at no more than
// maxCandidates of them.
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
	var left [engine.PrincipalEveryone]int
	left[engine.PrincipalUser], left[engine.PrincipalGroup] = limit, limit
	if kind != 0 {
		left[engine.PrincipalUser+engine.PrincipalGroup-kind] = 0
	}
	err = s.candidates(ctx, p.Tenant, match, func(r schema.Reader, k engine.PrincipalKind, id engine.ID) (bool, error) {
		if k > engine.PrincipalGroup || left[k] == 0 {
			return true, nil
		}
		if k == engine.PrincipalUser {
			u, err := schema.GetUser(r, p.Tenant, id)
			if err != nil {
				return false, err
			}
			if acts(u) && fits(match, u) {
				users, left[k] = append(users, u), left[k]-1
			}
		} else {
			g, err := schema.GetGroup(r, p.Tenant, id)
			if err != nil {
				return false, err
			}
			if g.DeletedAt.IsZero() && match.Matches([]byte(names.Key(g.Name))) {
				groups, left[k] = append(groups, g), left[k]-1
			}
		}
		return left[engine.PrincipalUser]+left[engine.PrincipalGroup] > 0, nil
	})
	if err != nil {
		return nil, nil, err
	}
	byName(users)
	slices.SortStableFunc(groups, func(a, b *engine.Group) int { return strings.Compare(names.Key(a.Name), names.Key(b.Name)) })
	return users, groups, nil
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

// candidates goes through the users and groups that may pass a filter, each once,
// in one view, until fn returns false.
func (s *Service) candidates(ctx context.Context, t engine.TenantNo, match *names.Filter, fn func(schema.Reader, engine.PrincipalKind, engine.ID) (bool, error)) error {
	return s.view(ctx, "people.Find", func(r schema.Reader) error {
		word, whole, err := rarest(r, t, match)
		if err != nil {
			return err
		}
		seen := map[engine.ID]bool{}
		return schema.ScanWords(r, t, word, whole, func(kind engine.PrincipalKind, id engine.ID) (bool, error) {
			if seen[id] {
				return true, nil
			}
			seen[id] = true
			more, err := fn(r, kind, id)
			return more && len(seen) < maxCandidates, err
		})
	})
}

// probed is how many rows of a word are counted to compare it with others.
const probed = 500

// rarest gives the word of a filter that the fewest have, as far as that is counted.
func rarest(r schema.Reader, t engine.TenantNo, match *names.Filter) (word string, whole bool, err error) {
	pieces := match.Pieces()
	least := probed + 1
	for _, p := range pieces {
		n := 0
		if len(pieces) > 1 {
			err := schema.ScanWords(r, t, p.Word, p.Whole, func(engine.PrincipalKind, engine.ID) (bool, error) {
				n++
				return n < least, nil
			})
			if err != nil {
				return "", false, err
			}
		}
		if n < least {
			word, whole, least = p.Word, p.Whole, n
		}
	}
	return word, whole, nil
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
// were made, or with Search by name. Total is exact up to MaxListed.
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
	var c collector[*engine.User]
	c.limit, c.offset = q.Limit, q.Offset
	switch {
	case match != nil:
		return s.searchUsers(ctx, p, match, q, wanted)
	case q.Admins != nil && *q.Admins && q.Status != engine.StatusDeleted:
		err = s.view(ctx, "people.Users", func(r schema.Reader) error {
			c.clear()
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

// searchUsers lists the users that pass a filter, by name.
func (s *Service) searchUsers(ctx context.Context, p *engine.Principal, match *names.Filter, q UserQuery, wanted func(*engine.User) bool) (*Listing[*engine.User], error) {
	var list []*engine.User
	n := 0
	err := s.candidates(ctx, p.Tenant, match, func(r schema.Reader, kind engine.PrincipalKind, id engine.ID) (bool, error) {
		if n++; kind != engine.PrincipalUser {
			return true, nil
		}
		u, err := schema.GetUser(r, p.Tenant, id)
		if err == nil && wanted(u) && fits(match, u) {
			list = append(list, u)
		}
		return len(list) < MaxListed, err
	})
	if err != nil {
		return nil, err
	}
	byName(list)
	out := &Listing[*engine.User]{Total: len(list), Exact: len(list) < MaxListed && n < maxCandidates}
	out.Items = list[min(q.Offset, len(list)):min(q.Offset+q.Limit, len(list))]
	return out, nil
}

// Groups lists the live groups of the caller's tenant, by ID, or with search by
// name. Total is exact up to MaxListed.
func (s *Service) Groups(ctx context.Context, p *engine.Principal, search string, behind engine.ID, limit, offset int) (*Listing[*engine.Group], error) {
	if err := administers(p); err != nil {
		return nil, err
	}
	match, err := names.NewFilter(search)
	if err != nil {
		return nil, engine.Invalid("search", "Must be UTF-8 of at most %d bytes", names.MaxFilter)
	}
	c := collector[*engine.Group]{limit: limit, offset: offset}
	if match == nil {
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
		return c.listing(), err
	}
	err = s.candidates(ctx, p.Tenant, match, func(r schema.Reader, kind engine.PrincipalKind, id engine.ID) (bool, error) {
		if kind != engine.PrincipalGroup {
			return true, nil
		}
		g, err := schema.GetGroup(r, p.Tenant, id)
		if err != nil {
			return false, err
		}
		return !g.DeletedAt.IsZero() || !match.Matches([]byte(names.Key(g.Name))) || c.take(g, id), nil
	})
	slices.SortStableFunc(c.items, func(a, b *engine.Group) int { return strings.Compare(names.Key(a.Name), names.Key(b.Name)) })
	l := c.listing()
	l.Next = engine.ID{} // by words there is no place to go on behind
	return l, err
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

// A collector cuts a page out of what it is given and counts it.
type collector[T any] struct {
	limit, offset int
	items         []T
	ids           []engine.ID
	total         int
	full          bool
}

func (c *collector[T]) clear() { c.items, c.ids, c.total, c.full = nil, nil, 0, false }

// take takes the next one and reports whether more is wanted.
func (c *collector[T]) take(item T, id engine.ID) bool {
	if c.total == MaxListed {
		c.full = true
		return false
	}
	c.total++
	if c.total > c.offset && len(c.items) < c.limit {
		c.items, c.ids = append(c.items, item), append(c.ids, id)
	}
	return true
}

func (c *collector[T]) listing() *Listing[T] {
	l := &Listing[T]{Items: c.items, Total: c.total, Exact: !c.full}
	if n := len(c.ids); n > 0 && (c.full || c.offset+n < c.total) {
		l.Next = c.ids[n-1]
	}
	return l
}
