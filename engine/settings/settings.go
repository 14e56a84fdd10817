// Package settings holds the settings of the process: what each is ([Defs]), where its
// value comes from, and what counts now.
//
// A value comes from a flag, else from an environment variable, else from the config
// file, else from what the console stored, else it is the default. What one of the
// first three says is fixed: nothing can be stored over it.
//
// Invariants: what [Service.Now] gives never changes and is read without a lock; it is
// replaced as a whole, in the order of commits, once what was stored is durable. What
// the process was given is checked before anything is opened. What an earlier or later
// version stored and this one does not take is left where it is, and does not count.
//
// It applies nothing: whoever needs a setting reads it when they need it. Settings of
// tenants and shares are theirs (engine/tenancy, engine/share).
package settings

import (
	"context"
	"fmt"
	"log/slog"
	"net/netip"
	"slices"
	"sync/atomic"
	"time"

	"scaidrive/engine"
	"scaidrive/engine/access"
	"scaidrive/engine/limit"
	"scaidrive/engine/meta"
	"scaidrive/engine/meta/schema"
)

// A Source is where a value comes from.
type Source string

// The sources, the first that says something counts.
const (
	Flag        Source = "flag"
	Environment Source = "environment"
	File        Source = "file"
	Stored      Source = "stored"
	Default     Source = "default"
)

// A Given is a value that the process was given: Source is Flag, Environment or File,
// or Default for one of those that depend on the machine.
type Given struct {
	Name   string
	Text   string // as an environment variable has it
	Source Source
	From   string // "--cors-origins", "SCAIDRIVE_CORS_ORIGINS", or the name of the file
}

// Values are the settings that can change while the process runs, as they count now.
type Values struct {
	AllowedHosts   []string // in lower case; empty: any
	CORSOrigins    []string // as browsers send them
	TrustedProxies []netip.Prefix
	Rates          limit.Budgets
	LogRequests    bool
	ChangelogDays  int64
	ChangelogRows  int64
}

// A Setting is a setting with its value and where that comes from.
type Setting struct {
	Def
	Value  any
	Source Source
	From   string // of what the process was given
	// Locked: the process was given it, or it can't be stored.
	Locked bool
	By     engine.ID // who stored it
	At     time.Time // and when
}

// Options are what a service is made of.
type Options struct {
	DB  *meta.DB
	Env engine.Env
	// Given is what the process was told, what counts first before what counts later.
	Given []Given
	// Test: less than the least may be set where a setting says so.
	Test bool
	Log  *slog.Logger // nil: none
}

// Service knows the settings. Safe for concurrent use.
type Service struct {
	o     Options
	given map[string]fixed
	now   atomic.Pointer[state]
}

type fixed struct {
	value any
	Given
}

// state is what was stored, and what counts because of it.
type state struct {
	stored *engine.Stored
	values Values
}

// New makes the service without what is stored; [Service.Load] reads that. What the
// process was given must be right.
func New(o Options) (*Service, error) {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	s := &Service{o: o, given: map[string]fixed{}}
	for _, g := range o.Given {
		d, ok := Lookup(g.Name)
		if !ok {
			return nil, fmt.Errorf("there is no setting %q", g.Name)
		}
		if g.Text == "" && d.Default == nil {
			continue
		}
		v, err := d.Parse(g.Text, o.Test)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", g.From, said(err))
		}
		if _, had := s.given[g.Name]; !had {
			s.given[g.Name] = fixed{v, g}
		}
	}
	s.now.Store(s.with(&engine.Stored{}))
	return s, nil
}

// Defaults are the values of a process that was told nothing and stored nothing.
func Defaults() *Values {
	s, err := New(Options{})
	if err != nil {
		panic(err) // the defaults break their own rules
	}
	return s.Now()
}

// Load reads what is stored. It is called before anybody asks.
func (s *Service) Load(ctx context.Context) error {
	var st *engine.Stored
	err := s.o.DB.View(ctx, func(v *meta.View) (err error) {
		st, err = schema.GetStored(v)
		return err
	})
	if err != nil {
		return engine.Wrap("settings.Load", err)
	}
	for _, one := range st.Settings {
		d, ok := Lookup(one.Name)
		if ok && d.Stored {
			_, err = d.Parse(one.Text, s.o.Test)
		}
		if !ok || !d.Stored || err != nil {
			s.o.Log.Warn("a stored setting does not count in this version", "setting", one.Name, "err", err)
		}
	}
	s.now.Store(s.with(st))
	return nil
}

// Now gives what counts. Nobody may change it.
func (s *Service) Now() *Values { return &s.now.Load().values }

// with gives what counts when that is stored.
func (s *Service) with(st *engine.Stored) *state {
	n := &state{stored: st}
	for _, one := range s.list(st) {
		switch one.Name {
		case AllowedHosts:
			n.values.AllowedHosts = one.Value.([]string)
		case CORSOrigins:
			n.values.CORSOrigins = one.Value.([]string)
		case TrustedProxies:
			for _, text := range one.Value.([]string) {
				n.values.TrustedProxies = append(n.values.TrustedProxies, netip.MustParsePrefix(text)) // its normal form
			}
		case RateLimitProfile:
			if n.values.Rates = limit.Appliance(); one.Value == ProfilePublic {
				n.values.Rates = limit.Public()
			}
		case LogRequests:
			n.values.LogRequests = one.Value.(bool)
		case ChangelogDays:
			n.values.ChangelogDays = one.Value.(int64)
		case ChangelogRows:
			n.values.ChangelogRows = one.Value.(int64)
		}
	}
	return n
}

func (s *Service) list(st *engine.Stored) []Setting {
	var all []Setting
	for _, d := range Defs() {
		one := Setting{Def: d, Value: d.Default, Source: Default, Locked: !d.Stored}
		if i := find(st, d.Name); i >= 0 && d.Stored {
			was := &st.Settings[i]
			if v, err := d.Parse(was.Text, s.o.Test); err == nil {
				one.Value, one.Source, one.By, one.At = v, Stored, was.By, was.At
			}
		}
		if f, ok := s.given[d.Name]; ok {
			one.Value, one.Source, one.From = f.value, f.Source, f.From
			one.By, one.At = engine.ID{}, time.Time{}
			one.Locked = one.Locked || f.Source != Default
		}
		all = append(all, one)
	}
	return all
}

func find(st *engine.Stored, name string) int {
	return slices.IndexFunc(st.Settings, func(one engine.StoredSetting) bool { return one.Name == name })
}

// List gives all settings, in the order of [Defs]; for super_admins.
func (s *Service) List(p *engine.Principal) ([]Setting, error) {
	if err := access.AdministersServer(p); err != nil {
		return nil, err
	}
	return s.list(s.now.Load().stored), nil
}

// A Change is what to do with a setting: store Value, or with nil nothing any more, so
// that the default counts.
type Change struct {
	Name  string
	Value any
}

// Change stores settings, all of them or none; for super_admins. They count when it
// returns. One that the process was given is KindConflict, a value that breaks a rule
// KindInvalid. may, when not nil, can refuse what would count.
func (s *Service) Change(ctx context.Context, p *engine.Principal, changes []Change, may func(*Values) error) ([]Setting, error) {
	if err := access.AdministersServer(p); err != nil {
		return nil, err
	}
	texts := make([]string, len(changes))
	for i, c := range changes {
		d, ok := Lookup(c.Name)
		if !ok || !d.Stored {
			return nil, engine.Invalid(c.Name, "There is no such setting that can be stored")
		}
		if f, fixed := s.given[c.Name]; fixed {
			return nil, engine.E(engine.KindConflict, "The setting %s is fixed by %s and can only be changed there", c.Name, f.From)
		}
		if c.Value == nil {
			continue
		}
		v, err := d.Check(c.Value, s.o.Test)
		if err != nil {
			return nil, err
		}
		texts[i] = d.Format(v)
	}
	if len(changes) == 0 {
		return s.List(p)
	}
	now := s.o.Env.Now()
	var next *engine.Stored
	err := s.o.DB.Update(ctx, func(tx *meta.Tx) error {
		if err := access.AdministersServerNow(tx, p); err != nil {
			return err
		}
		had, err := schema.GetStored(tx)
		if err != nil {
			return err
		}
		next = &engine.Stored{Settings: slices.Clone(had.Settings), Extra: had.Extra}
		for i, c := range changes {
			at := find(next, c.Name)
			switch {
			case c.Value == nil && at >= 0:
				next.Settings = slices.Delete(next.Settings, at, at+1)
			case c.Value == nil, at >= 0 && next.Settings[at].Text == texts[i]:
			case at >= 0:
				next.Settings[at].Text, next.Settings[at].By, next.Settings[at].At = texts[i], p.User, now
			default:
				next.Settings = append(next.Settings, engine.StoredSetting{Name: c.Name, Text: texts[i], By: p.User, At: now})
			}
		}
		then := s.with(next)
		if may != nil {
			if err := may(&then.values); err != nil {
				return err
			}
		}
		tx.OnCommit(func() { s.now.Store(then) })
		return schema.PutStored(tx, next)
	})
	if err != nil {
		return nil, engine.Wrap("settings.Change", err)
	}
	for i, c := range changes {
		s.o.Log.Info("setting changed", "setting", c.Name, "value", texts[i], "default", c.Value == nil, "user", p.User.Format(engine.PrefixUser))
	}
	return s.list(next), nil
}
