package journal_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"scaidrive/engine"
	"scaidrive/engine/journal"
	"scaidrive/engine/meta"
	"scaidrive/engine/meta/schema"
)

const day = 24 * time.Hour

// logLines are the rows that a share's log keeps.
func (f *fixture) logLines() (lines []string) {
	f.t.Helper()
	err := f.DB.View(ctx, func(v *meta.View) error {
		lines = nil
		return schema.ScanChanges(v, f.Tenant.No, f.Share, 0, func(c *engine.Change) (bool, error) {
			lines = append(lines, fmt.Sprint(c.Seq, " ", c.Kind))
			return true, nil
		})
	})
	if err != nil {
		f.t.Fatal(err)
	}
	return lines
}

func (f *fixture) floor() uint64 { return f.GetShare(f.t, f.Share).LogFloor }

// A device that the log is not kept for any more is to list the share anew, until it
// has; and one that was asked to, until it was told.
func TestResyncs(t *testing.T) {
	f := memory(t)
	p := f.Owner
	if _, err := f.journal.PutDevice(ctx, p, journal.DeviceSpec{ID: "d"}); err != nil {
		t.Fatal(err)
	}
	first := f.GetShare(t, f.Share).Seq
	f.apply(f.Owner, false, mkdir("/a"), mkdir("/b"))
	set := func(change func(d *engine.DeviceShare, sh *engine.Share)) {
		t.Helper()
		err := f.DB.Update(ctx, func(tx *meta.Tx) error {
			sh, err := schema.GetShare(tx, f.Tenant.No, f.Share)
			if err != nil {
				return err
			}
			d, err := schema.GetDeviceShare(tx, f.Tenant.No, p.User, "d", f.Share)
			if errors.Is(err, schema.ErrNotFound) {
				d, err = &engine.DeviceShare{Position: first}, nil
			}
			if err != nil {
				return err
			}
			change(d, sh)
			return errors.Join(schema.PutShare(tx, f.Tenant.No, sh), schema.PutDeviceShare(tx, f.Tenant.No, p.User, "d", f.Share, d))
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	expect := func(what string, want int) []journal.Resync {
		t.Helper()
		list, err := f.journal.Resyncs(ctx, p, "d")
		if err != nil || len(list) != want || want > 0 && list[0].Share != f.Share {
			t.Fatalf("%s: %v, %v", what, list, err)
		}
		return list
	}
	told := func(list []journal.Resync) {
		t.Helper()
		if err := f.journal.ToldResyncs(ctx, p, "d", list); err != nil {
			t.Fatal(err)
		}
	}
	ask := func() {
		t.Helper()
		if err := f.journal.AskResync(ctx, p, f.Share, "d"); err != nil {
			t.Fatal(err)
		}
	}
	expect("nothing yet", 0)
	set(func(d *engine.DeviceShare, sh *engine.Share) { sh.LogFloor = first })
	expect("just kept", 0)
	set(func(d *engine.DeviceShare, sh *engine.Share) { sh.LogFloor = first + 1 })
	told(expect("not kept", 1))
	expect("not listed yet", 1)
	set(func(d *engine.DeviceShare, sh *engine.Share) { d.Position = sh.Seq })
	expect("listed", 0)

	ask()
	before := expect("asked", 1)
	f.Clock.Pass(time.Second)
	ask()
	told(before)
	told(expect("asked again meanwhile", 1))
	expect("told", 0)
	if err := f.journal.AskResyncOf(ctx, f.Tenant.No, p.User); err != nil {
		t.Fatal(err)
	}
	expect("all devices", 1)
	if _, err := f.journal.Resyncs(ctx, p, "e"); engine.KindOf(err) != engine.KindNotFound {
		t.Errorf("another device: %v", err)
	}
}

func goneFor(err error) string {
	var g *journal.GoneError
	if errors.As(err, &g) {
		return g.Reason
	}
	return fmt.Sprint(err)
}

// Old rows go but for the last of each thing, what is gone for good goes later, and
// whoever is further behind is told so, whichever rows are left.
func TestThinning(t *testing.T) {
	f := memory(t)
	made := f.apply(f.Owner, false, mkdir("/a"), mkdir("/b"), mkdir("/c")).Applied
	a, b := made[0].Node.Node.ID, made[1].Node.Node.ID
	rename := func(id engine.ID, name string) {
		f.apply(f.Owner, false, journal.Change{Resource: engine.ResourceFolder, Kind: engine.ChangeRenamed, ResourceID: id, Name: name})
	}
	rename(a, "a1")
	f.apply(f.Owner, false, journal.Change{Resource: engine.ResourceFolder, Kind: engine.ChangeDeleted, ResourceID: b})
	rename(a, "a2")
	first, head := made[0].Seq-1, f.GetShare(t, f.Share).Seq
	all := f.logLines()
	keep := journal.Keep{Age: 90 * day, Rows: 0, Deletions: 400 * day}
	thin := func() {
		t.Helper()
		if err := f.journal.Thin(ctx, keep); err != nil {
			t.Fatal(err)
		}
	}
	same := func(what string, want []string, floor uint64) {
		t.Helper()
		if got := f.logLines(); fmt.Sprint(got) != fmt.Sprint(want) || f.floor() != floor {
			t.Errorf("%s: %v above %d, want %v above %d", what, got, f.floor(), want, floor)
		}
	}
	f.Pass(89 * day)
	thin()
	same("young rows", all, 0)
	f.Pass(2 * day)
	keep.Rows = head
	thin()
	same("few rows", all, 0)
	keep.Rows = 0

	f.putDevice("slow")
	if _, _, err := f.journal.SetCursor(ctx, f.Owner, f.Share, "slow", f.journal.Cursor(first), ""); err != nil {
		t.Fatal(err)
	}
	thin()
	same("a device that is behind", all, first)
	if _, _, err := f.journal.SetCursor(ctx, f.Owner, f.Share, "slow", f.journal.Cursor(head-1), ""); err != nil {
		t.Fatal(err)
	}
	thin()
	left := func(rows ...int) (out []string) {
		for _, i := range rows {
			out = append(out, all[int(first)+i])
		}
		return out
	}
	// The rows: a, b and c are made, a renamed, b deleted, a renamed.
	tail := f.logLines()[len(f.logLines())-3:]
	if fmt.Sprint(tail) != fmt.Sprint(left(2, 4, 5)) || f.floor() != head-1 {
		t.Errorf("kept %v above %d, want the last row of each: %v", f.logLines(), f.floor(), left(2, 4, 5))
	}
	for seq := range head - 1 {
		at := f.journal.Cursor(seq)
		if _, err := f.journal.Changes(ctx, f.Owner, journal.Follow{Share: f.Share, Cursor: &at, Limit: 10}); goneFor(err) != journal.GoneExpired {
			t.Errorf("a cursor at %d: %v", seq, err)
		}
	}
	at := f.journal.Cursor(head - 1)
	if got, err := f.journal.Changes(ctx, f.Owner, journal.Follow{Share: f.Share, Cursor: &at, Limit: 10}); err != nil || len(got.Rows) != 1 {
		t.Errorf("a cursor at the edge: %v %v", got, err)
	}
	f.Pass(401 * day) // the device is not waited for any more, and deletions go
	thin()
	tail = f.logLines()[len(f.logLines())-2:]
	if fmt.Sprint(tail) != fmt.Sprint(left(2, 5)) || f.floor() != head {
		t.Errorf("after 400 days %v above %d", f.logLines(), f.floor())
	}
	if got, err := f.journal.Status(ctx, f.Owner, f.Share, "slow"); err != nil || got.Pending == 0 {
		t.Errorf("the status of a device that is too far behind: %+v %v", got, err)
	}
}

func (f *fixture) putDevice(id string) {
	f.t.Helper()
	if _, err := f.journal.PutDevice(ctx, f.Owner, journal.DeviceSpec{ID: id, Name: id}); err != nil {
		f.t.Fatal(err)
	}
}
