package main

import (
	"fmt"
	"runtime"
)

type versionCmd struct{}

// Help is shown by --help.
func (versionCmd) Help() string {
	return `Example:
  scaidrive version --json`
}

// Run prints the version.
func (versionCmd) Run(t *terminal) error {
	if t.json {
		return t.object(struct {
			Version string `json:"version"`
			Go      string `json:"go"`
			OS      string `json:"os"`
			Arch    string `json:"arch"`
		}{version, runtime.Version(), runtime.GOOS, runtime.GOARCH})
	}
	fmt.Fprintf(t.out, "scaidrive %s (%s, %s/%s)\n", version, runtime.Version(), runtime.GOOS, runtime.GOARCH)
	return nil
}
