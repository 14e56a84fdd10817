// Package linelog takes log lines without making anybody wait for where they go.
//
// Lines gather in memory and are written together: a second after the first of
// them, at once when one is a warning or an error, when many have gathered, and
// at Close. What gathers is bounded: while the reader of the log does not read,
// further lines are dropped and counted, and the log says so as soon as it can.
//
// A process that is killed loses the lines of its last second; its errors were
// on their way. Its form is slog's; it takes a short cut for plain text lines.
package linelog

import (
	"context"
	"io"
	"log/slog"
	"sync"
	"time"
)

// Bounds of what gathers, in bytes, and how long it does.
const (
	maxGathered = 1 << 20
	flushAt     = 32 << 10
	flushEvery  = time.Second
)

// A Writer is the io.Writer of a log's handler; each Write is a line. Safe for
// concurrent use. Writes never wait for where the lines go and never fail.
type Writer struct {
	out  io.Writer
	form slog.Handler // writes to the Writer

	mu      sync.Mutex
	last    moment
	buf     []byte
	dropped int
	closed  bool

	some chan struct{} // of one place: something has gathered
	now  chan struct{} // of one place: it should be written now
	end  chan struct{} // closed by Close
	over chan struct{} // closed when run has ended
	err  error         // of the last write that failed; valid after over
}

// New makes a writer of lines to out, in the form that form gives them. Close
// ends it.
func New(out io.Writer, form func(io.Writer) slog.Handler) *Writer {
	w := &Writer{
		out: out, some: make(chan struct{}, 1), now: make(chan struct{}, 1),
		end: make(chan struct{}), over: make(chan struct{}),
	}
	w.form = form(w)
	go w.run()
	return w
}

// Write takes a line. After Close it writes it itself.
func (w *Writer) Write(line []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
	case w.closed:
		return w.out.Write(line)
	case len(w.buf)+len(line) > maxGathered:
		w.dropped++
		return len(line), nil
	}
	if len(w.buf) == 0 {
		poke(w.some)
	}
	w.buf = append(w.buf, line...)
	if len(w.buf) >= flushAt {
		poke(w.now)
	}
	return len(line), nil
}

// record takes a plain record; false: it is not plain, or has to go another way.
func (w *Writer) record(r *slog.Record) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed || len(w.buf) >= maxGathered/2 {
		return false
	}
	b, ok := w.last.appendText(w.buf, r)
	return w.take(b, ok)
}

// line is record for what a record is made of.
func (w *Writer) line(at time.Time, level slog.Level, msg string, attrs []slog.Attr) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed || len(w.buf) >= maxGathered/2 {
		return false
	}
	b, ok := w.last.appendHead(w.buf, at, level, msg)
	for i := 0; ok && i < len(attrs); i++ {
		b, ok = appendAttr(b, &attrs[i])
	}
	return w.take(append(b, '\n'), ok)
}

// take takes the buffer with one more line, if that is ok; who calls holds the lock.
func (w *Writer) take(b []byte, ok bool) bool {
	if !ok {
		return false
	}
	was := len(w.buf)
	w.buf = b
	if was == 0 {
		poke(w.some)
	}
	if len(b) >= flushAt {
		poke(w.now)
	}
	return true
}

func poke(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

func (w *Writer) run() {
	defer close(w.over)
	var spare []byte
	for ended := false; !ended; {
		select {
		case <-w.some:
			timer := time.NewTimer(flushEvery)
			select {
			case <-timer.C:
			case <-w.now:
			case <-w.end:
			}
			timer.Stop()
		case <-w.now:
		case <-w.end:
			ended = true
		}
		spare = w.flush(spare)
	}
}

// flush writes what has gathered, and gives its memory back for the next time.
func (w *Writer) flush(spare []byte) []byte {
	w.mu.Lock()
	buf, dropped := w.buf, w.dropped
	w.buf, w.dropped = spare[:0], 0
	w.mu.Unlock()
	if len(buf) > 0 {
		if _, err := w.out.Write(buf); err != nil {
			w.err = err // the next lines may go through
		}
	}
	if dropped > 0 {
		slog.New(w.Handler()).Warn("log lines were dropped: nobody took them in time", "lines", dropped)
	}
	if cap(buf) > 4*flushAt {
		return nil // of a bad moment; not kept for ever
	}
	return buf
}

// Close writes what has gathered and ends; what comes later is written at once.
// The error is that of the last write that failed.
func (w *Writer) Close() error {
	w.mu.Lock()
	if w.closed {
		w.mu.Unlock()
		return nil
	}
	w.closed = true
	w.mu.Unlock()
	close(w.end)
	<-w.over
	w.flush(nil)
	return w.err
}

// Handler is for loggers: it forms lines, and sends warnings and errors at once.
func (w *Writer) Handler() slog.Handler {
	_, text := w.form.(*slog.TextHandler)
	return handler{w.form, w, text}
}

type handler struct {
	slog.Handler
	w    *Writer
	text bool // of slog's form, without attributes or groups of its own
}

// Handle implements slog.Handler.
func (h handler) Handle(ctx context.Context, r slog.Record) error {
	var err error
	if !h.text || !h.w.record(&r) {
		err = h.Handler.Handle(ctx, r)
	}
	if r.Level >= slog.LevelWarn {
		poke(h.w.now)
	}
	return err
}

// Line is Handle of a plain line of text, without a record and without keeping attrs;
// false: it has to go that way.
func (h handler) Line(at time.Time, level slog.Level, msg string, attrs []slog.Attr) bool {
	if !h.text || level >= slog.LevelWarn || !h.Enabled(context.Background(), level) {
		return false
	}
	return h.w.line(at, level, msg, attrs)
}

// WithAttrs implements slog.Handler.
func (h handler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return handler{h.Handler.WithAttrs(attrs), h.w, false}
}

// WithGroup implements slog.Handler.
func (h handler) WithGroup(name string) slog.Handler {
	return handler{h.Handler.WithGroup(name), h.w, false}
}
