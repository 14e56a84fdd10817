// Package presence counts how many people of a tenant were there: today, in the past
// 7 days, in the past 30, and on each of these days.
//
// A user's record has the last day on which they were there, and a tenant one record
// a day: how many were there, and how many of them have not been there since. Who
// comes back moves from the one day to the other, so that the sum of the second
// figures over days until today is the number of different people in them, exactly,
// and nobody is looked for to know it. Nothing else is kept of who came when, and of
// no day longer than that.
//
// Invariants:
//   - a call costs a look into memory; a user is written once a day, a few seconds
//     after they came, many users in one commit;
//   - what could not be written is tried again.
//
// A day is one of UTC. Service tokens are nobody who is there, and who is deleted
// later was there.
package presence

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"scaidrive/engine"
	"scaidrive/engine/meta"
	"scaidrive/engine/meta/schema"
)

// Days is how many days are kept, today included.
const Days = 30

const (
	writeAfter = 5 * time.Second // of the first who came
	writeUsers = 200             // in one mutation
	lastWrite  = 10 * time.Second
)

// Service counts. Safe for concurrent use.
type Service struct {
	db  *meta.DB
	env engine.Env

	mu      sync.RWMutex
	day     engine.Day // of seen
	seen    map[owner]struct{}
	pending map[owner]engine.Day // not written yet
	wake    chan struct{}
}

type owner struct {
	tenant engine.TenantNo
	user   engine.ID
}

// New makes the service. Run must be running for anything to be written.
func New(db *meta.DB, env engine.Env) *Service {
	return &Service{db: db, env: env, seen: map[owner]struct{}{}, pending: map[owner]engine.Day{}, wake: make(chan struct{}, 1)}
}

// Seen notes that a user is there: they called, with a session.
func (s *Service) Seen(p *engine.Principal) {
	if p.SessionID.IsZero() || p.User.IsZero() {
		return
	}
	at := p.At
	if at.IsZero() {
		at = s.env.Now()
	}
	day, who := engine.DayOf(at), owner{p.Tenant, p.User}
	s.mu.RLock()
	_, known := s.seen[who]
	known = known && s.day == day
	s.mu.RUnlock()
	if !known {
		s.note(who, day)
	}
}

func (s *Service) note(who owner, day engine.Day) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.day != day {
		s.day, s.seen = day, map[owner]struct{}{}
	}
	s.seen[who] = struct{}{}
	s.pending[who] = day
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// Run writes who came until ctx ends, and then what is left. trouble, when not nil,
// is told of a write that failed; it is tried again.
func (s *Service) Run(ctx context.Context, trouble func(error)) {
	tell := func(err error) {
		if err != nil && trouble != nil {
			trouble(err)
		}
	}
	for {
		select {
		case <-ctx.Done():
			last, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastWrite)
			defer cancel()
			tell(s.Write(last))
			return
		case <-s.wake:
		}
		t := time.NewTimer(writeAfter)
		select {
		case <-ctx.Done():
			t.Stop()
			continue
		case <-t.C:
		}
		if err := s.Write(ctx); err != nil && ctx.Err() == nil {
			tell(err)
			select {
			case s.wake <- struct{}{}:
			default:
			}
		}
	}
}

// Write writes who came.
func (s *Service) Write(ctx context.Context) error {
	s.mu.Lock()
	list := make([]came, 0, len(s.pending))
	for who, day := range s.pending {
		list = append(list, came{who, day})
	}
	s.mu.Unlock()
	var failed []error
	for group := range slices.Chunk(list, writeUsers) {
		err := s.db.Update(ctx, func(tx *meta.Tx) error {
			for _, c := range group {
				if err := put(tx, c); err != nil && engine.KindOf(err) != engine.KindDamaged {
					return err
				}
			}
			return nil
		})
		if err != nil {
			failed = append(failed, engine.Wrap("write who was there", err))
			continue
		}
		s.mu.Lock()
		for _, c := range group {
			if s.pending[c.owner] == c.day {
				delete(s.pending, c.owner)
			}
		}
		s.mu.Unlock()
	}
	return errors.Join(failed...)
}

// came is somebody who came on a day.
type came struct {
	owner
	day engine.Day
}

// put counts somebody, if they are not counted for that day or a later one. What is
// damaged of it, where a figure is about right, is left as it is.
func put(tx *meta.Tx, c came) error {
	u, err := schema.GetUser(tx, c.tenant, c.user)
	if errors.Is(err, schema.ErrNotFound) {
		return nil
	}
	if err != nil || u.SeenDay >= c.day {
		return err
	}
	today, begun, err := schema.GetPresence(tx, c.tenant, c.day)
	if err != nil {
		return err
	}
	before, kept, err := schema.GetPresence(tx, c.tenant, u.SeenDay)
	if err != nil {
		return err
	}
	if !begun {
		if err := forget(tx, c.tenant, c.day); err != nil {
			return err
		}
	}
	if kept && before.Last > 0 && u.SeenDay+Days > c.day {
		before.Last--
		if err := schema.PutPresence(tx, c.tenant, before); err != nil {
			return err
		}
	}
	today.Active++
	today.Last++
	u.SeenDay = c.day
	if err := schema.PutPresence(tx, c.tenant, today); err != nil {
		return err
	}
	return schema.PutUser(tx, u)
}

// forget removes days that are over when a new one begins.
func forget(tx *meta.Tx, t engine.TenantNo, day engine.Day) error {
	var old []engine.Day
	err := schema.ScanPresence(tx, t, 0, func(d *engine.PresenceDay) (bool, error) {
		if d.Day+Days > day {
			return false, nil
		}
		old = append(old, d.Day)
		return true, nil
	})
	for _, d := range old {
		if err == nil {
			err = schema.DeletePresence(tx, t, d)
		}
	}
	return err
}

// Figures are how many different people were there.
type Figures struct {
	Today, Week, Month int64
	Days               []engine.PresenceDay // the past 30, the last is today; Active counts
}

// Count gives a tenant's figures, who came a moment ago included.
func (s *Service) Count(ctx context.Context, t engine.TenantNo) (*Figures, error) {
	// Where nothing can be written, what was written before is told.
	_ = s.Write(ctx)
	today := engine.DayOf(s.env.Now())
	out := &Figures{Days: make([]engine.PresenceDay, Days)}
	for i := range out.Days {
		out.Days[i].Day = today - Days + 1 + engine.Day(i)
	}
	err := s.db.View(ctx, func(v *meta.View) error {
		return schema.ScanPresence(v, t, today-Days+1, func(d *engine.PresenceDay) (bool, error) {
			if d.Day > today {
				return false, nil
			}
			out.Days[Days-1-(today-d.Day)] = *d
			out.Month += d.Last
			if d.Day+7 > today {
				out.Week += d.Last
			}
			if d.Day == today {
				out.Today = d.Active
			}
			return true, nil
		})
	})
	return out, engine.Wrap("presence.Count", err)
}
