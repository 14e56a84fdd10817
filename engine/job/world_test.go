package job

import (
	"context"
	"crypto/sha256"
	"fmt"
	"sort"
	"strings"
	"testing"
	"time"

	"scaidrive/engine"
	"scaidrive/engine/meta"
	"scaidrive/engine/meta/schema"
	"scaidrive/engine/transfer/transfertest"
	"scaidrive/engine/tree"
)

var ctx = context.Background()

// rig is a stack with jobs on it.
type rig struct {
	*transfertest.Stack
	t    testing.TB
	jobs *Service
}

func newRig(t testing.TB) *rig { return rigOn(t, transfertest.Memory(t)) }

func rigOn(t testing.TB, st *transfertest.Stack) *rig {
	r := &rig{Stack: st, t: t}
	r.jobs = New(Options{DB: st.DB, Tree: st.Tree, Transfer: st.Transfer, Env: st.Env()})
	if err := st.Tree.Prepare(ctx); err != nil {
		t.Fatal(err)
	}
	return r
}

// tick lets some time pass: no two changes are made at one moment.
func (r *rig) tick() time.Time {
	r.Pass(time.Millisecond)
	return r.Now()
}

// text is a content made of a chunk for each letter.
func text(s string) engine.Content {
	c := engine.Content{Chunking: "test", HashState: engine.HashClaimed, SHA256: sha256.Sum256([]byte(s))}
	list := sha256.New()
	for _, l := range s {
		ch := engine.Chunk{Hash: sha256.Sum256([]byte(string(l))), Size: uint32(l)%7*100 + 1}
		c.Inline = append(c.Inline, ch)
		c.Count++
		c.Size += int64(ch.Size)
		list.Write(ch.Hash[:])
	}
	list.Sum(c.Digest[:0])
	return c
}

func (r *rig) put(spec tree.FileSpec) (*tree.Located, error) {
	r.tick()
	var loc *tree.Located
	err := r.DB.Update(ctx, func(tx *meta.Tx) (err error) {
		loc, _, err = r.Tree.PutFile(tx, r.Owner, spec)
		return err
	})
	return loc, err
}

func (r *rig) file(parent engine.ID, name, content string) engine.ID {
	r.t.Helper()
	l, err := r.put(tree.FileSpec{Parent: parent, Name: name, Content: text(content)})
	if err != nil {
		r.t.Fatalf("file %s: %v", name, err)
	}
	return l.Node.ID
}

func (r *rig) folder(parent engine.ID, name string) engine.ID {
	r.t.Helper()
	r.tick()
	l, err := r.Tree.Mkdir(ctx, r.Owner, engine.ID{}, parent, name)
	if err != nil {
		r.t.Fatalf("folder %s: %v", name, err)
	}
	return l.Node.ID
}

func (r *rig) node(id engine.ID) *engine.Node {
	var n *engine.Node
	_ = r.DB.View(ctx, func(v *meta.View) (err error) {
		n, err = schema.GetNode(v, r.Owner.Tenant, id)
		return err
	})
	return n
}

// create orders a job.
func (r *rig) create(spec Spec) *engine.Job {
	r.t.Helper()
	r.tick()
	j, err := r.jobs.Create(ctx, r.Owner, spec)
	if err != nil {
		r.t.Fatalf("create a job of kind %d: %v", spec.Kind, err)
	}
	return j
}

// drain does what is left of a job, and says what came of it.
func (r *rig) drain(id engine.ID) *Report {
	r.t.Helper()
	for i := 0; ; i++ {
		r.tick()
		over, err := r.jobs.advance(ctx, owner{r.Owner.Tenant, r.Owner.User}, id)
		if err != nil || i > 20000 {
			r.t.Fatalf("step %d: %v", i, err)
		}
		if over {
			break
		}
	}
	return r.report(id)
}

func (r *rig) report(id engine.ID) *Report {
	r.t.Helper()
	rep, err := r.jobs.Get(ctx, r.Owner, id)
	if err != nil {
		r.t.Fatal(err)
	}
	return rep
}

func (r *rig) run(spec Spec) *Report {
	r.t.Helper()
	return r.drain(r.create(spec).ID)
}

func (r *rig) undo(id engine.ID) *Report {
	r.t.Helper()
	r.tick()
	if _, err := r.jobs.Undo(ctx, r.Owner, id); err != nil {
		r.t.Fatal(err)
	}
	return r.drain(id)
}

func (r *rig) want(rep *Report, state engine.JobState, errors uint64) {
	r.t.Helper()
	if rep.State != state || rep.Errors != errors || rep.Done != rep.Total {
		r.t.Errorf("the job is in state %d, %d of %d, %d errors; want state %d, %d errors%s", rep.State, rep.Done, rep.Total, rep.Errors, state, errors, told(rep))
	}
}

func told(rep *Report) string {
	var b strings.Builder
	for _, n := range rep.Notes {
		fmt.Fprintf(&b, "\n  note %d.%d: %x %q error %d %s", n.Class, n.Index, n.Node[12:], n.Path, n.Error, n.Msg)
	}
	return b.String()
}

// A snapshot is what lies below a folder: path to what stands there.
type snapshot map[string]string

// look reads what lies below a folder, and checks counts and digests on the way.
func (r *rig) look(folder engine.ID) snapshot {
	r.t.Helper()
	out := snapshot{}
	err := r.DB.View(ctx, func(v *meta.View) error { return r.lookIn(v, folder, "", out) })
	if err != nil {
		r.t.Fatal(err)
	}
	return out
}

func (r *rig) lookIn(v *meta.View, folder engine.ID, path string, out snapshot) error {
	n, err := schema.GetNode(v, r.Owner.Tenant, folder)
	if err != nil {
		return err
	}
	var y schema.Tally
	var kids []engine.ID
	err = schema.ScanChildren(v, r.Owner.Tenant, folder, nil, func(k []byte, c *engine.Child) (bool, error) {
		y.Add(r.Owner.Tenant, folder, k, c)
		kids = append(kids, c.Node)
		return true, nil
	})
	if err == nil {
		err = y.Check(r.Owner.Tenant, n)
	}
	for _, id := range kids {
		if err != nil {
			return err
		}
		var c *engine.Node
		if c, err = schema.GetNode(v, r.Owner.Tenant, id); err != nil {
			return err
		}
		at := path + "/" + c.Name
		if c.Kind == engine.KindFile {
			out[at] = fmt.Sprintf("%x %x", id[12:], c.SHA256[:4])
			continue
		}
		out[at] = fmt.Sprintf("%x/", id[12:])
		err = r.lookIn(v, id, at, out)
	}
	return err
}

func (s snapshot) String() string {
	var list []string
	for k, v := range s {
		list = append(list, "  "+k+"  "+v)
	}
	sort.Strings(list)
	return strings.Join(list, "\n")
}

func (r *rig) same(what string, got, want snapshot) {
	r.t.Helper()
	if got.String() != want.String() {
		r.t.Errorf("%s: it is\n%s\nwant\n%s", what, got, want)
	}
}

// used compares a share's bytes with a recount of all that lies in it and its trash.
func (r *rig) used(share engine.ID) {
	r.t.Helper()
	err := r.DB.View(ctx, func(v *meta.View) error {
		sh, err := schema.GetShare(v, r.Owner.Tenant, share)
		if err != nil {
			return err
		}
		sum, err := r.count(v, share)
		if err == nil {
			err = schema.ScanTrash(v, r.Owner.Tenant, share, nil, func(i *engine.TrashItem) (bool, error) {
				n, err := r.count(v, i.Node)
				sum += n
				return true, err
			})
		}
		if err == nil && sum != sh.UsedBytes {
			r.t.Errorf("share %x counts %d bytes, a recount %d", share[12:], sh.UsedBytes, sum)
		}
		return err
	})
	if err != nil {
		r.t.Error(err)
	}
}

func (r *rig) count(v *meta.View, id engine.ID) (sum int64, err error) {
	n, err := schema.GetNode(v, r.Owner.Tenant, id)
	if err != nil {
		return 0, err
	}
	if n.Kind == engine.KindFile {
		err = schema.ScanVersions(v, r.Owner.Tenant, id, 0, func(ver *engine.Version) (bool, error) {
			if sum += ver.Kept; ver.Number == n.Version {
				sum += ver.Content.Size
			}
			return true, nil
		})
		return sum, err
	}
	err = schema.ScanChildren(v, r.Owner.Tenant, id, nil, func(_ []byte, c *engine.Child) (bool, error) {
		b, err := r.count(v, c.Node)
		sum += b
		return true, err
	})
	return sum, err
}

func scanChild(v *meta.View, t engine.TenantNo, folder engine.ID, name string, id *engine.ID) error {
	return schema.ScanChildren(v, t, folder, nil, func(key []byte, c *engine.Child) (bool, error) {
		if string(key) == name {
			*id = c.Node
		}
		return true, nil
	})
}
