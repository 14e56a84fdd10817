package main

import (
	"errors"

	"scaidrive/client"
)

func remotePaths(args []string) ([]client.RemotePath, error) {
	var out []client.RemotePath
	for _, a := range args {
		p, err := client.ParseRemotePath(a)
		if err != nil {
			return nil, err
		}
		out = append(out, p)
	}
	return out, nil
}

// each does one thing for each path. What fails for one does not keep it from
// the others; wrong usage and a lost server do.
func (t *terminal) each(paths []client.RemotePath, do func(client.RemotePath) error) error {
	return eachOf(t, paths, do)
}

// eachArg is each for arguments as they stand.
func (t *terminal) eachArg(args []string, do func(string) error) error { return eachOf(t, args, do) }

func eachOf[T any](t *terminal, list []T, do func(T) error) error {
	done := 0
	var failed error
	for _, one := range list {
		err := do(one)
		var gone *client.Unreachable
		switch {
		case err == nil:
			done++
		case len(list) == 1 || errors.Is(err, client.ErrUsage) || errors.As(err, &gone):
			return err
		default:
			failed = err
			t.finish(err)
		}
	}
	switch {
	case failed == nil:
		return nil
	case done == 0:
		return &partError{exitFailed}
	}
	return &partError{exitPart}
}
