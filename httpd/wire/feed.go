package wire

// Row is a row of a share's change log, rendered for the caller as of now.
type Row struct {
	ID           string      `json:"id" is:"chg_"`
	TenantID     string      `json:"tenant_id"`
	ShareID      string      `json:"share_id"`
	ResourceType string      `json:"resource_type" is:"file|folder|share"`
	ResourceID   string      `json:"resource_id" is:"fil_|fld_|shr_"`                        // what it is about
	ChangeType   string      `json:"change_type" is:"created|updated|deleted|moved|renamed"` // created also: came into sight; deleted also: went out of sight
	ChangedBy    *string     `json:"changed_by" is:"usr_"`                                   // null: the server itself
	ChangedAt    Time        `json:"changed_at,omitzero"`                                    // by the server's clock; not of a bare one
	OldPath      *string     `json:"old_path"`                                               // where it was, by the folders' present names; null: nowhere, or out of sight
	NewPath      *string     `json:"new_path"`                                               // where it came to; null: nowhere, or out of sight
	VersionID    *string     `json:"version_id" is:"ver_"`                                   // of a file
	Metadata     RowMetadata `json:"metadata"`                                               // enough to follow without asking again
}

// RowMetadata is what a client needs to follow a row. Size to Attributes are those
// of files that are not deleted.
type RowMetadata struct {
	Name           string      `json:"name,omitempty"`
	ParentID       *string     `json:"parent_id" is:"fld_"` // null: the share's root, or out of sight
	Size           *int64      `json:"size,omitempty"`
	MIMEType       string      `json:"mime_type,omitempty"`       // by the name and what was told
	ChecksumSHA256 *Hash       `json:"checksum_sha256,omitempty"` // of the whole content
	Version        uint64      `json:"version,omitempty"`         // the number of the version
	ModifiedAt     *Time       `json:"modified_at,omitempty"`     // the content's time, as it is now
	Attributes     *Attributes `json:"attributes,omitempty"`      // as they are now
	Recursive      bool        `json:"recursive,omitempty"`       // all that lies below goes with it
	AccessChanged  bool        `json:"access_changed,omitempty"`  // list what lies below anew
	Bare           bool        `json:"bare,omitempty"`            // shown only as the way to something below it
}

// Changes is the answer of GET /sync/changes?share_id&cursor&epoch&limit&wait.
type Changes struct {
	Changes []Row  `json:"changes"`  // oldest first
	Cursor  int64  `json:"cursor"`   // goes on here
	Epoch   string `json:"epoch"`    // goes with the cursor
	HasMore bool   `json:"has_more"` // ask again at once
	ShareID string `json:"share_id"`
}

// SyncStatus is the answer of GET /sync/status?share_id&device_id.
type SyncStatus struct {
	CursorPosition int64  `json:"cursor_position"` // how far the device has followed
	Epoch          string `json:"epoch"`           // goes with the cursor
	LastSyncAt     *Time  `json:"last_sync_at"`    // null: it has told nothing yet
	PendingChanges int    `json:"pending_changes"` // rows behind it, at most 1,000
	HasConflicts   bool   `json:"has_conflicts"`   // the device has open ones

	// What the device last said of itself by POST /sync/status.
	ReportedAt     *Time         `json:"reported_at"`       // null: nothing yet
	Phase          string        `json:"phase,omitempty"`   // idle, looking, sending, receiving, stopped
	Error          string        `json:"error,omitempty"`   // why it does not go on
	Held           *SyncHeld     `json:"held,omitempty"`    // what it asks about before deleting it
	Waiting        []SyncWaiting `json:"waiting,omitempty"` // the first things that are not in step
	WaitingTotal   int           `json:"waiting_total"`     // things that are not in step
	DeletesAllowed bool          `json:"deletes_allowed"`   // somebody has allowed what is held
}

// SyncHeld are deletions that a device holds back until somebody allows them: a
// mass change, which may be a mistake.
type SyncHeld struct {
	Items int `json:"items" wire:"required"` // that would be deleted
	Of    int `json:"of" wire:"required"`    // all that there are
}

// SyncWaiting is something that is not in step on a device.
type SyncWaiting struct {
	Path   string `json:"path" wire:"required"`   // below the synced folder, as the device has it
	Reason string `json:"reason" wire:"required"` // for people
}

// SyncReport is the body of POST /sync/status?share_id&device_id: how it is with a
// share on a device.
type SyncReport struct {
	Phase        string        `json:"phase" wire:"required"` // idle, looking, sending, receiving, stopped
	Error        string        `json:"error,omitempty"`       // why it does not go on
	Held         *SyncHeld     `json:"held,omitempty"`        // what it asks about before deleting it
	Waiting      []SyncWaiting `json:"waiting,omitempty"`     // the first of them, at most 100
	WaitingTotal int           `json:"waiting_total"`         // all of them
}

// SyncCursor is the answer of POST /sync/cursor?share_id&device_id&position&epoch.
type SyncCursor struct {
	CursorPosition int64  `json:"cursor_position"` // as it is noted now
	Epoch          string `json:"epoch"`           // goes with the cursor
	LastSyncAt     Time   `json:"last_sync_at"`    // now
}

// Device is an installation of a client of the caller's.
type Device struct {
	DeviceID      string `json:"device_id"`      // the client's own choice
	DeviceName    string `json:"device_name"`    // stands in the names of conflict copies
	Platform      string `json:"platform"`       // as the client tells it
	ClientVersion string `json:"client_version"` // as the client tells it
	UserID        string `json:"user_id"`
	TenantID      string `json:"tenant_id"`
	CreatedAt     Time   `json:"created_at"`
	LastSeenAt    Time   `json:"last_seen_at"` // when it last told something of itself
}

// RegisterDevice is the body of POST /sync/devices. Fields that the server does not
// know are ignored.
type RegisterDevice struct {
	DeviceID      string `json:"device_id" wire:"required"` // the client's own choice, at most 128 bytes
	DeviceName    string `json:"device_name"`               // for people
	Platform      string `json:"platform"`                  // linux, windows, darwin or another
	ClientVersion string `json:"client_version"`            // for people
}

// UpdateDevice is the body of PATCH /sync/devices/{device_id}.
type UpdateDevice struct {
	DeviceName string `json:"device_name" wire:"required"` // the new name
}

// SyncPreferences are what a device leaves out of a share.
type SyncPreferences struct {
	ShareID           string   `json:"share_id"`
	DeviceID          string   `json:"device_id"`                     // of the caller's
	ExcludedFolderIDs []string `json:"excluded_folder_ids" is:"fld_"` // folders that it does not keep
	Paused            bool     `json:"paused"`                        // it does nothing for now
	UpdatedAt         *Time    `json:"updated_at"`                    // null: never set
}

// SetSyncPreferences is the body of PUT /sync/preferences?share_id&device_id.
type SetSyncPreferences struct {
	ExcludedFolderIDs []string `json:"excluded_folder_ids"` // at most 10,000
	Paused            bool     `json:"paused"`              // true: do nothing for now
}
