package disk

import (
	"errors"
	"io"
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

// TestOpenTellsOfChanges: what happens to a file after it was opened shows by looking
// at it again, and what has taken its name does not; what is no file is not opened.
func TestOpenTellsOfChanges(t *testing.T) {
	root := t.TempDir()
	fsys, err := Open(root)
	if err != nil {
		t.Fatal(err)
	}
	defer fsys.Close()
	if err := errors.Join(fsys.WriteWhole("f", []byte("before"), false, 1e9), fsys.Mkdir("d")); err != nil {
		t.Fatal(err)
	}
	if _, err := fsys.Open("d"); !errors.Is(err, ErrNoFile) {
		t.Errorf("a folder was opened: %v", err)
	}
	if _, err := fsys.Open("none"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("what is not there was opened: %v", err)
	}
	r, err := fsys.Open("f")
	if err != nil {
		t.Fatal(err)
	}
	want, err := fsys.Look("f")
	if err != nil {
		t.Fatal(err)
	}
	if got, err := r.Look(); err != nil || got != want {
		t.Errorf("when it was opened: %+v, %v, want %+v", got, err, want)
	}
	if err := os.WriteFile(filepath.Join(root, "f"), []byte("afterwards"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(filepath.Join(root, "f"), filepath.Join(root, "g")); err != nil {
		t.Skip("skipped: what is open can't be moved here")
	}
	got, err := r.Look()
	if err != nil || got.Stamp.Size != 10 || got.Stamp.MTime == want.Stamp.MTime || got.Stamp.Identity != want.Stamp.Identity {
		t.Errorf("after it was written to: %+v, %v", got, err)
	}
	b := make([]byte, 4)
	if n, err := r.ReadAt(b, 8); n != 2 || err != io.EOF || string(b[:n]) != "ds" {
		t.Errorf("read at 8: %q, %v", b[:n], err)
	}
	if all, err := io.ReadAll(r); err != nil || string(all) != "afterwards" {
		t.Errorf("read: %q, %v", all, err)
	}
	if err := r.Close(); err != nil {
		t.Error(err)
	}
	if _, err := r.Read(b); !errors.Is(err, fs.ErrClosed) {
		t.Errorf("read after the end: %v", err)
	}
	if err := r.Close(); !errors.Is(err, fs.ErrClosed) {
		t.Errorf("closed twice: %v", err)
	}
}
