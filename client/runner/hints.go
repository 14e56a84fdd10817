package runner

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"time"

	"scaidrive/client"
	"scaidrive/client/setup"
	"scaidrive/client/worker"
	"scaidrive/httpd/wire"
)

// Hints are what servers tell over their sockets: that something is to be pulled.
// An installation has one socket to a server, whatever the number of its folders;
// it is open while a folder listens. Nothing depends on it: without one, folders
// ask the change log and wait there.
type hints struct {
	mu    sync.Mutex
	lines map[lineKey]*line
	wg    sync.WaitGroup
}

type lineKey struct{ server, profile, device string }

// A line is the socket to a server.
type line struct {
	key       lineKey
	cancel    context.CancelFunc
	open      bool
	listeners map[*listener]struct{}
}

// A listener is a folder that listens.
type listener struct {
	of    *hints
	line  *line
	share string
	wake  chan struct{} // has room for one

	// Guarded by of.mu.
	newest    int64 // cursor that was told of
	unclear   bool  // rows may have been missed
	whole     bool  // everything is to be listed anew
	settings  bool  // preferences have changed
	withdrawn bool  // the device was removed
}

// heard is what a listener was told since it last asked.
type heard struct {
	open      bool // the socket is
	newest    int64
	unclear   bool
	whole     bool
	settings  bool
	withdrawn bool
}

// The waits between attempts to open a socket; they double, spread by half.
const (
	firstReopen   = 500 * time.Millisecond
	longestReopen = time.Minute
	replacedWait  = 5 * time.Minute // another process has the device's socket
	steady        = 30 * time.Second
)

// errNoSocket ends the attempts: the server has none.
var errNoSocket = errors.New("the server opens no socket")

// listen has a folder listen until the listener is closed. connect opens a client
// for the line, which closes it; tell is told of what is for people.
func (h *hints) listen(key lineKey, share string, connect func() (*client.Client, error), tell func(*wire.Frame)) *listener {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.lines == nil {
		h.lines = map[lineKey]*line{}
	}
	l := h.lines[key]
	if l == nil {
		ctx, cancel := context.WithCancel(context.Background())
		l = &line{key: key, cancel: cancel, listeners: map[*listener]struct{}{}}
		h.lines[key] = l
		h.wg.Go(func() { h.keep(ctx, l, connect, tell) })
	}
	k := &listener{of: h, line: l, share: share, wake: make(chan struct{}, 1)}
	l.listeners[k] = struct{}{}
	return k
}

// close ends listening; the last listener ends the line.
func (k *listener) close() {
	k.of.mu.Lock()
	defer k.of.mu.Unlock()
	delete(k.line.listeners, k)
	if len(k.line.listeners) == 0 {
		k.line.cancel()
		if k.of.lines[k.line.key] == k.line {
			delete(k.of.lines, k.line.key)
		}
	}
}

// heard tells what came, and forgets it.
func (k *listener) heard() heard {
	k.of.mu.Lock()
	defer k.of.mu.Unlock()
	out := heard{k.line.open, k.newest, k.unclear, k.whole, k.settings, k.withdrawn}
	k.unclear, k.whole, k.settings = false, false, false
	return out
}

// each wakes listeners that fn changes something of. The lock is held.
func (l *line) each(fn func(*listener) bool) {
	for k := range l.listeners {
		if fn(k) {
			select {
			case k.wake <- struct{}{}:
			default: // woken already
			}
		}
	}
}

// keep keeps a line open, as well as it can be.
func (h *hints) keep(ctx context.Context, l *line, connect func() (*client.Client, error), tell func(*wire.Frame)) {
	for wait := firstReopen; ctx.Err() == nil; wait = min(2*wait, longestReopen) {
		began := time.Now()
		err := h.once(ctx, l, connect, tell)
		h.state(l, false)
		if errors.Is(err, errNoSocket) {
			<-ctx.Done()
			return
		}
		if time.Since(began) > steady {
			wait = firstReopen
		}
		var end *client.SocketEnd
		pauseFor := wait
		if errors.As(err, &end) && end.Code == client.SocketReplaced {
			pauseFor = replacedWait
		}
		if pause(ctx, spread(pauseFor)) != nil {
			return
		}
	}
}

// spread takes a random part of the second half away, so that many clients do not
// come back at one moment.
func spread(d time.Duration) time.Duration { return d/2 + rand.N(d/2+1) }

func (h *hints) state(l *line, open bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if l.open == open {
		return
	}
	l.open = open
	l.each(func(k *listener) bool { k.unclear = true; return true })
}

func (h *hints) once(ctx context.Context, l *line, connect func() (*client.Client, error), tell func(*wire.Frame)) error {
	api, err := connect()
	if err != nil {
		return err
	}
	defer api.Close()
	err = api.Listen(ctx, l.key.device, func() { h.state(l, true) }, func(f *wire.Frame) {
		h.frame(l, f)
		if tell != nil {
			tell(f)
		}
	})
	if s := client.StatusOf(err); s == 404 || s == 405 || s == 501 {
		return errNoSocket
	}
	return err
}

// frame takes a frame.
func (h *hints) frame(l *line, f *wire.Frame) {
	kind := f.EventType
	if kind == "" {
		kind = f.Type
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	l.each(func(k *listener) bool {
		mine := f.ShareID == k.share
		switch kind {
		case "change":
			if !mine || f.Cursor == 0 && f.Data != nil { // the last row of several has the cursor
				return false
			}
			if f.Cursor == 0 { // no row tells of it
				k.unclear = true
			}
			k.newest = max(k.newest, f.Cursor)
		case "force_sync":
			if !mine && f.ShareID != "" {
				return false
			}
			k.whole = true
		case "sync_preference_updated":
			if !mine {
				return false
			}
			k.settings = true
		case "wipe":
			k.withdrawn = true
		default:
			return false
		}
		return true
	})
}

// told turns frames that are for people into events of a folder.
func (r *Runner) told(cfg *setup.Folder) func(*wire.Frame) {
	if r.Event == nil {
		return nil
	}
	return func(f *wire.Frame) {
		kind := f.EventType
		if kind == "" {
			kind = f.Type
		}
		switch kind {
		case "job", "notice":
			r.Event(cfg, worker.Event{Kind: kind, Detail: textOf(f.Data)})
		}
	}
}

// textOf is the sentence in the data of a frame, "" if there is none.
func textOf(data any) string {
	m, _ := data.(map[string]any)
	for _, field := range []string{"text", "state"} {
		if s, ok := m[field].(string); ok {
			return s
		}
	}
	return ""
}
