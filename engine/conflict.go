package engine

import "time"

// A Strategy says what becomes of edits that meet (design of the sync rules). A
// strategy chooses who gets the name; it never destroys the loser.
type Strategy uint8

// The strategies. Zero is none given.
const (
	LastWriterWins Strategy = 1 // the later edit is current, the other a version
	KeepBoth       Strategy = 2 // the first keeps the name, the other gets a copy beside it
	Manual         Strategy = 3 // the first stays, the other waits for a person
	ServerWins     Strategy = 4 // what is committed stays, the other becomes a version
	ClientWins     Strategy = 5 // who comes later overwrites, the former becomes a version
)

// ConflictType says what met.
type ConflictType uint8

// The types of conflicts. The first word is what was committed, the second what came.
const (
	ConflictEditEdit      ConflictType = 1
	ConflictEditDelete    ConflictType = 2 // changed there, deleted here
	ConflictDeleteEdit    ConflictType = 3 // deleted there, changed here
	ConflictMoveMove      ConflictType = 4
	ConflictMoveCycle     ConflictType = 5
	ConflictNameCollision ConflictType = 6
)

// An Intent is a change as a client sent it: what of it is needed to make it
// again under another strategy.
type Intent struct {
	Kind       ChangeKind
	Resource   ResourceKind
	Node       ID // of what is there already; zero of what is created
	Parent     ID
	Name       string
	Base       ID
	BaseParent ID
	BaseName   string
	BaseSeq    uint64    // the share's sequence up to which its maker had followed
	ModifiedAt time.Time // the content's time
	EditedAt   time.Time // when the change was made, by the server's clock
	Executable uint8     // 0: as it is, 1: no, 2: yes
	HasContent bool
	Content    Content

	Extra Extra
}

// A Conflict is a change that met another one. It is open while ResolvedAt is
// zero; then the content that came with it is kept in it.
type Conflict struct {
	ID         ID
	Share      ID
	Node       ID // what it is about; zero: nothing that is there any more
	Resource   ResourceKind
	Type       ConflictType
	Strategy   Strategy
	User       ID // whose change it was
	Device     string
	DeviceName string
	Server     ID // the version that was current
	Intent     Intent
	Held       int64 // bytes that its content counts in the share while it is open
	Copy       ID    // the copy that was made
	Version    uint64
	CreatedAt  time.Time
	Resolution Strategy // zero: open
	ResolvedAt time.Time
	ResolvedBy ID

	Extra Extra
}

// Open reports whether a conflict waits for a decision.
func (c *Conflict) Open() bool { return c.ResolvedAt.IsZero() }

// A Device is an installation of a client of a user. Its identifier is the
// client's own choice and means nothing for other users.
type Device struct {
	User       ID
	ID         string
	Name       string
	Platform   string
	Client     string // its version
	CreatedAt  time.Time
	LastSeenAt time.Time
	Sessions   []ID // that announced themselves as this device, the newest last

	Extra Extra
}

// A DeviceShare is what the server keeps of a device and a share it follows.
type DeviceShare struct {
	Position   uint64 // the sequence up to which it has followed
	SyncedAt   time.Time
	Excluded   []ID // folders that it leaves out
	Paused     bool
	ModifiedAt time.Time // of the preferences

	// What the device last said of itself.
	ReportedAt   time.Time // zero: nothing yet
	Phase        string
	Trouble      string // why it does not go on; empty: it does
	Held, HeldOf uint64 // what its brake holds back, of how many items
	Waiting      uint64 // how many things are not in step
	WaitingFirst []byte // the first of them: path, NUL, reason, NUL
	// DeletesUntil is until when somebody has allowed it to delete what it holds back.
	DeletesUntil time.Time
	// ResyncAt is when somebody asked that it lists the share anew; zero: nobody, or it
	// was told.
	ResyncAt time.Time

	Extra Extra
}

// An Outcome is what became of a change that a device named by a reference, so
// that the same change sent again has no second effect.
type Outcome struct {
	Number   uint64 // counts the device's outcomes
	Sum      uint64 // of the change, so that another one under its name is noticed
	Node     ID
	Seq      uint64
	Change   ID
	Conflict ID // zero: none

	Extra Extra
}
