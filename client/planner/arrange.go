package planner

import (
	"cmp"
	"maps"
	"slices"
)

// An arranger brings moves, creations and deletions into an order in which each
// is possible: parents first, names free, no folder inside itself. It plays the
// operations on a copy of the tree that they will be carried out on.
type arranger struct {
	sim   *Overlay
	key   func(string) string
	temp  func(int) string
	temps int
	push  bool // on the server, which settles what collides; else on the disk

	want    map[ID]*Node // where nodes are to be; new ones are not in sim
	remove  map[ID]bool  // nodes that are to go
	state   map[ID]placing
	names   map[ID]map[string]ID // of the folders that matter, by key
	emit    func(n *Node, from *Node, temp bool)
	removed func(n *Node)
	// usable tells why nothing can be put into a folder, "" if it can.
	usable  func(parent ID) string
	waiting []Waiting
}

type placing uint8

const (
	pending placing = iota
	inProgress
	naming // in progress: its folder is ready, its name not yet
	placed
	blocked
)

// run places all that is wanted and removes all that is to go.
func (a *arranger) run() {
	// The order decides nothing but has to be the same each time. What lies in one
	// folder stands together, because folders are opened one by one.
	for _, n := range slices.SortedFunc(maps.Values(a.want), func(n, m *Node) int {
		if c := cmp.Compare(n.Parent, m.Parent); c != 0 {
			return c
		}
		if c := cmp.Compare(n.Name, m.Name); c != 0 {
			return c
		}
		return cmp.Compare(n.ID, m.ID)
	}) {
		a.place(n.ID)
	}
	gone := make([]ID, 0, len(a.remove))
	for id := range a.remove {
		gone = append(gone, id)
	}
	slices.Sort(gone)
	for _, id := range gone {
		if a.remove[id] {
			a.take(id)
		}
	}
}

// place brings a node to where it is wanted. False: not now, or not at all.
func (a *arranger) place(id ID) bool {
	n := a.want[id]
	switch a.state[id] {
	case placed:
		return true
	case inProgress, naming, blocked:
		return false
	}
	a.state[id] = inProgress
	if why, ok := a.ready(n); !ok {
		switch {
		case why == "":
			a.state[id] = pending
		case why == cyclic && a.push:
			// Both sides moved: the server refuses it, and its answer is pulled.
			a.state[id] = placed
			a.emit(n, a.sim.Node(id), false)
			return true
		default:
			a.block(id, why)
		}
		return false
	}
	a.state[id] = placed
	from := a.sim.Node(id)
	a.move(n)
	a.emit(n, from, false)
	return true
}

const cyclic = "its folder lies in itself for now"

// ready makes way for a node. Without a reason the answer is: not now.
func (a *arranger) ready(n *Node) (why string, ok bool) {
	if n.Parent != Root {
		if _, wanted := a.want[n.Parent]; wanted && !a.place(n.Parent) {
			if a.state[n.Parent] == blocked {
				return "its folder is waiting", false
			}
			return "", false
		}
		if out, now := a.outOf(n.Parent, n.ID); !out {
			if now {
				return cyclic, false
			}
			return "", false
		}
	}
	if why := a.usable(n.Parent); why != "" {
		return why, false
	}
	a.state[n.ID] = naming
	o := a.occupant(n)
	if o == "" {
		return "", true
	}
	switch {
	case a.remove[o]:
		if !a.take(o) && (a.push || a.leaves(o)) {
			a.park(o)
		}
	case a.want[o] != nil && a.state[o] != blocked:
		if !a.place(o) && a.state[o] != blocked {
			a.park(o)
		}
	}
	if a.occupant(n) != "" && !a.push {
		return "its name is taken by something that is not in step yet", false
	}
	return "", true
}

func (a *arranger) block(id ID, why string) {
	a.state[id] = blocked
	a.waiting = append(a.waiting, Waiting{ID: id, Reason: why})
}

// outOf reports whether a node lies outside of a folder in sim, and lets what
// leads into the folder move out first where that is wanted. now is false where
// it will be, but not yet.
func (a *arranger) outOf(id, folder ID) (out, now bool) {
	now = true
	for at := id; at != Root; {
		if at == folder {
			return false, now
		}
		if a.want[at] != nil && !a.staysIn(at, folder) {
			switch a.state[at] {
			case pending:
				if a.inside(at, folder) && a.place(at) {
					return a.outOf(id, folder)
				}
				now = now && a.state[at] == blocked
			case inProgress, naming:
				now = false
			}
		}
		n := a.sim.Node(at)
		if n == nil {
			break
		}
		at = n.Parent
	}
	return true, true
}

// staysIn reports whether a node is to lie below a folder when all is done, so that
// waiting for its move is of no use to who wants out of there.
func (a *arranger) staysIn(id, folder ID) bool {
	for depth := 0; id != Root && depth < 1000; depth++ {
		n := a.want[id]
		if n == nil || a.state[id] == blocked {
			n = a.sim.Node(id)
		}
		if n == nil {
			return false
		}
		if id = n.Parent; id == folder {
			return true
		}
	}
	return false
}

// inside reports whether a node lies below another, in sim.
func (a *arranger) inside(id, folder ID) bool {
	for id != Root {
		if id == folder {
			return true
		}
		n := a.sim.Node(id)
		if n == nil {
			return false
		}
		id = n.Parent
	}
	return false
}

// occupant is another node that has the place of n, or "".
func (a *arranger) occupant(n *Node) ID {
	if o := a.folder(n.Parent)[a.key(n.Name)]; o != n.ID {
		return o
	}
	return ""
}

// folder is the index of a folder by name.
func (a *arranger) folder(id ID) map[string]ID {
	idx := a.names[id]
	if idx == nil {
		idx = map[string]ID{}
		a.sim.Children(id, func(c *Node) bool { idx[a.key(c.Name)] = c.ID; return true })
		a.names[id] = idx
	}
	return idx
}

// move plays a placement.
func (a *arranger) move(n *Node) {
	if from := a.sim.Node(n.ID); from != nil {
		a.leave(from)
	}
	a.sim.Put(n)
	if idx := a.names[n.Parent]; idx != nil {
		idx[a.key(n.Name)] = n.ID
	}
}

func (a *arranger) leave(n *Node) {
	if idx := a.names[n.Parent]; idx != nil && idx[a.key(n.Name)] == n.ID {
		delete(idx, a.key(n.Name))
	}
}

// park gives a node another name, until its turn comes: in its folder, or, where
// it only waits for a name, in the folder that it goes to.
func (a *arranger) park(id ID) {
	from := a.sim.Node(id)
	n := *from
	if a.state[id] == naming {
		n.Parent = a.want[id].Parent
	}
	for taken := true; taken; {
		n.Name = a.temp(a.temps)
		a.temps++
		_, taken = a.folder(n.Parent)[a.key(n.Name)]
	}
	a.move(&n)
	a.emit(&n, from, true)
}

// take removes a node, if nothing below it stays. On the server a removed folder
// takes all below along; on the disk each goes by itself, the deepest first.
func (a *arranger) take(id ID) bool {
	n := a.sim.Node(id)
	if n == nil {
		delete(a.remove, id)
		return true
	}
	if a.push {
		if a.awaited(id) {
			return false
		}
	} else if !a.clear(id) {
		return false
	}
	delete(a.remove, id)
	a.leave(n)
	a.sim.Remove(id)
	a.removed(n)
	return true
}

// awaited reports whether something below a folder has still to move out of it.
func (a *arranger) awaited(id ID) bool {
	found := false
	a.sim.Children(id, func(c *Node) bool {
		found = a.want[c.ID] != nil && a.state[c.ID] != placed || a.awaited(c.ID)
		return !found
	})
	return found
}

// leaves reports whether all that lies in a folder is to go or to move; what moves
// takes along what lies in it.
func (a *arranger) leaves(id ID) bool {
	all := true
	a.sim.Children(id, func(c *Node) bool {
		all = a.want[c.ID] != nil && a.state[c.ID] != blocked || a.remove[c.ID] && a.leaves(c.ID)
		return all
	})
	return all
}

// clear removes what lies in a folder on the disk, as far as it is to go.
func (a *arranger) clear(id ID) bool {
	var below []ID
	a.sim.Children(id, func(c *Node) bool { below = append(below, c.ID); return true })
	slices.Sort(below)
	empty := true
	for _, c := range below {
		switch {
		case a.remove[c]:
			empty = a.take(c) && empty
		case a.want[c] != nil:
			if !a.place(c) && a.state[c] == naming {
				a.park(c)
			}
			n := a.sim.Node(c)
			empty = (n == nil || n.Parent != id) && empty
		default:
			empty = false
		}
	}
	return empty
}
