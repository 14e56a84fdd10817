package upload

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"

	"scaidrive/client"
	"scaidrive/httpd/wire"
)

const (
	windowSize = 4 << 20
	// windowChunks bounds the length of a question about one window.
	windowChunks = client.QueryLimit / 4
)

// A window is a stretch of content on its way up: chunks of one or of many
// files, in the order of reading. It is filled by the reader; then its chunks
// are hashed, and its stretches of large files summed, at the same time; then
// what is missing of it is sent; then the files that end in it are handed on.
// Each stage owns it until it closes the stage's channel.
type window struct {
	buf    []byte
	used   int
	chunks []windowChunk
	spans  []span
	ends   []*attempt

	hashed chan struct{}
	summed chan struct{}
	sent   chan struct{}
}

type windowChunk struct {
	of     *attempt
	at     int // in buf
	size   int
	offset int64 // in the file
	hash   wire.Hash
	proof  wire.Hash
	proven bool
}

// A span is a stretch of a large file, for the sum over the whole file.
type span struct {
	of     *attempt
	at, to int
	upTo   int64 // where it ends in the file
	last   bool
}

func newWindow() *window {
	w := &window{buf: make([]byte, windowSize)}
	w.reset()
	return w
}

func (w *window) reset() {
	clear(w.chunks)
	clear(w.spans)
	clear(w.ends)
	w.used, w.chunks, w.spans, w.ends = 0, w.chunks[:0], w.spans[:0], w.ends[:0]
	w.hashed, w.summed, w.sent = make(chan struct{}), make(chan struct{}), make(chan struct{})
}

// wait waits until all stages are done with it.
func (w *window) wait(ctx context.Context) error {
	for _, done := range []chan struct{}{w.hashed, w.summed, w.sent} {
		select {
		case <-done:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	return nil
}

// room is how many bytes fit in.
func (w *window) room() int {
	if len(w.chunks) >= windowChunks {
		return 0
	}
	return len(w.buf) - w.used
}

func (c *windowChunk) bytes(w *window) []byte { return w.buf[c.at : c.at+c.size] }

// hashChunks is the stage that names the chunks.
func (w *window) hashChunks() {
	for i := range w.chunks {
		c := &w.chunks[i]
		c.hash = sha256.Sum256(c.bytes(w))
	}
	close(w.hashed)
}

// sumFiles is the stage that adds to the hashes of large files; windows pass it
// in their order.
func (w *window) sumFiles() {
	for _, s := range w.spans {
		s.of.whole.Write(w.buf[s.at:s.to])
		if s.last {
			s.of.whole.Sum(s.of.sum[:0])
		}
	}
	close(w.summed)
}

// prove makes a proof that the chunk's bytes are here.
func (c *windowChunk) prove(w *window, nonce string) {
	c.proof, c.proven = proof(nonce, c.bytes(w)), true
}

// proof says that bytes are here.
func proof(nonce string, b []byte) (p wire.Hash) {
	m := hmac.New(sha256.New, []byte(nonce))
	m.Write(b)
	m.Sum(p[:0])
	return p
}
