package tree_test

import (
	"slices"
	"strings"

	"scaidrive/engine"
	"scaidrive/engine/tree"
)

func (n *modelNode) root() *modelNode {
	for n.up != nil {
		n = n.up
	}
	return n
}

func (n *modelNode) kind() engine.NodeKind {
	if n.folder {
		return engine.KindFolder
	}
	return engine.KindFile
}

// under reports whether n is top or lives below it.
func (n *modelNode) under(top *modelNode) bool {
	for ; n != nil; n = n.up {
		if n == top {
			return true
		}
		if n.trashed {
			return false
		}
	}
	return false
}

// usedIn is what all files of a share count, the deleted ones too.
func (m *model) usedIn(root *modelNode) (used int64) {
	for _, n := range m.all {
		if n.folder || n.root() != root {
			continue
		}
		for i, c := range n.contents {
			if i+1 == len(n.contents) {
				used += text(c).Size
			} else {
				used += tree.Kept(text(c).Inline, text(n.contents[i+1]).Inline)
			}
		}
	}
	return used
}

func (m *model) compareTrash(root *modelNode) {
	var want, got []engine.ID
	for _, n := range m.all {
		if n.trashed && n.root() == root {
			want = append(want, n.id)
		}
	}
	for token := ""; ; {
		p, err := m.tree.ListTrash(ctx, m.owner, root.id, 3, 0, token)
		if err != nil {
			m.t.Fatal(err)
		}
		if p.Total != len(want) || !p.TotalExact {
			m.t.Errorf("the trash has %d, want %d", p.Total, len(want))
		}
		for _, e := range p.Items {
			got = append(got, e.Node.ID)
		}
		if token = p.NextToken; token == "" {
			break
		}
	}
	byID := func(a, b engine.ID) int { return slices.Compare(a[:], b[:]) }
	slices.SortFunc(want, byID)
	slices.SortFunc(got, byID)
	if !slices.Equal(got, want) {
		m.t.Errorf("the trash has %d things, want %d", len(got), len(want))
	}
}

// target is the kind of error of a target folder, 0 for a good one.
func (m *model) target(n, to *modelNode) engine.Kind {
	switch {
	case !to.live():
		return engine.KindGone
	case !to.folder:
		return engine.KindNotFound
	case to.under(n):
		return engine.KindConflict
	}
	return 0
}

// source is the kind of error of what is moved or copied.
func (m *model) source(n *modelNode) engine.Kind {
	switch {
	case n.up == nil:
		return engine.KindForbidden
	case !n.live():
		return engine.KindGone
	}
	return 0
}

func (m *model) move(n, to *modelNode) {
	name, target := n.name, &tree.Target{Folder: to.id}
	if m.rnd.IntN(2) == 0 {
		name = m.name()
	}
	if m.rnd.IntN(3) == 0 && n.up != nil {
		to, target = n.up, nil
	}
	kind := m.source(n)
	if kind == 0 {
		kind = m.target(n, to)
	}
	key := strings.ToLower(name)
	if kind == 0 && to.children[key] != nil && to.children[key] != n {
		kind = engine.KindConflict
	}
	loc, err := m.tree.Move(ctx, m.owner, tree.Move{ID: n.id, Kind: n.kind(), To: target, Name: name})
	if !m.want(err, kind, "move "+n.name+" to "+to.name+"/"+name) {
		return
	}
	if loc.Node.Name != name || loc.Share != to.root().id {
		m.t.Errorf("moved to %q in %v", loc.Node.Name, loc.Share)
	}
	if to.root() != n.root() {
		m.leaveBehind(n, n.up)
	}
	delete(n.up.children, strings.ToLower(n.name))
	n.name, n.up = name, to
	to.children[key] = n
}

// leaveBehind hands what was deleted from n and below it to another folder.
func (m *model) leaveBehind(n, to *modelNode) {
	for _, x := range m.all {
		if x.trashed && x != n && x.up.under(n) {
			x.up = to
		}
	}
}

func (m *model) restore(n *modelNode) {
	kind := engine.Kind(0)
	switch {
	case n.up == nil:
		kind = engine.KindForbidden
	case !n.trashed && !n.live():
		kind = engine.KindGone
	}
	loc, err := m.tree.Restore(ctx, m.owner, n.id, n.kind(), engine.ID{})
	if !m.want(err, kind, "restore "+n.name) || !n.trashed {
		return
	}
	to := n.up
	for !to.live() {
		to = to.up
	}
	base, ext := n.name, ""
	if i := strings.LastIndexByte(n.name, '.'); i > 0 {
		base, ext = n.name[:i], n.name[i:]
	}
	for _, suffix := range []string{"", " (restored)", " (restored 2)", " (restored 3)", " (restored 4)"} {
		if name := base + suffix + ext; to.children[strings.ToLower(name)] == nil {
			n.name = name
			break
		}
	}
	n.trashed, n.up = false, to
	to.children[strings.ToLower(n.name)] = n
	if loc.Node.Name != n.name || loc.Node.Parent != to.id {
		m.t.Errorf("restored as %q, want %q", loc.Node.Name, n.name)
	}
}

func (m *model) revert(n *modelNode) {
	number := uint64(1 + m.rnd.IntN(len(n.contents)+2))
	var kind engine.Kind
	switch {
	case n.folder:
		kind = engine.KindNotFound
	case !n.live():
		kind = engine.KindGone
	case number > uint64(len(n.contents)):
		kind = engine.KindNotFound
	}
	loc, err := m.revertTo(n.id, number, engine.ID{})
	if !m.want(err, kind, "revert "+n.name) {
		return
	}
	n.contents = append(n.contents, n.contents[number-1])
	n.version = loc.Node.VersionID
	if loc.Node.Version != uint64(len(n.contents)) {
		m.t.Errorf("reverted to version %d", loc.Node.Version)
	}
}

func (m *model) copy(n, to *modelNode) {
	name := m.name()
	kind := m.source(n)
	if kind == 0 {
		kind = m.target(n, to)
		if !n.folder && to == n {
			kind = engine.KindNotFound
		}
	}
	if kind == 0 && to.children[strings.ToLower(name)] != nil {
		kind = engine.KindConflict
	}
	loc, err := m.tree.Copy(ctx, m.owner, tree.Copy{ID: n.id, Kind: n.kind(), To: tree.Target{Folder: to.id}, Name: name})
	if m.want(err, kind, "copy "+n.name+" to "+to.name+"/"+name) {
		m.adopt(n, to, name, loc.Node)
	}
}

// adopt enters a copy of n into the model.
func (m *model) adopt(n, to *modelNode, name string, made *engine.Node) {
	c := &modelNode{id: made.ID, name: name, folder: n.folder, up: to}
	to.children[strings.ToLower(name)] = c
	m.all = append(m.all, c)
	if !n.folder {
		c.contents, c.version = []string{n.contents[len(n.contents)-1]}, made.VersionID
		return
	}
	c.children = map[string]*modelNode{}
	page, err := m.tree.Children(ctx, m.owner, made.ID, 1000, 0, "")
	if err != nil || len(page.Items) != len(n.children) {
		m.t.Fatalf("the copy of %q has %d things, want %d, %v", n.name, len(page.Items), len(n.children), err)
	}
	for _, it := range page.Items {
		src := n.children[strings.ToLower(it.Name)]
		if src == nil || src.name != it.Name {
			m.t.Fatalf("the copy of %q has %q", n.name, it.Name)
		}
		m.adopt(src, c, it.Name, it)
	}
}

func (m *model) purge(n *modelNode) {
	kind := engine.Kind(0)
	switch {
	case n.up == nil:
		kind = engine.KindForbidden
	case !n.trashed && !n.live():
		kind = engine.KindGone
	}
	if !m.want(m.tree.Purge(ctx, m.owner, n.id, n.kind(), engine.ID{}), kind, "purge "+n.name) {
		return
	}
	for _, x := range m.all {
		if x != n && x.under(n) {
			_, err := m.tree.Get(ctx, m.owner, x.id, 0)
			m.want(err, engine.KindNotFound, "get "+x.name+" while it is removed")
		}
	}
	if err := m.tree.RemovePurged(ctx); err != nil {
		m.t.Error(err)
	}
	m.leaveBehind(n, n.up)
	if !n.trashed {
		delete(n.up.children, strings.ToLower(n.name))
	}
	m.all = slices.DeleteFunc(m.all, func(x *modelNode) bool { return x.under(n) })
}
