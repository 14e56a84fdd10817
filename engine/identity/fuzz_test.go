package identity

import (
	"strings"
	"testing"
)

// A stored hash is read in one spelling or not at all.
func FuzzPHC(f *testing.F) {
	f.Add("$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")
	f.Add("$argon2id$v=19$m=8,t=1,p=1$AAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAA")
	f.Add("$argon2id$v=19$m=+8,t=1,p=1$$")
	f.Add("$2a$10$abc")
	f.Fuzz(func(t *testing.T, s string) {
		h, err := parsePHC(s)
		if err == nil && h.String() != s {
			t.Errorf("%q is written as %q", s, h)
		}
	})
}

// Whatever comes as a token, nobody is recognised who did not sign in.
func FuzzAuthenticate(f *testing.F) {
	b := newBench(f)
	real := b.login(f).AccessToken
	f.Add("")
	f.Add("..")
	f.Add("eyJhbGciOiJub25lIn0.e30.")
	f.Add(real[:len(real)-4])
	f.Add(real + ".")
	f.Add(strings.Replace(real, ".", "..", 1))
	f.Fuzz(func(t *testing.T, token string) {
		if p, err := b.Authenticate(t.Context(), token); err == nil && p.User != b.ann.ID || err == nil && !strings.HasPrefix(token, real[:strings.LastIndex(real, ".")]) {
			t.Errorf("%q is %+v", token, p)
		}
	})
}
