package tree

import (
	"errors"

	"scaidrive/engine"
	"scaidrive/engine/meta/schema"
)

// MaxCross is how many files, versions and folders a folder may hold that is
// moved to another share. A share's used bytes are exact, folders keep no sums of
// bytes, and so what moves is counted in the commit, which must stay short.
const MaxCross = 10000

// cross moves a node to another share. Its bytes go from one share's count to the
// other's in the same commit, its exceptions from one index to the other. What was
// deleted from a folder stays in the trash of the share it was deleted in, as if
// deleted from the folder above. The old share is told of a deletion, the new one
// of something created.
func (b *Batch) cross(at revision, to place) (Outcome, error) {
	if at.node.Kind == engine.KindFolder && !b.s.prepared.Load() {
		return Outcome{}, errNotPrepared()
	}
	c := crossing{b: b, from: at.folder, to: to.folder.share, left: MaxCross}
	if err := c.count(at.node); err != nil {
		return Outcome{}, err
	}
	if err := b.roomFrom(to.folder.share.share, at.folder.share.share, c.holds.Bytes); err != nil {
		return Outcome{}, err
	}
	if err := c.write(); err != nil {
		return Outcome{}, b.broken(err)
	}
	at.folder.share.placed(at.node)
	to.folder.share.placed(at.node)
	gone := moved(at.node)
	gone.Kind = engine.ChangeDeleted
	if err := b.relink(at, to); err != nil {
		return Outcome{}, b.broken(err)
	}
	if _, err := b.record(at.folder.share, gone); err != nil {
		return Outcome{}, err
	}
	n := at.node
	made := engine.Change{
		Kind: engine.ChangeCreated, Resource: resourceOf(n.Kind), Node: n.ID,
		NewParent: n.Parent, NewName: n.Name,
		Version: n.Version, VersionID: n.VersionID, Size: n.Size, SHA256: n.SHA256,
		Recursive: n.Kind == engine.KindFolder,
	}
	out, err := b.record(to.folder.share, made)
	if err != nil {
		return Outcome{}, err
	}
	out.Located = to.folder.locate(n)
	return out, nil
}

// A crossing is what a move to another share takes along and leaves behind.
type crossing struct {
	b    *Batch
	from *folderState
	to   *shareState
	left int

	holds   engine.Holding
	special []*engine.Node // with entries, a cut or holds
	deleted []deletedFrom  // what stays behind
}

type deletedFrom struct{ folder, node engine.ID }

// count reads everything that moves and writes nothing.
func (c *crossing) count(n *engine.Node) error {
	err := c.visit(n)
	if err == nil && n.Kind == engine.KindFolder {
		err = c.b.descend(n.ID, &c.left, c.visit)
	}
	if errors.Is(err, errTooMany) {
		return tooMany("The folder holds more than %d files, versions and folders; move it to another share in parts or by a job", MaxCross)
	}
	return err
}

func (c *crossing) visit(n *engine.Node) error {
	if schema.ExceptionOf(n).Any() {
		c.special = append(c.special, n)
	}
	if n.Kind == engine.KindFile {
		return c.weigh(n)
	}
	c.holds.Folders++
	return schema.ScanTrashed(c.b.r, c.b.p.Tenant, n.ID, engine.ID{}, func(id engine.ID) (bool, error) {
		c.deleted = append(c.deleted, deletedFrom{n.ID, id})
		c.left--
		if c.left < 0 {
			return false, errTooMany
		}
		return true, nil
	})
}

// weigh adds up what a file counts in its share.
func (c *crossing) weigh(n *engine.Node) error {
	if c.left -= int(min(n.Newest()-1, MaxCross+1)); c.left < 0 {
		return errTooMany
	}
	file, err := fileHolds(c.b.r, c.b.p.Tenant, n)
	c.holds.Add(file, 1)
	return err
}

// fileHolds tells what a file counts: its current version whole, of the others what
// was kept.
func fileHolds(r schema.Reader, t engine.TenantNo, n *engine.Node) (engine.Holding, error) {
	file, want := engine.Holding{Files: 1}, n.Newest()
	err := schema.ScanVersions(r, t, n.ID, 0, func(v *engine.Version) (bool, error) {
		if v.Number != want {
			return false, damagedVersion(n, want, nil)
		}
		want--
		if v.Number == n.Version {
			file.Bytes += v.Content.Size
		} else {
			file.Bytes += v.Kept
			file.VersionBytes += v.Kept
		}
		return true, nil
	})
	if err == nil && want != 0 {
		err = damagedVersion(n, want, nil)
	}
	return file, err
}

// write settles shares, exceptions and the trash.
func (c *crossing) write() error {
	b, t := c.b, c.b.p.Tenant
	old := c.from.share
	old.share.Count(c.holds, -1)
	c.to.share.Count(c.holds, 1)
	old.dirty, c.to.dirty = true, true
	for _, n := range c.special {
		if err := schema.UnindexException(b.w, t, old.share, n.ID); err != nil {
			return err
		}
		if err := schema.IndexException(b.w, t, c.to.share, n); err != nil {
			return err
		}
		if err := schema.MoveEntries(b.w, t, n, old.share.ID, c.to.share.ID); err != nil {
			return err
		}
	}
	for _, d := range c.deleted {
		if err := rehang(b.w, t, d, c.from.node.ID); err != nil {
			return err
		}
	}
	return nil
}

// rehang makes a deleted node one that was deleted from another folder.
func rehang(w schema.Writer, t engine.TenantNo, d deletedFrom, to engine.ID) error {
	n, err := schema.GetNode(w, t, d.node)
	if errors.Is(err, schema.ErrNotFound) {
		return damagedListing(d.folder, err)
	}
	if err != nil {
		return err
	}
	n.Parent = to
	if err := schema.DeleteTrashed(w, t, d.folder, n.ID); err != nil {
		return err
	}
	if err := schema.PutTrashed(w, t, to, n.ID, n.Kind); err != nil {
		return err
	}
	return schema.PutNode(w, t, n)
}
