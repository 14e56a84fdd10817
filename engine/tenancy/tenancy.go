// Package tenancy holds partners and tenants.
package tenancy

import (
	"context"

	"scaidrive/engine"
	"scaidrive/engine/meta"
	"scaidrive/engine/meta/schema"
)

// Service holds partners and tenants.
type Service struct{ db *meta.DB }

// New makes the service.
func New(db *meta.DB, env engine.Env) *Service { panic("unfinished") }

// Bootstrap makes partner "Default" and tenant "Default" (number 1) in the
// caller's mutation when there is no tenant yet, and returns the tenant.
func (s *Service) Bootstrap(w schema.Writer) (*engine.Tenant, error) { panic("unfinished") }

// Get returns a tenant by its number.
func (s *Service) Get(ctx context.Context, no engine.TenantNo) (*engine.Tenant, error) {
	panic("unfinished")
}
