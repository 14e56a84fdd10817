package journal_test

import (
	"bytes"
	"fmt"
	"testing"

	"scaidrive/chunkstore/vfs"
	"scaidrive/engine"
	"scaidrive/engine/journal"
	"scaidrive/engine/transfer"
	"scaidrive/engine/transfer/transfertest"
)

// read gives all files of a share by path; every byte is read.
func readAll(t *testing.T, s *transfertest.Stack) map[string][]byte {
	t.Helper()
	out := map[string][]byte{}
	paths := map[engine.ID]string{s.Share: ""}
	token := ""
	for {
		l, err := s.Tree.Walk(ctx, s.Owner, s.Share, s.Share, 100, token)
		if err != nil {
			t.Fatal(err)
		}
		for _, n := range l.Entries {
			paths[n.ID] = paths[n.Parent] + "/" + n.Name
			if n.Kind == engine.KindFolder {
				continue
			}
			o, err := s.Transfer.Open(ctx, s.Owner, n.ID, 0)
			if err != nil {
				t.Fatal(err)
			}
			var b bytes.Buffer
			if err := o.WriteRange(ctx, &b, 0, o.Version.Content.Size); err != nil {
				t.Fatalf("%s: %v", paths[n.ID], err)
			}
			out[paths[n.ID]] = b.Bytes()
		}
		if token = l.NextToken; token == "" {
			return out
		}
	}
}

// What was answered is there after a power cut that took all that was not synced.
func TestAnsweredIsDurable(t *testing.T) {
	fsys := vfs.NewMem()
	f := with(t, transfertest.OnFS(t, fsys))
	want := map[string][]byte{}
	check := func() {
		t.Helper()
		got := readAll(t, f.Reopen(t, fsys.CrashDurable()))
		for path, data := range want {
			if !bytes.Equal(got[path], data) {
				t.Errorf("after a crash %s has %d bytes, want %d", path, len(got[path]), len(data))
			}
		}
	}
	for i, n := range []int{10, 300 << 10, 4 << 20} {
		data := transfertest.Random(uint64(i), n)
		path := fmt.Sprint("/up", i)
		if _, err := f.Transfer.Upload(ctx, f.Owner, transfer.UploadSpec{Share: f.Share, Name: path[1:], Size: int64(n)}, bytes.NewReader(data)); err != nil {
			t.Fatal(err)
		}
		want[path] = data
		check()
		data = append(data, 'x')
		path = fmt.Sprint("/applied", i)
		if got := outcome(f.apply(f.Owner, false, create(path, f.send(data)))); got != "[+]" {
			t.Fatal(got)
		}
		want[path] = data
		check()
	}
}

// The i-th call to the file system fails, for each i until none fails: an upload
// and a batch are there whole or not at all, now and after a crash, and whatever
// was answered as done is there.
func TestFailNth(t *testing.T) {
	big := transfertest.Random(1, 3<<20)
	small := transfertest.Random(2, 1000)
	faults := []vfs.Rule{
		{Ops: vfs.OpWrite | vfs.OpSync | vfs.OpAllocate | vfs.OpCreate},
		{Ops: vfs.OpAllocate | vfs.OpCreate, Err: vfs.ErrNoSpace, From: true},
	}
	for _, rule := range faults {
		for n := 1; ; n++ {
			mem := vfs.NewMem()
			fault := vfs.NewFault(mem)
			f := with(t, transfertest.OnFS(t, fault))
			rule.N = n
			fired := fault.Inject(rule)
			done := map[string][]byte{}
			_, err := f.Transfer.Upload(ctx, f.Owner, transfer.UploadSpec{Share: f.Share, Name: "up", Size: int64(len(big))}, bytes.NewReader(big))
			if err == nil {
				done["/up"] = big
			} else if k := engine.KindOf(err); rule.From && k != engine.KindNoSpace {
				t.Errorf("call %d on a full volume: %v", n, err)
			}
			chunks, parts := transfertest.Split(small)
			if _, err := f.Transfer.Receive(ctx, f.Owner, f.Share, bytes.NewReader(transfertest.Frames(parts...))); err == nil {
				res, err := f.journal.Apply(ctx, f.Owner, journal.Batch{Share: f.Share, Changes: []journal.Change{
					mkdir("/d"), create("/d/one", describe(small, chunks)), create("/d/two", describe(small, chunks))}})
				if err == nil && len(res.Applied) == 3 {
					done["/d/one"], done["/d/two"] = small, small
				}
			}
			if rule.From && fired() > 0 {
				fault.Clear() // there is room again
				if _, err := f.Transfer.Upload(ctx, f.Owner, transfer.UploadSpec{Share: f.Share, Name: "later", Size: 3}, bytes.NewReader(small[:3])); err != nil {
					t.Errorf("call %d: no upload after there was room again: %v", n, err)
				}
				done["/later"] = small[:3]
			}
			fault.Clear()
			for when, s := range map[string]*transfertest.Stack{"now": f.Stack, "after a crash": f.Reopen(t, mem.CrashDurable())} {
				got := readAll(t, s)
				for path, data := range done {
					if !bytes.Equal(got[path], data) {
						t.Errorf("call %d, %s: %s was answered as done and has %d bytes", n, when, path, len(got[path]))
					}
				}
				if (got["/d/one"] == nil) != (got["/d/two"] == nil) {
					t.Errorf("call %d, %s: half of a batch is there", n, when)
				}
				for path, data := range got {
					if want := map[string][]byte{"/up": big, "/d/one": small, "/d/two": small, "/later": small[:3]}[path]; !bytes.Equal(data, want) {
						t.Errorf("call %d, %s: %s has wrong bytes", n, when, path)
					}
				}
			}
			if t.Failed() || fired() == 0 {
				t.Logf("%d calls failed in turn", n-1)
				break
			}
		}
	}
}
