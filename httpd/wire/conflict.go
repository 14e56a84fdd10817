package wire

// The strategies for edits that meet, and the resolutions of conflicts.
const (
	LastWriterWins = "LAST_WRITER_WINS"
	KeepBoth       = "KEEP_BOTH"
	Manual         = "MANUAL"
	ServerWins     = "SERVER_WINS"
	ClientWins     = "CLIENT_WINS"
)

// The values of a conflict's status.
const (
	ConflictOpen     = "open"
	ConflictResolved = "resolved"
)

// ClientChange is what a conflict keeps of the change that met another one.
type ClientChange struct {
	ChangeType     string  `json:"change_type" is:"created|updated|deleted|moved|renamed"` // what was done
	ResourceID     *string `json:"resource_id,omitempty" is:"fil_|fld_"`                   // to what
	ParentID       *string `json:"parent_id,omitempty" is:"fld_"`                          // where it was to come; null: the share's root
	Name           string  `json:"name,omitempty"`                                         // how it was to be called
	ModifiedAt     *Time   `json:"modified_at,omitempty"`                                  // the content's time
	Size           *int64  `json:"size,omitempty"`                                         // of a content that waits
	ChecksumSHA256 *Hash   `json:"checksum_sha256,omitempty"`                              // of a content that waits
}

// Conflict is a change that met another one. Under every strategy but MANUAL it is
// resolved from the beginning and tells what became of it: CopyID is the file that
// holds what lost its name, KeptVersion the number of the version that it became.
// Under MANUAL it is open, and its content is read at
// GET /sync/conflicts/{id}/content, until POST /sync/conflicts/{id}/resolve.
type Conflict struct {
	ID              string       `json:"id" is:"cfl_"`
	TenantID        string       `json:"tenant_id"`
	ShareID         string       `json:"share_id"`
	DeviceID        string       `json:"device_id"`            // from where the change came; empty: it told none
	DeviceName      string       `json:"device_name"`          // what that is called; without a device whose change it was
	ChangedBy       string       `json:"changed_by" is:"usr_"` // whose change it was
	ResourceType    string       `json:"resource_type" is:"file|folder"`
	ResourceID      string       `json:"resource_id" is:"fil_|fld_"`                                                               // what it is about
	Path            *string      `json:"path"`                                                                                     // null: gone, or out of sight
	ConflictType    string       `json:"conflict_type" is:"edit_edit|edit_delete|delete_edit|move_move|move_cycle|name_collision"` // what was committed, and what came
	BaseVersionID   *string      `json:"base_version_id" is:"ver_"`                                                                // the version that the client changed
	ServerVersionID *string      `json:"server_version_id" is:"ver_"`                                                              // the version that was there
	ClientChange    ClientChange `json:"client_change"`                                                                            // the change that came
	Strategy        string       `json:"strategy" is:"LAST_WRITER_WINS|KEEP_BOTH|MANUAL|SERVER_WINS|CLIENT_WINS"`                  // by which it was settled
	Status          string       `json:"status" is:"open|resolved"`                                                                // open: it waits for a person
	Resolution      *string      `json:"resolution" is:"LAST_WRITER_WINS|KEEP_BOTH|SERVER_WINS|CLIENT_WINS"`                       // null: open
	CopyID          *string      `json:"copy_id" is:"fil_|fld_"`                                                                   // what was made or renamed to keep both
	KeptVersion     uint64       `json:"kept_version,omitempty"`                                                                   // the number of the version that keeps what lost
	CreatedAt       Time         `json:"created_at"`
	ResolvedAt      *Time        `json:"resolved_at"`           // null: open
	ResolvedBy      *string      `json:"resolved_by" is:"usr_"` // null: the strategy did, or it is open
}
