package notice_test

import (
	"testing"
	"time"

	"scaidrive/engine"
	"scaidrive/engine/enginetest"
	"scaidrive/engine/meta"
	"scaidrive/engine/notice"
	"scaidrive/engine/share"
)

// BenchmarkUnread counts what is not read of as many notices as a user can have.
func BenchmarkUnread(b *testing.B) {
	w := enginetest.New(b)
	n := notice.New(w.DB, w.Env())
	ada := w.AddUser(b, "ada@example.com")
	sh, err := w.Shares.Create(b.Context(), w.As(w.User), share.CreateSpec{Name: "Plans", Type: engine.ShareProject, QuotaBytes: -1})
	if err == nil {
		_, err = w.Shares.AddMember(b.Context(), w.As(w.User), sh.ID, share.MemberSpec{Kind: engine.PrincipalUser, Principal: ada.ID, Role: engine.MemberReader, ExpiresAt: w.Now().Add(time.Hour)})
	}
	if err == nil {
		err = w.DB.Update(b.Context(), func(tx *meta.Tx) error {
			for range engine.MaxNotices {
				if err := notice.Tell(tx, w.Env(), 1, engine.Notice{Kind: engine.NoticeRoleChanged, Share: sh.ID}, ada.ID); err != nil {
					return err
				}
			}
			return nil
		})
	}
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if p, err := n.List(b.Context(), w.As(ada), notice.Query{Limit: 1}); err != nil || p.Unread != engine.MaxNotices {
			b.Fatal(p, err)
		}
	}
}
