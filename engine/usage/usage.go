// Package usage tells what shares hold: files and folders that live, bytes in the
// trash and bytes of older versions.
//
// A share's record counts all of it in the commit of each change, what is in the
// trash or on its way out included. What lives is that without what is gone, and
// what is gone is counted here, by going through the trash: a folder of a million
// things goes there and comes back as one record, so no record knows its sums.
//
// Invariants:
//   - a figure is of one state of a share, and is told again until that changes; a
//     share that never rests gets one that is about right, and a new one is made
//     whenever it is asked for;
//   - no walk holds a view for long; a call waits about 50 ms for what is not known,
//     then gets what was known last, and the rest is counted by Run;
//   - a share whose record is of a build that did not count is counted once by Run,
//     and stored only if nothing changed in it meanwhile.
//
// It decides nothing: the shares it tells of are those that engine/share lists. What a
// tenant and all tenants hold is added up for their administrators.
package usage

import (
	"context"
	"errors"
	"sync"
	"time"

	"scaidrive/engine"
	"scaidrive/engine/meta"
	"scaidrive/engine/meta/schema"
	"scaidrive/engine/share"
)

const (
	inlineTime = 50 * time.Millisecond // of one call, for all its shares
	inlineRows = 10_000                // of one share in a call
	sliceRows  = 5000
	sliceTime  = 20 * time.Millisecond

	maxKnown = 100_000 // shares whose figures are remembered
	tries    = 3       // of an exact count, until one that is about right does
	restFor  = 3       // Run rests that many times what a count took,
	maxRest  = time.Minute
	again    = time.Minute // between attempts at shares that never were counted
)

// Figures are what a share holds, at a moment.
type Figures struct {
	Files        int64 // that live
	Folders      int64 // that live, without the share's root
	TrashBytes   int64 // of what is in the trash or being removed, older versions included
	VersionBytes int64 // of older versions of what lives
	At           time.Time
}

// Service counts. Safe for concurrent use.
type Service struct {
	db     *meta.DB
	env    engine.Env
	shares *share.Service
	inline int // rows of a share that are counted in a call
	slice  int // rows in a slice of Run

	mu     sync.Mutex
	known  map[key]known
	queue  []key // to be counted by Run, each once
	queued map[key]struct{}
	totals map[engine.TenantNo]*kept[Total]
	whole  kept[Whole]
	wake   chan struct{}
}

type key struct {
	tenant engine.TenantNo
	share  engine.ID
}

// known is what was counted last; exact: it is true as long as the mark is.
type known struct {
	Figures
	mark  mark
	exact bool
}

// New makes the service. Run must be running for large shares to be counted.
func New(db *meta.DB, env engine.Env, shares *share.Service) *Service {
	return &Service{
		db: db, env: env, shares: shares, inline: inlineRows, slice: sliceRows,
		known: map[key]known{}, queued: map[key]struct{}{}, totals: map[engine.TenantNo]*kept[Total]{}, wake: make(chan struct{}, 1),
	}
}

// A Share is one with its figures; nil: not counted yet.
type Share struct {
	*engine.Share
	*Figures
}

// Stats are what a caller's shares hold.
type Stats struct {
	Shares []Share // a page of those that the caller owns
	Total  int     // of those

	// Of all that the caller may add up. Figures is nil while one of them has none,
	// and At the moment of the oldest.
	Sum       *Figures
	Count     int
	UsedBytes int64
}

// Stats lists what share.Usage does.
func (s *Service) Stats(ctx context.Context, p *engine.Principal, limit, offset int) (*Stats, error) {
	list, total, seen, err := s.shares.Usage(ctx, p, limit, offset)
	if err != nil {
		return nil, err
	}
	until := s.env.Now().Add(inlineTime)
	out := &Stats{Total: total, Count: len(seen), Sum: &Figures{At: s.env.Now()}}
	of := make(map[engine.ID]*Figures, len(list))
	for _, sh := range list {
		f := s.figures(ctx, p.Tenant, sh, until)
		of[sh.ID] = f
		out.Shares = append(out.Shares, Share{sh, f})
	}
	for _, sh := range seen {
		out.UsedBytes += sh.UsedBytes
		f, counted := of[sh.ID]
		if !counted {
			f = s.figures(ctx, p.Tenant, sh, until)
		}
		out.Sum = add(out.Sum, f)
	}
	return out, ctx.Err()
}

func add(sum, f *Figures) *Figures {
	if sum == nil || f == nil {
		return nil
	}
	if f.At.Before(sum.At) {
		sum.At = f.At
	}
	sum.Files += f.Files
	sum.Folders += f.Folders
	sum.TrashBytes += f.TrashBytes
	sum.VersionBytes += f.VersionBytes
	return sum
}

// figures are those of a share: counted now if there is time for it.
func (s *Service) figures(ctx context.Context, t engine.TenantNo, sh *engine.Share, until time.Time) *Figures {
	k := key{t, sh.ID}
	s.mu.Lock()
	last, any := s.known[k]
	s.mu.Unlock()
	if any && last.exact && last.mark == markOf(sh) {
		return &last.Figures
	}
	if s.env.Now().Before(until) {
		w := s.walk(k, !sh.Counted)
		all := false
		err := s.db.View(ctx, func(v *meta.View) (err error) {
			all, err = w.step(v, budget{rows: s.inline, until: until})
			return err
		})
		if err == nil && all {
			f := s.keep(k, w)
			return &f
		}
	}
	s.enqueue(k)
	if !any {
		return nil
	}
	return &last.Figures
}

func (s *Service) walk(k key, whole bool) *walk {
	return &walk{tenant: k.tenant, share: k.share, whole: whole, now: s.env.Now}
}

// keep remembers what a walk has counted.
func (s *Service) keep(k key, w *walk) Figures {
	all := w.first.Holding()
	if w.whole {
		all = w.lives
		all.Add(w.gone, 1)
	}
	f := Figures{
		Files: max(0, all.Files-w.gone.Files), Folders: max(0, all.Folders-w.gone.Folders),
		TrashBytes: w.gone.Bytes, VersionBytes: max(0, all.VersionBytes-w.gone.VersionBytes), At: w.at,
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.known) >= maxKnown {
		for other := range s.known {
			delete(s.known, other)
			break
		}
	}
	s.known[k] = known{Figures: f, mark: markOf(w.first), exact: !w.loose}
	return f
}

func (s *Service) enqueue(k key) {
	s.mu.Lock()
	if _, waits := s.queued[k]; !waits && len(s.queue) < maxKnown {
		s.queued[k] = struct{}{}
		s.queue = append(s.queue, k)
	}
	s.mu.Unlock()
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

func (s *Service) next() (k key, any bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.queue) == 0 {
		return k, false
	}
	k = s.queue[0]
	s.queue = s.queue[1:]
	delete(s.queued, k)
	return k, true
}

// Run counts what calls have left, and at first all shares that never were
// counted, until ctx ends. trouble, when not nil, is told of what can't be counted.
func (s *Service) Run(ctx context.Context, trouble func(error)) {
	tell := func(err error) {
		if err != nil && !errors.Is(err, errChanged) && ctx.Err() == nil && trouble != nil {
			trouble(err)
		}
	}
	more, err := s.Recount(ctx)
	tell(err)
	for ctx.Err() == nil {
		k, any := s.next()
		if !any {
			wait := time.NewTimer(again)
			if !more {
				wait.Stop()
			}
			select {
			case <-ctx.Done():
			case <-s.wake:
			case <-wait.C:
				more, err = s.Recount(ctx)
				tell(err)
			}
			wait.Stop()
			continue
		}
		began := time.Now()
		tell(s.Count(ctx, k.tenant, k.share))
		pause(ctx, min(maxRest, restFor*time.Since(began)))
	}
}

func pause(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	}
}

// Count counts a share, however large it is, in slices, and remembers its figures.
func (s *Service) Count(ctx context.Context, t engine.TenantNo, share engine.ID) error {
	k := key{t, share}
	whole, gone := false, false
	err := s.db.View(ctx, func(v *meta.View) error {
		sh, err := schema.GetShare(v, t, share)
		if gone = errors.Is(err, schema.ErrNotFound); gone {
			return nil
		}
		if err == nil {
			whole = !sh.Counted
		}
		return err
	})
	if err != nil || gone {
		return err
	}
	for try := 1; ; try++ {
		w := s.walk(k, whole)
		w.loose = try > tries
		err := s.through(ctx, w)
		if errors.Is(err, errChanged) && !w.loose {
			continue
		}
		if err == nil {
			s.keep(k, w)
		}
		return err
	}
}

// through makes all slices of a walk.
func (s *Service) through(ctx context.Context, w *walk) error {
	for all := false; !all; {
		err := s.db.View(ctx, func(v *meta.View) (err error) {
			all, err = w.step(v, budget{rows: s.slice, until: s.env.Now().Add(sliceTime)})
			return err
		})
		if err != nil {
			return engine.Wrap("usage", err)
		}
		if err := ctx.Err(); err != nil {
			return err
		}
	}
	return nil
}
