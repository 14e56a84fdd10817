package schema

import (
	"crypto/sha256"

	"scaidrive/engine"
)

func invitationFields(c *codec, i *engine.Invitation) {
	c.string(1, "email", &i.Email)
	unsigned(c, 2, "role", &i.Role)
	c.string(3, "message", &i.Message)
	unsigned(c, 4, "state", &i.State)
	c.id(5, "invited_by", &i.InvitedBy)
	c.time(6, "created_at", &i.CreatedAt)
	c.time(7, "expires_at", &i.ExpiresAt)
	c.time(8, "member_until", &i.MemberUntil)
	c.hash(9, "token", &i.Token)
	c.extra(&i.Extra)
}

// invitationRef is the value of InvitationsByEmail.
type invitationRef struct {
	Share engine.ID
	Extra engine.Extra
}

func invitationRefFields(c *codec, r *invitationRef) {
	c.id(1, "share", &r.Share)
	c.extra(&r.Extra)
}

// InvitationKey is the key of an invitation to a share.
func InvitationKey(t engine.TenantNo, share, id engine.ID) []byte { return tenantKey(t, 0, share, id) }

// InvitationEmailKey is the key of an invitation beside the SHA-256 of the folded
// address that it is for.
func InvitationEmailKey(t engine.TenantNo, folded string, id engine.ID) []byte {
	return append(invitationsOf(t, folded), id[:]...)
}

func invitationsOf(t engine.TenantNo, folded string) []byte {
	sum := sha256.Sum256([]byte(folded))
	return append(tenantKey(t, hashSize+idSize), sum[:]...)
}

// GetInvitation reads an invitation to a share.
func GetInvitation(r Reader, t engine.TenantNo, share, id engine.ID) (*engine.Invitation, error) {
	i, err := get(r, Invitations, InvitationKey(t, share, id), invitationFields)
	if err == nil {
		i.Share, i.ID = share, id
	}
	return i, err
}

// PutInvitation writes an invitation, and that it is there for a folded address.
func PutInvitation(w Writer, t engine.TenantNo, folded string, i *engine.Invitation) error {
	err := put(w, InvitationsByEmail, InvitationEmailKey(t, folded, i.ID), &invitationRef{Share: i.Share}, invitationRefFields)
	if err != nil {
		return err
	}
	return put(w, Invitations, InvitationKey(t, i.Share, i.ID), i, invitationFields)
}

// DeleteInvitation takes an invitation back.
func DeleteInvitation(w Writer, t engine.TenantNo, folded string, share, id engine.ID) error {
	if err := w.Delete(InvitationsByEmail, InvitationEmailKey(t, folded, id)); err != nil {
		return err
	}
	return w.Delete(Invitations, InvitationKey(t, share, id))
}

// ScanInvitations goes through the invitations to a share behind one of them,
// oldest first.
func ScanInvitations(r Reader, t engine.TenantNo, share, behind engine.ID, fn func(*engine.Invitation) (bool, error)) error {
	return scanIDs(r, Invitations, tenantKey(t, idSize, share), behind, invitationFields, func(id engine.ID, i *engine.Invitation) (bool, error) {
		i.Share, i.ID = share, id
		return fn(i)
	})
}

// ScanInvitationsOf goes through the invitations for a folded address behind one of
// them, oldest first: their IDs and shares.
func ScanInvitationsOf(r Reader, t engine.TenantNo, folded string, behind engine.ID, fn func(id, share engine.ID) (bool, error)) error {
	return scanIDs(r, InvitationsByEmail, invitationsOf(t, folded), behind, invitationRefFields, func(id engine.ID, ref *invitationRef) (bool, error) {
		return fn(id, ref.Share)
	})
}
