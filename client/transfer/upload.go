package transfer

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"sync/atomic"

	"scaidrive/chunkstore/split"
	"scaidrive/httpd/wire"
)

const (
	hashers = 2
	senders = 3
	// rounds is how often files are tried whose chunks the server lost meanwhile.
	rounds = 5
	// proveFrom is the size from which on what the server may have is proven
	// before it is sent again: below, sending costs less than asking once more.
	proveFrom = 16 << 20
)

// An upload is a put under way.
type upload struct {
	api      API
	set      split.Set
	device   string
	progress Progress
	notes    *Notes

	local  *LocalTree
	remote *RemoteTree
	plan   *PutPlan
	dirIDs []string // remote IDs of the local folders; "" of Dirs[0] may be the root

	bytesSent, chunksSent, chunksKnown atomic.Int64
	prefix                             string // begins the references of this run; of the committer
	refs                               int64  // how many it has given

	mu  sync.Mutex
	sum Summary
}

func (u *upload) newJob(t task) *job {
	f := &u.local.Files[t.op.File]
	j := &job{task: t, size: f.Size, mtime: f.Mtime, exec: f.Exec}
	if t.op.Remote >= 0 {
		// A version of one chunk needs no manifest: its hash is the chunk's.
		n := &u.remote.Nodes[t.op.Remote]
		if n.Size > 0 && n.Size <= int64(u.set.Min) {
			j.setBase([]wire.Chunk{{SHA256: n.Sum, Size: uint32(n.Size)}})
		}
	}
	return j
}

// findBase asks for the chunks of the version that a large file replaces, and
// for how much of it an earlier run has sent.
func (u *upload) findBase(ctx context.Context, j *job) error {
	j.provable = u.notes.sent(u.noteKey(j), j.size, j.mtime)
	if j.op.Remote < 0 || j.base != nil {
		return nil
	}
	n := &u.remote.Nodes[j.op.Remote]
	if n.Size == 0 {
		return nil
	}
	m, err := u.api.Manifest(ctx, n.ID, n.Version)
	if err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return nil // without it more is sent, that is all
	}
	if m.Chunking == u.set.Name && m.VersionID == n.VersionID {
		j.setBase(m.Chunks)
	}
	return nil
}

// pipeline runs tasks once and gives those to be tried again.
func (u *upload) pipeline(ctx context.Context, tasks []task) ([]task, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var wg sync.WaitGroup
	stage := func(f func() error) {
		wg.Go(func() {
			if err := f(); err != nil {
				cancel(err)
			}
		})
	}
	// No channel is ever fuller than there are windows, so none blocks its sender.
	free := make(chan *window, windows)
	made := 0
	toHash, toSum := make(chan *window, windows), make(chan *window, windows)
	toSend, toCommit := make(chan *window, windows), make(chan *window, windows)
	batches := make(chan *batch, 1)

	stage(func() error {
		defer func() { close(toHash); close(toSum); close(toCommit) }()
		r := &reader{u: u,
			emit: func(w *window) { toHash <- w; toSum <- w; toCommit <- w },
			take: func() (*window, error) {
				select {
				case w := <-free:
					return w, nil
				default:
				}
				if made < windows {
					made++
					return newWindow(), nil
				}
				select {
				case w := <-free:
					return w, nil
				case <-ctx.Done():
					return nil, context.Cause(ctx)
				}
			}}
		return r.run(ctx, tasks)
	})
	var hashing sync.WaitGroup
	for range hashers {
		hashing.Go(func() {
			for w := range toHash {
				w.hashChunks()
				toSend <- w
			}
		})
	}
	wg.Go(func() { hashing.Wait(); close(toSend) })
	wg.Go(func() {
		for w := range toSum {
			w.sumFiles()
		}
	})
	for range senders {
		stage(func() error {
			for w := range toSend {
				if err := u.sendWindow(ctx, w); err != nil {
					return err
				}
			}
			return nil
		})
	}
	c := &committer{u: u, free: free, batches: batches}
	stage(func() error {
		defer close(batches)
		return c.run(ctx, toCommit)
	})
	a := &applier{u: u}
	stage(func() error { return a.run(ctx, batches) })
	wg.Wait()
	if err := context.Cause(ctx); err != nil {
		return nil, err
	}
	return a.again, nil
}

// sendWindow sends what the server lacks of a window, and proves what it has but
// does not know this user to have.
func (u *upload) sendWindow(ctx context.Context, w *window) error {
	ask, send := u.sortChunks(w)
	if len(ask) > 0 {
		q, err := u.api.Query(ctx, u.remote.Share, keys(ask))
		if err != nil {
			return fmt.Errorf("ask which chunks are missing: %w", err)
		}
		missing := make(map[wire.Hash]struct{}, len(q.Missing))
		for _, h := range q.Missing {
			missing[h] = struct{}{}
		}
		for i := range w.chunks {
			c := &w.chunks[i]
			if _, asked := ask[c.hash]; !asked {
				continue
			}
			if _, ok := missing[c.hash]; !ok {
				continue
			}
			if _, forced := send[c.hash]; forced {
				continue
			}
			if c.job.prove || c.job.force != nil || c.offset+int64(c.size) <= c.job.provable {
				c.prove(w, q.Nonce)
			} else {
				send[c.hash] = struct{}{}
			}
		}
	}
	var list [][]byte
	var bytes int64
	left := make(map[wire.Hash]struct{}, len(send))
	for h := range send {
		left[h] = struct{}{}
	}
	for i := range w.chunks {
		c := &w.chunks[i]
		if _, ok := left[c.hash]; ok {
			delete(left, c.hash)
			list = append(list, c.bytes(w))
			bytes += int64(c.size)
		}
	}
	u.chunksKnown.Add(int64(len(w.chunks) - len(list)))
	if len(list) > 0 {
		if err := u.sendChunks(ctx, list, send); err != nil {
			return err
		}
		u.chunksSent.Add(int64(len(list)))
		u.bytesSent.Add(bytes)
	}
	close(w.sent)
	return nil
}

// sortChunks tells which chunks to ask for, and which to send unasked because
// the server has said that it lacks them.
func (u *upload) sortChunks(w *window) (ask, send map[wire.Hash]struct{}) {
	ask = make(map[wire.Hash]struct{}, len(w.chunks))
	send = make(map[wire.Hash]struct{})
	for i := range w.chunks {
		c := &w.chunks[i]
		if _, ok := c.job.baseAt[c.hash]; ok {
			continue // the server finds it in the base version
		}
		if _, ok := c.job.force[c.hash]; ok {
			send[c.hash] = struct{}{}
			continue
		}
		ask[c.hash] = struct{}{}
	}
	return ask, send
}

func keys(m map[wire.Hash]struct{}) []wire.Hash {
	out := make([]wire.Hash, 0, len(m))
	for h := range m {
		out = append(out, h)
	}
	return out
}

// sendChunks sends chunks and compares what the server received.
func (u *upload) sendChunks(ctx context.Context, list [][]byte, want map[wire.Hash]struct{}) error {
	var err error
	for range 3 {
		var got *wire.ReceivedChunks
		got, err = u.api.SendChunks(ctx, u.remote.Share, list)
		if err != nil {
			return fmt.Errorf("send chunks: %w", err)
		}
		arrived := 0
		for _, c := range got.Chunks {
			if _, ok := want[c.SHA256]; ok {
				arrived++
			}
		}
		if arrived == len(list) {
			return nil
		}
		err = errors.New("send chunks: the server received other bytes than were sent")
	}
	return err
}

// nextRef names a change. The server knows a device's changes by these names for a
// long time, so no other run may give the same ones.
func (u *upload) nextRef() string {
	if u.prefix == "" {
		u.prefix = rand.Text()
	}
	u.refs++
	return u.prefix + "-" + strconv.FormatInt(u.refs, 10)
}
