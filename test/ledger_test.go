package test

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// seed is SCAIDRIVE_SEED, or drawn; it is printed so that a run can be repeated.
func seed(t testing.TB) uint64 {
	t.Helper()
	n := uint64(time.Now().UnixNano())
	if v := os.Getenv("SCAIDRIVE_SEED"); v != "" {
		var err error
		if n, err = strconv.ParseUint(v, 10, 64); err != nil {
			t.Fatalf("SCAIDRIVE_SEED: %v", err)
		}
	}
	t.Logf("SCAIDRIVE_SEED=%d", n)
	return n
}

// long is SCAIDRIVE_LONG, the duration of a long run, or 0.
func long(t testing.TB) time.Duration {
	t.Helper()
	v := os.Getenv("SCAIDRIVE_LONG")
	if v == "" {
		return 0
	}
	d, err := time.ParseDuration(v)
	if err != nil {
		t.Fatalf("SCAIDRIVE_LONG: %v", err)
	}
	return d
}

// entry is a file whose upload was answered with success.
type entry struct {
	id, name, sum string
	deleted       bool // its deletion was answered with success
}

// ledger is what the server acknowledged, and what it was asked for without an
// answer.
type ledger struct {
	mu    sync.Mutex
	acked map[string]*entry // by name
	asked map[string]string // name -> sum, no answer came
	// undecided names had a deletion asked for that was not answered.
	undecided map[string]bool
	count     atomic.Int64
}

func newLedger() *ledger {
	return &ledger{acked: map[string]*entry{}, asked: map[string]string{}, undecided: map[string]bool{}}
}

func sum(b []byte) string {
	h := sha256.Sum256(b)
	return hex.EncodeToString(h[:])
}

// load writes files (and deletes some) with several writers until the server no
// longer answers or stop is closed.
func (l *ledger) load(a *api, share string, run, writers int, seed uint64, stop <-chan struct{}) {
	var wg sync.WaitGroup
	for w := range writers {
		wg.Add(1)
		go func() {
			defer wg.Done()
			rng := rand.New(rand.NewPCG(seed, uint64(run*1000+w)))
			for i := 0; ; i++ {
				select {
				case <-stop:
					return
				default:
				}
				if !l.one(a, share, fmt.Sprintf("r%d-w%d-%d.bin", run, w, i), rng) {
					return
				}
			}
		}()
	}
	wg.Wait()
}

// one makes one file and now and then deletes it again; false: no answer came.
func (l *ledger) one(a *api, share, name string, rng *rand.Rand) bool {
	data := make([]byte, int(float64(1)*float64(uint64(1)<<rng.IntN(19))))
	for j := range data {
		data[j] = byte(rng.Uint32())
	}
	s := sum(data)
	l.mu.Lock()
	l.asked[name] = s
	l.mu.Unlock()
	o, code, err := a.post(share, "", name, data)
	if err != nil {
		// 4xx and 5xx are answers: nothing was stored. No answer: unknown.
		return code != 0
	}
	l.mu.Lock()
	delete(l.asked, name)
	l.acked[name] = &entry{id: o.ID, name: name, sum: s}
	l.mu.Unlock()
	l.count.Add(1)
	if rng.IntN(5) > 0 {
		return true
	}
	l.mu.Lock()
	l.undecided[name] = true
	l.mu.Unlock()
	code, err = a.call("DELETE", "/files/"+o.ID, nil, nil)
	if err != nil {
		return code != 0
	}
	l.mu.Lock()
	delete(l.undecided, name)
	l.acked[name].deleted = true
	l.mu.Unlock()
	return true
}

// check holds the server's state against the ledger: everything acknowledged is
// there with its bytes, everything else is whole or absent.
func (l *ledger) check(t testing.TB, s *server, share string) {
	t.Helper()
	a, err := s.api()
	if err != nil {
		t.Fatalf("%v\n%s", err, s.log)
	}
	items, err := a.children(share, "root")
	if err != nil {
		t.Fatalf("list: %v\n%s", err, s.log)
	}
	there := map[string]object{}
	for _, o := range items {
		if _, twice := there[o.Name]; twice {
			t.Errorf("%s is listed twice", o.Name)
		}
		there[o.Name] = o
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for name, e := range l.acked {
		o, ok := there[name]
		switch {
		case l.undecided[name] && !ok:
			e.deleted = true
			delete(l.undecided, name)
			continue
		case e.deleted && ok:
			t.Errorf("%s: its deletion was acknowledged, and it is there", name)
			continue
		case e.deleted:
			continue
		case !ok:
			t.Errorf("%s: acknowledged and not there", name)
			continue
		}
		delete(l.undecided, name)
		if b, _, err := a.content(o.ID); err != nil || sum(b) != e.sum || o.ID != e.id {
			t.Errorf("%s: content differs or cannot be read: %v (%d bytes)", name, err, len(b))
		}
		delete(there, name)
	}
	for name, o := range there {
		want, ok := l.asked[name]
		b, _, err := a.content(o.ID)
		if !ok || err != nil || sum(b) != want {
			t.Errorf("%s: not acknowledged, there, and not whole: asked %v, %v", name, ok, err)
			continue
		}
		// It turned out to be stored; from now on it must stay.
		l.acked[name] = &entry{id: o.ID, name: name, sum: want}
	}
	clear(l.asked)
	if t.Failed() {
		t.Logf("server log:\n%s", s.log)
	}
}

// TestKillCycles kills the real process under load, again and again, and holds
// what it has against a ledger of what it acknowledged.
func TestKillCycles(t *testing.T) {
	sd := seed(t)
	rng := rand.New(rand.NewPCG(sd, 1))
	cycles, until := 8, time.Time{}
	if testing.Short() {
		cycles = 2
	}
	if d := long(t); d > 0 {
		cycles, until = 1<<30, time.Now().Add(d)
	}
	s := start(t, t.TempDir())
	a, err := s.api()
	if err != nil {
		t.Fatal(err)
	}
	share := a.share(t, "Ledger")
	l := newLedger()
	for run := 0; run < cycles && (until.IsZero() || time.Now().Before(until)); run++ {
		goal := l.count.Load() + 1 + rng.Int64N(150)
		done := make(chan struct{})
		go func() {
			defer close(done)
			l.load(a, share, run, 8, sd, nil)
		}()
		waitFor(t, 2*time.Minute, "acknowledged files", func() bool { return l.count.Load() >= goal })
		s.kill()
		<-done
		s = restart(t, s)
		l.check(t, s, share)
		if t.Failed() {
			t.Fatalf("after cycle %d", run)
		}
		if a, err = s.api(); err != nil {
			t.Fatal(err)
		}
	}
	s.stop()
	if r := newCLI(t).run("", "verify", "--data", s.data, "--read-data", "--json"); r.code != 0 {
		t.Fatalf("verify: exit %d\n%s%s", r.code, r.out, r.err)
	}
	t.Logf("%d files acknowledged", l.count.Load())
}
