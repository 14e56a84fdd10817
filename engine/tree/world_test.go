package tree_test

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"io"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"scaidrive/chunkstore/vfs"
	"scaidrive/engine"
	"scaidrive/engine/access"
	"scaidrive/engine/meta"
	"scaidrive/engine/meta/kv"
	"scaidrive/engine/meta/schema"
	"scaidrive/engine/tree"
)

// world is a database with two tenants and a share, and the people around it.
type world struct {
	t     testing.TB
	db    *meta.DB
	tree  *tree.Service
	env   engine.Env
	share engine.ID
	// shares are all that were made, share the first.
	shares []engine.ID

	owner, admin, super, stranger, foreigner *engine.Principal

	mu   sync.Mutex
	tick time.Time
	rnd  *rand.Rand
}

func newWorld(t testing.TB) *world {
	opts := meta.Options{FS: vfs.NewMem(), StoreID: [16]byte{1}, Place: kv.NewMemPlace(), SegmentSize: 128 << 10}
	ctx := context.Background()
	if err := meta.Create(ctx, opts); err != nil {
		t.Fatal(err)
	}
	db, err := meta.Open(ctx, opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return worldOn(t, db)
}

// worldOn makes a world in an empty database.
func worldOn(t testing.TB, db *meta.DB) *world {
	w := &world{t: t, tick: time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC), rnd: rand.New(rand.NewPCG(1, 2))}
	w.env = engine.Env{Now: w.now, Rand: rand.NewChaCha8([32]byte{7}), NewID: w.newID}
	w.db, w.tree = db, tree.New(db, w.env)
	w.owner = w.person(1, engine.RoleNone)
	w.admin = w.person(1, engine.RoleTenantAdmin)
	w.super = w.person(1, engine.RoleSuperAdmin)
	w.stranger = w.person(1, engine.RoleNone)
	w.foreigner = w.person(2, engine.RoleTenantAdmin)
	w.update(func(tx *meta.Tx) error {
		for no := range engine.TenantNo(2) {
			tn := &engine.Tenant{No: no + 1, ID: w.newID(), Name: "T", Status: engine.StatusActive, Settings: engine.DefaultTenantSettings()}
			if err := schema.PutTenant(tx, tn); err != nil {
				return err
			}
		}
		return nil
	})
	w.share = w.newShare(-1)
	if err := w.tree.Prepare(ctx); err != nil {
		t.Fatal(err)
	}
	return w
}

func (w *world) person(no engine.TenantNo, role engine.AdminRole) *engine.Principal {
	return &engine.Principal{User: w.newID(), Tenant: no, Role: role}
}

func (w *world) now() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.tick = w.tick.Add(time.Millisecond)
	return w.tick
}

func (w *world) newID() (id engine.ID) {
	w.mu.Lock()
	defer w.mu.Unlock()
	binary.BigEndian.PutUint64(id[:], w.rnd.Uint64()>>2)
	binary.BigEndian.PutUint64(id[8:], w.rnd.Uint64())
	return id
}

func (w *world) newShare(quota int64) engine.ID {
	id := w.newID()
	w.shares = append(w.shares, id)
	w.update(func(tx *meta.Tx) error {
		sh := &engine.Share{ID: id, Name: "S", Type: engine.ShareProject, OwnerKind: engine.PrincipalUser, Owner: w.owner.User, QuotaBytes: quota, Counted: true}
		if err := schema.PutShare(tx, 1, sh); err != nil {
			return err
		}
		return schema.PutNode(tx, 1, &engine.Node{ID: id, Kind: engine.KindFolder, Owner: w.owner.User})
	})
	return id
}

func (w *world) update(fn func(*meta.Tx) error) {
	w.t.Helper()
	if err := w.db.Update(context.Background(), fn); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) view(fn func(*meta.View) error) {
	w.t.Helper()
	if err := w.db.View(context.Background(), fn); err != nil {
		w.t.Fatal(err)
	}
}

// text is a content made of a chunk for each rune.
func text(s string) engine.Content {
	c := engine.Content{Chunking: "test", HashState: engine.HashClaimed, SHA256: sha256.Sum256([]byte(s))}
	list := sha256.New()
	for _, r := range s {
		size := uint32(r) % 7 * 100
		ch := engine.Chunk{Hash: sha256.Sum256([]byte(string(r))), Size: size + 1}
		c.Inline = append(c.Inline, ch)
		c.Count++
		c.Size += int64(ch.Size)
		list.Write(ch.Hash[:])
	}
	list.Sum(c.Digest[:0])
	return c
}

// put makes a file and returns it.
func (w *world) put(p *engine.Principal, spec tree.FileSpec) (*tree.Located, error) {
	var loc *tree.Located
	err := w.db.Update(context.Background(), func(tx *meta.Tx) error {
		var err error
		loc, _, err = w.tree.PutFile(tx, p, spec)
		return err
	})
	return loc, err
}

func (w *world) file(parent engine.ID, name, content string) *tree.Located {
	w.t.Helper()
	loc, err := w.put(w.owner, tree.FileSpec{Share: w.share, Parent: parent, Name: name, Content: text(content)})
	if err != nil {
		w.t.Fatalf("file %q: %v", name, err)
	}
	return loc
}

func (w *world) folder(parent engine.ID, name string) *tree.Located {
	w.t.Helper()
	loc, err := w.tree.Mkdir(context.Background(), w.owner, w.share, parent, name)
	if err != nil {
		w.t.Fatalf("folder %q: %v", name, err)
	}
	return loc
}

func (w *world) getShare() *engine.Share {
	w.t.Helper()
	var sh *engine.Share
	w.view(func(v *meta.View) error {
		var err error
		sh, err = schema.GetShare(v, 1, w.share)
		return err
	})
	return sh
}

// wantKind fails unless err is of a kind.
func wantKind(t testing.TB, err error, kind engine.Kind, what string) {
	t.Helper()
	if err == nil || engine.KindOf(err) != kind {
		t.Errorf("%s: got %v (kind %d), want kind %d", what, err, engine.KindOf(err), kind)
	}
}

// audit recounts everything in the shares from its records and compares: counts
// and digests of folders, bounds, used bytes, change rows, the trash.
func (w *world) audit() {
	w.t.Helper()
	for _, share := range w.shares {
		w.view(func(v *meta.View) error {
			sh, err := schema.GetShare(v, 1, share)
			if err != nil {
				return err
			}
			if err := w.auditChanges(v, sh); err != nil {
				return err
			}
			if _, _, err := w.auditFolder(v, share); err != nil {
				return err
			}
			holds, err := w.recount(v, share, share)
			if err != nil {
				return err
			}
			deleted, err := w.auditTrash(v, share)
			if err != nil {
				return err
			}
			going, err := w.auditPurges(v, share)
			if err != nil {
				return err
			}
			sum := holds
			sum.Folders-- // the root
			sum.Add(deleted, 1)
			sum.Add(going, 1)
			if sum != sh.Holding() {
				w.t.Errorf("the share counts %+v, a recount gives %+v alive, %+v in the trash and %+v going", sh.Holding(), holds, deleted, going)
			}
			return nil
		})
	}
}

func (w *world) auditChanges(v *meta.View, sh *engine.Share) error {
	seq := uint64(0)
	err := schema.ScanChanges(v, 1, sh.ID, 0, func(c *engine.Change) (bool, error) {
		if seq++; c.Seq != seq {
			w.t.Errorf("change row %d in the place of %d", c.Seq, seq)
		}
		return true, nil
	})
	if seq != sh.Seq {
		w.t.Errorf("the share has the sequence %d and %d rows", sh.Seq, seq)
	}
	return err
}

// auditTrash checks that what is in a share's trash lies in that share and is
// listed by its folder, and gives what it counts.
func (w *world) auditTrash(v *meta.View, share engine.ID) (holds engine.Holding, err error) {
	err = schema.ScanTrash(v, 1, share, nil, func(i *engine.TrashItem) (bool, error) {
		sub, err := access.Resolve(v, 1, i.Node)
		if err != nil {
			return false, err
		}
		if sub.Share.ID != share || !sub.Node.DeletedAt.Equal(i.DeletedAt) || sub.Node.Kind != i.Kind {
			w.t.Errorf("%q is in the trash and not as it says", sub.Node.Name)
		}
		if has, err := schema.HasTrashed(v, 1, sub.Node.Parent, i.Node); !has || err != nil {
			w.t.Errorf("%q is in the trash and not listed by its folder, %v", sub.Node.Name, err)
		}
		if sub.Node.Kind == engine.KindFolder {
			if _, _, err := w.auditFolder(v, i.Node); err != nil {
				return false, err
			}
		}
		one, err := w.recount(v, share, i.Node)
		holds.Add(one, 1)
		return true, err
	})
	return holds, err
}

// auditPurges gives what is still there of what is being removed for good.
func (w *world) auditPurges(v *meta.View, share engine.ID) (holds engine.Holding, err error) {
	err = schema.ScanPurges(v, 1, engine.ID{}, func(o *engine.Purge) (bool, error) {
		if o.Share != share {
			return true, nil
		}
		one, err := w.recount(v, share, o.Node)
		holds.Add(one, 1)
		return true, err
	})
	return holds, err
}

// recount adds up what a node and all that lives below it count.
func (w *world) recount(v *meta.View, share, id engine.ID) (holds engine.Holding, err error) {
	n, err := schema.GetNode(v, 1, id)
	if err != nil {
		return holds, err
	}
	if n.Kind == engine.KindFile {
		return w.recountFile(v, n)
	}
	holds.Folders++
	err = schema.ScanTrashed(v, 1, id, engine.ID{}, func(gone engine.ID) (bool, error) {
		d, err := schema.GetNode(v, 1, gone)
		if err != nil || d.Parent != id || d.DeletedAt.IsZero() {
			w.t.Errorf("folder %q lists as deleted what is not: %+v, %v", n.Name, d, err)
			return true, nil
		}
		_, err = schema.GetTrash(v, 1, share, d.DeletedAt, gone)
		if err != nil && !d.Purged {
			w.t.Errorf("%q was deleted and is not in the trash: %v", d.Name, err)
		}
		return true, nil
	})
	if err != nil {
		return holds, err
	}
	err = schema.ScanChildren(v, 1, id, nil, func(_ []byte, c *engine.Child) (bool, error) {
		one, err := w.recount(v, share, c.Node)
		holds.Add(one, 1)
		return true, err
	})
	return holds, err
}

func (w *world) recountFile(v *meta.View, n *engine.Node) (engine.Holding, error) {
	file := engine.Holding{Files: 1}
	for i := uint64(1); i <= n.Version; i++ {
		ver, err := schema.GetVersion(v, 1, n.ID, i)
		if n.Purged && errors.Is(err, schema.ErrNotFound) {
			continue // gone already
		}
		if err != nil {
			return file, err
		}
		if i < n.Version {
			file.Bytes += ver.Kept
			file.VersionBytes += ver.Kept
			next, _ := schema.GetVersion(v, 1, n.ID, i+1)
			if want := tree.Kept(ver.Content.Inline, next.Content.Inline); ver.Kept != want {
				w.t.Errorf("version %d keeps %d bytes, want %d", i, ver.Kept, want)
			}
			continue
		}
		file.Bytes += ver.Content.Size
		if ver.ID != n.VersionID || ver.Content.Size != n.Size || ver.Content.SHA256 != n.SHA256 {
			w.t.Errorf("node %v does not repeat its current version", n.Name)
		}
	}
	return file, nil
}

func (w *world) auditFolder(v *meta.View, id engine.ID) (height, bytes uint32, err error) {
	n, err := schema.GetNode(v, 1, id)
	if err != nil {
		return 0, 0, err
	}
	var tally schema.Tally
	var folders []engine.ID
	err = schema.ScanChildren(v, 1, id, nil, func(key []byte, c *engine.Child) (bool, error) {
		tally.Add(1, id, key, c)
		ch, err := schema.GetNode(v, 1, c.Node)
		if err != nil {
			return false, err
		}
		height, bytes = max(height, 1), max(bytes, uint32(len(ch.Name)+1))
		if c.Kind == engine.KindFolder {
			folders = append(folders, c.Node)
		}
		return true, nil
	})
	if err != nil {
		return 0, 0, err
	}
	if err := tally.Check(1, n); err != nil {
		w.t.Errorf("folder %q: %v", n.Name, err)
	}
	for _, f := range folders {
		h, b, err := w.auditFolder(v, f)
		if err != nil {
			return 0, 0, err
		}
		fn, _ := schema.GetNode(v, 1, f)
		height, bytes = max(height, h+1), max(bytes, b+uint32(len(fn.Name)+1))
	}
	if n.Height < height || n.PathBytes < bytes {
		w.t.Errorf("folder %q: the bounds %d, %d are below %d, %d", n.Name, n.Height, n.PathBytes, height, bytes)
	}
	return height, bytes, nil
}

var _ io.Reader = (*rand.ChaCha8)(nil)

// revertTo makes an old version the current one.
func (w *world) revertTo(file engine.ID, version uint64, ifMatch engine.ID) (*tree.Located, error) {
	var loc *tree.Located
	err := w.db.Update(context.Background(), func(tx *meta.Tx) error {
		var err error
		loc, err = w.tree.Revert(tx, w.owner, tree.Revert{File: file, Version: version, IfMatch: ifMatch})
		return err
	})
	return loc, err
}
