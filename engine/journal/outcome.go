package journal

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"

	"scaidrive/engine"
	"scaidrive/engine/meta/schema"
	"scaidrive/engine/tree"
)

// replay answers a change that the device has sent before from what is stored of
// it, so that it has one effect. Another change under the same reference is refused:
// answering it with the first one's outcome would tell its sender that something is
// kept that is not.
func (r *round) replay(i int, c *Change) (bool, error) {
	if r.in.DeviceID == "" || c.ClientRef == "" || r.plan[i].err != nil && r.plan[i].missing == nil {
		return false, nil
	}
	twice := false
	for _, ref := range r.refs {
		twice = twice || ref == c.ClientRef
	}
	o, err := schema.GetOutcome(r.tx, r.p.Tenant, r.p.User, r.in.DeviceID, c.ClientRef)
	switch {
	case twice || err == nil && o.Sum != sumOf(c):
		err := engine.Invalid("client_ref", "The reference belongs to another change of this device")
		r.res.Errors = append(r.res.Errors, Refused{Index: i, ClientRef: c.ClientRef, Err: err})
		return true, nil
	case errors.Is(err, schema.ErrNotFound):
		return false, nil
	case err != nil:
		return false, err
	}
	loc, err := r.locate(o.Node)
	if err != nil {
		return false, err
	}
	if o.Conflict.IsZero() || !o.Change.IsZero() {
		r.res.Applied = append(r.res.Applied, Applied{Index: i, ClientRef: c.ClientRef, Node: orBare(loc, o.Node, c), Seq: o.Seq, Change: o.Change})
	}
	if !o.Conflict.IsZero() {
		f, err := schema.GetConflict(r.tx, r.p.Tenant, o.Conflict)
		if err != nil {
			return false, fmt.Errorf("the conflict of an outcome: %w", err)
		}
		r.res.Conflicts = append(r.res.Conflicts, Met{Index: i, ClientRef: c.ClientRef, Conflict: f, Node: loc})
	}
	return true, nil
}

// locate finds a node as it is now; nil if it is gone or out of sight.
func (r *round) locate(id engine.ID) (*tree.Located, error) {
	if id.IsZero() {
		return nil, nil
	}
	sub, err := r.batch.Look(engine.ID{}, id, 0, 0)
	switch engine.KindOf(err) {
	case engine.KindNotFound, engine.KindForbidden:
		if err != nil {
			return nil, nil
		}
	default:
	}
	if err != nil {
		return nil, err
	}
	return tree.Locate(sub), nil
}

// orBare is what can be said of something that is gone: its ID and its kind.
func orBare(loc *tree.Located, id engine.ID, c *Change) *tree.Located {
	if loc != nil {
		return loc
	}
	kind := engine.KindFile
	if c.Resource == engine.ResourceFolder {
		kind = engine.KindFolder
	}
	return &tree.Located{Node: &engine.Node{ID: id, Kind: kind}}
}

// remember keeps what became of a change for the case that it is sent again.
func (r *round) remember(c *Change, m made) {
	if r.in.DeviceID == "" || c.ClientRef == "" {
		return
	}
	o := engine.Outcome{Sum: sumOf(c)}
	if m.done {
		o.Seq, o.Change = m.Seq, m.Outcome.Change
	}
	if m.Located != nil {
		o.Node = m.Located.Node.ID
	}
	if len(m.conflicts) > 0 {
		o.Conflict = m.conflicts[0].ID
	}
	r.refs = append(r.refs, c.ClientRef)
	r.outcomes = append(r.outcomes, o)
}

// sumOf tells changes of one reference apart: what it is about and what it brings,
// not how the bytes were proven.
func sumOf(c *Change) uint64 {
	h := sha256.New()
	field := func(b []byte) {
		var n [4]byte
		binary.BigEndian.PutUint32(n[:], uint32(len(b)))
		h.Write(n[:])
		h.Write(b)
	}
	field([]byte{byte(c.Kind), byte(c.Resource)})
	for _, id := range []engine.ID{c.ResourceID, c.ParentID, c.Base} {
		field(id[:])
	}
	field([]byte(c.Path))
	field([]byte(c.Name))
	if c.Content != nil {
		field(c.Content.SHA256[:])
		field(binary.BigEndian.AppendUint64(nil, uint64(c.Content.Size)))
	}
	return binary.BigEndian.Uint64(h.Sum(nil))
}
