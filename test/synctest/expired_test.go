package synctest

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"
	"time"

	"scaidrive/client"
	"scaidrive/client/worker"
	"scaidrive/httpd/wire"
)

// S20: somebody comes back after a time that the change log does not reach. Their
// client lists the share; nothing that they did meanwhile is lost, and nothing comes
// back that others have deleted.
func TestAwayForLongerThanTheLog(t *testing.T) {
	clock := filepath.Join(t.TempDir(), "clock")
	s := newServer(t, filepath.Join(t.TempDir(), "data"))
	share := newShare(t, s.api(t), "Work")
	a, b := newPerson(t, "A"), newPerson(t, "B")
	for _, name := range []string{"kept", "edited by both", "edited here", "edited there", "deleted here", "deleted there", "d/edited in what was deleted", "d/deleted", "moved here", "moved there"} {
		a.write(name, "first "+name)
	}
	for _, p := range []*person{a, b} {
		p.joins(s, share)
		p.ok("sync", "run", "--once")
	}
	first := s.api(t)
	old, err := first.TreeAt(t.Context(), share, "", func(*wire.Entry) error { return nil })
	if err != nil {
		t.Fatal(err)
	}

	// B goes on for a long time.
	for _, name := range []string{"edited by both", "edited there"} {
		b.write(name, "of B, "+name)
	}
	remove(t, b.path("deleted there"), b.path("d"))
	rename(t, b.path("moved there"), b.path("moved by B"))
	b.write("new/of B", "new of B")
	b.ok("sync", "run", "--once")
	s.stop(t)
	s.flags = []string{"--test-mode", "--changelog-rows=0"}
	if err := os.WriteFile(clock, []byte(strconv.Itoa(500*24*3600)), 0o644); err != nil {
		t.Fatal(err)
	}
	t.Setenv("SCAIDRIVE_TEST_CLOCK_FILE", clock)
	s.start(t)
	api := s.api(t)
	waitFor(t, 30*time.Second, "the log to be thinned", func() bool {
		_, err := api.Changes(t.Context(), share, old, 0)
		return client.StatusOf(err) == 410
	})

	// A was away, and has worked.
	for _, name := range []string{"edited by both", "edited here", "d/edited in what was deleted"} {
		a.write(name, "of A, "+name)
	}
	remove(t, a.path("deleted here"))
	rename(t, a.path("moved here"), a.path("moved by A"))
	a.write("new of A", "new of A")
	for range 2 {
		for _, p := range []*person{a, b} {
			if out, code := p.run(adminPassword+"\n", "login", s.url(), "--email", adminEmail, "--password-stdin"); code != 0 {
				t.Fatal(out)
			}
			p.ok("sync", "run", "--once")
		}
	}
	got := tree(t, a.root)
	if other := tree(t, b.root); !maps.Equal(got, other) {
		t.Errorf("A and B:\n%s", differ(got, other))
	}
	want := map[string]string{
		"kept": "first kept", "edited by both": "of B, edited by both", "edited by both (conflict)": "of A, edited by both",
		"edited here": "of A, edited here", "edited there": "of B, edited there", "moved by A": "first moved here",
		"moved by B": "first moved there", "new": "/", "new/of B": "new of B", "new of A": "new of A",
	}
	plain := map[string]string{}
	for name, content := range got {
		plain[copyName.ReplaceAllString(name, " (conflict)")] = content
	}
	if !maps.Equal(plain, want) {
		t.Errorf("after all:\n%s", differ(plain, want))
	}
	// What A edited in a folder that others deleted is beside it.
	rescued := false
	for _, content := range tree(t, filepath.Join(a.root, worker.RescueDir)) {
		rescued = rescued || content == "of A, d/edited in what was deleted"
	}
	if !rescued {
		t.Error("an edit of A is nowhere")
	}
}

var copyName = regexp.MustCompile(` \(conflict, [^)]*\)`)

func remove(t *testing.T, paths ...string) {
	t.Helper()
	for _, p := range paths {
		if err := os.RemoveAll(p); err != nil {
			t.Fatal(err)
		}
	}
}

func rename(t *testing.T, from, to string) {
	t.Helper()
	if err := os.Rename(from, to); err != nil {
		t.Fatal(err)
	}
}
