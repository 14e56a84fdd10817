package tree_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"scaidrive/engine"
	"scaidrive/engine/meta"
	"scaidrive/engine/meta/schema"
	"scaidrive/engine/names"
	"scaidrive/engine/tree"
)

var ctx = context.Background()

func TestMakeAndFind(t *testing.T) {
	w := newWorld(t)
	a := w.folder(w.share, "a")
	b := w.folder(a.Node.ID, "b")
	f := w.file(b.Node.ID, "Plan.PDF", "xyz")
	if f.Path != "/a/b/Plan.PDF" || f.Share != w.share {
		t.Errorf("made at %q", f.Path)
	}
	for _, p := range []*engine.Principal{w.owner, w.admin, w.super} {
		got, err := w.tree.Get(ctx, p, f.Node.ID, engine.KindFile)
		if err != nil {
			t.Fatal(err)
		}
		n := got.Node
		if got.Path != f.Path || n.Size != text("xyz").Size || n.Version != 1 || n.MIME != "application/pdf" || n.Owner != w.owner.User {
			t.Errorf("got %+v at %q", n, got.Path)
		}
	}
	root, err := w.tree.Get(ctx, w.owner, w.share, engine.KindFolder)
	if err != nil || root.Path != "/" {
		t.Errorf("root: %v, %v", root, err)
	}
	_, err = w.tree.Get(ctx, w.owner, f.Node.ID, engine.KindFolder)
	wantKind(t, err, engine.KindNotFound, "a file asked for as a folder")
	w.audit()
}

// Whoever may not read gets, for every verb, exactly the answer that an unknown
// ID gets.
func TestInvisibleEqualsAbsent(t *testing.T) {
	w := newWorld(t)
	dir := w.folder(w.share, "secret")
	f := w.file(dir.Node.ID, "f", "abc")
	gone := w.folder(w.share, "gone")
	if err := w.tree.Trash(ctx, w.owner, gone.Node.ID, engine.KindFolder, engine.ID{}); err != nil {
		t.Fatal(err)
	}
	before := w.getShare().Seq
	verbs := map[string]func(p *engine.Principal, share, folder, file engine.ID) error{
		"get file": func(p *engine.Principal, _, _, file engine.ID) error {
			_, err := w.tree.Get(ctx, p, file, 0)
			return err
		},
		"get folder": func(p *engine.Principal, _, dir, _ engine.ID) error { _, err := w.tree.Get(ctx, p, dir, 0); return err },
		"mkdir": func(p *engine.Principal, sh, dir, _ engine.ID) error {
			_, err := w.tree.Mkdir(ctx, p, sh, dir, "n")
			return err
		},
		"children": func(p *engine.Principal, _, dir, _ engine.ID) error {
			_, err := w.tree.Children(ctx, p, dir, 10, 0, "")
			return err
		},
		"walk": func(p *engine.Principal, sh, dir, _ engine.ID) error {
			_, err := w.tree.Walk(ctx, p, sh, dir, 10, "")
			return err
		},
		"versions": func(p *engine.Principal, _, _, file engine.ID) error {
			_, _, err := w.tree.Versions(ctx, p, file, 10, 0)
			return err
		},
		"trash file": func(p *engine.Principal, _, _, file engine.ID) error {
			return w.tree.Trash(ctx, p, file, engine.KindFile, engine.ID{})
		},
		"trash folder": func(p *engine.Principal, _, dir, _ engine.ID) error {
			return w.tree.Trash(ctx, p, dir, engine.KindFolder, engine.ID{})
		},
		"put": func(p *engine.Principal, sh, dir, _ engine.ID) error {
			_, err := w.put(p, tree.FileSpec{Share: sh, Parent: dir, Name: "f", Content: text("q")})
			return err
		},
		"new version": func(p *engine.Principal, sh, _, file engine.ID) error {
			_, err := w.put(p, tree.FileSpec{Share: sh, File: file, Base: f.Node.VersionID, Content: text("q")})
			return err
		},
	}
	for name, verb := range verbs {
		absent := verb(w.owner, w.newID(), w.newID(), w.newID())
		wantKind(t, absent, engine.KindNotFound, name+" of nothing")
		for _, p := range []*engine.Principal{w.stranger, w.foreigner} {
			for _, dir := range []engine.ID{dir.Node.ID, gone.Node.ID, w.share} {
				err := verb(p, w.share, dir, f.Node.ID)
				if err == nil || engine.KindOf(err) != engine.KindNotFound || err.Error() != absent.Error() {
					t.Errorf("%s: a stranger got %v, an unknown ID %v", name, err, absent)
				}
			}
		}
	}
	if now := w.getShare().Seq; now != before {
		t.Errorf("strangers wrote %d changes", now-before)
	}
	w.audit()
}

func TestTakenNames(t *testing.T) {
	w := newWorld(t)
	f := w.file(w.share, "Readme.md", "a")
	d := w.folder(w.share, "Docs")
	for _, name := range []string{"Readme.md", "README.MD", "docs", "Docs"} {
		_, err := w.put(w.owner, tree.FileSpec{Share: w.share, Name: name, Content: text("b")})
		wantKind(t, err, engine.KindConflict, "file "+name)
		_, err = w.tree.Mkdir(ctx, w.owner, w.share, w.share, name)
		wantKind(t, err, engine.KindConflict, "folder "+name)
	}
	var there *tree.Located
	err := w.db.Update(ctx, func(tx *meta.Tx) (err error) {
		there, _, err = w.tree.MkdirIn(tx, w.owner, w.share, w.share, "DOCS")
		return err
	})
	wantKind(t, err, engine.KindConflict, "MkdirIn")
	if there == nil || there.Node.ID != d.Node.ID || there.Path != "/Docs" {
		t.Errorf("beside the conflict: %v", there)
	}
	if err := w.tree.Trash(ctx, w.owner, f.Node.ID, engine.KindFile, engine.ID{}); err != nil {
		t.Fatal(err)
	}
	w.file(w.share, "readme.md", "a") // free again
	w.audit()
}

func TestRefusedNames(t *testing.T) {
	w := newWorld(t)
	always := []string{"", ".", "..", "a/b", `a\b`, "a\x00b", "a\tb", "a\x7fb", strings.Repeat("x", 256), strings.Repeat("é", 128), "a\xffb"}
	windows := []string{"a<b", "a>b", "a:b", `a"b`, "a|b", "a?b", "a*b", "a ", "a.", "con", "PRN.txt", "aux", "NUL.tar.gz", "COM1", "lpt9.x", "com0"}
	try := func(name string, kind engine.Kind) {
		t.Helper()
		_, err := w.put(w.owner, tree.FileSpec{Share: w.share, Name: name, Content: text("b")})
		_, err2 := w.tree.Mkdir(ctx, w.owner, w.share, w.share, name+"")
		for _, err := range []error{err, err2} {
			var e *engine.Error
			if engine.KindOf(err) != kind || errors.As(err, &e) && kind == engine.KindInvalid && e.Field != "name" {
				t.Errorf("%.20q: %v, want kind %d", name, err, kind)
			}
		}
	}
	for _, name := range append(always, windows...) {
		try(name, engine.KindInvalid)
	}
	w.update(func(tx *meta.Tx) error {
		tn, err := schema.GetTenant(tx, 1)
		if err != nil {
			return err
		}
		tn.Settings.WindowsCompatibleNames = false
		return schema.PutTenant(tx, tn)
	})
	for _, name := range always {
		try(name, engine.KindInvalid)
	}
	for _, name := range windows {
		if _, err := w.put(w.owner, tree.FileSpec{Share: w.share, Name: name, Content: text("b")}); err != nil {
			t.Errorf("%q: %v", name, err)
		}
	}
	w.file(w.share, strings.Repeat("y", 255), "")
	w.audit()
}

func TestPathLimits(t *testing.T) {
	w := newWorld(t)
	at := w.share
	for i := range names.MaxLevels {
		at = w.folder(at, fmt.Sprint(i)).Node.ID
	}
	_, err := w.tree.Mkdir(ctx, w.owner, w.share, at, "x")
	wantKind(t, err, engine.KindInvalid, "level 129")
	at = w.share
	for range 16 {
		at = w.folder(at, strings.Repeat("d", 254)).Node.ID // 255 bytes each with the slash
	}
	// 4,079 bytes so far, and a slash.
	_, err = w.put(w.owner, tree.FileSpec{Share: w.share, Parent: at, Name: strings.Repeat("f", 17), Content: text("")})
	wantKind(t, err, engine.KindInvalid, "a path of 4,097 bytes")
	if f := w.file(at, strings.Repeat("f", 16), ""); len(f.Path) != 1+4096 {
		t.Errorf("the path has %d bytes", len(f.Path))
	}
	w.audit()
}

func TestVersions(t *testing.T) {
	w := newWorld(t)
	f := w.file(w.share, "f", "abc")
	base := f.Node.VersionID
	yes := true
	n, err := w.put(w.owner, tree.FileSpec{Share: w.share, File: f.Node.ID, Base: base, Content: text("abd"), Executable: &yes})
	if err != nil {
		t.Fatal(err)
	}
	if n.Node.Version != 2 || n.Node.Size != text("abd").Size || !n.Node.Executable {
		t.Errorf("updated to %+v", n.Node)
	}
	var seqBefore = w.getShare().Seq

	_, err = w.put(w.owner, tree.FileSpec{File: f.Node.ID, Base: base, Content: text("zzz")})
	wantKind(t, err, engine.KindConflict, "a stale base")
	_, err = w.put(w.owner, tree.FileSpec{File: f.Node.ID, Content: text("zzz")})
	wantKind(t, err, engine.KindInvalid, "no base")

	// The same content from a stale base changes nothing at all.
	same, err := w.put(w.owner, tree.FileSpec{File: f.Node.ID, Base: base, Content: text("abd"), ModifiedAt: time.Unix(1, 0)})
	if err != nil || same.Node.Version != 2 || !same.Node.ModifiedAt.Equal(n.Node.ModifiedAt) {
		t.Errorf("the same content from a stale base: %+v, %v", same, err)
	}
	if seq := w.getShare().Seq; seq != seqBefore {
		t.Errorf("it wrote a change row")
	}
	// From the current base it changes the time, and makes no version.
	same, err = w.put(w.owner, tree.FileSpec{File: f.Node.ID, Base: n.Node.VersionID, Content: text("abd"), ModifiedAt: time.Unix(1, 0)})
	if err != nil || same.Node.Version != 2 || same.Node.ModifiedAt.Unix() != 1 {
		t.Errorf("the same content from the current base: %+v, %v", same, err)
	}

	for i := 3; i <= 12; i++ {
		n, err = w.put(w.owner, tree.FileSpec{File: f.Node.ID, Base: same.Node.VersionID, Content: text(fmt.Sprint("ab", i))})
		if err != nil {
			t.Fatal(err)
		}
		same = n
	}
	list, total, err := w.tree.Versions(ctx, w.owner, f.Node.ID, 4, 2)
	if err != nil || total != 12 || len(list) != 4 || list[0].Number != 10 || list[3].Number != 7 {
		t.Errorf("versions: %d of %d, %v", len(list), total, err)
	}
	w.audit()

	w.update(func(tx *meta.Tx) error { return schema.DeleteVersion(tx, 1, f.Node.ID, 9) })
	_, _, err = w.tree.Versions(ctx, w.owner, f.Node.ID, 12, 0)
	wantKind(t, err, engine.KindDamaged, "a missing version")
}

func TestQuotaAndSize(t *testing.T) {
	w := newWorld(t)
	big := text("aaaaaa")
	w.share = w.newShare(2*big.Size - 1)
	f := w.file(w.share, "f", "aaaaaa")
	_, err := w.put(w.owner, tree.FileSpec{Share: w.share, Name: "g", Content: big})
	wantKind(t, err, engine.KindNoSpace, "over quota")
	if !strings.Contains(err.Error(), "share") {
		t.Errorf("the level is not named: %v", err)
	}
	_, err = w.put(w.owner, tree.FileSpec{File: f.Node.ID, Base: f.Node.VersionID, Content: text("hhhhhhh")})
	wantKind(t, err, engine.KindNoSpace, "a version over quota")
	// Sharing chunks with its predecessor, it fits.
	f, err = w.put(w.owner, tree.FileSpec{File: f.Node.ID, Base: f.Node.VersionID, Content: text("aaaaaaa")})
	if err != nil {
		t.Error(err)
	}
	// Trash goes on counting.
	if err := w.tree.Trash(ctx, w.owner, f.Node.ID, engine.KindFile, engine.ID{}); err != nil {
		t.Fatal(err)
	}
	_, err = w.put(w.owner, tree.FileSpec{Share: w.share, Name: "g", Content: big})
	wantKind(t, err, engine.KindNoSpace, "over quota with the trash")
	w.audit()

	w.update(func(tx *meta.Tx) error {
		tn, err := schema.GetTenant(tx, 1)
		if err != nil {
			return err
		}
		tn.Settings.MaxFileSize = big.Size - 1
		return schema.PutTenant(tx, tn)
	})
	_, err = w.put(w.owner, tree.FileSpec{Share: w.newShare(-1), Name: "h", Content: big})
	wantKind(t, err, engine.KindTooLarge, "over the tenant's maximum")
}

func TestTrash(t *testing.T) {
	w := newWorld(t)
	d := w.folder(w.share, "d")
	sub := w.folder(d.Node.ID, "sub")
	f := w.file(sub.Node.ID, "f", "abc")
	wantKind(t, w.tree.Trash(ctx, w.owner, f.Node.ID, engine.KindFolder, engine.ID{}), engine.KindNotFound, "a file as a folder")
	wantKind(t, w.tree.Trash(ctx, w.owner, f.Node.ID, engine.KindFile, w.newID()), engine.KindPrecondition, "another version")
	wantKind(t, w.tree.Trash(ctx, w.owner, w.share, engine.KindFolder, engine.ID{}), engine.KindForbidden, "the root")
	used, seq := w.getShare().UsedBytes, w.getShare().Seq
	if err := w.tree.Trash(ctx, w.owner, d.Node.ID, engine.KindFolder, engine.ID{}); err != nil {
		t.Fatal(err)
	}
	sh := w.getShare()
	if sh.UsedBytes != used || sh.Seq != seq+1 {
		t.Errorf("used %d, want %d; %d rows, want 1", sh.UsedBytes, used, sh.Seq-seq)
	}
	w.view(func(v *meta.View) error {
		row, err := schema.GetChange(v, 1, w.share, sh.Seq)
		if err != nil || row.Kind != engine.ChangeDeleted || !row.Recursive || row.Node != d.Node.ID || row.OldName != "d" || row.OldParent != w.share {
			t.Errorf("change row %+v, %v", row, err)
		}
		items := 0
		err = schema.ScanTrash(v, 1, w.share, nil, func(i *engine.TrashItem) (bool, error) {
			items++
			return true, nil
		})
		if items != 1 {
			t.Errorf("%d items in the trash", items)
		}
		return err
	})
	for _, id := range []engine.ID{d.Node.ID, sub.Node.ID, f.Node.ID} {
		_, err := w.tree.Get(ctx, w.owner, id, 0)
		wantKind(t, err, engine.KindGone, "in the trash")
	}
	_, err := w.tree.Mkdir(ctx, w.owner, w.share, sub.Node.ID, "n")
	wantKind(t, err, engine.KindGone, "making below what is in the trash")
	wantKind(t, w.tree.Trash(ctx, w.owner, f.Node.ID, engine.KindFile, engine.ID{}), engine.KindGone, "trash in trash")
	page, err := w.tree.Children(ctx, w.owner, w.share, 10, 0, "")
	if err != nil || len(page.Items) != 0 || page.Total != 0 {
		t.Errorf("listed after: %+v, %v", page, err)
	}
	w.folder(w.share, "d")
	w.audit()
}

func TestRacersForOneName(t *testing.T) {
	w := newWorld(t)
	var won, lost atomic.Int32
	var wg sync.WaitGroup
	for i := range 50 {
		wg.Go(func() {
			name := []string{"name", "NAME", "Name"}[i%3]
			var err error
			if i%2 == 0 {
				_, err = w.tree.Mkdir(ctx, w.owner, w.share, w.share, name)
			} else {
				_, err = w.put(w.owner, tree.FileSpec{Share: w.share, Name: name, Content: text("r")})
			}
			switch {
			case err == nil:
				won.Add(1)
			case engine.KindOf(err) == engine.KindConflict:
				lost.Add(1)
			default:
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if won.Load() != 1 || lost.Load() != 49 {
		t.Errorf("%d won and %d lost", won.Load(), lost.Load())
	}
	w.audit()
}

// A batch of a thousand in one mutation, with refused ones between, which leave
// no trace.
func TestBatch(t *testing.T) {
	w := newWorld(t)
	w.update(func(tx *meta.Tx) error {
		b := w.tree.Batch(tx, w.owner)
		d, err := b.Mkdir(w.share, engine.ID{}, "deep", time.Time{})
		if err != nil {
			return err
		}
		for i := range 1000 {
			if i%10 == 3 {
				_, err := b.PutFile(tree.FileSpec{Share: w.share, Parent: d.Node.ID, Name: fmt.Sprint("F", i-1), Content: text("q")})
				wantKind(t, err, engine.KindConflict, "a name taken in this batch")
				continue
			}
			if _, err := b.PutFile(tree.FileSpec{Share: w.share, Parent: d.Node.ID, Name: fmt.Sprint("f", i), Content: text("abc")}); err != nil {
				return err
			}
		}
		found, err := b.Folder(w.share, "/DEEP/")
		if err != nil || found != d.Node.ID {
			t.Errorf("the folder made in this batch: %v, %v", found, err)
		}
		if _, err := b.Folder(w.share, "/deep/f1"); engine.KindOf(err) != engine.KindNotFound {
			t.Errorf("a file as a folder: %v", err)
		}
		return b.Flush()
	})
	if sh := w.getShare(); sh.Seq != 901 || sh.UsedBytes != 900*text("abc").Size {
		t.Errorf("%d rows, %d bytes", sh.Seq, sh.UsedBytes)
	}
	w.audit()
}
