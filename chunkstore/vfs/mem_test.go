package vfs_test

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"testing"

	"scaidrive/chunkstore/vfs"
)

// cuts gives n crash clones of m, each with a seed of its own.
func cuts(t *testing.T, m *vfs.Mem, n int, check func(seed uint64, c *vfs.Mem)) {
	t.Helper()
	for seed := range uint64(n) {
		check(seed, m.Crash(rand.New(rand.NewPCG(seed, 1))))
	}
}

func exists(fsys vfs.FS, name string) bool {
	_, err := fsys.Stat(name)
	return !errors.Is(err, fs.ErrNotExist)
}

func TestCrashKeepsWhatWasSynced(t *testing.T) {
	m := vfs.NewMem()
	noErr(t, m.MkdirAll("d/e"))
	synced := bytes.Repeat([]byte("durable "), 500)
	noErr(t, vfs.WriteFile(m, "d/e/f", synced))
	f := must(m.OpenRW("d/e/f"))(t)
	wantN(t, 5000, nil)(f.WriteAt(make([]byte, 5000), int64(len(synced)))) // not synced
	cuts(t, m, 300, func(seed uint64, c *vfs.Mem) {
		got, err := vfs.ReadFile(c, "d/e/f")
		if err != nil || !bytes.HasPrefix(got, synced) {
			t.Fatalf("seed %d: synced bytes are gone (error %v)", seed, err)
		}
	})
	wantContent(t, m.CrashDurable(), "d/e/f", string(synced))
}

func TestCrashLosesWhatWasNot(t *testing.T) {
	m := vfs.NewMem()
	create(t, m, "synced", "old")
	f := must(m.OpenRW("synced"))(t)
	noErr(t, f.Sync())
	noErr(t, m.SyncDir("."))
	wantN(t, 7, nil)(f.WriteAt([]byte("newnewn"), 0))
	create(t, m, "fresh", "x")

	c := m.CrashDurable()
	wantContent(t, c, "synced", "old")
	if exists(c, "fresh") {
		t.Error("a name that was never synced survived the strict cut")
	}
	seen := make(map[string]int)
	cuts(t, m, 2000, func(_ uint64, c *vfs.Mem) {
		got := must(vfs.ReadFile(c, "synced"))(t)
		seen[string(got)]++
		seen[fmt.Sprintf("fresh %v", exists(c, "fresh"))]++
	})
	// Old, new, torn inside the sector, new length with old or no bytes.
	for _, want := range []string{"old", "newnewn", "neworld"[:3], "nld\x00\x00\x00\x00", "old\x00\x00\x00\x00", "fresh true", "fresh false"} {
		if seen[want] == 0 {
			t.Errorf("no cut of 2000 gave %q; seen %v", want, seen)
		}
	}
	// The original goes on.
	wantContent(t, m, "synced", "newnewn")
	wantContent(t, m, "fresh", "x")
}

func TestCrashBySector(t *testing.T) {
	m := vfs.NewMem()
	const sectors = 8
	old, fresh := bytes.Repeat([]byte{1}, sectors*vfs.SectorSize), bytes.Repeat([]byte{2}, sectors*vfs.SectorSize)
	noErr(t, vfs.WriteFile(m, "f", old))
	f := must(m.OpenRW("f"))(t)
	wantN(t, len(fresh), nil)(f.WriteAt(fresh, 0))
	patterns, torn := make(map[string]int), 0
	cuts(t, m, 2000, func(_ uint64, c *vfs.Mem) {
		got := must(vfs.ReadFile(c, "f"))(t)
		p := ""
		for s := range sectors {
			part := got[s*vfs.SectorSize:][:vfs.SectorSize]
			switch n := bytes.Count(part, []byte{2}); n {
			case 0, vfs.SectorSize:
				p += string('0' + rune(part[0]))
			default:
				torn++
				if !bytes.HasPrefix(part, bytes.Repeat([]byte{2}, n)) {
					t.Fatal("a torn sector is not new bytes, then old ones")
				}
				p += "t"
			}
		}
		patterns[p]++
	})
	if patterns["11111111"] == 0 || patterns["22222222"] == 0 || len(patterns) < 100 || torn == 0 {
		t.Errorf("not enough variety: %d patterns, %d torn sectors", len(patterns), torn)
	}
}

func TestCrashTruncation(t *testing.T) {
	m := vfs.NewMem()
	noErr(t, vfs.WriteFile(m, "f", bytes.Repeat([]byte("a"), 3000)))
	f := must(m.OpenRW("f"))(t)
	noErr(t, f.Truncate(100))
	wantN(t, 50, nil)(f.WriteAt(bytes.Repeat([]byte("b"), 50), 100))
	wantContent(t, m.CrashDurable(), "f", string(bytes.Repeat([]byte("a"), 3000)))
	sizes := make(map[int]int)
	cuts(t, m, 500, func(seed uint64, c *vfs.Mem) {
		got := must(vfs.ReadFile(c, "f"))(t)
		sizes[len(got)]++
		if !bytes.HasPrefix(got, bytes.Repeat([]byte("a"), 100)) {
			t.Fatalf("seed %d: bytes below the truncation changed", seed)
		}
	})
	if sizes[3000] == 0 || sizes[150] == 0 || len(sizes) < 3 {
		t.Errorf("sizes after a cut: %v", sizes)
	}
	noErr(t, f.Sync())
	want := string(bytes.Repeat([]byte("a"), 100)) + string(bytes.Repeat([]byte("b"), 50))
	wantContent(t, m.CrashDurable(), "f", want)
}

func TestCrashRenameIsAtomic(t *testing.T) {
	m := vfs.NewMem()
	noErr(t, m.MkdirAll("d"))
	noErr(t, vfs.WriteFile(m, "f", []byte("old")))
	noErr(t, vfs.WriteFile(m, "g", []byte("moved")))
	noErr(t, vfs.WriteFile(m, "f.new", []byte("new")))
	noErr(t, m.Rename("f.new", "f"))
	noErr(t, m.Rename("g", "d/g"))
	create(t, m, "g", "another") // must not hide what g was
	seen := make(map[string]int)
	cuts(t, m, 500, func(seed uint64, c *vfs.Mem) {
		got := string(must(vfs.ReadFile(c, "f"))(t))
		if got != "old" && got != "new" || exists(c, "f.new") != (got == "old") {
			t.Fatalf("seed %d: f holds %q, f.new exists: %v", seed, got, exists(c, "f.new"))
		}
		seen[got]++
		at := ""
		for _, name := range []string{"g", "d/g"} {
			if b, err := vfs.ReadFile(c, name); err == nil && string(b) == "moved" {
				at += name
			}
		}
		if at != "g" && at != "d/g" {
			t.Fatalf("seed %d: the moved file is at %q", seed, at)
		}
		seen[at]++
	})
	if len(seen) != 4 {
		t.Errorf("seen only %v", seen)
	}

	// Between directories both must be synced.
	noErr(t, m.SyncDir("d"))
	if !exists(m.CrashDurable(), "g") {
		t.Error("half of a move was taken for durable")
	}
	noErr(t, m.SyncDir("."))
	c := m.CrashDurable()
	wantContent(t, c, "d/g", "moved")
	wantContent(t, c, "f", "new")
	wantContent(t, c, "g", "") // its name was synced, its bytes were not
}

func TestCrashRemove(t *testing.T) {
	m := vfs.NewMem()
	noErr(t, m.MkdirAll("d"))
	noErr(t, vfs.WriteFile(m, "d/f", []byte("x")))
	noErr(t, m.Remove("d/f"))
	wantContent(t, m.CrashDurable(), "d/f", "x")
	back := 0
	cuts(t, m, 100, func(_ uint64, c *vfs.Mem) {
		if exists(c, "d/f") {
			back++
		}
	})
	if back == 0 || back == 100 {
		t.Errorf("the removed file came back in %d of 100 cuts", back)
	}
	noErr(t, m.SyncDir("d"))
	if exists(m.CrashDurable(), "d/f") {
		t.Error("a removal that was synced is undone")
	}
}

func TestCrashIsReproducible(t *testing.T) {
	m := vfs.NewMem()
	for i := range 20 {
		create(t, m, fmt.Sprintf("f%d", i), string(bytes.Repeat([]byte{byte(i)}, 3000)))
	}
	for seed := range uint64(50) {
		a, b := m.Crash(rand.New(rand.NewPCG(seed, 1))), m.Crash(rand.New(rand.NewPCG(seed, 1)))
		list := must(a.ReadDir("."))(t)
		if fmt.Sprint(list) != fmt.Sprint(must(b.ReadDir("."))(t)) {
			t.Fatalf("seed %d gives two lists of names", seed)
		}
		for _, e := range list {
			wantContent(t, b, e.Name, string(must(vfs.ReadFile(a, e.Name))(t)))
		}
	}
}

func TestKillKeepsEverythingAndMakesNothingDurable(t *testing.T) {
	m := vfs.NewMem()
	create(t, m, "f", "bytes")
	k := m.Kill()
	wantContent(t, k, "f", "bytes")
	if exists(k.CrashDurable(), "f") {
		t.Error("a kill made a name durable")
	}
	// A directory that an earlier process made, and did not sync, is synced by
	// the one that relies on it.
	f := must(k.OpenRW("f"))(t)
	noErr(t, f.Sync())
	noErr(t, k.SyncDir("."))
	wantContent(t, k.CrashDurable(), "f", "bytes")
	if exists(m.CrashDurable(), "f") {
		t.Error("the clone shares state with the original")
	}

	// Nor do the clones share what is not durable.
	noErr(t, vfs.WriteFile(m, "g", []byte("old")))
	k = m.Kill()
	g := must(k.OpenRW("g"))(t)
	wantN(t, 3, nil)(g.WriteAt([]byte("new"), 0))
	k2 := k.Kill()
	noErr(t, g.Sync())
	wantContent(t, k2.CrashDurable(), "g", "old")
	wantContent(t, k.CrashDurable(), "g", "new")
	wantContent(t, m.CrashDurable(), "g", "old")
}

func TestOnOpSeesTheStateBefore(t *testing.T) {
	m := vfs.NewMem()
	var kinds []string
	var before *vfs.Mem
	m.OnOp = func(op vfs.Op) {
		if op.N != len(kinds)+1 {
			t.Errorf("operation %d has number %d", len(kinds)+1, op.N)
		}
		kinds = append(kinds, op.Kind.String())
		if op.Kind == vfs.OpRename {
			before = m.CrashDurable()
		}
	}
	noErr(t, m.MkdirAll("d"))
	noErr(t, vfs.WriteFile(m, "d/f", []byte("x")))
	want := "[mkdir remove create write sync rename syncdir]"
	if got := fmt.Sprint(kinds); got != want {
		t.Errorf("operations %s, want %s", got, want)
	}
	if exists(before, "d/f") || exists(before, "d/f.tmp") || !exists(before, "d") {
		t.Error("the clone is not the state before the rename")
	}
	if m.Ops() != 7 {
		t.Errorf("%d operations counted", m.Ops())
	}
}

func TestCapacity(t *testing.T) {
	m := vfs.NewMem()
	m.SetCapacity(1000)
	f := must(m.Create("a"))(t)
	noErr(t, f.Allocate(0, 600))
	wantErr(t, vfs.ErrNoSpace, f.Allocate(0, 1001))
	g := must(m.Create("b"))(t)
	wantN(t, 400, vfs.ErrNoSpace)(g.WriteAt(make([]byte, 500), 0))
	wantN(t, 0, vfs.ErrNoSpace)(g.WriteAt(make([]byte, 10), 400))
	wantN(t, 400, nil)(g.WriteAt(make([]byte, 400), 0)) // in place
	wantN(t, 600, nil)(f.WriteAt(make([]byte, 600), 0)) // as reserved
	wantErr(t, vfs.ErrNoSpace, g.Truncate(401))
	wantErr(t, vfs.ErrNoSpace, vfs.WriteFile(m, "c", []byte("x")))

	// Room is made by removing (once the last handle has gone), by truncating,
	// and by a larger volume.
	noErr(t, m.Remove("b"))
	wantErr(t, vfs.ErrNoSpace, f.Allocate(0, 601))
	noErr(t, g.Close())
	noErr(t, f.Allocate(0, 1000))
	noErr(t, f.Truncate(100))
	if got := m.Used(); got != 101-1 {
		t.Errorf("%d bytes in use, want 100", got)
	}
	noErr(t, vfs.WriteFile(m, "c", make([]byte, 900)))
	m.SetCapacity(0)
	noErr(t, vfs.WriteFile(m, "c", make([]byte, 5000)))
	if got, want := m.Kill().Used(), m.Used(); got != want {
		t.Errorf("the clone has %d bytes in use, the original %d", got, want)
	}
}
