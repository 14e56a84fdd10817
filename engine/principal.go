package engine

import "slices"

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
