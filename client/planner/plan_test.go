package planner

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// world makes trees that are equal, of paths ("d/" is a folder); the IDs are the
// paths at the beginning.
type world struct {
	*Trees
}

func newWorld(paths ...string) *world {
	nodes := NewNodes()
	for i, p := range paths {
		folder := strings.HasSuffix(p, "/")
		p = strings.TrimSuffix(p, "/")
		n := &Node{ID: ID(p), Name: p, Folder: folder, Version: "v1"}
		if k := strings.LastIndexByte(p, '/'); k >= 0 {
			n.Parent, n.Name = ID(p[:k]), p[k+1:]
		}
		if !folder {
			n.File = File{Size: int64(i), Hash: [32]byte{byte(i)}}
		}
		nodes.Put(n)
	}
	return &world{NewTrees(nodes)}
}

// do plays a line: "local|remote move ID PARENT NAME", "edit ID CONTENT", "new ID
// PARENT NAME" ("new ID/" is a folder), "delete ID"; "/" is the root.
func (w *world) do(t *testing.T, line string) {
	t.Helper()
	f := strings.Fields(line)
	id := ID(strings.TrimSuffix(f[2], "/"))
	tree, set := w.Local.Overlay, w.SetLocal
	if f[0] == "remote" {
		tree, set = w.Remote.Overlay, func(id ID, n *Node) { w.SetRemote(id, n, GoneDeleted) }
	}
	var n Node
	if old := tree.Node(id); old != nil {
		n = *old
	}
	content := func(s string) File { return File{Size: int64(len(s)), Hash: [32]byte{s[0], 99}} }
	at := func() { n.Parent, n.Name = ID(strings.Trim(f[3], "/")), f[4] }
	switch f[1] {
	case "move":
		at()
	case "new":
		at()
		n.ID, n.Folder = id, strings.HasSuffix(f[2], "/")
		if !n.Folder {
			n.File = content(string(id))
		}
	case "edit":
		n.File = content(f[3])
		if f[0] == "remote" {
			n.Version += "+"
		}
	case "delete":
		var below []ID
		tree.Children(id, func(c *Node) bool { below = append(below, c.ID); return true })
		for _, c := range below {
			w.do(t, fmt.Sprintf("%s delete %s", f[0], c))
		}
		set(id, nil)
		return
	default:
		t.Fatalf("%q?", line)
	}
	set(id, &n)
}

var opNames = map[OpKind]string{
	PushFolder: "mkdir", PushFile: "create", PushUpdate: "update", PushMove: "move", PushDelete: "delete",
	PullFolder: "<mkdir", PullFile: "<fetch", PullUpdate: "<update", PullMove: "<move", PullDelete: "<delete", Rescue: "<rescue",
}

func show(p *Plan) []string {
	var out []string
	for _, op := range append(p.Push, p.Pull...) {
		s := opNames[op.Kind] + " " + string(op.ID)
		switch op.Kind {
		case PushFolder, PushFile, PushMove, PullFolder, PullFile, PullMove:
			s += " to " + string(op.Parent) + "/" + op.Name
		}
		out = append(out, s)
	}
	for _, w := range p.Waiting {
		out = append(out, string(w.ID)+": "+w.Reason)
	}
	for _, w := range p.Aside {
		out = append(out, "("+string(w.ID)+": "+w.Reason+")")
	}
	return out
}

func TestPlans(t *testing.T) {
	tree := []string{"a", "b", "c", "d/", "d/x", "d/y", "d/e/", "d/e/z"}
	for _, c := range []struct {
		name  string
		do    []string
		setup func(*world, *Options)
		want  []string
	}{
		{name: "nothing"},
		{name: "an edit goes up", do: []string{"local edit a A"}, want: []string{"update a"}},
		{name: "an edit comes down", do: []string{"remote edit a A"}, want: []string{"<update a"}},
		{name: "the same edit on both sides", do: []string{"local edit a A", "remote edit a A"}},
		{name: "two edits: the server decides", do: []string{"local edit a A", "remote edit a B"}, want: []string{"update a"}},
		{name: "renamed here, edited there", do: []string{"local move a / n", "remote edit a B"}, want: []string{"move a to /n", "<update a"}},
		{name: "only the case", do: []string{"local move a / A"}, want: []string{"move a to /A"}},
		{name: "a chain of names takes as many moves", do: []string{"local move a / b", "local move b / c", "local move c / n"},
			want: []string{"move c to /n", "move b to /c", "move a to /b"}},
		{name: "two names swapped take one more", do: []string{"local move a / b", "local move b / a"},
			want: []string{"move b to /~0", "move a to /b", "move b to /a"}},
		{name: "swapped there", do: []string{"remote move a / b", "remote move b / a"},
			want: []string{"<move b to /~0", "<move a to /b", "<move b to /a"}},
		{name: "a folder renamed is one move", do: []string{"local move d / n"}, want: []string{"move d to /n"}},
		{name: "a folder and its child change places", do: []string{"local move d/e / e", "local move d d/e d"},
			want: []string{"move d/e to /e", "move d to d/e/d"}},
		{name: "saved out of a folder that goes", do: []string{"local move d/x / x", "local delete d"},
			want: []string{"move d/x to /x", "delete d"}},
		{name: "a name that becomes free", do: []string{"local delete a", "local move b / a"}, want: []string{"delete a", "move b to /a"}},
		{name: "a file takes the name of its folder", do: []string{"local move d/x / d", "local delete d"},
			want: []string{"move d to /~0", "move d/x to /d", "delete d"}},
		{name: "the same there", do: []string{"remote move d/x / d", "remote delete d"},
			want: []string{"<delete d/e/z", "<delete d/e", "<move d/x to /~0", "<delete d/y", "<delete d", "<move d/x to /d"}},
		{name: "a new folder with things in it", do: []string{"local new n/ / n", "local new n/f n f"},
			want: []string{"mkdir n to /n", "create n/f to n/f"}},
		{name: "the same folder made on both sides", do: []string{"local new n/ / n", "local new n/f n f", "remote new r/ / N"},
			want: []string{"create n/f to r/f", "<move r to /N"}},
		{name: "a new file in a folder deleted there", do: []string{"local new d/n d n", "remote delete d"},
			want: []string{"create d/n to d/n", "<delete d/e/z", "<delete d/e", "<delete d/x", "<delete d/y"}},
		{name: "an edit in a folder deleted there", do: []string{"local edit d/x X", "remote delete d"},
			want: []string{"update d/x", "<delete d/e/z", "<delete d/e", "<delete d/y"}},
		{name: "a new file there in a folder deleted here", do: []string{"local delete d", "remote new d/n d n"},
			want: []string{"delete d/e", "delete d/x", "delete d/y", "<mkdir d to /d", "<fetch d/n to d/n"}},
		{name: "edited there in a folder deleted here", do: []string{"local delete d", "remote edit d/x X"},
			want: []string{"delete d/e", "delete d/x", "delete d/y", "<mkdir d to /d"}},
		{name: "renamed there in a folder deleted here", do: []string{"local delete d", "remote move d/x d z"},
			want: []string{"delete d/e", "delete d/x", "delete d/y", "<mkdir d to /d"}},
		{name: "moved there into a folder deleted here", do: []string{"local delete d", "remote move a d a"},
			want: []string{"delete d/e", "delete d/x", "delete d/y", "<mkdir d to /d", "<move a to d/a"}},
		{name: "moved there out of a folder deleted here", do: []string{"local delete d", "remote move d/x / x"},
			want: []string{"delete d", "delete d/x"}},
		{name: "something new has the name of what comes", do: []string{"local new n / n", "remote new r/ / n"},
			want: []string{"create n to /n", "r: its name is taken by something that is not in step yet"}},

		{name: "closed: nothing is done with it", do: []string{"remote edit a A", "remote delete d"},
			setup: func(w *world, _ *Options) { w.Local.Closed["a"] = "no right"; w.Local.Closed["d"] = "no right" },
			want:  []string{"<delete d/e/z", "<delete d/e", "<delete d/x", "<delete d/y", "a: no right", "d: no right"}},
		{name: "nothing comes into what is closed", do: []string{"remote new r d r"},
			setup: func(w *world, _ *Options) { w.Local.Closed["d"] = "no right" }, want: []string{"r: no right"}},
		{name: "a name that this disk can't hold", do: []string{"remote new r / aux"},
			setup: func(_ *world, o *Options) { o.Storable = func(string) string { return "reserved" } }, want: []string{"r: reserved"}},
		{name: "what the server lost goes up again",
			setup: func(w *world, _ *Options) { w.SetRemote("d/e", nil, GoneLost); w.SetRemote("d/e/z", nil, GoneLost) },
			want:  []string{"mkdir d/e to d/e", "create d/e/z to d/e/z"}},
		{name: "withdrawn: copies go, edits and new files are rescued", do: []string{"local edit d/x X", "local new d/n d n"},
			setup: func(w *world, _ *Options) { w.withdraw("d", GoneWithdrawn) },
			want:  []string{"<rescue d/n", "<rescue d/x", "<delete d/e/z", "<delete d/e", "<delete d/y", "<delete d"}},
		{name: "not wanted any more: copies go", setup: func(w *world, _ *Options) { w.withdraw("d/e", GoneExcluded) },
			want: []string{"<delete d/e/z", "<delete d/e"}},
		{name: "a folder with things not on this disk is not deleted", do: []string{"local delete d"},
			setup: func(w *world, _ *Options) { w.Remote.Partial = map[ID]bool{"d": true} },
			want:  []string{"delete d/e", "delete d/x", "delete d/y", "<mkdir d to /d"}},
		{name: "an open conflict stays as it is", do: []string{"remote edit a A"},
			setup: func(w *world, _ *Options) {
				n := *w.Synced.Node("a")
				n.Held = true
				w.SetSynced("a", &n)
			}, want: []string{"a: a conflict is open"}},
		{name: "refused for now", do: []string{"local edit a A"},
			setup: func(w *world, _ *Options) { w.Local.Refused["a"] = RefusedNow }, want: []string{"a: the server refused it"}},
		{name: "refused for good: rescued", do: []string{"local edit a A", "local new n / n", "local move b / bb", "local delete c"},
			setup: func(w *world, _ *Options) {
				for _, id := range []ID{"a", "n", "b", "c"} {
					w.Local.Refused[id] = RefusedEver
				}
			}, want: []string{"<rescue a", "<rescue n", "<move b to /b", "<fetch c to /c"}},

		{name: "send only", do: []string{"local edit a A", "remote edit b B", "remote new r / r", "remote delete c", "local delete d/x", "remote move d/y / y"},
			setup: func(_ *world, o *Options) { o.Mode = SendOnly }, want: []string{"delete d/x", "update a", "(b: " + onlySends + ")", "(c: " + onlySends + ")", "(d/y: " + onlySends + ")"}},
		{name: "receive only", do: []string{"local edit a A", "remote edit b B", "local new n / n", "local delete c", "remote edit a Z", "local move d/x / x", "local edit d/y Y", "remote delete d/y"},
			setup: func(_ *world, o *Options) { o.Mode = ReceiveOnly }, want: []string{"<fetch c to /c", "<update b",
				"(a: " + onlyReceives + ")", "(d/x: " + onlyReceives + ")", "(d/y: " + onlyReceives + ")", "(n: " + onlyReceives + ")"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(tree...)
			for _, line := range c.do {
				w.do(t, line)
			}
			opt := Options{Key: fold, Storable: func(string) string { return "" }, TempName: func(n int) string { return fmt.Sprint("~", n) }}
			if c.setup != nil {
				c.setup(w, &opt)
			}
			Settle(w.Trees, opt)
			if diff := cmp.Diff(c.want, show(Make(w.Trees, opt))); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestBaseIsByContent: what is here was made from what the server has, if the content is
// the same, whichever version that is by now. What waits in a conflict was not.
func TestBaseIsByContent(t *testing.T) {
	opt := Options{Key: fold, Storable: func(string) string { return "" }, TempName: func(n int) string { return fmt.Sprint("~", n) }}
	for _, held := range []bool{false, true} {
		w := newWorld("a")
		s := *w.Synced.Node("a")
		s.Version, s.Held = "", held
		w.SetSynced("a", &s)
		r := s
		r.Version, r.Held = "7 ver_7", false
		w.SetRemote("a", &r, 0)
		w.do(t, "local edit a A")
		Settle(w.Trees, opt)
		want := "7 ver_7"
		if held {
			want = ""
		}
		if p := Make(w.Trees, opt); len(p.Push) != 1 || p.Push[0].Base != want {
			t.Errorf("held %v: %+v", held, p.Push)
		}
	}
}

// withdraw takes a folder and all below out of remote.
func (w *world) withdraw(id ID, why Gone) {
	w.Synced.Children(id, func(n *Node) bool { w.withdraw(n.ID, why); return true })
	w.SetRemote(id, nil, why)
}

// BenchmarkFirstPlan is a plan of 20,000 files in 200 folders that only the server has.
func BenchmarkFirstPlan(b *testing.B) {
	opt := Options{Key: strings.ToUpper, Storable: func(string) string { return "" }, TempName: func(n int) string { return fmt.Sprint(n) }}
	for b.Loop() {
		b.StopTimer()
		t := NewTrees(NewNodes())
		for d := range 200 {
			dir := ID(fmt.Sprintf("fld_01M82R5PPC9RA2GJMQ0W%06d", d))
			t.SetRemote(dir, &Node{ID: dir, Name: fmt.Sprintf("dir%03d", d), Folder: true}, 0)
			for i := range 100 {
				id := ID(fmt.Sprintf("fil_01M82R5PPC9RA2GJMQ0W%06d", d*100+i))
				t.SetRemote(id, &Node{ID: id, Parent: dir, Name: fmt.Sprintf("file%05d.bin", i), Version: "1 ver", File: File{Size: int64(i)}}, 0)
			}
		}
		b.StartTimer()
		Settle(t, opt)
		if p := Make(t, opt); len(p.Pull) != 20200 {
			b.Fatal(len(p.Pull))
		}
	}
}
