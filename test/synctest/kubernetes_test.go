package synctest

import (
	"crypto/sha256"
	"encoding/json"
	"io"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// source is a module's files in the module cache. What can't be had is a skip, but
// in CI a failure: there the dependencies are installed first.
func source(t *testing.T, module string) string {
	t.Helper()
	cmd := exec.Command("go", "mod", "download", "-json", module)
	cmd.Dir = t.TempDir() // in no module: nothing is added to ours
	out, err := cmd.Output()
	var got struct{ Dir string }
	if err == nil {
		err = json.Unmarshal(out, &got)
	}
	if err != nil || got.Dir == "" {
		if os.Getenv("CI") == "true" {
			t.Fatalf("%s is needed, and CI must have it: %v", module, err)
		}
		t.Skipf("skipped: %s can't be fetched: %v", module, err)
	}
	return got.Dir
}

// copyTree copies files so that they can be written.
func copyTree(t *testing.T, from, to string) {
	t.Helper()
	err := filepath.WalkDir(from, func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, _ := filepath.Rel(from, path)
		if e.IsDir() {
			return os.MkdirAll(filepath.Join(to, rel), 0o755)
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(to, rel), b, 0o644)
	})
	if err != nil {
		t.Fatal(err)
	}
}

// become changes a folder into another tree as a person would: what is the same is
// left alone, what has only another name is renamed.
func become(t *testing.T, root, next string) (edited, renamed, made, deleted int) {
	t.Helper()
	sums := func(dir string) (byPath map[string][32]byte) {
		byPath = map[string][32]byte{}
		err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			rel, _ := filepath.Rel(dir, path)
			if e.IsDir() {
				if rel == ".scaidrive" {
					return filepath.SkipDir
				}
				return nil
			}
			b, err := os.ReadFile(path)
			byPath[rel] = sha256.Sum256(b)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return byPath
	}
	old, want := sums(root), sums(next)
	gone := map[[32]byte][]string{}
	for p, sum := range old {
		if _, stays := want[p]; !stays {
			gone[sum] = append(gone[sum], p)
		}
	}
	ok := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	for p, sum := range want {
		if was, there := old[p]; there && was == sum {
			continue
		} else if there {
			edited++
		} else if from := gone[sum]; len(from) > 0 {
			renamed++
			gone[sum] = from[1:]
			ok(os.MkdirAll(filepath.Dir(filepath.Join(root, p)), 0o755))
			ok(os.Rename(filepath.Join(root, from[0]), filepath.Join(root, p)))
			continue
		} else {
			made++
			ok(os.MkdirAll(filepath.Dir(filepath.Join(root, p)), 0o755))
		}
		b, err := os.ReadFile(filepath.Join(next, p))
		ok(err)
		ok(os.WriteFile(filepath.Join(root, p), b, 0o644))
	}
	for _, left := range gone {
		for _, p := range left {
			deleted++
			ok(os.Remove(filepath.Join(root, p)))
			for dir := filepath.Dir(p); dir != "."; dir = filepath.Dir(dir) {
				if os.Remove(filepath.Join(root, dir)) != nil {
					break // something is left in it
				}
			}
		}
	}
	return edited, renamed, made, deleted
}

// A counter is a way to the server that counts what goes through it.
type counter struct {
	addr  string
	bytes atomic.Int64
}

// countTo listens for a client and carries its bytes to the server.
func countTo(t *testing.T, server string) *counter {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	c := &counter{addr: l.Addr().String()}
	var wg sync.WaitGroup
	var mu sync.Mutex
	conns := map[net.Conn]bool{}
	carry := func(to, from net.Conn) {
		defer to.Close()
		_, _ = io.Copy(io.MultiWriter(to, c), from) // ends with either side
	}
	wg.Go(func() {
		for {
			in, err := l.Accept()
			if err != nil {
				return
			}
			out, err := net.Dial("tcp", server)
			if err != nil {
				in.Close()
				continue
			}
			mu.Lock()
			conns[in], conns[out] = true, true
			mu.Unlock()
			wg.Go(func() { carry(out, in) })
			wg.Go(func() { carry(in, out) })
		}
	})
	t.Cleanup(func() {
		l.Close()
		mu.Lock()
		for nc := range conns {
			nc.Close()
		}
		mu.Unlock()
		wg.Wait()
	})
	return c
}

// Write implements io.Writer.
func (c *counter) Write(p []byte) (int, error) {
	c.bytes.Add(int64(len(p)))
	return len(p), nil
}

// same runs diff -r, which must say nothing.
func same(t *testing.T, a, b string) {
	t.Helper()
	out, err := exec.Command("diff", "-r", "--exclude=.scaidrive", a, b).CombinedOutput()
	if err != nil || len(out) > 0 {
		t.Fatalf("diff -r: %v\n%s", err, tail(string(out), 2000))
	}
}

// TestKubernetes: two people work on the source of Kubernetes; one brings it from
// 1.31.0 to 1.31.1, and the other has the same.
func TestKubernetes(t *testing.T) {
	if testing.Short() {
		t.Skip("skipped: -short")
	}
	first, second := source(t, "k8s.io/kubernetes@v1.31.0"), source(t, "k8s.io/kubernetes@v1.31.1")
	s := newServer(t, t.TempDir())
	share := newShare(t, s.api(t), "Kubernetes")
	var people []*person
	var ways []*counter
	for _, name := range []string{"A", "B"} {
		p, way := newPerson(t, name), countTo(t, s.addr)
		p.url = "http://" + way.addr
		p.joins(s, share)
		people, ways = append(people, p), append(ways, way)
	}
	a, b := people[0], people[1]
	step := func(what string, p *person, way *counter) {
		t.Helper()
		before, began := way.bytes.Load(), time.Now()
		p.ok("sync", "run", "--once")
		c := p.status().Counts
		t.Logf("%s: %d bytes on the wire in %.1f s; %d files sent, %d received, %d moves, %d deletions; %d bytes of content moved, %d saved",
			what, way.bytes.Load()-before, time.Since(began).Seconds(), c.FilesSent, c.FilesReceived, c.Moves, c.Deletes, c.BytesSent+c.BytesReceived, c.BytesSaved)
	}
	copyTree(t, first, a.root)
	step("1.31.0 up", a, ways[0])
	step("1.31.0 down", b, ways[1])
	same(t, a.root, b.root)
	same(t, first, b.root)

	edited, renamed, made, deleted := become(t, a.root, second)
	same(t, second, a.root)
	t.Logf("1.31.1: %d edited, %d renamed, %d new, %d deleted", edited, renamed, made, deleted)
	upBefore, downBefore := ways[0].bytes.Load(), ways[1].bytes.Load()
	step("1.31.1 up", a, ways[0])
	step("1.31.1 down", b, ways[1])
	same(t, second, b.root)
	if up, down := ways[0].bytes.Load()-upBefore, ways[1].bytes.Load()-downBefore; up > 12<<20 || down > 12<<20 {
		t.Errorf("the change took %d bytes up and %d down", up, down)
	}

	// A folder with most of it gets another name: one move, here and there.
	if err := os.Rename(filepath.Join(b.root, "staging"), filepath.Join(b.root, "stage")); err != nil {
		t.Fatal(err)
	}
	before := ways[0].bytes.Load() + ways[1].bytes.Load()
	step("a folder renamed, up", b, ways[1])
	step("a folder renamed, down", a, ways[0])
	same(t, a.root, b.root)
	if n := a.status().Counts; n.Moves != 1 || n.FilesReceived > 0 || n.Deletes > 0 {
		t.Errorf("renaming a folder: %+v", n)
	}
	if n := ways[0].bytes.Load() + ways[1].bytes.Load() - before; n > 200<<10 {
		t.Errorf("renaming a folder took %d bytes", n)
	}
	for _, p := range people {
		if s := p.status(); !s.InStep || len(s.Skipped) > 0 {
			t.Errorf("%s says %+v", p.name, s.Status)
		}
	}
}
