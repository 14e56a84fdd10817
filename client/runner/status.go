package runner

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"scaidrive/client/setup"
	"scaidrive/client/worker"
)

// Status is what is kept of a folder for those who ask.
type Status struct {
	worker.Status
	PID    int  `json:"pid"`
	Live   bool `json:"live"` // it is followed, not only brought in step once
	Paused bool `json:"-"`    // as the settings say
	// PausedNow: as the one at work has it.
	PausedNow bool `json:"paused_now,omitempty"`
	// PausedThere: the server's preferences for this device say so.
	PausedThere bool `json:"paused_on_server,omitempty"`
	// Withdrawn: what was done when the share was withdrawn, as long as it is.
	Withdrawn string    `json:"withdrawn,omitempty"`
	Updated   time.Time `json:"updated"`
}

// Attention reports whether a person should look.
func (s *Status) Attention() bool { return !s.InStep }

// report keeps how the folder is after a round that ended with err.
func (w *work) report(err error) Status {
	s := Status{Status: w.folder.Status(), PID: os.Getpid(), Live: w.live, Paused: w.cfg.Paused, PausedNow: w.paused(), PausedThere: w.rests, Updated: w.r.Now().UTC()}
	switch {
	case errors.Is(err, worker.ErrWithdrawn):
		s.Withdrawn = err.Error()
	case err != nil:
		var before Status
		_ = w.r.Store.Status(w.cfg, &before) // there may be none
		s.Withdrawn = before.Withdrawn
	}
	if err := w.r.Store.SaveStatus(w.cfg, s); err == nil && w.r.Report != nil {
		w.r.Report(w.cfg, s)
	}
	return s
}

// Rescued tells how many files lie in a folder's rescue folder, and where that is.
func Rescued(f *setup.Folder) (n int, where string) {
	where = filepath.Join(f.Dir, filepath.FromSlash(worker.RescueDir))
	list, err := os.ReadDir(where)
	if err != nil {
		return 0, where
	}
	return len(list), where
}

// Describe is a line about a folder for a person.
func Describe(s *Status) string {
	switch {
	case s.Paused:
		return "paused"
	case s.PausedThere:
		return "paused on the server"
	case s.Error != "":
		return "stopped: " + s.Error
	case s.Held != nil:
		return fmt.Sprintf("held: %d of %d items were deleted here; scaidrive sync resume --allow-deletes deletes them on the server", s.Held.Items, s.Held.Of)
	case s.InStep:
		return "in step"
	case len(s.Waiting) > 0:
		return fmt.Sprintf("%d not in step", len(s.Waiting))
	}
	return strings.ToLower(string(s.Phase))
}
