package planner

// Trees are the three trees of a synced folder. Remote and Local lie over Synced.
type Trees struct {
	Synced *Nodes
	Remote Remote
	Local  Local
}

// NewTrees makes three trees that are equal.
func NewTrees(synced *Nodes) *Trees {
	return &Trees{
		Synced: synced,
		Remote: Remote{Overlay: NewOverlay(synced), Gone: map[ID]Gone{}},
		Local:  Local{Overlay: NewOverlay(synced), Closed: map[ID]string{}, Refused: map[ID]Refusal{}},
	}
}

// SetSynced replaces a node of synced (nil: removes it). What remote and local
// show stays as it is.
func (t *Trees) SetSynced(id ID, n *Node) {
	l, r := t.Local.Node(id), t.Remote.Node(id)
	if n == nil {
		t.Synced.Remove(id)
	} else {
		t.Synced.Put(n)
	}
	t.SetLocal(id, l)
	t.Remote.rebase(id, r)
	if n == nil || r != nil {
		delete(t.Remote.Gone, id)
	}
}

// SetLocal replaces a node of local (nil: removes it).
func (t *Trees) SetLocal(id ID, n *Node) {
	if s := t.Synced.Node(id); s != nil && n != nil {
		like := *n
		like.Version, like.Held, like.Bare = s.Version, s.Held, s.Bare
		n = &like
	}
	t.Local.rebase(id, n)
}

// SetRemote replaces a node of remote; gone says why it is not there, if n is nil.
func (t *Trees) SetRemote(id ID, n *Node, gone Gone) {
	t.Remote.rebase(id, n)
	if n == nil && t.Synced.Node(id) != nil {
		t.Remote.Gone[id] = gone
	} else {
		delete(t.Remote.Gone, id)
	}
}

// Rename gives a node of local another ID, with all that lies in it: the server
// has given it one.
func (t *Trees) Rename(from, to ID) {
	n := t.Local.Node(from)
	if n == nil || from == to {
		return
	}
	var below []*Node
	t.Local.Children(from, func(c *Node) bool { below = append(below, c); return true })
	moved := *n
	moved.ID = to
	t.Local.Remove(from)
	t.SetLocal(to, &moved)
	for _, c := range below {
		child := *c
		child.Parent = to
		t.SetLocal(c.ID, &child)
	}
}

// A Record is a change of synced that costs no operation.
type Record struct {
	ID      ID
	Local   ID    // what local called it, where that is another ID
	Synced  *Node // nil: forgotten
	Adopted bool  // the same was made on both sides
}

// Settle brings into synced what remote and local say alike: the same edit on
// both sides, the same thing made on both sides, what is gone from both. It
// changes the trees and tells what it did. A plan is made of settled trees.
func Settle(t *Trees, opt Options) []Record {
	s := settler{t: t, opt: opt}
	for _, id := range t.changed() {
		s.agree(id)
	}
	s.adopt()
	return s.records
}

// changed is every ID at which a tree differs from synced.
func (t *Trees) changed() []ID {
	all := make([]ID, 0, max(t.Local.Differs(), t.Remote.Differs()))
	t.Local.Changed(func(id ID) { all = append(all, id) })
	t.Remote.Changed(func(id ID) {
		if _, both := t.Local.diff[id]; !both {
			all = append(all, id)
		}
	})
	return all
}

type settler struct {
	t       *Trees
	opt     Options
	records []Record
}

func (s *settler) set(id ID, n *Node) {
	s.t.SetSynced(id, n)
	s.records = append(s.records, Record{ID: id, Synced: n})
}

// agree settles one node that synced knows.
func (s *settler) agree(id ID) {
	base, l, r := s.t.Synced.Node(id), s.t.Local.Node(id), s.t.Remote.Node(id)
	if base == nil {
		return
	}
	refused := s.t.Local.Refused[id] == RefusedEver
	switch {
	case l == nil && (r == nil || refused):
		s.set(id, nil)
		return
	case l == nil || r == nil:
		return
	}
	if _, closed := s.t.Local.Closed[id]; closed {
		return
	}
	n := *base
	n.Bare = r.Bare
	switch {
	case l.File == r.File:
		n.File, n.Version, n.Held = r.File, r.Version, false
	case base.File == r.File && !base.Held:
		// What is here was made from this content, whichever version has it.
		n.Version = r.Version
	}
	if samePlace(l, r) || refused {
		n.Parent, n.Name = l.Parent, l.Name
	}
	if n != *base {
		s.set(id, &n)
	}
}

func samePlace(a, b *Node) bool { return a.Parent == b.Parent && a.Name == b.Name }

// place is a name in a folder.
type place struct {
	parent ID
	key    string
}

// adopt finds what was made on both sides alike, from the top down.
func (s *settler) adopt() {
	t := s.t
	var todo []ID
	t.Local.Changed(func(id ID) {
		if n := t.Local.Node(id); n != nil && t.Synced.Node(id) == nil && (n.Parent == Root || t.Synced.Node(n.Parent) != nil) {
			todo = append(todo, id)
		}
	})
	if len(todo) == 0 {
		return
	}
	made := make(map[place]*Node, t.Remote.Differs())
	t.Remote.Changed(func(id ID) {
		if n := t.Remote.Node(id); n != nil && t.Synced.Node(id) == nil {
			made[place{n.Parent, s.opt.Key(n.Name)}] = n
		}
	})
	for len(todo) > 0 {
		id := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		l := t.Local.Node(id)
		at := place{l.Parent, s.opt.Key(l.Name)}
		r := made[at]
		if r == nil || l.Folder != r.Folder || t.Local.Refused[id] != 0 {
			continue
		}
		if !l.Folder && (l.File.Hash != r.File.Hash || l.File.Size != r.File.Size) {
			continue
		}
		delete(made, at)
		// The name and the mode as they are here; what the server has otherwise is
		// then pulled.
		n := &Node{ID: r.ID, Parent: l.Parent, Name: l.Name, Folder: l.Folder, File: l.File, Version: r.Version, Bare: r.Bare}
		t.Rename(id, r.ID)
		t.SetSynced(r.ID, n)
		s.records = append(s.records, Record{ID: r.ID, Local: id, Synced: n, Adopted: true})
		t.Local.Children(r.ID, func(c *Node) bool {
			if t.Synced.Node(c.ID) == nil {
				todo = append(todo, c.ID)
			}
			return true
		})
	}
}
