package tree

import (
	"context"

	"scaidrive/engine"
)

// RemoveStep makes one step of an order.
func (s *Service) RemoveStep(ctx context.Context, t engine.TenantNo, o *engine.Purge) (bool, error) {
	return s.removeStep(ctx, t, o)
}

// Ranked is how many rankings were made so far.
func (s *Service) Ranked() uint64 { return s.ranks.made.Load() }
