package identity

import (
	"context"
	"net/netip"
	"sync"
	"time"

	"scaidrive/engine"
)

// The limits of failed sign-ins. A count lasts for failureWindow from its first
// failure; when it is full, sign-ins are refused until then, with the right
// password too. Counts are in memory and bounded in number; a restart forgets
// them.
const (
	failureWindow  = 15 * time.Minute
	pairFailures   = 10  // for one account from one address
	addrFailures   = 100 // from one address, over all accounts
	maxFailureRows = 1 << 16
)

// A throttle counts failed sign-ins. Safe for concurrent use.
type throttle struct {
	now func() time.Time

	mu   sync.Mutex
	rows map[throttleKey]*failures
	// settled is closed and replaced whenever an attempt ends.
	settled chan struct{}
}

// throttleKey names an address and, for a pair, an account (a folded e-mail).
type throttleKey struct {
	addr    string
	account string
	pair    bool
}

// limit is how many failures are taken.
func (k throttleKey) limit() int {
	if k.pair {
		return pairFailures
	}
	return addrFailures
}

type failures struct {
	failed  int
	pending int       // attempts under way, each of which may still fail
	until   time.Time // the end of the window, when failed is not 0
}

func newThrottle(now func() time.Time) *throttle {
	return &throttle{now: now, rows: map[throttleKey]*failures{}, settled: make(chan struct{})}
}

// An attempt is a sign-in under way. Exactly one of failed, succeeded and
// takenBack ends it.
type attempt struct {
	t    *throttle
	keys [2]throttleKey
}

// begin admits an attempt, or refuses it with KindRateLimited. While those under
// way would fill the count if they all failed, it waits for them: many at the
// same time are no way around the limit, and no reason to be refused.
func (t *throttle) begin(ctx context.Context, addr, account string) (*attempt, error) {
	addr = network(addr)
	a := &attempt{t: t, keys: [2]throttleKey{{addr: addr, account: account, pair: true}, {addr: addr}}}
	for {
		wait, err := t.admit(a)
		if wait == nil {
			return a, err
		}
		select {
		case <-wait:
		case <-ctx.Done():
			return nil, tooMany(ctx.Err())
		}
	}
}

// admit counts an attempt as under way, refuses it, or names what to wait for.
func (t *throttle) admit(a *attempt) (wait chan struct{}, err error) {
	now := t.now()
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, k := range a.keys {
		f := t.rows[k]
		if f == nil {
			continue
		}
		if f.failed > 0 && !now.Before(f.until) {
			f.failed = 0
		}
		if f.failed >= k.limit() {
			left := f.until.Sub(now)
			refused := engine.E(engine.KindRateLimited, "Too many failed sign-ins; try again in %d minutes", int((left+time.Minute-1)/time.Minute))
			refused.RetryAfter = left
			return nil, refused
		}
		if f.failed+f.pending >= k.limit() {
			wait = t.settled
		}
	}
	if wait != nil {
		return wait, nil
	}
	t.makeRoom(now)
	for _, k := range a.keys {
		if t.rows[k] == nil {
			t.rows[k] = &failures{}
		}
		t.rows[k].pending++
	}
	return nil, nil
}

// ended ends an attempt by what came of it.
func (a *attempt) ended(err error) {
	switch {
	case err == nil:
		a.succeeded()
	case engine.KindOf(err) == engine.KindUnauthorized:
		a.failed()
	default:
		a.takenBack()
	}
}

// failed ends an attempt that counts.
func (a *attempt) failed() {
	now := a.t.now()
	a.end(func(f *failures, _ bool) {
		if f.failed == 0 || !now.Before(f.until) {
			f.failed, f.until = 0, now.Add(failureWindow)
		}
		f.failed++
	})
}

// succeeded ends an attempt and forgives the pair.
func (a *attempt) succeeded() {
	a.end(func(f *failures, pair bool) {
		if pair {
			f.failed = 0
		}
	})
}

// takenBack ends an attempt that told the caller nothing about a password.
func (a *attempt) takenBack() { a.end(func(*failures, bool) {}) }

func (a *attempt) end(settle func(f *failures, pair bool)) {
	a.t.mu.Lock()
	defer a.t.mu.Unlock()
	for _, k := range a.keys {
		f := a.t.rows[k] // there, for it has an attempt under way
		f.pending--
		settle(f, k.pair)
		if f.failed == 0 && f.pending == 0 {
			delete(a.t.rows, k)
		}
	}
	close(a.t.settled)
	a.t.settled = make(chan struct{})
}

// makeRoom keeps the number of rows bounded: first those that are over go, then,
// where there are too many nevertheless, some that come first. Whoever can fail
// from that many addresses isn't stopped by counting addresses. Rows with
// attempts under way stay; there are no more of them than connections.
func (t *throttle) makeRoom(now time.Time) {
	if len(t.rows)+2 <= maxFailureRows {
		return
	}
	for k, f := range t.rows {
		if f.pending == 0 && !now.Before(f.until) {
			delete(t.rows, k)
		}
	}
	for k, f := range t.rows {
		if len(t.rows) <= maxFailureRows*7/8 {
			return
		}
		if f.pending == 0 {
			delete(t.rows, k)
		}
	}
}

// network is what one caller has for an address: of IPv6 the first 64 bits.
func network(addr string) string {
	a, err := netip.ParseAddr(addr)
	if err != nil {
		return addr
	}
	a = a.Unmap().WithZone("")
	if a.Is4() {
		return a.String()
	}
	p, err := a.Prefix(64)
	if err != nil {
		return a.String()
	}
	return p.String()
}
