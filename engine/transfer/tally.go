package transfer

import (
	"sync"
	"sync/atomic"

	"scaidrive/engine"
)

// A tally counts by tenant. Safe for concurrent use.
type tally struct{ counts sync.Map } // of *atomic.Uint64

func (t *tally) add(tenant engine.ID) {
	n, ok := t.counts.Load(tenant)
	if !ok {
		n, _ = t.counts.LoadOrStore(tenant, new(atomic.Uint64))
	}
	n.(*atomic.Uint64).Add(1)
}

// Deduplicated tells, by tenant, how many chunks were received since the start
// that were there already.
func (s *Service) Deduplicated() map[engine.ID]uint64 {
	out := map[engine.ID]uint64{}
	s.there.counts.Range(func(tenant, n any) bool {
		out[tenant.(engine.ID)] = n.(*atomic.Uint64).Load()
		return true
	})
	return out
}
