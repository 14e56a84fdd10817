package worker

import (
	"fmt"
	"net/http"
	"strings"

	"scaidrive/client"
	"scaidrive/client/disk"
	"scaidrive/client/planner"
	"scaidrive/httpd/wire"
)

// answered takes the answer to a batch: what was acknowledged is in synced as it
// was pushed, and in remote as the server has it. It gives what lacks chunks.
func (f *Folder) answered(b *batch, res *wire.ApplyResult, made map[planner.ID]planner.ID, lost map[planner.ID]bool) (again map[int][]wire.Hash, n int, err error) {
	again = map[int][]wire.Hash{}
	got := make([]answer, len(b.Pushed))
	at := func(i int) (*answer, error) {
		if i < 0 || i >= len(got) {
			return nil, fmt.Errorf("%w: it answered change %d, which it was not asked for", errServer, i)
		}
		return &got[i], nil
	}
	for i := range res.Applied {
		a, err := at(res.Applied[i].Index)
		if err != nil {
			return nil, n, err
		}
		a.entry = &res.Applied[i].Resource
	}
	for i := range res.Conflicts {
		a, err := at(res.Conflicts[i].Index)
		if err != nil {
			return nil, n, err
		}
		a.conflict = &res.Conflicts[i].Conflict
		if a.entry == nil {
			a.entry = res.Conflicts[i].Resource
		}
	}
	for i := range res.Errors {
		a, err := at(res.Errors[i].Index)
		if err != nil {
			return nil, n, err
		}
		a.failed = &res.Errors[i]
	}
	for i := range b.Pushed {
		pu, a := &b.Pushed[i], &got[i]
		switch {
		case a.entry == nil && a.conflict == nil && a.failed == nil:
			lost[pu.Local] = true // not answered: the next round plans it anew
		case a.failed != nil && (len(a.failed.MissingChunks) > 0 || a.failed.MissingManifest):
			again[i] = a.failed.MissingChunks
		case a.failed != nil && pu.Parent >= 0 && pu.Parent < i && (got[pu.Parent].conflict != nil || got[pu.Parent].failed != nil ||
			a.failed.Status == http.StatusNotFound || a.failed.Status == http.StatusGone):
			// Its folder did not come to be where its path says: the next round knows.
			lost[pu.Local] = true
		case a.failed != nil:
			lost[pu.Local] = true
			f.refusedBy(pu, a.failed)
		default:
			if err := f.acknowledged(pu, a, made); err != nil {
				return nil, n, err
			}
			n++
		}
	}
	return again, n, nil
}

// ownRows reports whether the rows of the change log between where this client is and
// where a batch has ended are those of the batch, and tell nothing that its answer
// does not: each made something that this client did not know, and there are no more
// rows than that.
func (f *Folder) ownRows(b *batch, res *wire.ApplyResult) bool {
	if !f.fresh || f.again || f.selective() || f.whole != nil || len(res.Conflicts)+len(res.Errors) > 0 || res.Epoch == "" ||
		len(res.Applied) != len(b.Pushed) || res.Rows != int64(len(res.Applied)) || res.Cursor-res.Rows != f.pos.Cursor {
		return false
	}
	seen := make(map[string]struct{}, len(res.Applied))
	for i := range res.Applied {
		a := &res.Applied[i]
		if a.Index < 0 || a.Index >= len(b.Pushed) || a.ChangeID == "" || a.Resource.Name == "" {
			return false
		}
		if k := b.Pushed[a.Index].Kind; k != planner.PushFolder && k != planner.PushFile || f.trees.Remote.Node(planner.ID(a.Resource.ID)) != nil {
			return false
		}
		seen[a.Resource.ID] = struct{}{}
	}
	return len(seen) == len(res.Applied)
}

// passOver takes the rows of a batch as read, if all of it is in the remote tree.
func (f *Folder) passOver(res *wire.ApplyResult) {
	for i := range res.Applied {
		if f.trees.Remote.Node(planner.ID(res.Applied[i].Resource.ID)) == nil {
			return
		}
	}
	f.pos = client.Position{Cursor: res.Cursor, Epoch: res.Epoch}
}

// An answer is what the server says of one change.
type answer struct {
	entry    *wire.Entry
	conflict *wire.Conflict
	failed   *wire.ApplyError
}

// refusedBy takes a change that the server did not take.
func (f *Folder) refusedBy(pu *pushed, e *wire.ApplyError) {
	kind := planner.RefusedNow
	if e.Status == http.StatusForbidden {
		kind = planner.RefusedEver
	}
	why := (&client.StatusError{Status: e.Status, Problem: wire.Problem{Detail: e.Detail}}).Error()
	if e.Status == http.StatusConflict && e.Resource != nil {
		why = fmt.Sprintf("%q has its name on the server, where letters' case makes no difference", e.Resource.Name)
	}
	f.refuse(pu.Local, kind, why)
	f.event("refused", shown(f.trees.Local, pu.Local), why, 0)
}

// acknowledged takes a change that is durable on the server.
func (f *Folder) acknowledged(pu *pushed, a *answer, made map[planner.ID]planner.ID) error {
	t, id := f.trees, pu.Local
	var there *planner.Node
	if a.entry != nil && a.entry.ID != "" && a.entry.Name != "" {
		var err error
		if there, err = f.entryNode(a.entry); err != nil {
			return err
		}
	}
	f.countAnswer(pu, a)
	switch pu.Kind {
	case planner.PushFolder, planner.PushFile:
		return f.wasMade(pu, a, there, made)
	case planner.PushUpdate:
		s := t.Synced.Node(id)
		if s == nil {
			return nil
		}
		n := *s
		n.File, n.Held = pu.Node.File, a.open()
		if there != nil && !there.Folder && !n.Held {
			n.Version = there.Version // else what follows is made from the same as this
		}
		f.pushedContent(pu, id)
		f.setSynced(id, &n)
		f.hold(id, n.Held)
		return f.isNow(id, a, there)
	case planner.PushMove:
		if !pu.Temp {
			if s := t.Synced.Node(id); s != nil {
				n := *s
				switch {
				case !isLocal(pu.Node.Parent):
					n.Parent, n.Name = pu.Node.Parent, pu.Node.Name
				case there != nil:
					n.Parent, n.Name = there.Parent, there.Name
				}
				f.setSynced(id, &n)
			}
		}
		return f.isNow(id, a, there)
	case planner.PushDelete:
		f.forget(id)
		if a.conflict == nil {
			f.goneRemote(id, planner.GoneDeleted)
		}
	}
	return nil
}

// isNow takes how something is on the server by an answer. What is known to be in
// the trash stays so: the answer tells of it there, too, and if it was brought back
// the changes say so.
func (f *Folder) isNow(id planner.ID, a *answer, there *planner.Node) error {
	if there == nil || there.ID != id || f.trees.Remote.Node(id) == nil {
		return nil
	}
	return f.setRemote(there, a.entry.ModifiedAt)
}

func (a *answer) open() bool { return a.conflict != nil && a.conflict.Status == wire.ConflictOpen }

func (f *Folder) hold(id planner.ID, held bool) {
	if held {
		f.holds[id] = true
	} else {
		delete(f.holds, id)
	}
}

// pushedContent keeps how the disk looked when what was pushed was read.
func (f *Folder) pushedContent(pu *pushed, id planner.ID) {
	if _, ok := f.seen[id]; !ok && pu.Stamp != (planner.Stamp{}) {
		f.seen[id] = &seen{pu.Stamp, pu.Node.File}
	}
}

// wasMade takes something that the server has now, and what it is called there.
func (f *Folder) wasMade(pu *pushed, a *answer, there *planner.Node, made map[planner.ID]planner.ID) error {
	t, id := f.trees, pu.Local
	got := planner.ID("")
	if there != nil && there.Folder == pu.Node.Folder {
		got = there.ID
	}
	if c := a.conflict; c != nil && c.CopyID != nil && (got == "" || !pu.Node.Folder && !sameContent(there, &pu.Node)) {
		got = planner.ID(*c.CopyID)
	}
	if got == "" || isLocal(got) {
		if a.open() && !pu.Node.Folder {
			f.await(id, a.conflict.ID)
		}
		return nil // the next look at the changes tells
	}
	if a.conflict == nil {
		if err := f.setRemote(there, a.entry.ModifiedAt); err != nil {
			return err
		}
	}
	if got != id && t.Local.Node(got) != nil {
		f.merged(pu, id)
		return nil
	}
	l := t.Local.Node(id)
	if l == nil {
		return nil
	}
	// Its folder may have become another one there, and still be to be made here: then
	// it is where the server says, and has moved since.
	adrift := isLocal(l.Parent)
	if adrift && (there == nil || there.ID != got) {
		return nil // the next look at the changes tells
	}
	made[id] = got
	wasSynced := t.Synced.Node(id) != nil
	t.Rename(id, got)
	f.renamed(id, got)
	if wasSynced && got != id {
		f.setSynced(id, nil)
	}
	n := pu.Node
	n.ID, n.Parent = got, l.Parent
	if adrift {
		n.Parent, n.Name = there.Parent, there.Name
	}
	n.Held = !n.Folder && a.open() && got != "" && (a.conflict.CopyID == nil)
	switch {
	case n.Folder:
		n.Version = ""
	case n.Held:
		n.Version = versionOf(0, unknownVersion(a.conflict.ID))
	case there != nil && there.ID == got:
		n.Version = there.Version
	case a.conflict != nil: // of a copy: the changes tell its version
		n.Version = versionOf(0, unknownVersion(a.conflict.ID))
	}
	f.pushedContent(pu, got)
	f.setSynced(got, &n)
	f.hold(got, n.Held)
	if there != nil && there.ID == got && there.File == n.File {
		delete(f.mtimes, got) // it need not be fetched
	}
	if f.whole != nil && f.whole.Node(got) != nil {
		r := *f.whole.Node(got)
		f.trees.SetRemote(got, &r, 0)
	}
	if f.trees.Remote.Node(got) == nil {
		// It is kept there. The changes tell where; if they don't, it is in the trash.
		f.trees.SetRemote(got, nil, planner.GoneDeleted)
	}
	return nil
}

// unknownVersion is the ID of a version that never is, for a file whose version on the
// server is not known yet, or that waits in a conflict about a file of another: what
// follows is not made from that one's content.
func unknownVersion(conflict string) string { return "ver_" + strings.TrimPrefix(conflict, "cfl_") }

// await has something that is only on the disk wait for a conflict to be resolved:
// its content is with the server, and it has no place there yet.
func (f *Folder) await(id planner.ID, conflict string) {
	f.refuse(id, planner.RefusedNow, whyOpen)
	r := f.refused[id]
	r.conflict = conflict
	f.refused[id] = r
}

const whyOpen = "a conflict is open"

// resolved takes something that waited for a conflict which is resolved: its content
// is kept, wherever that is now. What is here makes way, unless it was edited since.
func (f *Folder) resolved(id planner.ID) {
	l := f.trees.Local.Node(id)
	if l == nil || f.trees.Synced.Node(id) != nil {
		return
	}
	n := *l
	f.setSynced(id, &n)
	f.trees.SetRemote(id, nil, planner.GoneDeleted)
}

// merged takes something that the server has put together with what is here under
// another name.
func (f *Folder) merged(pu *pushed, id planner.ID) {
	l := f.trees.Local.Node(id)
	if l == nil {
		return
	}
	if !l.Folder {
		// Its content is there. What is here makes way, unless it was edited since.
		n := pu.Node
		n.ID, n.Parent = id, l.Parent
		f.pushedContent(pu, id)
		f.setSynced(id, &n)
		f.trees.SetRemote(id, nil, planner.GoneDeleted)
		return
	}
	// A folder may hold more: it goes on under a name of its own.
	f.kept = false
	path := f.path(id)
	for i := 2; i < 100; i++ {
		name := fmt.Sprintf("%s %d", l.Name, i)
		if err := f.disk.Place(path, disk.Join(dirOf(path), name)); err != nil {
			continue
		}
		f.touch(dirOf(path))
		f.touchBelow(path)
		delete(f.names, id)
		n := *l
		n.Name = name
		f.trees.SetLocal(id, &n)
		return
	}
}

func sameContent(a, b *planner.Node) bool {
	return a != nil && a.File.Hash == b.File.Hash && a.File.Size == b.File.Size
}

// forget takes a deleted folder and what went with it out of synced.
func (f *Folder) forget(id planner.ID) {
	var below []planner.ID
	f.trees.Synced.Children(id, func(n *planner.Node) bool { below = append(below, n.ID); return true })
	for _, c := range below {
		if f.trees.Local.Node(c) == nil {
			f.forget(c)
		}
	}
	f.setSynced(id, nil)
}

func (f *Folder) countAnswer(pu *pushed, a *answer) {
	path := shown(f.trees.Local, pu.Local)
	f.count(func(c *Counts) {
		switch pu.Kind {
		case planner.PushFile, planner.PushUpdate:
			c.FilesSent++
		case planner.PushFolder:
			c.Folders++
		case planner.PushMove:
			c.Moves++
		case planner.PushDelete:
			c.Deletes++
		}
		if a.conflict != nil {
			c.Conflicts++
		}
	})
	kinds := map[planner.OpKind]string{planner.PushFile: "sent", planner.PushUpdate: "sent", planner.PushFolder: "folder", planner.PushMove: "moved", planner.PushDelete: "deleted"}
	f.event(kinds[pu.Kind], path, "", pu.Node.File.Size)
	if a.conflict != nil {
		f.event("conflict", path, a.conflict.ConflictType+", "+a.conflict.Status, 0)
	}
}
