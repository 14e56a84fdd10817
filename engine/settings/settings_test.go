package settings_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"scaidrive/engine"
	"scaidrive/engine/enginetest"
	"scaidrive/engine/limit"
	"scaidrive/engine/meta"
	"scaidrive/engine/meta/schema"
	"scaidrive/engine/settings"
)

func open(t *testing.T, w *enginetest.World, given ...settings.Given) *settings.Service {
	t.Helper()
	s, err := settings.New(settings.Options{DB: w.DB, Env: w.Env(), Given: given})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Load(t.Context()); err != nil {
		t.Fatal(err)
	}
	return s
}

func super(w *enginetest.World) *engine.Principal {
	p := w.As(w.Admin)
	p.Role, p.Scopes = engine.RoleSuperAdmin, []string{engine.ScopeAdmin}
	return p
}

func change(t *testing.T, s *settings.Service, p *engine.Principal, name string, value any) {
	t.Helper()
	if _, err := s.Change(t.Context(), p, []settings.Change{{Name: name, Value: value}}, nil); err != nil {
		t.Fatal(err)
	}
}

// shown gives a setting as "value source from locked".
func shown(t *testing.T, s *settings.Service, p *engine.Principal, name string) string {
	t.Helper()
	list, err := s.List(p)
	if err != nil {
		t.Fatal(err)
	}
	for _, one := range list {
		if one.Name == name {
			return fmt.Sprintf("%v %s %s %v", one.Value, one.Source, one.From, one.Locked)
		}
	}
	t.Fatalf("no setting %s", name)
	return ""
}

// A value comes from the first that says something: flag, variable, file, store, default.
func TestWhereAValueComesFrom(t *testing.T) {
	w := enginetest.New(t)
	p := super(w)
	flag := settings.Given{Name: settings.ChangelogDays, Text: "101", Source: settings.Flag, From: "--changelog-days"}
	env := settings.Given{Name: settings.ChangelogDays, Text: "102", Source: settings.Environment, From: "SCAIDRIVE_CHANGELOG_DAYS"}
	file := settings.Given{Name: settings.ChangelogDays, Text: "103", Source: settings.File, From: "f.json"}
	s := open(t, w)
	if got := shown(t, s, p, settings.ChangelogDays); got != "90 default  false" {
		t.Error(got)
	}
	change(t, s, p, settings.ChangelogDays, int64(104))
	for _, c := range []struct {
		given []settings.Given
		want  string
		now   int64
	}{
		{nil, "104 stored  false", 104},
		{[]settings.Given{file}, "103 file f.json true", 103},
		{[]settings.Given{env, file}, "102 environment SCAIDRIVE_CHANGELOG_DAYS true", 102},
		{[]settings.Given{flag, env, file}, "101 flag --changelog-days true", 101},
	} {
		s := open(t, w, c.given...)
		if got := shown(t, s, p, settings.ChangelogDays); got != c.want || s.Now().ChangelogDays != c.now {
			t.Errorf("%s, %d; want %s", got, s.Now().ChangelogDays, c.want)
		}
		list, _ := s.List(p)
		for _, one := range list {
			if one.Name == settings.ChangelogDays && one.By.IsZero() == (c.given == nil) {
				t.Errorf("%s: stored by %v", c.want, one.By)
			}
		}
		_, err := s.Change(t.Context(), p, []settings.Change{{Name: settings.ChangelogDays}}, nil)
		if (err != nil) != (c.given != nil) || err != nil && engine.KindOf(err) != engine.KindConflict {
			t.Errorf("%s: a change: %v", c.want, err)
		}
		if c.given == nil {
			change(t, s, p, settings.ChangelogDays, int64(104))
		}
	}
}

// What is stored counts at once and after a restart; null is the default again.
func TestChangeCountsAtOnceAndStays(t *testing.T) {
	w := enginetest.New(t)
	p, s := super(w), open(t, w)
	before := s.Now()
	list, err := s.Change(t.Context(), p, []settings.Change{
		{settings.CORSOrigins, []string{"https://B.example.com", "https://a.example.com"}}, {settings.RateLimitProfile, "public"}, {settings.LogRequests, false},
		{settings.TrustedProxies, []string{"10.1.1.1/8"}}, {settings.AllowedHosts, []string{}},
	}, nil)
	if err != nil || len(list) != len(settings.Defs()) {
		t.Fatal(len(list), err)
	}
	for _, s := range []*settings.Service{s, open(t, w)} {
		v := s.Now()
		if fmt.Sprint(v.CORSOrigins) != "[https://b.example.com https://a.example.com]" || v.Rates != limit.Public() || v.LogRequests || fmt.Sprint(v.TrustedProxies) != "[10.0.0.0/8]" || v.ChangelogDays != 90 {
			t.Errorf("%+v", v)
		}
		if got := shown(t, s, p, settings.AllowedHosts); got != "[] stored  false" {
			t.Error(got)
		}
	}
	if len(before.CORSOrigins) != 0 || !before.LogRequests {
		t.Error("what was given out has changed")
	}
	list, err = s.Change(t.Context(), p, []settings.Change{{Name: settings.LogRequests}, {Name: settings.AllowedHosts}, {Name: settings.ChangelogRows}}, nil)
	if err != nil || !s.Now().LogRequests || s.Now().Rates != limit.Public() {
		t.Error(err, s.Now())
	}
	for _, one := range list {
		if stored := one.Source == settings.Stored; stored != (one.By == p.User) || stored == one.At.IsZero() {
			t.Errorf("%+v", one)
		}
	}
}

// All or nothing, and by whom it may.
func TestChangeIsRefused(t *testing.T) {
	w := enginetest.New(t)
	p, s := super(w), open(t, w)
	user, scopeless, roleless := w.As(w.User), super(w), super(w)
	scopeless.Scopes, roleless.Role = []string{engine.ScopeTenantAdmin}, engine.RoleTenantAdmin
	demoted := super(w)
	demoted.User = w.User.ID // whose stored role is none
	good := settings.Change{Name: settings.LogRequests, Value: false}
	veto := errors.New("vetoed")
	for _, c := range []struct {
		name    string
		who     *engine.Principal
		changes []settings.Change
		may     func(*settings.Values) error
		kind    engine.Kind
	}{
		{"a user", user, []settings.Change{good}, nil, engine.KindForbidden},
		{"without the scope", scopeless, []settings.Change{good}, nil, engine.KindForbidden},
		{"without the role", roleless, []settings.Change{good}, nil, engine.KindForbidden},
		{"whose role is gone", demoted, []settings.Change{good}, nil, engine.KindForbidden},
		{"one is wrong", p, []settings.Change{good, {settings.ChangelogDays, int64(1)}}, nil, engine.KindInvalid},
		{"of another kind", p, []settings.Change{{settings.ChangelogDays, "90"}}, nil, engine.KindInvalid},
		{"no setting", p, []settings.Change{good, {"nothing", true}}, nil, engine.KindInvalid},
		{"not to store", p, []settings.Change{{settings.Data, "/x"}}, nil, engine.KindInvalid},
		{"vetoed", p, []settings.Change{good}, func(v *settings.Values) error {
			if v.LogRequests {
				t.Error("the veto sees what was before")
			}
			return veto
		}, engine.KindInternal},
	} {
		if _, err := s.Change(t.Context(), c.who, c.changes, c.may); err == nil || engine.KindOf(err) != c.kind {
			t.Errorf("%s: %v", c.name, err)
		}
		if !s.Now().LogRequests {
			t.Fatalf("%s: the change counts", c.name)
		}
	}
	for _, who := range []*engine.Principal{user, scopeless, roleless} {
		if _, err := s.List(who); engine.KindOf(err) != engine.KindForbidden {
			t.Errorf("a list: %v", err)
		}
	}
	if open(t, w).Now().LogRequests != true {
		t.Error("something was stored")
	}
}

// What another version stored stays where it is and does not count.
func TestUnknownStoredSettings(t *testing.T) {
	w := enginetest.New(t)
	err := w.DB.Update(t.Context(), func(tx *meta.Tx) error {
		return schema.PutStored(tx, &engine.Stored{Settings: []engine.StoredSetting{
			{Name: "of_a_later_version", Text: "x"}, {Name: settings.ChangelogDays, Text: "1"}, {Name: settings.Data, Text: "/elsewhere"}, {Name: settings.LogRequests, Text: "false"},
		}})
	})
	if err != nil {
		t.Fatal(err)
	}
	p, s := super(w), open(t, w)
	if got := shown(t, s, p, settings.ChangelogDays) + ", " + shown(t, s, p, settings.Data) + ", " + shown(t, s, p, settings.LogRequests); got != "90 default  false, ./data default  true, false stored  false" {
		t.Error(got)
	}
	change(t, s, p, settings.LogRequests, nil)
	err = w.DB.View(t.Context(), func(v *meta.View) error {
		st, err := schema.GetStored(v)
		if err == nil && len(st.Settings) != 3 {
			t.Errorf("%+v", st)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

func TestWhatTheProcessIsGivenIsChecked(t *testing.T) {
	for _, g := range []settings.Given{
		{Name: "nothing", Text: "x", From: "--nothing"}, {Name: settings.CORSOrigins, Text: "*", From: "--cors-origins"}, {Name: settings.Memory, Text: "much", From: "--memory"},
	} {
		_, err := settings.New(settings.Options{Given: []settings.Given{g}})
		if err == nil || !strings.Contains(err.Error(), strings.TrimPrefix(g.From, "--")) && g.Name != settings.CORSOrigins {
			t.Errorf("%+v: %v", g, err)
		}
	}
}

// Many change at once: what counts in the end is what is stored.
func TestChangesAtOnce(t *testing.T) {
	w := enginetest.New(t)
	p, s := super(w), open(t, w)
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for j := range 10 {
				_, err := s.Change(t.Context(), p, []settings.Change{{settings.ChangelogDays, int64(100 + 10*i + j)}}, nil)
				if err != nil {
					t.Error(err)
				}
				_ = s.Now().ChangelogDays
			}
		})
	}
	wg.Wait()
	if now, stored := s.Now().ChangelogDays, open(t, w).Now().ChangelogDays; now != stored {
		t.Errorf("%d counts, %d is stored", now, stored)
	}
}
