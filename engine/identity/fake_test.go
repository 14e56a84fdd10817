package identity

import (
	"context"
	"crypto/rand"
	"maps"
	"sync"
	"testing"
	"time"

	"scaidrive/engine"
	"scaidrive/engine/meta"
	"scaidrive/engine/meta/schema"
	"scaidrive/engine/meta/schema/schematest"
)

// fakeDB is a store whose mutations happen as a whole or not at all.
type fakeDB struct {
	mu  sync.Mutex
	mem *schematest.Mem
	// twice runs every mutation a first time on a copy that is thrown away.
	twice bool
	// before, when set, is called before each mutation.
	before func(*schematest.Mem)
}

func copyOf(m *schematest.Mem) *schematest.Mem {
	c := schematest.New()
	c.Fail = m.Fail
	for t, rows := range m.Rows {
		c.Rows[t] = maps.Clone(rows)
	}
	return c
}

func (f *fakeDB) View(_ context.Context, fn func(schema.Reader) error) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	return fn(f.mem)
}

func (f *fakeDB) Update(_ context.Context, fn func(schema.Writer) error) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.before != nil {
		f.before(f.mem)
	}
	if f.twice {
		_ = fn(copyOf(f.mem))
	}
	c := copyOf(f.mem)
	err := fn(c)
	if err == nil {
		f.mem = c
	}
	return err
}

// Generation says nothing: everything is read at each call.
func (f *fakeDB) Generation() meta.Generation { return meta.Generation{} }

// A bench is a service on a fake store with a clock by hand, one tenant, and
// three people: an administrator, Ann, and Bob who has no password.
type bench struct {
	*Service
	db     *fakeDB
	tenant *engine.Tenant
	admin  *engine.User
	ann    *engine.User

	mu  sync.Mutex
	now time.Time
	ids uint64
}

const (
	addr     = "192.0.2.7"
	issuer   = "http://192.0.2.1:8000"
	password = "Anns own long words"
)

func (b *bench) clock() time.Time {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.now
}

func (b *bench) pass(d time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.now = b.now.Add(d)
}

func (b *bench) newID() (id engine.ID) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.ids++
	for i := range 8 {
		id[15-i] = byte(b.ids >> (8 * i))
	}
	return id
}

func (b *bench) env() engine.Env {
	return engine.Env{Now: b.clock, Rand: rand.Reader, NewID: b.newID}
}

// newBench makes a bench; password hashes are as cheap as they can be.
func newBench(t testing.TB) *bench {
	t.Helper()
	b := &bench{db: &fakeDB{mem: schematest.New(), twice: true}, now: time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)}
	keys, err := NewKeys(b.env())
	if err != nil {
		t.Fatal(err)
	}
	b.Service, err = newService(b.db, b.env(), keys, Options{Cost: Cost{MemoryKiB: 8, Passes: 1, Lanes: 1}})
	if err != nil {
		t.Fatal(err)
	}
	b.tenant = &engine.Tenant{
		No: 1, ID: b.newID(), Partner: b.newID(), Name: "Default",
		Status: engine.StatusActive, Settings: engine.DefaultTenantSettings(),
	}
	hash, err := b.HashPassword(t.Context(), b.tenant, password)
	if err != nil {
		t.Fatal(err)
	}
	b.put(t, func(w schema.Writer) error {
		if err := schema.PutPartner(w, &engine.Partner{ID: b.tenant.Partner, Name: "Default", Status: engine.StatusActive}); err != nil {
			return err
		}
		if err := schema.PutTenant(w, b.tenant); err != nil {
			return err
		}
		if b.admin, err = b.BootstrapAdmin(w, b.tenant, "Admin@example.com", hash); err != nil {
			return err
		}
		b.ann = &engine.User{ID: b.newID(), Tenant: 1, Email: "Ann@Example.com", Name: "Ann", Status: engine.StatusActive, PasswordHash: hash}
		bob := &engine.User{ID: b.newID(), Tenant: 1, Email: "bob@example.com", Name: "Bob", Status: engine.StatusActive}
		if err := AddUser(w, b.ann); err != nil {
			return err
		}
		return AddUser(w, bob)
	})
	return b
}

func (b *bench) put(t testing.TB, fn func(schema.Writer) error) {
	t.Helper()
	if err := fn(b.db.mem); err != nil {
		t.Fatal(err)
	}
}

// change rewrites Ann's record.
func (b *bench) change(t testing.TB, fn func(*engine.User)) {
	t.Helper()
	b.put(t, func(w schema.Writer) error {
		u, err := schema.GetUser(w, 1, b.ann.ID)
		if err != nil {
			return err
		}
		fn(u)
		return schema.PutUser(w, u)
	})
}

func (b *bench) login(t testing.TB) *Grant {
	t.Helper()
	g, err := b.Login(t.Context(), "ann@example.com", password, addr, issuer)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// is fails unless err is of a kind and in the words.
func is(t *testing.T, what string, err error, kind engine.Kind, msg string) {
	t.Helper()
	e, ok := err.(*engine.Error)
	if !ok || e.Kind != kind || msg != "" && e.Msg != msg {
		t.Errorf("%s: %#v, want kind %d %q", what, err, kind, msg)
	}
}
