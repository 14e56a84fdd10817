package main

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"scaidrive/client/runner"
	"scaidrive/client/setup"
	"scaidrive/client/worker"
)

type syncStatusCmd struct {
	Dirs []string `arg:"" optional:"" name:"path" help:"Folders to show, or files and folders in them; all folders without one."`
}

// Help is shown by --help.
func (syncStatusCmd) Help() string {
	return `Tells of each folder whether it is in step, and what is not and why; of something in
one, whether that is. It asks the records of this installation, not the server. Exit: 0 all in step, 3 something is
not (held, waiting, paused before it came in step, stopped, never synced), 1 the
folders can't be read, 2 usage. What is ignored by a rule, and a folder that only holds
such things, is in step.

Example:
  scaidrive sync status`
}

// folderState is a folder with its status, for --json.
type folderState struct {
	*setup.Folder
	*runner.Status
	Running bool `json:"running"`
}

// Run shows.
func (c *syncStatusCmd) Run(_ context.Context, t *terminal) error {
	store, err := t.folders()
	if err != nil {
		return err
	}
	list, err := t.named(store, c.Dirs)
	if err != nil {
		return err
	}
	attention, followed := false, store.Followed()
	for i, f := range list {
		s := &runner.Status{}
		err := store.Status(f, s)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		unlock, lerr := store.Lock(f)
		if lerr == nil {
			unlock()
		}
		running := errors.Is(lerr, setup.ErrBusy)
		s.Paused = f.Paused
		if rel := within(f, c.Dirs, i); rel != "" && err == nil {
			fine, err := t.pathStatus(f, s, rel)
			if err != nil {
				return err
			}
			attention = attention || !fine
			continue
		}
		attention = attention || !s.InStep
		if t.json {
			if err := t.object(folderState{f, s, running}); err != nil {
				return err
			}
			continue
		}
		if errors.Is(err, fs.ErrNotExist) {
			t.say("%s: not synced yet", clean(f.Dir))
			continue
		}
		if err := t.folderStatus(f, s); err != nil {
			return err
		}
		if !running {
			t.say("  as of %s; no sync run is at work on it", s.Updated.Local().Format("2006-01-02 15:04:05"))
		}
	}
	if dir, err := stateIn(t.getenv, "sync"); err == nil && followed {
		if at, err := runner.PageAddress(dir); err == nil {
			t.say("Status page: %s", at)
		}
	}
	if attention {
		return &partError{exitPart}
	}
	return nil
}

// folderStatus tells how a folder is.
func (t *terminal) folderStatus(f *setup.Folder, s *runner.Status) error {
	if t.json {
		b, err := json.Marshal(folderState{Folder: f, Status: s})
		if err != nil {
			return err
		}
		return t.object(json.RawMessage(b))
	}
	c := &s.Counts
	t.say("%s: %s; %d files and folders; sent %s, received %s, saved %s", clean(f.Dir), clean(runner.Describe(s)), s.Files,
		size(c.BytesSent), size(c.BytesReceived), size(c.BytesSaved))
	if c.Conflicts > 0 {
		t.say("  %d conflicts; scaidrive conflicts ls lists them", c.Conflicts)
	}
	if n, where := runner.Rescued(f); n > 0 {
		t.say("  %s", runner.DescribeRescued(n, clean(where)))
	}
	for _, i := range s.Waiting {
		if !i.Ignored {
			t.warn("not in step %s: %s", clean(filepath.Join(f.Dir, filepath.FromSlash(i.Path))), clean(i.Reason))
		}
	}
	for _, i := range s.Skipped {
		t.warn("skipped %s: %s", clean(filepath.Join(f.Dir, filepath.FromSlash(i.Path))), clean(i.Reason))
	}
	return nil
}

// within is where in its folder what somebody has named lies, "" for the folder.
func within(f *setup.Folder, names []string, i int) string {
	if i >= len(names) {
		return ""
	}
	abs, err := filepath.Abs(names[i])
	if err != nil {
		return ""
	}
	up, err := setup.Real(filepath.Dir(abs)) // a link itself is not followed
	if err != nil {
		return ""
	}
	rel, err := filepath.Rel(f.Dir, filepath.Join(up, filepath.Base(abs)))
	if err != nil || rel == "." || rel == ".." || strings.HasPrefix(rel, ".."+string(filepath.Separator)) {
		return ""
	}
	return filepath.ToSlash(rel)
}

// pathState is how something in a folder is, for --json.
type pathState struct {
	Path   string `json:"path"`
	State  string `json:"state"` // in_step, not_in_step, left_out, changed or not_here
	Reason string `json:"reason,omitempty"`
}

// pathStatus tells how something in a folder is, and what is in it; fine: nobody need
// look.
func (t *terminal) pathStatus(f *setup.Folder, s *runner.Status, rel string) (fine bool, err error) {
	var list []pathState
	add := func(items []worker.Item, state string) {
		for _, i := range items {
			about := i.Path == rel || strings.HasPrefix(i.Path, rel+"/") || strings.HasPrefix(rel, i.Path+"/")
			switch {
			case about && i.Ignored:
				list = append(list, pathState{i.Path, "left_out", i.Reason})
			case about:
				list = append(list, pathState{i.Path, state, i.Reason})
			}
		}
	}
	add(s.Waiting, "not_in_step")
	add(s.Skipped, "left_out")
	info, err := os.Lstat(filepath.Join(f.Dir, filepath.FromSlash(rel)))
	switch {
	case len(list) > 0:
	case worker.Ignored(f.Ignore, rel):
		list = append(list, pathState{rel, "left_out", "ignored by a rule"})
	case errors.Is(err, fs.ErrNotExist):
		list = append(list, pathState{Path: rel, State: "not_here"})
	case err != nil:
		return false, err
	case s.Held != nil || s.Error != "" || !info.IsDir() && info.ModTime().After(s.LastSync):
		list = append(list, pathState{rel, "changed", "the folder was not brought in step since"})
		if s.Error != "" || s.Held != nil {
			list[0] = pathState{rel, "not_in_step", runner.Describe(s)}
		}
	default:
		list = append(list, pathState{Path: rel, State: "in_step"})
	}
	fine = true
	for _, p := range list {
		fine = fine && (p.State == "in_step" || p.State == "left_out")
		if t.json {
			if err := t.object(p); err != nil {
				return fine, err
			}
			continue
		}
		line := clean(filepath.Join(f.Dir, filepath.FromSlash(p.Path))) + ": " + strings.ReplaceAll(p.State, "_", " ")
		if p.Reason != "" {
			line += ", " + clean(p.Reason)
		}
		t.say("%s", line)
	}
	return fine, nil
}
