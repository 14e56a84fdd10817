package identity

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"scaidrive/engine"
)

// TestRecheck has what a caller was recognised by go away: of a session and of a
// service token, Recheck says at each moment what Authenticate says.
func TestRecheck(t *testing.T) {
	for _, test := range []struct {
		name string
		lose func(t *testing.T, b *bench, p *engine.Principal)
		kind engine.Kind
	}{
		{"nothing", func(*testing.T, *bench, *engine.Principal) {}, 0},
		{"suspended", func(t *testing.T, b *bench, _ *engine.Principal) {
			b.change(t, func(u *engine.User) { u.Status = engine.StatusSuspended })
		}, engine.KindForbidden},
		{"revoked", func(t *testing.T, b *bench, _ *engine.Principal) {
			b.change(t, func(u *engine.User) { u.RevokedBefore = b.clock().Add(time.Second) })
		}, engine.KindUnauthorized},
		{"ended", func(t *testing.T, b *bench, p *engine.Principal) {
			if p.ServiceToken.IsZero() {
				if err := b.Logout(t.Context(), p); err != nil {
					t.Fatal(err)
				}
			} else if err := b.DeleteServiceToken(t.Context(), p, p.ServiceToken); err != nil {
				t.Fatal(err)
			}
		}, engine.KindUnauthorized},
	} {
		for _, service := range []bool{false, true} {
			b := newBench(t)
			token := b.login(t).AccessToken
			p, err := b.Authenticate(t.Context(), token)
			if err != nil {
				t.Fatal(err)
			}
			if service {
				made, err := b.CreateServiceToken(t.Context(), p, ServiceTokenSpec{Name: "s", Scopes: []string{engine.ScopeFilesRead}})
				if err != nil {
					t.Fatal(err)
				}
				token = made.Text
				if p, err = b.Authenticate(t.Context(), token); err != nil {
					t.Fatal(err)
				}
			}
			test.lose(t, b, p)
			want, err1 := b.Authenticate(t.Context(), token)
			got, err2 := b.Recheck(t.Context(), p)
			if (err1 == nil) != (test.kind == 0) || (err2 == nil) != (err1 == nil) || err1 != nil && (engine.KindOf(err1) != test.kind || engine.KindOf(err2) != test.kind) {
				t.Errorf("%s, service token %v: %v; again: %v", test.name, service, err1, err2)
			}
			if want != nil {
				want.Memo, got.Memo = nil, nil
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s, service token %v: %s", test.name, service, diff)
			}
		}
	}
}
