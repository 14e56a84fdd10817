package tree

import (
	"scaidrive/engine"
	"scaidrive/engine/access"
	"scaidrive/engine/meta/schema"
)

// AccessChanged writes, in the caller's mutation, the row of the change log that
// tells that what may be seen of a node, or of what lies below it, is not what it
// was, and for whom besides those who may READ it. It writes the share's record and
// changes it accordingly.
func (s *Service) AccessChanged(w schema.Writer, p *engine.Principal, sub *access.Subject, affected []engine.ID) error {
	b := s.Batch(w, p)
	n := sub.Node
	c := moved(n)
	c.Kind, c.NewParent, c.NewName = engine.ChangeUpdated, n.Parent, n.Name
	c.OldParent, c.OldName = engine.ID{}, ""
	c.AccessChanged, c.Affected = true, affected
	if _, err := b.record(b.stateOf(sub.Share), c); err != nil {
		return err
	}
	return b.Flush()
}
