package worker

import (
	"math/rand/v2"
	"os"
	"strings"
	"testing"
	"time"

	"scaidrive/client/disk/disktest"
)

// platforms are file systems as others have them.
func platforms() map[string]func() *disktest.Mem {
	return map[string]func() *disktest.Mem{
		"plain": disktest.New, "windows": disktest.Windows, "mac": disktest.Mac, "stick": disktest.Stick,
		"no identity": func() *disktest.Mem { m := disktest.Mac(); m.NoIdentity = true; return m },
	}
}

// onPlatforms runs a scenario with a client on each file system and one on this
// machine's, with some files in step.
func onPlatforms(t *testing.T, run func(t *testing.T, a *simDesk, b *desk)) {
	r := newRig(t)
	for name, make := range platforms() {
		t.Run(name, func(t *testing.T) {
			sub := *r
			sub.t = t
			sub.newShare("on " + name)
			a := sub.simDesk("a", make(), rand.New(rand.NewPCG(1, 1)))
			b := sub.desk("b")
			for _, p := range []string{"one", "two", "dir/three", "dir/sub/five"} {
				b.write(p, "content of "+p)
			}
			both(t, a, b)
			run(t, a, b)
		})
	}
}

// made tells whether anything was made anew.
func (d *desk) made() int64 {
	c := d.folder.Status().Counts
	return c.FilesSent + c.FilesReceived + c.Deletes + c.Conflicts + c.Rescued
}

// S14: another case of letters is a renaming of the same thing on every file system,
// wherever it is made, of files and folders.
func TestCaseOnlyRename(t *testing.T) {
	onPlatforms(t, func(t *testing.T, a *simDesk, b *desk) {
		before, x, y := a.rig.ids(), a.made(), b.made()
		ok(t, a.mem.Rename("one", "ONE"), a.mem.Rename("dir", "Dir"))
		both(t, a, b)
		b.move("two", "Two")
		b.move("Dir/sub", "Dir/SUB")
		b.move("Dir", "DIR")
		both(t, a, b)
		after := b.rig.ids()
		for was, is := range map[string]string{"one": "ONE", "two": "Two", "dir": "DIR", "dir/sub": "DIR/SUB", "dir/sub/five": "DIR/SUB/five"} {
			if before[was] == "" || before[was] != after[is] && !(a.mem.NoIdentity && (was == "one" || strings.HasPrefix(was, "dir"))) {
				t.Errorf("%s was %s, %s is %s", was, before[was], is, after[is])
			}
		}
		if !a.mem.NoIdentity && (a.made() != x || b.made() != y) {
			t.Errorf("something was made anew: %+v, %+v", a.folder.Status().Counts, b.folder.Status().Counts)
		}
		if got := a.mem.Tree(Own); got["DIR/SUB/five"] != "content of dir/sub/five" || len(got) != 6 {
			t.Errorf("a has\n%s", show(got))
		}
	})
}

// S15: what differs from another name in letters' case only stays where it can be,
// with its reason, and everything else goes on.
func TestNamesThatFold(t *testing.T) {
	onPlatforms(t, func(t *testing.T, a *simDesk, b *desk) {
		b.write("ONE", "another one")
		b.write("other", "x")
		s := b.sync()
		if s.InStep || len(s.Waiting) != 1 || s.Waiting[0].Path != "ONE" || !strings.Contains(s.Waiting[0].Reason, "letters' case") {
			t.Errorf("b: %+v", s)
		}
		a.sync()
		if got := a.mem.Tree(Own); got["one"] != "content of one" || got["other"] != "x" || got["ONE"] != "" {
			t.Errorf("a has\n%s", show(got))
		}
		if got := b.tree(); got["ONE"] != "another one" || got["one"] != "content of one" {
			t.Errorf("b has\n%s", show(got))
		}
		b.move("ONE", "own name")
		both(t, a, b)
	})
}

// S33: an edit that keeps the size shows, whatever times the file system keeps: at
// once in the same moment of its clock, and at the next reading of everything where
// a tool has put the time back and nothing else tells of changes.
func TestEditsThatLookTheSame(t *testing.T) {
	onPlatforms(t, func(t *testing.T, a *simDesk, b *desk) {
		for _, text := range []string{"edit 1", "edit 2", "edit 3"} {
			ok(t, a.mem.Write("one", text), a.mem.Write("dir/three", text))
			a.sync()
			b.sync()
			if got := b.tree(); got["one"] != text || got["dir/three"] != text {
				t.Fatalf("after %s b has\n%s", text, show(got))
			}
		}
		// What came just now is edited in the same moment, to the same size.
		b.write("two", "from b")
		at := a.mem.Now()
		ok(t, os.Chtimes(b.path("two"), at, at))
		b.sync()
		a.sync()
		ok(t, a.mem.Write("two", "from a"))
		b.write("dir/three", "from b")
		b.sync()
		a.sync()
		if a.mem.Tick >= time.Second { // it may be edited in this moment of the clock
			if s := a.folder.Status(); s.InStep || !a.folder.Unsettled() {
				t.Errorf("it does not say that it comes back: %+v", s)
			}
			a.mem.Pass(coarse)
		}
		both(t, a, b)
		if got := b.tree(); got["two"] != "from a" || got["dir/three"] != "from b" {
			t.Fatalf("b has\n%s", show(got))
		}
		// Long after, a tool puts the time back.
		a.mem.Pass(time.Hour)
		both(t, a, b)
		e, err := a.mem.Look("one")
		ok(t, err, a.mem.Write("one", "edit 9"), a.mem.SetTime("one", e.Stamp.MTime))
		a.folder.TouchAll()
		a.sync()
		if a.mem.NoCTime {
			b.sync()
			if got := b.tree()["one"]; got != "edit 3" {
				t.Errorf("nothing tells of it, and yet there is %q", got)
			}
			a.folder.Rehash()
			a.folder.TouchAll()
		}
		both(t, a, b)
		if got := b.tree()["one"]; got != "edit 9" {
			t.Errorf("b has %q", got)
		}
		before := a.folder.Status().Counts.Hashed
		a.folder.TouchAll()
		a.sync()
		if n := a.folder.Status().Counts.Hashed - before; n != 0 && !a.mem.NoIdentity {
			t.Errorf("%d files are read again though nothing has changed", n)
		}
	})
}

// S34: composed and decomposed names are one thing; nothing goes back and forth, and
// the server has the composed form.
func TestNormalForms(t *testing.T) {
	onPlatforms(t, func(t *testing.T, a *simDesk, b *desk) {
		composed := []string{"caf\u00e9", "\ud55c\uae00", "\u00c5ngstr\u00f6m", "f\u00f6lder/\u00fcber"}
		decomposed := []string{"cafe\u0301 2", "\u1112\u1161\u11ab 2", "A\u030angstrom 2"}
		for _, p := range composed {
			b.write(p, "composed "+p)
		}
		ok(t, a.mem.Folder("fo\u0308lder2"))
		for _, p := range append(decomposed, "fo\u0308lder2/u\u0308ber") {
			ok(t, a.mem.Write(p, "decomposed"))
		}
		a.sync()
		b.sync()
		a.sync()
		x, y := a.made(), b.made()
		for range 2 {
			a.folder.TouchAll()
			b.folder.TouchAll()
			a.sync()
			b.sync()
		}
		if a.made() != x || b.made() != y {
			t.Errorf("it goes back and forth: %+v, %+v", a.folder.Status().Counts, b.folder.Status().Counts)
		}
		if p, q := show(a.mem.Tree(Own)), show(b.tree()); p != q { // Tree is composed, and so is what the server sends
			t.Errorf("a has\n%sb has\n%s", p, q)
		}
		for p := range a.rig.ids() {
			if strings.ContainsAny(p, "\u0301\u0308\u030a\u1112") {
				t.Errorf("the server has %q", p)
			}
		}
		// Edits and moves go on with the other form.
		name := "cafe\u0301"
		if !a.mem.Fold && !a.mem.Decompose {
			name = "caf\u00e9" // there the other form is another file
		}
		ok(t, a.mem.Write(name, "edited"))
		b.move("f\u00f6lder/\u00fcber", "f\u00f6lder/\u00fcber alles")
		both(t, a, b)
		if got := b.tree(); got["caf\u00e9"] != "edited" {
			t.Errorf("b has\n%s", show(got))
		}
	})
}

// S39, S40: what is no file or folder is named with its reason and not sent; what
// takes the place of a file is not its deletion.
func TestSpecialFiles(t *testing.T) {
	onPlatforms(t, func(t *testing.T, a *simDesk, b *desk) {
		before := show(b.tree())
		ok(t, a.mem.Link("pipe", "named pipe"), a.mem.Link("socket", "socket"), a.mem.Link("dir/link", "link"), a.mem.Drop("two"), a.mem.Link("two", "link"))
		s := a.sync()
		why := map[string]string{}
		for _, i := range append(s.Skipped, s.Waiting...) {
			why[i.Path] = i.Reason
		}
		if why["pipe"] != "named pipe" || why["socket"] != "socket" || why["dir/link"] != "link" {
			t.Errorf("it says %+v", s)
		}
		b.sync()
		if got := show(b.tree()); got != before {
			t.Errorf("b has\n%s", got)
		}
		ok(t, a.mem.Drop("two"), a.mem.Write("two", "a file again"))
		for _, p := range []string{"pipe", "socket", "dir/link"} {
			ok(t, a.mem.Drop(p))
		}
		both(t, a, b)
		if b.tree()["two"] != "a file again" {
			t.Errorf("b has\n%s", show(b.tree()))
		}
	})
}

// S47: names and paths that a file system can't hold are named with the reason, never
// changed; everything else goes on, also into and out of them.
func TestNamesOfOthers(t *testing.T) {
	odd := []string{"aux", "com1.txt", "dot.", "space ", "what?", "a:b", `quo"te`, "pi|pe", "NUL.tar.gz"}
	onPlatforms(t, func(t *testing.T, a *simDesk, b *desk) {
		b.write("empty", "")
		var made []string
		for _, name := range odd {
			if os.WriteFile(b.path(name), []byte("x"), 0o644) == nil {
				made = append(made, name)
			}
		}
		b.sync()
		there := b.rig.ids()
		s := a.sync()
		waits := map[string]string{}
		for _, i := range s.Waiting {
			waits[i.Path] = i.Reason
		}
		got := a.mem.Tree(Own)
		for _, name := range made {
			switch {
			case there[name] == "": // the server's own rules are stricter
			case a.mem.Refuse != nil:
				if waits[name] == "" || got[name] != "" || s.InStep {
					t.Errorf("%q: waiting %q, on the disk %q", name, waits[name], got[name])
				}
			case got[name] != "x":
				t.Errorf("%q is %q", name, got[name])
			}
		}
		if len(got) < 7 || got["empty"] != "" {
			t.Errorf("a has\n%s", show(got))
		}
		for _, name := range made {
			b.remove(name)
		}
		b.folder.AllowDeletes()
		both(t, a, b)
		// Paths.
		a.mem.MaxPath = 120
		long := strings.Repeat("x", 60)
		b.write(long+"/"+long+"/file", "deep")
		b.write(long+"/short", "near")
		b.write("after", "x")
		b.sync()
		s = a.sync()
		if got := a.mem.Tree(Own); got[long+"/short"] != "near" || got["after"] != "x" || s.InStep || len(s.Waiting) == 0 {
			t.Errorf("%+v\na has\n%s", s, show(got))
		}
		b.move(long+"/"+long, long+"/d")
		b.sync()
		both(t, a, b)
	})
}

// TestIdentitiesChange: a file system that tells other identities after it was plugged
// in again, or gives out old numbers, costs a reading of the files, not more.
func TestIdentitiesChange(t *testing.T) {
	onPlatforms(t, func(t *testing.T, a *simDesk, b *desk) {
		before, x, y := b.rig.ids(), a.made(), b.made()
		a.close()
		a.mem.Remount()
		a.mem.Pass(time.Hour)
		both(t, a, b)
		if a.made() != 0 || b.made() != y {
			t.Errorf("something was made anew: %d, %+v", x, a.folder.Status().Counts)
		}
		for p, id := range b.rig.ids() {
			if before[p] != id {
				t.Errorf("%s is another one", p)
			}
		}
		// New files may get the numbers of those that went.
		a.close()
		ok(t, a.mem.Drop("one"), a.mem.Drop("dir/three"), a.mem.Write("new", "new one"), a.mem.Folder("folder"), a.mem.Write("folder/in", "in it"), a.mem.Write("again", "again"))
		both(t, a, b)
		got := b.tree()
		if got["new"] != "new one" || got["folder/in"] != "in it" || got["again"] != "again" || got["one"] != "" || len(got) != 8 {
			t.Errorf("b has\n%s", show(got))
		}
	})
}
