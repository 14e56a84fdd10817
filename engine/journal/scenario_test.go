package journal_test

import (
	"fmt"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"scaidrive/chunkstore/vfs"
	"scaidrive/engine"
	"scaidrive/engine/journal"
	"scaidrive/engine/journal/journaltest"
	"scaidrive/engine/meta"
	"scaidrive/engine/meta/schema"
	"scaidrive/engine/transfer/transfertest"
	"scaidrive/engine/upkeep"
)

// A device is a plain client: what it saw last, and how it tells what it does.
type device struct {
	name  string
	known map[string]known // by path
	seq   uint64           // up to which it has followed
}

type known struct {
	id, version, parent engine.ID
	folder              bool
}

// A stage is a server on which a scenario is played.
type stage struct {
	*fixture
	mem      *vfs.Mem
	strategy engine.Strategy
	devices  map[string]*device
	sent     map[string]bool // every content that was acknowledged
	refs     int
	step     time.Duration // between two acts, by their makers' clocks
	acts     int
	crashes  bool // before each act, and between an act and its repetition
}

func newStage(t *testing.T, column string) *stage {
	t.Helper()
	mem := vfs.NewMem()
	st := &stage{fixture: with(t, transfertest.OnFS(t, mem)), mem: mem, devices: map[string]*device{}, sent: map[string]bool{}, step: time.Minute}
	st.strategy = map[string]engine.Strategy{
		journaltest.LWWLater: engine.LastWriterWins, journaltest.LWWEarlier: engine.LastWriterWins, journaltest.KB: engine.KeepBoth,
		journaltest.M: engine.Manual, journaltest.SW: engine.ServerWins, journaltest.CW: engine.ClientWins,
	}[column]
	if column == journaltest.LWWEarlier {
		st.step = -time.Minute
	}
	return st
}

// crash goes on with what a power cut leaves.
func (st *stage) crash() {
	st.t.Helper()
	fsys := st.mem.CrashDurable()
	st.mem = fsys
	st.fixture = with(st.t, st.Reopen(st.t, fsys))
}

func (st *stage) device(name string) *device {
	d := st.devices[name]
	if d == nil {
		d = &device{name: name}
		st.devices[name] = d
		err := st.DB.Update(ctx, func(tx *meta.Tx) error {
			return schema.PutDevice(tx, st.Tenant.No, &engine.Device{User: st.Owner.User, ID: "dev-" + name, Name: name})
		})
		if err != nil {
			st.t.Fatal(err)
		}
		st.sync(d)
	}
	return d
}

// sync lists the share anew.
func (st *stage) sync(d *device) {
	st.t.Helper()
	d.known = map[string]known{"": {id: st.Share, folder: true}}
	d.seq = st.GetShare(st.t, st.Share).Seq
	paths := map[engine.ID]string{st.Share: ""}
	token := ""
	for {
		l, err := st.Tree.Walk(ctx, st.Owner, st.Share, st.Share, 1000, token)
		if err != nil {
			st.t.Fatal(err)
		}
		for _, n := range l.Entries {
			p := strings.TrimPrefix(paths[n.Parent]+"/"+n.Name, "/")
			paths[n.ID] = p
			d.known[p] = known{n.ID, n.VersionID, n.Parent, n.Kind == engine.KindFolder}
		}
		if token = l.NextToken; token == "" {
			return
		}
	}
}

func up(p string) string {
	if dir := path.Dir(p); dir != "." {
		return dir
	}
	return ""
}

// content makes a content of a word; some are long, so that they have manifests.
func (st *stage) content(word string) *journal.Content {
	return st.send(bytesOf(word))
}

func bytesOf(word string) []byte { return []byte("content " + word) }

// change turns a step into what a device sends.
func (st *stage) change(d *device, verb string, args []string) journal.Change {
	st.t.Helper()
	st.acts++
	at := st.Now().Add(-time.Hour).Add(time.Duration(st.acts) * st.step)
	st.refs++
	c := journal.Change{ClientRef: fmt.Sprint("ref", st.refs), Resource: engine.ResourceFile, SeenAt: at, ModifiedAt: at}
	k, there := d.known[args[0]]
	parent, ok := d.known[up(args[0])]
	if verb != "create" && verb != "mkdir" && !there || !ok {
		st.t.Fatalf("%s does not know %s", d.name, args[0])
	}
	if k.folder {
		c.Resource = engine.ResourceFolder
	}
	c.ResourceID, c.Base = k.id, k.version
	switch verb {
	case "create", "mkdir":
		c.Kind, c.ResourceID, c.Base, c.ParentID, c.Name = engine.ChangeCreated, engine.ID{}, engine.ID{}, parent.id, path.Base(args[0])
		c.Resource = engine.ResourceFolder
		if verb == "create" {
			c.Resource, c.Content = engine.ResourceFile, st.content(args[1])
		}
	case "edit":
		c.Kind, c.Content = engine.ChangeUpdated, st.content(args[1])
	case "rm":
		c.Kind, c.BaseName, c.BaseParent = engine.ChangeDeleted, path.Base(args[0]), k.parent
	case "mv":
		c.Kind, c.BaseName, c.BaseParent = engine.ChangeMoved, path.Base(args[0]), k.parent
		c.ParentID, c.Name = d.known[up(args[1])].id, path.Base(args[1])
	default:
		st.t.Fatal("no verb", verb)
	}
	return c
}

// took brings what a device knows in line with what it did.
func (d *device) took(verb string, args []string, c *journal.Change, id, version engine.ID) {
	switch verb {
	case "create", "mkdir":
		d.known[args[0]] = known{id, version, c.ParentID, verb == "mkdir"}
	case "edit":
		k := d.known[args[0]]
		if !version.IsZero() {
			k.version = version
		}
		d.known[args[0]] = k
	case "rm", "mv":
		for p, k := range maps.Clone(d.known) {
			if p != args[0] && !strings.HasPrefix(p, args[0]+"/") {
				continue
			}
			delete(d.known, p)
			if verb == "mv" {
				if p == args[0] {
					k.parent = c.ParentID
				}
				d.known[args[1]+p[len(args[0]):]] = k
			}
		}
	}
}

// act plays one step. Each is sent twice: the second time must change nothing.
func (st *stage) act(step string) {
	st.t.Helper()
	words := strings.Fields(step)
	who, refused := strings.CutSuffix(words[0], "!")
	d := st.device(who)
	verb, args := words[1], words[2:]
	if verb == "sync" {
		st.sync(d)
		return
	}
	c := st.change(d, verb, args)
	b := journal.Batch{DeviceID: "dev-" + who, Share: st.Share, Strategy: st.strategy, Based: true, BaseSeq: d.seq, ClientNow: st.Now(), Changes: []journal.Change{c}}
	res, err := st.journal.Apply(ctx, st.Owner, b)
	if err != nil {
		st.t.Fatalf("%s: %v", step, err)
	}
	if st.crashes {
		st.crash()
	}
	st.Clock.Pass(time.Second)
	seq := st.GetShare(st.t, st.Share).Seq
	again, err := st.journal.Apply(ctx, st.Owner, b)
	if err != nil || st.GetShare(st.t, st.Share).Seq != seq ||
		len(again.Applied) != len(res.Applied) || len(again.Errors) != len(res.Errors) || len(again.Conflicts) != min(len(res.Conflicts), 1) {
		st.t.Errorf("%s, sent again: %v, %+v after %+v", step, err, again, res)
	}
	if refused != (len(res.Errors) > 0) {
		st.t.Errorf("%s: %+v", step, res.Errors)
	}
	if refused {
		return
	}
	if c.Content != nil {
		st.sent[args[1]] = true
	}
	var id, version engine.ID
	switch {
	case len(res.Applied) > 0:
		id, version = res.Applied[0].Node.Node.ID, res.Applied[0].Node.Node.VersionID
	case len(res.Conflicts) > 0 && verb != "edit":
		f := res.Conflicts[0].Conflict
		if id = f.Copy; id.IsZero() {
			id = f.Node
		}
	}
	d.took(verb, args, &c, id, version)
}

var conflictName = regexp.MustCompile(` \(conflict, ([^,]+), \d{4}-\d\d-\d\d \d\d-\d\d-\d\dZ\)`)

func plain(name string) string { return conflictName.ReplaceAllString(name, " (conflict $1)") }

// state tells what is there, line by line.
func (st *stage) state() string {
	st.t.Helper()
	var lines []string
	err := st.DB.View(ctx, func(v *meta.View) error {
		root, err := schema.GetNode(v, st.Tenant.No, st.Share)
		if err != nil {
			return err
		}
		st.below(v, root, "", "", &lines)
		err = schema.ScanTrash(v, st.Tenant.No, st.Share, nil, func(i *engine.TrashItem) (bool, error) {
			n, err := schema.GetNode(v, st.Tenant.No, i.Node)
			if err != nil {
				return false, err
			}
			prefix := ""
			for at := n; !at.Parent.IsZero(); {
				if at, err = schema.GetNode(v, st.Tenant.No, at.Parent); err != nil {
					return false, err
				}
				if !at.Parent.IsZero() {
					prefix = at.Name + "/" + prefix
				}
			}
			st.one(v, n, "trash ", prefix+n.Name, &lines)
			return true, nil
		})
		if err != nil {
			return err
		}
		return schema.ScanConflicts(v, st.Tenant.No, st.Share, true, engine.ID{}, func(f *engine.Conflict) (bool, error) {
			n, err := schema.GetNode(v, st.Tenant.No, f.Node)
			if err != nil {
				return false, err
			}
			if !f.Intent.HasContent {
				lines = append(lines, "open "+plain(n.Name))
				return true, nil
			}
			name := n.Name
			if f.Intent.Name != "" {
				name = f.Intent.Name
			}
			lines = append(lines, "pending "+name+"="+st.word(f.Intent.Content.SHA256))
			return true, nil
		})
	})
	if err != nil {
		st.t.Fatal(err)
	}
	slices.Sort(lines)
	return strings.Join(lines, " | ")
}

func (st *stage) one(v *meta.View, n *engine.Node, mark, at string, lines *[]string) {
	if n.Kind == engine.KindFolder {
		st.below(v, n, mark, at+"/", lines)
		return
	}
	*lines = append(*lines, mark+plain(at)+"="+st.word(n.SHA256))
}

func (st *stage) below(v *meta.View, folder *engine.Node, mark, prefix string, lines *[]string) {
	empty := true
	err := schema.ScanChildren(v, st.Tenant.No, folder.ID, nil, func(_ []byte, c *engine.Child) (bool, error) {
		empty = false
		n, err := schema.GetNode(v, st.Tenant.No, c.Node)
		if err == nil {
			st.one(v, n, mark, prefix+n.Name, lines)
		}
		return true, err
	})
	if err != nil {
		st.t.Fatal(err)
	}
	if empty && prefix != "" {
		*lines = append(*lines, mark+plain(prefix))
	}
}

// word finds the word of which a content was made.
func (st *stage) word(sum [32]byte) string {
	for w := range st.sent {
		if st.describe(w).SHA256 == sum {
			return w
		}
	}
	return fmt.Sprintf("%x", sum[:4])
}

func (st *stage) describe(word string) *journal.Content {
	data := bytesOf(word)
	chunks, _ := transfertest.Split(data)
	return describe(data, chunks)
}

// nothingLost looks for every content that was acknowledged: as a file, a version
// of one, live or in the trash, or in an open conflict; and has the store checked.
func (st *stage) nothingLost() {
	st.t.Helper()
	found := map[[32]byte]bool{}
	err := st.DB.View(ctx, func(v *meta.View) error {
		var visit func(n *engine.Node) error
		visit = func(n *engine.Node) error {
			if n.Kind == engine.KindFolder {
				return schema.ScanChildren(v, st.Tenant.No, n.ID, nil, func(_ []byte, c *engine.Child) (bool, error) {
					n, err := schema.GetNode(v, st.Tenant.No, c.Node)
					if err == nil {
						err = visit(n)
					}
					return true, err
				})
			}
			return schema.ScanVersions(v, st.Tenant.No, n.ID, 0, func(ver *engine.Version) (bool, error) {
				found[ver.Content.SHA256] = true
				return true, nil
			})
		}
		root, err := schema.GetNode(v, st.Tenant.No, st.Share)
		if err == nil {
			err = visit(root)
		}
		if err != nil {
			return err
		}
		err = schema.ScanTrash(v, st.Tenant.No, st.Share, nil, func(i *engine.TrashItem) (bool, error) {
			n, err := schema.GetNode(v, st.Tenant.No, i.Node)
			if err == nil {
				err = visit(n)
			}
			return true, err
		})
		if err != nil {
			return err
		}
		return schema.ScanConflicts(v, st.Tenant.No, st.Share, true, engine.ID{}, func(f *engine.Conflict) (bool, error) {
			found[f.Intent.Content.SHA256] = true
			return true, nil
		})
	})
	if err != nil {
		st.t.Fatal(err)
	}
	for w := range st.sent {
		if !found[st.describe(w).SHA256] {
			st.t.Errorf("the content %s is lost", w)
		}
	}
	if _, err := upkeep.Check(ctx, st.DB, st.Chunks, st.Transfer, func(f upkeep.Finding) { st.t.Error(f) }); err != nil {
		st.t.Error(err)
	}
}

func (st *stage) play(sc *journaltest.Scenario) {
	st.t.Helper()
	for _, g := range sc.Given {
		st.act("Z " + g)
		if st.t.Failed() {
			return
		}
	}
	for _, a := range sc.Acts {
		st.device(strings.TrimSuffix(strings.Fields(a)[0], "!"))
	}
	for _, d := range st.devices {
		st.sync(d)
	}
	st.Clock.Pass(2 * time.Hour)
	st.acts = 0
	for _, a := range sc.Acts {
		if st.crashes {
			st.crash()
		}
		st.act(a)
	}
}

// The scenario table: each row under each strategy, the later change made later and
// earlier; every content that was acknowledged is afterwards somewhere, and the
// store is sound.
func TestScenarios(t *testing.T) {
	for _, sc := range journaltest.Scenarios() {
		for _, column := range journaltest.Columns() {
			t.Run(sc.Name+"/"+column, func(t *testing.T) {
				st := newStage(t, column)
				st.play(&sc)
				if got := st.state(); got != sc.Want[column] {
					t.Errorf("\n got %s\nwant %s", got, sc.Want[column])
				}
				st.nothingLost()
			})
		}
	}
}

// The same with a crash of the server before each act, and before it is sent again:
// it has one effect.
func TestScenariosWithCrashes(t *testing.T) {
	for _, sc := range journaltest.Scenarios() {
		column := journaltest.KB
		if strings.HasPrefix(sc.Name, "MANUAL") {
			column = journaltest.M
		}
		t.Run(sc.Name, func(t *testing.T) {
			st := newStage(t, column)
			st.crashes = true
			st.play(&sc)
			if got := st.state(); got != sc.Want[column] {
				t.Errorf("\n got %s\nwant %s", got, sc.Want[column])
			}
			st.nothingLost()
		})
	}
}
