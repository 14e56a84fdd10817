package tree

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"scaidrive/engine"
	"scaidrive/engine/access"
	"scaidrive/engine/meta/schema"
)

// PutFile makes a file, or a version of one when spec.File is set.
func (b *Batch) PutFile(spec FileSpec) (Outcome, error) {
	if b.err != nil {
		return Outcome{}, b.err
	}
	if spec.File.IsZero() {
		return b.createFile(spec)
	}
	return b.updateFile(spec)
}

// Check makes all the checks of PutFile on a view, and writes nothing. A length
// that is not known yet counts as 0.
func (s *Service) Check(r schema.Reader, p *engine.Principal, spec FileSpec) error {
	_, err := s.batch(r, nil, p).Check(spec)
	return err
}

// Check makes all the checks of PutFile on what the batch has done so far, and
// writes nothing. Of spec's content only the length counts.
func (b *Batch) Check(spec FileSpec) (Outcome, error) {
	if b.err != nil {
		return Outcome{}, b.err
	}
	if spec.File.IsZero() {
		_, there, err := b.planFile(spec)
		return Outcome{Located: there}, err
	}
	rev, err := b.planVersion(spec, true)
	return rev.conflict(err), err
}

func (b *Batch) planFile(spec FileSpec) (place, *Located, error) {
	f, err := b.parent(spec.Share, spec.Parent)
	if err != nil {
		return place{}, nil, err
	}
	at, there, err := b.place(f, spec.Name)
	if err != nil {
		return place{}, there, err
	}
	if err := b.fits(spec.Content.Size); err != nil {
		return place{}, nil, err
	}
	return at, nil, b.room(f.share.share, spec.Content.Size)
}

// fits checks a file's length against the tenant's limit.
func (b *Batch) fits(size int64) error {
	set, err := b.settings()
	if err != nil {
		return err
	}
	if set.MaxFileSize > 0 && size > set.MaxFileSize {
		return engine.E(engine.KindTooLarge, "The file has %d bytes; %d are allowed", size, set.MaxFileSize)
	}
	return nil
}

func (b *Batch) createFile(spec FileSpec) (Outcome, error) {
	at, there, err := b.planFile(spec)
	if err != nil {
		return Outcome{Located: there}, err
	}
	n := &engine.Node{
		ID: b.s.env.NewID(), Kind: engine.KindFile, Parent: at.folder.node.ID, Name: at.name,
		Owner: b.p.User, CreatedBy: b.p.User, CreatedAt: b.now,
		MIME: MediaType(at.name), PlacedAt: spec.EditedAt,
	}
	if spec.Executable != nil {
		n.Executable = *spec.Executable
	}
	b.setContent(n, spec)
	if err := b.writeVersion(n, spec.Content, spec.EditedAt); err != nil {
		return Outcome{}, err
	}
	if err := b.link(at, n); err != nil {
		return Outcome{}, err
	}
	at.folder.share.share.Count(engine.Holding{Files: 1, Bytes: spec.Content.Size}, 1)
	return b.done(at.folder, n, engine.ChangeCreated)
}

// setContent makes spec's content the current one of a node, as its next version.
func (b *Batch) setContent(n *engine.Node, spec FileSpec) {
	n.Version, n.LastVersion = n.Newest()+1, 0
	n.VersionID = b.s.env.NewID()
	n.Size, n.SHA256, n.HashState = spec.Content.Size, spec.Content.SHA256, spec.Content.HashState
	n.ModifiedBy, n.ModifiedAt, n.UpdatedAt = b.p.User, b.contentTime(spec.ModifiedAt), b.now
	if spec.MIME != "" {
		n.MIME = spec.MIME
	}
}

// contentTime is the time that a client tells, in the precision that is stored.
func (b *Batch) contentTime(t time.Time) time.Time {
	if t.IsZero() {
		return b.now
	}
	return t.UTC().Truncate(time.Microsecond)
}

// writeVersion writes the version that n names as its current one, and n.
func (b *Batch) writeVersion(n *engine.Node, c engine.Content, edited time.Time) error {
	v := engine.Version{
		ID: n.VersionID, File: n.ID, Number: n.Version, Content: c,
		CreatedBy: b.p.User, CreatedAt: b.now, ModifiedAt: n.ModifiedAt, EditedAt: edited,
	}
	if err := schema.PutVersion(b.w, b.p.Tenant, &v); err != nil {
		return b.broken(err)
	}
	return b.writeNode(n)
}

func (b *Batch) writeNode(n *engine.Node) error {
	if err := schema.PutNode(b.w, b.p.Tenant, n); err != nil {
		return b.broken(err)
	}
	return nil
}

// done writes the change row of a node that was made or updated.
func (b *Batch) done(f *folderState, n *engine.Node, kind engine.ChangeKind) (Outcome, error) {
	c := engine.Change{
		Kind: kind, Resource: resourceOf(n.Kind), Node: n.ID,
		NewParent: n.Parent, NewName: n.Name,
		Version: n.Version, VersionID: n.VersionID, Size: n.Size, SHA256: n.SHA256,
	}
	out, err := b.record(f.share, c)
	if err != nil {
		return Outcome{}, err
	}
	out.Located = f.locate(n)
	return out, nil
}

func resourceOf(k engine.NodeKind) engine.ResourceKind {
	if k == engine.KindFolder {
		return engine.ResourceFolder
	}
	return engine.ResourceFile
}

// A revision is a checked plan to give a file a new content.
type revision struct {
	folder  *folderState
	node    *engine.Node
	current *engine.Version
	same    bool  // the content is the current one already
	kept    int64 // bytes of the current version that count on beside the new one
}

// adds is what a share counts more when a content becomes the current one.
func (v *revision) adds(spec *FileSpec) engine.Holding {
	return engine.Holding{Bytes: spec.Content.Size + v.kept - v.current.Content.Size, VersionBytes: v.kept}
}

// conflict is what goes beside a KindConflict: the file as it is.
func (v *revision) conflict(err error) Outcome {
	if err == nil || engine.KindOf(err) != engine.KindConflict {
		return Outcome{}
	}
	return Outcome{Located: v.folder.locate(v.node)}
}

// planVersion checks a new version. early says that the content is not known yet:
// then it is taken to share all that it can with the current one.
func (b *Batch) planVersion(spec FileSpec, early bool) (revision, error) {
	rev, err := b.file(spec.Share, spec.File, engine.RightWrite)
	if err != nil {
		return revision{}, err
	}
	if rev.current, err = CurrentVersion(b.r, b.p.Tenant, rev.node); err != nil {
		return revision{}, err
	}
	// The same content from a stale base is no conflict: nothing is lost.
	rev.same = sameContent(&rev.current.Content, &spec.Content)
	if rev.same {
		return rev, nil
	}
	if spec.Base.IsZero() {
		return rev, engine.Invalid("base_version_id", "A new version needs the version it was made from")
	}
	if spec.Base != rev.node.VersionID {
		return rev, engine.E(engine.KindConflict, "The file has a newer version than the one this was made from")
	}
	if err := b.fits(spec.Content.Size); err != nil {
		return rev, err
	}
	if !early {
		if rev.kept, err = keptBytes(&rev.current.Content, &spec); err != nil {
			return rev, err
		}
	}
	return rev, b.room(rev.folder.share.share, spec.Content.Size+rev.kept-rev.current.Content.Size)
}

// file finds a live file and checks a right on it.
func (b *Batch) file(share, id engine.ID, want engine.Right) (revision, error) {
	return b.node(share, id, engine.KindFile, want)
}

func (b *Batch) node(share, id engine.ID, kind engine.NodeKind, want engine.Right) (revision, error) {
	n, err := schema.GetNode(b.r, b.p.Tenant, id)
	if err != nil && !errors.Is(err, schema.ErrNotFound) {
		return revision{}, err
	}
	if err != nil || n.Kind != kind {
		return revision{}, access.NotFound()
	}
	if n.Parent.IsZero() {
		if _, err := access.Check(b.r, b.p, id, want); err != nil {
			return revision{}, err
		}
		return revision{}, engine.E(engine.KindForbidden, "The root folder of a share can't be changed or deleted")
	}
	f := b.folders[n.Parent]
	if f == nil || !n.DeletedAt.IsZero() {
		sub, err := access.Check(b.r, b.p, id, want)
		if err != nil {
			return revision{}, err
		}
		f = b.adopt(&access.Subject{Node: sub.Path[len(sub.Path)-1], Share: sub.Share, Path: sub.Path[:len(sub.Path)-1]})
	} else {
		sub := f.subject(n)
		rights, err := access.Rights(b.r, b.p, sub)
		if err == nil {
			_, err = access.Decide(sub, rights, want)
			err = access.Archived(b.p, sub, want, err)
		}
		if err != nil {
			return revision{}, err
		}
	}
	if !share.IsZero() && f.share.share.ID != share {
		return revision{}, access.NotFound()
	}
	return revision{folder: f, node: n}, nil
}

// subject is something that lies in a folder, for access to decide about.
func (f *folderState) subject(n *engine.Node) *access.Subject {
	return &access.Subject{Node: n, Share: f.share.share, Path: f.below}
}

func (b *Batch) updateFile(spec FileSpec) (Outcome, error) {
	rev, err := b.planVersion(spec, false)
	if err != nil {
		return rev.conflict(err), err
	}
	if rev.same {
		return b.sameAgain(rev, spec)
	}
	return b.writeRevision(rev, spec)
}

// writeRevision makes spec's content the file's next version.
func (b *Batch) writeRevision(rev revision, spec FileSpec) (Outcome, error) {
	n := rev.node
	if spec.Executable != nil {
		n.Executable = *spec.Executable
	}
	rev.current.Kept = rev.kept
	if err := schema.PutVersion(b.w, b.p.Tenant, rev.current); err != nil {
		return Outcome{}, b.broken(err)
	}
	b.setContent(n, spec)
	if err := b.writeVersion(n, spec.Content, spec.EditedAt); err != nil {
		return Outcome{}, err
	}
	rev.folder.share.share.Count(rev.adds(&spec), 1)
	return b.done(rev.folder, n, engine.ChangeUpdated)
}

// sameAgain is an update whose content is the current one. From the current base
// it may change time and attributes; from a stale one it changes nothing. A hash
// that the sender made us compute replaces one that was only claimed.
func (b *Batch) sameAgain(rev revision, spec FileSpec) (Outcome, error) {
	n, out := rev.node, Outcome{Located: rev.folder.locate(rev.node)}
	proven := spec.Content.HashState == engine.HashVerified && n.HashState != engine.HashVerified
	if proven {
		n.SHA256, n.HashState = spec.Content.SHA256, engine.HashVerified
		rev.current.Content.SHA256, rev.current.Content.HashState = n.SHA256, n.HashState
		if err := schema.PutVersion(b.w, b.p.Tenant, rev.current); err != nil {
			return Outcome{}, b.broken(err)
		}
	}
	touched := spec.Base == n.VersionID && b.touch(n, spec.ModifiedAt, spec.Executable)
	if !touched {
		if !proven {
			return out, nil
		}
		return out, b.writeNode(n)
	}
	if err := b.writeNode(n); err != nil {
		return Outcome{}, err
	}
	return b.done(rev.folder, n, engine.ChangeUpdated)
}

// touch sets time and attributes of a node and reports whether that changed any.
func (b *Batch) touch(n *engine.Node, modified time.Time, executable *bool) bool {
	changed := false
	if t := b.contentTime(modified); !modified.IsZero() && !t.Equal(n.ModifiedAt) {
		n.ModifiedAt, changed = t, true
	}
	if executable != nil && n.Kind == engine.KindFile && *executable != n.Executable {
		n.Executable, changed = *executable, true
	}
	if changed {
		n.ModifiedBy, n.UpdatedAt = b.p.User, b.now
	}
	return changed
}

// CurrentVersion reads the version that a file's node names. That it is missing
// or another one is damage.
func CurrentVersion(r schema.Reader, t engine.TenantNo, n *engine.Node) (*engine.Version, error) {
	v, err := schema.GetVersion(r, t, n.ID, n.Version)
	if err != nil && !errors.Is(err, schema.ErrNotFound) {
		return nil, err
	}
	if err != nil || v.ID != n.VersionID {
		return nil, damagedVersion(n, n.Version, err)
	}
	return v, nil
}

func damagedVersion(n *engine.Node, number uint64, err error) error {
	return &engine.Error{
		Kind: engine.KindDamaged,
		Msg:  fmt.Sprintf("The record of version %d of %s is damaged", number, n.ID.Format(engine.PrefixFile)),
		Err:  err,
	}
}

// sameContent compares contents by their lists of chunks, never by a hash that
// somebody claims.
func sameContent(a, b *engine.Content) bool {
	return a.Digest != [32]byte{} && a.Digest == b.Digest && a.Size == b.Size && a.Count == b.Count &&
		a.Chunking == b.Chunking && slices.Equal(a.Inline, b.Inline)
}

// keptBytes are the bytes of the chunks of a version that its successor does not
// share: what the version goes on to count.
func keptBytes(old *engine.Content, spec *FileSpec) (int64, error) {
	if !inline(old) || !inline(&spec.Content) {
		if spec.Kept < 0 || spec.Kept > old.Size {
			return 0, fmt.Errorf("a version of %d bytes can't keep %d", old.Size, spec.Kept)
		}
		return spec.Kept, nil
	}
	return Kept(old.Inline, spec.Content.Inline), nil
}

func inline(c *engine.Content) bool { return int(c.Count) == len(c.Inline) }

// Kept counts the bytes of the chunks of old that are not in next.
func Kept(old, next []engine.Chunk) int64 {
	in := make(map[[32]byte]struct{}, len(next))
	for i := range next {
		in[next[i].Hash] = struct{}{}
	}
	var sum int64
	for i := range old {
		if _, ok := in[old[i].Hash]; !ok {
			sum += int64(old[i].Size)
		}
	}
	return sum
}
