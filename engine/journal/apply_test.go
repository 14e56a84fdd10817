package journal_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"os"
	"strconv"
	"sync"
	"testing"
	"time"

	"scaidrive/chunkstore/split"
	"scaidrive/engine"
	"scaidrive/engine/journal"
	"scaidrive/engine/meta"
	"scaidrive/engine/transfer"
	"scaidrive/engine/transfer/transfertest"
)

var ctx = context.Background()

type fixture struct {
	*transfertest.Stack
	journal *journal.Service
	t       testing.TB
}

func memory(t testing.TB) *fixture { return with(t, transfertest.Memory(t)) }
func disk(t testing.TB) *fixture   { return with(t, transfertest.Disk(t)) }

func with(t testing.TB, s *transfertest.Stack) *fixture {
	return &fixture{Stack: s, journal: journal.New(s.DB, s.Tree, s.Transfer, s.Env(), 7), t: t}
}

// send gives the server a content's chunks and returns what a change says of it.
func (f *fixture) send(data []byte) *journal.Content {
	f.t.Helper()
	chunks, parts := transfertest.Split(data)
	if _, err := f.Transfer.Receive(ctx, f.Owner, f.Share, bytes.NewReader(transfertest.Frames(parts...))); err != nil {
		f.t.Fatal(err)
	}
	return describe(data, chunks)
}

func describe(data []byte, chunks []engine.Chunk) *journal.Content {
	return &journal.Content{Size: int64(len(data)), SHA256: sha256.Sum256(data), Chunking: split.Default().Name, Chunks: chunks}
}

func (f *fixture) apply(p *engine.Principal, atomic bool, changes ...journal.Change) *journal.Result {
	f.t.Helper()
	for i := range changes {
		changes[i].ClientRef = fmt.Sprint("ref", i)
	}
	res, err := f.journal.Apply(ctx, p, journal.Batch{Share: f.Share, Atomic: atomic, Changes: changes})
	if err != nil {
		f.t.Fatal(err)
	}
	return res
}

func create(path string, c *journal.Content) journal.Change {
	return journal.Change{Resource: engine.ResourceFile, Kind: engine.ChangeCreated, Path: path, Content: c}
}

func mkdir(path string) journal.Change {
	return journal.Change{Resource: engine.ResourceFolder, Kind: engine.ChangeCreated, Path: path}
}

func (f *fixture) read(id engine.ID) []byte {
	f.t.Helper()
	o, err := f.Transfer.Open(ctx, f.Owner, id, 0)
	if err != nil {
		f.t.Fatal(err)
	}
	var b bytes.Buffer
	if err := o.WriteRange(ctx, &b, 0, o.Version.Content.Size); err != nil {
		f.t.Fatal(err)
	}
	return b.Bytes()
}

// outcome describes a result in a line: + applied, and the kind of what was refused.
func outcome(r *journal.Result) string {
	n := 0
	for _, a := range r.Applied {
		n = max(n, a.Index+1)
	}
	for _, m := range r.Conflicts {
		n = max(n, m.Index+1)
	}
	for _, e := range r.Errors {
		n = max(n, e.Index+1)
	}
	list := make([]string, n)
	for _, m := range r.Conflicts {
		list[m.Index] = "met"
	}
	for _, a := range r.Applied {
		list[a.Index] = "+" + list[a.Index]
		if a.ClientRef != fmt.Sprint("ref", a.Index) {
			list[a.Index] += a.ClientRef
		}
	}
	for _, e := range r.Errors {
		list[e.Index] = map[engine.Kind]string{
			engine.KindInvalid: "invalid", engine.KindNotFound: "absent", engine.KindConflict: "conflict", engine.KindForbidden: "forbidden",
			engine.KindGone: "gone", engine.KindNoSpace: "full", engine.KindTooLarge: "large", engine.KindDamaged: "damaged",
		}[engine.KindOf(e.Err)]
		if len(e.Missing) > 0 {
			list[e.Index] = fmt.Sprint("missing", len(e.Missing))
		}
	}
	return fmt.Sprint(list)
}

func TestCreateTree(t *testing.T) {
	for name, f := range map[string]*fixture{"memory": memory(t), "disk": disk(t)} {
		small, big := []byte("small"), transfertest.Random(1, 4<<20)
		modified := time.Date(2020, 1, 2, 3, 4, 5, 6000, time.UTC)
		yes := true
		x := create("/a/b/run.sh", f.send(small))
		x.ModifiedAt, x.Executable = modified, &yes
		res := f.apply(f.Owner, false,
			mkdir("/a"), mkdir("/a/b"), x, create("/a/b/big", f.send(big)), create("/A/empty", describe(nil, nil)),
			create("/nowhere/f", f.send(small)), mkdir("/a"), create("/a/b/RUN.SH", f.send(small)),
			create("/a/b/big/f", f.send(small)))
		if got := outcome(res); got != "[+ + + + + absent + conflict absent]" {
			t.Fatalf("%s: %s", name, got)
		}
		if res.Seq != 5 || res.Applied[4].Seq != 5 || res.Applied[4].Change.IsZero() {
			t.Errorf("%s: sequence %d", name, res.Seq)
		}
		if n := res.Errors[1].Node; n == nil || n.Path != "/a/b/run.sh" {
			t.Errorf("%s: beside the conflict: %v", name, n)
		}
		loc, err := f.Tree.Get(ctx, f.Owner, res.Applied[2].Node.Node.ID, engine.KindFile)
		if err != nil || loc.Path != "/a/b/run.sh" || !loc.Node.Executable || !loc.Node.ModifiedAt.Equal(modified) || loc.Node.HashState != engine.HashVerified {
			t.Errorf("%s: %+v, %v", name, loc, err)
		}
		if !bytes.Equal(f.read(res.Applied[3].Node.Node.ID), big) || len(f.read(res.Applied[4].Node.Node.ID)) != 0 {
			t.Errorf("%s: wrong bytes", name)
		}
	}
}

func TestParentID(t *testing.T) {
	f := memory(t)
	c := f.send([]byte("x"))
	d, err := f.Tree.Mkdir(ctx, f.Owner, f.Share, f.Share, "d")
	if err != nil {
		t.Fatal(err)
	}
	other := f.NewShare(t, -1)
	in := func(parent engine.ID, name string) journal.Change {
		return journal.Change{Resource: engine.ResourceFile, Kind: engine.ChangeCreated, ParentID: parent, Name: name, Content: c}
	}
	both := in(d.Node.ID, "f")
	both.Path = "/d/f"
	res := f.apply(f.Owner, false, in(d.Node.ID, "f"), in(engine.ID{}, "f"), in(f.Share, "g"), in(f.NewID(), "f"), in(other, "f"), in(d.Node.ID, ""), both)
	if got := outcome(res); got != "[+ + + absent absent invalid invalid]" {
		t.Error(got)
	}
	if res.Applied[0].Node.Path != "/d/f" || res.Applied[1].Node.Path != "/f" || res.Applied[2].Node.Path != "/g" {
		t.Errorf("made at %v", res.Applied)
	}
}

func TestUpdates(t *testing.T) {
	f := memory(t)
	one, two := transfertest.Random(1, 4<<20), transfertest.Random(2, 100)
	edited := append(bytes.Clone(one), two...)
	made := f.apply(f.Owner, false, create("/f", f.send(one)), mkdir("/d")).Applied
	file, base, dir := made[0].Node.Node.ID, made[0].Node.Node.VersionID, made[1].Node.Node.ID
	update := func(base engine.ID, c *journal.Content) journal.Change {
		return journal.Change{Resource: engine.ResourceFile, Kind: engine.ChangeUpdated, ResourceID: file, Base: base, Content: c}
	}
	used := f.GetShare(t, f.Share).UsedBytes

	// By another user, who never sent the first chunks: the base stands in.
	newChunks, parts := transfertest.Split(edited)
	if _, err := f.Transfer.Receive(ctx, f.Root, f.Share, bytes.NewReader(transfertest.Frames(parts[len(parts)-1]))); err != nil {
		t.Fatal(err)
	}
	res := f.apply(f.Root, false, update(base, describe(edited, newChunks)))
	if got := outcome(res); got != "[+]" {
		t.Fatalf("%s %v", got, res.Errors)
	}
	v2 := res.Applied[0].Node.Node.VersionID
	if !bytes.Equal(f.read(file), edited) {
		t.Error("wrong bytes after the update")
	}
	oldChunks, _ := transfertest.Split(one)
	lastOld := int64(oldChunks[len(oldChunks)-1].Size)
	if now := f.GetShare(t, f.Share).UsedBytes; now != int64(len(edited))+lastOld || used != int64(len(one)) {
		t.Errorf("used %d then %d", used, now)
	}

	// What comes from a stale base is kept beside, once.
	res = f.apply(f.Owner, false, update(base, f.send(two)), update(base, describe(edited[1:], nil)), update(f.NewID(), f.send(two)))
	if got := outcome(res); got != "[met invalid met]" {
		t.Error(got, res.Errors)
	}
	if n := res.Conflicts[0].Node; n == nil || n.Node.VersionID != v2 {
		t.Errorf("beside the conflict: %v", n)
	}
	if a, b := res.Conflicts[0].Conflict, res.Conflicts[1].Conflict; a.ID != b.ID || a.Copy.IsZero() || !bytes.Equal(f.read(a.Copy), two) {
		t.Errorf("the copies: %+v, %+v", a, b)
	}
	// A patch against the base.
	patch := update(v2, &journal.Content{
		Size: int64(len(one)) - lastOld, SHA256: sha256.Sum256(one[:len(one)-int(lastOld)]), Chunking: split.Default().Name,
		Patch: []transfer.Patch{{First: 0, Count: uint32(len(oldChunks) - 1)}}})
	res = f.apply(f.Owner, false, patch)
	if got := outcome(res); got != "[+]" || !bytes.Equal(f.read(file), one[:len(one)-int(lastOld)]) {
		t.Errorf("a patch: %s %v", got, res.Errors)
	}
	v3 := res.Applied[0].Node.Node.VersionID

	// Attributes alone, of files and folders.
	yes := true
	touch := journal.Change{Resource: engine.ResourceFile, Kind: engine.ChangeUpdated, ResourceID: file, Base: v3, Executable: &yes}
	touchDir := journal.Change{Resource: engine.ResourceFolder, Kind: engine.ChangeUpdated, ResourceID: dir, ModifiedAt: time.Unix(5, 0)}
	stale := touch
	stale.Base = v2
	wrongKind := touchDir
	wrongKind.ResourceID = file
	res = f.apply(f.Owner, false, touch, touchDir, stale, wrongKind, touch)
	if got := outcome(res); got != "[+ + + absent +]" {
		t.Errorf("attributes: %s", got)
	}
	if res.Applied[2].Seq != 0 || res.Applied[3].Seq != 0 || res.Applied[0].Node.Node.Version != 3 {
		t.Errorf("nothing had to change, and yet: %+v", res.Applied[2])
	}
}

// Attributes of something in the trash are no reason to bring it back, and none to
// refuse: whoever sends them would send them for ever.
func TestAttributesOfSomethingDeleted(t *testing.T) {
	f := memory(t)
	made := f.apply(f.Owner, false, mkdir("/d"), create("/d/f", f.send([]byte("content"))))
	file := made.Applied[1].Node.Node
	f.apply(f.Owner, false, journal.Change{Resource: engine.ResourceFolder, Kind: engine.ChangeDeleted, ResourceID: made.Applied[0].Node.Node.ID})
	yes := true
	seq := f.GetShare(t, f.Share).Seq
	res := f.apply(f.Owner, false, journal.Change{Resource: engine.ResourceFile, Kind: engine.ChangeUpdated, ResourceID: file.ID, Base: file.VersionID, Executable: &yes, ModifiedAt: f.Now()})
	if len(res.Applied) != 1 || len(res.Conflicts)+len(res.Errors) > 0 || f.GetShare(t, f.Share).Seq != seq {
		t.Errorf("%+v", res)
	}
}

func TestRefusedForms(t *testing.T) {
	f := memory(t)
	c := f.send([]byte("x"))
	changes := []journal.Change{
		{Resource: engine.ResourceFile, Kind: engine.ChangeDeleted},
		{Resource: engine.ResourceFile, Kind: engine.ChangeMoved, ResourceID: f.Share},
		{Resource: engine.ResourceShare, Kind: engine.ChangeCreated, Path: "/x"},
		{Kind: engine.ChangeCreated, Path: "/x", Content: c},
		{Resource: engine.ResourceFile, Path: "/x", Content: c},
		{Resource: engine.ResourceFile, Kind: engine.ChangeCreated, Path: "/x"},
		{Resource: engine.ResourceFolder, Kind: engine.ChangeCreated, Path: "/x", Content: c},
		{Resource: engine.ResourceFile, Kind: engine.ChangeCreated, Path: "x", Content: c},
		{Resource: engine.ResourceFile, Kind: engine.ChangeCreated, Path: "/x/", Content: c},
		{Resource: engine.ResourceFile, Kind: engine.ChangeCreated, Path: "/x", Name: "y", Content: c},
		{Resource: engine.ResourceFile, Kind: engine.ChangeCreated, ResourceID: f.Share, Path: "/x", Content: c},
		{Resource: engine.ResourceFile, Kind: engine.ChangeUpdated, Content: c},
		{Resource: engine.ResourceFile, Kind: engine.ChangeUpdated, ResourceID: f.Share, Content: c},
		{Resource: engine.ResourceFile, Kind: engine.ChangeCreated, Path: "/x/../y", Content: c},
		{Resource: engine.ResourceFile, Kind: engine.ChangeCreated, Path: "/..", Content: c},
	}
	res := f.apply(f.Owner, false, changes...)
	if len(res.Applied) != 0 || len(res.Errors) != len(changes) {
		t.Fatal(outcome(res))
	}
	for _, e := range res.Errors {
		want := engine.KindInvalid
		if e.Index == 13 { // a name that can't be is not found
			want = engine.KindNotFound
		}
		if engine.KindOf(e.Err) != want {
			t.Errorf("change %d: %v", e.Index, e.Err)
		}
	}
	for _, n := range []int{0, journal.MaxChanges + 1} {
		_, err := f.journal.Apply(ctx, f.Owner, journal.Batch{Share: f.Share, Changes: make([]journal.Change, n)})
		if engine.KindOf(err) != engine.KindInvalid {
			t.Errorf("%d changes: %v", n, err)
		}
	}
	if sh := f.GetShare(t, f.Share); sh.Seq != 0 {
		t.Errorf("%d rows were written", sh.Seq)
	}
}

func TestRights(t *testing.T) {
	f := memory(t)
	c := f.send([]byte("x"))
	_, absent := f.journal.Apply(ctx, f.Owner, journal.Batch{Share: f.NewID(), Changes: []journal.Change{create("/f", c)}})
	for _, p := range []*engine.Principal{f.Stranger, f.Foreigner} {
		_, err := f.journal.Apply(ctx, p, journal.Batch{Share: f.Share, Changes: []journal.Change{create("/f", c)}})
		if engine.KindOf(err) != engine.KindNotFound || err.Error() != absent.Error() {
			t.Errorf("a stranger got %v, an unknown share %v", err, absent)
		}
	}
}

// Chunks that the caller was not seen to have are missing, and so are those that
// are nowhere; the two look the same. What would be refused anyhow is refused so.
func TestMissing(t *testing.T) {
	f := memory(t)
	data := transfertest.Random(3, 3<<20)
	c := f.send(data)
	n := len(c.Chunks)
	nowhere := describe([]byte("never sent"), []engine.Chunk{{Hash: sha256.Sum256([]byte("never sent")), Size: 10}})
	res := f.apply(f.Owner, false, create("/taken", c))
	file := res.Applied[0].Node.Node.ID
	res = f.apply(f.Root, false, create("/f", c), create("/g", nowhere), create("/taken", c), create("/TAKEN", nowhere), create("/a:b", nowhere), create("/d/f", nowhere))
	if got, want := outcome(res), fmt.Sprintf("[missing%d missing1 missing%d conflict invalid absent]", n, n); got != want {
		t.Errorf("%s, want %s", got, want)
	}
	for _, e := range res.Errors[:3] {
		if engine.KindOf(e.Err) != engine.KindConflict {
			t.Errorf("missing chunks are %v", e.Err)
		}
	}
	withSource := *c
	withSource.Sources = []journal.Source{{File: file, Version: 1}}
	if got := outcome(f.apply(f.Root, false, create("/f", &withSource))); got != "[+]" {
		t.Errorf("with a source: %s", got)
	}
	// Every one of the missing chunks, sent, makes it work.
	_, parts := transfertest.Split(data)
	root2 := f.As(f.Admin)
	if _, err := f.Transfer.Receive(ctx, root2, f.Share, bytes.NewReader(transfertest.Frames(parts...))); err != nil {
		t.Fatal(err)
	}
	if got := outcome(f.apply(root2, false, create("/g", c))); got != "[+]" {
		t.Errorf("after sending: %s", got)
	}
}

func TestAtomic(t *testing.T) {
	f := memory(t)
	c := f.send([]byte("x"))
	res := f.apply(f.Owner, true, mkdir("/d"), create("/d/f", c), create("/d/F", c), create("/g", c))
	if len(res.Applied) != 0 || len(res.Errors) != 1 || res.Errors[0].Index != 2 || res.Seq != 0 {
		t.Errorf("%+v", res)
	}
	if sh := f.GetShare(t, f.Share); sh.Seq != 0 || sh.UsedBytes != 0 {
		t.Errorf("%d rows, %d bytes", sh.Seq, sh.UsedBytes)
	}
	if got := outcome(f.apply(f.Owner, true, mkdir("/d"), create("/d/f", c), create("/g", c))); got != "[+ + +]" {
		t.Error(got)
	}
}

func TestQuotaInBatch(t *testing.T) {
	f := memory(t)
	c := f.send(transfertest.Random(1, 400))
	f.Share = f.NewShare(t, 1000)
	if got := outcome(f.apply(f.Owner, false, create("/a", c), create("/b", c), create("/c", c), mkdir("/d"))); got != "[+ + full +]" {
		t.Error(got)
	}
	if sh := f.GetShare(t, f.Share); sh.UsedBytes != 800 {
		t.Errorf("used %d", sh.UsedBytes)
	}
}

func TestRacers(t *testing.T) {
	f := memory(t)
	c := f.send([]byte("x"))
	var won sync.Map
	var wg sync.WaitGroup
	for range 50 {
		wg.Go(func() {
			res, err := f.journal.Apply(ctx, f.Owner, journal.Batch{Share: f.Share, Changes: []journal.Change{create("/same", c)}})
			if err != nil {
				t.Error(err)
				return
			}
			won.Store(res.Applied[0].Node.Node.ID, true)
		})
	}
	wg.Wait()
	n := 0
	won.Range(func(any, any) bool { n++; return true })
	if n != 1 || f.GetShare(t, f.Share).Seq != 1 {
		t.Errorf("%d objects", n)
	}
}

// A full batch of files at the longest inline list goes into one mutation.
func TestFullBatch(t *testing.T) {
	f := memory(t)
	data := transfertest.Random(4, engine.MaxInlineChunks*(100<<10))
	c := f.send(data)
	for len(c.Chunks) != engine.MaxInlineChunks { // cut or grow to just 16 chunks
		if len(c.Chunks) > engine.MaxInlineChunks {
			data = data[:len(data)-int(c.Chunks[len(c.Chunks)-1].Size)]
		} else {
			data = append(data, transfertest.Random(uint64(len(data)), 300<<10)...)
		}
		c = f.send(data)
	}
	var changes []journal.Change
	for i := range journal.MaxChanges {
		changes = append(changes, create(fmt.Sprintf("/%0200d", i), c))
	}
	res := f.apply(f.Owner, true, changes...)
	if len(res.Applied) != journal.MaxChanges {
		t.Fatalf("%d applied, %v", len(res.Applied), res.Errors)
	}
}

func TestCursor(t *testing.T) {
	f := memory(t)
	if c := f.journal.Cursor(5); c != 7<<36|5 {
		t.Errorf("cursor %d", c)
	}
}

// What a batch leaves in the records is what a recount finds.
func TestUsageAfterBatches(t *testing.T) {
	f := memory(t)
	base := transfertest.Random(1, 3<<20)
	res := f.apply(f.Owner, false, create("/f", f.send(base)))
	at := res.Applied[0].Node.Node
	for i := range 10 {
		data := append(bytes.Clone(base[:len(base)-i*100000]), transfertest.Random(uint64(i), i*50000)...)
		ch := journal.Change{Resource: engine.ResourceFile, Kind: engine.ChangeUpdated, ResourceID: at.ID, Base: at.VersionID, Content: f.send(data)}
		res := f.apply(f.Owner, false, ch)
		if len(res.Errors) > 0 {
			t.Fatal(res.Errors[0].Err)
		}
		at = res.Applied[0].Node.Node
	}
	var used int64
	err := f.DB.View(ctx, func(v *meta.View) error {
		var next []engine.Chunk
		for i := at.Version; i > 0; i-- {
			o, err := f.Transfer.Open(ctx, f.Owner, at.ID, i)
			if err != nil {
				return err
			}
			list, err := o.Manifest(ctx)
			if err != nil {
				return err
			}
			in := map[[32]byte]bool{}
			for _, c := range next {
				in[c.Hash] = true
			}
			for _, c := range list {
				if !in[c.Hash] || i == at.Version {
					used += int64(c.Size)
				}
			}
			next = list
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if sh := f.GetShare(t, f.Share); sh.UsedBytes != used {
		t.Errorf("used %d, a recount gives %d", sh.UsedBytes, used)
	}
}

// BenchmarkApply sends batches of small files to a stack on disk:
// SCAIDRIVE_BENCH_FILES is how many files a batch has.
func BenchmarkApply(b *testing.B) {
	batch := 500
	if n, err := strconv.Atoi(os.Getenv("SCAIDRIVE_BENCH_FILES")); err == nil {
		batch = n
	}
	f := disk(b)
	var dirs []journal.Change
	for i := range 100 {
		dirs = append(dirs, mkdir(fmt.Sprint("/d", i)))
	}
	f.apply(f.Owner, false, dirs...)
	n := 0
	for b.Loop() {
		b.StopTimer()
		var changes []journal.Change
		var parts [][]byte
		for range batch {
			data := transfertest.Random(uint64(n), 4096)
			chunks, p := transfertest.Split(data)
			parts = append(parts, p...)
			changes = append(changes, create(fmt.Sprintf("/d%d/file%d", n/200%100, n), describe(data, chunks)))
			n++
		}
		if _, err := f.Transfer.Receive(ctx, f.Owner, f.Share, bytes.NewReader(transfertest.Frames(parts...))); err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
		res, err := f.journal.Apply(ctx, f.Owner, journal.Batch{Share: f.Share, Changes: changes})
		if err != nil || len(res.Applied) != batch {
			b.Fatal(err, res)
		}
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "files/s")
}
