package tree

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"scaidrive/engine"
	"scaidrive/engine/access"
	"scaidrive/engine/meta/schema"
	"scaidrive/engine/names"
	"scaidrive/engine/once"
)

// A Batch makes many changes in one mutation. It keeps the folders and shares
// that it meets, so that each is read, decided about and written once, however
// many files go into it; Flush writes them and must be the last call.
//
// Each change is planned first (all reads and checks) and then written, so that
// a refused change has no effect and the next one can follow. An error while
// writing can't be undone: it stays in Err and the mutation must fail with it.
//
// While a batch is open, nothing else in the mutation may change the same
// folders and shares.
type Batch struct {
	s *Service
	r schema.Reader
	w schema.Writer // nil: only checks are made
	p *engine.Principal

	device  engine.ID // that sends, for the rows of the change log
	made    time.Time // when its maker made a folder that is made, see Made
	now     time.Time
	tenant  *engine.Tenant
	shares  map[engine.ID]*shareState
	folders map[engine.ID]*folderState
	touched []Touched                         // the last ones, see changed
	owned   map[engine.ID]map[engine.ID]int64 // what the shares of users counted, see usedBy
	err     error
}

// An Outcome is what a change made. Beside an error of KindConflict, Located is
// what is there already, if the caller may read it.
type Outcome struct {
	*Located
	Seq    uint64    // of the share's change row, 0 when nothing was written
	Change engine.ID // of that row
}

type shareState struct {
	share *engine.Share
	told  uint64 // up to here its followers know
	dirty bool
}

// placed raises the share's generation of access when a node comes, goes or moves
// whose place decides about others: a folder, or what is an exception itself.
func (sh *shareState) placed(n *engine.Node) {
	if n.Kind == engine.KindFolder || schema.ExceptionOf(n).Any() {
		sh.share.AccessGen++
		sh.dirty = true
	}
}

// folderState is a folder on the way of this batch. node is the only copy that
// is changed; above and below lead to the same copies.
type folderState struct {
	node  *engine.Node
	up    *folderState // nil: the share's root
	share *shareState
	path  string         // "" for the root, else "/a/b"
	below []*engine.Node // the path of what lies in it: from the root to node
	names map[string]*folderState

	rights  engine.Right
	decided bool
	dirty   bool
}

func (f *folderState) level() int { return len(f.below) - 1 }

// Batch begins a batch in the caller's mutation.
func (s *Service) Batch(w schema.Writer, p *engine.Principal) *Batch {
	return s.batch(w, w, p)
}

func (s *Service) batch(r schema.Reader, w schema.Writer, p *engine.Principal) *Batch {
	return &Batch{
		s: s, r: r, w: w, p: p, now: s.env.Now(),
		shares:  map[engine.ID]*shareState{},
		folders: map[engine.ID]*folderState{},
	}
}

// Err is the error after which the mutation can't be kept.
func (b *Batch) Err() error { return b.err }

// Flush writes the folders and shares that changed.
func (b *Batch) Flush() error {
	if b.err != nil {
		return b.err
	}
	for _, f := range b.folders {
		if !f.dirty {
			continue
		}
		if err := schema.PutNode(b.w, b.p.Tenant, f.node); err != nil {
			return b.broken(err)
		}
		f.dirty = false
	}
	for _, sh := range b.shares {
		if !sh.dirty {
			continue
		}
		if err := schema.PutShare(b.w, b.p.Tenant, sh.share); err != nil {
			return b.broken(err)
		}
		sh.dirty = false
		b.wake(sh)
	}
	b.tell()
	return nil
}

// wake has the share's followers told once the mutation is durable.
func (b *Batch) wake(sh *shareState) {
	tx, ok := b.w.(interface{ OnCommit(fn func()) })
	if fn := b.s.onRows; ok && fn != nil && sh.share.Seq > sh.told {
		t, id, from, to := b.p.Tenant, sh.share.ID, sh.told, sh.share.Seq
		tx.OnCommit(func() { fn(t, id, from, to) })
	}
	sh.told = sh.share.Seq
}

// From names the device that the batch comes from, for the rows of the change log.
func (b *Batch) From(device engine.ID) { b.device = device }

// Made says when the maker of the folders that follow made them, by the server's
// clock.
func (b *Batch) Made(at time.Time) { b.made = at }

// Now is the moment of everything in the batch.
func (b *Batch) Now() time.Time { return b.now }

// finish writes what the batch holds, and what came of the request that it was
// for.
func (b *Batch) finish(ctx context.Context, made once.Made) error {
	if err := b.Flush(); err != nil {
		return err
	}
	return once.Keep(ctx, b.w, made)
}

// maxTouched is of how many changes in one commit OnTouch is told, so that what
// puts a thousand files at once does not stand for a thousand things a user did.
const maxTouched = 20

// changed notes what a change row tells of.
func (b *Batch) changed(c *engine.Change) {
	if b.s.OnTouch == nil || c.Kind == engine.ChangeDeleted || c.AccessChanged {
		return
	}
	t := Touched{Node: c.Node, Kind: engine.KindFile}
	if c.Resource == engine.ResourceFolder {
		t.Kind = engine.KindFolder
	}
	if len(b.touched) == 2*maxTouched {
		b.touched = append(b.touched[:0], b.touched[maxTouched:]...)
	}
	b.touched = append(b.touched, t)
}

// tell has OnTouch told once the mutation is committed.
func (b *Batch) tell() {
	tx, ok := b.w.(interface{ OnCommit(func()) })
	if !ok || len(b.touched) == 0 {
		return
	}
	p, list := b.p, b.touched[max(0, len(b.touched)-maxTouched):]
	b.touched = nil
	tx.OnCommit(func() { b.s.OnTouch(p, list) })
}

// Seq is a share's sequence number as this batch has left it.
func (b *Batch) Seq(share engine.ID) (uint64, error) {
	f, err := b.open(share)
	if err != nil {
		return 0, err
	}
	return f.share.share.Seq, nil
}

func (b *Batch) broken(err error) error {
	b.err = err
	return err
}

// settings reads the tenant's settings, once.
func (b *Batch) settings() (*engine.TenantSettings, error) {
	if b.tenant == nil {
		t, err := schema.GetTenant(b.r, b.p.Tenant)
		if errors.Is(err, schema.ErrNotFound) {
			return nil, engine.E(engine.KindDamaged, "the tenant's record is missing")
		}
		if err != nil {
			return nil, err
		}
		b.tenant = t
	}
	return &b.tenant.Settings, nil
}

// open finds a live folder, whatever the caller may do in it: decide comes after.
func (b *Batch) open(id engine.ID) (*folderState, error) {
	if f := b.folders[id]; f != nil {
		return f, nil
	}
	sub, err := access.Resolve(b.r, b.p.Tenant, id)
	if err != nil {
		return nil, err
	}
	if sub.Trashed != nil {
		// Gone for those who may read it, not found for others.
		have, err := access.Rights(b.r, b.p, sub)
		if err == nil {
			_, err = access.Decide(sub, have, engine.RightRead)
		}
		if err != nil {
			return nil, err
		}
	}
	if sub.Trashed != nil || sub.Node.Kind != engine.KindFolder {
		return nil, access.NotFound()
	}
	return b.adopt(sub), nil
}

// adopt keeps what was found on the way up to a folder, but never replaces a
// copy that the batch has already.
func (b *Batch) adopt(sub *access.Subject) *folderState {
	sh := b.shares[sub.Share.ID]
	if sh == nil {
		sh = &shareState{share: sub.Share, told: sub.Share.Seq}
		b.shares[sub.Share.ID] = sh
	}
	var up *folderState
	for _, n := range append(slices.Clone(sub.Path), sub.Node) {
		f := b.folders[n.ID]
		if f == nil {
			f = b.keep(n, up, sh)
		}
		up = f
	}
	return up
}

func (b *Batch) keep(n *engine.Node, up *folderState, sh *shareState) *folderState {
	f := &folderState{node: n, up: up, share: sh}
	if up == nil {
		f.below = []*engine.Node{n}
	} else {
		f.path = up.path + "/" + n.Name
		f.below = append(slices.Clip(up.below), n)
	}
	b.folders[n.ID] = f
	return f
}

// decide answers nil if the caller has the right on the folder.
func (b *Batch) decide(f *folderState, want engine.Right) error {
	sub := &access.Subject{Node: f.node, Share: f.share.share, Path: f.below[:len(f.below)-1]}
	if !f.decided {
		rights, err := access.Rights(b.r, b.p, sub)
		if err != nil {
			return err
		}
		f.rights, f.decided = rights, true
	}
	_, err := access.Decide(sub, f.rights, want)
	return access.Archived(b.p, sub, want, err)
}

// parent opens the folder that something is to be made in. Zero is the share's
// root; a folder of another share is not found.
func (b *Batch) parent(share, parent engine.ID) (*folderState, error) {
	if parent.IsZero() {
		parent = share
	}
	f, err := b.open(parent)
	if err != nil {
		return nil, err
	}
	if !share.IsZero() && f.share.share.ID != share {
		return nil, access.NotFound()
	}
	if err := b.decide(f, engine.RightCreate); err != nil {
		return nil, err
	}
	return f, nil
}

// Folder finds a folder by its path in a share ("/a/b", "" and "/" are the root),
// folders made earlier in this batch included. What the caller may not read is
// not found, exactly as what is not there.
func (b *Batch) Folder(share engine.ID, path string) (engine.ID, error) {
	f, err := b.open(share)
	if err != nil {
		return engine.ID{}, err
	}
	for rest := path; rest != ""; {
		var name string
		if name, rest = cutName(rest); name == "" {
			continue
		}
		if f, err = b.step(f, name); err != nil {
			return engine.ID{}, err
		}
	}
	if err := b.decide(f, engine.RightRead); err != nil {
		return engine.ID{}, err
	}
	return f.node.ID, nil
}

// cutName takes the first name from a path.
func cutName(path string) (name, rest string) {
	for i := range len(path) {
		if path[i] == '/' {
			return path[:i], path[i+1:]
		}
	}
	return path, ""
}

// step goes from a folder into one in it.
func (b *Batch) step(f *folderState, name string) (*folderState, error) {
	if next := f.names[name]; next != nil {
		return next, nil
	}
	stored, err := names.Clean(name, false)
	if err != nil {
		return nil, access.NotFound()
	}
	c, err := schema.GetChild(b.r, b.p.Tenant, f.node.ID, []byte(names.Key(stored)))
	if errors.Is(err, schema.ErrNotFound) || err == nil && c.Kind != engine.KindFolder {
		return nil, access.NotFound()
	}
	if err != nil {
		return nil, err
	}
	next := b.folders[c.Node]
	if next == nil {
		n, err := childNode(b.r, b.p.Tenant, f.node.ID, c)
		if err != nil {
			return nil, err
		}
		next = b.keep(n, f, f.share)
	}
	f.remember(name, next)
	return next, nil
}

func (f *folderState) remember(name string, next *folderState) {
	if f.names == nil {
		f.names = map[string]*folderState{}
	}
	f.names[name] = next
}

// childNode reads the node that a folder's row names. The row promises that it
// is there, of that kind, in that folder and live: anything else is damage.
func childNode(r schema.Reader, t engine.TenantNo, folder engine.ID, c *engine.Child) (*engine.Node, error) {
	n, err := schema.GetNode(r, t, c.Node)
	if err != nil && !errors.Is(err, schema.ErrNotFound) {
		return nil, err
	}
	if err != nil || n.Parent != folder || n.Kind != c.Kind || !n.DeletedAt.IsZero() {
		return nil, &engine.Error{
			Kind: engine.KindDamaged,
			Msg:  fmt.Sprintf("the listing of %s names something that is not as it says", folder.Format(engine.PrefixFolder)),
			Err:  fmt.Errorf("child %s of folder %s: %w", c.Node.Format(""), folder.Format(""), errors.Join(err, errChild)),
		}
	}
	return n, nil
}

var errChild = errors.New("missing, elsewhere, of another kind or deleted")
