package identity

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"scaidrive/engine"
	"scaidrive/engine/meta/schema"
	"scaidrive/engine/once"
)

// Service tokens: the prefix and 256 random bits in base64url. Bounds of a
// user's tokens, and of a token's name in bytes.
const (
	servicePrefix    = "sdt_"
	serviceBytes     = 32
	serviceLength    = len(servicePrefix) + 43
	MaxServiceTokens = 100
	maxTokenName     = 255
)

// usedEvery is how coarsely the last use of a token is kept.
const usedEvery = time.Hour

// maxUses bounds the tokens whose last use is remembered here.
const maxUses = 10_000

// A NewServiceToken is a token with its text, which is not seen again. It prints
// as nothing.
type NewServiceToken struct {
	*engine.ServiceToken
	Text string // sdt_...
}

// String keeps the token out of logs.
func (NewServiceToken) String() string { return "identity.NewServiceToken(secret)" }

// GoString keeps the token out of logs.
func (t NewServiceToken) GoString() string { return t.String() }

// A ServiceTokenSpec is what a new token is made of.
type ServiceTokenSpec struct {
	Name      string
	Scopes    []string
	ExpiresAt time.Time // zero: never
}

// CreateServiceToken makes a token that acts as the caller, within scopes that
// the caller's session has; none can be made with a service token. Bad fields
// are KindInvalid, a scope that the session lacks KindForbidden, one token too
// many KindConflict.
func (s *Service) CreateServiceToken(ctx context.Context, p *engine.Principal, spec ServiceTokenSpec) (*NewServiceToken, error) {
	now := s.env.Now()
	scopes, err := spec.check(p, now)
	if err != nil {
		return nil, err
	}
	b := make([]byte, serviceBytes)
	if _, err := io.ReadFull(s.hasher.rand, b); err != nil {
		return nil, fmt.Errorf("identity: random bytes: %w", err)
	}
	text := servicePrefix + base64.RawURLEncoding.EncodeToString(b)
	t := &engine.ServiceToken{
		ID: s.env.NewID(), User: p.User, Hash: sha256.Sum256([]byte(text)),
		Name: spec.Name, Scopes: strings.Join(scopes, " "), CreatedAt: now, ExpiresAt: spec.ExpiresAt,
	}
	err = s.db.Update(ctx, func(w schema.Writer) error {
		n := 0
		err := schema.ScanServiceTokens(w, p.Tenant, p.User, func(*engine.ServiceToken) (bool, error) {
			n++
			return n < MaxServiceTokens, nil
		})
		if err != nil {
			return err
		}
		if n >= MaxServiceTokens {
			return engine.E(engine.KindConflict, "There are %d service tokens; delete some", MaxServiceTokens)
		}
		if err := schema.PutServiceToken(w, p.Tenant, t); err != nil {
			return err
		}
		return once.Keep(ctx, w, once.Made{ID: t.ID})
	})
	if err != nil {
		return nil, engine.Wrap("identity.CreateServiceToken", err)
	}
	return &NewServiceToken{ServiceToken: t, Text: text}, nil
}

// check gives the scopes, each once.
func (spec *ServiceTokenSpec) check(p *engine.Principal, now time.Time) ([]string, error) {
	if !p.ServiceToken.IsZero() {
		return nil, engine.E(engine.KindForbidden, "A service token can't make another; sign in")
	}
	if spec.Name == "" || len(spec.Name) > maxTokenName || !utf8.ValidString(spec.Name) || strings.ContainsFunc(spec.Name, unicode.IsControl) {
		return nil, engine.Invalid("name", "Must be 1 to %d bytes without control characters", maxTokenName)
	}
	if !spec.ExpiresAt.IsZero() && !spec.ExpiresAt.After(now) {
		return nil, engine.Invalid("expires_at", "Must be in the future")
	}
	spec.ExpiresAt = spec.ExpiresAt.UTC().Truncate(time.Microsecond)
	known := scopesOf(engine.RoleSuperAdmin)
	known = append(known, scopesOf(engine.RolePartnerAdmin)...)
	var scopes []string
	for i, scope := range spec.Scopes {
		if !slices.Contains(known, scope) {
			return nil, engine.Invalid(fmt.Sprintf("scopes.%d", i), "Is none of the scopes of files, tenants, partners and administration")
		}
		if !p.Has(scope) {
			return nil, engine.E(engine.KindForbidden, "Your session lacks the scope %s", scope)
		}
		if !slices.Contains(scopes, scope) {
			scopes = append(scopes, scope)
		}
	}
	if len(scopes) == 0 {
		return nil, engine.Invalid("scopes", "At least one scope is needed")
	}
	return scopes, nil
}

// ServiceTokens lists the caller's service tokens, oldest first, those that have
// expired too.
func (s *Service) ServiceTokens(ctx context.Context, p *engine.Principal) ([]*engine.ServiceToken, error) {
	var list []*engine.ServiceToken
	err := s.db.View(ctx, func(r schema.Reader) error {
		list = nil
		return schema.ScanServiceTokens(r, p.Tenant, p.User, func(t *engine.ServiceToken) (bool, error) {
			list = append(list, t)
			return true, nil
		})
	})
	return list, engine.Wrap("identity.ServiceTokens", err)
}

// DeleteServiceToken ends one of the caller's service tokens: it is refused from
// the next request on. A service token ends itself only. Any other is
// KindNotFound.
func (s *Service) DeleteServiceToken(ctx context.Context, p *engine.Principal, id engine.ID) error {
	if !p.ServiceToken.IsZero() && p.ServiceToken != id {
		return engine.E(engine.KindForbidden, "A service token can delete itself only; sign in")
	}
	err := s.db.Update(ctx, func(w schema.Writer) error {
		t, err := schema.GetServiceToken(w, p.Tenant, p.User, id)
		if errors.Is(err, schema.ErrNotFound) {
			return engine.E(engine.KindNotFound, "Not found")
		}
		if err != nil {
			return err
		}
		if err := schema.DeleteServiceToken(w, p.Tenant, t); err != nil {
			return err
		}
		return once.Keep(ctx, w, once.Made{ID: id})
	})
	return engine.Wrap("identity.DeleteServiceToken", err)
}

// authenticateService recognises the bearer of a service token. All that is said
// of it is read at each call.
func (s *Service) authenticateService(ctx context.Context, text string) (*engine.Principal, error) {
	if len(text) != serviceLength {
		return nil, unauthorized(msgToken, errors.New("not a service token"))
	}
	hash, now := sha256.Sum256([]byte(text)), s.env.Now()
	var p *engine.Principal
	var unused bool
	err := s.db.View(ctx, func(r schema.Reader) error {
		ref, err := schema.FindServiceToken(r, hash)
		if errors.Is(err, schema.ErrNotFound) {
			return unauthorized(msgToken, errors.New("unknown service token"))
		}
		if err != nil {
			return err
		}
		t, err := schema.GetServiceToken(r, ref.Tenant, ref.User, ref.Token)
		if err != nil {
			return damagedIfAbsent(err, "a service token is missing")
		}
		if subtle.ConstantTimeCompare(t.Hash[:], hash[:]) != 1 {
			return damagedIfAbsent(schema.ErrNotFound, "the hash of a service token names another")
		}
		p, err = servicePrincipal(r, ref.Tenant, t, now)
		if err != nil {
			return err
		}
		unused = now.Sub(t.LastUsedAt) >= usedEvery
		return nil
	})
	if err != nil {
		return nil, engine.Wrap("identity.Authenticate", err)
	}
	if unused && s.uses.due(p.ServiceToken, now) {
		s.noteUse(ctx, p, now)
	}
	return p, nil
}

// servicePrincipal is who a service token acts for now.
func servicePrincipal(r schema.Reader, no engine.TenantNo, t *engine.ServiceToken, now time.Time) (*engine.Principal, error) {
	u, tenant, err := person(r, no, t.User)
	if err != nil {
		return nil, err
	}
	if err := mayAct(r, u, tenant); err != nil {
		return nil, err
	}
	switch {
	case !t.ExpiresAt.IsZero() && !now.Before(t.ExpiresAt):
		return nil, unauthorized(msgToken, errExpired)
	case t.CreatedAt.Before(u.RevokedBefore):
		return nil, unauthorized(msgToken, errors.New("the user's sessions and tokens were revoked"))
	}
	return &engine.Principal{
		User: u.ID, Tenant: no, TenantID: tenant.ID, Partner: tenant.Partner, Email: u.Email, Name: u.Name,
		Role: u.AdminRole, Scopes: allowedScopes(strings.Fields(t.Scopes), u.AdminRole), ServiceToken: t.ID, At: now,
	}, nil
}

// recheckService recognises the bearer of a service token again, by its ID.
func (s *Service) recheckService(ctx context.Context, p *engine.Principal) (again *engine.Principal, err error) {
	err = s.db.View(ctx, func(r schema.Reader) error {
		t, err := schema.GetServiceToken(r, p.Tenant, p.User, p.ServiceToken)
		if errors.Is(err, schema.ErrNotFound) {
			return unauthorized(msgToken, errors.New("the service token was deleted"))
		}
		if err != nil {
			return err
		}
		again, err = servicePrincipal(r, p.Tenant, t, s.env.Now())
		return err
	})
	return again, err
}

// noteUse keeps that a token was used. What fails is left for later: nobody is
// refused for it.
func (s *Service) noteUse(ctx context.Context, p *engine.Principal, now time.Time) {
	_ = s.db.Update(ctx, func(w schema.Writer) error {
		t, err := schema.GetServiceToken(w, p.Tenant, p.User, p.ServiceToken)
		if err != nil {
			return err
		}
		t.LastUsedAt = now
		return schema.PutServiceToken(w, p.Tenant, t)
	})
}
