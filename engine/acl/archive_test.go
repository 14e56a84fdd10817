package acl_test

import (
	"testing"
	"time"

	"scaidrive/engine"
	"scaidrive/engine/access"
	"scaidrive/engine/acl"
	"scaidrive/engine/meta"
	"scaidrive/engine/meta/schema"
	"scaidrive/engine/share"
)

// What is asked of an archived share is answered alike by every door: by a check, a
// listing and the explanation, of what has entries, a cut and an owner of its own,
// also where it was decided before the moment came.
func TestArchivesAreReadOnlyForEveryDoor(t *testing.T) {
	w := newTwo(t)
	s, owner, other := w.entries, w.owner, w.other
	top := w.folder(w.share, "top")
	_, err := w.shares.AddMember(t.Context(), owner, w.share, share.MemberSpec{Kind: engine.PrincipalUser, Principal: other.User, Role: engine.MemberContributor})
	w.ok(err)
	owner.Memo, other.Memo = &engine.Memo{}, &engine.Memo{} // as for those who sign in with a token
	ids := map[string]engine.ID{}
	for _, name := range []string{"plain", "entry", "cut"} {
		if ids[name], err = putFile(t.Context(), w.World, w.files, owner, w.share, top.ID, name); err != nil {
			t.Fatal(err)
		}
	}
	if ids["own"], err = putFile(t.Context(), w.World, w.files, other, w.share, top.ID, "own"); err != nil {
		t.Fatal(err)
	}
	res := func(name string) acl.Resource { return acl.Resource{Kind: engine.ResourceFile, ID: ids[name]} }
	w.ok(w.set(owner, res("entry"), acl.Spec{Type: engine.EntryAllow, Rights: engine.RightsAll, AppliesTo: engine.AppliesToThisOnly}))
	w.ok(s.Inherit(t.Context(), owner, res("cut"), false, false, nil))
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
	_, err = w.shares.Edit(t.Context(), owner, w.share, share.Change{ArchiveAt: &at})
	w.ok(err)
	look("before", true)
	w.Pass(2 * time.Hour)
	owner.At, other.At = w.Now(), w.Now()
	look("after", false)
}
