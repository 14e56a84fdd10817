package acl_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"testing"
	"time"

	"scaidrive/engine"
	"scaidrive/engine/acl"
	"scaidrive/engine/enginetest"
	"scaidrive/engine/people"
	"scaidrive/engine/share"
	"scaidrive/engine/tree"
)

// The reference knows the rules as an administrator knows them from a dialog: each
// entry has the four flags that stand behind its choice. It shares no code with what
// decides.
type flags struct{ files, folders, only, one bool } // OI, CI, IO, NP

var choices = map[engine.AppliesTo]flags{
	engine.AppliesToThisAndDescendants: {files: true, folders: true},
	engine.AppliesToThisOnly:           {},
	engine.AppliesToThisAndFolders:     {folders: true},
	engine.AppliesToThisAndFiles:       {files: true},
	engine.AppliesToDescendantsOnly:    {files: true, folders: true, only: true},
	engine.AppliesToFoldersOnly:        {folders: true, only: true},
	engine.AppliesToFilesOnly:          {files: true, only: true},
}

type said struct {
	flags
	deny   bool
	kind   engine.PrincipalKind
	who    engine.ID
	rights engine.Right
}

func (s said) like(o said) bool { s.rights = o.rights; return s == o }

type thing struct {
	id, parent, share engine.ID
	folder            bool
	name              string
	owner             engine.ID
	cut, deleted      bool
	said              []said
}

type membership struct {
	rights engine.Right
	until  time.Time
}

type model struct {
	things  map[engine.ID]*thing
	order   []engine.ID
	owners  map[engine.ID]engine.ID // of shares
	members map[engine.ID]map[engine.ID]membership
	in      map[engine.ID]map[engine.ID]bool // group -> who is in it
	admins  map[engine.ID]bool
}

// circle is everybody that a user is one of.
func (m *model) circle(user engine.ID) map[engine.ID]bool {
	is := map[engine.ID]bool{user: true}
	for changed := true; changed; {
		changed = false
		for g, list := range m.in {
			for who := range list {
				if is[who] && !is[g] {
					is[g], changed = true, true
				}
			}
		}
	}
	return is
}

func (m *model) live(t *thing) bool {
	for {
		if t.deleted {
			return false
		}
		if t.parent.IsZero() {
			return true
		}
		t = m.things[t.parent]
	}
}

// may decides one right by walking up, once more for each right.
func (m *model) may(user engine.ID, t *thing, right engine.Right, now time.Time) bool {
	if m.admins[user] {
		return true
	}
	is := m.circle(user)
	var role engine.Right
	for who, ms := range m.members[t.share] {
		if is[who] && (ms.until.IsZero() || now.Before(ms.until)) {
			role |= ms.rights
		}
	}
	owner := is[m.owners[t.share]]
	if owner {
		role = engine.RightsAll
	}
	if right == engine.RightManage && (owner || role != 0 && t.owner == user && !t.parent.IsZero()) {
		return true
	}
	at := t
	for distance := 0; ; distance++ {
		for _, deny := range []bool{true, false} {
			for _, s := range at.said {
				if s.deny != deny || s.rights&right == 0 || s.kind != engine.PrincipalEveryone && !is[s.who] {
					continue
				}
				counts := !s.only
				if distance > 0 {
					counts = (t.folder && s.folders || !t.folder && s.files) && (!s.one || distance == 1)
				}
				if counts {
					return !deny
				}
			}
		}
		if at.cut || at.parent.IsZero() {
			return role&right != 0
		}
		at = m.things[at.parent]
	}
}

// inherits gives what a thing has from above, as it would stand on it.
func (m *model) inherits(t *thing) (list []said) {
	at := t
	for distance := 1; !at.cut && !at.parent.IsZero(); distance++ {
		at = m.things[at.parent]
		for _, s := range at.said {
			if s.one && distance > 1 || !s.files && !s.folders {
				continue
			}
			switch {
			case !t.folder && s.files, t.folder && s.folders && s.one:
				s.flags = flags{}
			case !t.folder, s.one:
				continue
			case s.folders:
				s.only = false
			default:
				s.only = true
			}
			list = append(list, s)
		}
	}
	return list
}

func (t *thing) say(s said) {
	for i := range t.said {
		if t.said[i].like(s) {
			t.said[i].rights = s.rights
			return
		}
	}
	t.said = append(t.said, s)
}

// A play drives the real services and the model side by side.
type play struct {
	*model
	t      *testing.T
	w      *enginetest.World
	tree   *tree.Service
	acl    *acl.Service
	people *people.Service
	rng    *rand.Rand
	users  []*engine.Principal
	groups []engine.ID
	shares []engine.ID
	n      int // names given
	asked  int // decisions compared
	made   map[string]int

	done, refused map[string]int // operations by users
}

func newPlay(t *testing.T, seed uint64) *play {
	w := enginetest.New(t)
	p := &play{
		t: t, w: w, rng: rand.New(rand.NewPCG(seed, 1)), made: map[string]int{}, done: map[string]int{}, refused: map[string]int{},
		model: &model{
			things: map[engine.ID]*thing{}, owners: map[engine.ID]engine.ID{}, members: map[engine.ID]map[engine.ID]membership{},
			in: map[engine.ID]map[engine.ID]bool{}, admins: map[engine.ID]bool{w.Admin.ID: true},
		},
	}
	p.tree = tree.New(w.DB, w.Env())
	if err := p.tree.Prepare(t.Context()); err != nil {
		t.Fatal(err)
	}
	p.acl = acl.New(w.DB, p.tree, w.Env())
	p.people = people.New(w.DB, w.Env(), w.Identity, w.Shares)
	p.users = append(p.users, w.As(w.Admin), w.As(w.User))
	for i := range 6 {
		p.users = append(p.users, w.As(w.AddUser(t, fmt.Sprintf("u%d@example.com", i))))
	}
	for _, u := range p.users {
		u.Memo = &engine.Memo{}
	}
	for range 5 {
		p.newGroup()
	}
	for i := range 2 {
		sh, err := w.Shares.Create(t.Context(), p.users[1+i], share.CreateSpec{Name: "S" + strconv.Itoa(i), Type: engine.ShareProject, QuotaBytes: -1})
		if err != nil {
			t.Fatal(err)
		}
		p.shares = append(p.shares, sh.ID)
		p.owners[sh.ID], p.members[sh.ID] = sh.Owner, map[engine.ID]membership{}
		p.add(&thing{id: sh.ID, share: sh.ID, folder: true, owner: sh.Owner})
	}
	for range 24 {
		p.grow()
	}
	return p
}

func (p *play) add(t *thing) {
	p.things[t.id] = t
	p.order = append(p.order, t.id)
}

func (p *play) admin() *engine.Principal { return p.users[0] }

func (p *play) must(err error) {
	p.t.Helper()
	if err != nil {
		p.t.Fatal(err)
	}
}

func (p *play) newGroup() {
	p.n++
	g, err := p.people.CreateGroup(p.t.Context(), p.admin(), "g"+strconv.Itoa(p.n), "")
	p.must(err)
	p.groups = append(p.groups, g.ID)
	p.in[g.ID] = map[engine.ID]bool{}
}

// pick gives a random live thing that fits.
func (p *play) pick(fits func(*thing) bool) *thing {
	for range 100 {
		if t := p.things[p.order[p.rng.IntN(len(p.order))]]; p.live(t) && (fits == nil || fits(t)) {
			return t
		}
	}
	return p.things[p.shares[0]]
}

func isFolder(t *thing) bool { return t.folder }
func isInner(t *thing) bool  { return !t.parent.IsZero() }

func (t *thing) kind() engine.NodeKind {
	if t.folder {
		return engine.KindFolder
	}
	return engine.KindFile
}

func (t *thing) resource() acl.Resource {
	switch {
	case t.parent.IsZero():
		return acl.Resource{Kind: engine.ResourceShare, ID: t.id}
	case t.folder:
		return acl.Resource{Kind: engine.ResourceFolder, ID: t.id}
	}
	return acl.Resource{Kind: engine.ResourceFile, ID: t.id}
}

func (p *play) name() string { p.n++; return "n" + strconv.Itoa(p.n) }

// grow makes a file or folder, as somebody who may or may not: the real operation
// says what the check says.
func (p *play) grow() {
	in, who := p.pick(isFolder), p.users[p.rng.IntN(len(p.users))]
	t := &thing{parent: in.id, share: in.share, folder: p.rng.IntN(3) > 0, name: p.name(), owner: who.User}
	var err error
	if t.folder {
		var loc *tree.Located
		if loc, err = p.tree.Mkdir(p.t.Context(), who, in.share, in.id, t.name); err == nil {
			t.id = loc.Node.ID
		}
	} else {
		t.id, err = putFile(p.t.Context(), p.w, p.tree, who, in.share, in.id, t.name)
	}
	p.same("make something", err, who, in, engine.RightCreate)
	if err == nil {
		p.add(t)
	}
}

// same holds what a real operation answered against the reference.
func (p *play) same(what string, err error, who *engine.Principal, on *thing, rights engine.Right) {
	p.t.Helper()
	may := true
	for r := engine.RightRead; r <= engine.RightManage; r <<= 1 {
		may = may && (rights&r == 0 || p.may(who.User, on, r, p.w.Now()))
	}
	if err == nil != may {
		p.t.Fatalf("%s: %v, but the reference says %v", what, err, may)
	}
	k := engine.KindOf(err)
	if err != nil && k != engine.KindNotFound && k != engine.KindForbidden {
		p.t.Fatalf("%s: %v", what, err)
	}
}

func (p *play) spec(on *thing) (acl.Spec, said) {
	s := acl.Spec{Type: engine.EntryType(1 + p.rng.IntN(2)), Rights: engine.Right(1 + p.rng.IntN(63)), AppliesTo: engine.AppliesTo(1 + p.rng.IntN(7))}
	if !on.folder {
		s.AppliesTo = engine.AppliesTo(1 + p.rng.IntN(4))
	}
	s.OneLevel = on.folder && s.AppliesTo != engine.AppliesToThisOnly && p.rng.IntN(4) == 0
	switch p.rng.IntN(5) {
	case 0:
		s.Kind = engine.PrincipalEveryone
	case 1, 2:
		s.Kind, s.Principal = engine.PrincipalUser, p.users[p.rng.IntN(len(p.users))].User
	default:
		s.Kind, s.Principal = engine.PrincipalGroup, p.groups[p.rng.IntN(len(p.groups))]
	}
	f := choices[s.AppliesTo]
	f.one = s.OneLevel
	return s, said{flags: f, deny: s.Type == engine.EntryDeny, kind: s.Kind, who: s.Principal, rights: s.Rights}
}

func appliesOf(f flags) engine.AppliesTo {
	f.one = false
	for a, g := range choices {
		if f == g {
			return a
		}
	}
	return 0
}

// set adds an entry. A denial lifts nothing, so whoever manages may.
func (p *play) set() {
	on, who := p.pick(nil), p.admin()
	spec, s := p.spec(on)
	if s.deny && p.rng.IntN(2) == 0 && !slices.ContainsFunc(on.said, s.like) {
		who = p.users[p.rng.IntN(len(p.users))]
	}
	_, _, err := p.acl.Set(p.t.Context(), who, on.resource(), spec, nil)
	p.same("add an entry", err, who, on, engine.RightManage)
	if err == nil {
		on.say(s)
	}
}

func (p *play) unset() {
	on := p.pick(func(t *thing) bool { return len(t.said) > 0 })
	if len(on.said) == 0 {
		return
	}
	s := on.said[p.rng.IntN(len(on.said))]
	typ := engine.EntryAllow
	if s.deny {
		typ = engine.EntryDeny
	}
	p.must(p.acl.Remove(p.t.Context(), p.admin(), on.resource(), s.kind, s.who, typ, appliesOf(s.flags), nil))
	on.said = slices.DeleteFunc(on.said, func(o said) bool {
		return o.deny == s.deny && o.kind == s.kind && o.who == s.who && appliesOf(o.flags) == appliesOf(s.flags)
	})
}

func (p *play) replace() {
	on := p.pick(nil)
	var specs []acl.Spec
	next := &thing{}
	for range p.rng.IntN(4) {
		spec, s := p.spec(on)
		if slices.ContainsFunc(next.said, s.like) {
			continue
		}
		next.say(s)
		specs = append(specs, spec)
	}
	slices.SortStableFunc(specs, func(a, b acl.Spec) int { return int(b.Type) - int(a.Type) })
	inherit := p.rng.IntN(4) > 0 || on.parent.IsZero()
	_, err := p.acl.Replace(p.t.Context(), p.admin(), on.resource(), specs, &inherit, nil)
	p.must(err)
	on.said, on.cut = next.said, !inherit
}

func (p *play) inherit() {
	on := p.pick(isInner)
	if on.parent.IsZero() {
		return
	}
	off, keep := !on.cut, p.rng.IntN(2) == 0
	if off && keep {
		for _, s := range p.inherits(on) {
			if i := slices.IndexFunc(on.said, s.like); i >= 0 {
				on.said[i].rights |= s.rights
			} else {
				on.said = append(on.said, s)
			}
		}
	}
	p.must(p.acl.Inherit(p.t.Context(), p.admin(), on.resource(), !off, off && keep, nil))
	on.cut = off
}

func (p *play) give() {
	on, to := p.pick(isInner), p.users[p.rng.IntN(len(p.users))].User
	if on.parent.IsZero() {
		return
	}
	_, err := p.acl.Give(p.t.Context(), p.admin(), on.resource(), to)
	p.must(err)
	on.owner = to
}

// who is somebody: half the time the administrator, so that things go on.
func (p *play) who() *engine.Principal {
	if p.rng.IntN(2) == 0 {
		return p.admin()
	}
	return p.users[p.rng.IntN(len(p.users))]
}

// all reports whether the reference gives somebody all of some rights on a thing.
func (p *play) all(who *engine.Principal, on *thing, rights engine.Right) bool {
	for r := engine.RightRead; r <= engine.RightManage; r <<= 1 {
		if rights&r != 0 && !p.may(who.User, on, r, p.w.Now()) {
			return false
		}
	}
	return true
}

// whole is all for everything that lies below a thing and is not in the trash.
func (p *play) whole(who *engine.Principal, on *thing, rights engine.Right) bool {
	for _, t := range p.things {
		if p.below(t, on) && p.live(t) && !p.all(who, t, rights) {
			return false
		}
	}
	return true
}

// agrees holds what a real operation answered against the reference, and reports
// whether it was done. A name that is taken, a folder in itself and what must come
// back with the folder that it lies in are refused whoever asks.
func (p *play) agrees(what string, err error, may bool) bool {
	p.t.Helper()
	switch k := engine.KindOf(err); {
	case err == nil && may:
		p.done[what] += 1
	case err != nil && (k == engine.KindConflict || k == engine.KindGone):
	case err == nil || may || k != engine.KindNotFound && k != engine.KindForbidden:
		p.t.Fatalf("%s: %v, but the reference says %v", what, err, may)
	default:
		p.refused[what]++
	}
	return err == nil
}

func (p *play) move() {
	on, to := p.pick(isInner), p.pick(isFolder)
	if on.parent.IsZero() {
		return
	}
	who := p.who()
	may := p.all(who, on, engine.RightRead) && p.all(who, to, engine.RightCreate)
	if to.id == on.parent {
		may = may && p.all(who, on, engine.RightWrite)
	} else {
		may = may && p.all(who, on, engine.RightDelete) && p.whole(who, on, engine.RightRead|engine.RightDelete)
	}
	_, err := p.tree.Move(p.t.Context(), who, tree.Move{ID: on.id, Kind: on.kind(), To: &tree.Target{Folder: to.id}})
	if !p.agrees("move", err, may) {
		return
	}
	if on.share != to.share { // what was deleted below stays where it was
		for _, t := range p.things {
			if t.deleted && t.share == on.share && p.below(t, on) {
				t.parent = on.parent
			}
		}
		for _, t := range p.things {
			if t == on || p.below(t, on) {
				t.share = to.share
			}
		}
	}
	on.parent = to.id
}

func (p *play) below(t, up *thing) bool {
	for !t.parent.IsZero() {
		if t = p.things[t.parent]; t == up {
			return true
		}
	}
	return false
}

func (p *play) copy() {
	on, to := p.pick(isInner), p.pick(isFolder)
	if on.parent.IsZero() || len(p.order) > 70 {
		return
	}
	who := p.who()
	may := p.all(who, on, engine.RightRead) && p.whole(who, on, engine.RightRead) && p.all(who, to, engine.RightCreate)
	loc, err := p.tree.Copy(p.t.Context(), who, tree.Copy{ID: on.id, Kind: on.kind(), To: tree.Target{Folder: to.id}, Name: p.name()})
	if p.agrees("copy", err, may) {
		p.copied(on, &thing{id: loc.Node.ID, parent: to.id, share: to.share, folder: on.folder, name: loc.Node.Name, owner: who.User})
	}
}

func (p *play) copied(from, to *thing) {
	p.add(to)
	if !to.folder {
		return
	}
	page, err := p.tree.Children(p.t.Context(), p.admin(), to.id, 1000, 0, "")
	p.must(err)
	for _, n := range page.Items {
		var src *thing
		for _, t := range p.things {
			if t.parent == from.id && t.name == n.Name && !t.deleted {
				src = t
			}
		}
		p.copied(src, &thing{id: n.ID, parent: to.id, share: to.share, folder: src.folder, name: n.Name, owner: to.owner})
	}
}

func (p *play) trash() {
	on := p.pick(isInner)
	if on.parent.IsZero() {
		return
	}
	who := p.who()
	may := p.all(who, on, engine.RightRead|engine.RightDelete) && p.whole(who, on, engine.RightDelete)
	if p.agrees("delete", p.tree.Trash(p.t.Context(), who, on.id, on.kind(), engine.ID{}), may) {
		on.deleted = true
	}
}

func (p *play) restore() {
	for _, id := range p.order {
		t := p.things[id]
		if !t.deleted || p.rng.IntN(2) == 0 {
			continue
		}
		var up []*thing
		for at := p.things[t.parent]; ; at = p.things[at.parent] {
			if up = append(up, at); at.parent.IsZero() {
				break
			}
		}
		parent := t.parent
		for i := len(up) - 1; i >= 0 && !up[i].deleted; i-- {
			parent = up[i].id
		}
		who := p.who()
		may := p.live(p.things[t.parent]) && p.all(who, t, engine.RightRead|engine.RightDelete) && p.whole(who, t, engine.RightDelete) &&
			(parent == t.parent || p.all(who, p.things[parent], engine.RightCreate))
		loc, err := p.tree.Restore(p.t.Context(), who, t.id, t.kind(), engine.ID{})
		if p.agrees("restore", err, may) {
			t.parent, t.deleted, t.name = parent, false, loc.Node.Name
		}
		return
	}
}

func (p *play) group() {
	i := p.rng.IntN(len(p.groups))
	g := p.groups[i]
	if p.rng.IntN(12) == 0 {
		p.must(p.people.DeleteGroup(p.t.Context(), p.admin(), g, engine.PrincipalUser, p.admin().User))
		delete(p.in, g)
		for _, list := range p.in {
			delete(list, g)
		}
		for sh, owner := range p.owners {
			delete(p.members[sh], g)
			if owner == g {
				p.owners[sh] = p.admin().User
				delete(p.members[sh], p.admin().User)
			}
		}
		p.groups = slices.Delete(p.groups, i, i+1)
		p.newGroup()
		return
	}
	kind, who := engine.PrincipalUser, p.users[1+p.rng.IntN(len(p.users)-1)].User
	if p.rng.IntN(3) == 0 {
		kind, who = engine.PrincipalGroup, p.groups[p.rng.IntN(len(p.groups))]
	}
	if p.in[g][who] {
		p.must(p.people.RemoveMember(p.t.Context(), p.admin(), g, who))
		delete(p.in[g], who)
	} else if _, err := p.people.AddMember(p.t.Context(), p.admin(), g, kind, who); err == nil {
		p.in[g][who] = true
	} else if who != g { // a group is not in itself
		p.t.Fatal(err)
	}
}

func (p *play) member() {
	sh := p.shares[p.rng.IntN(len(p.shares))]
	kind, who := engine.PrincipalUser, p.users[1+p.rng.IntN(len(p.users)-1)].User
	if p.rng.IntN(2) == 0 {
		kind, who = engine.PrincipalGroup, p.groups[p.rng.IntN(len(p.groups))]
	}
	if p.rng.IntN(8) == 0 {
		_, err := p.w.Shares.Transfer(p.t.Context(), p.admin(), sh, kind, who)
		p.must(err)
		delete(p.members[sh], who)
		p.owners[sh] = who
		return
	}
	if _, is := p.members[sh][who]; is {
		p.must(p.w.Shares.RemoveMember(p.t.Context(), p.admin(), sh, who))
		delete(p.members[sh], who)
		return
	}
	spec := share.MemberSpec{Kind: kind, Principal: who, Role: engine.MemberRole(1 + p.rng.IntN(3))}
	if p.rng.IntN(3) == 0 {
		spec.ExpiresAt = p.w.Now().Add(time.Duration(1+p.rng.IntN(20)) * time.Minute)
	}
	_, err := p.w.Shares.AddMember(p.t.Context(), p.admin(), sh, spec)
	if who == p.owners[sh] && engine.KindOf(err) == engine.KindConflict {
		return
	}
	p.must(err)
	p.members[sh][who] = membership{spec.Role.Rights(), spec.ExpiresAt}
}

// step changes something.
func (p *play) step() {
	p.w.Pass(time.Duration(p.rng.IntN(120)) * time.Second)
	for _, u := range p.users {
		u.At = p.w.Now()
	}
	steps := []struct {
		name   string
		weight int
		do     func()
	}{
		{"set", 6, p.set}, {"remove", 3, p.unset}, {"replace", 3, p.replace}, {"inherit", 3, p.inherit}, {"give", 2, p.give},
		{"grow", 2, p.grow}, {"move", 5, p.move}, {"copy", 2, p.copy}, {"trash", 2, p.trash}, {"restore", 3, p.restore},
		{"group", 4, p.group}, {"member", 3, p.member},
	}
	n := p.rng.IntN(38)
	for _, s := range steps {
		if n -= s.weight; n < 0 {
			p.made[s.name]++
			s.do()
			return
		}
	}
}

// ask compares every decision about everything for everybody.
func (p *play) ask(ctx context.Context) error {
	now := p.w.Now()
	for _, u := range p.users {
		var asked []acl.Question
		var want []bool
		reaches := map[engine.ID]bool{}
		for _, id := range p.order {
			t := p.things[id]
			live := p.live(t)
			for r := engine.RightRead; r <= engine.RightManage; r <<= 1 {
				may := live && p.may(u.User, t, r, now) && (blind(r) || p.may(u.User, t, engine.RightRead, now))
				asked, want = append(asked, acl.Question{Resource: t.resource(), Rights: r}), append(want, may)
				if may && r == engine.RightRead {
					reaches[t.share] = true
				}
			}
		}
		got, err := p.acl.Check(ctx, u, asked)
		if err != nil {
			return err
		}
		for i := range got {
			if got[i] != want[i] {
				return fmt.Errorf("user %x on %+v: right %d is %v, the reference says %v", u.User[15], p.things[asked[i].Resource.ID], asked[i].Rights, got[i], want[i])
			}
		}
		p.asked += len(got)
		if err := p.list(ctx, u); err != nil {
			return err
		}
		if err := p.askOne(ctx, u, asked, want); err != nil {
			return err
		}
		list, _, err := p.w.Shares.Mine(ctx, u, 1000, 0)
		if err != nil {
			return err
		}
		for _, sh := range p.shares {
			want := reaches[sh] || p.circle(u.User)[p.owners[sh]]
			is := slices.ContainsFunc(list, func(l share.Listed) bool { return l.ID == sh })
			if is != want && !p.admins[u.User] {
				return fmt.Errorf("share %x is in the list of user %x: %v, the reference says %v", sh[15], u.User[15], is, want)
			}
		}
	}
	return nil
}

// blind reports whether a right is good for something without READ.
func blind(r engine.Right) bool { return r == engine.RightCreate || r == engine.RightManage }

// list lists a folder with the rights on what is in it: those that may be read, each
// with the rights that the reference gives.
func (p *play) list(ctx context.Context, u *engine.Principal) error {
	in := p.pick(isFolder)
	if !p.may(u.User, in, engine.RightRead, p.w.Now()) {
		return nil
	}
	page, err := p.tree.List(ctx, u, tree.ListSpec{Folder: in.id, Limit: 1000, Rights: true})
	if err != nil {
		return err
	}
	seen := map[engine.ID]engine.Right{}
	for i, n := range page.Items {
		seen[n.ID] = page.Rights[i]
	}
	for _, t := range p.things {
		if t.parent != in.id || t.deleted {
			continue
		}
		var want engine.Right
		for r := engine.RightRead; r <= engine.RightManage; r <<= 1 {
			if p.may(u.User, t, r, p.w.Now()) {
				want |= r
			}
		}
		p.asked += 6
		if want&engine.RightRead != 0 && seen[t.id] != want || want&engine.RightRead == 0 && seen[t.id]&engine.RightRead != 0 {
			return fmt.Errorf("listed for user %x with %06b, the reference says %06b: %+v", u.User[15], seen[t.id], want, t)
		}
	}
	return nil
}

// askOne asks some of it singly, and why: the answers are the same.
func (p *play) askOne(ctx context.Context, u *engine.Principal, asked []acl.Question, want []bool) error {
	i := p.rng.IntN(len(asked)/6) * 6
	one, err := p.acl.Check(ctx, u, asked[i:i+1])
	if err != nil {
		return err
	}
	if one[0] != want[i] {
		return errors.New("alone another answer than among others")
	}
	if !p.live(p.things[asked[i].Resource.ID]) {
		return nil
	}
	e, err := p.acl.Effective(ctx, p.admin(), asked[i].Resource, engine.PrincipalUser, u.User, true)
	if err != nil {
		return err
	}
	if len(e.Why) != 6 {
		return fmt.Errorf("%d reasons", len(e.Why))
	}
	for k, w := range e.Why {
		says := p.may(u.User, p.things[asked[i].Resource.ID], w.Right, p.w.Now())
		if w.Allowed != says || e.Rights&w.Right != 0 != says || w.Right != engine.RightRead<<k {
			return fmt.Errorf("why: %+v, the reference says %v", w, says)
		}
	}
	return nil
}

func seed(t *testing.T) uint64 {
	s := uint64(26)
	if text := os.Getenv("SCAIDRIVE_SEED"); text != "" {
		n, err := strconv.ParseUint(text, 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		s = n
	} else if os.Getenv("SCAIDRIVE_LONG") != "" {
		s = rand.Uint64()
	}
	return s
}

// Everything that is decided is decided as the reference decides it, whatever is
// done in whatever order. SCAIDRIVE_LONG is how long to go on, SCAIDRIVE_SEED where
// to begin.
func TestAgainstTheReference(t *testing.T) {
	rounds, from := 4, seed(t)
	long, _ := time.ParseDuration(os.Getenv("SCAIDRIVE_LONG"))
	begun, asked := time.Now(), 0
	done, refused := map[string]int{}, map[string]int{}
	for round := 0; round < rounds || time.Since(begun) < long; round++ {
		p := newPlay(t, from+uint64(round))
		for step := range 200 {
			p.step()
			if err := p.ask(t.Context()); err != nil {
				t.Fatalf("seed %d, step %d: %v", from+uint64(round), step, err)
			}
		}
		asked += p.asked
		for _, name := range []string{"set", "move", "copy", "restore", "group", "inherit"} {
			if p.made[name] == 0 {
				t.Errorf("seed %d: nothing of %s was done", from+uint64(round), name)
			}
		}
		for what, n := range p.done {
			done[what] += n
		}
		for what, n := range p.refused {
			refused[what] += n
		}
	}
	t.Logf("seed %d: %d decisions compared, done %v, refused %v", from, asked, done, refused)
	for _, what := range []string{"move", "copy", "delete", "restore"} {
		if done[what] == 0 || refused[what] == 0 {
			t.Errorf("seed %d: %s was done %d times and refused %d times", from, what, done[what], refused[what])
		}
	}
	if asked < 400_000 {
		t.Errorf("only %d decisions", asked)
	}
}
