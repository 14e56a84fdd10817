package wire

// CreateUpload is the body of POST /uploads (201, [UploadSession]). Fields that
// are not known are passed over.
type CreateUpload struct {
	ShareID  string `json:"share_id" wire:"required"`
	FileName string `json:"file_name" wire:"required"`          // the name of the file
	FileSize int64  `json:"file_size" wire:"required"`          // exact
	FolderID string `json:"folder_id,omitempty" is:"fld_|shr_"` // the share's root
	// ChunkSize is the size of parts, a power of two from 64 KiB to 64 MiB; the
	// server chooses, usually 4 MiB.
	ChunkSize      *int64 `json:"chunk_size,omitempty"`
	MIMEType       string `json:"mime_type,omitempty"`                 // what the name says
	ChecksumSHA256 *Hash  `json:"checksum_sha256,omitempty"`           // compared at complete
	ReplaceFileID  string `json:"replace_file_id,omitempty" is:"fil_"` // makes a new version of it
	ModifiedAt     *Time  `json:"modified_at,omitempty"`               // the content's time
}

// UploadSession is a session to which parts are sent: PUT
// /uploads/{session_id}/chunks/{i} with the bytes of part i, numbered from 0, all
// of chunk_size but the last (204; the header X-Chunk-SHA256 is compared).
type UploadSession struct {
	SessionID   string `json:"session_id"`
	ChunkSize   int64  `json:"chunk_size"`   // bytes of each part but the last
	TotalChunks int64  `json:"total_chunks"` // how many parts there are
	ExpiresAt   Time   `json:"expires_at"`   // a sign of life moves it
}

// UploadProgress is the answer of GET /uploads/{session_id}.
type UploadProgress struct {
	SessionID   string `json:"session_id"`
	ChunkSize   int64  `json:"chunk_size"`   // bytes of each part but the last
	TotalChunks int64  `json:"total_chunks"` // how many parts there are
	ExpiresAt   Time   `json:"expires_at"`

	FileName      string      `json:"file_name"`                             // the name the file gets
	FileSize      int64       `json:"file_size"`                             // bytes in all
	Received      [][2]uint32 `json:"received"`                              // runs of parts, first and last
	ReceivedBytes int64       `json:"received_bytes"`                        // bytes that have come
	Status        string      `json:"status" is:"open|completing|completed"` // open, completing, completed
	FileID        string      `json:"file_id,omitempty"`                     // of a completed one
}

// The values of an upload's status.
const (
	UploadOpen       = "open"
	UploadCompleting = "completing"
	UploadCompleted  = "completed"
)

// CompletedUpload is the answer of POST /uploads/{session_id}/complete, the same
// each time. It honours If-Match for the file that gets a new version.
type CompletedUpload struct {
	FileID string `json:"file_id"`
	File   File   `json:"file"` // as it is now
}
