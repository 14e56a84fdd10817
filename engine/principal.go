package engine

import (
	"slices"
	"sync/atomic"
)

// A Memo keeps one value for those who share it, and beside it what was decided. The
// nil Memo keeps nothing.
type Memo struct{ value, decided atomic.Value }

// Decided is Load of what was decided.
func (m *Memo) Decided() any {
	if m == nil {
		return nil
	}
	return m.decided.Load()
}

// Decide keeps what was decided, always of the same type.
func (m *Memo) Decide(v any) {
	if m != nil {
		m.decided.Store(v)
	}
}

// Load gives what was stored last, nil at the beginning.
func (m *Memo) Load() any {
	if m == nil {
		return nil
	}
	return m.value.Load()
}

// Store keeps a value, always of the same type.
func (m *Memo) Store(v any) {
	if m != nil {
		m.value.Store(v)
	}
}

// The scopes of the public contract.
const (
	ScopeFilesRead    = "files:read"
	ScopeFilesWrite   = "files:write"
	ScopeTenantAdmin  = "tenant:admin"
	ScopePartnerAdmin = "partner:admin"
	ScopeAdmin        = "admin:*" // administers the whole platform
	ScopeAll          = "*"
)

// Has reports whether the principal's token allows what a scope names.
func (p *Principal) Has(scope string) bool {
	return slices.ContainsFunc(p.Scopes, func(s string) bool {
		return s == scope || s == ScopeAdmin || s == ScopeAll
	})
}

// AdministersTenant reports whether the principal may administer their tenant:
// this takes the scope of the token and the role stored in our database.
func (p *Principal) AdministersTenant() bool {
	return p.Has(ScopeTenantAdmin) && (p.Role == RoleTenantAdmin || p.Role == RoleSuperAdmin)
}
