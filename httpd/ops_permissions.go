package httpd

import (
	"scaidrive/engine"
	"scaidrive/httpd/openapi"
	"scaidrive/httpd/wire"
)

var (
	resourceType   = openapi.Need("resource_type", openapi.OneOf(wire.TypeFile, wire.TypeFolder, wire.TypeShare), "What it is.")
	nodeType       = openapi.Need("resource_type", openapi.OneOf(wire.TypeFile, wire.TypeFolder), "What it is.")
	anyResource    = openapi.ID(engine.PrefixFile, engine.PrefixFolder, engine.PrefixShare)
	resourceID     = openapi.Need("id", anyResource, "The file, folder or share.")
	nodeID         = openapi.Need("id", openapi.ID(engine.PrefixFile, engine.PrefixFolder), "The file or folder.")
	ofResourceType = openapi.Need("resource_type", openapi.OneOf(wire.TypeFile, wire.TypeFolder, wire.TypeShare), "What it is.")
	ofResource     = openapi.Need("resource_id", anyResource, "The file, folder or share.")
	ifACLMatch     = openapi.May("If-Match", openapi.Text(), `The ETag that the entries must have (a list, or "*"); else 412.`)
	hasACLTag      = openapi.Need("ETag", openapi.Text(), "Names the explicit entries and the cut, in quotes.")
)

// ofACL are how a call about the entries of one thing fails.
var ofACL = []int{404, 410, 412}

const needsManage = "Needs MANAGE_PERMISSIONS on it, which its owner and the share's owner always have."

var (
	opGetCheck = op{
		Name: "getCheck", Tag: tagPermissions, Summary: "Whether the caller has a right",
		About:   "As the operations answer that need the right. What does not exist, is deleted or out of sight is answered with false; without READ so is every right but CREATE and MANAGE_PERMISSIONS.",
		Query:   list(ofResourceType, ofResource, openapi.Need("permission", openapi.OneOf(rightNames[:]...), "The right.")),
		Answers: gives(200, wire.Checked{}, "Whether they have."),
	}
	opPostCheck = op{
		Name: "postCheck", Tag: tagPermissions, Summary: "Whether the caller has a right",
		About:   "The same as GET.",
		Body:    wire.Check{},
		Answers: gives(200, wire.Checked{}, "Whether they have."),
	}
	opPostCheckBatch = op{
		Name: "checkBatch", Tag: tagPermissions, Summary: "Whether the caller has some rights",
		Body:    wire.CheckBatch{},
		Answers: gives(200, wire.CheckResults{}, "The answers, in the order asked."),
	}
	opGetEffective = op{
		Name: "getEffective", Tag: tagPermissions, Summary: "What somebody may do, and why",
		About: "The caller's own rights need READ. Anybody else's need MANAGE_PERMISSIONS. Of a group they are those of somebody who is in that group and in no other.",
		Query: list(ofResourceType, ofResource,
			openapi.May("principal_id", openapi.IDOr(everyone, engine.PrefixUser, engine.PrefixGroup), "Whose rights; the caller's if left out."),
			openapi.May("explain", openapi.Bool().Or(false), "Tells what decided each right.")),
		Answers: gives(200, wire.Effective{}, "The rights."),
		Fails:   list(404, 410),
	}
	opGetACL = op{
		Name: "getACL", Tag: tagPermissions, Summary: "The entries of a file, folder or share",
		About:   needsManage + " Inherited entries are told as they count for the object.",
		Path:    list(resourceType, resourceID),
		Answers: gives(200, wire.ACL{}, "The entries.", hasACLTag),
		Fails:   list(410),
	}
	opSetACLEntry = op{
		Name: "setACLEntry", Tag: tagPermissions, Summary: "Add an entry, or change its rights",
		About:  needsManage + " There is one entry of a principal, ace_type, applies_to and one_level: the same again replaces its rights (200). Who has MANAGE_PERMISSIONS by no role on the share can't lift what they may not do themselves (403). It counts from the next request on, for all that lies below.",
		Path:   list(resourceType, resourceID),
		Header: list(ifACLMatch),
		Body:   wire.SetACLEntry{},
		Answers: list(openapi.Gives(201, wire.ACLEntry{}, "The entry was added."),
			openapi.Gives(200, wire.ACLEntry{}, "The entry was there and has the rights now.")),
		Fails: append([]int{409}, ofACL...),
	}
	opPutACL = op{
		Name: "putACL", Tag: tagPermissions, Summary: "Replace all explicit entries in one step",
		About:   needsManage + " Entries that deny stand before those that allow (422 otherwise).",
		Path:    list(resourceType, resourceID),
		Header:  list(ifACLMatch),
		Body:    wire.PutACL{},
		Answers: gives(200, wire.ACL{}, "The entries as they are now.", hasACLTag),
		Fails:   ofACL,
	}
	opRemoveACLEntry = op{
		Name: "removeACLEntry", Tag: tagPermissions, Summary: "Take entries of somebody away",
		About:   needsManage,
		Path:    list(resourceType, resourceID),
		Header:  list(ifACLMatch),
		Body:    wire.RemoveACLEntry{},
		Answers: done,
		Fails:   ofACL,
	}
	opSetInheritance = op{
		Name: "setInheritance", Tag: tagPermissions, Summary: "Cut off from the entries above, or inherit again",
		About:   needsManage + " It does not cut off the roles on the share. What is copied counts as explicit: a denial that came from far above is then as near as a nearer one.",
		Path:    list(resourceType, resourceID),
		Header:  list(ifACLMatch),
		Body:    wire.SetInheritance{},
		Answers: gives(200, wire.Inheritance{}, "As it is now."),
		Fails:   append([]int{409}, ofACL...),
	}
	opTransferNode = op{
		Name: "transferOwnership", Tag: tagPermissions, Summary: "Give a file or folder to a user",
		About:   "For its owner, the owner and administrators of the share, and administrators of the tenant; whoever has MANAGE_PERMISSIONS on it may take it.",
		Path:    list(nodeType, nodeID),
		Body:    wire.TransferOwnership{},
		Answers: gives(200, wire.Ownership{}, "Who owns it now."),
		Fails:   list(410),
	}
)
