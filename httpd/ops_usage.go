package httpd

import (
	"scaidrive/engine/people"
	"scaidrive/httpd/openapi"
	"scaidrive/httpd/wire"
)

var (
	shareLimit = openapi.May("limit", openapi.Int(1, maxShares).Or(defaultLimit), "How many at most.")
)

var (
	opUpdateShare = op{
		Name: "updateShare", Tag: tagShares, Summary: "Rename or describe a share, or bring it back",
		About: "Needs MANAGE_PERMISSIONS; is_deleted false brings back a deleted share, which its owner and administrators may.",
		Path:  list(shareID), Body: wire.UpdateShare{},
		Answers: gives(200, wire.Share{}, "The share as it is now."),
		Fails:   list(403, 404, 410),
	}
	opDeleteShare = op{
		Name: "deleteShare", Tag: tagShares, Summary: "Delete a share",
		About:   "For its owner and administrators. The share and all in it are absent from then on; its bytes count until it is removed for good. A personal share can't be deleted.",
		Path:    list(shareID),
		Answers: done,
		Fails:   list(403, 404, 410),
	}
	opSearchPrincipals = op{
		Name: "searchPrincipals", Tag: tagShares, Summary: "Find people and groups of the tenant",
		About: "Active users, and groups, with a word in their name or address that begins so, by name.",
		Query: list(openapi.Need("q", openapi.Text(), "What the word begins with; 1 to 255 bytes."),
			openapi.May("principal_type", openapi.OneOf("user", "group"), "Only these; both if left out."),
			openapi.May("limit", openapi.Int(1, people.MaxFound).Or(20), "How many at most.")),
		Answers: gives(200, wire.Principals{}, "Who was found."),
	}
	opGetMyQuota = op{
		Name: "getMyQuota", Tag: tagMe, Summary: "What the caller's shares count",
		Answers: gives(200, wire.UserQuota{}, "The sum, and the limit where there is one."),
	}
	opGetMyStats = op{
		Name: "getMyStats", Tag: tagMe, Summary: "What each of the caller's shares holds",
		About:   "The tenant's totals are of what the caller sees: an administrator all, others their own shares. Deleted shares count in them. Files, folders, trash and older versions of large shares are counted in the background: calculated_at tells when.",
		Query:   list(shareLimit, withOffset),
		Answers: gives(200, wire.UserStats{}, "A page of shares, and totals."),
	}
	opGetDashboard = op{
		Name: "getDashboard", Tag: tagAdmin, Summary: "How the tenant does, at a glance",
		About:   "What is stored, who was there, what happened as far as the caller may see it, and whether all parts work. A super_admin is told of the server as a whole, too. What can't be read is null, so that the rest can be told.",
		Answers: gives(200, wire.Dashboard{}, "The figures."),
	}
)
