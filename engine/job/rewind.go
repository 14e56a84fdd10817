package job

import (
	"context"
	"errors"
	"slices"
	"time"

	"scaidrive/engine"
	"scaidrive/engine/access"
	"scaidrive/engine/meta"
	"scaidrive/engine/meta/schema"
)

// A planner finds what has to be done so that a folder is what it was at a moment.
//
// The first row that the share's change log has of a thing behind the moment says
// where the thing was, or that it was not there: nothing had happened to it from
// the moment to that row. What has no row is where it was, in its own folder. So
// the state at the moment is known from the rows behind it alone, whatever the
// age of the share.
//
// The plan says what shall be, not what is to change: a task that meets what it
// wants does nothing. It is made over several views, and what is done meanwhile
// by others is met by the tasks like anything else.
type planner struct {
	s    *Service
	ctx  context.Context
	who  owner
	job  *engine.Job
	root engine.ID
	at   time.Time

	p     *engine.Principal
	share engine.ID
	path  string // of the root
	head  uint64
	floor uint64 // up to there the log is thinned

	touched map[engine.ID]*touched
	order   []*touched // by their first rows
	self    *touched   // the root; its own place is no part of the rewind
	parents map[engine.ID]engine.ID

	tasks  []engine.JobTask
	notes  []engine.JobNote
	counts engine.JobPlan
	errors uint64
}

// where is a place.
type where struct {
	parent engine.ID
	name   string
}

// presence is what has become of a thing.
type presence uint8

const (
	live    presence = iota // in the share
	deleted                 // in the trash by itself
	buried                  // in a folder that is in the trash
	lost                    // removed for good, or in another share
	hidden                  // the user may not see it
)

// touched is a thing that has rows behind the moment.
type touched struct {
	id      engine.ID
	kind    engine.NodeKind
	existed bool  // at the moment, in this share
	was     where // if existed

	now      presence
	is       where // live, deleted, buried
	depth    int
	under    []engine.ID // the folders above it, now
	grave    engine.ID   // of buried: the deleted folder
	away     bool        // lost: it is in another share
	version  uint64      // of a file: what to go back to; 0: it is current
	inside   tri         // inRoot, once known
	rescued  bool        // of a folder: something moves out of it before it goes
	returned bool        // from the trash
	cleared  bool        // can't be put back, and stands where something else goes
}

type tri uint8

const (
	unknown tri = iota
	yes
	no
	asking // on the way up: a circle is not inside
)

func (pl *planner) view(fn func(*meta.View) error) error {
	if err := pl.ctx.Err(); err != nil {
		return err
	}
	return pl.s.db.View(pl.ctx, fn)
}

func (pl *planner) run() error {
	steps := []func() error{pl.open, pl.read, pl.resolve, pl.findParents, pl.wasHere, pl.contents, pl.decide}
	for _, step := range steps {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// open checks the folder and finds where in the change log to begin.
func (pl *planner) open() error {
	return pl.view(func(v *meta.View) error {
		var err error
		if pl.p, err = pl.s.acting(v, pl.who.tenant, pl.who.user); err != nil {
			return err
		}
		sub, err := access.Check(v, pl.p, pl.root, engine.RightRead)
		if err != nil {
			return err
		}
		pl.share, pl.head, pl.floor = sub.Share.ID, sub.Share.Seq, sub.Share.LogFloor
		for _, n := range append(sub.Path[min(1, len(sub.Path)):], sub.Node) {
			if !n.Parent.IsZero() {
				pl.path += "/" + n.Name
			}
		}
		return nil
	})
}

const viewRows = 2000

// read collects the first row of everything behind the moment.
func (pl *planner) read() error {
	behind, err := pl.lastBefore()
	if err != nil {
		return err
	}
	pl.touched = map[engine.ID]*touched{}
	for behind < pl.head {
		begun := behind
		err := pl.view(func(v *meta.View) error {
			seen := 0
			return schema.ScanChanges(v, pl.who.tenant, pl.share, behind, func(c *engine.Change) (bool, error) {
				if c.Seq != behind+1 {
					return false, engine.E(engine.KindGone, "What happened since that moment is not kept any more")
				}
				behind = c.Seq
				seen++
				return seen < viewRows && behind < pl.head, pl.note(c)
			})
		})
		if err != nil {
			return err
		}
		if behind == begun {
			return engine.E(engine.KindDamaged, "The change log of the share is not complete")
		}
	}
	return nil
}

// lastBefore finds the last row that is not behind the moment.
func (pl *planner) lastBefore() (uint64, error) {
	low, high := pl.floor, pl.head // rows up to low are not behind; those above high are
	for low < high {
		mid := low + (high-low+1)/2
		err := pl.view(func(v *meta.View) error {
			c, err := schema.GetChange(v, pl.who.tenant, pl.share, mid)
			if errors.Is(err, schema.ErrNotFound) {
				return engine.E(engine.KindDamaged, "The change log of the share is not complete")
			}
			if err == nil && c.At.After(pl.at) {
				high = mid - 1
			} else {
				low = mid
			}
			return err
		})
		if err != nil {
			return 0, err
		}
	}
	if low == pl.floor && low > 0 { // what is thinned may reach behind the moment
		return low, pl.view(func(v *meta.View) error {
			c, err := schema.GetChange(v, pl.who.tenant, pl.share, low)
			if errors.Is(err, schema.ErrNotFound) || err == nil && c.At.After(pl.at) {
				return engine.E(engine.KindGone, "What happened since that moment is not kept any more")
			}
			return err
		})
	}
	return low, nil
}

// note takes the first row of a thing.
func (pl *planner) note(c *engine.Change) error {
	if c.AccessChanged {
		return nil // who may do what is not put back
	}
	if pl.touched[c.Node] != nil || c.Node == pl.root && pl.self != nil {
		return nil
	}
	if len(pl.touched) == MaxRewind {
		return engine.E(engine.KindTooLarge, "More than %d files and folders of the share changed since that moment; rewind to a later one", MaxRewind)
	}
	x := &touched{id: c.Node, kind: engine.KindFile}
	if c.Resource == engine.ResourceFolder {
		x.kind = engine.KindFolder
	}
	switch c.Kind {
	case engine.ChangeCreated:
	case engine.ChangeUpdated:
		x.existed, x.was = true, where{c.NewParent, c.NewName}
	case engine.ChangeDeleted, engine.ChangeMoved, engine.ChangeRenamed:
		x.existed, x.was = true, where{c.OldParent, c.OldName}
	default:
		return nil
	}
	if c.Node == pl.root {
		pl.self = x
		return nil
	}
	pl.touched[c.Node] = x
	pl.order = append(pl.order, x)
	return nil
}

const viewNodes = 200

// resolve finds where everything is now.
func (pl *planner) resolve() error {
	pl.parents = map[engine.ID]engine.ID{}
	for page := range slices.Chunk(pl.order, viewNodes) {
		err := pl.view(func(v *meta.View) error {
			for _, x := range page {
				if err := pl.locate(v, x); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (pl *planner) locate(v *meta.View, x *touched) error {
	sub, err := access.Resolve(v, pl.who.tenant, x.id)
	if err != nil && engine.KindOf(err) == engine.KindNotFound {
		x.now = lost
		return nil
	}
	if err != nil {
		return err
	}
	have, err := access.Rights(v, pl.p, sub)
	if err != nil {
		return err
	}
	x.is, x.depth = where{sub.Node.Parent, sub.Node.Name}, len(sub.Path)
	x.under = make([]engine.ID, len(sub.Path))
	for i, up := range sub.Path {
		x.under[i] = up.ID
		pl.parents[up.ID] = up.Parent
	}
	switch {
	case have&engine.RightRead == 0:
		x.now = hidden
	case sub.Share.ID != pl.share:
		x.now, x.away = lost, true
	case sub.Trashed == nil:
		x.now = live
	case !sub.Node.DeletedAt.IsZero():
		x.now = deleted
	default:
		x.now, x.grave = buried, sub.Trashed.ID
	}
	return nil
}

// findParents learns the way up from the folders in which things were, where no
// row tells it.
func (pl *planner) findParents() error {
	ask := []engine.ID{pl.root}
	for _, x := range pl.order {
		if x.existed {
			ask = append(ask, x.was.parent)
		}
	}
	for page := range slices.Chunk(ask, viewNodes) {
		err := pl.view(func(v *meta.View) error {
			for _, id := range page {
				if err := pl.climb(v, id); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (pl *planner) climb(v *meta.View, id engine.ID) error {
	for !id.IsZero() {
		if _, known := pl.parents[id]; known {
			return nil
		}
		n, err := schema.GetNode(v, pl.who.tenant, id)
		if errors.Is(err, schema.ErrNotFound) {
			return nil // removed for good
		}
		if err != nil {
			return err
		}
		pl.parents[id] = n.Parent
		id = n.Parent
	}
	return nil
}

// wasHere refuses a folder that was in the trash or in another share: the log of
// this share does not say what was in it.
func (pl *planner) wasHere() error {
	x, id := pl.self, pl.root
	for depth := 0; depth < 1000 && !id.IsZero(); depth++ {
		switch {
		case x != nil && !x.existed:
			return engine.E(engine.KindConflict, "The folder was not in this share at that moment, or was in its trash")
		case x != nil:
			id = x.was.parent
		default:
			id = pl.parents[id]
		}
		x = pl.touched[id]
	}
	return nil
}

// inRoot reports whether a thing lay below the root at the moment.
func (pl *planner) inRoot(x *touched) bool {
	if x.inside == unknown {
		x.inside = asking
		in := no
		if x.existed && pl.folderInRoot(x.was.parent) {
			in = yes
		}
		x.inside = in
	}
	return x.inside == yes
}

func (pl *planner) folderInRoot(id engine.ID) bool {
	for depth := 0; depth < 1000; depth++ {
		if id == pl.root {
			return true
		}
		if x := pl.touched[id]; x != nil {
			return pl.inRoot(x)
		}
		up, known := pl.parents[id]
		if !known || up.IsZero() {
			return false
		}
		id = up
	}
	return false
}

// contents finds, for the files that were there, the version that was current.
func (pl *planner) contents() error {
	var files []*touched
	for _, x := range pl.order {
		if x.kind == engine.KindFile && x.now < lost && pl.inRoot(x) {
			files = append(files, x)
		}
	}
	for page := range slices.Chunk(files, viewNodes) {
		err := pl.view(func(v *meta.View) error {
			for _, x := range page {
				if err := pl.content(v, x); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (pl *planner) content(v *meta.View, x *touched) error {
	n, err := schema.GetNode(v, pl.who.tenant, x.id)
	if errors.Is(err, schema.ErrNotFound) {
		x.now = lost
		return nil
	}
	if err != nil {
		return err
	}
	var current *engine.Version
	x.version = 0
	return schema.ScanVersions(v, pl.who.tenant, x.id, 0, func(ver *engine.Version) (bool, error) {
		if current == nil {
			current = ver
		}
		if ver.CreatedAt.After(pl.at) {
			return true, nil
		}
		if ver.Number != n.Version && !sameContent(&ver.Content, &current.Content) {
			x.version = ver.Number
		}
		return false, nil
	})
}

func sameContent(a, b *engine.Content) bool {
	return a.Digest != [32]byte{} && a.Digest == b.Digest && a.Size == b.Size && a.Count == b.Count && a.Chunking == b.Chunking
}
