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
	// ByIdentity gives the node with an identity.
	ByIdentity(i Identity) (ID, bool)
}

// A Match says what a Found is.
type Match struct {
	ID ID // "": new on this disk
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
	taken := make(map[ID]bool, len(found))
	byID := func(i int) (ID, bool) {
		f := &found[i]
		if f.Stamp.Identity == (Identity{}) {
			return "", false
		}
		id, ok := known.ByIdentity(f.Stamp.Identity)
		if !ok {
			return "", false
		}
		n := known.Node(id)
		return id, n != nil && n.Folder == f.IsDir
	}
	// What is where it was comes first: of two names of one file it keeps the node.
	parent := func(i int) (ID, bool) {
		if found[i].Folder < 0 {
			return Root, true
		}
		id := out[found[i].Folder].ID
		return id, id != ""
	}
	names := map[ID]map[string]ID{}
	childOf := func(p ID, name string) ID {
		idx := names[p]
		if idx == nil {
			idx = map[string]ID{}
			known.Children(p, func(n *Node) bool { idx[n.Name] = n.ID; return true })
			names[p] = idx
		}
		return idx[name]
	}
	settle := func(i int, id ID) {
		taken[id] = true
		s := known.Stamp(id)
		out[i] = Match{ID: id, Same: s != nil && *s == found[i].Stamp}
	}
	for i := range found {
		id, ok := byID(i)
		if !ok || taken[id] {
			continue
		}
		n := known.Node(id)
		if p, ok := parent(i); ok && n.Parent == p && n.Name == found[i].Name {
			settle(i, id)
		}
	}
	for i := range found {
		if out[i].ID != "" {
			continue
		}
		if id, ok := byID(i); ok && !taken[id] {
			settle(i, id)
		}
	}
	// What has another identity, or none, is what its name says, if that is not
	// elsewhere. From the top down: a folder found so gives its children a place.
	for i := range found {
		if out[i].ID != "" {
			continue
		}
		p, ok := parent(i)
		if !ok {
			continue
		}
		id := childOf(p, found[i].Name)
		if id == "" || taken[id] || known.Node(id).Folder != found[i].IsDir && found[i].Closed == "" {
			continue
		}
		settle(i, id)
		out[i].Same = false
	}
	return out
}
