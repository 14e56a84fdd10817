package planner

// A Stamp is what a disk tells of a file or folder without reading it.
type Stamp struct {
	Identity Identity
	Size     int64
	MTime    int64 // modification time, nanoseconds since 1970
	CTime    int64 // change of the inode, where the system has one
	Exec     bool
}

// An Identity is a file's, whatever its name: volume and number there, and the
// time of birth where there is one, because numbers are used again. The zero
// value is no identity.
type Identity struct {
	Volume, Number uint64
	Birth          int64
}

// A Found is something that a scan has found.
type Found struct {
	Folder int // where its folder stands in the list, before it; -1: the root
	Name   string
	IsDir  bool
	Stamp  Stamp
	Closed string // why it can't be looked at, or into
}

// A Known tells what was on the disk when a node of synced was last in step.
type Known interface {
	Tree
	// Stamp is that of a node, nil where there is none.
	Stamp(id ID) *Stamp
	// ByIdentity gives the node with an identity, and its stamp; nil where there is
	// none.
	ByIdentity(i Identity) (*Node, *Stamp)
}

// A Match says what a Found is.
type Match struct {
	ID   ID    // "": new on this disk
	Node *Node // of known
	// Same: neither size nor times have changed, so that it need not be read.
	Same bool
}

// Recognise tells which nodes the things of a complete scan are. What was moved is
// found by its identity; what was replaced under its name (as editors do that
// write a new file and rename it) is still the same node; two names of one file
// are two nodes.
//
// A node of known that nothing was recognised as is gone from the disk, unless a
// Found above its place is Closed.
func Recognise(known Known, found []Found) []Match {
	out := make([]Match, len(found))
	taken := make(map[*Node]struct{}, len(found))
	free := func(n *Node) bool { _, is := taken[n]; return !is }
	byID := func(i int) (*Node, *Stamp) {
		f := &found[i]
		if f.Stamp.Identity == (Identity{}) {
			return nil, nil
		}
		n, s := known.ByIdentity(f.Stamp.Identity)
		if n == nil || n.Folder != f.IsDir {
			return nil, nil
		}
		return n, s
	}
	// What is where it was comes first: of two names of one file it keeps the node.
	parent := func(i int) (ID, bool) {
		if found[i].Folder < 0 {
			return Root, true
		}
		id := out[found[i].Folder].ID
		return id, id != ""
	}
	names := map[ID]map[string]*Node{}
	childOf := func(p ID, name string) *Node {
		idx := names[p]
		if idx == nil {
			idx = map[string]*Node{}
			known.Children(p, func(n *Node) bool { idx[n.Name] = n; return true })
			names[p] = idx
		}
		return idx[name]
	}
	settle := func(i int, n *Node, s *Stamp) {
		taken[n] = struct{}{}
		out[i] = Match{ID: n.ID, Node: n, Same: s != nil && *s == found[i].Stamp}
	}
	left := 0
	for i := range found {
		n, s := byID(i)
		if n != nil && free(n) {
			if p, ok := parent(i); ok && n.Parent == p && n.Name == found[i].Name {
				settle(i, n, s)
				continue
			}
		}
		left++
	}
	if left == 0 {
		return out
	}
	for i := range found {
		if out[i].Node != nil {
			continue
		}
		if n, s := byID(i); n != nil && free(n) {
			settle(i, n, s)
		}
	}
	// What has another identity, or none, is what its name says, if that is not
	// elsewhere. From the top down: a folder found so gives its children a place.
	for i := range found {
		if out[i].Node != nil {
			continue
		}
		p, ok := parent(i)
		if !ok {
			continue
		}
		n := childOf(p, found[i].Name)
		if n == nil || !free(n) || n.Folder != found[i].IsDir && found[i].Closed == "" {
			continue
		}
		settle(i, n, nil)
	}
	return out
}
