package httpd

import (
	"scaidrive/engine"
	"scaidrive/httpd/openapi"
	"scaidrive/httpd/wire"
)

var (
	invitationID   = openapi.Need("id", openapi.ID(engine.PrefixInvitation), "The invitation.")
	ofInvitationID = openapi.Need("invitation_id", openapi.ID(engine.PrefixInvitation), "The invitation.")
)

var (
	opListMembers = op{
		Name: "listMembers", Tag: tagShares, Summary: "Who has a role in a share",
		About:   "The owner first, then the members by name. For who may read the share.",
		Path:    list(shareID),
		Query:   paged,
		Answers: gives(200, wire.ShareMembers{}, "A page of members."),
		Fails:   list(410),
	}
	opAddMember = op{
		Name: "addMember", Tag: tagShares, Summary: "Give a user or group a role in a share",
		About:   "For the owner and administrators of the share and of the tenant. It counts from the next request on.",
		Path:    list(shareID),
		Body:    wire.AddShareMember{},
		Answers: gives(201, wire.ShareMember{}, "The member."),
		Fails:   list(409, 410),
	}
	opUpdateMember = op{
		Name: "updateMember", Tag: tagShares, Summary: "Change the role of a member, or its end",
		Path:    list(shareID, memberID),
		Body:    wire.UpdateShareMember{},
		Answers: gives(200, wire.ShareMember{}, "The member as it is now."),
		Fails:   list(410),
	}
	opRemoveMember = op{
		Name: "removeMember", Tag: tagShares, Summary: "Take a member out of a share",
		About:   "Everybody may take themself out.",
		Path:    list(shareID, memberID),
		Answers: done,
		Fails:   list(410),
	}
	opTransferShare = op{
		Name: "transferShare", Tag: tagShares, Summary: "Give a share to somebody",
		About:   "For its owner, who stays as an administrator of the share, and for administrators of the tenant. A personal share stays with its user (409).",
		Path:    list(shareID),
		Body:    wire.TransferOwnership{},
		Answers: gives(200, wire.Share{}, "The share as it is now."),
		Fails:   list(409, 410),
	}
	opListInvitations = op{
		Name: "listInvitations", Tag: tagShares, Summary: "The invitations to a share",
		Path:    list(shareID),
		Query:   paged,
		Answers: gives(200, wire.Invitations{}, "A page of invitations, answered ones too."),
		Fails:   list(410),
	}
	opCreateInvitation = op{
		Name: "createInvitation", Tag: tagShares, Summary: "Invite somebody by e-mail address",
		About:   "No mail is sent: hand the address in the answer over. Where there is no account of the e-mail address yet, an administrator makes one.",
		Path:    list(shareID),
		Body:    wire.CreateInvitation{},
		Answers: gives(201, wire.Invitation{}, "The invitation."),
		Fails:   list(409, 410),
	}
	opDeleteInvitation = op{
		Name: "deleteInvitation", Tag: tagShares, Summary: "Take an invitation back",
		Path:    list(shareID, ofInvitationID),
		Answers: done,
		Fails:   list(410),
	}
	opListMyInvitations = op{
		Name: "listMyInvitations", Tag: tagMe, Summary: "The open invitations for the caller's address",
		Answers: gives(200, wire.Invitations{}, "All of them."),
	}
	opAcceptInvitation = op{
		Name: "acceptInvitation", Tag: tagMe, Summary: "Accept an invitation",
		About:   "Once: one that was answered is 409, one that is over 410.",
		Path:    list(invitationID),
		Answers: gives(200, wire.Joined{}, "The caller is a member."),
		Fails:   list(409, 410),
	}
	opDeclineInvitation = op{
		Name: "declineInvitation", Tag: tagMe, Summary: "Decline an invitation",
		Path:    list(invitationID),
		Answers: done,
		Fails:   list(409, 410),
	}
)
