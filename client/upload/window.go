package upload

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"slices"

	"scaidrive/chunkstore/split/sha2x"
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
// are hashed, and its stretches of large files summed, in one stage; then
// what is missing of it is sent; then the files that end in it are handed on.
// Each stage owns it until it closes the stage's channel.
type window struct {
	buf    []byte
	used   int
	chunks []windowChunk
	spans  []span
	ends   []*attempt

	parts [][]byte // room for the hashing stage
	sums  [][sha256.Size]byte

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

// hashChunks is the stage that names the chunks of a window without stretches of
// large files.
func (w *window) hashChunks() {
	w.name(w.chunks)
	close(w.summed)
	close(w.hashed)
}

// sumFiles is the stage that adds to the hashes of large files, and names the
// chunks, side by side. Windows pass it in their order.
func (w *window) sumFiles() {
	next := 0 // of the chunks
	for _, s := range w.spans {
		first := next
		for first < len(w.chunks) && w.chunks[first].at < s.at {
			first++
		}
		w.name(w.chunks[next:first])
		for next = first; next < len(w.chunks) && w.chunks[next].at < s.to; next++ {
		}
		own := w.chunks[first:next]
		w.gather(own)
		s.of.whole.WriteBeside(w.buf[s.at:s.to], w.sums, w.parts)
		w.spread(own)
		if s.last {
			s.of.sum = s.of.whole.Sum()
		}
	}
	w.name(w.chunks[next:])
	close(w.summed)
	close(w.hashed)
}

// name hashes chunks, two at a time.
func (w *window) name(chunks []windowChunk) {
	w.gather(chunks)
	sha2x.Sums(w.sums, w.parts)
	w.spread(chunks)
}

func (w *window) gather(chunks []windowChunk) {
	w.parts, w.sums = w.parts[:0], slices.Grow(w.sums[:0], len(chunks))[:len(chunks)]
	for i := range chunks {
		w.parts = append(w.parts, chunks[i].bytes(w))
	}
}

func (w *window) spread(chunks []windowChunk) {
	for i := range chunks {
		chunks[i].hash = w.sums[i]
	}
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
