package schema

import (
	"encoding/binary"
	"errors"
	"time"

	"scaidrive/engine"
)

// GetShare reads a share.
func GetShare(r Reader, t engine.TenantNo, id engine.ID) (*engine.Share, error) {
	s, err := get(r, Shares, ShareKey(t, id), shareFields)
	if err == nil {
		s.ID = id
	}
	return s, err
}

// PeekShare is GetShare for who changes nothing of what it gives; its ID is not set.
func PeekShare(r Reader, t engine.TenantNo, id engine.ID) (*engine.Share, error) {
	return peek(r, Shares, ShareKey(t, id), shareFields)
}

// PutShare writes a share.
func PutShare(w Writer, t engine.TenantNo, s *engine.Share) error {
	return put(w, Shares, ShareKey(t, s.ID), s, shareFields)
}

// ScanShares goes through a tenant's shares behind an ID.
func ScanShares(r Reader, t engine.TenantNo, behind engine.ID, fn func(*engine.Share) (bool, error)) error {
	return scanIDs(r, Shares, tenantKey(t, idSize), behind, shareFields, func(id engine.ID, s *engine.Share) (bool, error) {
		s.ID = id
		return fn(s)
	})
}

// GetNode reads a folder or file.
func GetNode(r Reader, t engine.TenantNo, id engine.ID) (*engine.Node, error) {
	n, err := get(r, Nodes, NodeKey(t, id), nodeFields)
	if err == nil {
		n.ID = id
	}
	return n, err
}

// PeekNode is GetNode for who changes nothing of what it gives; its ID is not set.
func PeekNode(r Reader, t engine.TenantNo, id engine.ID) (*engine.Node, error) {
	return peek(r, Nodes, NodeKey(t, id), nodeFields)
}

// PutNode writes a folder or file.
func PutNode(w Writer, t engine.TenantNo, n *engine.Node) error {
	return put(w, Nodes, NodeKey(t, n.ID), n, nodeFields)
}

// DeleteNode removes a node for good.
func DeleteNode(w Writer, t engine.TenantNo, id engine.ID) error {
	return w.Delete(Nodes, NodeKey(t, id))
}

// GetChild finds what a folder has under a name key.
func GetChild(r Reader, t engine.TenantNo, parent engine.ID, nameKey []byte) (*engine.Child, error) {
	return get(r, Children, ChildKey(t, parent, nameKey), childFields)
}

// PutChild writes a row of a folder. Counts and digest of the folder are the
// caller's: LinkChild does both.
func PutChild(w Writer, t engine.TenantNo, parent engine.ID, nameKey []byte, c *engine.Child) error {
	return put(w, Children, ChildKey(t, parent, nameKey), c, childFields)
}

// DeleteChild removes a row of a folder; UnlinkChild counts too.
func DeleteChild(w Writer, t engine.TenantNo, parent engine.ID, nameKey []byte) error {
	return w.Delete(Children, ChildKey(t, parent, nameKey))
}

// ScanChildren goes through a folder's children behind a name key; nil is the
// beginning. fn must not keep nameKey. Whoever goes through all of them compares
// with the folder's counts and digest: Tally.
func ScanChildren(r Reader, t engine.TenantNo, parent engine.ID, behind []byte, fn func(nameKey []byte, c *engine.Child) (bool, error)) error {
	prefix := tenantKey(t, 0, parent)
	from := prefix
	if behind != nil {
		from = after(ChildKey(t, parent, behind))
	}
	return scan(r, Children, from, prefixEnd(prefix), 0, childFields, func(k []byte, c *engine.Child) (bool, error) {
		return fn(k[len(prefix):], c)
	})
}

// ScanChildrenBack goes through a folder's children in the opposite order, from
// the one before a name key; nil is the end.
func ScanChildrenBack(r BackReader, t engine.TenantNo, parent engine.ID, before []byte, fn func(nameKey []byte, c *engine.Child) (bool, error)) error {
	prefix := tenantKey(t, 0, parent)
	to := prefixEnd(prefix)
	if before != nil {
		to = ChildKey(t, parent, before)
	}
	return r.ScanBack(Children, prefix, to, eachRecord(Children, 0, childFields, func(k []byte, c *engine.Child) (bool, error) {
		return fn(k[len(prefix):], c)
	}))
}

// GetVersion reads a version of a file.
func GetVersion(r Reader, t engine.TenantNo, file engine.ID, number uint64) (*engine.Version, error) {
	v, err := get(r, Versions, VersionKey(t, file, number), versionFields)
	if err == nil {
		v.File, v.Number = file, number
	}
	return v, err
}

// PutVersion writes a version; File and Number are its key.
func PutVersion(w Writer, t engine.TenantNo, v *engine.Version) error {
	return put(w, Versions, VersionKey(t, v.File, v.Number), v, versionFields)
}

// DeleteVersion removes a version for good.
func DeleteVersion(w Writer, t engine.TenantNo, file engine.ID, number uint64) error {
	return w.Delete(Versions, VersionKey(t, file, number))
}

// ScanVersions goes through a file's versions, newest first, from those with a
// number below the given one; 0 begins at the newest.
func ScanVersions(r Reader, t engine.TenantNo, file engine.ID, below uint64, fn func(*engine.Version) (bool, error)) error {
	prefix := tenantKey(t, 0, file)
	from := prefix
	if below != 0 {
		from = after(VersionKey(t, file, below))
	}
	return scan(r, Versions, from, prefixEnd(prefix), len(prefix)+seqSize, versionFields, func(k []byte, v *engine.Version) (bool, error) {
		v.File, v.Number = file, ^binary.BigEndian.Uint64(k[len(prefix):])
		return fn(v)
	})
}

// GetChange reads a row of a share's change log.
func GetChange(r Reader, t engine.TenantNo, share engine.ID, seq uint64) (*engine.Change, error) {
	c, err := get(r, Changes, ChangeKey(t, share, seq), changeFields)
	if err == nil {
		c.Share, c.Seq = share, seq
	}
	return c, err
}

// PutChange writes a row of a share's change log; Share and Seq are its key.
func PutChange(w Writer, t engine.TenantNo, c *engine.Change) error {
	return put(w, Changes, ChangeKey(t, c.Share, c.Seq), c, changeFields)
}

// DeleteChange removes a row that is no longer kept.
func DeleteChange(w Writer, t engine.TenantNo, share engine.ID, seq uint64) error {
	return w.Delete(Changes, ChangeKey(t, share, seq))
}

// ScanChanges goes through the rows of a share's change log behind a sequence
// number, oldest first.
func ScanChanges(r Reader, t engine.TenantNo, share engine.ID, behind uint64, fn func(*engine.Change) (bool, error)) error {
	prefix := tenantKey(t, 0, share)
	from := after(ChangeKey(t, share, behind))
	return scan(r, Changes, from, prefixEnd(prefix), len(prefix)+seqSize, changeFields, func(k []byte, c *engine.Change) (bool, error) {
		c.Share, c.Seq = share, binary.BigEndian.Uint64(k[len(prefix):])
		return fn(c)
	})
}

// ScanChangesBack goes through the rows of a share's change log below a sequence
// number, newest first; 0 begins at the newest.
func ScanChangesBack(r BackReader, t engine.TenantNo, share engine.ID, below uint64, fn func(*engine.Change) (bool, error)) error {
	prefix := tenantKey(t, 0, share)
	to := prefixEnd(prefix)
	if below != 0 {
		to = ChangeKey(t, share, below)
	}
	return r.ScanBack(Changes, prefix, to, eachRecord(Changes, len(prefix)+seqSize, changeFields, func(k []byte, c *engine.Change) (bool, error) {
		c.Share, c.Seq = share, binary.BigEndian.Uint64(k[len(prefix):])
		return fn(c)
	}))
}

// PutTrash puts a node's place into its share's trash.
func PutTrash(w Writer, t engine.TenantNo, i *engine.TrashItem) error {
	return put(w, Trash, TrashKey(t, i.Share, i.DeletedAt, i.Node), i, trashFields)
}

// DeleteTrash takes a place out of the trash; share, moment and node name it.
func DeleteTrash(w Writer, t engine.TenantNo, share engine.ID, at time.Time, node engine.ID) error {
	return w.Delete(Trash, TrashKey(t, share, at, node))
}

// ScanTrash goes through a share's trash, what was deleted last first, behind a
// given item; nil is the beginning.
func ScanTrash(r Reader, t engine.TenantNo, share engine.ID, behind *engine.TrashItem, fn func(*engine.TrashItem) (bool, error)) error {
	prefix := tenantKey(t, 0, share)
	from := prefix
	if behind != nil {
		from = after(TrashKey(t, share, behind.DeletedAt, behind.Node))
	}
	return scan(r, Trash, from, prefixEnd(prefix), len(prefix)+seqSize+idSize, trashFields, func(k []byte, i *engine.TrashItem) (bool, error) {
		micros := int64(^binary.BigEndian.Uint64(k[len(prefix):]) ^ 1<<63)
		i.Share, i.Node, i.DeletedAt = share, tailID(k), time.UnixMicro(micros).UTC()
		return fn(i)
	})
}

// EachNode reads nodes for who looks at many of them once: they are not
// remembered, and quickest in the order of their IDs. A node that is missing is
// nil. fn must not keep it, nor what is in it.
func EachNode(r Reader, t engine.TenantNo, ids []engine.ID, fn func(i int, n *engine.Node) (bool, error)) error {
	key := NodeKey(t, engine.ID{})
	var n engine.Node
	for i := range ids {
		copy(key[tenantSize:], ids[i][:])
		v, err := r.Get(Nodes, key)
		at := &n
		switch {
		case errors.Is(err, ErrNotFound):
			at = nil
		case err != nil:
			return err
		default:
			n = engine.Node{ID: ids[i]}
			if err := decode(v, &n, nodeFields); err != nil {
				return damaged(Nodes, key, err)
			}
		}
		if more, err := fn(i, at); err != nil || !more {
			return err
		}
	}
	return nil
}
