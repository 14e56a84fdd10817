package session

import (
	"context"

	"scaidrive/engine"
	"scaidrive/engine/meta"
	"scaidrive/engine/meta/schema"
)

// Get tells how far a session is.
func (s *Service) Get(ctx context.Context, p *engine.Principal, id engine.ID) (*Session, error) {
	at := placeOf(p, id)
	l := s.enter(id)
	defer s.leave(id, l)
	var u *engine.Upload
	err := s.db.View(ctx, func(v *meta.View) (err error) {
		u, err = s.find(v, at)
		return err
	})
	if err != nil {
		return nil, err
	}
	out := s.describe(u)
	out.Completing = u.Status == engine.UploadOpen && s.completing(l)
	if out.Received, err = s.received(ctx, at, u); err != nil {
		return nil, err
	}
	for _, r := range out.Received {
		out.Bytes += int64(r[1]-r[0])*int64(u.PartSize) + u.PartLen(r[1])
	}
	return out, nil
}

// recordsAtOnce is how many records of parts one view reads.
const recordsAtOnce = 500

// received lists the runs of parts that are here.
func (s *Service) received(ctx context.Context, at place, u *engine.Upload) ([][2]uint32, error) {
	total := u.Parts()
	switch {
	case total == 0:
		return nil, nil
	case u.Status != engine.UploadOpen, u.Front == total:
		return [][2]uint32{{0, total - 1}}, nil
	}
	var runs [][2]uint32
	if u.Front > 0 {
		runs = append(runs, [2]uint32{0, u.Front - 1})
	}
	err := s.eachPart(ctx, at, u.Front, func(part *engine.UploadPart) error {
		if n := len(runs); n > 0 && runs[n-1][1]+1 == part.Index {
			runs[n-1][1] = part.Index
		} else {
			runs = append(runs, [2]uint32{part.Index, part.Index})
		}
		return nil
	})
	return runs, err
}

// eachPart calls fn for the stored parts from a number on, in views of bounded
// size.
func (s *Service) eachPart(ctx context.Context, at place, from uint32, fn func(*engine.UploadPart) error) error {
	for {
		seen := 0
		err := s.db.View(ctx, func(v *meta.View) error {
			return schema.ScanUploadParts(v, at.tenant, at.user, at.id, from, func(part *engine.UploadPart) (bool, error) {
				seen, from = seen+1, part.Index+1
				return seen < recordsAtOnce, fn(part)
			})
		})
		if err != nil || seen < recordsAtOnce {
			return err
		}
	}
}
