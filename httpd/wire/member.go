package wire

// ShareMember is a user or group with a role in a share.
type ShareMember struct {
	PrincipalType string  `json:"principal_type" is:"user|group"`           // what it is
	PrincipalID   string  `json:"principal_id" is:"usr_|grp_"`              // who it is
	Name          string  `json:"name"`                                     // to show
	Email         *string `json:"email"`                                    // of a user
	Role          string  `json:"role" is:"owner|admin|contributor|reader"` // what they may do
	ExpiresAt     *Time   `json:"expires_at"`                               // from then on the role gives nothing; null: never
	AddedBy       *string `json:"added_by" is:"usr_"`                       // null: not told
	AddedAt       Time    `json:"added_at"`                                 // when they got it
}

// ShareMembers is the answer of GET /shares/{id}/members: the owner, then the others
// by name.
type ShareMembers struct {
	Members []ShareMember `json:"members"` // those whose time is over, too
	Total   int           `json:"total"`
}

// AddShareMember is the body of POST /shares/{id}/members (201, [ShareMember]).
type AddShareMember struct {
	PrincipalType string `json:"principal_type,omitempty" is:"user|group"`           // as the ID says, if given
	PrincipalID   string `json:"principal_id" wire:"required" is:"usr_|grp_"`        // who
	Role          string `json:"role" wire:"required" is:"admin|contributor|reader"` // what they may do
	ExpiresAt     *Time  `json:"expires_at,omitempty"`                               // null: never
}

// UpdateShareMember is the body of PATCH /shares/{id}/members/{principal_id}; what is
// left out stays.
type UpdateShareMember struct {
	Role      *string `json:"role,omitempty" is:"admin|contributor|reader"` // what they may do
	ExpiresAt *Time   `json:"expires_at,omitempty"`                         // from then on the role gives nothing
	Unlimited *bool   `json:"unlimited,omitempty"`                          // true takes the end away
}

// CreateInvitation is the body of POST /shares/{id}/invitations (201, [Invitation]).
type CreateInvitation struct {
	Email     string `json:"email" wire:"required"`
	Role      string `json:"role" wire:"required" is:"admin|contributor|reader"` // what they may do
	Message   string `json:"message,omitempty"`                                  // for whom it is; at most 2,000 bytes
	ExpiresAt *Time  `json:"expires_at,omitempty"`                               // of the invitation; two weeks if left out
}

// Invitation offers a role in a share.
type Invitation struct {
	ID        string `json:"id" is:"inv_"`
	ShareID   string `json:"share_id"`
	ShareName string `json:"share_name"`
	Email     string `json:"email"`
	Role      string `json:"role" is:"admin|contributor|reader"` // what they may do
	Message   string `json:"message"`                            // of who invites
	Status    string `json:"status" is:"open|accepted|declined"`
	InvitedBy string `json:"invited_by" is:"usr_"` // who invites
	CreatedAt Time   `json:"created_at"`
	ExpiresAt Time   `json:"expires_at"`
	// URL is the address to hand over; whoever signs in there with the invited e-mail
	// address can accept. It holds no secret.
	URL string `json:"url"`
}

// Invitations is the answer of GET /shares/{id}/invitations and
// /users/me/invitations.
type Invitations struct {
	Invitations []Invitation `json:"invitations"` // oldest first
	Total       int          `json:"total"`
}

// Joined is the answer when an invitation was accepted.
type Joined struct {
	ShareID string `json:"share_id"`
	Role    string `json:"role" is:"admin|contributor|reader"` // what was offered
}

// TransferOwnership is the body of POST /permissions/ownership/share/{id}/transfer.
type TransferOwnership struct {
	NewOwnerID string `json:"new_owner_id" wire:"required" is:"usr_|grp_"` // who owns it then
}
