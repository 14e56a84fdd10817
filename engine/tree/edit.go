package tree

import (
	"context"
	"time"

	"scaidrive/engine"
	"scaidrive/engine/meta"
	"scaidrive/engine/once"
)

// An Edit changes what a node says of itself. What is left out stays.
type Edit struct {
	Name       string
	ModifiedAt time.Time
	Executable *bool // of a file
	Restore    bool  // from the trash first
	IfMatch    engine.ID
}

// Edit makes all of an Edit or nothing, in one commit. It needs WRITE.
func (s *Service) Edit(ctx context.Context, p *engine.Principal, id engine.ID, kind engine.NodeKind, e Edit) (*Located, error) {
	var loc *Located
	err := s.db.Update(ctx, func(tx *meta.Tx) error {
		b := s.Batch(tx, p)
		out, err := b.edit(id, kind, e)
		if err != nil {
			return err
		}
		loc = out.Located
		return b.finish(ctx, once.Node(loc.Node))
	})
	return loc, err
}

func (b *Batch) edit(id engine.ID, kind engine.NodeKind, e Edit) (out Outcome, err error) {
	if e.Restore {
		if out, err = b.Restore(id, kind, e.IfMatch); err != nil {
			return out, err
		}
	}
	if e.Name != "" || !e.Restore {
		if out, err = b.Move(Move{ID: id, Kind: kind, Name: e.Name, IfMatch: e.IfMatch}); err != nil {
			return out, err
		}
	}
	if e.ModifiedAt.IsZero() && e.Executable == nil {
		return out, nil
	}
	if err := b.Flush(); err != nil {
		return out, err
	}
	return b.Touch(engine.ID{}, id, kind, engine.ID{}, e.ModifiedAt, e.Executable)
}
