package people_test

import (
	"fmt"
	"testing"

	"scaidrive/engine"
	"scaidrive/engine/identity"
	"scaidrive/engine/meta"
	"scaidrive/engine/meta/schema"
	"scaidrive/engine/people"
)

func serviceToken() identity.ServiceTokenSpec {
	return identity.ServiceTokenSpec{Name: "t", Scopes: []string{engine.ScopeFilesRead}}
}

func TestGroups(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	a := w.group("Sales", w.User.ID)
	b := w.group("Europe")
	c := w.group("World")
	w.add(b.ID, engine.PrincipalGroup, a.ID)
	w.add(c.ID, engine.PrincipalGroup, b.ID)
	w.add(a.ID, engine.PrincipalGroup, c.ID) // a circle
	of := func(user engine.ID, want ...engine.ID) {
		t.Helper()
		got, err := w.GroupsOf(ctx, 1, user)
		if fmt.Sprint(got) != fmt.Sprint(want) || err != nil {
			t.Errorf("in %x, %v; want %x", got, err, want)
		}
	}
	of(w.User.ID, a.ID, b.ID, c.ID)
	_, err := w.AddMember(ctx, w.admin, a.ID, engine.PrincipalUser, w.User.ID)
	w.wants("twice", err, engine.KindConflict)
	_, err = w.AddMember(ctx, w.admin, a.ID, engine.PrincipalUser, w.NewID())
	w.wants("nobody", err, engine.KindInvalid)
	_, err = w.AddMember(ctx, w.admin, w.NewID(), engine.PrincipalUser, w.User.ID)
	w.wants("into nothing", err, engine.KindNotFound)
	_, err = w.CreateGroup(ctx, w.admin, "SALES", "")
	w.wants("the same name", err, engine.KindConflict)
	name := "Sellers"
	_, err = w.EditGroup(ctx, w.admin, a.ID, &name, nil)
	w.ok("rename", err)
	w.found("sales")
	w.found("sell", a.ID)
	w.wants("who is not in it", w.RemoveMember(ctx, w.admin, b.ID, w.User.ID), engine.KindNotFound)

	// A group in the middle goes: what lies behind it is lost from that moment on.
	w.ok("delete", w.DeleteGroup(ctx, w.admin, b.ID, 0, engine.ID{}))
	of(w.User.ID, a.ID)
	w.wants("delete twice", w.DeleteGroup(ctx, w.admin, b.ID, 0, engine.ID{}), engine.KindNotFound)
	_, err = w.Group(ctx, w.admin, b.ID)
	w.wants("show", err, engine.KindNotFound)
	// Made again, it is another one and nobody is in it.
	again := w.group("Europe")
	if again.ID == b.ID {
		t.Error("the same group again")
	}
	of(w.User.ID, a.ID)
	if _, n, err := w.Members(ctx, w.admin, again.ID, 50, 0); n != 0 || err != nil {
		t.Error(n, err)
	}
	w.ok("remove", w.RemoveMember(ctx, w.admin, a.ID, w.User.ID))
	of(w.User.ID)
	w.wants("remove twice", w.RemoveMember(ctx, w.admin, a.ID, w.User.ID), engine.KindNotFound)
}

// Groups that own shares give them to an heir, and their members are cleared away
// behind the commit that deletes them, also after a break.
func TestDeletedGroupsOwnAndHoldNothing(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	g := w.group("Owners", w.User.ID, w.Admin.ID)
	outer := w.group("Outer")
	w.add(outer.ID, engine.PrincipalGroup, g.ID)
	var sh *engine.Share
	err := w.DB.Update(ctx, func(tx *meta.Tx) error {
		sh = &engine.Share{ID: w.NewID(), Name: "S", Type: engine.ShareCentral, QuotaBytes: -1}
		if err := schema.SetShareOwner(tx, 1, sh, engine.PrincipalGroup, g.ID); err != nil {
			return err
		}
		mine, err := schema.GetShare(tx, 1, w.UserShare.ID)
		if err != nil {
			return err
		}
		return schema.PutShareMember(tx, 1, mine, &engine.ShareMember{Principal: g.ID, Kind: engine.PrincipalGroup, Role: engine.MemberReader})
	})
	w.ok("a share", err)
	w.wants("no heir", w.DeleteGroup(ctx, w.admin, g.ID, engine.PrincipalGroup, w.NewID()), engine.KindInvalid)
	if got, err := w.GroupsOf(ctx, 1, w.User.ID); len(got) != 2 || err != nil {
		t.Fatal("a refused deletion deleted:", got, err)
	}
	w.ok("delete", w.DeleteGroup(ctx, w.admin, g.ID, engine.PrincipalGroup, outer.ID))
	err = w.DB.View(ctx, func(v *meta.View) error {
		got, err := schema.GetShare(v, 1, sh.ID)
		if err != nil || got.OwnerKind != engine.PrincipalGroup || got.Owner != outer.ID {
			t.Errorf("%+v, %v", got, err)
		}
		mine, err := schema.GetShare(v, 1, w.UserShare.ID)
		if err != nil || mine.Members.Count != 0 {
			t.Errorf("%+v, %v", mine, err)
		}
		u, err := schema.GetUser(v, 1, w.User.ID)
		if err != nil || u.Groups.Count != 0 {
			t.Errorf("%+v, %v", u, err)
		}
		gone, err := schema.GetGroup(v, 1, g.ID)
		if err != nil || gone.Members.Count+gone.Groups.Count != 0 {
			t.Errorf("%+v, %v", gone, err)
		}
		return nil
	})
	w.ok("look", err)
	w.ok("clear", w.Clear(ctx))
}

// Nobody can be put into more groups than decisions look at, neither directly nor by
// way of a group.
func TestNobodyIsInTooManyGroups(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	outer := w.group("Outer")
	err := w.DB.Update(ctx, func(tx *meta.Tx) error {
		for i := range engine.MaxGroupsOf - 1 {
			g := &engine.Group{ID: w.NewID(), Tenant: 1, Name: fmt.Sprint(i)}
			if err := schema.PutGroup(tx, g); err != nil {
				return err
			}
			if err := schema.AddMembership(tx, 1, &engine.Membership{Group: g.ID, Member: outer.ID, Kind: engine.PrincipalGroup}); err != nil {
				return err
			}
		}
		return nil
	})
	w.ok("groups", err)
	w.add(outer.ID, engine.PrincipalUser, w.User.ID) // 1,000 now
	more := w.group("More", w.Admin.ID)
	_, err = w.AddMember(ctx, w.admin, more.ID, engine.PrincipalUser, w.User.ID)
	w.wants("directly", err, engine.KindInvalid)
	_, err = w.AddMember(ctx, w.admin, more.ID, engine.PrincipalGroup, outer.ID)
	w.wants("by a group", err, engine.KindInvalid)
	if got, err := w.GroupsOf(ctx, 1, w.User.ID); len(got) != engine.MaxGroupsOf || err != nil {
		t.Error(len(got), err)
	}
}

func TestListsOfUsers(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	var all []engine.ID
	err := w.DB.Update(ctx, func(tx *meta.Tx) error {
		for i := range 300 {
			u := &engine.User{ID: w.NewID(), Tenant: 1, Email: fmt.Sprintf("u%03d@example.com", i), Name: fmt.Sprintf("User %03d", i), DisplayName: fmt.Sprintf("User %03d", i), Status: engine.StatusActive}
			if i%3 == 0 {
				u.Status = engine.StatusSuspended
			}
			if err := identity.AddUser(tx, u); err != nil {
				return err
			}
			all = append(all, u.ID)
		}
		return nil
	})
	w.ok("users", err)
	list := func(q people.UserQuery, n, total int) *people.Listing[*engine.User] {
		t.Helper()
		l, err := w.Users(ctx, w.admin, q)
		if err != nil || len(l.Items) != n || l.Total != total || !l.Exact {
			t.Fatalf("%+v: %d of %d, exact %v, %v; want %d of %d", q, len(l.Items), l.Total, l.Exact, err, n, total)
		}
		return l
	}
	seen := 0
	var behind engine.ID
	for page := 0; ; page++ {
		l, err := w.Users(ctx, w.admin, people.UserQuery{Limit: 100, Behind: behind})
		if err != nil || page > 4 {
			t.Fatal(page, err)
		}
		seen += len(l.Items)
		if behind = l.Next; behind.IsZero() {
			break
		}
	}
	if seen != 302 {
		t.Errorf("%d by page", seen)
	}
	yes, no := true, false
	list(people.UserQuery{Limit: 50}, 50, 302)
	list(people.UserQuery{Limit: 50, Offset: 300}, 2, 302)
	list(people.UserQuery{Limit: 50, Status: engine.StatusSuspended}, 50, 100)
	list(people.UserQuery{Limit: 50, Admins: &yes}, 1, 1)
	list(people.UserQuery{Limit: 50, Status: engine.StatusSuspended, Admins: &yes}, 0, 0)
	list(people.UserQuery{Limit: 50, Status: engine.StatusSuspended, Admins: &no}, 50, 100)
	list(people.UserQuery{Limit: 50, Admins: &no}, 50, 301)
	list(people.UserQuery{Limit: 50, Status: engine.StatusDeleted}, 0, 0)
	list(people.UserQuery{Limit: 50, Search: "user 01"}, 10, 10)
	list(people.UserQuery{Limit: 5, Offset: 8, Search: "user 01"}, 2, 10)
	if l := list(people.UserQuery{Limit: 50, Search: "u007@"}, 1, 1); l.Items[0].ID != all[7] {
		t.Errorf("%+v", l.Items[0])
	}
	list(people.UserQuery{Limit: 50, Search: "007 user"}, 0, 0)
	list(people.UserQuery{Limit: 50, Search: "user 01", Status: engine.StatusSuspended}, 3, 3)
}

// A store of an older build has none of what users and shares are found by.
func TestPrepareBringsAnOlderStoreUpToDate(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	kept, gone := w.group("Kept Together"), w.group("Gone")
	w.ok("delete", w.DeleteGroup(ctx, w.admin, gone.ID, 0, engine.ID{}))
	type row struct {
		t schema.Table
		k string
	}
	var before []row
	rows := func(v schema.Reader) (list []row) {
		for _, table := range []schema.Table{schema.PrincipalWords, schema.GroupWords, schema.Admins, schema.SharesOf} {
			err := v.Scan(table, nil, nil, func(k, _ []byte) (bool, error) {
				list = append(list, row{table, string(k)})
				return true, nil
			})
			w.ok("scan", err)
		}
		return list
	}
	err := w.DB.Update(ctx, func(tx *meta.Tx) error {
		before = rows(tx)
		for _, r := range before {
			if err := tx.Delete(r.t, []byte(r.k)); err != nil {
				return err
			}
		}
		tn, err := schema.GetTenant(tx, 1)
		if err != nil {
			return err
		}
		if tn.People != (engine.Headcount{Active: 2, Groups: 1}) {
			t.Errorf("%+v", tn.People)
		}
		// The build before this one had words of groups, among those of the users.
		err = tx.Put(schema.PrincipalWords, schema.PrincipalWordKey(1, "kept", kept.ID), []byte{8, 2})
		if err != nil {
			return err
		}
		tn.Directory, tn.People = 1, engine.Headcount{Active: 7}
		return schema.PutTenant(tx, tn)
	})
	w.ok("make it old", err)
	w.found("admin")
	w.ok("prepare", w.Prepare(ctx))
	w.found("administrator", w.Admin.ID)
	w.found("together", kept.ID)
	w.found("kept tog", kept.ID)
	tn, err := w.Tenancy.Get(ctx, 1)
	w.ok("tenant", err)
	if tn.People != (engine.Headcount{Active: 2, Groups: 1}) {
		t.Errorf("%+v", tn.People)
	}
	err = w.DB.View(ctx, func(v *meta.View) error {
		if after := rows(v); fmt.Sprint(after) != fmt.Sprint(before) || len(before) < 8 {
			t.Errorf("before %v\nafter %v", before, after)
		}
		return nil
	})
	w.ok("look", err)
	w.ok("prepare again", w.Prepare(ctx))
}
