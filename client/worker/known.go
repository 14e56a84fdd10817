package worker

import (
	"scaidrive/client/planner"
)

// known is synced and what else is on the disk, as it was last seen.
type known struct {
	f          *Folder
	asRecorded bool                            // the records know all there is to know
	seen       map[planner.Identity]planner.ID // of f.seen, made when it is needed
}

// Node implements planner.Known.
func (k *known) Node(id planner.ID) *planner.Node {
	if n := k.f.trees.Synced.Node(id); n != nil {
		return n
	}
	return k.f.trees.Local.Node(id)
}

// Children implements planner.Known.
func (k *known) Children(parent planner.ID, fn func(*planner.Node) bool) {
	more := true
	k.f.trees.Synced.Children(parent, func(n *planner.Node) bool { more = fn(n); return more })
	if !more {
		return
	}
	k.f.trees.Local.Children(parent, func(n *planner.Node) bool {
		return k.f.trees.Synced.Node(n.ID) != nil || fn(n)
	})
}

// Stamp implements planner.Known.
func (k *known) Stamp(id planner.ID) *planner.Stamp { return k.f.stampOf(id) }

// ByIdentity implements planner.Known.
func (k *known) ByIdentity(i planner.Identity) (*planner.Node, *planner.Stamp) {
	n, stamp := k.f.rec.ByIdentity(i)
	if k.asRecorded {
		return n, stamp
	}
	if n != nil {
		if s, newer := k.f.seen[n.ID]; !newer || s.stamp.Identity == i {
			return k.Node(n.ID), k.Stamp(n.ID)
		}
	}
	if k.seen == nil {
		k.seen = make(map[planner.Identity]planner.ID, len(k.f.seen))
		for id, s := range k.f.seen {
			k.seen[s.stamp.Identity] = id
		}
	}
	if id, ok := k.seen[i]; ok {
		return k.Node(id), k.Stamp(id)
	}
	return nil, nil
}
