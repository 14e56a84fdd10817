package share

import (
	"context"
	"errors"
	"regexp"
	"slices"
	"time"

	"scaidrive/engine"
	"scaidrive/engine/access"
	"scaidrive/engine/meta"
	"scaidrive/engine/meta/schema"
)

// slugForm is what slugs look like: never like an ID.
var slugForm = regexp.MustCompile(`^[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?$`)

// words that stand in paths where a slug could.
var reserved = []string{"search", "discoverable"}

// setSlug gives a share another slug, "" for none. A taken one is KindConflict, be
// the share that has it in sight or deleted.
func setSlug(w schema.Writer, t engine.TenantNo, sh *engine.Share, slug string) error {
	if slug == sh.Slug {
		return nil
	}
	if slug != "" {
		if !slugForm.MatchString(slug) || slices.Contains(reserved, slug) {
			return engine.Invalid("slug", "Must be 1 to 64 of a-z, 0-9 and -, not begin or end with -, and be no word of the API")
		}
		switch _, err := schema.FindSlug(w, t, slug); {
		case err == nil:
			return engine.E(engine.KindConflict, "The slug is taken")
		case !errors.Is(err, schema.ErrNotFound):
			return err
		}
	}
	return schema.SetSlug(w, t, sh, slug)
}

// setDiscoverable lists a share for everybody, or not.
func (s *Service) setDiscoverable(w schema.Writer, t engine.TenantNo, sh *engine.Share, yes bool) error {
	if yes == sh.Discoverable {
		return nil
	}
	if sh.Type == engine.SharePersonal {
		return engine.Invalid("visibility", "A personal share is private")
	}
	return schema.SetDiscoverable(w, t, sh, yes, s.env.Now())
}

// setArchive says when a share becomes read-only; the zero time is never, one that is
// not in the future is now.
func (s *Service) setArchive(sh *engine.Share, at time.Time) error {
	now := s.env.Now()
	switch {
	case at.IsZero():
	case sh.Type == engine.SharePersonal:
		return engine.Invalid("archive_at", "A personal share can't be archived")
	case !at.After(now):
		if at = now; sh.Archived(now) {
			at = sh.ArchiveAt // it has been since then
		}
	case sh.Type != engine.ShareProject:
		return engine.Invalid("archive_at", "Only project shares are archived at a date")
	}
	if !at.Equal(sh.ArchiveAt) {
		sh.ArchiveAt = at
		sh.AccessGen++ // what was decided before does not hold
	}
	return nil
}

// BySlug gives the ID of the share of the caller's tenant that has a slug; none is
// KindNotFound in the words of what is out of sight. That the caller may see it is for
// the use of the ID to decide.
func (s *Service) BySlug(ctx context.Context, p *engine.Principal, slug string) (id engine.ID, err error) {
	if !slugForm.MatchString(slug) {
		return id, access.NotFound()
	}
	err = s.db.View(ctx, func(v *meta.View) error {
		id, err = schema.FindSlug(v, p.Tenant, slug)
		return err
	})
	if errors.Is(err, schema.ErrNotFound) {
		err = access.NotFound()
	}
	return id, err
}
