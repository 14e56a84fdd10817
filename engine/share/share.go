// Package share holds shares: the namespaces that files live in.
package share

import (
	"context"

	"scaidrive/engine"
	"scaidrive/engine/meta"
	"scaidrive/engine/meta/schema"
)

// Service makes and finds shares.
type Service struct{ db *meta.DB }

// New makes the service.
func New(db *meta.DB, env engine.Env) *Service { panic("unfinished") }

// CreateSpec is what a new share is made of.
type CreateSpec struct {
	Name        string
	Type        engine.ShareType
	Description string
	Owner       engine.ID // zero: the caller
	QuotaBytes  int64     // -1: none
}

// Create makes a share and its root folder. central needs tenant_admin unless
// the tenant lets members do it; another owner needs tenant_admin.
func (s *Service) Create(ctx context.Context, p *engine.Principal, spec CreateSpec) (*engine.Share, error) {
	panic("unfinished")
}

// CreatePersonal makes a user's personal share in the caller's mutation.
func (s *Service) CreatePersonal(w schema.Writer, u *engine.User) (*engine.Share, error) {
	panic("unfinished")
}

// Get returns a share that the caller may see.
func (s *Service) Get(ctx context.Context, p *engine.Principal, id engine.ID) (*engine.Share, error) {
	panic("unfinished")
}

// List returns the shares that the caller may see, by name, from offset, and
// their number. all lists the whole tenant's and needs tenant_admin.
func (s *Service) List(ctx context.Context, p *engine.Principal, all bool, limit, offset int) ([]*engine.Share, int, error) {
	panic("unfinished")
}
