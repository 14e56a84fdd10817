package worker

import (
	"cmp"
	"context"
	"errors"
	"sync"

	"scaidrive/client/planner"
)

// The bounds of a stretch: of what is put in place and recorded together, whichever
// comes first; and how many more stretches may lie fetched beside it.
const (
	pullOps   = 1000
	pullFirst = 250 // of the first, so that little is waited for at the beginning
	pullBytes = 64 << 20
	pullAhead = 3
)

// pull carries operations out on the disk and tells how many had an effect. Of
// each stretch of them the contents are fetched and made durable first; then it is put
// in place, its names are made durable, and it is recorded. The contents of the next ones
// are fetched meanwhile, and while the names of one are made durable the one behind it is
// put in place.
func (f *Folder) pull(ctx context.Context, ops []planner.Op) (done int, err error) {
	var queue []*arriving
	var sealing *sealing // the stretch before, in place and not recorded
	f.nooks = nooks{}
	settle := func() error {
		s := sealing
		sealing = nil
		return f.settle(s)
	}
	defer func() {
		if serr := settle(); serr != nil {
			err = errors.Join(err, serr)
		}
		for _, a := range queue {
			a.stop()
		}
		for _, a := range queue {
			f.giveUp(a)
		}
		f.nooks.remove(f)
	}()
	most := cmp.Or(f.o.stretch, pullFirst)
	for len(queue) > 0 || len(ops) > 0 {
		for len(ops) > 0 && len(queue) <= pullAhead && allInPlace(queue) {
			var a *arriving
			a, ops = f.arrive(ctx, ops, queue, most)
			queue = append(queue, a)
			most = cmp.Or(f.o.stretch, pullOps)
		}
		cur := queue[0]
		queue = queue[1:]
		err := cur.wait()
		if err == nil && (!cur.durable && len(cur.fetched) > 0 || !cur.inPlace() || sealing != nil && !sealing.inPlace) {
			err = settle() // whose sync may have served this one, too
		}
		if err == nil && !cur.durable && len(cur.fetched) > 0 {
			err = f.disk.Sync()
		}
		x := &executor{f: f, fetched: cur.fetched}
		if err == nil {
			err = x.runAll(ctx, cur.ops)
		}
		f.dropFetched(cur.fetched)
		done += x.done
		if err != nil {
			return done, err
		}
		if sealing, err = f.seal(x, cur, sealing, queue); err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return done, err
		}
	}
	return done, nil
}

// A sealing is a stretch that is in place, and whose names are being made durable.
type sealing struct {
	x          *executor
	unrecorded unrecorded // of it
	inPlace    bool
	served     []*arriving // whose contents become durable with it
	synced     chan struct{}
	err        error // of the sync, when it is done
}

// seal begins to make durable what was put in place, and records the stretch before
// meanwhile. What it gives is to be settled, whether or not that was possible.
func (f *Folder) seal(x *executor, of *arriving, before *sealing, after []*arriving) (*sealing, error) {
	if before != nil {
		<-before.synced
	}
	s := &sealing{x: x, inPlace: of.inPlace(), synced: make(chan struct{})}
	if len(f.unrecorded.put) > 0 {
		for _, a := range after {
			if a.arrived() {
				s.served = append(s.served, a)
			}
		}
		go func() { // ends with the sync
			defer close(s.synced)
			s.err = f.disk.Sync()
		}()
	} else {
		close(s.synced)
	}
	if err := f.settle(before); err != nil {
		return s, err
	}
	s.unrecorded = f.unrecorded.take() // not before: what is recorded meanwhile is not all
	return s, nil
}

// settle waits until a stretch is durable, and records it.
func (f *Folder) settle(s *sealing) error {
	if s == nil {
		return nil
	}
	<-s.synced
	if s.err != nil {
		f.unrecorded.giveBack(s.unrecorded)
		return s.err
	}
	for _, a := range s.served {
		a.durable = true
	}
	s.x.stamps()
	return f.record(s.unrecorded)
}

// An arriving is a stretch of operations whose contents are being fetched.
type arriving struct {
	ops     []planner.Op
	fetched map[planner.ID]*fetch
	stop    context.CancelFunc
	dealt   chan struct{} // all has been begun
	done    chan struct{}
	err     error // of all, when it is done
	durable bool  // what was fetched has been synced
}

// arrive begins to fetch what the next stretch of operations needs, when those before
// have been begun, and gives the operations behind it: most of them at most. The stretch is to
// be carried out or given up.
func (f *Folder) arrive(ctx context.Context, ops []planner.Op, before []*arriving, most int) (*arriving, []planner.Op) {
	n, bytes := 0, int64(0)
	for n < len(ops) && n < most && (bytes < pullBytes || n == 0) {
		if r := f.trees.Remote.Node(ops[n].ID); r != nil && (ops[n].Kind == planner.PullFile || ops[n].Kind == planner.PullUpdate) {
			bytes += r.File.Size
		}
		n++
	}
	a := &arriving{ops: ops[:n], dealt: make(chan struct{}), done: make(chan struct{})}
	ctx, a.stop = context.WithCancel(ctx)
	var todo []*fetch
	a.fetched, todo = f.toFetch(a.ops)
	go func() { // ends when all is fetched or a.stop is called, of this and those before
		defer close(a.done)
		if len(before) > 0 {
			<-before[len(before)-1].dealt
		}
		a.err = f.fetchAll(ctx, todo, sync.OnceFunc(func() { close(a.dealt) }))
	}()
	return a, ops[n:]
}

func (a *arriving) wait() error {
	<-a.done
	a.stop()
	return a.err
}

// arrived reports whether all is fetched.
func (a *arriving) arrived() bool {
	select {
	case <-a.done:
		return true
	default:
		return false
	}
}

// inPlace reports whether all operations leave at its path what is on the disk, so
// that later ones can be prepared already.
func (a *arriving) inPlace() bool {
	for i := range a.ops {
		switch a.ops[i].Kind {
		case planner.PullFolder, planner.PullFile, planner.PullUpdate:
		default:
			return false
		}
	}
	return true
}

func allInPlace(list []*arriving) bool {
	for _, a := range list {
		if !a.inPlace() {
			return false
		}
	}
	return true
}

// giveUp ends fetching what is not to be carried out.
func (f *Folder) giveUp(a *arriving) {
	a.stop()
	<-a.done
	f.dropFetched(a.fetched)
}
