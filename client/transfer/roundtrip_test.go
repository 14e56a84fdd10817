package transfer_test

import (
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"scaidrive/client"
	"scaidrive/client/transfer"
)

func TestRoundTrip(t *testing.T) {
	w := newWorld(t)
	w.srv.TreePage = 50 // many pages
	src := sample(t)
	first := w.put(src)
	w.noProblems(first)
	if first.FilesNew != 48 || first.FilesUnchanged != 0 || first.FoldersNew != 7 {
		t.Errorf("first put: %+v", first)
	}
	if first.BytesSent != w.srv.Uploaded() || first.BytesSent != first.BytesTotal {
		t.Errorf("sent %d, the server got %d, the files have %d", first.BytesSent, w.srv.Uploaded(), first.BytesTotal)
	}

	again := w.put(src)
	w.noProblems(again)
	if again.FilesUnchanged != 48 || again.BytesSent != 0 || again.ChunksSent != 0 || again.Batches != 0 {
		t.Errorf("second put: %+v", again)
	}

	out := t.TempDir()
	got := w.get("/tree", out)
	w.noProblems(got)
	same(t, disk(t, src), disk(t, filepath.Join(out, "tree")))
	if got.BytesReceived != got.BytesTotal {
		t.Errorf("first get: %+v", got)
	}
	if got = w.get("/tree", out); got.FilesUnchanged != 48 || got.BytesReceived != 0 {
		t.Errorf("second get: %+v", got)
	}
	noStrays(t, out)
}

// TestShareRoot: of SHARE:/ the contents are placed, and "." places its contents.
func TestShareRoot(t *testing.T) {
	w := newWorld(t)
	src := sample(t)
	t.Chdir(src)
	w.noProblems(w.put("."))
	out := t.TempDir()
	w.noProblems(w.get("/", out))
	same(t, disk(t, src), disk(t, out))
}

func TestChangesTravel(t *testing.T) {
	w := newWorld(t)
	src := sample(t)
	w.put(src)
	large := filepath.Join(src, "large")
	b, _ := os.ReadFile(large)
	copy(b[10<<20:], random(9, 1000))
	write(t, large, append(b, "tail"...), 0o644)
	write(t, filepath.Join(src, "a", "b", "c", "deep.txt"), []byte("DEEP"), 0o644)
	later := time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)
	for _, f := range []string{"middling", "empty.txt"} {
		if err := os.Chtimes(filepath.Join(src, f), later, later); err != nil {
			t.Fatal(err)
		}
	}
	os.Chtimes(filepath.Join(src, "a", "b", "c", "deep.txt"), later, later)
	if err := os.Chmod(filepath.Join(src, "run.sh"), 0o644); err != nil {
		t.Fatal(err)
	}
	s := w.put(src)
	w.noProblems(s)
	if s.FilesUpdated != 2 || s.FilesTouched != 3 || s.FilesNew != 0 {
		t.Errorf("put of changes: %+v", s)
	}
	if s.BytesSent == 0 || s.BytesSent > 3<<20 {
		t.Errorf("a small edit in 18 MiB sent %d bytes", s.BytesSent)
	}
	out := t.TempDir()
	w.get("/tree", out)
	same(t, disk(t, src), disk(t, filepath.Join(out, "tree")))

	// The other way: what differs locally is put right, the rest is left.
	write(t, filepath.Join(out, "tree", "one-chunk"), []byte("spoilt"), 0o644)
	os.Chmod(filepath.Join(out, "tree", "one-chunk"), 0o600)
	os.Chtimes(filepath.Join(out, "tree", "two-chunks"), later, later)
	os.Chmod(filepath.Join(out, "tree", "large"), 0o755)
	g := w.get("/tree", out)
	w.noProblems(g)
	if g.FilesUpdated != 1 || g.FilesTouched != 2 || g.BytesReceived != 64<<10 {
		t.Errorf("get of differences: %+v", g)
	}
	same(t, disk(t, src), disk(t, filepath.Join(out, "tree")))
	if info, _ := os.Stat(filepath.Join(out, "tree", "one-chunk")); info.Mode().Perm() != 0o600 {
		t.Errorf("the replaced file's bits became %v", info.Mode())
	}
}

func TestSpecialFilesAreNamed(t *testing.T) {
	w := newWorld(t)
	root := filepath.Join(t.TempDir(), "odd")
	outside := filepath.Join(t.TempDir(), "secret")
	write(t, outside, []byte("not yours"), 0o644)
	write(t, filepath.Join(root, "plain"), []byte("x"), 0o644)
	write(t, filepath.Join(root, ".scaidrive", "marker"), []byte("x"), 0o644)
	write(t, filepath.Join(root, ".scaidrive-part-1"), []byte("x"), 0o644)
	for name, target := range map[string]string{"out": outside, "dangling": "nowhere", "loop": ".", "in": "plain"} {
		if err := os.Symlink(target, filepath.Join(root, name)); err != nil {
			t.Fatal(err)
		}
	}
	if err := makePipe(filepath.Join(root, "pipe")); err != nil {
		t.Fatal(err)
	}
	s := w.put(root)
	if s.FilesNew != 1 || len(s.Problems) != 5 {
		t.Fatalf("%+v", s)
	}
	for _, p := range s.Problems {
		if p.Kind != transfer.Skipped || (p.Reason != "link" && p.Reason != "named pipe") {
			t.Errorf("problem %+v", p)
		}
	}
	for _, name := range []string{".scaidrive", ".scaidrive-part-1", "out", "loop"} {
		if w.srv.Lookup(w.share, "odd/"+name) != nil {
			t.Errorf("%s was sent", name)
		}
	}
	// A link named itself is skipped too, with a slash behind it as well.
	s = w.put(filepath.Join(root, "loop") + "/")
	if len(s.Problems) != 1 || s.Problems[0].Kind != transfer.Skipped {
		t.Errorf("%+v", s.Problems)
	}
}

func TestLocalTrouble(t *testing.T) {
	if os.Getuid() == 0 {
		t.Log("as root every file can be read: that part shows nothing")
	}
	w := newWorld(t)
	root := filepath.Join(t.TempDir(), "r")
	write(t, filepath.Join(root, "good"), []byte("good"), 0o644)
	write(t, filepath.Join(root, "twin"), []byte("1"), 0o644)
	write(t, filepath.Join(root, "TWIN"), []byte("2"), 0o644)
	write(t, filepath.Join(root, "bad?name"), []byte("3"), 0o644)
	write(t, filepath.Join(root, "dir:bad", "below"), []byte("4"), 0o644)
	write(t, filepath.Join(root, "dir:bad", "sub", "below"), []byte("4"), 0o644)
	write(t, filepath.Join(root, "latin-\xe9"), []byte("5"), 0o644)
	s := w.put(root, filepath.Join(t.TempDir(), "missing"))
	if s.FilesNew != 2 || len(s.Problems) != 5 {
		t.Fatalf("%+v", s)
	}
	if n := w.srv.Lookup(w.share, "r/good"); n == nil {
		t.Error("the good file did not go up")
	}
	s = w.put(root)
	if s.FilesUnchanged != 2 || s.BytesSent != 0 {
		t.Errorf("again: %+v", s)
	}
}

func TestKindsInTheWay(t *testing.T) {
	w := newWorld(t)
	root := filepath.Join(t.TempDir(), "k")
	write(t, filepath.Join(root, "x", "inner"), []byte("1"), 0o644)
	write(t, filepath.Join(root, "y"), []byte("1"), 0o644)
	k := w.srv.Mkdir(w.share, "", "k")
	w.srv.Put(w.share, k.Entry.ID, "x", []byte("a file"), time.Now())
	w.srv.Mkdir(w.share, k.Entry.ID, "y")
	if s := w.put(root); len(s.Problems) != 2 || s.Done() != 0 {
		t.Errorf("put: %+v", s)
	}
	out := t.TempDir()
	write(t, filepath.Join(out, "k", "x", "inner"), []byte("mine"), 0o644)
	write(t, filepath.Join(out, "k", "y"), []byte("mine"), 0o644)
	if s := w.get("/k", out); len(s.Problems) != 2 {
		t.Errorf("get: %+v", s)
	}
	if b, _ := os.ReadFile(filepath.Join(out, "k", "y")); string(b) != "mine" {
		t.Error("a file in the way was replaced by a folder")
	}
}

// TestManyTinyFiles: neither a query nor a batch gets longer than the server takes.
func TestManyTinyFiles(t *testing.T) {
	w := newWorld(t)
	src := filepath.Join(t.TempDir(), "tiny")
	for i := range 11_000 {
		dir := filepath.Join(src, strconv.Itoa(i/1000))
		if i%1000 == 0 {
			if err := os.MkdirAll(dir, 0o777); err != nil {
				t.Fatal(err)
			}
		}
		if err := os.WriteFile(filepath.Join(dir, strconv.Itoa(i)), []byte(strconv.Itoa(i)), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	s := w.put(src)
	w.noProblems(s)
	if s.FilesNew != 11_000 || s.ChunksSent != 11_000 || s.Batches != 12 {
		t.Errorf("%+v", s)
	}
}

func TestFolderNeedsRecursive(t *testing.T) {
	w := newWorld(t)
	_, err := transfer.Put(t.Context(), w.api, transfer.PutOptions{Share: w.share, Args: []string{t.TempDir()},
		Chunking: "gear-g1-64k-128k-512k"})
	if !errors.Is(err, client.ErrUsage) {
		t.Errorf("got %v", err)
	}
	_, err = transfer.Put(t.Context(), w.api, transfer.PutOptions{Share: w.share, Args: nil, Chunking: "of-tomorrow"})
	if err == nil {
		t.Error("an unknown chunking set was taken")
	}
}
