package usage

import (
	"context"
	"errors"

	"scaidrive/engine"
	"scaidrive/engine/meta"
)

// Bound sets how many rows a call and a slice may read.
func (s *Service) Bound(inline, slice int) { s.inline, s.slice = inline, slice }

// Interrupted makes an exact walk with something done after its first slice, and
// reports whether it noticed.
func (s *Service) Interrupted(ctx context.Context, t engine.TenantNo, share engine.ID, do func()) (noticed bool, err error) {
	w := s.walk(key{t, share}, true)
	err = s.db.View(ctx, func(v *meta.View) error {
		_, err := w.step(v, budget{rows: 1, until: s.env.Now().Add(sliceTime)})
		return err
	})
	if err != nil {
		return false, err
	}
	do()
	err = s.through(ctx, w)
	if errors.Is(err, errChanged) {
		return true, nil
	}
	return false, err
}
