package identity

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"strings"
	"time"

	"scaidrive/engine"
	"scaidrive/engine/meta/schema"
)

// How long the session of a page goes on after its last call.
const (
	PageLifetime = 24 * time.Hour
	StayLifetime = RefreshLifetime // of who asked to stay signed in
)

const pagePrefix = "pst_"

// A PageSession is what a page gets that signs in: one secret that stands for the session
// at every call, to be kept where no script can read it. It prints as nothing.
type PageSession struct {
	Token string
	User  engine.ID
	Life  time.Duration // after the last call
	Stays bool          // beyond the end of the browser
}

// String keeps the token out of logs.
func (PageSession) String() string { return "identity.PageSession(secret)" }

// GoString keeps the token out of logs.
func (p PageSession) GoString() string { return p.String() }

// LoginPage signs a page in, as Login does.
func (s *Service) LoginPage(ctx context.Context, email, password, addr string, stay bool) (*PageSession, error) {
	folded, err := FoldEmail(email)
	if err != nil {
		folded = ""
	}
	a, err := s.throttle.begin(ctx, addr, folded)
	if err != nil {
		return nil, err
	}
	p, err := s.loginPage(ctx, folded, password, stay)
	a.ended(err)
	return p, err
}

func (s *Service) loginPage(ctx context.Context, folded, password string, stay bool) (*PageSession, error) {
	checked, err := s.verified(ctx, folded, password)
	if err != nil {
		return nil, err
	}
	token, hash, err := s.newSecret(pagePrefix)
	if err != nil {
		return nil, err
	}
	p := &PageSession{Token: token, User: checked.ID, Life: PageLifetime, Stays: stay}
	if stay {
		p.Life = StayLifetime
	}
	_, err = s.begin(ctx, checked, hash, p.Life)
	if err != nil {
		return nil, err
	}
	return p, nil
}

// renewAfter is the part of a page session's life after which a call begins it anew.
const renewAfter = 24

// AuthenticatePage recognises the bearer of a page's token, as Authenticate does of others,
// with all scopes that their role allows. renewed, if not nil, is the session that begins
// its life anew with this call.
func (s *Service) AuthenticatePage(ctx context.Context, token string) (p *engine.Principal, renewed *PageSession, err error) {
	if len(token) > 2*refreshBytes || !strings.HasPrefix(token, pagePrefix) {
		return nil, nil, unauthorized(msgToken, errors.New("not a page's token"))
	}
	hash, now := sha256.Sum256([]byte(token)), s.env.Now()
	var life time.Duration
	var until time.Time
	err = s.db.View(ctx, func(r schema.Reader) error {
		rt, u, t, err := s.ofPage(r, hash, now)
		if err != nil {
			return err
		}
		life, until = rt.PageLife, rt.ExpiresAt
		p = &engine.Principal{
			User: u.ID, Tenant: t.No, TenantID: t.ID, Partner: t.Partner, Email: u.Email, Name: u.Name,
			Role: u.AdminRole, Scopes: scopesOf(u.AdminRole), SessionID: rt.Session, At: now,
		}
		return nil
	})
	if err == nil && until.Sub(now) < life-life/renewAfter {
		if err = s.renewPage(ctx, hash); err == nil {
			renewed = &PageSession{Token: token, User: p.User, Life: life, Stays: life == StayLifetime}
		} else if kind := engine.KindOf(err); kind == engine.KindUnavailable || kind == engine.KindNoSpace {
			err = nil // it goes on as long as it would have; reading works all the same
		}
	}
	if err != nil {
		return nil, nil, engine.Wrap("identity.AuthenticatePage", err)
	}
	return p, renewed, nil
}

// ofPage reads whose token it is, and that they may act.
func (s *Service) ofPage(r schema.Reader, hash [32]byte, now time.Time) (*engine.RefreshToken, *engine.User, *engine.Tenant, error) {
	rt, err := schema.GetRefreshToken(r, hash)
	if errors.Is(err, schema.ErrNotFound) {
		return nil, nil, nil, unauthorized(msgToken, errors.New("unknown page session"))
	}
	if err != nil {
		return nil, nil, nil, err
	}
	if rt.PageLife == 0 || !now.Before(rt.ExpiresAt) {
		return nil, nil, nil, unauthorized(msgToken, fmt.Errorf("no page session, or %w", errExpired))
	}
	u, t, err := person(r, rt.Tenant, rt.User)
	if err == nil {
		err = mayAct(r, u, t)
	}
	if err == nil {
		_, err = liveSession(r, rt.Tenant, rt.Session, u, now)
	}
	return rt, u, t, err
}

// renewPage begins the life of a page's session anew.
func (s *Service) renewPage(ctx context.Context, hash [32]byte) error {
	return s.db.Update(ctx, func(w schema.Writer) error {
		now := s.env.Now()
		rt, u, _, err := s.ofPage(w, hash, now)
		if err != nil {
			return err
		}
		session, err := liveSession(w, rt.Tenant, rt.Session, u, now)
		if err != nil {
			return err
		}
		rt.ExpiresAt = now.Add(rt.PageLife)
		session.ExpiresAt = rt.ExpiresAt
		if err := schema.PutSession(w, rt.Tenant, session); err != nil {
			return err
		}
		return schema.PutRefreshToken(w, hash, rt)
	})
}
