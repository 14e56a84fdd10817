package notice

import (
	"context"
	"errors"
	"time"

	"scaidrive/engine"
	"scaidrive/engine/meta"
	"scaidrive/engine/meta/schema"
)

// EndsSoon is how long before its end somebody is told that a role of theirs ends.
const EndsSoon = 3 * 24 * time.Hour

// upkeepPage is how many records are read in one view, and written in one commit.
const upkeepPage = 500

// Upkeep tells people that a role of theirs ends soon, once, and removes the notices that
// are older than engine.NoticeLifetime. It gives how many it wrote and removed.
func (s *Service) Upkeep(ctx context.Context) (told, gone int, err error) {
	var tenants []engine.TenantNo
	err = s.db.View(ctx, func(v *meta.View) error {
		tenants = nil
		return schema.ScanTenants(v, 0, func(t *engine.Tenant) (bool, error) {
			tenants = append(tenants, t.No)
			return true, nil
		})
	})
	for _, t := range tenants {
		n, err1 := s.tellEnds(ctx, t)
		m, err2 := s.expire(ctx, t)
		told, gone, err = told+n, gone+m, errors.Join(err, err1, err2)
	}
	return told, gone, engine.Wrap("notice.Upkeep", err)
}

// expire removes what is old; of each user it is the last ones, so that their numbers
// keep having no gaps.
func (s *Service) expire(ctx context.Context, t engine.TenantNo) (gone int, err error) {
	old := s.env.Now().Add(-engine.NoticeLifetime)
	var behind *engine.Notice
	for {
		var due []*engine.Notice
		seen := 0
		err := s.db.View(ctx, func(v *meta.View) error {
			return schema.ScanAllNotices(v, t, behind, func(n *engine.Notice) (bool, error) {
				behind = n
				if n.At.Before(old) {
					due = append(due, n)
				}
				seen++
				return seen < upkeepPage, nil
			})
		})
		if err == nil && len(due) > 0 {
			err = s.db.Update(ctx, func(tx *meta.Tx) error {
				for _, n := range due {
					if err := schema.DeleteNotice(tx, t, n.User, n.Seq); err != nil {
						return err
					}
				}
				return nil
			})
		}
		if err != nil {
			return gone, err
		}
		if gone += len(due); seen < upkeepPage {
			return gone, nil
		}
	}
}

// ends reports whether a membership is over soon, and is not yet.
func (s *Service) ends(m *engine.ShareMember) bool {
	return !m.ExpiresAt.IsZero() && m.Live(s.env.Now()) && !m.Live(s.env.Now().Add(EndsSoon))
}

// tellEnds looks for memberships that end.
func (s *Service) tellEnds(ctx context.Context, t engine.TenantNo) (told int, err error) {
	var behind *engine.ShareMember
	for {
		var due []*engine.ShareMember
		seen := 0
		err := s.db.View(ctx, func(v *meta.View) error {
			return schema.ScanAllShareMembers(v, t, behind, func(m *engine.ShareMember) (bool, error) {
				behind = m
				if m.Kind == engine.PrincipalUser && s.ends(m) {
					due = append(due, m)
				}
				seen++
				return seen < upkeepPage, nil
			})
		})
		if err == nil && len(due) > 0 {
			var n int
			err = s.db.Update(ctx, func(tx *meta.Tx) (err error) {
				n, err = s.tellEnding(tx, t, due)
				return err
			})
			told += n
		}
		if err != nil || seen < upkeepPage {
			return told, err
		}
	}
}

func (s *Service) tellEnding(tx *meta.Tx, t engine.TenantNo, due []*engine.ShareMember) (told int, err error) {
	for _, was := range due {
		m, err := schema.GetShareMember(tx, t, was.Share, was.Principal)
		if has, err := there(err); err != nil {
			return 0, err
		} else if !has || !s.ends(m) {
			continue
		}
		known := false // since this end was near
		err = schema.ScanNotices(tx, t, m.Principal, 0, func(n *engine.Notice) (bool, error) {
			known = n.Kind == engine.NoticeRoleEnds && n.Share == m.Share && !n.At.Before(m.ExpiresAt.Add(-EndsSoon))
			return !known, nil
		})
		if err == nil && !known {
			told++
			err = Tell(tx, s.env, t, engine.Notice{Kind: engine.NoticeRoleEnds, Share: m.Share}, m.Principal)
		}
		if err != nil {
			return 0, err
		}
	}
	return told, nil
}
