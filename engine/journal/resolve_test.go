package journal_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"scaidrive/engine"
	"scaidrive/engine/journal"
	"scaidrive/engine/journal/journaltest"
	"scaidrive/engine/transfer/transfertest"
)

// sorted puts the parts of a state in order.
func sorted(state string) string {
	lines := strings.Split(state, " | ")
	slices.Sort(lines)
	return strings.Join(lines, " | ")
}

// Every open conflict of the table, resolved in each way.
func TestResolve(t *testing.T) {
	tests := []struct{ row, mine, theirs, both string }{
		{"S01 edit and edit", "a=Y", "a=X", "a=X | a (conflict B)=Y"},
		{"S03a edit, then delete", "trash a=X", "a=X", "a=X"},
		{"S03b delete, then edit", "a=X", "trash a=base", "a=X"},
		{"S04 edit in a folder, then its deletion", "d/e/ | trash d/e/ | trash d/e/h=X | trash d/f=F",
			"d/e/h=X | trash d/e/ | trash d/f=F", "d/e/h=X | trash d/e/ | trash d/f=F"},
		{"S04 deletion of a folder, then an edit in it", "d/e/h=X | trash d/e/ | trash d/f=F",
			"d/e/ | trash d/e/ | trash d/e/h=X | trash d/f=F", "d/e/h=X | trash d/e/ | trash d/f=F"},
		{"S06 rename and rename", "c=base", "b=base", "b=base"},
		{"S08 rename, then delete", "trash b=base", "b=base", "b=base"},
		{"S08 delete, then rename", "b=base", "trash b=base", "b=base"},
		{"S08 folder renamed, then deleted", "trash c/e/h=H | trash c/f=F", "c/e/h=H | c/f=F", "c/e/h=H | c/f=F"},
		{"S09 two things renamed to one name", "n=2 | n (conflict B)=1", "n=1 | n (conflict B)=2", "n=1 | n (conflict B)=2"},
		{"S10 two new files of one name", "n=Y", "n=X", "n=X | n (conflict B)=Y"},
		{"S16 folder becomes a file, then new in the folder", "d (conflict B)=F | d/n=N | trash d/", "d=F | trash d/n=N", "d=F | d (conflict B)/n=N | trash d/"},
		{"S17 file becomes a folder, then an edit of the file", "d=Y | d (conflict B)/", "d/ | trash d=base", "d/ | d (conflict B)=Y"},
		{"S18 deleted and made anew, then an edit of the old", "a=Y | trash a=base", "a=N | trash a=base", "a=N | a (conflict B)=Y | trash a=base"},
		{"S49 three edits", "a=Z", "a=X", "a=X | a (conflict B)=Y | a (conflict C)=Z"},
	}
	rows := map[string]journaltest.Scenario{}
	for _, sc := range journaltest.Scenarios() {
		rows[sc.Name] = sc
	}
	for _, tt := range tests {
		for by, want := range map[engine.Strategy]string{engine.ClientWins: tt.mine, engine.ServerWins: tt.theirs, engine.KeepBoth: tt.both} {
			t.Run(tt.row+"/"+map[engine.Strategy]string{engine.ClientWins: "mine", engine.ServerWins: "theirs", engine.KeepBoth: "both"}[by], func(t *testing.T) {
				st := newStage(t, journaltest.M)
				sc := rows[tt.row]
				st.play(&sc)
				open, err := st.journal.Conflicts(ctx, st.Owner, st.Share, "", false)
				if err != nil || len(open) == 0 {
					t.Fatal(open, err)
				}
				for _, f := range open {
					if f.Intent.HasContent {
						o, err := st.journal.ConflictContent(ctx, st.Owner, f.ID)
						if err != nil {
							t.Fatal(err)
						}
						var b bytes.Buffer
						if err := o.WriteRange(ctx, &b, 0, o.Version.Content.Size); err != nil || st.word(o.Version.Content.SHA256) != strings.TrimPrefix(b.String(), "content ") {
							t.Errorf("its content is %q, %v", &b, err)
						}
					}
					got, err := st.journal.Resolve(ctx, st.Owner, f.ID, by)
					if err != nil || got.Open() || got.Resolution != by || got.ResolvedBy != st.Owner.User {
						t.Fatalf("%+v, %v", got.Conflict, err)
					}
					if _, err := st.journal.ConflictContent(ctx, st.Owner, f.ID); engine.KindOf(err) != engine.KindNotFound {
						t.Error("content after the resolution:", err)
					}
					seq := st.GetShare(t, st.Share).Seq
					if _, err := st.journal.Resolve(ctx, st.Owner, f.ID, by); err != nil || st.GetShare(t, st.Share).Seq != seq {
						t.Error("again:", err)
					}
					if _, err := st.journal.Resolve(ctx, st.Owner, f.ID, engine.LastWriterWins); engine.KindOf(err) != engine.KindConflict {
						t.Error("otherwise:", err)
					}
				}
				if got := st.state(); got != sorted(want) {
					t.Errorf("\n got %s\nwant %s", got, sorted(want))
				}
				st.nothingLost()
			})
		}
	}
}

// Others see no conflict, and what a stranger asks for is not there.
func TestConflictsAreHidden(t *testing.T) {
	st := newStage(t, journaltest.M)
	sc := journaltest.Scenario{Given: []string{"create a base"}, Acts: []string{"A edit a X", "B edit a Y"}}
	st.play(&sc)
	open, err := st.journal.Conflicts(ctx, st.Root, st.Share, "", false)
	if err != nil || len(open) != 1 || open[0].Node == nil || open[0].Node.Path != "/a" {
		t.Fatal(open, err)
	}
	if list, err := st.journal.Conflicts(ctx, st.Owner, st.Share, "dev-A", true); err != nil || len(list) != 0 {
		t.Error("of another device:", list, err)
	}
	if list, err := st.journal.Conflicts(ctx, st.Owner, st.Share, "dev-B", true); err != nil || len(list) != 1 {
		t.Error("of the device:", list, err)
	}
	for _, p := range []*engine.Principal{st.Stranger, st.Foreigner} {
		_, err1 := st.journal.Conflicts(ctx, p, st.Share, "", true)
		_, err2 := st.journal.Resolve(ctx, p, open[0].ID, engine.ClientWins)
		_, err3 := st.journal.ConflictContent(ctx, p, open[0].ID)
		for _, err := range []error{err1, err2, err3} {
			if engine.KindOf(err) != engine.KindNotFound {
				t.Error(err)
			}
		}
	}
}

// Long contents have manifests: what they don't share is compared outside of the
// commit.
func TestLongContentsMeet(t *testing.T) {
	for _, strategy := range []engine.Strategy{engine.LastWriterWins, engine.KeepBoth, engine.Manual, engine.ServerWins, engine.ClientWins} {
		f := memory(t)
		base := transfertest.Random(1, 6<<20)
		at := f.apply(f.Owner, false, create("/f", f.send(base)), create("/g", f.send(base))).Applied
		x, y := append(transfertest.Random(2, 1<<20), base...), append(base[:4<<20:4<<20], transfertest.Random(3, 3<<20)...)
		edit := func(k int, data []byte) journal.Change {
			n := at[k].Node.Node
			return journal.Change{Resource: engine.ResourceFile, Kind: engine.ChangeUpdated, ResourceID: n.ID, Base: n.VersionID, Content: f.send(data)}
		}
		if got := outcome(f.apply(f.Owner, false, edit(0, x), edit(1, x))); got != "[+ +]" {
			t.Fatal(got)
		}
		res, err := f.journal.Apply(ctx, f.Owner, journal.Batch{Share: f.Share, Strategy: strategy, Changes: []journal.Change{edit(0, y), edit(1, y)}})
		if err != nil || len(res.Conflicts) != 2 {
			t.Fatalf("%d: %+v, %v", strategy, res, err)
		}
		st := &stage{fixture: f}
		st.nothingLost() // counts too
		if strategy == engine.Manual {
			if _, err := f.journal.Resolve(ctx, f.Owner, res.Conflicts[0].Conflict.ID, engine.ClientWins); err != nil {
				t.Fatal(err)
			}
			st.nothingLost()
		}
		var all [][]byte
		for v := uint64(1); v <= 3; v++ {
			o, err := f.Transfer.Open(ctx, f.Owner, at[0].Node.Node.ID, v)
			if err != nil {
				break
			}
			var b bytes.Buffer
			if err := o.WriteRange(ctx, &b, 0, o.Version.Content.Size); err != nil {
				t.Fatal(err)
			}
			all = append(all, b.Bytes())
		}
		if c := res.Conflicts[0].Conflict.Copy; !c.IsZero() {
			all = append(all, f.read(c))
		}
		if len(all) != 3 || !bytes.Equal(all[0], base) || !bytes.Equal(all[1], x) || !bytes.Equal(all[2], y) {
			t.Errorf("%d: %d contents are there", strategy, len(all))
		}
	}
}
