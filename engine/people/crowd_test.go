package people_test

import (
	"errors"
	"fmt"
	"os"
	"sync"
	"testing"
	"time"

	"scaidrive/engine"
	"scaidrive/engine/identity"
	"scaidrive/engine/meta"
	"scaidrive/engine/people"
)

// In a crowd everybody is found by any of their words, in a time that does not grow
// with the crowd; SCAIDRIVE_LONG makes it 100,000.
func TestACrowdIsFound(t *testing.T) {
	many := 3000
	if os.Getenv("SCAIDRIVE_LONG") != "" {
		many = 100_000
	}
	w := newWorld(t)
	ctx := t.Context()
	ids := make([]engine.ID, many)
	for from := 0; from < many; from += 500 {
		err := w.DB.Update(ctx, func(tx *meta.Tx) error {
			for i := from; i < min(from+500, many); i++ {
				ids[i] = w.NewID()
				u := &engine.User{ID: ids[i], Tenant: 1, Email: fmt.Sprintf("person.%05d@example.com", i), Name: fmt.Sprintf("Person Number%05d", i), Status: engine.StatusActive}
				u.DisplayName = u.Name
				if err := identity.AddUser(tx, u); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	begin := time.Now()
	for i := 0; i < many; i += many/10 - 1 {
		w.found(fmt.Sprintf("person.%05d@example.com", i), ids[i])
		w.found(fmt.Sprintf("number%05d", i), ids[i])
		w.found(fmt.Sprintf("person number%05d", i), ids[i])
	}
	t.Logf("%d users: %v a search", many, time.Since(begin)/33)
	begin = time.Now()
	if users, _, err := w.Find(ctx, w.admin, "per", engine.PrincipalUser, 20); len(users) != 20 || err != nil {
		t.Error(len(users), err)
	}
	t.Logf("a word of everybody: %v", time.Since(begin))
	// Not for the many users who have the word, nor for those who have the other one.
	g := w.group("Person Watch")
	if users, groups, err := w.Find(ctx, w.admin, "person", 0, 1); err != nil || len(users) != 1 || len(groups) != 1 || groups[0].ID != g.ID {
		t.Errorf("%v %v %v", users, groups, err)
	}
	last := many - 1
	if users, _, err := w.Find(ctx, w.admin, fmt.Sprintf("person number%04d", last/10), 0, 20); err != nil || len(users) != 10 || users[9].ID != ids[last] {
		t.Errorf("%d users: %v", len(users), err)
	}
	begin = time.Now()
	l, err := w.Users(ctx, w.admin, people.UserQuery{Limit: 50})
	if err != nil || len(l.Items) != 50 || !l.Exact || l.Total < many {
		t.Errorf("%+v, %v", l, err)
	}
	t.Logf("the first page: %v", time.Since(begin))
}

// Racers put the same user into the same group and take them out: the seals hold, and
// each step has one winner.
func TestRacersOnAMembership(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	g := w.group("G")
	for range 5 {
		var wg sync.WaitGroup
		var mu sync.Mutex
		added, removed := 0, 0
		for i := range 8 {
			wg.Go(func() {
				var err error
				if i%2 == 0 {
					_, err = w.AddMember(ctx, w.admin, g.ID, engine.PrincipalUser, w.User.ID)
				} else {
					err = w.RemoveMember(ctx, w.admin, g.ID, w.User.ID)
				}
				mu.Lock()
				defer mu.Unlock()
				switch {
				case err == nil && i%2 == 0:
					added++
				case err == nil:
					removed++
				case engine.KindOf(err) != engine.KindConflict && engine.KindOf(err) != engine.KindNotFound:
					t.Error(err)
				}
			})
		}
		wg.Wait()
		list, err := w.GroupsOf(ctx, 1, w.User.ID)
		if err != nil || len(list) > 1 || added-removed != len(list) {
			t.Errorf("added %d, removed %d, in %d: %v", added, removed, len(list), err)
		}
		if len(list) == 1 {
			w.ok("remove", w.RemoveMember(ctx, w.admin, g.ID, w.User.ID))
		}
	}
}

// Two make users of one address: there is one.
func TestRacersOnAnAddress(t *testing.T) {
	w := newWorld(t)
	var wg sync.WaitGroup
	errs := make([]error, 6)
	for i := range errs {
		wg.Go(func() {
			_, _, errs[i] = w.CreateUser(t.Context(), w.admin, people.UserSpec{Email: []string{"a@example.com", "A@EXAMPLE.com"}[i%2], Name: "A"})
		})
	}
	wg.Wait()
	made := 0
	for _, err := range errs {
		if err == nil {
			made++
		} else if engine.KindOf(err) != engine.KindConflict {
			t.Error(err)
		}
	}
	if made != 1 {
		t.Errorf("%d made: %v", made, errors.Join(errs...))
	}
}
