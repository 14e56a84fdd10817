package wire

// Attributes are what a file carries beside its bytes.
type Attributes struct {
	Executable bool `json:"executable"`
}

// CreateFolder is the body of POST /folders (201, [Folder]).
type CreateFolder struct {
	ShareID  string `json:"share_id" wire:"required"`
	ParentID string `json:"parent_id,omitempty" is:"fld_|shr_"` // the share's root
	Name     string `json:"name" wire:"required"`
}

// Folder is the answer of GET /folders/{id}.
type Folder struct {
	ID         string  `json:"id" is:"fld_"`
	TenantID   string  `json:"tenant_id"`
	ShareID    string  `json:"share_id"`
	ParentID   *string `json:"parent_id"` // null: at the share's root
	Name       string  `json:"name"`
	Path       string  `json:"path"`
	OwnerID    string  `json:"owner_id"`
	CreatedBy  string  `json:"created_by"`
	CreatedAt  Time    `json:"created_at"`
	ModifiedAt Time    `json:"modified_at"`
	UpdatedAt  Time    `json:"updated_at"`
	IsDeleted  bool    `json:"is_deleted"`
}

// File is the answer of GET /files/{id}, and of POST /files (201), which takes
// multipart/form-data with share_id*, folder_id, name, modified_at,
// checksum_sha256 and file*, the fields before the file.
type File struct {
	ID             string     `json:"id" is:"fil_"`
	TenantID       string     `json:"tenant_id"`
	ShareID        string     `json:"share_id"`
	FolderID       *string    `json:"folder_id"` // null: at the share's root
	Name           string     `json:"name"`
	Path           string     `json:"path"`
	MIMEType       string     `json:"mime_type"`
	Size           int64      `json:"size"`
	ChecksumSHA256 Hash       `json:"checksum_sha256"`
	ChecksumState  string     `json:"checksum_state"` // claimed, verified
	Version        uint64     `json:"version"`
	VersionID      string     `json:"version_id"`
	Attributes     Attributes `json:"attributes"`
	OwnerID        string     `json:"owner_id"`
	CreatedBy      string     `json:"created_by"`
	CreatedAt      Time       `json:"created_at"`
	ModifiedBy     string     `json:"modified_by"`
	ModifiedAt     Time       `json:"modified_at"` // the content's time, as the client told it
	UpdatedAt      Time       `json:"updated_at"`  // the server's
	IsDeleted      bool       `json:"is_deleted"`
	VectorizedAt   *Time      `json:"vectorized_at"` // when it was made known to the search by meaning; null: not
}

// Item is an entry of a folder listing. Size, MIMEType, Version, VersionID,
// ChecksumSHA256 and Attributes are those of files only.
type Item struct {
	ID             string      `json:"id" is:"fil_|fld_"`
	Name           string      `json:"name"`
	Type           string      `json:"type"` // file, folder
	ShareID        string      `json:"share_id"`
	ParentID       *string     `json:"parent_id"` // null: at the share's root
	Size           *int64      `json:"size,omitempty"`
	MIMEType       string      `json:"mime_type,omitempty"`
	ModifiedAt     Time        `json:"modified_at,omitzero"` // not of a bare one
	CreatedAt      Time        `json:"created_at,omitzero"`  // not of a bare one
	Version        uint64      `json:"version,omitempty"`
	VersionID      string      `json:"version_id,omitempty"`
	ChecksumSHA256 *Hash       `json:"checksum_sha256,omitempty"`
	Attributes     *Attributes `json:"attributes,omitempty"`
	// Bare: the folder is shown only as the way to something below it.
	Bare bool `json:"bare"`
	// Permissions are the caller's, as a bit field; with include=permissions.
	Permissions *int `json:"permissions,omitempty"`
	// Tags, where there are some; with include=tags.
	Tags []string `json:"tags,omitempty"`
	// IsDeleted: it is in the trash; with include_deleted=true.
	IsDeleted bool  `json:"is_deleted,omitempty"`
	DeletedAt *Time `json:"deleted_at,omitempty"`
}

// Children is a page of GET /folders/{id}/children.
type Children struct {
	Items []Item `json:"items"`
	Path  string `json:"path"`
	Total int    `json:"total"`
	// TotalExact false: Total is a lower bound.
	TotalExact    bool   `json:"total_exact"`
	NextPageToken string `json:"next_page_token,omitempty"`
	// Position is how many items the listing has before the page, where pages can be asked for by their position.
	Position *int `json:"position,omitempty"`
}

// Version is one content of a file.
type Version struct {
	ID             string `json:"id" is:"ver_"`
	VersionNumber  uint64 `json:"version_number"` // from 1
	Size           int64  `json:"size"`
	ChecksumSHA256 Hash   `json:"checksum_sha256"`
	CreatedBy      string `json:"created_by"`
	CreatedAt      Time   `json:"created_at"`
	ModifiedAt     Time   `json:"modified_at"`
}

// Versions is the answer of GET /files/{id}/versions?limit&offset, newest first.
type Versions struct {
	Versions []Version `json:"versions"`
	Total    int       `json:"total"`
}
