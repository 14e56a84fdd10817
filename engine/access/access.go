// Package access decides who may do what. Every door of the product (REST,
// sync, CLI through them) asks Check; there is no other place that decides.
package access

import (
	"scaidrive/engine"
	"scaidrive/engine/meta/schema"
)

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

// Resolve walks from a node up to its share. An unknown node, a foreign
// tenant's and one in a deleted share are all engine.KindNotFound. A record on
// the way that is missing or damaged is KindDamaged.
func Resolve(r schema.Reader, tenant engine.TenantNo, id engine.ID) (*Subject, error) {
	panic("unfinished")
}

// Rights gives the rights that a principal has on a subject.
// Until entries and roles of members are built, that is everything for the owner
// of the share and for administrators (tenant_admin of the tenant, super_admin),
// nothing for others. A subject that has entries recorded but whose entries
// cannot be read is KindDamaged.
func Rights(r schema.Reader, p *engine.Principal, s *Subject) (engine.Right, error) {
	panic("unfinished")
}

// Check resolves a node and answers nil if the principal has all of want.
// Without RightRead the answer is KindNotFound, as for an unknown ID; with it,
// a missing right is KindForbidden ("Permission denied: WRITE on file/fil_...").
// A trashed node is KindGone for a caller who may read it.
func Check(r schema.Reader, p *engine.Principal, id engine.ID, want engine.Right) (*Subject, error) {
	panic("unfinished")
}

// CheckShare is Check for a share's root, by the share's ID.
func CheckShare(r schema.Reader, p *engine.Principal, share engine.ID, want engine.Right) (*Subject, error) {
	panic("unfinished")
}
