// Package identity holds users, their credentials, sessions and tokens.
//
// A sign-in makes a session and two tokens: an access token (a signed JWT,
// one hour) and a refresh token (opaque, used once). An access token says who
// signed in; what they may do is read from the database at each call, so a lost
// role, a suspended user and an ended session count at the next call. A service
// token (opaque, stored hashed) is for scripts: it acts as its user too, within
// the scopes that it was made with.
//
// Invariants: passwords and tokens are never stored, logged or put into errors,
// only what verifies them; that a session or refresh token is over stands in its
// own record; whatever cannot be read refuses.
//
// It does not know HTTP, groups or outside providers.
package identity

import (
	"context"
	"errors"
	"fmt"
	"time"

	"scaidrive/engine"
	"scaidrive/engine/meta"
	"scaidrive/engine/meta/schema"
)

// Lifetimes.
const (
	AccessLifetime  = time.Hour
	RefreshLifetime = 30 * 24 * time.Hour // of an unused refresh token, and of its session
)

// PrefixSession is the prefix of a session's ID in the claim sid.
const PrefixSession = "ses_"

// Options are the settings of the service.
type Options struct {
	Audience string // of access tokens; default "scaidrive"
	// Cost of new password hashes; zero is DefaultCost.
	Cost Cost
}

// store is what the service needs of the metadata database.
type store interface {
	View(ctx context.Context, fn func(schema.Reader) error) error
	Update(ctx context.Context, fn func(schema.Writer) error) error
	// Generation names the newest state: while it is the same, nothing has changed.
	// The zero value says nothing.
	Generation() meta.Generation
}

// metaStore is the store of a real database.
type metaStore struct{ db *meta.DB }

func (m metaStore) View(ctx context.Context, fn func(schema.Reader) error) error {
	return m.db.View(ctx, func(v *meta.View) error { return fn(v) })
}

func (m metaStore) Update(ctx context.Context, fn func(schema.Writer) error) error {
	return m.db.Update(ctx, func(tx *meta.Tx) error { return fn(tx) })
}

func (m metaStore) Generation() meta.Generation { return m.db.Generation() }

// Service signs people in and recognises them. Safe for concurrent use.
type Service struct {
	db       store
	env      engine.Env
	signer   *signer
	hasher   *hasher
	throttle *throttle
	uses     uses
}

// New makes the service. keys is the content of the signing key files.
func New(db *meta.DB, env engine.Env, keys Keys, o Options) (*Service, error) {
	return newService(metaStore{db}, env, keys, o)
}

func newService(db store, env engine.Env, keys Keys, o Options) (*Service, error) {
	if o.Audience == "" {
		o.Audience = "scaidrive"
	}
	if o.Cost == (Cost{}) {
		o.Cost = DefaultCost()
	}
	signer, err := newSigner(keys, o.Audience)
	if err != nil {
		return nil, fmt.Errorf("identity: %w", err)
	}
	hasher, err := newHasher(o.Cost, env.Rand)
	if err != nil {
		return nil, fmt.Errorf("identity: %w", err)
	}
	return &Service{db: db, env: env, signer: signer, hasher: hasher, throttle: newThrottle(env.Now)}, nil
}

// HashPassword checks the rules for passwords and gives argon2id in PHC form.
// At most two hashes are computed at the same time; who waits longer than ctx
// gets KindUnavailable. A password that breaks a rule is KindInvalid "password".
func (s *Service) HashPassword(ctx context.Context, tenant *engine.Tenant, password string) (string, error) {
	if err := checkPassword(password, tenant.Settings.PasswordMinLength); err != nil {
		return "", err
	}
	return s.hasher.hash(ctx, password)
}

// BootstrapAdmin makes the first super_admin in the caller's mutation, active,
// with the e-mail and password given, and their personal share is made by the
// caller. The password must keep the tenant's rules: passwordHash is what
// HashPassword gave. A malformed e-mail is KindInvalid, a taken one KindConflict.
func (s *Service) BootstrapAdmin(w schema.Writer, tenant *engine.Tenant, email, passwordHash string) (*engine.User, error) {
	u := &engine.User{
		ID: s.env.NewID(), Tenant: tenant.No, Email: email,
		Name: "Administrator", DisplayName: "Administrator",
		Status: engine.StatusActive, AdminRole: engine.RoleSuperAdmin,
		PasswordHash: passwordHash, CreatedAt: s.env.Now(),
	}
	if _, err := parsePHC(passwordHash); err != nil {
		return nil, fmt.Errorf("identity: the administrator's password hash: %w", err)
	}
	return u, AddUser(w, u)
}

// HasAdmin reports whether a super_admin exists who is not deleted. It reads
// users until it finds one, the first users first.
func HasAdmin(r schema.Reader) (bool, error) {
	found := false
	err := schema.ScanTenants(r, 0, func(t *engine.Tenant) (bool, error) {
		err := schema.ScanUsers(r, t.No, engine.ID{}, func(u *engine.User) (bool, error) {
			found = u.AdminRole == engine.RoleSuperAdmin && u.Status != engine.StatusDeleted
			return !found, nil
		})
		return !found, err
	})
	return found, err
}

// User returns a user of the caller's tenant by ID, in whatever state; an unknown
// one is KindNotFound.
func (s *Service) User(ctx context.Context, tenant engine.TenantNo, id engine.ID) (*engine.User, error) {
	var u *engine.User
	err := s.db.View(ctx, func(r schema.Reader) (err error) {
		u, err = schema.GetUser(r, tenant, id)
		return err
	})
	if errors.Is(err, schema.ErrNotFound) {
		return nil, engine.E(engine.KindNotFound, "User not found")
	}
	if err != nil {
		return nil, engine.Wrap("identity.User", err)
	}
	return u, nil
}
