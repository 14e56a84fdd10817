package acl_test

import (
	"testing"

	"scaidrive/engine"
	"scaidrive/engine/acl"
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
			w := newTwo(t)
			s, owner, manager := w.entries, w.owner, w.other
			top := w.folder(w.share, "top")
			in := w.folder(top.ID, "in")
			all := engine.AppliesToThisAndDescendants
			w.ok(w.set(owner, top, acl.Spec{Type: c.above, Rights: engine.RightWrite | engine.RightDelete, AppliesTo: all}))
			w.ok(w.set(owner, in, acl.Spec{Type: engine.EntryAllow, Rights: c.own, AppliesTo: all}))
			w.ok(s.Inherit(t.Context(), owner, in, false, false, nil))
			yes := true
			_, err := s.Replace(t.Context(), manager, in, []acl.Spec{{
				Type: engine.EntryAllow, Kind: engine.PrincipalUser, Principal: manager.User, Rights: c.own, AppliesTo: all,
			}}, &yes, nil)
			if c.want != 0 && engine.KindOf(err) != c.want || c.want == 0 && err != nil {
				t.Errorf("replacing: %v", err)
			}
			w.ok(s.Inherit(t.Context(), owner, in, false, false, nil))
			err = s.Inherit(t.Context(), manager, in, true, false, nil)
			if c.want != 0 && engine.KindOf(err) != c.want || c.want == 0 && err != nil {
				t.Errorf("inheriting: %v", err)
			}
			if err := s.Inherit(t.Context(), owner, in, true, false, nil); err != nil {
				t.Errorf("the owner: %v", err)
			}
		})
	}
}

// Who may something on a folder alone does not give it for what lies below, and does
// not take a denial away that is about what lies below.
func TestNothingIsLiftedBelow(t *testing.T) {
	w := newTwo(t)
	s, owner, manager := w.entries, w.owner, w.other
	folder := func(name string) acl.Resource { return w.folder(w.share, name) }
	spec := func(typ engine.EntryType, rights engine.Right, to engine.AppliesTo, oneLevel bool) acl.Spec {
		return acl.Spec{Type: typ, Rights: rights, AppliesTo: to, OneLevel: oneLevel}
	}
	set := w.set
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
		w.ok(set(owner, e.on, e.Spec))
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
