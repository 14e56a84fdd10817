package journal

import (
	"context"
	"errors"
	"strings"

	"scaidrive/engine"
	"scaidrive/engine/access"
	"scaidrive/engine/meta"
	"scaidrive/engine/meta/schema"
	"scaidrive/engine/transfer"
	"scaidrive/engine/tree"
)

// Apply takes a batch: changes in order, each atomic, all of them in one durable
// commit. Atomic: any refusal refuses all.
//
// What is slow is done before the commit: the form of each change, the presence
// and possession of its chunks, manifests. The commit checks rights, names,
// bases, quota and the rights to the sources again, on what it changes.
func (s *Service) Apply(ctx context.Context, p *engine.Principal, b Batch) (*Result, error) {
	if len(b.Changes) == 0 || len(b.Changes) > MaxChanges {
		return nil, engine.Invalid("changes", "A batch has 1 to %d changes", MaxChanges)
	}
	err := s.db.View(ctx, func(v *meta.View) error {
		_, err := access.CheckShare(v, p, b.Share, engine.RightRead)
		return err
	})
	if err != nil {
		return nil, err
	}
	if err := s.env.CheckRoom(); err != nil {
		return nil, err
	}
	plan, err := s.prepare(ctx, p, &b)
	if err != nil {
		return nil, err
	}
	var res *Result
	err = s.db.Update(ctx, func(tx *meta.Tx) error {
		var err error
		res, err = s.commit(tx, p, &b, plan)
		return err
	})
	if errors.Is(err, errNothing) {
		err = nil
	}
	if err != nil {
		return nil, err
	}
	return res, nil
}

// errNothing ends a mutation that has nothing to write; its result stands.
var errNothing = errors.New("nothing to write")

// planned is a change that was looked at before the commit.
type planned struct {
	err     error
	missing [][32]byte
	claimed bool // settled says what its content is
	settled transfer.Settled
}

// prepare checks what can be checked before the commit.
func (s *Service) prepare(ctx context.Context, p *engine.Principal, b *Batch) ([]planned, error) {
	plan := make([]planned, len(b.Changes))
	var claims []transfer.Claim
	var of []int
	for i := range b.Changes {
		c := &b.Changes[i]
		if plan[i].err = form(c); plan[i].err != nil || c.Content == nil {
			continue
		}
		claims = append(claims, claim(c))
		of = append(of, i)
	}
	if len(claims) == 0 {
		return plan, nil
	}
	settled, err := s.transfer.Settle(ctx, p, claims)
	if err != nil {
		return nil, err
	}
	for k, i := range of {
		plan[i] = planned{err: settled[k].Err, missing: settled[k].Missing, claimed: true, settled: settled[k]}
	}
	return plan, nil
}

// form checks what a change says of itself.
func form(c *Change) error {
	if c.Resource != engine.ResourceFile && c.Resource != engine.ResourceFolder {
		return engine.Invalid("resource_type", "The type is file or folder")
	}
	if c.Content != nil && c.Resource == engine.ResourceFolder {
		return engine.Invalid("content", "A folder has no content")
	}
	switch c.Kind {
	case engine.ChangeCreated:
		if !c.ResourceID.IsZero() {
			return engine.Invalid("resource_id", "What is created has no ID yet")
		}
		if c.Resource == engine.ResourceFile && c.Content == nil {
			return engine.Invalid("content", "A new file needs its content")
		}
		return formPlace(c)
	case engine.ChangeUpdated:
		if c.ResourceID.IsZero() {
			return engine.Invalid("resource_id", "An update names what it updates")
		}
		if c.Content != nil && c.Base.IsZero() {
			return engine.Invalid("base_version_id", "A new version needs the version it was made from")
		}
		return nil
	default:
		return engine.Invalid("change_type", "Only created and updated are taken so far")
	}
}

// formPlace checks that a new thing's place is told in one way.
func formPlace(c *Change) error {
	if c.Path == "" {
		return nil // an empty name is refused with the rules of names
	}
	if !c.ParentID.IsZero() {
		return engine.Invalid("path", "A place is told by path, or by parent_id and name")
	}
	_, name := splitPath(c.Path)
	if c.Path[0] != '/' || name == "" {
		return engine.Invalid("path", "A path begins with a slash and ends in a name")
	}
	if c.Name != "" && c.Name != name {
		return engine.Invalid("name", "The name is not the last one of the path")
	}
	return nil
}

// splitPath cuts a path into the path of the parent folder and the last name.
func splitPath(path string) (parent, name string) {
	i := strings.LastIndexByte(path, '/')
	return path[:max(i, 0)], path[i+1:]
}

func claim(c *Change) transfer.Claim {
	cl := transfer.Claim{
		Size: c.Content.Size, SHA256: c.Content.SHA256, Chunking: c.Content.Chunking,
		Chunks: c.Content.Chunks, Patch: c.Content.Patch,
		Sources: c.Content.Sources, Proofs: c.Content.Proofs,
	}
	if c.Kind == engine.ChangeUpdated {
		cl.File, cl.Base = c.ResourceID, c.Base
	}
	return cl
}

// commit runs the changes of a batch in one mutation.
func (s *Service) commit(tx *meta.Tx, p *engine.Principal, b *Batch, plan []planned) (*Result, error) {
	res := &Result{}
	batch := s.tree.Batch(tx, p)
	wrote := false
	for i := range b.Changes {
		c := &b.Changes[i]
		out, missing, err := s.change(tx, p, b.Share, batch, c, &plan[i])
		if batch.Err() != nil {
			return nil, batch.Err()
		}
		if err != nil && !refusal(err) {
			return nil, err
		}
		if err != nil {
			res.Errors = append(res.Errors, Refused{Index: i, ClientRef: c.ClientRef, Err: err, Missing: missing, Node: out.Located})
			continue
		}
		wrote = true
		res.Applied = append(res.Applied, Applied{Index: i, ClientRef: c.ClientRef, Node: out.Located, Seq: out.Seq, Change: out.Change})
	}
	if b.Atomic && len(res.Errors) > 0 {
		res.Applied, wrote = nil, false
		return res, s.nothing(tx, p, b.Share, res)
	}
	if !wrote {
		return res, s.nothing(tx, p, b.Share, res)
	}
	if err := batch.Flush(); err != nil {
		return nil, err
	}
	tx.NeedChunks()
	var err error
	res.Seq, err = batch.Seq(b.Share)
	return res, err
}

// refusal reports whether an error is an answer about one change. What is not,
// ends the whole batch.
func refusal(err error) bool {
	switch engine.KindOf(err) {
	case engine.KindInvalid, engine.KindMalformed, engine.KindForbidden, engine.KindNotFound, engine.KindConflict,
		engine.KindGone, engine.KindPrecondition, engine.KindTooLarge, engine.KindDamaged, engine.KindNoSpace:
		return true
	default:
		return false
	}
}

// nothing is the end of a batch of which nothing is to be kept: the mutation
// fails, and the share's sequence is the one before it.
func (s *Service) nothing(tx *meta.Tx, p *engine.Principal, share engine.ID, res *Result) error {
	sh, err := schema.GetShare(tx, p.Tenant, share)
	if err != nil {
		return err
	}
	res.Seq = sh.Seq
	return errNothing
}

// change makes one change.
func (s *Service) change(tx *meta.Tx, p *engine.Principal, share engine.ID, batch *tree.Batch, c *Change, plan *planned) (tree.Outcome, [][32]byte, error) {
	if plan.err != nil && plan.missing == nil {
		return tree.Outcome{}, nil, plan.err
	}
	parent, name := c.ParentID, c.Name
	if c.Kind == engine.ChangeCreated && c.Path != "" {
		var dir string
		var err error
		dir, name = splitPath(c.Path)
		if parent, err = batch.Folder(share, dir); err != nil {
			return tree.Outcome{}, nil, err
		}
	}
	if c.Resource == engine.ResourceFolder {
		if c.Kind == engine.ChangeCreated {
			out, err := batch.Mkdir(share, parent, name, c.ModifiedAt)
			return out, nil, err
		}
		out, err := batch.Touch(share, c.ResourceID, engine.KindFolder, engine.ID{}, c.ModifiedAt, nil)
		return out, nil, err
	}
	if !plan.claimed {
		out, err := batch.Touch(share, c.ResourceID, engine.KindFile, c.Base, c.ModifiedAt, c.Executable)
		return out, nil, err
	}
	spec := tree.FileSpec{
		Share: share, Parent: parent, Name: name,
		File: c.ResourceID, Base: c.Base,
		Content: plan.settled.Content, Kept: plan.settled.Kept,
		ModifiedAt: c.ModifiedAt, Executable: c.Executable,
	}
	missing, err := plan.missing, plan.err
	if plan.settled.Stale {
		// Nobody looked at the content: it must not be written, whatever the base.
		err = engine.E(engine.KindConflict, "The file has a newer version than the one this was made from")
	}
	if err == nil {
		if missing = revoked(tx, p, &plan.settled); missing != nil {
			err = engine.E(engine.KindConflict, "%d chunks are missing", len(missing))
		}
	}
	if err != nil {
		// What would be refused anyhow is refused before its bytes are sent.
		spec.Content.Size = c.Content.Size
		if out, other := batch.Check(spec); other != nil {
			return out, nil, other
		}
		return tree.Outcome{}, missing, err
	}
	out, err := batch.PutFile(spec)
	return out, nil, err
}

// revoked reports the chunks of a change whose possession rested on a source that
// the caller may not read any more.
func revoked(r schema.Reader, p *engine.Principal, st *transfer.Settled) [][32]byte {
	for _, file := range st.Relied {
		if _, err := access.Check(r, p, file, engine.RightRead); err != nil {
			return st.Drawn
		}
	}
	return nil
}
