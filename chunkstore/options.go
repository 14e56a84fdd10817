package chunkstore

import (
	"crypto/rand"
	"io"
	"time"

	"scaidrive/chunkstore/vfs"
)

// Options of Open. FS and StoreID are required.
type Options struct {
	// FS is the data directory; packs are below "packs/".
	FS vfs.FS
	// IndexPath is the real path of index.db. Empty keeps the index in memory
	// and rebuilds it at each Open.
	IndexPath string
	// StoreID is repeated in every pack; another store's packs are refused.
	StoreID [16]byte
	// Marks are the newest durable lengths that the operation log knows, at
	// most one a pack; a length of 0 says that the pack was given up.
	Marks []Mark
	// NeverCut keeps packs as they are where nobody knows their durable length
	// any more: what is bad is damage, whatever Marks say. For repair, after the
	// operation log was lost.
	NeverCut bool
	// ReadOnly writes nothing at all: no recovery, no Put, no Sync.
	ReadOnly bool
	// PackSize is the length in bytes at which a pack is sealed; 0 is 256 MiB.
	PackSize int64
	// SealRecords is from how many records on Close seals the pack that is being
	// written, so that the next Open need not read it; 0 is 1,024, negative is
	// never.
	SealRecords int
	// CacheBytes bounds the cache of hot chunks; 0 is 64 MiB, negative is none.
	CacheBytes int64
	// FlushBytes is how much may be unsynced before a sync starts by itself;
	// 0 is 64 MiB, negative is never.
	FlushBytes int64
	// FoldEntries is how many new chunks are indexed in memory before they are
	// folded into the index file; 0 is 65,536.
	FoldEntries int
	// CheckAfter is how long the check of the whole index waits after Open, unless a
	// miss needs it.
	CheckAfter time.Duration
	// Handles is how many packs are kept open; 0 is 128.
	Handles int
	// Rand draws the packs' salts; nil is crypto/rand.
	Rand io.Reader
}

// allocStep is how much disk space is reserved ahead of the records at once.
const allocStep = 16 << 20

func (o *Options) defaults() {
	def := func(p *int64, v int64) {
		if *p == 0 {
			*p = v
		}
	}
	def(&o.PackSize, 256<<20)
	def(&o.CacheBytes, 64<<20)
	def(&o.FlushBytes, 64<<20)
	o.PackSize = min(o.PackSize, maxPackLength)
	if o.FoldEntries == 0 {
		o.FoldEntries = 65536
	}
	if o.SealRecords == 0 {
		o.SealRecords = 1024
	}
	if o.Handles == 0 {
		o.Handles = 128
	}
	if o.Rand == nil {
		o.Rand = rand.Reader
	}
}
