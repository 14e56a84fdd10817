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
}
