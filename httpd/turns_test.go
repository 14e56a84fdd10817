package httpd

import (
	"sync/atomic"
	"testing"
	"time"
)

// An answer stands back once, unless one had to for too long a moment ago.
func TestTurns(t *testing.T) {
	var now, takes time.Duration
	yields := 0
	s := turns{
		now:   func() time.Duration { return now },
		yield: func() { yields++; now += takes },
	}
	for _, step := range []struct {
		what        string
		wait, takes time.Duration
		want        int
	}{
		{"the first", 0, time.Microsecond, 1},
		{"the next", 0, turnBound, 2},
		{"one that takes too long", 0, turnBound + 1, 3},
		{"one soon after it", turnPause - 1, 0, 3},
		{"one after the pause", 1, 0, 4},
		{"and the next", 0, 0, 5},
	} {
		now += step.wait
		takes = step.takes
		s.standBack()
		if yields != step.want {
			t.Errorf("%s: answers stood back %d times, not %d", step.what, yields, step.want)
		}
	}
}

// Each answer stands back when it is made, and not before.
func TestAnswersStandBack(t *testing.T) {
	var made, back atomic.Int32
	r := startRig(t, Options{}, oneRoute("GET", "/api/v1/thing", func(c *call) error {
		made.Add(1)
		return c.json(200, "made")
	}, noBody), func(s *Server) {
		s.turns.now = func() time.Duration { return 0 }
		s.turns.yield = func() {
			if back.Add(1) != made.Load() {
				t.Error("an answer stood back that was not made")
			}
		}
	})
	for range 3 {
		if resp, body := r.call(t, "GET", "/api/v1/thing", ""); resp.StatusCode != 200 {
			t.Fatalf("%d %s", resp.StatusCode, body)
		}
	}
	if n := back.Load(); n != 3 {
		t.Errorf("answers stood back %d times, not 3", n)
	}
}
