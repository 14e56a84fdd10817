package limit

import (
	"testing"
	"time"

	"scaidrive/engine"
)

type clock struct{ t time.Time }

func (c *clock) now() time.Time { return c.t }

func fixed(b Budgets) func() Budgets { return func() Budgets { return b } }

func TestSpendStopsAtTheTightestLayer(t *testing.T) {
	c := &clock{time.Unix(60*1000, 0)}
	l := New(fixed(Budgets{Token: 10, User: 15, Tenant: 18, Address: 3}), c.now)
	one := &engine.Principal{Tenant: 1, User: engine.ID{1}, SessionID: engine.ID{1, 1}}
	two := &engine.Principal{Tenant: 1, User: engine.ID{1}, SessionID: engine.ID{1, 2}}
	other := &engine.Principal{Tenant: 1, User: engine.ID{2}, SessionID: engine.ID{2, 1}}
	foreign := &engine.Principal{Tenant: 2, User: engine.ID{2}, SessionID: engine.ID{2, 1}}

	steps := []struct {
		who       *engine.Principal
		cost      int64
		ok        bool
		layer     string
		remaining int64
	}{
		{one, 9, true, "token", 1},
		{one, 2, false, "token", 0},
		{one, 1, true, "token", 0}, // the refused call was not counted
		{two, 4, true, "user", 1},
		{two, 2, false, "user", 0},
		{other, 5, false, "tenant", 0},
		{other, 4, true, "tenant", 0},
		{foreign, 9, true, "token", 1},
	}
	for i, s := range steps {
		st, err := l.Spend(s.who, s.cost)
		if (err == nil) != s.ok || st.Layer != s.layer || st.Remaining != s.remaining {
			t.Fatalf("step %d: %+v, %v", i, st, err)
		}
		if err != nil && engine.KindOf(err) != engine.KindRateLimited {
			t.Fatalf("step %d: kind %d", i, engine.KindOf(err))
		}
		if st.Reset != time.Unix(60*1001, 0).UTC() {
			t.Fatalf("step %d: reset %v", i, st.Reset)
		}
	}
	for i := range 4 {
		_, err := l.SpendAddress([16]byte{127}, 1)
		if (err == nil) != (i < 3) {
			t.Fatalf("call %d of an address: %v", i, err)
		}
	}
	if _, err := l.SpendAddress([16]byte{128}, 1); err != nil {
		t.Fatalf("another address: %v", err)
	}
}

func TestWindowSlides(t *testing.T) {
	c := &clock{time.Unix(60*1000, 0)}
	l := New(fixed(Budgets{Token: 100}), c.now)
	p := &engine.Principal{Tenant: 1, User: engine.ID{1}}
	must := func(cost int64, ok bool) {
		t.Helper()
		if st, err := l.Spend(p, cost); (err == nil) != ok {
			t.Fatalf("at %v: %+v, %v", c.t, st, err)
		}
	}
	must(100, true)
	c.t = c.t.Add(Window) // the last minute still counts whole
	must(1, false)
	c.t = c.t.Add(Window / 2) // half of it
	must(51, false)
	must(50, true)
	c.t = c.t.Add(3 * Window)
	must(100, true)
	if n := len(l.counters); n != 1 {
		t.Fatalf("%d counters are kept", n)
	}
}
