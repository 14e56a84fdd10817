package wire

// Mark is the body of POST and DELETE /users/me/favorites (204).
type Mark struct {
	ResourceType string `json:"resource_type" wire:"required"` // file, folder
	ResourceID   string `json:"resource_id" wire:"required"`
}

// DeskItem is a file or folder that the caller marked, opened or changed. Size,
// MIMEType, Version, VersionID, ChecksumSHA256 and Attributes are those of files
// only.
type DeskItem struct {
	ID             string      `json:"id" is:"fil_|fld_"`
	Name           string      `json:"name"`
	Type           string      `json:"type"` // file, folder
	ShareID        string      `json:"share_id"`
	ParentID       *string     `json:"parent_id"` // null: at the share's root
	Path           string      `json:"path"`
	Size           *int64      `json:"size,omitempty"`
	MIMEType       string      `json:"mime_type,omitempty"`
	ModifiedAt     Time        `json:"modified_at"`
	CreatedAt      Time        `json:"created_at"`
	Version        uint64      `json:"version,omitempty"`
	VersionID      string      `json:"version_id,omitempty"`
	ChecksumSHA256 *Hash       `json:"checksum_sha256,omitempty"`
	Attributes     *Attributes `json:"attributes,omitempty"`
	Bare           bool        `json:"bare"` // shown only as the way to something below it
	At             Time        `json:"at"`   // when it was marked, opened or changed
}

// Desk is a page of GET /users/me/favorites, or of GET /users/me/recent.
type Desk struct {
	Items []DeskItem `json:"items"`
	Total int        `json:"total"`
}
