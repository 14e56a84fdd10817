package wire

// AttributesChange names the attributes of a file that are to change.
type AttributesChange struct {
	Executable *bool `json:"executable,omitempty"`
}

// UpdateFile is the body of PATCH /files/{id} (200, [File]). What is left out
// stays. IsDeleted false brings the file back from the trash; true is refused.
type UpdateFile struct {
	Name       *string           `json:"name,omitempty"`
	ModifiedAt *Time             `json:"modified_at,omitempty"`
	Attributes *AttributesChange `json:"attributes,omitempty"`
	IsDeleted  *bool             `json:"is_deleted,omitempty"`
}

// UpdateFolder is the body of PATCH /folders/{id} (200, [Folder]).
type UpdateFolder struct {
	Name       *string `json:"name,omitempty"`
	ModifiedAt *Time   `json:"modified_at,omitempty"`
	IsDeleted  *bool   `json:"is_deleted,omitempty"`
}

// Place is the body of POST /files/{id}/move and /folders/{id}/move (200), and of
// /files/{id}/copy and /folders/{id}/copy (201). Exactly one of the targets is
// given; a share means its root. The answer is [File] or [Folder].
type Place struct {
	TargetFolderID string  `json:"target_folder_id,omitempty" is:"fld_"` // into this folder
	TargetShareID  string  `json:"target_share_id,omitempty" is:"shr_"`  // into the root of this share
	Name           *string `json:"name,omitempty"`                       // its own
}

// RestoredVersion is the answer of POST /files/{id}/versions/{version}/restore:
// the file with its new version, and which one that has the content of.
type RestoredVersion struct {
	ID           string `json:"id" is:"fil_"`
	Version      uint64 `json:"version"`
	RestoredFrom uint64 `json:"restored_from"` // the number of the version that has the same content
}

// TrashItem is a file or folder in the trash, with where it was. Size, Version,
// VersionID and ChecksumSHA256 are those of files only.
type TrashItem struct {
	ID             string  `json:"id" is:"fil_|fld_"`
	Name           string  `json:"name"`
	Type           string  `json:"type"` // file, folder
	ShareID        string  `json:"share_id"`
	ParentID       *string `json:"parent_id"` // null: the share's root
	Path           string  `json:"path"`
	Size           *int64  `json:"size,omitempty"`
	MIMEType       string  `json:"mime_type,omitempty"`
	ModifiedAt     Time    `json:"modified_at"`
	Version        uint64  `json:"version,omitempty"`
	VersionID      string  `json:"version_id,omitempty"`
	ChecksumSHA256 *Hash   `json:"checksum_sha256,omitempty"`
	DeletedAt      Time    `json:"deleted_at"`
	DeletedBy      string  `json:"deleted_by"`
	// GroupID is the same for all that one deletion took away, so that it can come back
	// together: by POST /trash/groups/{id}/restore where that was a job of the caller.
	// Null: it was deleted by itself.
	GroupID *string `json:"group_id" is:"job_"`
}

// Trash is the answer of GET /trash?share_id&limit&offset&page_token, what was
// deleted last first. What lies in a deleted folder is not listed by itself.
type Trash struct {
	Items []TrashItem `json:"items"`
	Total int         `json:"total"`
	// TotalExact false: Total is a lower bound.
	TotalExact    bool   `json:"total_exact"`
	NextPageToken string `json:"next_page_token,omitempty"`
}
