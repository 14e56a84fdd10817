package engine

import "time"

// EntryType tells allowing entries from denying ones.
type EntryType uint8

// The types of entries.
const (
	EntryAllow EntryType = 1
	EntryDeny  EntryType = 2
)

// AppliesTo says for which objects an entry counts, seen from the object that
// it stands on: the choices of the Windows dialog.
type AppliesTo uint8

// The choices.
const (
	AppliesToThisAndDescendants AppliesTo = 1
	AppliesToThisOnly           AppliesTo = 2
	AppliesToThisAndFolders     AppliesTo = 3
	AppliesToThisAndFiles       AppliesTo = 4
	AppliesToDescendantsOnly    AppliesTo = 5
	AppliesToFoldersOnly        AppliesTo = 6
	AppliesToFilesOnly          AppliesTo = 7
)

// MaxEntries is the longest list of entries on one object.
const MaxEntries = 1000

// An Entry grants or denies rights to a principal on an object and what lies
// below it. The entries of an object are stored as one record, in their order.
type Entry struct {
	ID        ID
	Type      EntryType
	Kind      PrincipalKind
	Principal ID // zero for everyone
	Rights    Right
	AppliesTo AppliesTo
	OneLevel  bool
	CreatedBy ID
	CreatedAt time.Time

	Extra Extra
}

// Inherited gives the entry as it counts for an object of a kind that lies so many
// levels, one or more, below the one it stands on, and for what lies below that
// object; false: it does not.
func (e Entry) Inherited(below int, kind NodeKind) (Entry, bool) {
	if e.AppliesTo == AppliesToThisOnly || e.OneLevel && below > 1 {
		return e, false
	}
	folders := e.AppliesTo != AppliesToThisAndFiles && e.AppliesTo != AppliesToFilesOnly
	files := e.AppliesTo != AppliesToThisAndFolders && e.AppliesTo != AppliesToFoldersOnly
	here := kind == KindFolder && folders || kind == KindFile && files
	switch {
	case kind == KindFile || e.OneLevel:
		e.AppliesTo = AppliesToThisOnly
		e.OneLevel = false
		return e, here
	case folders && files:
		e.AppliesTo = AppliesToThisAndDescendants
	case folders:
		e.AppliesTo = AppliesToThisAndFolders
	default:
		e.AppliesTo = AppliesToFilesOnly
	}
	return e, true
}

// An Exception says why a node is not decided by its parent alone: it has
// entries, a cut from inheritance or holds of its own.
type Exception struct {
	Entries bool
	CutOff  bool
	Holds   bool

	Extra Extra
}

// Any reports whether there is any exception.
func (e Exception) Any() bool { return e.Entries || e.CutOff || e.Holds }

// Named says that the entries of a node name a principal.
type Named struct {
	// Leads: by one of them the principal may READ the node, or something below it
	// may be decided otherwise than it is.
	Leads  bool
	Denies bool // one denies READ

	Extra Extra
}

// A TrashItem is the place of a deleted node in its share's trash. The node
// itself says that it is deleted; this is how it is found.
type TrashItem struct {
	Share     ID
	Node      ID
	DeletedAt time.Time
	DeletedBy ID
	Kind      NodeKind
	Group     ID        // what was deleted in one round, restorable together; zero: alone
	EditedAt  time.Time // when it was deleted, as a client told it; zero: DeletedAt
	// Day is on which day of running, as Days counts them, it was deleted. Zero: before
	// they were counted, which is taken for the first of them.
	Day uint64

	Extra Extra
}

// Days count the days on which the server ran. No clock that is set wrong counts more
// than one.
type Days struct {
	Count uint64
	Last  time.Time // when the last one was counted
	// Marks are what the clock showed at the last ones, at most MaxDayMarks, the newest
	// at the end.
	Marks []DayMark

	Extra Extra
}

// A DayMark is what the clock showed when a day was counted.
type DayMark struct {
	At time.Time

	Extra Extra
}

// MaxDayMarks is how many marks Days keep.
const MaxDayMarks = 16

// A Purge is an order to remove a node and all below it for good. The node is
// marked as purged; its records go in steps, and their bytes with them out of
// the share named here.
type Purge struct {
	Node  ID
	Share ID
	By    ID
	At    time.Time

	Extra Extra
}

// A Child is what a folder knows of a thing in it, under its name key.
type Child struct {
	Node ID
	Kind NodeKind

	Extra Extra
}

// Add gives the digest of the set with another record's digest added.
func (d Digest) Add(o Digest) Digest { return Digest{d[0] + o[0], d[1] + o[1]} }

// Sub gives the digest of the set with a record's digest removed.
func (d Digest) Sub(o Digest) Digest { return Digest{d[0] - o[0], d[1] - o[1]} }
