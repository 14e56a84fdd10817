package worker

import (
	"context"
	"errors"
	"io"

	"scaidrive/client"
	"scaidrive/httpd/wire"
)

// The bounds of files that come in one answer, whichever comes first.
const (
	manyFiles = 250
	manyBytes = 4 << 20
)

// batches parts what is to be fetched: small files that come together, large ones
// each by itself.
func batches(todo []*fetch) (out [][]*fetch) {
	var batch []*fetch
	var size int64
	end := func() {
		if len(batch) > 0 {
			out = append(out, batch)
		}
		batch, size = nil, 0
	}
	for _, g := range todo {
		if g.file.Size >= deltaFrom {
			out = append(out, []*fetch{g})
			continue
		}
		if len(batch) == manyFiles || size+g.file.Size > manyBytes {
			end()
		}
		batch, size = append(batch, g), size+g.file.Size
	}
	end()
	return out
}

// fetchMany fetches small files in one answer. What does not come that way is
// fetched by itself, which tries again and tells why not. Each pass settles at
// least one file, and twice as many each time that nothing came.
func (f *Folder) fetchMany(ctx context.Context, todo []*fetch, buf []byte) []byte {
	alone := 1
	for len(todo) > 0 {
		odd, n, err := f.fetchOnce(ctx, todo, &buf)
		switch {
		case ctx.Err() != nil:
			fail(todo, ctx.Err())
			return buf
		case err == nil, errors.Is(err, client.ErrBrokenOff):
			if n == 0 {
				n = min(alone, len(todo))
				odd, alone = todo[:n], 2*alone
			}
		case endsAll(err):
			fail(todo, err)
			return buf
		default: // a server without the call, for one
			odd, n = todo, len(todo)
		}
		for _, g := range odd {
			if buf, g.err = f.fetchSmall(ctx, g, buf); g.err != nil && endsAll(g.err) {
				fail(todo, g.err)
				return buf
			}
		}
		todo = todo[n:]
	}
	return buf
}

// fail gives up files that have not come.
func fail(list []*fetch, err error) {
	for _, g := range list {
		if g.err == nil {
			g.err = err
		}
	}
}

// fetchOnce asks once. It tells for how many from the first on an answer came, and
// which of those it did not bring.
func (f *Folder) fetchOnce(ctx context.Context, todo []*fetch, buf *[]byte) (odd []*fetch, n int, err error) {
	files := make([]wire.FileVersion, len(todo))
	var size int64
	for i, g := range todo {
		number, _ := splitVersion(g.version)
		files[i] = wire.FileVersion{FileID: string(g.op.ID), Version: number}
		size += g.file.Size
	}
	if err := f.o.Down.Wait(ctx, size); err != nil {
		return nil, 0, err
	}
	err = f.api.FetchFiles(ctx, files, func(h wire.FileFrame, content io.Reader) error {
		g := todo[h.Index]
		if h.Status != 200 || h.Size != g.file.Size {
			n++
			odd = append(odd, g)
			return nil
		}
		if int64(cap(*buf)) < g.file.Size {
			*buf = make([]byte, g.file.Size, deltaFrom)
		}
		b := (*buf)[:g.file.Size]
		if _, err := io.ReadFull(content, b); err != nil {
			return err
		}
		n++
		if g.err = f.keep(g, b); g.err != nil && noSpace(g.err) {
			return g.err
		}
		return nil
	})
	return odd, n, err
}
