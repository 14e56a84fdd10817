package engine

import "time"

// PrefixNotice begins the wire form of a notice's ID.
const PrefixNotice = "ntc_"

// A Notice tells a user of something that happened and may want an answer. It keeps
// IDs, never names: what it says is found when it is read, as the user may see it then.
type Notice struct {
	ID     ID
	User   ID // who is told
	Kind   NoticeKind
	At     time.Time
	ReadAt time.Time // zero: not read

	Share    ID
	Node     ID // zero: the share as a whole
	NodeKind NodeKind
	By       ID     // who did it; zero: nobody in particular
	Subject  ID     // the conflict, the job, the round of deletions
	Count    uint64 // how many things it is about
	Device   string // on which device of By

	Extra Extra
}

// A NoticeKind says what a notice is about.
type NoticeKind uint8

// The kinds.
const (
	NoticeJoinRequest        NoticeKind = 1 // By asks to join a share that the user manages
	NoticeJoinAccepted       NoticeKind = 2 // By took the user into a share
	NoticeJoinRefused        NoticeKind = 3 // By refused the user's request to join
	NoticeInvited            NoticeKind = 4 // By invited the user into a share
	NoticeInvitationAccepted NoticeKind = 5 // By took the user's invitation
	NoticeConflict           NoticeKind = 6 // edits met: Subject is the conflict, or the first of Count
	NoticeMassDeletion       NoticeKind = 7 // By deleted many things at once: Subject is their group
	NoticeHeld               NoticeKind = 8 // a device of the user holds deletions back until they are allowed
	NoticeJobEnded           NoticeKind = 9 // Subject is a job of the user
)
