package planner

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// strategy of the model server.
type strategy int

const (
	keepBoth strategy = iota
	serverWins
	clientWins
)

// object is a node of the model server, with all its versions.
type object struct {
	Node
	deleted bool
	seq     int // of the last change
}

// server settles what clients push, as the scenario table says, in the simplest
// way that keeps every content.
type server struct {
	objects  map[ID]*object
	contents map[[32]byte]bool // that ever were stored
	seq      int
	strategy strategy
	outcomes map[string]outcome
}

type outcome struct {
	id ID // of what the client pushed, as the server has it
}

func newServer(s strategy) *server {
	return &server{objects: map[ID]*object{}, contents: map[[32]byte]bool{}, strategy: s, outcomes: map[string]outcome{}}
}

func fold(s string) string { return strings.ToLower(s) }

func (s *server) touch(o *object) { s.seq++; o.seq = s.seq }

func (s *server) child(parent ID, name string, but ID) *object {
	for _, id := range slices.Sorted(maps.Keys(s.objects)) {
		o := s.objects[id]
		if !o.deleted && o.Parent == parent && fold(o.Name) == fold(name) && o.ID != but {
			return o
		}
	}
	return nil
}

// free gives a name that is not taken.
func (s *server) free(parent ID, name string, but ID) string {
	for i := 0; ; i++ {
		n := name
		if i > 0 {
			n = fmt.Sprintf("%s copy%d", name, i)
		}
		if s.child(parent, n, but) == nil {
			return n
		}
	}
}

// revive brings a deleted folder and those above it back.
func (s *server) revive(id ID) {
	if id == Root {
		return
	}
	o := s.objects[id]
	s.revive(o.Parent)
	if o.deleted {
		o.deleted = false
		o.Name = s.free(o.Parent, o.Name, o.ID)
		s.touch(o)
	}
}

func (s *server) newVersion(o *object, f File) {
	s.contents[f.Hash] = true
	o.File = f
	s.touch(o)
	o.Version = fmt.Sprint("v", s.seq)
}

func (s *server) make(parent ID, name string, folder bool, f File) *object {
	s.seq++
	o := &object{Node: Node{ID: ID(fmt.Sprint("s", s.seq)), Parent: parent, Name: s.free(parent, name, ""), Folder: folder}}
	s.objects[o.ID] = o
	if folder {
		s.touch(o)
	} else {
		s.newVersion(o, f)
	}
	return o
}

func (s *server) create(parent ID, name string, folder bool, f File) ID {
	s.revive(parent)
	o := s.child(parent, name, "")
	switch {
	case o == nil:
	case folder && o.Folder, !folder && !o.Folder && o.File.Hash == f.Hash:
		return o.ID
	case !folder && !o.Folder && s.strategy == serverWins:
		s.contents[f.Hash] = true // as a version that is not current
		return o.ID
	case !folder && !o.Folder && s.strategy == clientWins:
		s.newVersion(o, f)
		return o.ID
	}
	return s.make(parent, name, folder, f).ID
}

func (s *server) update(id ID, base string, f File) {
	o := s.objects[id]
	s.contents[f.Hash] = true
	switch {
	case o.deleted && s.strategy == serverWins:
	case o.deleted:
		s.revive(id)
		s.newVersion(o, f)
	case o.Version == base || s.strategy == clientWins && o.File != f:
		s.newVersion(o, f)
	case o.File == f || s.strategy == serverWins:
	default:
		s.make(o.Parent, o.Name, false, f)
	}
}

func (s *server) inside(id, folder ID) bool {
	for ; id != Root; id = s.objects[id].Parent {
		if id == folder {
			return true
		}
	}
	return false
}

func (s *server) move(id, parent ID, name string, baseParent ID, baseName string) {
	o := s.objects[id]
	if o.deleted && s.strategy == serverWins || s.inside(parent, id) {
		return
	}
	if !(o.Parent == baseParent && o.Name == baseName) && !o.deleted && s.strategy != clientWins {
		return // the first stands
	}
	s.revive(parent)
	if o.deleted {
		s.revive(id)
	}
	if s.inside(parent, id) {
		return
	}
	o.Parent, o.Name = parent, s.free(parent, name, id)
	s.touch(o)
}

// remove deletes a node that is as op says it was, and of what lies below what is as
// the client has heard of it: that is all that the server knows of the client. gone
// is told of each.
func (s *server) remove(op Op, heard Tree, gone func(o *object, direct bool)) {
	o := s.objects[op.ID]
	if o.deleted {
		return
	}
	same := o.Parent == op.BaseParent && o.Name == op.BaseName && (o.Folder || o.Version == op.Base)
	if same || s.strategy == clientWins {
		s.removeBelow(o, heard, true, gone)
	}
}

// removeBelow reports whether all is gone.
func (s *server) removeBelow(o *object, heard Tree, direct bool, gone func(o *object, direct bool)) bool {
	all := true
	for _, c := range slices.Sorted(maps.Keys(s.objects)) {
		n := s.objects[c]
		if n.Parent != o.ID || n.deleted {
			continue
		}
		k := heard.Node(c)
		same := k != nil && k.Parent == n.Parent && k.Name == n.Name && (n.Folder || k.Version == n.Version)
		if !same && (k == nil || s.strategy != clientWins) {
			all = false
			continue
		}
		all = s.removeBelow(n, heard, false, gone) && all
	}
	if !all {
		return false
	}
	o.deleted = true
	s.touch(o)
	gone(o, direct)
	return true
}

// device is a client with its disk, which is the local tree itself.
type device struct {
	t     *testing.T
	name  string
	srv   *server
	trees *Trees
	made  int
	seen  map[[32]byte]bool
	rng   *rand.Rand
	// cut ends a round in the middle, or loses answers.
	cut func() bool
}

func (d *device) opt() Options {
	return Options{
		Key:      fold,
		Storable: func(string) string { return "" },
		TempName: func(n int) string { return fmt.Sprintf(".temp-%s-%d", d.name, n) },
	}
}

// feed brings remote up to date.
func (d *device) feed() {
	for id, o := range d.srv.objects {
		if o.deleted {
			if d.trees.Remote.Node(id) != nil {
				d.trees.SetRemote(id, nil, GoneDeleted)
			}
			continue
		}
		n := o.Node
		d.trees.SetRemote(id, &n, 0)
	}
}

func (d *device) plan() *Plan {
	d.feed()
	Settle(d.trees, d.opt())
	return Make(d.trees, d.opt())
}

// round is one round of the client; it tells whether there was anything to do.
func (d *device) round() bool {
	for _, id := range d.localIDs() {
		if n := d.trees.Local.Node(id); !n.Folder {
			d.seen[n.File.Hash] = true
		}
	}
	p := d.plan()
	work := !p.Empty()
	if len(p.Push) > 0 {
		if !d.push(p.Push) {
			return true
		}
		p = d.plan()
	}
	work = work || !p.Empty()
	d.pull(p.Pull)
	return work
}

// push sends operations as the real client does: after each answer, synced is
// what was pushed.
func (d *device) push(ops []Op) bool {
	had := NewNodes()
	d.trees.Synced.All(func(n *Node) { had.Put(n) })
	ids := map[ID]ID{}
	of := func(id ID) ID {
		if to, ok := ids[id]; ok {
			return to
		}
		return id
	}
	for _, op := range ops {
		if d.cut() {
			return false
		}
		id, parent := of(op.ID), of(op.Parent)
		if strings.HasPrefix(string(parent), "~") {
			continue // its folder got another name here, and has not been made
		}
		l := d.trees.Local.Node(id)
		key := fmt.Sprint(d.name, op.Kind, op.ID, parent, op.Name, op.Base, op.BaseParent, op.BaseName)
		if l != nil {
			key += fmt.Sprint(l.File)
		}
		out, again := d.srv.outcomes[key]
		if !again || op.Kind == PushMove || op.Kind == PushDelete {
			out = outcome{id: id}
			switch op.Kind {
			case PushFolder:
				out.id = d.srv.create(parent, op.Name, true, File{})
			case PushFile:
				out.id = d.srv.create(parent, op.Name, false, l.File)
			case PushUpdate:
				d.srv.update(id, op.Base, l.File)
			case PushMove:
				d.srv.move(id, parent, op.Name, op.BaseParent, op.BaseName)
			case PushDelete:
				d.srv.remove(op, d.trees.Remote, d.knew(op, had))
			}
			d.srv.outcomes[key] = out
		}
		if d.cut() { // the answer is lost
			return false
		}
		d.answered(op, id, out.id, l, ids)
	}
	return true
}

// knew checks that what goes with a deletion is what the client had.
func (d *device) knew(op Op, had Tree) func(*object, bool) {
	return func(o *object, direct bool) {
		k := had.Node(o.ID)
		switch {
		case direct:
		case k == nil:
			d.t.Fatalf("%v takes %+v, which %s never had", op, o.Node, d.name)
		case o.Folder:
		case k.Version != o.Version || !samePlace(k, &o.Node) && d.trees.Local.Node(o.ID) == nil:
			d.t.Fatalf("%v takes %+v, which %s had as %+v", op, o.Node, d.name, k)
		}
	}
}

func (d *device) answered(op Op, id, got ID, l *Node, ids map[ID]ID) {
	t := d.trees
	switch op.Kind {
	case PushFolder, PushFile:
		if got != id && t.Local.Node(got) != nil {
			// The server took it for something that is here under another name.
			n := *l
			n.Name += " 2"
			t.SetLocal(id, &n)
			return
		}
		ids[op.ID] = got
		lost := t.Synced.Node(id) != nil
		t.Rename(id, got)
		if lost && got != id {
			t.SetSynced(id, nil)
		}
		n := *t.Local.Node(got)
		o := d.srv.objects[got]
		n.Version = o.Version
		t.SetSynced(got, &n)
	case PushUpdate:
		n := *t.Synced.Node(id)
		n.File, n.Version = l.File, d.srv.objects[id].Version
		t.SetSynced(id, &n)
	case PushMove:
		if op.Temp {
			return
		}
		n := *t.Synced.Node(id)
		n.Parent, n.Name = l.Parent, l.Name
		t.SetSynced(id, &n)
	case PushDelete:
		d.forget(id)
	}
}

// forget takes a deleted folder and all that went with it out of synced.
func (d *device) forget(id ID) {
	var below []ID
	d.trees.Synced.Children(id, func(n *Node) bool { below = append(below, n.ID); return true })
	for _, c := range below {
		if d.trees.Local.Node(c) == nil {
			d.forget(c)
		}
	}
	d.trees.SetSynced(id, nil)
}

// pull plays operations on the disk and checks that each is possible and harmless.
func (d *device) pull(ops []Op) {
	t := d.trees
	for _, op := range ops {
		if d.cut() {
			return
		}
		l, s, r := t.Local.Node(op.ID), t.Synced.Node(op.ID), t.Remote.Node(op.ID)
		switch op.Kind {
		case PullFolder, PullFile:
			if l != nil {
				d.t.Fatalf("%v: it is there already", op)
			}
			d.checkFree(op)
			n := *r
			n.Parent, n.Name = op.Parent, op.Name
			t.SetLocal(op.ID, &n)
			t.SetSynced(op.ID, &n)
		case PullUpdate:
			if l.File != s.File {
				d.t.Fatalf("%v replaces what is not synced", op)
			}
			n := *l
			n.File, n.Version = r.File, r.Version
			t.SetLocal(op.ID, &n)
			m := *s
			m.File, m.Version = r.File, r.Version
			t.SetSynced(op.ID, &m)
		case PullMove:
			d.checkFree(op)
			n := *l
			n.Parent, n.Name = op.Parent, op.Name
			t.SetLocal(op.ID, &n)
			m := *s
			m.Parent, m.Name = op.Parent, op.Name
			t.SetSynced(op.ID, &m)
		case PullDelete:
			if l.File != s.File {
				d.t.Fatalf("%v removes what is not synced", op)
			}
			t.Local.Children(op.ID, func(c *Node) bool { d.t.Fatalf("%v: not empty: %+v", op, c); return false })
			t.SetLocal(op.ID, nil)
			t.SetSynced(op.ID, nil)
		default:
			d.t.Fatalf("unexpected %v", op)
		}
	}
}

func (d *device) checkFree(op Op) {
	if op.Parent != Root && d.trees.Local.Node(op.Parent) == nil {
		d.t.Fatalf("%v: no such folder", op)
	}
	for at := op.Parent; at != Root; at = d.trees.Local.Node(at).Parent {
		if at == op.ID {
			d.t.Fatalf("%v: into itself", op)
		}
	}
	d.trees.Local.Children(op.Parent, func(c *Node) bool {
		if fold(c.Name) == fold(op.Name) && c.ID != op.ID {
			d.t.Fatalf("%v: the name is taken by %+v", op, c)
		}
		return true
	})
}

func (d *device) localIDs() []ID {
	var ids []ID
	var walk func(ID)
	walk = func(id ID) {
		d.trees.Local.Children(id, func(c *Node) bool { ids = append(ids, c.ID); walk(c.ID); return true })
	}
	walk(Root)
	slices.Sort(ids)
	return ids
}

func (d *device) taken(parent ID, name string, but ID) bool {
	found := false
	d.trees.Local.Children(parent, func(c *Node) bool {
		found = found || fold(c.Name) == fold(name) && c.ID != but
		return true
	})
	return found
}

// edit is a person who does something on the disk.
func (d *device) edit(content func() File) {
	ids := d.localIDs()
	names := []string{"a", "b", "c", "A", "d"}
	name := names[d.rng.IntN(len(names))]
	pick := func() *Node {
		if len(ids) == 0 {
			return nil
		}
		return d.trees.Local.Node(ids[d.rng.IntN(len(ids))])
	}
	folder := func() ID {
		if n := pick(); n != nil && n.Folder && d.rng.IntN(4) > 0 {
			return n.ID
		}
		return Root
	}
	switch d.rng.IntN(8) {
	case 0, 1, 2: // make
		parent := folder()
		if d.taken(parent, name, "") {
			return
		}
		d.made++
		n := &Node{ID: ID(fmt.Sprintf("~%s%d", d.name, d.made)), Parent: parent, Name: name, Folder: d.rng.IntN(3) == 0}
		if !n.Folder {
			n.File = content()
		}
		d.trees.SetLocal(n.ID, n)
	case 3, 4: // change
		if n := pick(); n != nil && !n.Folder {
			m := *n
			m.File = content()
			d.given(n)
			d.trees.SetLocal(n.ID, &m)
		}
	case 5, 6: // move
		n, parent := pick(), folder()
		if n == nil || d.taken(parent, name, n.ID) {
			return
		}
		for at := parent; at != Root; at = d.trees.Local.Node(at).Parent {
			if at == n.ID {
				return
			}
		}
		m := *n
		m.Parent, m.Name = parent, name
		d.trees.SetLocal(n.ID, &m)
	case 7: // delete, or swap two names
		n := pick()
		if n == nil {
			return
		}
		if o := pick(); d.rng.IntN(2) == 0 && o != nil && o.ID != n.ID && o.Parent == n.Parent {
			x, y := *n, *o
			x.Name, y.Name = o.Name, n.Name
			d.trees.SetLocal(x.ID, &x)
			d.trees.SetLocal(y.ID, &y)
			return
		}
		var drop func(ID)
		drop = func(id ID) {
			var below []ID
			d.trees.Local.Children(id, func(c *Node) bool { below = append(below, c.ID); return true })
			for _, c := range below {
				drop(c)
			}
			d.given(d.trees.Local.Node(id))
			d.trees.SetLocal(id, nil)
		}
		drop(n.ID)
	}
}

// given: the person gave a content up; what never reached the server is not lost
// by us.
func (d *device) given(n *Node) {
	if !n.Folder && !d.srv.contents[n.File.Hash] {
		delete(d.seen, n.File.Hash)
	}
}

// paths is what a person sees.
func paths(t Tree) map[string]string {
	out := map[string]string{}
	var walk func(id ID, at string)
	walk = func(id ID, at string) {
		t.Children(id, func(c *Node) bool {
			p := at + "/" + c.Name
			if _, twice := out[p]; twice {
				panic("two nodes at " + p)
			}
			if c.Folder {
				out[p] = "folder"
				walk(c.ID, p)
			} else {
				out[p] = fmt.Sprintf("%x %d %v", c.File.Hash[:4], c.File.Size, c.File.Exec)
			}
			return true
		})
	}
	walk(Root, "")
	return out
}

func (s *server) tree() Tree {
	t := NewNodes()
	for _, o := range s.objects {
		if !o.deleted {
			n := o.Node
			t.Put(&n)
		}
	}
	return t
}

// history plays a random history and checks what must hold at its end.
func history(t *testing.T, seed uint64) {
	rng := rand.New(rand.NewPCG(seed, 7))
	srv := newServer(strategy(rng.IntN(3)))
	var clients []*device
	clock := 0
	content := func() File {
		clock++
		if rng.IntN(6) == 0 {
			clock = max(1, clock-1-rng.IntN(3)) // sometimes the same content again
		}
		f := File{Size: int64(clock), Exec: rng.IntN(8) == 0}
		f.Hash[0], f.Hash[1], f.Hash[2] = byte(clock), byte(clock>>8), 1
		return f
	}
	crashes := rng.IntN(2) == 0
	for i := range 2 + rng.IntN(2) {
		d := &device{t: t, name: string(rune('A' + i)), srv: srv, trees: NewTrees(NewNodes()), seen: map[[32]byte]bool{}, rng: rng}
		d.cut = func() bool { return crashes && rng.IntN(25) == 0 }
		clients = append(clients, d)
	}
	for range 4 + rng.IntN(12) {
		d := clients[rng.IntN(len(clients))]
		for range rng.IntN(7) {
			d.edit(content)
		}
		if rng.IntN(3) > 0 {
			clients[rng.IntN(len(clients))].round()
		}
	}
	crashes = false
	for left := 60; ; left-- {
		work := false
		for _, d := range clients {
			work = d.round() || work
		}
		if !work {
			break
		}
		if left == 0 {
			t.Fatalf("no end: %+v", clients[0].plan())
		}
	}
	want := paths(srv.tree())
	for _, d := range clients {
		got := paths(d.trees.Local)
		if !maps.Equal(got, want) {
			t.Fatalf("client %s differs from the server (%+v):\n%v\n%v", d.name, d.plan(), got, want)
		}
		if synced := paths(d.trees.Synced); !maps.Equal(synced, want) {
			t.Fatalf("synced of client %s differs from the server:\n%v\n%v", d.name, synced, want)
		}
		if w := d.plan().Waiting; len(w) > 0 {
			t.Fatalf("client %s is in step and waits for %v", d.name, w)
		}
		for c := range d.seen {
			if !srv.contents[c] {
				t.Fatalf("content %x of client %s is lost", c[:3], d.name)
			}
		}
	}
}

func TestHistoriesEndInStep(t *testing.T) {
	first, n := uint64(1), uint64(20000)
	if s := os.Getenv("SCAIDRIVE_SEED"); s != "" {
		first, _ = strconv.ParseUint(s, 10, 64)
	}
	if os.Getenv("SCAIDRIVE_LONG") != "" {
		n = 1_000_000
	}
	for seed := first; seed < first+n; seed++ {
		if !t.Run("", func(t *testing.T) { history(t, seed) }) {
			t.Fatalf("again with SCAIDRIVE_SEED=%d", seed)
		}
	}
}

// Histories that once had no end, or lost something.
func TestHistoriesThatWentWrong(t *testing.T) {
	for _, seed := range []uint64{95941} {
		history(t, seed)
	}
}
