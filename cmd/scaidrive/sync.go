package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"scaidrive/client"
	"scaidrive/client/disk"
	"scaidrive/client/runner"
	"scaidrive/client/setup"
	"scaidrive/client/worker"
)

type syncCmd struct {
	Add    syncAddCmd    `cmd:"" help:"Keep a local folder in step with a share."`
	Set    syncSetCmd    `cmd:"" help:"Change how a folder is kept in step."`
	Run    syncRunCmd    `cmd:"" help:"Bring the folders in step, and keep them so."`
	Status syncStatusCmd `cmd:"" help:"Show how the folders are."`
	Pause  syncPauseCmd  `cmd:"" help:"Stop keeping folders in step for now."`
	Resume syncResumeCmd `cmd:"" help:"Go on with folders that are paused or held."`
	Resync syncResyncCmd `cmd:"" help:"Compare everything with the server anew."`
	Remove syncRemoveCmd `cmd:"" help:"Stop keeping a folder in step; its files stay."`
}

// folders is the store of synced folders.
func (t *terminal) folders() (*setup.Store, error) {
	dir, err := stateIn(t.getenv, "sync")
	if err != nil {
		return nil, err
	}
	return setup.NewStore(dir), nil
}

type syncAddCmd struct {
	Share    string   `arg:"" help:"Name or ID of the share."`
	Dir      string   `arg:"" help:"Local folder; made if it is not there."`
	Only     []string `help:"Keep this path of the share only (again for more)." placeholder:"PATH"`
	Ignore   []string `help:"Leave out names like this one, as *.bak (again for more)." placeholder:"PATTERN"`
	Mode     string   `enum:"two-way,send,receive" default:"two-way" help:"two-way, send or receive."`
	Strategy string   `enum:"keep-both,last-writer,manual,server,client," default:"" help:"What becomes of edits that meet: keep-both, last-writer, manual, server or client; the share's own without it."`
	Up       int64    `help:"Send at most so many bytes a second." placeholder:"BYTES"`
	Down     int64    `help:"Receive at most so many bytes a second." placeholder:"BYTES"`
}

// Help is shown by --help.
func (syncAddCmd) Help() string {
	return `What lies in the folder already is merged with the share: equal files are left as
they are, others go up, and what differs under one name is settled as a conflict.
Nothing is moved until sync run.

Example:
  scaidrive sync add Projects ~/Projects --only reports`
}

// Run adds.
func (c *syncAddCmd) Run(ctx context.Context, t *terminal) error {
	store, err := t.folders()
	if err != nil {
		return err
	}
	api, err := t.connect()
	if err != nil {
		return err
	}
	id, err := api.FindShare(ctx, strings.TrimSuffix(c.Share, ":"))
	if err != nil {
		return err
	}
	sh, err := api.Share(ctx, id)
	if err != nil {
		return err
	}
	dir, err := setup.Real(c.Dir)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return err
	}
	f := &setup.Folder{ID: "syn-" + runner.RandomName(), Server: api.Address(), Profile: t.usedProfile(), Share: id, ShareName: sh.Name,
		Dir: dir, Mode: c.Mode, Strategy: c.Strategy, Only: c.Only, Ignore: c.Ignore, Up: c.Up, Down: c.Down, Added: t.now().UTC()}
	if err := store.Add(f); err != nil {
		return err
	}
	if err := mark(f); err != nil {
		return errors.Join(err, store.Remove(f))
	}
	if t.json {
		return t.object(f)
	}
	t.say("%s is kept in step with %s. scaidrive sync run begins.", clean(dir), clean(sh.Name))
	return nil
}

// usedProfile is the profile that connect uses; "" for the environment's sign-in.
func (t *terminal) usedProfile() string {
	if t.profileName == "" && t.getenv("SCAIDRIVE_URL") != "" {
		return ""
	}
	return t.profile()
}

// mark sets a folder up for this client.
func mark(f *setup.Folder) error {
	fsys, err := disk.Open(f.Dir)
	if err != nil {
		return err
	}
	return errors.Join(worker.Mark(fsys, f.ID), fsys.Close())
}

func (t *terminal) runner(store *setup.Store) *runner.Runner {
	return &runner.Runner{Store: store, Version: version, Now: t.now, Connect: func(f *setup.Folder) (*client.Client, error) {
		if t.profileName != "" || f.Profile == "" || t.getenv("SCAIDRIVE_URL") != "" {
			return t.connect()
		}
		other := *t
		other.profileName = f.Profile
		return other.connect()
	}}
}

// named are the folders that somebody names; all of them without a name.
func (t *terminal) named(store *setup.Store, names []string) ([]*setup.Folder, error) {
	if len(names) == 0 {
		return store.All()
	}
	var out []*setup.Folder
	for _, n := range names {
		f, err := store.Find(n)
		if err != nil {
			return nil, err
		}
		out = append(out, f)
	}
	return out, nil
}

type syncRunCmd struct {
	Once bool     `help:"End when nothing is left to do in either direction."`
	Dirs []string `arg:"" optional:"" name:"dir" help:"Folders to bring in step, with --once; all without one."`
}

// Help is shown by --help.
func (syncRunCmd) Help() string {
	return `Without --once it goes on until it is ended, and takes changes on both sides within
a second or two. With --once: 0 all in step, 3 something is not (sync status names
it), 1 no connection or not signed in.

Example:
  scaidrive sync run --once`
}

// Run syncs.
func (c *syncRunCmd) Run(ctx context.Context, t *terminal) error {
	store, err := t.folders()
	if err != nil {
		return err
	}
	if !c.Once && len(c.Dirs) > 0 {
		return client.Usagef("without --once all folders are followed")
	}
	list, err := t.named(store, c.Dirs)
	if err != nil {
		return err
	}
	if len(list) == 0 {
		return errors.New("no folder is synced: scaidrive sync add adds one")
	}
	if !c.Once {
		unlock, err := store.LockFollowing()
		if err != nil {
			return err
		}
		defer unlock()
	}
	r := t.runner(store)
	watch := &syncWatch{t: t}
	r.Event = watch.event
	tuneMemory(r)
	if c.Once {
		return c.once(ctx, t, r, list)
	}
	if !t.json {
		r.Report = watch.report
		t.say("Following %d folders.", len(list))
	}
	dir, err := stateIn(t.getenv, "sync")
	if err != nil {
		return err
	}
	page, err := runner.OpenPage(store, dir)
	if err != nil {
		return err
	}
	if !t.json {
		t.say("Status page: %s", page.Address)
	}
	return errors.Join(r.Live(ctx), page.Close())
}

// Memory: as long as there is room, few collections; from leastMemory on as many as
// it takes to stay there, or within what so many files need.
const (
	leastMemory    = 116 << 20
	memoryPerEntry = 1200
)

// tuneMemory has the garbage collector take account of how many files are held.
func tuneMemory(r *runner.Runner) {
	debug.SetGCPercent(300)
	debug.SetMemoryLimit(leastMemory)
	r.Room = func(entries int) {
		debug.SetMemoryLimit(max(leastMemory, int64(entries)*memoryPerEntry))
	}
}

func (c *syncRunCmd) once(ctx context.Context, t *terminal, r *runner.Runner, list []*setup.Folder) error {
	attention := 0
	var failed error
	for _, f := range list {
		if f.Paused && len(c.Dirs) == 0 {
			t.say("%s: paused", clean(f.Dir))
			continue
		}
		s, err := r.Once(ctx, f)
		if err != nil {
			failed = err
			if len(list) > 1 {
				t.finish(fmt.Errorf("%s: %w", f.Dir, err))
			}
			continue
		}
		if s.PausedThere {
			t.say("%s: paused on the server", clean(f.Dir))
			continue
		}
		if s.Attention() {
			attention++
		}
		if err := t.folderStatus(f, &s); err != nil {
			return err
		}
	}
	switch {
	case failed != nil && (errors.Is(failed, worker.ErrRoot) || errors.Is(failed, worker.ErrWithdrawn)):
		if len(list) == 1 {
			t.finish(failed)
		}
		return &partError{exitPart}
	case failed != nil && len(list) == 1:
		return failed
	case failed != nil:
		return &partError{exitFailed}
	case attention > 0:
		return &partError{exitPart}
	}
	return nil
}

// A syncWatch tells what is done as it is done.
type syncWatch struct {
	t    *terminal
	mu   sync.Mutex
	last map[string]string
}

func (w *syncWatch) event(f *setup.Folder, e worker.Event) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.t.json {
		_ = w.t.object(struct {
			worker.Event
			Dir string    `json:"dir"`
			At  time.Time `json:"at"`
		}{e, f.Dir, w.t.now().UTC()})
		return
	}
	if !w.t.quiet && w.t.showsProgress() {
		fmt.Fprintf(w.t.errs, "%-9s %s\n", e.Kind, clean(filepath.Join(f.Dir, filepath.FromSlash(e.Path))))
	}
}

func (w *syncWatch) report(f *setup.Folder, s runner.Status) {
	w.mu.Lock()
	defer w.mu.Unlock()
	line := runner.Describe(&s)
	if w.last == nil {
		w.last = map[string]string{}
	}
	if w.last[f.ID] != line && (s.Error != "" || s.Phase == worker.Idle) {
		w.last[f.ID] = line
		w.t.say("%s: %s", clean(f.Dir), clean(line))
	}
}

type syncPauseCmd struct {
	Dirs []string `arg:"" optional:"" name:"dir" help:"Folders; all without one."`
}

// Help is shown by --help.
func (syncPauseCmd) Help() string {
	return `Example:
  scaidrive sync pause ~/Projects`
}

// Run pauses.
func (c *syncPauseCmd) Run(_ context.Context, t *terminal) error {
	return t.change(c.Dirs, func(f *setup.Folder) { f.Paused = true })
}

// change changes the settings of folders.
func (t *terminal) change(names []string, how func(*setup.Folder)) error {
	store, err := t.folders()
	if err != nil {
		return err
	}
	list, err := t.named(store, names)
	if err != nil {
		return err
	}
	for _, f := range list {
		if f, err = store.Change(f.ID, how); err != nil {
			return err
		}
		if t.json {
			if err := t.object(f); err != nil {
				return err
			}
		}
	}
	return nil
}

type syncResumeCmd struct {
	AllowDeletes bool     `help:"Delete on the server what was deleted here, however much it is, once."`
	Dirs         []string `arg:"" optional:"" name:"dir" help:"Folders; all without one."`
}

// Help is shown by --help.
func (syncResumeCmd) Help() string {
	return `A folder from which very much is gone at once is held until somebody says that it is
meant: --allow-deletes. On the server it goes to the trash, as one group.

Example:
  scaidrive sync resume --allow-deletes ~/Projects`
}

// Run resumes.
func (c *syncResumeCmd) Run(_ context.Context, t *terminal) error {
	return t.change(c.Dirs, func(f *setup.Folder) {
		f.Paused = false
		f.AllowDeletes = f.AllowDeletes || c.AllowDeletes
	})
}

type syncResyncCmd struct {
	Dirs []string `arg:"" optional:"" name:"dir" help:"Folders; all without one."`
}

// Help is shown by --help.
func (syncResyncCmd) Help() string {
	return `The share is listed anew and the whole folder looked at, by the sync run that is at
work or by the next one. Files that are equal are not sent again. What is here and has
gone on the server without a trace is removed; what was edited of it is kept in
.scaidrive/rescue.

Example:
  scaidrive sync resync ~/Projects`
}

// Run asks for it.
func (c *syncResyncCmd) Run(_ context.Context, t *terminal) error {
	return t.change(c.Dirs, func(f *setup.Folder) { f.Resync = true })
}

type syncRemoveCmd struct {
	Dir string `arg:"" help:"The folder."`
}

// Help is shown by --help.
func (syncRemoveCmd) Help() string {
	return `The files stay, here and on the server. What was rescued stays in .scaidrive/rescue.

Example:
  scaidrive sync remove ~/Projects`
}

// Run removes.
func (c *syncRemoveCmd) Run(_ context.Context, t *terminal) error {
	store, err := t.folders()
	if err != nil {
		return err
	}
	f, err := store.Find(c.Dir)
	if err != nil {
		return err
	}
	if err := store.Remove(f); err != nil {
		return err
	}
	if t.json {
		return t.object(f)
	}
	t.say("%s is not kept in step any more. Its files stay.", clean(f.Dir))
	return nil
}
