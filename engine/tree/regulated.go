package tree

import (
	"slices"

	"scaidrive/engine"
	"scaidrive/engine/meta/schema"
)

// A regulator is a folder from which something inherits entries, or that cuts it off.
type regulator struct {
	node *engine.Node
	next bool // it is the folder itself: entries of one level count
}

// regulators lists those of what lies in a folder, the nearest first.
func (f *folderState) regulators() []regulator {
	var list []regulator
	for at := f; at != nil; at = at.up {
		if schema.ExceptionOf(at.node).Any() {
			list = append(list, regulator{at.node, at == f})
		}
		if at.node.CutOff {
			break
		}
	}
	return list
}

// regulated reports whether other entries count for what lies in one folder than in
// another, and whom those name that are not the same.
func (b *Batch) regulated(from, to *folderState) (differ bool, affected []engine.ID, err error) {
	if from.share.share.Exceptions.Count == 0 {
		return false, nil, nil
	}
	old, now := from.regulators(), to.regulators()
	same := func(a, b regulator) bool { return a.node.ID == b.node.ID && a.next == b.next }
	for len(old) > 0 && len(now) > 0 && same(old[len(old)-1], now[len(now)-1]) {
		old, now = old[:len(old)-1], now[:len(now)-1]
	}
	for _, r := range append(old, now...) {
		differ = true
		if r.node.Entries == (engine.Seal{}) {
			continue
		}
		entries, err := schema.GetEntries(b.r, b.p.Tenant, r.node)
		if engine.KindOf(err) == engine.KindDamaged || len(affected) > engine.MaxEntries {
			return true, []engine.ID{{}}, nil // everyone
		}
		if err != nil {
			return false, nil, err
		}
		for i := range entries {
			if id := entries[i].Principal; !slices.Contains(affected, id) {
				affected = append(affected, id)
			}
		}
	}
	return differ, affected, nil
}
