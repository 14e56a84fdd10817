package main

import (
	"context"

	"scaidrive/client"
	"scaidrive/client/setup"
)

type syncSetCmd struct {
	Dir      string   `arg:"" help:"The folder."`
	Only     []string `help:"Keep this path of the share only (again for more), in place of those before." placeholder:"PATH"`
	All      bool     `help:"Keep all of the share."`
	Ignore   []string `help:"Leave out names like this one (again for more), in place of those before." placeholder:"PATTERN"`
	NoIgnore bool     `help:"Leave out no names but those that always are."`
	Mode     string   `enum:"two-way,send,receive," default:"" help:"two-way, send or receive."`
	Strategy string   `enum:"keep-both,last-writer,manual,server,client,share," default:"" help:"What becomes of edits that meet: keep-both, last-writer, manual, server or client; share for the share's own."`
	Up       *int64   `help:"Send at most so many bytes a second; 0 for no limit." placeholder:"BYTES"`
	Down     *int64   `help:"Receive at most so many bytes a second; 0 for no limit." placeholder:"BYTES"`
}

// Help is shown by --help.
func (syncSetCmd) Help() string {
	return `What is not named stays as it is. A sync run that is at work goes on with it at once.
What is not kept any more goes from this disk, not from the server; what was edited of it
and is not there yet is put into .scaidrive/rescue. What is kept again comes back. In no
mode an edit is removed: what receive leaves here goes up with two-way.

Example:
  scaidrive sync set ~/Projects --only reports --down 1000000`
}

// Run changes.
func (c *syncSetCmd) Run(_ context.Context, t *terminal) error {
	switch {
	case len(c.Only) > 0 && c.All:
		return client.Usagef("--only and --all contradict each other")
	case len(c.Ignore) > 0 && c.NoIgnore:
		return client.Usagef("--ignore and --no-ignore contradict each other")
	case c.Up != nil && *c.Up < 0 || c.Down != nil && *c.Down < 0:
		return client.Usagef("a limit is not below 0")
	case len(c.Only) == 0 && !c.All && len(c.Ignore) == 0 && !c.NoIgnore && c.Mode == "" && c.Strategy == "" && c.Up == nil && c.Down == nil:
		return client.Usagef("nothing is named that is to be another way")
	}
	return t.change([]string{c.Dir}, c.apply)
}

// apply puts what was named into a folder's settings.
func (c *syncSetCmd) apply(f *setup.Folder) {
	if len(c.Only) > 0 || c.All {
		f.Only = c.Only
	}
	if len(c.Ignore) > 0 || c.NoIgnore {
		f.Ignore = c.Ignore
	}
	if c.Mode != "" {
		f.Mode = c.Mode
	}
	switch c.Strategy {
	case "":
	case "share":
		f.Strategy = ""
	default:
		f.Strategy = c.Strategy
	}
	if c.Up != nil {
		f.Up = *c.Up
	}
	if c.Down != nil {
		f.Down = *c.Down
	}
}
