package journal_test

import (
	"bytes"
	"context"
	"fmt"
	"testing"
	"time"

	"scaidrive/chunkstore/vfs"
	"scaidrive/engine"
	"scaidrive/engine/journal"
	"scaidrive/engine/journal/journaltest"
	"scaidrive/engine/meta"
	"scaidrive/engine/meta/schema"
	"scaidrive/engine/transfer/transfertest"
)

// Replaying the rows over the listing of their beginning gives the tree as it is,
// under whatever the scenarios do.
func TestRowsLeadToTheTree(t *testing.T) {
	for _, sc := range journaltest.Scenarios() {
		st := newStage(t, journaltest.KB)
		start := int64(7 << 36)
		st.play(&sc)
		type at struct {
			parent engine.ID
			name   string
		}
		got := map[engine.ID]at{}
		for more := true; more; {
			f, err := st.journal.Changes(ctx, st.Owner, journal.Follow{Share: st.Share, Cursor: &start, Limit: 2})
			if err != nil {
				t.Fatal(sc.Name, err)
			}
			for _, r := range f.Rows {
				if r.Kind == engine.ChangeDeleted {
					delete(got, r.Change.Node)
					continue
				}
				if r.NewPath == nil || r.Node == nil {
					t.Errorf("%s: a row without a place: %+v", sc.Name, r.Change)
				}
				got[r.Change.Node] = at{r.NewParent, r.NewName}
			}
			start, more = f.Cursor, f.More
		}
		want := map[engine.ID]at{}
		l, err := st.Tree.Walk(ctx, st.Owner, st.Share, st.Share, 1000, "")
		if err != nil {
			t.Fatal(err)
		}
		for _, n := range l.Entries {
			want[n.ID] = at{n.Parent, n.Name}
		}
		for id := range got { // what went with its folder
			if _, ok := want[id]; !ok {
				if _, parent := want[got[id].parent]; parent || got[id].parent == st.Share {
					t.Errorf("%s: %v is still there for a follower", sc.Name, got[id])
				}
			}
		}
		for id, w := range want {
			if got[id] != w {
				t.Errorf("%s: a follower has %v, the tree %v", sc.Name, got[id], w)
			}
		}
	}
}

// Whoever knows something at the place from which it moved into a folder that is
// deleted by now is told that it is gone: the folder's deletion does not say so.
func TestMovedIntoWhatWasDeleted(t *testing.T) {
	for _, acts := range [][]string{
		{"A mv f d/f", "A rm d"},
		{"A mv f d/e/g", "A rm d"},
		{"A mv f k/f", "A mv k/f d/f", "A rm d"},
		{"A mv f k/f", "A mv k d/k", "A rm d"},
		{"A mv h d/h", "A rm d"},
	} {
		st := newStage(t, journaltest.KB)
		for _, g := range []string{"mkdir d", "mkdir d/e", "mkdir h", "mkdir k", "create f F", "create h/i I"} {
			st.act("Z " + g)
		}
		known := map[engine.ID]engine.ID{} // what a follower has, with the folder it lies in
		b := st.device("B")
		for p, k := range b.known {
			if p != "" {
				known[k.id] = k.parent
			}
		}
		start, err := st.journal.Changes(ctx, st.Owner, journal.Follow{Share: st.Share, Limit: 1})
		if err != nil {
			t.Fatal(err)
		}
		st.sync(st.device("A"))
		for _, a := range acts {
			st.act(a)
		}
		f, err := st.journal.Changes(ctx, st.Owner, journal.Follow{Share: st.Share, Cursor: &start.Cursor, Limit: 100})
		if err != nil {
			t.Fatal(err)
		}
		var drop func(id engine.ID)
		drop = func(id engine.ID) {
			delete(known, id)
			for c, parent := range known {
				if parent == id {
					drop(c)
				}
			}
		}
		for _, r := range f.Rows {
			if r.Kind == engine.ChangeDeleted {
				drop(r.Change.Node)
			} else {
				known[r.Change.Node] = r.NewParent
			}
		}
		l, err := st.Tree.Walk(ctx, st.Owner, st.Share, st.Share, 1000, "")
		if err != nil {
			t.Fatal(err)
		}
		if len(known) != len(l.Entries) {
			t.Errorf("%v: a follower has %d things, the tree %d", acts, len(known), len(l.Entries))
		}
	}
}

// A waiting follower is woken by its share's rows and by no others, and ends with
// its context.
func TestWaiting(t *testing.T) {
	f := memory(t)
	other := f.NewShare(t, -1)
	head := f.journal.Cursor(f.GetShare(t, f.Share).Seq)
	done := make(chan *journal.Feed)
	follow := func(ctx context.Context) {
		out, err := f.journal.Changes(ctx, f.Owner, journal.Follow{Share: f.Share, Cursor: &head, Limit: 10, Wait: 50 * time.Second})
		if err != nil {
			t.Error(err)
		}
		done <- out
	}
	go follow(ctx)
	if _, err := f.Tree.Mkdir(ctx, f.Owner, other, other, "x"); err != nil {
		t.Fatal(err)
	}
	if _, err := f.Tree.Mkdir(ctx, f.Owner, f.Share, f.Share, "d"); err != nil {
		t.Fatal(err)
	}
	if out := <-done; len(out.Rows) != 1 || out.Rows[0].NewName != "d" {
		t.Errorf("%+v", out)
	}
	head = f.journal.Cursor(f.GetShare(t, f.Share).Seq)
	ended, cancel := context.WithCancel(ctx)
	go follow(ended)
	cancel()
	if out := <-done; len(out.Rows) != 0 || out.Cursor != head {
		t.Errorf("%+v", out)
	}
}

// The outcomes of a device are kept up to their bound, the oldest rounds go first.
func TestOutcomesAreBounded(t *testing.T) {
	f := memory(t)
	b := journal.Batch{DeviceID: "d", Share: f.Share}
	send := func(from int) *journal.Result {
		t.Helper()
		b.Changes = nil
		for i := range journal.MaxChanges {
			c := mkdir(fmt.Sprintf("/d%d", (from+i)%20))
			c.ClientRef = fmt.Sprint(from + i)
			b.Changes = append(b.Changes, c)
		}
		res, err := f.journal.Apply(ctx, f.Owner, b)
		if err != nil {
			t.Fatal(err)
		}
		return res
	}
	for i := 0; i <= journal.MaxOutcomes; i += journal.MaxChanges {
		send(i)
	}
	known := func(ref int) bool {
		err := f.DB.View(ctx, func(v *meta.View) error {
			_, err := schema.GetOutcome(v, f.Tenant.No, f.Owner.User, "d", fmt.Sprint(ref))
			return err
		})
		return err == nil
	}
	if known(0) || known(999) || !known(1000) || !known(journal.MaxOutcomes+999) {
		t.Errorf("known: %v %v %v %v", known(0), known(999), known(1000), known(journal.MaxOutcomes+999))
	}
}

// Where a copy has no room the content is kept as a version and the conflict waits;
// where that has none either, the change is refused and nothing is lost.
func TestNoRoomForACopy(t *testing.T) {
	f := memory(t)
	base := transfertest.Random(1, 600)
	f.Share = f.NewShare(t, 1500)
	at := f.apply(f.Owner, false, create("/f", f.send(base))).Applied[0].Node.Node
	edit := func(data []byte) journal.Change {
		return journal.Change{Resource: engine.ResourceFile, Kind: engine.ChangeUpdated, ResourceID: at.ID, Base: at.VersionID, Content: f.send(data)}
	}
	if got := outcome(f.apply(f.Owner, false, edit(transfertest.Random(2, 600)))); got != "[+]" {
		t.Fatal(got)
	}
	res := f.apply(f.Owner, false, edit(transfertest.Random(3, 500)))
	if got := outcome(res); got != "[full]" {
		t.Errorf("%s %+v", got, res)
	}
	res = f.apply(f.Owner, false, edit(transfertest.Random(3, 200)))
	if got := outcome(res); got != "[met]" || res.Conflicts[0].Conflict.Copy.IsZero() {
		t.Errorf("%s %+v", got, res)
	}
	(&stage{fixture: f}).nothingLost()
}

// The i-th write or sync fails, for each i until none fails: a batch with references
// is there once after it was sent again to the server that comes after a crash.
func TestFailNthThenAgain(t *testing.T) {
	for n := 1; ; n++ {
		mem := vfs.NewMem()
		fault := vfs.NewFault(mem)
		f := with(t, transfertest.OnFS(t, fault))
		at := f.apply(f.Owner, false, create("/f", f.send([]byte("base")))).Applied[0].Node.Node
		if got := outcome(f.apply(f.Owner, false, journal.Change{Resource: engine.ResourceFile, Kind: engine.ChangeUpdated, ResourceID: at.ID, Base: at.VersionID, Content: f.send([]byte("X"))})); got != "[+]" {
			t.Fatal(got)
		}
		content := f.send([]byte("Y"))
		b := journal.Batch{DeviceID: "d", Share: f.Share, Changes: []journal.Change{
			{ClientRef: "1", Resource: engine.ResourceFile, Kind: engine.ChangeUpdated, ResourceID: at.ID, Base: at.VersionID, Content: content},
			{ClientRef: "2", Resource: engine.ResourceFolder, Kind: engine.ChangeCreated, Name: "d"},
		}}
		fired := fault.Inject(vfs.Rule{Ops: vfs.OpWrite | vfs.OpSync | vfs.OpAllocate | vfs.OpCreate, N: n})
		_, _ = f.journal.Apply(ctx, f.Owner, b)
		failed := fired() > 0
		fault.Clear()
		again := with(t, f.Reopen(t, mem.CrashDurable()))
		if _, err := again.Transfer.Receive(ctx, again.Owner, again.Share, bytes.NewReader(transfertest.Frames([]byte("Y")))); err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if res, err := again.journal.Apply(ctx, again.Owner, b); err != nil || len(res.Conflicts) != 1 || len(res.Applied) != 1 {
				t.Fatalf("call %d: %+v, %v", n, res, err)
			}
		}
		l, err := again.Tree.Walk(ctx, again.Owner, again.Share, again.Share, 100, "")
		if err != nil || len(l.Entries) != 3 {
			t.Errorf("call %d: %d things, %v", n, len(l.Entries), err)
		}
		if !failed || t.Failed() {
			t.Logf("%d calls failed in turn", n-1)
			return
		}
	}
}
