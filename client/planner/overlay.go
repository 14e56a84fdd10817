package planner

// Nodes is a Tree in memory.
type Nodes struct {
	nodes    map[ID]spot
	children map[ID][]*Node
}

// spot is a node and where it stands among the children of its folder.
type spot struct {
	n  *Node
	at int32
}

// NewNodes makes a tree that has the root only.
func NewNodes() *Nodes { return NewNodesFor(0) }

// NewNodesFor is NewNodes with room for about so many nodes.
func NewNodesFor(n int) *Nodes {
	return &Nodes{nodes: make(map[ID]spot, n), children: map[ID][]*Node{}}
}

// Node implements Tree.
func (t *Nodes) Node(id ID) *Node {
	if id == Root {
		return &rootNode
	}
	return t.nodes[id].n
}

// rootNode never changes.
var rootNode = Node{ID: Root, Folder: true}

// Children implements Tree. fn must not change the tree.
func (t *Nodes) Children(parent ID, fn func(*Node) bool) {
	for _, n := range t.children[parent] {
		if !fn(n) {
			return
		}
	}
}

// Len is the number of nodes, without the root.
func (t *Nodes) Len() int { return len(t.nodes) }

// Put adds or replaces a node. The tree keeps n.
func (t *Nodes) Put(n *Node) {
	if old, ok := t.nodes[n.ID]; ok {
		if old.n.Parent == n.Parent {
			t.nodes[n.ID] = spot{n, old.at}
			t.children[n.Parent][old.at] = n
			return
		}
		t.Remove(n.ID)
	}
	below := t.children[n.Parent]
	t.nodes[n.ID] = spot{n, int32(len(below))}
	t.children[n.Parent] = append(below, n)
}

// Remove takes a node out; what lies below stays and is unreachable.
func (t *Nodes) Remove(id ID) {
	old, ok := t.nodes[id]
	if !ok {
		return
	}
	delete(t.nodes, id)
	below := t.children[old.n.Parent]
	end := len(below) - 1
	if last := below[end]; int(old.at) != end {
		below[old.at] = last
		t.nodes[last.ID] = spot{last, old.at}
	}
	below[end] = nil
	if end == 0 {
		delete(t.children, old.n.Parent)
		return
	}
	t.children[old.n.Parent] = below[:end]
}

// All calls fn with every node, in no order.
func (t *Nodes) All(fn func(*Node)) {
	for _, p := range t.nodes {
		fn(p.n)
	}
}

// An Overlay is a tree that differs from another in some nodes. It costs what
// differs, however large the tree below is. The tree below must not change
// while the overlay is in use, but through Rebase.
type Overlay struct {
	base  Tree
	diff  map[ID]*Node           // nil: not there
	added map[ID]map[ID]struct{} // by parent: nodes of diff that are there
}

// NewOverlay makes an overlay that does not differ.
func NewOverlay(base Tree) *Overlay {
	return &Overlay{base: base, diff: map[ID]*Node{}, added: map[ID]map[ID]struct{}{}}
}

// Node implements Tree.
func (o *Overlay) Node(id ID) *Node {
	if n, ok := o.diff[id]; ok {
		return n
	}
	return o.base.Node(id)
}

// Children implements Tree.
func (o *Overlay) Children(parent ID, fn func(*Node) bool) {
	more := true
	o.base.Children(parent, func(n *Node) bool {
		if _, ok := o.diff[n.ID]; ok {
			return true
		}
		more = fn(n)
		return more
	})
	if !more {
		return
	}
	for id := range o.added[parent] {
		if !fn(o.diff[id]) {
			return
		}
	}
}

// Put adds or replaces a node. The overlay keeps n.
func (o *Overlay) Put(n *Node) {
	o.drop(n.ID)
	if b := o.base.Node(n.ID); b != nil && *b == *n {
		delete(o.diff, n.ID)
		return
	}
	o.diff[n.ID] = n
	below := o.added[n.Parent]
	if below == nil {
		below = map[ID]struct{}{}
		o.added[n.Parent] = below
	}
	below[n.ID] = struct{}{}
}

// Remove takes a node out; what lies below is to be removed by itself.
func (o *Overlay) Remove(id ID) {
	o.drop(id)
	if o.base.Node(id) == nil {
		delete(o.diff, id)
		return
	}
	o.diff[id] = nil
}

// drop forgets a node of the difference as a child.
func (o *Overlay) drop(id ID) {
	n := o.diff[id]
	if n == nil {
		return
	}
	delete(o.added[n.Parent], id)
	if len(o.added[n.Parent]) == 0 {
		delete(o.added, n.Parent)
	}
}

// Differs tells how many nodes differ, or did before the tree below changed.
func (o *Overlay) Differs() int { return len(o.diff) }

// Changed calls fn with the ID of every node that differs, or did differ before
// the tree below changed, in no order.
func (o *Overlay) Changed(fn func(ID)) {
	for id := range o.diff {
		fn(id)
	}
}

// clone gives an overlay that can change by itself, over the same tree.
func (o *Overlay) clone() *Overlay {
	c := NewOverlay(o.base)
	for id, n := range o.diff {
		c.diff[id] = n
		if n != nil {
			if c.added[n.Parent] == nil {
				c.added[n.Parent] = map[ID]struct{}{}
			}
			c.added[n.Parent][id] = struct{}{}
		}
	}
	return c
}

// rebase brings the overlay in order after base has changed at id: the tree that
// it shows stays what it was, of which want is the node (nil: not there).
func (o *Overlay) rebase(id ID, want *Node) {
	if want == nil {
		o.Remove(id)
		return
	}
	o.Put(want)
}
