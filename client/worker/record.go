package worker

import (
	"maps"
	"slices"

	"scaidrive/client/planner"
	"scaidrive/client/records"
)

// An unrecorded is what has changed in synced and is not in the records.
type unrecorded struct {
	put    map[planner.ID]bool
	remove map[planner.ID]bool
}

func newUnrecorded() unrecorded {
	return unrecorded{map[planner.ID]bool{}, map[planner.ID]bool{}}
}

// note adds a node, which is there or is not any more.
func (u *unrecorded) note(id planner.ID, there bool) {
	if !there {
		u.remove[id] = true
		delete(u.put, id)
		return
	}
	u.put[id] = true
	delete(u.remove, id)
}

func (u *unrecorded) empty() bool { return len(u.put) == 0 && len(u.remove) == 0 }

// take takes what there is, and leaves nothing.
func (u *unrecorded) take() unrecorded {
	if u.empty() {
		return unrecorded{}
	}
	all := *u
	*u = newUnrecorded()
	return all
}

// giveBack adds what was taken and is not recorded. What was noted since is newer.
func (u *unrecorded) giveBack(taken unrecorded) {
	for _, set := range []map[planner.ID]bool{taken.put, taken.remove} {
		for id := range set {
			if !u.put[id] && !u.remove[id] {
				u.note(id, taken.put[id])
			}
		}
	}
}

// flush makes durable what is on the disk, and records.
func (f *Folder) flush() error {
	// What was only just saved by somebody may not be durable either; recorded as sent
	// and then lost in a power cut, it would look deleted.
	if len(f.unrecorded.put) > 0 && !f.kept {
		if err := f.disk.Sync(); err != nil {
			return err
		}
		f.kept = f.pushing
	}
	return f.record(f.unrecorded.take())
}

// record records what was taken of the unrecorded, and how far the server's changes are
// in it. The disk has been synced since.
func (f *Folder) record(taken unrecorded) (err error) {
	defer func() {
		if err != nil {
			f.unrecorded.giveBack(taken)
		}
	}()
	st := f.rec.State()
	next := st
	next.Server, next.Share = f.o.Server, f.o.Share
	if f.fresh {
		if f.unrecorded.empty() && f.inSynced() {
			next.Cursor, next.Epoch, next.Listed = f.pos.Cursor, f.pos.Epoch, true
			next.Only = f.selected()
		} else if !st.Listed && st.Cursor == 0 {
			// The first listing is not taken over yet; what is deleted from now on
			// will be told.
			next.Cursor, next.Epoch = f.pos.Cursor, f.pos.Epoch
		}
	}
	if f.uncovered(taken) {
		next.Listed = false
	}
	next.Durable = st.Written
	if taken.empty() && next == st {
		return nil
	}
	c := records.Commit{State: &next, Put: make([]records.Record, 0, len(taken.put)), Remove: slices.Collect(maps.Keys(taken.remove))}
	if len(taken.put) > 0 {
		next.Written = st.Written + 1
	}
	for id := range taken.put {
		n := f.trees.Synced.Node(id)
		c.Put = append(c.Put, records.Record{Node: *n, Stamp: f.recordStamp(n), Written: next.Written})
	}
	if err := f.rec.Commit(c); err != nil {
		return err
	}
	for id := range taken.put {
		if s, ok := f.seen[id]; ok {
			if n := f.trees.Synced.Node(id); n.Folder || s.file == n.File {
				delete(f.seen, id)
			}
		}
	}
	for id := range taken.remove {
		if f.trees.Local.Node(id) == nil {
			delete(f.seen, id)
			delete(f.names, id)
		}
	}
	if len(f.seen) == 0 {
		f.seen = map[planner.ID]*seen{}
	}
	return nil
}

// uncovered reports whether what is to be recorded is otherwise on the server: a
// deletion or a move that it did not take, say. The rows behind the recorded cursor
// need not tell of that, so after an end now the share has to be listed.
func (f *Folder) uncovered(taken unrecorded) bool {
	for id := range taken.put {
		n, r := f.trees.Synced.Node(id), f.trees.Remote.Node(id)
		if !n.Held && (r == nil || *r != *n) {
			return true
		}
	}
	for id := range taken.remove {
		if f.trees.Remote.Node(id) != nil {
			return true
		}
	}
	return false
}

// inSynced reports whether all that is known of the server is in synced.
func (f *Folder) inSynced() bool {
	same := true
	f.trees.Remote.Changed(func(id planner.ID) {
		if !same {
			return
		}
		r, s := f.trees.Remote.Node(id), f.trees.Synced.Node(id)
		if (r == nil) != (s == nil) || r != nil && *r != *s {
			same = false
		}
	})
	return same
}

// recordStamp is the stamp to be kept with a node of synced: one by which the next
// run knows its content without reading it, or that says no more than which file
// it is.
func (f *Folder) recordStamp(n *planner.Node) planner.Stamp {
	s, ok := f.seen[n.ID]
	switch {
	case ok && (n.Folder || s.file == n.File):
		return s.stamp
	case ok:
		return planner.Stamp{Identity: s.stamp.Identity}
	}
	if old := f.rec.Stamp(n.ID); old != nil {
		l := f.trees.Local.Node(n.ID)
		if n.Folder || l != nil && l.File == n.File {
			return *old
		}
		return planner.Stamp{Identity: old.Identity}
	}
	return planner.Stamp{}
}
