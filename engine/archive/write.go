package archive

import (
	"context"
	"errors"
	"io"
	"sync"

	"scaidrive/engine"
	"scaidrive/engine/transfer"
)

// Small files are read ahead, so that the next are there when one has gone out.
const (
	readers   = 2
	aheadJobs = 64
	// aheadBytes is how much is read ahead, in units of a token. A file takes at
	// least one, and all of them when it is longer than that.
	aheadBytes = 512 << 10
	token      = 16 << 10

	// How many archives are written at a time, of one user and in all: each takes
	// up to some 3 MiB.
	userFlows = 16
	maxFlows  = 64
)

// flows counts the archives that are being written.
type flows struct {
	mu  sync.Mutex
	all int
	of  map[engine.ID]int
}

// begin counts one, until end.
func (f *flows) begin(user engine.ID) (end func(), err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	switch {
	case f.of[user] >= userFlows:
		return nil, engine.E(engine.KindRateLimited, "%d archives of yours are on their way; wait for one of them", userFlows)
	case f.all >= maxFlows:
		return nil, engine.E(engine.KindUnavailable, "Too many archives are on their way")
	}
	if f.of == nil {
		f.of = map[engine.ID]int{}
	}
	f.all++
	f.of[user]++
	return func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.all--
		if f.of[user]--; f.of[user] == 0 {
			delete(f.of, user)
		}
	}, nil
}

// A job is an entry on its way through the readers.
type job struct {
	entry
	done   chan struct{} // closed when it was read; nil: it is not read ahead
	tokens int

	gone   bool // it is not there any more
	bytes  []byte
	opened *transfer.Opened // of a file that is too long to be read ahead
	err    error
}

// WriteTo writes the archive and returns when nothing works for it any more. It
// is called once. Before the first byte it is KindRateLimited or KindUnavailable
// if too many archives are being written.
func (a *Archive) WriteTo(ctx context.Context, w io.Writer) error {
	end, err := a.s.flows.begin(a.p.User)
	if err != nil {
		return err
	}
	defer end()
	ctx, cancel := context.WithCancel(ctx)
	var wg sync.WaitGroup
	defer wg.Wait()
	defer cancel()

	pipe := &pipeline{a: a, jobs: make(chan *job, aheadJobs), work: make(chan *job, aheadJobs), tokens: make(chan struct{}, aheadBytes/token)}
	for range cap(pipe.tokens) {
		pipe.tokens <- struct{}{}
	}
	wg.Go(func() { pipe.list(ctx) })
	for range readers {
		wg.Go(func() { pipe.read(ctx) })
	}
	z := newZipWriter(w)
	for j := range pipe.jobs {
		if err := pipe.write(ctx, z, j); err != nil {
			return err
		}
		for range j.tokens {
			pipe.tokens <- struct{}{}
		}
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	return z.finish()
}

// A pipeline has one goroutine that lists, readers that read small files, and the
// writer, which takes the jobs in order.
type pipeline struct {
	a      *Archive
	jobs   chan *job
	work   chan *job
	tokens chan struct{}
}

// list sends the jobs. Its own error is that of a job, the last one.
func (p *pipeline) list(ctx context.Context) {
	defer close(p.jobs)
	defer close(p.work)
	for {
		e, err := p.next(ctx)
		if errors.Is(err, io.EOF) {
			return
		}
		j := &job{entry: e, err: err}
		if err == nil && !e.dir && e.size <= smallFile {
			j.done = make(chan struct{})
			want := min(int(e.size/token)+1, cap(p.tokens))
			for ; j.tokens < want; j.tokens++ {
				select {
				case <-p.tokens:
				case <-ctx.Done():
					return
				}
			}
			p.work <- j // never more than jobs holds, which is as long
		}
		select {
		case p.jobs <- j:
		case <-ctx.Done():
			return
		}
		if err != nil {
			return
		}
	}
}

func (p *pipeline) next(ctx context.Context) (entry, error) {
	a := p.a
	if len(a.plan) > 0 {
		e := a.plan[0]
		a.plan = a.plan[1:]
		return e, nil
	}
	if a.pinned {
		return entry{}, io.EOF
	}
	a.plan = nil
	return a.src.next(ctx)
}

func (p *pipeline) read(ctx context.Context) {
	for j := range p.work {
		if ctx.Err() == nil {
			p.a.open(ctx, j)
		} else {
			j.err = ctx.Err()
		}
		close(j.done)
	}
}

// open opens a job's file and reads it if it is small.
func (a *Archive) open(ctx context.Context, j *job) {
	var o *transfer.Opened
	var err error
	if a.pinned {
		o, err = a.s.transfer.OpenListed(ctx, a.p, j.node, j.version)
	} else {
		o, err = a.s.transfer.Open(ctx, a.p, j.node, 0)
	}
	k := engine.KindOf(err)
	switch {
	case err != nil && (k == engine.KindNotFound || k == engine.KindGone):
		j.gone = true
		if a.pinned {
			j.err = &engine.Error{Kind: engine.KindConflict, Msg: "A file was removed under this archive; try again", Err: err}
		}
		return
	case err != nil:
		j.err = err
		return
	case !a.pinned:
		n := o.Located.Node
		j.size, j.modified, j.executable = o.Version.Content.Size, n.ModifiedAt, n.Executable
	case o.Version.Content.Size != j.size:
		j.err = &engine.Error{Kind: engine.KindDamaged, Msg: "Stored data is damaged", Err: errors.New("a file's record and its version tell different sizes")}
		return
	}
	if j.size > smallFile {
		j.opened = o
		return
	}
	b := buffer{b: make([]byte, 0, j.size)}
	j.err = o.WriteRange(ctx, &b, 0, j.size)
	j.bytes = b.b
}

// buffer takes bytes.
type buffer struct{ b []byte }

func (b *buffer) Write(p []byte) (int, error) {
	b.b = append(b.b, p...)
	return len(p), nil
}

// write writes a job's entry.
func (p *pipeline) write(ctx context.Context, z *zipWriter, j *job) error {
	switch {
	case j.done != nil:
		<-j.done // until then the job is a reader's
	case j.err != nil:
		return j.err
	case j.dir:
		return z.folder(j.record())
	default:
		p.a.open(ctx, j)
	}
	switch {
	case j.err != nil:
		return j.err
	case j.gone:
		return nil
	case j.opened == nil:
		return z.whole(j.record(), j.bytes)
	}
	return z.stream(j.record(), func(w io.Writer) error {
		return j.opened.WriteRange(ctx, w, 0, j.size)
	})
}
