package tree

import (
	"context"
	"time"

	"scaidrive/engine"
	"scaidrive/engine/access"
	"scaidrive/engine/meta"
	"scaidrive/engine/once"
)

// A Target is a folder that something is moved or copied into.
type Target struct {
	Share  engine.ID // zero: whichever the folder lies in
	Folder engine.ID // zero: the share's root
}

// A Move gives a node another place, another name, or both.
type Move struct {
	Share   engine.ID // that it lies in; zero: any
	ID      engine.ID
	Kind    engine.NodeKind
	To      *Target // nil: where it is
	Name    string  // empty: the one it has
	IfMatch engine.ID
	// MovedAt is when its maker did it, by the server's clock; zero: now.
	MovedAt time.Time
}

// ErrInside: a folder was to come into itself or into what lies in it.
var ErrInside = engine.E(engine.KindConflict, "A folder can't be moved or copied into itself")

// Move renames a node or moves it, within its share or to another one.
//
// A rename needs WRITE on it; a move DELETE on it and on all below, READ on all
// below, and CREATE on the target. Within a share one record is written, whatever
// lies below; to another share a folder is counted first (see cross). A folder in
// itself and a taken name are KindConflict; a name that differs in case only, or
// not at all, is free for the node that has it.
func (s *Service) Move(ctx context.Context, p *engine.Principal, m Move) (*Located, error) {
	var loc *Located
	err := s.db.Update(ctx, func(tx *meta.Tx) error {
		b := s.Batch(tx, p)
		out, err := b.Move(m)
		if err != nil {
			return err
		}
		loc = out.Located
		return b.finish(ctx, once.Node(loc.Node))
	})
	return loc, err
}

// Move is Service.Move in the batch.
func (b *Batch) Move(m Move) (Outcome, error) {
	if err := b.settle(m.Kind); err != nil {
		return Outcome{}, err
	}
	at, err := b.node(m.Share, m.ID, m.Kind, engine.RightRead)
	if err != nil {
		return Outcome{}, err
	}
	if err := at.matches(m.IfMatch); err != nil {
		return Outcome{}, err
	}
	to := at.folder
	if m.To != nil {
		if to, err = b.parent(m.To.Share, m.To.Folder); err != nil {
			return Outcome{}, err
		}
	}
	if err := b.mayMove(at, to); err != nil {
		return Outcome{}, err
	}
	name := m.Name
	if name == "" {
		name = at.node.Name
	}
	place, there, err := b.placeOf(to, name, at.node)
	if err != nil {
		return Outcome{Located: there}, err
	}
	var out Outcome
	switch {
	case to == at.folder && place.name == at.node.Name:
		return Outcome{Located: to.locate(at.node)}, nil
	case to.share == at.folder.share:
		out, err = b.moveWithin(at, place)
	default:
		out, err = b.cross(at, place)
	}
	if err != nil {
		return Outcome{}, err
	}
	if !m.MovedAt.IsZero() {
		at.node.PlacedAt = m.MovedAt
		if err := b.writeNode(at.node); err != nil {
			return Outcome{}, err
		}
	}
	return out, b.settle(m.Kind)
}

// settle writes what the batch holds and forgets its folders, before and after a
// folder goes elsewhere: then the paths that it knows are not true any more.
func (b *Batch) settle(kind engine.NodeKind) error {
	if b.err != nil || kind != engine.KindFolder {
		return b.err
	}
	if b.w != nil {
		if err := b.Flush(); err != nil {
			return err
		}
	}
	clear(b.folders)
	return nil
}

// matches compares a file with the version that the caller saw.
func (v *revision) matches(ifMatch engine.ID) error {
	if !ifMatch.IsZero() && ifMatch != v.node.VersionID {
		return engine.E(engine.KindPrecondition, "The file has another version than the one named")
	}
	return nil
}

// may answers nil if the caller has a right on what was found.
func (b *Batch) may(at revision, want engine.Right) error {
	sub := at.folder.subject(at.node)
	rights, err := access.Rights(b.r, b.p, sub)
	if err == nil {
		_, err = access.Decide(sub, rights, want)
	}
	return access.Archived(b.p, sub, want, err)
}

func (b *Batch) mayMove(at revision, to *folderState) error {
	if to == at.folder {
		return b.may(at, engine.RightWrite)
	}
	if err := b.may(at, engine.RightDelete); err != nil {
		return err
	}
	if err := to.outside(at.node); err != nil {
		return err
	}
	return b.below(at, engine.RightRead|engine.RightDelete)
}

// outside refuses a target that is the node or lies in it.
func (f *folderState) outside(n *engine.Node) error {
	for _, up := range f.below {
		if up.ID == n.ID {
			return ErrInside
		}
	}
	return nil
}

// moveWithin writes a move or rename in one share.
func (b *Batch) moveWithin(at revision, to place) (Outcome, error) {
	n := at.node
	c := moved(n)
	if err := b.relink(at, to); err != nil {
		return Outcome{}, err
	}
	c.Kind, c.NewParent, c.NewName = engine.ChangeMoved, n.Parent, n.Name
	if to.folder == at.folder {
		c.Kind = engine.ChangeRenamed
	} else {
		at.folder.share.placed(n)
		var err error
		if c.Regulated, c.Affected, err = b.regulated(at.folder, to.folder); err != nil {
			return Outcome{}, err
		}
	}
	out, err := b.record(to.folder.share, c)
	if err != nil {
		return Outcome{}, err
	}
	out.Located = to.folder.locate(n)
	return out, nil
}

// moved begins the change row of a node that leaves its place.
func moved(n *engine.Node) engine.Change {
	return engine.Change{
		Resource: resourceOf(n.Kind), Node: n.ID,
		OldParent: n.Parent, OldName: n.Name,
		Version: n.Version, VersionID: n.VersionID, Size: n.Size, SHA256: n.SHA256,
		Recursive: n.Kind == engine.KindFolder,
	}
}

// relink takes a node from its place to another and writes its record.
func (b *Batch) relink(at revision, to place) error {
	n := at.node
	if err := b.unlink(at.folder, n); err != nil {
		return err
	}
	b.rename(n, to.name)
	n.Parent = to.folder.node.ID
	if err := b.link(to, n); err != nil {
		return err
	}
	n.ModifiedBy, n.UpdatedAt, n.PlacedAt = b.p.User, b.now, b.now
	return b.writeNode(n)
}

// rename gives a node a name, and a file the media type of it, unless it has one
// that came from elsewhere.
func (b *Batch) rename(n *engine.Node, name string) {
	if n.Kind == engine.KindFile && n.MIME == MediaType(n.Name) {
		n.MIME = MediaType(name)
	}
	n.Name = name
}
