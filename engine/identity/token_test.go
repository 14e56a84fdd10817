package identity

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/google/go-cmp/cmp"

	"scaidrive/engine"
)

// decodePart reads a part of a token without any library of tokens.
func decodePart(t *testing.T, part string) map[string]any {
	t.Helper()
	raw, err := base64.RawURLEncoding.DecodeString(part)
	if err != nil {
		t.Fatal(err)
	}
	m := map[string]any{}
	if err := json.Unmarshal(raw, &m); err != nil {
		t.Fatal(err)
	}
	return m
}

func TestClaims(t *testing.T) {
	b := newBench(t)
	parts := strings.Split(b.login(t).AccessToken, ".")
	if len(parts) != 3 {
		t.Fatal(parts)
	}
	head := decodePart(t, parts[0])
	if diff := cmp.Diff(map[string]any{"alg": "ES256", "typ": "at+jwt", "kid": b.signer.kid}, head); diff != "" {
		t.Errorf("header (-want +got):\n%s", diff)
	}
	got := decodePart(t, parts[1])
	sid, jti := got["sid"], got["jti"]
	now := float64(b.clock().Unix())
	want := map[string]any{
		"sub": b.ann.ID.Format("usr_"), "tenant_id": b.tenant.ID.Format("tnt_"), "partner_id": b.tenant.Partner.Format("prt_"),
		"email": "Ann@Example.com", "name": "Ann", "groups": []any{}, "scope": "files:read files:write",
		"iss": issuer, "aud": []any{"scaidrive"}, "exp": now + 3600, "iat": now, "sid": sid, "jti": jti,
	}
	if got["aud"] == "scaidrive" {
		want["aud"] = "scaidrive"
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("claims (-want +got):\n%s", diff)
	}
	if s, ok := sid.(string); !ok || !strings.HasPrefix(s, "ses_") {
		t.Errorf("sid %v", sid)
	}
}

// sign makes a token by hand.
func sign(t *testing.T, alg jose.SignatureAlgorithm, key any, header, claims map[string]any) string {
	t.Helper()
	o := &jose.SignerOptions{}
	for k, v := range header {
		o.WithHeader(jose.HeaderKey(k), v)
	}
	s, err := jose.NewSigner(jose.SigningKey{Algorithm: alg, Key: key}, o)
	if err != nil {
		t.Fatal(err)
	}
	payload, err := json.Marshal(claims)
	if err != nil {
		t.Fatal(err)
	}
	obj, err := s.Sign(payload)
	if err != nil {
		t.Fatal(err)
	}
	out, err := obj.CompactSerialize()
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestForgedTokens(t *testing.T) {
	b := newBench(t)
	keys, err := NewKeys(b.env())
	if err != nil {
		t.Fatal(err)
	}
	// The same service with a key that the test knows.
	if b.signer, err = newSigner(keys, "scaidrive"); err != nil {
		t.Fatal(err)
	}
	block, _ := pem.Decode(keys.Active)
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	ours := parsed.(*ecdsa.PrivateKey)
	other, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	real := b.login(t).AccessToken
	parts := strings.Split(real, ".")
	header := map[string]any{"typ": "at+jwt", "kid": b.signer.kid}
	claims := decodePart(t, parts[1])
	with := func(m map[string]any, k string, v any) map[string]any {
		c := maps.Clone(m)
		if v == nil {
			delete(c, k)
		} else {
			c[k] = v
		}
		return c
	}
	public, err := x509.MarshalPKIXPublicKey(&ours.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	b64 := base64.RawURLEncoding.EncodeToString
	none := b64([]byte(`{"alg":"none","typ":"at+jwt","kid":"`+b.signer.kid+`"}`)) + "." + parts[1] + "."
	admin := b64([]byte(strings.Replace(mustDecode(t, parts[1]), "files:write", "files:write admin:*", 1)))

	if _, err := b.Authenticate(t.Context(), sign(t, jose.ES256, ours, header, claims)); err != nil {
		t.Fatalf("the test's own tokens are not good: %v", err)
	}
	if _, err := b.Authenticate(t.Context(), sign(t, jose.ES256, ours, header, with(claims, "iss", "https://another.example.com"))); err != nil {
		t.Errorf("another address of ours: %v", err)
	}
	forged := map[string]string{
		"empty":                     "",
		"no token":                  "Bearer",
		"two parts":                 parts[0] + "." + parts[1],
		"no signature":              parts[0] + "." + parts[1] + ".",
		"alg none":                  none,
		"signature of another":      parts[0] + "." + admin + "." + parts[2],
		"another key":               sign(t, jose.ES256, other, header, claims),
		"another key, its own kid":  sign(t, jose.ES256, other, with(header, "kid", "x"), claims),
		"another key in the header": sign(t, jose.ES256, other, with(header, "jwk", jose.JSONWebKey{Key: &other.PublicKey}), claims),
		"no kid":                    sign(t, jose.ES256, ours, with(header, "kid", nil), claims),
		"HMAC with the public key":  sign(t, jose.HS256, public, header, claims),
		"RSA":                       sign(t, jose.RS256, rsaKey, header, claims),
		"an ID token":               sign(t, jose.ES256, ours, with(header, "typ", "JWT"), claims),
		"no type":                   sign(t, jose.ES256, ours, with(header, "typ", nil), claims),
		"other audience":            sign(t, jose.ES256, ours, header, with(claims, "aud", "scaiother")),
		"no audience":               sign(t, jose.ES256, ours, header, with(claims, "aud", nil)),
		"no expiry":                 sign(t, jose.ES256, ours, header, with(claims, "exp", nil)),
		"expired":                   sign(t, jose.ES256, ours, header, with(claims, "exp", b.clock().Unix())),
		"no session":                sign(t, jose.ES256, ours, header, with(claims, "sid", nil)),
		"another session":           sign(t, jose.ES256, ours, header, with(claims, "sid", b.newID().Format("ses_"))),
		"another user":              sign(t, jose.ES256, ours, header, with(claims, "sub", b.admin.ID.Format("usr_"))),
		"unknown user":              sign(t, jose.ES256, ours, header, with(claims, "sub", b.newID().Format("usr_"))),
		"no user":                   sign(t, jose.ES256, ours, header, with(claims, "sub", nil)),
		"another tenant":            sign(t, jose.ES256, ours, header, with(claims, "tenant_id", b.newID().Format("tnt_"))),
		"no tenant":                 sign(t, jose.ES256, ours, header, with(claims, "tenant_id", nil)),
		"huge":                      sign(t, jose.ES256, ours, header, with(claims, "name", strings.Repeat("x", maxToken))),
		"a refresh token":           b.login(t).RefreshToken,
	}
	for name, token := range forged {
		for range 2 {
			p, err := b.Authenticate(t.Context(), token)
			is(t, name, err, engine.KindUnauthorized, msgToken)
			if p != nil {
				t.Errorf("%s: %+v", name, p)
			}
		}
	}
	for i := range real {
		x := []byte(real)
		x[i] ^= 1
		p, err := b.Authenticate(t.Context(), string(x))
		if err == nil && p.User != b.ann.ID {
			t.Fatalf("byte %d flipped: %+v", i, p)
		}
		if err == nil && i < len(parts[0])+len(parts[1]) {
			t.Errorf("byte %d flipped: accepted", i)
		}
	}
	// Scopes beyond the role do nothing.
	p, err := b.Authenticate(t.Context(), sign(t, jose.ES256, ours, header, with(claims, "scope", "files:read tenant:admin admin:* * openid")))
	if err != nil || len(p.Scopes) != 1 || p.AdministersTenant() {
		t.Errorf("%+v, %v", p, err)
	}
}

func mustDecode(t *testing.T, part string) string {
	t.Helper()
	raw, err := base64.RawURLEncoding.DecodeString(part)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// Verified tokens are remembered, but not beyond their time and not without end.
func TestRememberedTokens(t *testing.T) {
	b := newBench(t)
	g := b.login(t)
	if _, err := b.Authenticate(t.Context(), g.AccessToken); err != nil || len(b.signer.known) != 1 {
		t.Errorf("%v, %d remembered", err, len(b.signer.known))
	}
	b.pass(AccessLifetime - time.Second)
	if _, err := b.Authenticate(t.Context(), g.AccessToken); err != nil {
		t.Error(err)
	}
	b.pass(time.Second)
	_, err := b.Authenticate(t.Context(), g.AccessToken)
	is(t, "an expired token", err, engine.KindUnauthorized, msgToken)

	for i := range maxRemembered + 100 {
		b.signer.remember([32]byte{byte(i), byte(i >> 8)}, &bearer{expires: b.clock().Add(time.Hour)}, b.clock())
	}
	if n := len(b.signer.known); n > maxRemembered {
		t.Errorf("%d remembered", n)
	}
	b.pass(2 * time.Hour)
	b.signer.remember([32]byte{31: 1}, &bearer{expires: b.clock().Add(time.Hour)}, b.clock())
	if n := len(b.signer.known); n != 1 {
		t.Errorf("%d remembered, of which one is not over", n)
	}
}

func TestBadKeys(t *testing.T) {
	b := newBench(t)
	good, err := NewKeys(b.env())
	if err != nil {
		t.Fatal(err)
	}
	p384, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(p384)
	if err != nil {
		t.Fatal(err)
	}
	for name, active := range map[string][]byte{
		"none":        nil,
		"no PEM":      []byte("secret"),
		"cut":         good.Active[:100],
		"two":         append(append([]byte(nil), good.Active...), good.Active...),
		"other curve": pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}),
		"other type":  pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: der}),
		"not a key":   pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: []byte("x")}),
	} {
		if _, err := newService(b.db, b.env(), Keys{Active: active}, Options{}); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
	if _, err := newService(b.db, b.env(), good, Options{Cost: Cost{MemoryKiB: 1, Passes: 1, Lanes: 1}}); err == nil {
		t.Error("an impossible cost: taken")
	}
}

func BenchmarkAuthenticateRemembered(b *testing.B) {
	x := newBench(b)
	g := x.login(b)
	for b.Loop() {
		if _, err := x.Authenticate(b.Context(), g.AccessToken); err != nil {
			b.Fatal(err)
		}
	}
}
