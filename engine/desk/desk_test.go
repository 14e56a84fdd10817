package desk_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"scaidrive/engine"
	"scaidrive/engine/desk"
	"scaidrive/engine/enginetest"
	"scaidrive/engine/meta"
	"scaidrive/engine/meta/schema"
	"scaidrive/engine/tree"
)

// A world with files in it and a desk that hears of what is done to them.
type world struct {
	*enginetest.World
	t        *testing.T
	tree     *tree.Service
	desk     *desk.Service
	owner    *engine.Principal
	stranger *engine.Principal
	share    engine.ID
}

func newWorld(t *testing.T) *world {
	w := &world{World: enginetest.New(t), t: t}
	w.tree, w.desk = tree.New(w.DB, w.Env()), desk.New(w.DB, w.Env())
	w.tree.OnTouch = w.desk.Touched
	if err := w.tree.Prepare(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.owner, w.stranger = w.As(w.User), w.As(w.AddUser(t, "stranger@example.com"))
	w.share = w.UserShare.ID
	return w
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) file(parent engine.ID, name string) engine.ID {
	w.t.Helper()
	w.Pass(time.Second)
	var loc *tree.Located
	w.must(w.DB.Update(w.t.Context(), func(tx *meta.Tx) (err error) {
		loc, _, err = w.tree.PutFile(tx, w.owner, tree.FileSpec{Share: w.share, Parent: parent, Name: name})
		return err
	}))
	return loc.Node.ID
}

func (w *world) folder(parent engine.ID, name string) engine.ID {
	w.t.Helper()
	w.Pass(time.Second)
	loc, err := w.tree.Mkdir(w.t.Context(), w.owner, w.share, parent, name)
	w.must(err)
	return loc.Node.ID
}

func show(p *desk.Page, err error) string {
	if err != nil {
		return err.Error()
	}
	paths := make([]string, len(p.Items))
	for i := range p.Items {
		paths[i] = p.Items[i].Path
	}
	return fmt.Sprintf("%s of %d", strings.Join(paths, " "), p.Total)
}

func (w *world) recent(p *engine.Principal) string {
	w.t.Helper()
	return show(w.desk.Recent(w.t.Context(), p, 50, 0))
}

func (w *world) favourites(p *engine.Principal) string {
	w.t.Helper()
	return show(w.desk.Favourites(w.t.Context(), p, 50, 0))
}

func (w *world) is(what, got, want string) {
	w.t.Helper()
	if got != want {
		w.t.Errorf("%s: %q, want %q", what, got, want)
	}
}

func (w *world) mark(p *engine.Principal, id engine.ID, kind engine.NodeKind) error {
	w.Pass(time.Second)
	return w.desk.AddFavourite(w.t.Context(), p, id, kind)
}

func TestFavouritesFollowAndHide(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	dir, b := w.folder(w.share, "dir"), w.file(w.share, "b")
	a := w.file(dir, "a")
	w.must(w.mark(w.owner, a, engine.KindFile))
	w.must(w.mark(w.owner, dir, engine.KindFolder))
	w.must(w.mark(w.owner, b, engine.KindFile))
	w.must(w.mark(w.owner, a, engine.KindFile)) // again: it keeps its place
	w.is("all", w.favourites(w.owner), "/b /dir /dir/a of 3")
	w.is("a page", show(w.desk.Favourites(ctx, w.owner, 1, 1)), "/dir of 3")
	w.is("beyond the end", show(w.desk.Favourites(ctx, w.owner, 1, 9)), " of 3")
	w.is("another's", w.favourites(w.stranger), " of 0")

	_, err := w.tree.Move(ctx, w.owner, tree.Move{ID: a, Kind: engine.KindFile, To: &tree.Target{Share: w.share}, Name: "moved"})
	w.must(err)
	w.is("moved", w.favourites(w.owner), "/b /dir /moved of 3")
	w.must(w.tree.Trash(ctx, w.owner, b, engine.KindFile, engine.ID{}))
	w.is("deleted", w.favourites(w.owner), "/dir /moved of 2")
	_, err = w.tree.Restore(ctx, w.owner, b, engine.KindFile, engine.ID{})
	w.must(err)
	w.is("restored", w.favourites(w.owner), "/b /dir /moved of 3")
	w.must(w.tree.Purge(ctx, w.owner, b, engine.KindFile, engine.ID{}))
	w.must(w.tree.RemovePurged(ctx))
	w.is("removed for good", w.favourites(w.owner), "/dir /moved of 2")

	// Out of sight: the share has another owner now.
	w.must(w.DB.Update(ctx, func(tx *meta.Tx) error {
		sh, err := schema.GetShare(tx, 1, w.share)
		if err != nil {
			return err
		}
		sh.Owner = w.stranger.User
		return schema.PutShare(tx, 1, sh)
	}))
	w.is("out of sight", w.favourites(w.owner), " of 0")
	if err := w.mark(w.owner, dir, engine.KindFolder); engine.KindOf(err) != engine.KindNotFound {
		t.Errorf("marking what is out of sight: %v", err)
	}
	w.must(w.desk.RemoveFavourite(ctx, w.owner, dir))
	w.must(w.desk.RemoveFavourite(ctx, w.owner, dir))
	w.must(w.desk.RemoveFavourite(ctx, w.owner, w.NewID()))
}

func TestWhatCanBeMarked(t *testing.T) {
	w := newWorld(t)
	dir, gone := w.folder(w.share, "dir"), w.file(w.share, "gone")
	w.must(w.tree.Trash(t.Context(), w.owner, gone, engine.KindFile, engine.ID{}))
	for what, tt := range map[string]struct {
		p    *engine.Principal
		id   engine.ID
		kind engine.NodeKind
		want engine.Kind
	}{
		"another's":         {w.stranger, dir, engine.KindFolder, engine.KindNotFound},
		"nothing":           {w.owner, w.NewID(), engine.KindFile, engine.KindNotFound},
		"a folder as file":  {w.owner, dir, engine.KindFile, engine.KindNotFound},
		"a deleted file":    {w.owner, gone, engine.KindFile, engine.KindGone},
		"the share's root":  {w.owner, w.share, engine.KindFolder, engine.KindNotFound},
		"a deleted, hidden": {w.stranger, gone, engine.KindFile, engine.KindNotFound},
	} {
		if err := w.mark(tt.p, tt.id, tt.kind); err == nil || engine.KindOf(err) != tt.want {
			t.Errorf("%s: %v", what, err)
		}
	}
	for _, bad := range [][2]int{{0, 0}, {1001, 0}, {1, -1}} {
		_, err1 := w.desk.Favourites(t.Context(), w.owner, bad[0], bad[1])
		_, err2 := w.desk.Recent(t.Context(), w.owner, bad[0], bad[1])
		if engine.KindOf(err1) != engine.KindInvalid || engine.KindOf(err2) != engine.KindInvalid {
			t.Errorf("limit and offset %v: %v, %v", bad, err1, err2)
		}
	}
}

// One more than the most is refused, and what was removed for good makes room.
func TestMostFavourites(t *testing.T) {
	w := newWorld(t)
	dead := w.NewID()
	var last engine.ID
	for from := 0; from < desk.MaxFavourites; from += 2000 {
		w.must(w.DB.Update(t.Context(), func(tx *meta.Tx) error {
			b := w.tree.Batch(tx, w.owner)
			for i := range 2000 {
				id := dead
				if from+i > 0 {
					out, err := b.PutFile(tree.FileSpec{Share: w.share, Name: fmt.Sprint(from + i)})
					if err != nil {
						return err
					}
					id, last = out.Node.ID, out.Node.ID
				}
				if from+i == desk.MaxFavourites-1 {
					continue // the last one is marked below
				}
				f := &engine.Favourite{User: w.owner.User, Node: id, Kind: engine.KindFile, At: w.Now()}
				if err := schema.PutFavourite(tx, 1, f); err != nil {
					return err
				}
			}
			return b.Flush()
		}))
	}
	w.must(w.mark(w.owner, last, engine.KindFile))
	p, err := w.desk.Favourites(t.Context(), w.owner, 1000, 0)
	if err != nil || p.Total != desk.MaxFavourites-1 || len(p.Items) != 1000 || p.Items[0].Node.ID != last {
		t.Fatalf("%d, %v", p.Total, err)
	}
	one, two := w.file(w.share, "one"), w.file(w.share, "two")
	w.must(w.mark(w.owner, one, engine.KindFile)) // in the place of the dead one
	if err := w.mark(w.owner, two, engine.KindFile); engine.KindOf(err) != engine.KindConflict {
		t.Errorf("one too many: %v", err)
	}
	w.must(w.mark(w.owner, one, engine.KindFile)) // it is one already
	w.must(w.desk.RemoveFavourite(t.Context(), w.owner, one))
	w.must(w.mark(w.owner, two, engine.KindFile))
}

func TestRecent(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	a, b := w.file(w.share, "a"), w.file(w.share, "b")
	dir := w.folder(w.share, "dir")
	c := w.file(dir, "c")
	w.is("what was made", w.recent(w.owner), "/dir/c /dir /b /a of 4")
	w.desk.Opened(w.owner, a)
	w.desk.Opened(w.stranger, a) // who can't have
	w.is("opened", w.recent(w.owner), "/a /dir/c /dir /b of 4")
	w.is("the stranger's", w.recent(w.stranger), " of 0")
	w.must(w.desk.Write(ctx))
	w.is("written", w.recent(w.owner), "/a /dir/c /dir /b of 4")
	w.desk.Opened(w.owner, b)
	w.is("written and noted", w.recent(w.owner), "/b /a /dir/c /dir of 4")
	w.is("a page", show(w.desk.Recent(ctx, w.owner, 2, 1)), "/a /dir/c of 4")
	_, err := w.tree.Move(ctx, w.owner, tree.Move{ID: c, Kind: engine.KindFile, To: &tree.Target{Share: w.share}, Name: "moved"})
	w.must(err)
	w.must(w.tree.Trash(ctx, w.owner, dir, engine.KindFolder, engine.ID{}))
	w.is("moved and deleted", w.recent(w.owner), "/moved /b /a of 3")
	w.must(w.desk.Write(ctx))

	again := desk.New(w.DB, w.Env())
	w.is("after a restart", show(again.Recent(ctx, w.owner, 50, 0)), "/moved /b /a of 3")
}

// What is not committed was not done, and a mutation that runs twice is told once.
func TestOnlyCommittedChangesCount(t *testing.T) {
	w := newWorld(t)
	boom := errors.New("boom")
	err := w.DB.Update(t.Context(), func(tx *meta.Tx) error {
		if _, _, err := w.tree.PutFile(tx, w.owner, tree.FileSpec{Share: w.share, Name: "a"}); err != nil {
			return err
		}
		return boom
	})
	if !errors.Is(err, boom) {
		t.Fatal(err)
	}
	w.is("refused", w.recent(w.owner), " of 0")
}

// Twenty thousand files at once are few lines, one record, and don't push out
// what the user did before them.
func TestBulkIsNotAThousandThings(t *testing.T) {
	w := newWorld(t)
	w.file(w.share, "before")
	for batch := range 20 {
		w.must(w.DB.Update(t.Context(), func(tx *meta.Tx) error {
			b := w.tree.Batch(tx, w.owner)
			for i := range 1000 {
				if _, err := b.PutFile(tree.FileSpec{Share: w.share, Name: fmt.Sprint(batch, " ", i)}); err != nil {
					return err
				}
			}
			return b.Flush()
		}))
		if batch == 3 {
			p, err := w.desk.Recent(t.Context(), w.owner, 1000, 0)
			if err != nil || p.Total != 81 || p.Items[80].Path != "/before" || p.Items[0].Path != "/3 999" {
				t.Fatalf("%s", show(p, err))
			}
		}
	}
	frames := w.DB.Status().LSN
	w.must(w.desk.Write(t.Context()))
	if n := w.DB.Status().LSN - frames; n != 1 {
		t.Errorf("%d commits for what was noted", n)
	}
	p, err := w.desk.Recent(t.Context(), w.owner, 1000, 0)
	if err != nil || p.Total != engine.MaxRecent || p.Items[0].Path != "/19 999" {
		t.Errorf("%d lines: %v", p.Total, err)
	}
	w.must(w.desk.Write(t.Context()))
	if n := w.DB.Status().LSN - frames; n != 1 {
		t.Errorf("nothing noted was written: %d commits", n)
	}
}

// Run writes what is left when it ends.
func TestRunWritesAtItsEnd(t *testing.T) {
	w := newWorld(t)
	w.file(w.share, "a")
	ctx, cancel := context.WithCancel(t.Context())
	over := make(chan struct{})
	go func() {
		defer close(over)
		w.desk.Run(ctx, func(err error) { t.Error(err) })
	}()
	cancel()
	<-over
	w.is("after the end", show(desk.New(w.DB, w.Env()).Recent(t.Context(), w.owner, 50, 0)), "/a of 1")
}
