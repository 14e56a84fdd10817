package once_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"scaidrive/chunkstore/vfs"
	"scaidrive/engine"
	"scaidrive/engine/enginetest"
	"scaidrive/engine/meta"
	"scaidrive/engine/meta/schema"
	"scaidrive/engine/once"
	"scaidrive/engine/share"
	"scaidrive/engine/transfer/transfertest"
	"scaidrive/engine/tree"
)

func request(key string) once.Request {
	return once.Request{Route: "POST /x", Key: key, Fingerprint: [32]byte{1}, Status: 201}
}

// attempt makes a request whose effect is only that it is kept; it gives the
// number of its answer, and whether it had an effect.
func attempt(t testing.TB, w *enginetest.World, s *once.Service, p *engine.Principal, key string) (made engine.ID, effect bool) {
	t.Helper()
	a, before, err := s.Begin(t.Context(), p, request(key))
	if err != nil {
		t.Fatal(err)
	}
	if before != nil {
		return before.ID, false
	}
	defer a.End()
	id := w.NewID()
	err = w.DB.Update(t.Context(), func(tx *meta.Tx) error {
		return once.Keep(a.Context(t.Context()), tx, once.Made{ID: id})
	})
	if err != nil {
		t.Fatal(err)
	}
	return id, true
}

// rows counts what is stored.
func rows(t testing.TB, db *meta.DB) (answers, refs int) {
	t.Helper()
	err := db.View(t.Context(), func(v *meta.View) error {
		count := func(n *int) func(k, b []byte) (bool, error) {
			return func([]byte, []byte) (bool, error) { *n++; return true, nil }
		}
		return errors.Join(v.Scan(schema.Answers, nil, nil, count(&answers)), v.Scan(schema.AnswersByRequest, nil, nil, count(&refs)))
	})
	if err != nil {
		t.Fatal(err)
	}
	return answers, refs
}

// The cap at, under and over: the oldest goes, and only that.
func TestCap(t *testing.T) {
	w := enginetest.New(t)
	s, p := once.New(w.DB, w.Env()), w.As(w.User)
	const step = 1000
	for n := 0; n < once.MaxAnswers; n += step { // in few commits
		var as []*once.Attempt
		for i := range step {
			a, before, err := s.Begin(t.Context(), p, request(fmt.Sprint(n+i)))
			if err != nil || before != nil {
				t.Fatal(before, err)
			}
			as = append(as, a)
		}
		err := w.DB.Update(t.Context(), func(tx *meta.Tx) error {
			for _, a := range as {
				if err := once.Keep(a.Context(t.Context()), tx, once.Made{ID: w.NewID()}); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range as {
			a.End()
		}
	}
	if answers, refs := rows(t, w.DB); answers != once.MaxAnswers || refs != once.MaxAnswers+1 {
		t.Fatalf("at the cap: %d answers, %d references", answers, refs)
	}
	for _, key := range []string{"0", "1", fmt.Sprint(once.MaxAnswers - 1)} {
		if _, effect := attempt(t, w, s, p, key); effect {
			t.Errorf("at the cap, %s was forgotten", key)
		}
	}
	attempt(t, w, s, p, "one more")
	if _, effect := attempt(t, w, s, p, "1"); effect {
		t.Error("one over the cap, more than the oldest was forgotten")
	}
	if _, effect := attempt(t, w, s, p, "0"); !effect {
		t.Error("one over the cap, the oldest is there still")
	}
	if answers, refs := rows(t, w.DB); answers != once.MaxAnswers || refs != once.MaxAnswers+1 {
		t.Errorf("over the cap: %d answers, %d references", answers, refs)
	}
	attempt(t, w, s, w.As(w.Admin), "another user's")
	if _, effect := attempt(t, w, s, p, "2"); !effect { // the second oldest went for "0"
		t.Log("2 is there")
	}
}

func TestExpire(t *testing.T) {
	w := enginetest.New(t)
	s, p, q := once.New(w.DB, w.Env()), w.As(w.User), w.As(w.Admin)
	for i := range 600 { // more than goes in a commit
		attempt(t, w, s, p, fmt.Sprint(i))
	}
	attempt(t, w, s, q, "early")
	w.Pass(once.Lifetime / 2)
	attempt(t, w, s, q, "late")
	w.Pass(once.Lifetime/2 - time.Microsecond)
	if err := s.Expire(t.Context()); err != nil {
		t.Fatal(err)
	}
	if answers, refs := rows(t, w.DB); answers != 602 || refs != 604 {
		t.Errorf("before the end: %d answers, %d references", answers, refs)
	}
	w.Pass(time.Microsecond)
	if err := s.Expire(t.Context()); err != nil {
		t.Fatal(err)
	}
	if answers, refs := rows(t, w.DB); answers != 1 || refs != 2 {
		t.Errorf("at the end: %d answers, %d references", answers, refs)
	}
	if _, effect := attempt(t, w, s, q, "late"); effect {
		t.Error("the late one was forgotten")
	}
	// A key that is over and used again, before anybody cleaned up.
	w.Pass(once.Lifetime)
	id, effect := attempt(t, w, s, q, "late")
	if !effect {
		t.Error("the late one did not end")
	}
	if again, effect := attempt(t, w, s, q, "late"); effect || again != id {
		t.Error("the new one is not kept")
	}
	w.Pass(once.Lifetime)
	if err := s.Expire(t.Context()); err != nil {
		t.Fatal(err)
	}
	if answers, refs := rows(t, w.DB); answers != 0 || refs != 0 {
		t.Errorf("after all: %d answers, %d references", answers, refs)
	}
}

// A failed effect keeps nothing, and its key is free.
func TestFailureIsNotKept(t *testing.T) {
	w := enginetest.New(t)
	s, p := once.New(w.DB, w.Env()), w.As(w.User)
	a, _, err := s.Begin(t.Context(), p, request("k"))
	if err != nil {
		t.Fatal(err)
	}
	failed := errors.New("failed")
	err = w.DB.Update(t.Context(), func(tx *meta.Tx) error {
		return errors.Join(once.Keep(a.Context(t.Context()), tx, once.Made{}), failed)
	})
	if !errors.Is(err, failed) {
		t.Fatal(err)
	}
	if _, _, err := s.Begin(t.Context(), p, request("k")); !errors.Is(err, once.ErrRunning) {
		t.Errorf("while it runs: %v", err)
	}
	a.End()
	if _, effect := attempt(t, w, s, p, "k"); !effect {
		t.Error("a failure was kept")
	}
	other := request("k")
	other.Fingerprint[0]++
	if _, _, err := s.Begin(t.Context(), p, other); !errors.Is(err, once.ErrOther) {
		t.Errorf("another request: %v", err)
	}
	other.Route = "POST /y"
	if b, before, err := s.Begin(t.Context(), p, other); err != nil || before != nil {
		t.Errorf("another route: %v", err)
	} else {
		b.End()
	}
}

// Whenever the machine stops, the requests are sent again with their keys: each
// has exactly one effect, and what was answered before is answered again.
func TestEveryCrashHasOneEffect(t *testing.T) {
	rng := rand.New(rand.NewPCG(uint64(time.Now().UnixNano()), 0))
	mem := vfs.NewMem()
	slow := vfs.NewFault(mem)
	stack := transfertest.OnFS(t, slow)
	slow.SetSyncDelay(3 * time.Millisecond) // so that clones are made in the middle of commits
	src, _, err := put(stack, "source")
	if err != nil {
		t.Fatal(err)
	}
	// Each is one request: what it makes is told by its ID, and has no name
	// that would make a second effect impossible.
	send := func(s *transfertest.Stack, svc *once.Service, i int) (engine.ID, error) {
		ctx := context.Background()
		a, before, err := svc.Begin(ctx, s.Owner, request(fmt.Sprint(i)))
		if err != nil {
			return engine.ID{}, err
		}
		if before != nil {
			return before.ID, nil
		}
		defer a.End()
		ctx = a.Context(ctx)
		if i%2 == 0 {
			sh, err := share.New(s.DB, s.Env()).Create(ctx, s.Owner, share.CreateSpec{Name: "again", Type: engine.ShareProject, QuotaBytes: -1})
			if err != nil {
				return engine.ID{}, err
			}
			return sh.ID, nil
		}
		l, err := s.Tree.Copy(ctx, s.Owner, tree.Copy{ID: src, Kind: engine.KindFile, To: tree.Target{Share: s.Share}, Name: fmt.Sprint("copy ", s.NewID())})
		if err != nil {
			return engine.ID{}, err
		}
		return l.Node.ID, nil
	}
	const total, clones = 40, 100
	var mu sync.Mutex
	answered := map[int]engine.ID{}
	done := make(chan struct{})
	go func() {
		defer close(done)
		svc := once.New(stack.DB, stack.Env())
		for i := range total {
			id, err := send(stack, svc, i)
			if err != nil {
				t.Error(err)
				return
			}
			mu.Lock()
			answered[i] = id
			mu.Unlock()
		}
	}()
	for n := 0; n < clones; n++ {
		mu.Lock()
		before := map[int]engine.ID{}
		for i, id := range answered {
			before[i] = id
		}
		mu.Unlock()
		var disk *vfs.Mem
		if n%2 == 0 {
			disk = mem.CrashDurable()
		} else {
			disk = mem.Crash(rng)
		}
		again := stack.Reopen(t, disk)
		svc := once.New(again.DB, again.Env())
		for i := range total {
			id, err := send(again, svc, i)
			if err != nil {
				t.Fatal(err)
			}
			if was, ok := before[i]; ok && was != id {
				t.Errorf("clone %d: request %d made %x, and %x before the crash", n, i, id, was)
			}
		}
		shares, files := effects(t, again)
		if shares != total/2 || files != total/2+1 {
			t.Fatalf("clone %d, after %d answers: %d shares and %d files", n, len(before), shares, files)
		}
		if n < clones-1 && len(before) == total {
			n = clones - 2 // one more of the end
		}
	}
	<-done
}

func put(s *transfertest.Stack, name string) (engine.ID, engine.ID, error) {
	var id, version engine.ID
	err := s.DB.Update(context.Background(), func(tx *meta.Tx) error {
		l, _, err := s.Tree.PutFile(tx, s.Owner, tree.FileSpec{Share: s.Share, Parent: s.Share, Name: name})
		if err == nil {
			id, version = l.Node.ID, l.Node.VersionID
		}
		return err
	})
	return id, version, err
}

// effects counts the shares named "again" and the files in the stack's share.
func effects(t testing.TB, s *transfertest.Stack) (shares, files int) {
	t.Helper()
	err := s.DB.View(t.Context(), func(v *meta.View) error {
		n, err := schema.GetNode(v, s.Owner.Tenant, s.Share)
		if err != nil {
			return err
		}
		files = int(n.LiveFiles)
		return schema.ScanShares(v, s.Owner.Tenant, engine.ID{}, func(sh *engine.Share) (bool, error) {
			if sh.Name == "again" {
				shares++
			}
			return true, nil
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	return shares, files
}
