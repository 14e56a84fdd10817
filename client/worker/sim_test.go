package worker

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"scaidrive/client"
	"scaidrive/client/disk"
	"scaidrive/client/disk/disktest"
	"scaidrive/client/planner"
	"scaidrive/httpd/wire"
)

// A flaky connection loses questions and answers.
type flaky struct {
	mu   sync.Mutex // calls come side by side
	rng  *rand.Rand
	bad  bool
	next http.RoundTripper
	// between is called around questions that are asked one after the other: what
	// happens there happens between a client's looking and its doing.
	between func()
}

// loses reports whether one of n is lost, and this is the one.
func (f *flaky) loses(n int) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.bad && f.rng.IntN(n) == 0
}

var errLost = errors.New("lost on the way")

// RoundTrip implements http.RoundTripper.
func (f *flaky) RoundTrip(r *http.Request) (*http.Response, error) {
	serial := strings.HasSuffix(r.URL.Path, "/sync/changes") || strings.HasSuffix(r.URL.Path, "/sync/apply") || strings.HasSuffix(r.URL.Path, "/sync/tree")
	if serial && f.between != nil {
		f.between()
	}
	if f.loses(25) {
		return nil, errLost
	}
	resp, err := f.next.RoundTrip(r)
	if serial && f.between != nil && err == nil {
		b, rerr := io.ReadAll(resp.Body)
		resp.Body.Close()
		if rerr != nil {
			return nil, rerr
		}
		resp.Body = io.NopCloser(bytes.NewReader(b))
		f.between()
	}
	if err == nil && f.loses(20) {
		resp.Body.Close()
		return nil, errLost
	}
	return resp, err
}

// A simDesk is a client on a disk in memory.
type simDesk struct {
	*desk
	mem  *disktest.Mem
	conn *flaky
	// mine are the contents that a person made here and has not given up.
	mine map[string]bool
	safe map[string]bool // contents that a run that ended well has seen
	ids  map[planner.ID]bool
	busy func(bool)
}

func (r *rig) simDesk(name string, mem *disktest.Mem, rng *rand.Rand) *simDesk {
	s := &simDesk{mem: mem, conn: &flaky{rng: rand.New(rand.NewPCG(rng.Uint64(), 1)), next: http.DefaultTransport}, mine: map[string]bool{}, safe: map[string]bool{}, ids: map[planner.ID]bool{}}
	s.desk = &desk{rig: r, name: name, state: r.t.TempDir(), disk: func() disk.FS { return mem }, conn: s.conn, now: mem.Now, wait: mem.Pass, batch: 5, stretch: 4}
	if err := Mark(mem, "marker "+name); err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() { s.kill() })
	return s
}

// kill ends without ending well.
func (s *simDesk) kill() {
	if s.folder != nil {
		_ = s.folder.rec.Close(false)
		s.folder = nil
	}
	s.mem.CrashAt(-1)
}

// powerCut brings the disk back to its last sync; what a person made since and no
// run has seen is gone, and nobody's fault.
func (s *simDesk) powerCut() {
	s.mem.PowerCut()
	left := map[string]bool{}
	for _, text := range s.mem.Tree(Own) {
		left[strings.TrimSuffix(text, " x")] = true
	}
	for text := range s.mine {
		if !left[text] && !s.safe[text] {
			delete(s.mine, text)
		}
	}
}

// run is one run, which may end in any way.
func (s *simDesk) run() error {
	if s.busy != nil {
		s.busy(true)
		defer s.busy(false)
	}
	seen := s.mem.Tree(Own)
	err := s.trySync()
	if err == nil {
		for _, text := range seen {
			s.safe[strings.TrimSuffix(text, " x")] = true
		}
	}
	s.folder.trees.Synced.All(func(n *planner.Node) {
		if isLocal(n.Parent) && !isLocal(n.ID) {
			s.t.Errorf("%s: what the server has is recorded in a folder that it has not: %+v", s.name, n)
		}
	})
	s.folder.trees.Remote.Changed(func(id planner.ID) { s.ids[id] = true })
	s.folder.trees.Synced.All(func(n *planner.Node) { s.ids[n.ID] = true })
	return err
}

// edit is a person who does something.
func (s *simDesk) edit(rng *rand.Rand, content func() string) string {
	tree := s.mem.Tree(Own)
	paths := slices.Sorted(maps.Keys(tree))
	names := []string{"a", "b", "c", "é", "D"}
	name := names[rng.IntN(len(names))]
	pick := func() string {
		if len(paths) == 0 {
			return ""
		}
		return paths[rng.IntN(len(paths))]
	}
	folder := func() string {
		if p := pick(); p != "" && tree[p] == "/" && rng.IntN(4) > 0 {
			return p
		}
		return ""
	}
	taken := func(p string) bool {
		for q := range tree {
			if client.NameKey(q) == client.NameKey(p) {
				return true
			}
		}
		return false
	}
	giveUp := func(p string) {
		for q, text := range tree {
			if q == p || strings.HasPrefix(q, p+"/") {
				delete(s.mine, strings.TrimSuffix(text, " x"))
			}
		}
	}
	must := func(err error) {
		if err != nil {
			s.t.Fatalf("%s: %v", s.name, err)
		}
	}
	switch rng.IntN(12) {
	case 8: // letters' case
		p := pick()
		to := strings.ToUpper(p[strings.LastIndexByte(p, '/')+1:])
		if to == p[strings.LastIndexByte(p, '/')+1:] {
			to = strings.ToLower(to)
		}
		if to = disk.Join(dirOf(p), to); p == "" || to == p || client.NameKey(to) != client.NameKey(p) {
			return ""
		}
		if _, other := tree[to]; other { // it would be replaced
			return ""
		}
		must(s.mem.Rename(p, to))
		return "case " + p + " " + to
	case 9: // two exchange their names
		p, q := pick(), pick()
		if p == q || strings.HasPrefix(p+"/", q+"/") || strings.HasPrefix(q+"/", p+"/") {
			return ""
		}
		must(s.mem.Rename(p, "exchange"))
		must(s.mem.Rename(q, p))
		must(s.mem.Rename("exchange", q))
		return "exchange " + p + " " + q
	case 10: // a file becomes a folder, or a folder a file
		p := pick()
		if p == "" {
			return ""
		}
		giveUp(p)
		text := content()
		must(s.mem.Drop(p))
		s.mine[text] = true
		if tree[p] == "/" {
			must(s.mem.Write(p, text))
			return "to file " + p + " " + text
		}
		must(s.mem.Folder(p))
		must(s.mem.Write(p+"/was", text))
		return "to folder " + p + " " + text
	case 11: // only the time or the mode
		p := pick()
		if p == "" || tree[p] == "/" {
			return ""
		}
		if rng.IntN(2) == 0 {
			must(s.mem.Touch(p))
			return "touch " + p
		}
		must(s.mem.Chmod(p))
		return "chmod " + p
	case 0, 1, 2:
		p := disk.Join(folder(), name)
		if taken(p) {
			return ""
		}
		if rng.IntN(3) == 0 {
			must(s.mem.Folder(p))
			return "folder " + p
		}
		text := content()
		must(s.mem.Write(p, text))
		s.mine[text] = true
		return "write " + p + " " + text
	case 3, 4:
		p := pick()
		if p == "" || tree[p] == "/" {
			return ""
		}
		giveUp(p)
		text := content()
		if rng.IntN(3) == 0 { // as editors do
			must(s.mem.Write(p+"~", text))
			must(s.mem.Rename(p+"~", p))
		} else {
			must(s.mem.Write(p, text))
		}
		s.mine[text] = true
		return "edit " + p + " " + text
	case 5, 6:
		p := pick()
		to := disk.Join(folder(), name)
		if p == "" || taken(to) || to == p || strings.HasPrefix(to+"/", p+"/") {
			return ""
		}
		must(s.mem.Rename(p, to))
		return "move " + p + " " + to
	default:
		p := pick()
		if p == "" {
			return ""
		}
		giveUp(p)
		must(s.mem.Drop(p))
		return "drop " + p
	}
}

// simulate plays a random history of several clients and checks its end.
func simulate(t *testing.T, r *rig, seed uint64) {
	rng := rand.New(rand.NewPCG(seed, 11))
	sub := *r
	sub.t = t
	sub.newShare(fmt.Sprintf("share %d", seed))
	strategies := []string{wire.KeepBoth, wire.LastWriterWins, wire.ServerWins, wire.ClientWins}
	strategy := strategies[rng.IntN(len(strategies))]
	var desks []*simDesk
	for i := range 2 + rng.IntN(2) {
		mem := disktest.New()
		switch {
		case i == 1:
			mem.Fold, mem.Decompose, mem.Reuse = true, true, seed%5 == 0
		case i == 2 && seed%3 == 0:
			mem = disktest.Windows()
		case i == 2 && seed%3 == 1:
			mem = disktest.Stick()
		case i == 2:
			mem.NoExec = true
		}
		d := sub.simDesk(string(rune('A'+i)), mem, rng)
		d.strategy, d.allow = strategy, true
		desks = append(desks, d)
	}
	var log []string
	say := func(format string, args ...any) { log = append(log, fmt.Sprintf(format, args...)) }
	defer func() {
		if t.Failed() {
			t.Logf("seed %d, %s:\n%s", seed, strategy, strings.Join(log, "\n"))
		}
	}()
	made := 0
	content := func() string {
		made++
		if rng.IntN(8) == 0 {
			return fmt.Sprintf("c%d of %d", max(1, made-rng.IntN(4)), seed)
		}
		return fmt.Sprintf("c%d of %d", made, seed)
	}
	trouble := rng.IntN(3) > 0
	crowd(rng, desks, content, say)
	for range 4 + rng.IntN(10) {
		d := desks[rng.IntN(len(desks))]
		for range rng.IntN(6) {
			if what := d.edit(rng, content); what != "" {
				say("%s: %s", d.name, what)
			}
		}
		if rng.IntN(3) == 0 {
			continue
		}
		d = desks[rng.IntN(len(desks))]
		d.conn.bad = trouble
		if trouble && rng.IntN(2) == 0 {
			d.mem.CrashAt(rng.IntN(60))
		}
		d.allow = true
		err := d.run()
		say("%s: sync: %v", d.name, err)
		if err != nil && (rng.IntN(2) == 0 || errors.Is(err, disktest.ErrCrash)) {
			d.kill()
			say("%s: killed", d.name)
			if rng.IntN(2) == 0 {
				d.powerCut()
				say("%s: power cut, has %v", d.name, d.mem.Tree(Own))
			}
		}
	}
	for _, d := range desks {
		d.conn.bad, d.conn.between, d.mem.Before = false, nil, nil
		d.kill()
	}
	for left := 12; ; left-- {
		work := false
		for _, d := range desks {
			d.allow = true
			before := d.start().Status().Counts
			d.folder.o.AllowDeletes = true
			d.mem.Pass(coarse) // a coarse clock goes on
			if err := d.run(); err != nil {
				t.Fatalf("%s: %v", d.name, err)
			}
			after := d.folder.Status().Counts
			before.Rounds, after.Rounds, before.Hashed, after.Hashed = 0, 0, 0, 0
			say("%s: settles: %+v %+v", d.name, after, d.folder.Status().Waiting)
			work = d.renameTwins() || work || before != after
		}
		if !work {
			break
		}
		if left == 0 {
			t.Fatal("it does not come to rest")
		}
	}
	want := desks[0].mem.Tree(Own)
	for _, d := range desks {
		got, want := d.mem.Tree(Own), maps.Clone(want)
		for p, text := range want {
			if d.mem.NoExec {
				want[p] = strings.TrimSuffix(text, " x")
			}
		}
		if !maps.Equal(got, want) {
			t.Fatalf("%s has\n%s%s has\n%s%s%s", d.name, show(got), desks[0].name, show(want), d.trees(), desks[0].trees())
		}
		if s := d.folder.Status(); !s.InStep {
			t.Fatalf("%s is not in step: %+v\n%s", d.name, s, d.trees())
		}
		for p := range d.mem.Tree("") {
			if strings.HasPrefix(p, tmpDir+"/") {
				t.Errorf("%s has a temporary file %s", d.name, p)
			}
		}
	}
	sub.reachable(desks, say)
}

// crowd has people go on editing, and other clients working, while a client works.
func crowd(rng *rand.Rand, desks []*simDesk, content func() string, say func(string, ...any)) {
	if rng.IntN(3) == 0 {
		return
	}
	busy := map[*simDesk]bool{}
	for _, d := range desks {
		d.busy = func(b bool) { busy[d] = b }
		d.conn.between = func() {
			switch o := desks[rng.IntN(len(desks))]; rng.IntN(12) {
			case 0, 1:
				if d.mem.Alive() {
					say("  meanwhile %s: %s", d.name, d.edit(rng, content))
				}
			case 2, 3:
				if !busy[o] && o.mem.Alive() {
					for range rng.IntN(3) {
						say("  meanwhile %s: %s", o.name, o.edit(rng, content))
					}
					say("  meanwhile %s begins", o.name)
					err := o.run()
					say("  meanwhile %s: sync: %v", o.name, err)
				}
			}
		}
		d.mem.Before = func(op, path string) {
			if serial := op == "place" || op == "replace" || op == "remove" || op == "mkdir" || op == "rmdir"; serial && rng.IntN(30) == 0 {
				say("  meanwhile, before %s %s, %s: %s", op, path, d.name, d.edit(rng, content))
			}
		}
	}
}

// renameTwins gives names that differ from others' in letters' case only another one.
func (s *simDesk) renameTwins() (did bool) {
	for _, w := range s.folder.Status().Waiting {
		if strings.Contains(w.Reason, "letters' case") {
			did = s.mem.Rename(w.Path, w.Path+" twin") == nil || did
		}
	}
	return did
}

// trees shows what differs in the three trees.
func (s *simDesk) trees() string {
	var b strings.Builder
	tr := s.folder.trees
	all := map[planner.ID]bool{}
	tr.Local.Changed(func(id planner.ID) { all[id] = true })
	tr.Remote.Changed(func(id planner.ID) { all[id] = true })
	for id := range all {
		fmt.Fprintf(&b, "%s\n  synced %+v\n  local  %+v\n  remote %+v, gone %d, closed %q\n", id, tr.Synced.Node(id), tr.Local.Node(id), tr.Remote.Node(id), tr.Remote.Gone[id], tr.Local.Closed[id])
	}
	return b.String()
}

// reachable checks that no content is lost that somebody made and kept.
func (r *rig) reachable(desks []*simDesk, say func(string, ...any)) {
	ids := map[planner.ID]bool{}
	for _, d := range desks {
		maps.Copy(ids, d.ids)
	}
	api := r.api(nil)
	there := map[wire.Hash]bool{}
	// What is in the trash can be brought back.
	var trash []wire.TrashItem
	if err := api.EachTrash(r.t.Context(), r.share, func(i *wire.TrashItem) (bool, error) { trash = append(trash, *i); return true, nil }); err != nil {
		r.t.Fatal(err)
	}
	for _, i := range trash {
		if _, err := api.Restore(r.t.Context(), i.Type, i.ID); err != nil {
			r.t.Fatal(err)
		}
	}
	if _, err := api.TreeAt(r.t.Context(), r.share, "", func(e *wire.Entry) error { ids[planner.ID(strings.Clone(e.ID))] = true; return nil }); err != nil {
		r.t.Fatal(err)
	}
	for id := range ids {
		if !strings.HasPrefix(string(id), "fil_") {
			continue
		}
		list, err := api.Versions(r.t.Context(), string(id))
		if client.StatusOf(err) == 404 {
			continue
		}
		if err != nil {
			r.t.Fatal(err)
		}
		for _, v := range list {
			there[v.ChecksumSHA256] = true
		}
	}
	for _, d := range desks {
		for text := range d.mem.Tree("") {
			if strings.HasPrefix(text, RescueDir+"/") {
				there[sha256.Sum256([]byte(d.mem.Tree("")[text]))] = true
			}
		}
		for text := range d.mine {
			if !there[sha256.Sum256([]byte(text))] {
				r.t.Errorf("%q of %s is lost", text, d.name)
			}
		}
	}
}

func TestSimulation(t *testing.T) {
	first, n := uint64(1), uint64(60)
	if s := os.Getenv("SCAIDRIVE_SEED"); s != "" {
		first, _ = strconv.ParseUint(s, 10, 64)
		n = 1
	}
	var until time.Time
	if s := os.Getenv("SCAIDRIVE_LONG"); s != "" {
		d, err := time.ParseDuration(s)
		if err != nil {
			t.Fatal(err)
		}
		until, n = time.Now().Add(d), 1<<40
	}
	r := newRig(t)
	for seed := first; seed < first+n && (until.IsZero() || time.Now().Before(until)); seed++ {
		if !t.Run("", func(t *testing.T) { simulate(t, r, seed) }) {
			t.Fatalf("again with SCAIDRIVE_SEED=%d", seed)
		}
	}
}

// Simulations that once did not come to rest.
func TestSimulationsThatWentWrong(t *testing.T) {
	r := newRig(t)
	for _, seed := range []uint64{4400792} {
		simulate(t, r, seed)
	}
}
