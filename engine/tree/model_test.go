package tree_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"sort"
	"strconv"
	"strings"
	"testing"
	"time"

	"scaidrive/engine"
	"scaidrive/engine/tree"
)

// A modelNode is a file or folder of the plain tree in memory that the engine is
// compared with.
type modelNode struct {
	id       engine.ID
	name     string
	folder   bool
	children map[string]*modelNode // by lower-case name
	up       *modelNode
	contents []string // of a file, oldest first
	version  engine.ID
	trashed  bool
}

func (n *modelNode) live() bool {
	for ; n != nil; n = n.up {
		if n.trashed {
			return false
		}
	}
	return true
}

func (n *modelNode) paths(prefix string, out *[]string) {
	var keys []string
	for k := range n.children {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	for _, k := range keys {
		c := n.children[k]
		*out = append(*out, prefix+"/"+c.name)
		c.paths(prefix+"/"+c.name, out)
	}
}

type model struct {
	*world
	rnd   *rand.Rand
	roots []*modelNode // of two shares
	all   []*modelNode
}

// TestModel runs random operations on the engine and on a plain tree, and
// compares answers and states. SCAIDRIVE_SEED repeats one, SCAIDRIVE_LONG goes on
// for that long.
func TestModel(t *testing.T) {
	seeds := 15
	first := uint64(time.Now().UnixNano())
	if s, err := strconv.ParseUint(os.Getenv("SCAIDRIVE_SEED"), 10, 64); err == nil {
		first, seeds = s, 1
	}
	long, _ := time.ParseDuration(os.Getenv("SCAIDRIVE_LONG"))
	end := time.Now().Add(long)
	for seed := first; seed < first+uint64(seeds) || time.Now().Before(end); seed++ {
		m := &model{world: newWorld(t), rnd: rand.New(rand.NewPCG(seed, 0))}
		for _, id := range []engine.ID{m.share, m.newShare(-1)} {
			m.roots = append(m.roots, &modelNode{id: id, folder: true, children: map[string]*modelNode{}})
		}
		m.all = slices.Clone(m.roots)
		for range 200 {
			m.step()
		}
		m.compare()
		m.audit()
		if t.Failed() {
			t.Fatalf("SCAIDRIVE_SEED=%d repeats it", seed)
		}
	}
}

func (m *model) pick() *modelNode { return m.all[m.rnd.IntN(len(m.all))] }

func (m *model) name() string {
	n := []string{"a", "b", "Straße", "ÉTÉ", "x.txt", "long name"}[m.rnd.IntN(6)]
	if m.rnd.IntN(2) == 0 {
		n = strings.NewReplacer("a", "A", "b", "B", "É", "é", "S", "s", "X", "x", "l", "L").Replace(n)
	}
	return n + fmt.Sprint(m.rnd.IntN(3))
}

func (m *model) content() string {
	return strings.Repeat("ab", m.rnd.IntN(3)) + fmt.Sprint(m.rnd.IntN(30))
}

func (m *model) step() {
	n := m.pick()
	switch m.rnd.IntN(17) {
	case 0, 1, 2, 3:
		m.make(n, m.rnd.IntN(3) == 0)
	case 4, 5, 6:
		m.revise(n)
	case 7:
		m.trash(n)
	case 8:
		if n.folder && n.live() {
			m.compareFolder(n)
		}
	case 9:
		m.get(n)
	case 10, 11, 12:
		m.move(n, m.pick())
	case 13:
		m.restore(n)
	case 14:
		m.revert(n)
	case 15:
		m.copy(n, m.pick())
	case 16:
		if m.rnd.IntN(3) == 0 {
			m.purge(n)
		}
	}
}

// want fails unless the engine answers with the model's kind; 0 is success.
func (m *model) want(err error, kind engine.Kind, what string) bool {
	m.t.Helper()
	if (err == nil) != (kind == 0) || err != nil && engine.KindOf(err) != kind {
		m.t.Errorf("%s: %v, want kind %d", what, err, kind)
	}
	return err == nil && kind == 0
}

func (m *model) make(in *modelNode, folder bool) {
	name, content := m.name(), m.content()
	var kind engine.Kind
	key := strings.ToLower(name)
	switch {
	case in.folder && !in.live():
		kind = engine.KindGone
	case !in.folder && !in.live():
		kind = engine.KindGone
	case !in.folder:
		kind = engine.KindNotFound
	case in.children[key] != nil:
		kind = engine.KindConflict
	}
	var loc *tree.Located
	var err error
	if folder {
		loc, err = m.tree.Mkdir(ctx, m.owner, in.root().id, in.id, name)
	} else {
		loc, err = m.put(m.owner, tree.FileSpec{Share: in.root().id, Parent: in.id, Name: name, Content: text(content)})
	}
	if !m.want(err, kind, "make "+name) {
		return
	}
	n := &modelNode{id: loc.Node.ID, name: name, folder: folder, up: in}
	if folder {
		n.children = map[string]*modelNode{}
	} else {
		n.contents, n.version = []string{content}, loc.Node.VersionID
	}
	in.children[key] = n
	m.all = append(m.all, n)
}

func (m *model) revise(n *modelNode) {
	content, base := m.content(), n.version
	stale := m.rnd.IntN(4) == 0
	if stale {
		base = m.newID()
	}
	var kind engine.Kind
	switch {
	case n.folder:
		kind = engine.KindNotFound
	case !n.live():
		kind = engine.KindGone
	case content == n.contents[len(n.contents)-1]:
	case stale:
		kind = engine.KindConflict
	}
	loc, err := m.put(m.owner, tree.FileSpec{Share: n.root().id, File: n.id, Base: base, Content: text(content)})
	if !m.want(err, kind, "revise "+n.name) {
		return
	}
	old := n.contents[len(n.contents)-1]
	if content != old {
		n.contents, n.version = append(n.contents, content), loc.Node.VersionID
	}
	if loc.Node.Version != uint64(len(n.contents)) || loc.Node.VersionID != n.version {
		m.t.Errorf("%s has version %d, want %d", n.name, loc.Node.Version, len(n.contents))
	}
}

func (m *model) trash(n *modelNode) {
	if n.up == nil {
		return
	}
	kind := engine.Kind(0)
	if !n.live() {
		kind = engine.KindGone
	}
	k := engine.KindFile
	if n.folder {
		k = engine.KindFolder
	}
	if m.want(m.tree.Trash(ctx, m.owner, n.id, k, engine.ID{}), kind, "trash "+n.name) {
		n.trashed = true
		delete(n.up.children, strings.ToLower(n.name))
	}
}

func (m *model) get(n *modelNode) {
	kind := engine.Kind(0)
	if !n.live() {
		kind = engine.KindGone
	}
	loc, err := m.tree.Get(ctx, m.owner, n.id, 0)
	if !m.want(err, kind, "get "+n.name) || n.folder {
		return
	}
	if loc.Node.Name != n.name || loc.Node.SHA256 != text(n.contents[len(n.contents)-1]).SHA256 {
		m.t.Errorf("got %q with another name or content", n.name)
	}
}

func (m *model) compareFolder(n *modelNode) {
	names, err := m.listAll(n.id, 1+m.rnd.IntN(6), nil)
	var want []string
	for _, c := range n.children {
		want = append(want, c.name)
	}
	slices.Sort(names)
	slices.Sort(want)
	if err != nil || !slices.Equal(names, want) {
		m.t.Errorf("folder %q has %q, want %q, %v", n.name, names, want, err)
	}
}

func (m *model) compare() {
	for _, root := range m.roots {
		m.share = root.id
		got, err := m.walkAll(root.id, 1+m.rnd.IntN(20), nil)
		var want []string
		root.paths("", &want)
		slices.Sort(got)
		slices.Sort(want)
		if err != nil || !slices.Equal(got, want) {
			m.t.Errorf("the tree is\n%q, want\n%q, %v", got, want, err)
		}
		if sh, want := m.getShare(), m.usedIn(root); sh.UsedBytes != want {
			m.t.Errorf("used %d, want %d", sh.UsedBytes, want)
		}
		m.compareTrash(root)
	}
	for _, n := range m.all {
		if n.folder || !n.live() {
			continue
		}
		list, total, err := m.tree.Versions(ctx, m.owner, n.id, 1000, 0)
		if err != nil || total != len(n.contents) {
			m.t.Errorf("%s has %d versions, want %d, %v", n.name, total, len(n.contents), err)
			continue
		}
		for i, v := range list {
			if v.Content.SHA256 != text(n.contents[total-1-i]).SHA256 {
				m.t.Errorf("version %d of %s has another content", v.Number, n.name)
			}
		}
	}
}
