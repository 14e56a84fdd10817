package disk

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"scaidrive/client/planner"
)

// TestLinksInTheWay: a link that is put in the place of a folder or a file, after it
// was looked at, leads nowhere: nothing is read, made, moved or removed through it,
// whether or not the folder was open before.
func TestLinksInTheWay(t *testing.T) {
	for _, open := range []bool{false, true} {
		for _, outside := range []bool{false, true} {
			root, target := t.TempDir(), t.TempDir()
			link := target
			if !outside {
				target, link = filepath.Join(root, "inside"), "inside"
			}
			ok := func(err error) {
				t.Helper()
				if err != nil {
					t.Fatal(err)
				}
			}
			ok(os.MkdirAll(target, 0o755))
			ok(os.WriteFile(filepath.Join(target, "secret"), []byte("secret"), 0o644))
			ok(os.Mkdir(filepath.Join(root, "d"), 0o755))
			ok(os.WriteFile(filepath.Join(root, "new"), []byte("new"), 0o644))
			fsys, err := Open(root)
			ok(err)
			if open {
				if _, err := fsys.Look("d/none"); !errors.Is(err, fs.ErrNotExist) {
					t.Fatal(err)
				}
			}
			ok(os.Rename(filepath.Join(root, "d"), filepath.Join(root, "was d")))
			if err := os.Symlink(link, filepath.Join(root, "d")); err != nil {
				t.Skip("skipped: links can't be made here")
			}
			ok(os.Symlink(filepath.Join(link, "secret"), filepath.Join(root, "f")))
			if !open {
				for name, err := range map[string]error{
					"place":  fsys.Place("new", "d/new"),
					"mkdir":  fsys.Mkdir("d/x"),
					"remove": fsys.Remove("d/secret", nil),
				} {
					if err == nil {
						t.Errorf("%s went through a link", name)
					}
				}
			} else { // it goes to the folder that was open, wherever that is now
				ok(fsys.Place("new", "d/new"))
			}
			if list, err := fsys.List("d"); err == nil && slices.ContainsFunc(list, func(e Entry) bool { return e.Name == "secret" }) {
				t.Error("a linked folder was listed")
			}
			if r, err := fsys.Open("d/secret"); err == nil {
				r.Close()
				t.Error("a file was read through a linked folder")
			}
			if r, err := fsys.Open("f"); err == nil {
				r.Close()
				t.Error("a linked file was read")
			}
			if err := fsys.Replace("new", "f", planner.Stamp{}); err == nil {
				t.Error("a link was replaced")
			}
			if err := fsys.SetTime("f", 5); err == nil {
				info, serr := os.Stat(filepath.Join(target, "secret"))
				ok(serr)
				if info.ModTime().UnixNano() == 5 {
					t.Error("the time of a file was set through a link")
				}
			}
			ok(fsys.Close())
			list, err := os.ReadDir(target)
			ok(err)
			if b, err := os.ReadFile(filepath.Join(target, "secret")); err != nil || string(b) != "secret" || len(list) != 1 {
				t.Errorf("behind the link there is %v, %q, %v", list, b, err)
			}
		}
	}
}
