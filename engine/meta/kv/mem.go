package kv

import (
	"bytes"
	"math/rand/v2"
	"sync"

	"github.com/tidwall/btree"
)

type memTree = btree.BTreeG[*memItem]

type memItem struct{ key, value []byte }

type memState struct {
	tree   *memTree
	header []byte
}

func newMemState() *memState {
	less := func(a, b *memItem) bool { return bytes.Compare(a.key, b.key) < 0 }
	return &memState{tree: btree.NewBTreeGOptions(less, btree.Options{NoLocks: true})}
}

// MemPlace is a place in memory. In the crash model it stands in for the bbolt
// file: a clone keeps every batch that was applied, and by chance the one under
// way.
type MemPlace struct {
	// OnApply, when set before first use, is called at the start of each Apply
	// and before each Replace takes effect, while the change is under way. An
	// error is what Apply returns, and nothing is applied.
	OnApply func() error

	mu   sync.Mutex
	cur  *memState
	next *memState // under way
}

// NewMemPlace makes a place with nothing in it.
func NewMemPlace() *MemPlace { return &MemPlace{} }

// Crash is a clone as a restart would find it.
func (p *MemPlace) Crash(rng *rand.Rand) *MemPlace {
	p.mu.Lock()
	defer p.mu.Unlock()
	cur := p.cur
	if p.next != nil && rng.IntN(2) == 0 {
		cur = p.next
	}
	if cur != nil {
		cur = &memState{tree: cur.tree.Copy(), header: cur.header}
	}
	return &MemPlace{cur: cur}
}

// Remove takes away what is there, as if the file had been deleted.
func (p *MemPlace) Remove() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.cur = nil
}

// Tamper changes one stored value in place, as a flip on the disk would, and
// reports whether the key is there. A nil value removes the key.
func (p *MemPlace) Tamper(key, value []byte) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.cur == nil {
		return false
	}
	s := &memState{tree: p.cur.tree.Copy(), header: p.cur.header}
	_, ok := s.tree.Get(&memItem{key: key})
	if value == nil {
		s.tree.Delete(&memItem{key: key})
	} else {
		s.tree.Set(&memItem{key: bytes.Clone(key), value: bytes.Clone(value)})
	}
	p.cur = s
	return ok
}

// Open implements Place.
func (p *MemPlace) Open() (Store, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.cur == nil {
		return nil, ErrNotExist
	}
	return &memStore{place: p}, nil
}

// Replace implements Place.
func (p *MemPlace) Replace(fill func(Store) error) error {
	side := &MemPlace{cur: newMemState()}
	s, err := side.Open()
	if err != nil {
		return err
	}
	if err := fill(s); err != nil {
		return err
	}
	if err := s.Close(); err != nil {
		return err
	}
	return p.change(func(*memState) *memState { return side.cur })
}

// change makes a new state the current one, passing through a moment at which
// it is under way.
func (p *MemPlace) change(make func(cur *memState) *memState) error {
	p.mu.Lock()
	next := make(p.cur)
	p.next = next
	p.mu.Unlock()
	var err error
	if p.OnApply != nil {
		err = p.OnApply()
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.next = nil
	if err == nil {
		p.cur = next
	}
	return err
}

type memStore struct {
	place   *MemPlace
	readers sync.RWMutex
	closed  bool
}

func (s *memStore) Begin() (Tx, error) {
	s.readers.RLock()
	if s.closed {
		s.readers.RUnlock()
		return nil, ErrClosed
	}
	s.place.mu.Lock()
	defer s.place.mu.Unlock()
	return &memTx{store: s, state: s.place.cur}, nil
}

func (s *memStore) Apply(header []byte, ops []Op) error {
	s.readers.RLock()
	defer s.readers.RUnlock()
	if s.closed {
		return ErrClosed
	}
	return s.place.change(func(cur *memState) *memState {
		next := &memState{tree: cur.tree.Copy(), header: bytes.Clone(header)}
		for _, op := range ops {
			if op.Delete {
				next.tree.Delete(&memItem{key: op.Key})
			} else {
				next.tree.Set(&memItem{key: bytes.Clone(op.Key), value: bytes.Clone(op.Value)})
			}
		}
		return next
	})
}

func (s *memStore) Size() int64 { return 0 }

func (s *memStore) Close() error {
	s.readers.Lock()
	defer s.readers.Unlock()
	s.closed = true
	return nil
}

type memTx struct {
	store *memStore
	state *memState
}

func (t *memTx) Header() ([]byte, error) { return bytes.Clone(t.state.header), nil }

func (t *memTx) Get(key []byte) ([]byte, bool, error) {
	it, ok := t.state.tree.Get(&memItem{key: key})
	if !ok {
		return nil, false, nil
	}
	return append(make([]byte, 0, len(it.value)), it.value...), true, nil
}

func (t *memTx) Cursor() Cursor { return &memCursor{tree: t.state.tree, it: t.state.tree.Iter()} }

func (t *memTx) Close() {
	if t.state != nil {
		t.state = nil
		t.store.readers.RUnlock()
	}
}

type memCursor struct {
	tree *memTree
	it   btree.IterG[*memItem]
	k, v []byte
}

func (c *memCursor) give(it *memItem) ([]byte, []byte, error) {
	c.k = append(c.k[:0], it.key...)
	c.v = append(c.v[:0], it.value...)
	return c.k, c.v, nil
}

func (c *memCursor) Seek(key []byte) ([]byte, []byte, error) {
	if !c.it.Seek(&memItem{key: key}) {
		return nil, nil, nil
	}
	return c.give(c.it.Item())
}

func (c *memCursor) Before(key []byte) ([]byte, []byte, error) {
	var found *memItem
	c.tree.Descend(&memItem{key: key}, func(it *memItem) bool {
		if bytes.Equal(it.key, key) {
			return true
		}
		found = it
		return false
	})
	if found == nil {
		return nil, nil, nil
	}
	return c.give(found)
}

func (c *memCursor) Next() ([]byte, []byte, error) {
	if !c.it.Next() {
		return nil, nil, nil
	}
	return c.give(c.it.Item())
}
