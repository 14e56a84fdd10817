package chunkstore

import (
	"encoding/binary"

	"github.com/dgraph-io/ristretto/v2"
)

// cache holds hot chunks, verified, within a budget of bytes. It is never
// truth: it may drop anything at any time.
type cache struct {
	r *ristretto.Cache[uint64, *cached]
}

// cached carries what it was stored under: the cache's own key is too short to
// tell chunks apart for certain.
type cached struct {
	key  chunkKey
	data []byte
}

const (
	maxCached = 1 << 20 // longer chunks are not cached
	avgCached = 8 << 10 // for sizing the cache's counters
)

// newCache makes a cache of size bytes; with none it is nil, which is usable.
func newCache(size int64) (*cache, error) {
	if size <= 0 {
		return nil, nil
	}
	r, err := ristretto.NewCache(&ristretto.Config[uint64, *cached]{
		NumCounters: max(size/avgCached*10, 1000),
		MaxCost:     size,
		BufferItems: 64,
	})
	if err != nil {
		return nil, err
	}
	return &cache{r}, nil
}

func (k *chunkKey) short() uint64 {
	return binary.LittleEndian.Uint64(k.hash[:]) ^ binary.LittleEndian.Uint64(k.domain[8:])
}

// get gives a chunk's bytes; they must not be changed.
func (c *cache) get(k chunkKey) []byte {
	if c == nil {
		return nil
	}
	v, ok := c.r.Get(k.short())
	if !ok || v == nil || v.key != k {
		return nil
	}
	return v.data
}

// put offers a chunk. data is copied.
func (c *cache) put(k chunkKey, data []byte) {
	if c == nil || len(data) > maxCached || len(data) == 0 {
		return
	}
	c.r.Set(k.short(), &cached{k, append([]byte(nil), data...)}, int64(len(data))+128)
}

func (c *cache) drop(k chunkKey) {
	if c != nil {
		c.r.Del(k.short())
	}
}

// clear forgets everything.
func (c *cache) clear() {
	if c != nil {
		c.r.Clear()
	}
}

func (c *cache) close() {
	if c != nil {
		c.r.Close()
	}
}
