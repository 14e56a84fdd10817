package identity

import (
	"sync"
	"time"

	"scaidrive/engine"
)

// uses are the moments at which the last use of a service token was written, or
// could not be, so that many calls at once are one write and a store that takes
// none is not asked at each call. Safe for concurrent use.
type uses struct {
	mu   sync.Mutex
	last map[engine.ID]time.Time
}

// due reports whether a token's use is to be written now, and takes note of it.
func (u *uses) due(id engine.ID, now time.Time) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	if last, ok := u.last[id]; ok && now.Sub(last) < usedEvery {
		return false
	}
	if u.last == nil || len(u.last) >= maxUses {
		u.last = map[engine.ID]time.Time{}
	}
	u.last[id] = now
	return true
}
