package watch

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"scaidrive/client/disk"
	"scaidrive/client/planner"
)

// dirs lists the folders below a root as a scan does.
func dirs(t *testing.T, root string) map[string]planner.Identity {
	t.Helper()
	fsys, err := disk.Open(root)
	if err != nil {
		t.Fatal(err)
	}
	defer fsys.Close()
	found := map[string]planner.Identity{"": {}}
	todo := []string{""}
	for len(todo) > 0 {
		dir := todo[0]
		todo = todo[1:]
		list, err := fsys.List(dir)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range list {
			if p := disk.Join(dir, e.Name); e.Kind == disk.Folder {
				found[p] = e.Stamp.Identity
				todo = append(todo, p)
			}
		}
	}
	return found
}

// reported waits until something is reported in a folder.
func reported(t *testing.T, w *Watcher, dir string) {
	t.Helper()
	limit := time.After(10 * time.Second)
	var got []string
	for {
		select {
		case c := <-w.Changes():
			if c.Everything || slices.Contains(c.Dirs, dir) {
				return
			}
			got = append(got, c.Dirs...)
		case <-limit:
			t.Fatalf("nothing is reported in %q, but in %q", dir, got)
		}
	}
}

// TestFoldersThatMove: folders are reported under the path that they have, also
// after they were moved with a folder above them, and exchanged.
func TestFoldersThatMove(t *testing.T) {
	root := t.TempDir()
	at := func(p string) string { return filepath.Join(root, p) }
	ok := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, p := range []string{"x/sub/deep", "y/sub/deep", "z"} {
		ok(os.MkdirAll(at(p), 0o755))
	}
	w, err := New(root, ".own")
	ok(err)
	defer func() { ok(w.Close()) }()
	follow := func() {
		t.Helper()
		if _, complete := w.Follow(dirs(t, root)); !complete {
			t.Fatal("not all folders are watched")
		}
	}
	write := func(p, content string) {
		t.Helper()
		ok(os.WriteFile(at(p), []byte(content), 0o644))
		reported(t, w, filepath.ToSlash(filepath.Dir(p)))
	}
	follow()
	write("x/sub/deep/f", "1")

	ok(os.Rename(at("x"), at("t")))
	ok(os.Rename(at("y"), at("x")))
	ok(os.Rename(at("t"), at("y")))
	reported(t, w, "")
	follow()
	write("x/sub/deep/g", "2")
	write("y/sub/deep/f", "3")
	write("x/sub/h", "4")

	ok(os.Rename(at("y"), at("z/y")))
	reported(t, w, "")
	follow()
	write("z/y/sub/deep/f", "5")
	ok(os.MkdirAll(at("y/sub/deep"), 0o755))
	reported(t, w, "")
	follow()
	write("y/sub/deep/f", "6")
	write("z/y/sub/deep/f", "7")
}
