package job

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"scaidrive/chunkstore/vfs"
	"scaidrive/engine"
	"scaidrive/engine/meta"
	"scaidrive/engine/meta/schema"
	"scaidrive/engine/names"
	"scaidrive/engine/transfer/transfertest"
	"scaidrive/engine/tree"
)

// crowd puts n files into a folder.
func (r *rig) crowd(folder engine.ID, n int) {
	r.t.Helper()
	for from := 0; from < n; from += 1000 {
		r.tick()
		err := r.DB.Update(ctx, func(tx *meta.Tx) error {
			b := r.Tree.Batch(tx, r.Owner)
			for i := from; i < min(n, from+1000); i++ {
				if _, err := b.PutFile(tree.FileSpec{Parent: folder, Name: fmt.Sprint("file ", i), Content: text(fmt.Sprint(i))}); err != nil {
					return err
				}
			}
			return b.Flush()
		})
		if err != nil {
			r.t.Fatal(err)
		}
	}
}

// large is a folder that no single commit moves or copies: one in it is too large
// itself, and something in that was deleted.
func (s *scene) large() engine.ID {
	top := s.folder(s.Share, "large")
	flat := s.folder(top, "flat")
	s.crowd(flat, tree.MaxCross+200)
	s.crowd(s.folder(s.folder(top, "some"), "more"), 300)
	s.crowd(top, 10)
	s.folder(flat, "empty")
	gone := s.file(flat, "gone", "x")
	if err := s.Tree.Trash(ctx, s.Owner, gone, engine.KindFile, engine.ID{}); err != nil {
		s.t.Fatal(err)
	}
	return top
}

// fileIDs are the files of both shares; one that is found twice ends the test.
func (s *scene) fileIDs() map[string]string {
	s.t.Helper()
	ids := map[string]string{}
	for _, share := range []engine.ID{s.Share, s.other} {
		for path, v := range s.look(share) {
			if !strings.HasSuffix(v, "/") {
				if ids[v] != "" {
					s.t.Fatalf("%s is at %s and at %s", v, ids[v], path)
				}
				ids[v] = path
			}
		}
	}
	return ids
}

// notes holds what is written beside the folder "large" of a share against what is wanted.
func (s *scene) notes(share engine.ID, want string) {
	s.t.Helper()
	err := s.DB.View(ctx, func(v *meta.View) error {
		c, err := schema.GetChild(v, s.Owner.Tenant, share, []byte("large"))
		if err != nil {
			return err
		}
		got, err := schema.GetTags(v, s.Owner.Tenant, c.Node)
		if err != nil {
			return err
		}
		err = schema.ScanComments(v, s.Owner.Tenant, c.Node, engine.ID{}, func(m *engine.Comment) (bool, error) {
			if m.By != s.Owner.User || m.At.IsZero() {
				s.t.Errorf("%+v", m)
			}
			got = append(got, m.Text)
			return true, nil
		})
		if text := strings.Join(got, " "); text != want {
			s.t.Errorf("beside it: %s", text)
		}
		return err
	})
	if err != nil {
		s.t.Error(err)
	}
}

// A folder that is too large for one commit goes to another share in many; at
// every moment each file is in exactly one place, also when it is cut off there.
func TestLargeMove(t *testing.T) {
	mem := vfs.NewMem()
	s := newScene(rigOn(t, transfertest.OnFS(t, mem)))
	top := s.large()
	_, err := s.Tree.Move(ctx, s.Owner, tree.Move{ID: top, Kind: engine.KindFolder, To: &tree.Target{Folder: s.other}})
	if !tree.TooMany(err) || engine.KindOf(err) != engine.KindConflict {
		t.Fatalf("a single move: %v", err)
	}
	if err := s.DB.Update(ctx, func(tx *meta.Tx) error {
		for i := range 3 {
			m := engine.Comment{ID: s.NewID(), Node: top, By: s.Owner.User, At: s.Now(), Text: fmt.Sprint("comment ", i)}
			if err := schema.PutComment(tx, s.Owner.Tenant, &m); err != nil {
				return err
			}
		}
		return schema.SetTags(tx, s.Owner.Tenant, top, []string{"One", "Two"}, names.Key)
	}); err != nil {
		t.Fatal(err)
	}
	first, beside, files := s.look(s.Share), s.look(s.other), s.fileIDs()
	want := map[string]string{}
	for path, v := range first {
		if strings.HasPrefix(path, "/large/") {
			want[path] = v
		}
	}
	j := s.create(Spec{Kind: engine.JobMove, Items: []Item{{ID: top, Kind: engine.KindFolder}, {ID: s.a, Kind: engine.KindFolder}}, Target: s.other, ToShare: true})
	rng := rand.New(rand.NewPCG(3, 3))
	drain := func() {
		for i, over := 0, false; !over; i++ {
			if i%8 == 3 {
				if got := s.fileIDs(); len(got) != len(files) {
					t.Fatalf("step %d: %d files, want %d", i, len(got), len(files))
				}
			}
			if i%31 == 5 {
				mem = mem.Crash(rng)
				s.rig = rigOn(t, s.Stack.Reopen(t, mem))
			}
			s.tick()
			if over, err = s.jobs.advance(ctx, owner{s.Owner.Tenant, s.Owner.User}, j.ID); err != nil {
				t.Fatal(err)
			}
		}
	}
	drain()
	rep := s.report(j.ID)
	s.want(rep, engine.JobDone, 0)
	if rep.Total < tree.MaxCross {
		t.Errorf("progress in %d steps only", rep.Total)
	}
	got := s.look(s.other)
	for path, v := range want {
		if g := got[path]; g != v && !strings.HasSuffix(v, "/") || g == "" {
			t.Fatalf("%s is %q, want %q", path, g, v)
		}
	}
	s.notes(s.other, "One Two comment 0 comment 1 comment 2")
	for path := range s.look(s.Share) {
		if strings.HasPrefix(path, "/large") || strings.HasPrefix(path, "/a") {
			t.Fatalf("%s is left behind", path)
		}
	}
	s.used(s.Share)
	s.used(s.other)
	if _, err := s.jobs.Undo(ctx, s.Owner, j.ID); err != nil {
		t.Fatal(err)
	}
	drain()
	s.want(s.report(j.ID), engine.JobUndone, 0)
	s.notes(s.Share, "One Two comment 0 comment 1 comment 2")
	s.same("undone", s.look(s.Share), first)
	s.same("the other share, undone", s.look(s.other), beside)
	s.used(s.Share)
	s.used(s.other)
}

func TestLargeCopy(t *testing.T) {
	s := newScene(newRig(t))
	top := s.folder(s.Share, "large")
	s.crowd(s.folder(top, "flat"), tree.MaxCopy+100)
	s.crowd(s.folder(s.folder(top, "some"), "more"), 300)
	s.crowd(top, 10)
	before := s.look(s.Share)
	rep := s.run(Spec{Kind: engine.JobCopy, Items: []Item{{ID: top, Kind: engine.KindFolder, Name: "twin"}}, Target: s.other, ToShare: true})
	s.want(rep, engine.JobDone, 0)
	if rep.Undos != 1 {
		t.Errorf("%d tasks take back one copy", rep.Undos)
	}
	s.same("the source", s.look(s.Share), before)
	got := s.look(s.other)
	n := 0
	for path, v := range before {
		if !strings.HasPrefix(path, "/large/") {
			continue
		}
		n++
		c := got["/twin"+strings.TrimPrefix(path, "/large")]
		if _, sum, file := strings.Cut(v, " "); file && !strings.HasSuffix(c, " "+sum) || c == "" {
			t.Fatalf("the copy of %s is %q, want %q", path, c, v)
		}
	}
	if len(got) != n+1 {
		t.Errorf("%d things were made, want %d", len(got), n+1)
	}
	s.used(s.other)
	s.want(s.undo(rep.ID), engine.JobUndone, 0)
	if left := s.look(s.other); len(left) != 0 {
		t.Errorf("left after the undo: %d things", len(left))
	}
	s.used(s.other)
}

// Something that can't go along stays in its folder, is told, and stops nothing.
func TestLargeMoveWithObstacles(t *testing.T) {
	s := newScene(newRig(t))
	top := s.large()
	first := s.look(s.Share)
	j := s.create(Spec{Kind: engine.JobMove, Items: []Item{{ID: top, Kind: engine.KindFolder}}, Target: s.other})
	who := owner{s.Owner.Tenant, s.Owner.User}
	s.tick()
	if _, err := s.jobs.advance(ctx, who, j.ID); err != nil {
		t.Fatal(err)
	}
	twin := s.idAt(s.other, "/large")
	s.file(twin, "file 9", "in the way")
	s.tick()
	if _, err := s.jobs.advance(ctx, who, j.ID); err != nil { // all before the large one
		t.Fatal(err)
	}
	late := s.file(top, "AAA", "came late")
	rep := s.drain(j.ID)
	if rep.State != engine.JobDone || rep.Errors == 0 {
		t.Errorf("state %d, %d errors", rep.State, rep.Errors)
	}
	if n := s.node(late); !n.DeletedAt.IsZero() || n.Parent != top || !s.node(top).DeletedAt.IsZero() {
		t.Error("what came late is not where it was put")
	}
	s.undo(j.ID)
	got := s.look(s.Share)
	for path, v := range first {
		if got[path] != v {
			t.Fatalf("undone: %s is %q, want %q", path, got[path], v)
		}
	}
	s.used(s.Share)
	s.used(s.other)
}

func (s *scene) idAt(share engine.ID, path string) engine.ID {
	s.t.Helper()
	var id engine.ID
	err := s.DB.View(ctx, func(v *meta.View) error {
		name := strings.TrimPrefix(path, "/")
		return scanChild(v, s.Owner.Tenant, share, name, &id)
	})
	if err != nil || id.IsZero() {
		s.t.Fatalf("%s: %v", path, err)
	}
	return id
}
