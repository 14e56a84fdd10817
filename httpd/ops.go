package httpd

import (
	"scaidrive/engine"
	"scaidrive/httpd/openapi"
)

// The ops_*.go hold what the document says of each route, in the order of the
// route table. This file holds what several of them say.

type op = openapi.Op

// The groups of the document, in its order.
const (
	tagServer  = "Server"
	tagSignIn  = "Sign-in"
	tagMe      = "The caller"
	tagShares  = "Shares"
	tagFolders = "Folders"
	tagFiles   = "Files"
	tagTrash   = "Trash"
	tagJobs    = "Jobs"
	tagUploads = "Upload sessions"
	tagSync    = "Sync"
	tagAdmin   = "Administration"
	tagPages   = "Pages"

	tagPermissions = "Permissions"
)

// tags are the groups with a sentence each; an operation stands in one of them.
func tags() []openapi.Tag {
	return []openapi.Tag{
		{Name: tagServer, About: "What this server is and how it is."},
		{Name: tagSignIn, About: "Tokens: how to get, renew and end them."},
		{Name: tagMe, About: "Who calls, and what is theirs."},
		{Name: tagShares, About: "Namespaces for files, each with its members and its quota."},
		{Name: tagFolders, About: "Folders and what is in them."},
		{Name: tagFiles, About: "Files, their bytes and their versions."},
		{Name: tagPermissions, About: "Who may do what, beyond the roles on shares: entries that allow and deny, and why."},
		{Name: tagTrash, About: "What was deleted and can come back."},
		{Name: tagJobs, About: "Bulk work in the background, with progress and undo."},
		{Name: tagUploads, About: "Uploads in parts that can go on after a break."},
		{Name: tagSync, About: "How a client keeps a copy in step, sending only what is new."},
		{Name: tagAdmin, About: "Users, groups, tenants and partners, for those who administer them."},
		{Name: tagPages, About: "What a browser gets."},
	}
}

// Variable segments of paths.
var (
	shareID  = openapi.Need("id", openapi.IDOrSlug(engine.PrefixShare), "The share: its ID, or its slug.")
	folderID = openapi.Need("id", openapi.ID(engine.PrefixFolder), "The folder.")
	fileID   = openapi.Need("id", openapi.ID(engine.PrefixFile), "The file.")
	tokenID  = openapi.Need("id", openapi.ID(engine.PrefixServiceToken), "The service token.")
	uploadID = openapi.Need("id", openapi.ID(engine.PrefixUpload), "The upload session.")
)

// Queries.
var (
	ofShare     = openapi.Need("share_id", openapi.ID(engine.PrefixShare), "The share.")
	withLimit   = openapi.May("limit", openapi.Int(1, maxLimit).Or(defaultLimit), "How many at most.")
	withOffset  = openapi.May("offset", openapi.Int(0, maxOffset-1).Or(0), "How many to pass over; offset + limit is at most 10,000.")
	withToken   = openapi.May("page_token", openapi.Text(), "Goes on where the answer ended that gave it as next_page_token; not together with offset.")
	paged       = []openapi.Param{withLimit, withOffset}
	ofVersion   = openapi.May("version", openapi.From(1), "The number of a version; the current one if left out.")
	permanently = openapi.May("permanent", openapi.Bool().Or(false), "Deletes for good instead of moving to the trash.")
)

// Headers of requests and answers.
var (
	ifMatch     = openapi.May("If-Match", openapi.Text(), `The ETag that the file must have (a list, or "*"); else 412. A folder has none, so that only "*" fits it.`)
	ifNoneMatch = openapi.May("If-None-Match", openapi.Text(), "The ETag of what the caller has; 304 if it is still that.")
	withKey     = openapi.May("Idempotency-Key", openapi.Text(), "A key of the caller's choice, 1 to 255 visible ASCII characters: for 24 hours the same request with the same key has no second effect and gets the first answer, as things are by then. 409 while the first one runs, 422 for another request with the key. A request that failed is not remembered.")
	hasETag     = openapi.Need("ETag", openapi.Text(), "The ID of the file's version, in quotes.")
	hasLocation = openapi.Need("Location", openapi.Text(), "The path of what was made.")
)

// Answers and refusals.
var (
	done = []openapi.Answer{openapi.Gives(204, nil, "Done.")}

	// ofNode are how a call about one thing fails: out of sight, in the trash,
	// of another version.
	ofNode = []int{404, 410, 412}
	// failsOfKey are how a call fails because of its Idempotency-Key, or because
	// what it made the first time is not there any more.
	failsOfKey = []int{404, 409, 410, 422}
	// ofPlace are those and how a call fails that gives a thing a name in a
	// folder: there is one of that name already.
	ofPlace = []int{404, 409, 410, 412, 413}
)

// gives is one answer.
func gives(status int, body any, about string, headers ...openapi.Param) []openapi.Answer {
	return []openapi.Answer{openapi.Gives(status, body, about, headers...)}
}

// list makes a list of parameters, answers or statuses.
func list[T any](of ...T) []T { return of }
