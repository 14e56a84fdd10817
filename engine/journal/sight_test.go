package journal_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"scaidrive/engine"
	"scaidrive/engine/access"
	"scaidrive/engine/journal"
	"scaidrive/engine/meta"
	"scaidrive/engine/meta/schema"
	"scaidrive/engine/tree"
)

// A seer follows a share as a sync client does: it takes rows over what it knows, and
// lists again what it is told to.
type seer struct {
	*fixture
	p     *engine.Principal
	known map[engine.ID]seen
	pos   *int64
	epoch string
}

type seen struct {
	parent engine.ID
	name   string
	bare   bool
}

func (s *seer) list(folder engine.ID) {
	s.t.Helper()
	there := map[engine.ID]bool{}
	l, err := s.Tree.Walk(ctx, s.p, s.Share, folder, 1000, "")
	if err != nil && engine.KindOf(err) != engine.KindNotFound && engine.KindOf(err) != engine.KindGone {
		s.t.Fatal(err)
	}
	below := s.below(folder)
	if err == nil {
		for i, n := range l.Entries {
			s.known[n.ID], there[n.ID] = seen{n.Parent, n.Name, l.Bare[i]}, true
		}
	}
	for _, id := range below {
		if !there[id] {
			delete(s.known, id)
		}
	}
}

func (s *seer) below(folder engine.ID) (list []engine.ID) {
	for id := range s.known {
		for at, n := id, 0; n < 200; n++ {
			k, ok := s.known[at]
			if !ok {
				break
			}
			if at = k.parent; at == folder {
				list = append(list, id)
				break
			}
		}
	}
	return list
}

// follow takes all rows and gives them for a message.
func (s *seer) follow() (log []string) {
	s.t.Helper()
	f, err := s.journal.Changes(ctx, s.p, journal.Follow{Share: s.Share, Cursor: s.pos, Epoch: s.epoch, Limit: 500})
	if engine.KindOf(err) == engine.KindNotFound && err != nil {
		clear(s.known) // the share is out of sight: with it all that was in it
		s.pos = nil
		return nil
	}
	if err != nil {
		s.t.Fatal(err)
	}
	if s.pos == nil { // it is in sight again: from a listing on
		s.list(s.Share)
	}
	again := map[engine.ID]bool{}
	for _, r := range f.Rows {
		id := r.Change.Node
		log = append(log, fmt.Sprintf("%d %x %q bare %v access %v", r.Kind, id[14:], r.NewName, r.Bare, r.AccessChanged))
		switch {
		case r.AccessChanged:
			if _, known := s.known[id]; !known {
				id = s.Share
			}
			again[id] = true
		case r.Kind == engine.ChangeDeleted:
			for _, b := range s.below(id) {
				delete(s.known, b)
			}
			delete(s.known, id)
		case r.NewPath != nil:
			if _, known := s.known[id]; !known && r.Resource == engine.ResourceFolder {
				again[id] = true
			}
			s.known[id] = seen{r.Parent, r.NewName, r.Bare}
		}
	}
	for id := range again {
		s.list(id)
	}
	s.pos, s.epoch = &f.Cursor, f.Epoch
	return log
}

// check compares with a listing from the root.
func (s *seer) check(what string, log []string) {
	s.t.Helper()
	want := map[engine.ID]seen{}
	l, err := s.Tree.Walk(ctx, s.p, s.Share, s.Share, 1000, "")
	if err == nil {
		for i, n := range l.Entries {
			want[n.ID] = seen{n.Parent, n.Name, l.Bare[i]}
		}
	} else if engine.KindOf(err) != engine.KindNotFound {
		s.t.Fatal(err)
	}
	for id, w := range want {
		if s.known[id] != w {
			s.t.Errorf("%s: %x is known as %+v, it is %+v; rows %q", what, id[14:], s.known[id], w, log)
		}
	}
	for id, k := range s.known {
		if _, ok := want[id]; !ok {
			s.t.Errorf("%s: %x is still known as %+v; rows %q", what, id[14:], k, log)
		}
	}
}

// Whatever is moved, deleted, restored, allowed and denied, by entries, cuts, roles and
// groups: who follows the rows has what a listing shows, and nothing else.
func TestFollowersSeeWhatTheyMay(t *testing.T) {
	rowsSeen := 0
	for seed := range uint64(30) {
		f := memory(t)
		rnd := rand.New(rand.NewPCG(seed, 3))
		group := f.NewID()
		if err := f.DB.Update(ctx, func(tx *meta.Tx) error {
			return schema.PutGroup(tx, &engine.Group{Tenant: f.Tenant.No, ID: group, Name: "G"})
		}); err != nil {
			t.Fatal(err)
		}
		var all []*seer
		for i := range 3 {
			p := f.As(f.AddUser(t, fmt.Sprintf("seer%d@example.com", i)))
			p.Memo = &engine.Memo{}
			all = append(all, &seer{fixture: f, p: p, known: map[engine.ID]seen{}})
		}
		nodes := []*engine.Node{{ID: f.Share, Kind: engine.KindFolder}}
		make1 := func(i int) {
			up := nodes[rnd.IntN(len(nodes))]
			if up.Kind == engine.KindFile {
				up = nodes[0]
			}
			if rnd.IntN(3) > 0 {
				if l, err := f.Tree.Mkdir(ctx, f.Owner, f.Share, up.ID, fmt.Sprint("d", i)); err == nil {
					nodes = append(nodes, l.Node)
				}
				return
			}
			var l *tree.Located
			err := f.DB.Update(ctx, func(tx *meta.Tx) (err error) {
				l, _, err = f.Tree.PutFile(tx, f.Owner, tree.FileSpec{Share: f.Share, Parent: up.ID, Name: fmt.Sprint("f", i)})
				return err
			})
			if err == nil {
				nodes = append(nodes, l.Node)
			}
		}
		for i := range 20 {
			make1(i)
		}
		for step := range 40 {
			what := change(t, f, rnd, nodes, all, group, step, make1)
			for i, s := range all {
				log := s.follow()
				rowsSeen += len(log)
				s.check(fmt.Sprintf("seed %d step %d (%s) seer %d", seed, step, what, i), log)
			}
			if t.Failed() {
				return
			}
		}
	}
	t.Logf("%d rows were seen", rowsSeen)
}

// change makes one random change and says which.
func change(t *testing.T, f *fixture, rnd *rand.Rand, nodes []*engine.Node, all []*seer, group engine.ID, step int, make1 func(int)) string {
	t.Helper()
	n := nodes[rnd.IntN(len(nodes))]
	to := nodes[rnd.IntN(len(nodes))]
	who := all[rnd.IntN(len(all))].p.User
	update := func(fn func(tx *meta.Tx, sh *engine.Share) error) {
		t.Helper()
		err := f.DB.Update(ctx, func(tx *meta.Tx) error {
			sh, err := schema.GetShare(tx, f.Tenant.No, f.Share)
			if err != nil {
				return err
			}
			return fn(tx, sh)
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	switch rnd.IntN(12) {
	case 0, 1:
		_, err := f.Tree.Move(ctx, f.Owner, tree.Move{ID: n.ID, Kind: n.Kind, To: &tree.Target{Folder: to.ID}})
		return fmt.Sprintf("move %x to %x: %v", n.ID[14:], to.ID[14:], err)
	case 2:
		return fmt.Sprintf("trash %x: %v", n.ID[14:], f.Tree.Trash(ctx, f.Owner, n.ID, n.Kind, engine.ID{}))
	case 3:
		_, err := f.Tree.Restore(ctx, f.Owner, n.ID, n.Kind, engine.ID{})
		return fmt.Sprintf("restore %x: %v", n.ID[14:], err)
	case 4:
		_, err := f.Tree.Move(ctx, f.Owner, tree.Move{ID: n.ID, Kind: n.Kind, Name: fmt.Sprint("r", step)})
		return fmt.Sprintf("rename %x: %v", n.ID[14:], err)
	case 5:
		make1(100 + step)
		return "make"
	case 6:
		update(func(tx *meta.Tx, sh *engine.Share) error {
			if err := schema.DeleteShareMember(tx, f.Tenant.No, sh, who); err == nil {
				return nil
			}
			return schema.PutShareMember(tx, f.Tenant.No, sh, &engine.ShareMember{Principal: who, Kind: engine.PrincipalUser, Role: engine.MemberReader})
		})
		return "role"
	case 7:
		update(func(tx *meta.Tx, _ *engine.Share) error {
			if err := schema.RemoveMembership(tx, f.Tenant.No, group, who); err == nil {
				return nil
			}
			return schema.AddMembership(tx, f.Tenant.No, &engine.Membership{Group: group, Member: who, Kind: engine.PrincipalUser})
		})
		return "group"
	}
	e := engine.Entry{ID: f.NewID(), Type: engine.EntryType(1 + rnd.IntN(2)), Kind: engine.PrincipalUser, Principal: who, Rights: engine.RightRead, AppliesTo: engine.AppliesToThisAndDescendants}
	if rnd.IntN(3) == 0 {
		e.Kind, e.Principal = engine.PrincipalGroup, group
	}
	if rnd.IntN(3) == 0 {
		e.AppliesTo, e.OneLevel = engine.AppliesTo(1+rnd.IntN(7)), rnd.IntN(3) == 0
	}
	list := []engine.Entry{e}
	if rnd.IntN(4) == 0 {
		list = nil
	}
	update(func(tx *meta.Tx, _ *engine.Share) error {
		sub, err := access.Resolve(tx, f.Tenant.No, n.ID)
		if err != nil {
			return err
		}
		was, err := schema.GetEntries(tx, f.Tenant.No, sub.Node)
		if err != nil {
			return err
		}
		affected := []engine.ID{}
		for _, x := range append(was, list...) {
			affected = append(affected, x.Principal)
		}
		if err := schema.PutEntries(tx, f.Tenant.No, sub.Share, sub.Node, list); err != nil {
			return err
		}
		if cut := rnd.IntN(5) == 0; cut != sub.Node.CutOff {
			affected = []engine.ID{{}}
			if err := schema.Cut(tx, f.Tenant.No, sub.Share, sub.Node, cut); err != nil {
				return err
			}
		}
		return f.Tree.AccessChanged(tx, f.Owner, sub, affected)
	})
	return fmt.Sprintf("entry on %x for %x: type %d applies %d %v", n.ID[14:], e.Principal[14:], e.Type, e.AppliesTo, e.OneLevel)
}
