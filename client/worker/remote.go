package worker

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"scaidrive/client"
	"scaidrive/client/disk"
	"scaidrive/client/planner"
	"scaidrive/httpd/wire"
)

// The bounds of what a server can make a client do.
const (
	// maxNodes is what it holds in memory, in files and folders.
	maxNodes = 4_000_000
	// maxAnswers is how often the change log is asked in a row, which is 50 million
	// rows and more.
	maxAnswers = 10_000
	// maxListings is how many folders are listed for the rows of one look.
	maxListings = 10_000
	// maxAgain is how often more a listing may tell of things than there are things:
	// what moves while it is made is told twice.
	maxAgain = 10_000
)

func (f *Folder) mostNodes() int {
	if f.o.nodes > 0 {
		return f.o.nodes
	}
	return maxNodes
}

func (f *Folder) tooMany() error {
	return fmt.Errorf("the share has more than %d files and folders: more than a client keeps", f.mostNodes())
}

var errServer = errors.New("the server's answer contradicts itself")

// versionOf keeps a version's number and ID in one text, as the planner's trees
// have it.
func versionOf(number uint64, id string) string {
	return strconv.FormatUint(number, 10) + " " + id
}

func splitVersion(v string) (number uint64, id string) {
	n, id, _ := strings.Cut(v, " ")
	number, _ = strconv.ParseUint(n, 10, 64)
	return number, id
}

// start brings the remote tree to where the records stand.
func (f *Folder) start(ctx context.Context) error {
	if f.started {
		return nil
	}
	st := f.rec.State()
	if st.Listed && !f.selective() && st.Only == "" {
		f.fresh = true // as of the cursor
		f.started = true
		return nil
	}
	if f.selective() {
		f.whole = planner.NewNodes()
		f.trees.Synced.All(func(n *planner.Node) { c := *n; f.whole.Put(&c) })
	}
	if st.Cursor != 0 {
		// A first listing that was not taken over whole: what was deleted since is told.
		if err := f.feed(ctx); isWithdrawn(err) {
			f.started = true // and told of again by the next look
			return nil
		} else if err != nil {
			return err
		}
	}
	if !f.fresh {
		if err := f.list(ctx, planner.GoneLost); err != nil {
			return err
		}
	}
	f.started = true
	return nil
}

// readRemote brings the remote tree up to date.
func (f *Folder) readRemote(ctx context.Context) error {
	if err := f.feed(ctx); isWithdrawn(err) {
		f.withdraw()
		return nil
	} else if err != nil {
		return err
	}
	if f.again {
		// What is not there any more and no row has told of is out of sight.
		if err := f.list(ctx, planner.GoneWithdrawn); err != nil {
			return err
		}
		f.again = false
	}
	f.choose()
	return f.checkHeld(ctx)
}

// Relist has the next round list the share anew, as the server wants it.
func (f *Folder) Relist() { f.again = true }

// server is the share as far as it is known, wanted here or not.
func (f *Folder) server() planner.Tree {
	if f.whole != nil {
		return f.whole
	}
	return f.trees.Remote
}

// choose brings what is wanted of the share into the remote tree, where that is not
// all of it.
func (f *Folder) choose() {
	if f.whole == nil {
		return
	}
	sel := newSelection(f.o.Only)
	wanted := map[planner.ID]bool{}
	f.trees.Remote.Partial = map[planner.ID]bool{}
	var walk func(id planner.ID, path string, depth int)
	walk = func(id planner.ID, path string, depth int) {
		f.whole.Children(id, func(n *planner.Node) bool {
			if f.without[n.ID] {
				return true
			}
			at := disk.Join(path, n.Name)
			itself, below := sel.wants(at)
			if itself || below && n.Folder {
				wanted[n.ID] = true
				if !itself {
					f.trees.Remote.Partial[n.ID] = true
				}
				c := *n
				f.trees.SetRemote(n.ID, &c, 0)
				if n.Folder && depth < maxDepth {
					walk(n.ID, at, depth+1)
				}
			}
			return true
		})
	}
	walk(planner.Root, "", 0)
	var out []planner.ID
	shownNow := func(n *planner.Node) {
		if !wanted[n.ID] && f.trees.Remote.Node(n.ID) != nil && f.whole.Node(n.ID) != nil {
			out = append(out, n.ID)
		}
	}
	f.trees.Synced.All(shownNow)
	f.trees.Remote.Changed(func(id planner.ID) {
		if n := f.trees.Remote.Node(id); n != nil && f.trees.Synced.Node(id) == nil {
			shownNow(n)
		}
	})
	for _, id := range out {
		f.trees.SetRemote(id, nil, planner.GoneExcluded)
	}
}

// list lists the whole share. What synced has and the listing has not is gone for
// the reason given.
func (f *Folder) list(ctx context.Context, gone planner.Gone) error {
	pos, err := f.listFolder(ctx, planner.Root, gone)
	if err != nil {
		return err
	}
	f.pos, f.fresh = pos, true
	return nil
}

// listFolder lists a folder with all below.
func (f *Folder) listFolder(ctx context.Context, folder planner.ID, gone planner.Gone) (client.Position, error) {
	there := map[planner.ID]bool{}
	known := false
	f.server().Children(folder, func(*planner.Node) bool { known = true; return false })
	n := 0
	pos, err := f.api.TreeAt(ctx, f.o.Share, string(folder), func(e *wire.Entry) error {
		if n++; n > f.mostNodes()+maxAgain {
			return f.tooMany()
		}
		if n > 2*len(there)+maxAgain {
			return fmt.Errorf("%w: a listing that tells of the same again and again", errServer)
		}
		if n%10_000 == 0 {
			f.room(n)
		}
		node, err := f.entryNode(e)
		if err != nil {
			return err
		}
		there[node.ID] = true
		return f.setRemote(node, e.ModifiedAt)
	})
	if err != nil || !known {
		return pos, err
	}
	var lost []planner.ID
	f.eachBelow(folder, func(id planner.ID) {
		if !there[id] {
			lost = append(lost, id)
		}
	})
	for _, id := range lost {
		f.goneRemote(id, gone)
	}
	return pos, nil
}

// eachBelow calls fn with all of the remote tree below a folder.
func (f *Folder) eachBelow(folder planner.ID, fn func(planner.ID)) {
	seen := map[planner.ID]bool{}
	var walk func(id planner.ID)
	walk = func(id planner.ID) {
		f.server().Children(id, func(c *planner.Node) bool {
			if !seen[c.ID] {
				seen[c.ID] = true
				fn(c.ID)
				walk(c.ID)
			}
			return true
		})
	}
	walk(folder)
}

// entryNode turns an entry into a node. The entry is valid during the call only.
func (f *Folder) entryNode(e *wire.Entry) (*planner.Node, error) {
	n := &planner.Node{ID: planner.ID(strings.Clone(e.ID)), Name: disk.Normal(strings.Clone(e.Name)), Folder: e.ResourceType == wire.TypeFolder, Bare: e.Bare}
	if n.ID == planner.Root || isLocal(n.ID) || len(n.ID) > 64 || string(n.ID) == f.o.Share {
		return nil, fmt.Errorf("%w: an entry with the ID %q", errServer, e.ID)
	}
	if e.ParentID != nil && *e.ParentID != f.o.Share {
		n.Parent = planner.ID(strings.Clone(*e.ParentID))
	}
	if n.Folder {
		return n, nil
	}
	if e.Size == nil || e.ChecksumSHA256 == nil || *e.Size < 0 {
		return nil, fmt.Errorf("%w: a file without size or checksum", errServer)
	}
	n.File = planner.File{Hash: *e.ChecksumSHA256, Size: *e.Size, Exec: e.Attributes != nil && e.Attributes.Executable}
	n.Version = versionOf(e.Version, e.VersionID)
	return n, nil
}

// setRemote takes a node of the server's into the remote tree.
func (f *Folder) setRemote(n *planner.Node, modified wire.Time) error {
	if s := f.trees.Synced.Node(n.ID); s != nil && s.Folder != n.Folder {
		return fmt.Errorf("%w: %s was of another kind", errServer, n.ID)
	}
	if !f.disk.Traits().Exec && !n.Folder {
		// What the disk can't hold is no difference.
		if s := f.trees.Synced.Node(n.ID); s != nil {
			n.File.Exec = s.File.Exec
		} else {
			n.File.Exec = false
		}
	}
	if f.whole != nil {
		c := *n
		f.whole.Put(&c)
		if f.trees.Remote.Node(n.ID) != nil {
			f.trees.SetRemote(n.ID, n, 0)
		}
	} else {
		f.trees.SetRemote(n.ID, n, 0)
	}
	if f.trees.Remote.Differs() > f.mostNodes() || f.whole != nil && f.whole.Len() > f.mostNodes() {
		return f.tooMany()
	}
	if !n.Folder {
		if s := f.trees.Synced.Node(n.ID); s == nil || s.File != n.File {
			f.mtimes[n.ID] = modified.UnixNano()
		} else {
			delete(f.mtimes, n.ID)
		}
	}
	return nil
}

// goneRemote takes a node out of the remote tree, with all below.
func (f *Folder) goneRemote(id planner.ID, why planner.Gone) {
	ids := []planner.ID{id}
	f.eachBelow(id, func(c planner.ID) { ids = append(ids, c) })
	for _, c := range ids {
		if f.whole != nil {
			f.whole.Remove(c)
		}
		if f.trees.Remote.Node(c) != nil {
			f.trees.SetRemote(c, nil, why)
		}
		delete(f.mtimes, c)
	}
}

// feed follows the server's changes up to now.
func (f *Folder) feed(ctx context.Context) error {
	f.listings = 0
	for range maxAnswers {
		got, err := f.api.Changes(ctx, f.o.Share, f.pos, 0)
		if err != nil {
			var se *client.StatusError
			if errors.As(err, &se) && se.Status == http.StatusGone {
				return f.relist(ctx, se.Gone)
			}
			return err
		}
		if err := f.takeRows(ctx, got); err != nil {
			return err
		}
		if !got.HasMore {
			return nil
		}
	}
	return fmt.Errorf("%w: its change log does not come to an end", errServer)
}

// takeRows brings rows into the remote tree.
func (f *Folder) takeRows(ctx context.Context, got *wire.Changes) error {
	if got.HasMore && got.Cursor <= f.pos.Cursor {
		return fmt.Errorf("%w: its change log does not go on", errServer)
	}
	again := map[planner.ID]planner.Gone{} // folders to be listed
	for i := range got.Changes {
		if err := f.row(&got.Changes[i], again); err != nil {
			return err
		}
	}
	for id, gone := range again {
		if f.listedAbove(id, again) || id != planner.Root && f.server().Node(id) == nil {
			continue
		}
		if f.listings++; f.listings > maxListings {
			return fmt.Errorf("%w: it has folders listed without end", errServer)
		}
		_, err := f.listFolder(ctx, id, gone)
		if status := client.StatusOf(err); (status == http.StatusNotFound || status == http.StatusGone) && id != planner.Root {
			f.goneRemote(id, gone) // it went meanwhile; a row will say how
			continue
		}
		if err != nil {
			return err
		}
	}
	f.pos = client.Position{Cursor: got.Cursor, Epoch: got.Epoch}
	return nil
}

// listedAbove reports whether a folder above is listed, too, with all below.
func (f *Folder) listedAbove(id planner.ID, again map[planner.ID]planner.Gone) bool {
	why := again[id]
	for depth := 0; id != planner.Root && depth < maxDepth; depth++ {
		n := f.server().Node(id)
		if n == nil {
			return false
		}
		id = n.Parent
		if w, ok := again[id]; ok && (w == why || w == planner.GoneWithdrawn) {
			return true
		}
	}
	return false
}

// row takes one row of the change log.
func (f *Folder) row(r *wire.Row, again map[planner.ID]planner.Gone) error {
	id, m := planner.ID(r.ResourceID), &r.Metadata
	if r.ResourceType == wire.TypeShare || r.ResourceID == f.o.Share {
		if m.AccessChanged {
			again[planner.Root] = planner.GoneWithdrawn
		}
		return nil
	}
	if m.AccessChanged {
		if f.server().Node(id) == nil {
			id = planner.Root
		}
		again[id] = planner.GoneWithdrawn
		return nil
	}
	if r.ChangeType == wire.ChangeDeleted {
		f.goneRemote(id, planner.GoneDeleted)
		return nil
	}
	if m.Name == "" {
		return nil // nothing is told that could be shown
	}
	e := wire.Entry{ResourceType: r.ResourceType, ID: r.ResourceID, ParentID: m.ParentID, Name: m.Name,
		Version: m.Version, Size: m.Size, ChecksumSHA256: m.ChecksumSHA256, Attributes: m.Attributes}
	if r.VersionID != nil {
		e.VersionID = *r.VersionID
	}
	if m.ModifiedAt != nil {
		e.ModifiedAt = *m.ModifiedAt
	} else {
		e.ModifiedAt = r.ChangedAt
	}
	if e.ResourceType == wire.TypeFolder && f.server().Node(id) == nil {
		if _, ok := again[id]; !ok {
			again[id] = planner.GoneDeleted // nothing is known below, so nothing goes
		}
	}
	n, err := f.entryNode(&e)
	if err != nil {
		return err
	}
	return f.setRemote(n, e.ModifiedAt)
}

// relist answers a cursor that can't be followed any more.
func (f *Folder) relist(ctx context.Context, why string) error {
	if why == "expired" {
		// Rows are lost that may have told of deletions: absence may be read as one.
		return f.list(ctx, planner.GoneWithdrawn)
	}
	if err := f.list(ctx, planner.GoneLost); err != nil {
		return err
	}
	f.merge()
	return nil
}

// merge compares by ID and content with a server that is not where it was: what
// it has lost is a local change, what it has otherwise a second one.
func (f *Folder) merge() {
	var ids []planner.ID
	f.trees.Remote.Changed(func(id planner.ID) { ids = append(ids, id) })
	for _, id := range ids {
		s, r := f.trees.Synced.Node(id), f.trees.Remote.Node(id)
		if s == nil || r == nil || s.Folder || s.File == r.File {
			continue
		}
		was, _ := splitVersion(s.Version)
		is, _ := splitVersion(r.Version)
		if is < was {
			// The server has the version that this one was made from, or an earlier one.
			n := *s
			n.File, n.Version = r.File, r.Version
			f.setSynced(id, &n)
			continue
		}
		// Both have gone on: what is here meets it as something of its own.
		if l := f.trees.Local.Node(id); l != nil {
			f.locals++
			own := planner.ID(fmt.Sprintf("~%s.%08d", f.token, f.locals))
			stamp := f.stampOf(id)
			f.trees.Rename(id, own)
			f.renamed(id, own)
			if stamp != nil {
				f.seen[own] = &seen{*stamp, l.File}
			}
		}
		f.setSynced(id, nil)
	}
}

// Awaits reports whether a conflict is open in which something of this device waits:
// that it was resolved need not show in the change log.
func (f *Folder) Awaits() bool {
	for _, r := range f.refused {
		if r.conflict != "" {
			return true
		}
	}
	return len(f.holds) > 0
}

// checkHeld looks whether conflicts that hold local content are still open.
func (f *Folder) checkHeld(ctx context.Context) error {
	var held []planner.ID
	for id := range f.holds {
		held = append(held, id)
	}
	waiting := map[string]planner.ID{} // by conflict
	for id, r := range f.refused {
		if r.conflict != "" {
			waiting[r.conflict] = id
		}
	}
	if len(held)+len(waiting) == 0 {
		return nil
	}
	list, err := f.api.Conflicts(ctx, f.o.Share, f.o.Device, false)
	if err != nil {
		return err
	}
	open := map[planner.ID]bool{}
	for i := range list {
		open[planner.ID(list[i].ResourceID)] = true
		delete(waiting, list[i].ID)
	}
	for _, id := range waiting {
		delete(f.refused, id)
		delete(f.trees.Local.Refused, id)
		f.resolved(id)
	}
	for _, id := range held {
		n := f.trees.Synced.Node(id)
		if n == nil || !n.Held {
			delete(f.holds, id)
			continue
		}
		if !open[id] {
			free := *n
			free.Held = false
			f.setSynced(id, &free)
			delete(f.holds, id)
		}
	}
	return nil
}
