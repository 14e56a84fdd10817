package journal_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"scaidrive/engine"
	"scaidrive/engine/journal"
	"scaidrive/engine/meta"
	"scaidrive/engine/meta/schema"
)

// rowsOf gives what a caller is shown of some shares' logs, latest first.
func (f *fixture) rowsOf(t *testing.T, p *engine.Principal, shares []engine.ID) (list []journal.Row) {
	t.Helper()
	for _, sh := range shares {
		start := f.journal.Cursor(0)
		for more := true; more; {
			feed, err := f.journal.Changes(ctx, p, journal.Follow{Share: sh, Cursor: &start, Limit: 100})
			if err != nil {
				t.Fatal(err)
			}
			list = append(list, feed.Rows...)
			start, more = feed.Cursor, feed.More
		}
	}
	slices.SortFunc(list, func(a, b journal.Row) int {
		if c := b.At.Compare(a.At); c != 0 {
			return c
		}
		return bytes.Compare(b.ID[:], a.ID[:])
	})
	return list
}

func shown(list []journal.Row) (lines []string) {
	for _, r := range list {
		lines = append(lines, fmt.Sprint(r.Seq, r.Share, r.Kind, r.Change.Node))
	}
	return lines
}

// all asks page by page.
func (f *fixture) all(t *testing.T, p *engine.Principal, q journal.Look) (list []journal.Row) {
	t.Helper()
	for pages := 0; pages < 10_000; pages++ {
		h, err := f.journal.Activity(ctx, p, q)
		if err != nil {
			t.Fatal(err)
		}
		if len(h.List) > q.Limit {
			t.Fatalf("%d on a page of %d", len(h.List), q.Limit)
		}
		for _, a := range h.List {
			list = append(list, a.Row)
		}
		if q.Token = h.Next; q.Token == "" {
			return list
		}
	}
	t.Fatal("it does not end")
	return nil
}

// The pages of what happened, in whatever steps and with whatever bounds, are the
// rows that the same caller follows, latest first: nothing that is hidden from them,
// nothing twice, nothing left out.
func TestActivityIsTheChangeLog(t *testing.T) {
	f := memory(t)
	seed := uint64(time.Now().UnixNano())
	rnd := rand.New(rand.NewPCG(seed, 1))
	shares := []engine.ID{f.Share, f.NewShare(t, -1), f.NewShare(t, -1)}
	if err := f.DB.Update(ctx, func(tx *meta.Tx) error {
		for _, id := range shares {
			sh, err := schema.GetShare(tx, 1, id)
			if err != nil {
				return err
			}
			m := engine.ShareMember{Share: id, Principal: f.Stranger.User, Kind: engine.PrincipalUser, Role: engine.MemberContributor}
			if err := schema.PutShareMember(tx, 1, sh, &m); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	var folders []engine.ID
	folders = append(folders, shares...)
	var moments []time.Time
	for i := range 150 {
		if rnd.IntN(3) == 0 {
			f.Pass(time.Second)
		}
		moments = append(moments, f.Now())
		p := []*engine.Principal{f.Owner, f.Stranger}[rnd.IntN(2)]
		in := folders[rnd.IntN(len(folders))]
		switch rnd.IntN(6) {
		case 0:
			_ = f.Tree.Trash(ctx, p, in, engine.KindFolder, engine.ID{}) // often refused
		default:
			l, err := f.Tree.Mkdir(ctx, p, engine.ID{}, in, fmt.Sprint("d", i))
			if err == nil {
				folders = append(folders, l.Node.ID)
			}
		}
	}
	hidden := engine.ID{}
	if err := f.DB.Update(ctx, func(tx *meta.Tx) error {
		for _, id := range folders[3:] {
			n, err := schema.GetNode(tx, 1, id)
			if err != nil {
				return err
			}
			if !n.DeletedAt.IsZero() || n.Parent != f.Share {
				continue
			}
			sh, err := schema.GetShare(tx, 1, f.Share)
			if err != nil {
				return err
			}
			hidden = id
			return schema.PutEntries(tx, 1, sh, n, []engine.Entry{{
				ID: f.NewID(), Type: engine.EntryDeny, Kind: engine.PrincipalUser, Principal: f.Stranger.User,
				Rights: engine.RightRead, AppliesTo: engine.AppliesToThisAndDescendants,
			}})
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	// A thinned log has gaps.
	if err := f.DB.Update(ctx, func(tx *meta.Tx) error {
		for seq := uint64(2); seq < 20; seq += 3 {
			if err := schema.DeleteChange(tx, 1, shares[1], seq); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	for _, p := range []*engine.Principal{f.Owner, f.Stranger} {
		want := f.rowsOf(t, p, shares)
		for range 40 {
			q := journal.Look{Shares: shares, Limit: 1 + rnd.IntN(12)}
			expected := slices.Clone(want)
			keep := func(fn func(journal.Row) bool) {
				expected = slices.DeleteFunc(expected, func(r journal.Row) bool { return !fn(r) })
			}
			if rnd.IntN(3) == 0 {
				q.From = moments[rnd.IntN(len(moments))]
				keep(func(r journal.Row) bool { return !r.At.Before(q.From) })
			}
			if rnd.IntN(3) == 0 {
				q.To = moments[rnd.IntN(len(moments))]
				keep(func(r journal.Row) bool { return r.At.Before(q.To) })
			}
			if rnd.IntN(3) == 0 {
				q.By = f.Stranger.User
				keep(func(r journal.Row) bool { return r.By == q.By })
			}
			if rnd.IntN(3) == 0 {
				q.Share = shares[rnd.IntN(3)]
				keep(func(r journal.Row) bool { return r.Share == q.Share })
			}
			if diff := cmp.Diff(shown(expected), shown(f.all(t, p, q))); diff != "" {
				t.Fatalf("seed %d, %+v (-want +got):\n%s", seed, q, diff)
			}
		}
	}
	for _, r := range f.all(t, f.Stranger, journal.Look{Shares: shares, Limit: 50}) {
		if r.Change.Node == hidden {
			t.Errorf("seed %d: a row of what is hidden", seed)
		}
	}
}

// In a long log a page near its beginning, and one that finds nothing, cost little
// and end.
func TestActivityInALongLog(t *testing.T) {
	f := memory(t)
	l, err := f.Tree.Mkdir(ctx, f.Owner, f.Share, f.Share, "d")
	if err != nil {
		t.Fatal(err)
	}
	const rows = 60_000
	old := f.Now()
	for from := 0; from < rows; from += 10_000 {
		f.Pass(time.Hour)
		if err := f.DB.Update(ctx, func(tx *meta.Tx) error {
			sh, err := schema.GetShare(tx, 1, f.Share)
			if err != nil {
				return err
			}
			for range 10_000 {
				sh.Seq++
				c := engine.Change{ID: f.NewID(), Share: sh.ID, Seq: sh.Seq, Kind: engine.ChangeUpdated, Resource: engine.ResourceFolder, Node: l.Node.ID, By: f.Owner.User, At: f.Now(), NewParent: sh.ID, NewName: "d"}
				if err := schema.PutChange(tx, 1, &c); err != nil {
					return err
				}
			}
			return schema.PutShare(tx, 1, sh)
		}); err != nil {
			t.Fatal(err)
		}
	}
	h, err := f.journal.Activity(ctx, f.Owner, journal.Look{Share: f.Share, To: old.Add(time.Minute), Limit: 10})
	if err != nil || len(h.List) != 1 || h.List[0].Kind != engine.ChangeCreated || h.Next != "" {
		t.Errorf("the beginning: %+v, %v", h, err)
	}
	calls, q := 0, journal.Look{Share: f.Share, By: f.Stranger.User, Limit: 10}
	for calls = 1; calls < 1000; calls++ {
		h, err := f.journal.Activity(ctx, f.Owner, q)
		if err != nil || len(h.List) != 0 {
			t.Fatal(h, err)
		}
		if q.Token = h.Next; q.Token == "" {
			break
		}
	}
	if calls < rows/20_000 || calls == 1000 {
		t.Errorf("%d calls for %d rows", calls, rows)
	}
}
