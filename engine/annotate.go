package engine

import "time"

// Bounds of comments and tags.
const (
	MaxComment  = 10_000 // bytes of one
	MaxComments = 1_000  // on one file or folder
	MaxTag      = 64     // bytes of one
	MaxTags     = 50     // on one file or folder
)

// PrefixComment begins the wire form of a comment's ID.
const PrefixComment = "cmt_"

// A Comment is what somebody wrote beside a file or folder.
type Comment struct {
	ID       ID
	Node     ID
	By       ID
	At       time.Time
	EditedAt time.Time // zero: it stands as it was written
	Text     string

	Extra Extra
}
