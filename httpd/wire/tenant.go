package wire

// Tenant is the boundary of isolation: GET /admin/tenant.
type Tenant struct {
	ID          string         `json:"id" is:"tnt_"`
	PartnerID   string         `json:"partner_id"`
	Name        string         `json:"name"`
	DisplayName string         `json:"display_name"`
	Status      string         `json:"status" is:"active|suspended"`
	CreatedAt   Time           `json:"created_at"`
	Settings    TenantSettings `json:"settings"` // what its administrators may change
}

// TenantSettings are what a tenant's administrators may change.
type TenantSettings struct {
	MaxFileSizeBytes       int64  `json:"max_file_size_bytes"`       // of one file
	DefaultShareQuotaBytes *int64 `json:"default_share_quota_bytes"` // of new shares; null: none
	DefaultUserQuotaBytes  *int64 `json:"default_user_quota_bytes"`  // of the shares of a user; null: none
	TrashRetentionDays     int    `json:"trash_retention_days"`      // how long what is deleted can come back; 0: until somebody removes it for good
	VersionRetentionDays   *int   `json:"version_retention_days"`    // null: versions are kept
	VersionKeepLast        *int   `json:"version_keep_last"`         // null: all
	VectorizationEnabled   bool   `json:"vectorization_enabled"`     // whether content may be searched by meaning
	RequireMFA             bool   `json:"require_mfa"`               // whether a second factor is needed
	WindowsCompatibleNames bool   `json:"windows_compatible_names"`  // whether names are refused that Windows cannot have
	// ShareCreation says who may make central shares.
	ShareCreation     string `json:"share_creation" is:"admins|members"`
	Invitations       bool   `json:"invitations"`         // whether people are invited into shares by address
	PasswordMinLength int    `json:"password_min_length"` // in characters
}

// UpdateTenant is the body of PATCH /admin/tenant; what is left out stays. Where a
// setting may be null, 0 makes it so.
type UpdateTenant struct {
	DisplayName            *string `json:"display_name,omitempty"`
	MaxFileSizeBytes       *int64  `json:"max_file_size_bytes,omitempty"`                // of one file
	DefaultShareQuotaBytes *int64  `json:"default_share_quota_bytes,omitempty"`          // of shares made from then on
	DefaultUserQuotaBytes  *int64  `json:"default_user_quota_bytes,omitempty"`           // of the shares of a user
	TrashRetentionDays     *int    `json:"trash_retention_days,omitempty"`               // how long what is deleted can come back; 0: until somebody removes it for good
	VersionRetentionDays   *int    `json:"version_retention_days,omitempty"`             // how long older versions are kept
	VersionKeepLast        *int    `json:"version_keep_last,omitempty"`                  // how many versions are kept
	VectorizationEnabled   *bool   `json:"vectorization_enabled,omitempty"`              // whether content may be searched by meaning
	RequireMFA             *bool   `json:"require_mfa,omitempty"`                        // not yet
	WindowsCompatibleNames *bool   `json:"windows_compatible_names,omitempty"`           // whether names are refused that Windows cannot have
	ShareCreation          *string `json:"share_creation,omitempty" is:"admins|members"` // who may make central shares
	Invitations            *bool   `json:"invitations,omitempty"`                        // whether people are invited into shares by address
	PasswordMinLength      *int    `json:"password_min_length,omitempty"`                // in characters, from 8
}

// Partner contains tenants.
type Partner struct {
	ID          string `json:"id" is:"prt_"`
	Name        string `json:"name"`
	DisplayName string `json:"display_name"`
	Status      string `json:"status" is:"active|suspended"`
	CreatedAt   Time   `json:"created_at"`
}

// Partners is the answer of GET /admin/partners.
type Partners struct {
	Partners []Partner `json:"partners"` // those that the caller administers
	Total    int       `json:"total"`
}

// CreatePartner is the body of POST /admin/partners (201, [Partner]).
type CreatePartner struct {
	Name        string `json:"name" wire:"required"` // unlike that of any other
	DisplayName string `json:"display_name,omitempty"`
}

// CreateTenant is the body of POST /admin/partners/{id}/tenants (201, [NewTenant]).
type CreateTenant struct {
	Name        string `json:"name" wire:"required"` // unlike that of the partner's others
	DisplayName string `json:"display_name,omitempty"`
	AdminEmail  string `json:"admin_email" wire:"required"` // of its first administrator
}

// NewTenant is a tenant with the link for its first administrator, which is told
// this once.
type NewTenant struct {
	Tenant
	AdminUserID string `json:"admin_user_id" is:"usr_"` // its first administrator
	Invite      Invite `json:"invite"`                  // for them
}

// Tenants is the answer of GET /admin/partners/{id}/tenants.
type Tenants struct {
	Tenants []Tenant `json:"tenants"` // in the order in which they were made
	Total   int      `json:"total"`
}
