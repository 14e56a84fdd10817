// Package disktest is a file system in memory, for tests of what works on
// client/disk: it can fold letters' case, keep names decomposed, refuse names and
// long paths, keep coarse times or no executable bit, tell nothing lasting of which
// file is which, fail from an operation on, and lose at a power cut what was not
// synced. Windows, Mac and Stick are what real ones are like.
//
// It is not meant to be fast, and has no rights.
package disktest

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"golang.org/x/text/unicode/norm"

	"scaidrive/client"
	"scaidrive/client/disk"
	"scaidrive/client/planner"
)

// ErrCrash is what every operation answers after the one at which it crashes.
var ErrCrash = errors.New("the process has ended")

// ErrLocked is what a locked file answers.
var ErrLocked = errors.New("the file is in use by another program")

// ErrTooLong is what a path answers that the file system can't hold.
var ErrTooLong = errors.New("the path is too long")

// A Mem is a file system in memory. Safe for concurrent use.
type Mem struct {
	// Fold takes names for the same whatever the case of their letters; Decompose
	// keeps names in normal form D; NoExec keeps no executable bit.
	Fold, Decompose, NoExec bool
	// NoCTime: when an inode changed is not told. Tick is the unit of the times of
	// files; 0: nanoseconds.
	NoCTime bool
	Tick    time.Duration
	// NoIdentity: nothing tells which file is which but its name. Reuse: numbers of
	// what is gone are given out again, and no time of birth tells the difference.
	NoIdentity, Reuse bool
	// MaxPath is the longest path in bytes; 0: any.
	MaxPath int
	// Refuse tells why a name can't be held, "" if it can.
	Refuse func(name string) string
	// Closed are folders that can't be listed, Locked files that can't be replaced
	// or moved, by path.
	Closed, Locked map[string]bool
	// Unseen are names in a listing that can't be looked at, by path.
	Unseen map[string]bool
	// Full is how many bytes the contents of files may have together; 0: any.
	Full int64
	// Before is called before each operation that changes something.
	Before func(op, path string)

	mu     sync.Mutex
	root   *node
	now    int64
	made   uint64
	crash  int // operations left until it crashes; negative: never
	synced *node
	volume uint64
	free   []uint64 // numbers of what is gone
}

type node struct {
	id           uint64
	birth        int64
	name         string
	folder       bool
	other        string
	exec         bool
	data         []byte
	mtime, ctime int64
	children     map[string]*node
}

// New makes an empty file system.
func New() *Mem {
	m := &Mem{now: 1_700_000_000e9, crash: -1, volume: 7, Closed: map[string]bool{}, Locked: map[string]bool{}, Unseen: map[string]bool{}}
	m.root = m.node("", true)
	return m
}

// Windows makes an empty file system that is like those of Windows.
func Windows() *Mem {
	m := New()
	m.Fold, m.NoExec, m.Tick, m.Refuse = true, true, 100, disk.WindowsRefusal
	return m
}

// Mac makes an empty file system that is like those of macOS.
func Mac() *Mem {
	m := New()
	m.Fold, m.Decompose = true, true
	return m
}

// Stick makes an empty file system that is like those of memory sticks: times of two
// seconds and nothing that tells of other changes, no identity that lasts.
func Stick() *Mem {
	m := Windows()
	m.NoCTime, m.Tick, m.Reuse = true, 2*time.Second, true
	return m
}

// Remount has the file system tell other identities than before, as some do when they
// are plugged in again.
func (m *Mem) Remount() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.volume++
	m.free = nil
	var walk func(n *node)
	walk = func(n *node) {
		m.made++
		n.id = m.made
		for _, name := range slices.Sorted(maps.Keys(n.children)) {
			walk(n.children[name])
		}
	}
	walk(m.root)
}

// Now is the file system's clock.
func (m *Mem) Now() time.Time {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.now += 1000
	return time.Unix(0, m.now)
}

// Pass lets time pass.
func (m *Mem) Pass(d time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.now += int64(d)
}

// CrashAt lets so many more operations through; negative: all.
func (m *Mem) CrashAt(n int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.crash = n
}

// PowerCut brings the file system back to its last Sync.
func (m *Mem) PowerCut() {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.synced != nil {
		m.root, m.free = m.synced.clone(), nil
	}
}

func (n *node) clone() *node {
	c := *n
	c.data = slices.Clone(n.data)
	if n.children != nil {
		c.children = make(map[string]*node, len(n.children))
		for k, v := range n.children {
			c.children[k] = v.clone()
		}
	}
	return &c
}

func (m *Mem) node(name string, folder bool) *node {
	m.made++
	id := m.made
	if k := len(m.free); m.Reuse && k > 0 {
		id, m.free = m.free[k-1], m.free[:k-1]
	}
	n := &node{id: id, birth: m.now, name: name, folder: folder, mtime: m.now, ctime: m.now}
	if folder {
		n.children = map[string]*node{}
	}
	return n
}

// gone gives the numbers of what was removed back.
func (m *Mem) gone(n *node) {
	m.free = append(m.free, n.id)
	for _, name := range slices.Sorted(maps.Keys(n.children)) {
		m.gone(n.children[name])
	}
}

func (m *Mem) key(name string) string {
	if m.Fold {
		return client.NameKey(name)
	}
	if m.Decompose {
		return norm.NFD.String(name)
	}
	return name
}

func (m *Mem) stored(name string) string {
	if m.Decompose {
		return norm.NFD.String(name)
	}
	return name
}

// step counts an operation. The lock is held.
func (m *Mem) step(op, path string) error {
	if m.crash == 0 {
		return ErrCrash
	}
	if m.crash > 0 {
		m.crash--
	}
	if m.Before != nil {
		before := m.Before
		m.mu.Unlock()
		before(op, path)
		m.mu.Lock()
	}
	m.now += 1000
	return nil
}

func (m *Mem) alive() error {
	if m.crash == 0 {
		return ErrCrash
	}
	return nil
}

func pathErr(op, p string, err error) error { return &fs.PathError{Op: op, Path: p, Err: err} }

func (m *Mem) dir(p string) (*node, error) {
	at := m.root
	if p == "" {
		return at, nil
	}
	for name := range strings.SplitSeq(p, "/") {
		if name == "" || name == "." || name == ".." {
			return nil, pathErr("open", p, fs.ErrInvalid)
		}
		next := at.children[m.key(name)]
		if next == nil {
			return nil, pathErr("open", p, fs.ErrNotExist)
		}
		if !next.folder {
			return nil, pathErr("open", p, errors.New("it is not a folder"))
		}
		at = next
	}
	return at, nil
}

func (m *Mem) find(p string) (up, n *node, name string, err error) {
	i := strings.LastIndexByte(p, '/')
	name = p[i+1:]
	if name == "" || name == "." || name == ".." {
		return nil, nil, "", pathErr("open", p, fs.ErrInvalid)
	}
	if up, err = m.dir(p[:max(i, 0)]); err != nil {
		return nil, nil, "", err
	}
	if m.Refuse != nil && m.Refuse(name) != "" {
		return up, nil, name, pathErr("open", p, errors.New(m.Refuse(name)))
	}
	if m.MaxPath > 0 && len(p) > m.MaxPath {
		return up, nil, name, pathErr("open", p, ErrTooLong)
	}
	return up, up.children[m.key(name)], name, nil
}

func (m *Mem) there(p string) (up, n *node, err error) {
	up, n, _, err = m.find(p)
	if err == nil && n == nil {
		err = pathErr("open", p, fs.ErrNotExist)
	}
	return up, n, err
}

func (m *Mem) entry(n *node) disk.Entry {
	e := disk.Entry{Name: n.name, Kind: disk.File, Stamp: planner.Stamp{Identity: planner.Identity{Volume: m.volume, Number: n.id, Birth: n.birth}}}
	if m.Reuse {
		e.Stamp.Identity.Birth = 0
	}
	if m.NoIdentity {
		e.Stamp.Identity = planner.Identity{}
	}
	switch {
	case n.folder:
		e.Kind = disk.Folder
	case n.other != "":
		e.Kind, e.Why = disk.Other, n.other
	default:
		e.Stamp.Size, e.Stamp.MTime, e.Stamp.CTime, e.Stamp.Exec = int64(len(n.data)), m.tick(n.mtime), m.tick(n.ctime), n.exec && !m.NoExec
		if m.NoCTime {
			e.Stamp.CTime = 0
		}
	}
	return e
}

// tick is a time as the file system keeps it.
func (m *Mem) tick(at int64) int64 {
	if m.Tick <= 1 {
		return at
	}
	over := at % int64(m.Tick)
	if over < 0 {
		over += int64(m.Tick)
	}
	return at - over
}

// List implements disk.FS.
func (m *Mem) List(p string) ([]disk.Entry, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.alive(); err != nil {
		return nil, err
	}
	if m.Closed[p] {
		return nil, pathErr("open", p, fs.ErrPermission)
	}
	d, err := m.dir(p)
	if err != nil {
		return nil, err
	}
	out := []disk.Entry{}
	for _, n := range d.children {
		if m.Unseen[disk.Join(p, n.name)] {
			out = append(out, disk.Entry{Name: n.name, Kind: disk.Unseen, Why: fs.ErrPermission.Error()})
			continue
		}
		out = append(out, m.entry(n))
	}
	slices.SortFunc(out, func(a, b disk.Entry) int { return strings.Compare(a.Name, b.Name) })
	return out, nil
}

// Look implements disk.FS.
func (m *Mem) Look(p string) (disk.Entry, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.alive(); err != nil {
		return disk.Entry{}, err
	}
	_, n, err := m.there(p)
	if err != nil {
		return disk.Entry{}, err
	}
	return m.entry(n), nil
}

type reader struct {
	*bytes.Reader
	m *Mem
	n *node
}

func (r *reader) Close() error { return nil }

// Look implements disk.Reader.
func (r *reader) Look() (disk.Entry, error) {
	r.m.mu.Lock()
	defer r.m.mu.Unlock()
	return r.m.entry(r.n), nil
}

// Open implements disk.FS.
func (m *Mem) Open(p string) (disk.Reader, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.alive(); err != nil {
		return nil, err
	}
	_, n, err := m.there(p)
	if err != nil {
		return nil, err
	}
	if n.folder || n.other != "" {
		return nil, pathErr("open", p, disk.ErrNoFile)
	}
	return &reader{bytes.NewReader(slices.Clone(n.data)), m, n}, nil
}

type writer struct {
	m *Mem
	n *node
}

func (w *writer) Write(b []byte) (int, error) {
	w.m.mu.Lock()
	defer w.m.mu.Unlock()
	if err := w.m.step("write", w.n.name); err != nil {
		return 0, err
	}
	if w.m.Full > 0 && w.m.root.bytes()+int64(len(b)) > w.m.Full {
		return 0, syscall.ENOSPC
	}
	w.n.data = append(w.n.data, b...)
	w.n.mtime, w.n.ctime = w.m.now, w.m.now
	return len(b), nil
}

func (w *writer) ReadAt(b []byte, off int64) (int, error) {
	w.m.mu.Lock()
	defer w.m.mu.Unlock()
	return bytes.NewReader(w.n.data).ReadAt(b, off)
}

func (w *writer) Close() error { return nil }

var _ io.ReaderAt = (*writer)(nil)

// Create implements disk.FS.
func (m *Mem) Create(p string, exec bool) (disk.Writer, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.step("create", p); err != nil {
		return nil, err
	}
	up, n, name, err := m.find(p)
	if err != nil {
		return nil, err
	}
	if n != nil {
		return nil, pathErr("create", p, fs.ErrExist)
	}
	n = m.node(m.stored(name), false)
	n.exec = exec
	up.children[m.key(name)] = n
	return &writer{m, n}, nil
}

// WriteWhole implements disk.FS, in the steps in which a crash may find it.
func (m *Mem) WriteWhole(p string, content []byte, exec bool, mtime int64) error {
	w, err := m.Create(p, exec)
	if err != nil {
		return err
	}
	if _, err := w.Write(content); err != nil {
		return err
	}
	return m.SetTime(p, mtime)
}

// Mkdir implements disk.FS.
func (m *Mem) Mkdir(p string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.step("mkdir", p); err != nil {
		return err
	}
	up, n, name, err := m.find(p)
	if err != nil {
		return err
	}
	if n != nil {
		return pathErr("mkdir", p, fs.ErrExist)
	}
	up.children[m.key(name)] = m.node(m.stored(name), true)
	return nil
}

// Place implements disk.FS.
func (m *Mem) Place(from, to string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.step("place", to); err != nil {
		return err
	}
	if m.Locked[from] {
		return pathErr("rename", from, ErrLocked)
	}
	if strings.HasPrefix(to, from+"/") {
		return disk.ErrChanged
	}
	a, n, err := m.there(from)
	if err != nil {
		return err
	}
	b, o, name, err := m.find(to)
	if err != nil {
		return err
	}
	if o != nil && o != n {
		return disk.ErrChanged
	}
	delete(a.children, m.key(n.name))
	n.name = m.stored(name)
	n.ctime = m.now
	b.children[m.key(name)] = n
	return nil
}

// Replace implements disk.FS.
func (m *Mem) Replace(from, to string, want planner.Stamp) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.step("replace", to); err != nil {
		return err
	}
	if m.Locked[to] {
		return pathErr("rename", to, ErrLocked)
	}
	a, n, err := m.there(from)
	if err != nil {
		return err
	}
	b, o, err := m.there(to)
	if errors.Is(err, fs.ErrNotExist) {
		return disk.ErrChanged
	}
	if err != nil {
		return err
	}
	if e := m.entry(o); e.Kind != disk.File || e.Stamp != want {
		return disk.ErrChanged
	}
	delete(a.children, m.key(n.name))
	m.gone(o)
	n.name = o.name
	n.ctime = m.now
	b.children[m.key(n.name)] = n
	return nil
}

// Remove implements disk.FS.
func (m *Mem) Remove(p string, want *planner.Stamp) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.step("remove", p); err != nil {
		return err
	}
	if m.Locked[p] {
		return pathErr("remove", p, ErrLocked)
	}
	up, n, err := m.there(p)
	if err != nil {
		return err
	}
	if n.folder || want != nil && m.entry(n).Stamp != *want {
		return disk.ErrChanged
	}
	delete(up.children, m.key(n.name))
	m.gone(n)
	return nil
}

// Rmdir implements disk.FS.
func (m *Mem) Rmdir(p string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.step("rmdir", p); err != nil {
		return err
	}
	up, n, err := m.there(p)
	if err != nil {
		return err
	}
	if !n.folder {
		return disk.ErrChanged
	}
	if len(n.children) > 0 {
		return pathErr("rmdir", p, errors.New("the folder is not empty"))
	}
	delete(up.children, m.key(n.name))
	m.gone(n)
	return nil
}

// SetTime implements disk.FS.
func (m *Mem) SetTime(p string, mtime int64) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.step("time", p); err != nil {
		return err
	}
	_, n, err := m.there(p)
	if err == nil {
		n.mtime, n.ctime = m.tick(mtime), m.now
	}
	return err
}

// SetExec implements disk.FS.
func (m *Mem) SetExec(p string, exec bool) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.step("exec", p); err != nil || m.NoExec {
		return err
	}
	_, n, err := m.there(p)
	if err == nil {
		n.exec, n.ctime = exec, m.now
	}
	return err
}

// Sync implements disk.FS.
func (m *Mem) Sync() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.step("sync", ""); err != nil {
		return err
	}
	m.synced = m.root.clone()
	return nil
}

// Room implements disk.FS.
func (m *Mem) Room() (int64, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.Full == 0 {
		return 1 << 60, nil
	}
	return m.Full - m.root.bytes(), nil
}

// SetFull changes how many bytes there is room for.
func (m *Mem) SetFull(bytes int64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.Full = bytes
}

func (n *node) bytes() (sum int64) {
	sum = int64(len(n.data))
	for _, c := range n.children {
		sum += c.bytes()
	}
	return sum
}

// Traits implements disk.FS.
func (m *Mem) Traits() disk.Traits {
	return disk.Traits{Exec: !m.NoExec, Refuses: func(name string) string {
		if m.Refuse != nil {
			return m.Refuse(name)
		}
		return ""
	}}
}

// Forget implements disk.FS.
func (m *Mem) Forget() {}

// Close implements disk.FS.
func (m *Mem) Close() error { return nil }

// What a person or another program does.

// Write makes or changes a file in place.
func (m *Mem) Write(p, content string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.now += int64(50 * time.Millisecond)
	up, n, name, err := m.find(p)
	if err != nil {
		return err
	}
	if n == nil {
		n = m.node(m.stored(name), false)
		up.children[m.key(name)] = n
	}
	if n.folder || n.other != "" {
		return fs.ErrExist
	}
	n.data, n.mtime, n.ctime = []byte(content), m.now, m.now
	m.now += int64(50 * time.Millisecond)
	return nil
}

// Link makes something that is no file: "link", "device".
func (m *Mem) Link(p, what string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	up, _, name, err := m.find(p)
	if err != nil {
		return err
	}
	n := m.node(m.stored(name), false)
	n.other = what
	up.children[m.key(name)] = n
	return nil
}

// Drop removes a file, or a folder with all that is in it.
func (m *Mem) Drop(p string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.now += int64(50 * time.Millisecond)
	up, n, err := m.there(p)
	if err != nil {
		return err
	}
	delete(up.children, m.key(n.name))
	m.gone(n)
	return nil
}

// Rename moves a file or folder; what has the name is replaced.
func (m *Mem) Rename(from, to string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.now += int64(50 * time.Millisecond)
	a, n, err := m.there(from)
	if err != nil {
		return err
	}
	b, o, name, err := m.find(to)
	if err != nil {
		return err
	}
	if o != nil && o != n {
		m.gone(o)
	}
	delete(a.children, m.key(n.name))
	n.name, n.ctime = m.stored(name), m.now
	b.children[m.key(name)] = n
	return nil
}

// Touch sets a file's time to now.
func (m *Mem) Touch(p string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.now += int64(50 * time.Millisecond)
	_, n, err := m.there(p)
	if err == nil {
		n.mtime, n.ctime = m.now, m.now
	}
	return err
}

// Chmod turns a file's executable bit.
func (m *Mem) Chmod(p string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.now += int64(50 * time.Millisecond)
	_, n, err := m.there(p)
	if err == nil {
		n.exec, n.ctime = !n.exec, m.now
	}
	return err
}

// Alive reports whether it has not crashed.
func (m *Mem) Alive() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.crash != 0
}

// Folder makes a folder.
func (m *Mem) Folder(p string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.now += int64(50 * time.Millisecond)
	up, n, name, err := m.find(p)
	if err != nil || n != nil {
		return errors.Join(err, map[bool]error{true: fs.ErrExist}[n != nil])
	}
	up.children[m.key(name)] = m.node(m.stored(name), true)
	return nil
}

// Tree is all that lies there: paths in normal form C with contents, folders with
// "/". skip is a folder at the root that is left out.
func (m *Mem) Tree(skip string) map[string]string {
	m.mu.Lock()
	defer m.mu.Unlock()
	out := map[string]string{}
	var walk func(at string, n *node)
	walk = func(at string, n *node) {
		for _, c := range n.children {
			p := disk.Join(at, norm.NFC.String(c.name))
			switch {
			case p == skip:
			case c.folder:
				out[p] = "/"
				walk(p, c)
			case c.other != "":
				out[p] = "(" + c.other + ")"
			default:
				out[p] = string(c.data)
				if c.exec && !m.NoExec {
					out[p] += " x"
				}
			}
		}
	}
	walk("", m.root)
	return out
}
