package worker

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"scaidrive/client/disk/disktest"
	"scaidrive/client/planner"
)

// pair is two clients, the first on a disk in memory, with some files in step.
func pair(t *testing.T) (*simDesk, *desk) {
	r := newRig(t)
	a := r.simDesk("a", disktest.New(), rand.New(rand.NewPCG(1, 1)))
	b := r.desk("b")
	for _, p := range []string{"one", "two", "dir/three", "dir/four", "dir/sub/five"} {
		b.write(p, "content of "+p)
	}
	both(t, a, b)
	return a, b
}

// both brings two clients in step.
func both(t *testing.T, a *simDesk, b *desk) {
	t.Helper()
	for range 2 {
		for _, d := range []*desk{a.desk, b} {
			if s := d.sync(); !s.InStep {
				t.Fatalf("%s is not in step: %+v", d.name, s)
			}
		}
	}
	if x, y := show(a.mem.Tree(Own)), show(b.tree()); x != y {
		t.Fatalf("a has\n%sb has\n%s", x, y)
	}
}

func ok(t *testing.T, errs ...error) {
	t.Helper()
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
}

// S25: an unplugged or emptied root deletes nothing.
func TestRootIsGone(t *testing.T) {
	a, b := pair(t)
	before := show(b.tree())
	for p := range a.mem.Tree("") {
		if !strings.Contains(p, "/") {
			ok(t, a.mem.Drop(p))
		}
	}
	if err := a.trySync(); !errors.Is(err, ErrRoot) {
		t.Fatalf("an emptied root: %v", err)
	}
	b.sync()
	if got := show(b.tree()); got != before {
		t.Errorf("b has\n%s", got)
	}
}

// What a run finds to look otherwise and to be the same, the next one knows: it reads
// nothing again, and folders are the same by their identity, also after an end in the
// middle.
func TestLooksAreRemembered(t *testing.T) {
	r := newRig(t)
	a := r.desk("a")
	a.write("one", "one")
	a.write("dir/two", "two")
	a.conn = lostAnswers{}
	if err := a.trySync(); err == nil {
		t.Fatal("the answer was not lost")
	}
	a.close()
	a.conn = nil
	a.inStep()
	a.must(os.Chtimes(a.path("one"), time.Time{}, time.Unix(1_600_000_000, 0)))
	time.Sleep(2 * racy) // a change in the same tick would not show
	a.close()
	if s := a.sync(); s.Counts.Hashed != 1 || s.Counts.FilesSent > 0 {
		t.Errorf("the first look: %+v", s.Counts)
	}
	a.close()
	if s := a.sync(); s.Counts.Hashed != 0 {
		t.Errorf("read again: %+v", s.Counts)
	}
	a.close()
	a.move("dir", "renamed")
	if s := a.sync(); s.Counts.Moves != 1 || s.Counts.Folders+s.Counts.Deletes > 0 {
		t.Errorf("a renamed folder: %+v", s.Counts)
	}
}

// S26: what can't be listed is not gone, nor is what may have gone into it.
func TestUnreadableFolder(t *testing.T) {
	a, b := pair(t)
	a.mem.Closed["dir"] = true
	a.folder.TouchAll()
	if s := a.sync(); s.InStep || len(s.Waiting) != 1 || s.Waiting[0].Path != "dir" || !strings.Contains(s.Waiting[0].Reason, "permission") {
		t.Errorf("nobody knows what is in it, and it is not named: %+v", s)
	}
	b.write("dir/three", "edited elsewhere")
	b.write("one", "edited, too")
	b.sync()
	s := a.sync()
	if s.InStep || len(s.Waiting) != 2 || s.Waiting[1].Path != "dir/three" {
		t.Errorf("the file in it waits: %+v", s)
	}
	delete(a.mem.Closed, "dir")
	both(t, a, b)

	ok(t, a.mem.Folder("closed"), a.mem.Rename("dir", "closed/dir"))
	a.mem.Closed["closed"] = true
	a.sync()
	b.sync()
	if b.tree()["dir/sub/five"] == "" {
		t.Errorf("what went into a folder that can't be listed was deleted:\n%s", show(b.tree()))
	}
	delete(a.mem.Closed, "closed")
	both(t, a, b)

	// A folder whose listing names things that can't be looked at may hold anything.
	ok(t, a.mem.Folder("odd"), a.mem.Rename("closed/dir", "odd/dir"))
	a.mem.Unseen["odd/dir"] = true
	if s := a.sync(); s.InStep || len(s.Waiting) == 0 {
		t.Errorf("what can't be looked at is not named: %+v", s)
	}
	b.sync()
	if b.tree()["closed/dir/sub/five"] == "" {
		t.Errorf("what may lie in something that can't be looked at was deleted:\n%s", show(b.tree()))
	}
	delete(a.mem.Unseen, "odd/dir")
	both(t, a, b)
}

// A name that can't be synced, and a new folder that can't be listed, are not in step.
func TestNewAndNotSyncable(t *testing.T) {
	a, b := pair(t)
	ok(t, a.mem.Write("bad\xff", "kept here"), a.mem.Folder("new"), a.mem.Write("new/in", "not seen"))
	a.mem.Closed["new"] = true
	a.folder.TouchAll()
	s := a.sync()
	if s.InStep || len(s.Waiting) != 2 || s.Waiting[0].Path != "bad?" || s.Waiting[1].Path != "new" {
		t.Errorf("it says %+v", s)
	}
	delete(a.mem.Closed, "new")
	ok(t, a.mem.Drop("bad\xff"))
	both(t, a, b)
}

// A folder that only sends takes nothing, one that only receives gives nothing: what
// differs by that is named and is no reason to be out of step.
func TestModes(t *testing.T) {
	r := newRig(t)
	a, from, to := r.desk("a"), r.desk("from"), r.desk("to")
	a.write("one", "of a")
	a.write("two", "of a")
	settle(a, to)
	from.mode, to.mode = planner.SendOnly, planner.ReceiveOnly
	from.write("sent", "by from")
	from.sync()
	to.close()
	to.write("one", "edited where it is received")
	to.write("own", "only where it is received")
	to.remove("two")
	a.write("one", "of a, again")
	for range 2 {
		a.sync()
		s := to.sync()
		var named []string
		for _, i := range s.Skipped {
			named = append(named, i.Path)
		}
		if !s.InStep || fmt.Sprint(named) != "[one own]" {
			t.Fatalf("not in step, or not named: %+v", s)
		}
		if s := from.sync(); !s.InStep {
			t.Fatalf("the sender: %+v", s)
		}
	}
	a.expect(map[string]string{"one": "of a, again", "two": "of a", "sent": "by from"})
	from.expect(map[string]string{"sent": "by from"})
	to.expect(map[string]string{"one": "edited where it is received", "own": "only where it is received", "two": "of a", "sent": "by from"})
}

// I12: very many deletions wait until somebody allows them.
func TestBrake(t *testing.T) {
	a, b := pair(t)
	for i := range 20 {
		ok(t, a.mem.Write(fmt.Sprintf("many%d", i), "x"))
	}
	both(t, a, b)
	before := show(b.tree())
	for p := range a.mem.Tree(Own) {
		if !strings.Contains(p, "/") {
			ok(t, a.mem.Drop(p))
		}
	}
	s := a.sync()
	if s.Held == nil || s.InStep {
		t.Fatalf("not held: %+v", s)
	}
	b.sync()
	if got := show(b.tree()); got != before {
		t.Fatalf("b has\n%s", got)
	}
	a.folder.AllowDeletes()
	both(t, a, b)
	if got := b.tree(); len(got) != 0 {
		t.Errorf("b has\n%s", show(got))
	}
}

// S33: what looks the same but for the time of its inode is read again.
func TestSameSizeAndTime(t *testing.T) {
	r := newRig(t)
	a, b := r.desk("a"), r.desk("b")
	at := time.Date(1960, 1, 2, 3, 4, 5, 0, time.UTC)
	a.write("f", "first")
	a.must(os.Chtimes(a.path("f"), at, at))
	settle(a, b)
	a.write("f", "other")
	a.must(os.Chtimes(a.path("f"), at, at))
	if got := settle(a, b); got["f"] != "other" {
		t.Errorf("b has %q", got["f"])
	}
	if info, err := os.Stat(b.path("f")); err != nil || !info.ModTime().Equal(at) {
		t.Errorf("the time is %v, %v", info.ModTime(), err)
	}
}

// S35: a locked file is replaced when it is free, and nothing is made of it.
func TestLocked(t *testing.T) {
	a, b := pair(t)
	a.mem.Locked["one"] = true
	b.write("one", "new")
	b.write("two", "new, too")
	b.sync()
	if s := a.sync(); s.InStep || a.mem.Tree(Own)["two"] != "new, too" {
		t.Errorf("with a locked file: %+v", s)
	}
	delete(a.mem.Locked, "one")
	both(t, a, b)
	if got := a.mem.Tree(Own); got["one"] != "new" || len(got) != 7 {
		t.Errorf("a has\n%s", show(got))
	}
}

// S38: ignored files stay where they are, whatever the rules become.
func TestIgnored(t *testing.T) {
	a, b := pair(t)
	ok(t, a.mem.Write("dir/.DS_Store", "x"), a.mem.Write("~$letter.docx", "x"), a.mem.Write("dir/a.bak", "kept"))
	a.sync()
	b.sync()
	if got := b.tree(); got["dir/.DS_Store"] != "" || got["dir/a.bak"] != "kept" || len(got) != 8 {
		t.Fatalf("b has\n%s", show(got))
	}
	a.close()
	a.ignore = []string{"*.bak"}
	ok(t, a.mem.Drop("dir/a.bak"))
	a.sync()
	b.sync()
	if b.tree()["dir/a.bak"] != "kept" {
		t.Error("a rule deleted a file")
	}
	b.remove("dir")
	b.sync()
	a.sync()
	got := a.mem.Tree(Own)
	if got["dir/.DS_Store"] != "x" || got["dir/three"] != "" || len(got) != 5 {
		t.Errorf("a has\n%s", show(got))
	}
	// A folder that is gone for everybody else and holds what is ignored is in step.
	if s := a.folder.Status(); !s.InStep {
		t.Errorf("a says %+v", s)
	}
	b.sync()
	b.write("other/sub/in", "x")
	both := func() { b.sync(); a.sync() }
	both()
	ok(t, a.mem.Write("other/sub/.DS_Store", "x"))
	b.remove("other")
	both()
	if s := a.folder.Status(); !s.InStep || a.mem.Tree(Own)["other/sub/.DS_Store"] != "x" || a.mem.Tree(Own)["other/sub/in"] != "" {
		t.Errorf("with two folders for what is ignored a says %+v", s)
	}
	ok(t, a.mem.Drop("other"))
	both()
	if len(b.tree()) != 2 {
		t.Errorf("what was deleted came back:\n%s", show(b.tree()))
	}
}

// S39, S40: links and special files are named and not followed; two names of one
// file are two files.
func TestLinks(t *testing.T) {
	r := newRig(t)
	a, b := r.desk("a"), r.desk("b")
	secret := filepath.Join(t.TempDir(), "secret")
	a.must(os.WriteFile(secret, []byte("secret"), 0o600))
	a.write("file", "file")
	a.write("dir/in", "in")
	settle(a, b)
	a.must(os.Symlink(secret, a.path("out")))
	a.must(os.Symlink(".", a.path("loop")))
	a.must(os.Symlink("nowhere", a.path("dangling")))
	a.must(os.Link(a.path("file"), a.path("second")))
	s := a.sync()
	if len(s.Skipped) != 3 || s.Skipped[0].Reason != "link" {
		t.Errorf("skipped: %+v", s.Skipped)
	}
	b.sync()
	b.expect(map[string]string{"file": "file", "second": "file", "dir": "/", "dir/in": "in"})
	// A link in the place of a file or a folder is not its deletion, and what comes
	// from the server does not go through it.
	elsewhere := t.TempDir()
	a.must(os.RemoveAll(a.path("dir")))
	a.must(os.Symlink(elsewhere, a.path("dir")))
	a.must(os.Remove(a.path("file")))
	a.must(os.Symlink(secret, a.path("file")))
	b.write("dir/new", "new")
	b.write("file", "edited")
	b.sync()
	a.sync()
	b.sync()
	b.expect(map[string]string{"file": "edited", "second": "file", "dir": "/", "dir/in": "in", "dir/new": "new"})
	if left, _ := os.ReadDir(elsewhere); len(left) > 0 {
		t.Errorf("something was written through a link: %v", left)
	}
	if got, _ := os.ReadFile(secret); string(got) != "secret" {
		t.Errorf("outside there is %q", got)
	}
}

// S41: what editors do when they save is an edit, not a new file.
func TestSafeSave(t *testing.T) {
	a, b := pair(t)
	ok(t, a.mem.Write("one.tmp", "saved"), a.mem.Rename("one.tmp", "one"))
	ok(t, a.mem.Rename("two", "two.old"), a.mem.Write("two.new", "saved, too"), a.mem.Rename("two.new", "two"), a.mem.Drop("two.old"))
	before := a.folder.Status().Counts
	both(t, a, b)
	after := a.folder.Status().Counts
	if after.FilesSent-before.FilesSent != 2 || after.Deletes != before.Deletes || after.Moves != before.Moves {
		t.Errorf("saving was not seen as edits: %+v, then %+v", before, after)
	}
}

// S43, S44: names are exchanged as they were exchanged, and nothing is sent again.
func TestSwappedNames(t *testing.T) {
	a, b := pair(t)
	ok(t, a.mem.Rename("one", "x"), a.mem.Rename("two", "one"), a.mem.Rename("x", "two"))
	ok(t, a.mem.Rename("dir/sub", "y"), a.mem.Rename("dir", "y/dir"))
	before := a.folder.Status().Counts
	both(t, a, b)
	after := a.folder.Status().Counts
	if after.FilesSent != before.FilesSent || after.BytesSent != before.BytesSent {
		t.Errorf("something was sent: %+v", after)
	}
	if got := b.tree(); got["one"] != "content of two" || got["two"] != "content of one" || got["y/dir/four"] == "" || got["y/five"] == "" {
		t.Errorf("b has\n%s", show(got))
	}
}

// S43: folders exchange their names; only the folder above them is known to have
// changed.
func TestSwappedFolders(t *testing.T) {
	a, b := pair(t)
	for _, p := range []string{"x/sub/deep/1", "y/sub/deep/2", "y/sub/3"} {
		b.write(p, p)
	}
	both(t, a, b)
	ok(t, a.mem.Rename("x", "t"), a.mem.Rename("y", "x"), a.mem.Rename("t", "y"), a.mem.Write("x/sub/deep/4", "4"))
	for _, d := range []string{"", "x", "y"} {
		a.folder.TouchDir(d)
	}
	for did := true; did; {
		var err error
		if did, err = a.folder.Round(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	b.sync()
	if x, y := show(a.mem.Tree(Own)), show(b.tree()); x != y {
		t.Fatalf("a has\n%sb has\n%s", x, y)
	}
	if n := a.folder.Status().Counts.Moves; n != 3 { // one of them for a moment
		t.Errorf("%d moves", n)
	}
}

// S47: what the disk can't hold is named, and everything else goes on.
func TestNamesThatCantBeHeld(t *testing.T) {
	a, b := pair(t)
	a.mem.Refuse = func(name string) string {
		if strings.HasPrefix(name, "bad") {
			return "its name is reserved on this system"
		}
		return ""
	}
	b.write("bad/inside", "x")
	b.write("badfile", "x")
	b.write("good", "x")
	b.sync()
	s := a.sync()
	if s.InStep || len(s.Waiting) < 2 || a.mem.Tree(Own)["good"] != "x" {
		t.Errorf("%+v", s)
	}
	b.move("badfile", "fine")
	b.remove("bad")
	b.sync()
	both(t, a, b)
}

// S22: a server that was put back to an earlier state loses nothing, and nobody
// deletes because of it.
func TestServerIsRestored(t *testing.T) {
	a, b := pair(t)
	backup := filepath.Join(t.TempDir(), "backup")
	r := a.rig
	r.stop()
	ok(t, os.CopyFS(backup, os.DirFS(r.data)))
	listen := strings.TrimPrefix(r.url, "http://")
	r.serve(listen)
	ok(t, a.mem.Write("new", "after the backup"), a.mem.Write("one", "edited after the backup"), a.mem.Drop("two"))
	both(t, a, b)
	r.stop()
	ok(t, os.RemoveAll(r.data), os.CopyFS(r.data, os.DirFS(backup)))
	for _, dir := range []string{r.data, filepath.Join(r.data, "keys")} {
		ok(t, os.Chmod(dir, 0o700))
	}
	r.serve(listen)
	both(t, a, b)
	got := b.tree()
	if got["new"] != "after the backup" || got["one"] != "edited after the backup" || got["dir/sub/five"] == "" {
		t.Errorf("after the restore there is\n%s", show(got))
	}
}

// S28, S30: a download that broke off leaves the old bytes, goes on where it ended,
// and leaves nothing lying about.
func TestBrokenDownload(t *testing.T) {
	r := newRig(t)
	a, b := r.desk("a"), r.desk("b")
	rng := rand.New(rand.NewPCG(3, 3))
	big := make([]byte, 30<<20)
	for i := range big {
		big[i] = byte(rng.Uint32())
	}
	a.write("big", "old")
	settle(a, b)
	a.write("big", string(big))
	a.sync()
	cut := &cutting{limit: 20 << 20}
	b.conn = cut
	b.close()
	if err := b.trySync(); err == nil {
		t.Fatal("it did not break off")
	}
	if b.tree()["big"] != "old" {
		t.Errorf("half of it is there: %s", b.tree()["big"])
	}
	b.close()
	cut.limit = 1 << 40
	before := cut.moved
	b.inStep()
	if moved := cut.moved - before; moved > 18<<20 {
		t.Errorf("%d bytes came again", moved)
	}
	if got := b.tree()["big"]; got != text(big) {
		t.Errorf("it is %s", got)
	}
	if left, _ := os.ReadDir(b.path(tmpDir)); len(left) > 0 {
		t.Errorf("left over: %v", left)
	}
	// An edit in the middle moves little.
	copy(big[10<<20:], "something else in the middle of it")
	a.write("big", string(big))
	sent, got := a.folder.Status().Counts.BytesSent, cut.moved
	settle(a, b)
	if sent = a.folder.Status().Counts.BytesSent - sent; sent > 1<<20 || cut.moved-got > 2<<20 {
		t.Errorf("an edit sent %d bytes, and %d came", sent, cut.moved-got)
	}
}

// cutting breaks off after some bytes.
type cutting struct{ limit, moved int64 }

// RoundTrip implements http.RoundTripper.
func (c *cutting) RoundTrip(r *http.Request) (*http.Response, error) {
	if c.moved >= c.limit {
		return nil, errLost
	}
	resp, err := http.DefaultTransport.RoundTrip(r)
	if err == nil {
		resp.Body = &cutBody{resp.Body, c}
	}
	return resp, err
}

type cutBody struct {
	body interface {
		Read([]byte) (int, error)
		Close() error
	}
	c *cutting
}

func (b *cutBody) Read(p []byte) (int, error) {
	if b.c.moved >= b.c.limit {
		return 0, errLost
	}
	n, err := b.body.Read(p)
	b.c.moved += int64(n)
	return n, err
}

func (b *cutBody) Close() error { return b.body.Close() }
