package people_test

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"scaidrive/engine"
	"scaidrive/engine/enginetest"
	"scaidrive/engine/meta"
	"scaidrive/engine/meta/schema"
)

// A fuse is a context that is over after it was asked so many times.
type fuse struct {
	context.Context
	left atomic.Int64
	over chan struct{}
}

func (f *fuse) Done() <-chan struct{} {
	if f.left.Add(-1) < 0 {
		return f.over
	}
	return nil
}

func (f *fuse) Err() error {
	if f.left.Add(-1) < 0 {
		return context.Canceled
	}
	return nil
}

func (f *fuse) Deadline() (time.Time, bool) { return time.Time{}, false }

// A deletion that breaks off anywhere leaves a user who is there or not, never a
// share without an owner who is, and the same call goes on.
func TestADeletionThatBreaksOffGoesOn(t *testing.T) {
	for n := int64(0); ; n++ {
		w := newWorld(t)
		u := w.create("rich@example.com", 0)
		g := w.group("G", u.ID)
		const many = 700 // more than one step
		err := w.DB.Update(t.Context(), func(tx *meta.Tx) error {
			for i := range many {
				sh := &engine.Share{ID: w.NewID(), Name: fmt.Sprint("S", i), Type: engine.ShareProject, QuotaBytes: -1}
				if err := schema.SetShareOwner(tx, 1, sh, engine.PrincipalUser, u.ID); err != nil {
					return err
				}
			}
			return nil
		})
		w.ok("shares", err)
		f := &fuse{Context: t.Context(), over: make(chan struct{})}
		close(f.over)
		f.left.Store(n)
		err = w.DeleteUser(f, w.admin, u.ID, engine.PrincipalUser, w.User.ID)
		now, lerr := w.Identity.User(t.Context(), 1, u.ID)
		w.ok("look", lerr)
		theirs, heirs := w.owned(u.ID), w.owned(w.User.ID)
		if theirs+heirs != many+2 || now.Status == engine.StatusDeleted && theirs != 0 {
			t.Fatalf("broken after %d: status %d, %d theirs, %d the heir's", n, now.Status, theirs, heirs)
		}
		if err == nil {
			if n < 3 {
				t.Errorf("broken only %d times", n)
			}
			return
		}
		if now.Status == engine.StatusActive {
			if _, _, err := w.signIn("rich@example.com", enginetest.Password); err != nil {
				t.Error("not begun, but shut out:", err)
			}
		}
		if n%3 == 0 {
			w.ok("go on", w.DeleteUser(t.Context(), w.admin, u.ID, engine.PrincipalUser, w.User.ID))
			if n := w.owned(w.User.ID); n != many+2 {
				t.Fatalf("%d shares", n)
			}
			if _, members, err := w.Members(t.Context(), w.admin, g.ID, 10, 0); members != 0 || err != nil {
				t.Fatal(members, err)
			}
		}
		if n > 200 {
			t.Fatal("it never ends")
		}
	}
}
