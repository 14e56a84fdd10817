package annotate

import (
	"errors"
	"slices"
	"strings"

	"scaidrive/engine"
	"scaidrive/engine/access"
	"scaidrive/engine/identity"
	"scaidrive/engine/meta/schema"
	"scaidrive/engine/notice"
)

// The bounds of who is told of a comment.
const (
	maxWriters  = 100 // who wrote beside the same before
	maxMentions = 20  // in one comment
)

// tell has those told of a comment whom it concerns and who may read it: who is named in
// it, who owns what it stands on, and who wrote there before.
func (s *Service) tell(w schema.Writer, p *engine.Principal, sub *access.Subject, m *engine.Comment, wrote []engine.ID) error {
	named, err := mentioned(w, p.Tenant, m.Text)
	if err != nil {
		return err
	}
	all := append(slices.Clone(named), sub.Node.Owner)
	all = append(all, wrote...)
	for i, user := range all {
		if user.IsZero() || user == p.User || slices.Contains(all[:i], user) {
			continue
		}
		// Who may not read it would not be shown the notice; it is to take no room either.
		_, err := access.Check(w, &engine.Principal{User: user, Tenant: p.Tenant, At: s.env.Now()}, m.Node, engine.RightRead)
		if k := engine.KindOf(err); err != nil && (k == engine.KindNotFound || k == engine.KindGone) {
			continue
		}
		if err != nil {
			return err
		}
		n := engine.Notice{Kind: engine.NoticeComment, Share: sub.Share.ID, Node: m.Node, NodeKind: sub.Node.Kind, By: p.User, Subject: m.ID}
		if i < len(named) {
			n.Kind = engine.NoticeMention
		}
		if err := notice.Tell(w, s.env, p.Tenant, n, user); err != nil {
			return err
		}
	}
	return nil
}

// mentioned finds the users of a tenant that a text names by @ and their address.
func mentioned(r schema.Reader, t engine.TenantNo, text string) (users []engine.ID, err error) {
	seen := 0
	for word := range strings.FieldsSeq(text) {
		at := strings.TrimLeft(word, "([{<\"'")
		if !strings.HasPrefix(at, "@") || strings.Count(at, "@") != 2 {
			continue
		}
		if seen++; seen > maxMentions {
			break
		}
		folded, err := identity.FoldEmail(strings.TrimRight(at[1:], ".,;:!?)]}>\"'"))
		if err != nil {
			continue // a word like others
		}
		ref, err := schema.GetUserByEmail(r, folded)
		if errors.Is(err, schema.ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		if ref.Tenant == t && !slices.Contains(users, ref.User) {
			users = append(users, ref.User)
		}
	}
	return users, nil
}
