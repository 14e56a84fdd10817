package worker

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"os"

	"scaidrive/client"
	"scaidrive/client/planner"
	"scaidrive/httpd/wire"
)

// exchange sends a batch. It is kept on the disk until it is answered, so that the
// same is sent again, whatever happens in between.
func (f *Folder) exchange(ctx context.Context, b *batch) (*wire.ApplyResult, error) {
	body, err := f.preparePending(b)
	if err != nil {
		return nil, err
	}
	if err := f.keepPending(b); err != nil {
		return nil, err
	}
	return f.exchanged(f.api.ApplyBody(ctx, body, len(b.Pushed)))
}

// keepPending has a batch that was prepared kept, in the place of the one before.
func (f *Folder) keepPending(b *batch) error {
	f.pending = b
	if f.o.Pending == "" {
		return nil
	}
	return os.Rename(f.o.Pending+".new", f.o.Pending)
}

// exchanged takes what came of a batch that was sent.
func (f *Folder) exchanged(res *wire.ApplyResult, err error) (*wire.ApplyResult, error) {
	if err == nil {
		f.dropPending()
		return res, nil
	}
	if s := client.StatusOf(err); s >= 400 && s < 500 && s != http.StatusTooManyRequests && s != http.StatusUnauthorized && s != http.StatusRequestTimeout {
		// It was refused whole: nothing was done.
		f.dropPending()
		if s == http.StatusGone {
			return &wire.ApplyResult{}, nil // the next look at the changes finds out
		}
	}
	return nil, err
}

// preparePending gives the body of a batch's request, and writes down what is to be
// kept of the batch.
func (f *Folder) preparePending(b *batch) (body []byte, err error) {
	if body, err = json.Marshal(&b.Request); err != nil || f.o.Pending == "" {
		return body, err
	}
	pushed, err := json.Marshal(b.Pushed)
	if err != nil {
		return nil, err
	}
	text := make([]byte, 0, len(body)+len(pushed)+32)
	text = append(append(append(text, `{"request":`...), body...), `,"pushed":`...)
	text = append(append(text, pushed...), '}')
	return body, os.WriteFile(f.o.Pending+".new", text, 0o600)
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
				f.goneLocal(pu.Local)
			}
		} else {
			c := pu.Node
			f.trees.SetLocal(pu.Local, &c)
		}
		if pu.Stamp != (planner.Stamp{}) {
			f.seen[pu.Local] = &seen{pu.Stamp, pu.Node.File}
		}
	}
}

// goneLocal takes a node out of the local tree, with all below.
func (f *Folder) goneLocal(id planner.ID) {
	var below []planner.ID
	f.trees.Local.Children(id, func(n *planner.Node) bool { below = append(below, n.ID); return true })
	for _, c := range below {
		f.goneLocal(c)
	}
	f.trees.SetLocal(id, nil)
}
