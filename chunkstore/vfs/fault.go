package vfs

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"sync"
	"syscall"
	"time"
)

// ErrIO is what Fault injects unless a rule names another error.
var ErrIO error = syscall.EIO

// A Rule makes Fault fail calls. The zero value fails the first call of any
// kind on any file.
type Rule struct {
	Ops  OpKind // the kinds of calls it is about; 0 is OpAny
	Name string // a pattern of path.Match for the name, or its last element; "" is any
	N    int    // which matching call fails, from 1; 0 is 1
	From bool   // and every matching one after it

	Err error // ErrIO if nil
	// Done makes the call have its effect before it tells the error.
	Done bool
	// Short, of a write: half of the bytes (rounded down) are written first.
	Short bool
	// Flip, of a read: no error; instead one bit of what was read is flipped,
	// that with the number FlipBit, modulo the number of bits read.
	Flip    bool
	FlipBit int
}

// Fault passes calls on to another file system, fails those that its rules
// choose, counts calls by file, and can delay syncs. A failed sync loses the
// unsynced bytes where the file system below can (Mem).
type Fault struct {
	inner FS

	mu     sync.Mutex
	rules  []*ruleState
	counts map[countKey]int
	delay  time.Duration
}

type ruleState struct {
	Rule
	seen, fired int
}

type countKey struct {
	name string
	op   OpKind
}

// NewFault wraps inner; without rules it only counts.
func NewFault(inner FS) *Fault {
	return &Fault{inner: inner, counts: make(map[countKey]int)}
}

// Inject adds a rule. The function returned tells how often it has fired.
func (f *Fault) Inject(r Rule) (fired func() int) {
	if r.Ops == 0 {
		r.Ops = OpAny
	}
	r.N = max(r.N, 1)
	if r.Err == nil {
		r.Err = ErrIO
	}
	s := &ruleState{Rule: r}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.rules = append(f.rules, s)
	return func() int {
		f.mu.Lock()
		defer f.mu.Unlock()
		return s.fired
	}
}

// Clear takes all rules away; counts and delay stay.
func (f *Fault) Clear() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.rules = nil
}

// SetSyncDelay makes each Sync and SyncDir take that much longer.
func (f *Fault) SetSyncDelay(d time.Duration) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.delay = d
}

// A Count is how often a file or directory saw a kind of call.
type Count struct {
	Name string
	Op   OpKind
	N    int
}

// Counts lists all calls so far by name and kind, sorted. A file is counted
// under the name by which it was opened.
func (f *Fault) Counts() []Count {
	f.mu.Lock()
	defer f.mu.Unlock()
	out := make([]Count, 0, len(f.counts))
	for k, n := range f.counts {
		out = append(out, Count{k.name, k.op, n})
	}
	slices.SortFunc(out, func(a, b Count) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Op, b.Op))
	})
	return out
}

// Count is how often calls of these kinds came for names that fit the pattern
// (as in Rule), failed ones included.
func (f *Fault) Count(ops OpKind, pattern string) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	n := 0
	for k, c := range f.counts {
		if k.op&ops != 0 && matches(pattern, k.name) {
			n += c
		}
	}
	return n
}

// ResetCounts begins counting from zero.
func (f *Fault) ResetCounts() {
	f.mu.Lock()
	defer f.mu.Unlock()
	clear(f.counts)
}

func matches(pattern, name string) bool {
	if pattern == "" {
		return true
	}
	if ok, _ := path.Match(pattern, name); ok {
		return true
	}
	ok, _ := path.Match(pattern, baseOf(name))
	return ok
}

// next counts a call and gives the rule that fails it, or nil. other is the
// second name of a rename.
func (f *Fault) next(op OpKind, name, other string) *Rule {
	f.mu.Lock()
	f.counts[countKey{name, op}]++
	var hit *Rule
	for _, r := range f.rules {
		if r.Ops&op == 0 || r.Flip && op != OpRead || r.Short && op != OpWrite {
			continue
		}
		if !matches(r.Name, name) && (other == "" || !matches(r.Name, other)) {
			continue
		}
		r.seen++
		if hit == nil && (r.seen == r.N || r.From && r.seen > r.N) {
			r.fired++
			hit = &r.Rule
		}
	}
	delay := f.delay
	f.mu.Unlock()
	if delay > 0 && op&(OpSync|OpSyncDir) != 0 {
		time.Sleep(delay)
	}
	return hit
}

func (r *Rule) fail(op OpKind, name string) error {
	return fmt.Errorf("injected: %s %s: %w", op, name, r.Err)
}

// call runs one call without a result under the rules.
func (f *Fault) call(op OpKind, name, other string, do func() error) error {
	r := f.next(op, name, other)
	if r == nil {
		return do()
	}
	if r.Done {
		_ = do() // whatever it says, the caller is told the injected error
	}
	return r.fail(op, name)
}

func (f *Fault) open(op OpKind, name string, do func(string) (File, error)) (File, error) {
	r := f.next(op, name, "")
	if r != nil && !r.Done {
		return nil, r.fail(op, name)
	}
	in, err := do(name)
	if r != nil {
		if err == nil {
			in.Close()
		}
		return nil, r.fail(op, name)
	}
	if err != nil {
		return nil, err
	}
	return &faultFile{f: f, in: in, name: name}, nil
}

// Create implements FS.
func (f *Fault) Create(name string) (File, error) { return f.open(OpCreate, name, f.inner.Create) }

// Open implements FS.
func (f *Fault) Open(name string) (File, error) { return f.open(OpOpen, name, f.inner.Open) }

// OpenRW implements FS.
func (f *Fault) OpenRW(name string) (File, error) { return f.open(OpOpen, name, f.inner.OpenRW) }

// Rename implements FS.
func (f *Fault) Rename(oldname, newname string) error {
	return f.call(OpRename, oldname, newname, func() error { return f.inner.Rename(oldname, newname) })
}

// Remove implements FS.
func (f *Fault) Remove(name string) error {
	return f.call(OpRemove, name, "", func() error { return f.inner.Remove(name) })
}

// MkdirAll implements FS.
func (f *Fault) MkdirAll(name string) error {
	return f.call(OpMkdir, name, "", func() error { return f.inner.MkdirAll(name) })
}

// ReadDir implements FS.
func (f *Fault) ReadDir(name string) (list []Entry, err error) {
	err = f.call(OpReadDir, name, "", func() (err error) { list, err = f.inner.ReadDir(name); return err })
	if err != nil {
		return nil, err
	}
	return list, nil
}

// Stat implements FS.
func (f *Fault) Stat(name string) (e Entry, err error) {
	err = f.call(OpStat, name, "", func() (err error) { e, err = f.inner.Stat(name); return err })
	if err != nil {
		return Entry{}, err
	}
	return e, nil
}

// SyncDir implements FS.
func (f *Fault) SyncDir(name string) error {
	return f.call(OpSyncDir, name, "", func() error { return f.inner.SyncDir(name) })
}

// faultFile is a handle under the rules.
type faultFile struct {
	f    *Fault
	in   File
	name string
}

func (f *faultFile) ReadAt(p []byte, off int64) (int, error) {
	r := f.f.next(OpRead, f.name, "")
	if r != nil && !r.Flip {
		return 0, r.fail(OpRead, f.name)
	}
	n, err := f.in.ReadAt(p, off)
	if r != nil && n > 0 {
		bit := uint(r.FlipBit) % uint(n*8)
		p[bit/8] ^= 1 << (bit % 8)
	}
	return n, err
}

func (f *faultFile) WriteAt(p []byte, off int64) (int, error) {
	r := f.f.next(OpWrite, f.name, "")
	if r == nil {
		return f.in.WriteAt(p, off)
	}
	n := 0
	switch {
	case r.Done:
		n = len(p)
	case r.Short:
		n = len(p) / 2
	}
	if n > 0 {
		var err error
		if n, err = f.in.WriteAt(p[:n], off); err != nil {
			return n, err
		}
	}
	return n, r.fail(OpWrite, f.name)
}

func (f *faultFile) Truncate(size int64) error {
	return f.f.call(OpTruncate, f.name, "", func() error { return f.in.Truncate(size) })
}

func (f *faultFile) Allocate(off, length int64) error {
	return f.f.call(OpAllocate, f.name, "", func() error { return f.in.Allocate(off, length) })
}

func (f *faultFile) Sync() error {
	r := f.f.next(OpSync, f.name, "")
	if r == nil {
		return f.in.Sync()
	}
	if r.Done {
		_ = f.in.Sync()
	} else if l, ok := f.in.(interface{ LoseUnsynced() }); ok {
		l.LoseUnsynced()
	}
	return r.fail(OpSync, f.name)
}

func (f *faultFile) Size() (n int64, err error) {
	err = f.f.call(OpStat, f.name, "", func() (err error) { n, err = f.in.Size(); return err })
	return n, err
}

func (f *faultFile) Close() error { return f.in.Close() }
