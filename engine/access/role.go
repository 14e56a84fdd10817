package access

import (
	"errors"

	"scaidrive/engine"
	"scaidrive/engine/meta/schema"
)

// A Standing is what somebody is in a share, by themself or by a group of theirs,
// whatever entries say.
type Standing struct {
	Owner bool
	Role  engine.MemberRole // the highest of their memberships that count now; 0: none
}

// Manages reports whether the owner or an administrator of the share stands so.
func (s Standing) Manages() bool { return s.Owner || s.Role == engine.MemberAdmin }

// Word is the contract's name of the role, "" for none.
func (s Standing) Word() string {
	switch {
	case s.Owner:
		return "owner"
	case s.Role == engine.MemberAdmin:
		return "admin"
	case s.Role == engine.MemberContributor:
		return "contributor"
	case s.Role == engine.MemberReader:
		return "reader"
	}
	return ""
}

// StandingIn reads what a principal is in a share of their tenant.
func StandingIn(r schema.Reader, p *engine.Principal, sh *engine.Share) (Standing, error) {
	c, err := CircleOf(r, p.Tenant, p.User)
	if err != nil {
		return Standing{}, err
	}
	return c.StandingIn(r, p, sh)
}

// StandingIn is the function of that name for a circle that was read before, in
// the same view.
func (c *Circle) StandingIn(r schema.Reader, p *engine.Principal, sh *engine.Share) (s Standing, err error) {
	s.Owner = owned(c, sh)
	if sh.Members.Count == 0 {
		return s, nil
	}
	for i := -1; i < len(c.Groups); i++ {
		who := c.User
		if i >= 0 {
			who = c.Groups[i]
		}
		m, err := schema.GetShareMember(r, p.Tenant, sh.ID, who)
		if errors.Is(err, schema.ErrNotFound) {
			continue
		}
		if err != nil {
			return s, err
		}
		if m.Live(p.At) && (!p.At.IsZero() || m.ExpiresAt.IsZero()) {
			s.Role = max(s.Role, m.Role)
		}
	}
	return s, nil
}
