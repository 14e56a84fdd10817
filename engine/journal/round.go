package journal

import (
	"errors"
	"time"

	"scaidrive/engine"
	"scaidrive/engine/access"
	"scaidrive/engine/meta"
	"scaidrive/engine/meta/schema"
	"scaidrive/engine/notice"
	"scaidrive/engine/tree"
)

// A round is a batch in its mutation.
type round struct {
	s     *Service
	tx    *meta.Tx
	p     *engine.Principal
	in    *Batch
	plan  []planned
	batch *tree.Batch
	res   *Result

	strategy   engine.Strategy
	now        time.Time
	shift      time.Duration // from the client's clock to the server's
	device     engine.ID     // what stands in the rows; zero: none told
	deviceName string
	group      engine.ID
	before     uint64  // the share's sequence
	behind     *behind // what changed since the batch was planned; nil: not told
	mine       map[engine.ID]bool
	resolving  *engine.Conflict // this one is made again, see resolve.go

	known weights
	needs []need

	wrote    bool
	outcomes []engine.Outcome
	refs     []string
}

func newRound(s *Service, tx *meta.Tx, p *engine.Principal, b *Batch, plan []planned, known weights) *round {
	r := &round{
		s: s, tx: tx, p: p, in: b, plan: plan, known: known,
		batch: s.tree.Batch(tx, p), res: &Result{}, strategy: b.Strategy, mine: map[engine.ID]bool{},
	}
	if r.strategy == 0 {
		r.strategy = engine.KeepBoth
	}
	r.now = r.batch.Now()
	if !b.ClientNow.IsZero() {
		r.shift = r.now.Sub(b.ClientNow)
	}
	if b.DeviceID != "" {
		r.device = deviceOf(p, b.DeviceID)
		r.batch.From(r.device)
	}
	if b.RoundID != "" {
		r.group = schema.HashID(p.User.Format("") + "/" + b.DeviceID + "/" + b.RoundID)
	}
	return r
}

// What became of one change.
type made struct {
	tree.Outcome
	done      bool               // it stands in Applied
	conflicts []*engine.Conflict // and these in Conflicts
	missing   [][32]byte
}

func applied(out tree.Outcome, err error) (made, error) {
	return made{Outcome: out, done: err == nil}, err
}

// commit makes the changes of a batch in one mutation.
func (r *round) commit() error {
	if err := r.names(); err != nil {
		return err
	}
	for i := range r.in.Changes {
		c := &r.in.Changes[i]
		again, err := r.replay(i, c)
		if err != nil {
			return err
		}
		if again {
			continue
		}
		m, err := r.change(c, &r.plan[i])
		if r.batch.Err() != nil {
			return r.batch.Err()
		}
		if err != nil && !refusal(err) {
			return err
		}
		r.note(i, c, m, err)
	}
	return r.end()
}

// names reads what copies are named after, and where the share stands.
func (r *round) names() error {
	sh, err := schema.GetShare(r.tx, r.p.Tenant, r.in.Share)
	if err != nil {
		return err
	}
	r.before = sh.Seq
	r.deviceName = r.p.Name
	if r.in.DeviceID == "" {
		return nil
	}
	d, err := schema.GetDevice(r.tx, r.p.Tenant, r.p.User, r.in.DeviceID)
	if errors.Is(err, schema.ErrNotFound) {
		return nil
	}
	if err == nil && d.Name != "" {
		r.deviceName = d.Name
	}
	return err
}

// note puts what became of a change into the answer.
func (r *round) note(i int, c *Change, m made, err error) {
	if err != nil {
		r.res.Errors = append(r.res.Errors, Refused{Index: i, ClientRef: c.ClientRef, Err: err, Missing: m.missing, MissingList: m.missing != nil && r.plan[i].list, Node: m.Located})
		return
	}
	r.wrote = true
	if m.done && m.Seq != 0 {
		r.mine[m.Located.Node.ID] = true
	}
	if m.done {
		r.res.Applied = append(r.res.Applied, Applied{Index: i, ClientRef: c.ClientRef, Node: m.Located, Seq: m.Seq, Change: m.Outcome.Change})
	}
	for _, f := range m.conflicts {
		r.res.Conflicts = append(r.res.Conflicts, Met{Index: i, ClientRef: c.ClientRef, Conflict: f, Node: m.Located})
	}
	r.remember(c, m)
}

// end writes what is to be kept.
func (r *round) end() error {
	if len(r.needs) > 0 {
		return errWeigh
	}
	if r.in.Atomic && len(r.res.Errors) > 0 {
		r.res.Applied, r.res.Conflicts, r.wrote = nil, nil, false
	}
	if !r.wrote {
		var err error
		r.res.Seq = r.before
		if r.res.Epoch, err = r.s.EpochAt(r.tx, r.p.Tenant, r.in.Share, r.before); err != nil {
			return err
		}
		return errNothing
	}
	if len(r.refs) > 0 {
		err := schema.PutOutcomes(r.tx, r.p.Tenant, r.p.User, r.in.DeviceID, r.refs, r.outcomes, MaxOutcomes)
		if err != nil {
			return err
		}
	}
	if err := r.batch.Flush(); err != nil {
		return err
	}
	if err := r.tellWaiting(); err != nil {
		return err
	}
	r.tx.NeedChunks()
	var err error
	if r.res.Seq, err = r.batch.Seq(r.in.Share); err != nil {
		return err
	}
	r.res.Rows = r.res.Seq - r.before
	r.res.Epoch, err = r.s.EpochAt(r.tx, r.p.Tenant, r.in.Share, r.res.Seq)
	return err
}

// tellWaiting tells the caller of the conflicts that were made here and wait for them:
// of one by itself, of several by their number.
func (r *round) tellWaiting() error {
	var first *engine.Conflict
	n := engine.Notice{Kind: engine.NoticeConflict, Share: r.in.Share}
	for _, m := range r.res.Conflicts {
		if f := m.Conflict; f.Open() && r.resolving == nil && f.CreatedAt.Equal(r.now) {
			first = f
			n.Count++
		}
	}
	switch n.Count {
	case 0:
		return nil
	case 1:
		if n.Subject, n.Node = first.ID, first.Node; first.Resource == engine.ResourceFolder {
			n.NodeKind = engine.KindFolder
		} else {
			n.NodeKind = engine.KindFile
		}
	}
	return notice.Tell(r.tx, r.s.env, r.p.Tenant, n, r.p.User)
}

// change makes one change.
func (r *round) change(c *Change, pl *planned) (made, error) {
	if pl.err != nil && pl.missing == nil {
		return made{}, pl.err
	}
	c, err := r.located(c)
	if err != nil {
		return made{}, err
	}
	r.batch.Made(r.editedAt(c))
	switch c.Kind {
	case engine.ChangeCreated:
		if c.Resource == engine.ResourceFolder {
			return r.mkdir(c)
		}
	case engine.ChangeDeleted:
		return r.delete(c)
	case engine.ChangeMoved, engine.ChangeRenamed:
		return r.move(c)
	default:
		if !pl.claimed {
			return r.touch(c)
		}
	}
	spec, missing, err := r.content(c, pl)
	if err != nil {
		return r.lacking(c, spec, missing, err)
	}
	if c.Kind == engine.ChangeCreated {
		return r.create(c, spec)
	}
	return r.update(c, spec)
}

// located turns a path into a parent and a name.
func (r *round) located(c *Change) (*Change, error) {
	if c.Path == "" {
		return c, nil
	}
	dir, name := splitPath(c.Path)
	parent, err := r.batch.Folder(r.in.Share, dir)
	if err != nil {
		return nil, err
	}
	at := *c
	at.ParentID, at.Name = parent, name
	return &at, nil
}

// content gives what a change is to write; an error comes with the chunks that
// the caller must send first.
func (r *round) content(c *Change, pl *planned) (tree.FileSpec, [][32]byte, error) {
	spec := tree.FileSpec{
		Share: r.in.Share, Parent: c.ParentID, Name: c.Name,
		File: c.ResourceID, Base: c.Base,
		Content: pl.settled.Content, Kept: pl.settled.Kept,
		ModifiedAt: c.ModifiedAt, EditedAt: r.editedAt(c), Executable: c.Executable,
	}
	missing, err := pl.missing, pl.err
	if err == nil {
		if missing = revoked(r.tx, r.p, &pl.settled); missing != nil {
			err = engine.E(engine.KindConflict, "%d chunks are missing", len(missing))
		}
	}
	if err != nil {
		spec.Content = engine.Content{Size: c.Content.Size}
	}
	return spec, missing, err
}

// lacking answers a change whose chunks are missing. What would be refused anyhow
// is refused before its bytes are sent.
func (r *round) lacking(c *Change, spec tree.FileSpec, missing [][32]byte, err error) (made, error) {
	out, other := r.batch.Check(spec)
	switch engine.KindOf(other) {
	case engine.KindConflict:
		if other != nil && (out.Located == nil || c.Kind == engine.ChangeCreated && !sameName(c.Name, out.Node.Name)) {
			return made{Outcome: out}, other
		}
	case engine.KindGone, engine.KindNotFound:
		if other != nil && !r.dead(c) {
			return made{}, other
		}
	default:
		if other != nil {
			return made{}, other
		}
	}
	return made{missing: missing}, err
}

// dead reports whether what a change needs is in the trash: then it is decided
// once the bytes are there.
func (r *round) dead(c *Change) bool {
	id := c.ResourceID
	if c.Kind == engine.ChangeCreated {
		id = c.ParentID
	}
	sub, err := access.Resolve(r.tx, r.p.Tenant, id)
	if err != nil || sub.Trashed == nil || sub.Share.ID != r.in.Share {
		return false
	}
	have, err := access.Rights(r.tx, r.p, sub)
	return err == nil && have&engine.RightRead != 0
}

// editedAt is when a change was made, by the server's clock, as far as its sender
// can tell: when it was noticed, or, where that was long after, the time of the
// content; never in the future.
func (r *round) editedAt(c *Change) time.Time {
	at := c.SeenAt
	if at.IsZero() {
		at = c.ModifiedAt
	}
	if at.IsZero() {
		return r.now
	}
	at = at.Add(r.shift).UTC().Truncate(time.Microsecond)
	if at.After(r.now) {
		return r.now
	}
	return at
}
