package share_test

import (
	"testing"
	"time"

	"scaidrive/engine"
	"scaidrive/engine/enginetest"
	"scaidrive/engine/meta"
	"scaidrive/engine/meta/schema"
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
	if _, err := s.Ask(t.Context(), asks, sh.ID, engine.MemberReader, "Let me in"); err != nil {
		t.Fatal(err)
	}
	for user, want := range map[engine.ID]int{owner.User: 1, stays.ID: 1, over.ID: 0} {
		told := 0
		err := w.DB.View(t.Context(), func(v *meta.View) error {
			return schema.ScanNotices(v, 1, user, 0, func(n *engine.Notice) (bool, error) {
				if n.Kind == engine.NoticeJoinRequest {
					told++
				}
				return true, nil
			})
		})
		if err != nil || told != want {
			t.Errorf("%x was told %d times: %v", user, told, err)
		}
	}
}
