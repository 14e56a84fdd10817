package transfer

import (
	"os"
	"sync"
)

// A dirCache keeps the folders open that are worked in, since files come in the
// order of their folders. Safe for concurrent use.
type dirCache struct {
	root *os.Root
	rel  func(i int32) string

	mu   sync.Mutex
	open map[int32]*openDir
	tick int64
}

// An openDir is a folder in use; put gives it back.
type openDir struct {
	root  *os.Root
	self  *os.File // of root
	cache *dirCache
	users int
	last  int64
}

// keptOpen is how many folders stay open that nobody uses.
const keptOpen = 32

func newDirCache(root *os.Root, rel func(i int32) string) *dirCache {
	return &dirCache{root: root, rel: rel, open: make(map[int32]*openDir)}
}

// get opens the folder of a node, below the root.
func (c *dirCache) get(i int32) (*openDir, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.tick++
	d, ok := c.open[i]
	if !ok {
		root, err := c.root.OpenRoot(c.rel(i))
		if err != nil {
			return nil, err
		}
		self, err := root.Open(".")
		if err != nil {
			root.Close()
			return nil, err
		}
		d = &openDir{root: root, self: self, cache: c}
		c.evict()
		c.open[i] = d
	}
	d.users++
	d.last = c.tick
	return d, nil
}

func (d *openDir) put() {
	d.cache.mu.Lock()
	defer d.cache.mu.Unlock()
	d.users--
}

func (d *openDir) close() {
	d.self.Close()
	d.root.Close()
}

// evict closes the folder unused for longest, when there are many.
func (c *dirCache) evict() {
	if len(c.open) < keptOpen {
		return
	}
	oldest := int32(-1)
	for i, d := range c.open {
		if d.users == 0 && (oldest < 0 || d.last < c.open[oldest].last) {
			oldest = i
		}
	}
	if oldest >= 0 {
		c.open[oldest].close()
		delete(c.open, oldest)
	}
}

func (c *dirCache) close() {
	for _, d := range c.open {
		d.close()
	}
}
