package session_test

import (
	"bytes"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"scaidrive/chunkstore/vfs"
	"scaidrive/engine"
	"scaidrive/engine/meta"
	"scaidrive/engine/meta/schema"
	"scaidrive/engine/transfer/session"
	"scaidrive/engine/transfer/transfertest"
)

// A session goes on after any crash between any two steps: what was acknowledged
// is there, whatever the order, with parts twice and replaced.
func TestEveryCrash(t *testing.T) {
	rounds := 6
	if os.Getenv("SCAIDRIVE_LONG") != "" {
		rounds = 300
	}
	for round := range rounds {
		t.Run(fmt.Sprint(round), func(t *testing.T) {
			rng := seed(t, uint64(round))
			mem := vfs.NewMem()
			first := transfertest.Random(rng.Uint64(), rng.IntN(14*part)+1)
			u := begin(t, transfertest.OnFS(t, mem), first)
			stop := func() {}
			if round%2 == 0 {
				stop = u.run()
			}
			have := map[int]bool{}
			crash := func() {
				stop()
				if rng.IntN(2) == 0 {
					mem = mem.CrashDurable()
				} else {
					mem = mem.Crash(rng)
				}
				u = u.reopened(mem)
				if stop = func() {}; rng.IntN(2) == 0 {
					stop = u.run()
				}
				var bytes int64
				var runs [][2]uint32
				for i := range u.parts() {
					if have[i] {
						bytes += int64(len(u.part(i)))
						if n := len(runs); n > 0 && int(runs[n-1][1]) == i-1 {
							runs[n-1][1]++
						} else {
							runs = append(runs, [2]uint32{uint32(i), uint32(i)})
						}
					}
				}
				if got, want := u.received(), fmt.Sprint(runs, bytes); got != want {
					t.Fatalf("after a crash: received %s, want %s", got, want)
				}
			}
			for len(have) < u.parts() || rng.IntN(4) > 0 {
				i := rng.IntN(u.parts())
				if rng.IntN(3) == 0 { // the first that is missing
					for i = 0; have[i] && i < u.parts()-1; i++ {
					}
				}
				switch rng.IntN(8) {
				case 0: // other bytes
					copy(u.part(i), transfertest.Random(rng.Uint64(), len(u.part(i))))
				case 1: // too short, too long: changes nothing
					wantKind(t, u.put(i, u.part(i)[1:]), engine.KindInvalid, "too short")
					wantKind(t, u.put(i, append(slices.Clone(u.part(i)), 1)), engine.KindInvalid, "too long")
					continue
				}
				u.send(i)
				have[i] = true
				if rng.IntN(3) == 0 {
					crash()
				}
			}
			l, err := u.complete()
			if err != nil {
				t.Fatal(err)
			}
			u.holds(l)
			crash2 := u.reopened(mem.CrashDurable())
			crash2.holds(l)
			stop2 := crash2.run()
			again, err := crash2.complete()
			if err != nil || again.Node.VersionID != l.Node.VersionID {
				t.Errorf("complete again after a crash: %v", err)
			}
			eventually(t, func() bool { return len(spooled(t, crash2.FS)) == 0 })
			stop2()
			crash2.clean()
		})
	}
}

func eventually(t testing.TB, ok func() bool) {
	t.Helper()
	for range 2000 {
		if ok() {
			return
		}
		time.Sleep(5 * time.Millisecond) // poll interval
	}
	t.Fatal("not in time")
}

// A spooled part that is damaged or gone is missing, and only sent again.
func TestLostParts(t *testing.T) {
	damage := map[string]func(t *testing.T, fsys vfs.FS, name string){
		"flipped": func(t *testing.T, fsys vfs.FS, name string) {
			f, err := fsys.OpenRW(name)
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			var b [1]byte
			_, _ = f.ReadAt(b[:], 777)
			b[0] ^= 4
			_, _ = f.WriteAt(b[:], 777)
		},
		"cut": func(t *testing.T, fsys vfs.FS, name string) {
			f, err := fsys.OpenRW(name)
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			_ = f.Truncate(500)
		},
		"gone": func(t *testing.T, fsys vfs.FS, name string) { _ = fsys.Remove(name) },
	}
	for name, hurt := range damage {
		t.Run(name, func(t *testing.T) {
			u := begin(t, transfertest.Memory(t), transfertest.Random(1, 6*part+3))
			u.send(0, 2, 4, 5)
			for _, file := range spooled(t, u.FS) {
				if strings.Contains(file, "/4-") {
					hurt(t, u.FS, transfertest.Staging+"/"+file)
				}
			}
			u.send(1, 3, 6)
			_, err := u.complete()
			wantKind(t, err, engine.KindConflict, "complete")
			if err != nil && !strings.Contains(err.Error(), "1 of 7 parts are missing: 4") {
				t.Error(err)
			}
			u.send(4)
			u.whole()
		})
	}
}

// A start removes what no session names, and finds out what is missing.
func TestSweep(t *testing.T) {
	mem := vfs.NewMem()
	u := begin(t, transfertest.OnFS(t, mem), transfertest.Random(1, 5*part))
	other := begin(t, u.Stack, transfertest.Random(2, 5*part), func(p *session.Spec) { p.Name = "other" })
	u.send(1, 3)
	other.send(2)
	dir := transfertest.Staging + "/" + u.id.Format("")
	for _, name := range []string{dir + "/7-00112233445566778899aabbccddeeff", dir + "/junk"} {
		if err := vfs.WriteFile(mem, name, []byte("x")); err != nil {
			t.Fatal(err)
		}
	}
	for _, file := range spooled(t, mem) {
		if strings.Contains(file, "/3-") {
			_ = mem.Remove(transfertest.Staging + "/" + file)
			_ = mem.SyncDir(dir)
		}
	}
	// A session that ended, but the process died before its files were removed.
	err := u.DB.Update(ctx, func(tx *meta.Tx) error {
		up, err := schema.GetUpload(tx, u.Owner.Tenant, u.Owner.User, other.id)
		if err != nil {
			return err
		}
		return schema.DeleteUpload(tx, u.Owner.Tenant, up)
	})
	if err != nil {
		t.Fatal(err)
	}
	u = u.reopened(mem.Kill())
	stop := u.run()
	eventually(t, func() bool {
		return len(spooled(t, u.FS)) == 2 && u.received() == fmt.Sprint([][2]uint32{{1, 1}}, part)
	})
	stop()
	u.send(0, 2, 3, 4)
	u.whole()
}

// The i-th call to the file system fails, for each i until none fails: what was
// acknowledged is there, now and after a crash, and the file is right or absent.
func TestFailNth(t *testing.T) {
	data := transfertest.Random(5, 4*part+100)
	faults := []vfs.Rule{
		{Ops: vfs.OpWrite | vfs.OpSync | vfs.OpAllocate | vfs.OpCreate | vfs.OpSyncDir | vfs.OpRemove},
		{Ops: vfs.OpAllocate | vfs.OpCreate, Err: vfs.ErrNoSpace, From: true},
	}
	for _, rule := range faults {
		for n := 1; ; n++ {
			mem := vfs.NewMem()
			fault := vfs.NewFault(mem)
			u := begin(t, transfertest.OnFS(t, fault), data)
			rule.N = n
			fired := fault.Inject(rule)
			acked := map[int]bool{}
			for _, i := range []int{0, 2, 1, 4, 3} {
				if u.put(i, u.part(i)) == nil {
					acked[i] = true
				}
			}
			_, err := u.complete()
			if err == nil && len(acked) < 5 {
				t.Fatalf("call %d: completed without all parts", n)
			}
			fault.Clear()
			was := err
			u = u.reopened(mem.CrashDurable())
			stop := u.run()
			if was == nil {
				l, err := u.complete()
				if err != nil {
					t.Fatalf("call %d: complete again after a crash: %v", n, err)
				}
				u.holds(l)
			} else {
				got := u.received()
				for i := range acked {
					if !strings.Contains(got, "[0 4]") && !contains(t, u, i) {
						t.Fatalf("call %d: part %d was acknowledged, but only %s is there", n, i, got)
					}
				}
				for i := range u.parts() {
					if err := u.put(i, u.part(i)); err != nil && engine.KindOf(err) != engine.KindConflict {
						t.Fatalf("call %d: part %d after a crash: %v", n, i, err)
					}
				}
				l, err := u.complete()
				if err != nil {
					t.Fatalf("call %d: complete after a crash: %v", n, err)
				}
				u.holds(l)
			}
			eventually(t, func() bool { return len(spooled(t, u.FS)) == 0 })
			stop()
			if fired() == 0 {
				break
			}
		}
	}
}

func contains(t *testing.T, u *upload, i int) bool {
	p, err := u.Uploads.Get(ctx, u.Owner, u.id)
	if err != nil {
		t.Fatal(err)
	}
	return slices.ContainsFunc(p.Received, func(r [2]uint32) bool { return r[0] <= uint32(i) && uint32(i) <= r[1] })
}

// Bytes behind the last cut that can't be read any more make their part missing,
// and nothing else.
func TestDamagedRest(t *testing.T) {
	mem := vfs.NewMem()
	u := begin(t, transfertest.OnFS(t, mem), transfertest.Random(3, 5*part))
	u.send(0) // too short for a cut
	mem = mem.CrashDurable()
	if n := flip(t, mem, "packs", u.part(0)[part/2:part/2+64]); n != 1 {
		t.Fatalf("the bytes of the part stand %d times in the packs", n)
	}
	u = u.reopened(mem)
	u.send(1, 2, 3, 4)
	_, err := u.complete()
	if err == nil || !strings.Contains(err.Error(), "1 of 5 parts are missing: 0") {
		t.Errorf("complete: %v", err)
	}
	u.send(0)
	u.whole()
}

// flip changes a bit of some bytes wherever they stand below a directory.
func flip(t *testing.T, fsys vfs.FS, dir string, find []byte) (n int) {
	t.Helper()
	entries, err := fsys.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		name := dir + "/" + e.Name
		if e.Dir {
			n += flip(t, fsys, name, find)
			continue
		}
		b, err := vfs.ReadFile(fsys, name)
		if err != nil {
			t.Fatal(err)
		}
		if at := bytes.Index(b, find); at >= 0 {
			f, err := fsys.OpenRW(name)
			if err != nil {
				t.Fatal(err)
			}
			_, _ = f.WriteAt([]byte{b[at] ^ 1}, int64(at))
			_ = f.Close()
			n++
		}
	}
	return n
}
