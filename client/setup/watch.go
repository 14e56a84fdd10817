package setup

import (
	"os"
	"path/filepath"
	"time"

	"github.com/fsnotify/fsnotify"
)

// A Watch tells that settings may have changed. It is a hint: who waits for it
// looks by itself now and then, too.
type Watch struct {
	C <-chan struct{}
	w *fsnotify.Watcher
}

// seldom is how often who has a Watch looks by itself.
const seldom = 5 * time.Minute

// Watch watches which folders there are, or with an ID the settings of one. It can
// be closed and never fails: where the system reports nothing, it tells nothing.
func (s *Store) Watch(id string) *Watch {
	dir := s.dir
	if id != "" {
		dir = s.path(id)
	}
	w, err := fsnotify.NewWatcher()
	if err != nil {
		return &Watch{}
	}
	if err := w.Add(dir); err != nil {
		w.Close()
		return &Watch{}
	}
	c := make(chan struct{}, 1)
	go func() { // ends when Close closes the watcher
		for {
			select {
			case e, ok := <-w.Events:
				if !ok {
					return
				}
				if id != "" && filepath.Base(e.Name) != settingsFile && e.Name != dir {
					continue
				}
			case _, ok := <-w.Errors: // reports were lost
				if !ok {
					return
				}
			}
			select {
			case c <- struct{}{}:
			default:
			}
		}
	}()
	return &Watch{C: c, w: w}
}

// Every is how often to look: seldom, or as often as said where nothing is told.
func (w *Watch) Every(d time.Duration) time.Duration {
	if w.C == nil {
		return d
	}
	return seldom
}

// Close ends it.
func (w *Watch) Close() {
	if w.w != nil {
		w.w.Close()
	}
}

// changed has those told who watch which folders there are: the settings of a new
// one stand in a folder of their own.
func (s *Store) changed() {
	now := time.Now()
	_ = os.Chtimes(s.dir, now, now) // they look by themselves, too
}
