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

func (s *Service) expireSessions(ctx context.Context, t engine.TenantNo, until time.Time) (gone int, err error) {
	var behind engine.ID
	for {
		var due []engine.ID
		seen := 0
		err := s.db.View(ctx, func(r schema.Reader) error {
			return schema.ScanSessions(r, t, behind, func(x *engine.Session) (bool, error) {
				seen++
				behind = x.ID
				if over(x, until) {
					due = append(due, x.ID)
				}
				return seen < expirePage, nil
			})
		})
		if err != nil {
			return gone, err
		}
		if len(due) > 0 {
			err = s.db.Update(ctx, func(w schema.Writer) error {
				for _, id := range due {
					x, err := schema.GetSession(w, t, id)
					if errors.Is(err, schema.ErrNotFound) || err == nil && !over(x, until) {
						continue
					}
					if err == nil {
						err = schema.DeleteSession(w, t, id)
					}
					if err != nil {
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

// expireTokens removes refresh tokens. A used one is kept as long as it could have been
// used, so that a second use is noticed all that time.
func (s *Service) expireTokens(ctx context.Context, until time.Time) (gone int, err error) {
	var behind [32]byte
	for {
		var due [][32]byte
		seen := 0
		err := s.db.View(ctx, func(r schema.Reader) error {
			return schema.ScanRefreshTokens(r, behind, func(hash [32]byte, t *engine.RefreshToken) (bool, error) {
				seen++
				behind = hash
				if !t.ExpiresAt.After(until) {
					due = append(due, hash)
				}
				return seen < expirePage, nil
			})
		})
		if err != nil {
			return gone, err
		}
		if len(due) > 0 {
			err = s.db.Update(ctx, func(w schema.Writer) error {
				for _, hash := range due {
					t, err := schema.GetRefreshToken(w, hash)
					if errors.Is(err, schema.ErrNotFound) || err == nil && t.ExpiresAt.After(until) {
						continue
					}
					if err == nil {
						err = schema.DeleteRefreshToken(w, hash)
					}
					if err != nil {
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
