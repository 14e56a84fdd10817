package schema

import (
	"errors"
	"time"

	"scaidrive/engine"
)

// GetTrash reads a place in the trash; share, moment and node name it.
func GetTrash(r Reader, t engine.TenantNo, share engine.ID, at time.Time, node engine.ID) (*engine.TrashItem, error) {
	i, err := get(r, Trash, TrashKey(t, share, at, node), trashFields)
	if err == nil {
		i.Share, i.Node, i.DeletedAt = share, node, at
	}
	return i, err
}

// PutTrashed notes beside a folder that a deleted node was deleted from it, so
// that the node is found when the folder goes away.
func PutTrashed(w Writer, t engine.TenantNo, parent, node engine.ID, kind engine.NodeKind) error {
	return put(w, TrashByParent, TrashByParentKey(t, parent, node), &trashRef{Kind: kind}, trashRefFields)
}

// HasTrashed reports whether that is noted.
func HasTrashed(r Reader, t engine.TenantNo, parent, node engine.ID) (bool, error) {
	_, err := get(r, TrashByParent, TrashByParentKey(t, parent, node), trashRefFields)
	if errors.Is(err, ErrNotFound) {
		return false, nil
	}
	return err == nil, err
}

// DeleteTrashed takes the note away.
func DeleteTrashed(w Writer, t engine.TenantNo, parent, node engine.ID) error {
	return w.Delete(TrashByParent, TrashByParentKey(t, parent, node))
}

// ScanTrashed goes through the deleted nodes of a folder, in the order of their
// IDs, behind one of them; zero is the beginning.
func ScanTrashed(r Reader, t engine.TenantNo, parent, behind engine.ID, fn func(node engine.ID) (bool, error)) error {
	return scanIDs(r, TrashByParent, tenantKey(t, idSize, parent), behind, trashRefFields, func(id engine.ID, _ *trashRef) (bool, error) {
		return fn(id)
	})
}

// GetPurge reads the order to remove a node for good.
func GetPurge(r Reader, t engine.TenantNo, node engine.ID) (*engine.Purge, error) {
	p, err := get(r, Purges, PurgeKey(t, node), purgeFields)
	if err == nil {
		p.Node = node
	}
	return p, err
}

// PutPurge writes the order to remove a node for good.
func PutPurge(w Writer, t engine.TenantNo, p *engine.Purge) error {
	return put(w, Purges, PurgeKey(t, p.Node), p, purgeFields)
}

// DeletePurge ends it.
func DeletePurge(w Writer, t engine.TenantNo, node engine.ID) error {
	return w.Delete(Purges, PurgeKey(t, node))
}

// ScanPurges goes through a tenant's orders behind a node's.
func ScanPurges(r Reader, t engine.TenantNo, behind engine.ID, fn func(*engine.Purge) (bool, error)) error {
	return scanIDs(r, Purges, tenantKey(t, idSize), behind, purgeFields, func(id engine.ID, p *engine.Purge) (bool, error) {
		p.Node = id
		return fn(p)
	})
}

// UnindexException takes a node out of the index of a share's exceptions, as when
// it moves to another share, and writes the share's record, if it was in there.
func UnindexException(w Writer, t engine.TenantNo, s *engine.Share, node engine.ID) error {
	key := ExceptionKey(t, s.ID, node)
	was, err := get(w, Exceptions, key, exceptionFields)
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	s.Exceptions = addSeal(s.Exceptions, -1, recordDigest(Exceptions, key, encode(was, exceptionFields)))
	if err := w.Delete(Exceptions, key); err != nil {
		return err
	}
	return PutShare(w, t, s)
}

// DeleteEntries removes a node's entries with the node itself, for good.
func DeleteEntries(w Writer, t engine.TenantNo, share engine.ID, n *engine.Node) error {
	if err := MoveEntries(w, t, n, share, engine.ID{}); err != nil {
		return err
	}
	return w.Delete(Entries, EntriesKey(t, n.ID))
}
