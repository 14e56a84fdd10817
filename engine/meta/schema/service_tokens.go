package schema

import "scaidrive/engine"

func serviceTokenFields(c *codec, s *engine.ServiceToken) {
	c.hash(1, "sha256", &s.Hash)
	c.string(2, "name", &s.Name)
	c.string(3, "scopes", &s.Scopes)
	c.time(4, "created_at", &s.CreatedAt)
	c.time(5, "expires_at", &s.ExpiresAt)
	c.time(6, "last_used_at", &s.LastUsedAt)
	c.extra(&s.Extra)
}

// A ServiceTokenRef says whose a service token is.
type ServiceTokenRef struct {
	Tenant engine.TenantNo
	User   engine.ID
	Token  engine.ID

	Extra engine.Extra
}

func serviceTokenRefFields(c *codec, r *ServiceTokenRef) {
	unsigned(c, 1, "tenant", &r.Tenant)
	c.id(2, "user", &r.User)
	c.id(3, "token", &r.Token)
	c.extra(&r.Extra)
}

// ServiceTokenKey is the key of a user's service token.
func ServiceTokenKey(t engine.TenantNo, user, token engine.ID) []byte {
	return tenantKey(t, 0, user, token)
}

// ServiceTokenHashKey is the key under which the owner of a service token stands:
// the SHA-256 of its text.
func ServiceTokenHashKey(hash [32]byte) []byte { return append([]byte(nil), hash[:]...) }

// GetServiceToken reads what is kept of a user's service token.
func GetServiceToken(r Reader, t engine.TenantNo, user, id engine.ID) (*engine.ServiceToken, error) {
	s, err := get(r, ServiceTokens, ServiceTokenKey(t, user, id), serviceTokenFields)
	if err == nil {
		s.ID, s.User = id, user
	}
	return s, err
}

// FindServiceToken finds whose a service token is by its SHA-256.
func FindServiceToken(r Reader, hash [32]byte) (*ServiceTokenRef, error) {
	return get(r, ServiceTokensByHash, ServiceTokenHashKey(hash), serviceTokenRefFields)
}

// PutServiceToken writes what is kept of a service token, and whose it is under
// its hash.
func PutServiceToken(w Writer, t engine.TenantNo, s *engine.ServiceToken) error {
	ref := ServiceTokenRef{Tenant: t, User: s.User, Token: s.ID}
	if err := put(w, ServiceTokensByHash, ServiceTokenHashKey(s.Hash), &ref, serviceTokenRefFields); err != nil {
		return err
	}
	return put(w, ServiceTokens, ServiceTokenKey(t, s.User, s.ID), s, serviceTokenFields)
}

// DeleteServiceToken removes a service token: from the commit on it opens nothing.
func DeleteServiceToken(w Writer, t engine.TenantNo, s *engine.ServiceToken) error {
	if err := w.Delete(ServiceTokensByHash, ServiceTokenHashKey(s.Hash)); err != nil {
		return err
	}
	return w.Delete(ServiceTokens, ServiceTokenKey(t, s.User, s.ID))
}

// ScanServiceTokens goes through a user's service tokens, oldest first.
func ScanServiceTokens(r Reader, t engine.TenantNo, user engine.ID, fn func(*engine.ServiceToken) (bool, error)) error {
	return scanIDs(r, ServiceTokens, tenantKey(t, idSize, user), engine.ID{}, serviceTokenFields, func(id engine.ID, s *engine.ServiceToken) (bool, error) {
		s.ID, s.User = id, user
		return fn(s)
	})
}
