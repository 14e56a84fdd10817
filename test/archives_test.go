package test

import (
	"archive/zip"
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// archived reads an archive's files; folders end in a slash.
func archived(t *testing.T, b []byte) map[string]string {
	t.Helper()
	zr, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, f := range zr.File {
		rc, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(rc)
		if err != nil {
			t.Fatal(f.Name, err)
		}
		got[f.Name] = string(content)
	}
	return got
}

// TestArchiveCommand brings a tree in with put and out with archive.
func TestArchiveCommand(t *testing.T) {
	s := start(t, t.TempDir())
	c := newCLI(t)
	c.login(s)
	c.ok("share", "create", "Plans")
	dir := t.TempDir()
	tree := filepath.Join(dir, "tree")
	want := map[string]string{"tree/": "", "tree/deep/": "", "tree/deep/empty/": ""}
	if err := os.MkdirAll(filepath.Join(tree, "deep", "empty"), 0o777); err != nil {
		t.Fatal(err)
	}
	for i, size := range []int{0, 1, 70_000, 1 << 20, 5 << 20} {
		name := fmt.Sprintf("deep/file %d.bin", i)
		content := strings.Repeat(fmt.Sprintf("line %d of some text\n", i), size/20+1)[:size]
		want["tree/"+name] = content
		if err := os.WriteFile(filepath.Join(tree, name), []byte(content), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	c.ok("put", "-r", tree, "Plans:/")
	same := func(what string, b []byte, want map[string]string) {
		t.Helper()
		got := archived(t, b)
		for name, content := range want {
			if v, ok := got[name]; !ok || v != content {
				t.Errorf("%s: %s has %d bytes, %v", what, name, len(v), ok)
			}
		}
		if len(got) != len(want) {
			t.Errorf("%s: %d entries, want %d", what, len(got), len(want))
		}
	}
	file := filepath.Join(dir, "out.zip")
	m := c.ok("--json", "archive", "Plans:/tree", file).summary(t)
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if m["bytes"] != float64(len(b)) || m["file"] != file {
		t.Error(m)
	}
	same("a file", b, want)
	same("standard output", []byte(c.ok("archive", "Plans:/tree", "-").out), want)
	same("a share", []byte(c.ok("archive", "Plans:/", "-").out), want)
	one := map[string]string{"file 1.bin": want["tree/deep/file 1.bin"], "empty/": ""}
	same("several", []byte(c.ok("archive", "Plans:/tree/deep/file 1.bin", "Plans:/tree/deep/empty", "-").out), one)
	if r := c.run("", "archive", "Plans:/tree/deep/file 1.bin", "Plans:/nothing", "Plans:/tree/deep/empty", file); r.code != 3 || !strings.Contains(r.err, "nothing") {
		t.Errorf("a part: %d %s", r.code, r.err)
	}
	if b, err = os.ReadFile(file); err != nil {
		t.Fatal(err)
	}
	same("a part", b, one)
	for what, args := range map[string][]string{"nothing": {"Plans:/nothing"}, "two of nothing": {"Plans:/nothing", "Plans:/no"}} {
		if r := c.run("", append(append([]string{"archive"}, args...), filepath.Join(dir, "no.zip"))...); r.code != 1 {
			t.Errorf("%s: %d %s", what, r.code, r.err)
		}
	}
	left, err := os.ReadDir(dir)
	if err != nil || len(left) != 2 {
		t.Error("left behind:", left, err)
	}
	s.stop()
}

// TestArchiveBreaksOff kills the server while an archive flows: the command ends
// with 1, and nothing that looks like an archive is left.
func TestArchiveBreaksOff(t *testing.T) {
	s := start(t, t.TempDir())
	c := newCLI(t)
	c.login(s)
	c.ok("share", "create", "Plans")
	dir := t.TempDir()
	noise := make([]byte, 64<<20)
	for i := range noise {
		noise[i] = byte(i * i >> 7)
	}
	if err := os.WriteFile(filepath.Join(dir, "large"), noise, 0o666); err != nil {
		t.Fatal(err)
	}
	c.ok("put", filepath.Join(dir, "large"), "Plans:/")
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	cmd := c.command(ctx, "archive", "Plans:/large", "-")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadFull(out, make([]byte, 1<<20)); err != nil { // it flows, and now it waits for us
		t.Fatal(err)
	}
	s.kill()
	n, _ := io.Copy(io.Discard, out)
	if err := cmd.Wait(); cmd.ProcessState.ExitCode() != 1 {
		t.Errorf("after %d bytes more: %v", n, err)
	}
}

// TestTicketNeedsNoHeader opens the one-time address as a browser does, and looks
// for it in what the server has written.
func TestTicketNeedsNoHeader(t *testing.T) {
	data := t.TempDir()
	s := start(t, data)
	a, err := s.api()
	if err != nil {
		t.Fatal(err)
	}
	share := a.share(t, "Plans")
	id := a.put(t, share, "a.txt", []byte("hello"))
	var ticket struct {
		URL     string    `json:"url"`
		Expires time.Time `json:"expires_at"`
	}
	if code, err := a.call("POST", "/archives", map[string]any{"items": []any{map[string]any{"id": id}}}, &ticket); code != 201 {
		t.Fatal(code, err)
	}
	if left := time.Until(ticket.Expires); left < 30*time.Second || left > 61*time.Second {
		t.Error("it lives for", left)
	}
	for i, want := range []int{200, 410} {
		res, err := http.Get(s.url + ticket.URL)
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(res.Body)
		res.Body.Close()
		if err != nil || res.StatusCode != want {
			t.Errorf("%d: %d %v", i, res.StatusCode, err)
		}
		if want == 200 && (res.ContentLength != int64(len(b)) || archived(t, b)["a.txt"] != "hello") {
			t.Errorf("%d bytes, %d told", len(b), res.ContentLength)
		}
	}
	s.stop()
	secret := strings.TrimPrefix(ticket.URL, "/api/v1/archives/")
	if strings.Contains(s.log.String(), secret) {
		t.Error("the ticket is in the log")
	}
	err = filepath.WalkDir(data, func(path string, e os.DirEntry, err error) error {
		if err != nil || e.IsDir() || e.Name() == "reserve" {
			return err
		}
		b, err := os.ReadFile(path)
		if bytes.Contains(b, []byte(secret)) {
			t.Errorf("the ticket is in %s", path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
