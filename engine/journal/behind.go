package journal

import (
	"context"

	"scaidrive/engine"
	"scaidrive/engine/access"
	"scaidrive/engine/meta"
	"scaidrive/engine/meta/schema"
)

// behind is what other devices did in a share since a batch was planned, by the
// rows of the change log: what whoever deletes a folder did not know.
type behind struct {
	upTo  uint64
	nodes map[engine.ID]*unseen
	order []engine.ID // the first row first
}

// An unseen node was made, moved or edited since.
type unseen struct {
	created bool // it was not in the share before
	placed  bool // moved or renamed
	edited  bool
	from    engine.ID // the folder it lay in before its first move; zero: not moved
}

// The bounds of catching up: beyond them a client has to follow first.
const (
	maxBehind = 100_000
	rowsAView = 4000
)

// catchUp reads what was done since a batch was planned, where a deletion of a
// folder may need it; the commit reads the rest.
func (s *Service) catchUp(ctx context.Context, p *engine.Principal, b *Batch) (*behind, error) {
	if !b.Based {
		return nil, nil
	}
	known := &behind{upTo: b.BaseSeq, nodes: map[engine.ID]*unseen{}}
	deletes := false
	for i := range b.Changes {
		c := &b.Changes[i]
		deletes = deletes || c.Kind == engine.ChangeDeleted && c.Resource == engine.ResourceFolder
	}
	if !deletes {
		return known, nil
	}
	device := engine.ID{}
	if b.DeviceID != "" {
		device = deviceOf(p, b.DeviceID)
	}
	for done := false; !done; {
		err := s.db.View(ctx, func(v *meta.View) (err error) {
			var n int
			n, err = known.read(v, p.Tenant, b.Share, device, rowsAView)
			done = n < rowsAView
			return err
		})
		if err != nil {
			return nil, err
		}
		if known.upTo-b.BaseSeq > maxBehind {
			return nil, engine.E(engine.KindConflict, "More than %d things changed since base_cursor: follow the changes first", maxBehind)
		}
	}
	return known, nil
}

// deviceOf is what names a user's device in the rows of the change log.
func deviceOf(p *engine.Principal, device string) engine.ID {
	return schema.HashID(p.User.Format("") + "/" + device)
}

// read takes in the rows that follow, at most n, but for those of a device itself.
func (k *behind) read(r schema.Reader, t engine.TenantNo, share, device engine.ID, n int) (int, error) {
	got := 0
	err := schema.ScanChanges(r, t, share, k.upTo, func(c *engine.Change) (bool, error) {
		if c.Seq != k.upTo+1 {
			return false, engine.E(engine.KindConflict, "What happened since base_cursor is not kept any more: follow the changes first")
		}
		got++
		k.upTo = c.Seq
		if device.IsZero() || c.Device != device {
			k.take(c)
		}
		return got < n, nil
	})
	return got, err
}

func (k *behind) take(c *engine.Change) {
	if c.AccessChanged {
		return // the thing itself is as it was
	}
	u := k.nodes[c.Node]
	if u == nil {
		u = &unseen{}
		k.nodes[c.Node] = u
		k.order = append(k.order, c.Node)
	}
	switch c.Kind {
	case engine.ChangeCreated:
		u.created = true
	case engine.ChangeMoved, engine.ChangeRenamed:
		if u.from.IsZero() {
			u.from = c.OldParent
		}
		u.placed = true
	case engine.ChangeUpdated:
		u.edited = u.edited || c.Resource == engine.ResourceFile
	default:
	}
}

// A survivor is something in a folder that is to be deleted which the deleter did
// not know as it is.
type survivor struct {
	node *engine.Node
	*unseen
	isNew bool // the deleter never saw it there
}

// survivors finds what lives below a folder and was not known to who deletes it,
// what lies above before what lies below; below one of them nothing is listed.
func (r *round) survivors(folder *engine.Node) ([]survivor, error) {
	if r.behind == nil {
		return nil, nil
	}
	if _, err := r.behind.read(r.tx, r.p.Tenant, r.in.Share, r.device, maxBehind); err != nil {
		return nil, err
	}
	var list []survivor
	picked := map[engine.ID]bool{}
	paths := map[engine.ID][]*engine.Node{}
	for _, id := range r.behind.order {
		u := r.behind.nodes[id]
		if id == folder.ID || !u.created && !u.placed && !u.edited || r.mine[id] {
			continue
		}
		sub, err := access.Resolve(r.tx, r.p.Tenant, id)
		if err != nil && engine.KindOf(err) == engine.KindNotFound {
			continue // gone for good
		}
		if err != nil {
			return nil, err
		}
		if sub.Trashed != nil || !lies(sub.Path, folder.ID) {
			continue
		}
		picked[id], paths[id] = true, sub.Path
		s := survivor{node: sub.Node, unseen: u, isNew: u.created}
		if u.placed && !u.created {
			from, err := access.Resolve(r.tx, r.p.Tenant, u.from)
			s.isNew = err != nil || from.Node.ID != folder.ID && !lies(from.Path, folder.ID)
		}
		list = append(list, s)
	}
	top := list[:0]
	for _, s := range list {
		inside := false
		for _, up := range paths[s.node.ID] {
			inside = inside || picked[up.ID] && up.ID != folder.ID
		}
		if !inside {
			top = append(top, s)
		}
	}
	return top, nil
}

func lies(path []*engine.Node, in engine.ID) bool {
	for _, n := range path {
		if n.ID == in {
			return true
		}
	}
	return false
}
