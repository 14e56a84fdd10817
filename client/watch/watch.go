// Package watch tells which folders of a tree something has happened in, by what
// the operating system reports.
//
// It is a hint, never the truth: reports come late, twice or not at all, and whoever
// listens looks at the disk itself, all of it now and then and when a Change says
// Everything.
package watch

import (
	"errors"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/fsnotify/fsnotify"

	"scaidrive/client/planner"
)

// A Change is where something has happened.
type Change struct {
	Dirs       []string // paths below the root, parted by slashes; "" is the root
	Everything bool     // reports were lost: anywhere
}

// A Watcher watches a tree.
type Watcher struct {
	root    string
	skip    string // a folder at the root that is not watched
	w       *fsnotify.Watcher
	changes chan Change
	done    chan struct{}

	mu      sync.Mutex
	watched map[string]planner.Identity
	partial bool // not all folders could be watched
}

// The times for which reports are gathered: until nothing comes for quiet, at most
// for longest.
const (
	quiet   = 80 * time.Millisecond
	longest = time.Second
)

// New begins to watch. Follow tells of the folders; Close ends it.
func New(root, skip string) (*Watcher, error) {
	w, err := fsnotify.NewWatcher()
	if err != nil {
		return nil, err
	}
	x := &Watcher{root: root, skip: skip, w: w, changes: make(chan Change, 1), done: make(chan struct{}), watched: map[string]planner.Identity{}}
	go x.run() // ends when Close closes the watcher
	return x, nil
}

// Changes gives what has happened.
func (x *Watcher) Changes() <-chan Change { return x.changes }

// Follow watches these folders and no others. It gives those that are watched from
// now on: what happened in them before was not seen. complete is false where the
// system does not watch as many.
//
// The system watches folders, not paths: one that was moved, itself or with a folder
// above it, goes on to be reported under its old path. So a path that another folder
// has now is watched anew, and what is not wanted goes before anything is added.
func (x *Watcher) Follow(dirs map[string]planner.Identity) (fresh []string, complete bool) {
	x.mu.Lock()
	defer x.mu.Unlock()
	for d, id := range x.watched {
		if want, ok := dirs[d]; !ok || want != id {
			_ = x.w.Remove(x.path(d)) // it may be gone
			delete(x.watched, d)
		}
	}
	x.partial = false
	for _, d := range slices.Sorted(maps.Keys(dirs)) {
		if _, ok := x.watched[d]; ok {
			continue
		}
		if err := x.w.Add(x.path(d)); err != nil {
			x.partial = true
			continue
		}
		x.watched[d] = dirs[d]
		fresh = append(fresh, d)
	}
	return fresh, !x.partial
}

func (x *Watcher) path(dir string) string { return filepath.Join(x.root, filepath.FromSlash(dir)) }

// run gathers reports.
func (x *Watcher) run() {
	defer close(x.done)
	dirs := map[string]bool{}
	everything := false
	var first time.Time
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	note := func() {
		now := time.Now()
		if first.IsZero() {
			first = now
		}
		timer.Reset(max(0, min(quiet, longest-now.Sub(first))))
	}
	for {
		select {
		case e, ok := <-x.w.Events:
			if !ok {
				return
			}
			if x.take(e, dirs) {
				note()
			}
		case err, ok := <-x.w.Errors:
			if !ok {
				return
			}
			everything = everything || errors.Is(err, fsnotify.ErrEventOverflow)
			note()
		case <-timer.C:
			if len(dirs) == 0 && !everything {
				timer.Reset(time.Hour)
				continue
			}
			c := Change{Everything: everything}
			for d := range dirs {
				c.Dirs = append(c.Dirs, d)
			}
			select {
			case x.changes <- c:
				clear(dirs)
				everything, first = false, time.Time{}
			default: // nobody has taken the last one: it waits
				timer.Reset(quiet)
			}
		}
	}
}

// take notes where something has happened.
func (x *Watcher) take(e fsnotify.Event, dirs map[string]bool) bool {
	rel, err := filepath.Rel(x.root, e.Name)
	if err != nil || rel == ".." || strings.HasPrefix(rel, ".."+string(filepath.Separator)) {
		return false
	}
	rel = filepath.ToSlash(rel)
	if rel == x.skip || strings.HasPrefix(rel, x.skip+"/") {
		return false
	}
	if rel == "." {
		dirs[""] = true
		return true
	}
	up := ""
	if i := strings.LastIndexByte(rel, '/'); i >= 0 {
		up = rel[:i]
	}
	dirs[up] = true
	x.mu.Lock()
	if _, ok := x.watched[rel]; ok {
		dirs[rel] = true // the folder itself
		if e.Has(fsnotify.Remove) || e.Has(fsnotify.Rename) {
			delete(x.watched, rel) // its path may become another folder's
		}
	}
	x.mu.Unlock()
	return true
}

// Close ends the watching.
func (x *Watcher) Close() error {
	err := x.w.Close()
	<-x.done
	return err
}
