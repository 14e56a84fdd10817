package engine

import (
	"io"
	"time"
)

// Env is what a service needs from outside and a test replaces: the clock and
// the source of randomness, and NewID which draws from both.
type Env struct {
	// Now is the server's clock, UTC, truncated to microseconds.
	Now func() time.Time
	// Rand is a source of secret random bytes; it never fails.
	Rand io.Reader
	// NewID gives a new identifier; later ones sort after earlier ones.
	NewID func() ID
	// Room is nil while the server's storage takes new content, else a
	// KindNoSpace error; nil itself: it always does.
	Room func() error
	// Reach gives what is closed when the clock shows a moment, and what is to be called
	// when nobody waits for it any more; nil: the clock goes as time does.
	Reach func(at time.Time) (reached <-chan struct{}, stop func())
}

// Until is Reach. The zero moment never comes.
func (e Env) Until(at time.Time) (reached <-chan struct{}, stop func()) {
	if at.IsZero() {
		return nil, func() {}
	}
	if e.Reach != nil {
		return e.Reach(at)
	}
	c := make(chan struct{})
	t := time.AfterFunc(max(at.Sub(e.Now()), time.Millisecond), func() { close(c) })
	return c, func() { t.Stop() }
}

// CheckRoom asks Room.
func (e Env) CheckRoom() error {
	if e.Room == nil {
		return nil
	}
	return e.Room()
}
