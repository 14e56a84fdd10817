package runner

import (
	"context"
	"errors"
	"net/http"
	"os"
	"slices"
	"sync"
	"time"

	"scaidrive/client"
	"scaidrive/client/setup"
	"scaidrive/client/watch"
	"scaidrive/client/worker"
)

// The times of a folder that is followed.
const (
	lookAtSettings = 2 * time.Second
	lookAtPlace    = 10 * time.Second // each look before work sees it, too
	fullScan       = time.Hour        // reports of the system may have been lost
	blindScan      = time.Minute      // where not all folders can be watched
	fullRead       = 24 * time.Hour   // where not all changes of files show
	longPoll       = 50               // seconds
	slowPoll       = 5 * time.Minute  // beside the socket, whose frames are hints only
	resolvedPoll   = 30 * time.Second // while a conflict is open; beside the socket
	roomAgain      = 10 * time.Second // while the disk has no room for something
	probeEvery     = 3 * time.Second  // while there is no connection
	rootRetry      = 10 * time.Second // while the folder is not there
	firstRetry     = 2 * time.Second  // after an error; it doubles
	longestRetry   = 2 * time.Minute
	unsettled      = 500 * time.Millisecond // a file was being written
)

// Live follows folders until ctx ends. It takes settings that change, folders that
// come and folders that go.
func (r *Runner) Live(ctx context.Context) error {
	var wg sync.WaitGroup
	defer r.hints.wg.Wait()
	defer wg.Wait()
	running := map[string]context.CancelFunc{}
	gone := make(chan string)
	settings := r.Store.Watch("")
	defer settings.Close()
	tick := time.NewTicker(settings.Every(lookAtSettings))
	defer tick.Stop()
	for {
		all, err := r.Store.All()
		if err != nil {
			return err
		}
		there := map[string]bool{}
		for _, cfg := range all {
			there[cfg.ID] = true
			if running[cfg.ID] != nil {
				continue
			}
			fctx, cancel := context.WithCancel(ctx)
			running[cfg.ID] = cancel
			wg.Go(func() {
				r.follow(fctx, cfg)
				select {
				case gone <- cfg.ID:
				case <-ctx.Done():
				}
			})
		}
		for id, cancel := range running {
			if !there[id] {
				cancel()
			}
		}
		select {
		case <-ctx.Done():
			return nil
		case id := <-gone:
			running[id]()
			delete(running, id)
		case <-settings.C:
		case <-tick.C:
		}
	}
}

// follow follows one folder until ctx ends, whatever goes wrong.
func (r *Runner) follow(ctx context.Context, cfg *setup.Folder) {
	for wait := firstRetry; ; wait = min(2*wait, longestRetry) {
		good, err := r.followOnce(ctx, cfg)
		if ctx.Err() != nil {
			return
		}
		if good { // what is wrong now is something new
			wait = firstRetry
		}
		if errors.Is(err, errSettings) {
			if cfg, err = r.Store.Load(cfg.ID); err != nil {
				return // it was removed
			}
			wait = firstRetry / 2 // the next is the first
			continue
		}
		s := Status{PID: os.Getpid(), Live: true, Updated: r.Now().UTC()}
		if errors.Is(err, setup.ErrBusy) { // who has it tells how it is
			if pause(ctx, firstRetry) != nil {
				return
			}
			continue
		}
		_ = r.Store.Status(cfg, &s) // what was known before stays
		s.Phase, s.InStep, s.PID, s.Live, s.Updated = worker.Stopped, false, os.Getpid(), true, r.Now().UTC()
		switch {
		case errors.Is(err, worker.ErrWithdrawn):
			s.Withdrawn = err.Error()
			s.Error = s.Withdrawn
		case s.Withdrawn != "" && client.StatusOf(err) == http.StatusNotFound:
			s.Error = s.Withdrawn // what it is still
		case err != nil:
			s.Error = err.Error()
		}
		if r.Store.SaveStatus(cfg, s) == nil && r.Report != nil {
			r.Report(cfg, s)
		}
		if r.rest(ctx, cfg, err, wait); ctx.Err() != nil {
			return
		}
		next, err := r.Store.Load(cfg.ID)
		if err != nil {
			return // it was removed
		}
		cfg = next
	}
}

// rest waits after a failure: as long as there is no connection until there is one, at
// most as long as asked. It ends with ctx, and when somebody changes the settings.
func (r *Runner) rest(ctx context.Context, cfg *setup.Folder, cause error, d time.Duration) {
	ctx, cancel := context.WithCancel(ctx)
	var wg sync.WaitGroup
	defer wg.Wait()
	defer cancel()
	settings := r.Store.Watch(cfg.ID)
	defer settings.Close()
	wg.Go(func() {
		select {
		case <-settings.C:
			cancel()
		case <-ctx.Done():
		}
	})
	var un *client.Unreachable
	switch {
	case errors.As(cause, &un):
	case errors.Is(cause, worker.ErrRoot):
		_ = pause(ctx, min(d, rootRetry))
		return
	default:
		_ = pause(ctx, d)
		return
	}
	for end := r.Now().Add(d); ; {
		if pause(ctx, min(spread(probeEvery), d)) != nil || r.reachable(ctx, cfg) || !r.Now().Before(end) {
			return
		}
	}
}

// reachable reports whether the server answers.
func (r *Runner) reachable(ctx context.Context, cfg *setup.Folder) bool {
	api, err := r.Connect(cfg)
	if err != nil {
		return false
	}
	defer api.Close()
	ctx, cancel := context.WithTimeout(ctx, probeEvery)
	defer cancel()
	_, err = api.Config(ctx)
	return err == nil
}

func pause(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// followOnce follows a folder until something is wrong. good: a round went well.
func (r *Runner) followOnce(ctx context.Context, cfg *setup.Folder) (good bool, err error) {
	w, err := r.open(ctx, cfg, true)
	if err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, w.close()) }()
	err = w.follow(ctx)
	return w.good, err
}

func (w *work) follow(ctx context.Context) (err error) {
	r, cfg := w.r, w.cfg
	watcher, err := watch.New(cfg.Dir, worker.Own)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, watcher.Close()) }()
	w.ears = r.hints.listen(lineKey{cfg.Server, cfg.Profile, w.device}, cfg.Share, func() (*client.Client, error) { return r.Connect(cfg) }, r.told(cfg))
	defer w.ears.close()
	ctx, cancel := context.WithCancelCause(ctx)
	defer w.heed(ctx, cancel)()
	if _, err := w.settings(); err != nil { // it may have changed before it was watched
		return err
	}
	scanned, read := time.Time{}, r.Now()
	complete := true
	for {
		every := fullScan
		if !complete {
			every = blindScan
		}
		if r.Now().Sub(scanned) >= every {
			w.folder.TouchAll()
			scanned = r.Now()
		}
		if r.Now().Sub(read) >= fullRead {
			w.folder.Rehash()
			read = r.Now()
		}
		if w.paused() {
			w.report(nil)
		} else if err := w.rounds(ctx); err != nil {
			return err
		}
		if complete, err = w.watched(ctx, watcher); err != nil {
			return err
		}
		if err := w.idle(ctx, watcher, scanned.Add(every)); err != nil {
			return err
		}
	}
}

// watched has all folders watched, and looks into those that were not: in them there
// may be folders that nobody knew of. complete is false where not all can be.
func (w *work) watched(ctx context.Context, watcher *watch.Watcher) (complete bool, err error) {
	for range maxLevels {
		var fresh []string
		if fresh, complete = watcher.Follow(w.folder.Dirs()); len(fresh) == 0 || w.paused() {
			return complete, nil
		}
		for _, d := range fresh {
			w.folder.TouchDir(d)
		}
		if err := w.rounds(ctx); err != nil {
			return complete, err
		}
	}
	return false, nil // folders come faster than they can be watched
}

// maxLevels bounds how often new folders are looked into in a row.
const maxLevels = 50

// idle waits until there may be something to do.
func (w *work) idle(ctx context.Context, watcher *watch.Watcher, until time.Time) error {
	pctx, cancel := context.WithCancel(ctx)
	defer cancel()
	poll := make(chan error, 1)
	at := w.folder.Position()
	if again, err := w.heard(ctx, at); again || err != nil {
		return err
	}
	if !w.paused() && !w.listening {
		go func() { // ends with pctx
			for pctx.Err() == nil {
				got, err := w.api.Changes(pctx, w.cfg.Share, at, longPoll)
				if err != nil || len(got.Changes) > 0 {
					poll <- err
					return
				}
			}
		}()
	}
	var again <-chan time.Time
	if w.folder.Unsettled() {
		t := time.NewTimer(unsettled)
		defer t.Stop()
		again = t.C
	}
	if w.listening {
		until = minTime(until, w.r.Now().Add(slowPoll))
	}
	if w.folder.Awaits() {
		until = minTime(until, w.r.Now().Add(resolvedPoll))
	}
	if w.folder.ShortOfRoom() {
		until = minTime(until, w.r.Now().Add(roomAgain))
	}
	full := time.NewTimer(max(0, until.Sub(w.r.Now())))
	defer full.Stop()
	place := time.NewTicker(lookAtPlace)
	defer place.Stop()
	for {
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case c := <-watcher.Changes():
			if c.Everything {
				w.folder.TouchAll()
			}
			for _, d := range c.Dirs {
				w.folder.TouchDir(d)
			}
			return nil
		case <-w.ears.wake:
			if again, err := w.heard(ctx, at); again || err != nil {
				return err
			}
		case err := <-poll:
			if err != nil && client.StatusOf(err) != 410 {
				return err
			}
			return nil
		case <-again:
			return nil
		case <-full.C:
			return nil
		case <-place.C:
			if err := w.inPlace(); err != nil {
				return err
			}
		case <-w.changed:
			if changed, err := w.settings(); err != nil || changed {
				return err
			}
		}
	}
}

func minTime(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

// errSettings ends a run whose settings have changed, so that the next begins with
// the new ones.
var errSettings = errors.New("its settings have changed")

// heed watches the settings until what it gives is called. A run that was opened with
// others than there are now ends at once, whatever it is at: all that it does can be
// broken off. Of the rest idle is told.
func (w *work) heed(ctx context.Context, end context.CancelCauseFunc) (stop func()) {
	settings := w.r.Store.Watch(w.cfg.ID)
	opened := *w.cfg
	w.changed = make(chan struct{}, 1)
	var wg sync.WaitGroup
	wg.Go(func() {
		tick := time.NewTicker(settings.Every(lookAtSettings))
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-settings.C:
			case <-tick.C:
			}
			if next, err := w.r.Store.Load(opened.ID); err == nil && !alike(next, &opened) {
				end(errSettings)
				return
			}
			select {
			case w.changed <- struct{}{}:
			default:
			}
		}
	})
	return func() {
		end(nil)
		wg.Wait()
		settings.Close()
	}
}

// alike reports whether a run that was opened with settings goes on with others.
func alike(a, b *setup.Folder) bool {
	return a.Mode == b.Mode && a.Strategy == b.Strategy && a.Up == b.Up && a.Down == b.Down &&
		slices.Equal(a.Only, b.Only) && slices.Equal(a.Ignore, b.Ignore)
}

// settings looks whether somebody has changed what the folder is to do.
func (w *work) settings() (changed bool, err error) {
	next, err := w.r.Store.Load(w.cfg.ID)
	if errors.Is(err, setup.ErrNone) {
		return false, errSettings
	}
	if err != nil {
		return false, nil // it is being written
	}
	if !alike(next, w.cfg) {
		return false, errSettings
	}
	if next.Paused == w.cfg.Paused && next.AllowDeletes == w.cfg.AllowDeletes && next.Resync == w.cfg.Resync {
		return false, nil
	}
	w.cfg = next
	if next.AllowDeletes {
		w.folder.AllowDeletes()
	}
	if next.Resync {
		w.anew()
	}
	return true, nil
}
