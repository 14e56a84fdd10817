package job

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"scaidrive/chunkstore/vfs"
	"scaidrive/engine"
	"scaidrive/engine/meta"
	"scaidrive/engine/meta/schema"
	"scaidrive/engine/transfer/transfertest"
	"scaidrive/engine/tree"
)

// scene is a share with things in it, and another one.
type scene struct {
	*rig
	other, a, b, deep engine.ID
	files             []engine.ID
	then              time.Time
}

func newScene(r *rig) *scene {
	s := &scene{rig: r, other: r.NewShare(r.t, -1)}
	s.a, s.b = r.folder(r.Share, "a"), r.folder(r.Share, "b")
	s.deep = r.folder(s.a, "deep")
	for i := range 8 {
		in := []engine.ID{s.a, s.deep, r.Share}[i%3]
		s.files = append(s.files, r.file(in, fmt.Sprint("f", i), fmt.Sprint("content ", i)))
	}
	s.then = r.tick()
	r.tick()
	return s
}

func (s *scene) items() []Item {
	list := []Item{{ID: s.deep, Kind: engine.KindFolder}}
	for _, f := range s.files {
		if n := s.node(f); n.Parent != s.deep {
			list = append(list, Item{ID: f, Kind: engine.KindFile})
		}
	}
	return list
}

// specs are a job of each kind, with what has to happen before.
func (s *scene) spec(kind engine.JobKind) Spec {
	spec := Spec{Kind: kind, Items: s.items()}
	switch kind {
	case engine.JobMove:
		spec.Target, spec.ToShare = s.other, true
	case engine.JobCopy:
		spec.Target = s.b
	case engine.JobRename:
		for i := range spec.Items {
			spec.Items[i].Name = fmt.Sprint("new ", i)
		}
	case engine.JobRestore:
		for _, it := range spec.Items {
			s.tick()
			if err := s.Tree.Trash(ctx, s.Owner, it.ID, it.Kind, engine.ID{}); err != nil {
				s.t.Fatal(err)
			}
		}
	case engine.JobRewind:
		s.wreck()
		spec.Items, spec.At = []Item{{ID: s.Share, Kind: engine.KindFolder}}, s.then
	}
	return spec
}

// wreck makes changes of all sorts.
func (s *scene) wreck() {
	do := func(err error) {
		s.t.Helper()
		if s.tick(); err != nil {
			s.t.Fatal(err)
		}
	}
	for i, f := range s.files[:4] {
		_, err := s.put(tree.FileSpec{File: f, Base: s.node(f).VersionID, Content: text(fmt.Sprint("locked ", i))})
		do(err)
	}
	do(s.Tree.Trash(ctx, s.Owner, s.files[5], engine.KindFile, engine.ID{}))
	_, err := s.Tree.Move(ctx, s.Owner, tree.Move{ID: s.deep, Kind: engine.KindFolder, To: &tree.Target{Folder: s.b}, Name: "x"})
	do(err)
	fresh := s.folder(s.Share, "fresh")
	s.file(fresh, "ransom", "pay")
	_, err = s.Tree.Move(ctx, s.Owner, tree.Move{ID: s.files[6], Kind: engine.KindFile, To: &tree.Target{Folder: fresh}})
	do(err)
	do(s.Tree.Trash(ctx, s.Owner, s.a, engine.KindFolder, engine.ID{}))
	s.file(s.Share, "a", "file, no folder")
}

var kinds = []engine.JobKind{engine.JobMove, engine.JobCopy, engine.JobDelete, engine.JobRestore, engine.JobRename, engine.JobRewind}

// plain is a snapshot of both shares without IDs: copies have new ones each time.
func (s *scene) plain() string {
	var b strings.Builder
	for _, share := range []engine.ID{s.Share, s.other} {
		for path, v := range s.look(share) {
			if _, sum, file := strings.Cut(v, " "); file {
				v = sum
			} else {
				v = "/"
			}
			s := snapshot{path: v}
			fmt.Fprintln(&b, share[12:], s.String())
		}
	}
	lines := strings.Split(b.String(), "\n")
	sortLines(lines)
	return strings.Join(lines, "\n")
}

func sortLines(l []string) {
	for i := range l {
		for j := i; j > 0 && l[j] < l[j-1]; j-- {
			l[j], l[j-1] = l[j-1], l[j]
		}
	}
}

// Each kind does its work, and its undo takes all of it back.
func TestKinds(t *testing.T) {
	for _, kind := range kinds {
		for _, step := range []int{1, 3, 500} {
			t.Run(fmt.Sprint(kind, " by ", step), func(t *testing.T) {
				s := newScene(newRig(t))
				s.jobs.step = step
				spec := s.spec(kind)
				first, beside := s.look(s.Share), s.look(s.other)
				rep := s.run(spec)
				s.want(rep, engine.JobDone, 0)
				if s.look(s.Share).String() == first.String() {
					t.Error("nothing was done")
				}
				s.used(s.Share)
				s.used(s.other)
				s.want(s.undo(rep.ID), engine.JobUndone, 0)
				s.same("undone", s.look(s.Share), first)
				s.same("the other share, undone", s.look(s.other), beside)
				s.used(s.Share)
				s.used(s.other)
			})
		}
	}
}

// A crash after any step, of the job or of its undo, changes nothing of what
// comes out.
func TestCrashAnywhere(t *testing.T) {
	for _, kind := range kinds {
		t.Run(fmt.Sprint(kind), func(t *testing.T) {
			run := func(crashAt int) (done, undone string, steps int) {
				mem := vfs.NewMem()
				s := newScene(rigOn(t, transfertest.OnFS(t, mem)))
				s.jobs.step = 3
				j := s.create(s.spec(kind))
				advance := func() {
					for over := false; !over; steps++ {
						if steps == crashAt {
							rng := rand.New(rand.NewPCG(uint64(crashAt), uint64(kind)))
							if mem = mem.Crash(rng); crashAt%2 == 0 {
								mem = mem.CrashDurable()
							}
							r := rigOn(t, s.Stack.Reopen(t, mem))
							r.jobs.step = 3
							s.rig = r
							if err := r.jobs.load(ctx); err != nil {
								t.Fatal(err)
							}
							if len(r.jobs.queue.lines) != 1 {
								t.Errorf("crash at step %d: the job is not taken up again", crashAt)
							}
						}
						s.tick()
						var err error
						if over, err = s.jobs.advance(ctx, owner{s.Owner.Tenant, s.Owner.User}, j.ID); err != nil {
							t.Fatalf("crash at step %d: %v", crashAt, err)
						}
					}
				}
				advance()
				s.want(s.report(j.ID), engine.JobDone, 0)
				done = s.plain()
				s.used(s.Share)
				if _, err := s.jobs.Undo(ctx, s.Owner, j.ID); err != nil {
					t.Fatal(err)
				}
				advance()
				s.want(s.report(j.ID), engine.JobUndone, 0)
				s.used(s.Share)
				s.used(s.other)
				return done, s.plain(), steps
			}
			done, undone, steps := run(-1)
			for i := range steps {
				d, u, _ := run(i)
				if d != done || u != undone {
					t.Fatalf("crash at step %d: done\n%s\nundone\n%s\nwithout it\n%s\n%s", i, d, u, done, undone)
				}
			}
			if steps < 4 {
				t.Errorf("only %d steps: the test shows little", steps)
			}
		})
	}
}

// A commit that fails, whichever it is, loses and repeats nothing.
func TestFailedCommits(t *testing.T) {
	for _, kind := range kinds {
		t.Run(fmt.Sprint(kind), func(t *testing.T) {
			run := func(failAt int) (string, bool) {
				mem := vfs.NewMem()
				fault := vfs.NewFault(mem)
				s := newScene(rigOn(t, transfertest.OnFS(t, fault)))
				s.jobs.step = 3
				j := s.create(s.spec(kind))
				failed := false
				if failAt >= 0 {
					fault.Inject(vfs.Rule{Ops: vfs.OpSync, Name: "oplog/*", N: failAt + 1, From: true, Err: errors.New("the disk fails")})
				}
				for over := false; !over; {
					s.tick()
					var err error
					over, err = s.jobs.advance(ctx, owner{s.Owner.Tenant, s.Owner.User}, j.ID)
					if err != nil {
						failed = true
						if engine.KindOf(err) != engine.KindUnavailable {
							t.Errorf("a failed commit: %v", err)
						}
						fault.Clear()
						r := rigOn(t, s.Stack.Reopen(t, mem.CrashDurable()))
						r.jobs.step = 3
						s.rig = r
					}
				}
				s.want(s.report(j.ID), engine.JobDone, 0)
				s.used(s.Share)
				return s.plain(), failed
			}
			want, _ := run(-1)
			for i := 0; ; i++ {
				got, failed := run(i)
				if got != want {
					t.Fatalf("commit %d fails:\n%s\nwithout it\n%s", i, got, want)
				}
				if !failed {
					if i < 2 {
						t.Errorf("only %d commits: the test shows little", i)
					}
					return
				}
			}
		})
	}
}

func (r *rig) setUser(fn func(*engine.User)) {
	r.t.Helper()
	err := r.DB.Update(ctx, func(tx *meta.Tx) error {
		u, err := schema.GetUser(tx, r.Owner.Tenant, r.Owner.User)
		if err != nil {
			return err
		}
		fn(u)
		return schema.PutUser(tx, u)
	})
	if err != nil {
		r.t.Fatal(err)
	}
}

// The rights count that the user has at each step.
func TestRightsOfEachStep(t *testing.T) {
	for _, kind := range kinds {
		t.Run(fmt.Sprint(kind), func(t *testing.T) {
			s := newScene(newRig(t))
			s.jobs.step = 2
			j := s.create(s.spec(kind))
			who := owner{s.Owner.Tenant, s.Owner.User}
			steps := 1
			if kind == engine.JobRewind {
				steps = 2 // the plan first
			}
			for range steps {
				if _, err := s.jobs.advance(ctx, who, j.ID); err != nil {
					t.Fatal(err)
				}
			}
			before := s.plain()
			s.setUser(func(u *engine.User) { u.Status = engine.StatusSuspended })
			rep := s.drain(j.ID)
			if rep.State != engine.JobFailed || rep.Errors != 1 || len(rep.Notes) == 0 {
				t.Errorf("a suspended user's job is in state %d with %d errors", rep.State, rep.Errors)
			}
			if s.plain() != before {
				t.Error("a suspended user's job went on")
			}
			// What was done can be taken back once they are back.
			s.setUser(func(u *engine.User) { u.Status = engine.StatusActive })
			s.want(s.undo(j.ID), engine.JobUndone, 0)
		})
		t.Run(fmt.Sprint(kind, " the share given away"), func(t *testing.T) {
			s := newScene(newRig(t))
			s.jobs.step = 2
			j := s.create(s.spec(kind))
			who := owner{s.Owner.Tenant, s.Owner.User}
			if _, err := s.jobs.advance(ctx, who, j.ID); err != nil {
				t.Fatal(err)
			}
			before := s.plain()
			for _, id := range []engine.ID{s.Share, s.other} {
				sh := s.GetShare(t, id)
				sh.Owner = s.Stranger.User
				if err := s.DB.Update(ctx, func(tx *meta.Tx) error { return schema.PutShare(tx, s.Owner.Tenant, sh) }); err != nil {
					t.Fatal(err)
				}
			}
			rep := s.drain(j.ID)
			for _, n := range rep.Notes {
				if n.Class == engine.NoteError && n.Error != engine.KindNotFound {
					t.Errorf("an error of kind %d: %s", n.Error, n.Msg)
				}
			}
			if rep.Errors == 0 && kind != engine.JobRewind && kind != engine.JobDelete {
				t.Error("no errors")
			}
			if s.plain() != before {
				t.Error("the job went on in a share that the user may not see")
			}
		})
	}
}

// What a cancelled job did stays, and can be undone.
func TestCancel(t *testing.T) {
	for _, kind := range kinds {
		t.Run(fmt.Sprint(kind), func(t *testing.T) {
			s := newScene(newRig(t))
			s.jobs.step = 2
			spec := s.spec(kind)
			first := s.look(s.Share)
			j := s.create(spec)
			for range 3 {
				if _, err := s.jobs.advance(ctx, owner{s.Owner.Tenant, s.Owner.User}, j.ID); err != nil {
					t.Fatal(err)
				}
			}
			if _, err := s.jobs.Cancel(ctx, s.Owner, j.ID); err != nil {
				t.Fatal(err)
			}
			half := s.look(s.Share)
			if half.String() == first.String() {
				t.Error("nothing was done before the end")
			}
			rep := s.drain(j.ID)
			if rep.State != engine.JobCancelled {
				t.Errorf("state %d", rep.State)
			}
			s.same("cancelled", s.look(s.Share), half)
			if _, err := s.jobs.Cancel(ctx, s.Owner, j.ID); engine.KindOf(err) != engine.KindConflict {
				t.Errorf("cancelled twice: %v", err)
			}
			s.want(s.undo(j.ID), engine.JobUndone, 0)
			s.same("undone", s.look(s.Share), first)
		})
	}
}

// An undo takes back nothing but the job's own work.
func TestUndoLeavesOthersWork(t *testing.T) {
	s := newScene(newRig(t))
	rep := s.run(Spec{Kind: engine.JobRename, Items: []Item{
		{ID: s.files[0], Kind: engine.KindFile, Name: "x"}, {ID: s.files[1], Kind: engine.KindFile, Name: "y"}, {ID: s.files[2], Kind: engine.KindFile, Name: "z"}}})
	s.want(rep, engine.JobDone, 0)
	if _, err := s.Tree.Move(ctx, s.Owner, tree.Move{ID: s.files[1], Kind: engine.KindFile, Name: "mine"}); err != nil {
		t.Fatal(err)
	}
	s.want(s.undo(rep.ID), engine.JobUndone, 1)
	if a, b, c := s.node(s.files[0]).Name, s.node(s.files[1]).Name, s.node(s.files[2]).Name; a != "f0" || b != "mine" || c != "f2" {
		t.Errorf("the names are %s, %s, %s", a, b, c)
	}

	then := s.tick()
	_, err := s.put(tree.FileSpec{File: s.files[0], Base: s.node(s.files[0]).VersionID, Content: text("bad")})
	if err != nil {
		t.Fatal(err)
	}
	rep = s.run(Spec{Kind: engine.JobRewind, Items: []Item{{ID: s.Share, Kind: engine.KindFolder}}, At: then})
	s.want(rep, engine.JobDone, 0)
	if _, err := s.put(tree.FileSpec{File: s.files[0], Base: s.node(s.files[0]).VersionID, Content: text("newer")}); err != nil {
		t.Fatal(err)
	}
	s.want(s.undo(rep.ID), engine.JobUndone, 1)
	if s.node(s.files[0]).SHA256 != text("newer").SHA256 {
		t.Error("the undo replaced what was written after the rewind")
	}
	for _, rest := range []error{
		func() error { _, err := s.jobs.Undo(ctx, s.Owner, rep.ID); return err }(),
	} {
		if engine.KindOf(rest) != engine.KindConflict {
			t.Errorf("undone twice: %v", rest)
		}
	}
}

// Jobs are kept, and can be undone, for 30 days; then nothing of them is left.
func TestOldJobsGo(t *testing.T) {
	s := newScene(newRig(t))
	var ids []engine.ID
	for _, kind := range []engine.JobKind{engine.JobRename, engine.JobDelete} {
		ids = append(ids, s.run(s.spec(kind)).ID)
	}
	open := s.create(Spec{Kind: engine.JobRestore, Items: []Item{{ID: s.deep, Kind: engine.KindFolder}}})
	s.Pass(Keep - time.Minute)
	if err := s.jobs.Expire(ctx); err != nil {
		t.Fatal(err)
	}
	s.report(ids[0])
	s.Pass(2 * time.Minute)
	if _, err := s.jobs.Undo(ctx, s.Owner, ids[1]); engine.KindOf(err) != engine.KindGone {
		t.Errorf("undone after the time: %v", err)
	}
	if err := s.jobs.Expire(ctx); err != nil {
		t.Fatal(err)
	}
	for _, id := range ids {
		if _, err := s.jobs.Get(ctx, s.Owner, id); engine.KindOf(err) != engine.KindNotFound {
			t.Errorf("an old job: %v", err)
		}
	}
	s.report(open.ID)
	err := s.DB.View(ctx, func(v *meta.View) error {
		for _, table := range []schema.Table{schema.Jobs, schema.JobTasks, schema.JobUndos, schema.JobNotes} {
			n := 0
			err := v.Scan(table, nil, nil, func([]byte, []byte) (bool, error) { n++; return true, nil })
			if want := map[schema.Table]int{schema.Jobs: 1, schema.JobTasks: 1}[table]; err != nil || n != want {
				t.Errorf("table %s has %d records, want %d, %v", table, n, want, err)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestListIsNewestFirst(t *testing.T) {
	s := newScene(newRig(t))
	var want []engine.ID
	for i := range 7 {
		j := s.create(Spec{Kind: engine.JobRename, Items: []Item{{ID: s.deep, Kind: engine.KindFolder, Name: fmt.Sprint("d", i)}}})
		want = append([]engine.ID{j.ID}, want...)
		if i%2 == 0 {
			s.drain(j.ID)
		}
	}
	for offset := range 8 {
		for limit := 1; limit < 9; limit++ {
			list, total, err := s.jobs.List(ctx, s.Owner, limit, offset)
			if err != nil || total != 7 {
				t.Fatalf("%d jobs, %v", total, err)
			}
			rest := want[min(offset, 7):min(offset+limit, 7)]
			if len(list) != len(rest) {
				t.Fatalf("limit %d, offset %d: %d jobs", limit, offset, len(list))
			}
			for i := range rest {
				if list[i].ID != rest[i] {
					t.Errorf("limit %d, offset %d: job %d is another", limit, offset, i)
				}
			}
		}
	}
}
