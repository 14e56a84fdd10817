package tree_test

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"scaidrive/engine"
	"scaidrive/engine/meta"
	"scaidrive/engine/meta/schema"
	"scaidrive/engine/names"
	"scaidrive/engine/tree"
)

// pages lists a folder page by page and gives what was shown.
func (w *world) pages(p *engine.Principal, spec tree.ListSpec, between func(page int)) ([]*engine.Node, *tree.Page) {
	w.t.Helper()
	var all []*engine.Node
	for page := 0; ; page++ {
		got, err := w.tree.List(ctx, p, spec)
		if err != nil {
			w.t.Fatalf("%+v: %v", spec, err)
		}
		if len(got.Items) > spec.Limit {
			w.t.Errorf("a page of %d items", len(got.Items))
		}
		all = append(all, got.Items...)
		if spec.Token = got.NextToken; spec.Token == "" {
			return all, got
		}
		if between != nil {
			between(page)
		}
	}
}

func nodeNames(list []*engine.Node) []string {
	out := make([]string, len(list))
	for i, n := range list {
		out[i] = n.Name
	}
	return out
}

// mixed fills a folder with files and folders of many sizes, times, types, some of
// them equal.
func (w *world) mixed(folder engine.ID, files, folders int) {
	w.t.Helper()
	rnd := rand.New(rand.NewPCG(5, 6))
	exts := []string{"", ".txt", ".PDF", ".pdf", ".b", ".tar.gz"}
	w.update(func(tx *meta.Tx) error {
		b := w.tree.Batch(tx, w.owner)
		for i := range files {
			name := fmt.Sprintf("%c%04d%s", "fFäZ"[rnd.IntN(2)], i, exts[rnd.IntN(len(exts))])
			spec := tree.FileSpec{
				Share: w.share, Parent: folder, Name: name, Content: text(strings.Repeat("x", rnd.IntN(5))),
				ModifiedAt: time.Unix(int64(rnd.IntN(20)), 0),
			}
			if _, err := b.PutFile(spec); err != nil {
				return err
			}
		}
		for i := range folders {
			if _, err := b.Mkdir(w.share, folder, fmt.Sprintf("Dir.%d", i), time.Unix(int64(rnd.IntN(20)), 0)); err != nil {
				return err
			}
		}
		return b.Flush()
	})
}

// ordered is the order that List promises, computed from the nodes themselves.
func ordered(list []*engine.Node, by tree.Sort, desc bool) []*engine.Node {
	list = slices.Clone(list)
	number := func(n *engine.Node) (int64, string) {
		file := n.Kind == engine.KindFile
		switch {
		case by == tree.SortSize && file:
			return n.Size, ""
		case by == tree.SortSize:
			return -1, ""
		case by == tree.SortModified:
			return n.ModifiedAt.UnixMicro(), ""
		case by == tree.SortType && file:
			_, ext, _ := cutLast(names.Key(n.Name))
			return 1, ext
		case by == tree.SortFolders && file:
			return 1, ""
		}
		return 0, ""
	}
	slices.SortFunc(list, func(a, b *engine.Node) int {
		an, at := number(a)
		bn, bt := number(b)
		c := cmp.Or(cmp.Compare(an, bn), cmp.Compare(at, bt))
		key := cmp.Compare(names.Key(a.Name), names.Key(b.Name))
		if by == tree.SortName {
			c = key
		}
		switch {
		case desc && by == tree.SortFolders:
			key = -key
		case desc:
			c = -c
		}
		return cmp.Or(c, key, slices.Compare(a.ID[:], b.ID[:]))
	})
	return list
}

func cutLast(s string) (before, after string, ok bool) {
	if i := strings.LastIndexByte(s, '.'); i > 0 {
		return s[:i], s[i+1:], true
	}
	return s, "", false
}

func TestEveryOrderOnEveryPage(t *testing.T) {
	w := newWorld(t)
	w.mixed(w.share, 300, 30)
	all, _ := w.pages(w.owner, tree.ListSpec{Folder: w.share, Limit: 1000}, nil)
	if len(all) != 330 {
		t.Fatal(len(all))
	}
	for by := tree.SortName; by <= tree.SortFolders; by++ {
		for _, desc := range []bool{false, true} {
			want := nodeNames(ordered(all, by, desc))
			for _, limit := range []int{7, 100, 330, 1000} {
				got, last := w.pages(w.owner, tree.ListSpec{Folder: w.share, Sort: by, Desc: desc, Limit: limit}, nil)
				if !slices.Equal(nodeNames(got), want) {
					t.Errorf("order %d, desc %v, limit %d:\n%v\nwant\n%v", by, desc, limit, nodeNames(got), want)
				}
				if last.Total != 330 || !last.TotalExact || last.Path != "/" {
					t.Errorf("order %d: %d, exact %v, at %s", by, last.Total, last.TotalExact, last.Path)
				}
			}
			p, err := w.tree.List(ctx, w.owner, tree.ListSpec{Folder: w.share, Sort: by, Desc: desc, Limit: 10, Offset: 205})
			if err != nil || !slices.Equal(nodeNames(p.Items), want[205:215]) || p.NextToken == "" {
				t.Errorf("order %d, desc %v, offset: %v, %v", by, desc, nodeNames(p.Items), err)
			}
			p, err = w.tree.List(ctx, w.owner, tree.ListSpec{Folder: w.share, Sort: by, Desc: desc, Limit: 10, Offset: 9990})
			if err != nil || len(p.Items) != 0 || p.NextToken != "" || p.Total != 330 {
				t.Errorf("order %d, offset beyond the end: %d, %v", by, len(p.Items), err)
			}
		}
	}
}

// While other things come and go, a listing in any order shows what was there all
// along exactly once, and never fails.
func TestOrdersUnderChange(t *testing.T) {
	for by := tree.SortName; by <= tree.SortFolders; by++ {
		for _, desc := range []bool{false, true} {
			w := newWorld(t)
			w.mixed(w.share, 60, 6)
			steady, _ := w.pages(w.owner, tree.ListSpec{Folder: w.share, Limit: 1000}, nil)
			rnd := rand.New(rand.NewPCG(uint64(by), 3))
			var mine []engine.ID
			between := func(i int) {
				f := w.file(w.share, fmt.Sprintf("%c-new%d.%c", 'a'+rnd.IntN(26), i, 'a'+rnd.IntN(26)), strings.Repeat("y", rnd.IntN(4)))
				mine = append(mine, f.Node.ID)
				if i%2 == 1 {
					if err := w.tree.Trash(ctx, w.owner, mine[0], engine.KindFile, engine.ID{}); err != nil {
						t.Fatal(err)
					}
					mine = mine[1:]
				}
			}
			got, _ := w.pages(w.owner, tree.ListSpec{Folder: w.share, Sort: by, Desc: desc, Limit: 7}, between)
			seen := map[engine.ID]int{}
			for _, n := range got {
				if seen[n.ID]++; seen[n.ID] > 1 {
					t.Errorf("order %d: %s twice", by, n.Name)
				}
			}
			for _, n := range steady {
				if seen[n.ID] != 1 {
					t.Errorf("order %d, desc %v: %s was shown %d times", by, desc, n.Name, seen[n.ID])
				}
			}
		}
	}
}

func TestFilter(t *testing.T) {
	w := newWorld(t)
	for _, name := range []string{"Annual Report.pdf", "report-2026.txt", "unreported", "2026 budget", "Ölwechsel.md", "_draft", "my_draft", "日本語レポート", "Straße"} {
		w.file(w.share, name, "x")
	}
	w.folder(w.share, "REPORTS")
	for _, tt := range []struct{ filter, want string }{
		{"rep", "Annual Report.pdf|report-2026.txt|REPORTS"},
		{"REPORT", "Annual Report.pdf|report-2026.txt|REPORTS"},
		{"annual rep", "Annual Report.pdf"},
		{"2026", "2026 budget|report-2026.txt"},
		{"p", "Annual Report.pdf"},
		{".p", "Annual Report.pdf"},
		{"ölw", "Ölwechsel.md"},
		{"O\u0308LW", "Ölwechsel.md"},
		{"wechsel", ""},
		{"draft", "_draft|my_draft"},
		{"_d", "_draft|my_draft"},
		{"本", "日本語レポート"},
		{"STRAß", "Straße"},
		{"  budget ", "2026 budget"},
		{"nothing", ""},
	} {
		for by := tree.SortName; by <= tree.SortFolders; by++ {
			for _, limit := range []int{1, 100} {
				got, last := w.pages(w.owner, tree.ListSpec{Folder: w.share, Filter: tt.filter, Sort: by, Limit: limit}, nil)
				names := nodeNames(ordered(got, tree.SortName, false))
				if strings.Join(names, "|") != tt.want {
					t.Errorf("%q by %d: %q, want %q", tt.filter, by, strings.Join(names, "|"), tt.want)
				}
				if !last.TotalExact || last.Total != len(got) {
					t.Errorf("%q by %d: total %d, exact %v", tt.filter, by, last.Total, last.TotalExact)
				}
			}
		}
	}
	p, err := w.tree.List(ctx, w.owner, tree.ListSpec{Folder: w.share, Filter: "rep", Limit: 1})
	if err != nil || p.TotalExact || p.Total != 1 || p.NextToken == "" {
		t.Errorf("the first page: %+v, %v", p, err)
	}
	for _, bad := range []string{strings.Repeat("x", 256), "\xff"} {
		_, err := w.tree.List(ctx, w.owner, tree.ListSpec{Folder: w.share, Filter: bad, Limit: 1})
		wantKind(t, err, engine.KindInvalid, fmt.Sprintf("filter %.10q", bad))
	}
	if _, err := w.tree.List(ctx, w.owner, tree.ListSpec{Folder: w.share, Filter: strings.Repeat("x", 255), Limit: 1}); err != nil {
		t.Error(err)
	}
}

// A token is good for the listing that it was given for, and for no other.
func TestTokensAreBound(t *testing.T) {
	w := newWorld(t)
	w.mixed(w.share, 20, 2)
	other := w.folder(w.share, "other")
	for _, spec := range []tree.ListSpec{{}, {Sort: tree.SortSize}, {Deleted: true}, {Desc: true}} {
		spec.Folder, spec.Limit = w.share, 3
		p, err := w.tree.List(ctx, w.owner, spec)
		if err != nil {
			t.Fatal(err)
		}
		spec.Token = p.NextToken
		changes := map[string]func(*tree.ListSpec){
			"order":     func(s *tree.ListSpec) { s.Sort = (s.Sort + 1) % 4 },
			"direction": func(s *tree.ListSpec) { s.Desc = !s.Desc },
			"filter":    func(s *tree.ListSpec) { s.Filter = "f" },
			"deleted":   func(s *tree.ListSpec) { s.Deleted = !s.Deleted },
			"folder":    func(s *tree.ListSpec) { s.Folder = other.Node.ID },
			"offset":    func(s *tree.ListSpec) { s.Offset = 1 },
		}
		for what, change := range changes {
			s := spec
			change(&s)
			_, err := w.tree.List(ctx, w.owner, s)
			wantKind(t, err, engine.KindInvalid, "another "+what)
		}
		spec.Limit, spec.Rights = 5, true // these two may change
		if p, err := w.tree.List(ctx, w.owner, spec); err != nil || len(p.Items) != 5 || len(p.Rights) != 5 {
			t.Errorf("the listing itself: %v", err)
		}
	}
}

func TestRightsOfEntries(t *testing.T) {
	w := newWorld(t)
	w.mixed(w.share, 10, 2)
	for _, by := range []tree.Sort{tree.SortName, tree.SortType, tree.SortModified} {
		p, err := w.tree.List(ctx, w.owner, tree.ListSpec{Folder: w.share, Sort: by, Rights: true, Limit: 5})
		if err != nil || len(p.Rights) != len(p.Items) {
			t.Fatal(err, p)
		}
		for i, r := range p.Rights {
			if r != engine.RightsAll {
				t.Errorf("order %d: %s has %d", by, p.Items[i].Name, r)
			}
		}
	}
}

// With what was deleted: what was deleted from the folder itself, beside what
// lives, not what lies in a deleted folder or was removed for good.
func TestDeletedEntries(t *testing.T) {
	w := newWorld(t)
	dir := w.folder(w.share, "dir")
	sub := w.folder(dir.Node.ID, "sub")
	inner := w.file(sub.Node.ID, "inner", "x")
	w.file(dir.Node.ID, "lives", "x")
	twice := w.file(dir.Node.ID, "twice", "x")
	trash := func(id engine.ID, kind engine.NodeKind) {
		t.Helper()
		if err := w.tree.Trash(ctx, w.owner, id, kind, engine.ID{}); err != nil {
			t.Fatal(err)
		}
	}
	trash(twice.Node.ID, engine.KindFile)
	again := w.file(dir.Node.ID, "twice", "yy")
	trash(again.Node.ID, engine.KindFile)
	w.file(dir.Node.ID, "twice", "zzz")
	trash(sub.Node.ID, engine.KindFolder)
	gone := w.file(dir.Node.ID, "gone", "x")
	trash(gone.Node.ID, engine.KindFile)
	if err := w.tree.Purge(ctx, w.owner, gone.Node.ID, engine.KindFile, engine.ID{}); err != nil {
		t.Fatal(err)
	}
	for by := tree.SortName; by <= tree.SortFolders; by++ {
		for _, limit := range []int{1, 2, 100} {
			got, last := w.pages(w.owner, tree.ListSpec{Folder: dir.Node.ID, Sort: by, Deleted: true, Limit: limit}, nil)
			if !slices.Equal(nodeNames(got), nodeNames(ordered(got, by, false))) {
				t.Errorf("order %d: %v", by, nodeNames(got))
			}
			names := nodeNames(ordered(got, tree.SortName, false))
			if fmt.Sprint(names) != "[lives sub twice twice twice]" || last.Total != 5 {
				t.Errorf("order %d, limit %d: %v of %d", by, limit, names, last.Total)
			}
		}
	}
	got, _ := w.pages(w.owner, tree.ListSpec{Folder: dir.Node.ID, Deleted: true, Filter: "tw", Limit: 100}, nil)
	if len(got) != 3 {
		t.Errorf("with a filter: %v", nodeNames(got))
	}
	got, _ = w.pages(w.owner, tree.ListSpec{Folder: dir.Node.ID, Limit: 100}, nil)
	if fmt.Sprint(nodeNames(got)) != "[lives twice]" {
		t.Errorf("without: %v", nodeNames(got))
	}
	_, err := w.tree.List(ctx, w.owner, tree.ListSpec{Folder: sub.Node.ID, Deleted: true, Limit: 10})
	wantKind(t, err, engine.KindGone, "a deleted folder")
	_ = inner
	_, err = tree.New(w.db, w.env).List(ctx, w.owner, tree.ListSpec{Folder: dir.Node.ID, Deleted: true, Limit: 10})
	wantKind(t, err, engine.KindUnavailable, "before the trash was looked through")
}

// A row that vanished is damage in every order, too, and in both directions, also
// between two pages.
func TestVanishedChildInEveryOrder(t *testing.T) {
	for by := tree.SortName; by <= tree.SortFolders; by++ {
		for _, desc := range []bool{false, true} {
			w := newWorld(t)
			w.fill(w.share, 20)
			spec := tree.ListSpec{Folder: w.share, Sort: by, Desc: desc, Limit: 5}
			first, err := w.tree.List(ctx, w.owner, spec)
			if err != nil {
				t.Fatal(err)
			}
			w.update(func(tx *meta.Tx) error { return schema.DeleteChild(tx, 1, w.share, []byte("f00010")) })
			w.file(w.share, "F00010+", "x")
			for err = nil; err == nil; spec.Token = first.NextToken {
				if spec.Token == "" && first.NextToken == "" {
					break
				}
				spec.Token = first.NextToken
				if first, err = w.tree.List(ctx, w.owner, spec); err != nil || first.NextToken == "" {
					break
				}
			}
			wantKind(t, err, engine.KindDamaged, fmt.Sprintf("order %d, desc %v: a listing under way", by, desc))
		}
	}
}

// In a share with exceptions the total is what was seen, and what is out of sight
// counts nowhere, nor does it take the place of something in a page.
func TestTotalsWithExceptions(t *testing.T) {
	w := newWorld(t)
	ids := w.fill(w.share, 10)
	w.update(func(tx *meta.Tx) error {
		sh, err := schema.GetShare(tx, 1, w.share)
		if err != nil {
			return err
		}
		for _, id := range ids[3:5] {
			n, err := schema.GetNode(tx, 1, id)
			if err != nil {
				return err
			}
			list := []engine.Entry{{ID: w.newID(), Type: engine.EntryDeny, Kind: engine.PrincipalEveryone, Rights: engine.RightRead, AppliesTo: engine.AppliesToThisOnly}}
			if err := schema.PutEntries(tx, 1, sh, n, list); err != nil {
				return err
			}
		}
		return nil
	})
	for by := tree.SortName; by <= tree.SortFolders; by++ {
		for _, desc := range []bool{false, true} {
			all, last := w.pages(w.owner, tree.ListSpec{Folder: w.share, Sort: by, Desc: desc, Limit: 3}, nil)
			if len(all) != 8 || last.Total != 8 || !last.TotalExact {
				t.Errorf("order %d: %d of %d, exact %v", by, len(all), last.Total, last.TotalExact)
			}
			var paged []*engine.Node
			for offset := 0; offset < 12; offset += 3 {
				p, err := w.tree.List(ctx, w.owner, tree.ListSpec{Folder: w.share, Sort: by, Desc: desc, Limit: 3, Offset: offset})
				if err != nil {
					t.Fatal(err)
				}
				paged = append(paged, p.Items...)
				if by == tree.SortName && offset == 0 && (p.TotalExact || p.Total != 3) {
					t.Errorf("the first page says %d, exact %v", p.Total, p.TotalExact)
				}
			}
			if fmt.Sprint(nodeNames(paged)) != fmt.Sprint(nodeNames(all)) {
				t.Errorf("order %d, by offset: %v, by token: %v", by, nodeNames(paged), nodeNames(all))
			}
		}
	}
}

// A page begins where it is told to: behind so many, at a beginning of a name, at an
// entry; and says how many are before it. Where something restricts there are no
// positions.
func TestSeek(t *testing.T) {
	w := newWorld(t)
	dir := w.folder(w.share, "dir").Node
	w.mixed(dir.ID, 300, 30)
	for _, by := range []tree.Sort{tree.SortFolders, tree.SortSize, tree.SortModified, tree.SortType} {
		for _, desc := range []bool{false, true} {
			for _, filter := range []string{"", "f", "dir"} {
				spec := tree.ListSpec{Folder: dir.ID, Sort: by, Desc: desc, Filter: filter, Limit: 1000}
				all, _ := w.pages(w.owner, spec, nil)
				seek := func(s tree.Seek, want int) {
					t.Helper()
					spec.Limit, spec.Seek = 7, &s
					p, err := w.tree.List(ctx, w.owner, spec)
					if err != nil {
						t.Fatalf("%+v, %+v: %v", spec, s, err)
					}
					list := nodeNames(all[want:min(want+7, len(all))])
					if p.Position != want || !slices.Equal(nodeNames(p.Items), list) || p.Total != len(all) || !p.TotalExact {
						t.Errorf("%+v, %+v: at %d of %d: %v\nwant at %d %v", spec, s, p.Position, p.Total, nodeNames(p.Items), want, list)
					}
				}
				for _, at := range []int{0, 1, len(all) / 2, len(all) - 3, len(all)} {
					seek(tree.Seek{Position: at}, at)
				}
				seek(tree.Seek{Position: len(all) + 50}, len(all))
				for _, text := range []string{"f", "dir.2", "F0", "nothing"} {
					begins := func(n *engine.Node) bool { return strings.HasPrefix(names.Key(n.Name), names.Key(text)) }
					for _, from := range []int{0, 20, len(all)} {
						want := slices.IndexFunc(all[from:], begins)
						if want >= 0 {
							want += from
						} else if want = slices.IndexFunc(all, begins); want < 0 {
							want = len(all)
						}
						seek(tree.Seek{Position: from, Begins: text}, want)
					}
				}
				seek(tree.Seek{Item: all[len(all)-2].ID}, len(all)-2)
				seek(tree.Seek{Item: dir.ID}, len(all))
			}
		}
	}
	at := &tree.Seek{Position: 1}
	for name, spec := range map[string]tree.ListSpec{"by name": {Seek: at}, "with an offset": {Sort: tree.SortFolders, Seek: at, Offset: 1}, "with what was deleted": {Sort: tree.SortFolders, Seek: at, Deleted: true}} {
		spec.Folder, spec.Limit = dir.ID, 1
		_, err := w.tree.List(ctx, w.owner, spec)
		wantKind(t, err, engine.KindInvalid, name)
	}
	p, err := w.tree.List(ctx, w.owner, tree.ListSpec{Folder: dir.ID, Sort: tree.SortFolders, Limit: 1})
	if err != nil || p.Position != 0 {
		t.Errorf("a first page at %+v: %v", p, err)
	}
	w.restrict(w.share, p.Items[0].ID)
	if p, err = w.tree.List(ctx, w.owner, tree.ListSpec{Folder: dir.ID, Sort: tree.SortFolders, Limit: 1}); err != nil || p.Position != -1 {
		t.Errorf("where something restricts, a page at %+v: %v", p, err)
	}
	_, err = w.tree.List(ctx, w.owner, tree.ListSpec{Folder: dir.ID, Sort: tree.SortFolders, Limit: 1, Seek: at})
	wantKind(t, err, engine.KindInvalid, "where something restricts")
}
