// Package locator is the chunk index: it says in which pack, and where in it,
// the record of a chunk lies.
//
// It is a cache of the packs on one bbolt file and lags behind them: new
// entries live in memory and are folded in by large sorted batches, each one
// synced transaction, together with how far each pack is covered.
//
// Invariants:
//   - nothing is folded that is not durable in its pack;
//   - every value carries a check bound to its bucket and key, and number and
//     digest of all entries are kept with each fold, because bbolt does not
//     check its pages: a flipped bit is an ErrDamaged or an entry that is missed
//     by Verify, never another chunk's place;
//   - a file that is missing, damaged, of another version or another store is
//     replaced by an empty one that covers nothing.
//
// It does not read packs: its user feeds it, and rebuilds it by Reset and Add.
// The format is in docs/formats/locator.md.
package locator

import (
	"errors"
	"maps"
	"os"
	"sync"

	"go.etcd.io/bbolt"
)

var (
	// ErrDamaged: the file is not what was written to it; Reset it and feed it
	// again.
	ErrDamaged = errors.New("chunk index is damaged")
	// ErrSync: a sync of the file failed. Nothing may be acknowledged any more.
	ErrSync = errors.New("sync of the chunk index failed")
	// ErrReadOnly: the index was opened for reading.
	ErrReadOnly = errors.New("chunk index is open for reading only")
)

// An Entry is the place of one chunk's record.
type Entry struct {
	Pack    uint32
	Offset  int64  // bytes from the pack's start, a multiple of 8
	Stored  uint32 // length of the stored bytes
	Raw     uint32 // length of the chunk
	Kind    uint8
	Codec   uint8
	Damaged bool // reading it has failed
}

// A Cover says how much of a pack the index covers.
type Cover struct {
	Length int64 // all records below are in the index, and durable
	Sealed bool  // the pack ends there
}

// Options of Open. StoreID is required.
type Options struct {
	StoreID  [16]byte
	ReadOnly bool
	// Batch is how many entries one transaction takes at most; 0 is 65,536.
	Batch int
}

// An Index is an open chunk index. Safe for concurrent use.
type Index struct {
	path string // "" keeps everything in memory
	opt  Options

	// dbMu is held for reading during each use of db, so that Reset and Close
	// wait for it.
	dbMu sync.RWMutex
	db   *bbolt.DB // nil: in memory

	// fold is held by whoever changes or walks the file: Fold, Verify, Reset,
	// Close.
	fold sync.Mutex

	mu       sync.RWMutex
	fresh    map[key]Entry // not folded yet
	frozen   map[key]Entry // being folded
	domains  map[[16]byte]uint32
	unsaved  [][16]byte // domains that the file does not have
	covered  map[uint32]Cover
	state    state
	never    *filter // nil until Verify has made one
	verified bool    // number and digest held at some time since Open
	absent   map[key]bool
	damaged  error // what was found wrong since the last Reset
}

// key is a domain's number and a hash, as in the file.
type key struct {
	domain uint32
	hash   [32]byte
}

// Open opens the index at path, or a new one when there is none that can be
// trusted; Covered tells which. An empty path keeps the index in memory.
// Errors other than damage (no permission, in use, disk full) are returned.
func Open(path string, o Options) (*Index, error) {
	if o.Batch <= 0 {
		o.Batch = 65536
	}
	x := &Index{path: path, opt: o}
	x.clear()
	if path == "" {
		return x, nil
	}
	err := x.load()
	if errors.Is(err, ErrDamaged) {
		x.clear()
		if o.ReadOnly {
			x.path = ""
			return x, nil
		}
		err = x.create()
	}
	if err != nil {
		return nil, err
	}
	return x, nil
}

// clear makes the state of an index that holds and covers nothing.
func (x *Index) clear() {
	x.fresh, x.frozen = make(map[key]Entry), nil
	x.domains, x.unsaved = make(map[[16]byte]uint32), nil
	x.covered = make(map[uint32]Cover)
	x.state = state{}
	x.never, x.absent = newFilter(0), make(map[key]bool)
	x.verified, x.damaged = true, nil
}

// Lookup finds the entry of a chunk. ok false without an error is a miss, which
// Certain qualifies. An error is ErrDamaged: Reset and feed again.
func (x *Index) Lookup(domain [16]byte, hash [32]byte) (e Entry, ok bool, err error) {
	x.mu.RLock()
	k, e, ok, known := x.inMemory(domain, hash, false)
	x.mu.RUnlock()
	if ok || known {
		return e, ok, nil
	}
	x.dbMu.RLock()
	defer x.dbMu.RUnlock()
	err = x.view(func(tx *bbolt.Tx) error {
		e, ok, err = get(tx, k)
		return err
	})
	return e, ok, err
}

// LookupAll finds many entries of one domain at once. A chunk that is not
// found, and one whose entry cannot be read, has ok false: it is meant for
// callers to whom a wrong miss is no more than a second copy.
func (x *Index) LookupAll(domain [16]byte, hashes [][32]byte) (entries []Entry, ok []bool) {
	entries, ok = make([]Entry, len(hashes)), make([]bool, len(hashes))
	keys := make([]key, len(hashes))
	var rest []int
	x.mu.RLock()
	for i, h := range hashes {
		var known bool
		keys[i], entries[i], ok[i], known = x.inMemory(domain, h, true)
		if !ok[i] && !known {
			rest = append(rest, i)
		}
	}
	x.mu.RUnlock()
	if len(rest) == 0 {
		return entries, ok
	}
	x.dbMu.RLock()
	defer x.dbMu.RUnlock()
	for len(rest) > 0 {
		// One key a damaged page concerns must not hide the others.
		done := 0
		err := x.view(func(tx *bbolt.Tx) error {
			for _, i := range rest {
				done++
				e, found, err := get(tx, keys[i])
				if err != nil {
					return err
				}
				entries[i], ok[i] = e, found
			}
			return nil
		})
		if err != nil && done == 0 {
			break
		}
		rest = rest[done:]
	}
	return entries, ok
}

// inMemory looks where no transaction is needed. known says that a miss is the
// answer and the file need not be asked; with filtered the filter may say so.
// Called with mu held.
func (x *Index) inMemory(domain [16]byte, hash [32]byte, filtered bool) (k key, e Entry, ok, known bool) {
	n, ok := x.domains[domain]
	if !ok {
		return k, e, false, true
	}
	k = key{n, hash}
	if e, ok = x.fresh[k]; ok {
		return k, e, true, true
	}
	if e, ok = x.frozen[k]; ok {
		return k, e, true, true
	}
	known = x.path == "" || x.state.count == 0 ||
		filtered && x.damaged == nil && x.never != nil && !x.never.has(k)
	return k, e, false, known
}

// Certain reports whether a miss of that chunk can be believed: the filter
// never saw it, or Absent was called since. When it reports false, Verify and
// another Lookup decide.
func (x *Index) Certain(domain [16]byte, hash [32]byte) bool {
	x.mu.RLock()
	defer x.mu.RUnlock()
	if x.damaged != nil {
		return false
	}
	n, ok := x.domains[domain]
	if !ok || x.path == "" {
		return true
	}
	k := key{n, hash}
	return x.never != nil && (!x.never.has(k) || x.absent[k])
}

// maxAbsent bounds what Absent remembers.
const maxAbsent = 4096

// Absent notes that the index was verified and does not have the chunk, though
// the filter takes it for one that it has seen.
func (x *Index) Absent(domain [16]byte, hash [32]byte) {
	x.mu.Lock()
	defer x.mu.Unlock()
	n, ok := x.domains[domain]
	k := key{n, hash}
	_, added := x.fresh[k]
	_, folding := x.frozen[k]
	if ok && !added && !folding {
		if len(x.absent) >= maxAbsent {
			clear(x.absent)
		}
		x.absent[k] = true
	}
}

// Add makes e the place of a chunk, unless the index has a later one in memory
// that is not damaged. Entries that only the file has are replaced.
func (x *Index) Add(domain [16]byte, hash [32]byte, e Entry) {
	x.mu.Lock()
	defer x.mu.Unlock()
	k := key{x.number(domain), hash}
	old, ok := x.fresh[k]
	if !ok {
		old, ok = x.frozen[k]
	}
	if ok && !old.Damaged && old.after(e) {
		return
	}
	x.fresh[k] = e
	delete(x.absent, k)
	if x.never != nil {
		x.never.add(k)
	}
}

func (e Entry) after(f Entry) bool {
	return e.Pack > f.Pack || e.Pack == f.Pack && e.Offset > f.Offset
}

// MarkDamaged flags the chunk's entry, if it still is the one given.
func (x *Index) MarkDamaged(domain [16]byte, hash [32]byte, e Entry) {
	cur, ok, err := x.Lookup(domain, hash)
	if err != nil || !ok || cur.Pack != e.Pack || cur.Offset != e.Offset || cur.Damaged {
		return
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	k := key{x.number(domain), hash}
	if newer, ok := x.fresh[k]; ok && (newer.Pack != e.Pack || newer.Offset != e.Offset) {
		return
	}
	cur.Damaged = true
	x.fresh[k] = cur
}

// number gives a domain's number, a new one if need be. Called with mu held.
func (x *Index) number(domain [16]byte) uint32 {
	n, ok := x.domains[domain]
	if !ok {
		n = uint32(len(x.domains)) + 1
		x.domains[domain] = n
		x.unsaved = append(x.unsaved, domain)
	}
	return n
}

// Covered tells how much of each pack the index covers. The map is a copy.
func (x *Index) Covered() map[uint32]Cover {
	x.mu.RLock()
	defer x.mu.RUnlock()
	return maps.Clone(x.covered)
}

// Fresh is the number of entries in memory that wait for Fold.
func (x *Index) Fresh() int {
	x.mu.RLock()
	defer x.mu.RUnlock()
	return len(x.fresh)
}

// Stats are figures for operators.
type Stats struct {
	Folded      uint64 // entries in the file
	Fresh       int    // entries in memory, some of which may replace folded ones
	Folds       uint64 // generations of the file
	FilterBytes int
	FileBytes   int64
	Verified    bool
}

// Stats returns figures about the index.
func (x *Index) Stats() Stats {
	x.mu.RLock()
	s := Stats{Folded: x.state.count, Fresh: len(x.fresh) + len(x.frozen), Folds: x.state.generation, Verified: x.verified && x.damaged == nil}
	if x.never != nil {
		s.FilterBytes = x.never.bytes()
	}
	x.mu.RUnlock()
	if x.path != "" {
		if info, err := os.Stat(x.path); err == nil {
			s.FileBytes = info.Size()
		}
	}
	return s
}

// InMemory reports whether the index has no file.
func (x *Index) InMemory() bool { return x.path == "" }
