package test

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// fingerprint lists a tree: every name with its kind, executable bit,
// modification time (to the second) and SHA-256.
func fingerprint(t testing.TB, root string) map[string]string {
	t.Helper()
	m := map[string]string{}
	err := filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, _ := filepath.Rel(root, path)
		switch {
		case e.IsDir():
			m[rel] = "folder"
		case e.Type().IsRegular():
			b, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			fi, err := e.Info()
			if err != nil {
				return err
			}
			m[rel] = fmt.Sprintf("%x %v %d", sha256.Sum256(b), fi.Mode()&0o100 != 0, fi.ModTime().Unix())
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func sameTree(t testing.TB, what string, want, got map[string]string) {
	t.Helper()
	bad := 0
	for name, w := range want {
		if g, ok := got[name]; g != w {
			if bad++; bad <= 5 {
				t.Errorf("%s: %s: have %q (there: %v), want %q", what, name, g, ok, w)
			}
		}
	}
	for name := range got {
		if _, ok := want[name]; !ok {
			if bad++; bad <= 10 {
				t.Errorf("%s: %s is there and should not be", what, name)
			}
		}
	}
	if bad > 0 {
		t.Fatalf("%s: %d of %d names differ", what, bad, len(want))
	}
}

// num reads a number of a command's JSON summary.
func num(t testing.TB, m map[string]any, key string) int64 {
	t.Helper()
	f, ok := m[key].(float64)
	if !ok {
		t.Fatalf("the summary has no number %q: %v", key, m)
	}
	return int64(f)
}

// goSource is the directory of Go's own source tree.
func goSource(t testing.TB) string {
	t.Helper()
	b, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		t.Fatal(err)
	}
	return filepath.Join(strings.TrimSpace(string(b)), "src")
}

// TestSourceTree is the main job on real input: Go's own source tree in and out.
func TestSourceTree(t *testing.T) {
	src := goSource(t)
	want := fingerprint(t, src)
	t.Logf("%d names in %s", len(want), src)
	data := t.TempDir()
	s := start(t, data)
	c := newCLI(t)
	c.login(s)
	c.ok("share", "create", "Source")

	first := c.ok("put", "-r", "--json", src, "Source:/").summary(t)
	t.Logf("put: %v", first)
	get := func(what string) {
		t.Helper()
		dir := t.TempDir()
		c.ok("get", "-r", "--quiet", "Source:/src", dir)
		sameTree(t, what, want, fingerprint(t, filepath.Join(dir, "src")))
	}
	get("after put")
	s.stop()
	s = restart(t, s)
	get("after a restart")
	again := c.ok("put", "-r", "--json", src, "Source:/").summary(t)
	if n := num(t, again, "bytes_sent"); n != 0 {
		t.Errorf("a put of an unchanged tree sent %d bytes of content: %v", n, again)
	}
	s.kill()
	s = restart(t, s)
	get("after kill -9")
	s.stop()
	if r := c.run("", "verify", "--data", data, "--read-data", "--json"); r.code != 0 {
		t.Fatalf("verify: exit %d\n%s%s", r.code, r.out, r.err)
	}
}

// TestSourceTreeInterrupted kills the server in the middle of a put; a second
// run goes on and a third sends nothing.
func TestSourceTreeInterrupted(t *testing.T) {
	src := goSource(t)
	if testing.Short() {
		src = filepath.Join(src, "cmd")
	}
	want := fingerprint(t, src)
	s := start(t, t.TempDir())
	c := newCLI(t)
	c.login(s)
	c.ok("share", "create", "Source")
	cmd := c.command(t.Context(), "put", "-r", "--json", src, "Source:/")
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	a, err := s.api()
	if err != nil {
		t.Fatal(err)
	}
	// The middle is when the first files are there and the last are not.
	waitFor(t, 60*time.Second, "the first files", func() bool {
		var l struct {
			Shares []struct {
				UsedBytes int64 `json:"used_bytes"`
			} `json:"shares"`
		}
		_, err := a.call("GET", "/shares", nil, &l)
		if err != nil {
			t.Fatal(err)
		}
		for _, sh := range l.Shares {
			if sh.UsedBytes > 1<<20 {
				return true
			}
		}
		return false
	})
	s.kill()
	if err := cmd.Wait(); err == nil {
		t.Log("the put was over before the server was killed; the test shows less than it should")
	}
	s = restart(t, s)
	second := c.ok("put", "-r", "--json", src, "Source:/").summary(t)
	third := c.ok("put", "-r", "--json", src, "Source:/").summary(t)
	t.Logf("second: %v\nthird: %v", second, third)
	if n := num(t, third, "bytes_sent"); n != 0 {
		t.Errorf("the third put sent %d bytes of content", n)
	}
	dir := t.TempDir()
	c.ok("get", "-r", "--quiet", "Source:/"+filepath.Base(src), dir)
	sameTree(t, "after the second put", want, fingerprint(t, filepath.Join(dir, filepath.Base(src))))
	s.stop()
	if r := c.run("", "verify", "--data", s.data, "--json"); r.code != 0 {
		t.Fatalf("verify: exit %d\n%s%s", r.code, r.out, r.err)
	}
}
