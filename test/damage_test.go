package test

import (
	"bytes"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// smallTree writes a tree of mixed files and returns its fingerprint.
func smallTree(t testing.TB, dir string, rng *rand.Rand, files int) map[string]string {
	t.Helper()
	for i := range files {
		sub := filepath.Join(dir, fmt.Sprintf("folder %d", i%7), fmt.Sprintf("sub-%d", i%3))
		if err := os.MkdirAll(sub, 0o755); err != nil {
			t.Fatal(err)
		}
		var b []byte
		if i%2 == 0 {
			b = []byte(strings.Repeat(fmt.Sprintf("line %d of a text that compresses well\n", i), rng.IntN(2000)))
		} else {
			b = make([]byte, rng.IntN(30000))
			for j := range b {
				b[j] = byte(rng.Uint32())
			}
		}
		if i == 1 { // one file of many chunks, so that there is a manifest
			b = make([]byte, 6<<20)
			for j := 0; j < len(b); j++ {
				b[j] = byte(rng.Uint32())
			}
		}
		if err := os.WriteFile(filepath.Join(sub, fmt.Sprintf("file-%03d.dat", i)), b, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	os.MkdirAll(filepath.Join(dir, "empty"), 0o755)
	return fingerprint(t, dir)
}

// copyDir copies a stopped data directory.
func copyDir(t testing.TB, from, to string) {
	t.Helper()
	err := filepath.WalkDir(from, func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, _ := filepath.Rel(from, path)
		dst := filepath.Join(to, rel)
		if e.IsDir() {
			return os.MkdirAll(dst, 0o700)
		}
		if e.Name() == "reserve" || e.Name() == "LOCK" {
			return nil
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(dst, b, 0o600)
	})
	if err != nil {
		t.Fatal(err)
	}
}

// stored makes a store with a small tree in share "Tree", stopped cleanly.
func stored(t *testing.T, rng *rand.Rand) (data string, want map[string]string, c *cli, addr string) {
	t.Helper()
	src := filepath.Join(t.TempDir(), "tree")
	want = smallTree(t, src, rng, 60)
	s := start(t, t.TempDir())
	c = newCLI(t)
	c.login(s)
	c.ok("share", "create", "Tree")
	c.ok("put", "-r", "--quiet", src, "Tree:/")
	s.stop()
	return s.data, want, c, s.addr()
}

// filesIn lists the regular files below a directory of the data directory.
func filesIn(t testing.TB, dir string) []string {
	t.Helper()
	var names []string
	filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err == nil && e.Type().IsRegular() {
			names = append(names, path)
		}
		return nil
	})
	return names
}

// usedLength is the length of a file without the zeros at its end, which
// preallocation left.
func usedLength(b []byte) int { return len(bytes.TrimRight(b, "\x00")) }

// TestFlippedBytes flips single bits in every kind of file. What comes out is
// right or an error that says so: never a wrong byte, never a file missing from
// a listing that succeeded.
func TestFlippedBytes(t *testing.T) {
	sd := seed(t)
	rng := rand.New(rand.NewPCG(sd, 4))
	data, want, c, addr := stored(t, rng)
	rounds := 6
	if testing.Short() {
		rounds = 2
	}
	if d := long(t); d > 0 {
		rounds = int(d / (2 * time.Second))
	}
	for _, kind := range []string{"packs", "oplog", "meta.db", "index.db", "keys", "FORMAT"} {
		t.Run(kind, func(t *testing.T) {
			noticed := 0
			for round := range rounds {
				broken := t.TempDir()
				copyDir(t, data, broken)
				names := filesIn(t, filepath.Join(broken, kind))
				if len(names) == 0 {
					t.Fatalf("no file in %s", kind)
				}
				name := names[rng.IntN(len(names))]
				b, err := os.ReadFile(name)
				if err != nil {
					t.Fatal(err)
				}
				n := usedLength(b)
				if n == 0 {
					continue
				}
				at, bit := rng.IntN(n), rng.IntN(8)
				b[at] ^= 1 << bit
				if err := os.WriteFile(name, b, 0o600); err != nil {
					t.Fatal(err)
				}
				what := fmt.Sprintf("round %d: bit %d of byte %d of %s", round, bit, at, filepath.Base(name))
				if tryDamaged(t, c, what, broken, addr, want) {
					noticed++
				}
				if t.Failed() {
					t.FailNow()
				}
			}
			t.Logf("%d of %d flips made a command fail or were healed with a report", noticed, rounds)
		})
	}
}

// tryDamaged starts a server on a damaged copy and gets the tree. It reports
// whether the damage was noticed.
func tryDamaged(t *testing.T, c *cli, what, data, addr string, want map[string]string) bool {
	t.Helper()
	s := launch(t, data, addr, nil)
	defer s.kill()
	if !comesUp(s) {
		if strings.TrimSpace(s.log.String()) == "" {
			t.Errorf("%s: the server ended without a word", what)
		}
		if strings.Contains(s.log.String(), "panic:") {
			t.Errorf("%s: the server panicked:\n%s", what, s.log)
		}
		return true
	}
	r := c.run(adminPassword+"\n", "login", s.url, "--email", adminEmail, "--password-stdin")
	if r.code != 0 {
		if r.code != 1 {
			t.Errorf("%s: login: exit %d %s", what, r.code, r.err)
		}
		return true
	}
	dir := t.TempDir()
	r = c.run("", "get", "-r", "--quiet", "Tree:/tree", dir)
	got := fingerprint(t, dir)
	if r.code == 0 {
		have := map[string]string{}
		for name, v := range got {
			if rel, err := filepath.Rel("tree", name); err == nil && !strings.HasPrefix(rel, "..") {
				have[rel] = v
			}
		}
		sameTree(t, what+" (get succeeded)", want, have)
		return strings.Contains(s.log.String(), "damage") || strings.Contains(s.log.String(), "rebuilt")
	}
	if r.code != 1 && r.code != 3 {
		t.Errorf("%s: get: exit %d\n%s", what, r.code, r.err)
	}
	if strings.TrimSpace(r.err) == "" {
		t.Errorf("%s: get failed without a word", what)
	}
	for name, v := range got {
		rel, err := filepath.Rel("tree", name)
		if err != nil || strings.HasPrefix(rel, "..") || strings.HasPrefix(filepath.Base(name), ".") {
			continue
		}
		// Folder times and half-made folders may differ after a failure; content may not.
		if w := want[rel]; v != "folder" && strings.Fields(w + " -")[0] != strings.Fields(v)[0] {
			t.Errorf("%s: %s came out with wrong bytes (or is not of the tree)", what, rel)
		}
	}
	return true
}

// comesUp waits until the server answers health, or has ended.
func comesUp(s *server) bool {
	for {
		select {
		case <-s.done:
			return false
		default:
		}
		a := &api{url: s.url}
		a.http.Timeout = 5 * time.Second
		if code, err := a.call("GET", "/health", nil, nil); err == nil && code == 200 {
			return true
		}
		time.Sleep(5 * time.Millisecond) // poll interval
	}
}

// TestVerifyNamesDamage flips bits in content and wants verify to find and name
// them, and everything else to stay readable.
func TestVerifyNamesDamage(t *testing.T) {
	rng := rand.New(rand.NewPCG(seed(t), 5))
	data, want, c, addr := stored(t, rng)
	packs := filesIn(t, filepath.Join(data, "packs"))
	b, err := os.ReadFile(packs[0])
	if err != nil {
		t.Fatal(err)
	}
	b[usedLength(b)/2] ^= 0x10
	if err := os.WriteFile(packs[0], b, 0o600); err != nil {
		t.Fatal(err)
	}
	r := c.run("", "verify", "--data", data, "--read-data")
	if r.code != 1 || !strings.Contains(r.out+r.err, "damaged") {
		t.Fatalf("verify of a damaged pack: exit %d\n%s%s", r.code, r.out, r.err)
	}
	s := launch(t, data, addr, nil)
	s.waitReady(60 * time.Second)
	c.login(s)
	dir := t.TempDir()
	r = c.run("", "get", "-r", "Tree:/tree", dir)
	got := fingerprint(t, dir)
	files := 0
	for name, v := range got {
		if v != "folder" && !strings.HasPrefix(filepath.Base(name), ".") { // hidden: not taken for a result
			files++
			if rel, _ := filepath.Rel("tree", name); want[rel] != v {
				t.Errorf("%s differs", name)
			}
		}
	}
	if r.code == 0 || files < 55 || files > 59 {
		t.Errorf("get of a store with one damaged record: exit %d, %d of 60 files\n%s", r.code, files, r.err)
	}
}

// TestDestroyedDatabases removes what can be rebuilt.
func TestDestroyedDatabases(t *testing.T) {
	rng := rand.New(rand.NewPCG(seed(t), 6))
	data, want, c, addr := stored(t, rng)
	for name, destroy := range map[string]func(dir string) error{
		"meta.db removed":  func(d string) error { return os.Remove(filepath.Join(d, "meta.db")) },
		"index.db removed": func(d string) error { return os.Remove(filepath.Join(d, "index.db")) },
		"meta.db emptied":  func(d string) error { return os.Truncate(filepath.Join(d, "meta.db"), 0) },
		"meta.db halved":   func(d string) error { return os.Truncate(filepath.Join(d, "meta.db"), 16384) },
		"meta.db garbage":  func(d string) error { return garbage(filepath.Join(d, "meta.db"), rng) },
		"index.db garbage": func(d string) error { return garbage(filepath.Join(d, "index.db"), rng) },
		"both removed": func(d string) error {
			os.Remove(filepath.Join(d, "index.db"))
			return os.Remove(filepath.Join(d, "meta.db"))
		},
		"derived, staging": func(d string) error {
			os.RemoveAll(filepath.Join(d, "staging"))
			return os.RemoveAll(filepath.Join(d, "derived"))
		},
		"reserve removed":   func(d string) error { os.Remove(filepath.Join(d, "reserve")); return nil },
		"snapshots removed": func(d string) error { return os.RemoveAll(filepath.Join(d, "snapshots")) },
	} {
		t.Run(name, func(t *testing.T) {
			broken := t.TempDir()
			copyDir(t, data, broken)
			if err := destroy(broken); err != nil {
				t.Fatal(err)
			}
			s := launch(t, broken, addr, nil)
			s.waitReady(60 * time.Second)
			c.login(s)
			dir := t.TempDir()
			c.ok("get", "-r", "--quiet", "Tree:/tree", dir)
			sameTree(t, name, want, fingerprint(t, filepath.Join(dir, "tree")))
			s.stop()
			if r := c.run("", "verify", "--data", broken, "--read-data"); r.code != 0 {
				t.Errorf("verify afterwards: exit %d\n%s%s", r.code, r.out, r.err)
			}
		})
	}
}

func garbage(path string, rng *rand.Rand) error {
	fi, err := os.Stat(path)
	if err != nil {
		return err
	}
	b := make([]byte, fi.Size())
	for i := range b {
		b[i] = byte(rng.Uint32())
	}
	return os.WriteFile(path, b, 0o600)
}

// TestVanishedTruth removes packs and log segments: the start or verify must say so.
func TestVanishedTruth(t *testing.T) {
	rng := rand.New(rand.NewPCG(seed(t), 7))
	data, want, c, addr := stored(t, rng)
	for _, kind := range []string{"packs", "oplog"} {
		t.Run(kind, func(t *testing.T) {
			broken := t.TempDir()
			copyDir(t, data, broken)
			for _, name := range filesIn(t, filepath.Join(broken, kind)) {
				if err := os.Remove(name); err != nil {
					t.Fatal(err)
				}
			}
			if r := c.run("", "verify", "--data", broken, "--read-data"); r.code != 1 || strings.TrimSpace(r.out+r.err) == "" {
				t.Errorf("verify without %s: exit %d\n%s%s", kind, r.code, r.out, r.err)
			}
			if !tryDamaged(t, c, kind+" removed", broken, addr, want) {
				t.Errorf("a store without %s is served as if nothing had happened", kind)
			}
		})
	}
}

// TestRepair mends what verify calls damaged and the server refuses.
func TestRepair(t *testing.T) {
	rng := rand.New(rand.NewPCG(seed(t), 8))
	data, want, c, addr := stored(t, rng)
	for name, destroy := range map[string]func(dir string) error{
		"FORMAT damaged": func(d string) error { return garbage(filepath.Join(d, "FORMAT"), rng) },
		"log removed": func(d string) error {
			for _, f := range filesIn(t, filepath.Join(d, "oplog")) {
				if err := os.Remove(f); err != nil {
					return err
				}
			}
			return nil
		},
		"log damaged": func(d string) error { return garbage(newest(t, filepath.Join(d, "oplog")), rng) },
	} {
		t.Run(name, func(t *testing.T) {
			broken := t.TempDir()
			copyDir(t, data, broken)
			if err := destroy(broken); err != nil {
				t.Fatal(err)
			}
			if r := c.run("", "verify", "--data", broken); r.code != 1 {
				t.Errorf("verify: exit %d\n%s%s", r.code, r.out, r.err)
			}
			r := c.run("", "repair", "--data", broken)
			if r.code != 0 && strings.Contains(r.err, "--accept-loss") {
				t.Logf("without --accept-loss: %s", r.err)
				if r = c.run("", "repair", "--data", broken, "--accept-loss"); r.code == 2 {
					t.Fatalf("repair --accept-loss: exit %d\n%s%s", r.code, r.out, r.err)
				}
			} else if r.code != 0 {
				t.Fatalf("repair: exit %d\n%s%s", r.code, r.out, r.err)
			}
			t.Logf("repair: %s%s", r.out, r.err)
			if r := c.run("", "verify", "--data", broken, "--read-data"); r.code != 0 {
				t.Errorf("verify after repair: exit %d\n%s%s", r.code, r.out, r.err)
			}
			s := launch(t, broken, addr, nil)
			s.waitReady(60 * time.Second)
			c.login(s)
			dir := t.TempDir()
			c.ok("get", "-r", "--quiet", "Tree:/tree", dir)
			sameTree(t, name, want, fingerprint(t, filepath.Join(dir, "tree")))
			s.stop()
		})
	}
}
