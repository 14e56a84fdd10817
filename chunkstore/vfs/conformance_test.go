package vfs_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"sync"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"scaidrive/chunkstore/vfs"
)

// implementations are the file systems that the conformance suite runs against.
var implementations = map[string]func(t *testing.T) vfs.FS{
	"OS":          func(t *testing.T) vfs.FS { return vfs.OS(t.TempDir()) },
	"OS new root": newRoot,
	"Mem":         func(t *testing.T) vfs.FS { return vfs.NewMem() },
	"Fault(Mem)":  func(t *testing.T) vfs.FS { return vfs.NewFault(vfs.NewMem()) },
	"Fault(OS)":   func(t *testing.T) vfs.FS { return vfs.NewFault(vfs.OS(t.TempDir())) },
	"crash clone": func(t *testing.T) vfs.FS { return vfs.NewMem().CrashDurable() },
	"kill clone":  func(t *testing.T) vfs.FS { return vfs.NewMem().Kill() },
}

func newRoot(t *testing.T) vfs.FS {
	fsys := vfs.OS(t.TempDir() + "/made/later")
	if err := fsys.MkdirAll("."); err != nil {
		t.Fatal(err)
	}
	return fsys
}

// conformance are the rules that every implementation keeps.
var conformance = map[string]func(t *testing.T, fsys vfs.FS){
	"create is exclusive": func(t *testing.T, fsys vfs.FS) {
		create(t, fsys, "a", "one")
		wantErr(t, fs.ErrExist, second(fsys.Create("a")))
		wantContent(t, fsys, "a", "one")
		wantErr(t, fs.ErrNotExist, second(fsys.Create("no/dir")))
	},
	"what does not exist": func(t *testing.T, fsys vfs.FS) {
		wantErr(t, fs.ErrNotExist, second(fsys.Open("x")))
		wantErr(t, fs.ErrNotExist, second(fsys.OpenRW("x")))
		wantErr(t, fs.ErrNotExist, second(fsys.Stat("x")))
		wantErr(t, fs.ErrNotExist, second(fsys.ReadDir("x")))
		wantErr(t, fs.ErrNotExist, fsys.Remove("x"))
		wantErr(t, fs.ErrNotExist, fsys.Rename("x", "y"))
		wantErr(t, fs.ErrNotExist, fsys.SyncDir("x"))
		create(t, fsys, "a", "")
		wantErr(t, fs.ErrNotExist, fsys.Rename("a", "no/dir"))
	},
	"names stay below the root": func(t *testing.T, fsys vfs.FS) {
		for _, name := range []string{"", "/a", "../a", "a/../b", "a//b", "a/", "./a", `a\b`, "a\x00"} {
			wantErr(t, fs.ErrInvalid, second(fsys.Create(name)))
			wantErr(t, fs.ErrInvalid, second(fsys.Open(name)))
			wantErr(t, fs.ErrInvalid, second(fsys.OpenRW(name)))
			wantErr(t, fs.ErrInvalid, second(fsys.Stat(name)))
			wantErr(t, fs.ErrInvalid, second(fsys.ReadDir(name)))
			wantErr(t, fs.ErrInvalid, fsys.Remove(name))
			wantErr(t, fs.ErrInvalid, fsys.Rename(name, "b"))
			wantErr(t, fs.ErrInvalid, fsys.Rename("b", name))
			wantErr(t, fs.ErrInvalid, fsys.MkdirAll(name))
			wantErr(t, fs.ErrInvalid, fsys.SyncDir(name))
		}
	},
	"read and write": func(t *testing.T, fsys vfs.FS) {
		f := must(fsys.Create("a"))(t)
		defer f.Close()
		wantN(t, 5, nil)(f.WriteAt([]byte("hello"), 0))
		wantN(t, 3, nil)(f.WriteAt([]byte("far"), 4000))
		wantN(t, 0, nil)(f.WriteAt(nil, 9000))
		buf := make([]byte, 5)
		wantN(t, 5, nil)(f.ReadAt(buf, 0))
		wantN(t, 2, io.EOF)(f.ReadAt(buf, 4001))
		wantN(t, 0, io.EOF)(f.ReadAt(buf, 4003))
		wantN(t, 0, io.EOF)(f.ReadAt(buf, 1<<40))
		if _, err := f.ReadAt(buf, -1); err == nil {
			t.Error("read at -1 succeeded")
		}
		if _, err := f.WriteAt(buf, -1); err == nil {
			t.Error("write at -1 succeeded")
		}
		wantSize(t, f, 4003)
		want := append([]byte("hello"), make([]byte, 3995)...)
		wantContent(t, fsys, "a", string(want)+"far")
	},
	"a file opened for reading": func(t *testing.T, fsys vfs.FS) {
		create(t, fsys, "a", "text")
		f := must(fsys.Open("a"))(t)
		defer f.Close()
		if _, err := f.WriteAt([]byte("x"), 0); err == nil {
			t.Error("write through a read-only handle succeeded")
		}
		if err := f.Truncate(0); err == nil {
			t.Error("truncate through a read-only handle succeeded")
		}
		wantContent(t, fsys, "a", "text")
	},
	"directories are not files": func(t *testing.T, fsys vfs.FS) {
		noErr(t, fsys.MkdirAll("d"))
		create(t, fsys, "f", "")
		for _, err := range []error{second(fsys.Open("d")), second(fsys.OpenRW("d")), second(fsys.Create("d")),
			fsys.MkdirAll("f"), fsys.SyncDir("f"), second(fsys.ReadDir("f")), fsys.Rename("d", "f")} {
			if err == nil {
				t.Error("a directory was taken for a file, or a file for a directory")
			}
		}
	},
	"truncate": func(t *testing.T, fsys vfs.FS) {
		create(t, fsys, "a", "0123456789")
		f := must(fsys.OpenRW("a"))(t)
		defer f.Close()
		noErr(t, f.Truncate(4))
		wantContent(t, fsys, "a", "0123")
		noErr(t, f.Truncate(6))
		wantContent(t, fsys, "a", "0123\x00\x00")
		noErr(t, f.Sync())
		wantSize(t, f, 6)
	},
	"allocate keeps the size": func(t *testing.T, fsys vfs.FS) {
		f := must(fsys.Create("a"))(t)
		defer f.Close()
		noErr(t, f.Allocate(0, 1<<20))
		wantSize(t, f, 0)
		wantN(t, 3, nil)(f.WriteAt([]byte("abc"), 0))
		noErr(t, f.Sync())
		wantContent(t, fsys, "a", "abc")
		wantErr(t, fs.ErrInvalid, f.Allocate(0, 0))
		wantErr(t, fs.ErrInvalid, f.Allocate(-1, 10))
	},
	"closed handles": func(t *testing.T, fsys vfs.FS) {
		f := must(fsys.Create("a"))(t)
		noErr(t, f.Close())
		wantErr(t, fs.ErrClosed, f.Close())
		wantErr(t, fs.ErrClosed, f.Sync())
		wantErr(t, fs.ErrClosed, f.Truncate(0))
		wantErr(t, fs.ErrClosed, f.Allocate(0, 1))
		wantErr(t, fs.ErrClosed, second(f.Size()))
		wantErr(t, fs.ErrClosed, second(f.ReadAt(make([]byte, 1), 0)))
		wantErr(t, fs.ErrClosed, second(f.WriteAt(make([]byte, 1), 0)))
	},
	"rename replaces": func(t *testing.T, fsys vfs.FS) {
		noErr(t, fsys.MkdirAll("d"))
		create(t, fsys, "a", "new")
		create(t, fsys, "d/b", "old")
		noErr(t, fsys.Rename("a", "d/b"))
		wantErr(t, fs.ErrNotExist, second(fsys.Stat("a")))
		wantContent(t, fsys, "d/b", "new")
		noErr(t, fsys.Rename("d/b", "d/b"))
		wantContent(t, fsys, "d/b", "new")
		noErr(t, fsys.Rename("d", "e"))
		wantContent(t, fsys, "e/b", "new")
		noErr(t, errors.Join(fsys.SyncDir("."), fsys.SyncDir("e")))
	},
	"remove": func(t *testing.T, fsys vfs.FS) {
		noErr(t, fsys.MkdirAll("d/e"))
		if fsys.Remove("d") == nil {
			t.Error("a directory with names in it was removed")
		}
		noErr(t, fsys.Remove("d/e"))
		noErr(t, fsys.Remove("d"))
		noErr(t, fsys.MkdirAll("d/e"))
		create(t, fsys, "d/e/f", "x")
		noErr(t, fsys.Remove("d/e/f"))
		wantErr(t, fs.ErrNotExist, second(fsys.Open("d/e/f")))
	},
	"list and stat": func(t *testing.T, fsys vfs.FS) {
		noErr(t, fsys.MkdirAll("x/sub/deep"))
		noErr(t, fsys.MkdirAll("x/sub/deep"))
		create(t, fsys, "x/b", "12345")
		create(t, fsys, "x/a", "")
		got := must(fsys.ReadDir("x"))(t)
		want := []vfs.Entry{{Name: "a"}, {Name: "b", Size: 5}, {Name: "sub", Dir: true}}
		if d := cmp.Diff(want, got); d != "" {
			t.Error(d)
		}
		if d := cmp.Diff(vfs.Entry{Name: "b", Size: 5}, must(fsys.Stat("x/b"))(t)); d != "" {
			t.Error(d)
		}
		if got := must(fsys.ReadDir("x/sub/deep"))(t); len(got) != 0 {
			t.Errorf("an empty directory lists %v", got)
		}
		if e := must(fsys.Stat("."))(t); !e.Dir {
			t.Errorf("the root is %v", e)
		}
	},
	"write file": func(t *testing.T, fsys vfs.FS) {
		noErr(t, fsys.MkdirAll("d"))
		for _, s := range []string{"first", "second, longer", ""} {
			noErr(t, vfs.WriteFile(fsys, "d/f", []byte(s)))
			wantContent(t, fsys, "d/f", s)
		}
		if got := must(fsys.ReadDir("d"))(t); len(got) != 1 {
			t.Errorf("something was left over: %v", got)
		}
	},
	"concurrent use": func(t *testing.T, fsys vfs.FS) {
		f := must(fsys.Create("a"))(t)
		defer f.Close()
		var wg sync.WaitGroup
		for i := range 8 {
			wg.Go(func() {
				p := bytes.Repeat([]byte{byte(i + 1)}, 1000)
				for k := range 20 {
					off := int64(k*8+i) * 1000
					_, err := f.WriteAt(p, off)
					got := make([]byte, 1000)
					_, err2 := f.ReadAt(got, off)
					if err := errors.Join(err, err2, f.Sync()); err != nil || !bytes.Equal(p, got) {
						t.Errorf("at %d: %v", off, err)
					}
					name := fmt.Sprintf("n%d-%d", i, k)
					if err := errors.Join(vfs.WriteFile(fsys, name, p), fsys.Remove(name)); err != nil {
						t.Error(err)
					}
				}
			})
		}
		wg.Wait()
		wantSize(t, f, 160000)
	},
}

func TestConformance(t *testing.T) {
	for impl, make := range implementations {
		t.Run(impl, func(t *testing.T) {
			for rule, check := range conformance {
				t.Run(rule, func(t *testing.T) { check(t, make(t)) })
			}
		})
	}
}

func TestFullVolumeIsTold(t *testing.T) {
	f, err := vfs.OS("/dev").OpenRW("full")
	if err != nil {
		t.Skipf("this system has no device that is always full: %v", err)
	}
	defer f.Close()
	wantN(t, 0, vfs.ErrNoSpace)(f.WriteAt([]byte("x"), 0))
	wantN(t, 0, syscall.ENOSPC)(f.WriteAt([]byte("x"), 0))
}

func create(t *testing.T, fsys vfs.FS, name, content string) {
	t.Helper()
	f := must(fsys.Create(name))(t)
	wantN(t, len(content), nil)(f.WriteAt([]byte(content), 0))
	noErr(t, f.Close())
}

func noErr(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func wantErr(t *testing.T, want, got error) {
	t.Helper()
	if !errors.Is(got, want) {
		t.Errorf("error %v, want %v", got, want)
	}
}

func must[T any](v T, err error) func(t *testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		noErr(t, err)
		return v
	}
}

func second[T any](_ T, err error) error { return err }

func wantN(t *testing.T, wantN int, wantErr error) func(int, error) {
	return func(n int, err error) {
		t.Helper()
		if n != wantN || !errors.Is(err, wantErr) {
			t.Errorf("got %d bytes and error %v, want %d and %v", n, err, wantN, wantErr)
		}
	}
}

func wantSize(t *testing.T, f vfs.File, want int64) {
	t.Helper()
	if got, err := f.Size(); got != want || err != nil {
		t.Errorf("size %d (error %v), want %d", got, err, want)
	}
}

func wantContent(t *testing.T, fsys vfs.FS, name, want string) {
	t.Helper()
	got, err := vfs.ReadFile(fsys, name)
	if err != nil || string(got) != want {
		t.Errorf("%s holds %q (error %v), want %q", name, got, err, want)
	}
}

// TestDurableDirectories: what an earlier process has synced for certain is left alone
// where it exists, and made where it does not.
func TestDurableDirectories(t *testing.T) {
	root := t.TempDir()
	if err := os.Mkdir(root+"/there", 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(root+"/file", nil, 0o600); err != nil {
		t.Fatal(err)
	}
	fsys := vfs.OS(root, ".", "there", "gone", "file")
	for _, name := range []string{"there", "gone", "there/below"} {
		if err := fsys.MkdirAll(name); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if e, err := fsys.Stat(name); err != nil || !e.Dir {
			t.Errorf("%s is not there: %v", name, err)
		}
	}
	if err := fsys.MkdirAll("file"); err == nil {
		t.Error("a file counts as a directory")
	}
	if err := fsys.Remove("there/below"); err != nil {
		t.Fatal(err)
	}
	if err := fsys.Remove("there"); err != nil {
		t.Fatal(err)
	}
	if err := fsys.MkdirAll("there"); err != nil {
		t.Fatal(err)
	}
	if e, err := fsys.Stat("there"); err != nil || !e.Dir {
		t.Errorf("removed and made again: %v", err)
	}
}
