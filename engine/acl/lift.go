package acl

import (
	"scaidrive/engine"
	"scaidrive/engine/access"
)

// lifts gives the rights that somebody may get by the change, by the entries that
// give them: those that new entries allow, and those that entries denied which are
// gone.
func (c *change) lifts() map[key]engine.Right {
	rights := func(list ...[]engine.Entry) map[key]engine.Right {
		m := map[key]engine.Right{}
		for _, l := range list {
			for i := range l {
				m[keyOf(&l[i])] |= l[i].Rights
			}
		}
		return m
	}
	before, after, own := rights(c.was, c.dropped), rights(c.is, c.gained), rights(c.is)
	lifted := map[key]engine.Right{}
	for k, r := range after {
		if k.typ == engine.EntryAllow {
			lifted[k] |= r &^ before[k]
		}
	}
	for k, r := range before {
		if k.typ == engine.EntryDeny { // what comes from above denies less than it did here
			lifted[k] |= r &^ own[k]
		}
	}
	return lifted
}

// beyond gives what the change lifts of the rights that the caller lacks: on the
// object itself or on what may lie below it, wherever the entry that lifts counts.
func (c *change) beyond() (engine.Right, error) {
	lifted := c.lifts()
	beyond := c.lacking(lifted, 0, c.sub.Node.Kind, c.have)
	if c.sub.Node.Kind != engine.KindFolder {
		return beyond, nil
	}
	// Two levels: an entry that reaches farther than one reaches all.
	path := append(c.sub.Path[:len(c.sub.Path):len(c.sub.Path)], c.sub.Node)
	for below := 1; below <= 2; below++ {
		for _, kind := range [2]engine.NodeKind{engine.KindFile, engine.KindFolder} {
			like := &engine.Node{Kind: kind, Parent: path[len(path)-1].ID} // that says nothing itself and is nobody's
			have, err := access.Rights(c.w, c.p, &access.Subject{Node: like, Share: c.sub.Share, Path: path})
			if err != nil {
				return 0, err
			}
			beyond |= c.lacking(lifted, below, kind, have)
		}
		path = append(path, &engine.Node{Kind: engine.KindFolder, Parent: path[len(path)-1].ID})
	}
	return beyond, nil
}

// lacking gives what is lifted for an object of a kind so many levels below, without
// what the caller may do there.
func (c *change) lacking(lifted map[key]engine.Right, below int, kind engine.NodeKind, have engine.Right) (list engine.Right) {
	for k, r := range lifted {
		if access.Applies(&engine.Entry{AppliesTo: k.applies, OneLevel: k.oneLevel}, below, kind) {
			list |= r &^ have
		}
	}
	return list
}
