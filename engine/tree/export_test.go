package tree

import (
	"context"

	"scaidrive/engine"
	"scaidrive/engine/access"
	"scaidrive/engine/meta"
)

// RemoveStep makes one step of an order.
func (s *Service) RemoveStep(ctx context.Context, t engine.TenantNo, o *engine.Purge) (bool, error) {
	return s.removeStep(ctx, t, o)
}

// Ranked is how many rankings were made so far.
func (s *Service) Ranked() uint64 { return s.ranks.made.Load() }

// Under is what a change of a folder asks about all below it, when a small tree is one
// of so many nodes.
func (s *Service) Under(v *meta.View, p *engine.Principal, sub *access.Subject, want engine.Right, small int) error {
	return s.batch(v, nil, p).underOf(sub, want, true, small)
}
