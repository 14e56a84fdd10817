package disk

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// TestWriteWhole: a file is made whole, with its time and its executable bit, and takes no
// name from anything, nor goes through a link.
func TestWriteWhole(t *testing.T) {
	root := t.TempDir()
	fsys, err := Open(root)
	if err != nil {
		t.Fatal(err)
	}
	defer fsys.Close()
	old := time.Date(1969, 5, 4, 3, 2, 1, 1_000, time.UTC).UnixNano()
	for name, c := range map[string]struct {
		content string
		exec    bool
		mtime   int64
	}{"empty": {"", false, 0}, "run": {"#!/bin/sh\n", true, 1_700_000_000_123_456_700}, "old": {"x", false, old}} {
		if err := fsys.WriteWhole(name, []byte(c.content), c.exec, c.mtime); err != nil {
			t.Fatal(err)
		}
		e, err := fsys.Look(name)
		if err != nil || e.Kind != File || e.Stamp.MTime != c.mtime || hasExec && e.Stamp.Exec != c.exec {
			t.Errorf("%s: %+v, %v", name, e, err)
		}
		if b, err := os.ReadFile(filepath.Join(root, name)); err != nil || string(b) != c.content {
			t.Errorf("%s holds %q, %v", name, b, err)
		}
	}
	if err := fsys.WriteWhole("old", []byte("new"), false, 0); !errors.Is(err, fs.ErrExist) {
		t.Errorf("a name that is taken: %v", err)
	}
	if b, _ := os.ReadFile(filepath.Join(root, "old")); string(b) != "x" {
		t.Errorf("the file that had the name holds %q", b)
	}
	if err := fsys.WriteWhole("none/new", nil, false, 0); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("in a folder that is not there: %v", err)
	}
	if err := os.Symlink("nowhere", filepath.Join(root, "link")); err != nil {
		t.Skip("skipped: links can't be made here")
	}
	if err := fsys.WriteWhole("link", []byte("new"), false, 0); !errors.Is(err, fs.ErrExist) {
		t.Errorf("a link has the name: %v", err)
	}
	if _, err := os.Lstat(filepath.Join(root, "nowhere")); err == nil {
		t.Error("a file was made through a link")
	}
}

// TestPlaceTakesNoName: what has a name keeps it, whatever it is; what is to be moved
// stays where it is.
func TestPlaceTakesNoName(t *testing.T) {
	root := t.TempDir()
	fsys, err := Open(root)
	if err != nil {
		t.Fatal(err)
	}
	defer fsys.Close()
	for _, name := range []string{"new", "file"} {
		if err := fsys.WriteWhole(name, []byte(name), false, 0); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(fsys.Mkdir("folder"), os.Link(filepath.Join(root, "new"), filepath.Join(root, "twin"))); err != nil {
		t.Fatal(err)
	}
	for _, taken := range []string{"file", "folder", "twin"} {
		if err := fsys.Place("new", taken); !errors.Is(err, ErrChanged) {
			t.Errorf("the name of %s was taken: %v", taken, err)
		}
	}
	if err := fsys.Place("gone", "file"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("what is not there was moved: %v", err)
	}
	if err := fsys.Place("new", "folder/new"); err != nil {
		t.Error(err)
	}
	for name, want := range map[string]string{"file": "file", "twin": "new", "folder/new": "new"} {
		if b, err := os.ReadFile(filepath.Join(root, name)); err != nil || string(b) != want {
			t.Errorf("%s holds %q, %v", name, b, err)
		}
	}
}
