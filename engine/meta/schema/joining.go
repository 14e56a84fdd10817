package schema

import (
	"time"

	"scaidrive/engine"
)

// What shares are found by beside their IDs, and who asks to join them.

// slugRef is the value of Slugs.
type slugRef struct {
	Share engine.ID
	Extra engine.Extra
}

func slugRefFields(c *codec, r *slugRef) {
	c.id(1, "share", &r.Share)
	c.extra(&r.Extra)
}

func joinRequestFields(c *codec, j *engine.JoinRequest) {
	unsigned(c, 1, "role", &j.Role)
	c.string(2, "message", &j.Message)
	unsigned(c, 3, "state", &j.State)
	c.time(4, "at", &j.At)
	c.id(5, "answered_by", &j.AnsweredBy)
	c.time(6, "answered_at", &j.AnsweredAt)
	c.extra(&j.Extra)
}

// mark is the value of tables whose keys say all but since when.
type mark struct {
	At    time.Time
	Extra engine.Extra
}

func markFields(c *codec, m *mark) {
	c.time(1, "at", &m.At)
	c.extra(&m.Extra)
}

// SlugKey is the key of a slug.
func SlugKey(t engine.TenantNo, slug string) []byte {
	return append(tenantKey(t, len(slug)), slug...)
}

// JoinRequestKey is the key of a user's request to join a share.
func JoinRequestKey(t engine.TenantNo, share, user engine.ID) []byte {
	return tenantKey(t, 0, share, user)
}

// JoinRequestOfKey is the same, seen from the user.
func JoinRequestOfKey(t engine.TenantNo, user, share engine.ID) []byte {
	return tenantKey(t, 0, user, share)
}

// OpenShareKey is the key of a discoverable share.
func OpenShareKey(t engine.TenantNo, share engine.ID) []byte { return tenantKey(t, 0, share) }

// FindSlug finds the share that has a slug.
func FindSlug(r Reader, t engine.TenantNo, slug string) (engine.ID, error) {
	ref, err := get(r, Slugs, SlugKey(t, slug), slugRefFields)
	if err != nil {
		return engine.ID{}, err
	}
	return ref.Share, nil
}

// SetSlug gives a share another slug, or none, and frees the one it had. That it is
// free is for the caller to have asked in the same mutation. It changes s; the caller
// writes it.
func SetSlug(w Writer, t engine.TenantNo, s *engine.Share, slug string) error {
	if s.Slug != "" {
		if err := w.Delete(Slugs, SlugKey(t, s.Slug)); err != nil {
			return err
		}
	}
	if s.Slug = slug; slug == "" {
		return nil
	}
	return put(w, Slugs, SlugKey(t, slug), &slugRef{Share: s.ID}, slugRefFields)
}

// SetDiscoverable lists a share for everybody, or does so no more. It changes s; the
// caller writes it.
func SetDiscoverable(w Writer, t engine.TenantNo, s *engine.Share, yes bool, now time.Time) error {
	if s.Discoverable = yes; !yes {
		return w.Delete(OpenShares, OpenShareKey(t, s.ID))
	}
	return put(w, OpenShares, OpenShareKey(t, s.ID), &mark{At: now}, markFields)
}

// ScanOpenShares goes through the discoverable shares of a tenant behind one of them.
func ScanOpenShares(r Reader, t engine.TenantNo, behind engine.ID, fn func(engine.ID) (bool, error)) error {
	return scanIDs(r, OpenShares, tenantKey(t, idSize), behind, markFields, func(id engine.ID, _ *mark) (bool, error) { return fn(id) })
}

// GetJoinRequest reads a user's request to join a share.
func GetJoinRequest(r Reader, t engine.TenantNo, share, user engine.ID) (*engine.JoinRequest, error) {
	j, err := get(r, JoinRequests, JoinRequestKey(t, share, user), joinRequestFields)
	if err == nil {
		j.Share, j.User = share, user
	}
	return j, err
}

// PutJoinRequest writes a request, and that it is there for its user.
func PutJoinRequest(w Writer, t engine.TenantNo, j *engine.JoinRequest) error {
	if err := put(w, JoinRequestsOf, JoinRequestOfKey(t, j.User, j.Share), &mark{At: j.At}, markFields); err != nil {
		return err
	}
	return put(w, JoinRequests, JoinRequestKey(t, j.Share, j.User), j, joinRequestFields)
}

// DeleteJoinRequest removes a request.
func DeleteJoinRequest(w Writer, t engine.TenantNo, share, user engine.ID) error {
	if err := w.Delete(JoinRequestsOf, JoinRequestOfKey(t, user, share)); err != nil {
		return err
	}
	return w.Delete(JoinRequests, JoinRequestKey(t, share, user))
}

// ScanJoinRequests goes through the requests to join a share behind a user's.
func ScanJoinRequests(r Reader, t engine.TenantNo, share, behind engine.ID, fn func(*engine.JoinRequest) (bool, error)) error {
	return scanIDs(r, JoinRequests, tenantKey(t, idSize, share), behind, joinRequestFields, func(id engine.ID, j *engine.JoinRequest) (bool, error) {
		j.Share, j.User = share, id
		return fn(j)
	})
}

// ScanJoinRequestsOf goes through the shares that a user asked to join, behind one of
// them.
func ScanJoinRequestsOf(r Reader, t engine.TenantNo, user, behind engine.ID, fn func(share engine.ID) (bool, error)) error {
	return scanIDs(r, JoinRequestsOf, tenantKey(t, idSize, user), behind, markFields, func(id engine.ID, _ *mark) (bool, error) { return fn(id) })
}
