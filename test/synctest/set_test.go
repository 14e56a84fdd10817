package synctest

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"scaidrive/client/worker"
)

// TestSettingsOfARunningClient: a selection, a mode, limits and names to leave out that
// are changed while the client runs are taken at once; no edit is lost by any.
func TestSettingsOfARunningClient(t *testing.T) {
	s := newServer(t, filepath.Join(t.TempDir(), "data"))
	share := newShare(t, s.api(t), "Work")
	a, b := newPerson(t, "A"), newPerson(t, "B")
	for _, name := range []string{"in/one", "out/two", "out/deep/three", "top"} {
		a.write(name, name)
	}
	a.joins(s, share)
	b.joins(s, share)
	a.follow()
	b.follow()
	everything := map[string]string{"in": "/", "in/one": "in/one", "out": "/", "out/two": "out/two", "out/deep": "/", "out/deep/three": "out/deep/three", "top": "top"}
	b.has(everything)
	b.inStep()

	// A selection: the rest goes here, and nowhere else; an edit of it is kept.
	b.ok("sync", "set", b.root, "--only", "in")
	b.has(map[string]string{"in": "/", "in/one": "in/one"})
	b.inStep()
	a.write("out/two", "edited by A")
	everything["out/two"] = "edited by A"
	a.inStep()
	b.ok("sync", "set", b.root, "--all")
	b.has(everything)
	a.has(everything)

	// Receive only: an edit here stays, and goes up with two-way.
	b.ok("sync", "set", b.root, "--mode", "receive")
	waitFor(t, 30*time.Second, "the mode", func() bool { return strings.Contains(b.tells("sync", "status", "--json"), `"mode":"receive"`) })
	b.write("in/one", "edited by B")
	a.write("top", "of A")
	waitFor(t, 60*time.Second, "what A did", func() bool { return tree(t, b.root)["top"] == "of A" })
	if got := tree(t, a.root)["in/one"]; got != "in/one" || tree(t, b.root)["in/one"] != "edited by B" {
		t.Errorf("A has %q of what B edited in receive mode, B %q", got, tree(t, b.root)["in/one"])
	}
	b.ok("sync", "set", b.root, "--mode", "two-way")
	everything["in/one"], everything["top"] = "edited by B", "of A"
	a.has(everything)
	b.has(everything)

	// Send only: others' edits wait.
	b.ok("sync", "set", b.root, "--mode", "send")
	waitFor(t, 30*time.Second, "the mode", func() bool { return strings.Contains(b.tells("sync", "status", "--json"), `"mode":"send"`) })
	b.inStep()
	a.write("top", "of A again")
	b.write("in/new", "new")
	waitFor(t, 60*time.Second, "what B did", func() bool { return tree(t, a.root)["in/new"] == "new" })
	b.ok("sync", "set", b.root, "--mode", "two-way")
	everything["in/new"], everything["top"] = "new", "of A again"
	b.has(everything)
	a.has(everything)

	// A limit set in the middle of a transfer is heeded in it.
	b.ok("sync", "set", b.root, "--down", "20000")
	content := make([]byte, 2<<20) // a minute and more
	_, _ = rand.NewChaCha8([32]byte{}).Read(content)
	a.write("large", string(content))
	waitFor(t, 60*time.Second, "the transfer", func() bool {
		parts, _ := filepath.Glob(b.path(worker.Own + "/tmp/part-*"))
		return len(parts) > 0
	})
	began := time.Now()
	b.ok("sync", "set", b.root, "--down", "0")
	everything["large"] = string(content)
	b.has(everything)
	if took := time.Since(began); took > 50*time.Second {
		t.Errorf("without the limit it took %v", took)
	}

	// What was edited where it is not wanted any more, before it went up, is kept.
	b.kill()
	b.write("out/two", "edited by B, unsent")
	b.ok("sync", "set", b.root, "--only", "in")
	b.follow()
	b.has(map[string]string{"in": "/", "in/one": "edited by B", "in/new": "new"})
	kept := false
	for _, content := range tree(t, filepath.Join(b.root, worker.RescueDir)) {
		kept = kept || content == "edited by B, unsent"
	}
	there, err := os.ReadFile(a.path("out/two"))
	if err != nil || !kept && string(there) != "edited by B, unsent" {
		t.Errorf("an edit is nowhere; A has %q, %v", there, err)
	}

	// Names to leave out go nowhere, and nothing is deleted for them.
	b.ok("sync", "set", b.root, "--all", "--ignore", "*.log")
	b.write("in/x.log", "log")
	b.write("in/x.txt", "text")
	everything["in/x.txt"] = "text"
	a.has(everything)
	if tree(t, b.root)["in/x.log"] != "log" {
		t.Error("a file that is left out is gone")
	}
	b.ok("sync", "set", b.root, "--no-ignore")
	everything["in/x.log"] = "log"
	a.has(everything)
	if out, code := b.run("", "sync", "set", b.root); code != 2 || !strings.Contains(out, "nothing is named") {
		t.Errorf("nothing to set: %d, %s", code, out)
	}
	if out, code := b.run("", "sync", "set", b.root, "--only", "in", "--all"); code != 2 {
		t.Errorf("--only and --all: %d, %s", code, out)
	}
}
