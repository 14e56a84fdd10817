package httpd

import (
	"scaidrive/engine"
	"scaidrive/httpd/openapi"
	"scaidrive/httpd/wire"
)

var (
	userID    = openapi.Need("id", openapi.ID(engine.PrefixUser), "The user.")
	groupID   = openapi.Need("id", openapi.ID(engine.PrefixGroup), "The group.")
	memberID  = openapi.Need("principal_id", openapi.ID(engine.PrefixUser, engine.PrefixGroup), "The user or group.")
	searching = openapi.May("search", openapi.Text(), "Only those with a word in name or address that begins so.")
	heirID    = openapi.May("heir_id", openapi.ID(engine.PrefixUser, engine.PrefixGroup), "Who gets the shares; the caller if left out.")
	goesOn    = openapi.May("page_token", openapi.Text(), "Goes on where the answer ended that gave it as next_page_token; not together with offset or search.")
)

// ofPeople are how a call about one user or group fails.
var ofPeople = []int{403, 404, 409}

var (
	opListUsers = op{
		Name: "listUsers", Tag: tagAdmin, Summary: "The users of the tenant",
		About: "Deleted users are listed only with status=deleted. The total is exact up to 10,000.",
		Query: list(searching, openapi.May("status", openapi.OneOf("active", "pending", "suspended", "inactive", "deleted"), "Only those."),
			openapi.May("is_admin", openapi.Bool(), "Only those who have an administration role, or only the others."), withLimit, withOffset, goesOn),
		Answers: gives(200, wire.AdminUsers{}, "A page of users."),
	}
	opCreateUser = op{
		Name: "createUser", Tag: tagAdmin, Summary: "Make a user",
		About:   "With a password the user is active; without one pending, and the answer holds a link to hand over, this once. E-mail addresses are unique on the server (409). Nobody gives a role above their own.",
		Body:    wire.CreateUser{},
		Answers: gives(201, wire.AdminUser{}, "The user."),
		Fails:   list(409),
	}
	opGetUser = op{
		Name: "getUser", Tag: tagAdmin, Summary: "A user",
		About:   "Deleted ones, too.",
		Path:    list(userID),
		Answers: gives(200, wire.AdminUser{}, "The user."),
	}
	opUpdateUser = op{
		Name: "updateUser", Tag: tagAdmin, Summary: "Change a user",
		About:   "The last active administrator keeps the role (409), and nobody changes who stands above them (403).",
		Path:    list(userID),
		Body:    wire.UpdateUser{},
		Answers: gives(200, wire.AdminUser{}, "The user as they are now."),
		Fails:   ofPeople,
	}
	opDeleteUser = op{
		Name: "deleteUser", Tag: tagAdmin, Summary: "Delete a user for good",
		About:   "Their shares go to the heir, the personal one as a project share; memberships and invitations go. The address is free from then on, and whoever gets it is somebody else. If it breaks off, the user is suspended and the same call goes on.",
		Path:    list(userID),
		Query:   list(heirID),
		Answers: done,
		Fails:   ofPeople,
	}
	opSuspendUser = op{
		Name: "suspendUser", Tag: tagAdmin, Summary: "Shut a user out",
		About:   "Their sessions and tokens are refused from the next request on, and stay so.",
		Path:    list(userID),
		Answers: gives(200, wire.AdminUser{}, "The user as they are now."),
		Fails:   ofPeople,
	}
	opAskUserResync = op{
		Name: "askUserResync", Tag: tagAdmin, Summary: "Ask a user's devices to list their shares anew",
		About:   "The sockets of all their devices are sent force_sync for each share that they follow: at once, or when they are opened next.",
		Path:    list(userID),
		Answers: done,
		Fails:   ofPeople,
	}
	opActivateUser = op{
		Name: "activateUser", Tag: tagAdmin, Summary: "Let a user in again",
		About:   "One who has no password is pending then.",
		Path:    list(userID),
		Answers: gives(200, wire.AdminUser{}, "The user as they are now."),
		Fails:   ofPeople,
	}
	opResetPassword = op{
		Name: "resetPassword", Tag: tagAdmin, Summary: "Give a user a new password",
		About:   "Without one the old is taken away, and the answer holds a link to hand over, this once. All sessions and tokens of the user end.",
		Path:    list(userID),
		Body:    wire.ResetPassword{},
		Answers: gives(200, wire.AdminUser{}, "The user, and the link."),
		Fails:   ofPeople,
	}
	opActivate = op{
		Name: "activate", Tag: tagSignIn, Summary: "Set a password with a link",
		About:   "Who was pending is active then. A link that is unknown, used, taken back or over is 410.",
		Body:    wire.Activate{},
		Answers: done,
		Fails:   list(410, 422),
	}

	opListGroups = op{
		Name: "listGroups", Tag: tagAdmin, Summary: "The groups of the tenant",
		Query:   list(searching, withLimit, withOffset, goesOn),
		Answers: gives(200, wire.Groups{}, "A page of groups."),
	}
	opCreateGroup = op{
		Name: "createGroup", Tag: tagAdmin, Summary: "Make a group",
		About:   "Names of groups are unique in the tenant (409).",
		Body:    wire.CreateGroup{},
		Answers: gives(201, wire.Group{}, "The group."),
		Fails:   list(409),
	}
	opGetGroup = op{
		Name: "getGroup", Tag: tagAdmin, Summary: "A group",
		Path:    list(groupID),
		Answers: gives(200, wire.Group{}, "The group."),
	}
	opUpdateGroup = op{
		Name: "updateGroup", Tag: tagAdmin, Summary: "Rename or describe a group",
		Path:    list(groupID),
		Body:    wire.UpdateGroup{},
		Answers: gives(200, wire.Group{}, "The group as it is now."),
		Fails:   list(409),
	}
	opDeleteGroup = op{
		Name: "deleteGroup", Tag: tagAdmin, Summary: "Delete a group for good",
		About:   "It gives nothing from then on, and one made again under its name is another group. Shares that it owns go to the heir.",
		Path:    list(groupID),
		Query:   list(heirID),
		Answers: done,
		Fails:   list(409),
	}
	opListGroupMembers = op{
		Name: "listGroupMembers", Tag: tagAdmin, Summary: "Who is in a group directly",
		Path:    list(groupID),
		Query:   paged,
		Answers: gives(200, wire.GroupMembers{}, "A page of members."),
	}
	opAddGroupMember = op{
		Name: "addGroupMember", Tag: tagAdmin, Summary: "Put a user or group into a group",
		About:   "It counts from the next request on. A circle of groups is harmless; nobody can be in more than 1,000 groups, those included that they are in through others.",
		Path:    list(groupID),
		Body:    wire.AddGroupMember{},
		Answers: gives(201, wire.GroupMember{}, "The member."),
		Fails:   list(409),
	}
	opRemoveGroupMember = op{
		Name: "removeGroupMember", Tag: tagAdmin, Summary: "Take a user or group out of a group",
		Path:    list(groupID, memberID),
		Answers: done,
	}
)
