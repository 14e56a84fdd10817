package share_test

import (
	"slices"
	"testing"
	"time"

	"scaidrive/engine"
	"scaidrive/engine/enginetest"
	"scaidrive/engine/share"
)

// Who asks to join is told to those who may answer now, and to nobody whose time as an
// administrator is over or whose group is.
func TestWhoIsToldOfARequest(t *testing.T) {
	w := enginetest.New(t)
	s := share.New(w.DB, w.Env())
	owner, asks := w.As(w.User), w.As(w.AddUser(t, "asks@example.com"))
	stays, over := w.AddUser(t, "stays@example.com"), w.AddUser(t, "over@example.com")
	sh, err := s.Create(t.Context(), owner, share.CreateSpec{Name: "P", Type: engine.ShareProject, QuotaBytes: -1, Discoverable: true})
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range []share.MemberSpec{
		{Kind: engine.PrincipalUser, Principal: stays.ID, Role: engine.MemberAdmin},
		{Kind: engine.PrincipalUser, Principal: over.ID, Role: engine.MemberAdmin, ExpiresAt: w.Now().Add(time.Hour)},
	} {
		if _, err := s.AddMember(t.Context(), owner, sh.ID, m); err != nil {
			t.Fatal(err)
		}
	}
	w.Pass(2 * time.Hour)
	asks.At = w.Now()
	_, tell, err := s.Ask(t.Context(), asks, sh.ID, engine.MemberReader, "Let me in")
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Contains(tell, owner.User) || !slices.Contains(tell, stays.ID) || slices.Contains(tell, over.ID) {
		t.Errorf("told: %x", tell)
	}
}
