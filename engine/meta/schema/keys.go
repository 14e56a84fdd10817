package schema

import (
	"encoding/binary"
	"time"

	"scaidrive/engine"
)

// Sizes of the parts of keys, in bytes.
const (
	tenantSize = 4
	idSize     = 16
	seqSize    = 8
)

// tenantKey is the tenant's number and IDs behind it, with room for more bytes.
func tenantKey(t engine.TenantNo, room int, ids ...engine.ID) []byte {
	k := make([]byte, 0, tenantSize+idSize*len(ids)+room)
	k = binary.BigEndian.AppendUint32(k, uint32(t))
	for i := range ids {
		k = append(k, ids[i][:]...)
	}
	return k
}

// after is the smallest key greater than k.
func after(k []byte) []byte { return append(k[:len(k):len(k)], 0) }

// prefixEnd is the smallest key greater than all that begin with p, nil when
// there is none.
func prefixEnd(p []byte) []byte {
	for i := len(p) - 1; i >= 0; i-- {
		if p[i] != 0xff {
			e := append([]byte(nil), p[:i+1]...)
			e[i]++
			return e
		}
	}
	return nil
}

// tailID reads the ID in which a key ends.
func tailID(k []byte) (id engine.ID) {
	copy(id[:], k[len(k)-idSize:])
	return id
}

// PartnerKey is the key of a partner.
func PartnerKey(id engine.ID) []byte { return append([]byte(nil), id[:]...) }

// TenantKey is the key of a tenant.
func TenantKey(no engine.TenantNo) []byte { return tenantKey(no, 0) }

// TenantIDKey is the key under which a tenant's number stands.
func TenantIDKey(id engine.ID) []byte { return append([]byte(nil), id[:]...) }

// UserKey is the key of a user.
func UserKey(t engine.TenantNo, id engine.ID) []byte { return tenantKey(t, 0, id) }

// EmailKey is the key under which the owner of a folded address stands.
func EmailKey(folded string) []byte { return []byte(folded) }

// SessionKey is the key of a session.
func SessionKey(t engine.TenantNo, id engine.ID) []byte { return tenantKey(t, 0, id) }

// RefreshTokenKey is the key of a refresh token: the SHA-256 of its text.
func RefreshTokenKey(hash [32]byte) []byte { return append([]byte(nil), hash[:]...) }

// ShareKey is the key of a share.
func ShareKey(t engine.TenantNo, id engine.ID) []byte { return tenantKey(t, 0, id) }

// EntriesKey is the key of the entries of a node.
func EntriesKey(t engine.TenantNo, node engine.ID) []byte { return tenantKey(t, 0, node) }

// ExceptionKey is the key of a node in its share's index of exceptions.
func ExceptionKey(t engine.TenantNo, share, node engine.ID) []byte {
	return tenantKey(t, 0, share, node)
}

// NodeKey is the key of a node.
func NodeKey(t engine.TenantNo, id engine.ID) []byte { return tenantKey(t, 0, id) }

// ChildKey is the key of a folder's child; nameKey is the folded name.
func ChildKey(t engine.TenantNo, parent engine.ID, nameKey []byte) []byte {
	return append(tenantKey(t, len(nameKey), parent), nameKey...)
}

// VersionKey is the key of a version. The number is stored inverted, so that a
// scan gives the newest first.
func VersionKey(t engine.TenantNo, file engine.ID, number uint64) []byte {
	return binary.BigEndian.AppendUint64(tenantKey(t, seqSize, file), ^number)
}

// ChangeKey is the key of a row of a share's change log.
func ChangeKey(t engine.TenantNo, share engine.ID, seq uint64) []byte {
	return binary.BigEndian.AppendUint64(tenantKey(t, seqSize, share), seq)
}

// TrashKey is the key of a place in a share's trash. The time is stored
// inverted, so that a scan gives what was deleted last first.
func TrashKey(t engine.TenantNo, share engine.ID, at time.Time, node engine.ID) []byte {
	k := tenantKey(t, seqSize+idSize, share)
	// Flipping the sign bit puts times before 1970 in order, inverting the
	// whole puts late before early.
	k = binary.BigEndian.AppendUint64(k, ^(uint64(at.UnixMicro()) ^ 1<<63))
	return append(k, node[:]...)
}

// TrashByParentKey is the key of a deleted node beside the folder it was deleted from.
func TrashByParentKey(t engine.TenantNo, parent, node engine.ID) []byte {
	return tenantKey(t, 0, parent, node)
}

// PurgeKey is the key of the order to remove a node for good.
func PurgeKey(t engine.TenantNo, node engine.ID) []byte { return tenantKey(t, 0, node) }
