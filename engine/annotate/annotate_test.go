package annotate_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"scaidrive/engine"
	"scaidrive/engine/annotate"
	"scaidrive/engine/enginetest"
	"scaidrive/engine/meta"
	"scaidrive/engine/meta/schema"
	"scaidrive/engine/tree"
)

type world struct {
	*enginetest.World
	t      *testing.T
	tree   *tree.Service
	notes  *annotate.Service
	owner  *engine.Principal
	reader *engine.Principal
	share  engine.ID
}

func newWorld(t *testing.T) *world {
	w := &world{World: enginetest.New(t), t: t}
	w.tree, w.notes = tree.New(w.DB, w.Env()), annotate.New(w.DB, w.Env())
	w.must(w.tree.Prepare(t.Context()))
	w.owner, w.share = w.As(w.User), w.UserShare.ID
	u := w.AddUser(t, "reader@example.com")
	w.reader = w.As(u)
	w.must(w.DB.Update(t.Context(), func(tx *meta.Tx) error {
		sh, err := schema.GetShare(tx, 1, w.share)
		if err != nil {
			return err
		}
		return schema.PutShareMember(tx, 1, sh, &engine.ShareMember{Share: w.share, Principal: u.ID, Kind: engine.PrincipalUser, Role: engine.MemberReader})
	}))
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
	var loc *tree.Located
	w.must(w.DB.Update(w.t.Context(), func(tx *meta.Tx) (err error) {
		loc, _, err = w.tree.PutFile(tx, w.owner, tree.FileSpec{Share: w.share, Parent: parent, Name: name})
		return err
	}))
	return loc.Node.ID
}

// deny shuts the reader out of a node.
func (w *world) deny(id engine.ID) {
	w.t.Helper()
	w.must(w.DB.Update(w.t.Context(), func(tx *meta.Tx) error {
		sh, err := schema.GetShare(tx, 1, w.share)
		if err != nil {
			return err
		}
		n, err := schema.GetNode(tx, 1, id)
		if err != nil {
			return err
		}
		return schema.PutEntries(tx, 1, sh, n, []engine.Entry{{
			ID: w.NewID(), Type: engine.EntryDeny, Kind: engine.PrincipalUser, Principal: w.reader.User,
			Rights: engine.RightRead, AppliesTo: engine.AppliesToThisAndDescendants,
		}})
	}))
}

func (w *world) found(p *engine.Principal, tag string) string {
	w.t.Helper()
	var list []string
	for token := ""; ; {
		page, err := w.notes.Tagged(w.t.Context(), p, annotate.TagQuery{Tag: tag, Limit: 2, Token: token})
		w.must(err)
		for _, l := range page.List {
			list = append(list, l.Path)
		}
		if token = page.Next; token == "" {
			slices.Sort(list)
			return strings.Join(list, " ")
		}
	}
}

func (w *world) used(p *engine.Principal, prefix string) string {
	w.t.Helper()
	var list []string
	for token := ""; ; {
		page, err := w.notes.Used(w.t.Context(), p, prefix, token, 1)
		w.must(err)
		list = append(list, page.List...)
		if token = page.Next; token == "" {
			return strings.Join(list, " ")
		}
	}
}

// rows counts what is stored in a table.
func (w *world) rows(t schema.Table) (n int) {
	w.t.Helper()
	w.must(w.DB.View(w.t.Context(), func(v *meta.View) error {
		return v.Scan(t, nil, nil, func(_, _ []byte) (bool, error) { n++; return true, nil })
	}))
	return n
}

func TestTagsOfWhatIsOutOfSight(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	var files []engine.ID
	for i := range 7 {
		id := w.file(engine.ID{}, fmt.Sprint("f", i))
		files = append(files, id)
		tags := []string{"all", fmt.Sprint("Only", i)}
		if _, err := w.notes.SetTags(ctx, w.owner, annotate.On{Node: id, Kind: engine.KindFile}, tags); err != nil {
			t.Fatal(err)
		}
	}
	for _, i := range []int{0, 3, 6} {
		w.deny(files[i])
	}
	if got := w.found(w.owner, "ALL"); got != "/f0 /f1 /f2 /f3 /f4 /f5 /f6" {
		t.Errorf("owner: %s", got)
	}
	if got := w.found(w.reader, "all"); got != "/f1 /f2 /f4 /f5" {
		t.Errorf("reader: %s", got)
	}
	if got := w.used(w.owner, ""); got != "all Only0 Only1 Only2 Only3 Only4 Only5 Only6" {
		t.Errorf("owner: %s", got)
	}
	if got := w.used(w.reader, ""); got != "all Only1 Only2 Only4 Only5" {
		t.Errorf("reader: %s", got)
	}
	if got := w.used(w.reader, "only3"); got != "" {
		t.Errorf("a tag out of sight: %s", got)
	}
	if _, err := w.notes.Tags(ctx, w.reader, annotate.On{Node: files[0], Kind: engine.KindFile}); engine.KindOf(err) != engine.KindNotFound {
		t.Error(err)
	}
}

func TestWhatIsRemovedForGoodLeavesNothing(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	dir, err := w.tree.Mkdir(ctx, w.owner, w.share, engine.ID{}, "dir")
	w.must(err)
	id := w.file(dir.Node.ID, "f")
	for _, on := range []annotate.On{{Node: id, Kind: engine.KindFile}, {Node: dir.Node.ID, Kind: engine.KindFolder}} {
		_, err := w.notes.SetTags(ctx, w.owner, on, []string{"a", "b"})
		w.must(err)
		n := 3
		if on.Kind == engine.KindFile {
			n = engine.MaxComments // more than one step takes
		}
		for i := range n {
			_, err := w.notes.AddComment(ctx, w.reader, on, fmt.Sprint("comment ", i))
			w.must(err)
		}
	}
	if _, err := w.notes.AddComment(ctx, w.reader, annotate.On{Node: id, Kind: engine.KindFile}, "one more"); engine.KindOf(err) != engine.KindConflict {
		t.Errorf("one more than the most: %v", err)
	}
	w.must(w.tree.Purge(ctx, w.owner, dir.Node.ID, engine.KindFolder, engine.ID{}))
	w.must(w.tree.RemovePurged(ctx))
	for _, tab := range []schema.Table{schema.Comments, schema.CommentNodes, schema.Tags, schema.Tagged} {
		if n := w.rows(tab); n != 0 {
			t.Errorf("%d rows of %s are left", n, tab)
		}
	}
}

func TestARootHasNeither(t *testing.T) {
	w := newWorld(t)
	on := annotate.On{Node: w.share, Kind: engine.KindFolder}
	if _, err := w.notes.AddComment(t.Context(), w.owner, on, "x"); engine.KindOf(err) != engine.KindNotFound {
		t.Error(err)
	}
	if _, err := w.notes.SetTags(t.Context(), w.owner, on, []string{"x"}); engine.KindOf(err) != engine.KindNotFound {
		t.Error(err)
	}
}
