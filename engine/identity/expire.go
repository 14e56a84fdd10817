package identity

import (
	"context"
	"errors"
	"time"

	"scaidrive/engine"
	"scaidrive/engine/meta/schema"
)

// expirePage is how many records are read in one view, and removed in one commit.
const expirePage = 500

// Expire removes the sessions and refresh tokens that were over at a moment, which is to
// lie so far back that nobody needs to be told any more that they are. It gives how
// many went.
func (s *Service) Expire(ctx context.Context, until time.Time) (sessions, tokens int, err error) {
	if tokens, err = s.expireTokens(ctx, until); err != nil {
		return 0, tokens, engine.Wrap("identity.Expire", err)
	}
	var tenants []engine.TenantNo
	err = s.db.View(ctx, func(r schema.Reader) error {
		tenants = nil
		return schema.ScanTenants(r, 0, func(t *engine.Tenant) (bool, error) {
			tenants = append(tenants, t.No)
			return true, nil
		})
	})
	for _, t := range tenants {
		if err == nil {
			var n int
			n, err = s.expireSessions(ctx, t, until)
			sessions += n
		}
	}
	return sessions, tokens, engine.Wrap("identity.Expire", err)
}

// over reports whether a session ended, or came to its end, at a moment or before.
func over(x *engine.Session, until time.Time) bool {
	return !x.ExpiresAt.After(until) || !x.EndedAt.IsZero() && !x.EndedAt.After(until)
}

func (s *Service) expireSessions(ctx context.Context, t engine.TenantNo, until time.Time) (int, error) {
	return sweep(ctx, s.db, sweeping[engine.ID]{
		scan: func(r schema.Reader, behind engine.ID, fn func(engine.ID, bool) bool) error {
			return schema.ScanSessions(r, t, behind, func(x *engine.Session) (bool, error) {
				return fn(x.ID, over(x, until)), nil
			})
		},
		due: func(r schema.Reader, id engine.ID) (bool, error) {
			x, err := schema.GetSession(r, t, id)
			return err == nil && over(x, until), err
		},
		remove: func(w schema.Writer, id engine.ID) error { return schema.DeleteSession(w, t, id) },
	})
}

// expireTokens removes refresh tokens. A used one is kept as long as it could have been
// used, so that a second use is noticed all that time.
func (s *Service) expireTokens(ctx context.Context, until time.Time) (int, error) {
	over := func(t *engine.RefreshToken) bool { return !t.ExpiresAt.After(until) }
	return sweep(ctx, s.db, sweeping[[32]byte]{
		scan: func(r schema.Reader, behind [32]byte, fn func([32]byte, bool) bool) error {
			return schema.ScanRefreshTokens(r, behind, func(hash [32]byte, t *engine.RefreshToken) (bool, error) {
				return fn(hash, over(t)), nil
			})
		},
		due: func(r schema.Reader, hash [32]byte) (bool, error) {
			t, err := schema.GetRefreshToken(r, hash)
			return err == nil && over(t), err
		},
		remove: schema.DeleteRefreshToken,
	})
}

// A sweeping says which records of a table go. Their keys are in order.
type sweeping[K any] struct {
	// scan goes through the records behind one, each with whether it is due, until fn
	// returns false.
	scan func(r schema.Reader, behind K, fn func(key K, due bool) bool) error
	// due looks again, in the commit that removes it.
	due    func(r schema.Reader, key K) (bool, error)
	remove func(w schema.Writer, key K) error
}

// sweep removes what is due, a page at a time, and gives how many records were found
// to be.
func sweep[K any](ctx context.Context, db store, s sweeping[K]) (gone int, err error) {
	var behind K
	for {
		var due []K
		seen := 0
		err := db.View(ctx, func(r schema.Reader) error {
			return s.scan(r, behind, func(key K, is bool) bool {
				seen++
				if behind = key; is {
					due = append(due, key)
				}
				return seen < expirePage
			})
		})
		if err != nil {
			return gone, err
		}
		if len(due) > 0 {
			err := db.Update(ctx, func(w schema.Writer) error {
				for _, key := range due {
					is, err := s.due(w, key)
					if err == nil && is {
						err = s.remove(w, key)
					}
					if err != nil && !errors.Is(err, schema.ErrNotFound) {
						return err
					}
				}
				return nil
			})
			if err != nil {
				return gone, err
			}
		}
		if gone += len(due); seen < expirePage {
			return gone, nil
		}
	}
}
