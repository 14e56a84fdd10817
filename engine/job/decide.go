package job

import (
	"cmp"
	"slices"
	"strings"

	"scaidrive/engine"
	"scaidrive/engine/access"
	"scaidrive/engine/meta"
	"scaidrive/engine/names"
	"scaidrive/engine/tree"
)

// slot is a place by its folded name.
type slot struct {
	parent engine.ID
	key    string
}

func (w where) slot() slot { return slot{w.parent, names.Key(w.name)} }

// A decision sorts what was touched into what has to be done with it.
type decision struct {
	early, late []*touched // go to the trash, before and after all else
	graves      []*touched // come out of the trash as long as something is taken from them
	restores    []*touched
	losses      []*touched // are told
	asides      []*touched
	moves       []*touched // to where they were
	leavers     []*touched // to where they were, outside of the root
	reverts     []*touched
}

// decide makes the tasks, in an order in which each finds what it needs:
//  1. what is new and holds nothing that was there goes to the trash;
//  2. what stands at another's place steps aside;
//  3. what was deleted comes back, the outermost first;
//  4. everything goes to its place, the outermost first: then the folder that it
//     goes into is where it belongs already, and can't lie below it;
//  5. what is new and has been emptied of what was there goes to the trash;
//  6. contents.
func (pl *planner) decide() error {
	var d decision
	graves := map[engine.ID]bool{}
	for _, x := range pl.order {
		switch {
		case pl.inRoot(x):
			pl.wanted(&d, x, graves)
		case x.now == live, x.now == buried:
			pl.unwanted(&d, x)
		}
	}
	pl.rescue(&d)
	pl.contested(&d)
	pl.sort(&d)
	pl.list(&d)
	return pl.describe(&d)
}

// wanted decides about what was below the root at the moment.
func (pl *planner) wanted(d *decision, x *touched, graves map[engine.ID]bool) {
	switch {
	case x.now == hidden:
		return
	case x.now == lost, pl.gone(x.was.parent), pl.holds(x):
		d.lose(pl, x)
		return
	}
	x.returned = x.now == deleted
	if x.now == deleted {
		d.restores = append(d.restores, x)
	}
	if x.now == buried {
		g := pl.touched[x.grave]
		if g == nil || g.now == hidden {
			return // it comes back with the folder, or is out of reach
		}
		if !pl.returns(g) && !graves[x.grave] {
			graves[x.grave] = true
			d.graves = append(d.graves, g)
		}
	}
	if x.returned || x.is != x.was {
		d.moves = append(d.moves, x)
	}
	if x.version != 0 {
		d.reverts = append(d.reverts, x)
	}
}

// returns reports whether a folder that is in the trash comes back for its own sake.
func (pl *planner) returns(g *touched) bool {
	return pl.inRoot(g) && g.now == deleted && !pl.gone(g.was.parent) && !pl.holds(g)
}

// gone reports whether the folder in which something was can't be made what it
// was: it, or one above it, was removed for good or is in another share.
func (pl *planner) gone(id engine.ID) bool {
	for depth := 0; depth < 1000 && id != pl.root; depth++ {
		x := pl.touched[id]
		up, known := pl.parents[id]
		switch {
		case x != nil && x.now == lost:
			return true
		case x != nil && x.existed:
			up = x.was.parent
		case !known:
			return true
		}
		id = up
	}
	return false
}

// holds reports whether the root lies in it now: then it can't come back into the root.
func (pl *planner) holds(x *touched) bool {
	id := pl.root
	for depth := 0; depth < 1000 && !id.IsZero(); depth++ {
		if id = pl.parents[id]; id == x.id {
			return true
		}
	}
	return false
}

func (d *decision) lose(pl *planner, x *touched) {
	pl.counts.Lost++
	pl.errors++
	d.losses = append(d.losses, x)
	if pl.counts.Lost <= MaxNotes {
		pl.notes = append(pl.notes, engine.JobNote{Class: engine.NoteLost, Index: uint32(pl.counts.Lost), Node: x.id, Kind: x.kind})
	}
}

// unwanted decides about what was not below the root at the moment. It has to go
// if the folder that it is in will be there, and goes along if that one goes; but
// what was elsewhere in the share is taken out of a folder that goes to the trash.
func (pl *planner) unwanted(d *decision, x *touched) {
	stays := pl.folderInRoot(x.is.parent)
	switch {
	case stays && !x.existed && x.now == live:
		d.early = append(d.early, x)
	case stays && !x.existed:
		d.late = append(d.late, x) // when its folder is back
	case stays, x.existed && x.now == live && x.was.parent != x.is.parent && slices.Contains(x.under, pl.root):
		d.leavers = append(d.leavers, x)
	}
}

// rescue lets folders go last out of which something has to be taken first.
func (pl *planner) rescue(d *decision) {
	for _, list := range [][]*touched{d.moves, d.leavers, d.graves, d.restores} {
		for _, x := range list {
			for _, id := range x.under {
				if up := pl.touched[id]; up != nil {
					up.rescued = true
				}
			}
		}
	}
	all := d.early
	d.early = nil
	for _, x := range all {
		if x.rescued {
			d.late = append(d.late, x)
		} else {
			d.early = append(d.early, x)
		}
	}
}

// contested finds what stands, or will stand when it is restored, at a place that
// another one goes to.
func (pl *planner) contested(d *decision) {
	goal := map[slot]*touched{}
	for _, x := range d.moves {
		goal[x.was.slot()] = x
	}
	check := func(x *touched) {
		stands := []slot{x.is.slot()}
		if x.now == deleted { // where it comes back to if its folder is in the trash, too
			stands = append(stands, where{pl.share, x.is.name}.slot())
		}
		for _, at := range stands {
			if y := goal[at]; y != nil && y != x {
				d.asides = append(d.asides, x)
				return
			}
		}
	}
	for _, x := range d.moves {
		if x.was.slot() != x.is.slot() || x.now == deleted {
			check(x)
		}
	}
	for _, list := range [][]*touched{d.leavers, d.late, d.graves} {
		for _, x := range list {
			check(x)
		}
	}
	for _, x := range d.losses { // stays where it is, but gives way to what was there
		if y := goal[x.is.slot()]; y != nil && y != x && (x.now == live || x.now == buried) {
			x.cleared = true
			d.asides = append(d.asides, x)
		}
	}
}

func (pl *planner) sort(d *decision) {
	byDepth := func(a, b *touched) int { return cmp.Compare(a.depth, b.depth) }
	d.restores = append(d.restores, d.graves...)
	slices.SortStableFunc(d.restores, byDepth)
	depths := map[engine.ID]int{}
	slices.SortStableFunc(d.moves, func(a, b *touched) int {
		return cmp.Compare(pl.depthWas(a.was.parent, depths), pl.depthWas(b.was.parent, depths))
	})
}

// depthWas is how deep below the root a folder lay.
func (pl *planner) depthWas(id engine.ID, known map[engine.ID]int) int {
	if id == pl.root || id.IsZero() {
		return 0
	}
	if n, ok := known[id]; ok {
		return n
	}
	known[id] = 0 // of a circle, which there is none
	up := pl.parents[id]
	if x := pl.touched[id]; x != nil && x.existed {
		up = x.was.parent
	}
	n := 1 + pl.depthWas(up, known)
	known[id] = n
	return n
}

// aside is the name of a thing that stands aside: one that nothing else has on its way to
// another place, one for people where it stays.
func (x *touched) aside() string {
	if !x.cleared {
		return passing(x.is.name, x.id)
	}
	base, ext := x.is.name, ""
	if i := strings.LastIndexByte(base, '.'); i > 0 && len(base)-i <= 32 {
		base, ext = base[:i], base[i:]
	}
	return cutName(base) + " (not put back)" + ext
}

// passing is a name that nothing else has.
func passing(name string, id engine.ID) string {
	return cutName(name) + " (aside " + id.Format("") + ")"
}

// cutName leaves room in a name for what is put behind it.
func cutName(name string) string {
	if len(name) > 200 {
		name = strings.ToValidUTF8(name[:200], "")
	}
	return name
}

// list makes the tasks.
func (pl *planner) list(d *decision) {
	add := func(k engine.JobTask) { pl.tasks = append(pl.tasks, k) }
	for _, x := range d.early {
		add(engine.JobTask{Op: engine.OpTrash, Node: x.id, Kind: x.kind, Goal: true})
	}
	aside := func(back bool) {
		for _, x := range d.asides {
			if (x.now != live) == back {
				add(engine.JobTask{Op: engine.OpAside, Node: x.id, Kind: x.kind, Name: x.aside(), Goal: true})
			}
		}
	}
	aside(false)
	for _, x := range d.restores {
		add(engine.JobTask{Op: engine.OpRestore, Node: x.id, Kind: x.kind, Name: x.aside(), Goal: true})
	}
	aside(true)
	for _, x := range d.moves {
		add(engine.JobTask{Op: engine.OpMove, Node: x.id, Kind: x.kind, To: x.was.parent, Name: x.was.name, Goal: true})
	}
	for _, x := range d.leavers {
		add(engine.JobTask{Op: engine.OpMove, Node: x.id, Kind: x.kind, To: x.was.parent, Name: x.was.name, Goal: true, OrTrash: true})
	}
	for _, x := range append(d.late, d.graves...) {
		add(engine.JobTask{Op: engine.OpTrash, Node: x.id, Kind: x.kind, Goal: true})
	}
	for _, x := range d.reverts {
		add(engine.JobTask{Op: engine.OpRevert, Node: x.id, Kind: x.kind, Version: x.version, Goal: true})
	}
	pl.counts.Trashed = uint64(len(d.early) + len(d.late))
	pl.counts.Restored = uint64(len(d.restores) - len(d.graves))
	pl.counts.Reverted = uint64(len(d.reverts))
	for _, x := range append(slices.Clone(d.moves), d.leavers...) {
		if !x.returned || x.is != x.was {
			pl.counts.Moved++
		}
	}
}

// describe writes down the first of each kind with their paths.
func (pl *planner) describe(d *decision) error {
	graves := map[engine.ID]bool{}
	for _, g := range d.graves {
		graves[g.id] = true
	}
	kinds := []struct {
		class engine.JobNoteClass
		list  []*touched
		skip  func(*touched) bool
	}{
		{engine.NoteTrashed, append(slices.Clone(d.early), d.late...), nil},
		{engine.NoteRestored, d.restores, func(x *touched) bool { return graves[x.id] }},
		{engine.NoteMoved, append(slices.Clone(d.moves), d.leavers...), func(x *touched) bool { return x.returned && x.is == x.was }},
		{engine.NoteReverted, d.reverts, nil},
	}
	for _, k := range kinds {
		n := uint32(0)
		for _, x := range k.list {
			if k.skip != nil && k.skip(x) {
				continue
			}
			if n++; n > MaxNotes {
				break
			}
			pl.notes = append(pl.notes, engine.JobNote{Class: k.class, Index: n, Node: x.id, Kind: x.kind})
		}
	}
	var errs []engine.JobNote
	for page := range slices.Chunk(pl.notes, 50) {
		err := pl.view(func(v *meta.View) error {
			for i := range page {
				if err := pl.name(v, &page[i]); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
		for _, e := range page {
			if e.Class == engine.NoteLost {
				e.Class, e.Index, e.Error = engine.NoteError, uint32(len(errs)+1), engine.KindGone
				errs = append(errs, e)
			}
		}
	}
	pl.notes = append(pl.notes, errs...)
	return nil
}

// name tells the paths of a note, as far as the user may read them, and the reason
// of a loss.
func (pl *planner) name(v *meta.View, n *engine.JobNote) error {
	x := pl.touched[n.Node]
	var err error
	switch n.Class {
	case engine.NoteTrashed:
		n.Path, err = pl.pathNow(v, x.id)
	case engine.NoteMoved:
		if n.Msg, err = pl.pathNow(v, x.id); err == nil {
			n.Path, err = pl.pathWas(v, x)
		}
	default:
		n.Path, err = pl.pathWas(v, x)
	}
	if n.Class == engine.NoteLost {
		switch {
		case x.away:
			n.Msg = "It was moved to another share and stays there"
		case x.now == lost:
			n.Msg = "It was removed for good"
		case pl.holds(x):
			n.Msg = "The folder that is put back lies in it now, so it stays where it is"
		default:
			n.Msg = "The folder that it was in is not there any more, so it has no place to go back to"
			if x.cleared {
				n.Msg += "; it gets another name, because its own is needed"
			}
		}
	}
	return err
}

func (pl *planner) pathNow(v *meta.View, id engine.ID) (string, error) {
	sub, err := access.Resolve(v, pl.who.tenant, id)
	if err != nil {
		if engine.KindOf(err) == engine.KindNotFound {
			err = nil
		}
		return "", err
	}
	return tree.Locate(sub).Path, nil
}

// pathWas gives a path at the moment; "" when the user may not read a folder of it
// that is there still.
func (pl *planner) pathWas(v *meta.View, x *touched) (string, error) {
	path, id := "/"+x.was.name, x.was.parent
	for depth := 0; depth < 1000 && id != pl.root; depth++ {
		sub, err := access.Resolve(v, pl.who.tenant, id)
		if err != nil && engine.KindOf(err) != engine.KindNotFound {
			return "", err
		}
		if err == nil {
			have, err := access.Rights(v, pl.p, sub)
			if err != nil || have&engine.RightRead == 0 {
				return "", err
			}
		}
		up := pl.touched[id]
		switch {
		case up != nil && up.existed:
			path, id = "/"+up.was.name+path, up.was.parent
		case err == nil:
			path, id = "/"+sub.Node.Name+path, sub.Node.Parent
		default:
			return "", nil
		}
		if id.IsZero() {
			return path, nil // outside of the root; a share's root has no name
		}
	}
	return pl.path + path, nil
}
