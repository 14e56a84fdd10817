package acl

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strconv"

	"scaidrive/engine"
	"scaidrive/engine/access"
	"scaidrive/engine/meta"
	"scaidrive/engine/meta/schema"
	"scaidrive/engine/tree"
)

// A Place is where an entry stands. Who may READ the object has the way to it in
// sight; for others there is only the path of what they may READ.
type Place struct {
	Resource
	Path string
	Seen bool
}

// A Listed is an entry with what its principal is called.
type Listed struct {
	engine.Entry
	Name, Email string // empty when the principal is gone
	// From is where an inherited entry stands; nil: on the object itself. Its scope is
	// then told as seen from the object.
	From *Place
}

// A List is what is said about an object.
type List struct {
	Resource Resource
	Inherits bool
	Owner    engine.ID
	// Own are the explicit entries in canonical order; Inherited those that come from
	// above, the nearest first.
	Own, Inherited []Listed
	Tag            string // of the explicit entries and the cut
}

// Entries lists what is said about a resource. It needs MANAGE_PERMISSIONS on it.
func (s *Service) Entries(ctx context.Context, p *engine.Principal, res Resource) (l *List, err error) {
	err = s.db.View(ctx, func(v *meta.View) error {
		sub, _, err := manage(v, p, res)
		if err == nil {
			l, err = list(v, p, res, sub)
		}
		return err
	})
	return l, engine.Wrap("acl.Entries", err)
}

func list(r schema.Reader, p *engine.Principal, res Resource, sub *access.Subject) (*List, error) {
	l := &List{Resource: res, Inherits: !sub.Node.CutOff, Owner: sub.Node.Owner, Tag: tag(sub.Node)}
	own, err := schema.GetEntries(r, p.Tenant, sub.Node)
	if err != nil {
		return nil, err
	}
	names := map[engine.ID]Listed{}
	for _, e := range own {
		if err := l.add(r, p.Tenant, names, e, nil); err != nil {
			return nil, err
		}
	}
	above, err := inherited(r, p.Tenant, sub)
	if err != nil {
		return nil, err
	}
	for _, a := range above {
		from, err := place(r, p, sub, a.level)
		if err != nil {
			return nil, err
		}
		for _, e := range a.entries {
			if err := l.add(r, p.Tenant, names, e, from); err != nil {
				return nil, err
			}
		}
	}
	return l, nil
}

func (l *List) add(r schema.Reader, t engine.TenantNo, names map[engine.ID]Listed, e engine.Entry, from *Place) error {
	it, known := names[e.Principal]
	if !known {
		var live bool
		var err error
		if it.Name, it.Email, live, err = named(r, t, e.Kind, e.Principal); err != nil {
			return err
		}
		if !live {
			it.Name, it.Email = "", ""
		}
		names[e.Principal] = it
	}
	it.Entry, it.From = e, from
	if from == nil {
		l.Own = append(l.Own, it)
	} else {
		l.Inherited = append(l.Inherited, it)
	}
	return nil
}

// An above is what comes from one object on the way up.
type above struct {
	level   int // in the subject's path
	entries []engine.Entry
}

// inherited gives the entries from above that count for a subject or for something
// below it, as seen from it, the nearest first.
func inherited(r schema.Reader, t engine.TenantNo, sub *access.Subject) ([]above, error) {
	var all []above
	at := sub.Node
	for i := len(sub.Path) - 1; i >= 0 && !at.CutOff; i-- {
		at = sub.Path[i]
		if at.Entries == (engine.Seal{}) {
			continue
		}
		list, err := schema.GetEntries(r, t, at)
		if err != nil {
			return nil, err
		}
		a := above{level: i}
		for _, e := range list {
			if e, counts := e.Inherited(len(sub.Path)-i, sub.Node.Kind); counts {
				a.entries = append(a.entries, e)
			}
		}
		if len(a.entries) > 0 {
			all = append(all, a)
		}
	}
	return all, nil
}

// place tells where the level-th folder above a subject is; the one at the length of
// its path is the subject itself.
func place(r schema.Reader, p *engine.Principal, sub *access.Subject, level int) (*Place, error) {
	at := sub
	if level < len(sub.Path) {
		at = &access.Subject{Node: sub.Path[level], Share: sub.Share, Path: sub.Path[:level]}
	}
	to := &Place{Resource: Resource{engine.ResourceFolder, at.Node.ID}}
	switch {
	case at.Node.ID == sub.Share.ID:
		to.Kind = engine.ResourceShare
	case at.Node.Kind == engine.KindFile:
		to.Kind = engine.ResourceFile
	}
	for _, s := range [2]*access.Subject{sub, at} {
		have, err := access.Rights(r, p, s)
		if err != nil {
			return nil, err
		}
		to.Seen = to.Seen || have&engine.RightRead != 0
	}
	if to.Seen {
		to.Path = tree.Locate(at).Path
	}
	return to, nil
}

// A Spec is an entry as somebody wants it.
type Spec struct {
	Type      engine.EntryType
	Kind      engine.PrincipalKind
	Principal engine.ID // zero for everyone
	Rights    engine.Right
	AppliesTo engine.AppliesTo
	OneLevel  bool
}

// A key tells the entries of an object apart.
type key struct {
	kind      engine.PrincipalKind
	principal engine.ID
	typ       engine.EntryType
	applies   engine.AppliesTo
	oneLevel  bool
}

func keyOf(e *engine.Entry) key { return key{e.Kind, e.Principal, e.Type, e.AppliesTo, e.OneLevel} }

// check answers nil for a spec that can stand on a node of a kind. field begins the
// names of its fields.
func (e *Spec) check(r schema.Reader, t engine.TenantNo, on engine.NodeKind, field string) error {
	switch {
	case e.Type != engine.EntryAllow && e.Type != engine.EntryDeny:
		return engine.Invalid(field+"ace_type", "Must be allow or deny")
	case e.Rights == 0:
		return engine.Invalid(field+"permissions", "Must name at least one right")
	case e.Rights&^engine.RightsAll != 0:
		return engine.Invalid(field+"permissions", "Names an unknown right")
	case e.AppliesTo < engine.AppliesToThisAndDescendants || e.AppliesTo > engine.AppliesToFilesOnly:
		return engine.Invalid(field+"applies_to", "Unknown choice")
	case on == engine.KindFile && e.AppliesTo >= engine.AppliesToDescendantsOnly:
		return engine.Invalid(field+"applies_to", "Nothing lies below a file")
	case e.OneLevel && (on == engine.KindFile || e.AppliesTo == engine.AppliesToThisOnly):
		return engine.Invalid(field+"one_level", "Must be false where nothing is inherited")
	}
	_, _, live, err := named(r, t, e.Kind, e.Principal)
	if err == nil && !live {
		err = engine.Invalid(field+"principal_id", "Must be a user or a group of this tenant, or everyone")
	}
	return err
}

func (s *Service) entry(p *engine.Principal, e *Spec) engine.Entry {
	return engine.Entry{
		ID: s.env.NewID(), Type: e.Type, Kind: e.Kind, Principal: e.Principal, Rights: e.Rights,
		AppliesTo: e.AppliesTo, OneLevel: e.OneLevel, CreatedBy: p.User, CreatedAt: s.env.Now(),
	}
}

// Set adds an entry to a resource's, or gives the one of the same principal, type and
// scope other rights; made is false then. It needs MANAGE_PERMISSIONS, and of
// who has it by no role the rights that it lifts (KindForbidden). KindInvalid names
// the field; KindConflict: there are engine.MaxEntries.
func (s *Service) Set(ctx context.Context, p *engine.Principal, res Resource, spec Spec, match Match) (it *Listed, made bool, err error) {
	err = s.change(ctx, p, res, match, func(c *change) error {
		if err := spec.check(c.w, p.Tenant, c.sub.Node.Kind, ""); err != nil {
			return err
		}
		next := s.entry(p, &spec)
		made = true
		for i := range c.was {
			if keyOf(&c.was[i]) == keyOf(&next) {
				c.is[i].Rights = spec.Rights
				made, next = false, c.is[i]
			}
		}
		if made {
			c.is = append(c.is, next)
		}
		it = &Listed{Entry: next}
		it.Name, it.Email, _, err = named(c.w, p.Tenant, next.Kind, next.Principal)
		return err
	})
	if err != nil {
		return nil, false, engine.Wrap("acl.Set", err)
	}
	return it, made, nil
}

// Replace replaces all explicit entries of a resource, and with inherit the cut: one
// that begins drops what was inherited. The entries must be in canonical order, each
// principal, type and scope once. What stays keeps its ID, also when its
// principal is gone meanwhile.
func (s *Service) Replace(ctx context.Context, p *engine.Principal, res Resource, specs []Spec, inherit *bool, match Match) (l *List, err error) {
	err = s.change(ctx, p, res, match, func(c *change) error {
		if len(specs) > engine.MaxEntries {
			return engine.Invalid("entries", "An object has at most %d entries", engine.MaxEntries)
		}
		was := map[key]engine.Entry{}
		for i := range c.was {
			was[keyOf(&c.was[i])] = c.was[i]
		}
		c.is = nil
		seen := map[key]bool{}
		for i := range specs {
			field := "entries." + strconv.Itoa(i) + "."
			next := s.entry(p, &specs[i])
			k := keyOf(&next)
			old, stays := was[k]
			if stays {
				next, next.Rights = old, specs[i].Rights
			}
			if !stays || specs[i].Rights != old.Rights {
				if err := specs[i].check(c.w, p.Tenant, c.sub.Node.Kind, field); err != nil {
					return err
				}
			}
			if seen[k] {
				return engine.Invalid(field+"applies_to", "There is an entry of this principal, ace_type and scope before it")
			}
			seen[k] = true
			if i > 0 && next.Type == engine.EntryDeny && c.is[i-1].Type == engine.EntryAllow {
				return engine.Invalid(field+"ace_type", "Entries that deny come before those that allow")
			}
			c.is = append(c.is, next)
		}
		if inherit != nil {
			if err := c.setInherit(*inherit, false); err != nil {
				return err
			}
		}
		return nil
	}, func(c *change) error {
		l, err = list(c.w, p, res, c.sub)
		return err
	})
	if err != nil {
		return nil, engine.Wrap("acl.Replace", err)
	}
	return l, nil
}

// Remove takes the entries of a principal and type off a resource; of a zero applies
// all of them. There is none: KindNotFound.
func (s *Service) Remove(ctx context.Context, p *engine.Principal, res Resource, kind engine.PrincipalKind, principal engine.ID, typ engine.EntryType, applies engine.AppliesTo, match Match) error {
	err := s.change(ctx, p, res, match, func(c *change) error {
		c.is = slices.DeleteFunc(c.is, func(e engine.Entry) bool {
			return e.Kind == kind && e.Principal == principal && e.Type == typ && (applies == 0 || e.AppliesTo == applies)
		})
		if len(c.is) == len(c.was) {
			return engine.E(engine.KindNotFound, "There is no such entry")
		}
		return nil
	})
	return engine.Wrap("acl.Remove", err)
}

// A change is what is to become of what is said about an object.
type change struct {
	w    schema.Writer
	p    *engine.Principal
	sub  *access.Subject
	have engine.Right // of the caller, before

	was, is []engine.Entry // explicit
	cut     bool           // off, after
	dropped []engine.Entry // that were inherited and are not any more
	gained  []engine.Entry // that are inherited and were not
}

// change runs plan, checks what came of it and writes it; then, in the same mutation.
func (s *Service) change(ctx context.Context, p *engine.Principal, res Resource, match Match, plan func(*change) error, then ...func(*change) error) error {
	return s.db.Update(ctx, func(tx *meta.Tx) error {
		sub, have, err := manage(tx, p, res)
		if err != nil {
			return err
		}
		if err := match.check(sub.Node); err != nil {
			return err
		}
		c := &change{w: tx, p: p, sub: sub, have: have, cut: sub.Node.CutOff}
		if c.was, err = schema.GetEntries(tx, p.Tenant, sub.Node); err != nil {
			return err
		}
		c.is = slices.Clone(c.was)
		if err := plan(c); err != nil {
			return err
		}
		if err := s.write(c); err != nil {
			return err
		}
		for _, f := range then {
			if err := f(c); err != nil {
				return err
			}
		}
		return nil
	})
}

// canonical puts denials before grants and leaves the order otherwise.
func canonical(list []engine.Entry) {
	slices.SortStableFunc(list, func(a, b engine.Entry) int { return int(b.Type) - int(a.Type) })
}

// write checks and writes a change. One that changes nothing leaves no trace.
func (s *Service) write(c *change) error {
	if len(c.is) > engine.MaxEntries {
		return engine.E(engine.KindConflict, "An object has at most %d entries", engine.MaxEntries)
	}
	canonical(c.is)
	n := c.sub.Node
	same := slices.EqualFunc(c.was, c.is, sameEntry)
	if same && c.cut == n.CutOff {
		return nil
	}
	ruling, err := rules(c.w, c.p, c.sub.Share)
	if err != nil {
		return err
	}
	if !ruling {
		beyond, err := c.beyond()
		if err != nil {
			return err
		}
		if beyond != 0 {
			return engine.E(engine.KindForbidden, "You can't grant what you may not do yourself: %s", access.Names(beyond))
		}
	}
	affected := c.affected()
	if c.cut != n.CutOff {
		if err := schema.Cut(c.w, c.p.Tenant, c.sub.Share, n, c.cut); err != nil {
			return err
		}
	}
	if !same {
		if err := schema.PutEntries(c.w, c.p.Tenant, c.sub.Share, n, c.is); err != nil {
			return fmt.Errorf("write the entries: %w", err)
		}
	}
	return s.tree.AccessChanged(c.w, c.p, c.sub, affected)
}

func sameEntry(a, b engine.Entry) bool {
	return a.ID == b.ID && keyOf(&a) == keyOf(&b) && a.Rights == b.Rights
}

// affected are those whom the change is about: everyone, where what is inherited
// changes.
func (c *change) affected() []engine.ID {
	if c.cut != c.sub.Node.CutOff {
		return []engine.ID{{}}
	}
	set := map[engine.ID]bool{}
	for _, list := range [2][2][]engine.Entry{{c.was, c.is}, {c.is, c.was}} {
		for _, e := range list[0] {
			if !slices.ContainsFunc(list[1], func(o engine.Entry) bool { return sameEntry(e, o) }) {
				set[e.Principal] = true
			}
		}
	}
	all := make([]engine.ID, 0, len(set))
	for id := range set {
		all = append(all, id)
	}
	slices.SortFunc(all, func(a, b engine.ID) int { return bytes.Compare(a[:], b[:]) })
	return all
}
