package identity

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"scaidrive/engine"
)

func TestThrottleCountsFailures(t *testing.T) {
	b := newBench(t)
	wrong := func(email, addr string) engine.Kind {
		_, err := b.Login(t.Context(), email, "wrong", addr, issuer)
		return engine.KindOf(err)
	}
	right := func(addr string) error {
		_, err := b.Login(t.Context(), "ann@example.com", password, addr, issuer)
		return err
	}
	for range 3 { // a success clears the pair
		for i := range pairFailures - 1 {
			if k := wrong("ann@example.com", addr); k != engine.KindUnauthorized {
				t.Fatalf("failure %d: kind %d", i, k)
			}
		}
		if err := right(addr); err != nil {
			t.Fatal(err)
		}
	}
	for range pairFailures {
		wrong("ANN@example.com", addr)
	}
	is(t, "the right password, too late", right(addr), engine.KindRateLimited, "Too many failed sign-ins; try again in 15 minutes")
	if k := wrong("bob@example.com", addr); k != engine.KindUnauthorized {
		t.Errorf("another account: kind %d", k)
	}
	if err := right("192.0.2.8"); err != nil {
		t.Errorf("another address: %v", err)
	}
	b.pass(failureWindow - time.Second)
	is(t, "not yet", right(addr), engine.KindRateLimited, "Too many failed sign-ins; try again in 1 minutes")
	b.pass(time.Second)
	if err := right(addr); err != nil {
		t.Errorf("after the window: %v", err)
	}
}

// Trying one password on many accounts is stopped by the address, whatever the
// addresses of one IPv6 network; unknown and malformed accounts count too.
func TestThrottleCountsAddresses(t *testing.T) {
	b := newBench(t)
	try := func(i int) error {
		email := fmt.Sprintf("user%d@example.com", i)
		if i%3 == 0 {
			email = "no address"
		}
		_, err := b.Login(t.Context(), email, "wrong", fmt.Sprintf("2001:db8::%x:1", i), issuer)
		return err
	}
	refused := 0
	for i := range addrFailures + 50 {
		if engine.KindOf(try(i)) == engine.KindRateLimited {
			refused++
		}
	}
	if refused < 50 {
		t.Errorf("only %d of %d refused", refused, addrFailures+50)
	}
	_, err := b.Login(t.Context(), "ann@example.com", password, "2001:db8::1", issuer)
	is(t, "the right password from there", err, engine.KindRateLimited, "")
	_, err = b.Login(t.Context(), "ann@example.com", password, "2001:db8:0:1::1", issuer)
	if err != nil {
		t.Errorf("from the next network: %v", err)
	}
}

// Many at the same time are no way around the count.
func TestThrottleUnderConcurrency(t *testing.T) {
	b := newBench(t)
	var wg sync.WaitGroup
	var mu sync.Mutex
	kinds := map[engine.Kind]int{}
	for range 50 {
		wg.Go(func() {
			_, err := b.Login(t.Context(), "ann@example.com", "wrong", addr, issuer)
			mu.Lock()
			defer mu.Unlock()
			kinds[engine.KindOf(err)]++
		})
	}
	wg.Wait()
	if kinds[engine.KindUnauthorized] != pairFailures || kinds[engine.KindRateLimited] != 50-pairFailures {
		t.Errorf("%v", kinds)
	}
}

// Attempts that end without telling anything about the password leave no trace.
func TestThrottleTakesBack(t *testing.T) {
	b := newBench(t)
	b.db.mem.Fail = func() error { return engine.E(engine.KindUnavailable, "read-only") }
	for range addrFailures * 2 {
		_, err := b.Login(t.Context(), "ann@example.com", password, addr, issuer)
		is(t, "login", err, engine.KindUnavailable, "")
	}
	b.db.mem.Fail = nil
	if len(b.throttle.rows) != 0 {
		t.Errorf("%d rows", len(b.throttle.rows))
	}
	b.change(t, func(u *engine.User) { u.Status = engine.StatusSuspended })
	for range pairFailures * 2 {
		_, err := b.Login(t.Context(), "ann@example.com", password, addr, issuer)
		is(t, "suspended", err, engine.KindForbidden, msgSuspended)
	}
}

func TestThrottleIsBounded(t *testing.T) {
	now := time.Unix(0, 0)
	th := newThrottle(func() time.Time { return now })
	under, err := th.begin(t.Context(), "192.0.2.2", "b@example.com")
	if err != nil {
		t.Fatal(err)
	}
	for i := range maxFailureRows * 2 {
		a, err := th.begin(t.Context(), fmt.Sprintf("2001:db8:%x:%x::1", i>>16, i&0xffff), "a@example.com")
		if err != nil {
			t.Fatal(err)
		}
		a.failed()
	}
	if n := len(th.rows); n > maxFailureRows || n < maxFailureRows/2 {
		t.Errorf("%d rows", n)
	}
	under.failed() // what is under way is not forgotten
	now = now.Add(failureWindow)
	for range 2 * pairFailures { // fewer and fewer are in the window
		a, err := th.begin(t.Context(), "192.0.2.1", "a@example.com")
		if err != nil {
			t.Fatal(err)
		}
		a.failed()
		now = now.Add(failureWindow)
	}
}

// More right sign-ins at the same time than failures are taken: they wait for
// each other, and none is refused.
func TestThrottleLetsTheRightWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		th := newThrottle(time.Now)
		var open []*attempt
		for range pairFailures {
			a, err := th.begin(t.Context(), addr, "a@example.com")
			if err != nil {
				t.Fatal(err)
			}
			open = append(open, a)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		_, err := th.begin(ctx, addr, "a@example.com")
		is(t, "one that waits for too long", err, engine.KindUnavailable, "")

		next := make(chan error)
		for range 2 {
			go func() {
				_, err := th.begin(t.Context(), addr, "a@example.com")
				next <- err
			}()
		}
		synctest.Wait()
		open[0].succeeded()
		if err := <-next; err != nil {
			t.Errorf("after a success: %v", err)
		}
		synctest.Wait()
		select {
		case err := <-next:
			t.Errorf("there was room for one, not for two: %v", err)
		default:
		}
		for _, a := range open[1:] {
			a.failed() // nine, and one under way: full
		}
		synctest.Wait()
		select {
		case err := <-next:
			t.Errorf("still one too many: %v", err)
		default:
		}
		time.Sleep(failureWindow)
		a, err := th.begin(t.Context(), addr, "a@example.com")
		if err != nil {
			t.Fatal(err)
		}
		a.takenBack()
		if err := <-next; err != nil {
			t.Errorf("after the window: %v", err)
		}
	})
}

func TestNetwork(t *testing.T) {
	for in, want := range map[string]string{
		"192.0.2.1": "192.0.2.1", "::ffff:192.0.2.1": "192.0.2.1", "2001:db8::5": "2001:db8::/64",
		"2001:db8:0:0:ffff::5": "2001:db8::/64", "fe80::1%eth0": "fe80::/64", "": "", "pipe": "pipe",
	} {
		if got := network(in); got != want {
			t.Errorf("%s: %s, want %s", in, got, want)
		}
	}
}
