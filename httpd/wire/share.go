package wire

// CreateShare is the body of POST /shares (201, [Share]).
type CreateShare struct {
	Name        string `json:"name" wire:"required"`
	ShareType   string `json:"share_type" wire:"required" is:"central|project"` // central, project
	OwnerID     string `json:"owner_id,omitempty"`                              // the caller
	Description string `json:"description,omitempty"`
	QuotaBytes  *int64 `json:"quota_bytes,omitempty"` // the tenant's
	// Slug is another name for paths: 1 to 64 of a-z, 0-9 and -.
	Slug       string `json:"slug,omitempty"`
	Visibility string `json:"visibility,omitempty" is:"private|discoverable"` // private
	ArchiveAt  *Time  `json:"archive_at,omitempty"`                           // when a project share becomes read-only by itself
}

// Share is a namespace for files: GET /shares/{id}.
type Share struct {
	ID          string        `json:"id" is:"shr_"`
	TenantID    string        `json:"tenant_id"`
	Name        string        `json:"name"`
	Description string        `json:"description"`
	ShareType   string        `json:"share_type" is:"central|personal|project"` // central, personal, project
	Type        string        `json:"type" is:"central|personal|project"`       // the same again
	OwnerID     string        `json:"owner_id,omitempty"`                       // not of a bare one
	IsPublic    bool          `json:"is_public"`                                // whether everybody in the tenant may read it
	IsDeleted   bool          `json:"is_deleted"`
	QuotaBytes  *int64        `json:"quota_bytes"`
	UsedBytes   int64         `json:"used_bytes"`
	Slug        *string       `json:"slug"`                                 // its name in paths beside the ID; null: none
	Visibility  string        `json:"visibility" is:"private|discoverable"` // discoverable: everybody in the tenant may know of it and ask to join
	ArchiveAt   *Time         `json:"archive_at"`                           // when it becomes read-only, or became it; null: never
	IsArchived  bool          `json:"is_archived"`                          // it is read-only
	Settings    ShareSettings `json:"settings"`                             // what holds in it
	CreatedAt   Time          `json:"created_at,omitzero"`                  // not of a bare one
	ModifiedAt  Time          `json:"modified_at,omitzero"`                 // not of a bare one
	Bare        bool          `json:"bare,omitempty"`                       // only something inside may be seen
}

// ShareSettings are what holds in a share where nobody says otherwise.
type ShareSettings struct {
	// ConflictResolution is what becomes of edits that meet, where a client does not
	// say it.
	ConflictResolution string `json:"conflict_resolution" is:"LAST_WRITER_WINS|KEEP_BOTH|MANUAL|SERVER_WINS|CLIENT_WINS"`
	// TrashRetentionDays is after how many days what was deleted is removed for good; 0:
	// not by itself; null: as the tenant says.
	TrashRetentionDays *int `json:"trash_retention_days"`
}

// OpenShare is a discoverable share as everybody in the tenant is told of it.
type OpenShare struct {
	ID          string  `json:"id" is:"shr_"`
	Name        string  `json:"name"`
	Description string  `json:"description"`
	Type        string  `json:"type" is:"central|project"`          // what kind of share
	OwnerName   string  `json:"owner_name"`                         // what its owner is called
	Joined      bool    `json:"joined"`                             // the caller has a role in it
	Request     *string `json:"request" is:"open|accepted|refused"` // the state of the caller's last request; null: none
}

// OpenShares is the answer of GET /shares/discoverable.
type OpenShares struct {
	Shares []OpenShare `json:"shares"` // by name
	Total  int         `json:"total"`
}

// AskToJoin is the body of POST /shares/{id}/join-requests (201, [JoinRequest]).
type AskToJoin struct {
	Role    string `json:"role,omitempty" is:"admin|contributor|reader"` // reader
	Message string `json:"message,omitempty"`                            // for who answers; at most 2,000 bytes
}

// JoinRequest asks for a role in a discoverable share.
type JoinRequest struct {
	ShareID    string  `json:"share_id"`
	ShareName  string  `json:"share_name"`
	UserID     string  `json:"user_id" is:"usr_"` // who asks
	Name       string  `json:"name"`              // what they are called
	Email      string  `json:"email"`
	Role       string  `json:"role" is:"admin|contributor|reader"` // that was asked for, or given
	Message    string  `json:"message"`                            // of who asks
	Status     string  `json:"status" is:"open|accepted|refused"`
	CreatedAt  Time    `json:"created_at,omitzero"`   // not of a bare one
	AnsweredBy *string `json:"answered_by" is:"usr_"` // null: nobody yet
	AnsweredAt *Time   `json:"answered_at"`           // null: not yet
}

// JoinRequests is the answer of GET /shares/{id}/join-requests and
// /users/me/join-requests.
type JoinRequests struct {
	JoinRequests []JoinRequest `json:"join_requests"` // the open ones first
	Total        int           `json:"total"`
}

// AcceptJoin is the body of POST /shares/{id}/join-requests/{user_id}/accept.
type AcceptJoin struct {
	Role string `json:"role,omitempty" is:"admin|contributor|reader"` // the one that was asked for
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
	Slug       *string `json:"slug"`                               // its name in paths beside the ID; null: none
	IsArchived bool    `json:"is_archived"`                        // it is read-only
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
