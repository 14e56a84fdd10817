package journal

import (
	"context"

	"scaidrive/engine"
	"scaidrive/engine/access"
	"scaidrive/engine/meta"
)

// A Mark is a cursor with its epoch.
type Mark struct {
	Cursor int64
	Epoch  string
}

// MarkAt gives the mark of a share's sequence number that the caller was told of, and
// of what they see now.
func (s *Service) MarkAt(ctx context.Context, p *engine.Principal, share engine.ID, seq uint64) (m Mark, err error) {
	err = s.db.View(ctx, func(v *meta.View) error {
		sub, _, err := access.LookShare(v, p, share)
		if err == nil {
			m, err = s.mark(v, p, sub.Share, seq)
		}
		return err
	})
	return m, err
}

// Position turns a cursor into a sequence number of a share that the caller
// sees. One that can't be followed is a *GoneError.
func (s *Service) Position(ctx context.Context, p *engine.Principal, share engine.ID, cursor int64, epoch string) (seq uint64, err error) {
	err = s.db.View(ctx, func(v *meta.View) error {
		sub, _, err := access.LookShare(v, p, share)
		if err == nil {
			seq, err = s.position(v, p.Tenant, sub.Share, cursor, epoch)
		}
		return err
	})
	return seq, err
}
