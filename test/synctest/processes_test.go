package synctest

import (
	"context"
	"crypto/sha256"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"scaidrive/client"
	"scaidrive/client/planner"
	"scaidrive/client/records"
	"scaidrive/client/worker"
	"scaidrive/httpd/wire"
)

// TestKilledClientsAndServer: three people work in their folders while their
// clients and the server are killed again and again. When they stop, all have the
// same, and nothing is lost.
func TestKilledClientsAndServer(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	if s := os.Getenv("SCAIDRIVE_SEED"); s != "" {
		var err error
		if seed, err = strconv.ParseUint(s, 10, 64); err != nil {
			t.Fatal(err)
		}
	}
	until := time.Now().Add(long(t))
	for n := 0; ; n++ {
		if !t.Run(fmt.Sprint("seed=", seed), func(t *testing.T) { killed(t, seed) }) {
			t.Fatalf("again, as far as processes can be repeated, with SCAIDRIVE_SEED=%d", seed)
		}
		if time.Now().After(until) {
			t.Logf("%d histories", n+1)
			return
		}
		seed++
	}
}

// A history is three people and a server.
type history struct {
	t       *testing.T
	rng     *rand.Rand
	server  *server
	api     *client.Client
	share   string
	people  []*person
	editors []*editor
	stable  map[string]bool // contents that were in step everywhere
	began   time.Time
	lines   []string
	kills   int
	steps   int
	twins   int
}

func (h *history) say(format string, args ...any) {
	h.lines = append(h.lines, fmt.Sprintf("%8.3f ", time.Since(h.began).Seconds())+fmt.Sprintf(format, args...))
}

func killed(t *testing.T, seed uint64) {
	rng := rand.New(rand.NewPCG(seed, 7))
	h := &history{t: t, rng: rng, server: newServer(t, t.TempDir()), stable: map[string]bool{}, began: time.Now()}
	h.api = h.server.api(t)
	h.share = newShare(t, h.api, "Work")
	strategy := []string{"keep-both", "keep-both", "last-writer", "server", "client"}[rng.IntN(5)]
	made := 0
	for i := range 3 {
		p := newPerson(t, string(rune('A'+i)))
		p.joins(h.server, h.share, "--strategy", strategy)
		h.people = append(h.people, p)
		h.editors = append(h.editors, &editor{t: t, name: p.name, root: p.root, rng: rng, made: &made, mine: map[string]bool{}, log: h.say})
	}
	defer func() {
		if t.Failed() {
			t.Logf("strategy %s\n%s", strategy, strings.Join(h.lines, "\n"))
			h.dump()
		}
	}()
	if err := os.WriteFile(filepath.Join(h.people[0].root, "anchor"), []byte("anchor"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, p := range h.people {
		p.follow()
	}
	for range 2 {
		h.work(6 * time.Second)
		h.rest()
	}
	h.stopAll()
	h.nothingLeft()
	h.nothingLost()
	h.server.stop(t)
	h.people[0].ok("verify", "--read-data", "--data", h.server.data)
	t.Logf("seed %d, %s: %d edits, %d kills, %d names that differed in case, %.0f s", seed, strategy, h.steps, h.kills, h.twins, time.Since(h.began).Seconds())
}

// dump shows what everybody knows, for whoever looks for the fault.
func (h *history) dump() {
	var b strings.Builder
	if !h.server.alive() {
		h.server.start(h.t)
	}
	_, err := h.api.TreeAt(context.Background(), h.share, "", func(e *wire.Entry) error {
		up := "-"
		if e.ParentID != nil {
			up = *e.ParentID
		}
		fmt.Fprintf(&b, "  %s in %s: %q version %d\n", e.ID, up, e.Name, e.Version)
		return nil
	})
	h.t.Logf("the server has (%v)\n%s", err, b.String())
	for _, p := range h.people {
		p.kill()
		h.t.Logf("log of %s:\n%s", p.name, strings.ReplaceAll(tail(p.log.String(), 9000), p.root, ""))
		h.t.Logf("%s has\n%s", p.name, show(tree(h.t, p.root)))
		found, _ := filepath.Glob(p.home + "/state/scaidrive/sync/*/records")
		for _, f := range found {
			rec, err := records.Open(f)
			if err != nil {
				h.t.Log(err)
				continue
			}
			b.Reset()
			rec.Synced().All(func(n *planner.Node) {
				fmt.Fprintf(&b, "  %s in %q: %q version %s, number %d\n", n.ID, n.Parent, n.Name, n.Version, rec.Stamp(n.ID).Identity.Number)
			})
			h.t.Logf("%s was in step with\n%s", p.name, b.String())
		}
	}
}

// work has people edit and processes die for some time.
func (h *history) work(limit time.Duration) {
	end := time.After(limit)
	for {
		select {
		case <-end:
			return
		case <-time.After(time.Duration(h.rng.IntN(120)) * time.Millisecond): // people's own pace
		}
		i := h.rng.IntN(len(h.people))
		p := h.people[i]
		switch n := h.rng.IntN(30); {
		case n == 0:
			h.say("kill the server")
			h.server.kill()
			h.kills++
			if h.rng.IntN(2) == 0 {
				for range h.rng.IntN(5) {
					h.editors[h.rng.IntN(3)].step()
					h.steps++
				}
			}
			h.server.start(h.t)
			h.say("the server is back")
		case n <= 2:
			h.say("kill %s", p.name)
			p.kill()
			h.kills++
			for range h.rng.IntN(6) {
				h.editors[i].step()
				h.steps++
			}
			p.follow()
			h.say("%s is back", p.name)
		default:
			for range 1 + h.rng.IntN(3) {
				h.editors[i].step()
				h.steps++
			}
		}
	}
}

// remote is what the server has: paths with hashes, folders with "/".
func (h *history) remote() map[string]string {
	h.t.Helper()
	m, paths := map[string]string{}, map[string]string{h.share: ""}
	_, err := h.api.TreeAt(h.t.Context(), h.share, "", func(e *wire.Entry) error {
		up := ""
		if e.ParentID != nil {
			up = paths[*e.ParentID]
		}
		p := strings.TrimPrefix(up+"/"+strings.Clone(e.Name), "/")
		paths[strings.Clone(e.ID)] = p
		if e.ResourceType == wire.TypeFolder {
			m[p] = "/"
		} else {
			m[p] = e.ChecksumSHA256.String()
		}
		return nil
	})
	if err != nil {
		h.t.Fatal(err)
	}
	return m
}

func hashes(tree map[string]string) map[string]string {
	m := map[string]string{}
	for p, text := range tree {
		if m[p] = text; text != "/" {
			m[p] = wire.Hash(sha256.Sum256([]byte(text))).String()
		}
	}
	return m
}

// restLimit is when histories that do not come to rest are given up.
const restLimit = 60 * time.Second

// rest waits until all say that they are in step, and have the same. What a person
// has to decide is decided.
func (h *history) rest() {
	h.t.Helper()
	h.say("everybody rests")
	deadline := time.Now().Add(restLimit)
	for {
		why := h.restless()
		if why == "" {
			break
		}
		if time.Now().After(deadline) {
			h.t.Fatalf("it does not come to rest: %s", why)
		}
		time.Sleep(100 * time.Millisecond) // between two questions
	}
	h.say("at rest")
	for _, text := range tree(h.t, h.people[0].root) {
		h.stable[text] = true
	}
}

// restless tells why it is not at rest yet.
func (h *history) restless() string {
	for _, p := range h.people {
		if !p.alive() {
			h.t.Fatalf("%s's client has ended: %v\n%s", p.name, p.err, tail(p.log.String(), 3000))
		}
		s := p.status()
		if s.Held != nil {
			h.say("%s allows %d deletions of %d", p.name, s.Held.Items, s.Held.Of)
			p.ok("sync", "resume", "--allow-deletes")
			return p.name + " is held"
		}
		for _, w := range s.Waiting {
			if strings.Contains(w.Reason, "letters' case makes no difference") {
				h.twins++
				to := fmt.Sprintf("%s %d", w.Path, h.twins)
				h.say("%s has a twin, %s, and renames it", p.name, w.Path)
				_ = os.Rename(filepath.Join(p.root, filepath.FromSlash(w.Path)), filepath.Join(p.root, filepath.FromSlash(to)))
			}
		}
		if !s.InStep || !s.Running {
			return fmt.Sprintf("%s says %+v", p.name, s)
		}
	}
	want := h.remote()
	for _, p := range h.people {
		if got := hashes(tree(h.t, p.root)); !maps.Equal(got, want) {
			return fmt.Sprintf("%s and the server differ:\n%s", p.name, differ(got, want))
		}
	}
	return ""
}

func (h *history) stopAll() {
	h.t.Helper()
	for _, p := range h.people {
		p.stop(h.t)
	}
}

// nothingLeft: another run does nothing, and no temporary file lies about.
func (h *history) nothingLeft() {
	h.t.Helper()
	want := h.remote()
	for _, p := range h.people {
		p.ok("sync", "run", "--once")
		c := p.status().Counts
		c.Rounds, c.Hashed = 0, 0
		if c != (worker.Counts{}) {
			h.t.Errorf("%s was at rest, and another run did %+v", p.name, c)
		}
		if got := hashes(tree(h.t, p.root)); !maps.Equal(got, want) {
			h.t.Errorf("%s changed at rest:\n%s", p.name, differ(got, want))
		}
		if left, _ := os.ReadDir(filepath.Join(p.root, worker.Own, "tmp")); len(left) > 0 {
			h.t.Errorf("%s has temporary files: %v", p.name, left)
		}
	}
}

// nothingLost looks for every content that a person made and kept, or that once was
// in step: as a file, a version, in the trash, in a conflict, or rescued.
func (h *history) nothingLost() {
	h.t.Helper()
	ctx := h.t.Context()
	there := map[wire.Hash]bool{}
	files := map[string]bool{}
	note := func(e *wire.Entry) error {
		if e.ResourceType == wire.TypeFile {
			files[strings.Clone(e.ID)] = true
		}
		return nil
	}
	if _, err := h.api.TreeAt(ctx, h.share, "", note); err != nil {
		h.t.Fatal(err)
	}
	var trash []wire.TrashItem
	if err := h.api.EachTrash(ctx, h.share, func(i *wire.TrashItem) (bool, error) { trash = append(trash, *i); return true, nil }); err != nil {
		h.t.Fatal(err)
	}
	for _, i := range trash { // what can be brought back is not lost
		if _, err := h.api.Restore(ctx, i.Type, i.ID); err != nil {
			h.t.Errorf("%s can't be brought back from the trash: %v", i.Name, err)
		}
	}
	if _, err := h.api.TreeAt(ctx, h.share, "", note); err != nil {
		h.t.Fatal(err)
	}
	for id := range files {
		list, err := h.api.Versions(ctx, id)
		if err != nil {
			h.t.Fatal(err)
		}
		for _, v := range list {
			there[v.ChecksumSHA256] = true
		}
	}
	for _, p := range h.people {
		for _, text := range tree(h.t, filepath.Join(p.root, worker.RescueDir)) {
			there[sha256.Sum256([]byte(text))] = true
		}
	}
	must := maps.Clone(h.stable)
	for _, e := range h.editors {
		maps.Copy(must, e.mine)
	}
	delete(must, "/")
	for text := range must {
		if !there[sha256.Sum256([]byte(text))] {
			h.t.Errorf("%s is lost", brief(text))
		}
	}
	h.say("%d contents are there, of %d that ever were stable", len(there), len(must))
}
