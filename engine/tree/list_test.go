package tree_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"scaidrive/engine"
	"scaidrive/engine/meta"
	"scaidrive/engine/meta/schema"
	"scaidrive/engine/tree"
)

// listAll pages through a folder; between is called between two pages.
func (w *world) listAll(folder engine.ID, limit int, between func(page int)) ([]string, error) {
	var names []string
	token := ""
	for page := 0; ; page++ {
		p, err := w.tree.Children(ctx, w.owner, folder, limit, 0, token)
		if err != nil {
			return names, err
		}
		if len(p.Items) > limit || len(p.Items) == 0 && p.NextToken != "" {
			w.t.Errorf("a page of %d items", len(p.Items))
		}
		for _, n := range p.Items {
			names = append(names, n.Name)
		}
		if token = p.NextToken; token == "" {
			return names, nil
		}
		if between != nil {
			between(page)
		}
	}
}

// walkAll pages through a tree and gives paths; it checks that parents come first.
func (w *world) walkAll(folder engine.ID, limit int, between func(page int)) (paths []string, err error) {
	at := map[engine.ID]string{folder: ""}
	token, cursor := "", uint64(0)
	for page := 0; ; page++ {
		l, err := w.tree.Walk(ctx, w.owner, w.share, folder, limit, token)
		if err != nil {
			return paths, err
		}
		if page == 0 {
			cursor = l.Cursor
		} else if l.Cursor != cursor {
			w.t.Errorf("page %d has the cursor %d, the first had %d", page, l.Cursor, cursor)
		}
		if len(l.Entries) > limit {
			w.t.Errorf("a page of %d entries", len(l.Entries))
		}
		for _, n := range l.Entries {
			up, ok := at[n.Parent]
			if !ok {
				w.t.Errorf("%q came before its parent", n.Name)
			}
			at[n.ID] = up + "/" + n.Name
			paths = append(paths, at[n.ID])
		}
		if token = l.NextToken; token == "" {
			return paths, nil
		}
		if len(l.Entries) == 0 {
			w.t.Fatal("an empty page that goes on")
		}
		if between != nil {
			between(page)
		}
	}
}

func (w *world) fill(folder engine.ID, n int) (ids []engine.ID) {
	w.t.Helper()
	w.update(func(tx *meta.Tx) error {
		ids = ids[:0]
		b := w.tree.Batch(tx, w.owner)
		for i := range n {
			out, err := b.PutFile(tree.FileSpec{Share: w.share, Parent: folder, Name: fmt.Sprintf("F%05d", i), Content: text("x")})
			if err != nil {
				return err
			}
			ids = append(ids, out.Node.ID)
		}
		return b.Flush()
	})
	return ids
}

func TestChildrenPages(t *testing.T) {
	w := newWorld(t)
	w.fill(w.share, 50)
	w.folder(w.share, "a")
	w.folder(w.share, "Zed")
	for _, limit := range []int{1, 7, 51, 52, 53, 1000} {
		names, err := w.listAll(w.share, limit, nil)
		if err != nil {
			t.Fatal(err)
		}
		if len(names) != 52 || names[0] != "a" || names[1] != "F00000" || names[51] != "Zed" {
			t.Errorf("limit %d: %d names, %v", limit, len(names), names)
		}
	}
	p, err := w.tree.Children(ctx, w.owner, w.share, 3, 49, "")
	if err != nil || len(p.Items) != 3 || p.Items[2].Name != "Zed" || p.NextToken != "" || p.Total != 52 || !p.TotalExact || p.Path != "/" {
		t.Errorf("offset 49: %+v, %v", p, err)
	}
	p, err = w.tree.Children(ctx, w.owner, w.share, 3, 60, "")
	if err != nil || len(p.Items) != 0 || p.NextToken != "" || p.Total != 52 {
		t.Errorf("offset beyond the end: %+v, %v", p, err)
	}
	for _, bad := range [][2]int{{0, 0}, {1001, 0}, {-1, 0}, {1, -1}, {1, 10000}} {
		_, err := w.tree.Children(ctx, w.owner, w.share, bad[0], bad[1], "")
		wantKind(t, err, engine.KindInvalid, fmt.Sprint("limit and offset ", bad))
	}
	f := w.file(w.share, "file", "x")
	_, err = w.tree.Children(ctx, w.owner, f.Node.ID, 10, 0, "")
	wantKind(t, err, engine.KindNotFound, "children of a file")
}

func TestBigFolder(t *testing.T) {
	w := newWorld(t)
	for i := range 7 {
		d := w.folder(w.share, fmt.Sprint("d", i))
		w.fill(d.Node.ID, 1500)
	}
	big := w.folder(w.share, "big")
	w.update(func(tx *meta.Tx) error {
		b := w.tree.Batch(tx, w.owner)
		for i := range 7000 {
			if _, err := b.PutFile(tree.FileSpec{Share: w.share, Parent: big.Node.ID, Name: fmt.Sprint(i), Content: text("x")}); err != nil {
				return err
			}
		}
		return b.Flush()
	})
	names, err := w.listAll(big.Node.ID, 1000, nil)
	if err != nil || len(names) != 7000 {
		t.Errorf("%d names, %v", len(names), err)
	}
	p, err := w.tree.Children(ctx, w.owner, big.Node.ID, 10, 6995, "")
	if err != nil || len(p.Items) != 5 || p.NextToken != "" {
		t.Errorf("offset 6995: %d items, %v", len(p.Items), err)
	}
	paths, err := w.walkAll(w.share, 5000, nil)
	if want := 7*1501 + 7001; err != nil || len(paths) != want {
		t.Errorf("%d paths, want %d, %v", len(paths), want, err)
	}
}

func TestTokens(t *testing.T) {
	w := newWorld(t)
	d := w.folder(w.share, "d")
	w.fill(w.share, 20)
	w.fill(d.Node.ID, 20)
	p, err := w.tree.Children(ctx, w.owner, w.share, 5, 0, "")
	if err != nil {
		t.Fatal(err)
	}
	l, err := w.tree.Walk(ctx, w.owner, w.share, w.share, 5, "")
	if err != nil {
		t.Fatal(err)
	}
	children := func(p *engine.Principal, folder engine.ID, token string) error {
		_, err := w.tree.Children(ctx, p, folder, 5, 0, token)
		return err
	}
	walk := func(p *engine.Principal, folder engine.ID, token string) error {
		_, err := w.tree.Walk(ctx, p, w.share, folder, 5, token)
		return err
	}
	bad := map[string]error{
		"another caller's":      children(w.admin, w.share, p.NextToken),
		"another folder's":      children(w.owner, d.Node.ID, p.NextToken),
		"a walk's":              children(w.owner, w.share, l.NextToken),
		"children's in a walk":  walk(w.owner, w.share, p.NextToken),
		"another caller's walk": walk(w.super, w.share, l.NextToken),
		"another folder's walk": walk(w.owner, d.Node.ID, l.NextToken),
		"not base64":            children(w.owner, w.share, "%%%"),
		"short":                 children(w.owner, w.share, "AAAA"),
		"cut":                   children(w.owner, w.share, p.NextToken[:len(p.NextToken)-4]),
		"another service's": func() error {
			_, err := tree.New(w.db, w.env).Children(ctx, w.owner, w.share, 5, 0, p.NextToken)
			return err
		}(),
		"with an offset":          func() error { _, err := w.tree.Children(ctx, w.owner, w.share, 5, 3, p.NextToken); return err }(),
		"long":                    children(w.owner, w.share, strings.Repeat("A", 100000)),
		"empty body, right shape": children(w.owner, w.share, strings.Repeat("A", 24)),
	}
	for what, err := range bad {
		var e *engine.Error
		if engine.KindOf(err) != engine.KindInvalid || !asError(err, &e) || e.Field != "page_token" {
			t.Errorf("a token that is %s: %v", what, err)
		}
	}
	rnd := rand.New(rand.NewPCG(3, 4))
	for range 300 {
		b := []byte(p.NextToken)
		b[rnd.IntN(len(b))] ^= byte(1 + rnd.IntN(63))
		if err := children(w.owner, w.share, string(b)); engine.KindOf(err) != engine.KindInvalid {
			t.Fatalf("a changed token: %v", err)
		}
	}
}

func asError(err error, e **engine.Error) bool {
	x, ok := err.(*engine.Error)
	*e = x
	return ok
}

// A child's row that vanishes behind the engine's back is damage in every
// listing that should show it, whatever the page size and wherever the listing
// stands, also while other things change; it is never a shorter list.
func TestVanishedChild(t *testing.T) {
	for _, limit := range []int{1, 3, 1000} {
		for _, victim := range []int{0, 8, 19} {
			w := newWorld(t)
			d := w.folder(w.share, "d")
			w.fill(d.Node.ID, 20)
			w.file(w.share, "z", "z")
			cut := func() {
				w.update(func(tx *meta.Tx) error {
					return schema.DeleteChild(tx, 1, d.Node.ID, []byte(fmt.Sprintf("f%05d", victim)))
				})
			}
			changes := 0
			busy := func(int) {
				changes++
				w.file(d.Node.ID, fmt.Sprintf("F%05d+%d", changes*7%20, changes), "new")
			}
			// Listings begun before the row vanished, and after.
			first, err := w.tree.Children(ctx, w.owner, d.Node.ID, limit, 0, "")
			if err != nil {
				t.Fatal(err)
			}
			tree1, err := w.tree.Walk(ctx, w.owner, w.share, engine.ID{}, limit, "")
			if err != nil {
				t.Fatal(err)
			}
			cut()
			passed := victim < limit
			if first.NextToken != "" && !passed {
				token := first.NextToken
				for token != "" && err == nil {
					busy(0)
					var p *tree.Page
					if p, err = w.tree.Children(ctx, w.owner, d.Node.ID, limit, 0, token); err == nil {
						token = p.NextToken
					}
				}
				wantKind(t, err, engine.KindDamaged, fmt.Sprintf("limit %d, victim %d: a listing under way", limit, victim))
			}
			err = nil
			if tree1.NextToken != "" && victim >= limit { // d itself is the first entry
				token := tree1.NextToken
				for token != "" && err == nil {
					busy(0)
					var l *tree.Listing
					if l, err = w.tree.Walk(ctx, w.owner, w.share, engine.ID{}, limit, token); err == nil {
						token = l.NextToken
					}
				}
				wantKind(t, err, engine.KindDamaged, fmt.Sprintf("limit %d, victim %d: a walk under way", limit, victim))
			}
			_, err = w.listAll(d.Node.ID, limit, busy)
			wantKind(t, err, engine.KindDamaged, fmt.Sprintf("limit %d, victim %d: a listing", limit, victim))
			_, err = w.walkAll(w.share, limit, busy)
			wantKind(t, err, engine.KindDamaged, fmt.Sprintf("limit %d, victim %d: a walk", limit, victim))
		}
	}
}

// A row that leads nowhere, or to something else than it says, is damage too.
func TestWrongChild(t *testing.T) {
	tests := map[string]func(tx *meta.Tx, w *world, n *engine.Node) error{
		"the node is missing": func(tx *meta.Tx, w *world, n *engine.Node) error { return schema.DeleteNode(tx, 1, n.ID) },
		"it is elsewhere": func(tx *meta.Tx, w *world, n *engine.Node) error {
			n.Parent = w.newID()
			return schema.PutNode(tx, 1, n)
		},
		"it is deleted": func(tx *meta.Tx, w *world, n *engine.Node) error {
			n.DeletedAt = w.now()
			return schema.PutNode(tx, 1, n)
		},
		"it is a folder": func(tx *meta.Tx, w *world, n *engine.Node) error {
			n.Kind = engine.KindFolder
			return schema.PutNode(tx, 1, n)
		},
		"a row has another key": func(tx *meta.Tx, w *world, n *engine.Node) error {
			if err := schema.DeleteChild(tx, 1, w.share, []byte("f")); err != nil {
				return err
			}
			return schema.PutChild(tx, 1, w.share, []byte("g"), &engine.Child{Node: n.ID, Kind: n.Kind})
		},
		"a row too many": func(tx *meta.Tx, w *world, n *engine.Node) error {
			return schema.PutChild(tx, 1, w.share, []byte("g"), &engine.Child{Node: n.ID, Kind: n.Kind})
		},
	}
	for name, breakIt := range tests {
		w := newWorld(t)
		f := w.file(w.share, "f", "x")
		w.update(func(tx *meta.Tx) error { return breakIt(tx, w, f.Node) })
		_, err := w.listAll(w.share, 10, nil)
		wantKind(t, err, engine.KindDamaged, "children when "+name)
		_, err = w.walkAll(w.share, 10, nil)
		wantKind(t, err, engine.KindDamaged, "walk when "+name)
	}
}

// Listings in small pages while files and folders come and go everywhere: they
// never fail, show everything that was there all along, and nothing twice.
func TestListingUnderChange(t *testing.T) {
	for seed := range uint64(10) {
		w := newWorld(t)
		rnd := rand.New(rand.NewPCG(seed, 1))
		steady := map[string]bool{}
		var volatile []engine.ID
		folders := []engine.ID{w.share}
		for i := range 6 {
			folders = append(folders, w.folder(folders[rnd.IntN(len(folders))], fmt.Sprint("dir", i)).Node.ID)
		}
		for i := range 40 {
			f := w.file(folders[rnd.IntN(len(folders))], fmt.Sprintf("s%02d", i), "s")
			steady[f.Path] = true
		}
		count := 0
		change := func(int) {
			for range rnd.IntN(4) {
				count++
				in := folders[rnd.IntN(len(folders))]
				switch {
				case len(volatile) > 0 && rnd.IntN(2) == 0:
					i := rnd.IntN(len(volatile))
					if err := w.tree.Trash(ctx, w.owner, volatile[i], kindOf(w, volatile[i]), engine.ID{}); err != nil {
						t.Fatal(err)
					}
					volatile = append(volatile[:i], volatile[i+1:]...)
				case rnd.IntN(4) == 0:
					d := w.folder(in, fmt.Sprintf("s%02d-dir%d", rnd.IntN(40), count))
					w.file(d.Node.ID, "inner", "v")
					volatile = append(volatile, d.Node.ID)
				default:
					volatile = append(volatile, w.file(in, fmt.Sprintf("s%02d-%d", rnd.IntN(40), count), "v").Node.ID)
				}
			}
		}
		change(0)
		paths, err := w.walkAll(w.share, 1+rnd.IntN(5), change)
		if err != nil {
			t.Fatalf("seed %d: walk: %v", seed, err)
		}
		seen := map[string]bool{}
		for _, p := range paths {
			if seen[p] {
				t.Errorf("seed %d: %q came twice", seed, p)
			}
			seen[p] = true
		}
		for p := range steady {
			if !seen[p] {
				t.Errorf("seed %d: %q was left out", seed, p)
			}
		}
		for _, f := range folders {
			if _, err := w.listAll(f, 1+rnd.IntN(4), change); err != nil {
				t.Errorf("seed %d: children: %v", seed, err)
			}
		}
		w.audit()
	}
}

func kindOf(w *world, id engine.ID) engine.NodeKind {
	n, err := w.tree.Get(context.Background(), w.owner, id, 0)
	if err != nil {
		w.t.Fatal(err)
	}
	return n.Node.Kind
}
