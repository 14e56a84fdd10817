package journal

import (
	"bytes"
	"context"
	"errors"
	"slices"

	"scaidrive/engine"
	"scaidrive/engine/access"
	"scaidrive/engine/meta"
	"scaidrive/engine/meta/schema"
	"scaidrive/engine/transfer"
	"scaidrive/engine/tree"
)

// A Shown conflict is one with what it is about, as that is now; Node is nil where
// it is gone or the caller may not read it.
type Shown struct {
	*engine.Conflict
	Node *tree.Located
}

// MaxConflicts is how many conflicts a listing gives.
const MaxConflicts = 1000

// Conflicts lists the conflicts of a share, the oldest first: open ones, and with
// resolved those that are over too. device, when not empty, asks for the caller's
// device of that identifier. What the caller may not read is left out, but not
// what their own change was.
func (s *Service) Conflicts(ctx context.Context, p *engine.Principal, share engine.ID, device string, resolved bool) ([]Shown, error) {
	var list []Shown
	err := s.db.View(ctx, func(v *meta.View) error {
		list = list[:0]
		if _, _, err := access.LookShare(v, p, share); err != nil {
			return err
		}
		take := func(f *engine.Conflict) (bool, error) {
			if device != "" && (f.Device != device || f.User != p.User) {
				return true, nil
			}
			one, ok, err := s.shown(v, p, f)
			if ok {
				list = append(list, one)
			}
			return len(list) < MaxConflicts, err
		}
		err := schema.ScanConflicts(v, p.Tenant, share, true, engine.ID{}, take)
		if err == nil && resolved && len(list) < MaxConflicts {
			err = schema.ScanConflicts(v, p.Tenant, share, false, engine.ID{}, take)
		}
		return err
	})
	return list, err
}

// AllConflicts is Conflicts of all the shares that the caller sees something of.
func (s *Service) AllConflicts(ctx context.Context, p *engine.Principal, device string, resolved bool) ([]Shown, error) {
	shares, _, err := s.Standings(ctx, p)
	if err != nil {
		return nil, err
	}
	var all []Shown
	for share := range shares {
		list, err := s.Conflicts(ctx, p, share, device, resolved)
		if k := engine.KindOf(err); err != nil && (k == engine.KindNotFound || k == engine.KindGone) {
			continue // it went away meanwhile
		}
		if err != nil {
			return nil, err
		}
		all = append(all, list...)
	}
	slices.SortFunc(all, func(a, b Shown) int {
		if c := a.CreatedAt.Compare(b.CreatedAt); c != 0 {
			return c
		}
		return bytes.Compare(a.ID[:], b.ID[:])
	})
	return all[:min(len(all), MaxConflicts)], nil
}

// shown decides whether a caller may see a conflict: what it is about is theirs to
// read, or the change was theirs.
func (s *Service) shown(r schema.Reader, p *engine.Principal, f *engine.Conflict) (Shown, bool, error) {
	sub, err := access.Resolve(r, p.Tenant, f.Node)
	if err != nil {
		if engine.KindOf(err) != engine.KindNotFound {
			return Shown{}, false, err
		}
		return Shown{Conflict: f}, f.User == p.User, nil
	}
	have, err := access.Rights(r, p, sub)
	if err != nil {
		return Shown{}, false, err
	}
	if have&engine.RightRead == 0 || sub.Share.ID != f.Share {
		return Shown{Conflict: f}, f.User == p.User, nil
	}
	return Shown{f, tree.Locate(sub)}, true, nil
}

// get reads a conflict that the caller may see.
func (s *Service) get(r schema.Reader, p *engine.Principal, id engine.ID) (Shown, error) {
	f, err := schema.GetConflict(r, p.Tenant, id)
	if errors.Is(err, schema.ErrNotFound) {
		return Shown{}, access.NotFound()
	}
	if err != nil {
		return Shown{}, err
	}
	if _, _, err := access.LookShare(r, p, f.Share); err != nil {
		return Shown{}, access.NotFound()
	}
	one, ok, err := s.shown(r, p, f)
	if err == nil && !ok {
		err = access.NotFound()
	}
	return one, err
}

// Conflict gives a conflict.
func (s *Service) Conflict(ctx context.Context, p *engine.Principal, id engine.ID) (one Shown, err error) {
	err = s.db.View(ctx, func(v *meta.View) (err error) {
		one, err = s.get(v, p, id)
		return err
	})
	return one, err
}

// ConflictContent gives the content that waits in an open conflict. One without
// is KindNotFound.
func (s *Service) ConflictContent(ctx context.Context, p *engine.Principal, id engine.ID) (*transfer.Opened, error) {
	var o *transfer.Opened
	err := s.db.View(ctx, func(v *meta.View) error {
		one, err := s.get(v, p, id)
		if err != nil {
			return err
		}
		spec, ok, err := kept(v, p, one.Conflict)
		if err != nil {
			return err
		}
		if !ok {
			return access.NotFound()
		}
		name := one.Intent.Name
		if one.Node != nil && name == "" {
			name = one.Node.Node.Name
		}
		at := &tree.Located{Node: &engine.Node{ID: one.Conflict.Node, Name: name, MIME: tree.MediaType(name)}, Share: one.Share, Path: "/" + name}
		ver := &engine.Version{ID: one.ID, File: one.Conflict.Node, Content: spec.Content, CreatedBy: one.User, CreatedAt: one.CreatedAt, ModifiedAt: one.Intent.ModifiedAt}
		o = s.transfer.OpenKept(p, at, ver)
		return nil
	})
	return o, err
}

// kept gives what an open conflict is to write: the content that waits in it, or
// the version that it became; false: it brought none.
func kept(r schema.Reader, p *engine.Principal, f *engine.Conflict) (tree.FileSpec, bool, error) {
	i := &f.Intent
	spec := tree.FileSpec{
		Share: f.Share, Parent: i.Parent, Name: i.Name, File: i.Node, Base: i.Base,
		Content: i.Content, ModifiedAt: i.ModifiedAt, EditedAt: i.EditedAt,
	}
	if i.Executable != 0 {
		yes := i.Executable == 2
		spec.Executable = &yes
	}
	if !f.Open() || i.HasContent || f.Version == 0 {
		return spec, f.Open() && i.HasContent, nil
	}
	v, err := schema.GetVersion(r, p.Tenant, f.Node, f.Version)
	if errors.Is(err, schema.ErrNotFound) {
		return spec, false, nil
	}
	if err == nil {
		spec.Content = v.Content
	}
	return spec, err == nil, err
}

// Resolve decides an open conflict: ClientWins takes what came with it, ServerWins
// what was there, KeepBoth both, LastWriterWins the later. The change is made again
// under that strategy, with the caller's rights, on what is there now. A conflict
// that is over is KindConflict, but with the same resolution it is given as it is.
func (s *Service) Resolve(ctx context.Context, p *engine.Principal, id engine.ID, by engine.Strategy) (Shown, error) {
	if by < engine.LastWriterWins || by > engine.ClientWins || by == engine.Manual {
		return Shown{}, engine.Invalid("resolution", "The resolution is LAST_WRITER_WINS, KEEP_BOTH, SERVER_WINS or CLIENT_WINS")
	}
	one, err := s.Conflict(ctx, p, id)
	if err != nil {
		return Shown{}, err
	}
	if one.Open() {
		_, err = s.run(ctx, p, func(tx *meta.Tx, known weights) (*round, error) {
			return s.resolve(tx, p, id, by, known)
		})
		if err == nil {
			s.hub.met(p.Tenant, one.Share)
		}
	}
	if err != nil {
		return Shown{}, err
	}
	if one, err = s.Conflict(ctx, p, id); err != nil {
		return Shown{}, err
	}
	if !one.Open() && one.Resolution != by {
		return one, engine.E(engine.KindConflict, "The conflict was resolved otherwise")
	}
	return one, nil
}

// resolve makes the change of a conflict again.
func (s *Service) resolve(tx *meta.Tx, p *engine.Principal, id engine.ID, by engine.Strategy, known weights) (*round, error) {
	f, err := schema.GetConflict(tx, p.Tenant, id)
	if err != nil {
		return nil, err
	}
	i := &f.Intent
	b := &Batch{Share: f.Share, Strategy: by, Atomic: true, Changes: []Change{{
		Resource: i.Resource, Kind: i.Kind, ResourceID: i.Node, ParentID: i.Parent, Name: i.Name, Base: i.Base,
		BaseParent: i.BaseParent, BaseName: i.BaseName, ModifiedAt: i.ModifiedAt, SeenAt: i.EditedAt,
	}}}
	r := newRound(s, tx, p, b, make([]planned, 1), known)
	r.resolving = f
	if err := r.names(); err != nil {
		return r, err
	}
	if !f.Open() { // somebody was faster
		return r, r.end()
	}
	m, err := r.decide(f, &b.Changes[0])
	if r.batch.Err() != nil {
		return r, r.batch.Err()
	}
	if errors.Is(err, errLater) {
		return r, errWeigh
	}
	if err != nil {
		return r, err
	}
	if f.Open() && len(m.conflicts) == 0 { // there was nothing in the way any more
		if _, err := r.store(f, true); err != nil {
			return r, err
		}
	}
	r.wrote = true
	return r, r.end()
}

// decide carries out what a resolution means for a conflict.
func (r *round) decide(f *engine.Conflict, c *Change) (made, error) {
	spec, has, err := kept(r.tx, r.p, f)
	if err != nil {
		return made{}, err
	}
	mine := r.strategy == engine.ClientWins
	switch {
	case has:
		return r.decideContent(f, c, spec)
	case c.Kind == engine.ChangeDeleted:
		if !mine && !r.laterThan(f) {
			return made{}, nil
		}
		return r.discard(f)
	case f.Type == engine.ConflictDeleteEdit: // it came back; the deletion may still stand
		if r.strategy != engine.ServerWins {
			return made{}, nil
		}
		return r.discard(f)
	case c.Kind == engine.ChangeMoved || c.Kind == engine.ChangeRenamed:
		return r.move(c)
	case !f.Copy.IsZero() && mine: // a folder beside something else that has its name
		sub, err := r.batch.Look(r.in.Share, f.Copy, 0, 0)
		if err != nil {
			return made{}, err
		}
		return r.moveTo(c, sub.Node, c.ParentID, c.Name)
	}
	return made{}, nil
}

// decideContent settles a content that waited.
func (r *round) decideContent(f *engine.Conflict, c *Change, spec tree.FileSpec) (made, error) {
	sh, err := schema.GetShare(r.tx, r.p.Tenant, f.Share)
	if err != nil {
		return made{}, err
	}
	if err := r.batch.Charge(sh, -f.Held); err != nil {
		return made{}, err
	}
	f.Held = 0
	if c.Kind == engine.ChangeCreated {
		return r.create(c, spec)
	}
	m, err := r.update(c, spec)
	if engine.KindOf(err) == engine.KindNotFound && err != nil && r.strategy != engine.ServerWins {
		// What it was about is gone for good: the content becomes a file of its own.
		spec.File, spec.Base, spec.Parent = engine.ID{}, engine.ID{}, r.in.Share
		out, err := r.batch.PutBeside(nil, spec, r.copyNames("content"))
		if err != nil {
			return made{}, err
		}
		f.Copy = out.Node.ID
		return r.settled(f, out)
	}
	if engine.KindOf(err) == engine.KindNotFound && err != nil {
		return made{}, nil
	}
	return m, err
}

// laterThan reports, for last writer wins, whether a conflict's change is later
// than what it is about.
func (r *round) laterThan(f *engine.Conflict) bool {
	n, err := schema.GetNode(r.tx, r.p.Tenant, f.Node)
	if err != nil || r.strategy != engine.LastWriterWins {
		return false
	}
	theirs := n.Placed()
	if n.Kind == engine.KindFile {
		if v, err := tree.CurrentVersion(r.tx, r.p.Tenant, n); err == nil {
			theirs = after(theirs, v.Edited())
		}
	}
	return !f.Intent.EditedAt.Before(theirs)
}

// discard moves what a conflict is about to the trash.
func (r *round) discard(f *engine.Conflict) (made, error) {
	sub, err := r.batch.Look(r.in.Share, f.Node, 0, engine.RightDelete)
	if err != nil || sub.Trashed != nil {
		if engine.KindOf(err) == engine.KindNotFound {
			err = nil
		}
		return made{}, err
	}
	return applied(r.batch.Delete(tree.Deletion{ID: f.Node, Kind: sub.Node.Kind, DeletedAt: f.Intent.EditedAt}))
}
