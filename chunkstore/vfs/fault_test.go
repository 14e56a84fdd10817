package vfs_test

import (
	"bytes"
	"errors"
	"fmt"
	"math/bits"
	"testing"
	"testing/synctest"
	"time"

	"scaidrive/chunkstore/vfs"
)

func TestFailTheNthUntilNoneFails(t *testing.T) {
	// WriteFile over an old file: whatever fails, the old or the new is there.
	for _, done := range []bool{false, true} {
		for n := 1; ; n++ {
			m := vfs.NewMem()
			noErr(t, vfs.WriteFile(m, "f", []byte("old")))
			f := vfs.NewFault(m)
			fired := f.Inject(vfs.Rule{N: n, Done: done})
			err := vfs.WriteFile(f, "f", []byte("new"))
			got := string(must(vfs.ReadFile(m.CrashDurable(), "f"))(t))
			if fired() == 0 {
				if n < 6 || err != nil || got != "new" {
					t.Errorf("after %d calls: error %v, content %q", n-1, err, got)
				}
				break
			}
			if !errors.Is(err, vfs.ErrIO) {
				t.Errorf("call %d failed, the caller was told %v", n, err)
			}
			if got != "old" && got != "new" {
				t.Errorf("call %d failed, content %q", n, got)
			}
		}
	}
}

func TestRules(t *testing.T) {
	m := vfs.NewMem()
	f := vfs.NewFault(m)
	file := must(f.Create("d.pack"))(t)
	other := must(f.Create("other"))(t)
	tests := []struct {
		name string
		rule vfs.Rule
		want string // one letter a write: of d.pack, other, d.pack, other, d.pack
	}{
		{"the first", vfs.Rule{}, "x...."},
		{"the second", vfs.Rule{N: 2}, ".x..."},
		{"by name", vfs.Rule{Name: "*.pack", N: 2}, "..x.."},
		{"from then on", vfs.Rule{Ops: vfs.OpWrite | vfs.OpSync, N: 3, From: true}, "..xxx"},
		{"another kind", vfs.Rule{Ops: vfs.OpRead | vfs.OpSync}, "....."},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f.Clear()
			tt.rule.Err = vfs.ErrNoSpace
			f.Inject(tt.rule)
			got := ""
			for i := range 5 {
				h := []vfs.File{file, other}[i%2]
				_, err := h.WriteAt([]byte("x"), 0)
				switch {
				case err == nil:
					got += "."
				case errors.Is(err, vfs.ErrNoSpace):
					got += "x"
				default:
					t.Error(err)
				}
			}
			if got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}

func TestEveryKindCanFail(t *testing.T) {
	noop := func(vfs.File) error { return nil }
	kinds := map[vfs.OpKind]func(f *vfs.Fault) error{
		vfs.OpCreate: func(f *vfs.Fault) error { return second(f.Create("new")) },
		vfs.OpOpen:   func(f *vfs.Fault) error { return with(f, noop) },
		vfs.OpRead: func(f *vfs.Fault) error {
			return with(f, func(h vfs.File) error { return second(h.ReadAt(make([]byte, 1), 0)) })
		},
		vfs.OpWrite: func(f *vfs.Fault) error {
			return with(f, func(h vfs.File) error { return second(h.WriteAt([]byte("y"), 0)) })
		},
		vfs.OpTruncate: func(f *vfs.Fault) error { return with(f, func(h vfs.File) error { return h.Truncate(1) }) },
		vfs.OpAllocate: func(f *vfs.Fault) error { return with(f, func(h vfs.File) error { return h.Allocate(0, 1) }) },
		vfs.OpSync:     func(f *vfs.Fault) error { return with(f, vfs.File.Sync) },
		vfs.OpSyncDir:  func(f *vfs.Fault) error { return f.SyncDir(".") },
		vfs.OpRename:   func(f *vfs.Fault) error { return f.Rename("f", "g") },
		vfs.OpRemove:   func(f *vfs.Fault) error { return f.Remove("f") },
		vfs.OpMkdir:    func(f *vfs.Fault) error { return f.MkdirAll("d") },
		vfs.OpReadDir:  func(f *vfs.Fault) error { return second(f.ReadDir(".")) },
		vfs.OpStat:     func(f *vfs.Fault) error { return second(f.Stat("f")) },
	}
	var all vfs.OpKind
	for kind, call := range kinds {
		all |= kind
		t.Run(kind.String(), func(t *testing.T) {
			for _, done := range []bool{false, true} {
				m := vfs.NewMem()
				noErr(t, vfs.WriteFile(m, "f", []byte("x")))
				f := vfs.NewFault(m)
				noErr(t, call(f))
				m = vfs.NewMem()
				noErr(t, vfs.WriteFile(m, "f", []byte("x")))
				f = vfs.NewFault(m)
				f.Inject(vfs.Rule{Ops: kind, Done: done})
				wantErr(t, vfs.ErrIO, call(f))
				if f.Count(kind, "") != 1 {
					t.Errorf("counted %v", f.Counts())
				}
			}
		})
	}
	if all != vfs.OpAny {
		t.Errorf("not tested: %v", vfs.OpAny&^all)
	}
}

func with(f *vfs.Fault, do func(vfs.File) error) error {
	h, err := f.OpenRW("f")
	if err != nil {
		return err
	}
	defer h.Close()
	return do(h)
}

func TestShortWriteAndFlip(t *testing.T) {
	f := vfs.NewFault(vfs.NewMem())
	h := must(f.Create("f"))(t)
	f.Inject(vfs.Rule{Short: true})
	wantN(t, 5, vfs.ErrIO)(h.WriteAt([]byte("0123456789"), 0))
	wantContent(t, f, "f", "01234")
	f.Inject(vfs.Rule{Flip: true, FlipBit: 5*8 + 9})
	got := make([]byte, 5)
	wantN(t, 5, nil)(h.ReadAt(got, 0))
	if diff := got[1] ^ '1'; bits.OnesCount8(diff) != 1 || !bytes.Equal(append(got[:1:1], got[2:]...), []byte("0234")) {
		t.Errorf("read %q, want one bit of the second byte flipped", got)
	}
	wantContent(t, f, "f", "01234")
}

func TestFailedSyncLosesBytes(t *testing.T) {
	m := vfs.NewMem()
	f := vfs.NewFault(m)
	noErr(t, vfs.WriteFile(f, "f", []byte("old")))
	h := must(f.OpenRW("f"))(t)
	wantN(t, 3, nil)(h.WriteAt([]byte("new"), 0))
	f.Inject(vfs.Rule{Ops: vfs.OpSync})
	wantErr(t, vfs.ErrIO, h.Sync())
	noErr(t, h.Sync()) // the kernel forgot; the bytes are lost all the same
	wantContent(t, f, "f", "new")
	wantContent(t, m.CrashDurable(), "f", "old")
	wantN(t, 3, nil)(h.WriteAt([]byte("NEW"), 0))
	noErr(t, h.Sync())
	wantContent(t, m.CrashDurable(), "f", "NEW")
}

func TestCountsAndDelay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := vfs.NewFault(vfs.NewMem())
		f.SetSyncDelay(5 * time.Millisecond)
		start := time.Now()
		noErr(t, f.MkdirAll("d"))
		noErr(t, vfs.WriteFile(f, "d/f", []byte("x")))
		if got := time.Since(start); got != 10*time.Millisecond {
			t.Errorf("two syncs took %v", got)
		}
		want := "[{d syncdir 1} {d mkdir 1} {d/f.tmp create 1} {d/f.tmp write 1} {d/f.tmp sync 1} {d/f.tmp rename 1} {d/f.tmp remove 1}]"
		if got := fmt.Sprint(f.Counts()); got != want {
			t.Errorf("counts %s, want %s", got, want)
		}
		if n := f.Count(vfs.OpSync|vfs.OpSyncDir, ""); n != 2 {
			t.Errorf("%d syncs", n)
		}
		f.ResetCounts()
		if n := f.Count(vfs.OpAny, ""); n != 0 {
			t.Errorf("%d calls after the reset", n)
		}
	})
}
