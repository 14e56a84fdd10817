package httpd

import (
	"context"
	"sync"
	"time"
)

// A lifetime is the context of a call: it ends at a deadline, with its parent, or
// when it is cancelled. Most calls are over before anybody waits for their end, so
// the timer is made only when somebody asks for Done.
type lifetime struct {
	parent   context.Context
	deadline time.Time

	mu     sync.Mutex
	ended  bool
	waited context.Context // with a timer; nil: nobody has asked
	stop   context.CancelFunc
}

// Deadline implements context.Context.
func (l *lifetime) Deadline() (time.Time, bool) { return l.deadline, true }

// Done implements context.Context.
func (l *lifetime) Done() <-chan struct{} {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.waited == nil {
		l.waited, l.stop = context.WithDeadline(l.parent, l.deadline)
		if l.ended {
			l.stop()
		}
	}
	return l.waited.Done()
}

// Err implements context.Context.
func (l *lifetime) Err() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case l.waited != nil:
		return l.waited.Err()
	case l.ended:
		return context.Canceled
	case l.parent.Err() != nil:
		return l.parent.Err()
	case !time.Now().Before(l.deadline):
		return context.DeadlineExceeded
	}
	return nil
}

// Value implements context.Context. Contexts made of this one find the one with
// the timer here, and hang on it.
func (l *lifetime) Value(key any) any {
	l.mu.Lock()
	at := l.parent
	if l.waited != nil {
		at = l.waited
	}
	l.mu.Unlock()
	return at.Value(key)
}

// cancel ends it.
func (l *lifetime) cancel() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.ended = true
	if l.stop != nil {
		l.stop()
	}
}
