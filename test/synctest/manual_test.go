package synctest

import (
	"encoding/json"
	"maps"
	"path/filepath"
	"strings"
	"testing"

	"scaidrive/httpd/wire"
)

// TestManualConflicts: two people's clients follow a share under MANUAL; an edit that
// meets another waits, both contents can be read, and each way to settle it ends with
// both clients in step. The other client is not held up meanwhile.
func TestManualConflicts(t *testing.T) {
	s := newServer(t, filepath.Join(t.TempDir(), "data"))
	share := newShare(t, s.api(t), "Work")
	a, b := newPerson(t, "A"), newPerson(t, "B")
	sides := []string{"theirs", "mine", "both"}
	for _, with := range sides {
		a.write("dir/"+with, "the first of "+with)
	}
	for _, p := range []*person{a, b} {
		p.joins(s, share, "--strategy", "manual")
		p.ok("sync", "run", "--once")
	}
	a.follow()
	a.inStep()
	// B is off while both edit.
	want := map[string]string{"dir": "/"}
	for _, with := range sides {
		a.write("dir/"+with, "A edits "+with)
		b.write("dir/"+with, "B edits "+with)
		want["dir/"+with] = "A edits " + with
	}
	a.has(want)
	api := s.api(t)
	waitFor(t, 30e9, "the edits of A to be on the server", func() bool {
		there, err := remoteTree(t.Context(), api, share)
		return err == nil && there["dir/theirs"].Version == 2 && there["dir/mine"].Version == 2 && there["dir/both"].Version == 2
	})
	b.follow()
	var open []wire.Conflict
	waitFor(t, 60e9, "three conflicts to be listed", func() bool {
		open = nil
		for line := range strings.Lines(b.ok("conflicts", "ls", "Work", "--json")) {
			var c wire.Conflict
			if err := json.Unmarshal([]byte(line), &c); err != nil {
				t.Fatalf("%v: %s", err, line)
			}
			open = append(open, c)
		}
		return len(open) == 3
	})
	a.write("meanwhile", "of A") // nobody waits for anybody
	want["meanwhile"] = "of A"
	mine := maps.Clone(want)
	for _, with := range sides {
		mine["dir/"+with] = "B edits " + with
	}
	a.has(want)
	b.has(mine)
	if list := b.ok("conflicts", "ls", "Work"); strings.Count(list, "edit_edit open") != 3 || !strings.Contains(list, "/dir/mine") {
		t.Errorf("conflicts ls tells\n%s", list)
	}
	for _, c := range open {
		name := filepath.Base(*c.Path)
		if shown := a.ok("conflicts", "show", "Work", c.ID); !strings.Contains(shown, "under MANUAL") || !strings.Contains(shown, name) {
			t.Errorf("conflicts show tells\n%s", shown)
		}
		if got := a.ok("conflicts", "cat", "Work", c.ID, "--mine"); got != "B edits "+name {
			t.Errorf("what waits for %s is %q", name, got)
		}
		if got := b.ok("conflicts", "cat", "Work", c.ID, "--theirs"); got != "A edits "+name {
			t.Errorf("what stands at %s is %q", name, got)
		}
		if out, code := a.run("", "conflicts", "cat", "Work", c.ID); code == 0 {
			t.Errorf("without a side: %s", out)
		}
		b.ok("conflicts", "resolve", c.ID, "--with", name)
	}
	if left := b.ok("conflicts", "ls", "Work"); strings.Contains(left, "cfl_") {
		t.Errorf("still open:\n%s", left)
	}
	var last map[string]string
	defer func() {
		if t.Failed() {
			t.Logf("A: %+v\n%s\nB: %+v\n%s\n%s", a.status(), show(tree(t, a.root)), b.status(), show(tree(t, b.root)), tail(b.log.String(), 3000))
		}
	}()
	waitFor(t, 60e9, "both to be in step", func() bool {
		last = tree(t, a.root)
		x, y := a.status(), b.status()
		return x.InStep && y.InStep && maps.Equal(last, tree(t, b.root)) && len(last) == 6
	})
	for p, text := range last {
		if plain := plainName(p); plain != p {
			delete(last, p)
			if strings.HasPrefix(plain, "dir/both (conflict") {
				plain = "dir/both, kept"
			}
			last[plain] = text
		}
	}
	want["dir/mine"], want["dir/both, kept"] = "B edits mine", "B edits both"
	if !maps.Equal(last, want) {
		t.Errorf("in the end there is\n%s", differ(last, want))
	}
	// An edit after it is an edit like any other.
	b.write("dir/theirs", "later")
	waitFor(t, 30e9, "a later edit", func() bool { return tree(t, a.root)["dir/theirs"] == "later" })
	if list := a.ok("conflicts", "ls", "Work", "--all"); strings.Count(list, "resolved") != 3 {
		t.Errorf("conflicts ls --all tells\n%s", list)
	}
}
