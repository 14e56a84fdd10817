// Package upload is the way up for contents: files are read in order, cut and
// hashed, what the server lacks is sent by several requests at once, and each file
// is handed on once all of it is with the server.
//
// Files pass through windows of a few megabytes, so memory does not grow with their
// sizes but for 36 bytes a chunk, and many small files share a question and a
// request. What becomes of a content (the batch that commits it) is the caller's
// business; client/transfer and client/worker are the callers.
//
// Invariants:
//   - a file is handed on with the chunks and the sum of what was read, in the order
//     of the files, and its chunks were received by the server, proven, or are in
//     the base version;
//   - what is wrong with a file stands in the file; an error of Run is about the
//     server, or of the caller.
package upload

import (
	"context"
	"errors"
	"io"
	"iter"
	"sync"
	"sync/atomic"

	"scaidrive/chunkstore/split"
	"scaidrive/chunkstore/split/sha2x"
	"scaidrive/client"
	"scaidrive/httpd/wire"
)

// API is what it needs of the server; [client.Client] is one.
type API interface {
	Query(ctx context.Context, share string, chunks []wire.Hash) (*wire.ChunkQueryResult, error)
	SendChunks(ctx context.Context, share string, chunks [][]byte) (*wire.ReceivedChunks, error)
	SendManifest(ctx context.Context, p client.ManifestPiece) (*wire.ManifestProgress, error)
}

// A Source is an open file.
type Source interface {
	io.Reader
	io.ReaderAt
	io.Closer
}

// ErrChanging says that a file changes while it is read.
var ErrChanging = errors.New("keeps changing while it is read")

// A File is a content to go up.
type File struct {
	// Open opens it and tells its length as it is now. nil: nothing is to be read,
	// the file is only handed on in its turn.
	Open func() (Source, int64, error)
	// Check looks, once all was read, whether that is the content of one moment.
	// nil: the caller compares the sum. It answers ErrChanging if not.
	Check func(Source) error
	// Tries is how often a file is read that changes meanwhile; 0: once.
	Tries int
	// Base gives the chunks of the version that it replaces, as far as that is known
	// or, for a large file, worth a question. nil: there is none.
	Base func(ctx context.Context, large bool) ([]wire.Chunk, error)
	// BaseFile and BaseVersion name that version.
	BaseFile, BaseVersion string
	// Prove has chunks proven that the server may have, in the place of sending them.
	Prove bool
	// Provable are the bytes from the start that an earlier run has sent.
	Provable atomic.Int64 // a file is read again while an earlier reading of it is still sent
	// Force are chunks that the server has said to lack. The others it has.
	Force map[wire.Hash]struct{}

	// What was read, once the file is handed on.
	Size   int64
	Sum    wire.Hash
	Chunks []wire.Chunk
	Err    error // why it was given up
	base   []wire.Chunk
	proofs map[wire.Hash]wire.Hash
	large  bool
}

// Large reports whether the file was read in stretches, of which Moved was told.
func (f *File) Large() bool { return f.large }

// Proven reports whether chunks were proven in the place of being sent.
func (f *File) Proven() bool { return len(f.proofs) > 0 }

// A Pipe takes files up to one share.
type Pipe struct {
	API   API
	Share string
	Set   split.Set
	// Wait is called before bytes of content are sent; nil: no limit.
	Wait func(ctx context.Context, n int64) error
	// Windows bounds the memory: so many times 4 MiB; 0: 8.
	Windows int
	// Moved is told of each stretch of a large file that is with the server: its
	// length, and how far that is from the start, whole chunks only; last with the
	// end. nil: nobody asks.
	Moved func(f *File, n, upTo int64, last bool)

	BytesSent, ChunksSent, ChunksKnown atomic.Int64

	// Inline is the estimated length in a body from which on a list goes up by
	// itself, in bytes; 0: 8 MiB. Piece is how many chunks go in one piece of it; 0:
	// 100,000.
	Inline, Piece int
}

const (
	hashers = 2
	senders = 3
)

// An attempt is one reading of a file.
type attempt struct {
	file   *File
	size   int64
	chunks []wire.Chunk
	sum    wire.Hash
	whole  *sha2x.Stream // nil: of one chunk at most, whose hash is the file's
	proofs map[wire.Hash]wire.Hash
	base   []wire.Chunk
	inBase map[wire.Hash]struct{}
	err    error
}

// take adds a chunk that is with the server.
func (a *attempt) take(c *windowChunk) {
	a.chunks = append(a.chunks, wire.Chunk{SHA256: c.hash, Size: uint32(c.size)})
	if c.proven {
		if a.proofs == nil {
			a.proofs = map[wire.Hash]wire.Hash{}
		}
		a.proofs[c.hash] = c.proof
	}
}

// end hands over what was read.
func (a *attempt) end() *File {
	f := a.file
	if a.whole == nil && len(a.chunks) == 1 {
		a.sum = a.chunks[0].SHA256
	}
	f.Size, f.Sum, f.Chunks, f.Err = a.size, a.sum, a.chunks, a.err
	f.base, f.proofs, f.large = a.base, a.proofs, a.whole != nil
	return f
}

// Run takes files up. done is called for each in order, by one goroutine.
func (p *Pipe) Run(ctx context.Context, files iter.Seq[*File], done func(context.Context, *File) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var wg sync.WaitGroup
	stage := func(f func() error) {
		wg.Go(func() {
			if err := f(); err != nil {
				cancel(err)
			}
		})
	}
	n := p.Windows
	if n == 0 {
		n = 8
	}
	// No channel is ever fuller than there are windows, so none blocks its sender.
	free := make(chan *window, n)
	toHash, toSum := make(chan *window, n), make(chan *window, n)
	toSend, toEnd := make(chan *window, n), make(chan *window, n)
	stage(func() error {
		defer func() { close(toHash); close(toSum); close(toEnd) }()
		r := &reader{p: p, free: free, left: n, emit: func(w *window) {
			if len(w.spans) > 0 {
				toSum <- w // the sum of a file is made of its windows in their order
			} else {
				toHash <- w
			}
			toEnd <- w
		}}
		return r.run(ctx, files)
	})
	var hashing sync.WaitGroup
	for range hashers {
		hashing.Go(func() {
			for w := range toHash {
				w.hashChunks()
				toSend <- w
			}
		})
	}
	hashing.Go(func() {
		for w := range toSum {
			w.sumFiles()
			toSend <- w
		}
	})
	wg.Go(func() { hashing.Wait(); close(toSend) })
	for range senders {
		stage(func() error {
			for w := range toSend {
				if err := p.sendWindow(ctx, w); err != nil {
					return err
				}
			}
			return nil
		})
	}
	stage(func() error {
		for w := range toEnd {
			if err := w.wait(ctx); err != nil {
				return err
			}
			if err := p.ended(ctx, w, done); err != nil {
				return err
			}
			w.reset()
			free <- w
		}
		return nil
	})
	wg.Wait()
	return context.Cause(ctx)
}

// ended takes a window that is with the server.
func (p *Pipe) ended(ctx context.Context, w *window, done func(context.Context, *File) error) error {
	for i := range w.chunks {
		c := &w.chunks[i]
		c.of.take(c)
	}
	if p.Moved != nil {
		for i := range w.spans {
			s := &w.spans[i]
			p.Moved(s.of.file, int64(s.to-s.at), s.upTo, s.last)
		}
	}
	for _, a := range w.ends {
		if err := done(ctx, a.end()); err != nil {
			return err
		}
	}
	return nil
}
