package transfer

import (
	"context"
	"errors"
	"io"

	"scaidrive/client"
	"scaidrive/httpd/wire"
)

const (
	// A file below batchedFile comes with others in one answer.
	batchedFile   = 1 << 20
	fetchFiles    = 250
	fetchBytes    = 4 << 20
	batchesAtOnce = 4
)

// batches parts the files that come together from the rest. Neighbours stay
// together: they lie in few folders here, and near each other on the server.
func (d *download) batches(ops []GetOp) (batches [][]GetOp, rest []GetOp) {
	var batch []GetOp
	var size int64
	done := func() {
		if len(batch) == 1 {
			rest = append(rest, batch...)
		} else if len(batch) > 1 {
			batches = append(batches, batch)
		}
		batch, size = nil, 0
	}
	for _, op := range ops {
		n := &d.remote.Nodes[op.Node]
		if op.Action != GetFetch || n.Size >= batchedFile {
			rest = append(rest, op)
			continue
		}
		if len(batch) == fetchFiles || size+n.Size > fetchBytes {
			done()
		}
		batch = append(batch, op)
		size += n.Size
	}
	done()
	return batches, rest
}

// batch works on small files that come in one answer. What does not come that way
// is fetched by itself, which knows how to try again and to tell why not.
func (d *download) batch(ctx context.Context, ops []GetOp) error {
	alone := 1 // how many are fetched by themselves after an answer that brought none
	for len(ops) > 0 && !d.single.Load() {
		settled, odd, err := d.fetchBatch(ctx, ops)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		switch {
		case err == nil:
		case errors.Is(err, client.ErrBrokenOff):
			if settled == 0 {
				settled = min(alone, len(ops))
				odd = ops[:settled]
				alone *= 2
			}
		default:
			switch client.StatusOf(err) {
			case 0, 401:
				return err
			case 404, 405:
				d.single.Store(true) // an older server
			}
			odd, settled = ops, len(ops)
		}
		for _, op := range odd {
			if err := d.file(ctx, op); err != nil {
				return err
			}
		}
		ops = ops[settled:]
	}
	for _, op := range ops {
		if err := d.file(ctx, op); err != nil {
			return err
		}
	}
	return nil
}

// fetchBatch asks once for files and puts in place what comes. settled is for how
// many from the first on an answer came; odd are those of them that it did not
// bring.
func (d *download) fetchBatch(ctx context.Context, ops []GetOp) (settled int, odd []GetOp, err error) {
	files := make([]wire.FileVersion, len(ops))
	for i, op := range ops {
		n := &d.remote.Nodes[op.Node]
		files[i] = wire.FileVersion{FileID: n.ID, Version: n.Version}
	}
	p := d.buffers.Get().(*[]byte)
	defer d.buffers.Put(p)
	err = d.api.FetchFiles(ctx, files, func(f wire.FileFrame, content io.Reader) error {
		op := ops[f.Index]
		n := &d.remote.Nodes[op.Node]
		if f.Status != 200 || f.Size != n.Size {
			settled++
			odd = append(odd, op)
			return nil
		}
		if int64(cap(*p)) < n.Size {
			*p = make([]byte, n.Size, n.Size+n.Size/4)
		}
		buf := (*p)[:n.Size]
		if _, err := io.ReadFull(content, buf); err != nil {
			return err
		}
		settled++
		return d.settle(ctx, op, d.counter(op), d.placeBatched(n, op, buf))
	})
	return settled, odd, err
}

func (d *download) placeBatched(n *RemoteNode, op GetOp, buf []byte) error {
	h, err := d.dirs.get(n.Parent)
	if err != nil {
		return err
	}
	defer h.put()
	return d.placeSmall(h, n, op, buf)
}
