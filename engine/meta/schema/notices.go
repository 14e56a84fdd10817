package schema

import "scaidrive/engine"

func noticeFields(c *codec, n *engine.Notice) {
	unsigned(c, 1, "kind", &n.Kind)
	c.time(2, "at", &n.At)
	c.time(3, "read_at", &n.ReadAt)
	c.id(4, "share", &n.Share)
	c.id(5, "node", &n.Node)
	unsigned(c, 6, "node_kind", &n.NodeKind)
	c.id(7, "by", &n.By)
	c.id(8, "subject", &n.Subject)
	unsigned(c, 9, "count", &n.Count)
	c.string(10, "device", &n.Device)
	c.extra(&n.Extra)
}

// NoticeKey is the key of a notice. The ID is stored inverted, so that a scan gives
// the newest first.
func NoticeKey(t engine.TenantNo, user, id engine.ID) []byte {
	return tenantKey(t, 0, user, inverted(id))
}

func inverted(id engine.ID) engine.ID {
	for i := range id {
		id[i] = ^id[i]
	}
	return id
}

// GetNotice reads a notice.
func GetNotice(r Reader, t engine.TenantNo, user, id engine.ID) (*engine.Notice, error) {
	n, err := get(r, Notices, NoticeKey(t, user, id), noticeFields)
	if err == nil {
		n.User, n.ID = user, id
	}
	return n, err
}

// PutNotice writes a notice.
func PutNotice(w Writer, t engine.TenantNo, n *engine.Notice) error {
	return put(w, Notices, NoticeKey(t, n.User, n.ID), n, noticeFields)
}

// DeleteNotice removes a notice.
func DeleteNotice(w Writer, t engine.TenantNo, user, id engine.ID) error {
	return w.Delete(Notices, NoticeKey(t, user, id))
}

// ScanNotices goes through a user's notices, the newest first, behind one of them; the
// zero ID is the beginning.
func ScanNotices(r Reader, t engine.TenantNo, user, behind engine.ID, fn func(*engine.Notice) (bool, error)) error {
	if !behind.IsZero() {
		behind = inverted(behind)
	}
	return scanIDs(r, Notices, tenantKey(t, idSize, user), behind, noticeFields, func(id engine.ID, n *engine.Notice) (bool, error) {
		n.User, n.ID = user, inverted(id)
		return fn(n)
	})
}
