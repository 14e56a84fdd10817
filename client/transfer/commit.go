package transfer

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"scaidrive/client"
	"scaidrive/client/upload"
	"scaidrive/httpd/wire"
)

// The bounds of a batch, whichever comes first.
const (
	batchFiles   = client.ApplyLimit
	batchContent = 256 << 20 // bytes of content: so much is at risk of going up again
	batchBody    = 4 << 20   // estimated bytes of the request
)

// A batch is a number of changes to be committed together, with their jobs.
type batch struct {
	changes []wire.Change
	jobs    []*job
	content int64
	body    int
}

// A committer takes the files in order, when they are sent, and gathers them.
type committer struct {
	u       *put
	pipe    *upload.Pipe
	from    *opener
	batches chan<- *batch
	cur     *batch
}

// end takes a file whose chunks are all with the server.
func (c *committer) end(ctx context.Context, j *job) error {
	if j.file.Err != nil {
		c.u.problem(j, reason(j.file.Err))
		return nil
	}
	if j.op.Action != PutTouch && c.u.same(j) {
		// The bytes are those that are there; only what is told of them may differ.
		j.op.Action = PutTouch
		if !c.u.differs(j) {
			c.u.finish(j, &c.u.sum.FilesUnchanged)
			return nil
		}
	}
	if j.op.Action != PutTouch {
		j.file.Open = func() (upload.Source, int64, error) {
			f, info, err := c.from.open(j.op.File)
			if err != nil {
				return nil, 0, err
			}
			return f, info.Size(), nil
		}
		content, err := c.pipe.Content(ctx, j.file)
		if err != nil {
			return err
		}
		if j.content = content; content == nil {
			c.u.problem(j, reason(j.file.Err))
			return nil
		}
	}
	ch := c.u.change(j)
	body := bodyOf(&ch)
	if c.cur.body+body > client.ApplyMaxBytes {
		if err := c.flush(ctx); err != nil {
			return err
		}
	}
	c.cur.changes = append(c.cur.changes, ch)
	c.cur.jobs = append(c.cur.jobs, j)
	c.cur.body += body
	if ch.Content != nil {
		c.cur.content += j.size
	}
	if len(c.cur.jobs) >= batchFiles || c.cur.content >= batchContent || c.cur.body >= batchBody {
		return c.flush(ctx)
	}
	return nil
}

// bodyOf estimates, upwards, the bytes of a change in the request.
func bodyOf(ch *wire.Change) int {
	return 700 + 6*len(ch.Name) + upload.BodyOf(ch.Content) // a byte of a name is at most six in JSON
}

func (c *committer) flush(ctx context.Context) error {
	if len(c.cur.jobs) == 0 {
		return nil
	}
	select {
	case c.batches <- c.cur:
		c.cur = &batch{}
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// same reports whether the server's current version has these bytes.
func (u *put) same(j *job) bool {
	if j.op.Remote < 0 {
		return false
	}
	n := &u.remote.Nodes[j.op.Remote]
	return n.Size == j.size && n.Sum == j.file.Sum
}

// differs reports whether time or executable bit are to be set.
func (u *put) differs(j *job) bool {
	n := &u.remote.Nodes[j.op.Remote]
	return n.Mtime != millis(j.mtime) || (hasExec && n.Exec != j.exec)
}

// change describes a job to the server.
func (u *put) change(j *job) wire.Change {
	f := &u.local.Files[j.op.File]
	at := wire.At(time.Unix(0, j.mtime))
	ch := wire.Change{ClientRef: u.nextRef(), ResourceType: wire.TypeFile,
		ChangeType: wire.ChangeUpdated, ModifiedAt: &at}
	if hasExec {
		ch.Attributes = &wire.ApplyAttrs{Executable: &j.exec}
	}
	if j.op.Action != PutTouch {
		ch.Content = j.content
	}
	if j.op.Remote < 0 {
		ch.ChangeType = wire.ChangeCreated
		ch.ParentID = u.dirIDs[f.Dir]
		ch.Name = f.Name
		return ch
	}
	n := &u.remote.Nodes[j.op.Remote]
	ch.ResourceID, ch.BaseVersion = n.ID, n.VersionID
	return ch
}

// finish counts a file that is as it should be.
func (u *put) finish(j *job, counter *int64) {
	u.mu.Lock()
	*counter++
	u.mu.Unlock()
	u.progressFile(j)
}

func (u *put) progressFile(j *job) {
	n := j.size
	if j.file != nil && j.file.Large() {
		n = 0 // told window by window
	}
	u.progress.Add(1, n)
}

// An applier commits the batches, one after the other.
type applier struct {
	u     *put
	again []task
}

func (a *applier) run(ctx context.Context, in <-chan *batch) error {
	for b := range in {
		if err := a.apply(ctx, b); err != nil {
			return err
		}
	}
	return ctx.Err()
}

func (a *applier) apply(ctx context.Context, b *batch) error {
	now := wire.At(time.Now())
	res, err := a.u.api.Apply(ctx, &wire.Apply{DeviceID: a.u.device, ShareID: a.u.remote.Share,
		ClientNow: &now, Changes: b.changes})
	if err != nil {
		return fmt.Errorf("commit %d files: %w", len(b.jobs), err)
	}
	a.u.mu.Lock()
	a.u.sum.Batches++
	a.u.mu.Unlock()
	answered := make([]bool, len(b.jobs))
	job := func(i int) (*job, error) {
		if i < 0 || i >= len(b.jobs) || answered[i] {
			return nil, fmt.Errorf("commit: the server answered change %d, which it was not asked for", i)
		}
		answered[i] = true
		return b.jobs[i], nil
	}
	for i := range res.Applied {
		j, err := job(res.Applied[i].Index)
		if err != nil {
			return err
		}
		a.done(j)
	}
	for i := range res.Conflicts {
		j, err := job(res.Conflicts[i].Index)
		if err != nil {
			return err
		}
		a.u.problem(j, "was changed on the server meanwhile; yours was kept beside it")
	}
	for i := range res.Errors {
		j, err := job(res.Errors[i].Index)
		if err != nil {
			return err
		}
		a.refused(j, &res.Errors[i])
	}
	for i, ok := range answered {
		if !ok {
			a.u.problem(b.jobs[i], "the server did not answer for it")
		}
	}
	return nil
}

func (a *applier) done(j *job) {
	s := &a.u.sum
	switch {
	case j.op.Action == PutTouch:
		a.u.finish(j, &s.FilesTouched)
	case j.op.Remote < 0:
		a.u.finish(j, &s.FilesNew)
	default:
		a.u.finish(j, &s.FilesUpdated)
	}
	a.u.notes.done(a.u.noteKey(j, j.size))
}

// refused takes a change that had no effect: chunks that the server lacks are
// sent in another round; what is there with the same content was this put's own
// doing, told in an answer that got lost.
func (a *applier) refused(j *job, e *wire.ApplyError) {
	switch {
	case e.MissingManifest:
		a.again = append(a.again, task{op: j.op, prove: true})
	case len(e.MissingChunks) > 0:
		if j.size >= proveFrom && !j.prove && !j.file.Proven() && j.force == nil {
			a.again = append(a.again, task{op: j.op, prove: true})
			return
		}
		t := task{op: j.op, force: make(map[wire.Hash]struct{}, len(e.MissingChunks))}
		for _, h := range e.MissingChunks {
			t.force[h] = struct{}{}
		}
		a.again = append(a.again, t)
	case e.Status == http.StatusConflict && isThere(j, e.Resource):
		a.done(j)
	case e.Status == http.StatusConflict && j.op.Remote < 0:
		a.u.problem(j, "something else of that name was made on the server meanwhile; run it again to replace it")
	case e.Status == http.StatusConflict:
		a.u.problem(j, "was changed on the server meanwhile; run it again to replace it")
	default:
		a.u.problem(j, (&client.StatusError{Status: e.Status, Problem: wire.Problem{Detail: e.Detail}}).Error())
	}
}

// isThere reports whether the resource is what the job was to make of it.
func isThere(j *job, e *wire.Entry) bool {
	return e != nil && e.ResourceType == wire.TypeFile && j.op.Action != PutTouch &&
		e.Size != nil && *e.Size == j.size && e.ChecksumSHA256 != nil && *e.ChecksumSHA256 == j.file.Sum
}

func (u *put) problem(j *job, why string) {
	u.mu.Lock()
	u.sum.Problems = append(u.sum.Problems, Problem{Path: u.local.Path(j.op.File), Kind: Failed, Reason: why})
	u.mu.Unlock()
	u.progressFile(j)
}
