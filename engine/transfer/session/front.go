package session

import (
	"context"
	"errors"
	"io"

	"scaidrive/engine"
	"scaidrive/engine/meta"
	"scaidrive/engine/meta/schema"
	"scaidrive/engine/transfer"
)

// stored reads a part, nil if it is not here.
func stored(r schema.Reader, at place, index uint32) (*engine.UploadPart, error) {
	part, err := schema.GetUploadPart(r, at.tenant, at.user, at.id, index)
	if errors.Is(err, schema.ErrNotFound) {
		return nil, nil
	}
	return part, err
}

// sumBefore gives the state of the file's hash before a part that is not ahead of
// the front. ok is false when the part before it is missing.
func sumBefore(r schema.Reader, at place, index uint32) (sum []byte, ok bool, err error) {
	if index == 0 {
		return nil, true, nil
	}
	part, err := stored(r, at, index-1)
	if err != nil || part == nil || len(part.Sum) == 0 {
		return nil, false, err
	}
	return part.Sum, true, nil
}

// A rest is a piece of the tail with the part that it came in.
type rest struct {
	index uint32
	chunk engine.Chunk
}

// frontAt gives the front before a part that is not ahead of it; nil when the
// front is not there any more, because a part before it was lost.
func (s *Service) frontAt(ctx context.Context, at place, p *engine.Principal, index uint32) (*transfer.Front, error) {
	var from *transfer.Front
	var tail []rest
	broken := index // the part that has to be sent again; index itself: none
	err := s.db.View(ctx, func(v *meta.View) error {
		from, tail, broken = nil, nil, index
		u, err := s.open(v, at)
		if err != nil || index > u.Front {
			return err
		}
		sum, ok, err := sumBefore(v, at, index)
		if err != nil {
			return err
		}
		if !ok {
			broken = index - 1
			return nil
		}
		from = &transfer.Front{Chunking: u.Chunking, Sum: sum}
		tail, broken, err = tailBefore(v, at, index)
		return err
	})
	if err != nil {
		return nil, err
	}
	for _, t := range tail {
		from.Tail, err = s.transfer.ReadChunk(ctx, p, t.chunk, from.Tail)
		if engine.KindOf(err) == engine.KindDamaged {
			broken = t.index
			break
		}
		if err != nil {
			return nil, err
		}
	}
	if broken != index {
		return nil, s.lose(ctx, at, broken, nil)
	}
	return from, nil
}

// tailBefore lists what lies between the last cut before a part and the part, in
// order. broken is a part without which it is not whole; index itself: none.
func tailBefore(r schema.Reader, at place, index uint32) (tail []rest, broken uint32, err error) {
	var want, have uint32
	for i := index; i > 0; i-- {
		part, err := stored(r, at, i-1)
		if err != nil {
			return nil, index, err
		}
		if part == nil {
			return nil, i - 1, nil
		}
		if i == index {
			want = part.Rest.Size
			if len(part.Chunks) == 0 {
				want += part.Skip
			}
		}
		if part.Rest.Size > 0 {
			tail = append([]rest{{i - 1, part.Rest}}, tail...)
			have += part.Rest.Size
		}
		if len(part.Chunks) > 0 || have >= want {
			break
		}
	}
	if have != want {
		return nil, index - 1, nil
	}
	return tail, index, nil
}

// lose forgets a part whose bytes can't be read, so that it is sent again. was,
// when not nil, is the record that could not be read; another one stays.
func (s *Service) lose(ctx context.Context, at place, index uint32, was *engine.UploadPart) error {
	s.log.Warn("a part of an upload session could not be read and must be sent again",
		"session", at.id.Format(engine.PrefixUpload), "part", index)
	var gone engine.ID
	err := s.db.Update(ctx, func(tx *meta.Tx) error {
		gone = engine.ID{}
		u, err := s.open(tx, at)
		if err != nil {
			return err
		}
		part, err := stored(tx, at, index)
		if err != nil {
			return err
		}
		if part != nil {
			if was != nil && (part.Spool != was.Spool || part.SHA256 != was.SHA256) {
				return nil
			}
			gone = part.Spool
		}
		if err := schema.DeleteUploadPart(tx, at.tenant, at.user, at.id, index); err != nil {
			return err
		}
		u.Front = min(u.Front, index)
		return schema.PutUpload(tx, at.tenant, u)
	})
	if err == nil {
		s.spool.removeAll(at.id, index, []engine.ID{gone})
	}
	return err
}

// advance moves the front of a session on by the part that it stands at, if that
// one is here. moved is false when there is nothing to move.
func (s *Service) advance(ctx context.Context, at place, l *live) (moved bool, err error) {
	select {
	case l.front <- struct{}{}:
		defer func() { <-l.front }()
	case <-ctx.Done():
		return false, ctx.Err()
	}
	var p *engine.Principal
	var part *engine.UploadPart
	var last bool
	err = s.db.View(ctx, func(v *meta.View) error {
		u, err := s.open(v, at)
		if err != nil || u.Front >= u.Parts() {
			return err
		}
		if p, err = principal(v, at); err != nil {
			return err
		}
		part, err = stored(v, at, u.Front)
		last = u.Front+1 == u.Parts()
		return err
	})
	if err != nil || part == nil {
		return false, err
	}
	from, err := s.frontAt(ctx, at, p, part.Index)
	if err != nil || from == nil {
		return err == nil, err
	}
	st, err := s.cutStored(ctx, p, at, part, from, last)
	switch {
	case errors.Is(err, transfer.ErrSum):
		return true, s.rewind(ctx, at)
	case errors.Is(err, errSpool), engine.KindOf(err) == engine.KindDamaged:
		return true, s.lose(ctx, at, part.Index, part)
	case err != nil:
		return false, err
	case st.SHA256 != part.SHA256 || st.Size != int64(part.Size):
		return true, s.lose(ctx, at, part.Index, part)
	}
	var did outcome
	err = s.db.Update(ctx, func(tx *meta.Tx) (err error) {
		did, err = s.settle(tx, at, partOf(at, part.Index, st), from, true)
		return err
	})
	if err != nil {
		return false, err
	}
	s.spool.removeAll(at.id, part.Index, did.unnamed)
	return true, nil
}

// cutStored reads a stored part and cuts it at the front.
func (s *Service) cutStored(ctx context.Context, p *engine.Principal, at place, part *engine.UploadPart, from *transfer.Front, last bool) (*transfer.Stretch, error) {
	if !part.Spool.IsZero() {
		f, err := s.spool.open(at.id, part.Index, part.Spool)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		return s.transfer.Stretch(ctx, p, *from, f, last)
	}
	r, w := io.Pipe()
	done := make(chan struct{})
	go func() {
		defer close(done)
		w.CloseWithError(s.transfer.WriteStretch(ctx, p, stretchOf(part), w))
	}()
	st, err := s.transfer.Stretch(ctx, p, *from, r, last)
	r.CloseWithError(io.ErrClosedPipe)
	<-done
	return st, err
}

// rewind puts the front back to the beginning: everything is cut and hashed again
// from what is stored.
func (s *Service) rewind(ctx context.Context, at place) error {
	return s.db.Update(ctx, func(tx *meta.Tx) error {
		u, err := s.open(tx, at)
		if err != nil {
			return err
		}
		u.Front = 0
		return schema.PutUpload(tx, at.tenant, u)
	})
}
