// Package acl is where people say who may do what with files, folders and shares:
// entries, the cut from inheritance, and ownership; and where they ask what came of
// it, and why.
//
// Invariants:
//   - the entries of an object stand in canonical order, denials before grants, and
//     of a principal there is one of a type and a scope (applies_to, one_level) at most;
//   - everybody whom a new entry names is a user or a group of the tenant;
//   - who manages by an entry or as the owner of a thing, and not by a role on the
//     share, lifts nothing that they may not do themselves where it counts: by no
//     entry, none that is gone, and none that is inherited again;
//   - a change is one mutation: entries, the share's generation of access, the lists
//     of shares and the row of the change log. For all that lies below it is there
//     or not, for it is never copied down.
//
// It decides no rights: access does, here too.
package acl

import (
	"encoding/hex"
	"errors"

	"scaidrive/engine"
	"scaidrive/engine/access"
	"scaidrive/engine/meta"
	"scaidrive/engine/meta/schema"
	"scaidrive/engine/tree"
)

// Service writes and explains who may do what. Safe for concurrent use.
type Service struct {
	db   *meta.DB
	tree *tree.Service
	env  engine.Env
}

// New makes the service.
func New(db *meta.DB, tree *tree.Service, env engine.Env) *Service {
	return &Service{db: db, tree: tree, env: env}
}

// A Resource names what rights are on.
type Resource struct {
	Kind engine.ResourceKind
	ID   engine.ID
}

// of reports whether a subject is what the resource says.
func (res Resource) of(sub *access.Subject) bool {
	switch res.Kind {
	case engine.ResourceShare:
		return sub.Node.ID == sub.Share.ID
	case engine.ResourceFolder:
		return sub.Node.Kind == engine.KindFolder
	case engine.ResourceFile:
		return sub.Node.Kind == engine.KindFile
	}
	return false
}

// find resolves a resource of the caller's tenant; what is none is KindNotFound.
func find(r schema.Reader, p *engine.Principal, res Resource) (*access.Subject, error) {
	sub, err := access.Resolve(r, p.Tenant, res.ID)
	if err == nil && !res.of(sub) {
		err = access.NotFound()
	}
	return sub, err
}

// manage finds a resource on which the caller has MANAGE_PERMISSIONS. Nothing else is
// asked for: who was shut out of what they own can let themself in again.
func manage(r schema.Reader, p *engine.Principal, res Resource) (*access.Subject, engine.Right, error) {
	sub, err := find(r, p, res)
	if err != nil {
		return nil, 0, err
	}
	have, err := access.Rights(r, p, sub)
	if err != nil {
		return nil, 0, err
	}
	see := have
	if have&engine.RightManage != 0 {
		see |= engine.RightRead
	}
	_, err = access.Decide(sub, see, engine.RightManage)
	return sub, have, err
}

// rules reports whether the caller manages a share by what they are, not by entries:
// as its owner or an administrator of it or of the tenant.
func rules(r schema.Reader, p *engine.Principal, sh *engine.Share) (bool, error) {
	now, err := access.Now(r, p)
	if err != nil {
		return false, err
	}
	if now.Role == engine.RoleTenantAdmin || now.Role == engine.RoleSuperAdmin {
		return true, nil
	}
	st, err := access.StandingIn(r, p, sh)
	return st.Manages(), err
}

// tag names the explicit entries and the cut of a node: two that are equal are of
// equal ones.
func tag(n *engine.Node) string {
	t := hex.EncodeToString(n.Entries.Digest[:])
	if n.CutOff {
		return t + "-cut"
	}
	return t
}

// A Match says whether a tag is one that the caller wants to change; nil: any is.
type Match func(tag string) bool

func (m Match) check(n *engine.Node) error {
	if m != nil && !m(tag(n)) {
		return engine.E(engine.KindPrecondition, "The entries have changed since If-Match was told")
	}
	return nil
}

// named reads what a principal is called, and whether there is one: what is deleted
// gives nothing and gets nothing any more.
func named(r schema.Reader, t engine.TenantNo, kind engine.PrincipalKind, id engine.ID) (name, email string, live bool, err error) {
	switch kind {
	case engine.PrincipalEveryone:
		return "", "", id.IsZero(), nil
	case engine.PrincipalUser:
		var u *engine.User
		if u, err = schema.GetUser(r, t, id); err == nil {
			name, email, live = u.DisplayName, u.Email, u.Status != engine.StatusDeleted
		}
	case engine.PrincipalGroup:
		var g *engine.Group
		if g, err = schema.GetGroup(r, t, id); err == nil {
			name, live = g.Name, g.DeletedAt.IsZero()
		}
	default:
		return "", "", false, nil
	}
	if errors.Is(err, schema.ErrNotFound) {
		err = nil
	}
	return name, email, live, err
}
