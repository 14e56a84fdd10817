package identity

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"

	"scaidrive/engine"
)

// maxToken is the longest access token that is looked at, in bytes.
const maxToken = 8 << 10

// maxRemembered bounds the verified signatures that are remembered: about 300
// bytes each.
const maxRemembered = 10_000

// tokenType is the header typ of an access token (RFC 9068): an ID token signed
// by the same key is none.
const tokenType = "at+jwt"

// Keys are the signing keys of the embedded provider. They print as nothing.
type Keys struct {
	// Active is a PKCS#8 PEM of a P-256 key.
	Active []byte
}

// String keeps the keys out of logs.
func (Keys) String() string { return "identity.Keys(secret)" }

// GoString keeps the keys out of logs.
func (k Keys) GoString() string { return k.String() }

// NewKeys generates keys; the caller stores them with mode 0600. The randomness
// is the operating system's, whatever env has.
func NewKeys(engine.Env) (Keys, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return Keys{}, fmt.Errorf("identity: generate a key: %w", err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return Keys{}, fmt.Errorf("identity: encode a key: %w", err)
	}
	return Keys{Active: pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})}, nil
}

// claims are those of the contract.
type claims struct {
	jwt.Claims
	TenantID  string   `json:"tenant_id"`
	PartnerID string   `json:"partner_id"`
	Email     string   `json:"email"`
	Name      string   `json:"name"`
	Groups    []string `json:"groups"`
	Scope     string   `json:"scope"`
	SessionID string   `json:"sid"`
}

// bearer is what of a verified access token counts: who, and how far. All else
// is read from the database.
type bearer struct {
	user    engine.ID
	tenant  engine.ID
	session engine.ID
	scopes  []string
	expires time.Time

	known atomic.Pointer[recognised] // who that was last
	memo  engine.Memo                // what is known about them
}

// A signer makes access tokens and recognises its own. Safe for concurrent use.
type signer struct {
	audience string
	kid      string
	public   *ecdsa.PublicKey
	sign     jose.Signer

	mu    sync.RWMutex
	known map[[32]byte]*bearer // by the SHA-256 of the token
	swept time.Time
}

var errKey = errors.New("the signing key is not a PKCS#8 PEM of a P-256 key")

func newSigner(keys Keys, audience string) (*signer, error) {
	block, rest := pem.Decode(keys.Active)
	if block == nil || block.Type != "PRIVATE KEY" || len(strings.TrimSpace(string(rest))) != 0 {
		return nil, errKey
	}
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, errKey // the cause may hold bytes of the key
	}
	key, ok := parsed.(*ecdsa.PrivateKey)
	if !ok || key.Curve != elliptic.P256() {
		return nil, errKey
	}
	jwk := jose.JSONWebKey{Key: key.Public(), Algorithm: string(jose.ES256), Use: "sig"}
	print, err := jwk.Thumbprint(crypto.SHA256)
	if err != nil {
		return nil, fmt.Errorf("name the signing key: %w", err)
	}
	s := &signer{
		audience: audience,
		kid:      base64.RawURLEncoding.EncodeToString(print),
		public:   &key.PublicKey,
		known:    map[[32]byte]*bearer{},
	}
	o := (&jose.SignerOptions{}).WithType(tokenType).WithHeader("kid", s.kid)
	s.sign, err = jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: key}, o)
	if err != nil {
		return nil, fmt.Errorf("signing key: %w", err)
	}
	return s, nil
}

// issue makes an access token.
func (s *signer) issue(u *engine.User, t *engine.Tenant, session, id engine.ID, issuer string, now time.Time) (string, error) {
	c := claims{
		Claims: jwt.Claims{
			Issuer:   issuer,
			Subject:  u.ID.Format(engine.PrefixUser),
			Audience: jwt.Audience{s.audience},
			Expiry:   jwt.NewNumericDate(now.Add(AccessLifetime)),
			IssuedAt: jwt.NewNumericDate(now),
			ID:       id.Format(""),
		},
		TenantID:  t.ID.Format(engine.PrefixTenant),
		PartnerID: t.Partner.Format(engine.PrefixPartner),
		Email:     u.Email,
		Name:      u.Name,
		Groups:    []string{},
		Scope:     strings.Join(scopesOf(u.AdminRole), " "),
		SessionID: session.Format(PrefixSession),
	}
	token, err := jwt.Signed(s.sign).Claims(c).Serialize()
	if err != nil {
		return "", fmt.Errorf("identity: sign a token: %w", err)
	}
	return token, nil
}

// verify recognises one of our own tokens, from memory or by its signature. Any
// issuer is accepted: the key is ours alone, and a server has many addresses.
func (s *signer) verify(token string, now time.Time) (*bearer, error) {
	if len(token) > maxToken {
		return nil, errors.New("too long")
	}
	var room [1024]byte // a token's copy, but for a very long one
	b, key := s.remembered(append(room[:0], token...))
	if b == nil {
		var err error
		if b, err = s.parse(token); err != nil {
			return nil, err
		}
		if now.Before(b.expires) {
			s.remember(key, b, now)
		}
	}
	if !now.Before(b.expires) {
		return nil, errExpired
	}
	return b, nil
}

// remembered gives the bearer of a token that was verified before, nil for none, and
// what it is remembered by.
func (s *signer) remembered(token []byte) (*bearer, [32]byte) {
	key := sha256.Sum256(token)
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.known[key], key
}

var errExpired = errors.New("expired")

// parse checks a token's signature and form, not its time.
func (s *signer) parse(token string) (*bearer, error) {
	t, err := jwt.ParseSigned(token, []jose.SignatureAlgorithm{jose.ES256})
	if err != nil {
		return nil, errors.New("malformed, or not of the algorithm that is ours")
	}
	if len(t.Headers) != 1 || t.Headers[0].KeyID != s.kid {
		return nil, errors.New("of another key")
	}
	if typ, _ := t.Headers[0].ExtraHeaders[jose.HeaderType].(string); typ != tokenType {
		return nil, errors.New("not an access token")
	}
	var c claims
	if err := t.Claims(s.public, &c); err != nil {
		return nil, errors.New("the signature is wrong")
	}
	if c.Expiry == nil || !c.Audience.Contains(s.audience) {
		return nil, errors.New("of another audience")
	}
	b := &bearer{scopes: strings.Fields(c.Scope), expires: c.Expiry.Time()}
	var err1, err2, err3 error
	b.user, err1 = engine.ParseID(engine.PrefixUser, c.Subject)
	b.tenant, err2 = engine.ParseID(engine.PrefixTenant, c.TenantID)
	b.session, err3 = engine.ParseID(PrefixSession, c.SessionID)
	return b, errors.Join(err1, err2, err3)
}

// remember keeps a verified token until it expires or room is needed.
func (s *signer) remember(key [32]byte, b *bearer, now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.known) >= maxRemembered && now.Sub(s.swept) >= time.Minute {
		s.swept = now
		for k, old := range s.known {
			if !now.Before(old.expires) {
				delete(s.known, k)
			}
		}
	}
	for k := range s.known {
		if len(s.known) < maxRemembered {
			break
		}
		delete(s.known, k) // any: it costs a verification
	}
	s.known[key] = b
}
