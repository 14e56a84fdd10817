package worker

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"scaidrive/client"
	"scaidrive/client/disk"
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
	p.begin()
	for i := range ops {
		if err := p.add(ctx, &ops[i]); err != nil {
			return p.done, err
		}
	}
	return p.done, p.send(ctx)
}

// A pusher fills batches.
type pusher struct {
	f     *Folder
	round string
	made  map[planner.ID]planner.ID // what the server calls what was made
	lost  map[planner.ID]bool       // what was to be made and is not
	done  int

	batch   *batch
	files   []*outgoing // contents of the batch, by change
	makes   map[planner.ID]int
	body    int
	bytes   int64
	rearrng bool // a folder moves or goes in this batch: paths can't be told
}

func (p *pusher) begin() {
	p.batch, p.files, p.makes = &batch{}, nil, map[planner.ID]int{}
	p.body, p.bytes, p.rearrng = 0, 0, false
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
	if len(p.batch.Pushed) >= batchChanges || p.body >= batchBody || p.bytes >= batchBytes {
		if err := p.send(ctx); err != nil {
			return err
		}
	}
	_, made, _ := p.parentOf(op.Parent)
	if made >= 0 && (p.rearrng || op.Kind == planner.PushMove) {
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
	switch op.Kind {
	case planner.PushFolder, planner.PushFile:
		ch.ChangeType = wire.ChangeCreated
		if !p.place(&ch, &pu, op) {
			p.lost[op.ID] = true
			return nil
		}
		if op.Kind == planner.PushFile {
			out = p.content(&ch, &pu, id, l, "")
		} else {
			p.makes[op.ID] = len(p.batch.Pushed)
		}
	case planner.PushUpdate:
		ch.ChangeType = wire.ChangeUpdated
		ch.ResourceID = string(id)
		_, ch.BaseVersion = splitVersion(op.Base)
		s := f.trees.Synced.Node(id)
		if s != nil && s.File.Hash == l.File.Hash && s.File.Size == l.File.Size {
			p.attributes(&ch, &pu, id, l)
		} else {
			out = p.content(&ch, &pu, id, l, op.Base)
		}
	case planner.PushMove:
		ch.ChangeType = wire.ChangeMoved
		ch.ResourceID = string(id)
		ch.BaseParentID, ch.BaseName = f.o.Share, op.BaseName
		if op.BaseParent != planner.Root {
			ch.BaseParentID = string(op.BaseParent)
		}
		_, ch.BaseVersion = splitVersion(op.Base)
		if !p.place(&ch, &pu, op) {
			return nil
		}
		p.rearrng = p.rearrng || op.Folder
	case planner.PushDelete:
		ch.ChangeType = wire.ChangeDeleted
		ch.ResourceID = string(id)
		_, ch.BaseVersion = splitVersion(op.Base)
		ch.BaseParentID, ch.BaseName = f.o.Share, op.BaseName
		if op.BaseParent != planner.Root {
			ch.BaseParentID = string(op.BaseParent)
		}
		p.rearrng = p.rearrng || op.Folder
	default:
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
		out.base, _ = splitVersion(base)
		if s := p.f.trees.Synced.Node(id); s != nil {
			out.baseFile = s.File
		}
	}
	return out
}

// send sends the batch, and what the server lacks of its contents first.
func (p *pusher) send(ctx context.Context) error {
	if len(p.batch.Pushed) == 0 {
		return nil
	}
	f, b, files := p.f, p.batch, p.files
	defer p.begin()
	if err := f.sendContents(ctx, files, nil); err != nil {
		return err
	}
	b, files = p.withoutFailed(b, files)
	if len(b.Pushed) == 0 {
		return nil
	}
	now := wire.At(f.o.Now())
	b.Request.DeviceID, b.Request.ShareID, b.Request.ConflictResolution = f.o.Device, f.o.Share, f.o.Strategy
	b.Request.RoundID, b.Request.ClientNow = p.round, &now
	cursor := f.pos.Cursor
	b.Request.BaseCursor, b.Request.Epoch = &cursor, f.pos.Epoch
	for try := 0; ; try++ {
		res, err := f.exchange(ctx, b)
		if err != nil {
			return err
		}
		again, n, err := f.answered(b, res, p.made, p.lost)
		p.done += n
		if err != nil {
			return err
		}
		if err := f.flush(); err != nil {
			return err
		}
		if len(again) == 0 {
			return nil
		}
		if try == maxMissing {
			return nil // the next round tries again
		}
		if b, files, err = f.withMissing(ctx, b, files, again); err != nil {
			return err
		}
		if len(b.Pushed) == 0 {
			return nil
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
	force := map[wire.Hash]bool{}
	for i := range b.Pushed {
		missing, ok := again[i]
		if !ok || files[i] == nil {
			continue
		}
		for _, h := range missing {
			force[h] = true
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

// exchange sends a batch. It is kept on the disk until it is answered, so that the
// same is sent again, whatever happens in between.
func (f *Folder) exchange(ctx context.Context, b *batch) (*wire.ApplyResult, error) {
	f.pending = b
	if err := f.savePending(b); err != nil {
		return nil, err
	}
	res, err := f.api.Apply(ctx, &b.Request)
	if err != nil {
		if s := client.StatusOf(err); s >= 400 && s < 500 && s != http.StatusTooManyRequests && s != http.StatusUnauthorized && s != http.StatusRequestTimeout {
			// It was refused whole: nothing was done.
			f.dropPending()
			if s == http.StatusGone {
				return &wire.ApplyResult{}, nil // the next look at the changes finds out
			}
		}
		return nil, err
	}
	f.dropPending()
	return res, nil
}

func (f *Folder) savePending(b *batch) error {
	if f.o.Pending == "" {
		return nil
	}
	text, err := json.Marshal(b)
	if err != nil {
		return err
	}
	tmp := f.o.Pending + ".new"
	if err := os.WriteFile(tmp, text, 0o600); err != nil {
		return err
	}
	return os.Rename(tmp, f.o.Pending)
}

func (f *Folder) dropPending() {
	f.pending = nil
	if f.o.Pending != "" {
		_ = os.Remove(f.o.Pending) // one that stays is answered again
	}
}

// sendPending sends again what has had no answer yet.
func (f *Folder) sendPending(ctx context.Context) (bool, error) {
	b := f.pending
	if b == nil && f.o.Pending != "" && !f.resumed {
		f.resumed = true
		text, err := os.ReadFile(f.o.Pending)
		if err != nil {
			return false, nil // there is none
		}
		b = &batch{}
		if json.Unmarshal(text, b) != nil || len(b.Pushed) != len(b.Request.Changes) || b.Request.ShareID != f.o.Share || b.Request.DeviceID != f.o.Device {
			f.dropPending()
			return false, nil
		}
		f.adoptPending(b)
	}
	if b == nil {
		return false, nil
	}
	res, err := f.exchange(ctx, b)
	if err != nil {
		if s := client.StatusOf(err); s >= 400 && s < 500 {
			return false, nil // refused whole: it is planned anew
		}
		return false, err
	}
	_, n, err := f.answered(b, res, map[planner.ID]planner.ID{}, map[planner.ID]bool{})
	return n > 0, errors.Join(err, f.flush())
}

// adoptPending brings what an earlier run was pushing into the local tree, so that
// the answer is understood. The scan that follows corrects it.
func (f *Folder) adoptPending(b *batch) {
	for i := range b.Pushed {
		pu := &b.Pushed[i]
		if !isLocal(pu.Local) {
			if n := f.trees.Local.Node(pu.Local); n != nil && (pu.Kind == planner.PushUpdate || pu.Kind == planner.PushMove) {
				c := pu.Node
				f.trees.SetLocal(pu.Local, &c)
			}
			if pu.Kind == planner.PushDelete {
				f.trees.SetLocal(pu.Local, nil)
			}
		} else {
			c := pu.Node
			f.trees.SetLocal(pu.Local, &c)
		}
		if pu.Stamp != (planner.Stamp{}) {
			f.seen[pu.Local] = seen{pu.Stamp, pu.Node.File}
		}
	}
}

// answered takes the answer to a batch: what was acknowledged is in synced as it
// was pushed, and in remote as the server has it. It gives what lacks chunks.
func (f *Folder) answered(b *batch, res *wire.ApplyResult, made map[planner.ID]planner.ID, lost map[planner.ID]bool) (again map[int][]wire.Hash, n int, err error) {
	again = map[int][]wire.Hash{}
	got := make([]answer, len(b.Pushed))
	at := func(i int) (*answer, error) {
		if i < 0 || i >= len(got) {
			return nil, fmt.Errorf("%w: it answered change %d, which it was not asked for", errServer, i)
		}
		return &got[i], nil
	}
	for i := range res.Applied {
		a, err := at(res.Applied[i].Index)
		if err != nil {
			return nil, n, err
		}
		a.entry = &res.Applied[i].Resource
	}
	for i := range res.Conflicts {
		a, err := at(res.Conflicts[i].Index)
		if err != nil {
			return nil, n, err
		}
		a.conflict = &res.Conflicts[i].Conflict
		if a.entry == nil {
			a.entry = res.Conflicts[i].Resource
		}
	}
	for i := range res.Errors {
		a, err := at(res.Errors[i].Index)
		if err != nil {
			return nil, n, err
		}
		a.failed = &res.Errors[i]
	}
	for i := range b.Pushed {
		pu, a := &b.Pushed[i], &got[i]
		switch {
		case a.entry == nil && a.conflict == nil && a.failed == nil:
			lost[pu.Local] = true // not answered: the next round plans it anew
		case a.failed != nil && len(a.failed.MissingChunks) > 0:
			again[i] = a.failed.MissingChunks
		case a.failed != nil && pu.Parent >= 0 && pu.Parent < i && (got[pu.Parent].conflict != nil || got[pu.Parent].failed != nil):
			// Its folder did not come to be where its path says: the next round knows.
			lost[pu.Local] = true
		case a.failed != nil:
			lost[pu.Local] = true
			f.refusedBy(pu, a.failed)
		default:
			if err := f.acknowledged(pu, a, made); err != nil {
				return nil, n, err
			}
			n++
		}
	}
	return again, n, nil
}

// An answer is what the server says of one change.
type answer struct {
	entry    *wire.Entry
	conflict *wire.Conflict
	failed   *wire.ApplyError
}

// refusedBy takes a change that the server did not take.
func (f *Folder) refusedBy(pu *pushed, e *wire.ApplyError) {
	kind := planner.RefusedNow
	if e.Status == http.StatusForbidden {
		kind = planner.RefusedEver
	}
	why := (&client.StatusError{Status: e.Status, Problem: wire.Problem{Detail: e.Detail}}).Error()
	if e.Status == http.StatusConflict && e.Resource != nil {
		why = fmt.Sprintf("%q has its name on the server, where letters' case makes no difference", e.Resource.Name)
	}
	f.refuse(pu.Local, kind, why)
	f.event("refused", shown(f.trees.Local, pu.Local), why, 0)
}

// acknowledged takes a change that is durable on the server.
func (f *Folder) acknowledged(pu *pushed, a *answer, made map[planner.ID]planner.ID) error {
	t, id := f.trees, pu.Local
	var there *planner.Node
	if a.entry != nil && a.entry.ID != "" && a.entry.Name != "" {
		var err error
		if there, err = f.entryNode(a.entry); err != nil {
			return err
		}
	}
	f.countAnswer(pu, a)
	switch pu.Kind {
	case planner.PushFolder, planner.PushFile:
		return f.wasMade(pu, a, there, made)
	case planner.PushUpdate:
		s := t.Synced.Node(id)
		if s == nil {
			return nil
		}
		n := *s
		n.File, n.Held = pu.Node.File, a.open()
		if there != nil && !there.Folder {
			n.Version = there.Version
		}
		f.pushedContent(pu, id)
		f.setSynced(id, &n)
		f.hold(id, n.Held)
		return f.isNow(id, a, there)
	case planner.PushMove:
		if !pu.Temp {
			if s := t.Synced.Node(id); s != nil {
				n := *s
				n.Parent, n.Name = pu.Node.Parent, pu.Node.Name
				f.setSynced(id, &n)
			}
		}
		return f.isNow(id, a, there)
	case planner.PushDelete:
		f.forget(id)
		if a.conflict == nil {
			f.goneRemote(id, planner.GoneDeleted)
		}
	}
	return nil
}

// isNow takes how something is on the server by an answer. What is known to be in
// the trash stays so: the answer tells of it there, too, and if it was brought back
// the changes say so.
func (f *Folder) isNow(id planner.ID, a *answer, there *planner.Node) error {
	if there == nil || there.ID != id || f.trees.Remote.Node(id) == nil {
		return nil
	}
	return f.setRemote(there, a.entry.ModifiedAt)
}

func (a *answer) open() bool { return a.conflict != nil && a.conflict.Status == wire.ConflictOpen }

func (f *Folder) hold(id planner.ID, held bool) {
	if held {
		f.holds[id] = true
	} else {
		delete(f.holds, id)
	}
}

// pushedContent keeps how the disk looked when what was pushed was read.
func (f *Folder) pushedContent(pu *pushed, id planner.ID) {
	if _, ok := f.seen[id]; !ok && pu.Stamp != (planner.Stamp{}) {
		f.seen[id] = seen{pu.Stamp, pu.Node.File}
	}
}

// wasMade takes something that the server has now, and what it is called there.
func (f *Folder) wasMade(pu *pushed, a *answer, there *planner.Node, made map[planner.ID]planner.ID) error {
	t, id := f.trees, pu.Local
	got := planner.ID("")
	if there != nil && there.Folder == pu.Node.Folder {
		got = there.ID
	}
	if c := a.conflict; c != nil && c.CopyID != nil && (got == "" || !pu.Node.Folder && !sameContent(there, &pu.Node)) {
		got = planner.ID(*c.CopyID)
	}
	if got == "" || isLocal(got) {
		return nil // the next look at the changes tells
	}
	if a.conflict == nil {
		if err := f.setRemote(there, a.entry.ModifiedAt); err != nil {
			return err
		}
	}
	if got != id && t.Local.Node(got) != nil {
		f.merged(pu, id)
		return nil
	}
	l := t.Local.Node(id)
	if l == nil {
		return nil
	}
	made[id] = got
	wasSynced := t.Synced.Node(id) != nil
	t.Rename(id, got)
	f.renamed(id, got)
	if wasSynced && got != id {
		f.setSynced(id, nil)
	}
	n := pu.Node
	n.ID, n.Parent = got, t.Local.Node(got).Parent
	n.Held = !n.Folder && a.open() && got != "" && (a.conflict.CopyID == nil)
	if there != nil && !there.Folder {
		n.Version = there.Version
	}
	if n.Folder {
		n.Version = ""
	}
	f.pushedContent(pu, got)
	f.setSynced(got, &n)
	f.hold(got, n.Held)
	if f.whole != nil && f.whole.Node(got) != nil {
		r := *f.whole.Node(got)
		f.trees.SetRemote(got, &r, 0)
	}
	if f.trees.Remote.Node(got) == nil {
		// It is kept there. The changes tell where; if they don't, it is in the trash.
		f.trees.SetRemote(got, nil, planner.GoneDeleted)
	}
	return nil
}

// merged takes something that the server has put together with what is here under
// another name.
func (f *Folder) merged(pu *pushed, id planner.ID) {
	l := f.trees.Local.Node(id)
	if l == nil {
		return
	}
	if !l.Folder {
		// Its content is there. What is here makes way, unless it was edited since.
		n := pu.Node
		n.ID, n.Parent = id, l.Parent
		f.pushedContent(pu, id)
		f.setSynced(id, &n)
		f.trees.SetRemote(id, nil, planner.GoneDeleted)
		return
	}
	// A folder may hold more: it goes on under a name of its own.
	path := f.path(id)
	for i := 2; i < 100; i++ {
		name := fmt.Sprintf("%s %d", l.Name, i)
		if err := f.disk.Place(path, disk.Join(dirOf(path), name)); err != nil {
			continue
		}
		f.touch(dirOf(path))
		f.touchBelow(path)
		delete(f.names, id)
		n := *l
		n.Name = name
		f.trees.SetLocal(id, &n)
		return
	}
}

func sameContent(a, b *planner.Node) bool {
	return a != nil && a.File.Hash == b.File.Hash && a.File.Size == b.File.Size
}

// forget takes a deleted folder and what went with it out of synced.
func (f *Folder) forget(id planner.ID) {
	var below []planner.ID
	f.trees.Synced.Children(id, func(n *planner.Node) bool { below = append(below, n.ID); return true })
	for _, c := range below {
		if f.trees.Local.Node(c) == nil {
			f.forget(c)
		}
	}
	f.setSynced(id, nil)
}

func (f *Folder) countAnswer(pu *pushed, a *answer) {
	path := shown(f.trees.Local, pu.Local)
	f.count(func(c *Counts) {
		switch pu.Kind {
		case planner.PushFile, planner.PushUpdate:
			c.FilesSent++
		case planner.PushFolder:
			c.Folders++
		case planner.PushMove:
			c.Moves++
		case planner.PushDelete:
			c.Deletes++
		}
		if a.conflict != nil {
			c.Conflicts++
		}
	})
	kinds := map[planner.OpKind]string{planner.PushFile: "sent", planner.PushUpdate: "sent", planner.PushFolder: "folder", planner.PushMove: "moved", planner.PushDelete: "deleted"}
	f.event(kinds[pu.Kind], path, "", pu.Node.File.Size)
	if a.conflict != nil {
		f.event("conflict", path, a.conflict.ConflictType+", "+a.conflict.Status, 0)
	}
}
