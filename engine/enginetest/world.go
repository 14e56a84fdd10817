// Package enginetest builds what tests of the engine and of what stands on it
// need: a metadata database in memory, a clock by hand, identifiers in order,
// and a little world of one tenant, an administrator, a user and their shares.
//
// Nothing here is for the product.
package enginetest

import (
	"crypto/rand"
	"errors"
	"sync"
	"testing"
	"time"

	"scaidrive/engine"
	"scaidrive/engine/identity"
	"scaidrive/engine/meta"
	"scaidrive/engine/meta/schema"
	"scaidrive/engine/share"
	"scaidrive/engine/tenancy"
)

// Password is everybody's.
const Password = "a password for tests"

// A Clock stands still until it is moved, but no two identifiers have the same.
// Safe for concurrent use.
type Clock struct {
	mu    sync.Mutex
	now   time.Time
	ids   uint64
	waits map[chan struct{}]time.Time
}

// NewClock makes a clock that shows noon of 22 November 2026, UTC.
func NewClock() *Clock { return &Clock{now: time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)} }

// Now shows the time.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Pass moves the clock on.
func (c *Clock) Pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
	for reached, at := range c.waits {
		if !c.now.Before(at) {
			close(reached)
			delete(c.waits, reached)
		}
	}
}

// Reach is that of engine.Env.
func (c *Clock) Reach(at time.Time) (<-chan struct{}, func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	reached := make(chan struct{})
	if !c.now.Before(at) {
		close(reached)
		return reached, func() {}
	}
	if c.waits == nil {
		c.waits = map[chan struct{}]time.Time{}
	}
	c.waits[reached] = at
	return reached, func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		delete(c.waits, reached)
	}
}

// Waiting says how many wait for the clock.
func (c *Clock) Waiting() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.waits)
}

// NewID gives the next identifier: 00000000000000000000000001 and so on.
func (c *Clock) NewID() (id engine.ID) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ids++
	for i := range 8 {
		id[15-i] = byte(c.ids >> (8 * i))
	}
	return id
}

// Env gives services this clock. The randomness is real.
func (c *Clock) Env() engine.Env {
	return engine.Env{Now: c.Now, Rand: rand.Reader, NewID: c.NewID, Reach: c.Reach}
}

// A World is a database in memory with services on it and somebody in it.
type World struct {
	*Clock
	DB       *meta.DB
	Tenancy  *tenancy.Service
	Identity *identity.Service
	Shares   *share.Service

	Tenant *engine.Tenant
	Admin  *engine.User // super_admin, admin@example.com
	User   *engine.User // user@example.com, without a role
	// The personal shares of the two.
	AdminShare, UserShare *engine.Share
}

// New makes a world and closes its database when the test ends.
func New(t testing.TB) *World {
	t.Helper()
	db, err := meta.OpenMem(t.Context(), meta.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error("close the database:", err)
		}
	})
	return On(t, db)
}

// On makes a world in an empty database of the caller's.
func On(t testing.TB, db *meta.DB) *World {
	t.Helper()
	w := &World{Clock: NewClock(), DB: db}
	keys, err := identity.NewKeys(w.Env())
	if err != nil {
		t.Fatal(err)
	}
	// The cheapest hashes that there are: tests sign in often.
	cost := identity.Cost{MemoryKiB: 8, Passes: 1, Lanes: 1}
	if w.Identity, err = identity.New(db, w.Env(), keys, identity.Options{Cost: cost}); err != nil {
		t.Fatal(err)
	}
	w.Tenancy, w.Shares = tenancy.New(db, w.Env()), share.New(db, w.Env())
	settings := engine.Tenant{Settings: engine.DefaultTenantSettings()}
	hash, err := w.Identity.HashPassword(t.Context(), &settings, Password)
	if err != nil {
		t.Fatal(err)
	}
	err = db.Update(t.Context(), func(tx *meta.Tx) (err error) {
		if w.Tenant, err = w.Tenancy.Bootstrap(tx); err != nil {
			return err
		}
		if w.Admin, err = w.Identity.BootstrapAdmin(tx, w.Tenant, "admin@example.com", hash); err != nil {
			return err
		}
		if w.User, err = putUser(tx, w, "user@example.com", hash); err != nil {
			return err
		}
		var err1, err2 error
		w.AdminShare, err1 = w.Shares.CreatePersonal(tx, w.Admin)
		w.UserShare, err2 = w.Shares.CreatePersonal(tx, w.User)
		return errors.Join(err1, err2)
	})
	if err != nil {
		t.Fatal(err)
	}
	w.readTenant(t)
	return w
}

// readTenant brings the tenant's record up to date.
func (w *World) readTenant(t testing.TB) {
	t.Helper()
	got, err := w.Tenancy.Get(t.Context(), w.Tenant.No)
	if err != nil {
		t.Fatal(err)
	}
	*w.Tenant = *got
}

func putUser(w schema.Writer, world *World, email, hash string) (*engine.User, error) {
	u := &engine.User{
		ID: world.NewID(), Tenant: world.Tenant.No, Email: email, Name: email, DisplayName: email,
		Status: engine.StatusActive, PasswordHash: hash, CreatedAt: world.Now(),
	}
	return u, identity.AddUser(w, u)
}

// AddUser makes another active user with Password.
func (w *World) AddUser(t testing.TB, email string) *engine.User {
	t.Helper()
	var u *engine.User
	err := w.DB.Update(t.Context(), func(tx *meta.Tx) (err error) {
		u, err = putUser(tx, w, email, w.User.PasswordHash)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	w.readTenant(t)
	return u
}

// As is the principal of a user, as if just signed in, with all the scopes that
// their role allows.
func (w *World) As(u *engine.User) *engine.Principal {
	p := &engine.Principal{
		User: u.ID, Tenant: u.Tenant, TenantID: w.Tenant.ID, Partner: w.Tenant.Partner,
		Email: u.Email, Name: u.Name, Role: u.AdminRole, SessionID: w.NewID(), At: w.Now(),
		Scopes: []string{engine.ScopeFilesRead, engine.ScopeFilesWrite},
	}
	switch u.AdminRole {
	case engine.RoleTenantAdmin:
		p.Scopes = append(p.Scopes, engine.ScopeTenantAdmin)
	case engine.RoleSuperAdmin:
		p.Scopes = append(p.Scopes, engine.ScopeTenantAdmin, engine.ScopePartnerAdmin, engine.ScopeAdmin)
	}
	return p
}
