package appliance

import (
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/oklog/ulid/v2"

	"scaidrive/engine"
)

// testClockVariable names the file that holds the clock's offset under --test-mode.
const testClockVariable = "SCAIDRIVE_TEST_CLOCK_FILE"

// newEnv gives the clock, the randomness and the identifiers of a process.
func newEnv(testMode bool) (engine.Env, error) {
	now := func() time.Time { return time.Now().UTC().Truncate(time.Microsecond) }
	var reach func(time.Time) (<-chan struct{}, func())
	file := os.Getenv(testClockVariable)
	switch {
	case file != "" && !testMode:
		return engine.Env{}, fmt.Errorf("%w: %s is for tests only and needs --test-mode", ErrUsage, testClockVariable)
	case file != "":
		real := now
		now = func() time.Time { return real().Add(clockOffset(file)) }
		reach = func(at time.Time) (<-chan struct{}, func()) { return reachByLooking(now, at) }
	}
	var mu sync.Mutex
	entropy := ulid.Monotonic(rand.Reader, 0)
	newID := func() engine.ID {
		mu.Lock()
		defer mu.Unlock()
		id, err := ulid.New(ulid.Timestamp(now()), entropy)
		if err != nil { // more than 2^79 in one millisecond, or a clock beyond the year 10889
			panic(fmt.Sprintf("make an identifier: %v", err))
		}
		return engine.ID(id)
	}
	return engine.Env{Now: now, Rand: rand.Reader, NewID: newID, Reach: reach}, nil
}

// lookEvery is how often a clock that may jump is looked at by who waits for it.
const lookEvery = 20 * time.Millisecond

// reachByLooking gives what is closed when a clock that may jump shows a moment. Who
// stops waiting ends the goroutine that looks.
func reachByLooking(now func() time.Time, at time.Time) (<-chan struct{}, func()) {
	reached, stop := make(chan struct{}), make(chan struct{})
	go func() {
		t := time.NewTicker(lookEvery)
		defer t.Stop()
		for now().Before(at) {
			select {
			case <-t.C:
			case <-stop:
				return
			}
		}
		close(reached)
	}()
	return reached, sync.OnceFunc(func() { close(stop) })
}

// clockOffset reads whole seconds from a file; an unreadable one is no offset.
func clockOffset(file string) time.Duration {
	b, err := os.ReadFile(file)
	if err != nil {
		return 0
	}
	n, err := strconv.ParseInt(strings.TrimSpace(string(b)), 10, 64)
	if err != nil {
		return 0
	}
	return time.Duration(n) * time.Second
}

// ErrUsage marks errors of how the program was called: exit code 2.
var ErrUsage = errors.New("usage")
