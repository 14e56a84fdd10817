package worker

import (
	"context"
	"sync"
	"time"
)

// A Limit bounds how many bytes go in a second. Safe for concurrent use.
type Limit struct {
	rate int64 // bytes a second
	now  func() time.Time

	mu   sync.Mutex
	free time.Time // when what was let through so far has gone
}

// NewLimit makes a limit of bytes a second; 0 is none.
func NewLimit(rate int64, now func() time.Time) *Limit {
	if rate <= 0 {
		return nil
	}
	return &Limit{rate: rate, now: now}
}

// Wait waits until n bytes may go. A burst of a second is let through at once.
func (l *Limit) Wait(ctx context.Context, n int64) error {
	if l == nil || n <= 0 {
		return ctx.Err()
	}
	l.mu.Lock()
	now := l.now()
	if l.free.Before(now.Add(-time.Second)) {
		l.free = now.Add(-time.Second)
	}
	l.free = l.free.Add(time.Duration(float64(n) / float64(l.rate) * float64(time.Second)))
	wait := l.free.Sub(now)
	l.mu.Unlock()
	if wait <= 0 {
		return ctx.Err()
	}
	t := time.NewTimer(wait)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
