// Package identity holds users, their credentials, sessions and tokens.
package identity

import (
	"context"

	"scaidrive/engine"
	"scaidrive/engine/meta"
	"scaidrive/engine/meta/schema"
)

// Options are the settings of the service.
type Options struct {
	Audience string // of access tokens; default "scaidrive"
}

// Service signs people in and recognises them.
type Service struct{ db *meta.DB }

// New makes the service. keys is the content of the signing key files.
func New(db *meta.DB, env engine.Env, keys Keys, o Options) (*Service, error) { panic("unfinished") }

// Keys are the signing keys of the embedded provider.
type Keys struct {
	// Active is a PKCS#8 PEM of a P-256 key.
	Active []byte
}

// NewKeys generates keys; the caller stores them with mode 0600.
func NewKeys(env engine.Env) (Keys, error) { panic("unfinished") }

// BootstrapAdmin makes the first super_admin in the caller's mutation, active,
// with the e-mail and password given, and their personal share is made by the
// caller. The password must keep the tenant's rules.
func (s *Service) BootstrapAdmin(w schema.Writer, tenant *engine.Tenant, email, passwordHash string) (*engine.User, error) {
	panic("unfinished")
}

// HashPassword checks the rules for passwords and gives argon2id in PHC form.
// At most two hashes are computed at the same time.
func (s *Service) HashPassword(ctx context.Context, tenant *engine.Tenant, password string) (string, error) {
	panic("unfinished")
}

// HasAdmin reports whether an administrator exists.
func HasAdmin(r schema.Reader) (bool, error) { panic("unfinished") }

// A Grant is the answer to a sign-in.
type Grant struct {
	AccessToken  string
	RefreshToken string // rt_...
	ExpiresIn    int    // seconds
	Scope        string
}

// Login signs in with a local account. addr is the caller's address without
// port, issuer the address by which the server was reached. A wrong password, an
// unknown account and one without a password are the same KindUnauthorized after
// the same work; a suspended user is KindForbidden only with the right password;
// too many failures are KindRateLimited (per pair of address and account, and per
// address; only failures count, a success clears the pair).
func (s *Service) Login(ctx context.Context, email, password, addr, issuer string) (*Grant, error) {
	panic("unfinished")
}

// Refresh turns a refresh token into a new pair and uses the old one up; a used
// one that comes again ends its session.
func (s *Service) Refresh(ctx context.Context, refreshToken, issuer string) (*Grant, error) {
	panic("unfinished")
}

// Logout ends the session of p.
func (s *Service) Logout(ctx context.Context, p *engine.Principal) error { panic("unfinished") }

// Authenticate recognises the bearer of an access token. The signature is
// remembered until the token expires; user, role, session and tenant are read
// from the database at each call.
func (s *Service) Authenticate(ctx context.Context, token string) (*engine.Principal, error) {
	panic("unfinished")
}

// User returns a user of the caller's tenant by ID.
func (s *Service) User(ctx context.Context, tenant engine.TenantNo, id engine.ID) (*engine.User, error) {
	panic("unfinished")
}
