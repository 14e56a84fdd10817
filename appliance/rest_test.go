package appliance

import "testing"

func TestRestNoticesTheEndOfWork(t *testing.T) {
	var r rest
	for i, step := range []struct {
		calls uint64 // since the last look
		trim  bool
	}{
		{0, false}, {restCalls, false}, {1, true}, {0, false}, {restCalls, false}, {0, false}, // once
		{restCalls + 1, false}, {0, false}, {0, false}, {restCalls + 1, false}, // work goes on
		{3, false}, {3, false}, {3, true}, {3, false},
	} {
		if got := r.look(r.calls + step.calls); got != step.trim {
			t.Fatalf("look %d, %d calls: %v, want %v", i, step.calls, got, step.trim)
		}
	}
}
