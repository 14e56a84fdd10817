package worker

import (
	"context"
	"errors"
	"strconv"
	"time"

	"scaidrive/client"
	"scaidrive/client/planner"
	"scaidrive/httpd/wire"
)

// The bounds of a batch, whichever comes first.
const (
	batchChanges = client.ApplyLimit
	batchBody    = 4 << 20   // estimated bytes of the request
	batchBytes   = 256 << 20 // of content: so much goes up again if the commit fails
)

// A batch is changes that are sent together, with what it takes to understand the
// answer after a restart, too.
type batch struct {
	Request wire.Apply `json:"request"`
	Pushed  []pushed   `json:"pushed"` // of each change
}

// pushed is what one change made of a node, if the server takes it.
type pushed struct {
	Kind   planner.OpKind `json:"kind"`
	Local  planner.ID     `json:"local"` // as the client called it
	Node   planner.Node   `json:"node"`  // as it was pushed; its parent by the client's name
	Stamp  planner.Stamp  `json:"stamp"`
	Parent int            `json:"parent"` // the change of this batch that makes its folder; -1: none
	Temp   bool           `json:"temp,omitempty"`
}

// push carries operations out on the server and tells how many had an effect.
func (f *Folder) push(ctx context.Context, ops []planner.Op) (int, error) {
	p := &pusher{f: f, round: f.o.Token(), made: map[planner.ID]planner.ID{}, lost: map[planner.ID]bool{}}
	if p.most = f.o.batch; p.most == 0 {
		p.most = batchChanges
	}
	f.pushing, f.kept = true, false
	defer func() { f.pushing, f.kept = false, false }()
	p.begin()
	for i := range ops {
		if err := p.add(ctx, &ops[i]); err != nil {
			return p.done, errors.Join(err, p.settle(ctx))
		}
	}
	err := p.send(ctx)
	return p.done, errors.Join(err, p.settle(ctx))
}

// A pusher fills batches.
type pusher struct {
	f     *Folder
	round string
	most  int                       // changes of a batch
	made  map[planner.ID]planner.ID // what the server calls what was made
	lost  map[planner.ID]bool       // what was to be made and is not
	done  int
	away  *away // the batch before, which is not answered yet

	batch     *batch
	files     []*outgoing // contents of the batch, by change
	later     []later     // what goes into a folder that the batch before makes, or below
	waits     map[planner.ID]bool
	makes     map[planner.ID]int
	body      int
	bytes     int64
	rearrange bool // a folder moves or goes in this batch: paths can't be told
}

func (p *pusher) begin() {
	p.batch, p.files, p.makes = &batch{}, nil, map[planner.ID]int{}
	p.later, p.waits = nil, map[planner.ID]bool{}
	p.body, p.bytes, p.rearrange = 0, 0, false
}

// parentOf tells where something goes: the server's ID of the folder, or the change
// of this batch that makes it.
func (p *pusher) parentOf(id planner.ID) (server string, made int, ok bool) {
	if to, known := p.made[id]; known {
		id = to
	}
	switch {
	case id == planner.Root:
		return p.f.o.Share, -1, true
	case p.lost[id]:
		return "", -1, false
	}
	if i, here := p.makes[id]; here {
		return "", i, true
	}
	if isLocal(id) {
		return "", -1, false
	}
	return string(id), -1, true
}

// add takes an operation into the batch; a full batch is sent first.
func (p *pusher) add(ctx context.Context, op *planner.Op) error {
	f := p.f
	if len(p.batch.Pushed) >= p.most || p.body >= batchBody || p.bytes >= batchBytes {
		if err := p.ship(ctx); err != nil {
			return err
		}
	}
	if p.away != nil && (op.Kind == planner.PushMove || op.Kind == planner.PushDelete) {
		if err := p.settle(ctx); err != nil {
			return err
		}
	}
	_, made, _ := p.parentOf(op.Parent)
	if made >= 0 && (p.rearrange || op.Kind == planner.PushMove) {
		if err := p.send(ctx); err != nil {
			return err
		}
	}
	id := op.ID
	if to, ok := p.made[id]; ok {
		id = to
	}
	l := f.trees.Local.Node(id)
	if l == nil && op.Kind != planner.PushDelete {
		return nil
	}
	if isLocal(id) && op.Kind != planner.PushFolder && op.Kind != planner.PushFile {
		// It was to make way, and was edited instead: it is something new.
		f.setSynced(id, nil)
		return nil
	}
	f.refs++
	ch := wire.Change{ClientRef: f.token + "-" + strconv.Itoa(f.refs), ResourceType: wire.TypeFile}
	pu := pushed{Kind: op.Kind, Local: id, Parent: -1, Temp: op.Temp}
	if op.Folder || l != nil && l.Folder {
		ch.ResourceType = wire.TypeFolder
	}
	if l != nil {
		pu.Node = *l
	}
	now := wire.At(f.o.Now())
	ch.SeenAt = &now
	if !f.live {
		ch.SeenAt = nil // it may have been made long ago
	}
	var out *outgoing
	ok := true
	switch op.Kind {
	case planner.PushFolder, planner.PushFile:
		out, ok = p.create(&ch, &pu, op, l)
	case planner.PushUpdate:
		out = p.update(&ch, &pu, op, l)
	case planner.PushMove:
		ok = p.move(&ch, &pu, op)
	case planner.PushDelete:
		p.remove(&ch, &pu, op)
	default:
		ok = false
	}
	if !ok {
		return nil
	}
	p.batch.Request.Changes = append(p.batch.Request.Changes, ch)
	p.batch.Pushed = append(p.batch.Pushed, pu)
	p.files = append(p.files, out)
	p.body += 700 + 6*len(ch.Name)
	if out != nil {
		p.bytes += l.File.Size
		p.body += int(l.File.Size>>16) * 100
	}
	return nil
}

// create has a file or folder made.
func (p *pusher) create(ch *wire.Change, pu *pushed, op *planner.Op, l *planner.Node) (*outgoing, bool) {
	ch.ChangeType = wire.ChangeCreated
	if p.away.makes(op.Parent) || p.waits[op.Parent] {
		p.later = append(p.later, later{len(p.batch.Pushed), *op})
		p.waits[op.ID] = true
	} else if !p.place(ch, pu, op) {
		p.lost[op.ID] = true
		return nil, false
	}
	if op.Kind == planner.PushFile {
		return p.content(ch, pu, pu.Local, l, ""), true
	}
	p.makes[op.ID] = len(p.batch.Pushed)
	return nil, true
}

// update has a file's content or attributes changed.
func (p *pusher) update(ch *wire.Change, pu *pushed, op *planner.Op, l *planner.Node) *outgoing {
	id := pu.Local
	ch.ChangeType = wire.ChangeUpdated
	ch.ResourceID = string(id)
	_, ch.BaseVersion = splitVersion(op.Base)
	s := p.f.trees.Synced.Node(id)
	if s != nil && s.File.Hash == l.File.Hash && s.File.Size == l.File.Size {
		p.attributes(ch, pu, id, l)
		return nil
	}
	return p.content(ch, pu, id, l, op.Base)
}

// move has something moved or renamed.
func (p *pusher) move(ch *wire.Change, pu *pushed, op *planner.Op) bool {
	ch.ChangeType = wire.ChangeMoved
	p.known(ch, pu, op)
	if !p.place(ch, pu, op) {
		return false
	}
	p.rearrange = p.rearrange || op.Folder
	return true
}

// remove has something deleted.
func (p *pusher) remove(ch *wire.Change, pu *pushed, op *planner.Op) {
	ch.ChangeType = wire.ChangeDeleted
	p.known(ch, pu, op)
	p.rearrange = p.rearrange || op.Folder
}

// known tells the server what is meant, and where this client knew it.
func (p *pusher) known(ch *wire.Change, pu *pushed, op *planner.Op) {
	ch.ResourceID = string(pu.Local)
	_, ch.BaseVersion = splitVersion(op.Base)
	ch.BaseParentID, ch.BaseName = p.f.o.Share, op.BaseName
	if op.BaseParent != planner.Root {
		ch.BaseParentID = string(op.BaseParent)
	}
}

// place tells the server where something is to be.
func (p *pusher) place(ch *wire.Change, pu *pushed, op *planner.Op) bool {
	server, made, ok := p.parentOf(op.Parent)
	if !ok {
		return false
	}
	pu.Parent = made
	if made < 0 {
		ch.ParentID, ch.Name = server, op.Name
		return true
	}
	ch.Path = p.pathOf(made) + "/" + op.Name
	return true
}

// pathOf is the path of a folder that a change of this batch makes.
func (p *pusher) pathOf(i int) string {
	ch := &p.batch.Request.Changes[i]
	if ch.Path != "" {
		return ch.Path
	}
	if ch.ParentID == p.f.o.Share {
		return "/" + ch.Name
	}
	return "/" + shown(p.f.trees.Remote, planner.ID(ch.ParentID)) + "/" + ch.Name
}

func (p *pusher) attributes(ch *wire.Change, pu *pushed, id planner.ID, l *planner.Node) {
	if st := p.f.stampOf(id); st != nil {
		pu.Stamp = *st
		at := wire.At(time.Unix(0, st.MTime))
		ch.ModifiedAt = &at
	}
	if p.f.disk.Traits().Exec {
		exec := l.File.Exec
		ch.Attributes = &wire.ApplyAttrs{Executable: &exec}
	}
}

// content has a file's bytes go up with the change.
func (p *pusher) content(ch *wire.Change, pu *pushed, id planner.ID, l *planner.Node, base string) *outgoing {
	p.attributes(ch, pu, id, l)
	out := &outgoing{path: p.f.path(id), want: l.File, id: id}
	if base != "" {
		out.file = string(id)
		out.base, out.baseID = splitVersion(base)
		if s := p.f.trees.Synced.Node(id); s != nil {
			out.baseFile = s.File
		}
	}
	return out
}
