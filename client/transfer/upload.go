package transfer

import (
	"context"
	"crypto/rand"
	"strconv"
	"sync"

	"scaidrive/chunkstore/split"
	"scaidrive/client/upload"
)

const (
	// rounds is how often files are tried whose chunks the server lost meanwhile.
	rounds = 5
	// proveFrom is the size from which on what the server may have is proven
	// before it is sent again: below, sending costs less than asking once more.
	proveFrom = 16 << 20
)

// A put is one under way.
type put struct {
	api      API
	set      split.Set
	device   string
	progress Progress
	notes    *Notes

	local  *LocalTree
	remote *RemoteTree
	plan   *PutPlan
	dirIDs []string // remote IDs of the local folders; "" of Dirs[0] may be the root

	prefix string // begins the references of this run; of the committer
	refs   int64  // how many it has given

	mu  sync.Mutex
	sum Summary
}

// pipeline runs tasks once and gives those to be tried again.
func (u *put) pipeline(ctx context.Context, tasks []task) ([]task, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	from := &opener{u: u, src: -1}
	second := &opener{u: u, src: -1} // for lists, which are sent meanwhile
	jobs := make(map[*upload.File]*job)
	var mu sync.Mutex // of jobs
	files := func(yield func(*upload.File) bool) {
		for _, t := range tasks {
			j := u.newJob(t)
			j.file = u.outgoing(j, from)
			mu.Lock()
			jobs[j.file] = j
			mu.Unlock()
			if !yield(j.file) {
				return
			}
		}
	}
	jobOf := func(f *upload.File) *job {
		mu.Lock()
		defer mu.Unlock()
		return jobs[f]
	}
	pipe := &upload.Pipe{API: u.api, Share: u.remote.Share, Set: u.set}
	pipe.Moved = func(f *upload.File, n, upTo int64, last bool) {
		u.progress.Add(0, n)
		if j := jobOf(f); !last {
			at := j.reading.Load()
			u.notes.note(u.noteKey(j, at.size), at.size, at.mtime, upTo)
		}
	}
	batches := make(chan *batch, 1)
	c := &committer{u: u, pipe: pipe, from: second, batches: batches, cur: &batch{}}
	a := &applier{u: u}
	var wg sync.WaitGroup
	wg.Go(func() {
		if err := a.run(ctx, batches); err != nil {
			cancel(err)
		}
	})
	err := pipe.Run(ctx, files, func(ctx context.Context, f *upload.File) error {
		j := jobOf(f)
		mu.Lock()
		delete(jobs, f)
		mu.Unlock()
		return c.end(ctx, j)
	})
	if err == nil {
		err = c.flush(ctx)
	}
	if err != nil {
		cancel(err)
	}
	close(batches)
	wg.Wait()
	from.close()
	second.close()
	u.sum.BytesSent += pipe.BytesSent.Load()
	u.sum.ChunksSent += pipe.ChunksSent.Load()
	u.sum.ChunksKnown += pipe.ChunksKnown.Load()
	if err := context.Cause(ctx); err != nil {
		return nil, err
	}
	return a.again, nil
}

// nextRef names a change. The server knows a device's changes by these names for a
// long time, so no other run may give the same ones.
func (u *put) nextRef() string {
	if u.prefix == "" {
		u.prefix = rand.Text()
	}
	u.refs++
	return u.prefix + "-" + strconv.FormatInt(u.refs, 10)
}
