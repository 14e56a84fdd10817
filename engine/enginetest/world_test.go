package enginetest_test

import (
	"errors"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"scaidrive/engine"
	"scaidrive/engine/access"
	"scaidrive/engine/enginetest"
	"scaidrive/engine/identity"
	"scaidrive/engine/meta"
	"scaidrive/engine/tenancy"
)

func TestPeopleOfTheWorldSignIn(t *testing.T) {
	w := enginetest.New(t)
	for _, u := range []*engine.User{w.Admin, w.User, w.AddUser(t, "third@example.com")} {
		g, err := w.Identity.Login(t.Context(), u.Email, enginetest.Password, "192.0.2.1", "http://127.0.0.1:8000")
		if err != nil {
			t.Fatal(err)
		}
		p, err := w.Identity.Authenticate(t.Context(), g.AccessToken)
		if err != nil {
			t.Fatal(err)
		}
		want := w.As(u)
		want.SessionID, p.Memo = p.SessionID, nil
		if diff := cmp.Diff(want, p); diff != "" {
			t.Errorf("As differs from a sign-in (-as +signed in):\n%s", diff)
		}
	}
	got, err := w.Tenancy.Get(t.Context(), tenancy.FirstTenant)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(w.Tenant, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if _, err := w.Tenancy.Get(t.Context(), 2); engine.KindOf(err) != engine.KindNotFound {
		t.Errorf("tenant 2: %v", err)
	}
	err = w.DB.View(t.Context(), func(v *meta.View) error {
		_, err1 := access.CheckShare(v, w.As(w.User), w.UserShare.ID, engine.RightsAll)
		_, err2 := access.CheckShare(v, w.As(w.Admin), w.AdminShare.ID, engine.RightsAll)
		ok, err3 := identity.HasAdmin(v)
		if !ok {
			t.Error("no administrator")
		}
		return errors.Join(err1, err2, err3)
	})
	if err != nil {
		t.Error(err)
	}
}

// One refresh token given in many times at once is worth one pair at most, and
// costs the session.
func TestOneRefreshTokenManyTimes(t *testing.T) {
	w := enginetest.New(t)
	g, err := w.Identity.Login(t.Context(), w.User.Email, enginetest.Password, "192.0.2.1", "")
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	var grants []*identity.Grant
	var wg sync.WaitGroup
	for range 16 {
		wg.Go(func() {
			next, err := w.Identity.Refresh(t.Context(), g.RefreshToken, "")
			mu.Lock()
			defer mu.Unlock()
			if err == nil {
				grants = append(grants, next)
			} else if engine.KindOf(err) != engine.KindUnauthorized {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if len(grants) != 1 {
		t.Fatalf("%d pairs for one token", len(grants))
	}
	if _, err := w.Identity.Authenticate(t.Context(), grants[0].AccessToken); engine.KindOf(err) != engine.KindUnauthorized {
		t.Errorf("the session goes on: %v", err)
	}
}

// Sign-ins, checks and sign-outs at the same time.
func TestManySessions(t *testing.T) {
	w := enginetest.New(t)
	var wg sync.WaitGroup
	for range 16 {
		wg.Go(func() {
			g, err := w.Identity.Login(t.Context(), w.User.Email, enginetest.Password, "192.0.2.1", "")
			if err != nil {
				t.Error(err)
				return
			}
			for range 20 {
				p, err := w.Identity.Authenticate(t.Context(), g.AccessToken)
				if err != nil || p.User != w.User.ID {
					t.Error(p, err)
					return
				}
			}
			p, err := w.Identity.Authenticate(t.Context(), g.AccessToken)
			if err != nil {
				t.Error(err)
				return
			}
			if err := w.Identity.Logout(t.Context(), p); err != nil {
				t.Error(err)
			}
			if _, err := w.Identity.Authenticate(t.Context(), g.AccessToken); engine.KindOf(err) != engine.KindUnauthorized {
				t.Errorf("after signing out: %v", err)
			}
		})
	}
	wg.Wait()
}
