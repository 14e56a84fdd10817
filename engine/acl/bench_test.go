//go:build unix

package acl_test

import (
	"fmt"
	"strconv"
	"syscall"
	"testing"

	"scaidrive/engine"
	"scaidrive/engine/access"
	"scaidrive/engine/acl"
	"scaidrive/engine/enginetest"
	"scaidrive/engine/meta"
	"scaidrive/engine/meta/schema"
	"scaidrive/engine/people"
	"scaidrive/engine/share"
	"scaidrive/engine/tree"
)

// deep is a file 12 levels deep, with entries for groups on three of them, and a user
// in 50 groups, to one of which the share is open.
type deep struct {
	w     *enginetest.World
	tree  *tree.Service
	acl   *acl.Service
	share engine.ID
	path  []engine.ID
	file  engine.ID
	who   *engine.Principal
	group []engine.ID
}

func newDeep(b testing.TB) *deep {
	b.Helper()
	d := &deep{w: enginetest.New(b)}
	ctx, admin := b.Context(), d.w.As(d.w.Admin)
	d.tree = tree.New(d.w.DB, d.w.Env())
	d.acl = acl.New(d.w.DB, d.tree, d.w.Env())
	users := people.New(d.w.DB, d.w.Env(), d.w.Identity, d.w.Shares)
	u := d.w.AddUser(b, "deep@example.com")
	d.who = d.w.As(u)
	for i := range 50 {
		g, err := users.CreateGroup(ctx, admin, "g"+strconv.Itoa(i), "")
		if err != nil {
			b.Fatal(err)
		}
		if _, err := users.AddMember(ctx, admin, g.ID, engine.PrincipalUser, u.ID); err != nil {
			b.Fatal(err)
		}
		d.group = append(d.group, g.ID)
	}
	sh, err := d.w.Shares.Create(ctx, d.w.As(d.w.User), share.CreateSpec{Name: "S", Type: engine.ShareProject, QuotaBytes: -1})
	if err != nil {
		b.Fatal(err)
	}
	d.share = sh.ID
	if _, err := d.w.Shares.AddMember(ctx, admin, sh.ID, share.MemberSpec{Kind: engine.PrincipalGroup, Principal: d.group[40], Role: engine.MemberReader}); err != nil {
		b.Fatal(err)
	}
	parent := sh.ID
	for i := range 11 {
		loc, err := d.tree.Mkdir(ctx, admin, sh.ID, parent, "level"+strconv.Itoa(i))
		if err != nil {
			b.Fatal(err)
		}
		parent = loc.Node.ID
		d.path = append(d.path, parent)
	}
	if d.file, err = putFile(ctx, d.w, d.tree, admin, sh.ID, parent, "f"); err != nil {
		b.Fatal(err)
	}
	for i, level := range []int{2, 5, 8} {
		d.set(b, d.path[level], engine.EntryAllow, d.group[10+i], engine.RightWrite<<i)
	}
	return d
}

func (d *deep) set(b testing.TB, folder engine.ID, typ engine.EntryType, group engine.ID, rights engine.Right) {
	b.Helper()
	_, _, err := d.acl.Set(b.Context(), d.w.As(d.w.Admin), acl.Resource{Kind: engine.ResourceFolder, ID: folder},
		acl.Spec{Type: typ, Kind: engine.PrincipalGroup, Principal: group, Rights: rights, AppliesTo: engine.AppliesToThisAndDescendants}, nil)
	if err != nil {
		b.Fatal(err)
	}
}

// cpu reports the processor time of a benchmark beside its time, which says more on
// a machine with other things to do. Begun where the work begins.
func cpu(b *testing.B) func() {
	used := func() int64 {
		var u syscall.Rusage
		if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
			b.Fatal(err)
		}
		return u.Utime.Nano() + u.Stime.Nano()
	}
	begun := used()
	return func() { b.ReportMetric(float64(used()-begun)/float64(b.N), "cpu-ns/op") }
}

// view runs fn in views of so many calls each, so that it is the decision that is
// measured.
func view(b *testing.B, db *meta.DB, fn func(*meta.View) error) {
	defer cpu(b)()
	for left := 1; left > 0; {
		err := db.View(b.Context(), func(v *meta.View) error {
			for range 1000 {
				if !b.Loop() {
					left = 0
					return nil
				}
				if err := fn(v); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
	}
}

// A decision about a file 12 levels deep for a user in 50 groups: asked before, and
// by somebody of whom nothing is known yet.
func BenchmarkDecision(b *testing.B) {
	d := newDeep(b)
	want := engine.RightRead | engine.RightWrite | engine.RightDelete | engine.RightCreate
	decide := func(v *meta.View, p *engine.Principal) error {
		got, _, err := access.On(v, p, d.file)
		if err == nil && got != want {
			err = fmt.Errorf("%06b", got)
		}
		return err
	}
	b.Run("warm", func(b *testing.B) {
		d.who.Memo = &engine.Memo{}
		view(b, d.w.DB, func(v *meta.View) error { return decide(v, d.who) })
	})
	b.Run("cold", func(b *testing.B) {
		p := *d.who
		view(b, d.w.DB, func(v *meta.View) error {
			p.Memo = &engine.Memo{}
			return decide(v, &p)
		})
	})
	b.Run("request", func(b *testing.B) { // a view of its own for each
		d.who.Memo = &engine.Memo{}
		defer cpu(b)()
		for b.Loop() {
			if err := d.w.DB.View(b.Context(), func(v *meta.View) error { return decide(v, d.who) }); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// A page of 100 of a folder whose entries each have entries of their own, beside one
// of a folder without any.
func BenchmarkListing(b *testing.B) {
	d := newDeep(b)
	admin := d.w.As(d.w.Admin)
	folders := map[string]engine.ID{}
	for _, name := range []string{"plain", "mixed"} {
		loc, err := d.tree.Mkdir(b.Context(), admin, d.share, d.path[len(d.path)-1], name)
		if err != nil {
			b.Fatal(err)
		}
		folders[name] = loc.Node.ID
		for i := range 150 {
			id, err := putFile(b.Context(), d.w, d.tree, admin, d.share, loc.Node.ID, fmt.Sprintf("%03d", i))
			if err != nil {
				b.Fatal(err)
			}
			if name == "plain" || i%3 == 0 {
				continue
			}
			typ, rights := engine.EntryAllow, engine.RightShare
			if i%3 == 1 {
				typ, rights = engine.EntryDeny, engine.RightWrite
			}
			_, _, err = d.acl.Set(b.Context(), admin, acl.Resource{Kind: engine.ResourceFile, ID: id},
				acl.Spec{Type: typ, Kind: engine.PrincipalGroup, Principal: d.group[i%50], Rights: rights, AppliesTo: engine.AppliesToThisAndDescendants}, nil)
			if err != nil {
				b.Fatal(err)
			}
		}
	}
	d.who.Memo = &engine.Memo{}
	for _, name := range []string{"plain", "mixed"} {
		b.Run(name, func(b *testing.B) {
			defer cpu(b)()
			for b.Loop() {
				page, err := d.tree.Children(b.Context(), d.who, folders[name], 100, 0, "")
				if err != nil || len(page.Items) != 100 {
					b.Fatal(len(page.Items), err)
				}
			}
		})
	}
}

// A change of an entry at the top of a share, with so many objects below it, and the
// first decision after it, deep below.
func BenchmarkChangeAtTheTop(b *testing.B) {
	for _, n := range []int{1000, 1_000_000} {
		if n > 1000 && testing.Short() {
			continue
		}
		b.Run(strconv.Itoa(n), func(b *testing.B) {
			d := newDeep(b)
			d.fill(b, n)
			d.who.Memo = &engine.Memo{}
			typ := engine.EntryAllow
			defer cpu(b)()
			for b.Loop() {
				if typ = 3 - typ; typ == engine.EntryDeny {
					d.set(b, d.share, typ, d.group[3], engine.RightShare)
				} else {
					err := d.acl.Remove(b.Context(), d.w.As(d.w.Admin), acl.Resource{Kind: engine.ResourceShare, ID: d.share},
						engine.PrincipalGroup, d.group[3], engine.EntryDeny, 0, nil)
					if err != nil {
						b.Fatal(err)
					}
				}
				err := d.w.DB.View(b.Context(), func(v *meta.View) error {
					_, _, err := access.On(v, d.who, d.file)
					return err
				})
				if err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// fill puts n files below the deepest folder, 1,000 in each folder, by their records.
func (d *deep) fill(b *testing.B, n int) {
	b.Helper()
	top := d.path[len(d.path)-1]
	for n > 0 {
		err := d.w.DB.Update(b.Context(), func(tx *meta.Tx) error {
			up, err := schema.GetNode(tx, 1, top)
			if err != nil {
				return err
			}
			f := &engine.Node{ID: d.w.NewID(), Kind: engine.KindFolder, Parent: top, Name: "fill" + strconv.Itoa(n), Owner: d.w.Admin.ID}
			if err := schema.LinkChild(tx, 1, up, []byte(f.Name), &engine.Child{Node: f.ID, Kind: f.Kind}); err != nil {
				return err
			}
			for i := range min(n, 1000) {
				c := &engine.Node{ID: d.w.NewID(), Kind: engine.KindFile, Parent: f.ID, Name: fmt.Sprintf("%04d", i), Owner: d.w.Admin.ID, Version: 1}
				if err := schema.LinkChild(tx, 1, f, []byte(c.Name), &engine.Child{Node: c.ID, Kind: c.Kind}); err != nil {
					return err
				}
				if err := schema.PutNode(tx, 1, c); err != nil {
					return err
				}
			}
			n -= 1000
			if err := schema.PutNode(tx, 1, f); err != nil {
				return err
			}
			return schema.PutNode(tx, 1, up)
		})
		if err != nil {
			b.Fatal(err)
		}
	}
}
