package wire

// Notice tells its reader of something that happened. It says what they may see now: what
// is out of their sight, or settled, is not listed.
type Notice struct {
	ID     string `json:"id" is:"ntc_"`
	Kind   string `json:"kind" is:"share_added|share_removed|role_changed|role_ends|invited|invitation_accepted|join_request|join_accepted|join_refused|share_archived|comment|mention|conflict|job_failed"` // what happened
	At     Time   `json:"at"`                                                                                                                                                                                // when
	ReadAt *Time  `json:"read_at"`                                                                                                                                                                           // null: not read
	Count  uint64 `json:"count"`                                                                                                                                                                             // how many things it is about: comments in a row, conflicts, errors of a job

	ByID         *string      `json:"by_id" is:"usr_"`                     // who did it; null: nobody, or not to be told
	ByName       *string      `json:"by_name"`                             // what they are called
	ShareID      *string      `json:"share_id" is:"shr_"`                  // null: none, or the reader sees nothing of it any more
	ShareName    *string      `json:"share_name"`                          // what it is called now
	ResourceType *string      `json:"resource_type" is:"file|folder"`      // file or folder; null: none that the reader sees
	ResourceID   *string      `json:"resource_id" is:"fil_|fld_"`          // of it
	Name         *string      `json:"name"`                                // what it is called now
	Path         *string      `json:"path"`                                // where it is now
	SubjectID    *string      `json:"subject_id" is:"cmt_|inv_|cfl_|job_"` // the comment, the invitation, the conflict or the job
	Role         *string      `json:"role"`                                // that the reader has or is offered in the share; owner, too
	EndsAt       *Time        `json:"ends_at"`                             // when the role or the invitation ends, or the share becomes read-only
	JobKind      *string      `json:"job_kind"`                            // of a job: move, copy, delete, restore, rename or rewind
	JoinRequest  *JoinRequest `json:"join_request,omitempty"`              // of a join_request
}

// Notices is the answer of GET /notices.
type Notices struct {
	Notices       []Notice `json:"notices"` // the newest first
	Total         int      `json:"total"`   // of what was asked for
	Unread        int      `json:"unread"`  // of all
	NextPageToken string   `json:"next_page_token,omitempty"`
}

// ReadNotices is the body of POST /notices/read: one of the two.
type ReadNotices struct {
	IDs   []string `json:"ids,omitempty" is:"ntc_"` // at most 500; what is no notice of the caller's is passed over
	Until *Time    `json:"until,omitempty"`         // all up to this moment
}

// Unread is the answer of POST /notices/read.
type Unread struct {
	Unread int `json:"unread"` // how many are not read yet
}
