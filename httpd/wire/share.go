package wire

// CreateShare is the body of POST /shares (201, [Share]).
type CreateShare struct {
	Name        string `json:"name" wire:"required"`
	ShareType   string `json:"share_type" wire:"required" is:"central|project"` // central, project
	OwnerID     string `json:"owner_id,omitempty"`                              // the caller
	Description string `json:"description,omitempty"`
	QuotaBytes  *int64 `json:"quota_bytes,omitempty"` // the tenant's
}

// Share is a namespace for files: GET /shares/{id}.
type Share struct {
	ID          string         `json:"id" is:"shr_"`
	TenantID    string         `json:"tenant_id"`
	Name        string         `json:"name"`
	Description string         `json:"description"`
	ShareType   string         `json:"share_type" is:"central|personal|project"` // central, personal, project
	Type        string         `json:"type" is:"central|personal|project"`       // the same again
	OwnerID     string         `json:"owner_id,omitempty"`                       // not of a bare one
	IsPublic    bool           `json:"is_public"`                                // whether everybody in the tenant may read it
	IsDeleted   bool           `json:"is_deleted"`
	QuotaBytes  *int64         `json:"quota_bytes"`
	UsedBytes   int64          `json:"used_bytes"`
	Settings    map[string]any `json:"settings"`             // by name
	CreatedAt   Time           `json:"created_at,omitzero"`  // not of a bare one
	ModifiedAt  Time           `json:"modified_at,omitzero"` // not of a bare one
	Bare        bool           `json:"bare,omitempty"`       // only something inside may be seen
}

// Shares is the answer of GET /shares?all&limit&offset.
type Shares struct {
	Shares []Share `json:"shares"`
	Total  int     `json:"total"`
}

// MyShare is a share as its member sees it.
type MyShare struct {
	ID         string  `json:"id" is:"shr_"`
	Name       string  `json:"name"`
	Type       string  `json:"type" is:"central|personal|project"` // what kind of share
	Role       *string `json:"role"`                               // null: only something inside was granted
	OwnerID    string  `json:"owner_id,omitempty"`                 // not of a bare one
	QuotaBytes *int64  `json:"quota_bytes"`
	UsedBytes  int64   `json:"used_bytes"`
	CreatedAt  Time    `json:"created_at,omitzero"` // not of a bare one
	Bare       bool    `json:"bare,omitempty"`      // only something inside may be seen
}

// MyShares is the answer of GET /users/me/shares?limit&offset.
type MyShares struct {
	Shares []MyShare `json:"shares"`
	Total  int       `json:"total"`
}
