// Package limit counts what callers spend and says when it is too much.
//
// A caller is counted in up to three layers at the same time (token, user,
// tenant; or the address of a caller without a token), each with a budget for a
// sliding window of one minute. The window is the weighted sum of two fixed
// ones, so a count is off by at most the unevenness within one minute.
//
// Counters are in memory, bounded in number, and lost at a restart: they stop
// runaways and attacks and decide nothing else. A call that is refused is not
// counted.
package limit

import (
	"sync"
	"time"

	"scaidrive/engine"
)

// Window is the length of the window.
const Window = time.Minute

// maxCounters bounds the memory: about 100 bytes each.
const maxCounters = 1 << 18

// Budgets are the units that may be spent in a window, by layer.
type Budgets struct {
	Token, User, Tenant int64
	// Address is for each address of callers without a token.
	Address int64
}

// Public are the figures of the public contract.
func Public() Budgets {
	return Budgets{Token: 1000, User: 5000, Tenant: 50000, Address: 1000}
}

// Appliance is the default: 10,000 times the public figures.
func Appliance() Budgets {
	p := Public()
	return Budgets{Token: p.Token * 10000, User: p.User * 10000, Tenant: p.Tenant * 10000, Address: p.Address * 10000}
}

// A State is what a caller is told of the layer with the least left.
type State struct {
	Layer     string // "token", "user", "tenant" or "address"
	Limit     int64
	Remaining int64
	Reset     time.Time // when the current window ends
}

// A Limiter counts. Safe for concurrent use.
type Limiter struct {
	budgets func() Budgets
	now     func() time.Time

	mu       sync.Mutex
	counters map[key]*counter
	swept    int64
}

type key struct {
	layer  byte
	tenant engine.TenantNo
	id     [16]byte
}

type counter struct {
	window    int64 // the number of the window that cur counts
	prev, cur int64
}

// New makes a limiter on the given clock. The budgets are asked for at each call; one of
// zero or less is no limit.
func New(budgets func() Budgets, now func() time.Time) *Limiter {
	return &Limiter{budgets: budgets, now: now, counters: map[key]*counter{}}
}

// Spend counts cost units for a signed-in caller, unless a layer has not that
// much left: then nothing is counted and the error is engine.KindRateLimited.
func (l *Limiter) Spend(p *engine.Principal, cost int64) (State, error) {
	token := key{layer: 't', tenant: p.Tenant, id: p.SessionID}
	switch {
	case !p.ServiceToken.IsZero():
		token.id = p.ServiceToken
	case p.SessionID.IsZero():
		token.id = p.User
	}
	b := l.budgets()
	return l.spend(cost, []layer{
		{"token", b.Token, token},
		{"user", b.User, key{layer: 'u', tenant: p.Tenant, id: p.User}},
		{"tenant", b.Tenant, key{layer: 'n', tenant: p.Tenant}},
	})
}

// SpendAddress is Spend for a caller who is known by address only (16 bytes, as
// netip.Addr.As16 gives them).
func (l *Limiter) SpendAddress(addr [16]byte, cost int64) (State, error) {
	return l.spend(cost, []layer{{"address", l.budgets().Address, key{layer: 'a', id: addr}}})
}

type layer struct {
	name   string
	budget int64
	key    key
}

func (l *Limiter) spend(cost int64, layers []layer) (State, error) {
	now := l.now()
	window := now.UnixNano() / int64(Window)
	into := now.UnixNano() - window*int64(Window)
	reset := time.Unix(0, (window+1)*int64(Window)).UTC()

	l.mu.Lock()
	defer l.mu.Unlock()
	l.sweep(window)
	tight := State{Reset: reset}
	var hit [3]*counter
	for i, y := range layers {
		if y.budget <= 0 {
			continue
		}
		c := l.counter(y.key, window)
		used := c.cur + c.prev*(int64(Window)-into)/int64(Window)
		left := y.budget - used - cost
		if left < 0 {
			return State{Layer: y.name, Limit: y.budget, Reset: reset},
				engine.E(engine.KindRateLimited, "Too many calls: the limit of this %s is %d a minute", y.name, y.budget)
		}
		hit[i] = c
		if tight.Limit == 0 || left < tight.Remaining {
			tight.Layer, tight.Limit, tight.Remaining = y.name, y.budget, left
		}
	}
	for _, c := range hit {
		if c != nil {
			c.cur += cost
		}
	}
	return tight, nil
}

// counter finds or makes the counter of k and moves it to the window.
func (l *Limiter) counter(k key, window int64) *counter {
	c := l.counters[k]
	if c == nil {
		c = &counter{window: window}
		l.counters[k] = c
	}
	switch {
	case c.window == window:
	case c.window == window-1:
		c.prev, c.cur, c.window = c.cur, 0, window
	default:
		c.prev, c.cur, c.window = 0, 0, window
	}
	return c
}

// sweep drops counters that say nothing any more, once a window; when there are
// too many it drops them all, which forgives everybody once.
func (l *Limiter) sweep(window int64) {
	if len(l.counters) >= maxCounters {
		clear(l.counters)
		return
	}
	if l.swept == window {
		return
	}
	l.swept = window
	for k, c := range l.counters {
		if c.window < window-1 {
			delete(l.counters, k)
		}
	}
}
