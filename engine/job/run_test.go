package job

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"scaidrive/engine"
	"scaidrive/engine/meta"
	"scaidrive/engine/meta/schema"
	"scaidrive/engine/transfer"
	"scaidrive/engine/transfer/transfertest"
	"scaidrive/engine/tree"
)

// start runs the service until the test ends or stop is called.
func (r *rig) start() (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	over := make(chan struct{})
	go func() { r.jobs.Run(ctx); close(over) }()
	ended := false
	stop = func() {
		if !ended {
			ended = true
			cancel()
			<-over
		}
	}
	r.t.Cleanup(stop)
	return stop
}

func (r *rig) eventually(what string, ok func() bool) {
	r.t.Helper()
	for range 4000 {
		if ok() {
			return
		}
		time.Sleep(2 * time.Millisecond) // poll interval
	}
	r.t.Fatal("not in time: " + what)
}

// The service takes up what an earlier process has left, and what comes while it
// runs, of all users, and ends when it is told to.
func TestRunTakesUpWhatIsLeft(t *testing.T) {
	s := newScene(newRig(t))
	s.jobs.step = 1
	left := []*engine.Job{
		s.create(Spec{Kind: engine.JobRename, Items: []Item{{ID: s.files[0], Kind: engine.KindFile, Name: "one"}}}),
		s.create(Spec{Kind: engine.JobRename, Items: []Item{{ID: s.files[0], Kind: engine.KindFile, Name: "two"}}}),
	}
	admins, err := s.jobs.Create(ctx, s.Root, Spec{Kind: engine.JobDelete, Items: []Item{{ID: s.deep, Kind: engine.KindFolder}}})
	if err != nil {
		t.Fatal(err)
	}
	s.rig.jobs = New(Options{DB: s.DB, Tree: s.Tree, Transfer: s.Transfer, Env: s.Env()}) // as after a restart
	stop := s.start()
	s.eventually("what was left is done", func() bool {
		r, err := s.jobs.Get(ctx, s.Root, admins.ID)
		return err == nil && r.State == engine.JobDone && s.report(left[0].ID).State == engine.JobDone && s.report(left[1].ID).State == engine.JobDone
	})
	if name := s.node(s.files[0]).Name; name != "two" {
		t.Errorf("the jobs of a user were not done in their order: the name is %q", name)
	}
	j := s.create(Spec{Kind: engine.JobRename, Items: []Item{{ID: s.files[0], Kind: engine.KindFile, Name: "three"}}})
	s.eventually("a new one is done", func() bool { return s.report(j.ID).State == engine.JobDone })
	stop()
	j = s.create(Spec{Kind: engine.JobRename, Items: []Item{{ID: s.files[0], Kind: engine.KindFile, Name: "four"}}})
	if s.report(j.ID).State != engine.JobQueued {
		t.Error("it runs on after its end")
	}
}

// Contents too long to be compared in a commit go back too, and forth.
func TestRewindOfLongContents(t *testing.T) {
	s := newScene(newRig(t))
	long := func(seed uint64) []byte { return transfertest.Random(seed, 6<<20) }
	up, err := s.Transfer.Upload(ctx, s.Owner, transfer.UploadSpec{Share: s.Share, Name: "long", Size: -1}, bytes.NewReader(long(1)))
	if err != nil {
		t.Fatal(err)
	}
	file := up.Node.ID
	other, err := s.Transfer.Upload(ctx, s.Owner, transfer.UploadSpec{Share: s.Share, Name: "other", Size: -1}, bytes.NewReader(long(2)))
	if err != nil {
		t.Fatal(err)
	}
	then := s.tick()
	s.tick()
	var content engine.Content
	err = s.DB.View(ctx, func(v *meta.View) error {
		ver, err := schema.GetVersion(v, s.Owner.Tenant, other.Node.ID, 1)
		if err == nil {
			content = ver.Content
		}
		return err
	})
	if err != nil || content.Count <= engine.MaxInlineChunks {
		t.Fatalf("%d chunks, %v", content.Count, err)
	}
	if _, err := s.put(tree.FileSpec{File: file, Base: up.Node.VersionID, Content: content, Kept: up.Node.Size}); err != nil {
		t.Fatal(err)
	}
	rep := s.run(Spec{Kind: engine.JobRewind, Items: []Item{{ID: s.Share, Kind: engine.KindFolder}}, At: then})
	s.want(rep, engine.JobDone, 0)
	if n := s.node(file); n.SHA256 != up.Node.SHA256 || n.Version != 3 {
		t.Errorf("version %d has another content", n.Version)
	}
	s.used(s.Share)
	s.want(s.undo(rep.ID), engine.JobUndone, 0)
	if n := s.node(file); n.SHA256 != other.Node.SHA256 || n.Version != 4 {
		t.Errorf("version %d has another content", n.Version)
	}
	s.used(s.Share)
}

// Errors are counted to the last and kept up to a bound.
func TestManyErrors(t *testing.T) {
	s := newScene(newRig(t))
	var items []Item
	for range MaxNotes + 30 {
		items = append(items, Item{ID: s.NewID(), Kind: engine.KindFile})
	}
	rep := s.run(Spec{Kind: engine.JobDelete, Items: items})
	s.want(rep, engine.JobDone, MaxNotes+30)
	if len(rep.Notes) != MaxNotes {
		t.Errorf("%d notes are kept", len(rep.Notes))
	}
	s.want(s.undo(rep.ID), engine.JobUndone, 0)
}

func TestItemsOfAJob(t *testing.T) {
	s := newScene(newRig(t))
	for n, ok := range map[int]bool{0: false, 1: true, MaxItems: true, MaxItems + 1: false} {
		_, err := s.jobs.Create(ctx, s.Owner, Spec{Kind: engine.JobDelete, Items: make([]Item, n)})
		if (err == nil) != ok || err != nil && engine.KindOf(err) != engine.KindInvalid {
			t.Errorf("%d items: %v", n, err)
		}
	}
	for i := 3; i < MaxOpen; i++ {
		s.create(Spec{Kind: engine.JobDelete, Items: make([]Item, 1)})
	}
	j := s.create(Spec{Kind: engine.JobDelete, Items: make([]Item, 1)})
	_, err := s.jobs.Create(ctx, s.Owner, Spec{Kind: engine.JobDelete, Items: make([]Item, 1)})
	if engine.KindOf(err) != engine.KindRateLimited {
		t.Errorf("a job too many: %v", err)
	}
	s.drain(j.ID)
	s.create(Spec{Kind: engine.JobDelete, Items: make([]Item, 1)})
	if _, err := s.jobs.Create(ctx, s.Stranger, Spec{Kind: engine.JobDelete, Items: make([]Item, 1)}); err != nil {
		t.Errorf("another user: %v", err)
	}
}

// What was removed for good is told, and so is what went to another share.
func TestRewindTellsLosses(t *testing.T) {
	s := newScene(newRig(t))
	if err := s.Tree.Purge(ctx, s.Owner, s.files[0], engine.KindFile, engine.ID{}); err != nil {
		t.Fatal(err)
	}
	s.tick()
	if _, err := s.Tree.Move(ctx, s.Owner, tree.Move{ID: s.files[2], Kind: engine.KindFile, To: &tree.Target{Folder: s.other}}); err != nil {
		t.Fatal(err)
	}
	rep := s.run(Spec{Kind: engine.JobRewind, Items: []Item{{ID: s.Share, Kind: engine.KindFolder}}, At: s.then})
	s.want(rep, engine.JobDone, 2)
	got := map[string]string{}
	for _, n := range rep.Notes {
		if n.Class == engine.NoteError {
			got[n.Path] = n.Msg
		}
	}
	want := map[string]string{"/a/f0": "It was removed for good", "/f2": "It was moved to another share and stays there"}
	if fmt.Sprint(got) != fmt.Sprint(want) || rep.Plan.Lost != 2 {
		t.Errorf("told %v, want %v", got, want)
	}
}

// A folder that has been turned inside out: what was in it, and holds it now, stays.
func TestRewindBelowWhatWasInIt(t *testing.T) {
	r := newRig(t)
	outer := r.folder(r.Share, "outer")
	inner := r.folder(outer, "inner")
	r.file(inner, "f", "text")
	then := r.tick()
	for _, m := range []tree.Move{{ID: inner, To: &tree.Target{Folder: r.Share}}, {ID: outer, To: &tree.Target{Folder: inner}}} {
		r.tick()
		m.Kind = engine.KindFolder
		if _, err := r.Tree.Move(ctx, r.Owner, m); err != nil {
			t.Fatal(err)
		}
	}
	before := r.look(r.Share)
	rep := r.run(Spec{Kind: engine.JobRewind, Items: []Item{{ID: outer, Kind: engine.KindFolder}}, At: then})
	r.want(rep, engine.JobDone, 1)
	if rep.Plan != (engine.JobPlan{Lost: 1}) || !strings.Contains(told(rep), "lies in it now") {
		t.Errorf("%+v%s", rep.Plan, told(rep))
	}
	r.same("rewound", r.look(r.Share), before)
}

// What holds something that was there is taken out of the trash for it, to the top if
// its own folder is in the trash too: there it must not take the name of what it gives.
func TestRewindOutOfNestedTrash(t *testing.T) {
	r := newRig(t)
	f := r.file(r.Share, "n2", "text")
	then := r.tick()
	want := r.look(r.Share)
	r.tick()
	up := r.folder(r.Share, "up")
	n2 := r.folder(up, "n2")
	if _, err := r.Tree.Move(ctx, r.Owner, tree.Move{ID: f, Kind: engine.KindFile, To: &tree.Target{Folder: n2}}); err != nil {
		t.Fatal(err)
	}
	for _, id := range []engine.ID{n2, up} {
		r.tick()
		if err := r.Tree.Trash(ctx, r.Owner, id, engine.KindFolder, engine.ID{}); err != nil {
			t.Fatal(err)
		}
	}
	rep := r.run(Spec{Kind: engine.JobRewind, Items: []Item{{ID: r.Share, Kind: engine.KindFolder}}, At: then})
	r.want(rep, engine.JobDone, 0)
	r.same("rewound", r.look(r.Share), want)
}

// What was there is taken out of a folder that stays in the trash: its own place is gone.
func TestRewindOutOfWhatCannotComeBack(t *testing.T) {
	r := newRig(t)
	root := r.folder(r.Share, "root")
	gone := r.folder(root, "gone")
	kept := r.folder(gone, "kept")
	f := r.file(root, "f", "text")
	then := r.tick()
	r.moveTo(kept, r.Share, "")
	r.moveTo(f, kept, "")
	r.tick()
	if err := r.Tree.Trash(ctx, r.Owner, kept, engine.KindFolder, engine.ID{}); err != nil {
		t.Fatal(err)
	}
	r.remove(gone)
	before := r.look(r.Share)
	rep := r.run(Spec{Kind: engine.JobRewind, Items: []Item{{ID: root, Kind: engine.KindFolder}}, At: then})
	r.want(rep, engine.JobDone, 2) // gone, and kept without its place
	got := r.look(root)
	if len(got) != 1 || got["/f"] == "" {
		t.Errorf("the folder has %v%s", got, told(rep))
	}
	if n := r.node(kept); n.DeletedAt.IsZero() {
		t.Error("the folder that held it is not in the trash any more")
	}
	r.want(r.undo(rep.ID), engine.JobUndone, 0)
	r.same("undone", r.look(r.Share), before)
}

// What can't be put back stays, but not at the place of something else.
func TestRewindMakesRoomForWhatWasThere(t *testing.T) {
	for _, taken := range []bool{false, true} {
		r := newRig(t)
		gone := r.folder(r.Share, "gone")
		kept := r.file(gone, "kept", "text")
		f := r.file(r.Share, "f.txt", "other")
		if taken {
			r.file(r.Share, "f (not put back).txt", "there before")
		}
		then := r.tick()
		r.moveTo(f, r.Share, "elsewhere")
		r.moveTo(kept, r.Share, "f.txt")
		r.remove(gone)
		before := r.look(r.Share)
		spec := Spec{Kind: engine.JobRewind, Items: []Item{{ID: r.Share, Kind: engine.KindFolder}}, At: then}
		rep := r.run(spec)
		r.want(rep, engine.JobDone, 2)
		name := "f (not put back).txt"
		if taken {
			name = passing("f.txt", kept)
		}
		want := snapshot{"/f.txt": before["/elsewhere"], "/" + name: before["/f.txt"]}
		if taken {
			want["/f (not put back).txt"] = before["/f (not put back).txt"]
		}
		r.same("rewound", r.look(r.Share), want)
		if !strings.Contains(told(rep), "another name") {
			t.Errorf("it is not told:%s", told(rep))
		}
		r.want(r.undo(rep.ID), engine.JobUndone, 0)
		r.same("undone", r.look(r.Share), before)
	}
}

func (r *rig) moveTo(id, to engine.ID, name string) {
	r.t.Helper()
	r.tick()
	if _, err := r.Tree.Move(ctx, r.Owner, tree.Move{ID: id, Kind: r.node(id).Kind, To: &tree.Target{Folder: to}, Name: name}); err != nil {
		r.t.Fatal(err)
	}
}

// remove removes a folder for good.
func (r *rig) remove(id engine.ID) {
	r.t.Helper()
	r.tick()
	if err := r.Tree.Purge(ctx, r.Owner, id, engine.KindFolder, engine.ID{}); err != nil {
		r.t.Fatal(err)
	}
	if err := r.Tree.RemovePurged(ctx); err != nil {
		r.t.Fatal(err)
	}
}
