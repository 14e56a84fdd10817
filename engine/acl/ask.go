package acl

import (
	"context"
	"errors"

	"scaidrive/engine"
	"scaidrive/engine/access"
	"scaidrive/engine/meta"
	"scaidrive/engine/meta/schema"
)

// A Question asks whether the caller has some rights on a resource.
type Question struct {
	Resource Resource
	Rights   engine.Right
}

// Check answers questions, all from one state, in their order, as the operations that
// need the rights do: what is unknown, deleted or out of sight is answered with false,
// and so is, where READ is missing, all but CREATE and MANAGE_PERMISSIONS.
func (s *Service) Check(ctx context.Context, p *engine.Principal, asked []Question) ([]bool, error) {
	var answers []bool
	err := s.db.View(ctx, func(v *meta.View) error {
		answers = make([]bool, len(asked))
		for i, q := range asked {
			have, err := rightsOn(v, p, q.Resource)
			if engine.KindOf(err) == engine.KindNotFound && err != nil {
				continue
			}
			if err != nil {
				return err
			}
			answers[i] = q.Rights&^access.Usable(have) == 0
		}
		return nil
	})
	return answers, engine.Wrap("acl.Check", err)
}

// rightsOn gives the caller's rights on a live resource; any other is KindNotFound.
func rightsOn(r schema.Reader, p *engine.Principal, res Resource) (engine.Right, error) {
	if res.Kind == engine.ResourceShare {
		sub, err := find(r, p, res)
		if err != nil {
			return 0, err
		}
		return access.Rights(r, p, sub)
	}
	have, kind, err := access.On(r, p, res.ID)
	if err == nil && (kind == engine.KindFile) != (res.Kind == engine.ResourceFile) {
		err = access.NotFound()
	}
	return have, err
}

// A Why says what decided one right.
type Why struct {
	access.Reason
	// At is where the entry stands, when one decided; Said is that entry, with what
	// its principal is called.
	At   *Place
	Said *Listed
	// Role is the word of the role that decided, when one did, and RoleOf the group
	// that has it; nil: the holder has it by themself.
	Role   string
	RoleOf *engine.Group
	// Way are the groups by which the holder is one of those whom the entry or the
	// role speaks of, the nearest first; none: it speaks of them.
	Way []*engine.Group
}

// Effective are somebody's rights on a resource, and, when asked for, why.
type Effective struct {
	Kind   engine.PrincipalKind
	ID     engine.ID
	Rights engine.Right
	Why    []Why // in the order of the rights
}

// Effective tells the rights of the caller, or with MANAGE_PERMISSIONS those of
// anybody else in the tenant: a user, whoever is in a group, everyone. kind 0 is the
// caller.
func (s *Service) Effective(ctx context.Context, p *engine.Principal, res Resource, kind engine.PrincipalKind, id engine.ID, explain bool) (out *Effective, err error) {
	if kind == 0 {
		kind, id = engine.PrincipalUser, p.User
	}
	err = s.db.View(ctx, func(v *meta.View) error {
		sub, err := find(v, p, res)
		if err != nil {
			return err
		}
		have, err := access.Rights(v, p, sub)
		if err != nil {
			return err
		}
		self := kind == engine.PrincipalUser && id == p.User
		want := engine.RightManage
		if self {
			want = engine.RightRead
		}
		see := have
		if have&engine.RightManage != 0 {
			see |= engine.RightRead
		}
		if _, err := access.Decide(sub, see, want); err != nil {
			return err
		}
		h, err := holder(v, p, kind, id, "principal_id")
		if err != nil {
			return err
		}
		out = &Effective{Kind: kind, ID: id}
		rights, reasons, err := h.Explain(v, sub)
		if err != nil {
			return err
		}
		if out.Rights = rights; !explain {
			return nil
		}
		out.Why = make([]Why, len(reasons))
		for i := range reasons {
			if out.Why[i], err = why(v, p, h, sub, reasons[i]); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, engine.Wrap("acl.Effective", err)
	}
	return out, nil
}

// holder finds whose rights are asked for; nobody in the tenant is KindInvalid.
func holder(r schema.Reader, p *engine.Principal, kind engine.PrincipalKind, id engine.ID, field string) (*access.Holder, error) {
	h, err := access.HolderOf(r, p, kind, id)
	if errors.Is(err, schema.ErrNotFound) {
		return nil, engine.Invalid(field, "Must be a user or a group of this tenant")
	}
	return h, err
}

// why completes a reason.
func why(r schema.Reader, p *engine.Principal, h *access.Holder, sub *access.Subject, reason access.Reason) (w Why, err error) {
	w.Reason = reason
	switch reason.By {
	case access.ByEntry:
		level := 0
		for level < len(sub.Path) && sub.Path[level].ID != reason.On {
			level++
		}
		if w.At, err = place(r, p, sub, level); err != nil {
			return w, err
		}
		w.Said = &Listed{Entry: *reason.Entry}
		if w.Said.Name, w.Said.Email, _, err = named(r, p.Tenant, reason.Entry.Kind, reason.Entry.Principal); err != nil {
			return w, err
		}
		if reason.Entry.Kind == engine.PrincipalGroup {
			w.Way, err = h.Way(r, reason.Entry.Principal)
		}
	case access.ByRole:
		m, owner, err := h.RoleGiving(r, sub.Share, reason.Right)
		if err != nil {
			return w, err
		}
		if w.Role = (access.Standing{Owner: owner, Role: m.Role}).Word(); m.Kind != engine.PrincipalGroup {
			return w, nil
		}
		if w.RoleOf, err = schema.GetGroup(r, p.Tenant, m.Principal); err != nil {
			return w, err
		}
		w.Way, err = h.Way(r, m.Principal)
		return w, err
	default:
	}
	return w, err
}
