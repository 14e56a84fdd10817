package notice_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"scaidrive/engine"
	"scaidrive/engine/enginetest"
	"scaidrive/engine/meta"
	"scaidrive/engine/meta/schema"
	"scaidrive/engine/notice"
	"scaidrive/engine/share"
)

// A world with a project share of the user's, and somebody to be told of it.
type world struct {
	*enginetest.World
	t     *testing.T
	n     *notice.Service
	owner *engine.Principal
	ada   *engine.User
	share engine.ID
}

func newWorld(t *testing.T) *world {
	w := &world{World: enginetest.New(t), t: t}
	w.n = notice.New(w.DB, w.Env())
	w.owner, w.ada = w.As(w.User), w.AddUser(t, "ada@example.com")
	sh, err := w.Shares.Create(t.Context(), w.owner, share.CreateSpec{Name: "Plans", Type: engine.ShareProject, QuotaBytes: -1})
	w.must(err)
	w.share = sh.ID
	return w
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) member(role engine.MemberRole, until time.Time) {
	w.t.Helper()
	_, err := w.Shares.AddMember(w.t.Context(), w.As(w.User), w.share, share.MemberSpec{Kind: engine.PrincipalUser, Principal: w.ada.ID, Role: role, ExpiresAt: until})
	w.must(err)
}

func (w *world) tell(n engine.Notice, users ...engine.ID) {
	w.t.Helper()
	w.Pass(time.Second)
	w.must(w.DB.Update(w.t.Context(), func(tx *meta.Tx) error { return notice.Tell(tx, w.Env(), 1, n, users...) }))
}

func (w *world) list(u *engine.User, q notice.Query) *notice.Page {
	w.t.Helper()
	if q.Limit == 0 {
		q.Limit = notice.MaxPage
	}
	p, err := w.n.List(w.t.Context(), w.As(u), q)
	w.must(err)
	return p
}

// shows compares what somebody is shown: the kinds, by their numbers, with the name of
// the share where it is told.
func (w *world) shows(what string, u *engine.User, want string) {
	w.t.Helper()
	var list []string
	p := w.list(u, notice.Query{})
	for _, n := range p.List {
		s := fmt.Sprint(n.Kind)
		if n.Share != nil {
			s += " " + n.Share.Name
		}
		if n.ByName != "" {
			s += " by " + n.ByName
		}
		list = append(list, s)
	}
	if got := strings.Join(list, ", "); got != want || p.Total != len(list) || p.Unread > p.Total {
		w.t.Errorf("%s: %q of %d, %d unread, want %q", what, got, p.Total, p.Unread, want)
	}
}

// stored counts what is stored of a user's, shown or not.
func (w *world) stored(user engine.ID) (n int) {
	w.t.Helper()
	w.must(w.DB.View(w.t.Context(), func(v *meta.View) error {
		n = 0
		return schema.ScanNotices(v, 1, user, 0, func(*engine.Notice) (bool, error) { n++; return true, nil })
	}))
	return n
}

// The life of a role, as who has it is told; names go with the sight of the share.
func TestARoleComesAndGoes(t *testing.T) {
	w := newWorld(t)
	w.member(engine.MemberReader, time.Time{})
	w.shows("added", w.ada, "1 Plans by user@example.com")
	w.shows("who did it", w.User, "")
	role := engine.MemberContributor
	_, err := w.Shares.EditMember(t.Context(), w.owner, w.share, w.ada.ID, share.MemberChange{Role: &role})
	w.must(err)
	_, err = w.Shares.EditMember(t.Context(), w.owner, w.share, w.ada.ID, share.MemberChange{Role: &role}) // nothing is another
	w.must(err)
	w.shows("changed", w.ada, "3 Plans by user@example.com, 1 Plans by user@example.com")
	if p := w.list(w.ada, notice.Query{}); p.List[0].Standing.Role != engine.MemberContributor || p.List[0].Member == nil {
		t.Errorf("the role: %+v", p.List[0])
	}
	w.must(w.Shares.RemoveMember(t.Context(), w.owner, w.share, w.ada.ID))
	w.shows("removed: no name, nobody", w.ada, "2")
	w.member(engine.MemberReader, time.Time{})
	w.shows("back", w.ada, "1 Plans by user@example.com, 2 Plans by user@example.com, 3 Plans by user@example.com, 1 Plans by user@example.com")
	w.must(w.Shares.RemoveMember(t.Context(), w.As(w.ada), w.share, w.ada.ID))
	w.shows("gone by themself", w.ada, "2")
	if n := w.stored(w.ada.ID); n != 4 {
		t.Errorf("%d are stored", n)
	}
	w.must(w.Shares.Delete(t.Context(), w.owner, w.share))
	w.shows("of a deleted share", w.ada, "2")
}

// A group's members are told, once each, by nested groups too; of one too large nobody.
func TestGroupsAreTold(t *testing.T) {
	w := newWorld(t)
	bob := w.AddUser(t, "bob@example.com")
	outer, inner, crowd := w.NewID(), w.NewID(), w.NewID()
	w.must(w.DB.Update(t.Context(), func(tx *meta.Tx) error {
		for _, id := range []engine.ID{outer, inner, crowd} {
			if err := schema.PutGroup(tx, &engine.Group{ID: id, Tenant: 1, Name: "g"}); err != nil {
				return err
			}
		}
		for _, m := range []engine.Membership{
			{Group: outer, Member: inner, Kind: engine.PrincipalGroup}, {Group: inner, Member: outer, Kind: engine.PrincipalGroup},
			{Group: outer, Member: w.ada.ID, Kind: engine.PrincipalUser}, {Group: inner, Member: w.ada.ID, Kind: engine.PrincipalUser},
			{Group: inner, Member: bob.ID, Kind: engine.PrincipalUser}, {Group: crowd, Member: bob.ID, Kind: engine.PrincipalUser},
		} {
			if err := schema.AddMembership(tx, 1, &m); err != nil {
				return err
			}
		}
		return nil
	}))
	audience := func(group engine.ID) (n int) {
		w.must(w.DB.View(t.Context(), func(v *meta.View) error {
			users, err := notice.Audience(v, 1, engine.PrincipalGroup, group)
			n = len(users)
			return err
		}))
		return n
	}
	if n := audience(outer); n != 2 {
		t.Errorf("%d are in the nested groups", n)
	}
	for have := 1; have < notice.MaxTold+1; {
		w.must(w.DB.Update(t.Context(), func(tx *meta.Tx) error {
			for have < notice.MaxTold+1 {
				u := &engine.User{ID: w.NewID(), Tenant: 1, Email: fmt.Sprint(have, "@example.com"), Status: engine.StatusActive}
				if err := schema.PutUser(tx, u); err != nil {
					return err
				}
				if err := schema.AddMembership(tx, 1, &engine.Membership{Group: crowd, Member: u.ID, Kind: engine.PrincipalUser}); err != nil {
					return err
				}
				if have++; have == notice.MaxTold || have == notice.MaxTold-1 {
					break
				}
			}
			return nil
		}))
		want := have
		if have > notice.MaxTold {
			want = 0
		}
		if n := audience(crowd); n != want {
			t.Errorf("of a group of %d, %d are told", have, n)
		}
	}
	_, err := w.Shares.AddMember(t.Context(), w.owner, w.share, share.MemberSpec{Kind: engine.PrincipalGroup, Principal: outer, Role: engine.MemberReader})
	w.must(err)
	w.shows("ada", w.ada, "1 Plans by user@example.com")
	w.shows("bob", bob, "1 Plans by user@example.com")
}

// At the limit all are kept, one over it takes the oldest.
func TestAtMostSoMany(t *testing.T) {
	w := newWorld(t)
	w.member(engine.MemberReader, time.Time{})
	first := w.list(w.ada, notice.Query{}).List[0].ID
	more := func(n int) {
		w.must(w.DB.Update(t.Context(), func(tx *meta.Tx) error {
			for range n {
				if err := notice.Tell(tx, w.Env(), 1, engine.Notice{Kind: engine.NoticeRoleChanged, Share: w.share, By: w.owner.User}, w.ada.ID); err != nil {
					return err
				}
			}
			return nil
		}))
	}
	for i, step := range []int{engine.MaxNotices - 2, 1, 1, 3} {
		more(step)
		p := w.list(w.ada, notice.Query{})
		want := []int{engine.MaxNotices - 1, engine.MaxNotices, engine.MaxNotices, engine.MaxNotices}[i]
		last := p.List[len(p.List)-1].ID
		if p.Total != want || p.Unread != want || len(p.List) != want || (last == first) != (i < 2) || w.stored(w.ada.ID) != want {
			t.Errorf("step %d: %d of %d, %d unread, %d stored, the first is there: %t", i, len(p.List), p.Total, p.Unread, w.stored(w.ada.ID), last == first)
		}
	}
}

func TestPagesAndReading(t *testing.T) {
	w := newWorld(t)
	w.member(engine.MemberReader, time.Time{})
	for range 6 {
		w.tell(engine.Notice{Kind: engine.NoticeRoleChanged, Share: w.share, By: w.owner.User}, w.ada.ID)
	}
	all := w.list(w.ada, notice.Query{})
	var seen []engine.ID
	token := ""
	for {
		p := w.list(w.ada, notice.Query{Limit: 3, Token: token})
		if p.Total != 7 || p.Unread != 7 {
			t.Errorf("a page of %d, %d unread", p.Total, p.Unread)
		}
		for _, n := range p.List {
			seen = append(seen, n.ID)
		}
		if token = p.Next; token == "" {
			break
		}
		w.tell(engine.Notice{Kind: engine.NoticeJobFailed, Subject: w.NewID()}, w.ada.ID) // never shown: there is no such job
	}
	if len(seen) != 7 || seen[0] != all.List[0].ID || seen[6] != all.List[6].ID {
		t.Errorf("pages: %x", seen)
	}
	if p := w.list(w.ada, notice.Query{Limit: 2, Offset: 5}); len(p.List) != 2 || p.List[0].ID != all.List[5].ID || p.Next != "" {
		t.Errorf("from an offset: %+v", p)
	}
	ctx, ada := t.Context(), w.As(w.ada)
	next := w.list(w.ada, notice.Query{Limit: 1}).Next
	for what, q := range map[string]notice.Query{"no limit": {}, "too many": {Limit: notice.MaxPage + 1}, "offset": {Limit: 1, Offset: -1}, "both": {Limit: 1, Offset: 1, Token: next}, "another's": {Limit: 1, Token: "x"}, "of another list": {Limit: 1, Token: next, Unread: true}} {
		if _, err := w.n.List(ctx, ada, q); err == nil || engine.KindOf(err) != engine.KindInvalid {
			t.Errorf("%s: %v", what, err)
		}
	}
	if _, err := w.n.List(ctx, w.owner, notice.Query{Limit: 1, Token: next}); engine.KindOf(err) != engine.KindInvalid {
		t.Errorf("another's token: %v", err)
	}
	read := func(what string, p *engine.Principal, want int, until time.Time, ids ...engine.ID) {
		t.Helper()
		if n, err := w.n.Read(ctx, p, ids, until); n != want || err != nil {
			t.Errorf("%s: %d are not read, %v", what, n, err)
		}
	}
	read("by who has none", w.owner, 0, time.Time{}, all.List[0].ID)
	read("two and another's", ada, 5, time.Time{}, all.List[0].ID, all.List[6].ID, w.NewID())
	before := w.DB.Status().LSN
	read("again", ada, 5, time.Time{}, all.List[0].ID)
	if after := w.DB.Status().LSN; after != before {
		t.Error("nothing to mark was a commit")
	}
	read("up to a moment", ada, 3, all.List[4].At.Truncate(time.Millisecond))
	if p := w.list(w.ada, notice.Query{Unread: true}); p.Total != 3 || p.Unread != 3 || p.List[0].ID != all.List[1].ID {
		t.Errorf("unread: %+v", p)
	}
	if _, err := w.n.Read(ctx, ada, make([]engine.ID, notice.MaxIDs+1), time.Time{}); engine.KindOf(err) != engine.KindInvalid {
		t.Errorf("too many at once: %v", err)
	}
	read("as many as may be", ada, 3, time.Time{}, make([]engine.ID, notice.MaxIDs)...)
}

// Old ones are not shown, and removed; those of who is removed go with them.
func TestNothingStaysForEver(t *testing.T) {
	w := newWorld(t)
	w.member(engine.MemberReader, time.Time{})
	w.Pass(engine.NoticeLifetime)
	w.shows("at its last moment", w.ada, "1 Plans by user@example.com")
	w.Pass(time.Microsecond)
	w.shows("too old", w.ada, "")
	w.tell(engine.Notice{Kind: engine.NoticeRoleChanged, Share: w.share}, w.ada.ID)
	if _, gone, err := w.n.Upkeep(t.Context()); gone != 1 || err != nil || w.stored(w.ada.ID) != 1 {
		t.Errorf("%d were removed, %d left: %v", gone, w.stored(w.ada.ID), err)
	}
	w.must(w.DB.Update(t.Context(), func(tx *meta.Tx) error {
		_, err := schema.ForgetUser(tx, 1, w.ada.ID, 100)
		return err
	}))
	if w.stored(w.ada.ID) != 0 {
		t.Error("they stay when their user is removed")
	}
	w.must(w.DB.Update(t.Context(), func(tx *meta.Tx) error {
		u, err := schema.GetUser(tx, 1, w.ada.ID)
		if err == nil {
			u.Status = engine.StatusDeleted
			err = schema.PutUser(tx, u)
		}
		return err
	}))
	w.tell(engine.Notice{Kind: engine.NoticeRoleChanged, Share: w.share}, w.ada.ID, w.NewID(), engine.ID{})
	if w.stored(w.ada.ID) != 0 {
		t.Error("who is deleted is told")
	}
}

// Somebody is told once that their role ends soon, and anew when that moves.
func TestARoleEndsSoon(t *testing.T) {
	w := newWorld(t)
	w.member(engine.MemberReader, w.Now().Add(5*24*time.Hour))
	told := func(want int) {
		t.Helper()
		if n, _, err := w.n.Upkeep(t.Context()); n != want || err != nil {
			t.Errorf("%d were told, %v, want %d", n, err, want)
		}
	}
	told(0)
	w.Pass(2 * 24 * time.Hour)
	told(1)
	told(0)
	w.shows("told", w.ada, "4 Plans, 1 Plans by user@example.com")
	later := w.Now().Add(10 * 24 * time.Hour)
	_, err := w.Shares.EditMember(t.Context(), w.As(w.User), w.share, w.ada.ID, share.MemberChange{ExpiresAt: &later})
	w.must(err)
	told(0)
	w.Pass(8 * 24 * time.Hour)
	told(1)
	w.Pass(3 * 24 * time.Hour)
	told(0)
	w.shows("over", w.ada, "")
}

// What is said again of the same is one notice, as long as it is not read.
func TestOneThingIsOneNotice(t *testing.T) {
	w := newWorld(t)
	met := engine.Notice{Kind: engine.NoticeConflict, Share: w.share, Count: 2}
	w.tell(met, w.ada.ID, w.ada.ID)
	w.tell(met, w.ada.ID)
	w.tell(engine.Notice{Kind: engine.NoticeRoleChanged, Share: w.share}, w.ada.ID)
	w.tell(met, w.ada.ID)
	var counts []uint64
	w.must(w.DB.View(t.Context(), func(v *meta.View) error {
		return schema.ScanNotices(v, 1, w.ada.ID, 0, func(n *engine.Notice) (bool, error) {
			counts = append(counts, n.Count)
			return true, nil
		})
	}))
	if fmt.Sprint(counts) != "[2 0 4]" {
		t.Errorf("counts: %v", counts)
	}
}

// Who follows hears of their own, and gets what is new.
func TestFollowing(t *testing.T) {
	w := newWorld(t)
	w.member(engine.MemberReader, time.Time{})
	ch := make(chan struct{}, 1)
	stop := w.n.Follow(w.As(w.ada), ch)
	newest, err := w.n.Newest(t.Context(), w.As(w.ada))
	w.must(err)
	w.tell(engine.Notice{Kind: engine.NoticeRoleChanged, Share: w.share}, w.owner.User)
	if len(ch) != 0 {
		t.Error("woken by another's")
	}
	for range 3 {
		w.tell(engine.Notice{Kind: engine.NoticeRoleChanged, Share: w.share}, w.ada.ID)
	}
	if len(ch) != 1 {
		t.Error("not woken")
	}
	list, at, more, err := w.n.News(t.Context(), w.As(w.ada), newest, 3)
	if err != nil || len(list) != 3 || more || slicesCompare(list[0].ID, list[2].ID) >= 0 || at != list[2].ID {
		t.Errorf("%d, more %t, %v", len(list), more, err)
	}
	if list, _, more, err = w.n.News(t.Context(), w.As(w.ada), newest, 2); len(list) != 2 || !more || err != nil {
		t.Errorf("%d, more %t, %v", len(list), more, err)
	}
	if list, _, more, err = w.n.News(t.Context(), w.As(w.ada), at, 2); len(list) != 0 || more || err != nil {
		t.Errorf("%d, more %t, %v", len(list), more, err)
	}
	<-ch
	stop()
	w.tell(engine.Notice{Kind: engine.NoticeRoleChanged, Share: w.share}, w.ada.ID)
	if len(ch) != 0 {
		t.Error("woken after the end")
	}
}

func slicesCompare(a, b engine.ID) int { return strings.Compare(string(a[:]), string(b[:])) }
