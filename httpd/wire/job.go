package wire

// The states of a [Job].
const (
	JobQueued    = "queued"
	JobRunning   = "running"
	JobDone      = "done"
	JobFailed    = "failed"
	JobCancelled = "cancelled"
	JobUndoing   = "undoing"
	JobUndone    = "undone"
)

// The kinds of a [Job].
const (
	JobMove    = "move"
	JobCopy    = "copy"
	JobDelete  = "delete"
	JobRestore = "restore"
	JobRename  = "rename"
	JobRewind  = "rewind"
)

// CreateJob is the body of POST /jobs (202, [JobTicket]).
type CreateJob struct {
	Kind  string    `json:"kind" wire:"required" is:"move|copy|delete|restore|rename|rewind"` // move, copy, delete, restore, rename, rewind
	Items []JobItem `json:"items" wire:"required"`                                            // 1 to 10,000; of a rewind one folder or share
	// Target is where a move or copy goes: a folder, or a share for its root.
	Target string `json:"target,omitempty" is:"fld_|shr_"`
	// At is the moment that a rewind goes back to.
	At *Time `json:"at,omitempty"`
	// DryRun, of a rewind: only find out what would be done.
	DryRun bool `json:"dry_run,omitempty"`
}

// JobItem is one thing that a job is about.
type JobItem struct {
	ResourceType string `json:"resource_type,omitempty" is:"file|folder|share"` // file, folder, share; as the ID says if left out
	ID           string `json:"id" wire:"required" is:"fil_|fld_|shr_"`
	Name         string `json:"name,omitempty"` // the new name; of a rename required, of a move or copy possible
}

// JobTicket names a job that was ordered.
type JobTicket struct {
	ID string `json:"id" is:"job_"`
}

// Job is the answer of GET /jobs/{id}: bulk work in the background.
type Job struct {
	ID     string `json:"id" is:"job_"`
	Kind   string `json:"kind" is:"move|copy|delete|restore|rename|rewind"`               // move, copy, delete, restore, rename, rewind
	State  string `json:"state" is:"queued|running|done|failed|cancelled|undoing|undone"` // queued, running, done, failed, cancelled, undoing, undone
	DryRun bool   `json:"dry_run"`
	Target string `json:"target,omitempty" is:"fld_|shr_"` // of a move or copy
	At     *Time  `json:"at,omitempty"`                    // of a rewind
	// Done of Total pieces of work are over, with or without an error. Total grows
	// when a folder turns out to be taken apart. While a job is being undone, and
	// after that, both are of the undo, and so are the errors.
	Done       uint64     `json:"done"`
	Total      uint64     `json:"total"`
	ErrorCount uint64     `json:"error_count"` // how many pieces could not be done
	Errors     []JobError `json:"errors"`      // the first 100; in a list of jobs none
	CreatedAt  Time       `json:"created_at"`
	StartedAt  *Time      `json:"started_at"`
	EndedAt    *Time      `json:"ended_at"`
	UndoUntil  *Time      `json:"undo_until"`     // null: there is nothing to undo, or not yet
	Plan       *JobPlan   `json:"plan,omitempty"` // of a rewind, when it is known
}

// JobError is what became of something that could not be done.
type JobError struct {
	ResourceType string `json:"resource_type,omitempty" is:"file|folder|share"` // left out: the job as a whole
	ID           string `json:"id,omitempty" is:"fil_|fld_|shr_"`
	Path         string `json:"path,omitempty"`
	Status       int    `json:"status"` // that a call of its own would have had
	Detail       string `json:"detail"`
}

// JobPlan is what a rewind means to do.
type JobPlan struct {
	Trashed  JobPlanPart `json:"trashed"`  // is new and goes to the trash
	Restored JobPlanPart `json:"restored"` // comes back from the trash
	Moved    JobPlanPart `json:"moved"`    // goes back to its place or name
	Reverted JobPlanPart `json:"reverted"` // gets the content that it had
	Lost     JobPlanPart `json:"lost"`     // can't come back
}

// JobPlanPart counts things of a [JobPlan] and names the first 100.
type JobPlanPart struct {
	Count uint64        `json:"count"` // how many
	Items []JobPlanItem `json:"items"`
}

// JobPlanItem is one thing of a plan.
type JobPlanItem struct {
	ResourceType string `json:"resource_type"`
	ID           string `json:"id" is:"fil_|fld_"`
	Path         string `json:"path,omitempty"` // that it will have; of what is trashed, that it has
	From         string `json:"from,omitempty"` // of what is moved: where it is
	Detail       string `json:"detail,omitempty"`
}

// Jobs is the answer of GET /jobs?limit&offset.
type Jobs struct {
	Jobs  []Job `json:"jobs"`
	Total int   `json:"total"`
}
