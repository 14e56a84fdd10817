package test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

const (
	fixtureData = "testdata/v1.tar.gz"    // a data directory of format version 1
	fixtureList = "testdata/v1.want.json" // what is in it: path -> SHA-256 or "folder"
)

// TestFixtureV1 opens a data directory that the first build of format version 1
// made. Every later build must open it, find it whole, and go on with it.
func TestFixtureV1(t *testing.T) {
	if os.Getenv("SCAIDRIVE_MAKE_FIXTURE") != "" {
		makeFixture(t)
	}
	var want map[string]string
	b, err := os.ReadFile(fixtureList)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, &want); err != nil {
		t.Fatal(err)
	}
	data := t.TempDir()
	unpack(t, fixtureData, data)
	c := newCLI(t)
	if r := c.run("", "verify", "--data", data, "--read-data"); r.code != 0 {
		t.Fatalf("verify: exit %d\n%s%s", r.code, r.out, r.err)
	}
	s := start(t, data)
	c.login(s)
	dir := t.TempDir()
	c.ok("get", "-r", "--quiet", "Fixture:/tree", dir)
	sameTree(t, "fixture", want, contents(t, filepath.Join(dir, "tree")))
	extra := filepath.Join(t.TempDir(), "extra.txt")
	os.WriteFile(extra, []byte("added by this build"), 0o644)
	c.ok("put", extra, "Fixture:/tree")
	s.stop()
	if r := c.run("", "verify", "--data", data, "--read-data"); r.code != 0 {
		t.Fatalf("verify after a write: exit %d\n%s%s", r.code, r.out, r.err)
	}
}

// contents is fingerprint without times and modes.
func contents(t testing.TB, root string) map[string]string {
	m := fingerprint(t, root)
	for name, v := range m {
		m[name] = strings.Fields(v)[0]
	}
	return m
}

// makeFixture writes the fixture anew. It is run once for a format version.
func makeFixture(t *testing.T) {
	if _, err := os.Stat(fixtureData); !errors.Is(err, fs.ErrNotExist) {
		t.Fatalf("%s exists; a fixture is never made anew", fixtureData)
	}
	src := filepath.Join(t.TempDir(), "tree")
	write := func(name, content string) {
		path := filepath.Join(src, name)
		os.MkdirAll(filepath.Dir(path), 0o755)
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	var long strings.Builder
	for i := range 60000 { // long enough for a manifest of its own
		fmt.Fprintf(&long, "%06d: the %d. line of a long file, %x\n", i, i, i*i*7919)
	}
	write("long.txt", long.String())
	write("empty.txt", "")
	write("Größe/naïve – 日本.txt", "names beyond ASCII")
	write("a/b/c/d/deep.txt", "deep")
	write("versions.txt", "first version")
	write("gone.txt", "this one goes to the trash")
	os.MkdirAll(filepath.Join(src, "empty folder"), 0o755)
	data := t.TempDir()
	s := start(t, data)
	c := newCLI(t)
	c.login(s)
	c.ok("share", "create", "Fixture")
	c.ok("put", "-r", "--quiet", src, "Fixture:/")
	write("versions.txt", "second version, longer than the first")
	os.Chtimes(filepath.Join(src, "versions.txt"), time.Now(), time.Now().Add(time.Minute))
	c.ok("put", "-r", "--quiet", src, "Fixture:/")
	c.ok("rm", "Fixture:/tree/gone.txt")
	os.Remove(filepath.Join(src, "gone.txt"))
	want := contents(t, src)
	s.stop()
	b, err := json.MarshalIndent(want, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	os.MkdirAll("testdata", 0o755)
	if err := os.WriteFile(fixtureList, append(b, '\n'), 0o644); err != nil {
		t.Fatal(err)
	}
	pack(t, data, fixtureData)
}

func pack(t *testing.T, dir, to string) {
	var out bytes.Buffer
	zw, _ := gzip.NewWriterLevel(&out, gzip.BestCompression)
	tw := tar.NewWriter(zw)
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		rel, _ := filepath.Rel(dir, path)
		if err != nil || rel == "." || rel == "reserve" || rel == "LOCK" || strings.HasSuffix(rel, ".tmp") {
			return err
		}
		fi, err := e.Info()
		if err != nil {
			return err
		}
		h := &tar.Header{Name: filepath.ToSlash(rel), Mode: 0o600, Size: fi.Size(), Typeflag: tar.TypeReg}
		if e.IsDir() {
			h.Mode, h.Size, h.Typeflag = 0o700, 0, tar.TypeDir
		}
		if err := tw.WriteHeader(h); err != nil || e.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		if err == nil {
			_, err = tw.Write(b)
		}
		return err
	})
	if err := errors.Join(err, tw.Close(), zw.Close(), os.WriteFile(to, out.Bytes(), 0o644)); err != nil {
		t.Fatal(err)
	}
}

func unpack(t *testing.T, from, dir string) {
	t.Helper()
	f, err := os.Open(from)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	zr, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	for tr := tar.NewReader(zr); ; {
		h, err := tr.Next()
		if err == io.EOF {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(dir, filepath.FromSlash(h.Name))
		if h.Typeflag == tar.TypeDir {
			err = os.MkdirAll(path, 0o700)
		} else {
			var b []byte
			if b, err = io.ReadAll(tr); err == nil {
				err = os.WriteFile(path, b, 0o600)
			}
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}
