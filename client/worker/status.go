package worker

import (
	"cmp"
	"slices"
	"time"

	"scaidrive/client/planner"
)

// Phase says what a folder is doing.
type Phase string

// The phases.
const (
	Idle      Phase = "idle"
	Looking   Phase = "looking"
	Sending   Phase = "sending"
	Receiving Phase = "receiving"
	Stopped   Phase = "stopped" // by an error, which Status names
)

// An Item is something that is not in step, or was left out.
type Item struct {
	Path   string `json:"path"`
	Reason string `json:"reason"`
	// Ignored: it is not meant to be synced, and needs nobody's attention.
	Ignored bool `json:"ignored,omitempty"`
}

// Held is what the mass-change brake holds back.
type Held struct {
	Items int `json:"items"` // that would be deleted
	Of    int `json:"of"`
}

// Counts are what was done since the start.
type Counts struct {
	FilesSent     int64 `json:"files_sent"`
	FilesReceived int64 `json:"files_received"`
	Moves         int64 `json:"moves"`
	Deletes       int64 `json:"deletes"`
	Folders       int64 `json:"folders"`
	BytesSent     int64 `json:"bytes_sent"`
	BytesReceived int64 `json:"bytes_received"`
	BytesSaved    int64 `json:"bytes_saved"` // content of changed files that needed not be moved
	Conflicts     int64 `json:"conflicts"`
	Rescued       int64 `json:"rescued"`
	Rounds        int64 `json:"rounds"`
	Hashed        int64 `json:"hashed"` // files that were read to know their content
}

// Status is how a folder is.
type Status struct {
	Phase    Phase     `json:"phase"`
	Error    string    `json:"error,omitempty"`
	InStep   bool      `json:"in_step"`
	LastSync time.Time `json:"last_sync"`
	Files    int       `json:"files"`
	Waiting  []Item    `json:"waiting"` // not in step
	Skipped  []Item    `json:"skipped"` // links, devices, what the folder's part of the share or its mode leaves out
	Held     *Held     `json:"held,omitempty"`
	Counts   Counts    `json:"counts"`
}

// An Event is something that was done, for those who watch.
type Event struct {
	Kind   string `json:"event"` // sent, received, moved, deleted, conflict, rescued, waiting
	Path   string `json:"path"`
	Detail string `json:"detail,omitempty"`
	Bytes  int64  `json:"bytes,omitempty"`
}

// Status tells how the folder is. Safe for concurrent use.
func (f *Folder) Status() Status {
	f.mu.Lock()
	defer f.mu.Unlock()
	s := f.status
	s.Waiting, s.Skipped = slices.Clone(s.Waiting), slices.Clone(s.Skipped)
	return s
}

func (f *Folder) count(fn func(*Counts)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	fn(&f.status.Counts)
}

func (f *Folder) setPhase(p Phase) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.status.Phase = p
}

func (f *Folder) event(kind, path, detail string, bytes int64) {
	if f.o.Event != nil {
		f.o.Event(Event{kind, path, detail, bytes})
	}
}

// waiting takes over what the last plan of a round leaves.
func (f *Folder) waiting(p *planner.Plan) {
	var items []Item
	for _, w := range p.Waiting {
		t := planner.Tree(f.trees.Local)
		if t.Node(w.ID) == nil {
			t = f.trees.Remote
		}
		if r, ok := f.refused[w.ID]; ok {
			w.Reason = r.why
		}
		items = append(items, Item{Path: shown(t, w.ID), Reason: w.Reason, Ignored: w.Reason == whyIgnored})
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	named := map[string]bool{}
	for _, i := range items {
		named[i.Path] = !i.Ignored
	}
	for _, i := range slices.Concat(f.troubles, f.problems) {
		if !named[i.Path] {
			named[i.Path] = true
			items = append(items, i)
		}
	}
	slices.SortFunc(items, func(a, b Item) int { return cmp.Compare(a.Path, b.Path) })
	var aside []Item
	for _, w := range p.Aside[:min(len(p.Aside), mostAside)] {
		aside = append(aside, Item{Path: shown(f.trees.Local, w.ID), Reason: w.Reason})
	}
	slices.SortFunc(aside, func(a, b Item) int { return cmp.Compare(a.Path, b.Path) })
	f.status.Skipped = append(f.status.Skipped, aside...)
	f.problems = nil
	f.status.Waiting = items
	f.status.Held = f.held
}

func (f *Folder) endRound(err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	s := &f.status
	s.Counts.Rounds++
	s.Files = f.trees.Synced.Len()
	s.Phase, s.Error = Idle, ""
	if err != nil {
		s.Phase, s.Error, s.InStep = Stopped, err.Error(), false
		return
	}
	s.InStep = s.Held == nil && !slices.ContainsFunc(s.Waiting, func(i Item) bool { return !i.Ignored })
	s.LastSync = f.o.Now()
}

// mostAside is how much of what differs by the folder's mode is named.
const mostAside = 1000

// brake looks whether a plan deletes so much on the server that somebody should be
// asked first: more than 50 items and more than 30 % of the folder, or all of more
// than ten.
func (f *Folder) brake(p *planner.Plan) *Held {
	if f.o.AllowDeletes {
		return nil
	}
	n := 0
	for _, op := range p.Push {
		if op.Kind == planner.PushDelete {
			n += 1 + f.below(op.ID)
		}
	}
	of := f.trees.Synced.Len()
	if n > 50 && n*10 > of*3 || n == of && of > 10 {
		return &Held{Items: n, Of: of}
	}
	return nil
}

// below counts what synced has below a folder and the disk no more.
func (f *Folder) below(id planner.ID) (n int) {
	f.trees.Synced.Children(id, func(c *planner.Node) bool {
		if f.trees.Local.Node(c.ID) == nil {
			n += 1 + f.below(c.ID)
		}
		return true
	})
	return n
}

// AllowDeletes lifts the brake for what it holds now.
func (f *Folder) AllowDeletes() { f.o.AllowDeletes = true }
