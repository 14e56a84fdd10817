package httpd

import (
	"scaidrive/engine"
	"scaidrive/httpd/openapi"
	"scaidrive/httpd/wire"
)

var askerID = openapi.Need("user_id", openapi.ID(engine.PrefixUser), "Who asked.")

var (
	opListDiscoverable = op{
		Name: "listDiscoverableShares", Tag: tagShares, Summary: "The shares that everybody in the tenant may know of",
		About:   "Whoever sees one here may ask to join it. Archived ones are not listed.",
		Query:   list(shareLimit, withOffset),
		Answers: gives(200, wire.OpenShares{}, "A page of shares."),
	}
	opAskToJoin = op{
		Name: "askToJoin", Tag: tagShares, Summary: "Ask to join a discoverable share",
		About:   "Its owner and administrators are told: GET /notices. Any other share is 404; who has a role in it, or has asked, gets 409.",
		Path:    list(shareID),
		Body:    wire.AskToJoin{},
		Answers: gives(201, wire.JoinRequest{}, "The request."),
		Fails:   list(409),
	}
	opListJoins = op{
		Name: "listJoinRequests", Tag: tagShares, Summary: "Who asks to join a share",
		About:   "For the owner and administrators of the share and of the tenant.",
		Path:    list(shareID),
		Query:   paged,
		Answers: gives(200, wire.JoinRequests{}, "A page of requests, answered ones too."),
		Fails:   list(410),
	}
	opListMyJoins = op{
		Name: "listMyJoinRequests", Tag: tagMe, Summary: "What the caller asked to join",
		Answers: gives(200, wire.JoinRequests{}, "All of them, by the names of the shares."),
	}
	opAcceptJoin = op{
		Name: "acceptJoinRequest", Tag: tagShares, Summary: "Let somebody join a share",
		Path:    list(shareID, askerID),
		Body:    wire.AcceptJoin{},
		Answers: gives(200, wire.JoinRequest{}, "The request, with the role that was given."),
		Fails:   list(409, 410),
	}
	opRefuseJoin = op{
		Name: "refuseJoinRequest", Tag: tagShares, Summary: "Refuse a request to join",
		Path:    list(shareID, askerID),
		Answers: gives(200, wire.JoinRequest{}, "The request."),
		Fails:   list(409, 410),
	}
	opWithdrawJoin = op{
		Name: "withdrawJoinRequest", Tag: tagShares, Summary: "Take a request to join away",
		About:   "One's own, or anybody's for the owner and administrators. One's own that was refused is kept (409): until a day later, nobody asks again.",
		Path:    list(shareID, askerID),
		Answers: done,
		Fails:   list(409, 410),
	}
)
