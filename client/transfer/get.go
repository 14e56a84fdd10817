package transfer

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"scaidrive/client"
	"scaidrive/httpd/wire"
)

// GetOptions say what to get and where to.
type GetOptions struct {
	Share string
	// Item is what is fetched, placed under its own name; nil: the contents of
	// the share's root.
	Item *wire.Item

	Dir      string // a local folder that exists
	Progress Progress
	Token    func() string // gives the part of temporary names that nobody else has
}

const (
	fetchers = 16
	// bigFile is fetched in a stream that can be taken up again.
	bigFile      = client.MaxSmall
	bigAtOnce    = 3
	streamBuffer = 512 << 10
)

// A download is a get under way.
type download struct {
	api      API
	o        GetOptions
	root     *os.Root
	remote   *RemoteTree
	progress Progress
	dirs     *dirCache
	big      chan struct{} // holds a token for each big file under way
	single   atomic.Bool   // the server gives one file at a time
	buffers  sync.Pool

	strays   []stray
	received atomic.Int64
	mu       sync.Mutex
	sum      Summary
}

// Get brings a file or folder into a local folder. The summary is given beside
// an error too.
func Get(ctx context.Context, api API, o GetOptions) (*Summary, error) {
	d := &download{api: api, o: o, progress: o.Progress, big: make(chan struct{}, bigAtOnce)}
	if d.progress == nil {
		d.progress = noProgress{}
	}
	d.buffers.New = func() any { return new([]byte) }
	d.sum.Problems = []Problem{}
	root, err := os.OpenRoot(o.Dir)
	if err != nil {
		return &d.sum, err
	}
	defer root.Close()
	d.root = root
	if err := d.list(ctx); err != nil {
		return &d.sum, err
	}
	d.dirs = newDirCache(d.root, d.rel)
	defer d.dirs.close()
	err = d.run(ctx)
	d.sum.BytesReceived = d.received.Load()
	return &d.sum, err
}

// list makes the tree whose Nodes[0] is the target folder.
func (d *download) list(ctx context.Context) error {
	it := d.o.Item
	if it == nil {
		t, err := List(ctx, d.api, d.o.Share, "")
		d.remote = t
		return err
	}
	d.remote = NewRemoteTree(d.o.Share, "")
	e := itemEntry(it)
	e.ParentID = nil
	if err := d.remote.Add(e); err != nil || it.Type == wire.TypeFile {
		return err
	}
	return d.remote.listBelow(ctx, d.api, it.ID)
}

// rel is a node's path below the target.
func (d *download) rel(i int32) string {
	var rel string
	for ; i > 0; i = d.remote.Nodes[i].Parent {
		rel = filepath.Join(d.remote.Nodes[i].Name, rel)
	}
	if rel == "" {
		return "."
	}
	return rel
}

// shown is a node's path for messages; its name may be anything.
func (d *download) shown(i int32) string { return d.o.Dir + d.remote.Path(i) }

func (d *download) run(ctx context.Context) error {
	plan := PlanGet(d.remote, d.shown, d.look)
	d.sum.Problems = append(d.sum.Problems, d.remote.Problems...)
	d.sum.Problems = append(d.sum.Problems, plan.Problems...)
	d.sum.FilesUnchanged = plan.Unchanged
	var files, total int64
	for i := range d.remote.Nodes {
		if n := &d.remote.Nodes[i]; !n.Folder {
			files++
			total += n.Size
		}
	}
	d.sum.BytesTotal = total
	d.progress.Total(files, total)
	d.progress.Add(plan.Unchanged, plan.UnchangedBytes)
	d.removeStrays(plan)
	for _, i := range plan.Folders {
		if err := ctx.Err(); err != nil {
			return err
		}
		d.mkdir(i)
	}
	if err := d.fetchAll(ctx, plan.Ops); err != nil {
		return err
	}
	d.folderTimes(plan.Folders)
	return nil
}

// folderTimes gives the folders that were made their times, now that nothing
// more is put into them. That it fails is no reason to fail.
func (d *download) folderTimes(made []int32) {
	for _, i := range made {
		n := &d.remote.Nodes[i]
		if n.Mtime <= 0 {
			continue
		}
		if h, err := d.dirs.get(n.Parent); err == nil {
			_ = h.root.Chtimes(n.Name, time.Time{}, mtimeOf(n))
			h.put()
		}
	}
}

func (d *download) mkdir(i int32) {
	h, err := d.dirs.get(d.remote.Nodes[i].Parent)
	if err == nil {
		defer h.put()
		err = h.root.Mkdir(d.remote.Nodes[i].Name, 0o777)
		if errors.Is(err, fs.ErrExist) {
			err = nil // somebody else made it; if it is a file, what is put into it fails
		}
	}
	if err != nil {
		d.problem(i, err)
		return
	}
	d.sum.FoldersNew++
}

// look lists a local folder, and takes away what an interrupted run left in it.
func (d *download) look(i int32) (map[string]LocalEntry, error) {
	h, err := d.dirs.get(i)
	if err != nil {
		return nil, err
	}
	defer h.put()
	entries, err := readDir(h.root)
	if err != nil {
		return nil, err
	}
	out := make(map[string]LocalEntry, len(entries))
	for _, e := range entries {
		if isPart(e.Name()) {
			d.strays = append(d.strays, stray{i, e.Name()})
			continue
		}
		info, err := e.Info()
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		le := LocalEntry{Dir: info.IsDir(), Regular: info.Mode().IsRegular(), Size: info.Size(),
			Mtime: info.ModTime().UnixNano(), Perm: uint32(info.Mode().Perm())}
		if !le.Dir && !le.Regular {
			le.What = kindOf(info.Mode())
		}
		out[e.Name()] = le
	}
	return out, nil
}

// fetchAll works on the files, several at a time: batches of small ones, and
// beside them the others.
func (d *download) fetchAll(ctx context.Context, ops []GetOp) error {
	batches, rest := d.batches(ops)
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var wg sync.WaitGroup
	inTurn(ctx, &wg, batchesAtOnce, batches, cancel, d.batch)
	inTurn(ctx, &wg, fetchers, rest, cancel, d.file)
	wg.Wait()
	return context.Cause(ctx)
}

// inTurn has so many goroutines, which wg waits for, work on a list.
func inTurn[T any](ctx context.Context, wg *sync.WaitGroup, workers int, list []T, fail func(error), work func(context.Context, T) error) {
	next := new(atomic.Int64)
	for range min(workers, len(list)) {
		wg.Go(func() {
			for ctx.Err() == nil {
				i := next.Add(1) - 1
				if i >= int64(len(list)) {
					return
				}
				if err := work(ctx, list[i]); err != nil {
					fail(err)
				}
			}
		})
	}
}

// file works on one file. An error ends the whole get: the server cannot be
// reached, or the disk is full. All else is a problem of that file.
func (d *download) file(ctx context.Context, op GetOp) error {
	n := &d.remote.Nodes[op.Node]
	h, err := d.dirs.get(n.Parent)
	if err != nil {
		d.problem(op.Node, err)
		return nil
	}
	defer h.put()
	counter := d.counter(op)
	if op.Action != GetFetch {
		same := op.Action == GetTouch
		if !same {
			same, err = d.sameContent(ctx, h.root, n)
		}
		if err == nil && same {
			counter = &d.sum.FilesTouched
			err = touch(h.root, n, op.Perm)
			d.progress.Add(0, n.Size)
		} else if err == nil {
			err = d.fetch(ctx, h, n, op)
		}
	} else {
		err = d.fetch(ctx, h, n, op)
	}
	return d.settle(ctx, op, counter, err)
}

// counter is where a file is counted that was fetched.
func (d *download) counter(op GetOp) *int64 {
	if op.Perm != 0 {
		return &d.sum.FilesUpdated
	}
	return &d.sum.FilesNew
}

// settle notes what became of a file; an error ends the whole get.
func (d *download) settle(ctx context.Context, op GetOp, counter *int64, err error) error {
	d.progress.Add(1, 0)
	switch {
	case err == nil:
		d.mu.Lock()
		*counter++
		d.mu.Unlock()
		return nil
	case ctx.Err() != nil:
		return ctx.Err()
	case endsAll(err):
		return fmt.Errorf("%s: %w", d.shown(op.Node), err)
	}
	d.problem(op.Node, err)
	return nil
}

func (d *download) problem(i int32, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.sum.Problems = append(d.sum.Problems, Problem{Path: d.shown(i), Kind: Failed, Reason: reason(err)})
}

func mtimeOf(n *RemoteNode) time.Time { return time.UnixMilli(n.Mtime) }

// touch sets time and executable bit of a file that has the right content.
func touch(dir *os.Root, n *RemoteNode, perm uint32) error {
	if hasExec && (perm&0o100 != 0) != n.Exec {
		if err := dir.Chmod(n.Name, fs.FileMode(permFor(perm, n.Exec))); err != nil {
			return err
		}
	}
	return dir.Chtimes(n.Name, time.Time{}, mtimeOf(n))
}

// sameContent hashes the local file.
func (d *download) sameContent(ctx context.Context, dir *os.Root, n *RemoteNode) (bool, error) {
	f, err := dir.Open(n.Name)
	if err != nil {
		return false, err
	}
	defer f.Close()
	if info, err := f.Stat(); err != nil || !info.Mode().IsRegular() {
		return false, errors.Join(err, errors.New("is not a regular file any more"))
	}
	s := newStreamSum()
	defer s.stop()
	if _, err := io.Copy(s, &contextReader{ctx, f}); err != nil {
		return false, err
	}
	return s.sum() == n.Sum, nil
}

type contextReader struct {
	ctx context.Context
	r   io.Reader
}

func (c *contextReader) Read(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.r.Read(p)
}
