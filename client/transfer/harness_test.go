package transfer_test

import (
	"context"
	"encoding/binary"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"scaidrive/chunkstore/split"
	"scaidrive/client"
	"scaidrive/client/clienttest"
	"scaidrive/client/transfer"
)

// world is a server, a client and a share.
type world struct {
	t     testing.TB
	srv   *clienttest.Server
	api   *client.Client
	share string
	notes *transfer.Notes
	names atomic.Int64
}

func newWorld(t testing.TB) *world {
	srv := clienttest.New(t)
	w := &world{t: t, srv: srv, share: srv.AddShare("Work")}
	api, err := client.New(srv.URL, client.Options{Credentials: client.Static(srv.SignIn()), Attempts: 4,
		Sleep: func(ctx context.Context, _ time.Duration) error { return ctx.Err() }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(api.Close)
	w.api = api
	w.notes = transfer.NewNotes(filepath.Join(t.TempDir(), "notes"), srv.URL)
	w.notes.From, w.notes.Step = 4<<20, 2<<20
	return w
}

// firstOfEach calls f for the first request of each method and address.
func firstOfEach(f func(rw http.ResponseWriter, r *http.Request) bool) func(http.ResponseWriter, *http.Request) bool {
	var seen sync.Map
	return func(rw http.ResponseWriter, r *http.Request) bool {
		if _, again := seen.LoadOrStore(r.Method+r.URL.String(), true); again {
			return false
		}
		return f(rw, r)
	}
}

func (w *world) tryPut(ctx context.Context, args ...string) (*transfer.Summary, error) {
	return transfer.Put(ctx, w.api, transfer.PutOptions{Share: w.share, Target: "/", Args: args, Recursive: true,
		Chunking: split.Default().Name, Device: "test", Notes: w.notes})
}

func (w *world) put(args ...string) *transfer.Summary {
	w.t.Helper()
	s, err := w.tryPut(w.t.Context(), args...)
	if err != nil {
		w.t.Fatalf("put: %v", err)
	}
	return s
}

func (w *world) tryGet(ctx context.Context, path, dir string) (*transfer.Summary, error) {
	p, err := client.ParseRemotePath(w.share + ":" + path)
	if err != nil {
		w.t.Fatal(err)
	}
	at, n, err := w.api.FindIn(ctx, w.share, p.Parts)
	if err != nil {
		return nil, err
	}
	if n < len(p.Parts) {
		w.t.Fatalf("%s is not there", path)
	}
	o := transfer.GetOptions{Share: w.share, Dir: dir,
		Token: func() string { return fmt.Sprintf("t%d", w.names.Add(1)) }}
	if at.ID != "" {
		o.Item = &at.Item
	}
	return transfer.Get(ctx, w.api, o)
}

func (w *world) get(path, dir string) *transfer.Summary {
	w.t.Helper()
	s, err := w.tryGet(w.t.Context(), path, dir)
	if err != nil {
		w.t.Fatalf("get: %v", err)
	}
	return s
}

func (w *world) noProblems(s *transfer.Summary) {
	w.t.Helper()
	if len(s.Problems) > 0 {
		w.t.Fatalf("problems: %v", s.Problems)
	}
}

// disk describes a tree: path to content, with the time and the executable bit.
// Folders end in a slash.
func disk(t testing.TB, root string) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error {
		if err != nil || path == root {
			return err
		}
		rel, _ := filepath.Rel(root, path)
		rel = filepath.ToSlash(rel)
		if e.IsDir() {
			out[rel+"/"] = ""
			return nil
		}
		info, err := e.Info()
		if err != nil {
			return err
		}
		if !info.Mode().IsRegular() {
			out[rel] = info.Mode().Type().String()
			return nil
		}
		b, err := os.ReadFile(path)
		out[rel] = fmt.Sprintf("%v %d %s", info.Mode()&0o100 != 0, info.ModTime().UnixMilli(), b)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func same(t testing.TB, want, got map[string]string) {
	t.Helper()
	if d := cmp.Diff(want, got, cmp.Transformer("short", func(s string) string {
		if len(s) > 200 {
			return fmt.Sprintf("%s… (%d)", s[:60], len(s)) + fmt.Sprint(hashOf(s))
		}
		return s
	})); d != "" {
		t.Fatalf("the trees differ (-want +got):\n%s", d)
	}
}

func hashOf(s string) (h uint64) {
	for i := range len(s) {
		h = h*1099511628211 + uint64(s[i])
	}
	return h
}

// random gives bytes that do not repeat, by a seed.
func random(seed uint64, n int) []byte {
	r := rand.New(rand.NewPCG(seed, 7))
	b := make([]byte, n)
	for i := 0; i < len(b); i += 8 {
		var w [8]byte
		binary.LittleEndian.PutUint64(w[:], r.Uint64())
		copy(b[i:], w[:])
	}
	return b
}

func write(t testing.TB, path string, content []byte, mode fs.FileMode) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, content, mode); err != nil {
		t.Fatal(err)
	}
	at := time.Date(2024, 5, 6, 7, 8, 9, 123_456_789, time.UTC).Add(time.Duration(hashOf(path)%1e9) * time.Millisecond)
	if err := os.Chtimes(path, at, at); err != nil {
		t.Fatal(err)
	}
}

// sample makes a tree with all that travels: empty folders and files, deep ones,
// the executable bit, small, middling and large files.
func sample(t testing.TB) string {
	t.Helper()
	root := filepath.Join(t.TempDir(), "tree")
	write(t, filepath.Join(root, "empty.txt"), nil, 0o644)
	write(t, filepath.Join(root, "run.sh"), []byte("#!/bin/sh\n"), 0o755)
	write(t, filepath.Join(root, "a", "b", "c", "deep.txt"), []byte("deep"), 0o644)
	write(t, filepath.Join(root, "a", "Ünïcödé 日本.txt"), []byte("name"), 0o644)
	write(t, filepath.Join(root, "one-chunk"), random(1, split.Default().Min), 0o644)
	write(t, filepath.Join(root, "two-chunks"), random(2, split.Default().Min+1), 0o644)
	write(t, filepath.Join(root, "middling"), random(3, 700_000), 0o644)
	write(t, filepath.Join(root, "large"), random(4, 18<<20), 0o644)
	for i := range 40 {
		write(t, filepath.Join(root, "many", fmt.Sprintf("f%03d", i)), random(uint64(100+i), 100+i*37), 0o644)
	}
	if err := os.MkdirAll(filepath.Join(root, "hollow", "inner"), 0o777); err != nil {
		t.Fatal(err)
	}
	return root
}

func noStrays(t testing.TB, dir string) {
	t.Helper()
	for name := range disk(t, dir) {
		if strings.Contains(name, ".scaidrive-part-") {
			t.Errorf("%s was left behind", name)
		}
	}
}
