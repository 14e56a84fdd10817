package worker

import (
	"context"
	"errors"
	"net/http"
	"path/filepath"
	"strconv"

	"scaidrive/client"
	"scaidrive/client/planner"
	"scaidrive/httpd/wire"
)

// away is a batch that has gone to the server.
type away struct {
	batch *batch
	files []*outgoing
	made  map[planner.ID]int // folders that it makes
	body  []byte             // of the request
	res   *wire.ApplyResult
	err   error
	done  chan struct{}
}

// makes reports whether the batch makes a folder.
func (a *away) makes(id planner.ID) bool {
	if a == nil {
		return false
	}
	_, ok := a.made[id]
	return ok
}

// later is a change whose folder's ID comes with the answer to the batch before.
type later struct {
	at int
	op planner.Op
}

// send sends the batch, and what the server lacks of its contents first.
func (p *pusher) send(ctx context.Context) error {
	if err := p.ship(ctx); err != nil {
		return err
	}
	return p.settle(ctx)
}

// ship sends the batch off. Its contents go while the batch before is with the
// server; the batch itself goes when that is answered, before the answer is looked
// into, unless it needs to know it.
func (p *pusher) ship(ctx context.Context) error {
	if len(p.batch.Pushed) == 0 {
		return nil
	}
	defer p.begin()
	err := p.f.sendContents(ctx, p.files, nil)
	if client.StatusOf(err) == http.StatusForbidden {
		p.f.mayBringNothing(p.batch, p.files, err)
	} else if err != nil {
		return err
	}
	if before := p.away; before != nil && len(p.later) == 0 {
		next, err := p.ready()
		if err != nil {
			return err
		}
		if <-before.done; before.whole() && next != nil {
			p.start(ctx, next)
			if err := p.take(ctx, before.batch, before.files, before.res, nil); err != nil {
				return err
			}
			return p.f.flush()
		}
	}
	if err := p.taken(ctx); err != nil {
		return err
	}
	for i := range p.later {
		l := &p.later[i]
		if ch, pu := &p.batch.Request.Changes[l.at], &p.batch.Pushed[l.at]; !p.place(ch, pu, &l.op) {
			p.lost[l.op.ID] = true
			pu.Kind = 0 // it is left out
		}
	}
	if next, err := p.ready(); err != nil {
		return err
	} else if next != nil {
		p.start(ctx, next)
	}
	return p.f.flush()
}

// mayBringNothing takes it that no content may be brought into the share, anywhere: what
// was to be sent is refused, and all else goes on.
func (f *Folder) mayBringNothing(b *batch, files []*outgoing, err error) {
	for i, o := range files {
		if o == nil {
			continue
		}
		o.err = err
		f.refuse(b.Pushed[i].Local, planner.RefusedEver, err.Error())
		f.event("refused", shown(f.trees.Local, b.Pushed[i].Local), err.Error(), 0)
	}
}

// ready makes the batch ready to go, as far as its contents are with the server; nil:
// nothing of it is.
func (p *pusher) ready() (*away, error) {
	f := p.f
	b, files := p.withoutFailed(p.batch, p.files)
	if len(b.Pushed) == 0 {
		return nil, nil
	}
	now := wire.At(f.o.Now())
	b.Request.DeviceID, b.Request.ShareID, b.Request.ConflictResolution = f.o.Device, f.o.Share, f.o.Strategy
	b.Request.RoundID, b.Request.ClientNow = p.round, &now
	cursor := f.pos.Cursor
	b.Request.BaseCursor, b.Request.Epoch = &cursor, f.pos.Epoch
	a := &away{batch: b, files: files, made: p.makes, done: make(chan struct{})}
	var err error
	a.body, err = f.preparePending(b)
	return a, err
}

// start has a batch on its way to the server.
func (p *pusher) start(ctx context.Context, a *away) {
	f := p.f
	p.away = a
	if a.err = f.keepPending(a.batch); a.err != nil {
		close(a.done)
		return
	}
	go func() { // push does not return before settle
		defer close(a.done)
		a.res, a.err = f.api.ApplyBody(ctx, a.body, len(a.batch.Pushed))
		a.body = nil
	}()
}

// whole reports whether all of a batch that is answered was done as it was asked.
func (a *away) whole() bool {
	return a.err == nil && len(a.res.Conflicts) == 0 && len(a.res.Errors) == 0 && len(a.res.Applied) == len(a.batch.Pushed)
}

// settle waits for the answer to the batch that is away, and has it recorded.
func (p *pusher) settle(ctx context.Context) error {
	if p.away == nil {
		return nil
	}
	err := p.taken(ctx)
	return errors.Join(err, p.f.flush())
}

// taken takes the answer to the batch that is away into the trees, and sends what
// of it has to go once more.
func (p *pusher) taken(ctx context.Context) error {
	f, a := p.f, p.away
	if a == nil {
		return nil
	}
	p.away = nil
	<-a.done
	res, err := f.exchanged(a.res, a.err)
	return p.take(ctx, a.batch, a.files, res, err)
}

// take takes an answer.
func (p *pusher) take(ctx context.Context, b *batch, files []*outgoing, res *wire.ApplyResult, err error) error {
	f := p.f
	for try := 0; ; try++ {
		if err != nil {
			return err
		}
		own := f.ownRows(b, res)
		again, n, err := f.answered(b, res, p.made, p.lost)
		p.done += n
		if err != nil {
			return err
		}
		if own {
			f.passOver(res)
		}
		if len(again) == 0 || try == maxMissing {
			return nil // the next round tries again
		}
		if b, files, err = f.withMissing(ctx, b, files, again); err != nil {
			return err
		}
		if len(b.Pushed) == 0 {
			return nil
		}
		if err := f.flush(); err != nil {
			return err
		}
		if res, err = f.exchange(ctx, b); err != nil {
			return err
		}
	}
}

// maxMissing is how often a batch is sent again because the server lacks chunks.
const maxMissing = 4

// withoutFailed takes out what could not be read, and fills in the contents.
func (p *pusher) withoutFailed(b *batch, files []*outgoing) (*batch, []*outgoing) {
	out := &batch{Request: b.Request}
	out.Request.Changes = nil
	var kept []*outgoing
	index := make([]int, len(b.Pushed))
	for i := range b.Pushed {
		if o := files[i]; o != nil && o.err != nil {
			p.f.unsent(o)
			index[i] = -1
			continue
		}
		if b.Pushed[i].Kind == 0 {
			index[i] = -1
			continue
		}
		index[i] = len(out.Pushed)
		ch, pu := b.Request.Changes[i], b.Pushed[i]
		if files[i] != nil {
			ch.Content = files[i].content
		}
		if pu.Parent >= 0 {
			pu.Parent = index[pu.Parent]
		}
		out.Request.Changes = append(out.Request.Changes, ch)
		out.Pushed = append(out.Pushed, pu)
		kept = append(kept, files[i])
	}
	return out, kept
}

// unsent takes a file that is not what the scan found any more.
func (f *Folder) unsent(o *outgoing) {
	f.touch(dirOf(o.path))
	f.event("waiting", o.path, plain(o.err), 0)
}

func dirOf(path string) string {
	d := filepath.ToSlash(filepath.Dir(path))
	if d == "." {
		return ""
	}
	return d
}

// withMissing makes a batch of what is to be sent once more, after sending the
// chunks that the server has asked for.
func (f *Folder) withMissing(ctx context.Context, b *batch, files []*outgoing, again map[int][]wire.Hash) (*batch, []*outgoing, error) {
	out := &batch{Request: b.Request}
	out.Request.Changes = nil
	var kept []*outgoing
	force := map[wire.Hash]struct{}{}
	for i := range b.Pushed {
		missing, ok := again[i]
		if !ok || files[i] == nil {
			continue
		}
		for _, h := range missing {
			force[h] = struct{}{}
		}
		kept = append(kept, files[i])
		f.refs++
		ch := b.Request.Changes[i]
		ch.ClientRef = f.token + "-" + strconv.Itoa(f.refs)
		pu := b.Pushed[i]
		if pu.Parent >= 0 {
			// Its folder has been made: by the answer it has an ID now.
			pu.Parent = -1
			if n := f.trees.Local.Node(pu.Local); n != nil {
				pu.Node.Parent = n.Parent
				if ch.ParentID, ch.Path = string(n.Parent), ""; isLocal(n.Parent) {
					kept = kept[:len(kept)-1]
					continue
				}
				ch.Name = n.Name
			}
		}
		out.Request.Changes = append(out.Request.Changes, ch)
		out.Pushed = append(out.Pushed, pu)
	}
	if err := f.sendContents(ctx, kept, force); err != nil {
		return nil, nil, err
	}
	p := &pusher{f: f}
	out, kept = p.withoutFailed(out, kept)
	return out, kept, nil
}
