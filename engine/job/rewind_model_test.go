package job

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"scaidrive/engine"
	"scaidrive/engine/tree"
)

// past is a share as it was.
type past struct {
	at     time.Time
	folder engine.ID
	tree   snapshot
}

// history makes random changes in a share.
type history struct {
	*rig
	rnd   *rand.Rand
	other engine.ID
	all   []engine.ID // of both kinds, gone ones too
	kinds map[engine.ID]engine.NodeKind
	cross bool // between shares and for good, too
	past  []past
	seen  map[string]bool // share and thing: what was ever in it
}

// comesBack reports whether something would move from a share into another one in
// which it, or something in it, was before: what happened to it meanwhile stands in
// the log of the share that it leaves, and a rewind does not know it.
func (h *history) comesBack(id, to engine.ID) bool {
	from, err1 := h.Tree.Get(ctx, h.Owner, id, 0)
	into, err2 := h.Tree.Get(ctx, h.Owner, to, 0)
	if err1 != nil || err2 != nil || from.Share == into.Share {
		return false
	}
	back := h.seen[into.Share.Format("")+fmt.Sprintf("%x", id[12:])]
	if from.Node.Kind == engine.KindFolder {
		for _, v := range h.look(id) {
			back = back || h.seen[into.Share.Format("")+idOf(v)]
		}
	}
	return back
}

func idOf(v string) string { return strings.TrimSuffix(strings.Split(v, " ")[0], "/") }

func (h *history) pick() engine.ID { return h.all[h.rnd.IntN(len(h.all))] }

func (h *history) add(l *tree.Located, err error) {
	if err != nil {
		return
	}
	if _, known := h.kinds[l.Node.ID]; !known {
		h.all = append(h.all, l.Node.ID)
	}
	h.kinds[l.Node.ID] = l.Node.Kind
}

func (h *history) name() string { return fmt.Sprint("n", h.rnd.IntN(5)) }

func (h *history) change() {
	h.tick()
	id, to := h.pick(), h.pick()
	kind := h.kinds[id]
	switch h.rnd.IntN(16) {
	case 0, 1, 2:
		h.add(h.put(tree.FileSpec{Parent: to, Name: h.name(), Content: text(strings.Repeat("a", h.rnd.IntN(3)) + fmt.Sprint(h.rnd.IntN(100)))}))
	case 3, 4:
		h.add(h.Tree.Mkdir(ctx, h.Owner, engine.ID{}, to, h.name()))
	case 5, 6:
		if n := h.node(id); n != nil && kind == engine.KindFile {
			_, _ = h.put(tree.FileSpec{File: id, Base: n.VersionID, Content: text(fmt.Sprint(h.rnd.IntN(100)))})
		}
	case 7, 8:
		_ = h.Tree.Trash(ctx, h.Owner, id, kind, engine.ID{})
	case 9:
		_, _ = h.Tree.Restore(ctx, h.Owner, id, kind, engine.ID{})
	case 10, 11, 12:
		if !h.cross && h.rnd.IntN(2) == 0 {
			to = h.Share
		}
		m := tree.Move{ID: id, Kind: kind, To: &tree.Target{Folder: to}}
		if h.rnd.IntN(2) == 0 {
			m.Name = h.name()
		}
		if h.cross && h.comesBack(id, to) {
			return
		}
		_, _ = h.Tree.Move(ctx, h.Owner, m)
	case 13:
		_, _ = h.Tree.Move(ctx, h.Owner, tree.Move{ID: id, Kind: kind, Name: h.name()})
	case 14:
		l, err := h.Tree.Copy(ctx, h.Owner, tree.Copy{ID: id, Kind: kind, To: tree.Target{Folder: to}, Name: h.name()})
		h.add(l, err)
	case 15:
		if h.cross && h.rnd.IntN(3) == 0 {
			_ = h.Tree.Purge(ctx, h.Owner, id, kind, engine.ID{})
			if err := h.Tree.RemovePurged(ctx); err != nil {
				h.t.Fatal(err)
			}
		}
	}
}

// remember takes a snapshot of the share or of a folder in it.
func (h *history) remember() {
	folder := h.Share
	if id := h.pick(); h.rnd.IntN(2) == 0 && h.kinds[id] == engine.KindFolder {
		if _, err := h.Tree.Get(ctx, h.Owner, id, engine.KindFolder); err == nil && id != h.other {
			folder = id
		}
	}
	h.tick()
	h.past = append(h.past, past{h.Now(), folder, h.look(folder)})
	h.tick()
}

func newHistory(t testing.TB, seed uint64, cross bool) *history {
	h := &history{rig: newRig(t), rnd: rand.New(rand.NewPCG(seed, 1)), kinds: map[engine.ID]engine.NodeKind{}, cross: cross, seen: map[string]bool{}}
	h.all = []engine.ID{h.Share}
	h.kinds[h.Share] = engine.KindFolder
	h.other = h.NewShare(t, -1)
	if cross {
		h.all = append(h.all, h.other)
		h.kinds[h.other] = engine.KindFolder
	}
	for range 60 + h.rnd.IntN(150) {
		h.change()
		if cross {
			for _, share := range []engine.ID{h.Share, h.other} {
				for _, v := range h.look(share) {
					h.seen[share.Format("")+idOf(v)] = true
				}
			}
		}
		if h.rnd.IntN(12) == 0 {
			h.remember()
		}
	}
	return h
}

func seeds(t *testing.T, n uint64, run func(t *testing.T, seed uint64)) {
	first := uint64(time.Now().UnixNano())
	if s, err := strconv.ParseUint(os.Getenv("SCAIDRIVE_SEED"), 10, 64); err == nil {
		first, n = s, 1
	}
	long, _ := time.ParseDuration(os.Getenv("SCAIDRIVE_LONG"))
	end := time.Now().Add(long)
	for seed := first; seed < first+n || time.Now().Before(end); seed++ {
		if run(t, seed); t.Failed() {
			t.Fatalf("SCAIDRIVE_SEED=%d repeats it", seed)
		}
	}
}

// A rewind makes a folder what it was, to the last name and byte, whatever has
// happened since; its undo makes everything what it was before.
func TestRewindModel(t *testing.T) {
	seeds(t, 25, func(t *testing.T, seed uint64) {
		h := newHistory(t, seed, false)
		h.jobs.step = 1 + h.rnd.IntN(20)
		for range 4 {
			if len(h.past) == 0 {
				return
			}
			to := h.past[h.rnd.IntN(len(h.past))]
			if n := h.node(to.folder); n == nil {
				continue
			}
			if _, err := h.Tree.Get(ctx, h.Owner, to.folder, engine.KindFolder); err != nil {
				continue // it is in the trash
			}
			before := h.look(h.Share)
			spec := Spec{Kind: engine.JobRewind, Items: []Item{{ID: to.folder, Kind: engine.KindFolder}}, At: to.at}
			dry := spec
			dry.DryRun = true
			plan := h.run(dry)
			h.want(plan, engine.JobDone, plan.Plan.Lost)
			h.same("after a dry run", h.look(h.Share), before)
			if plan.Plan.Lost > 0 {
				h.holds(plan, to.folder)
				continue
			}
			rep := h.run(spec)
			h.want(rep, engine.JobDone, 0)
			h.same("rewound", h.look(to.folder), to.tree)
			if rep.Plan != plan.Plan {
				t.Errorf("planned %+v, then %+v", plan.Plan, rep.Plan)
			}
			if again := h.run(dry); again.Plan != (engine.JobPlan{}) {
				t.Errorf("a second rewind would do %+v%s", again.Plan, told(again))
			}
			h.used(h.Share)
			if h.rnd.IntN(3) > 0 {
				h.want(h.undo(rep.ID), engine.JobUndone, 0)
				h.same("undone", h.look(h.Share), before)
				h.used(h.Share)
			}
			for range h.rnd.IntN(20) {
				h.change()
			}
			if t.Failed() {
				t.Logf("folder %x, at %v, the plan was %+v%s", to.folder[12:], to.at, plan.Plan, told(plan))
				return
			}
		}
	})
}

// holds checks that what a plan can't put back is what the folder lies in now.
func (h *history) holds(plan *Report, folder engine.ID) {
	h.t.Helper()
	above := map[engine.ID]bool{}
	for n := h.node(folder); n != nil && !n.Parent.IsZero(); n = h.node(n.Parent) {
		above[n.Parent] = true
	}
	for _, n := range plan.Notes {
		if n.Class == engine.NoteLost && !above[n.Node] {
			h.t.Errorf("%x is lost, %s", n.Node[12:], told(plan))
		}
	}
}

// With things removed for good and moved between shares too: what is left comes
// back, what is lost is told, nothing else is touched, and the undo is exact.
func TestRewindModelWithLosses(t *testing.T) {
	seeds(t, 25, func(t *testing.T, seed uint64) {
		h := newHistory(t, seed, true)
		h.jobs.step = 1 + h.rnd.IntN(20)
		for range 3 {
			if len(h.past) == 0 {
				return
			}
			to := h.past[h.rnd.IntN(len(h.past))]
			if _, err := h.Tree.Get(ctx, h.Owner, to.folder, engine.KindFolder); err != nil {
				continue
			}
			before, beside := h.look(h.Share), h.look(h.other)
			spec := Spec{Kind: engine.JobRewind, Items: []Item{{ID: to.folder, Kind: engine.KindFolder}}, At: to.at}
			rep := h.run(spec)
			if rep.State == engine.JobFailed { // the folder came from elsewhere since
				h.want(rep, engine.JobFailed, 1)
				h.same("refused", h.look(h.Share), before)
				continue
			}
			h.want(rep, engine.JobDone, rep.Plan.Lost)
			lost := map[string]bool{}
			for _, n := range rep.Notes {
				if n.Class == engine.NoteLost {
					lost[fmt.Sprintf("%x", n.Node[12:])] = true
				}
			}
			got := h.look(to.folder)
			ids := map[string]bool{}
			for path, v := range to.tree {
				id := idOf(v)
				ids[id] = true
				gone := false
				for p := path; p != ""; p = p[:strings.LastIndexByte(p, '/')] {
					gone = gone || lost[idOf(to.tree[p])]
				}
				if !gone && got[path] != v {
					t.Errorf("%s is %q, want %q", path, got[path], v)
				}
			}
			for path, v := range got {
				if id := idOf(v); !ids[id] {
					t.Errorf("%s is %q and was not there", path, v)
				}
			}
			h.used(h.Share)
			h.used(h.other)
			h.want(h.undo(rep.ID), engine.JobUndone, 0)
			h.same("undone", h.look(h.Share), before)
			h.same("the other share, undone", h.look(h.other), beside)
			h.used(h.Share)
			if t.Failed() {
				t.Logf("folder %x, at %v, the plan was %+v%s\nit was\n%s\nbefore\n%s\nbecame\n%s", to.folder[12:], to.at, rep.Plan, told(rep), to.tree, before, got)
				return
			}
		}
	})
}
