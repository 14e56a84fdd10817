package identity

import (
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
}

// throttleKey names an address and, for a pair, an account (a folded e-mail).
type throttleKey struct {
	addr    string
	account string
	pair    bool
}

type failures struct {
	count int
	until time.Time
}

func newThrottle(now func() time.Time) *throttle {
	return &throttle{now: now, rows: map[throttleKey]*failures{}}
}

// An attempt is a sign-in under way. It counts as failed from its beginning, so
// that many at the same time don't slip through, until it is taken back.
type attempt struct {
	t    *throttle
	keys [2]throttleKey
	rows [2]*failures
}

// begin counts an attempt, or refuses it with KindRateLimited.
func (t *throttle) begin(addr, account string) (*attempt, error) {
	addr = network(addr)
	a := &attempt{t: t, keys: [2]throttleKey{{addr: addr, account: account, pair: true}, {addr: addr}}}
	limits := [2]int{pairFailures, addrFailures}
	now := t.now()
	t.mu.Lock()
	defer t.mu.Unlock()
	for i, k := range a.keys {
		a.rows[i] = t.rows[k]
		if f := a.rows[i]; f != nil && !now.Before(f.until) {
			delete(t.rows, k)
			a.rows[i] = nil
		}
		if f := a.rows[i]; f != nil && f.count >= limits[i] {
			minutes := int((f.until.Sub(now) + time.Minute - 1) / time.Minute)
			return nil, engine.E(engine.KindRateLimited, "Too many failed sign-ins; try again in %d minutes", minutes)
		}
	}
	for i, k := range a.keys {
		if a.rows[i] == nil {
			t.makeRoom(now)
			a.rows[i] = &failures{until: now.Add(failureWindow)}
			t.rows[k] = a.rows[i]
		}
		a.rows[i].count++
	}
	return a, nil
}

// takeBack uncounts an attempt that told the caller nothing about a password.
func (a *attempt) takeBack() {
	a.t.mu.Lock()
	defer a.t.mu.Unlock()
	a.uncount()
}

func (a *attempt) uncount() {
	for i, f := range a.rows {
		f.count--
		if f.count <= 0 && a.t.rows[a.keys[i]] == f {
			delete(a.t.rows, a.keys[i])
		}
	}
}

// succeed uncounts an attempt and forgives the pair.
func (a *attempt) succeed() {
	a.t.mu.Lock()
	defer a.t.mu.Unlock()
	a.uncount()
	delete(a.t.rows, a.keys[0])
}

// makeRoom keeps the number of rows bounded: first those that are over go, then,
// where there are too many nevertheless, some that come first. Whoever can fail
// from that many addresses isn't stopped by counting addresses.
func (t *throttle) makeRoom(now time.Time) {
	if len(t.rows) < maxFailureRows {
		return
	}
	for k, f := range t.rows {
		if !now.Before(f.until) {
			delete(t.rows, k)
		}
	}
	for k := range t.rows {
		if len(t.rows) <= maxFailureRows*7/8 {
			return
		}
		delete(t.rows, k)
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
