package appliance

import (
	"context"
	"runtime/debug"
	"time"
)

// When the server counts as resting: so many looks in a row at which hardly
// anything had been asked since the one before. Polls of health and of metrics
// do not keep it awake.
const (
	restLook  = 5 * time.Second
	restCalls = 25 // in one look
	restLooks = 3
)

// A rest notices when the server has come to rest.
type rest struct {
	calls uint64 // at the last look
	quiet int    // looks in a row
}

// look takes the number of calls so far and reports whether now is the moment to
// give memory back: once after each time of work.
func (r *rest) look(calls uint64) bool {
	n := calls - r.calls
	r.calls = calls
	if n > restCalls {
		r.quiet = 0
		return false
	}
	r.quiet = min(r.quiet+1, restLooks+1)
	return r.quiet == restLooks
}

// restLoop gives back memory whenever the server comes to rest: a server that
// nobody uses at night should leave the machine to others. What it gives back
// makes only speed, and comes back with the first calls.
func (a *Appliance) restLoop(ctx context.Context) {
	var r rest
	tick := time.NewTicker(restLook)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if r.look(a.http.Calls()) {
				a.trim()
			}
		}
	}
}

func (a *Appliance) trim() {
	if err := a.chunks.Trim(); err != nil {
		a.cfg.Log.Warn("the chunk index could not be folded at rest", "err", err)
	}
	a.tree.Trim()
	if err := a.meta.Trim(); err != nil {
		a.cfg.Log.Warn("the metadata could not be flushed at rest", "err", err)
	}
	// Twice: what a pool holds goes with the second collection.
	debug.FreeOSMemory()
	debug.FreeOSMemory()
	releaseProgram()
}
