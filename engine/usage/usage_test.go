package usage_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
	"time"

	"scaidrive/engine"
	"scaidrive/engine/access"
	"scaidrive/engine/enginetest"
	"scaidrive/engine/meta"
	"scaidrive/engine/meta/schema"
	"scaidrive/engine/tree"
	"scaidrive/engine/usage"
)

type world struct {
	*enginetest.World
	t     *testing.T
	tree  *tree.Service
	usage *usage.Service
	owner *engine.Principal
	share engine.ID
}

func newWorld(t *testing.T) *world {
	w := &world{World: enginetest.New(t), t: t}
	w.tree, w.usage = tree.New(w.DB, w.Env()), usage.New(w.DB, w.Env(), w.Shares)
	w.must(w.tree.Prepare(t.Context()))
	w.owner, w.share = w.As(w.User), w.UserShare.ID
	return w
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func content(size int64, mark byte) engine.Content {
	c := engine.Content{Chunking: "test", Size: size, HashState: engine.HashClaimed, Count: 1, Digest: [32]byte{1, mark}}
	c.Inline = []engine.Chunk{{Hash: [32]byte{mark}, Size: uint32(size)}}
	return c
}

func (w *world) put(spec tree.FileSpec) *engine.Node {
	w.t.Helper()
	w.Pass(time.Second)
	spec.Share = w.share
	var loc *tree.Located
	w.must(w.DB.Update(w.t.Context(), func(tx *meta.Tx) (err error) {
		loc, _, err = w.tree.PutFile(tx, w.owner, spec)
		return err
	}))
	return loc.Node
}

func (w *world) file(parent engine.ID, name string, size int64) *engine.Node {
	w.t.Helper()
	return w.put(tree.FileSpec{Parent: parent, Name: name, Content: content(size, 1)})
}

func (w *world) revise(n *engine.Node, size int64, mark byte) *engine.Node {
	w.t.Helper()
	return w.put(tree.FileSpec{File: n.ID, Base: n.VersionID, Content: content(size, mark)})
}

func (w *world) folder(parent engine.ID, name string) *engine.Node {
	w.t.Helper()
	w.Pass(time.Second)
	loc, err := w.tree.Mkdir(w.t.Context(), w.owner, w.share, parent, name)
	w.must(err)
	return loc.Node
}

// figures are those of the share, and what they sum up to, which is the same.
func (w *world) figures() *usage.Figures {
	w.t.Helper()
	st, err := w.usage.Stats(w.t.Context(), w.owner, 10, 0)
	w.must(err)
	if len(st.Shares) != 1 || st.Total != 1 || st.Count != 1 || st.UsedBytes != st.Shares[0].UsedBytes {
		w.t.Fatalf("the stats are %+v", st)
	}
	f := st.Shares[0].Figures
	if (f == nil) != (st.Sum == nil) || f != nil && *f != *st.Sum {
		w.t.Errorf("a share has %+v, the sum of the one is %+v", f, st.Sum)
	}
	return f
}

func (w *world) want(what string, files, folders, trash, versions int64) {
	w.t.Helper()
	f := w.figures()
	if f == nil {
		w.t.Errorf("%s: nothing is known", what)
		return
	}
	if got := (usage.Figures{Files: files, Folders: folders, TrashBytes: trash, VersionBytes: versions, At: f.At}); *f != got {
		w.t.Errorf("%s: %+v, want %d files, %d folders, %d in the trash, %d in versions", what, *f, files, folders, trash, versions)
	}
}

func TestFigures(t *testing.T) {
	w := newWorld(t)
	w.want("empty", 0, 0, 0, 0)
	d := w.folder(w.share, "d")
	e := w.folder(d.ID, "e")
	a := w.file(e.ID, "a", 100)
	b := w.file(d.ID, "b", 10)
	w.file(w.share, "c", 1)
	w.want("made", 3, 2, 0, 0)
	w.revise(a, 200, 2)
	b = w.revise(b, 20, 2)
	w.want("revised", 3, 2, 0, 110)
	w.Pass(time.Second)
	w.must(w.tree.Trash(ctx, w.owner, b.ID, engine.KindFile, engine.ID{}))
	w.want("a file in the trash", 2, 2, 30, 100)
	w.Pass(time.Second)
	w.must(w.tree.Trash(ctx, w.owner, d.ID, engine.KindFolder, engine.ID{}))
	w.want("the folder that it was in", 1, 0, 330, 0)
	_, err := w.tree.Restore(ctx, w.owner, d.ID, engine.KindFolder, engine.ID{})
	w.must(err)
	w.want("restored", 2, 2, 30, 100)
	w.Pass(time.Second)
	w.must(w.tree.Purge(ctx, w.owner, e.ID, engine.KindFolder, engine.ID{}))
	w.want("to be removed for good", 1, 1, 330, 0)
	w.must(w.tree.RemovePurged(ctx))
	w.want("removed", 1, 1, 30, 0)
	_, _, err = w.tree.EmptyTrash(ctx, w.owner, w.share)
	w.must(err)
	w.must(w.tree.RemovePurged(ctx))
	w.want("emptied", 1, 1, 0, 0)
}

// What is too large for a call is counted by Run; until then the last figures are told.
func TestLargeShares(t *testing.T) {
	w := newWorld(t)
	w.usage.Bound(20, 7)
	d := w.folder(w.share, "d")
	for i := range 50 {
		w.file(d.ID, strconv.Itoa(i), 10)
	}
	w.want("nothing in the trash costs nothing", 50, 1, 0, 0)
	was := w.figures().At
	w.Pass(time.Minute)
	w.must(w.tree.Trash(ctx, w.owner, d.ID, engine.KindFolder, engine.ID{}))
	w.want("not counted yet", 50, 1, 0, 0)
	runs, stop := context.WithCancel(ctx)
	over := make(chan struct{})
	go func() { w.usage.Run(runs, func(err error) { t.Error(err) }); close(over) }()
	defer func() { stop(); <-over }()
	for end := time.Now().Add(20 * time.Second); w.figures().At.Equal(was); {
		if time.Now().After(end) {
			t.Fatal("it was not counted")
		}
		time.Sleep(time.Millisecond)
	}
	w.want("counted", 0, 0, 500, 0)

	other := usage.New(w.DB, w.Env(), w.Shares)
	other.Bound(20, 7)
	w.usage = other
	if f := w.figures(); f != nil {
		t.Errorf("after a start: %+v, want nothing", f)
	}
	w.must(other.Count(ctx, 1, w.share))
	w.want("after a start", 0, 0, 500, 0)
}

// Shares of a build that did not count are told rightly at once, and counted once.
func TestOldShares(t *testing.T) {
	w := newWorld(t)
	forget := func() {
		w.must(w.DB.Update(ctx, func(tx *meta.Tx) error {
			sh, err := schema.GetShare(tx, 1, w.share)
			if err != nil {
				return err
			}
			sh.Files, sh.Folders, sh.VersionBytes, sh.Counted = 0, 0, 0, false
			return schema.PutShare(tx, 1, sh)
		}))
	}
	d := w.folder(w.share, "d")
	a := w.file(d.ID, "a", 100)
	b := w.file(w.share, "b", 10)
	w.revise(a, 200, 2)
	w.must(w.tree.Trash(ctx, w.owner, b.ID, engine.KindFile, engine.ID{}))
	forget()
	w.want("not stored", 1, 1, 10, 100)
	w.file(w.share, "c", 1)
	w.want("changed", 2, 1, 10, 100)
	if more, err := w.usage.Recount(ctx); more || err != nil {
		t.Fatal(more, err)
	}
	w.want("stored", 2, 1, 10, 100)
	if got, want := w.record().Holding(), (engine.Holding{Files: 3, Folders: 1, Bytes: 311, VersionBytes: 100}); got != want || !w.record().Counted {
		t.Errorf("the record has %+v, want %+v", w.record(), want)
	}
	w.file(w.share, "e", 1)
	w.want("counted on", 3, 1, 10, 100)
}

func (w *world) record() (sh *engine.Share) {
	w.t.Helper()
	w.must(w.DB.View(ctx, func(v *meta.View) (err error) {
		sh, err = schema.GetShare(v, 1, w.share)
		return err
	}))
	return sh
}

var ctx = context.Background()

// brute goes through all nodes that there are and asks access where each is.
func (w *world) brute(all []*engine.Node) (f usage.Figures, total engine.Holding) {
	w.must(w.DB.View(ctx, func(v *meta.View) error {
		for _, n := range all {
			n, err := schema.GetNode(v, 1, n.ID)
			if err != nil {
				continue // removed for good
			}
			sub, err := access.Resolve(v, 1, n.ID)
			gone := err != nil || sub.Trashed != nil
			h := engine.Holding{Folders: 1}
			if n.Kind == engine.KindFile {
				h = engine.Holding{Files: 1}
				for i := range n.Version {
					ver, err := schema.GetVersion(v, 1, n.ID, i+1)
					if err != nil {
						return err
					}
					if i+1 < n.Version {
						h.VersionBytes += ver.Kept
						h.Bytes += ver.Kept
					} else {
						h.Bytes += ver.Content.Size
					}
				}
			}
			total.Add(h, 1)
			if gone {
				f.TrashBytes += h.Bytes
				continue
			}
			f.Files, f.Folders, f.VersionBytes = f.Files+h.Files, f.Folders+h.Folders, f.VersionBytes+h.VersionBytes
		}
		return nil
	}))
	return f, total
}

// TestRandomHistories compares what calls and Run tell with a count of everything.
func TestRandomHistories(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	if v, err := strconv.ParseUint(os.Getenv("SCAIDRIVE_SEED"), 10, 64); err == nil {
		seed = v
	}
	t.Logf("seed %d", seed)
	rnd := rand.New(rand.NewPCG(seed, 0))
	w := newWorld(t)
	root := &engine.Node{ID: w.share, Kind: engine.KindFolder}
	var all []*engine.Node
	pick := func() *engine.Node {
		if len(all) == 0 || rnd.IntN(6) == 0 {
			return root
		}
		return all[rnd.IntN(len(all))]
	}
	for step := range 600 {
		w.Pass(time.Second)
		n := pick()
		// What is refused is refused: only what is counted is compared.
		switch rnd.IntN(9) {
		case 0, 1:
			loc, err := w.tree.Mkdir(ctx, w.owner, w.share, n.ID, fmt.Sprint("d", step))
			if err == nil {
				all = append(all, loc.Node)
			}
		case 2, 3, 4:
			err := w.DB.Update(ctx, func(tx *meta.Tx) error {
				spec := tree.FileSpec{Share: w.share, Parent: n.ID, Name: fmt.Sprint("f", step), Content: content(1+rnd.Int64N(1000), byte(step))}
				if n.Kind == engine.KindFile {
					now, err := schema.GetNode(tx, 1, n.ID)
					if err != nil {
						return err
					}
					spec.File, spec.Base = n.ID, now.VersionID
				}
				loc, _, err := w.tree.PutFile(tx, w.owner, spec)
				if err == nil && n.Kind == engine.KindFolder {
					all = append(all, loc.Node)
				}
				return err
			})
			_ = err
		case 5:
			_ = w.tree.Trash(ctx, w.owner, n.ID, n.Kind, engine.ID{})
		case 6:
			_, _ = w.tree.Restore(ctx, w.owner, n.ID, n.Kind, engine.ID{})
		case 7:
			if rnd.IntN(4) == 0 {
				_ = w.tree.Purge(ctx, w.owner, n.ID, n.Kind, engine.ID{})
			}
		case 8:
			if rnd.IntN(4) == 0 {
				w.must(w.tree.RemovePurged(ctx))
			}
		}
		f, total := w.brute(all)
		if got := w.record().Holding(); got != total {
			t.Fatalf("step %d: the record has %+v, there are %+v", step, got, total)
		}
		if rnd.IntN(2) == 0 { // in a call
			w.usage.Bound(1_000_000, 1_000_000)
		} else { // in slices
			w.usage.Bound(0, 1+rnd.IntN(9))
			w.Pass(time.Minute)
			w.must(w.usage.Count(ctx, 1, w.share))
		}
		got := w.figures()
		f.At = got.At
		if *got != f {
			t.Fatalf("step %d: %+v is told, there are %+v", step, *got, f)
		}
	}
}

// While others write, figures are told that are about right, and afterwards right ones.
func TestChangesMeanwhile(t *testing.T) {
	w := newWorld(t)
	w.usage.Bound(0, 5)
	d := w.folder(w.share, "d")
	for i := range 100 {
		w.file(d.ID, strconv.Itoa(i), 10)
	}
	w.must(w.tree.Trash(ctx, w.owner, d.ID, engine.KindFolder, engine.ID{}))
	over, stop := make(chan struct{}), make(chan struct{})
	made := int64(0)
	go func() {
		defer close(over)
		for {
			select {
			case <-stop:
				return
			default:
			}
			w.file(w.share, fmt.Sprint("n", made), 1)
			made++
		}
	}()
	for range 20 {
		w.must(w.usage.Count(ctx, 1, w.share))
		if f := w.figures(); f == nil || f.Folders != 0 || f.TrashBytes != 1000 {
			t.Errorf("meanwhile %+v", f)
		}
	}
	close(stop)
	<-over
	w.must(w.usage.Count(ctx, 1, w.share))
	w.want("afterwards", made, 0, 1000, 0)
}

// An exact count notices whatever changes between its slices.
func TestChangesAreNoticed(t *testing.T) {
	w := newWorld(t)
	d := w.folder(w.share, "d")
	for i := range 20 {
		w.file(d.ID, strconv.Itoa(i), 10)
	}
	f := w.file(w.share, "f", 1)
	w.must(w.tree.Trash(ctx, w.owner, w.file(w.share, "g", 1).ID, engine.KindFile, engine.ID{}))
	for _, c := range []struct {
		name string
		do   func()
	}{
		{"a file", func() { w.file(w.share, "new", 1) }},
		{"a version", func() { w.revise(f, 5, 3) }},
		{"the trash", func() { w.must(w.tree.Trash(ctx, w.owner, f.ID, engine.KindFile, engine.ID{})) }},
		{"an order", func() {
			_, _, err := w.tree.EmptyTrash(ctx, w.owner, w.share)
			w.must(err)
		}},
		{"its removal", func() { w.must(w.tree.RemovePurged(ctx)) }},
	} {
		if noticed, err := w.usage.Interrupted(ctx, 1, w.share, c.do); !noticed || err != nil {
			t.Errorf("%s: noticed %v, %v", c.name, noticed, err)
		}
	}
}

// A tenant's total is the sum of what each share tells, deleted ones too.
func TestTenant(t *testing.T) {
	w := newWorld(t)
	admin := w.As(w.Admin)
	w.revise(w.file(w.share, "a", 100), 70, 2)
	w.must(w.tree.Trash(ctx, w.owner, w.file(w.share, "b", 10).ID, engine.KindFile, engine.ID{}))
	sum, err := w.usage.Tenant(ctx, admin)
	w.must(err)
	st, err := w.usage.Stats(ctx, admin, 10, 0)
	w.must(err)
	if *sum.Figures != *st.Sum || sum.Count != st.Count || sum.UsedBytes != st.UsedBytes || sum.UsedBytes != 180 {
		t.Errorf("%+v %+v, want %+v %+v", sum, sum.Figures, st, st.Sum)
	}
	if len(sum.Largest) != 1 || sum.Largest[0].ID != w.share {
		t.Errorf("the largest are %v", sum.Largest)
	}
	all, err := w.usage.Whole(ctx, admin)
	w.must(err)
	if all.Tenants != 1 || all.Shares != sum.Count || all.UsedBytes != 180 {
		t.Errorf("the whole is %+v", all)
	}
	if alone, err := w.usage.Alone(ctx); !alone || err != nil {
		t.Error(alone, err)
	}
	if _, err := w.usage.Tenant(ctx, w.owner); engine.KindOf(err) != engine.KindForbidden {
		t.Error("for a user:", err)
	}
	admin.Role = engine.RoleTenantAdmin
	if _, err := w.usage.Whole(ctx, admin); engine.KindOf(err) != engine.KindForbidden {
		t.Error("the whole for a tenant's administrator:", err)
	}
}
