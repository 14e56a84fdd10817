package chunkstore

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"

	"scaidrive/chunkstore/internal/record"
	"scaidrive/chunkstore/locator"
	"scaidrive/chunkstore/vfs"
)

// A Store is an open chunk store. Safe for concurrent use.
type Store struct {
	opt     Options
	fsys    vfs.FS
	codec   record.Codec
	loc     *locator.Index
	handles *handles
	cache   *cache
	flights flights
	damage  damageList
	ahead   chan struct{} // a place for each stream that reads ahead

	// blind says that packs were damaged where the index does not know what lay
	// there: from then on a miss may be a loss.
	blind atomic.Bool

	life   sync.RWMutex // held for reading by every operation
	closed bool

	// syncing is held by the one sync that runs; rebuilding by a rebuild of the
	// index, and for reading by whoever must not mistake its state for a miss.
	syncing    sync.Mutex
	rebuilding sync.RWMutex

	mu       sync.Mutex
	failed   error // after the first failed sync: an ErrReadOnly
	packs    map[PackID]*pack
	lost     map[PackID]int64 // packs of which only so many bytes are left
	active   *pack            // takes new records; nil: the next Put begins one
	dirty    []*pack          // with bytes or a footer to sync, oldest first
	untold   map[PackID]*pack // whose durable length grew since a caller was told
	next     PackID
	epoch    *epoch
	group    *syncGroup // callers that wait for the next sync
	unsynced int64      // bytes given out since the last sync began

	wake chan struct{}
	stop context.CancelFunc
	wg   sync.WaitGroup
}

// A pack as the store knows it; its fields are guarded by Store.mu.
type pack struct {
	id     PackID
	salt   [8]byte
	size   int64 // readable bytes, of a pack that is not being written
	synced int64 // durable bytes
	told   int64 // the durable length that a caller of Sync was told last
	covers int64 // the durable length that the index knows
	sealed bool
	broken bool // damaged: nothing is appended, no footer is made

	// Of a pack that is being written.
	h         *handle
	end       int64 // where the next record goes
	allocated int64
	records   int // places given out
	entries   []packEntry
	gaps      []gap
	full      bool
	dirty     bool

	writing sync.Mutex // held by the one that writes a record; not guarded by Store.mu
}

// A gap is a place whose write failed and that has to become a void record.
type gap struct{ off, length int64 }

// An epoch is the set of writes between two syncs.
type epoch struct{ writes sync.WaitGroup }

// Open opens the store below o.FS, or begins one, and recovers it from an
// unclean end. What is found damaged does not keep it from opening: see Damage.
// Errors: ErrNoSpace, ErrFormat, or the system's.
func Open(ctx context.Context, o Options) (*Store, error) {
	o.defaults()
	s := &Store{
		opt:     o,
		fsys:    o.FS,
		handles: newHandles(o.FS, o.StoreID, o.Handles),
		packs:   make(map[PackID]*pack),
		lost:    make(map[PackID]int64),
		untold:  make(map[PackID]*pack),
		epoch:   new(epoch),
		wake:    make(chan struct{}, 1),
		ahead:   make(chan struct{}, aheadStreams),
	}
	loc, err := locator.Open(o.IndexPath, locator.Options{StoreID: o.StoreID, ReadOnly: o.ReadOnly})
	if err != nil {
		return nil, fmt.Errorf("open chunk index: %w", err)
	}
	s.loc = loc
	if err := s.recover(ctx); err != nil {
		return nil, errors.Join(spaceError(err), s.handles.close(), loc.Close())
	}
	if s.cache, err = newCache(o.CacheBytes); err != nil {
		return nil, errors.Join(err, s.handles.close(), loc.Close())
	}
	bg, stop := context.WithCancel(context.Background())
	s.stop = stop
	s.wg.Go(func() { s.flusher(bg) })
	return s, nil
}

// enter begins an operation; leave ends it.
func (s *Store) enter() error {
	s.life.RLock()
	if s.closed {
		s.life.RUnlock()
		return ErrClosed
	}
	return nil
}

func (s *Store) leave() { s.life.RUnlock() }

// Close makes durable what was put, saves the index and lets go of all files.
// It waits for the operations that are under way.
func (s *Store) Close() error {
	s.life.Lock()
	if s.closed {
		s.life.Unlock()
		return nil
	}
	s.closed = true
	s.life.Unlock()
	s.stop()
	s.wg.Wait()
	var err error
	if !s.opt.ReadOnly {
		s.finishPack()
		if _, err = s.sync(context.Background(), false); err == nil {
			err = s.fold()
		}
		if errors.Is(err, locator.ErrDamaged) {
			err = nil // rebuilt at the next Open
		}
	}
	s.cache.close()
	return errors.Join(err, s.loc.Close(), s.handles.close())
}

// finishPack ends the active pack if the next Open would have much to read of it:
// the next sync seals it. Where there is no room for the footer it stays as it is.
func (s *Store) finishPack() {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.active
	if p == nil || s.opt.SealRecords < 0 || p.records < s.opt.SealRecords {
		return
	}
	p.full = true
	s.touch(p)
	s.active = nil
}

// fail makes the store read-only for ever and returns the error to give.
// Called with mu held.
func (s *Store) fail(err error) error {
	if s.failed == nil {
		// Not wrapped: a sync that failed for lack of space is no ErrNoSpace.
		s.failed = fmt.Errorf("%w: %v", ErrReadOnly, err)
	}
	return s.failed
}

// writable says why nothing can be written. Called with mu held.
func (s *Store) writable() error {
	if s.opt.ReadOnly {
		return fmt.Errorf("%w: opened for reading", ErrReadOnly)
	}
	return s.failed
}

// spaceError makes an error of a full volume an ErrNoSpace.
func spaceError(err error) error {
	if errors.Is(err, vfs.ErrNoSpace) && !errors.Is(err, ErrNoSpace) {
		return fmt.Errorf("%w: %w", ErrNoSpace, err)
	}
	return err
}

// Stats are figures for operators.
type Stats struct {
	Packs  int
	Bytes  int64 // of all packs, headers and footers included
	Chunks uint64
	Index  locator.Stats
	Failed error // not nil: read-only after a failed sync
}

// Stats returns figures about the store. Chunks counts what the index file
// holds and what is not folded into it yet.
func (s *Store) Stats() Stats {
	st := Stats{Index: s.loc.Stats()}
	st.Chunks = st.Index.Folded + uint64(st.Index.Fresh)
	s.mu.Lock()
	defer s.mu.Unlock()
	st.Packs, st.Failed = len(s.packs), s.failed
	for _, p := range s.packs {
		st.Bytes += max(p.size, p.end)
	}
	return st
}

// Marks are the durable lengths of all packs. Sync returns those that changed;
// a caller that lost them can take these.
func (s *Store) Marks() []Mark {
	s.mu.Lock()
	defer s.mu.Unlock()
	marks := make([]Mark, 0, len(s.packs))
	for id, p := range s.packs {
		if p.synced > 0 {
			marks = append(marks, Mark{id, p.synced})
		}
	}
	slices.SortFunc(marks, func(a, b Mark) int { return cmp.Compare(a.Pack, b.Pack) })
	return marks
}
