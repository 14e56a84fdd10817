package engine

import "time"

// PrefixJob begins the wire form of a job's ID.
const PrefixJob = "job_"

// JobKind is what a job does.
type JobKind uint8

// The kinds of jobs.
const (
	JobMove    JobKind = 1
	JobCopy    JobKind = 2
	JobDelete  JobKind = 3
	JobRestore JobKind = 4
	JobRename  JobKind = 5
	JobRewind  JobKind = 6
)

// JobState is how far a job is.
type JobState uint8

// The states. The first three are those of a job that is not over.
const (
	JobQueued    JobState = 1
	JobRunning   JobState = 2
	JobUndoing   JobState = 3
	JobDone      JobState = 4
	JobFailed    JobState = 5
	JobCancelled JobState = 6
	JobUndone    JobState = 7
)

// Open reports whether there is work to do yet.
func (s JobState) Open() bool { return s <= JobUndoing }

// A Job is bulk work of a user, done in steps. What is left to do are its
// [JobTask] records, and so is what takes back the work done so far.
type Job struct {
	ID     ID
	User   ID // whose job it is; nobody else's
	Kind   JobKind
	State  JobState
	DryRun bool
	Target ID // of a move or copy: the folder; a share's ID is its root
	Root   ID // of a rewind: the folder
	// TargetIsShare: Target was named as a share.
	TargetIsShare bool
	At            time.Time // of a rewind

	CreatedAt time.Time
	StartedAt time.Time
	EndedAt   time.Time
	UndoUntil time.Time

	// Ready: the tasks stand there; before that leftovers of another beginning may.
	Ready  bool
	Done   uint64 // tasks that are over, with or without an error
	Total  uint64 // tasks known so far
	Errors uint64 // all of them; the first ones are [JobNote] records
	Undos  uint64 // tasks that take back what was done
	Plan   JobPlan

	Extra Extra
}

// TargetForm is the wire form of the target.
func (j *Job) TargetForm() string {
	if j.TargetIsShare {
		return j.Target.Format(PrefixShare)
	}
	return j.Target.Format(PrefixFolder)
}

// A JobPlan counts what a rewind means to do.
type JobPlan struct {
	Trashed  uint64
	Restored uint64
	Moved    uint64
	Reverted uint64
	Lost     uint64 // was removed for good, or went to another share
}

// JobOp is what one task does.
type JobOp uint8

// The operations of tasks.
const (
	OpMove    JobOp = 1 // Node to the folder To, as Name
	OpMoveAll JobOp = 2 // what lies in Node, behind After, to To; then Node to the trash
	OpCopy    JobOp = 3 // Node to the folder To, as Name
	OpCopyAll JobOp = 4 // what lies in Node, behind After, to To
	OpTrash   JobOp = 5
	OpRestore JobOp = 6
	OpRevert  JobOp = 7 // Node to the content of Version
	OpAside   JobOp = 8 // Node gets another name, so that its own is free
)

// A JobTask is a bounded piece of a job. Tasks are taken in the order of Seq.
type JobTask struct {
	Seq     uint64
	Op      JobOp
	Node    ID
	Kind    NodeKind
	To      ID     // zero: the folder that it lies in
	Name    string // "": the one it has
	After   []byte // a name key
	Version uint64
	// Goal: that there is nothing to do is no error.
	Goal bool
	// What a task expects to find, so that it takes back nothing but its own
	// work: the place, the version and the moment of deletion that were made.
	Strict      bool
	FromParent  ID
	FromName    string
	FromVersion ID
	DeletedAt   time.Time
	// Empty: a folder that is not empty stays.
	Empty bool
	// OrTrash: where a move is not possible, the node goes to the trash.
	OrTrash bool

	Extra Extra
}

// JobNoteClass says what a note is about.
type JobNoteClass uint8

// The classes of notes.
const (
	NoteError    JobNoteClass = 1
	NoteTrashed  JobNoteClass = 2
	NoteRestored JobNoteClass = 3
	NoteMoved    JobNoteClass = 4
	NoteReverted JobNoteClass = 5
	NoteLost     JobNoteClass = 6
)

// A JobNote is a line of what a job has to say: an error, or a line of a plan.
type JobNote struct {
	Class JobNoteClass
	Index uint32
	Node  ID // zero: of the job
	Kind  NodeKind
	Path  string // that it had, "" when nothing is told of it
	Error Kind   // of a NoteError
	Msg   string

	Extra Extra
}
