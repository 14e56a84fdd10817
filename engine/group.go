package engine

import "time"

// Bounds of groups.
const (
	// MaxGroupsOf is how many groups a user may be in, those included that they are
	// in through other groups. Who is in more is in none that counts: see access.
	MaxGroupsOf = 1000
	// MaxShareMembers is the longest list of members of one share.
	MaxShareMembers = 10_000
)

// A Group is users and groups of one tenant under a name. Everybody in a group
// that is in it is in it, too; a circle of groups harms nothing.
type Group struct {
	ID          ID
	Tenant      TenantNo
	Name        string
	Description string
	CreatedAt   time.Time
	CreatedBy   ID
	// DeletedAt is set on a group that gives nothing any more, whatever still names
	// it; zero: live. A group made again has another ID.
	DeletedAt time.Time
	// Members is the count and digest of the memberships in this group, Groups that
	// of the groups that this group is in.
	Members Seal
	Groups  Seal

	Extra Extra
}

// A Membership says that a user or a group is in a group.
type Membership struct {
	Group   ID
	Member  ID
	Kind    PrincipalKind // of the member: user or group
	AddedBy ID
	AddedAt time.Time

	Extra Extra
}

// MemberRole is what a member may do in a share. The owner is no member: they
// stand on the share.
type MemberRole uint8

// The roles of members.
const (
	MemberReader      MemberRole = 1
	MemberContributor MemberRole = 2
	MemberAdmin       MemberRole = 3
)

// Rights are what a role gives; of an unknown one, nothing.
func (r MemberRole) Rights() Right {
	switch r {
	case MemberReader:
		return RightRead
	case MemberContributor:
		return RightRead | RightWrite | RightDelete | RightCreate
	case MemberAdmin:
		return RightsAll
	}
	return 0
}

// A ShareMember gives a user or a group a role in a share.
type ShareMember struct {
	Share     ID
	Principal ID
	Kind      PrincipalKind
	Role      MemberRole
	ExpiresAt time.Time // from then on it gives nothing; zero: never
	AddedBy   ID
	AddedAt   time.Time

	Extra Extra
}

// Live reports whether a member's role counts at a moment.
func (m *ShareMember) Live(now time.Time) bool {
	return m.ExpiresAt.IsZero() || now.Before(m.ExpiresAt)
}

// A ShareRef says why a share is in a principal's list.
type ShareRef struct {
	Share  ID
	Owner  bool
	Member bool
	// Entries is how many objects in the share have entries that allow the principal
	// something; those in the trash count.
	Entries uint32

	Extra Extra
}

// Any reports whether there is any reason.
func (r *ShareRef) Any() bool { return r.Owner || r.Member || r.Entries != 0 || len(r.Extra) != 0 }

// InvitationState is what became of an invitation.
type InvitationState uint8

// The states.
const (
	InvitationOpen     InvitationState = 1
	InvitationAccepted InvitationState = 2
	InvitationDeclined InvitationState = 3
)

// PrefixInvitation begins the wire form of an invitation's ID.
const PrefixInvitation = "inv_"

// An Invitation offers a role in a share to whoever has an e-mail address.
type Invitation struct {
	ID        ID
	Share     ID
	Email     string // as given
	Role      MemberRole
	Message   string
	State     InvitationState
	InvitedBy ID
	CreatedAt time.Time
	ExpiresAt time.Time // of the invitation
	// MemberUntil is when the membership will end that accepting it gives; zero: never.
	MemberUntil time.Time
	// Token is the SHA-256 of the text in the link that was handed over.
	Token [32]byte

	Extra Extra
}

// JoinState is what became of a request to join a share.
type JoinState uint8

// The states.
const (
	JoinOpen     JoinState = 1
	JoinAccepted JoinState = 2
	JoinRefused  JoinState = 3
)

// A JoinRequest asks for a role in a discoverable share.
type JoinRequest struct {
	Share      ID
	User       ID
	Role       MemberRole // that is asked for
	Message    string
	State      JoinState
	At         time.Time
	AnsweredBy ID
	AnsweredAt time.Time

	Extra Extra
}
