package engine

import "time"

// A Favourite is a file or folder that a user has marked.
type Favourite struct {
	User ID
	Node ID
	Kind NodeKind
	At   time.Time // when it was marked

	Extra Extra
}

// A Recent is a file or folder that a user opened or changed last at a moment. A
// user's are stored as one record, newest first.
type Recent struct {
	Node ID
	Kind NodeKind
	At   time.Time

	Extra Extra
}

// MaxRecent is how many a user has.
const MaxRecent = 200
