package kv

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"sync/atomic"
	"unsafe"

	bolt "go.etcd.io/bbolt"
)

// boltTx reads bbolt's pages itself. A bbolt read transaction pins the state
// and the mapping; the pages are then walked with every number checked: a page
// must carry its own number and lie below the high-water mark, the tree is at
// most maxDepth deep, offsets stay inside the page, keys ascend and lie within
// the bounds that the branches above give. bbolt itself follows whatever it
// finds, up to a stack overflow that no recover can stop.
//
// A page (native byte order, which is little-endian on every platform built):
//
//	0  number u64 | 8 flags u16 | 10 count u16 | 12 overflow u32 | 16 elements
//	branch element: pos u32 | ksize u32 | page u64
//	leaf element:   flags u32 | pos u32 | ksize u32 | vsize u32
//
// pos counts from the element's own start.
//
// A transaction may have many users, on many goroutines; it is over when the
// last of them closes it.
type boltTx struct {
	store *boltStore
	users atomic.Int64
	tx    *bolt.Tx
	data  unsafe.Pointer // the mapping
	pages uint64         // high-water mark
	root  uint64
}

const (
	pageHeader  = 16
	elementSize = 16
	flagBranch  = 1
	flagLeaf    = 2
	maxDepth    = 24
)

func damaged(format string, args ...any) error {
	return fmt.Errorf("%w: "+format, append([]any{ErrDamaged}, args...)...)
}

func (t *boltTx) begin() error {
	tx, err := t.store.db.Begin(false)
	if err != nil {
		return err
	}
	t.tx = tx
	info := t.store.db.Info()
	t.data = *(*unsafe.Pointer)(unsafe.Pointer(&info.Data))
	t.pages = uint64(tx.Size()) / boltPageSize
	if r := t.store.root.Load(); r != nil && r.txid == tx.ID() {
		t.root = r.page
		return nil
	}
	done := false
	defer func() {
		if !done {
			tx.Rollback()
		}
	}()
	if b := tx.Bucket(boltBucket); b != nil {
		t.root = uint64(b.Root())
		if t.root == 0 {
			return damaged("the bucket has no page")
		}
	}
	t.store.root.Store(&boltRoot{txid: tx.ID(), page: t.root})
	done = true
	return nil
}

// enter adds a user, unless the transaction is over.
func (t *boltTx) enter() bool {
	for {
		n := t.users.Load()
		if n == 0 {
			return false
		}
		if t.users.CompareAndSwap(n, n+1) {
			return true
		}
	}
}

// Close is called once by each user.
func (t *boltTx) Close() {
	if t.users.Add(-1) > 0 {
		return
	}
	// Rollback of a read transaction touches no page.
	_ = t.tx.Rollback()
	t.store.readers.RUnlock()
}

func (t *boltTx) Header() ([]byte, error) {
	v, ok, err := t.Get(headerKey)
	if err != nil || !ok {
		return nil, err
	}
	return unpadHeader(v)
}

func (t *boltTx) Get(key []byte) (value []byte, ok bool, err error) {
	if t.root == 0 {
		return nil, false, nil
	}
	err = guard(func() error {
		var c boltCursor
		c.t = t
		at, exact, err := c.descend(key)
		if err != nil || !exact {
			return err
		}
		_, v, err := at.entry(at.index)
		if err != nil {
			return err
		}
		value, ok = append(make([]byte, 0, len(v)), v...), true
		return nil
	})
	return value, ok, err
}

func (t *boltTx) Cursor() Cursor { return &boltCursor{t: t} }

// A boltPage is a checked page, with the bounds that its keys must keep: low
// inclusive (nil: none), high exclusive (nil: none).
type boltPage struct {
	b         []byte
	branch    bool
	count     int
	index     int
	low, high []byte
}

func (t *boltTx) page(id uint64) (boltPage, error) {
	if id < 2 || id >= t.pages {
		return boltPage{}, damaged("page %d of %d", id, t.pages)
	}
	b := unsafe.Slice((*byte)(unsafe.Add(t.data, id*boltPageSize)), boltPageSize)
	if got := binary.NativeEndian.Uint64(b); got != id {
		return boltPage{}, damaged("page %d carries the number %d", id, got)
	}
	flags := binary.NativeEndian.Uint16(b[8:])
	count := int(binary.NativeEndian.Uint16(b[10:]))
	overflow := uint64(binary.NativeEndian.Uint32(b[12:]))
	if flags != flagBranch && flags != flagLeaf {
		return boltPage{}, damaged("page %d has flags %#x", id, flags)
	}
	if overflow >= t.pages-id {
		return boltPage{}, damaged("page %d is %d pages long", id, overflow+1)
	}
	b = unsafe.Slice(&b[0], int(overflow+1)*boltPageSize)
	if pageHeader+count*elementSize > len(b) {
		return boltPage{}, damaged("page %d holds %d elements", id, count)
	}
	if flags == flagBranch && count == 0 {
		return boltPage{}, damaged("branch page %d is empty", id)
	}
	return boltPage{b: b, branch: flags == flagBranch, count: count}, nil
}

// key gives the key of element i.
func (p *boltPage) key(i int) ([]byte, error) {
	e := pageHeader + i*elementSize
	b := p.b[e:]
	var pos, n uint64
	if p.branch {
		pos, n = uint64(binary.NativeEndian.Uint32(b)), uint64(binary.NativeEndian.Uint32(b[4:]))
	} else {
		pos, n = uint64(binary.NativeEndian.Uint32(b[4:])), uint64(binary.NativeEndian.Uint32(b[8:]))
	}
	if pos+n > uint64(len(b)) || n > MaxKey {
		return nil, damaged("an element reaches beyond its page")
	}
	return b[pos : pos+n : pos+n], nil
}

// entry gives key and value of element i of a leaf.
func (p *boltPage) entry(i int) (k, v []byte, err error) {
	e := pageHeader + i*elementSize
	b := p.b[e:]
	if binary.NativeEndian.Uint32(b) != 0 {
		return nil, nil, damaged("a record has flags %#x", binary.NativeEndian.Uint32(b))
	}
	if k, err = p.key(i); err != nil {
		return nil, nil, err
	}
	from := uint64(binary.NativeEndian.Uint32(b[4:])) + uint64(len(k))
	n := uint64(binary.NativeEndian.Uint32(b[12:]))
	if from+n > uint64(len(b)) {
		return nil, nil, damaged("a value reaches beyond its page")
	}
	return k, b[from : from+n : from+n], nil
}

// child gives the page number under element i of a branch.
func (p *boltPage) child(i int) uint64 {
	return binary.NativeEndian.Uint64(p.b[pageHeader+i*elementSize+8:])
}

// search sets index to the first element >= key (leaf) or the child that holds
// key (branch).
func (p *boltPage) search(key []byte) (exact bool, err error) {
	lo, hi := 0, p.count
	for lo < hi {
		mid := int(uint(lo+hi) / 2)
		k, err := p.key(mid)
		if err != nil {
			return false, err
		}
		switch bytes.Compare(k, key) {
		case 0:
			p.index = mid
			return true, nil
		case -1:
			lo = mid + 1
		default:
			hi = mid
		}
	}
	p.index = lo
	if p.branch && lo > 0 {
		p.index = lo - 1
	}
	return false, nil
}

// boltCursor implements Cursor. The stack holds the pages from the root down.
type boltCursor struct {
	t     *boltTx
	stack [maxDepth]boltPage
	depth int
	k, v  []byte
}

// push goes down to a page and checks its first and last key against bounds.
func (c *boltCursor) push(id uint64, low, high []byte) error {
	if c.depth == maxDepth {
		return damaged("the tree is deeper than %d pages", maxDepth)
	}
	p, err := c.t.page(id)
	if err != nil {
		return err
	}
	p.low, p.high = low, high
	if p.count > 0 {
		first, err := p.key(0)
		if err != nil {
			return err
		}
		last, err := p.key(p.count - 1)
		if err != nil {
			return err
		}
		if bytes.Compare(first, last) > 0 ||
			(low != nil && bytes.Compare(first, low) < 0) ||
			(high != nil && bytes.Compare(last, high) >= 0) {
			return damaged("page %d holds keys out of its place", id)
		}
	}
	c.stack[c.depth] = p
	c.depth++
	return nil
}

func (c *boltCursor) top() *boltPage { return &c.stack[c.depth-1] }

// down pushes the child at the top page's index.
func (c *boltCursor) down() error {
	p := c.top()
	low, high := p.low, p.high
	k, err := p.key(p.index)
	if err != nil {
		return err
	}
	// The leftmost key of a branch is no bound: smaller keys may have been put
	// below it.
	if p.index > 0 {
		low = k
	}
	if p.index+1 < p.count {
		next, err := p.key(p.index + 1)
		if err != nil {
			return err
		}
		if bytes.Compare(k, next) >= 0 {
			return damaged("branch keys out of order")
		}
		high = next
	}
	return c.push(p.child(p.index), low, high)
}

// descend goes to the leaf that holds key, or where it would be.
func (c *boltCursor) descend(key []byte) (*boltPage, bool, error) {
	c.depth = 0
	if err := c.push(c.t.root, nil, nil); err != nil {
		return nil, false, err
	}
	for {
		p := c.top()
		exact, err := p.search(key)
		if err != nil || !p.branch {
			return p, exact, err
		}
		if err := c.down(); err != nil {
			return nil, false, err
		}
	}
}

// give copies the entry at the top. prev, if not nil, must sort before it.
func (c *boltCursor) give(prev []byte) ([]byte, []byte, error) {
	k, v, err := c.top().entry(c.top().index)
	if err != nil {
		return nil, nil, err
	}
	if prev != nil && bytes.Compare(prev, k) >= 0 {
		return nil, nil, damaged("keys out of order")
	}
	c.k = append(c.k[:0], k...)
	c.v = append(c.v[:0], v...)
	return c.k, c.v, nil
}

// Seek implements Cursor.
func (c *boltCursor) Seek(key []byte) (k, v []byte, err error) {
	if c.t.root == 0 {
		return nil, nil, nil
	}
	err = guard(func() error {
		p, _, err := c.descend(key)
		if err != nil {
			return err
		}
		if p.index == p.count {
			p.index--
			k, v, err = c.next()
			if err == nil && k != nil && bytes.Compare(k, key) < 0 {
				err = damaged("keys out of order")
			}
			return err
		}
		k, v, err = c.give(nil)
		return err
	})
	return k, v, err
}

// Next implements Cursor.
func (c *boltCursor) Next() (k, v []byte, err error) {
	if c.t.root == 0 {
		return nil, nil, nil
	}
	err = guard(func() error {
		k, v, err = c.next()
		return err
	})
	return k, v, err
}

func (c *boltCursor) next() ([]byte, []byte, error) {
	if c.depth == 0 {
		return nil, nil, nil
	}
	p := c.top()
	if p.index+1 < p.count {
		var prev []byte
		if p.index >= 0 {
			k, err := p.key(p.index)
			if err != nil {
				return nil, nil, err
			}
			prev = k
		}
		p.index++
		return c.give(prev)
	}
	for c.depth--; c.depth > 0; c.depth-- {
		if p := c.top(); p.index+1 < p.count {
			p.index++
			break
		}
	}
	if c.depth == 0 {
		return nil, nil, nil
	}
	for c.top().branch {
		if err := c.down(); err != nil {
			return nil, nil, err
		}
	}
	if c.top().count == 0 {
		return c.next()
	}
	return c.give(nil)
}

// Before implements Cursor. After it the cursor's place is not defined.
func (c *boltCursor) Before(key []byte) (k, v []byte, err error) {
	if c.t.root == 0 {
		return nil, nil, nil
	}
	err = guard(func() error {
		p, _, err := c.descend(key)
		if err != nil {
			return err
		}
		for p.index == 0 {
			c.depth--
			if c.depth == 0 {
				return nil
			}
			p = c.top()
		}
		p.index--
		for p.branch {
			if err := c.down(); err != nil {
				return err
			}
			p = c.top()
			p.index = p.count - 1
			if p.index < 0 {
				return damaged("an empty page")
			}
		}
		k, v, err = c.give(nil)
		if err == nil && bytes.Compare(k, key) >= 0 {
			err = damaged("keys out of order")
		}
		return err
	})
	if isHeader(k) {
		k, v = nil, nil
	}
	return k, v, err
}

func isHeader(k []byte) bool { return len(k) == 2 && k[0] == 0 && k[1] == 0 }
