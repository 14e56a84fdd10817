// Package records keeps what a client remembers of a synced folder: for each file
// and folder what client and server last agreed on, and how the disk looked then;
// the cursor in the server's change log; and whether the last run ended well.
//
// It is a log of commits in one file, read into memory at the start and written
// anew, compact, when more than half of it is outlived. Its bytes are drawn in
// codec.go.
//
// Invariants:
//   - a Commit is there whole or not at all, and durable when Commit returns;
//   - what is not what was written is never returned: a last commit that was torn
//     is forgotten, any other damage is ErrDamaged. Records can be thrown away: that
//     costs time and never content;
//   - from before the first Commit until Close the file says that it is in use, so
//     that the next run suspects what this one wrote last, if it did not end. A run
//     that commits nothing writes nothing: what it may have put on the disk is not
//     in the records, or there as it was before.
//
// It holds about 450 bytes a file in memory, and decides nothing.
package records

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"scaidrive/client/planner"
)

// ErrDamaged says that the records can't be trusted; remove the file and begin
// anew by comparing.
var ErrDamaged = errors.New("the sync records are damaged")

// A State is what is remembered beside the nodes.
type State struct {
	Server  string `json:"server"`         // whose records these are
	Share   string `json:"share"`          // shr_…
	Cursor  int64  `json:"cursor"`         // up to which remote changes are in the records
	Epoch   string `json:"epoch"`          // that came with it
	Round   uint64 `json:"round"`          // counts the rounds; requests are named by it
	Listed  bool   `json:"listed"`         // the first listing came to its end
	Only    string `json:"only,omitempty"` // what of the share was wanted; "": all
	Written uint64 `json:"written"`        // the number of the last write to the disk
	Durable uint64 `json:"durable"`        // writes up to this one survive a power cut
}

// A Record is one file or folder.
type Record struct {
	Node  planner.Node
	Stamp planner.Stamp
	// Written is the number of the write by which the client put the content on
	// the disk, 0 if it was found there.
	Written uint64
}

// A Commit changes records and state in one step.
type Commit struct {
	Put    []Record
	Remove []planner.ID
	State  *State // nil: as it was
}

// A Store is the records of one synced folder. Commit and Close are not safe for
// concurrent use; reading is, while nothing commits. One process may have it
// open; who opens it sees to that.
type Store struct {
	path    string
	f       *os.File
	size    int64 // of the file
	live    int64 // about what a compact file would take
	nodes   *planner.Nodes
	kept    map[planner.ID]*kept
	byID    map[planner.Identity]*kept
	state   State
	suspect bool
	inUse   bool // the file says so
	failed  error
}

// kept is a record in memory.
type kept struct {
	node    planner.Node
	stamp   planner.Stamp
	written uint64
	size    int64 // of the stored record
}

// Open opens the records in a file, or makes them.
func Open(path string) (*Store, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open the sync records: %w", err)
	}
	s := &Store{path: path, f: f}
	if err := s.load(); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	s.inUse = s.suspect
	return s, nil
}

// recordSize is about what a record takes in a file.
const recordSize = 210

// load reads the file, one frame after the other. A torn end is cut off.
func (s *Store) load() error {
	info, err := s.f.Stat()
	if err != nil {
		return fmt.Errorf("read the sync records: %w", err)
	}
	size := info.Size()
	most := int(min(size/recordSize, 1<<20))
	s.nodes = planner.NewNodesFor(most)
	s.kept, s.byID = make(map[planner.ID]*kept, most), make(map[planner.Identity]*kept, most)
	if size < int64(len(magic)) {
		// Made and not yet written to, or torn right at the beginning.
		if err := s.f.Truncate(0); err != nil {
			return fmt.Errorf("begin the sync records: %w", err)
		}
		if _, err := s.f.WriteAt([]byte(magic), 0); err != nil {
			return fmt.Errorf("begin the sync records: %w", err)
		}
		s.size = int64(len(magic))
		return nil
	}
	head := make([]byte, len(magic))
	if _, err := s.f.ReadAt(head, 0); err != nil {
		return fmt.Errorf("read the sync records: %w", err)
	}
	if string(head) != magic {
		return fmt.Errorf("%w: it does not begin as it must", ErrDamaged)
	}
	l := &loader{s: s, texts: texts{}, parents: map[string]planner.ID{}}
	if s.size, err = l.frames(int64(len(magic)), size); err != nil {
		return err
	}
	if s.size == size {
		return nil
	}
	if err := s.f.Truncate(s.size); err != nil {
		return fmt.Errorf("cut off a torn end of the sync records: %w", err)
	}
	return nil
}

// A loader brings the file into memory. What it makes lies close together: it
// stays for as long as the store.
type loader struct {
	s       *Store
	buf     []byte
	texts   texts
	parents map[string]planner.ID
	block   []kept
}

// frames takes the frames up to the end of the file, and gives where they end.
func (l *loader) frames(at, size int64) (int64, error) {
	for at < size {
		frame, err := l.frame(at, size)
		if err != nil {
			return at, err
		}
		kind, body, n, err := readFrame(frame, at)
		if err != nil {
			rest := make([]byte, size-at)
			if _, err := l.s.f.ReadAt(rest, at); err != nil {
				return at, fmt.Errorf("read the sync records: %w", err)
			}
			if torn(rest, at) {
				return at, nil
			}
			return at, err
		}
		if err := l.replay(kind, body); err != nil {
			return at, err
		}
		at += int64(n)
	}
	return at, nil
}

// frame reads the bytes of a frame, as far as they are there.
func (l *loader) frame(at, size int64) ([]byte, error) {
	want := min(size-at, frameHead)
	for range 2 {
		if int64(cap(l.buf)) < want {
			l.buf = make([]byte, want)
		}
		l.buf = l.buf[:want]
		if _, err := l.s.f.ReadAt(l.buf, at); err != nil {
			return nil, fmt.Errorf("read the sync records: %w", err)
		}
		if want < frameHead {
			break
		}
		want = min(size-at, frameHead+int64(frameSize(l.buf)))
	}
	return l.buf, nil
}

// replay takes one frame.
func (l *loader) replay(kind byte, body []byte) error {
	switch kind {
	case frameOpened:
		l.s.suspect = true
	case frameClosed:
		l.s.suspect = false
	case frameCommit:
		return l.commit(body)
	default:
		return fmt.Errorf("%w: a frame of kind %d", ErrDamaged, kind)
	}
	return nil
}

func (l *loader) commit(body []byte) error {
	r := &reader{b: body}
	state, removed := r.commitHead()
	if state != nil {
		l.s.state = *state
	}
	for _, id := range removed {
		l.s.drop(id)
	}
	for len(r.b) > 0 {
		if len(l.block) == 0 {
			l.block = make([]kept, 256)
		}
		k := &l.block[0]
		if r.record(l, k); r.bad {
			break
		}
		l.block = l.block[1:]
		l.s.keep(k)
	}
	return r.failed()
}

// text implements keeper: it stays.
func (l *loader) text(b []byte) string { return l.texts.add(b) }

// parent implements keeper: of the many that are the same it keeps one.
func (l *loader) parent(b []byte) planner.ID {
	if id, ok := l.parents[string(b)]; ok {
		return id
	}
	id := planner.ID(l.texts.add(b))
	l.parents[string(id)] = id
	return id
}

// texts holds many short texts in few pieces of memory.
type texts struct{ b strings.Builder }

const textsBlock = 64 << 10

func (t *texts) add(b []byte) string {
	if t.b.Cap()-t.b.Len() < len(b) {
		t.b = strings.Builder{}
		t.b.Grow(max(textsBlock, len(b)))
	}
	at := t.b.Len()
	t.b.Write(b)
	return t.b.String()[at:]
}

// take brings a commit into memory.
func (s *Store) take(c *Commit) {
	for _, id := range c.Remove {
		s.drop(id)
	}
	for i := range c.Put {
		r := &c.Put[i]
		s.keep(&kept{r.Node, r.Stamp, r.Written, sizeOf(r)})
	}
	if c.State != nil {
		s.state = *c.State
	}
}

func (s *Store) keep(k *kept) {
	if old := s.kept[k.node.ID]; old != nil {
		s.forget(old)
	}
	s.nodes.Put(&k.node)
	s.kept[k.node.ID] = k
	s.live += k.size
	if k.stamp.Identity != (planner.Identity{}) {
		s.byID[k.stamp.Identity] = k
	}
}

func (s *Store) drop(id planner.ID) {
	if k := s.kept[id]; k != nil {
		s.forget(k)
		delete(s.kept, id)
		s.nodes.Remove(id)
	}
}

func (s *Store) forget(k *kept) {
	if s.byID[k.stamp.Identity] == k {
		delete(s.byID, k.stamp.Identity)
	}
	s.live -= k.size
}

// State is what was last committed.
func (s *Store) State() State { return s.state }

// Suspect reports whether the run before did not come to its end.
func (s *Store) Suspect() bool { return s.suspect }

// Synced is the tree of the records. It changes with each Commit; who changes it
// otherwise commits the same later.
func (s *Store) Synced() *planner.Nodes { return s.nodes }

// Node implements planner.Known.
func (s *Store) Node(id planner.ID) *planner.Node { return s.nodes.Node(id) }

// Children implements planner.Known.
func (s *Store) Children(parent planner.ID, fn func(*planner.Node) bool) {
	s.nodes.Children(parent, fn)
}

// Stamp implements planner.Known.
func (s *Store) Stamp(id planner.ID) *planner.Stamp {
	if k := s.kept[id]; k != nil {
		return &k.stamp
	}
	return nil
}

// Written is the number of the write that put a file on the disk, 0 for what was
// found there.
func (s *Store) Written(id planner.ID) uint64 {
	if k := s.kept[id]; k != nil {
		return k.written
	}
	return 0
}

// ByIdentity implements planner.Known.
func (s *Store) ByIdentity(i planner.Identity) (*planner.Node, *planner.Stamp) {
	if k := s.byID[i]; k != nil {
		return &k.node, &k.stamp
	}
	return nil, nil
}

// Commit writes changes durably, and then into the tree. After an error the store
// takes no more.
func (s *Store) Commit(c Commit) error {
	if !s.inUse {
		if err := s.append(frameOpened, nil); err != nil {
			return err
		}
		s.inUse = true
	}
	if err := s.append(frameCommit, encodeCommit(&c)); err != nil {
		return err
	}
	s.take(&c)
	if s.size > 1<<20 && s.size > 2*s.live {
		return s.compact()
	}
	return nil
}

// append writes a frame and syncs it.
func (s *Store) append(kind byte, body []byte) error {
	if s.failed != nil {
		return s.failed
	}
	frame := makeFrame(kind, body, s.size)
	_, err := s.f.WriteAt(frame, s.size)
	if err == nil {
		err = s.f.Sync()
	}
	if err != nil {
		s.failed = fmt.Errorf("write the sync records: %w", err)
		return s.failed
	}
	s.size += int64(len(frame))
	return nil
}

// compactBatch is how many records a frame of a compact file holds.
const compactBatch = 10_000

// compact writes what is live into a new file, which takes the place of the old.
func (s *Store) compact() (err error) {
	if s.failed != nil {
		return s.failed
	}
	next, err := os.OpenFile(s.path+".new", os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return fmt.Errorf("compact the sync records: %w", err)
	}
	defer func() {
		if err != nil {
			err = fmt.Errorf("compact the sync records: %w", errors.Join(err, next.Close(), os.Remove(s.path+".new")))
		}
	}()
	at := int64(len(magic))
	if _, err := next.WriteAt([]byte(magic), 0); err != nil {
		return err
	}
	write := func(kind byte, body []byte) error {
		frame := makeFrame(kind, body, at)
		_, err := next.WriteAt(frame, at)
		at += int64(len(frame))
		return err
	}
	batch := Commit{State: &s.state}
	flush := func() {
		if err == nil {
			err = write(frameCommit, encodeCommit(&batch))
		}
		batch = Commit{}
	}
	add := func(k *kept) {
		batch.Put = append(batch.Put, Record{k.node, k.stamp, k.written})
		if len(batch.Put) == compactBatch {
			flush()
		}
	}
	// The tree may be ahead of what was committed.
	s.nodes.All(func(n *planner.Node) {
		if k := s.kept[n.ID]; k != nil {
			add(k)
		}
	})
	for id, k := range s.kept {
		if s.nodes.Node(id) == nil {
			add(k)
		}
	}
	flush()
	if err == nil {
		err = write(frameOpened, nil)
	}
	if err == nil {
		err = next.Sync()
	}
	if err == nil {
		err = os.Rename(s.path+".new", s.path)
	}
	if err != nil {
		return err
	}
	old := s.f
	s.f, s.size = next, at
	// The old file is whole as well: whichever the directory shows after a power
	// cut, nothing is lost but later commits, which sync the directory first.
	return errors.Join(old.Close(), syncDir(filepath.Dir(s.path)))
}

// Close ends the use of the records. clean says that all that was written to the
// disk is durable.
func (s *Store) Close(clean bool) error {
	var err error
	if clean && s.inUse {
		err = s.append(frameClosed, nil)
	}
	return errors.Join(err, s.f.Close())
}
