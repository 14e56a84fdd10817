package wire

// AdminUser is a user as the tenant's administrators see them: GET /admin/users/{id}.
type AdminUser struct {
	ID          string  `json:"id" is:"usr_"`
	TenantID    string  `json:"tenant_id"`
	Email       string  `json:"email"`
	Name        string  `json:"name"`
	DisplayName string  `json:"display_name"`
	AvatarURL   *string `json:"avatar_url"` // null: there is none
	// Status: pending users have not set a password yet, inactive ones have been idle
	// and may sign in.
	Status    string  `json:"status" is:"active|inactive|suspended|pending|deleted"`
	IsActive  bool    `json:"is_active"`                                              // whether the user may sign in
	IsAdmin   bool    `json:"is_admin"`                                               // whether there is an admin_role
	AdminRole *string `json:"admin_role" is:"tenant_admin|partner_admin|super_admin"` // null: none
	// QuotaBytes is of the shares that the user owns; null: none of the user's own.
	QuotaBytes *int64 `json:"quota_bytes"`
	// ProvisioningSource says where the account comes from.
	ProvisioningSource string `json:"provisioning_source" is:"local"`
	ScaiKeySyncedAt    *Time  `json:"scaikey_synced_at"` // null: the account is of this server
	LastLoginAt        *Time  `json:"last_login_at"`     // null: never
	CreatedAt          Time   `json:"created_at"`
	// Invite opens the account once; it is in the answer that made it and in no other.
	Invite *Invite `json:"invite,omitempty"`
}

// Invite is a link to hand over, by which a user sets a password once.
type Invite struct {
	Token     string `json:"token"` // the secret, for POST /auth/activate
	URL       string `json:"url"`   // the page's address with the secret in it
	ExpiresAt Time   `json:"expires_at"`
}

// AdminUsers is the answer of GET /admin/users: in the order in which they were
// made, or with search by name.
type AdminUsers struct {
	Users         []AdminUser `json:"users"`
	Total         int         `json:"total"`
	TotalExact    bool        `json:"total_exact"`
	NextPageToken string      `json:"next_page_token,omitempty"`
}

// CreateUser is the body of POST /admin/users (201, [AdminUser]).
type CreateUser struct {
	Email       string `json:"email" wire:"required"`
	Name        string `json:"name" wire:"required"`
	DisplayName string `json:"display_name,omitempty"` // the name if left out
	// Password makes the user active; without one they are pending, and the answer
	// holds an invite.
	Password   string  `json:"password,omitempty"`
	AdminRole  *string `json:"admin_role,omitempty" is:"tenant_admin|partner_admin|super_admin"` // null: none
	QuotaBytes *int64  `json:"quota_bytes,omitempty"`                                            // null: none of the user's own
}

// UpdateUser is the body of PATCH /admin/users/{id}; what is left out stays.
type UpdateUser struct {
	Email       *string `json:"email,omitempty"`
	Name        *string `json:"name,omitempty"`
	DisplayName *string `json:"display_name,omitempty"`
	// AdminRole none takes the role away.
	AdminRole *string `json:"admin_role,omitempty" is:"none|tenant_admin|partner_admin|super_admin"`
	// QuotaBytes 0 takes the quota away.
	QuotaBytes *int64 `json:"quota_bytes,omitempty"`
}

// ResetPassword is the body of POST /admin/users/{id}/reset-password.
type ResetPassword struct {
	Password string `json:"password,omitempty"` // the new one; without it the answer holds an invite
}

// Activate is the body of POST /auth/activate.
type Activate struct {
	Token    string `json:"token" wire:"required"`    // the secret of the link
	Password string `json:"password" wire:"required"` // the user's from now on
}

// Group is a group of users and groups: GET /admin/groups/{id}.
type Group struct {
	ID          string `json:"id" is:"grp_"`
	TenantID    string `json:"tenant_id"`
	Name        string `json:"name"`
	Description string `json:"description"`
	MemberCount int    `json:"member_count"` // of those who are in it directly
	CreatedAt   Time   `json:"created_at"`
}

// Groups is the answer of GET /admin/groups: in the order in which they were made,
// or with search by name.
type Groups struct {
	Groups        []Group `json:"groups"`
	Total         int     `json:"total"`
	TotalExact    bool    `json:"total_exact"`
	NextPageToken string  `json:"next_page_token,omitempty"`
}

// CreateGroup is the body of POST /admin/groups (201, [Group]).
type CreateGroup struct {
	Name        string `json:"name" wire:"required"` // unlike that of any other group, without case
	Description string `json:"description,omitempty"`
}

// UpdateGroup is the body of PATCH /admin/groups/{id}; what is left out stays.
type UpdateGroup struct {
	Name        *string `json:"name,omitempty"`
	Description *string `json:"description,omitempty"`
}

// AddGroupMember is the body of POST /admin/groups/{id}/members (201,
// [GroupMember]): one of the two.
type AddGroupMember struct {
	UserID  string `json:"user_id,omitempty"`
	GroupID string `json:"group_id,omitempty" is:"grp_"` // a group whose members are in this one, too
}

// GroupMember is a user or group that is in a group directly.
type GroupMember struct {
	PrincipalType string  `json:"principal_type" is:"user|group"` // what it is
	PrincipalID   string  `json:"principal_id" is:"usr_|grp_"`    // who it is
	Name          string  `json:"name"`
	Email         *string `json:"email"`              // of a user
	AddedBy       *string `json:"added_by" is:"usr_"` // who added them
	AddedAt       Time    `json:"added_at"`           // when
}

// GroupMembers is the answer of GET /admin/groups/{id}/members.
type GroupMembers struct {
	Members []GroupMember `json:"members"` // in the order of their IDs
	Total   int           `json:"total"`
}
