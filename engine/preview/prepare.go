package preview

import (
	"context"
	"errors"
	"os"

	"scaidrive/engine/preview/render"
)

// prepare compiles the PDF engine, in a child too: it takes seconds and some 130
// MiB that the server then does not keep. seen is how often that had been done when
// the caller's child did not find it: those who come meanwhile wait and have it.
func (s *Service) prepare(ctx context.Context, seen int64) error {
	select {
	case s.preparing <- struct{}{}:
		defer func() { <-s.preparing }()
	case <-ctx.Done():
		return unavailable("it was given up", ctx.Err())
	}
	if s.prepares.Load() != seen {
		return nil
	}
	l := prepareLimits(s.limits)
	o := s.order(l)
	o.Prepare = true
	c := newChild(ctx, s.exe, o, l)
	c.startEr = c.start()
	_, err := c.finish(nil)
	s.childCPU.Add(int64(c.cpu))
	ref, ok := errors.AsType[*render.Refusal](err)
	if ok && ref.Reason == render.Unprepared {
		s.prepares.Add(1)
		return nil // how such a child says that it is done
	}
	if err == nil || ok {
		return unavailable("the PDF engine cannot be prepared", err)
	}
	return err
}

// makeRoom makes the directories.
func (s *Service) makeRoom() error {
	if err := os.MkdirAll(s.engine, 0o700); err != nil {
		return unavailable("there is no place to keep it", err)
	}
	return nil
}
