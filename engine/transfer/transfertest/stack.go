// Package transfertest puts chunk store, metadata, tree and transfer together for
// tests, in memory or in a directory.
//
// Nothing here is for the product.
package transfertest

import (
	"context"
	"crypto/sha256"
	"math/rand/v2"
	"path/filepath"
	"testing"

	"scaidrive/chunkstore"
	"scaidrive/chunkstore/split"
	"scaidrive/chunkstore/vfs"
	"scaidrive/engine"
	"scaidrive/engine/enginetest"
	"scaidrive/engine/meta"
	"scaidrive/engine/meta/kv"
	"scaidrive/engine/meta/schema"
	"scaidrive/engine/share"
	"scaidrive/engine/transfer"
	"scaidrive/engine/transfer/session"
	"scaidrive/engine/tree"
)

// A Stack is the engine's main job on a chunk store and a database, with a share
// of the user and people who may not see it.
type Stack struct {
	*enginetest.World
	FS       vfs.FS
	Chunks   *chunkstore.Store
	Tree     *tree.Service
	Transfer *transfer.Service
	Uploads  *session.Service
	Share    engine.ID

	Owner     *engine.Principal // of Share
	Root      *engine.Principal // super_admin
	Stranger  *engine.Principal // of the same tenant
	Foreigner *engine.Principal // administrator of another tenant
}

// Memory makes a stack in memory.
func Memory(t testing.TB) *Stack {
	return on(t, vfs.NewMem(), "", kv.NewMemPlace(), "")
}

// Disk makes a stack in a temporary directory.
func Disk(t testing.TB) *Stack {
	dir := t.TempDir()
	return on(t, vfs.OS(dir), filepath.Join(dir, "index.db"), nil, filepath.Join(dir, "meta.db"))
}

// OnFS makes a stack in memory, whose packs and log are on fsys.
func OnFS(t testing.TB, fsys vfs.FS) *Stack { return on(t, fsys, "", kv.NewMemPlace(), "") }

func on(t testing.TB, fsys vfs.FS, index string, place kv.Place, db string) *Stack {
	t.Helper()
	ctx := context.Background()
	chunks, err := chunkstore.Open(ctx, chunkstore.Options{FS: fsys, IndexPath: index, StoreID: storeID()})
	if err != nil {
		t.Fatal(err)
	}
	opts := meta.Options{FS: fsys, DBPath: db, Place: place, StoreID: storeID(), Barrier: chunks.Sync}
	if db == "" {
		opts.SegmentSize = segmentSize
	}
	if err := meta.Create(ctx, opts); err != nil {
		t.Fatal(err)
	}
	d, err := meta.Open(ctx, opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Log("close the database:", err)
		}
		if err := chunks.Close(); err != nil {
			t.Log("close the chunk store:", err)
		}
	})
	s := &Stack{World: enginetest.On(t, d), FS: fsys, Chunks: chunks}
	s.Tree = tree.New(d, s.Env())
	s.Transfer = transfer.New(d, chunks, s.Tree, s.Env())
	s.Uploads = s.sessions()
	s.Owner, s.Root = s.As(s.User), s.As(s.Admin)
	s.Stranger = s.As(s.AddUser(t, "stranger@example.com"))
	s.Foreigner = s.otherTenant(t)
	s.Share = s.NewShare(t, -1)
	return s
}

// Staging is where upload sessions spool parts, on FS.
const Staging = "staging"

// sessions makes the service of upload sessions. Nobody runs it.
func (s *Stack) sessions() *session.Service {
	return session.New(session.Options{DB: s.DB, Transfer: s.Transfer, Tree: s.Tree, Env: s.Env(), FS: s.FS, Dir: Staging})
}

// segmentSize of logs in memory: the usual one costs too much to fill.
const segmentSize = 128 << 10

func storeID() [16]byte { return [16]byte{'t', 'e', 's', 't'} }

// Reopen opens what another stack has left on a file system, in memory, as after
// a crash: the database is folded from the log. The people and the share are
// those of the other stack.
func (s *Stack) Reopen(t testing.TB, fsys vfs.FS) *Stack {
	t.Helper()
	ctx := context.Background()
	d, err := meta.Open(ctx, meta.Options{FS: fsys, Place: kv.NewMemPlace(), StoreID: storeID(), SegmentSize: segmentSize})
	if err != nil {
		t.Fatal("open the database after a crash:", err)
	}
	marks, err := d.Marks(ctx)
	if err != nil {
		t.Fatal(err)
	}
	chunks, err := chunkstore.Open(ctx, chunkstore.Options{FS: fsys, StoreID: storeID(), Marks: marks})
	if err != nil {
		t.Fatal("open the chunk store after a crash:", err)
	}
	d.SetBarrier(chunks.Sync)
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Error("close the database:", err)
		}
		if err := chunks.Close(); err != nil {
			t.Error("close the chunk store:", err)
		}
	})
	again := *s
	again.FS, again.Chunks = fsys, chunks
	world := *s.World
	world.DB = d
	again.World = &world
	again.Tree = tree.New(d, s.Env())
	again.Transfer = transfer.New(d, chunks, again.Tree, s.Env())
	again.Uploads = again.sessions()
	return &again
}

// otherTenant makes a second tenant and its administrator.
func (s *Stack) otherTenant(t testing.TB) *engine.Principal {
	t.Helper()
	tn := &engine.Tenant{No: 2, ID: s.NewID(), Name: "Other", Status: engine.StatusActive, Settings: engine.DefaultTenantSettings()}
	u := &engine.User{ID: s.NewID(), Tenant: 2, Email: "admin@example.org", Status: engine.StatusActive, AdminRole: engine.RoleTenantAdmin}
	err := s.DB.Update(t.Context(), func(tx *meta.Tx) error {
		if err := schema.PutTenant(tx, tn); err != nil {
			return err
		}
		return schema.PutUser(tx, u)
	})
	if err != nil {
		t.Fatal(err)
	}
	p := s.As(u)
	p.TenantID = tn.ID
	return p
}

// NewShare makes a share of the owner's; quota -1 is none.
func (s *Stack) NewShare(t testing.TB, quota int64) engine.ID {
	t.Helper()
	sh, err := s.Shares.Create(t.Context(), s.Owner, share.CreateSpec{Name: "Work", Type: engine.ShareProject, QuotaBytes: quota})
	if err != nil {
		t.Fatal(err)
	}
	return sh.ID
}

// GetShare reads a share's record.
func (s *Stack) GetShare(t testing.TB, id engine.ID) *engine.Share {
	t.Helper()
	var sh *engine.Share
	err := s.DB.View(context.Background(), func(v *meta.View) (err error) {
		sh, err = schema.GetShare(v, s.Tenant.No, id)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return sh
}

// Random gives n bytes that a seed determines.
func Random(seed uint64, n int) []byte {
	b := make([]byte, n)
	var key [32]byte
	for i := range 8 {
		key[i] = byte(seed >> (8 * i))
	}
	_, _ = rand.NewChaCha8(key).Read(b) // never fails
	return b
}

// Split cuts bytes as clients do.
func Split(data []byte) (chunks []engine.Chunk, parts [][]byte) {
	set := split.Default()
	for len(data) > 0 {
		n := set.Cut(data, true)
		chunks = append(chunks, engine.Chunk{Hash: sha256.Sum256(data[:n]), Size: uint32(n)})
		parts = append(parts, data[:n])
		data = data[n:]
	}
	return chunks, parts
}

// Frames puts chunks into the frames of the sync protocol.
func Frames(parts ...[]byte) []byte {
	var b []byte
	for _, p := range parts {
		n := len(p)
		b = append(b, byte(n>>24), byte(n>>16), byte(n>>8), byte(n))
		b = append(b, p...)
	}
	return b
}
