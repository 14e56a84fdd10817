package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"golang.org/x/term"

	"scaidrive/appliance"
	"scaidrive/client"
	"scaidrive/client/profile"
)

// The exit codes.
const (
	exitDone   = 0
	exitFailed = 1
	exitUsage  = 2
	exitPart   = 3
)

var errInterrupted = errors.New("interrupted")

// A partError ends a command that has done a part of what was asked, or nothing
// of it; what it did not do has been told already.
type partError struct{ code int }

func (e *partError) Error() string { return "not all was done" }

// A terminal is what a command reads and writes, and how.
type terminal struct {
	in   *os.File
	out  io.Writer
	errs io.Writer

	json        bool
	quiet       bool
	profileName string
	now         func() time.Time
	getenv      func(string) string
}

func newTerm(c *cli, in *os.File, out, errs io.Writer) *terminal {
	return &terminal{in: in, out: out, errs: errs, json: c.JSON, quiet: c.Quiet, profileName: c.Profile,
		now: time.Now, getenv: os.Getenv}
}

// finish tells of an error and gives the exit code.
func (t *terminal) finish(err error) int {
	var part *partError
	switch {
	case err == nil:
		return exitDone
	case errors.As(err, &part):
		return part.code
	}
	code := exitFailed
	if errors.Is(err, client.ErrUsage) || errors.Is(err, appliance.ErrUsage) {
		code = exitUsage
	}
	if t.json {
		_ = json.NewEncoder(t.errs).Encode(struct {
			Error  string `json:"error"`
			Status int    `json:"status,omitempty"`
		}{err.Error(), client.StatusOf(err)})
	} else {
		fmt.Fprintln(t.errs, "scaidrive:", err)
	}
	return code
}

// object prints a result as one line of JSON.
func (t *terminal) object(v any) error {
	e := json.NewEncoder(t.out)
	e.SetEscapeHTML(false)
	return e.Encode(v)
}

// say tells a person how it went; not with --quiet or --json.
func (t *terminal) say(format string, args ...any) {
	if !t.quiet && !t.json {
		fmt.Fprintf(t.out, format+"\n", args...)
	}
}

// warn tells a person of something on standard error, always.
func (t *terminal) warn(format string, args ...any) {
	fmt.Fprintf(t.errs, "scaidrive: "+format+"\n", args...)
}

// interactive reports whether there is a person to ask.
func (t *terminal) interactive() bool { return t.in != nil && term.IsTerminal(int(t.in.Fd())) }

// showsProgress reports whether a progress bar makes sense.
func (t *terminal) showsProgress() bool {
	f, ok := t.errs.(*os.File)
	return ok && !t.quiet && !t.json && term.IsTerminal(int(f.Fd()))
}

const agentName = "scaidrive-cli/"

// connect makes a client of the server that the command is to speak to: the one
// of --profile, else that of the environment, else that of the default profile.
func (t *terminal) connect() (*client.Client, error) {
	url, token := t.getenv("SCAIDRIVE_URL"), t.getenv("SCAIDRIVE_TOKEN")
	if t.profileName == "" && (url != "" || token != "") {
		if url == "" || token == "" {
			return nil, client.Usagef("SCAIDRIVE_URL and SCAIDRIVE_TOKEN go together: one of them is not set")
		}
		c, err := client.New(url, client.Options{Credentials: client.Static(token), UserAgent: agentName + version})
		if err != nil {
			return nil, client.Usagef("SCAIDRIVE_URL: %v", err)
		}
		return c, nil
	}
	name := t.profile()
	if !profile.ValidName(name) {
		return nil, client.Usagef("%q is not a profile name", name)
	}
	store, err := profile.UserStore()
	if err != nil {
		return nil, err
	}
	s, err := profile.Open(store, name, t.now, func(url string) (profile.Renewer, error) {
		return client.New(url, client.Options{UserAgent: agentName + version})
	})
	if errors.Is(err, profile.ErrNone) {
		return nil, fmt.Errorf("%w: run scaidrive login first", err)
	}
	if err != nil {
		return nil, err
	}
	return client.New(s.URL(), client.Options{Credentials: s, UserAgent: agentName + version})
}

func (t *terminal) profile() string {
	if t.profileName == "" {
		return profile.Default
	}
	return t.profileName
}

// clean takes control characters out of a name that goes to a person's screen;
// what reads JSON gets it as it is.
func clean(s string) string {
	return strings.Map(func(r rune) rune {
		if r < 0x20 || (r >= 0x7f && r < 0xa0) {
			return '?'
		}
		return r
	}, s)
}
