package wire

// Entry is a file or folder in the sync protocol. Version, VersionID, Size,
// ChecksumSHA256 and Attributes are those of files only.
type Entry struct {
	ResourceType   string      `json:"resource_type"` // file, folder
	ID             string      `json:"id" is:"fil_|fld_"`
	ParentID       *string     `json:"parent_id"` // null: at the share's root
	Name           string      `json:"name"`
	Version        uint64      `json:"version,omitempty"`
	VersionID      string      `json:"version_id,omitempty"`
	Size           *int64      `json:"size,omitempty"`
	ChecksumSHA256 *Hash       `json:"checksum_sha256,omitempty"`
	ModifiedAt     Time        `json:"modified_at,omitzero"` // not of a bare one
	Attributes     *Attributes `json:"attributes,omitempty"`
	Bare           bool        `json:"bare,omitempty"` // shown only as the way to something below it
	// Path is given in the answer of POST /sync/apply, not in a tree.
	Path string `json:"path,omitempty"`
}

// Tree is the answer of GET /sync/tree?share_id&folder_id&page_token&limit
// (limit at most 5,000, also the default): what lies below a folder, or below
// the share's root, parents before children. Every page of one listing carries
// the cursor of the moment it began.
type Tree struct {
	Entries       []Entry `json:"entries"`
	NextPageToken string  `json:"next_page_token,omitempty"`
	Cursor        int64   `json:"cursor"`
	Epoch         string  `json:"epoch"`
}

// ChunkQuery is the body of POST /sync/chunks/query; at most 10,000 chunks.
type ChunkQuery struct {
	ShareID string `json:"share_id" wire:"required"`
	Chunks  []Hash `json:"chunks" wire:"required"` // to ask for
}

// ChunkQueryResult names the chunks that the caller must send, or prove by
// HMAC-SHA256(nonce, chunk bytes). The nonce is valid for ten minutes; its bytes
// as they stand are the key.
type ChunkQueryResult struct {
	Missing []Hash `json:"missing"` // in the order asked for
	Nonce   string `json:"nonce"`   // the key of proofs
}

// ReceivedChunk is the outcome for one chunk that was sent.
type ReceivedChunk struct {
	SHA256 Hash   `json:"sha256"`
	Size   uint32 `json:"size"`
	Stored bool   `json:"stored"` // false: it was there already
}

// ReceivedChunks is the answer of POST /sync/chunks?share_id=, whose body is
// frames (4 bytes big-endian length, then the bytes), at most 64 MiB decoded,
// plain or with Content-Encoding: zstd (window at most 8 MiB); in the order sent.
type ReceivedChunks struct {
	Chunks []ReceivedChunk `json:"chunks"` // one for each frame
}

// FetchChunks is the body of POST /sync/chunks/fetch, which answers frames
// (application/octet-stream) in the order asked. Version 0 is the current one.
type FetchChunks struct {
	FileID  string `json:"file_id" wire:"required"`
	Version uint64 `json:"version,omitempty"`
	Chunks  []Hash `json:"chunks" wire:"required"` // to get; each must be one of the version
}

// Chunk is an element of a manifest.
type Chunk struct {
	SHA256 Hash   `json:"sha256"`
	Size   uint32 `json:"size"`
}

// PatchItem is an element of a manifest told against an older one: either Keep
// (first index and count in the older manifest), or a new chunk.
type PatchItem struct {
	Keep   []uint32 `json:"keep,omitempty"` // first index and count
	SHA256 *Hash    `json:"sha256,omitempty"`
	Size   uint32   `json:"size,omitempty"`
	Bytes  []int64  `json:"bytes,omitempty"` // of Keep in answers, where asked for: where it begins in the older content, and its length
}

// Manifest is the answer of GET /sync/manifest/{file_id}?version=&since_version=.
// With since_version it has Patch in the place of Chunks.
type Manifest struct {
	FileID         string      `json:"file_id"`
	VersionID      string      `json:"version_id"`
	Version        uint64      `json:"version"`
	Size           int64       `json:"size"`
	ChecksumSHA256 Hash        `json:"checksum_sha256"`
	ChecksumState  string      `json:"checksum_state"` // claimed, verified
	Chunking       string      `json:"chunking"`
	Chunks         []Chunk     `json:"chunks,omitzero"`         // in the order of the content
	Records        string      `json:"records,omitempty"`       // in the place of Chunks, where asked for: base64 of 36 bytes of each, as for ManifestSHA256
	SinceVersion   uint64      `json:"since_version,omitempty"` // the older version
	Patch          []PatchItem `json:"patch,omitzero"`          // against the older version
	// ManifestSHA256 is the SHA-256 over all chunks of the version, each as the 32
	// bytes of its hash and its size as 4 bytes, little-endian.
	ManifestSHA256 Hash   `json:"manifest_sha256"`
	ChunkCount     uint32 `json:"chunk_count"`          // of the version
	NextChunk      uint32 `json:"next_chunk,omitempty"` // where the next piece begins, where there is more
}

// Records of chunks as PUT /sync/manifests/{sha256} takes them: the 32 bytes of the
// hash and the size as 4 bytes, little-endian; with proofs=true 32 bytes more, the
// proof of possession, or zeros where there is none.
const (
	ManifestRecord      = 36
	ProvenRecord        = 68
	ManifestPieceLimit  = 8 << 20 // bytes of a piece
	ManifestAnswerLimit = 100_000 // chunks of a piece of an answer
)

// ManifestProgress is the answer of PUT /sync/manifests/{sha256}: how far the list
// has come. The next piece begins at Received.
type ManifestProgress struct {
	Received uint32 `json:"received"` // chunks that are here
	Total    uint32 `json:"total"`
	// MissingChunks must be sent or proven, then the piece again: it was not taken.
	MissingChunks []Hash `json:"missing_chunks,omitempty"`
}

// The values of change_type.
const (
	ChangeCreated = "created"
	ChangeUpdated = "updated"
	ChangeDeleted = "deleted"
	ChangeMoved   = "moved"
	ChangeRenamed = "renamed"
)

// Apply is the body of POST /sync/apply: at most 1,000 changes, taken in order.
// Fields that the server does not know are ignored.
type Apply struct {
	DeviceID           string `json:"device_id"` // names the client
	ShareID            string `json:"share_id" wire:"required"`
	ConflictResolution string `json:"conflict_resolution,omitempty" is:"LAST_WRITER_WINS|KEEP_BOTH|MANUAL|SERVER_WINS|CLIENT_WINS"` // how conflicts are settled
	// BaseCursor, with the Epoch that came with it: rows up to it had been applied
	// when this was planned. What changed in a deleted folder after it is not
	// deleted.
	BaseCursor *int64   `json:"base_cursor,omitempty"`
	Epoch      string   `json:"epoch,omitempty"`         // came with base_cursor
	ClientNow  *Time    `json:"client_now,omitempty"`    // the client's clock, to correct its times by
	RoundID    string   `json:"round_id,omitempty"`      // what is deleted in one round can be restored together
	Atomic     bool     `json:"atomic,omitempty"`        // all changes or none
	Changes    []Change `json:"changes" wire:"required"` // in the order in which they are made
}

// Change is one change of a batch. Where a created or moved resource lies is told
// by ParentID and Name (no ParentID: the share's root), or by Path ("/a/b/c", its
// own name last), which also finds folders made earlier in the same batch. A
// renamed one has a Name. Base fields tell what its maker last knew of it (a
// BaseParentID of the share's ID is the root); without them it is taken as made on
// what is there.
type Change struct {
	ClientRef    string      `json:"client_ref,omitempty"`
	ResourceType string      `json:"resource_type" wire:"required"`                                          // file, folder
	ChangeType   string      `json:"change_type" wire:"required" is:"created|updated|deleted|moved|renamed"` // what happened to it
	ResourceID   string      `json:"resource_id,omitempty"`                                                  // of an update
	ParentID     string      `json:"parent_id,omitempty" is:"fld_|shr_"`                                     // the folder in which it is to be
	Path         string      `json:"path,omitempty"`
	Name         string      `json:"name,omitempty"`
	BaseVersion  string      `json:"base_version_id,omitempty" is:"ver_"`     // the version that the client changed
	VersionID    string      `json:"version_id,omitempty"`                    // alias of base_version_id
	BaseParentID string      `json:"base_parent_id,omitempty" is:"fld_|shr_"` // the folder in which the client knew it
	BaseName     string      `json:"base_name,omitempty"`                     // the name by which the client knew it
	ModifiedAt   *Time       `json:"modified_at,omitempty"`
	SeenAt       *Time       `json:"seen_at,omitempty"` // when the client saw the change
	Attributes   *ApplyAttrs `json:"attributes,omitempty"`
	Content      *Content    `json:"content,omitempty"` // of a file that is created or updated
}

// ApplyAttrs are a file's attributes in a change; what is left out stays.
type ApplyAttrs struct {
	Executable *bool `json:"executable,omitempty"`
}

// Content is what a client says of a file's bytes: either Chunks, or Patch
// against the base version, or Manifest, the name of a list that was sent with PUT
// /sync/manifests/{sha256}, for what is too long for a body.
type Content struct {
	Size           int64           `json:"size" wire:"required"`
	ChecksumSHA256 Hash            `json:"checksum_sha256" wire:"required"`
	Chunking       string          `json:"chunking,omitempty"`
	Chunks         []Chunk         `json:"chunks,omitempty" wire:"long"` // all of them, in order
	Patch          []PatchItem     `json:"patch,omitempty" wire:"long"`  // against the base version
	Manifest       *Hash           `json:"manifest,omitempty"`           // the name of a list sent before
	Sources        []Source        `json:"sources,omitempty"`            // versions that hold chunks of it
	Proofs         map[string]Hash `json:"proofs,omitempty" wire:"long"` // by the chunk's hash in hex
}

// Source names a version that the caller may read and that holds chunks.
type Source struct {
	FileID  string `json:"file_id" wire:"required"`
	Version uint64 `json:"version" wire:"required"`
}

// Applied is a change that is durable.
type Applied struct {
	Index     int    `json:"index"`
	ClientRef string `json:"client_ref,omitempty"`
	Resource  Entry  `json:"resource"`                      // as it is now
	ChangeID  string `json:"change_id,omitempty" is:"chg_"` // absent: nothing had to change
}

// ApplyConflict is a change that met another one, and what became of it. A deleted
// folder from which something was saved is in Applied too.
type ApplyConflict struct {
	Index     int      `json:"index"`
	ClientRef string   `json:"client_ref,omitempty"`
	Conflict  Conflict `json:"conflict"`           // what met what
	Resource  *Entry   `json:"resource,omitempty"` // what the conflict is about, as it is now
}

// ApplyError is a change that had no effect. Status is what a call of its own
// would have been answered with; 409 with MissingChunks: send them, then again.
type ApplyError struct {
	Index         int    `json:"index"`
	ClientRef     string `json:"client_ref,omitempty"`
	Status        int    `json:"status"` // an HTTP status
	Detail        string `json:"detail"`
	MissingChunks []Hash `json:"missing_chunks,omitempty"` // what must be sent first
	// MissingManifest: the list that the content names must be sent first, or again.
	MissingManifest bool `json:"missing_manifest,omitempty"`
	// Resource is what is there, where the caller may read it: the file whose
	// version is newer, the folder that has the name.
	Resource *Entry `json:"resource,omitempty"`
}

// ApplyResult is the answer of POST /sync/apply.
type ApplyResult struct {
	Applied   []Applied       `json:"applied"`   // what was done
	Conflicts []ApplyConflict `json:"conflicts"` // what met another change
	Errors    []ApplyError    `json:"errors"`    // what had no effect
	Cursor    int64           `json:"cursor"`
	Epoch     string          `json:"epoch"`
	// Rows is how many rows of the change log are the batch's, the last ones up to
	// the cursor. Who has followed up to them, and knows of each by this answer, may
	// go on from the cursor.
	Rows int64 `json:"rows,omitempty"`
}
