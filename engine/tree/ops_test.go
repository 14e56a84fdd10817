package tree_test

import (
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"scaidrive/engine"
	"scaidrive/engine/meta"
	"scaidrive/engine/meta/schema"
	"scaidrive/engine/tree"
)

func (w *world) move(m tree.Move) (*tree.Located, error) {
	return w.tree.Move(ctx, w.owner, m)
}

func (w *world) must(loc *tree.Located, err error) *tree.Located {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
	return loc
}

// rows tells the last n rows of a share's change log, "moved old/a new/b".
func (w *world) rows(share engine.ID, n int) (list []string) {
	w.t.Helper()
	kinds := map[engine.ChangeKind]string{
		engine.ChangeCreated: "created", engine.ChangeUpdated: "updated", engine.ChangeDeleted: "deleted",
		engine.ChangeMoved: "moved", engine.ChangeRenamed: "renamed",
	}
	w.view(func(v *meta.View) error {
		return schema.ScanChanges(v, 1, share, 0, func(c *engine.Change) (bool, error) {
			row := kinds[c.Kind]
			if c.OldName != "" {
				row += " " + c.OldName
			}
			if c.NewName != "" {
				row += " to " + c.NewName
			}
			if c.Recursive {
				row += ", all"
			}
			list = append(list, row)
			return true, nil
		})
	})
	return list[len(list)-n:]
}

func TestChangeRows(t *testing.T) {
	w := newWorld(t)
	other := w.newShare(-1)
	d, e := w.folder(w.share, "d").Node, w.folder(w.share, "e").Node
	f := w.file(d.ID, "f.txt", "abc").Node
	seq := w.getShare().Seq

	got := w.must(w.move(tree.Move{ID: f.ID, Kind: engine.KindFile, Name: "F.md"}))
	if got.Path != "/d/F.md" || got.Node.MIME != "text/markdown" || got.Node.VersionID != f.VersionID {
		t.Errorf("renamed to %q, %q", got.Path, got.Node.MIME)
	}
	w.must(w.move(tree.Move{ID: d.ID, Kind: engine.KindFolder, Name: "D"})) // case only
	got = w.must(w.move(tree.Move{ID: d.ID, Kind: engine.KindFolder, To: &tree.Target{Folder: e.ID}, Name: "g"}))
	if got.Path != "/e/g" {
		t.Errorf("moved to %q", got.Path)
	}
	w.must(w.move(tree.Move{ID: d.ID, Kind: engine.KindFolder, To: &tree.Target{Folder: e.ID}})) // where it is
	want := []string{"renamed f.txt to F.md", "renamed d to D, all", "moved D to g, all"}
	if diff := cmp.Diff(want, w.rows(w.share, int(w.getShare().Seq-seq))); diff != "" {
		t.Errorf("within the share (-want +got):\n%s", diff)
	}
	got = w.must(w.move(tree.Move{ID: d.ID, Kind: engine.KindFolder, To: &tree.Target{Share: other}}))
	if got.Share != other || got.Path != "/g" {
		t.Errorf("moved to %v %q", got.Share, got.Path)
	}
	if diff := cmp.Diff([]string{"deleted g, all"}, w.rows(w.share, 1)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"created to g, all"}, w.rows(other, 1)); diff != "" {
		t.Error(diff)
	}
	if used := w.getShare().UsedBytes; used != 0 {
		t.Errorf("the old share still counts %d bytes", used)
	}
	w.audit()
}

// A countingWriter counts the records that are written.
type countingWriter struct {
	schema.Writer
	n int
}

func (c *countingWriter) Put(t schema.Table, key, value []byte) error {
	c.n++
	return c.Writer.Put(t, key, value)
}

func (c *countingWriter) Delete(t schema.Table, key []byte) error {
	c.n++
	return c.Writer.Delete(t, key)
}

// A rename, a move, a deletion and a restoration write as much for a full folder
// as for an empty one.
func TestCostsDoNotGrowWithTheSubtree(t *testing.T) {
	cost := func(files int) (writes []int) {
		w := newWorld(t)
		d, e := w.folder(w.share, "d").Node, w.folder(w.share, "e").Node
		for i := range files {
			w.file(d.ID, fmt.Sprint("f", i), "a")
		}
		for _, op := range []func(b *tree.Batch) (tree.Outcome, error){
			func(b *tree.Batch) (tree.Outcome, error) {
				return b.Move(tree.Move{ID: d.ID, Kind: engine.KindFolder, Name: "dd"})
			},
			func(b *tree.Batch) (tree.Outcome, error) {
				return b.Move(tree.Move{ID: d.ID, Kind: engine.KindFolder, To: &tree.Target{Folder: e.ID}})
			},
			func(b *tree.Batch) (tree.Outcome, error) { return b.Trash(d.ID, engine.KindFolder, engine.ID{}) },
			func(b *tree.Batch) (tree.Outcome, error) { return b.Restore(d.ID, engine.KindFolder, engine.ID{}) },
		} {
			w.update(func(tx *meta.Tx) error {
				c := &countingWriter{Writer: tx}
				b := w.tree.Batch(c, w.owner)
				if _, err := op(b); err != nil {
					return err
				}
				err := b.Flush()
				writes = append(writes, c.n)
				return err
			})
		}
		return writes
	}
	if diff := cmp.Diff(cost(1), cost(50)); diff != "" {
		t.Errorf("records written for 1 file and for 50 (-one +many):\n%s", diff)
	}
}

func TestMoveIsRefused(t *testing.T) {
	w := newWorld(t)
	d := w.folder(w.share, "d").Node
	in := w.folder(d.ID, "in").Node
	f := w.file(w.share, "f", "a").Node
	w.file(d.ID, "taken", "b")
	gone := w.folder(w.share, "gone").Node
	if err := w.tree.Trash(ctx, w.owner, gone.ID, engine.KindFolder, engine.ID{}); err != nil {
		t.Fatal(err)
	}
	small := w.newShare(10)
	to := func(id engine.ID) *tree.Target { return &tree.Target{Folder: id} }
	tests := []struct {
		name string
		m    tree.Move
		kind engine.Kind
	}{
		{"into itself", tree.Move{ID: d.ID, Kind: engine.KindFolder, To: to(d.ID)}, engine.KindConflict},
		{"below itself", tree.Move{ID: d.ID, Kind: engine.KindFolder, To: to(in.ID)}, engine.KindConflict},
		{"taken name", tree.Move{ID: f.ID, Kind: engine.KindFile, To: to(d.ID), Name: "TAKEN"}, engine.KindConflict},
		{"bad name", tree.Move{ID: f.ID, Kind: engine.KindFile, Name: "a/b"}, engine.KindInvalid},
		{"to the trash", tree.Move{ID: f.ID, Kind: engine.KindFile, To: to(gone.ID)}, engine.KindGone},
		{"out of the trash", tree.Move{ID: gone.ID, Kind: engine.KindFolder, To: to(d.ID)}, engine.KindGone},
		{"into a file", tree.Move{ID: d.ID, Kind: engine.KindFolder, To: to(f.ID)}, engine.KindNotFound},
		{"as another kind", tree.Move{ID: f.ID, Kind: engine.KindFolder, Name: "x"}, engine.KindNotFound},
		{"folder of another share", tree.Move{ID: f.ID, Kind: engine.KindFile, To: &tree.Target{Share: small, Folder: d.ID}}, engine.KindNotFound},
		{"over quota", tree.Move{ID: f.ID, Kind: engine.KindFile, To: &tree.Target{Share: small}}, engine.KindNoSpace},
		{"a root", tree.Move{ID: w.share, Kind: engine.KindFolder, Name: "x"}, engine.KindForbidden},
		{"other version", tree.Move{ID: f.ID, Kind: engine.KindFile, Name: "x", IfMatch: w.newID()}, engine.KindPrecondition},
	}
	for _, tt := range tests {
		_, err := w.move(tt.m)
		wantKind(t, err, tt.kind, tt.name)
	}
	for who, p := range map[string]*engine.Principal{"stranger": w.stranger, "foreigner": w.foreigner} {
		_, err := w.tree.Move(ctx, p, tree.Move{ID: f.ID, Kind: engine.KindFile, Name: "x"})
		wantKind(t, err, engine.KindNotFound, "move by a "+who)
		_, err = w.tree.Restore(ctx, p, gone.ID, engine.KindFolder, engine.ID{})
		wantKind(t, err, engine.KindNotFound, "restore by a "+who)
		_, err = w.tree.Copy(ctx, p, tree.Copy{ID: f.ID, Kind: engine.KindFile, To: tree.Target{Share: w.share}, Name: "x"})
		wantKind(t, err, engine.KindNotFound, "copy by a "+who)
		wantKind(t, w.tree.Purge(ctx, p, gone.ID, engine.KindFolder, engine.ID{}), engine.KindNotFound, "purge by a "+who)
		_, _, err = w.tree.EmptyTrash(ctx, p, w.share)
		wantKind(t, err, engine.KindNotFound, "emptying by a "+who)
		_, err = w.tree.ListTrash(ctx, p, w.share, 10, 0, "")
		wantKind(t, err, engine.KindNotFound, "the trash for a "+who)
	}
	w.audit()
}

// What lies below a moved or renamed folder must fit into the limits of paths.
func TestMoveKeepsTheLimitsOfPaths(t *testing.T) {
	w := newWorld(t)
	chain := func(top string, n int) (first, last engine.ID) {
		first = w.folder(w.share, top).Node.ID
		last = first
		for range n - 1 {
			last = w.folder(last, "x").Node.ID
		}
		return first, last
	}
	a, _ := chain("a", 100)
	_, end := chain("b", 28)
	_, err := w.move(tree.Move{ID: a, Kind: engine.KindFolder, To: &tree.Target{Folder: end}})
	if err != nil {
		t.Errorf("128 levels: %v", err)
	}
	c, _ := chain("c", 2)
	_, end = chain("d", 127)
	_, err = w.move(tree.Move{ID: c, Kind: engine.KindFolder, To: &tree.Target{Folder: end}})
	wantKind(t, err, engine.KindInvalid, "129 levels")

	long := strings.Repeat("n", 255)
	at := w.folder(w.share, "long").Node.ID
	for range 15 {
		at = w.folder(at, long).Node.ID
	}
	top := w.folder(w.share, "top").Node.ID
	w.folder(w.folder(top, long).Node.ID, "y")
	_, err = w.move(tree.Move{ID: top, Kind: engine.KindFolder, To: &tree.Target{Folder: at}})
	wantKind(t, err, engine.KindInvalid, "a path that grows too long")
	w.audit()
}

func TestRestoreComesBackNearby(t *testing.T) {
	w := newWorld(t)
	d := w.folder(w.share, "d").Node
	e := w.folder(d.ID, "e").Node
	f := w.file(e.ID, "f.tar.gz", "abc").Node
	for _, n := range []*engine.Node{f, e} {
		if err := w.tree.Trash(ctx, w.owner, n.ID, n.Kind, engine.ID{}); err != nil {
			t.Fatal(err)
		}
	}
	w.file(d.ID, "F.TAR.gz", "x")
	got := w.must(w.tree.Restore(ctx, w.owner, f.ID, engine.KindFile, engine.ID{}))
	if got.Path != "/d/f.tar (restored).gz" || got.Node.VersionID != f.VersionID {
		t.Errorf("restored as %q", got.Path)
	}
	if diff := cmp.Diff([]string{"created to f.tar (restored).gz"}, w.rows(w.share, 1)); diff != "" {
		t.Error(diff)
	}
	seq := w.getShare().Seq
	w.must(w.tree.Restore(ctx, w.owner, f.ID, engine.KindFile, engine.ID{})) // again: nothing
	if w.getShare().Seq != seq {
		t.Error("restoring what is not in the trash wrote something")
	}
	w.audit()
}

func TestRestoredNames(t *testing.T) {
	w := newWorld(t)
	for _, tt := range []struct{ name, want string }{
		{"a.txt", "a (restored).txt"}, {"a", "a (restored)"}, {".profile", ".profile (restored)"},
		{strings.Repeat("é", 127) + "x", strings.Repeat("é", 122) + " (restored)"},
		{strings.Repeat("n", 251) + ".txt", strings.Repeat("n", 240) + " (restored).txt"},
	} {
		f := w.file(w.share, tt.name, "a").Node
		if err := w.tree.Trash(ctx, w.owner, f.ID, f.Kind, engine.ID{}); err != nil {
			t.Fatal(err)
		}
		w.file(w.share, tt.name, "b")
		if got := w.must(w.tree.Restore(ctx, w.owner, f.ID, f.Kind, engine.ID{})); got.Node.Name != tt.want {
			t.Errorf("%q is restored as %q, want %q", tt.name, got.Node.Name, tt.want)
		}
	}
}

// A restoration is allowed over the quota, new content is not.
func TestRestoreOverQuota(t *testing.T) {
	w := newWorld(t)
	f := w.file(w.share, "f", "zzz").Node
	if err := w.tree.Trash(ctx, w.owner, f.ID, f.Kind, engine.ID{}); err != nil {
		t.Fatal(err)
	}
	w.update(func(tx *meta.Tx) error {
		sh, err := schema.GetShare(tx, 1, w.share)
		if err != nil {
			return err
		}
		sh.QuotaBytes = 1
		return schema.PutShare(tx, 1, sh)
	})
	w.must(w.tree.Restore(ctx, w.owner, f.ID, f.Kind, engine.ID{}))
	_, err := w.tree.Copy(ctx, w.owner, tree.Copy{ID: f.ID, Kind: f.Kind, To: tree.Target{Share: w.share}, Name: "g"})
	wantKind(t, err, engine.KindNoSpace, "a copy over the quota")
}

// A removal goes on in another process where the first one stopped.
func TestRemovalGoesInSteps(t *testing.T) {
	w := newWorld(t)
	d := w.folder(w.share, "d").Node
	inner := w.folder(d.ID, "inner").Node
	for i := range 400 {
		w.file(inner.ID, fmt.Sprintf("f%d", i), "ab")
	}
	lone := w.file(inner.ID, "lone", "c").Node
	if err := w.tree.Trash(ctx, w.owner, lone.ID, lone.Kind, engine.ID{}); err != nil {
		t.Fatal(err)
	}
	keep := w.file(w.share, "keep", "xyz").Node
	if err := w.tree.Purge(ctx, w.owner, d.ID, engine.KindFolder, engine.ID{}); err != nil {
		t.Fatal(err)
	}
	for _, id := range []engine.ID{d.ID, inner.ID, lone.ID} {
		_, err := w.tree.Get(ctx, w.owner, id, 0)
		wantKind(t, err, engine.KindNotFound, "what is being removed")
	}
	_, err := w.tree.Restore(ctx, w.owner, d.ID, engine.KindFolder, engine.ID{})
	wantKind(t, err, engine.KindNotFound, "restoring what is being removed")

	used := w.getShare().UsedBytes
	if done, err := w.tree.RemoveStep(ctx, 1, &engine.Purge{Node: d.ID, Share: w.share}); done || err != nil {
		t.Fatalf("one step did it all: %v, %v", done, err)
	}
	half := w.getShare().UsedBytes
	if half >= used || half <= keep.Size+lone.Size {
		t.Fatalf("after a step %d bytes of %d are counted", half, used)
	}
	again := tree.New(w.db, w.env) // as after a restart
	if err := again.RemovePurged(ctx); err != nil {
		t.Fatal(err)
	}
	if got, want := w.getShare().UsedBytes, keep.Size+lone.Size; got != want {
		t.Errorf("in the end %d bytes are counted, want %d", got, want)
	}
	if got := w.must(w.tree.Restore(ctx, w.owner, lone.ID, lone.Kind, engine.ID{})); got.Path != "/lone" {
		t.Errorf("what was deleted by itself came back as %q", got.Path)
	}
	w.audit()
	w.view(func(v *meta.View) error {
		return schema.ScanPurges(v, 1, engine.ID{}, func(*engine.Purge) (bool, error) {
			t.Error("an order is left")
			return true, nil
		})
	})
}

func TestEmptyTrash(t *testing.T) {
	w := newWorld(t)
	d := w.folder(w.share, "d").Node
	for i := range 20 {
		f := w.file(d.ID, fmt.Sprint(i), "a").Node
		if i%2 == 0 {
			if err := w.tree.Trash(ctx, w.owner, f.ID, f.Kind, engine.ID{}); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := w.tree.Trash(ctx, w.owner, d.ID, d.Kind, engine.ID{}); err != nil {
		t.Fatal(err)
	}
	keep := w.file(w.share, "keep", "xyz").Node
	gone, stay, err := w.tree.EmptyTrash(ctx, w.owner, w.share)
	if gone != 11 || stay != 0 || err != nil {
		t.Errorf("%d gone, %d stay, %v", gone, stay, err)
	}
	if p, err := w.tree.ListTrash(ctx, w.owner, w.share, 10, 0, ""); err != nil || len(p.Items) != 0 || p.Total != 0 {
		t.Errorf("%+v, %v", p, err)
	}
	if err := w.tree.RemovePurged(ctx); err != nil {
		t.Fatal(err)
	}
	if got := w.getShare().UsedBytes; got != keep.Size {
		t.Errorf("%d bytes are left", got)
	}
	w.audit()
}

// What was deleted before the lists beside folders were kept is listed by Prepare.
func TestPrepareListsWhatWasDeletedBefore(t *testing.T) {
	w := newWorld(t)
	d := w.folder(w.share, "d").Node
	f := w.file(d.ID, "f", "a").Node
	if err := w.tree.Trash(ctx, w.owner, f.ID, f.Kind, engine.ID{}); err != nil {
		t.Fatal(err)
	}
	w.update(func(tx *meta.Tx) error { return schema.DeleteTrashed(tx, 1, d.ID, f.ID) })
	s := tree.New(w.db, w.env)
	_, err := s.Move(ctx, w.owner, tree.Move{ID: d.ID, Kind: d.Kind, To: &tree.Target{Share: w.newShare(-1)}})
	wantKind(t, err, engine.KindUnavailable, "a folder to another share before Prepare")
	if err := s.Prepare(ctx); err != nil {
		t.Fatal(err)
	}
	w.audit()
}

func TestLargeFoldersAreRefused(t *testing.T) {
	w := newWorld(t)
	d := w.folder(w.share, "d").Node
	w.update(func(tx *meta.Tx) error {
		b := w.tree.Batch(tx, w.owner)
		for i := range tree.MaxCopy {
			if _, err := b.Mkdir(w.share, d.ID, fmt.Sprint(i), time.Time{}); err != nil {
				return err
			}
		}
		return b.Flush()
	})
	_, err := w.tree.Copy(ctx, w.owner, tree.Copy{ID: d.ID, Kind: d.Kind, To: tree.Target{Share: w.share}, Name: "e"})
	wantKind(t, err, engine.KindConflict, "a copy of too much")
	if err := w.tree.Purge(ctx, w.owner, w.firstChild(d.ID), engine.KindFolder, engine.ID{}); err != nil {
		t.Fatal(err)
	}
	w.must(w.tree.Copy(ctx, w.owner, tree.Copy{ID: d.ID, Kind: d.Kind, To: tree.Target{Share: w.share}, Name: "e"}))
	w.audit()
}

func (w *world) firstChild(folder engine.ID) engine.ID {
	p, err := w.tree.Children(ctx, w.owner, folder, 1, 0, "")
	if err != nil || len(p.Items) != 1 {
		w.t.Fatal(err)
	}
	return p.Items[0].ID
}

// Of many who want one name, or the one version that they saw, one gets it.
func TestRacers(t *testing.T) {
	w := newWorld(t)
	d := w.folder(w.share, "d").Node
	f := w.file(w.share, "f", "a").Node
	var files []engine.ID
	for i := range 50 {
		files = append(files, w.file(d.ID, fmt.Sprint(i), "b").Node.ID)
	}
	race := func(name string, other engine.Kind, op func(i int) error) {
		var won atomic.Int32
		var wg sync.WaitGroup
		for i := range 50 {
			wg.Go(func() {
				switch err := op(i); {
				case err == nil:
					won.Add(1)
				case engine.KindOf(err) != other:
					t.Errorf("%s: %v", name, err)
				}
			})
		}
		wg.Wait()
		if won.Load() != 1 {
			t.Errorf("%s: %d won", name, won.Load())
		}
	}
	race("move to one name", engine.KindConflict, func(i int) error {
		_, err := w.move(tree.Move{ID: files[i], Kind: engine.KindFile, To: &tree.Target{Share: w.share}, Name: "one"})
		return err
	})
	race("copy to one name", engine.KindConflict, func(i int) error {
		_, err := w.tree.Copy(ctx, w.owner, tree.Copy{ID: f.ID, Kind: engine.KindFile, To: tree.Target{Share: w.share}, Name: "two"})
		return err
	})
	race("restore of a version", engine.KindPrecondition, func(i int) error {
		_, err := w.revertTo(f.ID, 1, f.VersionID)
		return err
	})
	race("trash", engine.KindGone, func(i int) error {
		return w.tree.Trash(ctx, w.owner, d.ID, engine.KindFolder, engine.ID{})
	})
	race("purge", engine.KindNotFound, func(i int) error {
		return w.tree.Purge(ctx, w.owner, d.ID, engine.KindFolder, engine.ID{})
	})
	if err := w.tree.RemovePurged(ctx); err != nil {
		t.Fatal(err)
	}
	w.audit()
}
