package httpd

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strconv"
	"sync"

	"scaidrive/engine"
	"scaidrive/engine/preview"
	"scaidrive/engine/transfer"
	"scaidrive/httpd/wire"
)

// maxThumbnails is how many one request may ask for.
const maxThumbnails = 100

// thumbnailsAhead is how many of one request are waited for at the same time.
// How many are made at once is the preview service's business.
const thumbnailsAhead = 4

func getPreview(c *call) error {
	id, err := c.pathID(engine.PrefixFile, 0)
	if err != nil {
		return err
	}
	page, err := c.queryInt("page", 1, 1, 1<<20)
	if err != nil {
		return err
	}
	size, err := c.queryInt("size", preview.SizeScreen, 1, 1<<20)
	if err != nil {
		return err
	}
	if !previewSize(size) {
		return badField("value_error", "Value error, size is 64, 256 or 1024", "query", "size")
	}
	o, err := c.openVersion(id, 0)
	if err != nil {
		return err
	}
	tag := previewTag(o, int(page), int(size))
	if h := c.header("If-None-Match"); h != "" && etagListed(h, tag, true) {
		c.previewHeaders(tag)
		return c.noContent(304)
	}
	r, err := c.s.preview(c.ctx, o, int(page), int(size))
	if err != nil {
		return damaged(err, id, o.Version.Number)
	}
	c.previewHeaders(tag)
	c.setHeader("X-Page-Count", strconv.Itoa(r.Pages))
	return c.blob(200, r.MediaType, r.Bytes)
}

func previewSize(n int64) bool {
	return n == preview.SizeIcon || n == preview.SizeTile || n == preview.SizeScreen
}

func previewTag(o *transfer.Opened, page, size int) string {
	return fmt.Sprintf(`"%s-%d-%d"`, o.Version.ID.Format(engine.PrefixVersion), page, size)
}

// previewHeaders go with every preview: it may be kept by this user alone, who is
// asked for again each time, and no browser runs anything in it.
func (c *call) previewHeaders(tag string) {
	c.setHeader("ETag", tag)
	c.setHeader("Cache-Control", "private, no-cache")
	c.setHeader("Content-Disposition", "inline")
	c.setHeader("Content-Security-Policy", "sandbox; default-src 'none'")
	c.setHeader("Cross-Origin-Resource-Policy", "same-origin")
}

// preview makes a preview of a version that the caller was found to be allowed to
// read.
func (s *Server) preview(ctx context.Context, o *transfer.Opened, page, size int) (preview.Rendition, error) {
	if s.o.Previews == nil {
		return preview.Rendition{}, engine.E(engine.KindUnavailable, "This server makes no previews")
	}
	return s.o.Previews.Page(ctx, previewKey(o.Tenant(), &o.Version.Content), page, size, func(w io.Writer) error {
		return o.WriteRange(ctx, w, 0, o.Version.Content.Size)
	})
}

// previewKey names a content by its tenant and its chunks, whose bytes the server
// has seen. The whole-file hash will not do: it may be a client's claim, and who
// claims another file's hash would be shown the picture of that file.
func previewKey(tenant engine.ID, c *engine.Content) [32]byte {
	h := sha256.New()
	h.Write([]byte("preview\x00"))
	h.Write(tenant[:])
	var n [8]byte
	binary.BigEndian.PutUint64(n[:], uint64(c.Size))
	h.Write(n[:])
	for i := range c.Inline {
		h.Write(c.Inline[i].Hash[:])
	}
	h.Write(c.Root[:])
	return [32]byte(h.Sum(nil))
}

// A thumbnail is a part of the answer of getThumbnails.
type thumbnail struct {
	id   engine.ID
	tag  string
	r    preview.Rendition
	err  error
	done chan struct{}
}

// getThumbnails answers with a part for each of the files, in the order asked:
// the picture, or what an error of its own would have said. The parts go out as
// they come.
func getThumbnails(c *call) error {
	var in wire.Thumbnails
	if err := c.decode(&in, false); err != nil {
		return err
	}
	size := int64(preview.SizeTile)
	if in.Size != nil {
		size = *in.Size
	}
	switch {
	case len(in.IDs) == 0 || len(in.IDs) > maxThumbnails:
		return badField("value_error", "Value error, ids has 1 to 100 elements", "body", "ids")
	case !previewSize(size):
		return badField("value_error", "Value error, size is 64, 256 or 1024", "body", "size")
	}
	ids := make([]engine.ID, len(in.IDs))
	for i, text := range in.IDs {
		id, err := bodyID(engine.PrefixFile, text, "ids", i)
		if err != nil {
			return err
		}
		ids[i] = id
	}
	edge := c.s.newID()
	c.setHeader("Content-Type", "multipart/mixed; boundary="+edge)
	c.setHeader("Cache-Control", "private, no-store")
	return c.stream(200, -1, func(ctx context.Context, w io.Writer) error {
		return c.thumbnails(ctx, w, edge, ids, int(size))
	})
}

// thumbnails writes the parts.
func (c *call) thumbnails(ctx context.Context, w io.Writer, edge string, ids []engine.ID, size int) error {
	ctx, cancel := context.WithCancel(ctx)
	var workers sync.WaitGroup
	defer workers.Wait()
	defer cancel()
	list := make([]*thumbnail, len(ids))
	queue := make(chan *thumbnail, len(ids))
	for i, id := range ids {
		list[i] = &thumbnail{id: id, done: make(chan struct{})}
		queue <- list[i]
	}
	close(queue)
	for range min(thumbnailsAhead, len(ids)) {
		workers.Go(func() {
			for t := range queue {
				c.thumbnail(ctx, t, size)
			}
		})
	}
	for _, t := range list {
		select {
		case <-t.done:
		case <-ctx.Done():
			return ctx.Err()
		}
		if err := writePart(w, edge, t); err != nil {
			return err
		}
	}
	_, err := io.WriteString(w, "--"+edge+"--\r\n")
	return err
}

// thumbnail makes one.
func (c *call) thumbnail(ctx context.Context, t *thumbnail, size int) {
	defer close(t.done)
	defer func() {
		if v := recover(); v != nil {
			t.err = c.panicked(v)
		}
	}()
	if t.err = ctx.Err(); t.err != nil {
		return
	}
	o, err := c.s.o.Transfer.Open(ctx, c.who, t.id, 0)
	if err != nil {
		t.err = damaged(err, t.id, 0)
		return
	}
	t.tag = previewTag(o, 1, size)
	t.r, t.err = c.s.preview(ctx, o, 1, size)
	t.err = damaged(t.err, t.id, o.Version.Number)
}

// writePart writes a part: its head tells the file and the status.
func writePart(w io.Writer, edge string, t *thumbnail) error {
	status, mediaType, body := 200, t.r.MediaType, t.r.Bytes
	if t.err != nil {
		a := answerTo(t.err, "body")
		b, err := json.Marshal(a.problem)
		if err != nil {
			return err
		}
		status, mediaType, body = a.status, "application/json", b
	}
	head := fmt.Sprintf("--%s\r\nContent-Type: %s\r\nContent-Length: %d\r\nContent-ID: <%s>\r\nX-Status: %d\r\n",
		edge, mediaType, len(body), t.id.Format(engine.PrefixFile), status)
	if status == 200 {
		head += "ETag: " + t.tag + "\r\n"
	}
	_, err := w.Write(slices.Concat([]byte(head+"\r\n"), body, []byte("\r\n")))
	return err
}
