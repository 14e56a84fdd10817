package desk

import (
	"testing"

	"scaidrive/engine"
	"scaidrive/engine/enginetest"
)

// What is noted again while it is being written stays noted.
func TestNotedWhileWritten(t *testing.T) {
	w := enginetest.New(t)
	s, p := New(w.DB, w.Env()), w.As(w.User)
	who := owner{p.Tenant, p.User}
	a, b := w.NewID(), w.NewID()
	s.Opened(p, a)
	s.Opened(p, b)
	list := s.pending[who].newestFirst()
	s.Opened(p, a)
	s.written(who, list)
	if n := s.pending[who]; n == nil || len(n.byNode) != 1 || n.byNode[a].order != 3 {
		t.Errorf("%+v", n)
	}
	s.written(who, s.pending[who].newestFirst())
	if len(s.pending) != 0 {
		t.Errorf("%d users are still noted", len(s.pending))
	}
	for range 3 * engine.MaxRecent {
		s.Opened(p, w.NewID())
	}
	if n := len(s.pending[who].byNode); n > 2*engine.MaxRecent {
		t.Errorf("%d are noted", n)
	}
}
