package job

import (
	"bytes"
	"errors"

	"scaidrive/engine"
	"scaidrive/engine/access"
	"scaidrive/engine/meta/schema"
	"scaidrive/engine/names"
	"scaidrive/engine/tree"
)

// do does one task; parts: it goes on as other tasks, or later.
func (r *runner) do(k *engine.JobTask) (parts bool, err error) {
	switch k.Op {
	case engine.OpMove:
		return r.move(k)
	case engine.OpMoveAll:
		return r.moveAll(k)
	case engine.OpCopy:
		return r.copy(k)
	case engine.OpCopyAll:
		return r.copyAll(k)
	case engine.OpTrash:
		return false, r.trash(k)
	case engine.OpRestore:
		return false, r.restore(k)
	case engine.OpRevert:
		return false, r.revert(k)
	case engine.OpAside:
		return false, r.aside(k)
	}
	return false, engine.E(engine.KindConflict, "A task that this version of the server does not know")
}

// node reads a node as the batch has left it; nil: there is none.
func (r *runner) node(id engine.ID) (*engine.Node, error) {
	if err := r.b.Flush(); err != nil {
		return nil, err
	}
	n, err := schema.GetNode(r.tx, r.who.tenant, id)
	if errors.Is(err, schema.ErrNotFound) {
		return nil, nil
	}
	return n, err
}

// cost estimates what a task writes, in things.
func (r *runner) cost(k *engine.JobTask) (int, error) {
	if k.Kind != engine.KindFolder || k.Op != engine.OpMove && k.Op != engine.OpCopy {
		return 1, nil
	}
	n, err := r.node(k.Node)
	if err != nil || n == nil {
		return 1, err
	}
	if k.Op == engine.OpMove {
		crosses, err := r.crosses(n, k.To)
		if err != nil || !crosses {
			return 1, err
		}
	}
	if n.Height > 1 {
		return r.s.step, nil // it may be anything
	}
	return 1 + int(min(n.LiveFiles+n.LiveFolders, int64(r.s.step))), nil
}

// crosses reports whether a target lies in another share.
func (r *runner) crosses(n *engine.Node, to engine.ID) (bool, error) {
	if to.IsZero() || to == n.Parent {
		return false, nil
	}
	a, err1 := access.Resolve(r.tx, r.who.tenant, n.ID)
	b, err2 := access.Resolve(r.tx, r.who.tenant, to)
	if err := errors.Join(err1, err2); err != nil {
		if engine.KindOf(err1) == engine.KindNotFound || engine.KindOf(err2) == engine.KindNotFound {
			return false, nil
		}
		return false, err
	}
	return a.Share.ID != b.Share.ID, nil
}

// changed refuses what is not as the job has left it.
func changed(k *engine.JobTask, n *engine.Node) error {
	if !k.Strict {
		return nil
	}
	switch {
	case n == nil:
		return engine.E(engine.KindNotFound, "It does not exist any more")
	case !k.FromVersion.IsZero() && n.VersionID != k.FromVersion:
		return engine.E(engine.KindConflict, "The file was changed since; it stays as it is")
	case !k.FromParent.IsZero() && (n.Parent != k.FromParent || n.Name != k.FromName):
		return engine.E(engine.KindConflict, "It was moved or renamed since; it stays where it is")
	}
	return nil
}

// move moves or renames, or begins to move a folder in parts.
func (r *runner) move(k *engine.JobTask) (parts bool, err error) {
	n, err := r.node(k.Node)
	if err == nil {
		err = changed(k, n)
	}
	if err != nil {
		return false, err
	}
	m := tree.Move{ID: k.Node, Kind: k.Kind, Name: k.Name}
	if !k.To.IsZero() {
		m.To = &tree.Target{Folder: k.To}
	}
	out, err := r.b.Move(m)
	switch {
	case err == nil && out.Seq == 0:
		return false, nil
	case err == nil:
		return false, r.record(back(n, out.Node))
	case tree.TooMany(err):
		return r.moveInParts(k, n)
	case k.OrTrash && engine.KindOf(err) != engine.KindForbidden && r.fatal(err) == nil:
		return false, r.trash(&engine.JobTask{Node: k.Node, Kind: k.Kind, Goal: true})
	}
	return false, err
}

// back is the task that takes a move back.
func back(was, is *engine.Node) engine.JobTask {
	return engine.JobTask{
		Op: engine.OpMove, Node: was.ID, Kind: was.Kind, To: was.Parent, Name: was.Name,
		Strict: true, FromParent: is.Parent, FromName: is.Name,
	}
}

// moveInParts makes a folder like n at the target; what lies in n will follow.
func (r *runner) moveInParts(k *engine.JobTask, n *engine.Node) (bool, error) {
	name := k.Name
	if name == "" {
		name = n.Name
	}
	out, err := r.b.Twin(n, k.To, name)
	if err != nil {
		return false, err
	}
	twin := out.Node.ID
	if err := r.carryNotes(n.ID, twin); err != nil {
		return false, err
	}
	if err := r.record(engine.JobTask{Op: engine.OpTrash, Node: twin, Kind: engine.KindFolder, Empty: true, Goal: true}); err != nil {
		return false, err
	}
	r.j.Total += uint64(n.LiveFiles + n.LiveFolders)
	return true, r.push(k, engine.JobTask{Op: engine.OpMoveAll, Node: n.ID, Kind: engine.KindFolder, To: twin})
}

// carryNotes writes the tags and comments of a folder beside the one that takes its
// place. It keeps its own, so that they come back with it when the job is undone.
func (r *runner) carryNotes(from, to engine.ID) error {
	t := r.who.tenant
	tags, err := schema.GetTags(r.tx, t, from)
	if err != nil {
		return err
	}
	if len(tags) > 0 {
		if err := schema.SetTags(r.tx, t, to, tags, names.Key); err != nil {
			return err
		}
	}
	var list []*engine.Comment
	err = schema.ScanComments(r.tx, t, from, engine.ID{}, func(m *engine.Comment) (bool, error) {
		list = append(list, m)
		return true, nil
	})
	for _, m := range list {
		if err == nil {
			m.ID, m.Node = r.s.env.NewID(), to // later ones sort after earlier ones
			err = schema.PutComment(r.tx, t, m)
		}
	}
	return err
}

// row is a child of a folder, copied.
type row struct {
	key []byte
	engine.Child
}

// rows reads some children of a folder behind a name key.
func (r *runner) rows(folder engine.ID, behind []byte) (list []row, err error) {
	if err := r.b.Flush(); err != nil {
		return nil, err
	}
	n := max(1, r.left)
	err = schema.ScanChildren(r.tx, r.who.tenant, folder, behind, func(key []byte, c *engine.Child) (bool, error) {
		list = append(list, row{bytes.Clone(key), *c})
		return len(list) < n, nil
	})
	return list, err
}

// eachChild does one task for each child of k.Node behind k.After, as far as the
// step has room. more: there are others, or a task was put on top.
func (r *runner) eachChild(k *engine.JobTask, op engine.JobOp) (more bool, err error) {
	list, err := r.rows(k.Node, k.After)
	if err != nil {
		return false, err
	}
	if len(list) == 0 {
		return false, nil
	}
	for i := range list {
		c := engine.JobTask{Seq: k.Seq, Op: op, Node: list[i].Node, Kind: list[i].Kind, To: k.To}
		cost, err := r.cost(&c)
		if err != nil {
			return false, err
		}
		if i > 0 && cost > r.left {
			break
		}
		r.left -= cost
		parts, err := r.do(&c)
		if err != nil {
			if fatal := r.fatal(err); fatal != nil {
				return false, fatal
			}
			if err := r.refused(c.Node, c.Kind, err); err != nil {
				return false, err
			}
		}
		if !parts {
			r.j.Done++
		}
		k.After = list[i].key
		if r.pushed {
			break
		}
	}
	r.left = min(r.left, 0) // the task itself is not over: the step is
	return true, schema.PutJobTask(r.tx, r.who.tenant, r.j.ID, k)
}

// moveAll goes on moving what lies in a folder. The emptied folder goes to the
// trash.
func (r *runner) moveAll(k *engine.JobTask) (parts bool, err error) {
	if more, err := r.eachChild(k, engine.OpMove); err != nil || more {
		return more, err
	}
	n, err := r.node(k.Node)
	if err != nil || n == nil || !n.DeletedAt.IsZero() {
		return false, err
	}
	if n.LiveFiles+n.LiveFolders > 0 {
		return false, engine.E(engine.KindConflict, "The folder is not empty, because something in it could not be moved or came into it meanwhile; it stays")
	}
	return false, r.trash(&engine.JobTask{Node: k.Node, Kind: engine.KindFolder})
}

// copy copies, or begins to copy a folder in parts. What takes back is recorded
// for the topmost copy alone.
func (r *runner) copy(k *engine.JobTask) (parts bool, err error) {
	c := tree.Copy{ID: k.Node, Kind: k.Kind, To: tree.Target{Folder: k.To}, Name: k.Name}
	out, err := r.b.Copy(c)
	if tree.TooMany(err) {
		return r.copyInParts(k)
	}
	if err != nil {
		return false, err
	}
	return false, r.copied(k, out.Node)
}

func (r *runner) copied(k *engine.JobTask, made *engine.Node) error {
	if made.Parent != r.j.Target {
		return nil // in a folder that the job made
	}
	return r.record(engine.JobTask{Op: engine.OpTrash, Node: made.ID, Kind: k.Kind, Goal: true})
}

func (r *runner) copyInParts(k *engine.JobTask) (bool, error) {
	n, err := r.node(k.Node)
	if err != nil {
		return false, err
	}
	name := k.Name
	if name == "" {
		name = n.Name
	}
	out, err := r.b.Mkdir(engine.ID{}, k.To, name, n.ModifiedAt)
	if err != nil {
		return false, err
	}
	if err := r.copied(k, out.Node); err != nil {
		return false, err
	}
	r.j.Total += uint64(n.LiveFiles + n.LiveFolders)
	return true, r.push(k, engine.JobTask{Op: engine.OpCopyAll, Node: n.ID, Kind: engine.KindFolder, To: out.Node.ID})
}

func (r *runner) copyAll(k *engine.JobTask) (parts bool, err error) {
	return r.eachChild(k, engine.OpCopy)
}

// trash deletes; all that a job deletes is one group.
func (r *runner) trash(k *engine.JobTask) error {
	n, err := r.node(k.Node)
	if err != nil {
		return err
	}
	if n != nil && k.Empty && n.DeletedAt.IsZero() && n.LiveFiles+n.LiveFolders > 0 {
		return engine.E(engine.KindConflict, "The folder is not empty any more; it stays")
	}
	_, err = r.b.TrashIn(r.j.ID, k.Node, k.Kind, engine.ID{})
	if err != nil {
		return unless(k, err)
	}
	if n, err = r.node(k.Node); err != nil {
		return err
	}
	return r.record(engine.JobTask{Op: engine.OpRestore, Node: n.ID, Kind: n.Kind, Strict: true, DeletedAt: n.DeletedAt})
}

// unless forgives that what a task wants is so already.
func unless(k *engine.JobTask, err error) error {
	if kind := engine.KindOf(err); k.Goal && (kind == engine.KindGone || kind == engine.KindNotFound) {
		return nil
	}
	return err
}

// restore brings back from the trash.
func (r *runner) restore(k *engine.JobTask) error {
	n, err := r.node(k.Node)
	if err != nil {
		return err
	}
	if k.Strict && n != nil && !n.DeletedAt.IsZero() && !n.DeletedAt.Equal(k.DeletedAt) {
		return engine.E(engine.KindConflict, "It was restored and deleted again since; it stays in the trash")
	}
	out, err := r.b.RestoreAs(k.Node, k.Kind, engine.ID{}, k.Name)
	if err != nil || out.Seq == 0 {
		return err
	}
	return r.record(engine.JobTask{Op: engine.OpTrash, Node: k.Node, Kind: k.Kind, Goal: true})
}

// revert makes an old content the current one.
func (r *runner) revert(k *engine.JobTask) error {
	n, err := r.node(k.Node)
	if err == nil {
		err = changed(k, n)
	}
	if err != nil {
		return err
	}
	spec, ok := r.prepared[k.Node]
	if !ok || spec.Version != k.Version {
		spec = tree.Revert{File: k.Node, Version: k.Version}
	}
	out, err := r.b.Revert(spec)
	if err != nil {
		return err
	}
	return r.record(engine.JobTask{
		Op: engine.OpRevert, Node: k.Node, Kind: k.Kind, Version: n.Version,
		Strict: true, FromVersion: out.Node.VersionID,
	})
}

// aside renames what stands in the way of something else. Most of it goes elsewhere
// later; what does not has a name for people, which may be taken.
func (r *runner) aside(k *engine.JobTask) error {
	n, err := r.node(k.Node)
	if err != nil || n == nil || !n.DeletedAt.IsZero() {
		return err
	}
	m := tree.Move{ID: k.Node, Kind: k.Kind, Name: k.Name}
	out, err := r.b.Move(m)
	if engine.KindOf(err) == engine.KindConflict && r.fatal(err) == nil {
		m.Name = passing(n.Name, n.ID)
		out, err = r.b.Move(m)
	}
	if err != nil {
		return err
	}
	return r.record(back(n, out.Node))
}
