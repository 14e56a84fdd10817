package tree_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"scaidrive/engine"
	"scaidrive/engine/meta"
	"scaidrive/engine/meta/schema"
	"scaidrive/engine/tree"
)

func shown(list []*engine.Node) []string {
	out := make([]string, len(list))
	for i, n := range list {
		out[i] = fmt.Sprintf("%s %s %d %s", n.ID.Format(""), n.Name, n.Size, n.ModifiedAt.Format(time.RFC3339Nano))
	}
	return out
}

// Whatever changes between two pages, a page in any order is what a listing by name
// has now, put in order; and it is not ranked anew for that.
func TestRankingsUnderChange(t *testing.T) {
	w := newWorld(t)
	dir, away := w.folder(w.share, "dir").Node, w.folder(w.share, "away").Node
	w.mixed(dir.ID, 40, 4)
	elsewhere := w.newShare(-1)
	rnd := rand.New(rand.NewPCG(4, 2))
	pick := func(in engine.ID) *engine.Node {
		all, _ := w.pages(w.owner, tree.ListSpec{Folder: in, Limit: 1000}, nil)
		if len(all) == 0 {
			return nil
		}
		return all[rnd.IntN(len(all))]
	}
	var gone []*engine.Node
	change := func(i int) {
		n := pick(dir.ID)
		var err error
		switch rnd.IntN(9) {
		case 0:
			w.file(dir.ID, fmt.Sprintf("%c%d.%c", 'a'+rnd.IntN(26), i, 'a'+rnd.IntN(3)), strings.Repeat("z", 1+rnd.IntN(9)))
		case 1:
			if n.Kind == engine.KindFile {
				_, err = w.put(w.owner, tree.FileSpec{Share: w.share, File: n.ID, Base: n.VersionID, Content: text(strings.Repeat("r", 1+i%17)), ModifiedAt: time.Unix(rnd.Int64N(1<<30), 0)})
			}
		case 2:
			_, err = w.tree.Edit(ctx, w.owner, n.ID, n.Kind, tree.Edit{Name: n.Name, ModifiedAt: time.Unix(rnd.Int64N(1<<30), 0)})
		case 3:
			_, err = w.move(tree.Move{ID: n.ID, Kind: n.Kind, Name: fmt.Sprintf("%c-named%d.%c", 'a'+rnd.IntN(26), i, 'a'+rnd.IntN(3))})
		case 4:
			gone = append(gone, n)
			err = w.tree.Trash(ctx, w.owner, n.ID, n.Kind, engine.ID{})
		case 5:
			if len(gone) > 0 {
				_, err = w.tree.Restore(ctx, w.owner, gone[0].ID, gone[0].Kind, engine.ID{})
				gone = gone[1:]
			}
		case 6:
			_, err = w.move(tree.Move{ID: n.ID, Kind: n.Kind, To: &tree.Target{Folder: away.ID}})
		case 7:
			if back := pick(away.ID); back != nil {
				_, err = w.move(tree.Move{ID: back.ID, Kind: back.Kind, To: &tree.Target{Folder: dir.ID}})
			}
		case 8:
			if rnd.IntN(4) == 0 {
				_, err = w.move(tree.Move{ID: n.ID, Kind: n.Kind, To: &tree.Target{Share: elsewhere}})
			} else {
				err = w.tree.Purge(ctx, w.owner, n.ID, n.Kind, engine.ID{})
			}
			w.file(dir.ID, fmt.Sprint("more", i), "m")
		}
		if err != nil && engine.KindOf(err) != engine.KindConflict {
			t.Fatal(i, err)
		}
	}
	for i := range 300 {
		change(i)
		by, desc := tree.Sort(1+i%4), i/4%2 == 1
		all, _ := w.pages(w.owner, tree.ListSpec{Folder: dir.ID, Limit: 1000}, nil)
		got, last := w.pages(w.owner, tree.ListSpec{Folder: dir.ID, Sort: by, Desc: desc, Limit: 1 + rnd.IntN(60)}, nil)
		if want := ordered(all, by, desc); !slices.Equal(shown(got), shown(want)) || last.Total != len(all) || !last.TotalExact {
			t.Fatalf("change %d, order %d, desc %v:\n%v\nwant\n%v\nof %d", i, by, desc, shown(got), shown(want), last.Total)
		}
	}
	if n := w.tree.Ranked(); n != 8 {
		t.Errorf("%d rankings were made, want one for each order and direction", n)
	}
	w.tree.Trim()
	w.pages(w.owner, tree.ListSpec{Folder: dir.ID, Sort: tree.SortSize, Limit: 10}, nil)
	if n := w.tree.Ranked(); n != 9 {
		t.Errorf("after Trim %d", n)
	}
}

// A ranking opens nothing: who may not read the folder, or something in it, or is
// not allowed any more, sees what the one authorisation function says.
func TestRankingsAreDecidedAbout(t *testing.T) {
	w := newWorld(t)
	dir := w.folder(w.share, "dir").Node
	w.mixed(dir.ID, 30, 3)
	spec := tree.ListSpec{Folder: dir.ID, Sort: tree.SortSize, Limit: 10}
	first, err := w.tree.List(ctx, w.owner, spec)
	if err != nil {
		t.Fatal(err)
	}
	for name, p := range map[string]*engine.Principal{"stranger": w.stranger, "foreigner": w.foreigner} {
		_, err := w.tree.List(ctx, p, spec)
		wantKind(t, err, engine.KindNotFound, name)
	}
	// The last two of the second page are out of sight from now on.
	second, err := w.tree.List(ctx, w.owner, tree.ListSpec{Folder: dir.ID, Sort: tree.SortSize, Limit: 10, Token: first.NextToken})
	if err != nil {
		t.Fatal(err)
	}
	hidden := second.Items[8:10]
	for _, n := range hidden {
		w.restrict(w.share, n.ID)
	}
	spec.Token = first.NextToken
	page, err := w.tree.List(ctx, w.owner, spec)
	if err != nil || len(page.Items) != 10 || page.Total != 31 {
		t.Fatalf("%v, %v", page, err)
	}
	for _, n := range page.Items {
		if n.ID == hidden[0].ID || n.ID == hidden[1].ID {
			t.Errorf("%s is shown", n.Name)
		}
	}
	w.update(func(tx *meta.Tx) error {
		sh, err := schema.GetShare(tx, 1, w.share)
		if err != nil {
			return err
		}
		sh.Owner = w.stranger.User
		return schema.PutShare(tx, 1, sh)
	})
	_, err = w.tree.List(ctx, w.owner, spec)
	wantKind(t, err, engine.KindNotFound, "who owned it")
}
