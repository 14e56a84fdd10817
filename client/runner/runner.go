// Package runner keeps the synced folders of this installation in step: once, or
// for as long as it is let.
//
// It puts the parts together: settings (client/setup), the disk (client/disk), the
// records (client/records), the work itself (client/worker) and what wakes it
// (client/watch, and the server's change log). It decides nothing about files.
package runner

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"runtime"
	"sync"
	"syscall"
	"time"

	"scaidrive/client"
	"scaidrive/client/disk"
	"scaidrive/client/planner"
	"scaidrive/client/records"
	"scaidrive/client/setup"
	"scaidrive/client/worker"
	"scaidrive/httpd/wire"
)

// A Runner runs folders.
type Runner struct {
	Store   *setup.Store
	Connect func(f *setup.Folder) (*client.Client, error)
	Version string
	Now     func() time.Time
	// Event is told what is done, Report how a folder is after each round. They are
	// called from several goroutines.
	Event  func(f *setup.Folder, e worker.Event)
	Report func(f *setup.Folder, s Status)

	hints hints
	// Room is told about how many files and folders are held in memory, of all
	// folders; nil: nobody asks.
	Room func(entries int)

	mu   sync.Mutex
	held map[string]int // by folder
}

// room takes a folder's number of entries.
func (r *Runner) room(folder string, entries int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.held == nil {
		r.held = map[string]int{}
	}
	if r.held[folder] = entries; r.Room == nil {
		return
	}
	all := 0
	for _, n := range r.held {
		all += n
	}
	r.Room(all)
}

// modeOf gives the mode of a name.
func modeOf(name string) (planner.Mode, error) {
	switch name {
	case "", "two-way":
		return planner.TwoWay, nil
	case "send":
		return planner.SendOnly, nil
	case "receive":
		return planner.ReceiveOnly, nil
	}
	return 0, fmt.Errorf("%q is no mode", name)
}

// StrategyOf gives the API's name of a strategy; "" for "".
func StrategyOf(name string) (string, error) {
	all := map[string]string{"": "", "keep-both": wire.KeepBoth, "last-writer": wire.LastWriterWins, "manual": wire.Manual,
		"server": wire.ServerWins, "client": wire.ClientWins}
	s, ok := all[name]
	if !ok {
		return "", fmt.Errorf("%q is no strategy", name)
	}
	return s, nil
}

// RandomName gives another text each time.
func RandomName() string {
	b := make([]byte, 6)
	_, _ = rand.Read(b) // never fails
	return hex.EncodeToString(b)
}

// A work is a folder that is open.
type work struct {
	r      *Runner
	device string
	root   fs.FileInfo // the folder that is open
	ears   *listener   // nil: of a run that does not wait
	cfg    *setup.Folder
	api    *client.Client
	folder *worker.Folder
	unlock func()
	live   bool
	good   bool // a round went well

	changed   chan struct{}    // its settings may have
	mirrored  *wire.SyncReport // what the server was told last
	listening bool             // the socket is open, and tells what is new
	rests     bool             // the server says that this folder is paused
	told      client.Position  // up to where the server knows that this device is
	toldAt    time.Time
}

// errWiped ends a run: somebody has removed this device on the server. What is on the
// disk stays.
var errWiped = errors.New("this device was removed on the server; sign in again to go on")

// heard takes what the socket has told, and tells whether there may be something to
// do.
func (w *work) heard(ctx context.Context, at client.Position) (bool, error) {
	h := w.ears.heard()
	if h.withdrawn {
		return false, errWiped
	}
	changed := h.open != w.listening
	w.listening = h.open
	if h.whole {
		w.folder.Relist()
	}
	if h.settings {
		if err := w.asked(ctx); err != nil {
			return false, err
		}
	}
	if w.paused() {
		return h.settings, nil // going on begins with a look at everything
	}
	// What may have been missed while there was no socket is asked for once.
	return h.unclear || changed || h.whole || h.settings || h.newest > at.Cursor, nil
}

// open opens a folder for work.
func (r *Runner) open(ctx context.Context, cfg *setup.Folder, live bool) (w *work, err error) {
	unlock, err := r.Store.Lock(cfg)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			unlock()
		}
	}()
	api, err := r.Connect(cfg)
	if err != nil {
		return nil, err
	}
	if api.Address() != cfg.Server {
		return nil, fmt.Errorf("%s: the sign-in is for %s, not for %s", cfg.Dir, api.Address(), cfg.Server)
	}
	mode, err := modeOf(cfg.Mode)
	if err != nil {
		return nil, err
	}
	strategy, err := StrategyOf(cfg.Strategy)
	if err != nil {
		return nil, err
	}
	root, err := os.Stat(cfg.Dir)
	if errors.Is(err, fs.ErrNotExist) || err == nil && !root.IsDir() {
		return nil, fmt.Errorf("%s: %w", cfg.Dir, worker.ErrRoot)
	}
	fsys, err := disk.Open(cfg.Dir)
	if err != nil {
		return nil, err
	}
	// The server, the disk and the records take their time side by side.
	var ahead *worker.Ahead
	if !live {
		ahead = worker.LookAhead(ctx, fsys, cfg.ID, cfg.Ignore)
	}
	asked := make(chan greeting, 1)
	go func() { asked <- r.greet(ctx, api, cfg.Share) }() // ends before open does
	rec, err := r.records(cfg)
	greeted := <-asked
	if again := signInAgain(cfg, greeted.err); again != nil {
		greeted.err = again
	}
	if err = errors.Join(err, greeted.err); err != nil {
		if ahead != nil {
			ahead.Close()
		}
		if rec != nil {
			err = errors.Join(err, rec.Close(false))
		}
		return nil, errors.Join(err, fsys.Close())
	}
	device, conf := greeted.device, greeted.conf
	prefs := greeted.prefs
	o := worker.Options{
		API: api, Disk: fsys, Records: rec, Server: cfg.Server, Share: cfg.Share, Device: device, Marker: cfg.ID,
		Chunking: conf.Chunking, Strategy: strategy, Mode: mode, Only: cfg.Only, Excluded: prefs.ExcludedFolderIDs, Ignore: cfg.Ignore,
		Ahead: ahead, Pending: r.Store.File(cfg, "pending.json"), AllowDeletes: cfg.AllowDeletes,
		Up: worker.NewLimit(cfg.Up, r.Now), Down: worker.NewLimit(cfg.Down, r.Now), Now: r.Now, Token: RandomName,
	}
	if live {
		o.Stable = stable
	}
	o.Room = func(entries int) { r.room(cfg.ID, entries) }
	if r.Event != nil {
		o.Event = func(e worker.Event) { r.Event(cfg, e) }
	}
	folder, err := worker.Open(o)
	if err != nil {
		if ahead != nil {
			ahead.Close()
		}
		return nil, errors.Join(err, rec.Close(false), fsys.Close())
	}
	w = &work{r: r, device: device, root: root, cfg: cfg, api: api, folder: folder, unlock: unlock, live: live, rests: prefs.Paused}
	if cfg.Resync {
		w.anew()
	}
	return w, nil
}

// A greeting is what client and server tell each other at the start.
type greeting struct {
	device string
	conf   *wire.Config
	prefs  *wire.SyncPreferences
	err    error
}

func (r *Runner) greet(ctx context.Context, api *client.Client, share string) (g greeting) {
	if g.device, g.err = r.register(ctx, api); g.err != nil {
		return g
	}
	if g.conf, g.err = api.Config(ctx); g.err != nil {
		return g
	}
	g.prefs, g.err = api.Preferences(ctx, share, g.device)
	if client.StatusOf(g.err) == http.StatusNotFound { // the share is not there; the first round tells
		g.prefs, g.err = &wire.SyncPreferences{}, nil
	}
	return g
}

// paused reports whether the folder rests, as somebody has said here or on the server.
func (w *work) paused() bool { return w.cfg.Paused || w.rests }

// stable is how long a file must have been left alone before it is looked at while
// folders are followed.
const stable = 300 * time.Millisecond

// records opens a folder's records. Damaged ones are put aside: what they knew is
// found out by comparing.
func (r *Runner) records(cfg *setup.Folder) (*records.Store, error) {
	path := r.Store.File(cfg, "records")
	rec, err := records.Open(path)
	if !errors.Is(err, records.ErrDamaged) {
		return rec, err
	}
	if err := os.Rename(path, path+".damaged"); err != nil {
		return nil, err
	}
	return records.Open(path)
}

// register tells the server of this installation.
func (r *Runner) register(ctx context.Context, api *client.Client) (string, error) {
	id, err := r.Store.Device(func() string { return "dev-" + RandomName() + RandomName() })
	if err != nil {
		return "", err
	}
	name, err := os.Hostname()
	if err != nil {
		name = "computer"
	}
	_, err = api.RegisterDevice(ctx, wire.RegisterDevice{DeviceID: id, DeviceName: name, Platform: runtime.GOOS, ClientVersion: r.Version})
	if err != nil {
		return "", fmt.Errorf("tell the server of this device: %w", err)
	}
	return id, nil
}

func (w *work) close() error {
	err := w.folder.Close()
	w.api.Close()
	w.unlock()
	return err
}

// Once brings a folder in step and tells how it is then.
func (r *Runner) Once(ctx context.Context, cfg *setup.Folder) (s Status, err error) {
	w, err := r.open(ctx, cfg, false)
	if err != nil {
		return s, err
	}
	defer func() { err = errors.Join(err, w.close()) }()
	if w.rests {
		return w.report(nil), nil
	}
	err = w.explain(w.folder.Once(ctx))
	w.lifted()
	if err == nil {
		w.compared()
		w.mirror(ctx)
	}
	s = w.report(err)
	return s, err
}

// lifted notes that the brake was lifted for one run only.
func (w *work) lifted() {
	if !w.cfg.AllowDeletes || w.folder.Status().Held != nil {
		return
	}
	w.cfg.AllowDeletes = false
	_, _ = w.r.Store.Change(w.cfg.ID, func(f *setup.Folder) { f.AllowDeletes = false }) // else it is lifted for the next run, too
}

// anew has the next round list the share anew and look at the whole disk.
func (w *work) anew() {
	w.folder.Relist()
	w.folder.TouchAll()
	w.folder.Rehash()
}

// compared notes that a round has compared everything, if somebody had asked for that.
func (w *work) compared() {
	if !w.cfg.Resync {
		return
	}
	w.cfg.Resync = false
	_, _ = w.r.Store.Change(w.cfg.ID, func(f *setup.Folder) { f.Resync = false }) // else it is done again
}

// signInAgain says of an answer that the sign-in does not hold what to do; nil of others.
func signInAgain(cfg *setup.Folder, err error) error {
	if client.StatusOf(err) != http.StatusUnauthorized {
		return nil
	}
	return fmt.Errorf("%w; scaidrive login %s signs in again", err, cfg.Server)
}

// explain says what it means for a folder that the server does not know its share.
func (w *work) explain(err error) error {
	if err := signInAgain(w.cfg, err); err != nil {
		return err
	}
	if errors.Is(err, syscall.ENOSPC) {
		return fmt.Errorf("the disk is full; make room, then it goes on by itself: %w", err)
	}
	if errors.Is(err, worker.ErrWithdrawn) {
		return fmt.Errorf("%s on %s: %w", w.cfg.ShareName, w.cfg.Server, err)
	}
	if client.StatusOf(err) == http.StatusNotFound {
		return fmt.Errorf("%s is not on %s, or not shared with you any more; nothing is changed here: %w", w.cfg.ShareName, w.cfg.Server, err)
	}
	return err
}

// inPlace checks that the folder at the path is the one that is open: an open folder
// stays usable when it is moved away.
func (w *work) inPlace() error {
	if now, err := os.Stat(w.cfg.Dir); err != nil || !os.SameFile(now, w.root) {
		return fmt.Errorf("%s: %w", w.cfg.Dir, worker.ErrRoot)
	}
	return nil
}

// rounds runs until nothing is left to do.
func (w *work) rounds(ctx context.Context) error {
	for range 100 {
		if err := w.inPlace(); err != nil {
			return err
		}
		did, err := w.folder.Round(ctx)
		if cause := context.Cause(ctx); err != nil && errors.Is(cause, errSettings) {
			return cause // the next run goes on
		}
		w.good = w.good || err == nil
		err = w.explain(err)
		w.lifted()
		if err == nil {
			w.compared()
		}
		if err == nil && !did {
			w.mirror(ctx)
		}
		w.report(err)
		if err != nil || !did {
			return err
		}
	}
	return nil
}
