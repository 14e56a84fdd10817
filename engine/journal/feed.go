package journal

import (
	"context"
	"time"

	"scaidrive/engine"
	"scaidrive/engine/access"
	"scaidrive/engine/meta"
	"scaidrive/engine/meta/schema"
)

// The bounds of one look into the change log.
const (
	MaxRows    = 5000 // in an answer
	maxExamine = 20_000
	examineFor = 50 * time.Millisecond
	MaxWait    = 55 * time.Second
)

// A Row is a row of the change log as one caller is shown it.
type Row struct {
	*engine.Change   // its Kind may be another than the stored one
	OldPath, NewPath *string
	// Parent is the folder that it tells of, zero when that is out of sight.
	Parent engine.ID
	// Node is what it is about, as it is now; nil when the row only says that it is
	// gone, or that it and what lies below are to be listed anew (AccessChanged).
	Node *engine.Node
	// Bare: it is seen only as the way to something; Node is then its name.
	Bare bool
}

// Lasts reports whether nothing that the caller may in the share ends by the clock.
func (f *Feed) Lasts() bool { return f.until.IsZero() }

// A Follow asks for what happened in a share behind a cursor.
type Follow struct {
	Share  engine.ID
	Cursor *int64 // nil: from now on
	Epoch  string // that came with the cursor; empty: not told
	Limit  int    // at most MaxRows
	// Wait is how long to wait for a row, at most MaxWait; 0: not at all.
	Wait time.Duration
	// Again reads anew who asks, when a waiting is over; nil: they stay who they are.
	// What it refuses with ends the waiting.
	Again func(context.Context) (*engine.Principal, error)
}

// A Feed is what happened, oldest first, and where to go on.
type Feed struct {
	Rows []Row
	Mark
	More bool
	Seq  uint64 // of the mark
	Met  bool   // other conflicts are open than before; in what is told alone

	standing string
	until    time.Time // when the standing ends by the clock
}

// Changes gives the rows of a share's change log behind a cursor, as the caller
// may see them now. A look examines at most 20,000 rows or 50 ms and then says that
// there is more; a waiting one goes on until it has something to show, the time is
// over or ctx ends, which is no error. A cursor that can't be followed is a
// *GoneError.
func (s *Service) Changes(ctx context.Context, p *engine.Principal, f Follow) (*Feed, error) {
	if f.Limit < 1 || f.Limit > MaxRows || f.Wait < 0 || f.Wait > MaxWait {
		return nil, engine.Invalid("limit", "limit is 1 to %d, wait at most %d seconds", MaxRows, MaxWait/time.Second)
	}
	var woken chan struct{}
	if f.Wait > 0 {
		woken = make(chan struct{}, 1)
		defer s.hub.watch(p.Tenant, f.Share, woken)()
		defer s.Concern(p, woken)()
	}
	b, err := s.from(context.WithoutCancel(ctx), p, &f)
	if err != nil {
		return nil, err
	}
	if f.Again == nil {
		f.Again = func(context.Context) (*engine.Principal, error) { return p, nil }
	}
	seq := b.seq
	var timeout <-chan time.Time
	if f.Wait > 0 {
		t := time.NewTimer(f.Wait)
		defer t.Stop()
		timeout = t.C
	}
	for {
		out, err := s.look(context.WithoutCancel(ctx), p, f.Share, seq, f.Limit)
		if err != nil {
			return nil, err
		}
		if b.standing != "" && b.standing != out.standing {
			out.Rows = append([]Row{s.anew(f.Share)}, out.Rows...)
		}
		if seq = out.Seq; len(out.Rows) > 0 || f.Wait == 0 {
			return out, nil
		}
		b.standing = out.standing
		if out.More {
			select {
			case <-ctx.Done():
				return out, nil
			case <-timeout:
				return out, nil
			default:
				continue
			}
		}
		if !s.await(ctx, out.until, woken, timeout) {
			return out, nil
		}
		if p, err = f.Again(context.WithoutCancel(ctx)); err != nil {
			return nil, err
		}
	}
}

// await waits for rows, for what may change what the caller sees, or for the moment
// at which a role of theirs ends; false: the waiting is over.
func (s *Service) await(ctx context.Context, until time.Time, woken <-chan struct{}, timeout <-chan time.Time) bool {
	ends, stop := s.env.Until(until)
	defer stop()
	select {
	case <-woken:
	case <-ends:
	case <-timeout:
		return false
	case <-ctx.Done():
		return false
	}
	return true
}

// anew says that a share is to be listed from its root.
func (s *Service) anew(share engine.ID) Row {
	return Row{Change: &engine.Change{
		ID: s.env.NewID(), Share: share, Kind: engine.ChangeUpdated, Resource: engine.ResourceShare, Node: share,
		At: s.env.Now(), AccessChanged: true,
	}}
}

// A beginning is where a follower begins, and how they stood when their epoch was
// given; "": that was not told.
type beginning struct {
	seq      uint64
	standing string
}

func (s *Service) from(ctx context.Context, p *engine.Principal, f *Follow) (b beginning, err error) {
	err = s.db.View(ctx, func(v *meta.View) error {
		sub, _, err := access.LookShare(v, p, f.Share)
		if err != nil {
			return s.withdrawn(v, p, f, err)
		}
		if f.Cursor == nil {
			b.seq = sub.Share.Seq
			return nil
		}
		b.standing = standingIn(f.Epoch)
		b.seq, err = s.position(v, p.Tenant, sub.Share, *f.Cursor, f.Epoch)
		return err
	})
	return b, err
}

// look reads rows behind a sequence number, over as many views as it takes.
func (s *Service) look(ctx context.Context, p *engine.Principal, share engine.ID, seq uint64, limit int) (*Feed, error) {
	out := &Feed{Seq: seq, More: true}
	examined, until := 0, time.Now().Add(examineFor)
	for out.More && examined < maxExamine && len(out.Rows) < limit && (examined == 0 || time.Now().Before(until)) {
		err := s.db.View(ctx, func(v *meta.View) error {
			sub, _, err := access.LookShare(v, p, share)
			if err != nil {
				return err
			}
			if out.Seq < sub.Share.LogFloor {
				return gone(GoneExpired)
			}
			list, err := s.read(v, p.Tenant, share, out.Seq, min(500, limit-len(out.Rows)))
			if err != nil {
				return err
			}
			w := renderer{r: v, p: p, share: sub.Share}
			for _, c := range list {
				rows, err := w.rows(c)
				if err != nil {
					return err
				}
				out.Rows = append(out.Rows, rows...)
				out.Seq = c.Seq
			}
			examined += max(len(list), 1)
			out.More = out.Seq < sub.Share.Seq && len(list) > 0
			out.Mark, err = s.mark(v, p, sub.Share, out.Seq)
			if err == nil {
				out.standing = standingIn(out.Epoch)
				_, out.until, err = access.Tag(v, p, sub.Share)
			}
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (s *Service) read(r schema.Reader, t engine.TenantNo, share engine.ID, behind uint64, n int) ([]*engine.Change, error) {
	var list []*engine.Change
	err := schema.ScanChanges(r, t, share, behind, func(c *engine.Change) (bool, error) {
		list = append(list, c)
		return len(list) < n, nil
	})
	return list, err
}
