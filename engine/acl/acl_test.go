package acl_test

import (
	"context"
	"crypto/sha256"
	"slices"
	"strconv"
	"sync"
	"testing"

	"scaidrive/chunkstore/split"
	"scaidrive/engine"
	"scaidrive/engine/acl"
	"scaidrive/engine/enginetest"
	"scaidrive/engine/meta"
	"scaidrive/engine/meta/schema"
	"scaidrive/engine/share"
	"scaidrive/engine/tree"
)

// A two is a share of one person and another person beside it.
type two struct {
	*enginetest.World
	t            *testing.T
	entries      *acl.Service
	files        *tree.Service
	shares       *share.Service
	owner, other *engine.Principal
	share        engine.ID
}

func newTwo(t *testing.T) *two {
	t.Helper()
	w := enginetest.New(t)
	x := &two{World: w, t: t, files: tree.New(w.DB, w.Env()), shares: share.New(w.DB, w.Env())}
	x.entries = acl.New(w.DB, x.files, w.Env())
	x.owner, x.other = w.As(w.User), w.As(w.AddUser(t, "other@example.com"))
	sh, err := x.shares.Create(t.Context(), x.owner, share.CreateSpec{Name: "P", Type: engine.ShareProject, QuotaBytes: -1})
	x.ok(err)
	x.share = sh.ID
	return x
}

func (x *two) ok(err error) {
	x.t.Helper()
	if err != nil {
		x.t.Fatal(err)
	}
}

// folder makes a folder of the owner's.
func (x *two) folder(parent engine.ID, name string) acl.Resource {
	x.t.Helper()
	f, err := x.files.Mkdir(x.t.Context(), x.owner, x.share, parent, name)
	x.ok(err)
	return acl.Resource{Kind: engine.ResourceFolder, ID: f.Node.ID}
}

// set makes an entry for the other person.
func (x *two) set(as *engine.Principal, on acl.Resource, e acl.Spec) error {
	e.Kind, e.Principal = engine.PrincipalUser, x.other.User
	_, _, err := x.entries.Set(x.t.Context(), as, on, e, nil)
	return err
}

// putFile makes an empty file.
func putFile(ctx context.Context, w *enginetest.World, s *tree.Service, p *engine.Principal, sh, parent engine.ID, name string) (id engine.ID, err error) {
	empty := engine.Content{SHA256: sha256.Sum256(nil), HashState: engine.HashVerified, Chunking: split.Default().Name, Digest: sha256.Sum256(nil)}
	err = w.DB.Update(ctx, func(tx *meta.Tx) error {
		loc, _, err := s.PutFile(tx, p, tree.FileSpec{Share: sh, Parent: parent, Name: name, Content: empty})
		if err == nil {
			id = loc.Node.ID
		}
		return err
	})
	return id, err
}

// Whoever reads while entries change sees all as it was or all as it is, never a
// mixture.
func TestReadersSeeBeforeOrAfter(t *testing.T) {
	w := enginetest.New(t)
	files := tree.New(w.DB, w.Env())
	s := acl.New(w.DB, files, w.Env())
	owner, reader := w.As(w.User), w.As(w.AddUser(t, "reader@example.com"))
	sh := w.UserShare.ID
	top, err := files.Mkdir(t.Context(), owner, sh, sh, "top")
	if err != nil {
		t.Fatal(err)
	}
	var asked []acl.Question
	for i := range 4 {
		sub, err := files.Mkdir(t.Context(), owner, sh, top.Node.ID, strconv.Itoa(i))
		if err != nil {
			t.Fatal(err)
		}
		asked = append(asked, acl.Question{Resource: acl.Resource{Kind: engine.ResourceFolder, ID: sub.Node.ID}, Rights: engine.RightRead})
		for k := range 10 {
			id, err := putFile(t.Context(), w, files, owner, sh, sub.Node.ID, strconv.Itoa(k))
			if err != nil {
				t.Fatal(err)
			}
			asked = append(asked, acl.Question{Resource: acl.Resource{Kind: engine.ResourceFile, ID: id}, Rights: engine.RightRead})
		}
	}
	res := acl.Resource{Kind: engine.ResourceFolder, ID: top.Node.ID}
	one := func(typ engine.EntryType, to engine.AppliesTo) acl.Spec {
		return acl.Spec{Type: typ, Kind: engine.PrincipalUser, Principal: reader.User, Rights: engine.RightRead, AppliesTo: to}
	}
	all, onlyFiles := engine.AppliesToThisAndDescendants, engine.AppliesToFilesOnly
	states := [][]acl.Spec{
		nil,
		{one(engine.EntryAllow, all)},
		{one(engine.EntryDeny, onlyFiles), one(engine.EntryAllow, all)},
		{one(engine.EntryAllow, onlyFiles)},
	}
	want := make([][]bool, len(states))
	put := func(i int) {
		if _, err := s.Replace(t.Context(), owner, res, states[i], nil, nil); err != nil {
			t.Error(err)
		}
	}
	for i := range states {
		put(i)
		if want[i], err = s.Check(t.Context(), reader, asked); err != nil {
			t.Fatal(err)
		}
		for k := range i {
			if slices.Equal(want[i], want[k]) {
				t.Fatalf("states %d and %d look alike", i, k)
			}
		}
	}
	over := make(chan struct{})
	var readers sync.WaitGroup
	seen := make([]int, len(states))
	var mu sync.Mutex
	for range 3 {
		p := *reader
		p.Memo = &engine.Memo{}
		readers.Go(func() {
			for {
				select {
				case <-over:
					return
				default:
				}
				got, err := s.Check(t.Context(), &p, asked)
				if err != nil {
					t.Error(err)
					return
				}
				i := slices.IndexFunc(want, func(w []bool) bool { return slices.Equal(w, got) })
				if i < 0 {
					t.Errorf("a mixture: %v", got)
					return
				}
				mu.Lock()
				seen[i]++
				mu.Unlock()
			}
		})
	}
	for i := range 400 {
		put(i % len(states))
		// The next request has it.
		got, err := s.Check(t.Context(), reader, asked)
		if err != nil || !slices.Equal(got, want[i%len(states)]) {
			t.Fatalf("change %d: %v, %v", i, got, err)
		}
	}
	close(over)
	readers.Wait()
	t.Log("seen:", seen)
}

// The lists of shares follow the entries, wherever the node goes, and the change log
// tells of a change once, with whom it was about.
func TestListsAndRows(t *testing.T) {
	p := newPlay(t, 3)
	a, b := p.shares[0], p.shares[1]
	who := p.users[5]
	loc, err := p.tree.Mkdir(t.Context(), p.admin(), a, a, "listed")
	p.must(err)
	res := acl.Resource{Kind: engine.ResourceFolder, ID: loc.Node.ID}
	refs := func() (list [2]uint32) {
		p.must(p.w.DB.View(t.Context(), func(v *meta.View) error {
			for i, sh := range []engine.ID{a, b} {
				ref, err := schema.GetShareRef(v, who.Tenant, who.User, sh)
				if err != nil {
					return err
				}
				list[i] = ref.Entries
			}
			return nil
		}))
		return list
	}
	rows := func(sh engine.ID) (list []*engine.Change) {
		p.must(p.w.DB.View(t.Context(), func(v *meta.View) error {
			list = nil
			return schema.ScanChanges(v, who.Tenant, sh, 0, func(c *engine.Change) (bool, error) {
				list = append(list, c)
				return true, nil
			})
		}))
		return list
	}
	want := func(what string, is [2]uint32) {
		t.Helper()
		if got := refs(); got != is {
			t.Errorf("%s: %v, want %v", what, got, is)
		}
	}
	spec := acl.Spec{Type: engine.EntryAllow, Kind: engine.PrincipalUser, Principal: who.User, Rights: engine.RightRead, AppliesTo: engine.AppliesToThisAndDescendants}
	deny := spec
	deny.Type = engine.EntryDeny
	set := func(s acl.Spec) {
		t.Helper()
		_, _, err := p.acl.Set(t.Context(), p.admin(), res, s, nil)
		p.must(err)
	}
	set(deny)
	want("a denial gives no share", [2]uint32{})
	before := len(rows(a))
	set(spec)
	want("a grant", [2]uint32{1, 0})
	set(spec)
	got := rows(a)
	if len(got) != before+1 {
		t.Fatalf("%d rows for one change and one that changes nothing", len(got)-before)
	}
	if c := got[before]; c.Kind != engine.ChangeUpdated || !c.AccessChanged || !slices.Equal(c.Affected, []engine.ID{who.User}) || c.Node != loc.Node.ID {
		t.Errorf("%+v", c)
	}
	_, err = p.tree.Move(t.Context(), p.admin(), tree.Move{ID: loc.Node.ID, Kind: engine.KindFolder, To: &tree.Target{Share: b}})
	p.must(err)
	want("moved to another share", [2]uint32{0, 1})
	p.must(p.tree.Purge(t.Context(), p.admin(), loc.Node.ID, engine.KindFolder, engine.ID{}))
	p.must(p.tree.RemovePurged(t.Context()))
	want("gone for good", [2]uint32{})
}
