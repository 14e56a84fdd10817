package presence_test

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"testing"
	"time"

	"scaidrive/engine"
	"scaidrive/engine/enginetest"
	"scaidrive/engine/meta"
	"scaidrive/engine/meta/schema"
	"scaidrive/engine/presence"
)

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// as is a user who calls now, with a session.
func as(w *enginetest.World, u *engine.User) *engine.Principal {
	p := w.As(u)
	p.SessionID, p.ServiceToken, p.At = engine.ID{1}, engine.ID{}, time.Time{}
	return p
}

// TestCount compares the figures with what a list of who came when would tell, over
// days on which people come, stay away and come back, and starts between them.
func TestCount(t *testing.T) {
	w := enginetest.New(t)
	s := presence.New(w.DB, w.Env())
	users := []*engine.User{w.User}
	for i := range 12 {
		users = append(users, w.AddUser(t, fmt.Sprintf("u%d@example.com", i)))
	}
	rnd := rand.New(rand.NewPCG(1, 2))
	came := map[engine.Day]map[engine.ID]bool{}
	for round := range 100 {
		day := engine.DayOf(w.Env().Now())
		for range rnd.IntN(4) {
			u := users[rnd.IntN(len(users))]
			s.Seen(as(w, u))
			s.Seen(as(w, u))
			if came[day] == nil {
				came[day] = map[engine.ID]bool{}
			}
			came[day][u.ID] = true
		}
		if round%3 == 0 {
			must(t, s.Write(t.Context()))
			s = presence.New(w.DB, w.Env()) // after a start
		}
		f, err := s.Count(t.Context(), 1)
		must(t, err)
		within := func(n engine.Day) int64 {
			all := map[engine.ID]bool{}
			for d := day - n + 1; d <= day; d++ {
				maps.Copy(all, came[d])
			}
			return int64(len(all))
		}
		if f.Today != within(1) || f.Week != within(7) || f.Month != within(30) {
			t.Fatalf("day %d: %d, %d, %d; want %d, %d, %d", round, f.Today, f.Week, f.Month, within(1), within(7), within(30))
		}
		for i, d := range f.Days {
			if want := day - presence.Days + 1 + engine.Day(i); d.Day != want || d.Active != int64(len(came[want])) {
				t.Fatalf("day %d: %+v, want %d on %d", round, d, len(came[want]), want)
			}
		}
		w.Pass(time.Duration(rnd.IntN(40)) * time.Hour)
	}
	kept := 0
	must(t, w.DB.View(t.Context(), func(v *meta.View) error {
		return schema.ScanPresence(v, 1, 0, func(*engine.PresenceDay) (bool, error) { kept++; return true, nil })
	}))
	if kept > presence.Days {
		t.Errorf("%d days are kept", kept)
	}
}

func TestWhoIsNobody(t *testing.T) {
	w := enginetest.New(t)
	s := presence.New(w.DB, w.Env())
	p := as(w, w.User)
	p.SessionID, p.ServiceToken = engine.ID{}, engine.ID{1}
	s.Seen(p)
	f, err := s.Count(t.Context(), 1)
	must(t, err)
	if f.Month != 0 {
		t.Errorf("a service token is somebody: %+v", f)
	}
}

// A second day is one commit more, and a second call none.
func TestWritesOnceADay(t *testing.T) {
	w := enginetest.New(t)
	s := presence.New(w.DB, w.Env())
	updates := func() uint64 { return w.DB.Status().LSN }
	s.Seen(as(w, w.User))
	must(t, s.Write(t.Context()))
	was := updates()
	for range 5 {
		s.Seen(as(w, w.User))
		must(t, s.Write(t.Context()))
	}
	if updates() != was {
		t.Error("who was there already is written again")
	}
	w.Pass(24 * time.Hour)
	s.Seen(as(w, w.User))
	must(t, s.Write(t.Context()))
	if updates() == was {
		t.Error("the next day is not written")
	}
}

func TestRunWritesWhatIsLeft(t *testing.T) {
	w := enginetest.New(t)
	s := presence.New(w.DB, w.Env())
	ctx, stop := context.WithCancel(t.Context())
	over := make(chan struct{})
	go func() { s.Run(ctx, func(err error) { t.Error(err) }); close(over) }()
	s.Seen(as(w, w.User))
	stop()
	<-over
	f, err := presence.New(w.DB, w.Env()).Count(t.Context(), 1)
	must(t, err)
	if f.Today != 1 {
		t.Errorf("%+v", f)
	}
}
