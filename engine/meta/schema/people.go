package schema

import (
	"encoding/binary"

	"scaidrive/engine"
)

// The readers in this package return ErrNotFound for an absent key, KindDamaged
// for a record that cannot be decoded, and records that the caller owns.
// The scanners go in the order of the keys until fn returns false.

// GetPartner reads a partner.
func GetPartner(r Reader, id engine.ID) (*engine.Partner, error) {
	p, err := get(r, Partners, PartnerKey(id), partnerFields)
	if err == nil {
		p.ID = id
	}
	return p, err
}

// PutPartner writes a partner.
func PutPartner(w Writer, p *engine.Partner) error {
	return put(w, Partners, PartnerKey(p.ID), p, partnerFields)
}

// GetTenant reads a tenant by its number.
func GetTenant(r Reader, no engine.TenantNo) (*engine.Tenant, error) {
	t, err := get(r, Tenants, TenantKey(no), tenantFields)
	if err == nil {
		t.No = no
	}
	return t, err
}

// PeekTenant is GetTenant for who changes nothing of what it gives; its number is not
// set.
func PeekTenant(r Reader, no engine.TenantNo) (*engine.Tenant, error) {
	return peek(r, Tenants, TenantKey(no), tenantFields)
}

// PutTenant writes a tenant, and its number under its ID.
func PutTenant(w Writer, t *engine.Tenant) error {
	if err := put(w, TenantsByID, TenantIDKey(t.ID), &tenantRef{No: t.No}, tenantRefFields); err != nil {
		return err
	}
	return put(w, Tenants, TenantKey(t.No), t, tenantFields)
}

// GetTenantNo finds a tenant's number by its ID.
func GetTenantNo(r Reader, id engine.ID) (engine.TenantNo, error) {
	ref, err := get(r, TenantsByID, TenantIDKey(id), tenantRefFields)
	if err != nil {
		return 0, err
	}
	return ref.No, nil
}

// ScanTenants goes through the tenants behind a number.
func ScanTenants(r Reader, behind engine.TenantNo, fn func(*engine.Tenant) (bool, error)) error {
	return scan(r, Tenants, after(TenantKey(behind)), nil, tenantSize, tenantFields, func(k []byte, t *engine.Tenant) (bool, error) {
		t.No = engine.TenantNo(binary.BigEndian.Uint32(k))
		return fn(t)
	})
}

// GetUser reads a user.
func GetUser(r Reader, t engine.TenantNo, id engine.ID) (*engine.User, error) {
	u, err := get(r, Users, UserKey(t, id), userFields)
	if err == nil {
		u.Tenant, u.ID = t, id
	}
	return u, err
}

// PutUser writes a user. The address is a record of its own: PutUserByEmail.
func PutUser(w Writer, u *engine.User) error {
	return put(w, Users, UserKey(u.Tenant, u.ID), u, userFields)
}

// ScanUsers goes through a tenant's users behind an ID.
func ScanUsers(r Reader, t engine.TenantNo, behind engine.ID, fn func(*engine.User) (bool, error)) error {
	return scanIDs(r, Users, tenantKey(t, idSize), behind, userFields, func(id engine.ID, u *engine.User) (bool, error) {
		u.Tenant, u.ID = t, id
		return fn(u)
	})
}

// GetUserByEmail finds whose a folded address is.
func GetUserByEmail(r Reader, folded string) (*UserRef, error) {
	return get(r, UsersByEmail, EmailKey(folded), userRefFields)
}

// PutUserByEmail gives a folded address to a user.
func PutUserByEmail(w Writer, folded string, ref *UserRef) error {
	return put(w, UsersByEmail, EmailKey(folded), ref, userRefFields)
}

// DeleteUserByEmail frees a folded address.
func DeleteUserByEmail(w Writer, folded string) error {
	return w.Delete(UsersByEmail, EmailKey(folded))
}

// GetSession reads a session.
func GetSession(r Reader, t engine.TenantNo, id engine.ID) (*engine.Session, error) {
	s, err := get(r, Sessions, SessionKey(t, id), sessionFields)
	if err == nil {
		s.ID = id
	}
	return s, err
}

// PutSession writes a session.
func PutSession(w Writer, t engine.TenantNo, s *engine.Session) error {
	return put(w, Sessions, SessionKey(t, s.ID), s, sessionFields)
}

// DeleteSession removes a session that is long over.
func DeleteSession(w Writer, t engine.TenantNo, id engine.ID) error {
	return w.Delete(Sessions, SessionKey(t, id))
}

// ScanSessions goes through a tenant's sessions behind an ID.
func ScanSessions(r Reader, t engine.TenantNo, behind engine.ID, fn func(*engine.Session) (bool, error)) error {
	return scanIDs(r, Sessions, tenantKey(t, idSize), behind, sessionFields, func(id engine.ID, s *engine.Session) (bool, error) {
		s.ID = id
		return fn(s)
	})
}

// GetRefreshToken finds what is kept of a refresh token by its SHA-256.
func GetRefreshToken(r Reader, hash [32]byte) (*engine.RefreshToken, error) {
	return get(r, RefreshTokens, RefreshTokenKey(hash), refreshTokenFields)
}

// PutRefreshToken writes what is kept of a refresh token.
func PutRefreshToken(w Writer, hash [32]byte, t *engine.RefreshToken) error {
	return put(w, RefreshTokens, RefreshTokenKey(hash), t, refreshTokenFields)
}

// ScanRefreshTokens goes through what is kept of all refresh tokens, behind one of them;
// the zero hash is the beginning.
func ScanRefreshTokens(r Reader, behind [32]byte, fn func(hash [32]byte, t *engine.RefreshToken) (bool, error)) error {
	var from []byte
	if behind != ([32]byte{}) {
		from = after(RefreshTokenKey(behind))
	}
	return scan(r, RefreshTokens, from, nil, len(behind), refreshTokenFields, func(k []byte, t *engine.RefreshToken) (bool, error) {
		return fn([32]byte(k), t)
	})
}

// DeleteRefreshToken removes a refresh token that is long over.
func DeleteRefreshToken(w Writer, hash [32]byte) error {
	return w.Delete(RefreshTokens, RefreshTokenKey(hash))
}
