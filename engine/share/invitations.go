package share

import (
	"context"
	"errors"
	"time"
	"unicode/utf8"

	"scaidrive/engine"
	"scaidrive/engine/access"
	"scaidrive/engine/identity"
	"scaidrive/engine/meta"
	"scaidrive/engine/meta/schema"
	"scaidrive/engine/notice"
)

// Bounds of invitations.
const (
	InvitationLifetime = 14 * 24 * time.Hour
	MaxInvitations     = 1000 // of a share, and for an address; those that are over count
	maxMessage         = 2000 // bytes
)

// An InvitationSpec is what an invitation is made of.
type InvitationSpec struct {
	Email     string
	Role      engine.MemberRole
	Message   string
	ExpiresAt time.Time // of the invitation; zero: after InvitationLifetime
}

// An Invited is an invitation with the names that belong to it.
type Invited struct {
	*engine.Invitation
	ShareName string
	Inviter   string
}

// Invite offers a role in a share to whoever has an e-mail address, be there an
// account of it or not. It is for who may change the members, where the tenant
// allows it (KindForbidden). An open invitation for the address, or a role that its
// user has already, is KindConflict.
func (s *Service) Invite(ctx context.Context, p *engine.Principal, id engine.ID, spec InvitationSpec) (*Invited, error) {
	folded, err := identity.FoldEmail(spec.Email)
	if err != nil {
		return nil, err
	}
	if len(spec.Message) > maxMessage || !utf8.ValidString(spec.Message) {
		return nil, engine.Invalid("message", "Must be UTF-8 of at most %d bytes", maxMessage)
	}
	if err := s.checkEnd(spec.ExpiresAt); err != nil {
		return nil, err
	}
	var out *Invited
	err = s.db.Update(ctx, func(tx *meta.Tx) error {
		sh, err := manage(tx, p, id)
		if err != nil {
			return err
		}
		t, err := schema.GetTenant(tx, p.Tenant)
		if err != nil {
			return damagedIfAbsent(err, "the caller's tenant is missing")
		}
		if t.Settings.NoInvitations {
			return engine.E(engine.KindForbidden, "The tenant allows no invitations")
		}
		if err := s.free(tx, p.Tenant, sh, folded); err != nil {
			return err
		}
		now := s.env.Now()
		i := &engine.Invitation{
			ID: s.env.NewID(), Share: id, Email: spec.Email, Role: spec.Role, Message: spec.Message, State: engine.InvitationOpen,
			InvitedBy: p.User, CreatedAt: now, ExpiresAt: spec.ExpiresAt,
		}
		if i.ExpiresAt.IsZero() {
			i.ExpiresAt = now.Add(InvitationLifetime)
		}
		out = &Invited{Invitation: i, ShareName: sh.Name, Inviter: p.Name}
		if err := s.tellInvited(tx, p, i, folded); err != nil {
			return err
		}
		return schema.PutInvitation(tx, p.Tenant, folded, i)
	})
	if err != nil {
		return nil, engine.Wrap("share.Invite", err)
	}
	return out, nil
}

// tellInvited tells who has the address, if that is a user of the tenant.
func (s *Service) tellInvited(w schema.Writer, p *engine.Principal, i *engine.Invitation, folded string) error {
	ref, err := schema.GetUserByEmail(w, folded)
	if errors.Is(err, schema.ErrNotFound) || err == nil && ref.Tenant != p.Tenant {
		return nil
	}
	if err != nil {
		return err
	}
	return notice.Tell(w, s.env, p.Tenant, engine.Notice{Kind: engine.NoticeInvited, Share: i.Share, By: p.User, Subject: i.ID}, ref.User)
}

// free answers nil when an address may be invited into a share.
func (s *Service) free(r schema.Reader, t engine.TenantNo, sh *engine.Share, folded string) error {
	n, now := 0, s.env.Now()
	err := schema.ScanInvitations(r, t, sh.ID, engine.ID{}, func(i *engine.Invitation) (bool, error) {
		if n++; n >= MaxInvitations {
			return false, engine.E(engine.KindConflict, "The share has %d invitations; take some back", MaxInvitations)
		}
		other, err := identity.FoldEmail(i.Email)
		if err == nil && other == folded && i.State == engine.InvitationOpen && now.Before(i.ExpiresAt) {
			err = engine.E(engine.KindConflict, "There is an open invitation for this address")
		}
		return true, err
	})
	if err != nil {
		return err
	}
	ref, err := schema.GetUserByEmail(r, folded)
	if errors.Is(err, schema.ErrNotFound) || err == nil && ref.Tenant != t {
		return nil // whether another tenant has such a user is nobody's business
	}
	if err != nil {
		return err
	}
	m, err := schema.GetShareMember(r, t, sh.ID, ref.User)
	switch {
	case err == nil && m.Live(now), sh.Owner == ref.User:
		return engine.E(engine.KindConflict, "Has a role in this share already")
	case errors.Is(err, schema.ErrNotFound):
		return nil
	}
	return err
}

// Invitations lists the invitations to a share, oldest first, from offset, and their
// number, for who may change the members.
func (s *Service) Invitations(ctx context.Context, p *engine.Principal, id engine.ID, limit, offset int) ([]*Invited, int, error) {
	var list []*Invited
	err := s.db.View(ctx, func(v *meta.View) error {
		list = nil
		sh, err := manage(v, p, id)
		if err != nil {
			return err
		}
		return schema.ScanInvitations(v, p.Tenant, id, engine.ID{}, func(i *engine.Invitation) (bool, error) {
			list = append(list, &Invited{Invitation: i, ShareName: sh.Name})
			return len(list) < MaxInvitations, nil
		})
	})
	if err != nil {
		return nil, 0, engine.Wrap("share.Invitations", err)
	}
	total := len(list)
	return list[min(offset, total):min(offset+limit, total)], total, nil
}

// TakeBack takes an invitation back; one that is not there is KindNotFound.
func (s *Service) TakeBack(ctx context.Context, p *engine.Principal, share, id engine.ID) error {
	err := s.db.Update(ctx, func(tx *meta.Tx) error {
		if _, err := manage(tx, p, share); err != nil {
			return err
		}
		i, err := schema.GetInvitation(tx, p.Tenant, share, id)
		if errors.Is(err, schema.ErrNotFound) {
			return noInvitation()
		}
		if err != nil {
			return err
		}
		folded, err := identity.FoldEmail(i.Email)
		if err != nil {
			return err
		}
		return schema.DeleteInvitation(tx, p.Tenant, folded, share, id)
	})
	return engine.Wrap("share.TakeBack", err)
}

func noInvitation() error { return engine.E(engine.KindNotFound, "Invitation not found") }

// MyInvitations lists the open invitations for the caller's address.
func (s *Service) MyInvitations(ctx context.Context, p *engine.Principal) ([]*Invited, error) {
	var list []*Invited
	err := s.db.View(ctx, func(v *meta.View) error {
		list = nil
		folded, err := address(v, p)
		if err != nil {
			return err
		}
		n, now := 0, s.env.Now()
		return schema.ScanInvitationsOf(v, p.Tenant, folded, engine.ID{}, func(id, share engine.ID) (bool, error) {
			n++
			i, err := schema.GetInvitation(v, p.Tenant, share, id)
			if err != nil {
				return false, damagedIfAbsent(err, "an invitation is missing")
			}
			if i.State != engine.InvitationOpen || !now.Before(i.ExpiresAt) {
				return n < MaxInvitations, nil
			}
			sh, err := schema.GetShare(v, p.Tenant, share)
			if err != nil {
				return false, damagedIfAbsent(err, "the share of an invitation is missing")
			}
			if sh.DeletedAt.IsZero() {
				list = append(list, &Invited{Invitation: i, ShareName: sh.Name})
			}
			return n < MaxInvitations, nil
		})
	})
	return list, engine.Wrap("share.MyInvitations", err)
}

// address is the caller's folded address as it is stored now.
func address(r schema.Reader, p *engine.Principal) (string, error) {
	u, err := schema.GetUser(r, p.Tenant, p.User)
	if err != nil {
		return "", damagedIfAbsent(err, "the caller is missing")
	}
	return identity.FoldEmail(u.Email)
}

// Answer accepts or declines an invitation for the caller's address, once: one that
// was answered is KindConflict, one that is over or whose share is deleted KindGone,
// any other KindNotFound. Accepting makes the caller a member, unless they are more
// already.
func (s *Service) Answer(ctx context.Context, p *engine.Principal, id engine.ID, accept bool) (*engine.Invitation, error) {
	var i *engine.Invitation
	err := s.db.Update(ctx, func(tx *meta.Tx) error {
		folded, err := address(tx, p)
		if err != nil {
			return err
		}
		i = nil
		err = schema.ScanInvitationsOf(tx, p.Tenant, folded, engine.ID{}, func(k, share engine.ID) (bool, error) {
			if k == id {
				i = &engine.Invitation{ID: k, Share: share}
			}
			return i == nil, nil
		})
		if err != nil {
			return err
		}
		if i == nil {
			return noInvitation()
		}
		if i, err = schema.GetInvitation(tx, p.Tenant, i.Share, id); err != nil {
			return damagedIfAbsent(err, "an invitation is missing")
		}
		sh, err := schema.GetShare(tx, p.Tenant, i.Share)
		switch {
		case err != nil:
			return damagedIfAbsent(err, "the share of an invitation is missing")
		case i.State != engine.InvitationOpen:
			return engine.E(engine.KindConflict, "The invitation was answered already")
		case !s.env.Now().Before(i.ExpiresAt), !sh.DeletedAt.IsZero():
			return engine.E(engine.KindGone, "The invitation is over")
		}
		if i.State = engine.InvitationDeclined; accept {
			i.State = engine.InvitationAccepted
			if err := s.join(tx, p, sh, i); err != nil {
				return err
			}
			n := engine.Notice{Kind: engine.NoticeInvitationAccepted, Share: sh.ID, By: p.User, Subject: i.ID}
			if err := notice.Tell(tx, s.env, p.Tenant, n, i.InvitedBy); err != nil {
				return err
			}
		}
		return schema.PutInvitation(tx, p.Tenant, folded, i)
	})
	if err != nil {
		return nil, engine.Wrap("share.Answer", err)
	}
	return i, nil
}

// join makes the caller a member as an invitation says.
func (s *Service) join(w schema.Writer, p *engine.Principal, sh *engine.Share, i *engine.Invitation) error {
	was, err := schema.GetShareMember(w, p.Tenant, sh.ID, p.User)
	switch {
	case err == nil && was.Live(s.env.Now()) && was.Role >= i.Role:
		return nil
	case err != nil && !errors.Is(err, schema.ErrNotFound):
		return err
	case access.Owns(p, sh):
		return nil
	case err != nil && sh.Members.Count >= engine.MaxShareMembers:
		return engine.E(engine.KindConflict, "The share has %d members", engine.MaxShareMembers)
	}
	return schema.PutShareMember(w, p.Tenant, sh, &engine.ShareMember{
		Share: sh.ID, Principal: p.User, Kind: engine.PrincipalUser, Role: i.Role, ExpiresAt: i.MemberUntil,
		AddedBy: i.InvitedBy, AddedAt: s.env.Now(),
	})
}
