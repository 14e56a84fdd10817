package engine

import "time"

// PrefixNotice begins the wire form of a notice's ID.
const PrefixNotice = "ntc_"

// The bounds of notices.
const (
	MaxNotices     = 500                 // of a user; one more takes the oldest away
	NoticeLifetime = 90 * 24 * time.Hour // then it is neither shown nor kept
)

// A Notice tells a user of something that happened and may want an answer. It keeps
// IDs, never names: what it says is found when it is read, as the user may see it then.
type Notice struct {
	ID     ID
	User   ID     // who is told
	Seq    uint64 // counts the notices of the user, later ones have a higher one
	Kind   NoticeKind
	At     time.Time
	ReadAt time.Time // zero: not read

	Share    ID
	Node     ID // zero: the share as a whole
	NodeKind NodeKind
	By       ID     // who did it; zero: nobody in particular
	Subject  ID     // the comment, the invitation, the conflict, the job
	Count    uint64 // how many things it is about; 0 is 1

	Extra Extra
}

// A NoticeKind says what a notice is about.
type NoticeKind uint8

// The kinds.
const (
	NoticeShareAdded         NoticeKind = 1  // By gave the user, or a group of theirs, a role in a share
	NoticeShareRemoved       NoticeKind = 2  // By took it away
	NoticeRoleChanged        NoticeKind = 3  // By changed the role, or until when it is
	NoticeRoleEnds           NoticeKind = 4  // the user's role ends soon
	NoticeInvited            NoticeKind = 5  // By invited the user: Subject is the invitation
	NoticeInvitationAccepted NoticeKind = 6  // By took the user's invitation
	NoticeJoinRequest        NoticeKind = 7  // By asks to join a share that the user manages
	NoticeJoinAccepted       NoticeKind = 8  // By took the user into a share
	NoticeJoinRefused        NoticeKind = 9  // By refused the user's request to join
	NoticeShareArchived      NoticeKind = 10 // By said when a share of the user's becomes read-only
	NoticeComment            NoticeKind = 11 // By wrote beside what is the user's: Subject is the comment
	NoticeMention            NoticeKind = 12 // By named the user in a comment: Subject
	NoticeConflict           NoticeKind = 13 // edits met and wait: Subject is the conflict, or the first of Count
	NoticeJobFailed          NoticeKind = 14 // Subject is a job of the user's that did not do all it was to
)
