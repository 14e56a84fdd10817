package share

import (
	"context"
	"errors"
	"time"
	"unicode/utf8"

	"scaidrive/engine"
	"scaidrive/engine/access"
	"scaidrive/engine/meta"
	"scaidrive/engine/meta/schema"
	"scaidrive/engine/notice"
	"scaidrive/engine/once"
)

// check finds a live share and checks a right on it. One that is deleted is
// KindGone for who may bring it back, and absent for everybody else.
func check(r schema.Reader, p *engine.Principal, id engine.ID, want engine.Right) (*engine.Share, error) {
	sub, err := access.CheckShare(r, p, id, want)
	if err == nil {
		return sub.Share, nil
	}
	if want == engine.RightRead && engine.KindOf(err) == engine.KindNotFound {
		// Whoever sees something inside sees that the share is there.
		if sub, sight, lerr := access.LookShare(r, p, id); lerr == nil && sight == access.Bare {
			return nil, &bareError{sub.Share}
		}
	}
	if engine.KindOf(err) != engine.KindNotFound {
		return nil, err
	}
	sh, derr := deleted(r, p, id)
	if derr != nil {
		return nil, derr
	}
	if sh != nil {
		return nil, engine.E(engine.KindGone, "In the trash: share/%s", id.Format(engine.PrefixShare))
	}
	return nil, err
}

// deleted finds a deleted share that the caller may bring back; nil: none.
func deleted(r schema.Reader, p *engine.Principal, id engine.ID) (*engine.Share, error) {
	sh, err := schema.GetShare(r, p.Tenant, id)
	if errors.Is(err, schema.ErrNotFound) {
		return nil, nil
	}
	if err != nil || sh.DeletedAt.IsZero() {
		return nil, err
	}
	if may, err := disposes(r, p, sh); err != nil || !may {
		return nil, err
	}
	return sh, nil
}

// disposes reports whether a caller may delete a share, bring it back and give it
// to somebody: its owner, whoever is in the group that owns it, and the tenant's
// administrators.
func disposes(r schema.Reader, p *engine.Principal, sh *engine.Share) (bool, error) {
	if may, err := access.Administers(r, p); err != nil || may {
		return may, err
	}
	st, err := access.StandingIn(r, p, sh)
	return st.Owner, err
}

// A Change is what to change of a share; what is nil stays.
type Change struct {
	Name        *string
	Description *string
	Restore     bool // bring it back, if it is deleted

	Slug         *string // "" for none
	Discoverable *bool
	ArchiveAt    *time.Time // when it becomes read-only; the zero time: never, or no more
	Strategy     *engine.Strategy
	// QuotaBytes is how much the share may hold; -1: no more than the tenant gives each.
	QuotaBytes *int64
	TrashDays  *int // how long what is deleted is kept; 0: until somebody removes it, -1: as the tenant says
}

// any reports whether there is anything to change.
func (c *Change) any() bool {
	return c.Name != nil || c.Description != nil || c.own()
}

// own reports whether there is something that is for the owner and administrators.
func (c *Change) own() bool {
	return c.Slug != nil || c.Discoverable != nil || c.ArchiveAt != nil || c.Strategy != nil || c.TrashDays != nil || c.QuotaBytes != nil
}

// Edit changes a share. It needs MANAGE_PERMISSIONS, for slug, visibility, archive, quota and
// strategy by a role in the share; bringing back is for the owner
// and the tenant's administrators. Errors: KindInvalid names the field.
func (s *Service) Edit(ctx context.Context, p *engine.Principal, id engine.ID, c Change) (*engine.Share, error) {
	var sh *engine.Share
	err := s.db.Update(ctx, func(tx *meta.Tx) (err error) {
		if sh, err = s.edit(tx, p, id, c); err != nil {
			return err
		}
		return once.Keep(ctx, tx, once.Made{ID: id})
	})
	if err != nil {
		return nil, engine.Wrap("share.Edit", err)
	}
	return sh, nil
}

func (s *Service) edit(w schema.Writer, p *engine.Principal, id engine.ID, c Change) (*engine.Share, error) {
	if c.Restore {
		if err := s.restore(w, p, id); err != nil {
			return nil, err
		}
	}
	find := check
	if c.own() {
		find = func(r schema.Reader, p *engine.Principal, id engine.ID, _ engine.Right) (*engine.Share, error) {
			return manage(r, p, id)
		}
	}
	sh, err := find(w, p, id, engine.RightManage)
	if err != nil || !c.any() {
		return sh, err
	}
	if c.Name != nil {
		t, err := schema.GetTenant(w, p.Tenant)
		if err != nil {
			return nil, damagedIfAbsent(err, "the caller's tenant is missing")
		}
		if sh.Name, err = checkName(t, *c.Name); err != nil {
			return nil, err
		}
	}
	if c.Description != nil {
		if len(*c.Description) > maxDescription || !utf8.ValidString(*c.Description) {
			return nil, engine.Invalid("description", "Must be UTF-8 of at most %d bytes", maxDescription)
		}
		sh.Description = *c.Description
	}
	if c.QuotaBytes != nil {
		t, err := schema.GetTenant(w, p.Tenant)
		if err != nil {
			return nil, damagedIfAbsent(err, "the caller's tenant is missing")
		}
		if sh.QuotaBytes, err = quota(w, p, t, *c.QuotaBytes); err != nil {
			return nil, err
		}
	}
	ends := sh.ArchiveAt
	if err := s.editLife(w, p.Tenant, sh, c); err != nil {
		return nil, err
	}
	if !sh.ArchiveAt.IsZero() && !sh.ArchiveAt.Equal(ends) {
		if err := s.tellArchived(w, p, sh); err != nil {
			return nil, err
		}
	}
	sh.ModifiedAt = s.env.Now()
	return sh, schema.PutShare(w, p.Tenant, sh)
}

// tellArchived tells who is in a share when it becomes read-only.
func (s *Service) tellArchived(w schema.Writer, p *engine.Principal, sh *engine.Share) error {
	users, err := notice.Circle(w, s.env, p.Tenant, sh)
	if err != nil {
		return err
	}
	return notice.Tell(w, s.env, p.Tenant, engine.Notice{Kind: engine.NoticeShareArchived, Share: sh.ID, By: p.User}, users...)
}

// editLife changes how a share is found, until when it is written, and what becomes
// of edits that meet.
func (s *Service) editLife(w schema.Writer, t engine.TenantNo, sh *engine.Share, c Change) error {
	if c.Strategy != nil {
		sh.Strategy = *c.Strategy
	}
	if c.TrashDays != nil {
		switch days := *c.TrashDays; {
		case days < -1 || days > engine.MaxRetentionDays:
			return engine.Invalid("settings.trash_retention_days", "Must be -1 to %d", engine.MaxRetentionDays)
		case days == -1:
			sh.TrashDays = 0
		case days == 0:
			sh.TrashDays = engine.NeverExpires
		default:
			sh.TrashDays = days
		}
	}
	if c.Slug != nil {
		if err := setSlug(w, t, sh, *c.Slug); err != nil {
			return err
		}
	}
	if c.ArchiveAt != nil {
		if err := s.setArchive(sh, *c.ArchiveAt); err != nil {
			return err
		}
	}
	if c.Discoverable != nil {
		return s.setDiscoverable(w, t, sh, *c.Discoverable)
	}
	return nil
}

func (s *Service) restore(w schema.Writer, p *engine.Principal, id engine.ID) error {
	sh, err := deleted(w, p, id)
	if err != nil || sh == nil {
		return err
	}
	sh.DeletedAt, sh.ModifiedAt = time.Time{}, s.env.Now()
	return schema.PutShare(w, p.Tenant, sh)
}

// Delete takes a share away from everybody, with all that is in it; nothing is
// removed, and its bytes count on. It is for the owner and the tenant's
// administrators, KindForbidden for others who see it. A personal share goes with
// its user and not before.
func (s *Service) Delete(ctx context.Context, p *engine.Principal, id engine.ID) error {
	err := s.db.Update(ctx, func(tx *meta.Tx) error {
		sh, err := check(tx, p, id, engine.RightRead)
		if err != nil {
			return err
		}
		may, err := disposes(tx, p, sh)
		switch {
		case err != nil:
			return err
		case !may:
			return engine.E(engine.KindForbidden, "Only the owner and administrators may delete share/%s", id.Format(engine.PrefixShare))
		case sh.Type == engine.SharePersonal:
			return engine.E(engine.KindForbidden, "A personal share can't be deleted; it belongs to its user")
		}
		sh.DeletedAt = s.env.Now()
		sh.ModifiedAt = sh.DeletedAt
		if err := schema.PutShare(tx, p.Tenant, sh); err != nil {
			return err
		}
		return once.Keep(ctx, tx, once.Made{ID: id})
	})
	return engine.Wrap("share.Delete", err)
}
