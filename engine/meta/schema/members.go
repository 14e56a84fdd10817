package schema

import (
	"errors"

	"scaidrive/engine"
)

func shareMemberFields(c *codec, m *engine.ShareMember) {
	unsigned(c, 1, "kind", &m.Kind)
	unsigned(c, 2, "role", &m.Role)
	c.time(3, "expires_at", &m.ExpiresAt)
	c.id(4, "added_by", &m.AddedBy)
	c.time(5, "added_at", &m.AddedAt)
	c.extra(&m.Extra)
}

func shareRefFields(c *codec, r *engine.ShareRef) {
	c.bool(1, "owner", &r.Owner)
	c.bool(2, "member", &r.Member)
	unsigned(c, 3, "entries", &r.Entries)
	c.extra(&r.Extra)
}

// ShareMemberKey is the key of a share's member.
func ShareMemberKey(t engine.TenantNo, share, principal engine.ID) []byte {
	return tenantKey(t, 0, share, principal)
}

// ShareOfKey is the key of a share in a principal's list.
func ShareOfKey(t engine.TenantNo, principal, share engine.ID) []byte {
	return tenantKey(t, 0, principal, share)
}

// GetShareMember reads what a principal is in a share by themself; an expired
// membership, too.
func GetShareMember(r Reader, t engine.TenantNo, share, principal engine.ID) (*engine.ShareMember, error) {
	m, err := get(r, ShareMembers, ShareMemberKey(t, share, principal), shareMemberFields)
	if err == nil {
		m.Share, m.Principal = share, principal
	}
	return m, err
}

// PutShareMember writes a new member of a share or changes one: the row, the seal
// and the generation in the share's record, and the share in the principal's list.
// It changes s accordingly.
func PutShareMember(w Writer, t engine.TenantNo, s *engine.Share, m *engine.ShareMember) error {
	if err := unsealMember(w, t, s, m.Principal); err != nil && !errors.Is(err, ErrNotFound) {
		return err
	}
	key := ShareMemberKey(t, s.ID, m.Principal)
	if err := put(w, ShareMembers, key, m, shareMemberFields); err != nil {
		return err
	}
	s.Members = addSeal(s.Members, 1, recordDigest(ShareMembers, key, encode(m, shareMemberFields)))
	s.AccessGen++
	if err := PutShare(w, t, s); err != nil {
		return err
	}
	return ChangeShareRef(w, t, m.Principal, s.ID, func(ref *engine.ShareRef) { ref.Member = true })
}

// DeleteShareMember takes a member out of a share, as PutShareMember; ErrNotFound:
// there is no such member.
func DeleteShareMember(w Writer, t engine.TenantNo, s *engine.Share, principal engine.ID) error {
	if err := unsealMember(w, t, s, principal); err != nil {
		return err
	}
	if err := w.Delete(ShareMembers, ShareMemberKey(t, s.ID, principal)); err != nil {
		return err
	}
	s.AccessGen++
	if err := PutShare(w, t, s); err != nil {
		return err
	}
	return ChangeShareRef(w, t, principal, s.ID, func(ref *engine.ShareRef) { ref.Member = false })
}

// unsealMember takes a member's row as it stands out of the share's seal.
func unsealMember(r Reader, t engine.TenantNo, s *engine.Share, principal engine.ID) error {
	was, err := GetShareMember(r, t, s.ID, principal)
	if err != nil {
		return err
	}
	key := ShareMemberKey(t, s.ID, principal)
	s.Members = addSeal(s.Members, -1, recordDigest(ShareMembers, key, encode(was, shareMemberFields)))
	return nil
}

// EachShareMember goes through a share's members in the order of their IDs, those
// whose time is over too, and then compares with the seal in the share's record of
// the same view: a difference is KindDamaged, and what fn was told is void.
func EachShareMember(r Reader, t engine.TenantNo, s *engine.Share, fn func(*engine.ShareMember) error) error {
	var seen engine.Seal
	err := scanIDs(r, ShareMembers, tenantKey(t, idSize, s.ID), engine.ID{}, shareMemberFields, func(id engine.ID, m *engine.ShareMember) (bool, error) {
		m.Share, m.Principal = s.ID, id
		seen = addSeal(seen, 1, recordDigest(ShareMembers, ShareMemberKey(t, s.ID, id), encode(m, shareMemberFields)))
		return true, fn(m)
	})
	if err != nil {
		return err
	}
	if seen != s.Members {
		return damaged(ShareMembers, tenantKey(t, 0, s.ID), errors.New("the members are not those that were counted"))
	}
	return nil
}

// SetShareOwner gives a share to a user or group, writes it, and brings the lists
// of the old and the new owner in line. Of a new share, give it the zero owner first.
func SetShareOwner(w Writer, t engine.TenantNo, s *engine.Share, kind engine.PrincipalKind, owner engine.ID) error {
	if !s.Owner.IsZero() && s.Owner != owner {
		err := ChangeShareRef(w, t, s.Owner, s.ID, func(ref *engine.ShareRef) { ref.Owner = false })
		if err != nil {
			return err
		}
	}
	s.OwnerKind, s.Owner = kind, owner
	s.AccessGen++
	if err := PutShare(w, t, s); err != nil {
		return err
	}
	return ChangeShareRef(w, t, owner, s.ID, func(ref *engine.ShareRef) { ref.Owner = true })
}

// GetShareRef reads why a share is in a principal's list; not there: a blank one.
func GetShareRef(r Reader, t engine.TenantNo, principal, share engine.ID) (*engine.ShareRef, error) {
	ref, err := get(r, SharesOf, ShareOfKey(t, principal, share), shareRefFields)
	if errors.Is(err, ErrNotFound) {
		ref, err = new(engine.ShareRef), nil
	}
	if err == nil {
		ref.Share = share
	}
	return ref, err
}

// ChangeShareRef changes why a share is in a principal's list; without any reason
// left it goes out of it.
func ChangeShareRef(w Writer, t engine.TenantNo, principal, share engine.ID, change func(*engine.ShareRef)) error {
	ref, err := GetShareRef(w, t, principal, share)
	if err != nil {
		return err
	}
	change(ref)
	if !ref.Any() {
		return w.Delete(SharesOf, ShareOfKey(t, principal, share))
	}
	return put(w, SharesOf, ShareOfKey(t, principal, share), ref, shareRefFields)
}

// ScanSharesOf goes through a principal's list of shares behind one of them, in the
// order of the shares' IDs: those that they own, are a member of, or that have
// entries naming them. Deleted shares stay in it.
func ScanSharesOf(r Reader, t engine.TenantNo, principal, behind engine.ID, fn func(*engine.ShareRef) (bool, error)) error {
	return scanIDs(r, SharesOf, tenantKey(t, idSize, principal), behind, shareRefFields, func(id engine.ID, ref *engine.ShareRef) (bool, error) {
		ref.Share = id
		return fn(ref)
	})
}

// ScanAllShareMembers goes through the members of all shares of a tenant behind one; nil
// is the beginning. Whether a share's are complete is not asked.
func ScanAllShareMembers(r Reader, t engine.TenantNo, behind *engine.ShareMember, fn func(*engine.ShareMember) (bool, error)) error {
	prefix := tenantKey(t, 0)
	from := prefix
	if behind != nil {
		from = after(ShareMemberKey(t, behind.Share, behind.Principal))
	}
	return scan(r, ShareMembers, from, prefixEnd(prefix), len(prefix)+2*idSize, shareMemberFields, func(k []byte, m *engine.ShareMember) (bool, error) {
		copy(m.Share[:], k[len(prefix):])
		m.Principal = tailID(k)
		return fn(m)
	})
}
