package wire

// Comment is what somebody wrote beside a file or folder.
type Comment struct {
	ID            string `json:"id" is:"cmt_"`
	ResourceType  string `json:"resource_type" is:"file|folder"`
	ResourceID    string `json:"resource_id" is:"fil_|fld_"` // what it is on
	Text          string `json:"text"`                       // what it says
	CreatedBy     string `json:"created_by" is:"usr_"`       // its author
	CreatedByName string `json:"created_by_name"`            // what they are called
	CreatedAt     Time   `json:"created_at"`
	EditedAt      *Time  `json:"edited_at"` // null: it stands as it was written
}

// Comments is a page of GET /files/{id}/comments and /folders/{id}/comments.
type Comments struct {
	Comments      []Comment `json:"comments"` // oldest first
	Total         int       `json:"total"`
	NextPageToken string    `json:"next_page_token,omitempty"`
}

// WriteComment is the body of POST /files/{id}/comments and /folders/{id}/comments
// (201, [Comment]), and of PATCH /comments/{id}.
type WriteComment struct {
	Text string `json:"text" wire:"required"` // at most 10,000 bytes
}

// Tags is the body of PUT /files/{id}/tags and /folders/{id}/tags, and their answer.
type Tags struct {
	Tags []string `json:"tags" wire:"required"` // at most 50 of 64 bytes, each once, whatever its case
}

// TagsInUse is a page of GET /tags. It may be empty and have a next one.
type TagsInUse struct {
	Tags          []string `json:"tags"` // by their names, each as it is written somewhere
	NextPageToken string   `json:"next_page_token,omitempty"`
}

// TaggedItem is a file or folder that has a tag, with all of its tags.
type TaggedItem struct {
	Item
	Path string `json:"path"`
}

// Tagged is a page of GET /tagged. It may be empty and have a next one.
type Tagged struct {
	Items         []TaggedItem `json:"items"`
	NextPageToken string       `json:"next_page_token,omitempty"`
}

// Activity is a row of a change log as its reader is shown it, with names.
type Activity struct {
	Row
	ShareName     string  `json:"share_name"`
	ChangedByName *string `json:"changed_by_name"` // null: the server itself
}

// Activities is a page of GET /activity, latest first. It may be empty and have a
// next one.
type Activities struct {
	Activities    []Activity `json:"activities"` // latest first
	NextPageToken string     `json:"next_page_token,omitempty"`
}
