package tree

import (
	"scaidrive/engine"
	"scaidrive/engine/meta/schema"
)

// A Revert makes the content of an old version the current one again.
type Revert struct {
	File    engine.ID
	Version uint64
	IfMatch engine.ID // zero: whatever the current version is
	// Of contents that are not inline: how many bytes of the version Base's chunks
	// the old version does not share. Another current version is ErrMoved.
	Base engine.ID
	Kept int64
}

// ErrMoved: the file has another version than the one a caller had prepared for.
var ErrMoved = engine.E(engine.KindConflict, "The file was changed meanwhile; try again")

// Revert writes a new version with the content and the time of an old one; all
// versions between stay. It needs WRITE. An unknown version is KindNotFound.
func (s *Service) Revert(w schema.Writer, p *engine.Principal, spec Revert) (*Located, error) {
	b := s.Batch(w, p)
	out, err := b.Revert(spec)
	if err != nil {
		return nil, err
	}
	return out.Located, b.Flush()
}

// Revert is Service.Revert in the batch.
func (b *Batch) Revert(spec Revert) (Outcome, error) {
	if b.err != nil {
		return Outcome{}, b.err
	}
	rev, err := b.file(engine.ID{}, spec.File, engine.RightWrite)
	if err == nil {
		err = rev.matches(spec.IfMatch)
	}
	if err != nil {
		return Outcome{}, err
	}
	old, err := Version(b.r, b.p.Tenant, rev.node, spec.Version)
	if err != nil {
		return Outcome{}, err
	}
	if rev.current, err = CurrentVersion(b.r, b.p.Tenant, rev.node); err != nil {
		return Outcome{}, err
	}
	put := FileSpec{File: spec.File, Content: old.Content, ModifiedAt: old.ModifiedAt, Kept: spec.Kept}
	if !(inline(&rev.current.Content) && inline(&old.Content)) && spec.Base != rev.node.VersionID {
		return Outcome{}, ErrMoved
	}
	if rev.kept, err = keptBytes(&rev.current.Content, &put); err != nil {
		return Outcome{}, err
	}
	// What was here already comes back over any quota: only what is new is refused.
	return b.writeRevision(rev, put)
}
