package synctest

import (
	"path/filepath"
	"strings"
	"testing"
)

// TestStatus: of a file it is told whether it is in step, and why not; a second client
// ends without touching what the first tells; and after the end of that nothing says
// that it is still there.
func TestStatus(t *testing.T) {
	s := newServer(t, filepath.Join(t.TempDir(), "data"))
	share := newShare(t, s.api(t), "Work")
	a := newPerson(t, "A")
	a.joins(s, share)
	a.write("dir/one", "one")
	a.write("dir/a:b", "its name is refused")
	a.write("dir/.DS_Store", "ignored")
	if out, code := a.run("", "sync", "run", "--once"); code != 3 {
		t.Fatalf("sync run --once: %d\n%s", code, out)
	}
	for _, c := range []struct {
		path, says string
		code       int
	}{
		{"dir/one", "dir/one: in step", 0},
		{"dir/a:b", "dir/a:b: not in step, ", 3},
		{"dir", "dir/a:b: not in step, ", 3},
		{"dir/.DS_Store", "dir/.DS_Store: left out, ignored", 0},
		{"dir/none", "dir/none: not here", 3},
		{"", "1 not in step", 3},
	} {
		if out, code := a.run("", "sync", "status", filepath.Join(a.root, c.path)); code != c.code || !strings.Contains(out, c.says) {
			t.Errorf("%q: %d, %s", c.path, code, out)
		}
	}
	a.follow()
	waitFor(t, 60e9, "the client", func() bool { return strings.Contains(a.tells("sync", "status"), "Status page: ") })
	page := pageIn(a.tells("sync", "status"))
	if out, code := a.run("", "sync", "run"); code != 1 || !strings.Contains(out, "another process") {
		t.Errorf("a second client: %d, %s", code, out)
	}
	if now := pageIn(a.tells("sync", "status")); now == "" || now != page {
		t.Errorf("after the second client: %s, before: %s", now, page)
	}
	a.kill()
	if out := a.tells("sync", "status"); strings.Contains(out, "Status page") || !strings.Contains(out, "no sync run is at work") {
		t.Errorf("after the end: %s", out)
	}
}

// tells runs a command, however it ends.
func (p *person) tells(args ...string) string {
	p.t.Helper()
	out, _ := p.run("", args...)
	return out
}

// pageIn is the address of the status page in what sync status tells.
func pageIn(out string) string {
	_, at, _ := strings.Cut(out, "Status page: ")
	at, _, _ = strings.Cut(at, "\n")
	return at
}
