package tree_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"scaidrive/engine"
	"scaidrive/engine/access"
	"scaidrive/engine/meta"
	"scaidrive/engine/meta/schema"
)

// say gives a node entries.
func (w *world) say(share, node engine.ID, entries ...engine.Entry) {
	w.t.Helper()
	w.update(func(tx *meta.Tx) error {
		sh, err := schema.GetShare(tx, 1, share)
		if err != nil {
			return err
		}
		n, err := schema.GetNode(tx, 1, node)
		if err != nil {
			return err
		}
		for i := range entries {
			entries[i].ID = w.newID()
		}
		return schema.PutEntries(tx, 1, sh, n, entries)
	})
}

// Entries that don't apply alike to all below decide about what they apply to: what
// lies in the folder, however much, and not what is said of the folder itself.
func TestUnevenEntriesDecideBelow(t *testing.T) {
	entry := func(typ engine.EntryType, to engine.AppliesTo, one bool) engine.Entry {
		return engine.Entry{Type: typ, Kind: engine.PrincipalEveryone, Rights: engine.RightDelete, AppliesTo: to, OneLevel: one}
	}
	tests := []struct {
		name    string
		entries []engine.Entry
		want    engine.Kind // 0: it is done
	}{
		{"a denial for what is below", []engine.Entry{entry(engine.EntryDeny, engine.AppliesToDescendantsOnly, false)}, engine.KindForbidden},
		{"one for files", []engine.Entry{entry(engine.EntryDeny, engine.AppliesToFilesOnly, false)}, engine.KindForbidden},
		{"one for folders, and there are none", []engine.Entry{entry(engine.EntryDeny, engine.AppliesToFoldersOnly, false)}, 0},
		{"a grant for the folder itself, denied from above", []engine.Entry{entry(engine.EntryAllow, engine.AppliesToThisOnly, false)}, engine.KindForbidden},
		{"one for all of it, denied from above", []engine.Entry{entry(engine.EntryAllow, engine.AppliesToThisAndDescendants, false)}, 0},
		{"one for one level, denied from above", []engine.Entry{entry(engine.EntryAllow, engine.AppliesToThisAndDescendants, true)}, 0},
	}
	for _, test := range tests {
		for _, files := range []int{1, 3, 100} {
			t.Run(fmt.Sprint(test.name, " of ", files), func(t *testing.T) {
				w := newWorld(t)
				up := w.folder(w.share, "up").Node
				d := w.folder(up.ID, "d").Node
				for i := range files {
					w.file(d.ID, fmt.Sprint("f", i), "a")
				}
				if test.entries[0].Type == engine.EntryAllow {
					w.say(w.share, up.ID, entry(engine.EntryDeny, engine.AppliesToThisAndDescendants, false))
				}
				w.say(w.share, d.ID, test.entries...)
				err := w.tree.Trash(ctx, w.owner, d.ID, d.Kind, engine.ID{})
				if test.want == 0 && err != nil || test.want != 0 && (err == nil || engine.KindOf(err) != test.want) {
					t.Errorf("trash: %v", err)
				}
			})
		}
	}
}

// What is decided by a share's exceptions is what is decided by looking at each node,
// and both are what is decided about each by its ID.
func TestBelowAgainstEachNode(t *testing.T) {
	const seed = 5
	rng := rand.New(rand.NewPCG(seed, 0))
	w := newWorld(t)
	var folders, all []*engine.Node
	root := w.share
	for i := range 120 {
		in := root
		if len(folders) > 0 {
			in = folders[rng.IntN(len(folders))].ID
		}
		if i < 4 || rng.IntN(3) == 0 {
			n := w.folder(in, fmt.Sprint("n", i)).Node
			folders, all = append(folders, n), append(all, n)
		} else {
			all = append(all, w.file(in, fmt.Sprint("n", i), "a").Node)
		}
	}
	for range 6 { // some of it in the trash
		_ = w.tree.Trash(ctx, w.admin, all[rng.IntN(len(all))].ID, engine.KindFile, engine.ID{})
	}
	asked, denied := 0, 0
	for round := range 150 {
		n := all[rng.IntN(len(all))]
		var list []engine.Entry
		for range rng.IntN(3) {
			list = append(list, engine.Entry{
				Type: engine.EntryType(1 + rng.IntN(2)), Kind: engine.PrincipalEveryone, Rights: engine.Right(1 + rng.IntN(7)),
				AppliesTo: engine.AppliesTo(1 + rng.IntN(7)), OneLevel: rng.IntN(4) == 0,
			})
		}
		w.say(w.share, n.ID, list...)
		if round%5 != 0 {
			continue
		}
		w.view(func(v *meta.View) error {
			for _, f := range folders {
				sub, err := access.Resolve(v, 1, f.ID)
				if err != nil {
					return err
				}
				for _, want := range []engine.Right{engine.RightRead, engine.RightDelete, engine.RightRead | engine.RightDelete} {
					may := true
					for _, n := range all {
						it, err := access.Resolve(v, 1, n.ID)
						if err != nil {
							return err
						}
						in := false
						for _, up := range it.Path {
							in = in || up.ID == f.ID
						}
						if !in || it.Trashed != nil && (sub.Trashed == nil || it.Trashed.ID != sub.Trashed.ID) {
							continue
						}
						have, err := access.Rights(v, w.owner, it)
						if err != nil {
							return err
						}
						may = may && want&^have == 0
					}
					for _, small := range []int{0, 1, 10_000} {
						asked++
						if err := w.tree.Under(v, w.owner, sub, want, small); (err == nil) != may {
							return fmt.Errorf("seed %d, round %d: %s, %b, a small tree of %d: %v; by ID: %v", seed, round, f.Name, want, small, err, may)
						}
					}
					if !may {
						denied++
					}
				}
			}
			return nil
		})
	}
	if denied == 0 || denied*3 == asked {
		t.Errorf("%d of %d denied", denied*3, asked)
	}
}
