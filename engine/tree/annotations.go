package tree

import (
	"scaidrive/engine"
	"scaidrive/engine/meta/schema"
	"scaidrive/engine/names"
)

// annotations removes the comments and tags of a node that is removed for good, and
// reports whether that was all.
func (r *removal) annotations(n *engine.Node) (bool, error) {
	var list []engine.ID
	more := false
	err := schema.ScanComments(r.w, r.t, n.ID, engine.ID{}, func(c *engine.Comment) (bool, error) {
		if more = len(list) >= r.left; !more {
			list = append(list, c.ID)
		}
		return !more, nil
	})
	for _, id := range list {
		if err == nil {
			err = schema.DeleteComment(r.w, r.t, n.ID, id)
		}
		r.left--
	}
	if err != nil || more {
		return false, err
	}
	tags, err := schema.GetTags(r.w, r.t, n.ID)
	if err != nil || len(tags) == 0 {
		return true, err
	}
	r.left -= 1 + len(tags)
	return true, schema.DropTags(r.w, r.t, n.ID, names.Key)
}
