package share_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"scaidrive/engine"
	"scaidrive/engine/access"
	"scaidrive/engine/enginetest"
	"scaidrive/engine/meta"
	"scaidrive/engine/meta/schema"
	"scaidrive/engine/share"
)

// project is a spec that anybody may create.
func project(name string) share.CreateSpec {
	return share.CreateSpec{Name: name, Type: engine.ShareProject, QuotaBytes: -1}
}

func wants(t *testing.T, what string, err error, kind engine.Kind, field string) {
	t.Helper()
	var e *engine.Error
	if !errors.As(err, &e) || e.Kind != kind || e.Field != field {
		t.Errorf("%s: %v (kind %d), want kind %d, field %q", what, err, engine.KindOf(err), kind, field)
	}
}

func TestCreateMakesShareAndRoot(t *testing.T) {
	w := enginetest.New(t)
	p := w.As(w.User)
	spec := project("Bauprojekt Süd")
	spec.Description, spec.QuotaBytes = "Pläne", 1<<30
	made, err := w.Shares.Create(t.Context(), p, spec)
	if err != nil {
		t.Fatal(err)
	}
	want := &engine.Share{
		Counted: true,
		ID:      made.ID, Name: "Bauprojekt Süd", Description: "Pläne", Type: engine.ShareProject,
		OwnerKind: engine.PrincipalUser, Owner: w.User.ID, QuotaBytes: 1 << 30,
		CreatedAt: w.Now(), CreatedBy: w.User.ID, ModifiedAt: w.Now(), AccessGen: 1,
	}
	if diff := cmp.Diff(want, made); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	got, err := w.Shares.Get(t.Context(), p, made.ID)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("stored (-want +got):\n%s", diff)
	}
	err = w.DB.View(t.Context(), func(v *meta.View) error {
		s, err := access.CheckShare(v, p, made.ID, engine.RightsAll)
		if err == nil && (s.Node.Kind != engine.KindFolder || !s.Node.Parent.IsZero() || s.Node.Owner != w.User.ID) {
			t.Errorf("root folder %+v", s.Node)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

func TestWhoMayCreateWhat(t *testing.T) {
	w := enginetest.New(t)
	other := w.AddUser(t, "other@example.com")
	user, admin := w.As(w.User), w.As(w.Admin)
	unscoped := w.As(w.Admin)
	unscoped.Scopes = []string{engine.ScopeFilesRead, engine.ScopeFilesWrite}
	tests := []struct {
		name string
		p    *engine.Principal
		spec func(*share.CreateSpec)
		kind engine.Kind // 255: made
	}{
		{"project", user, func(s *share.CreateSpec) {}, 255},
		{"own project, owner named", user, func(s *share.CreateSpec) { s.Owner = w.User.ID }, 255},
		{"project for another", user, func(s *share.CreateSpec) { s.Owner = other.ID }, engine.KindForbidden},
		{"project for nobody, by a user", user, func(s *share.CreateSpec) { s.Owner = w.NewID() }, engine.KindForbidden},
		{"project for another, by an administrator", admin, func(s *share.CreateSpec) { s.Owner = other.ID }, 255},
		{"project for nobody, by an administrator", admin, func(s *share.CreateSpec) { s.Owner = w.NewID() }, engine.KindInvalid},
		{"central", user, func(s *share.CreateSpec) { s.Type = engine.ShareCentral }, engine.KindForbidden},
		{"central, by an administrator", admin, func(s *share.CreateSpec) { s.Type = engine.ShareCentral }, 255},
		{"central, without the scope", unscoped, func(s *share.CreateSpec) { s.Type = engine.ShareCentral }, engine.KindForbidden},
		{"personal", user, func(s *share.CreateSpec) { s.Type = engine.SharePersonal }, engine.KindInvalid},
		{"personal, by an administrator", admin, func(s *share.CreateSpec) { s.Type = engine.SharePersonal }, engine.KindInvalid},
		{"no type", user, func(s *share.CreateSpec) { s.Type = 0 }, engine.KindInvalid},
		{"quota of nothing", user, func(s *share.CreateSpec) { s.QuotaBytes = 0 }, 255},
		{"negative quota", user, func(s *share.CreateSpec) { s.QuotaBytes = -2 }, engine.KindInvalid},
		{"huge description", user, func(s *share.CreateSpec) { s.Description = strings.Repeat("x", 4097) }, engine.KindInvalid},
		{"a description that is no text", user, func(s *share.CreateSpec) { s.Description = "\xff" }, engine.KindInvalid},
	}
	for _, tt := range tests {
		spec := project("P")
		tt.spec(&spec)
		_, before, err := w.Shares.List(t.Context(), admin, true, 0, 0)
		if err != nil {
			t.Fatal(err)
		}
		made, err := w.Shares.Create(t.Context(), tt.p, spec)
		if err == nil != (tt.kind == 255) || err != nil && engine.KindOf(err) != tt.kind {
			t.Errorf("%s: %v", tt.name, err)
		}
		_, after, _ := w.Shares.List(t.Context(), admin, true, 0, 0)
		if (after > before) != (err == nil) || (made != nil) != (err == nil) {
			t.Errorf("%s: %v, %d shares, then %d", tt.name, err, before, after)
		}
	}
	// The tenant lets members do it.
	w.Tenant.Settings.ShareCreationByMembers = true
	if err := w.DB.Update(t.Context(), func(tx *meta.Tx) error { return schema.PutTenant(tx, w.Tenant) }); err != nil {
		t.Fatal(err)
	}
	spec := project("C")
	spec.Type = engine.ShareCentral
	if _, err := w.Shares.Create(t.Context(), user, spec); err != nil {
		t.Errorf("central by a member: %v", err)
	}
}

func TestOwnersAreActiveUsers(t *testing.T) {
	w := enginetest.New(t)
	other := w.AddUser(t, "other@example.com")
	for _, status := range []engine.Status{engine.StatusSuspended, engine.StatusPending, engine.StatusDeleted} {
		other.Status = status
		if err := w.DB.Update(t.Context(), func(tx *meta.Tx) error { return schema.PutUser(tx, other) }); err != nil {
			t.Fatal(err)
		}
		spec := project("P")
		spec.Owner = other.ID
		_, err := w.Shares.Create(t.Context(), w.As(w.Admin), spec)
		wants(t, fmt.Sprint("status ", status), err, engine.KindInvalid, "owner_id")
	}
}

func TestNames(t *testing.T) {
	w := enginetest.New(t)
	p := w.As(w.User)
	for _, name := range []string{"", ".", "..", "a/b", "a\\b", "a:b", "a\x00b", "a\nb", "a\x7fb", strings.Repeat("x", 256), "a\xff",
		"CON", "nul.txt", "com1", "ends with space ", "ends with dot.", "a<b", "a>b", `a"b`, "a|b", "a?b", "a*b"} {
		_, err := w.Shares.Create(t.Context(), p, project(name))
		wants(t, fmt.Sprintf("%q", name), err, engine.KindInvalid, "name")
	}
	for _, name := range []string{"a", " a", "ä", "console", "日本語", "a.b", "👩‍🚀", strings.Repeat("x", 255)} {
		if sh, err := w.Shares.Create(t.Context(), p, project(name)); err != nil || sh.Name != name {
			t.Errorf("%q: %v", name, err)
		}
	}
	sh, err := w.Shares.Create(t.Context(), p, project("u\u0308ber")) // as some systems write it
	if err != nil || sh.Name != "\u00fcber" {
		t.Errorf("%+v, %v", sh, err)
	}
	// Without the names of Windows, but a colon parts share and path.
	w.Tenant.Settings.WindowsCompatibleNames = false
	if err := w.DB.Update(t.Context(), func(tx *meta.Tx) error { return schema.PutTenant(tx, w.Tenant) }); err != nil {
		t.Fatal(err)
	}
	for name, ok := range map[string]bool{"CON": true, "a?b": true, "a ": true, "a:b": false, "a/b": false, "..": false} {
		if _, err := w.Shares.Create(t.Context(), p, project(name)); (err == nil) != ok {
			t.Errorf("%q: %v", name, err)
		}
	}
}

func TestGetHidesWhatIsNotTheCallers(t *testing.T) {
	w := enginetest.New(t)
	user, admin := w.As(w.User), w.As(w.Admin)
	stranger := w.As(w.AddUser(t, "other@example.com"))
	if sh, err := w.Shares.Get(t.Context(), user, w.UserShare.ID); err != nil || sh.Name != share.PersonalName || sh.Type != engine.SharePersonal {
		t.Errorf("%+v, %v", sh, err)
	}
	if _, err := w.Shares.Get(t.Context(), admin, w.UserShare.ID); err != nil {
		t.Errorf("the administrator: %v", err)
	}
	_, hidden := w.Shares.Get(t.Context(), stranger, w.UserShare.ID)
	_, unknown := w.Shares.Get(t.Context(), stranger, w.NewID())
	wants(t, "hidden", hidden, engine.KindNotFound, "")
	if hidden.Error() != unknown.Error() {
		t.Errorf("%v differs from %v", hidden, unknown)
	}
	foreign := w.As(w.User)
	foreign.Tenant = 2
	_, err := w.Shares.Get(t.Context(), foreign, w.UserShare.ID)
	wants(t, "from another tenant", err, engine.KindNotFound, "")
}

func TestList(t *testing.T) {
	w := enginetest.New(t)
	user, admin := w.As(w.User), w.As(w.Admin)
	other := w.As(w.AddUser(t, "other@example.com"))
	var gone *engine.Share
	for _, name := range []string{"beta", "Alpha", "ALPHA", "gamma", "zulu", "Ölwechsel", "ölwanne"} {
		sh, err := w.Shares.Create(t.Context(), user, project(name))
		if err != nil {
			t.Fatal(err)
		}
		if name == "gamma" {
			gone = sh
		}
	}
	gone.DeletedAt = w.Now()
	if err := w.DB.Update(t.Context(), func(tx *meta.Tx) error { return schema.PutShare(tx, 1, gone) }); err != nil {
		t.Fatal(err)
	}
	list := func(p *engine.Principal, all bool, limit, offset int) string {
		t.Helper()
		got, total, err := w.Shares.List(t.Context(), p, all, limit, offset)
		if err != nil {
			t.Fatal(err)
		}
		names := make([]string, len(got))
		for i, sh := range got {
			names[i] = sh.Name
		}
		return fmt.Sprintf("%s of %d", strings.Join(names, " "), total)
	}
	for _, tt := range []struct {
		p             *engine.Principal
		all           bool
		limit, offset int
		want          string
	}{
		{user, false, 50, 0, "Alpha ALPHA beta Personal zulu ölwanne Ölwechsel of 7"},
		{user, false, 2, 0, "Alpha ALPHA of 7"},
		{user, false, 3, 2, "beta Personal zulu of 7"},
		{user, false, 3, 6, "Ölwechsel of 7"},
		{user, false, 3, 7, " of 7"},
		{user, false, 3, 1 << 40, " of 7"},
		{user, false, 0, 0, " of 7"},
		{other, false, 50, 0, " of 0"},
		{admin, false, 50, 0, "Personal of 1"},
		{admin, true, 50, 0, "Alpha ALPHA beta Personal Personal zulu ölwanne Ölwechsel of 8"},
		{admin, true, 1, 4, "Personal of 8"},
	} {
		if got := list(tt.p, tt.all, tt.limit, tt.offset); got != tt.want {
			t.Errorf("all=%v, %d from %d: %s, want %s", tt.all, tt.limit, tt.offset, got, tt.want)
		}
	}
	_, _, err := w.Shares.List(t.Context(), user, true, 50, 0)
	wants(t, "all, by a user", err, engine.KindForbidden, "")
	noScope := w.As(w.Admin)
	noScope.Scopes = nil
	_, _, err = w.Shares.List(t.Context(), noScope, true, 50, 0)
	wants(t, "all, without the scope", err, engine.KindForbidden, "")
}

// More shares than one view examines: none is left out, none comes twice.
func TestListOfManyShares(t *testing.T) {
	w := enginetest.New(t)
	const many = 4500
	for from := 0; from < many; from += 500 {
		err := w.DB.Update(t.Context(), func(tx *meta.Tx) error {
			for i := range 500 {
				sh := &engine.Share{ID: w.NewID(), Name: fmt.Sprintf("S%05d", from+i)}
				if err := schema.SetShareOwner(tx, 1, sh, engine.PrincipalUser, w.User.ID); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	seen := map[engine.ID]bool{}
	for offset := 0; offset < many+1; offset += 1000 {
		list, total, err := w.Shares.List(t.Context(), w.As(w.User), false, 1000, offset)
		if err != nil || total != many+1 {
			t.Fatal(total, err)
		}
		for _, sh := range list {
			seen[sh.ID] = true
		}
	}
	if len(seen) != many+1 {
		t.Errorf("%d of %d", len(seen), many+1)
	}
}

func TestDamageRefuses(t *testing.T) {
	w := enginetest.New(t)
	err := w.DB.Update(t.Context(), func(tx *meta.Tx) error { return schema.DeleteNode(tx, 1, w.UserShare.ID) })
	if err != nil {
		t.Fatal(err)
	}
	_, err = w.Shares.Get(t.Context(), w.As(w.User), w.UserShare.ID)
	wants(t, "no root folder", err, engine.KindDamaged, "")
	err = w.DB.Update(t.Context(), func(tx *meta.Tx) error {
		return tx.Put(schema.Shares, schema.ShareKey(1, w.UserShare.ID), []byte{0xff})
	})
	if err != nil {
		t.Fatal(err)
	}
	_, _, err = w.Shares.List(t.Context(), w.As(w.User), false, 50, 0)
	wants(t, "an unreadable share", err, engine.KindDamaged, "")
	nobody := w.As(w.User)
	nobody.Tenant = 3
	_, err = w.Shares.Create(t.Context(), nobody, project("P"))
	wants(t, "no tenant", err, engine.KindDamaged, "")
}
