package httpd

import (
	"runtime"
	"sync/atomic"
	"time"
)

// How long an answer may stand back, and for how long none does once one has for longer.
const (
	turnBound = 5 * time.Millisecond
	turnPause = 50 * time.Millisecond
)

// turns has an answer that is made stand back for the requests that have come before it
// goes out, so that what has come together is answered together: the first answer wakes
// who waits for it, and the others find them awake. That matters where many callers are
// one process, a proxy above all: a wake-up on either side costs as much as the making of
// a small answer.
//
// Where nothing else can run, an answer goes at once. Where what runs is at it for long,
// as a goroutine that computes is, or another process that has the core, answers stop
// standing back for a while, so that nobody waits twice for the same.
type turns struct {
	now   func() time.Duration // since any moment
	yield func()               // lets what can run have its turn
	not   atomic.Int64         // until then nobody stands back
}

func (t *turns) start() {
	begin := time.Now()
	t.now, t.yield = func() time.Duration { return time.Since(begin) }, runtime.Gosched
}

// standBack returns when what could run has had its turn.
func (t *turns) standBack() {
	at := t.now()
	if int64(at) < t.not.Load() {
		return
	}
	t.yield()
	if after := t.now(); after-at > turnBound {
		t.not.Store(int64(after + turnPause))
	}
}
