package tree

import (
	"errors"

	"scaidrive/engine"
	"scaidrive/engine/access"
	"scaidrive/engine/meta/schema"
	"scaidrive/engine/names"
)

// Look finds a node that the caller may read, also one that is in the trash, and
// checks a right on it as if it were live. kind 0 is either; a share's root folder
// is KindForbidden.
func (b *Batch) Look(share, id engine.ID, kind engine.NodeKind, want engine.Right) (*access.Subject, error) {
	if b.err != nil {
		return nil, b.err
	}
	sub, err := access.Resolve(b.r, b.p.Tenant, id)
	if err != nil {
		return nil, err
	}
	if kind != 0 && sub.Node.Kind != kind || !share.IsZero() && sub.Share.ID != share {
		return nil, access.NotFound()
	}
	have, err := access.Rights(b.r, b.p, sub)
	if err != nil {
		return nil, err
	}
	live := *sub
	live.Trashed = nil
	if _, err := access.Decide(&live, have, engine.RightRead|want); err != nil {
		return nil, err
	}
	if sub.Node.Parent.IsZero() {
		return nil, engine.E(engine.KindForbidden, "The root folder of a share can't be changed or deleted")
	}
	return sub, nil
}

// VersionByID finds a version of a file by its ID, among the newest that one view
// may read. ErrNotFound: there is none.
func VersionByID(r schema.Reader, t engine.TenantNo, n *engine.Node, id engine.ID) (*engine.Version, error) {
	var found *engine.Version
	seen := 0
	err := schema.ScanVersions(r, t, n.ID, 0, func(v *engine.Version) (bool, error) {
		if v.ID == id {
			found = v
		}
		seen++
		return found == nil && seen < MaxVersionScan, nil
	})
	if err == nil && found == nil {
		err = schema.ErrNotFound
	}
	return found, err
}

// MaxVersionScan is how many versions of a file are looked at for one that is
// named by its ID or by its content.
const MaxVersionScan = 1000

// SameContent compares contents by their lists of chunks, never by a hash that
// somebody claims.
func SameContent(a, b *engine.Content) bool { return sameContent(a, b) }

// stateOf gives the batch's copy of a share.
func (b *Batch) stateOf(sh *engine.Share) *shareState {
	st := b.shares[sh.ID]
	if st == nil {
		st = &shareState{share: sh, told: sh.Seq}
		b.shares[sh.ID] = st
	}
	return st
}

// Charge counts bytes in a share, or gives them back when negative. More than the
// share may hold is KindNoSpace.
func (b *Batch) Charge(sh *engine.Share, bytes int64) error {
	st := b.stateOf(sh)
	if err := b.room(st.share, bytes); err != nil {
		return err
	}
	st.share.UsedBytes += bytes
	st.dirty = true
	return nil
}

// AddVersion stores a content as a version of a file that never was current, and
// gives its number. The file may be in the trash. kept is how many bytes of it the
// current version does not share. It needs WRITE. The change log says nothing of
// it: for whoever follows, the file is as it was.
func (b *Batch) AddVersion(file engine.ID, spec FileSpec, kept int64) (uint64, error) {
	sub, err := b.Look(engine.ID{}, file, engine.KindFile, engine.RightWrite)
	if err != nil {
		return 0, err
	}
	if err := b.fits(spec.Content.Size); err != nil {
		return 0, err
	}
	if err := b.Charge(sub.Share, kept); err != nil {
		return 0, err
	}
	b.stateOf(sub.Share).share.VersionBytes += kept
	n := sub.Node
	n.LastVersion = n.Newest() + 1
	v := engine.Version{
		ID: b.s.env.NewID(), File: n.ID, Number: n.LastVersion, Content: spec.Content,
		CreatedBy: b.p.User, CreatedAt: b.now, ModifiedAt: b.contentTime(spec.ModifiedAt),
		Kept: kept, EditedAt: spec.EditedAt,
	}
	if err := schema.PutVersion(b.w, b.p.Tenant, &v); err != nil {
		return 0, b.broken(err)
	}
	return v.Number, b.writeNode(n)
}

// Names gives the names that something is offered one after the other.
type Names func(try int) string

// maxNames is how many it is offered.
const maxNames = 1000

// PutBeside makes a file under the first of names that is free, with the explicit
// entries of another node.
func (b *Batch) PutBeside(like *engine.Node, spec FileSpec, offer Names) (Outcome, error) {
	for try := range maxNames {
		spec.Name = offer(try)
		out, err := b.PutFile(spec)
		if err != nil && engine.KindOf(err) == engine.KindConflict {
			continue
		}
		if err != nil || like == nil {
			return out, err
		}
		return out, b.sameEntries(out.Share, like, out.Node)
	}
	return Outcome{}, errTaken()
}

func errTaken() error {
	return engine.E(engine.KindConflict, "The name is already taken in this folder")
}

// MkdirBeside makes a folder under the first of names that is free.
func (b *Batch) MkdirBeside(share, parent engine.ID, offer Names) (Outcome, error) {
	for try := range maxNames {
		out, err := b.Mkdir(share, parent, offer(try), b.now)
		if err == nil || engine.KindOf(err) != engine.KindConflict {
			return out, err
		}
	}
	return Outcome{}, errTaken()
}

// MoveBeside moves a node to the first of names that is free.
func (b *Batch) MoveBeside(m Move, offer Names) (Outcome, error) {
	for try := range maxNames {
		m.Name = offer(try)
		out, err := b.Move(m)
		if err == nil || engine.KindOf(err) != engine.KindConflict || errors.Is(err, ErrInside) {
			return out, err
		}
	}
	return Outcome{}, errTaken()
}

// sameEntries gives a node the explicit entries and the cut of another one.
func (b *Batch) sameEntries(share engine.ID, from, to *engine.Node) error {
	if from.Entries == (engine.Seal{}) && !from.CutOff {
		return nil
	}
	st := b.shares[share]
	if st == nil {
		return b.broken(errors.New("the share of a new node is not in the batch"))
	}
	entries, err := schema.GetEntries(b.r, b.p.Tenant, from)
	if err != nil {
		return b.broken(err)
	}
	to.CutOff = from.CutOff
	for i := range entries {
		entries[i].ID = b.s.env.NewID()
	}
	if err := schema.PutEntries(b.w, b.p.Tenant, st.share, to, entries); err != nil {
		return b.broken(err)
	}
	st.dirty = true
	return nil
}

// Taken finds what has a name in a folder, nil if it is free or out of sight.
func (b *Batch) Taken(folder engine.ID, name string) (*Located, error) {
	f, err := b.open(folder)
	if err != nil {
		return nil, err
	}
	return f.taken(b, name)
}

func (f *folderState) taken(b *Batch, name string) (*Located, error) {
	stored, err := names.Clean(name, false)
	if err != nil {
		return nil, nil
	}
	c, err := schema.GetChild(b.r, b.p.Tenant, f.node.ID, []byte(names.Key(stored)))
	if errors.Is(err, schema.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return b.there(f, c)
}

// Room is nil if a share can take more bytes, as the batch has left it.
func (b *Batch) Room(sh *engine.Share, more int64) error { return b.room(b.stateOf(sh).share, more) }

// Allowed checks a name against the rules of names.
func (b *Batch) Allowed(name string) error {
	set, err := b.settings()
	if err != nil {
		return err
	}
	if _, err := names.Clean(name, set.WindowsCompatibleNames); err != nil {
		return engine.Invalid("name", "The name is refused: %v", err)
	}
	return nil
}
