package acl_test

import (
	"testing"
	"time"

	"scaidrive/engine"
	"scaidrive/engine/access"
	"scaidrive/engine/acl"
	"scaidrive/engine/enginetest"
	"scaidrive/engine/meta"
	"scaidrive/engine/meta/schema"
	"scaidrive/engine/share"
	"scaidrive/engine/tree"
)

// What is asked of an archived share is answered alike by every door: by a check, a
// listing and the explanation, of what has entries, a cut and an owner of its own,
// also where it was decided before the moment came.
func TestArchivesAreReadOnlyForEveryDoor(t *testing.T) {
	w := enginetest.New(t)
	files, shares := tree.New(w.DB, w.Env()), share.New(w.DB, w.Env())
	s := acl.New(w.DB, files, w.Env())
	owner, other := w.As(w.User), w.As(w.AddUser(t, "other@example.com"))
	sh, err := shares.Create(t.Context(), owner, share.CreateSpec{Name: "P", Type: engine.ShareProject, QuotaBytes: -1})
	if err != nil {
		t.Fatal(err)
	}
	top, err := files.Mkdir(t.Context(), owner, sh.ID, sh.ID, "top")
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range []share.MemberSpec{{Kind: engine.PrincipalUser, Principal: other.User, Role: engine.MemberContributor}} {
		if _, err := shares.AddMember(t.Context(), owner, sh.ID, m); err != nil {
			t.Fatal(err)
		}
	}
	owner.Memo, other.Memo = &engine.Memo{}, &engine.Memo{} // as for those who sign in with a token
	ids := map[string]engine.ID{}
	for _, name := range []string{"plain", "entry", "cut"} {
		if ids[name], err = putFile(t.Context(), w, files, owner, sh.ID, top.Node.ID, name); err != nil {
			t.Fatal(err)
		}
	}
	if ids["own"], err = putFile(t.Context(), w, files, other, sh.ID, top.Node.ID, "own"); err != nil {
		t.Fatal(err)
	}
	res := func(name string) acl.Resource { return acl.Resource{Kind: engine.ResourceFile, ID: ids[name]} }
	_, _, err = s.Set(t.Context(), owner, res("entry"), acl.Spec{
		Type: engine.EntryAllow, Kind: engine.PrincipalUser, Principal: other.User, Rights: engine.RightsAll, AppliesTo: engine.AppliesToThisOnly,
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Inherit(t.Context(), owner, res("cut"), false, false, nil); err != nil {
		t.Fatal(err)
	}
	doors := func(p *engine.Principal, name string) (list [3]engine.Right) {
		t.Helper()
		for bit := engine.RightRead; bit <= engine.RightManage; bit <<= 1 {
			yes, err := s.Check(t.Context(), p, []acl.Question{{Resource: res(name), Rights: bit}})
			if err != nil {
				t.Fatal(err)
			}
			if yes[0] {
				list[0] |= bit
			}
		}
		err := w.DB.View(t.Context(), func(v *meta.View) error {
			sub, err := access.Resolve(v, p.Tenant, ids[name])
			if err != nil {
				return err
			}
			n, err := schema.GetNode(v, p.Tenant, ids[name])
			if err == nil {
				list[1], err = access.ChildrenOf(p, sub.Share, sub.Path).Rights(v, n)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		e, err := s.Effective(t.Context(), p, res(name), 0, engine.ID{}, true)
		if err != nil {
			t.Fatal(err)
		}
		list[2] = e.Rights
		return list
	}
	look := func(when string, writes bool) {
		t.Helper()
		for who, p := range map[string]*engine.Principal{"owner": owner, "other": other} {
			for name := range ids {
				got := doors(p, name)
				if got[0] != got[2] || got[1] != got[2] || got[2]&engine.RightRead == 0 || (got[2]&engine.RightWrite != 0) != writes {
					t.Errorf("%s: %s on %s: check %s, listing %s, explained %s", when, who, name, access.Names(got[0]), access.Names(got[1]), access.Names(got[2]))
				}
			}
		}
	}
	at := w.Now().Add(time.Hour)
	if _, err := shares.Edit(t.Context(), owner, sh.ID, share.Change{ArchiveAt: &at}); err != nil {
		t.Fatal(err)
	}
	look("before", true)
	w.Pass(2 * time.Hour)
	owner.At, other.At = w.Now(), w.Now()
	look("after", false)
}
