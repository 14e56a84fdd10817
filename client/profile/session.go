package profile

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"time"

	"scaidrive/client"
	"scaidrive/httpd/wire"
)

// A Renewer trades a refresh token for new tokens; [client.Client] is one.
type Renewer interface {
	Refresh(ctx context.Context, refreshToken string) (*wire.Token, error)
}

// early is how long before its end an access token is renewed.
const early = 60 * time.Second

// A Session is a profile in use: the credentials of a client, renewed when they
// end and written back. Safe for concurrent use, and beside other processes that
// use the same profile.
type Session struct {
	store *Store
	name  string
	renew Renewer
	now   func() time.Time

	mu sync.Mutex
	in SignIn
}

// Open loads a profile. renew makes the renewer for the profile's address.
func Open(store *Store, name string, now func() time.Time, renew func(url string) (Renewer, error)) (*Session, error) {
	in, err := store.Load(name)
	if err != nil {
		return nil, err
	}
	r, err := renew(in.URL)
	if err != nil {
		return nil, err
	}
	return &Session{store: store, name: name, renew: r, now: now, in: *in}, nil
}

// URL is the address that the tokens belong to.
func (s *Session) URL() string { return s.in.URL }

// Token gives the access token, renewed first if it is about to end.
func (s *Session) Token(ctx context.Context) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fresh(&s.in) || s.in.RefreshToken == "" {
		return s.in.AccessToken, nil
	}
	return s.renewLocked(ctx, s.in.AccessToken)
}

// Renew gives another token than stale.
func (s *Session) Renew(ctx context.Context, stale string) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.in.AccessToken != stale {
		return s.in.AccessToken, nil
	}
	return s.renewLocked(ctx, stale)
}

func (s *Session) fresh(in *SignIn) bool {
	return in.ExpiresAt.IsZero() || s.now().Before(in.ExpiresAt.Add(-early))
}

// renewLocked renews under the profile's lock, or takes what another process
// has renewed meanwhile.
func (s *Session) renewLocked(ctx context.Context, stale string) (string, error) {
	unlock, err := s.store.lock(s.name)
	if err != nil {
		return "", err
	}
	defer unlock()
	in, err := s.store.Load(s.name)
	if err != nil {
		return "", err
	}
	if in.URL != s.in.URL {
		return "", fmt.Errorf("profile %q was signed in to another server meanwhile: %w", s.name, client.ErrNoRenewal)
	}
	if in.AccessToken != stale && s.fresh(in) {
		s.in = *in
		return in.AccessToken, nil
	}
	if in.RefreshToken == "" {
		return "", client.ErrNoRenewal
	}
	t, err := s.renew.Refresh(ctx, in.RefreshToken)
	if err != nil {
		switch client.StatusOf(err) {
		case http.StatusUnauthorized, http.StatusBadRequest, http.StatusForbidden, http.StatusUnprocessableEntity:
			return "", client.ErrNoRenewal
		}
		return "", err
	}
	next := FromToken(in.URL, in.Email, t, s.now())
	if next.RefreshToken == "" {
		next.RefreshToken = in.RefreshToken
	}
	s.in = *next
	if err := s.store.write(s.name, next); err != nil {
		return "", fmt.Errorf("keep the renewed sign-in: %w", err)
	}
	return next.AccessToken, nil
}

// FromToken makes a sign-in of a server's answer.
func FromToken(url, email string, t *wire.Token, now time.Time) *SignIn {
	in := &SignIn{URL: url, Email: email, AccessToken: t.AccessToken, RefreshToken: t.RefreshToken}
	if t.ExpiresIn > 0 {
		in.ExpiresAt = now.Add(time.Duration(t.ExpiresIn) * time.Second).UTC().Truncate(time.Second)
	}
	return in
}
