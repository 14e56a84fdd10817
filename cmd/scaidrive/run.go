package main

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"time"

	"github.com/schollz/progressbar/v3"

	"scaidrive/client/transfer"
)

// A transferRun is a put or a get as a person or a script sees it.
type transferRun struct {
	t        *terminal
	command  string
	began    time.Time
	progress transfer.Progress
	bar      *bar
}

func (t *terminal) newRun(command string) *transferRun {
	r := &transferRun{t: t, command: command, began: t.now()}
	p := &phases{}
	if t.showsProgress() {
		r.bar = newBar(t, command)
		p.next = r.bar
	}
	r.progress = p
	p.ballast = make([]byte, ballastSize)
	r.progress = p
	return r
}

// ballastSize of memory that is never touched, and so never there, keeps the
// collector from running while both sides are listed and the heap only grows: a
// fifth of the time of a run that has nothing to do.
const ballastSize = 32 << 20

// phases lets the ballast go when the listing is over.
type phases struct {
	next    transfer.Progress // nil: nobody watches
	ballast []byte
	once    sync.Once
}

// Total is told once the plan is made.
func (p *phases) Total(files, bytes int64) {
	p.once.Do(func() { p.ballast = nil })
	if p.next != nil {
		p.next.Total(files, bytes)
	}
}

// Add passes progress on.
func (p *phases) Add(files, bytes int64) {
	if p.next != nil {
		p.next.Add(files, bytes)
	}
}

// end tells how it went, and gives the error that makes the exit code.
func (r *transferRun) end(s *transfer.Summary, err error) error {
	if r.bar != nil {
		r.bar.end()
	}
	t := r.t
	seconds := t.now().Sub(r.began).Seconds()
	if t.json {
		if oerr := t.object(struct {
			Command string `json:"command"`
			*transfer.Summary
			Seconds float64 `json:"seconds"`
			Error   string  `json:"error,omitempty"`
		}{r.command, s, seconds, errorText(err)}); oerr != nil {
			return oerr
		}
	} else {
		for _, p := range s.Problems {
			t.warn("%s %s: %s", p.Kind, clean(p.Path), clean(p.Reason))
		}
	}
	if err != nil {
		return err
	}
	moved := fmt.Sprintf("%s sent", size(s.BytesSent))
	if r.command == "get" {
		moved = fmt.Sprintf("%s received", size(s.BytesReceived))
	}
	t.say("%d new, %d updated, %d unchanged, %d folders made; %s in %.1f s.",
		s.FilesNew, s.FilesUpdated+s.FilesTouched, s.FilesUnchanged, s.FoldersNew, moved, seconds)
	return r.part(s)
}

// part is 3 where something was left out, 1 where all of it failed.
func (r *transferRun) part(s *transfer.Summary) error {
	if len(s.Problems) == 0 {
		return nil
	}
	if s.Done() > 0 {
		return &partError{exitPart}
	}
	for _, p := range s.Problems {
		if p.Kind == transfer.Skipped {
			return &partError{exitPart}
		}
	}
	return &partError{exitFailed}
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// A bar shows progress on standard error.
type bar struct {
	mu    sync.Mutex
	bar   *progressbar.ProgressBar
	name  string
	files int64
	done  int64
	total int64
	shown time.Time
	now   func() time.Time
}

func newBar(t *terminal, name string) *bar {
	return &bar{name: name, now: t.now, bar: progressbar.NewOptions64(1,
		progressbar.OptionSetWriter(t.errs),
		progressbar.OptionShowBytes(true),
		progressbar.OptionSetDescription(name),
		progressbar.OptionThrottle(100*time.Millisecond),
		progressbar.OptionSetPredictTime(true),
		progressbar.OptionClearOnFinish())}
}

// Total is told once the sizes are known.
func (b *bar) Total(files, bytes int64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.files += files
	b.total += bytes
	b.bar.ChangeMax64(max(b.total, 1))
}

// Add tells of progress.
func (b *bar) Add(files, bytes int64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.done += files
	if now := b.now(); now.Sub(b.shown) > 200*time.Millisecond {
		b.shown = now
		b.bar.Describe(fmt.Sprintf("%s %d/%d files", b.name, b.done, b.files))
	}
	_ = b.bar.Add64(bytes) // it fails beyond the total, when a file grew
}

func (b *bar) end() {
	b.mu.Lock()
	defer b.mu.Unlock()
	_ = b.bar.Finish()
	_ = b.bar.Clear()
}

func randomName() string {
	b := make([]byte, 8)
	_, _ = rand.Read(b) // never fails
	return hex.EncodeToString(b)
}

// stateDir is where notes on unfinished uploads lie.
func stateDir(getenv func(string) string) (string, error) { return stateIn(getenv, "uploads") }

// stateIn is a directory for what the client remembers.
func stateIn(getenv func(string) string, name string) (string, error) {
	base := getenv("XDG_STATE_HOME")
	if runtime.GOOS == "windows" || runtime.GOOS == "darwin" || !filepath.IsAbs(base) {
		home, err := os.UserHomeDir()
		if err != nil {
			return "", err
		}
		base = filepath.Join(home, ".local", "state")
		if runtime.GOOS == "windows" || runtime.GOOS == "darwin" {
			if base, err = os.UserCacheDir(); err != nil {
				return "", err
			}
		}
	}
	return filepath.Join(base, "scaidrive", name), nil
}
