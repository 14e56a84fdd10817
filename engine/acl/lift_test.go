package acl_test

import (
	"testing"

	"scaidrive/engine"
	"scaidrive/engine/acl"
	"scaidrive/engine/enginetest"
	"scaidrive/engine/share"
	"scaidrive/engine/tree"
)

// Who manages by an entry alone gets nothing that they may not do by letting a folder
// inherit again what its cut kept off; one that they may do, they give.
func TestInheritingAgainLiftsNothing(t *testing.T) {
	for _, c := range []struct {
		name  string
		above engine.EntryType
		own   engine.Right // of who manages, on the folder
		want  engine.Kind  // 0: it is done
	}{
		{"grants that they lack", engine.EntryAllow, engine.RightRead | engine.RightManage, engine.KindForbidden},
		{"grants that they have", engine.EntryAllow, engine.RightRead | engine.RightWrite | engine.RightDelete | engine.RightManage, 0},
		{"denials", engine.EntryDeny, engine.RightRead | engine.RightManage, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := enginetest.New(t)
			files, shares := tree.New(w.DB, w.Env()), share.New(w.DB, w.Env())
			s := acl.New(w.DB, files, w.Env())
			owner, manager := w.As(w.User), w.As(w.AddUser(t, "manager@example.com"))
			sh, err := shares.Create(t.Context(), owner, share.CreateSpec{Name: "P", Type: engine.ShareProject, QuotaBytes: -1})
			if err != nil {
				t.Fatal(err)
			}
			top, err := files.Mkdir(t.Context(), owner, sh.ID, sh.ID, "top")
			if err != nil {
				t.Fatal(err)
			}
			in, err := files.Mkdir(t.Context(), owner, sh.ID, top.Node.ID, "in")
			if err != nil {
				t.Fatal(err)
			}
			folder := func(id engine.ID) acl.Resource { return acl.Resource{Kind: engine.ResourceFolder, ID: id} }
			for _, e := range []struct {
				on engine.ID
				acl.Spec
			}{
				{top.Node.ID, acl.Spec{Type: c.above, Rights: engine.RightWrite | engine.RightDelete}},
				{in.Node.ID, acl.Spec{Type: engine.EntryAllow, Rights: c.own}},
			} {
				e.Kind, e.Principal, e.AppliesTo = engine.PrincipalUser, manager.User, engine.AppliesToThisAndDescendants
				if _, _, err := s.Set(t.Context(), owner, folder(e.on), e.Spec, nil); err != nil {
					t.Fatal(err)
				}
			}
			if err := s.Inherit(t.Context(), owner, folder(in.Node.ID), false, false, nil); err != nil {
				t.Fatal(err)
			}
			yes := true
			_, err = s.Replace(t.Context(), manager, folder(in.Node.ID), []acl.Spec{{
				Type: engine.EntryAllow, Kind: engine.PrincipalUser, Principal: manager.User, Rights: c.own, AppliesTo: engine.AppliesToThisAndDescendants,
			}}, &yes, nil)
			if c.want != 0 && engine.KindOf(err) != c.want || c.want == 0 && err != nil {
				t.Errorf("replacing: %v", err)
			}
			if err := s.Inherit(t.Context(), owner, folder(in.Node.ID), false, false, nil); err != nil {
				t.Fatal(err)
			}
			err = s.Inherit(t.Context(), manager, folder(in.Node.ID), true, false, nil)
			if c.want != 0 && engine.KindOf(err) != c.want || c.want == 0 && err != nil {
				t.Errorf("inheriting: %v", err)
			}
			if err := s.Inherit(t.Context(), owner, folder(in.Node.ID), true, false, nil); err != nil {
				t.Errorf("the owner: %v", err)
			}
		})
	}
}

// Who may something on a folder alone does not give it for what lies below, and does
// not take a denial away that is about what lies below.
func TestNothingIsLiftedBelow(t *testing.T) {
	w := enginetest.New(t)
	files, shares := tree.New(w.DB, w.Env()), share.New(w.DB, w.Env())
	s := acl.New(w.DB, files, w.Env())
	owner, manager := w.As(w.User), w.As(w.AddUser(t, "manager@example.com"))
	sh, err := shares.Create(t.Context(), owner, share.CreateSpec{Name: "P", Type: engine.ShareProject, QuotaBytes: -1})
	if err != nil {
		t.Fatal(err)
	}
	folder := func(name string) acl.Resource {
		t.Helper()
		f, err := files.Mkdir(t.Context(), owner, sh.ID, sh.ID, name)
		if err != nil {
			t.Fatal(err)
		}
		return acl.Resource{Kind: engine.ResourceFolder, ID: f.Node.ID}
	}
	spec := func(typ engine.EntryType, rights engine.Right, to engine.AppliesTo, oneLevel bool) acl.Spec {
		return acl.Spec{Type: typ, Kind: engine.PrincipalUser, Principal: manager.User, Rights: rights, AppliesTo: to, OneLevel: oneLevel}
	}
	set := func(p *engine.Principal, on acl.Resource, e acl.Spec) error {
		_, _, err := s.Set(t.Context(), p, on, e, nil)
		return err
	}
	all := engine.AppliesToThisAndDescendants
	one, near, denied, full := folder("one"), folder("near"), folder("denied"), folder("full")
	for _, e := range []struct {
		on acl.Resource
		acl.Spec
	}{
		{one, spec(engine.EntryAllow, engine.RightRead|engine.RightManage, engine.AppliesToThisOnly, false)},
		{near, spec(engine.EntryAllow, engine.RightRead|engine.RightManage, all, true)},
		{denied, spec(engine.EntryAllow, engine.RightRead|engine.RightManage, all, false)},
		{denied, spec(engine.EntryDeny, engine.RightRead, engine.AppliesToFilesOnly, false)},
		{full, spec(engine.EntryAllow, engine.RightRead|engine.RightManage, all, false)},
	} {
		if err := set(owner, e.on, e.Spec); err != nil {
			t.Fatal(err)
		}
	}
	read := engine.RightRead
	for _, c := range []struct {
		name string
		err  error
		want bool // refused
	}{
		{"below the one", set(manager, one, spec(engine.EntryAllow, read, all, false)), true},
		{"files below the one", set(manager, one, spec(engine.EntryAllow, read, engine.AppliesToFilesOnly, false)), true},
		{"two levels", set(manager, near, spec(engine.EntryAllow, read, engine.AppliesToDescendantsOnly, false)), true},
		{"one level", set(manager, near, spec(engine.EntryAllow, read, engine.AppliesToDescendantsOnly, true)), false},
		{"the denial away", s.Remove(t.Context(), manager, denied, engine.PrincipalUser, manager.User, engine.EntryDeny, 0, nil), true},
		{"all that they may", set(manager, full, spec(engine.EntryAllow, read, engine.AppliesToThisAndFiles, false)), false},
	} {
		if c.want != (engine.KindOf(c.err) == engine.KindForbidden && c.err != nil) || !c.want && c.err != nil {
			t.Errorf("%s: %v", c.name, c.err)
		}
	}
}
