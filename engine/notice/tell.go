package notice

import (
	"errors"

	"scaidrive/engine"
	"scaidrive/engine/meta/schema"
)

// MaxTold is how many people are told of one thing. Where a group has more, nobody in
// it is.
const MaxTold = 1000

// Tell writes a notice to each of some users in the caller's mutation, once to each, but
// not to who did it. What n says of its own ID, user, number and time is set here. Where
// the newest notice of a user is one of the same, by the same and not read, it is made
// anew and counts both.
func Tell(w schema.Writer, env engine.Env, t engine.TenantNo, n engine.Notice, users ...engine.ID) error {
	told := make(map[engine.ID]bool, len(users))
	for _, user := range users {
		if user.IsZero() || user == n.By || told[user] {
			continue
		}
		told[user] = true
		u, err := schema.GetUser(w, t, user)
		if errors.Is(err, schema.ErrNotFound) || err == nil && u.Status == engine.StatusDeleted {
			continue
		}
		if err != nil {
			return err
		}
		if err := tell(w, env, t, n, user); err != nil {
			return err
		}
	}
	return nil
}

func tell(w schema.Writer, env engine.Env, t engine.TenantNo, n engine.Notice, user engine.ID) error {
	n.ID, n.User, n.At, n.Seq = env.NewID(), user, env.Now(), 1
	err := schema.ScanNotices(w, t, user, 0, func(last *engine.Notice) (bool, error) {
		n.Seq = last.Seq + 1
		if joins(last, &n) {
			n.Seq, n.Count = last.Seq, max(last.Count, 1)+max(n.Count, 1)
		}
		return false, nil
	})
	if err != nil {
		return err
	}
	if n.Seq > engine.MaxNotices {
		if err := schema.DeleteNotice(w, t, user, n.Seq-engine.MaxNotices); err != nil {
			return err
		}
	}
	return schema.PutNotice(w, t, &n)
}

// joins reports whether a notice says more of the same as the last one.
func joins(last, n *engine.Notice) bool {
	switch n.Kind {
	case engine.NoticeComment, engine.NoticeMention, engine.NoticeConflict:
		return last.Kind == n.Kind && last.ReadAt.IsZero() && last.Share == n.Share && last.Node == n.Node && last.By == n.By &&
			(n.Kind != engine.NoticeConflict || last.Subject == n.Subject)
	}
	return false
}

// Audience are the users that a user or group stands for: itself, or who is in the
// group, by other groups too. Those of a group of more than MaxTold are none.
func Audience(r schema.Reader, t engine.TenantNo, kind engine.PrincipalKind, id engine.ID) ([]engine.ID, error) {
	if kind == engine.PrincipalUser {
		return []engine.ID{id}, nil
	}
	var users []engine.ID
	seen, todo := map[engine.ID]bool{id: true}, []engine.ID{id}
	for len(todo) > 0 && len(seen) <= MaxTold+1 {
		group := todo[0]
		todo = todo[1:]
		g, err := schema.GetGroup(r, t, group)
		if errors.Is(err, schema.ErrNotFound) || err == nil && !g.DeletedAt.IsZero() {
			continue
		}
		if err != nil {
			return nil, err
		}
		err = schema.ScanMembersOf(r, t, group, engine.ID{}, func(m *engine.Membership) (bool, error) {
			if seen[m.Member] {
				return true, nil
			}
			seen[m.Member] = true
			if m.Kind == engine.PrincipalUser {
				users = append(users, m.Member)
			} else {
				todo = append(todo, m.Member)
			}
			return len(seen) <= MaxTold+1, nil
		})
		if err != nil {
			return nil, err
		}
	}
	if len(users) > MaxTold || len(seen) > MaxTold+1 {
		return nil, nil
	}
	return users, nil
}

// Circle are the users who own a share or have a role in it at this moment, at most
// MaxTold; where they are more, those that were found first.
func Circle(r schema.Reader, env engine.Env, t engine.TenantNo, sh *engine.Share) ([]engine.ID, error) {
	users, err := Audience(r, t, sh.OwnerKind, sh.Owner)
	if err != nil {
		return nil, err
	}
	err = schema.EachShareMember(r, t, sh, func(m *engine.ShareMember) error {
		if !m.Live(env.Now()) || len(users) >= MaxTold {
			return nil
		}
		more, err := Audience(r, t, m.Kind, m.Principal)
		users = append(users, more...)
		return err
	})
	return users[:min(len(users), MaxTold)], err
}
