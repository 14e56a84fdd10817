package worker

import (
	"os"
	"strings"
	"testing"
	"time"
)

// TestTwoFolders: what people do in two folders comes to both.
func TestTwoFolders(t *testing.T) {
	r := newRig(t)
	a, b := r.desk("a"), r.desk("b")
	a.write("one.txt", "one")
	a.write("dir/two.txt", "two")
	a.write("dir/sub/empty", "")
	a.mkdir("dir/nothing")
	a.write("big.bin", strings.Repeat("0123456789abcdef", 40_000))
	a.must(os.Chmod(a.path("one.txt"), 0o755))
	a.inStep()
	b.inStep()
	want := map[string]string{"one.txt": "one x", "dir": "/", "dir/two.txt": "two", "dir/sub": "/", "dir/sub/empty": "", "dir/nothing": "/",
		"big.bin": text([]byte(strings.Repeat("0123456789abcdef", 40_000)))}
	b.expect(want)
	if info, err := os.Stat(b.path("dir/two.txt")); err != nil || time.Since(info.ModTime()) > time.Minute {
		t.Errorf("the time of a file: %v, %v", info.ModTime(), err)
	}

	// Edits, moves and deletions, each way.
	b.write("dir/two.txt", "two and more")
	a.must(os.Chmod(a.path("dir/two.txt"), 0o600))
	b.move("one.txt", "dir/uno.txt")
	b.remove("dir/nothing")
	b.must(os.Chmod(b.path("dir/uno.txt"), 0o644))
	b.inStep()
	a.inStep()
	delete(want, "one.txt")
	delete(want, "dir/nothing")
	want["dir/uno.txt"], want["dir/two.txt"] = "one", "two and more"
	a.expect(want)
	if info, err := os.Stat(a.path("dir/two.txt")); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("a replaced file has the permissions %v", info.Mode())
	}

	a.move("dir", "folder")
	a.remove("folder/sub")
	a.write("folder/new", "new")
	settle(a, b)
	b.expect(map[string]string{"folder": "/", "folder/uno.txt": "one", "folder/two.txt": "two and more", "folder/new": "new", "big.bin": want["big.bin"]})
	if c := b.folder.Status().Counts; c.FilesReceived != 5 || c.Moves != 2 {
		t.Errorf("b: %+v", c)
	}
}

// TestConflict: two edits of one file, with the default strategy.
func TestConflict(t *testing.T) {
	r := newRig(t)
	a, b := r.desk("a"), r.desk("b")
	a.write("f.txt", "base")
	settle(a, b)
	a.write("f.txt", "of a")
	b.write("f.txt", "of b, later")
	a.sync()
	b.sync()
	got := settle(a, b)
	if len(got) != 2 || got["f.txt"] != "of a" {
		t.Fatalf("after a conflict:\n%s", show(got))
	}
	for name, text := range got {
		if name != "f.txt" && (!strings.Contains(name, "(conflict, ") || text != "of b, later") {
			t.Errorf("the copy is %q with %q", name, text)
		}
	}
}

// TestRestart: a new process goes on from the records, and reads no file again.
func TestRestart(t *testing.T) {
	r := newRig(t)
	a, b := r.desk("a"), r.desk("b")
	for _, name := range []string{"x", "y", "d/z"} {
		a.write(name, "content of "+name)
	}
	settle(a, b)
	a.close()
	b.close()
	a.move("d/z", "z")
	b.write("y", "edited")
	b.sync()
	if c := b.folder.Status().Counts; c.Hashed > 2 || c.FilesSent != 1 || c.FilesReceived != 0 {
		t.Errorf("after a restart: %+v", c)
	}
	got := settle(a, b)
	if got["z"] != "content of d/z" || got["y"] != "edited" || got["d"] != "/" {
		t.Errorf("after a restart:\n%s", show(got))
	}
	if c := a.folder.Status().Counts; c.FilesSent != 0 || c.Moves != 1 {
		t.Errorf("after a restart: %+v", c)
	}
}

// TestLostRecords: a folder without its records is compared, not sent again.
func TestLostRecords(t *testing.T) {
	r := newRig(t)
	a, b := r.desk("a"), r.desk("b")
	a.write("same", "same")
	a.write("d/other", "other")
	settle(a, b)
	b.close()
	b.must(os.RemoveAll(b.state))
	b.must(os.Mkdir(b.state, 0o755))
	b.write("d/other", "edited")
	b.remove("same")
	b.sync()
	got := settle(a, b)
	if got["same"] != "same" || got["d/other"] != "other" || len(got) != 4 {
		t.Errorf("after the records were lost:\n%s", show(got))
	}
}

// TestOnly: of a share only a part is kept, and what is not wanted any more goes
// from the disk without being deleted.
func TestOnly(t *testing.T) {
	r := newRig(t)
	a, b := r.desk("a"), r.desk("b")
	for _, p := range []string{"keep/one", "keep/sub/two", "other/three", "deep/in/keep/four", "deep/in/out", "five"} {
		a.write(p, p)
	}
	a.inStep()
	b.only = []string{"keep", "deep/in/keep"}
	b.inStep()
	want := map[string]string{"keep": "/", "keep/one": "keep/one", "keep/sub": "/", "keep/sub/two": "keep/sub/two", "deep": "/", "deep/in": "/", "deep/in/keep": "/", "deep/in/keep/four": "deep/in/keep/four"}
	b.expect(want)
	a.write("keep/new", "new")
	a.write("other/new", "new")
	a.move("other/three", "keep/three")
	b.write("keep/mine", "mine")
	b.write("notwanted", "stays here")
	b.write("keep/one", "edited")
	a.inStep()
	b.sync()
	a.inStep()
	b.sync()
	want["keep/new"], want["keep/three"], want["keep/mine"], want["keep/one"], want["notwanted"] = "new", "other/three", "mine", "edited", "stays here"
	b.expect(want)
	if got := a.tree(); got["keep/mine"] != "mine" || got["keep/one"] != "edited" || got["notwanted"] != "" {
		t.Fatalf("a has\n%s", show(got))
	}
	// Less is wanted: it goes here, and nowhere else.
	b.close()
	b.only = []string{"deep/in/keep"}
	b.write("keep/sub/two", "edited just before")
	before := a.tree()
	b.sync()
	b.sync()
	b.expect(map[string]string{"deep": "/", "deep/in": "/", "deep/in/keep": "/", "deep/in/keep/four": "deep/in/keep/four", "notwanted": "stays here"})
	a.sync()
	a.expect(before)
	if n := b.folder.Status().Counts.Rescued; n != 1 {
		t.Errorf("%d files rescued", n)
	}
	b.close()
	b.only = nil
	b.remove("notwanted")
	settle(a, b)
}
