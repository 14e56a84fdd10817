package access

import (
	"bytes"
	"errors"
	"slices"
	"time"

	"scaidrive/engine"
	"scaidrive/engine/meta/schema"
)

// MaxGroups is the largest number of groups that count for a user, after nesting.
// Whoever is in more is refused everything that a group would give or deny, for a
// denial might be among those that were not looked at.
const MaxGroups = 1000

// known is what is remembered at a principal: the circle, and what they are for
// shares, each with the generation of what it was made from.
type known struct {
	circle *Circle
	gen    uint64 // of the tenant's principals
	admin  bool   // passes every check
	shares map[engine.ID]knownStanding
}

type knownStanding struct {
	standing
	gen   uint64 // of the share's access
	until time.Time
	ways  *Ways // nil: not looked for
}

// maxKnownShares bounds what is remembered of one principal.
const maxKnownShares = 256

// remembered gives what the principal's memo holds for the tenant's present
// generation of principals; it is never changed, only replaced.
func remembered(p *engine.Principal, gen uint64) *known {
	if k, ok := p.Memo.Load().(*known); ok && k.gen == gen {
		return k
	}
	return nil
}

// committed reports whether what r reads has been committed: what a mutation sees
// may never be, and is not remembered.
func committed(r schema.Reader) bool {
	_, mutation := r.(schema.Writer)
	return !mutation
}

// CircleOf finds the groups of a user: those they are in, those that these are in,
// and so on. Circles of groups do no harm.
func CircleOf(r schema.Reader, tenant engine.TenantNo, user engine.ID) (*Circle, error) {
	u, err := schema.GetUser(r, tenant, user)
	if errors.Is(err, schema.ErrNotFound) {
		return &Circle{User: user}, nil
	}
	if err != nil {
		return nil, err
	}
	c := &Circle{User: user}
	return c, c.widen(r, tenant, user, u.Groups)
}

// widen finds the groups that somebody is in.
func (c *Circle) widen(r schema.Reader, tenant engine.TenantNo, who engine.ID, seal engine.Seal) error {
	in, gone := make(map[engine.ID]bool, min(seal.Count, MaxGroups)), map[engine.ID]bool{}
	var todo []engine.ID
	add := func(g engine.ID) error {
		if in[g] {
			return nil
		}
		if len(in)-len(gone) == MaxGroups {
			return engine.E(engine.KindForbidden, "The user is in more than %d groups", MaxGroups)
		}
		in[g] = true
		todo = append(todo, g)
		return nil
	}
	if err := schema.EachGroupOf(r, tenant, who, seal, add); err != nil {
		return err
	}
	for len(todo) > 0 {
		id := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		g, err := schema.PeekGroup(r, tenant, id)
		if errors.Is(err, schema.ErrNotFound) {
			return engine.E(engine.KindDamaged, "a group that a user is in is missing")
		}
		if err != nil {
			return err
		}
		if !g.DeletedAt.IsZero() { // it gives nothing, whoever is still named as in it
			gone[id] = true
			continue
		}
		if err := schema.EachGroupOf(r, tenant, id, g.Groups, add); err != nil {
			return err
		}
	}
	c.Groups = make([]engine.ID, 0, len(in))
	for g := range in {
		if !gone[g] {
			c.Groups = append(c.Groups, g)
		}
	}
	slices.SortFunc(c.Groups, func(a, b engine.ID) int { return bytes.Compare(a[:], b[:]) })
	return nil
}

// administers reports whether a role passes every check in its tenant.
func administers(r engine.AdminRole) bool {
	return r == engine.RoleTenantAdmin || r == engine.RoleSuperAdmin
}

// know reads who a principal is now. Who may not act any more is KindForbidden: what
// began before somebody was shut out does not end after it.
func know(r schema.Reader, p *engine.Principal) (*known, error) {
	t, err := schema.PeekTenant(r, p.Tenant)
	if errors.Is(err, schema.ErrNotFound) {
		return nil, engine.E(engine.KindDamaged, "a user's tenant is missing")
	}
	if err != nil {
		return nil, err
	}
	if t.Status == engine.StatusSuspended || t.Status == engine.StatusDeleted {
		return nil, engine.E(engine.KindForbidden, "The tenant is suspended")
	}
	if k := remembered(p, t.PrincipalGen); k != nil && (k.admin || !administers(p.Role)) {
		return k, nil
	}
	k := &known{gen: t.PrincipalGen}
	u, err := schema.GetUser(r, p.Tenant, p.User)
	switch {
	case errors.Is(err, schema.ErrNotFound):
		k.circle, k.admin = &Circle{User: p.User}, administers(p.Role)
		return k, nil
	case err != nil:
		return nil, err
	case u.Status == engine.StatusSuspended, u.Status == engine.StatusDeleted, u.Status == engine.StatusPending:
		return nil, engine.E(engine.KindForbidden, "The account is suspended")
	case administers(p.Role) && administers(u.AdminRole):
		if k.circle, k.admin = (&Circle{User: u.ID}), true; committed(r) {
			p.Memo.Store(k)
		}
	default:
		k.circle = &Circle{User: u.ID}
		if err := k.circle.widen(r, p.Tenant, u.ID, u.Groups); err != nil {
			return nil, err
		}
	}
	return k, nil
}

// stand tells who the principal is when rights in a share are decided, and whether it
// is archived by now.
func stand(r schema.Reader, p *engine.Principal, sh *engine.Share) (*Circle, standing, error) {
	c, st, err := standOpen(r, p, sh)
	st.archived = sh.Archived(p.At) // asked each time, for the clock alone decides it
	return c, st, err
}

// standOpen is stand whatever the clock says of the share.
func standOpen(r schema.Reader, p *engine.Principal, sh *engine.Share) (*Circle, standing, error) {
	k, err := know(r, p)
	if err != nil {
		return nil, standing{}, err
	}
	if k.admin {
		return k.circle, standing{admin: true}, nil
	}
	if s, ok := k.shares[sh.ID]; ok && s.gen == sh.AccessGen && s.live(p.At) {
		return k.circle, s.standing, nil
	}
	st, until, err := standingIn(r, p, k.circle, sh)
	if err != nil {
		return nil, standing{}, err
	}
	if committed(r) {
		next := &known{circle: k.circle, gen: k.gen, shares: map[engine.ID]knownStanding{}}
		if len(k.shares) < maxKnownShares {
			for id, s := range k.shares {
				next.shares[id] = s
			}
		}
		next.shares[sh.ID] = knownStanding{standing: st, gen: sh.AccessGen, until: until}
		p.Memo.Store(next)
	}
	return k.circle, st, nil
}

// standingIn reads what somebody is for a share, and until when.
func standingIn(r schema.Reader, p *engine.Principal, c *Circle, sh *engine.Share) (st standing, until time.Time, err error) {
	st.owner = owned(c, sh)
	if st.owner {
		st.rights = engine.RightsAll
		return st, until, nil
	}
	if sh.Members.Count == 0 {
		return st, until, nil
	}
	take := func(m *engine.ShareMember) {
		if !m.Live(p.At) || p.At.IsZero() && !m.ExpiresAt.IsZero() {
			return
		}
		if !m.ExpiresAt.IsZero() && (until.IsZero() || m.ExpiresAt.Before(until)) {
			until = m.ExpiresAt
		}
		st.rights |= m.Role.Rights()
	}
	if sh.Members.Count <= uint32(4+4*len(c.Groups)) { // one scan, for looking for what is absent costs more
		err = schema.EachShareMember(r, p.Tenant, sh, func(m *engine.ShareMember) error {
			if m.Principal == c.User && !c.User.IsZero() || c.In(m.Principal) {
				take(m)
			}
			return nil
		})
		return st, until, err
	}
	for i := -1; i < len(c.Groups); i++ {
		who := c.User
		if i >= 0 {
			who = c.Groups[i]
		}
		if who.IsZero() {
			continue
		}
		m, err := schema.GetShareMember(r, p.Tenant, sh.ID, who)
		if errors.Is(err, schema.ErrNotFound) {
			continue
		}
		if err != nil {
			return st, until, err
		}
		take(m)
	}
	return st, until, nil
}

// owned reports whether a share belongs to somebody or to a group of theirs.
func owned(c *Circle, sh *engine.Share) bool {
	switch sh.OwnerKind {
	case engine.PrincipalUser:
		return sh.Owner == c.User && !c.User.IsZero()
	case engine.PrincipalGroup:
		return c.In(sh.Owner)
	}
	return false
}
