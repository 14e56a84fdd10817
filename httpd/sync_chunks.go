package httpd

import (
	"bufio"
	"context"
	"errors"
	"io"
	"strings"

	"github.com/klauspost/compress/zstd"

	"scaidrive/engine"
	"scaidrive/httpd/wire"
)

// maxWindow bounds what a compressed body may make us remember.
const maxWindow = 8 << 20

func queryChunks(c *call) error {
	var in wire.ChunkQuery
	if err := c.decode(&in, false); err != nil {
		return err
	}
	share, err := bodyID(engine.PrefixShare, in.ShareID, "share_id")
	if err != nil {
		return err
	}
	missing, nonce, err := c.s.o.Transfer.Query(c.ctx, c.who, share, engineHashes(in.Chunks))
	if err != nil {
		return err
	}
	return c.json(200, wire.ChunkQueryResult{Missing: wireHashes(missing), Nonce: nonce})
}

func receiveChunks(c *call) error {
	share, err := c.queryShare()
	if err != nil {
		return err
	}
	frames, done, err := c.decoded()
	if err != nil {
		return err
	}
	defer done()
	got, err := c.s.o.Transfer.Receive(c.ctx, c.who, share, frames)
	if err != nil {
		if frames.broken != nil {
			return frames.broken
		}
		return err
	}
	out := wire.ReceivedChunks{Chunks: make([]wire.ReceivedChunk, len(got))}
	for i, r := range got {
		out.Chunks[i] = wire.ReceivedChunk{SHA256: r.Hash, Size: r.Size, Stored: r.Stored}
	}
	return c.json(200, out)
}

// decoded gives the body without its content coding. done must be called when
// it is not read any more.
func (c *call) decoded() (r *decodedBody, done func(), err error) {
	switch strings.ToLower(c.header("Content-Encoding")) {
	case "", "identity":
		return &decodedBody{src: &c.body}, func() {}, nil
	case "zstd":
	default:
		return nil, nil, fail(415, "The body may be plain or compressed with zstd", [2]string{"Accept-Encoding", "zstd"})
	}
	z, ok := c.s.zstd.Get().(*zstd.Decoder)
	if ok {
		err = z.Reset(&c.body)
	} else {
		z, err = zstd.NewReader(&c.body, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true),
			zstd.WithDecoderMaxWindow(maxWindow), zstd.WithDecoderMaxMemory(uint64(chunksBody)))
	}
	if err != nil {
		return nil, nil, zstdFailure(err)
	}
	done = func() {
		if z.Reset(nil) == nil {
			c.s.zstd.Put(z)
		}
	}
	return &decodedBody{src: z, coded: &c.body}, done, nil
}

// A decodedBody reads a body within the limit of what it may become, and
// remembers what broke it.
type decodedBody struct {
	src    io.Reader
	coded  *body // nil: src is the body itself
	n      int64
	broken error
}

func (d *decodedBody) Read(p []byte) (int, error) {
	if d.broken != nil {
		return 0, d.broken
	}
	n, err := d.src.Read(p)
	d.n += int64(n)
	switch {
	case d.n > chunksBody:
		d.broken = fail(413, "The chunks of one call are at most 64 MiB")
		return 0, d.broken
	case err != nil && err != io.EOF && d.coded != nil && d.coded.broken() == nil:
		d.broken = zstdFailure(err)
		return n, d.broken
	}
	return n, err
}

func zstdFailure(err error) error {
	switch {
	case errors.Is(err, zstd.ErrWindowSizeExceeded):
		return badField("value_error", "Value error, the zstd window is over 8 MiB", "body")
	case errors.Is(err, zstd.ErrDecoderSizeExceeded):
		return fail(413, "The chunks of one call are at most 64 MiB")
	}
	return badField("value_error", "Value error, the body is not valid zstd", "body")
}

func fetchChunks(c *call) error {
	var in wire.FetchChunks
	if err := c.decode(&in, false); err != nil {
		return err
	}
	file, err := bodyID(engine.PrefixFile, in.FileID, "file_id")
	if err != nil {
		return err
	}
	write, err := c.s.o.Transfer.Fetch(c.ctx, c.who, file, in.Version, engineHashes(in.Chunks))
	if err != nil {
		return damaged(err, file, in.Version)
	}
	c.setHeader("Content-Type", "application/octet-stream")
	if len(in.Chunks) == 0 {
		return c.stream(200, 0, nil)
	}
	return damaged(c.stream(200, -1, func(_ context.Context, w io.Writer) error {
		// Frames of small chunks go out together.
		b := bufio.NewWriterSize(w, smallBody)
		if err := write(b); err != nil {
			return err
		}
		return b.Flush()
	}), file, in.Version)
}
