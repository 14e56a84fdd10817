package vfs

import (
	"maps"
	"math/rand/v2"
	"slices"
)

// CrashDurable is a clone as after a power cut that took everything that was
// not synced. The original goes on unharmed; the clone has no limit on its size.
func (m *Mem) CrashDurable() *Mem {
	m.mu.RLock()
	defer m.mu.RUnlock()
	c := cloner{seen: make(map[*node]*node), file: (*node).durableBytes}
	return c.finish(c.tree(m.root, durableNames))
}

// Crash is a clone as after a power cut, in one of the ways that unsynced
// changes may have reached the disk, chosen by rng: for each file none, all or
// some of the sectors written, one of them torn, with the old, the new or an
// intermediate length, sectors beyond the old end possibly with other bytes in
// them; of the changed names each or none, a rename always whole. The same rng
// state and history give the same clone.
func (m *Mem) Crash(rng *rand.Rand) *Mem {
	kept := m.Kill()
	// Names: each pending change by itself, with a bias of its own for this cut.
	p := bias(rng)
	kept.settle(func(*nameOp) bool { return rng.Float64() < p })
	c := cloner{seen: make(map[*node]*node), file: func(n *node) []byte { return n.crashBytes(rng) }}
	return c.finish(c.tree(kept.root, durableNames))
}

// Kill is a clone as after kill -9: all that was done is there, and what was
// not durable still is not.
func (m *Mem) Kill() *Mem {
	m.mu.RLock()
	defer m.mu.RUnlock()
	c := cloner{seen: make(map[*node]*node)}
	k := &Mem{root: c.whole(m.root), capacity: m.capacity}
	for _, op := range m.pending {
		op.node = c.whole(op.node)
		op.set.dir = c.whole(op.set.dir)
		op.cut.dir = c.whole(op.cut.dir)
		k.pending = append(k.pending, op)
	}
	for _, n := range c.seen {
		if !n.isDir() && n.links > 0 {
			k.used += n.cost()
		}
	}
	return k
}

// bias is how likely it is that a change was kept: often surely or never.
func bias(rng *rand.Rand) float64 {
	return [...]float64{0, 0, 0.1, 0.5, 0.9, 1, 1}[rng.IntN(7)]
}

func durableNames(n *node) map[string]*node { return n.durable }

// A cloner copies nodes; one that has two names is copied once.
type cloner struct {
	seen map[*node]*node
	file func(*node) []byte
}

// tree copies a directory by the names given, making all of it durable. Names
// are taken in order, so that the draws of file are reproducible.
func (c *cloner) tree(n *node, names func(*node) map[string]*node) *node {
	if d := c.seen[n]; d != nil {
		d.links++
		return d
	}
	if !n.isDir() {
		d := &node{data: c.file(n), links: 1}
		d.syncedLen = int64(len(d.data))
		c.seen[n] = d
		return d
	}
	d := newDir()
	c.seen[n] = d
	from := names(n)
	for _, name := range slices.Sorted(maps.Keys(from)) {
		d.names[name] = c.tree(from[name], names)
	}
	d.durable = maps.Clone(d.names)
	return d
}

func (c *cloner) finish(root *node) *Mem {
	m := &Mem{root: root}
	for _, n := range c.seen {
		if !n.isDir() {
			m.used += n.cost()
		}
	}
	return m
}

// whole copies a node with what is and what is not durable of it.
func (c *cloner) whole(n *node) *node {
	if n == nil {
		return nil
	}
	if d := c.seen[n]; d != nil {
		return d
	}
	d := &node{
		data:      slices.Clone(n.data),
		allocated: n.allocated,
		syncedLen: n.syncedLen,
		dirty:     maps.Clone(n.dirty), // the old bytes in it are never changed
		lost:      maps.Clone(n.lost),
		links:     n.links,
	}
	c.seen[n] = d
	if n.isDir() {
		d.names, d.durable = make(map[string]*node), make(map[string]*node)
		for name, sub := range n.names {
			d.names[name] = c.whole(sub)
		}
		for name, sub := range n.durable {
			d.durable[name] = c.whole(sub)
		}
	}
	return d
}

// durableBytes is the file's content as of its last sync.
func (n *node) durableBytes() []byte {
	b := make([]byte, n.syncedLen)
	copy(b, n.data)
	for _, old := range [2]map[int64][]byte{n.lost, n.dirty} {
		for s, bytes := range old {
			restore(b, s, bytes)
		}
	}
	return b
}

// restore puts a sector's durable bytes back; beyond them it is zeros.
func restore(b []byte, sector int64, old []byte) {
	start := sector * SectorSize
	if start >= int64(len(b)) {
		return
	}
	dst := b[start:min(start+SectorSize, int64(len(b)))]
	clear(dst[copy(dst, old):])
}

// crashBytes is one content that a power cut may leave.
func (n *node) crashBytes(rng *rand.Rand) []byte {
	size := n.crashLen(rng)
	b := make([]byte, size)
	copy(b, n.durableBytes())
	p := bias(rng)
	torn := false
	for _, s := range slices.Sorted(maps.Keys(n.dirty)) {
		start := s * SectorSize
		end := min(start+SectorSize, size, int64(len(n.data)))
		if start >= end {
			continue
		}
		if rng.Float64() < p {
			copy(b[start:end], n.data[start:end])
			continue
		}
		switch {
		case !torn && rng.IntN(4) == 0:
			// Torn: the first bytes are new, the others old.
			torn = true
			copy(b[start:start+rng.Int64N(end-start+1)], n.data[start:end])
		case start >= n.syncedLen && rng.IntN(8) == 0:
			// Space that once held something else.
			for i := start; i < end; i++ {
				b[i] = byte(rng.Uint32())
			}
		}
	}
	return b
}

// crashLen is one length that a power cut may leave.
func (n *node) crashLen(rng *rand.Rand) int64 {
	now := int64(len(n.data))
	if now == n.syncedLen {
		return now
	}
	switch rng.IntN(3) {
	case 0:
		return n.syncedLen
	case 1:
		return now
	}
	lo, hi := min(now, n.syncedLen), max(now, n.syncedLen)
	return lo + rng.Int64N(hi-lo+1)
}
