package httpd

import (
	"scaidrive/httpd/openapi"
	"scaidrive/httpd/wire"
)

var (
	opListNotices = op{
		Name: "listNotices", Tag: tagMe, Summary: "What happened that the caller should know of",
		About: "The newest first: roles in shares that came, changed, end or went, invitations, requests to join and their answers, comments, conflicts that wait, jobs that failed. " +
			"Each says what the caller may see now; what is out of their sight or settled is neither listed nor counted. At most 500 are kept, for 90 days.",
		Query:   list(openapi.May("unread", openapi.Bool().Or(false), "Only those that are not read."), withLimit, withOffset, withToken),
		Answers: gives(200, wire.Notices{}, "A page of notices."),
	}
	opReadNotices = op{
		Name: "readNotices", Tag: tagMe, Summary: "Mark notices as read",
		About:   "Those with some IDs, or all up to a moment; one of the two.",
		Body:    wire.ReadNotices{},
		Answers: gives(200, wire.Unread{}, "How many are not read then."),
	}
)
