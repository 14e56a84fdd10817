package vfs

import (
	"errors"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"sync"
)

// Mem is a file system in memory that knows what of it is durable: for each
// file the bytes as of its last sync, for each directory the names as of its
// last SyncDir. A rename between two directories is durable after SyncDir of
// both. Crash, CrashDurable and Kill make clones as a restart would find them.
//
// OnOp, when set before first use, is called before each call of a kind in
// OpMutating, without a lock held, so that it may make a clone: the state at
// that moment is the state before the call. It is never called concurrently
// with itself, must not change this file system, and reads the counter from op.N.
type Mem struct {
	OnOp func(op Op)

	hook sync.Mutex // serialises OnOp and its counter
	ops  int

	mu       sync.RWMutex
	root     *node
	pending  []nameOp // changes of names that are not durable, in order
	capacity int64    // 0: none
	used     int64
}

// NewMem makes an empty file system without a limit on its size.
func NewMem() *Mem { return &Mem{root: newDir()} }

// A node is a file or a directory.
type node struct {
	// Of a directory: its names, and those that are durable.
	names, durable map[string]*node

	// Of a file.
	data      []byte
	allocated int64 // bytes reserved from the start of the file
	syncedLen int64
	// dirty holds, for each sector written since the last sync, its durable
	// bytes (as long as the sector was then; nil beyond the durable end).
	dirty map[int64][]byte
	// lost holds the same for sectors whose write-back failed: their bytes can
	// be read, and never become durable unless written again.
	lost    map[int64][]byte
	handles int
	links   int
}

var (
	errNotEmpty = errors.New("directory not empty")
	errNotDir   = errors.New("not a directory")
)

func newDir() *node {
	return &node{names: make(map[string]*node), durable: make(map[string]*node)}
}

func (n *node) isDir() bool { return n.names != nil }

// cost is what the file takes from the capacity.
func (n *node) cost() int64 { return max(int64(len(n.data)), n.allocated) }

// A nameOp is a change of names that is not durable yet.
type nameOp struct {
	node *node
	// The name that is set, and the one that is taken away; a dir is nil when
	// there is none. A rename has both.
	set, cut             nameAt
	setSynced, cutSynced bool
}

type nameAt struct {
	dir  *node
	name string
}

// Used is the number of bytes taken by files, and by the space reserved for them.
func (m *Mem) Used() int64 {
	m.mu.RLock()
	defer m.mu.RUnlock()
	return m.used
}

// SetCapacity limits the volume to a number of bytes; 0 lifts the limit. Below
// what is in use it only refuses to grow.
func (m *Mem) SetCapacity(bytes int64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.capacity = bytes
}

// Ops is the number of mutating calls so far.
func (m *Mem) Ops() int {
	m.hook.Lock()
	defer m.hook.Unlock()
	return m.ops
}

func (m *Mem) before(op Op) {
	m.hook.Lock()
	defer m.hook.Unlock()
	m.ops++
	if m.OnOp != nil {
		op.N = m.ops
		m.OnOp(op)
	}
}

// find walks to a name. Called with mu held.
func (m *Mem) find(op, name string) (*node, error) {
	if err := checkName(op, name); err != nil {
		return nil, err
	}
	n := m.root
	if name == "." {
		return n, nil
	}
	for part := range strings.SplitSeq(name, "/") {
		next := n.names[part]
		if next == nil {
			return nil, &fs.PathError{Op: op, Path: name, Err: fs.ErrNotExist}
		}
		n = next
	}
	return n, nil
}

// findParent walks to the directory of a name. Called with mu held.
func (m *Mem) findParent(op, name string) (nameAt, error) {
	if err := checkName(op, name); err != nil {
		return nameAt{}, err
	}
	if name == "." {
		return nameAt{}, &fs.PathError{Op: op, Path: name, Err: fs.ErrInvalid}
	}
	d, err := m.find(op, dirOf(name))
	if err == nil && !d.isDir() {
		err = &fs.PathError{Op: op, Path: name, Err: fs.ErrNotExist}
	}
	return nameAt{d, baseOf(name)}, err
}

// Create implements FS.
func (m *Mem) Create(name string) (File, error) {
	m.before(Op{Kind: OpCreate, Name: name})
	m.mu.Lock()
	defer m.mu.Unlock()
	at, err := m.findParent("create", name)
	if err != nil {
		return nil, err
	}
	if at.dir.names[at.name] != nil {
		return nil, &fs.PathError{Op: "create", Path: name, Err: fs.ErrExist}
	}
	n := &node{links: 1}
	at.dir.names[at.name] = n
	m.pending = append(m.pending, nameOp{node: n, set: at})
	return m.handle(n, name, true), nil
}

// Open implements FS.
func (m *Mem) Open(name string) (File, error) { return m.open(name, false) }

// OpenRW implements FS.
func (m *Mem) OpenRW(name string) (File, error) { return m.open(name, true) }

func (m *Mem) open(name string, writable bool) (File, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	n, err := m.find("open", name)
	if err != nil {
		return nil, err
	}
	if n.isDir() {
		return nil, &fs.PathError{Op: "open", Path: name, Err: errIsDir}
	}
	return m.handle(n, name, writable), nil
}

// Rename implements FS.
func (m *Mem) Rename(oldname, newname string) error {
	m.before(Op{Kind: OpRename, Name: oldname, To: newname})
	m.mu.Lock()
	defer m.mu.Unlock()
	from, err := m.findParent("rename", oldname)
	if err != nil {
		return err
	}
	to, err := m.findParent("rename", newname)
	if err != nil {
		return err
	}
	n := from.dir.names[from.name]
	if n == nil {
		return &fs.PathError{Op: "rename", Path: oldname, Err: fs.ErrNotExist}
	}
	old := to.dir.names[to.name]
	if old == n {
		return nil
	}
	if strings.HasPrefix(newname, oldname+"/") {
		return &fs.PathError{Op: "rename", Path: newname, Err: fs.ErrInvalid}
	}
	if old != nil && (old.isDir() || n.isDir()) {
		return &fs.PathError{Op: "rename", Path: newname, Err: fs.ErrExist}
	}
	delete(from.dir.names, from.name)
	to.dir.names[to.name] = n
	m.pending = append(m.pending, nameOp{node: n, set: to, cut: from})
	if old != nil {
		m.unlink(old)
	}
	return nil
}

// Remove implements FS.
func (m *Mem) Remove(name string) error {
	m.before(Op{Kind: OpRemove, Name: name})
	m.mu.Lock()
	defer m.mu.Unlock()
	at, err := m.findParent("remove", name)
	if err != nil {
		return err
	}
	n := at.dir.names[at.name]
	if n == nil {
		return &fs.PathError{Op: "remove", Path: name, Err: fs.ErrNotExist}
	}
	if len(n.names) > 0 {
		return &fs.PathError{Op: "remove", Path: name, Err: errNotEmpty}
	}
	delete(at.dir.names, at.name)
	m.pending = append(m.pending, nameOp{node: n, cut: at})
	m.unlink(n)
	return nil
}

// unlink takes a name from a file and gives its space back with the last one.
func (m *Mem) unlink(n *node) {
	if n.isDir() {
		return
	}
	n.links--
	m.release(n)
}

func (m *Mem) release(n *node) {
	if n.links == 0 && n.handles == 0 {
		m.used -= n.cost()
	}
}

// MkdirAll implements FS.
func (m *Mem) MkdirAll(name string) error {
	m.before(Op{Kind: OpMkdir, Name: name})
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := checkName("mkdir", name); err != nil {
		return err
	}
	if name == "." {
		return nil
	}
	d := m.root
	for part := range strings.SplitSeq(name, "/") {
		next := d.names[part]
		if next == nil {
			next = newDir()
			d.names[part] = next
			m.pending = append(m.pending, nameOp{node: next, set: nameAt{d, part}})
		}
		if !next.isDir() {
			return &fs.PathError{Op: "mkdir", Path: name, Err: fs.ErrExist}
		}
		if d.durable[part] != next {
			m.syncDir(d)
		}
		d = next
	}
	return nil
}

// ReadDir implements FS.
func (m *Mem) ReadDir(name string) ([]Entry, error) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	d, err := m.findDir("readdir", name)
	if err != nil {
		return nil, err
	}
	out := make([]Entry, 0, len(d.names))
	for _, base := range slices.Sorted(maps.Keys(d.names)) {
		out = append(out, d.names[base].entry(base))
	}
	return out, nil
}

// Stat implements FS.
func (m *Mem) Stat(name string) (Entry, error) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	n, err := m.find("stat", name)
	if err != nil {
		return Entry{}, err
	}
	return n.entry(baseOf(name)), nil
}

func (n *node) entry(name string) Entry {
	return Entry{Name: name, Dir: n.isDir(), Size: int64(len(n.data))}
}

func (m *Mem) findDir(op, name string) (*node, error) {
	d, err := m.find(op, name)
	if err == nil && !d.isDir() {
		err = &fs.PathError{Op: op, Path: name, Err: errNotDir}
	}
	return d, err
}

// SyncDir implements FS.
func (m *Mem) SyncDir(name string) error {
	m.before(Op{Kind: OpSyncDir, Name: name})
	m.mu.Lock()
	defer m.mu.Unlock()
	d, err := m.findDir("syncdir", name)
	if err != nil {
		return err
	}
	m.syncDir(d)
	return nil
}

// syncDir makes the names of a directory durable. A rename between two
// directories waits for the other one.
func (m *Mem) syncDir(d *node) {
	for i := range m.pending {
		op := &m.pending[i]
		op.setSynced = op.setSynced || op.set.dir == d
		op.cutSynced = op.cutSynced || op.cut.dir == d
	}
	m.settle(func(op *nameOp) bool {
		return (op.set.dir == nil || op.setSynced) && (op.cut.dir == nil || op.cutSynced)
	})
}

// settle applies the pending changes for which keep holds, and every earlier
// one of a name that they touch: without those the names would say something
// that never was. The others stay pending.
func (m *Mem) settle(keep func(op *nameOp) bool) {
	kept := make([]bool, len(m.pending))
	forced := make(map[nameAt]bool)
	for i := len(m.pending) - 1; i >= 0; i-- {
		op := &m.pending[i]
		if keep(op) || forced[op.set] || forced[op.cut] {
			kept[i] = true
			for _, at := range [2]nameAt{op.set, op.cut} {
				if at.dir != nil {
					forced[at] = true
				}
			}
		}
	}
	rest := m.pending[:0]
	for i, op := range m.pending {
		if !kept[i] {
			rest = append(rest, op)
			continue
		}
		if op.cut.dir != nil && op.cut.dir.durable[op.cut.name] == op.node {
			delete(op.cut.dir.durable, op.cut.name)
		}
		if op.set.dir != nil {
			op.set.dir.durable[op.set.name] = op.node
		}
	}
	clear(m.pending[len(rest):])
	m.pending = rest
}
