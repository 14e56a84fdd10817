package transfer

import (
	"hash/maphash"
	"sync"

	"scaidrive/engine"
)

// possession remembers which chunks which user has sent since the start, with
// their lengths. It is bounded: the oldest half is forgotten when it is full, and
// a forgotten chunk is only sent again. It is never truth: that a chunk is there
// is asked of the chunk store.
//
// An entry is a 128-bit fingerprint of (tenant, user, chunk) under secret seeds:
// who knows a hash, but not the seeds, can't look for one that stands for it.
type possession struct {
	seeds [2]maphash.Seed
	limit int // entries in one generation

	mu       sync.Mutex
	now, old map[fingerprint]uint32
}

type fingerprint [2]uint64

// owned is what a fingerprint is made of.
type owned struct {
	tenant engine.TenantNo
	user   engine.ID
	hash   [32]byte
}

// possessionEntries is the bound of the memory: about 12 MiB, and the chunks of
// some 100 GB of large files or half a million small ones.
const possessionEntries = 1 << 19

func newPossession(entries int) *possession {
	return &possession{
		seeds: [2]maphash.Seed{maphash.MakeSeed(), maphash.MakeSeed()},
		limit: entries / 2,
		now:   map[fingerprint]uint32{},
	}
}

func (m *possession) fingerprint(p *engine.Principal, hash [32]byte) fingerprint {
	o := owned{tenant: p.Tenant, user: p.User, hash: hash}
	return fingerprint{maphash.Comparable(m.seeds[0], o), maphash.Comparable(m.seeds[1], o)}
}

// add remembers chunks that a user was seen to have.
func (m *possession) add(p *engine.Principal, chunks ...engine.Chunk) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for i := range chunks {
		m.put(m.fingerprint(p, chunks[i].Hash), chunks[i].Size)
	}
}

func (m *possession) put(f fingerprint, size uint32) {
	if _, ok := m.now[f]; !ok && len(m.now) >= m.limit {
		m.old, m.now = m.now, make(map[fingerprint]uint32, 1024)
	}
	m.now[f] = size
}

// has gives the chunk's length if the user is remembered to have sent it.
func (m *possession) has(p *engine.Principal, hash [32]byte) (size uint32, ok bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	f := m.fingerprint(p, hash)
	if size, ok = m.now[f]; ok {
		return size, true
	}
	if size, ok = m.old[f]; ok {
		m.put(f, size)
	}
	return size, ok
}
