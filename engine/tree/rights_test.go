package tree_test

import (
	"testing"

	"scaidrive/engine"
	"scaidrive/engine/meta"
	"scaidrive/engine/meta/schema"
	"scaidrive/engine/tree"
)

// restrict gives a node an entry of its own.
func (w *world) restrict(share, node engine.ID) {
	w.t.Helper()
	w.update(func(tx *meta.Tx) error {
		sh, err := schema.GetShare(tx, 1, share)
		if err != nil {
			return err
		}
		n, err := schema.GetNode(tx, 1, node)
		if err != nil {
			return err
		}
		return schema.PutEntries(tx, 1, sh, n, []engine.Entry{{ID: w.newID(), Type: engine.EntryDeny, Kind: engine.PrincipalEveryone, Rights: engine.RightRead | engine.RightDelete, AppliesTo: engine.AppliesToThisAndDescendants}})
	})
}

func (w *world) exceptions(share engine.ID) (n int) {
	w.t.Helper()
	w.view(func(v *meta.View) error {
		sh, err := schema.GetShare(v, 1, share)
		if err != nil {
			return err
		}
		return schema.ScanExceptions(v, 1, sh, func(engine.ID, *engine.Exception) error { n++; return nil })
	})
	return n
}

// Who lacks a right on one thing below can't move, delete or copy the whole; and
// what restricts goes along to another share.
func TestWhatLiesBelowDecidesToo(t *testing.T) {
	w := newWorld(t)
	other := w.newShare(-1)
	d := w.folder(w.share, "d").Node
	e := w.folder(w.share, "e").Node
	f := w.file(w.folder(d.ID, "in").Node.ID, "f", "a").Node
	w.file(d.ID, "g", "b")
	w.restrict(w.share, f.ID)

	_, err := w.move(tree.Move{ID: d.ID, Kind: d.Kind, To: &tree.Target{Folder: e.ID}})
	wantKind(t, err, engine.KindForbidden, "move")
	_, err = w.move(tree.Move{ID: d.ID, Kind: d.Kind, To: &tree.Target{Share: other}})
	wantKind(t, err, engine.KindForbidden, "move to another share")
	_, err = w.tree.Copy(ctx, w.owner, tree.Copy{ID: d.ID, Kind: d.Kind, To: tree.Target{Folder: e.ID}})
	wantKind(t, err, engine.KindForbidden, "copy")
	wantKind(t, w.tree.Trash(ctx, w.owner, d.ID, d.Kind, engine.ID{}), engine.KindForbidden, "trash")
	wantKind(t, w.tree.Purge(ctx, w.owner, d.ID, d.Kind, engine.ID{}), engine.KindForbidden, "purge")
	w.must(w.move(tree.Move{ID: d.ID, Kind: d.Kind, Name: "renamed"}))
	w.must(w.move(tree.Move{ID: e.ID, Kind: e.Kind, To: &tree.Target{Share: other}}))

	w.must(w.tree.Move(ctx, w.admin, tree.Move{ID: d.ID, Kind: d.Kind, To: &tree.Target{Folder: e.ID}}))
	if here, there := w.exceptions(w.share), w.exceptions(other); here != 0 || there != 1 {
		t.Errorf("%d exceptions stayed, %d went along", here, there)
	}
	copied := w.must(w.tree.Copy(ctx, w.admin, tree.Copy{ID: d.ID, Kind: d.Kind, To: tree.Target{Share: w.share}}))
	if w.exceptions(w.share) != 0 {
		t.Error("a copy took entries along")
	}
	if _, err := w.tree.Get(ctx, w.owner, copied.Node.ID, 0); err != nil {
		t.Error(err)
	}
	w.audit()
	if err := w.tree.Purge(ctx, w.admin, d.ID, d.Kind, engine.ID{}); err != nil {
		t.Fatal(err)
	}
	if err := w.tree.RemovePurged(ctx); err != nil {
		t.Fatal(err)
	}
	if w.exceptions(other) != 0 {
		t.Error("the exception of what was removed is left")
	}
	w.view(func(v *meta.View) error {
		_, err := v.Get(schema.Entries, schema.EntriesKey(1, f.ID))
		if err == nil {
			t.Error("the entries of what was removed are left")
		}
		return nil
	})
	w.audit()
}

// What is held, or holds something that is, goes to the trash and no further.
func TestHeldThingsAreNotRemoved(t *testing.T) {
	w := newWorld(t)
	d := w.folder(w.share, "d").Node
	f := w.file(d.ID, "f", "a").Node
	w.update(func(tx *meta.Tx) error {
		sh, err := schema.GetShare(tx, 1, w.share)
		if err != nil {
			return err
		}
		n, err := schema.GetNode(tx, 1, f.ID)
		if err != nil {
			return err
		}
		n.Holds = engine.Seal{Count: 1, Digest: [16]byte{1}}
		if err := schema.PutNode(tx, 1, n); err != nil {
			return err
		}
		return schema.IndexException(tx, 1, sh, n)
	})
	for _, n := range []*engine.Node{f, d} {
		wantKind(t, w.tree.Purge(ctx, w.admin, n.ID, n.Kind, engine.ID{}), engine.KindForbidden, "removal of "+n.Name)
	}
	for _, n := range []*engine.Node{f, d} {
		if err := w.tree.Trash(ctx, w.admin, n.ID, n.Kind, engine.ID{}); err != nil {
			t.Errorf("trash of %s: %v", n.Name, err)
		}
	}
	gone, stay, err := w.tree.EmptyTrash(ctx, w.admin, w.share)
	if err != nil || gone != 1 || stay != 1 {
		t.Errorf("%d went, %d stayed, %v", gone, stay, err)
	}
	if err := w.tree.RemovePurged(ctx); err != nil {
		t.Fatal(err)
	}
	if got := w.must(w.tree.Restore(ctx, w.admin, f.ID, f.Kind, engine.ID{})); got.Path != "/f" {
		t.Errorf("what is held came back as %q", got.Path)
	}
}
