package wire

// CreateArchive is the body of POST /archives (201, [ArchiveTicket]): what to put
// into one ZIP archive, in this order. A name that stands twice at the top gets a
// number.
type CreateArchive struct {
	Items []ArchiveItem `json:"items" wire:"required"` // 1 to 10,000
}

// ArchiveItem names a file, a folder with all that is in it, or a share.
type ArchiveItem struct {
	ResourceType string `json:"resource_type,omitempty" is:"file|folder|share"` // file, folder, share; as the ID says if left out
	ID           string `json:"id" wire:"required" is:"fil_|fld_|shr_"`
}

// ArchiveTicket is an address that gives an archive once, without a token.
type ArchiveTicket struct {
	URL       string `json:"url"` // a path on this server
	ExpiresAt Time   `json:"expires_at"`
}

// Thumbnails is the body of POST /files/thumbnails.
type Thumbnails struct {
	IDs  []string `json:"ids" wire:"required" is:"fil_"` // 1 to 100 files
	Size *int64   `json:"size,omitempty"`                // the longest edge in pixels: 64, 256 (if left out) or 1024
}
