package schema

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"

	"scaidrive/engine"
)

// What restricts is noticed when it is missing: the entries of a node are one
// record, whose seal stands in the node; the index of a share's exceptions has
// its seal in the share.

// GetEntries reads a node's entries and compares them with the node's seal. A
// missing or different record is KindDamaged, never an empty list.
func GetEntries(r Reader, t engine.TenantNo, n *engine.Node) ([]engine.Entry, error) {
	list, err := PeekEntries(r, t, n)
	return slices.Clone(list), err
}

// sealed are entries that are remembered, with the seal that they had.
type sealed struct {
	list []engine.Entry
	seal engine.Seal
}

// PeekEntries is GetEntries for who changes nothing of what it gives.
func PeekEntries(r Reader, t engine.TenantNo, n *engine.Node) ([]engine.Entry, error) {
	m, remembers := r.(Memory)
	key := EntriesKey(t, n.ID)
	if remembers {
		if known, ok := m.Recall(Entries, key).(*sealed); ok && known.seal == n.Entries {
			return known.list, nil
		}
	}
	rec, err := getEntryList(r, t, n)
	if err != nil {
		return nil, err
	}
	if remembers && len(rec.List) > 0 && m.Worth(Entries, key) {
		m.Remember(Entries, key, &sealed{rec.List, n.Entries})
	}
	return rec.List, nil
}

func getEntryList(r Reader, t engine.TenantNo, n *engine.Node) (*entryList, error) {
	key := EntriesKey(t, n.ID)
	rec := new(entryList)
	v, err := r.Get(Entries, key)
	if errors.Is(err, ErrNotFound) {
		if n.Entries == (engine.Seal{}) {
			return rec, nil
		}
		return nil, damaged(Entries, key, errors.New("the node has entries, but they are missing"))
	}
	if err != nil {
		return nil, err
	}
	if err := decode(v, rec, entryListFields); err != nil {
		return nil, damaged(Entries, key, err)
	}
	if sealOf(key, v, len(rec.List)) != n.Entries {
		return nil, damaged(Entries, key, errors.New("the entries are not those that the node names"))
	}
	return rec, nil
}

// PutEntries replaces a node's entries, their seal in the node, the node's place
// in the index of exceptions and the index's seal in the share, raises the share's
// generation of access, and counts the node in the lists of shares of those whom its
// entries allow something. It writes all these records, and changes n and s
// accordingly. Entries that are damaged are not replaced: KindDamaged.
func PutEntries(w Writer, t engine.TenantNo, s *engine.Share, n *engine.Node, entries []engine.Entry) error {
	if len(entries) > engine.MaxEntries {
		return fmt.Errorf("more than %d entries on one node", engine.MaxEntries)
	}
	rec, err := getEntryList(w, t, n)
	if err != nil {
		return err
	}
	key, was := EntriesKey(t, n.ID), rec.List
	rec.List = entries
	if v := encode(rec, entryListFields); len(v) != 0 {
		n.Entries = sealOf(key, v, len(entries))
		err = w.Put(Entries, key, v)
	} else if n.Entries != (engine.Seal{}) {
		n.Entries = engine.Seal{}
		err = w.Delete(Entries, key)
	}
	if err != nil {
		return err
	}
	if err := PutNode(w, t, n); err != nil {
		return err
	}
	if err := IndexException(w, t, s, n); err != nil {
		return err
	}
	s.AccessGen++
	if err := PutShare(w, t, s); err != nil {
		return err
	}
	if err := indexNamed(w, t, s.ID, n.ID, was, entries); err != nil {
		return err
	}
	return countAllowed(w, t, s.ID, was, entries)
}

// Cut cuts a node off from what it inherits, or lets it inherit again: its record,
// its place in the index of exceptions, and the share's generation of access.
func Cut(w Writer, t engine.TenantNo, s *engine.Share, n *engine.Node, off bool) error {
	n.CutOff = off
	if err := PutNode(w, t, n); err != nil {
		return err
	}
	if err := IndexException(w, t, s, n); err != nil {
		return err
	}
	s.AccessGen++
	return PutShare(w, t, s)
}

// allowed are those whom entries allow something; the zero ID is everyone.
func allowed(entries []engine.Entry) map[engine.ID]bool {
	set := map[engine.ID]bool{}
	for i := range entries {
		if entries[i].Type == engine.EntryAllow {
			set[entries[i].Principal] = true
		}
	}
	return set
}

// countAllowed brings the lists of shares in line with a node whose entries were and
// are others.
func countAllowed(w Writer, t engine.TenantNo, share engine.ID, was, is []engine.Entry) error {
	before, after := allowed(was), allowed(is)
	for p := range before {
		if after[p] {
			continue
		}
		err := ChangeShareRef(w, t, p, share, func(ref *engine.ShareRef) { ref.Entries -= min(ref.Entries, 1) })
		if err != nil {
			return err
		}
	}
	for p := range after {
		if before[p] {
			continue
		}
		err := ChangeShareRef(w, t, p, share, func(ref *engine.ShareRef) { ref.Entries++ })
		if err != nil {
			return err
		}
	}
	return nil
}

// MoveEntries takes a node's entries out of the lists of one share into those of
// another, where the node comes to; the zero ID is none. Entries that can't be read
// count for nobody.
func MoveEntries(w Writer, t engine.TenantNo, n *engine.Node, from, to engine.ID) error {
	list, err := GetEntries(w, t, n)
	if engine.KindOf(err) == engine.KindDamaged {
		return nil
	}
	if err != nil {
		return err
	}
	if err := indexNamed(w, t, from, n.ID, list, nil); err != nil {
		return err
	}
	if err := countAllowed(w, t, from, list, nil); err != nil || to.IsZero() {
		return err
	}
	if err := indexNamed(w, t, to, n.ID, nil, list); err != nil {
		return err
	}
	return countAllowed(w, t, to, nil, list)
}

// sealOf is the seal of a record that holds count things: the first 16 bytes of
// SHA-256 over the key's length (4 bytes, big-endian), the key and the value.
func sealOf(key, value []byte, count int) engine.Seal {
	b := binary.BigEndian.AppendUint32(nil, uint32(len(key)))
	sum := sha256.Sum256(append(append(b, key...), value...))
	s := engine.Seal{Count: uint32(count)}
	copy(s.Digest[:], sum[:])
	return s
}

// ExceptionOf is what the index of exceptions must say of a node.
func ExceptionOf(n *engine.Node) engine.Exception {
	return engine.Exception{
		Entries: n.Entries != (engine.Seal{}),
		CutOff:  n.CutOff,
		Holds:   n.Holds != (engine.Seal{}),
	}
}

// IndexException brings the index of a share's exceptions in line with a node
// and writes the share's record with the index's new seal, if anything changed.
func IndexException(w Writer, t engine.TenantNo, s *engine.Share, n *engine.Node) error {
	key := ExceptionKey(t, s.ID, n.ID)
	is := ExceptionOf(n)
	was, err := get(w, Exceptions, key, exceptionFields)
	switch {
	case errors.Is(err, ErrNotFound):
		if !is.Any() {
			return nil
		}
	case err != nil:
		return err
	default:
		is.Extra = was.Extra
		if is.Entries == was.Entries && is.CutOff == was.CutOff && is.Holds == was.Holds {
			return nil
		}
		s.Exceptions = addSeal(s.Exceptions, -1, recordDigest(Exceptions, key, encode(was, exceptionFields)))
	}
	if is.Any() || len(is.Extra) != 0 { // what a later build restricts by, stays
		s.Exceptions = addSeal(s.Exceptions, 1, recordDigest(Exceptions, key, encode(&is, exceptionFields)))
		err = put(w, Exceptions, key, &is, exceptionFields)
	} else {
		err = w.Delete(Exceptions, key)
	}
	if err != nil {
		return err
	}
	return PutShare(w, t, s)
}

// ScanExceptions goes through all nodes of a share that are exceptions, in the
// order of their IDs, and then compares with the seal in the share's record of
// the same view: a difference is KindDamaged, and what fn was told is void. There
// is no way to stop early, but an error of fn.
func ScanExceptions(r Reader, t engine.TenantNo, s *engine.Share, fn func(node engine.ID, e *engine.Exception) error) error {
	var seal engine.Seal
	err := scanIDs(r, Exceptions, tenantKey(t, idSize, s.ID), engine.ID{}, exceptionFields, func(id engine.ID, e *engine.Exception) (bool, error) {
		d := recordDigest(Exceptions, ExceptionKey(t, s.ID, id), encode(e, exceptionFields))
		seal = addSeal(seal, 1, d)
		return true, fn(id, e)
	})
	if err != nil {
		return err
	}
	if seal != s.Exceptions {
		return damaged(Shares, ShareKey(t, s.ID), errors.New("the exceptions are not those that were counted"))
	}
	return nil
}

// addSeal adds (by = 1) or removes (by = -1) a record in a seal whose digest is
// two 64-bit sums, big-endian.
func addSeal(s engine.Seal, by int, d engine.Digest) engine.Seal {
	sum := engine.Digest{binary.BigEndian.Uint64(s.Digest[:8]), binary.BigEndian.Uint64(s.Digest[8:])}
	if by > 0 {
		s.Count, sum = s.Count+1, sum.Add(d)
	} else {
		s.Count, sum = s.Count-1, sum.Sub(d)
	}
	binary.BigEndian.PutUint64(s.Digest[:8], sum[0])
	binary.BigEndian.PutUint64(s.Digest[8:], sum[1])
	return s
}
