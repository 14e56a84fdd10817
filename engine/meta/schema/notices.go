package schema

import (
	"encoding/binary"

	"scaidrive/engine"
)

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
	c.id(11, "id", &n.ID)
	c.extra(&n.Extra)
}

// NoticeKey is the key of a notice. The number is stored inverted, so that a scan
// gives the newest first.
func NoticeKey(t engine.TenantNo, user engine.ID, seq uint64) []byte {
	return binary.BigEndian.AppendUint64(tenantKey(t, seqSize, user), ^seq)
}

// NoticeUser reads whose notice a key is of.
func NoticeUser(key []byte) (t engine.TenantNo, user engine.ID) {
	if len(key) < tenantSize+idSize {
		return 0, user
	}
	copy(user[:], key[tenantSize:])
	return engine.TenantNo(binary.BigEndian.Uint32(key)), user
}

// PutNotice writes a notice; User and Seq are its key.
func PutNotice(w Writer, t engine.TenantNo, n *engine.Notice) error {
	return put(w, Notices, NoticeKey(t, n.User, n.Seq), n, noticeFields)
}

// DeleteNotice removes a notice, if it is there.
func DeleteNotice(w Writer, t engine.TenantNo, user engine.ID, seq uint64) error {
	return w.Delete(Notices, NoticeKey(t, user, seq))
}

// ScanNotices goes through a user's notices below a number, the newest first; 0 is the
// beginning.
func ScanNotices(r Reader, t engine.TenantNo, user engine.ID, below uint64, fn func(*engine.Notice) (bool, error)) error {
	prefix := tenantKey(t, 0, user)
	from := prefix
	if below != 0 {
		from = after(NoticeKey(t, user, below))
	}
	return scan(r, Notices, from, prefixEnd(prefix), len(prefix)+seqSize, noticeFields, func(k []byte, n *engine.Notice) (bool, error) {
		n.User, n.Seq = user, ^binary.BigEndian.Uint64(k[len(prefix):])
		return fn(n)
	})
}

// ScanAllNotices goes through the notices of a tenant by their users, behind one; nil is
// the beginning.
func ScanAllNotices(r Reader, t engine.TenantNo, behind *engine.Notice, fn func(*engine.Notice) (bool, error)) error {
	prefix := tenantKey(t, 0)
	from := prefix
	if behind != nil {
		from = after(NoticeKey(t, behind.User, behind.Seq))
	}
	return scan(r, Notices, from, prefixEnd(prefix), len(prefix)+idSize+seqSize, noticeFields, func(k []byte, n *engine.Notice) (bool, error) {
		_, n.User = NoticeUser(k)
		n.Seq = ^binary.BigEndian.Uint64(k[len(prefix)+idSize:])
		return fn(n)
	})
}
