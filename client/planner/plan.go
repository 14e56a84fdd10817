package planner

import (
	"cmp"
	"slices"
)

// Make makes the plan for settled trees.
func Make(t *Trees, opt Options) *Plan {
	m := maker{
		t: t, opt: opt, plan: &Plan{},
		push: moves{want: map[ID]*Node{}, remove: map[ID]bool{}},
		pull: moves{want: map[ID]*Node{}, remove: map[ID]bool{}},
	}
	for _, id := range t.changed() {
		m.node(id)
	}
	m.rescueBelow()
	m.keepUnknown()
	m.arrangePush()
	m.arrangePull()
	sortOps(m.pushes)
	sortOps(m.pulls)
	m.plan.Push = append(m.plan.Push, m.pushes...)
	m.plan.Pull = append(m.plan.Pull, m.pulls...)
	slices.SortFunc(m.plan.Aside, func(a, b Waiting) int { return cmp.Compare(a.ID, b.ID) })
	slices.SortFunc(m.plan.Waiting, func(a, b Waiting) int { return cmp.Compare(a.ID, b.ID) })
	return m.plan
}

func sortOps(ops []Op) {
	slices.SortFunc(ops, func(a, b Op) int { return cmp.Compare(a.ID, b.ID) })
}

// moves are the changes of names and places on one side.
type moves struct {
	want   map[ID]*Node
	remove map[ID]bool
}

type maker struct {
	t    *Trees
	opt  Options
	plan *Plan

	push, pull     moves
	pushes, pulls  []Op // of contents
	rescues        []ID
	withdrawnAbove map[ID]bool
}

// aside notes that a node is otherwise on the two sides, as the mode has it.
func (m *maker) aside(id ID, why string) {
	m.plan.Aside = append(m.plan.Aside, Waiting{ID: id, Reason: why})
}

const (
	onlyReceives = "changed here; this folder only receives"
	onlySends    = "changed on the server; this folder only sends"
)

func (m *maker) wait(id ID, why string) {
	m.plan.Waiting = append(m.plan.Waiting, Waiting{ID: id, Reason: why})
}

// node decides about one node.
func (m *maker) node(id ID) {
	s, l, r := m.t.Synced.Node(id), m.t.Local.Node(id), m.t.Remote.Node(id)
	if why, closed := m.t.Local.Closed[id]; closed {
		m.wait(id, why)
		return
	}
	if m.t.Local.Refused[id] == RefusedNow {
		m.wait(id, "the server refused it")
		return
	}
	switch {
	case s == nil && l != nil:
		m.madeHere(id, l)
	case s == nil && r != nil:
		m.create(r)
	case l == nil && r != nil:
		m.removedHere(id, s, r)
	case l != nil && r == nil:
		m.gone(id, s, l)
	case l != nil && r != nil:
		m.content(id, s, l, r)
		m.position(id, s, l, r)
	}
}

// create wants a node of remote on the disk.
func (m *maker) create(r *Node) {
	if m.opt.Mode != SendOnly {
		m.pull.want[r.ID] = r
	}
}

// madeHere is about what is only on the disk.
func (m *maker) madeHere(id ID, l *Node) {
	switch {
	case m.t.Local.Refused[id] == RefusedEver:
		m.rescues = append(m.rescues, id)
	case m.opt.Mode != ReceiveOnly:
		m.push.want[id] = l
	default:
		m.aside(id, onlyReceives)
	}
}

// removedHere is about what is gone from the disk.
func (m *maker) removedHere(id ID, s, r *Node) {
	if m.opt.Mode == ReceiveOnly || r.Bare || m.t.Remote.Partial[id] {
		m.create(r)
		return
	}
	m.push.remove[id] = true
}

// gone is about what is gone from the server.
func (m *maker) gone(id ID, s, l *Node) {
	edited := l.File != s.File
	switch m.t.Remote.Gone[id] {
	case GoneLost:
		if m.opt.Mode != ReceiveOnly {
			m.push.want[id] = l
		}
	case GoneDeleted:
		switch {
		case s.Held && !edited:
			m.wait(id, "a conflict is open")
		case m.t.Local.Refused[id] == RefusedEver && edited:
			m.rescues = append(m.rescues, id)
		case m.opt.Mode != ReceiveOnly && edited:
			m.pushes = append(m.pushes, Op{Kind: PushUpdate, ID: id, Parent: l.Parent, Name: l.Name, Base: s.Version})
		case m.opt.Mode != ReceiveOnly && !samePlace(l, s):
			m.push.want[id] = l
		case edited:
			m.aside(id, onlyReceives)
		case m.opt.Mode == SendOnly:
			m.aside(id, onlySends)
		default:
			m.pull.remove[id] = true
		}
	case GoneWithdrawn, GoneExcluded:
		switch {
		case edited:
			m.rescues = append(m.rescues, id)
		case m.opt.Mode != SendOnly:
			m.pull.remove[id] = true
		}
	}
}

// content is about a file that all three trees have.
func (m *maker) content(id ID, s, l, r *Node) {
	edited := l.File != s.File
	switch {
	case edited && m.t.Local.Refused[id] == RefusedEver:
		m.rescues = append(m.rescues, id)
	case edited && m.opt.Mode != ReceiveOnly:
		m.pushes = append(m.pushes, Op{Kind: PushUpdate, ID: id, Parent: l.Parent, Name: l.Name, Base: s.Version})
	case edited:
		m.aside(id, onlyReceives)
	case s.Held:
		m.wait(id, "a conflict is open")
	case r.File != s.File && m.opt.Mode != SendOnly:
		m.pulls = append(m.pulls, Op{Kind: PullUpdate, ID: id, Parent: l.Parent, Name: l.Name, Base: r.Version})
	case r.File != s.File:
		m.aside(id, onlySends)
	}
}

// position is about the place of a node that all three trees have.
func (m *maker) position(id ID, s, l, r *Node) {
	switch {
	case !samePlace(l, s) && m.opt.Mode != ReceiveOnly:
		m.push.want[id] = l
	case !samePlace(l, s):
		m.aside(id, onlyReceives)
	case !samePlace(r, s) && m.opt.Mode != SendOnly:
		m.pull.want[id] = r
	case !samePlace(r, s):
		m.aside(id, onlySends)
	}
}

// rescueBelow finds what is only on the disk and lies in what was withdrawn: it
// must not go anywhere else on the server.
func (m *maker) rescueBelow() {
	m.withdrawnAbove = map[ID]bool{}
	for id, n := range m.push.want {
		if m.withdrawn(n.Parent) {
			delete(m.push.want, id)
			m.rescues = append(m.rescues, id)
		}
	}
	slices.Sort(m.rescues)
	for _, id := range m.rescues {
		l := m.t.Local.Node(id)
		if l.Folder {
			// What lies in it is rescued by itself; the folder is then empty.
			m.pull.remove[id] = true
			continue
		}
		m.plan.Pull = append(m.plan.Pull, Op{Kind: Rescue, ID: id, Parent: l.Parent, Name: l.Name})
	}
}

// withdrawn reports whether a folder of local is out of sight on the server, or
// lies in one that is.
func (m *maker) withdrawn(id ID) bool {
	if id == Root {
		return false
	}
	if w, known := m.withdrawnAbove[id]; known {
		return w
	}
	l := m.t.Local.Node(id)
	g, gone := m.t.Remote.Gone[id]
	w := gone && m.t.Remote.Node(id) == nil && (g == GoneWithdrawn || g == GoneExcluded) ||
		l != nil && m.withdrawn(l.Parent)
	m.withdrawnAbove[id] = w
	return w
}

// keepUnknown keeps folders from being deleted that hold something on the server
// which was never on this disk, or is otherwise by now than it was here: a deletion
// takes all along that the client has heard of, and whoever deleted the folder knew
// nothing of that. What was here goes by itself, so that the server settles each;
// the folder goes when nothing else is left in it.
func (m *maker) keepUnknown() {
	ids := make([]ID, 0, len(m.push.remove))
	for id := range m.push.remove {
		ids = append(ids, id)
	}
	known := map[ID]bool{}
	for _, id := range ids {
		n := m.t.Remote.Node(id)
		if !n.Folder || m.known(n, known) {
			continue
		}
		delete(m.push.remove, id)
		if m.opt.Mode == SendOnly {
			m.wait(id, "it holds something that was not sent from here")
			continue
		}
		m.create(n)
	}
}

// known reports whether all that the server has in a folder is as it was here, and
// goes, or moves away, with it.
func (m *maker) known(folder *Node, memo map[ID]bool) bool {
	if k, done := memo[folder.ID]; done {
		return k
	}
	all := true
	m.t.Remote.Children(folder.ID, func(r *Node) bool {
		s := m.t.Synced.Node(r.ID)
		_, moves := m.push.want[r.ID]
		switch {
		case s == nil:
			all = m.opt.Storable(r.Name) != "" // it can't come here, and nobody waits for it
		case !samePlace(r, s) || !r.Folder && r.Version != s.Version:
			all = false
		case moves:
		case !m.push.remove[r.ID]:
			all = false
		case r.Folder:
			all = m.known(r, memo)
		}
		return all
	})
	memo[folder.ID] = all
	return all
}

// arrangePush orders what changes names and places on the server.
func (m *maker) arrangePush() {
	if len(m.push.want)+len(m.push.remove) == 0 {
		return
	}
	// A folder's deletion takes all below along.
	roots := map[ID]bool{}
	for id := range m.push.remove {
		if !m.push.remove[m.t.Remote.Node(id).Parent] {
			roots[id] = true
		}
	}
	a := m.arranger(m.t.Remote.Overlay, m.push.want, roots)
	a.push = true
	a.usable = func(ID) string { return "" }
	a.emit = func(n, from *Node, temp bool) {
		op := Op{ID: n.ID, Parent: n.Parent, Name: n.Name, Folder: n.Folder, Temp: temp}
		s := m.t.Synced.Node(n.ID)
		switch lost := s != nil && m.t.Remote.Node(n.ID) == nil && m.t.Remote.Gone[n.ID] == GoneLost; {
		case (s == nil || lost) && n.Folder:
			op.Kind = PushFolder
		case s == nil || lost:
			op.Kind = PushFile
		default:
			op.Kind, op.BaseParent, op.BaseName, op.Base = PushMove, s.Parent, s.Name, s.Version
			if from != nil && a.temps > 0 {
				// It may have been parked: the base is where the server has it now.
				if r := m.t.Remote.Node(n.ID); r != nil && !samePlace(r, from) {
					op.BaseParent, op.BaseName = from.Parent, from.Name
				}
			}
		}
		m.plan.Push = append(m.plan.Push, op)
	}
	a.removed = func(n *Node) {
		s := m.t.Synced.Node(n.ID)
		m.plan.Push = append(m.plan.Push, Op{
			Kind: PushDelete, ID: n.ID, Folder: n.Folder, BaseParent: s.Parent, BaseName: s.Name, Base: s.Version,
		})
	}
	a.run()
	m.plan.Waiting = append(m.plan.Waiting, a.waiting...)
}

// arrangePull orders what changes names and places on the disk.
func (m *maker) arrangePull() {
	if len(m.pull.want)+len(m.pull.remove) == 0 {
		return
	}
	a := m.arranger(m.t.Local.Overlay, m.pull.want, m.pull.remove)
	for _, id := range m.rescues {
		if n := a.sim.Node(id); !n.Folder && m.t.Remote.Node(id) == nil {
			a.sim.Remove(id)
		}
	}
	a.usable = func(id ID) string {
		if id != Root && a.sim.Node(id) == nil {
			return "its folder is not on the disk"
		}
		for ; id != Root; id = a.sim.Node(id).Parent {
			if why, closed := m.t.Local.Closed[id]; closed {
				return why
			}
		}
		return ""
	}
	for id, n := range m.pull.want {
		if why := m.opt.Storable(n.Name); why != "" {
			a.block(id, why)
		}
	}
	a.emit = func(n, from *Node, temp bool) {
		op := Op{ID: n.ID, Parent: n.Parent, Name: n.Name, Folder: n.Folder, Base: n.Version, Temp: temp}
		switch {
		case from != nil:
			op.Kind, op.BaseParent, op.BaseName = PullMove, from.Parent, from.Name
		case n.Folder:
			op.Kind = PullFolder
		default:
			op.Kind = PullFile
		}
		m.plan.Pull = append(m.plan.Pull, op)
	}
	a.removed = func(n *Node) {
		m.plan.Pull = append(m.plan.Pull, Op{Kind: PullDelete, ID: n.ID, Folder: n.Folder, BaseParent: n.Parent, BaseName: n.Name})
	}
	a.run()
	m.plan.Waiting = append(m.plan.Waiting, a.waiting...)
}

func (m *maker) arranger(tree *Overlay, want map[ID]*Node, remove map[ID]bool) *arranger {
	return &arranger{
		sim: tree.clone(), key: m.opt.Key, temp: m.opt.TempName,
		want: want, remove: remove, state: make(map[ID]placing, len(want)), names: map[ID]map[string]ID{},
	}
}
