package people

import (
	"context"
	"errors"

	"scaidrive/engine"
	"scaidrive/engine/identity"
	"scaidrive/engine/meta/schema"
	"scaidrive/engine/once"
	"scaidrive/engine/share"
)

// removeStep is how many shares or memberships one mutation hands over or ends.
const removeStep = 500

// DeleteUser deletes a user for good. What they own goes to the heir (zero: the
// caller), who must be an active user or a group of the tenant: their personal share
// too, which becomes a project share. Memberships and open invitations go; versions
// and changes keep the ID of who made them. Their address is free from then on, and
// whoever gets it is somebody else.
//
// The user is suspended first; what there is is handed over in steps; the last
// commit deletes them. Where that breaks off, the same call goes on.
func (s *Service) DeleteUser(ctx context.Context, p *engine.Principal, id engine.ID, heirKind engine.PrincipalKind, heir engine.ID) error {
	if err := administers(p); err != nil {
		return err
	}
	if id == p.User {
		return engine.E(engine.KindConflict, "You can't delete yourself")
	}
	if heir.IsZero() {
		heirKind, heir = engine.PrincipalUser, p.User
	}
	if heir == id {
		return engine.Invalid("heir_id", "Must be somebody else")
	}
	ok := func(r schema.Reader) error {
		live, err := share.Exists(r, p.Tenant, heirKind, heir)
		if err == nil && !live {
			err = engine.Invalid("heir_id", "Must be an active user or a group of this tenant")
		}
		return err
	}
	_, err := s.changeUser(ctx, "people.DeleteUser", p, id, func(w schema.Writer, _ *engine.Principal, u *engine.User) error {
		s.revoke(u)
		u.Status = engine.StatusSuspended
		return ok(w)
	})
	if err != nil {
		return err
	}
	for more := true; more; {
		err := s.administer(ctx, "people.DeleteUser", p, func(w schema.Writer, p *engine.Principal) (err error) {
			if err := ok(w); err != nil {
				return err
			}
			u, err := liveUser(w, p.Tenant, id)
			if err == nil {
				err = mayTouch(p, u)
			}
			if err != nil {
				return err
			}
			left, err := s.handOver(w, u, heirKind, heir)
			if err == nil && left > 0 {
				left, err = s.leave(w, u, left)
			}
			if more = left == 0; err != nil || more {
				return err
			}
			return s.remove(ctx, w, p.Tenant, id)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// remove deletes a user who owns and belongs to nothing any more.
func (s *Service) remove(ctx context.Context, w schema.Writer, t engine.TenantNo, id engine.ID) error {
	was, err := schema.GetUser(w, t, id) // without the memberships that just ended
	if err != nil {
		return err
	}
	now := *was
	now.Status, now.DeletedAt = engine.StatusDeleted, s.env.Now()
	now.AdminRole, now.PasswordHash = engine.RoleNone, ""
	s.revoke(&now)
	if err := identity.ChangeUser(w, was, &now); err != nil {
		return err
	}
	return once.Keep(ctx, w, once.Made{ID: id})
}

// handOver gives shares of a user to an heir and ends their memberships in shares,
// at most removeStep in all; it returns how much of the step is left: 0, perhaps not
// all is done.
func (s *Service) handOver(w schema.Writer, u *engine.User, kind engine.PrincipalKind, heir engine.ID) (int, error) {
	var refs []engine.ShareRef
	err := schema.ScanSharesOf(w, u.Tenant, u.ID, engine.ID{}, func(ref *engine.ShareRef) (bool, error) {
		if ref.Owner || ref.Member {
			refs = append(refs, *ref)
		}
		return len(refs) < removeStep, nil
	})
	if err != nil {
		return 0, err
	}
	for i := range refs {
		sh, err := schema.GetShare(w, u.Tenant, refs[i].Share)
		if err != nil {
			return 0, err
		}
		if refs[i].Member {
			if err := schema.DeleteShareMember(w, u.Tenant, sh, u.ID); err != nil {
				return 0, err
			}
		}
		if refs[i].Owner {
			if err := s.shares.Inherit(w, u, sh, kind, heir); err != nil {
				return 0, err
			}
		}
	}
	return removeStep - len(refs), nil
}

// leave ends a user's direct memberships in groups and the invitations for their
// address, at most left in all; it returns how much is left, as handOver.
func (s *Service) leave(w schema.Writer, u *engine.User, left int) (int, error) {
	var groups []engine.ID
	err := schema.EachGroupOf(w, u.Tenant, u.ID, u.Groups, func(g engine.ID) error { groups = append(groups, g); return nil })
	if err != nil {
		return 0, err
	}
	for _, g := range groups {
		if left--; left <= 0 {
			return 0, nil
		}
		if err := schema.RemoveMembership(w, u.Tenant, g, u.ID); err != nil {
			return 0, err
		}
	}
	folded, err := identity.FoldEmail(u.Email)
	if err != nil {
		return 0, err
	}
	type open struct{ id, share engine.ID }
	var invitations []open
	err = schema.ScanInvitationsOf(w, u.Tenant, folded, engine.ID{}, func(id, share engine.ID) (bool, error) {
		invitations = append(invitations, open{id, share})
		return len(invitations) <= left, nil
	})
	if err != nil {
		return 0, err
	}
	for _, i := range invitations {
		if left--; left <= 0 {
			return 0, nil
		}
		err := schema.DeleteInvitation(w, u.Tenant, folded, i.share, i.id)
		if err != nil && !errors.Is(err, schema.ErrNotFound) {
			return 0, err
		}
	}
	return s.forget(w, u, left)
}

// forget removes what was a user's own: requests to join, service tokens, devices with
// what is remembered of them, favourites and what was recent; at most left in all. It
// returns how much is left, as handOver.
func (s *Service) forget(w schema.Writer, u *engine.User, left int) (int, error) {
	var asked []engine.ID
	err := schema.ScanJoinRequestsOf(w, u.Tenant, u.ID, engine.ID{}, func(share engine.ID) (bool, error) {
		asked = append(asked, share)
		return len(asked) <= left, nil
	})
	if err != nil {
		return 0, err
	}
	for _, share := range asked {
		if left--; left <= 0 {
			return 0, nil
		}
		if err := schema.DeleteJoinRequest(w, u.Tenant, share, u.ID); err != nil {
			return 0, err
		}
	}
	return schema.ForgetUser(w, u.Tenant, u.ID, left)
}
