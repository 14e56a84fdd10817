package tree_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"scaidrive/engine"
	"scaidrive/engine/access"
	"scaidrive/engine/meta"
	"scaidrive/engine/meta/schema"
	"scaidrive/engine/tree"
)

// A jungle is a random tree with random entries and cuts, and people in groups.
type jungle struct {
	*world
	rnd    *rand.Rand
	nodes  []*engine.Node
	groups []engine.ID
	people []*engine.Principal
}

func newJungle(t *testing.T, seed uint64) *jungle {
	j := &jungle{world: newWorld(t), rnd: rand.New(rand.NewPCG(seed, 7))}
	for range 3 {
		g := j.newID()
		j.groups = append(j.groups, g)
		j.update(func(tx *meta.Tx) error {
			return schema.PutGroup(tx, &engine.Group{Tenant: 1, ID: g, Name: g.Format("")})
		})
	}
	for i := range 4 {
		u := &engine.User{ID: j.newID(), Tenant: 1, Email: fmt.Sprint(i, "@example.com"), Status: engine.StatusActive}
		j.update(func(tx *meta.Tx) error {
			if err := schema.PutUser(tx, u); err != nil {
				return err
			}
			for _, g := range j.groups {
				if j.rnd.IntN(2) == 0 {
					continue
				}
				err := schema.AddMembership(tx, 1, &engine.Membership{Group: g, Member: u.ID, Kind: engine.PrincipalUser})
				if err != nil {
					return err
				}
			}
			sh, err := schema.GetShare(tx, 1, j.share)
			if err != nil || i%2 == 0 {
				return err
			}
			return schema.PutShareMember(tx, 1, sh, &engine.ShareMember{Principal: u.ID, Kind: engine.PrincipalUser, Role: engine.MemberContributor})
		})
		p := *j.owner
		p.User, p.Memo = u.ID, &engine.Memo{}
		j.people = append(j.people, &p)
	}
	j.nodes = []*engine.Node{{ID: j.share, Kind: engine.KindFolder}}
	for i := range 45 {
		up := j.nodes[j.rnd.IntN(len(j.nodes))]
		if up.Kind == engine.KindFile {
			up = j.nodes[0]
		}
		if j.rnd.IntN(3) == 0 {
			j.nodes = append(j.nodes, j.file(up.ID, fmt.Sprint("f", i), "x").Node)
		} else {
			j.nodes = append(j.nodes, j.folder(up.ID, fmt.Sprint("d", i)).Node)
		}
	}
	return j
}

// regulate gives a node random entries and perhaps a cut.
func (j *jungle) regulate(rights engine.Right) {
	id := j.nodes[j.rnd.IntN(len(j.nodes))].ID
	var list []engine.Entry
	for range j.rnd.IntN(3) {
		e := engine.Entry{ID: j.newID(), Type: engine.EntryAllow, Rights: rights, Kind: engine.PrincipalUser,
			AppliesTo: engine.AppliesToThisAndDescendants}
		if j.rnd.IntN(2) == 0 {
			e.Type = engine.EntryDeny
		}
		switch j.rnd.IntN(5) {
		case 0:
			e.Kind = engine.PrincipalEveryone
		case 1, 2:
			e.Kind, e.Principal = engine.PrincipalGroup, j.groups[j.rnd.IntN(len(j.groups))]
		default:
			e.Principal = j.people[j.rnd.IntN(len(j.people))].User
		}
		if j.rnd.IntN(2) == 0 {
			e.AppliesTo, e.OneLevel = engine.AppliesTo(1+j.rnd.IntN(7)), j.rnd.IntN(4) == 0
		}
		list = append(list, e)
	}
	j.update(func(tx *meta.Tx) error {
		sh, err := schema.GetShare(tx, 1, j.share)
		if err != nil {
			return err
		}
		n, err := schema.GetNode(tx, 1, id)
		if err != nil {
			return err
		}
		if err := schema.PutEntries(tx, 1, sh, n, list); err != nil {
			return err
		}
		return schema.Cut(tx, 1, sh, n, j.rnd.IntN(4) == 0)
	})
}

// sights tells by the definition what somebody sees: what they may read, and the
// folders above it.
func (j *jungle) sights(p *engine.Principal) (whole, bare map[engine.ID]bool) {
	whole, bare = map[engine.ID]bool{}, map[engine.ID]bool{}
	j.view(func(v *meta.View) error {
		for _, n := range j.nodes {
			sub, err := access.Resolve(v, 1, n.ID)
			if err != nil {
				return err
			}
			have, err := access.Rights(v, p, sub)
			if err != nil {
				return err
			}
			if sub.Trashed != nil || have&engine.RightRead == 0 {
				continue
			}
			whole[n.ID] = true
			for _, up := range sub.Path {
				bare[up.ID] = true
			}
		}
		return nil
	})
	for id := range whole {
		delete(bare, id)
	}
	return whole, bare
}

func (j *jungle) check(p *engine.Principal, what string) {
	j.t.Helper()
	whole, bare := j.sights(p)
	delete(whole, j.share)
	seen := len(whole) + len(bare)
	rootSeen := false
	l, err := j.tree.Walk(ctx, p, j.share, j.share, 1000, "")
	switch {
	case seen == 0:
		// The root alone may still be whole.
		if err != nil && engine.KindOf(err) != engine.KindNotFound {
			j.t.Fatal(what, err)
		}
		if err != nil {
			return
		}
	case err != nil:
		j.t.Fatalf("%s: sees %d and gets %v", what, seen, err)
	}
	for i, n := range l.Entries {
		switch {
		case l.Bare[i] != bare[n.ID], !l.Bare[i] != whole[n.ID]:
			j.t.Errorf("%s: %s is listed, bare %v; it is whole %v, a way %v", what, n.Name, l.Bare[i], whole[n.ID], bare[n.ID])
		case l.Bare[i] && (!n.CreatedAt.IsZero() || !n.UpdatedAt.IsZero() || !n.Owner.IsZero() || n.LiveFiles+n.LiveFolders != 0):
			j.t.Errorf("%s: a way tells more than its name: %+v", what, n)
		}
		rootSeen = rootSeen || n.ID == j.share
	}
	root := 0
	if bare[j.share] {
		root = 1
	}
	if len(l.Entries) != seen-root || rootSeen {
		j.t.Errorf("%s: %d entries, want %d", what, len(l.Entries), seen-root)
	}
	// A listing of each folder shows the same.
	for _, n := range j.nodes {
		if n.Kind != engine.KindFolder {
			continue
		}
		page, err := j.tree.List(ctx, p, tree.ListSpec{Folder: n.ID, Limit: 100, Sort: tree.Sort(j.rnd.IntN(4))})
		if !whole[n.ID] && !bare[n.ID] && n.ID != j.share {
			if k := engine.KindOf(err); k != engine.KindNotFound && k != engine.KindGone {
				j.t.Errorf("%s: a hidden folder is listed: %v", what, err)
			}
			continue
		}
		if err != nil {
			if n.ID != j.share {
				j.t.Errorf("%s: %s: %v", what, n.Name, err)
			}
			continue
		}
		var want, got []string
		for _, e := range l.Entries {
			if e.Parent == n.ID {
				want = append(want, e.Name)
			}
		}
		for _, e := range page.Items {
			got = append(got, e.Name)
		}
		slices.Sort(want)
		slices.Sort(got)
		if !slices.Equal(want, got) || page.Total != len(got) {
			j.t.Errorf("%s: %s has %q of %d, want %q", what, n.Name, got, page.Total, want)
		}
	}
}

// What listings show is what may be read and the bare names of the folders above it,
// by whatever entries and cuts, also after moves, deletions and restores.
func TestSightsAreByTheRule(t *testing.T) {
	bareSeen := 0
	for seed := range uint64(40) {
		j := newJungle(t, seed)
		for step := range 24 {
			switch j.rnd.IntN(8) {
			case 0:
				n, to := j.nodes[1+j.rnd.IntN(len(j.nodes)-1)], j.nodes[j.rnd.IntN(len(j.nodes))]
				if to.Kind == engine.KindFolder {
					_, _ = j.tree.Move(ctx, j.admin, tree.Move{ID: n.ID, Kind: n.Kind, To: &tree.Target{Folder: to.ID}})
				}
			case 1:
				n := j.nodes[1+j.rnd.IntN(len(j.nodes)-1)]
				if step%2 == 0 {
					_ = j.tree.Trash(ctx, j.admin, n.ID, n.Kind, engine.ID{})
				} else {
					_, _ = j.tree.Restore(ctx, j.admin, n.ID, n.Kind, engine.ID{})
				}
			default:
				j.regulate(engine.RightRead)
			}
			if step%4 != 3 {
				continue
			}
			for i, p := range j.people {
				_, bare := j.sights(p)
				bareSeen += len(bare)
				j.check(p, fmt.Sprintf("seed %d step %d person %d", seed, step, i))
				if t.Failed() {
					return
				}
			}
		}
	}
	t.Logf("%d ways were seen", bareSeen)
	if bareSeen < 500 {
		t.Errorf("only %d ways were seen", bareSeen)
	}
}
