package identity

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"scaidrive/engine"
	"scaidrive/engine/meta"
	"scaidrive/engine/meta/schema"
)

// The words of refusals. Each is the same whatever the cause behind it.
const (
	msgLogin     = "E-mail address or password is wrong"
	msgToken     = "The token is not valid or has expired"
	msgSuspended = "The account is suspended"
)

func unauthorized(msg string, cause error) error {
	return &engine.Error{Op: "identity", Kind: engine.KindUnauthorized, Msg: msg, Err: cause}
}

// A Grant is the answer to a sign-in. It prints as nothing.
type Grant struct {
	AccessToken  string
	RefreshToken string // rt_...
	ExpiresIn    int    // seconds
	Scope        string
}

// String keeps the tokens out of logs.
func (Grant) String() string { return "identity.Grant(secret)" }

// GoString keeps the tokens out of logs.
func (g Grant) GoString() string { return g.String() }

// scopesOf lists what a stored role allows a token to carry.
func scopesOf(role engine.AdminRole) []string {
	files := []string{engine.ScopeFilesRead, engine.ScopeFilesWrite}
	switch role {
	case engine.RoleTenantAdmin:
		return append(files, engine.ScopeTenantAdmin)
	case engine.RolePartnerAdmin:
		return append(files, engine.ScopePartnerAdmin)
	case engine.RoleSuperAdmin:
		return append(files, engine.ScopeTenantAdmin, engine.ScopePartnerAdmin, engine.ScopeAdmin)
	}
	return files
}

// mayAct answers nil for a user and tenant that may act now. What is gone is
// unauthorized, what is suspended forbidden: with a partner its tenants are.
func mayAct(r schema.Reader, u *engine.User, t *engine.Tenant) error {
	switch u.Status {
	case engine.StatusActive, engine.StatusInactive: // idle, not shut out
	case engine.StatusSuspended:
		return engine.E(engine.KindForbidden, msgSuspended)
	case engine.StatusPending:
		return engine.E(engine.KindForbidden, "The account is not active yet")
	default:
		return unauthorized(msgToken, fmt.Errorf("user status %d", u.Status))
	}
	suspended := engine.E(engine.KindForbidden, "The tenant is suspended")
	if t.Status != engine.StatusActive {
		return suspended
	}
	if t.Partner.IsZero() {
		return nil
	}
	p, err := schema.GetPartner(r, t.Partner)
	if err != nil {
		return damagedIfAbsent(err, "a tenant's partner is missing")
	}
	if p.Status == engine.StatusSuspended || p.Status == engine.StatusDeleted {
		return suspended
	}
	return nil
}

// Login signs in with a local account. addr is the caller's address without
// port, issuer the address by which the server was reached. A wrong password, an
// unknown account and one without a password are the same KindUnauthorized after
// the same work; a suspended user is KindForbidden only with the right password;
// too many failures are KindRateLimited (per pair of address and account, and per
// address; only failures count, a success clears the pair).
func (s *Service) Login(ctx context.Context, email, password, addr, issuer string) (*Grant, error) {
	folded, err := FoldEmail(email)
	if err != nil {
		folded = "" // nobody's; counted for the address all the same
	}
	a, err := s.throttle.begin(ctx, addr, folded)
	if err != nil {
		return nil, err
	}
	g, err := s.login(ctx, folded, password, issuer)
	a.ended(err)
	return g, err
}

// login is Login of a folded address, without the throttle.
func (s *Service) login(ctx context.Context, folded, password, issuer string) (*Grant, error) {
	checked, err := s.verified(ctx, folded, password)
	if err != nil {
		return nil, err
	}
	refresh, hash, err := s.newSecret(refreshPrefix)
	if err != nil {
		return nil, err
	}
	b, err := s.begin(ctx, checked, hash, 0)
	if err != nil {
		return nil, err
	}
	return s.grant(b.user, b.tenant, b.session, issuer, refresh, b.at)
}

// verified finds the user of a folded address and a password.
func (s *Service) verified(ctx context.Context, folded, password string) (*engine.User, error) {
	u, err := s.account(ctx, folded)
	if err != nil {
		return nil, engine.Wrap("identity.Login", err)
	}
	ok, err := s.hasher.verify(ctx, u.PasswordHash, password)
	if err != nil {
		return nil, err
	}
	if !ok || u.ID.IsZero() || u.Status == engine.StatusDeleted {
		return nil, unauthorized(msgLogin, nil)
	}
	return u, nil
}

// account finds the user of a folded address; an unknown one is a user of zeros.
func (s *Service) account(ctx context.Context, folded string) (*engine.User, error) {
	u := new(engine.User)
	if folded == "" {
		return u, nil
	}
	err := s.db.View(ctx, func(r schema.Reader) error {
		ref, err := schema.GetUserByEmail(r, folded)
		if errors.Is(err, schema.ErrNotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		u, err = schema.GetUser(r, ref.Tenant, ref.User)
		return damagedIfAbsent(err, "an e-mail address names a user who is missing")
	})
	return u, err
}

func damagedIfAbsent(err error, why string) error {
	if errors.Is(err, schema.ErrNotFound) {
		return &engine.Error{Kind: engine.KindDamaged, Msg: "stored data is damaged", Err: errors.New(why)}
	}
	return err
}

// beginning is a session that was just made.
type beginning struct {
	user    *engine.User
	tenant  *engine.Tenant
	session engine.ID
	at      time.Time
}

// begin makes the session of a user whose password was right, and keeps the hash of what
// it goes on with: a refresh token, or, with a life, the token of a page.
func (s *Service) begin(ctx context.Context, checked *engine.User, hash [32]byte, life time.Duration) (*beginning, error) {
	var b beginning
	err := s.db.Update(ctx, func(w schema.Writer) (err error) {
		if b.user, b.tenant, err = person(w, checked.Tenant, checked.ID); err != nil {
			return err
		}
		if b.user.PasswordHash != checked.PasswordHash {
			return unauthorized(msgLogin, errors.New("the password was changed meanwhile"))
		}
		if err := mayAct(w, b.user, b.tenant); err != nil {
			return err
		}
		b.at = s.env.Now()
		lasts := life
		if lasts == 0 {
			lasts = RefreshLifetime
		}
		session := &engine.Session{ID: s.env.NewID(), User: b.user.ID, CreatedAt: b.at, ExpiresAt: b.at.Add(lasts)}
		b.session = session.ID
		b.user.LastLoginAt = b.at
		if err := schema.PutUser(w, b.user); err != nil {
			return err
		}
		if err := schema.PutSession(w, b.tenant.No, session); err != nil {
			return err
		}
		return schema.PutRefreshToken(w, hash, &engine.RefreshToken{
			Tenant: b.tenant.No, User: b.user.ID, Session: session.ID, CreatedAt: b.at, ExpiresAt: session.ExpiresAt, PageLife: life,
		})
	})
	if err != nil {
		return nil, engine.Wrap("identity.Login", err)
	}
	return &b, nil
}

// person reads a user and their tenant; that one of them is missing is damage.
func person(r schema.Reader, no engine.TenantNo, id engine.ID) (*engine.User, *engine.Tenant, error) {
	u, err := schema.GetUser(r, no, id)
	if err != nil {
		return nil, nil, damagedIfAbsent(err, "a user is missing")
	}
	t, err := schema.GetTenant(r, no)
	return u, t, damagedIfAbsent(err, "a user's tenant is missing")
}

func (s *Service) grant(u *engine.User, t *engine.Tenant, session engine.ID, issuer, refresh string, now time.Time) (*Grant, error) {
	access, err := s.signer.issue(u, t, session, s.env.NewID(), issuer, now)
	if err != nil {
		return nil, err
	}
	return &Grant{
		AccessToken: access, RefreshToken: refresh,
		ExpiresIn: int(AccessLifetime / time.Second), Scope: strings.Join(scopesOf(u.AdminRole), " "),
	}, nil
}

// Refresh tokens: the prefix and 256 random bits in base64url.
const (
	refreshPrefix = "rt_"
	refreshBytes  = 32
)

func (s *Service) newSecret(prefix string) (token string, hash [32]byte, err error) {
	b := make([]byte, refreshBytes)
	if _, err := io.ReadFull(s.hasher.rand, b); err != nil {
		return "", hash, fmt.Errorf("identity: random bytes: %w", err)
	}
	token = prefix + base64.RawURLEncoding.EncodeToString(b)
	return token, sha256.Sum256([]byte(token)), nil
}

// Refresh turns a refresh token into a new pair and uses the old one up; a used
// one that comes again ends its session. All that is not a token in use is the
// same KindUnauthorized; a suspended user is KindForbidden and keeps the token.
func (s *Service) Refresh(ctx context.Context, refreshToken, issuer string) (*Grant, error) {
	if len(refreshToken) > 2*refreshBytes || !strings.HasPrefix(refreshToken, refreshPrefix) {
		return nil, unauthorized(msgToken, errors.New("not a refresh token"))
	}
	old := sha256.Sum256([]byte(refreshToken))
	refresh, hash, err := s.newSecret(refreshPrefix)
	if err != nil {
		return nil, err
	}
	var u *engine.User
	var t *engine.Tenant
	var session *engine.Session
	var now time.Time
	var reused bool
	err = s.db.Update(ctx, func(w schema.Writer) error {
		now, reused = s.env.Now(), false
		rt, err := schema.GetRefreshToken(w, old)
		if errors.Is(err, schema.ErrNotFound) {
			return unauthorized(msgToken, errors.New("unknown refresh token"))
		}
		if err != nil {
			return err
		}
		if rt.PageLife != 0 {
			return unauthorized(msgToken, errors.New("a page's token"))
		}
		if !rt.UsedAt.IsZero() {
			reused = true
			return endSession(w, rt.Tenant, rt.Session, now)
		}
		if u, t, err = person(w, rt.Tenant, rt.User); err != nil {
			return err
		}
		if err := mayAct(w, u, t); err != nil {
			return err
		}
		session, err = liveSession(w, t.No, rt.Session, u, now)
		if err != nil {
			return err
		}
		if !now.Before(rt.ExpiresAt) {
			return unauthorized(msgToken, errExpired)
		}
		return rotate(w, session, rt, old, hash, now)
	})
	switch {
	case err != nil:
		return nil, engine.Wrap("identity.Refresh", err)
	case reused:
		return nil, unauthorized(msgToken, errors.New("a used refresh token came again; its session was ended"))
	}
	return s.grant(u, t, session.ID, issuer, refresh, now)
}

// rotate uses a refresh token up, stores its successor and moves the session on.
func rotate(w schema.Writer, session *engine.Session, rt *engine.RefreshToken, old, hash [32]byte, now time.Time) error {
	rt.UsedAt = now
	if err := schema.PutRefreshToken(w, old, rt); err != nil {
		return err
	}
	session.ExpiresAt = now.Add(RefreshLifetime)
	if err := schema.PutSession(w, rt.Tenant, session); err != nil {
		return err
	}
	return schema.PutRefreshToken(w, hash, &engine.RefreshToken{
		Tenant: rt.Tenant, User: rt.User, Session: rt.Session, CreatedAt: now, ExpiresAt: session.ExpiresAt,
	})
}

// liveSession reads a session and answers KindUnauthorized unless it is the
// user's and neither ended, expired nor revoked.
func liveSession(r schema.Reader, no engine.TenantNo, id engine.ID, u *engine.User, now time.Time) (*engine.Session, error) {
	session, err := schema.GetSession(r, no, id)
	if errors.Is(err, schema.ErrNotFound) {
		return nil, unauthorized(msgToken, errors.New("unknown session"))
	}
	if err != nil {
		return nil, err
	}
	switch {
	case session.User != u.ID:
		return nil, unauthorized(msgToken, errors.New("another user's session"))
	case !session.EndedAt.IsZero():
		return nil, unauthorized(msgToken, errors.New("the session was ended"))
	case !now.Before(session.ExpiresAt):
		return nil, unauthorized(msgToken, errExpired)
	case session.CreatedAt.Before(u.RevokedBefore):
		return nil, unauthorized(msgToken, errors.New("the user's sessions were revoked"))
	}
	return session, nil
}

// EndSession ends a session in the caller's mutation, as when its device is removed.
func (s *Service) EndSession(w schema.Writer, no engine.TenantNo, id engine.ID) error {
	return endSession(w, no, id, s.env.Now())
}

// endSession ends a session that may have ended already.
func endSession(w schema.Writer, no engine.TenantNo, id engine.ID, now time.Time) error {
	session, err := schema.GetSession(w, no, id)
	if errors.Is(err, schema.ErrNotFound) {
		return nil // over for so long that it is no longer kept
	}
	if err != nil || !session.EndedAt.IsZero() {
		return err
	}
	session.EndedAt = now
	return schema.PutSession(w, no, session)
}

// Logout ends the session of p: its access and refresh tokens are over when it
// returns. To end an ended session is no error. A service token has no session:
// it ends when it is deleted (KindForbidden).
func (s *Service) Logout(ctx context.Context, p *engine.Principal) error {
	if p.SessionID.IsZero() {
		return engine.E(engine.KindForbidden, "A service token is ended by deleting it")
	}
	err := s.db.Update(ctx, func(w schema.Writer) error {
		return endSession(w, p.Tenant, p.SessionID, s.env.Now())
	})
	return engine.Wrap("identity.Logout", err)
}

// Authenticate recognises the bearer of an access token or a service token. The signature is
// remembered until the token expires; user, role, session and tenant are those of
// the database's newest state at each call. A token that is not ours, expired or of an
// ended session is KindUnauthorized, always in the same words; a suspended user
// is KindForbidden. The principal's scopes are the caller's to read only.
func (s *Service) Authenticate(ctx context.Context, token string) (*engine.Principal, error) {
	if strings.HasPrefix(token, servicePrefix) {
		return s.authenticateService(ctx, token)
	}
	now := s.env.Now()
	b, err := s.signer.verify(token, now)
	if err != nil {
		return nil, unauthorized(msgToken, err)
	}
	state := s.db.Generation()
	if p := b.principal(state, now); p != nil {
		return p, nil
	}
	p, until, err := s.recognise(ctx, b, now)
	if err != nil {
		return nil, engine.Wrap("identity.Authenticate", err)
	}
	p.Memo = &b.memo
	if state != (meta.Generation{}) && s.db.Generation() == state {
		b.known.Store(&recognised{who: *p, until: until, state: state})
	}
	return p, nil
}

// Known is Authenticate for an access token that it has recognised in the state that
// the database is still in; nil: Authenticate has to decide. It keeps nothing of token,
// and takes no copy.
func (s *Service) Known(token []byte) *engine.Principal {
	if len(token) > maxToken {
		return nil
	}
	b, _ := s.signer.remembered(token)
	if b == nil {
		return nil
	}
	now := s.env.Now()
	if !now.Before(b.expires) {
		return nil
	}
	return b.principal(s.db.Generation(), now)
}

// principal gives who the bearer is if that was read in a state of the database, else nil.
func (b *bearer) principal(state meta.Generation, now time.Time) *engine.Principal {
	k := b.known.Load()
	if k == nil || k.state != state || !now.Before(k.until) {
		return nil
	}
	p := k.who
	p.At = now
	return &p
}

// recognised is what recognise gave while the database was in one state, in which
// nothing of it can have changed but the time.
type recognised struct {
	who   engine.Principal
	until time.Time // the session's end
	state meta.Generation
}

// Recheck recognises a principal again, whose token was seen a moment ago: user,
// role, session or service token, and tenant are read anew. The errors are
// Authenticate's.
func (s *Service) Recheck(ctx context.Context, p *engine.Principal) (again *engine.Principal, err error) {
	if p.ServiceToken.IsZero() {
		b := &bearer{user: p.User, tenant: p.TenantID, session: p.SessionID, scopes: p.Scopes}
		again, _, err = s.recognise(ctx, b, s.env.Now())
	} else {
		again, err = s.recheckService(ctx, p)
	}
	if err != nil {
		return nil, engine.Wrap("identity.Recheck", err)
	}
	again.Memo = p.Memo
	return again, nil
}

// recognise reads from the database who the bearer of a token is now, and until
// when that holds if nothing changes.
func (s *Service) recognise(ctx context.Context, b *bearer, now time.Time) (p *engine.Principal, until time.Time, err error) {
	err = s.db.View(ctx, func(r schema.Reader) error {
		no, err := schema.GetTenantNo(r, b.tenant)
		if errors.Is(err, schema.ErrNotFound) {
			return unauthorized(msgToken, errors.New("unknown tenant"))
		}
		if err != nil {
			return err
		}
		u, err := schema.GetUser(r, no, b.user)
		if errors.Is(err, schema.ErrNotFound) {
			return unauthorized(msgToken, errors.New("unknown user"))
		}
		if err != nil {
			return err
		}
		t, err := schema.GetTenant(r, no)
		if err != nil {
			return damagedIfAbsent(err, "a user's tenant is missing")
		}
		if err := mayAct(r, u, t); err != nil {
			return err
		}
		session, err := liveSession(r, no, b.session, u, now)
		if err != nil {
			return err
		}
		until = session.ExpiresAt
		p = &engine.Principal{
			User: u.ID, Tenant: no, TenantID: t.ID, Partner: t.Partner, Email: u.Email, Name: u.Name,
			Role: u.AdminRole, Scopes: allowedScopes(b.scopes, u.AdminRole), SessionID: b.session, At: now,
		}
		return nil
	})
	return p, until, err
}

// allowedScopes are those of a token that the stored role still allows.
func allowedScopes(scopes []string, role engine.AdminRole) []string {
	may := scopesOf(role)
	out := make([]string, 0, len(scopes))
	for _, s := range scopes {
		if slices.Contains(may, s) {
			out = append(out, s)
		}
	}
	return out
}
