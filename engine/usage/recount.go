package usage

import (
	"context"
	"errors"

	"scaidrive/engine"
	"scaidrive/engine/meta"
	"scaidrive/engine/meta/schema"
)

// Recount counts all shares that no build has counted, and stores what it found.
// more: some changed all the time; they are to be tried again.
func (s *Service) Recount(ctx context.Context) (more bool, err error) {
	list, err := s.uncounted(ctx)
	var failed []error
	for _, k := range list {
		switch err := s.recount(ctx, k); {
		case errors.Is(err, errChanged):
			more = true
		case err != nil:
			failed = append(failed, err)
		}
		if ctx.Err() != nil {
			return more, ctx.Err()
		}
	}
	return more, errors.Join(append(failed, err)...)
}

func (s *Service) uncounted(ctx context.Context) (list []key, err error) {
	tenants, err := s.tenants(ctx)
	for _, t := range tenants {
		if err != nil {
			break
		}
		err = s.eachShare(ctx, t, func(sh *engine.Share) {
			if !sh.Counted {
				list = append(list, key{t, sh.ID})
			}
		})
	}
	return list, err
}

// recount counts a share and stores it, if nothing changed from the first slice to
// the commit.
func (s *Service) recount(ctx context.Context, k key) error {
	for try := 1; ; try++ {
		w := s.walk(k, true)
		err := s.through(ctx, w)
		if err == nil {
			err = s.db.Update(ctx, func(tx *meta.Tx) error { return w.store(tx) })
		}
		if !errors.Is(err, errChanged) || try == tries {
			return err
		}
	}
}

func (w *walk) store(tx *meta.Tx) error {
	sh, err := schema.GetShare(tx, w.tenant, w.share)
	switch {
	case errors.Is(err, schema.ErrNotFound):
		return nil
	case err != nil:
		return err
	case sh.Counted:
		return nil
	case markOf(sh) != markOf(w.first):
		return errChanged
	}
	all := w.lives
	all.Add(w.gone, 1)
	sh.Files, sh.Folders, sh.VersionBytes, sh.Counted = all.Files, all.Folders, all.VersionBytes, true
	return schema.PutShare(tx, w.tenant, sh)
}
