// Package tenancy holds partners and tenants.
//
// An appliance begins with one of each, both called "Default". A tenant's number
// is given once and never again; tenants are suspended or deleted by their
// status, their records stay.
package tenancy

import (
	"context"
	"errors"

	"scaidrive/engine"
	"scaidrive/engine/meta"
	"scaidrive/engine/meta/schema"
)

// FirstTenant is the number of the tenant that a first start makes.
const FirstTenant engine.TenantNo = 1

// Service holds partners and tenants. Safe for concurrent use.
type Service struct {
	db  *meta.DB
	env engine.Env
}

// New makes the service.
func New(db *meta.DB, env engine.Env) *Service { return &Service{db: db, env: env} }

// Bootstrap makes partner "Default" and tenant "Default" (number 1) in the
// caller's mutation when there is no tenant yet, and returns the tenant.
func (s *Service) Bootstrap(w schema.Writer) (*engine.Tenant, error) {
	// Asked by number first: a miss of a key is checked harder than a scan.
	t, err := schema.GetTenant(w, FirstTenant)
	if err == nil || !errors.Is(err, schema.ErrNotFound) {
		return t, err
	}
	err = schema.ScanTenants(w, 0, func(other *engine.Tenant) (bool, error) {
		return false, &engine.Error{Kind: engine.KindDamaged, Msg: "stored data is damaged",
			Err: errors.New("there are tenants, but not the first")}
	})
	if err != nil {
		return nil, err
	}
	now := s.env.Now()
	p := &engine.Partner{
		ID: s.env.NewID(), Name: "Default", DisplayName: "Default",
		Status: engine.StatusActive, CreatedAt: now,
	}
	t = &engine.Tenant{
		No: FirstTenant, ID: s.env.NewID(), Partner: p.ID, Name: "Default", DisplayName: "Default",
		Status: engine.StatusActive, CreatedAt: now, Settings: engine.DefaultTenantSettings(), Directory: schema.DirectoryVersion,
	}
	if err := schema.PutPartner(w, p); err != nil {
		return nil, err
	}
	return t, schema.PutTenant(w, t)
}

// Get returns a tenant by its number; an unknown one is engine.KindNotFound.
func (s *Service) Get(ctx context.Context, no engine.TenantNo) (*engine.Tenant, error) {
	var t *engine.Tenant
	err := s.db.View(ctx, func(v *meta.View) (err error) {
		t, err = schema.GetTenant(v, no)
		return err
	})
	if errors.Is(err, schema.ErrNotFound) {
		return nil, engine.E(engine.KindNotFound, "Tenant not found")
	}
	if err != nil {
		return nil, engine.Wrap("tenancy.Get", err)
	}
	return t, nil
}
