package transfer

import (
	"context"
	"errors"

	"scaidrive/engine"
	"scaidrive/engine/meta"
	"scaidrive/engine/once"
	"scaidrive/engine/tree"
)

// revertTries is how often a revert is prepared anew for a file that others
// change meanwhile.
const revertTries = 5

// Revert makes the content of an old version of a file its current one, as a new
// version; no bytes are moved. ifMatch, when not zero, is the version that the
// file must have (else KindPrecondition). It needs WRITE. An unknown version is
// KindNotFound.
func (s *Service) Revert(ctx context.Context, p *engine.Principal, file engine.ID, version uint64, ifMatch engine.ID) (*tree.Located, error) {
	if err := s.env.CheckRoom(); err != nil {
		return nil, err
	}
	var loc *tree.Located
	for try := 1; ; try++ {
		spec := tree.Revert{File: file, Version: version, IfMatch: ifMatch}
		if err := s.PrepareRevert(ctx, p, &spec); err != nil {
			return nil, err
		}
		err := s.db.Update(ctx, func(tx *meta.Tx) error {
			var err error
			if loc, err = s.tree.Revert(tx, p, spec); err != nil {
				return err
			}
			return once.Keep(ctx, tx, once.Node(loc.Node))
		})
		if !errors.Is(err, tree.ErrMoved) || try == revertTries {
			return loc, err
		}
	}
}

// PrepareRevert compares the two contents of a revert where their lists are too
// long to be compared in the commit, and notes in spec what came of it.
func (s *Service) PrepareRevert(ctx context.Context, p *engine.Principal, spec *tree.Revert) error {
	now, err := s.Open(ctx, p, spec.File, 0)
	if err != nil {
		return err
	}
	old, err := s.Open(ctx, p, spec.File, spec.Version)
	if err != nil {
		return err
	}
	spec.Base = now.Version.ID
	if now.Version.Content.Count <= engine.MaxInlineChunks && old.Version.Content.Count <= engine.MaxInlineChunks {
		return nil
	}
	list, err := old.Manifest(ctx)
	if err != nil {
		return err
	}
	spec.Kept, err = s.kept(ctx, p, now.Version, list)
	return err
}
