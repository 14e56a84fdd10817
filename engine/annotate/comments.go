package annotate

import (
	"context"
	"errors"
	"slices"
	"strings"
	"unicode/utf8"

	"scaidrive/engine"
	"scaidrive/engine/access"
	"scaidrive/engine/meta"
	"scaidrive/engine/meta/schema"
	"scaidrive/engine/once"
)

// A Comment is a comment with what its author is called.
type Comment struct {
	*engine.Comment
	Author string
	Kind   engine.NodeKind // of what it is on
}

// Comments are a page of what stands on a file or folder, oldest first.
type Comments struct {
	List  []Comment
	Total int
	Next  engine.ID // go on behind it; zero: that was the end
}

// Comments lists the comments on a file or folder, behind one of them or from an
// offset.
func (s *Service) Comments(ctx context.Context, p *engine.Principal, on On, behind engine.ID, limit, offset int) (*Comments, error) {
	if err := checkLimit(limit); err != nil {
		return nil, err
	}
	var out *Comments
	err := s.view(ctx, "annotate.Comments", func(v *meta.View) error {
		out = &Comments{}
		if _, err := find(v, p, on, engine.RightRead); err != nil {
			return err
		}
		passed, more := behind.IsZero(), false
		err := schema.ScanComments(v, p.Tenant, on.Node, engine.ID{}, func(m *engine.Comment) (bool, error) {
			out.Total++
			switch {
			case !passed:
				passed = m.ID == behind
			case offset > 0:
				offset--
			case len(out.List) < limit:
				out.List = append(out.List, Comment{Comment: m, Kind: on.Kind})
			default:
				more = true
			}
			return true, nil
		})
		if n := len(out.List); more && n > 0 {
			out.Next = out.List[n-1].ID
		}
		if err == nil {
			err = sign(v, p.Tenant, out.List)
		}
		return err
	})
	return out, err
}

// sign reads what the authors of comments are called.
func sign(r schema.Reader, t engine.TenantNo, list []Comment) error {
	names := map[engine.ID]string{}
	for i := range list {
		by := list[i].By
		if _, ok := names[by]; !ok {
			u, err := schema.GetUser(r, t, by)
			if err != nil && !errors.Is(err, schema.ErrNotFound) {
				return err
			}
			if err == nil {
				names[by] = u.DisplayName
			}
		}
		list[i].Author = names[by]
	}
	return nil
}

// one gives a comment with its author's name.
func one(r schema.Reader, p *engine.Principal, m *engine.Comment, kind engine.NodeKind) (*Comment, error) {
	list := []Comment{{Comment: m, Kind: kind}}
	err := sign(r, p.Tenant, list)
	return &list[0], err
}

func checkText(text string) error {
	if len(text) > engine.MaxComment || strings.TrimSpace(text) == "" || !utf8.ValidString(text) || strings.ContainsRune(text, 0) {
		return engine.Invalid("text", "Must be 1 to %d bytes of UTF-8 text", engine.MaxComment)
	}
	return nil
}

// AddComment writes a comment on a file or folder that the caller may read. Beyond
// engine.MaxComments it is KindConflict.
func (s *Service) AddComment(ctx context.Context, p *engine.Principal, on On, text string) (*Comment, error) {
	if err := checkText(text); err != nil {
		return nil, err
	}
	var out *Comment
	err := s.update(ctx, "annotate.AddComment", func(tx *meta.Tx) error {
		sub, err := find(tx, p, on, engine.RightRead)
		if err == nil {
			err = writable(p, sub)
		}
		if err != nil {
			return err
		}
		n := 0
		var wrote []engine.ID
		err = schema.ScanComments(tx, p.Tenant, on.Node, engine.ID{}, func(m *engine.Comment) (bool, error) {
			n++
			if len(wrote) < maxWriters && !slices.Contains(wrote, m.By) {
				wrote = append(wrote, m.By)
			}
			return true, nil
		})
		if err != nil {
			return err
		}
		if n >= engine.MaxComments {
			return engine.E(engine.KindConflict, "There are %d comments already, which is the most", n)
		}
		m := &engine.Comment{ID: s.env.NewID(), Node: on.Node, By: p.User, At: s.env.Now(), Text: text}
		if err := schema.PutComment(tx, p.Tenant, m); err != nil {
			return err
		}
		if out, err = one(tx, p, m, on.Kind); err != nil {
			return err
		}
		if err := s.tell(tx, p, sub, m, wrote); err != nil {
			return err
		}
		return once.Keep(ctx, tx, once.Made{ID: m.ID})
	})
	return out, err
}

// comment finds a comment on something that the caller may read.
func comment(r schema.Reader, p *engine.Principal, id engine.ID) (*engine.Comment, *access.Subject, error) {
	m, err := schema.GetComment(r, p.Tenant, id)
	if errors.Is(err, schema.ErrNotFound) {
		return nil, nil, access.NotFound()
	}
	if err != nil {
		return nil, nil, err
	}
	sub, err := access.Check(r, p, m.Node, engine.RightRead)
	return m, sub, err
}

// Comment gives a comment by its ID.
func (s *Service) Comment(ctx context.Context, p *engine.Principal, id engine.ID) (out *Comment, err error) {
	err = s.view(ctx, "annotate.Comment", func(v *meta.View) error {
		m, sub, err := comment(v, p, id)
		if err == nil {
			out, err = one(v, p, m, sub.Node.Kind)
		}
		return err
	})
	return out, err
}

// EditComment changes the text of a comment; for its author, KindForbidden for
// others who may read it.
func (s *Service) EditComment(ctx context.Context, p *engine.Principal, id engine.ID, text string) (*Comment, error) {
	if err := checkText(text); err != nil {
		return nil, err
	}
	var out *Comment
	err := s.update(ctx, "annotate.EditComment", func(tx *meta.Tx) error {
		m, sub, err := comment(tx, p, id)
		if err != nil {
			return err
		}
		if m.By != p.User {
			return engine.E(engine.KindForbidden, "Only its author may change a comment")
		}
		if err := writable(p, sub); err != nil {
			return err
		}
		if m.Text != text {
			m.Text, m.EditedAt = text, s.env.Now()
			if err := schema.PutComment(tx, p.Tenant, m); err != nil {
				return err
			}
		}
		out, err = one(tx, p, m, sub.Node.Kind)
		return err
	})
	return out, err
}

// DeleteComment takes a comment away; for its author, and for who has
// MANAGE_PERMISSIONS on what it is on.
func (s *Service) DeleteComment(ctx context.Context, p *engine.Principal, id engine.ID) error {
	return s.update(ctx, "annotate.DeleteComment", func(tx *meta.Tx) error {
		m, sub, err := comment(tx, p, id)
		if err != nil {
			return err
		}
		if m.By != p.User {
			have, err := access.Rights(tx, p, sub)
			if err != nil {
				return err
			}
			if have&engine.RightManage == 0 {
				return engine.E(engine.KindForbidden, "Only its author and who manages permissions may delete a comment")
			}
		}
		if err := writable(p, sub); err != nil {
			return err
		}
		return schema.DeleteComment(tx, p.Tenant, m.Node, id)
	})
}
