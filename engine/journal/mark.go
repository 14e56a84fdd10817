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

// MarkAt gives the mark of a share's sequence number that the caller was told of.
func (s *Service) MarkAt(ctx context.Context, p *engine.Principal, share engine.ID, seq uint64) (m Mark, err error) {
	m.Cursor = s.Cursor(seq)
	err = s.db.View(ctx, func(v *meta.View) (err error) {
		m.Epoch, err = s.EpochAt(v, p.Tenant, share, seq)
		return err
	})
	return m, err
}

// Position turns a cursor into a sequence number of a share that the caller may
// read. One that can't be followed is a *GoneError.
func (s *Service) Position(ctx context.Context, p *engine.Principal, share engine.ID, cursor int64, epoch string) (seq uint64, err error) {
	err = s.db.View(ctx, func(v *meta.View) error {
		sub, err := access.CheckShare(v, p, share, engine.RightRead)
		if err == nil {
			seq, err = s.position(v, p.Tenant, sub.Share, cursor, epoch)
		}
		return err
	})
	return seq, err
}
