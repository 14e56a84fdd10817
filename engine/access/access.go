// Package access decides who may do what. Every door of the product (REST,
// sync, CLI through them) asks Check; there is no other place that decides.
//
// Invariants: what cannot be read decides nothing, it refuses (KindDamaged);
// what the caller may not see is told in the words of what does not exist. The
// package writes nothing and remembers nothing.
//
// The rules are those of Windows over six rights; judge has their order.
package access

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strings"

	"scaidrive/engine"
	"scaidrive/engine/meta/schema"
)

// maxDepth ends a walk up that does not come to a root: a cycle. It is well
// above the deepest tree that names allow (128 levels).
const maxDepth = 256

// A Subject is a node with what decides about it, found by walking up.
type Subject struct {
	Node  *engine.Node
	Share *engine.Share
	// Path holds the ancestors from the share's root folder down to the node's
	// parent; empty for the root itself.
	Path []*engine.Node
	// Trashed is the nearest node on the way up, the node included, that is
	// deleted; nil when the node is live.
	Trashed *engine.Node
}

// NotFound is the one answer for what is absent or invisible.
func NotFound() error { return engine.E(engine.KindNotFound, "Not found") }

// Resolve walks from a node up to its share. An unknown node, a foreign
// tenant's, one in a deleted share and one that is being removed for good are all
// engine.KindNotFound. A record on
// the way that is missing or damaged is KindDamaged.
func Resolve(r schema.Reader, tenant engine.TenantNo, id engine.ID) (*Subject, error) {
	n, err := schema.GetNode(r, tenant, id)
	if errors.Is(err, schema.ErrNotFound) {
		return nil, absent(r, tenant, id)
	}
	if err != nil {
		return nil, err
	}
	if n.Purged {
		return nil, NotFound()
	}
	s := &Subject{Node: n}
	c, err := above(r, tenant, n)
	if err != nil {
		return nil, err
	}
	s.Path, s.Share, s.Trashed = c.path, c.share, c.trashed
	if !n.DeletedAt.IsZero() {
		s.Trashed = n
	}
	return s, nil
}

// A chain is what all children of a folder have above them.
type chain struct {
	path    []*engine.Node // from the share's root folder down to the folder
	share   *engine.Share
	trashed *engine.Node // the nearest of path that is deleted
}

// above finds the chain of n's parent. It is remembered for the state that is read:
// until the next commit, all that is in the folder has the same.
func above(r schema.Reader, tenant engine.TenantNo, n *engine.Node) (*chain, error) {
	if n.Parent.IsZero() {
		c := new(chain)
		err := c.end(r, tenant, n)
		return c, err
	}
	m, remembers := r.(schema.Chains)
	var key [4 + len(n.Parent)]byte
	if remembers {
		binary.BigEndian.PutUint32(key[:], uint32(tenant))
		copy(key[4:], n.Parent[:])
		if c, ok := m.RecallChain(key[:]).(*chain); ok {
			return c, nil
		}
	}
	c := new(chain)
	for at := n; ; {
		if len(c.path) == maxDepth {
			return nil, damage(n.ID, "its ancestors come to no root")
		}
		up, err := schema.GetNode(r, tenant, at.Parent)
		if errors.Is(err, schema.ErrNotFound) {
			return nil, damage(at.ID, "its parent is missing")
		}
		if err != nil {
			return nil, err
		}
		if up.Kind != engine.KindFolder {
			return nil, damage(at.ID, "its parent is no folder")
		}
		if up.Purged {
			return nil, NotFound()
		}
		if c.trashed == nil && !up.DeletedAt.IsZero() {
			c.trashed = up
		}
		c.path = append(c.path, up)
		if at = up; at.Parent.IsZero() {
			break
		}
	}
	slices.Reverse(c.path)
	c.path = slices.Clip(c.path) // who appends to it gets a copy
	if err := c.end(r, tenant, c.path[0]); err != nil {
		return nil, err
	}
	if remembers {
		m.RememberChain(key[:], c)
	}
	return c, nil
}

// end finds the share of a root folder.
func (c *chain) end(r schema.Reader, tenant engine.TenantNo, root *engine.Node) (err error) {
	if root.Kind != engine.KindFolder {
		return damage(root.ID, "a root that is no folder")
	}
	c.share, err = schema.GetShare(r, tenant, root.ID)
	if errors.Is(err, schema.ErrNotFound) {
		return damage(root.ID, "its share is missing")
	}
	if err != nil {
		return err
	}
	if !c.share.DeletedAt.IsZero() {
		return NotFound()
	}
	return nil
}

// absent is the answer for an ID that no node has: damage when it is the root
// folder of a live share, for that one must be there.
func absent(r schema.Reader, tenant engine.TenantNo, id engine.ID) error {
	sh, err := schema.GetShare(r, tenant, id)
	switch {
	case errors.Is(err, schema.ErrNotFound):
		return NotFound()
	case err != nil:
		return err
	case !sh.DeletedAt.IsZero():
		return NotFound()
	}
	return damage(id, "the root folder of a share is missing")
}

func damage(id engine.ID, why string) error {
	return &engine.Error{
		Kind: engine.KindDamaged,
		Msg:  "stored data is damaged",
		Err:  fmt.Errorf("node %x: %s", id, why),
	}
}

// Rights gives the rights that a principal has on a subject, in the order of
// judge. A subject whose entries cannot be read is KindDamaged, for everybody.
func Rights(r schema.Reader, p *engine.Principal, s *Subject) (engine.Right, error) {
	var v verdict
	if err := decide(r, p, s, &v); err != nil {
		return 0, err
	}
	return v.allowed, nil
}

func decide(r schema.Reader, p *engine.Principal, s *Subject, v *verdict) error {
	if p.User.IsZero() {
		return nil
	}
	c, st, err := stand(r, p, s.Share)
	if err != nil {
		return err
	}
	return judge(c, st, s, v, func(n *engine.Node) ([]engine.Entry, error) { return schema.PeekEntries(r, p.Tenant, n) })
}

// Owns reports whether the principal owns a share of their tenant.
func Owns(p *engine.Principal, s *engine.Share) bool {
	return s.OwnerKind == engine.PrincipalUser && s.Owner == p.User && !p.User.IsZero()
}

// blind are the rights that are good without READ: to make something in a folder,
// and to say who may do what. All else shows what it is done to, and so needs READ.
const blind = engine.RightCreate | engine.RightManage

// Usable are those of somebody's rights that an operation can be done by: without
// READ, what is there is not found.
func Usable(have engine.Right) engine.Right {
	if have&engine.RightRead == 0 {
		return have & blind
	}
	return have
}

// Check resolves a node and answers nil if the principal has all of want.
// Without RightRead the answer is KindNotFound, as for an unknown ID, unless CREATE
// alone is wanted, and is there: a folder to drop things into. With it,
// a missing right is KindForbidden ("Permission denied: WRITE on file/fil_...").
// A trashed node is KindGone for a caller who may read it.
func Check(r schema.Reader, p *engine.Principal, id engine.ID, want engine.Right) (*Subject, error) {
	s, err := Resolve(r, p.Tenant, id)
	if err != nil {
		return nil, err
	}
	return check(r, p, s, want)
}

func check(r schema.Reader, p *engine.Principal, s *Subject, want engine.Right) (*Subject, error) {
	have, err := Rights(r, p, s)
	if err != nil {
		return nil, err
	}
	sub, err := Decide(s, have, want)
	return sub, Archived(p, s, want, err)
}

// Archived words a refusal for who may read: where the share is archived, that is why.
func Archived(p *engine.Principal, s *Subject, want engine.Right, err error) error {
	if err == nil || engine.KindOf(err) != engine.KindForbidden || want&^archiveRights == 0 || !s.Share.Archived(p.At) {
		return err
	}
	return engine.E(engine.KindForbidden, "The share is archived and can only be read: share/%s", s.Share.ID.Format(engine.PrefixShare))
}

// Decide compares the rights that a caller has on a subject with those that are
// wanted and words the refusal: the end of Check, for who has the rights already.
func Decide(s *Subject, have, want engine.Right) (*Subject, error) {
	switch {
	case have&engine.RightRead == 0 && (want != engine.RightCreate || have&want == 0 || s.Trashed != nil):
		return nil, NotFound()
	case s.Trashed != nil:
		return nil, engine.E(engine.KindGone, "In the trash: %s", name(s))
	case want&^have != 0:
		return nil, engine.E(engine.KindForbidden, "Permission denied: %s on %s", Names(want&^have), name(s))
	}
	return s, nil
}

// CheckShare is Check for a share's root, by the share's ID.
func CheckShare(r schema.Reader, p *engine.Principal, share engine.ID, want engine.Right) (*Subject, error) {
	s, err := Resolve(r, p.Tenant, share)
	if err != nil {
		return nil, err
	}
	if s.Share.ID != s.Node.ID {
		return nil, NotFound()
	}
	return check(r, p, s, want)
}

// name is the contract's name of a subject: file/fil_..., folder/fld_..., share/shr_...
func name(s *Subject) string {
	switch {
	case s.Node.ID == s.Share.ID:
		return "share/" + s.Share.ID.Format(engine.PrefixShare)
	case s.Node.Kind == engine.KindFolder:
		return "folder/" + s.Node.ID.Format(engine.PrefixFolder)
	}
	return "file/" + s.Node.ID.Format(engine.PrefixFile)
}

// Names lists rights by the contract's names, in the order of their bits.
func Names(set engine.Right) string {
	all := []struct {
		right engine.Right
		name  string
	}{
		{engine.RightRead, "READ"}, {engine.RightWrite, "WRITE"}, {engine.RightDelete, "DELETE"},
		{engine.RightCreate, "CREATE"}, {engine.RightShare, "SHARE"}, {engine.RightManage, "MANAGE_PERMISSIONS"},
	}
	var list []string
	for _, a := range all {
		if set&a.right != 0 {
			list = append(list, a.name)
		}
	}
	return strings.Join(list, ", ")
}
