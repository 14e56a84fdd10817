// Package preview makes small pictures of files: of pictures, and of pages of
// documents. They are derived data. They are kept on disk so that they are made
// once, and may be deleted at any time.
//
// The bytes of a file are the word of a stranger. They are decoded in a child
// process of the same binary that can do nothing but turn the bytes on its standard
// input into an answer on its standard output: no environment, no other
// descriptors, no sockets, no files, no other processes (package comment of render,
// and confine), within limits of memory, processor time and wall-clock time (Limits)
// and at the lowest priority. There is one child for each rendition, so that
// nothing of one file can reach the picture of another. See docs/decisions.
//
// Invariants: whatever a file does to its child, the server gets an engine.Error; a
// rendition is only ever of the whole file, never of a part that could be read; what
// is given out has the checksum that it was stored with.
//
// The package does not decide who may see a file: a rendition shows its content, so
// callers ask engine/access for READ first. It does not know files, names or
// versions, but contents by their hash.
package preview

import (
	"context"
	"errors"
	"io"
	"path/filepath"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"scaidrive/engine"
	"scaidrive/engine/preview/render"
)

// Options are what may be chosen; the zero value is right.
type Options struct {
	Workers    int              // renditions made at a time; 0: half the processors, at least 1
	Queue      int              // callers that may wait for a worker; 0: DefaultQueue
	CacheBytes int64            // room for renditions on disk; 0: DefaultCacheBytes
	Limits     *Limits          // nil: DefaultLimits
	Now        func() time.Time // the clock that the cache ages by; nil: time.Now

	// Room is nil while the server's storage takes new files, else an error: then
	// nothing is kept. nil itself: it always does.
	Room func() error

	unconfined bool // tests under the race detector, whose runtime needs more
}

// A Rendition is what is shown. Its bytes may be shared: they are only read.
type Rendition struct {
	Bytes     []byte
	MediaType string // image/jpeg or image/png
	Pages     int    // how many pages the file has; 1 for a picture
}

// Service makes and keeps renditions. It is safe for concurrent use.
type Service struct {
	exe    string
	engine string // directory of the compiled PDF engine
	opts   Options
	limits Limits
	cache  *cache

	slots     chan struct{} // a token for each busy worker
	preparing chan struct{} // a token while the PDF engine is compiled
	prepares  atomic.Int64  // how often it was
	renders   atomic.Int64  // children started to render
	childCPU  atomic.Int64  // processor time of all children, in nanoseconds

	ctx    context.Context // ends with Close
	stop   context.CancelFunc
	mu     sync.Mutex
	closed bool
	asked  int // callers inside, at work or waiting
	wg     sync.WaitGroup
	flight map[key]*flight
}

// A flight is a rendition being made, and those who wait for it.
type flight struct {
	done chan struct{}
	r    Rendition
	err  error
	// own: the error is of the caller who led, not of the file.
	own bool
}

// New makes a Service that keeps everything below dir (renditions/ and engine/,
// made when needed) and starts exe, the path of this binary, with Command.
func New(dir, exe string, opts Options) *Service {
	if opts.Workers <= 0 {
		opts.Workers = max(1, runtime.NumCPU()/2)
	}
	if opts.Queue <= 0 {
		opts.Queue = DefaultQueue
	}
	if opts.CacheBytes <= 0 {
		opts.CacheBytes = DefaultCacheBytes
	}
	if opts.Now == nil {
		opts.Now = time.Now
	}
	s := &Service{exe: exe, engine: filepath.Join(dir, "engine"), opts: opts, limits: DefaultLimits(),
		cache: &cache{dir: filepath.Join(dir, "renditions"), max: opts.CacheBytes, now: opts.Now, room: opts.Room},
		slots: make(chan struct{}, opts.Workers), preparing: make(chan struct{}, 1),
		flight: map[key]*flight{}}
	if opts.Limits != nil {
		s.limits = *opts.Limits
	}
	s.ctx, s.stop = context.WithCancel(context.Background())
	return s
}

// Close ends the children that are at work and waits for all callers. Later calls
// are KindUnavailable.
func (s *Service) Close() {
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	s.stop()
	s.wg.Wait()
}

// Thumbnail is the picture of a file, or of the first page of a document.
func (s *Service) Thumbnail(ctx context.Context, content [32]byte, size int, open func(w io.Writer) error) ([]byte, string, error) {
	r, err := s.Page(ctx, content, 1, size, open)
	return r.Bytes, r.MediaType, err
}

// Page is the picture of a page, from 1, whose longest edge is size: SizeIcon,
// SizeTile or SizeScreen. content is the SHA-256 of the file.
//
// open writes the file's bytes to w, all of them or until w gives an error. It is
// called only when there is no rendition yet, twice at most, in the caller's
// goroutine; it must return when ctx is done. Its own error is passed on.
//
// Errors: KindInvalid, the file has no rendition (unknown kind, damaged, protected,
// more than the limits; the message says which), or an unknown size; KindNotFound,
// no such page; KindUnavailable, not now: too many are waiting, it took too long by
// the clock, ctx ended, the service is closing, the child cannot be started.
func (s *Service) Page(ctx context.Context, content [32]byte, page, size int, open func(w io.Writer) error) (Rendition, error) {
	if !sizeKnown(size) {
		return Rendition{}, engine.Invalid("size", "size must be %d, %d or %d", SizeIcon, SizeTile, SizeScreen)
	}
	if page < 1 || page > s.limits.Render.Pages {
		return Rendition{}, engine.E(engine.KindNotFound, "the file has no page %d that can be shown", page)
	}
	k := key{content: content, page: page, size: size}
	leave, err := s.enter()
	if err != nil {
		return Rendition{}, err
	}
	defer leave()
	for {
		if r, err, ok := s.cached(k); ok {
			return r, err
		}
		s.mu.Lock()
		f, joined := s.flight[k]
		if !joined {
			f = &flight{done: make(chan struct{})}
			s.flight[k] = f
		}
		s.mu.Unlock()
		if !joined {
			s.lead(ctx, k, f, open)
			return f.r, f.err
		}
		select {
		case <-f.done:
		case <-ctx.Done():
			return Rendition{}, unavailable("it was given up", ctx.Err())
		case <-s.ctx.Done():
			return Rendition{}, unavailable("the server is shutting down", nil)
		}
		if !f.own {
			return f.r, f.err
		}
		// It was the other caller's trouble: look, then try.
	}
}

// enter counts a caller in.
func (s *Service) enter() (leave func(), err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil, unavailable("the server is shutting down", nil)
	}
	if s.asked >= s.opts.Workers+s.opts.Queue {
		return nil, unavailable("too many previews are waiting", nil)
	}
	s.asked++
	s.wg.Add(1)
	return func() {
		s.mu.Lock()
		s.asked--
		s.mu.Unlock()
		s.wg.Done()
	}, nil
}

// cached looks on disk.
func (s *Service) cached(k key) (Rendition, error, bool) {
	e, ok := s.cache.get(k)
	if !ok {
		return Rendition{}, nil, false
	}
	if e.reason != 0 {
		return Rendition{}, refusalError(&render.Refusal{Reason: e.reason, Detail: "as before"}), true
	}
	return Rendition{Bytes: e.payload, MediaType: e.media.Type(), Pages: int(e.pages)}, nil, true
}

// lead makes the rendition that others may wait for.
func (s *Service) lead(ctx context.Context, k key, f *flight, open func(w io.Writer) error) {
	f.own, f.err = true, engine.E(engine.KindInternal, "the stream of the file panicked")
	defer func() {
		s.mu.Lock()
		delete(s.flight, k)
		s.mu.Unlock()
		close(f.done)
	}()
	f.r, f.err = s.produce(ctx, k, open)
	_, broken := errors.AsType[*streamError](f.err)
	f.own = broken || f.err != nil && ctx.Err() != nil
}

// produce waits for a worker, renders and keeps.
func (s *Service) produce(ctx context.Context, k key, open func(w io.Writer) error) (Rendition, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(s.ctx, cancel)()
	select {
	case s.slots <- struct{}{}:
		defer func() { <-s.slots }()
	case <-ctx.Done():
		return Rendition{}, unavailable("it was given up", ctx.Err())
	}
	seen := s.prepares.Load()
	a, err := s.render(ctx, k, open)
	if ref, ok := errors.AsType[*render.Refusal](err); ok && ref.Reason == render.Unprepared {
		if err := s.prepare(ctx, seen); err != nil {
			return Rendition{}, err
		}
		a, err = s.render(ctx, k, open)
	}
	if ref, ok := errors.AsType[*render.Refusal](err); ok {
		if keeps(ref.Reason) {
			s.cache.put(k, answer{reason: ref.Reason})
		}
		return Rendition{}, refusalError(ref)
	}
	if err != nil {
		return Rendition{}, err
	}
	if err := check(a, k.size); err != nil {
		return Rendition{}, refusalError(&render.Refusal{Reason: render.Crashed, Detail: err.Error()})
	}
	s.cache.put(k, a)
	return Rendition{Bytes: a.payload, MediaType: a.media.Type(), Pages: int(a.pages)}, nil
}

// render runs a child over the file.
func (s *Service) render(ctx context.Context, k key, open func(w io.Writer) error) (answer, error) {
	o := s.order(s.limits)
	o.Page, o.Size = k.page, k.size
	if err := s.makeRoom(); err != nil {
		return answer{}, err
	}
	s.renders.Add(1)
	c := newChild(ctx, s.exe, o, s.limits)
	done := false
	defer func() {
		if !done { // open panicked
			c.cancel(nil)
			_, _ = c.finish(errEnough)
		}
	}()
	err := open(c)
	done = true
	a, err := c.finish(err)
	s.childCPU.Add(int64(c.cpu))
	return a, err
}

func (s *Service) order(l Limits) order {
	return order{Engine: s.engine, Render: l.Render, CPU: int64(l.CPU / time.Second), Wall: int64(l.Wall),
		Memory: l.Resident / 4 * 3, Mapped: l.Mapped, Unconfined: s.opts.unconfined}
}
