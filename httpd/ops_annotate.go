package httpd

import (
	"scaidrive/engine"
	"scaidrive/engine/annotate"
	"scaidrive/engine/journal"
	"scaidrive/httpd/openapi"
	"scaidrive/httpd/wire"
)

var (
	commentID  = openapi.Need("id", openapi.ID(engine.PrefixComment), "The comment.")
	goesOnOnly = openapi.May("page_token", openapi.Text(), "Goes on where the answer ended that gave it as next_page_token.")
	ofComments = list(withLimit, withOffset, openapi.May("page_token", openapi.Text(), "Goes on where the answer ended that gave it as next_page_token; not together with offset."))
)

// theOp gives an operation on files and the same on folders.
func theOp(o op) (ofFile, ofFolder op) {
	ofFile, ofFolder = o, o
	ofFile.Name, ofFile.Tag, ofFile.Path = "file"+o.Name, tagFiles, list(fileID)
	ofFolder.Name, ofFolder.Tag, ofFolder.Path = "folder"+o.Name, tagFolders, list(folderID)
	return ofFile, ofFolder
}

var (
	opListFileComments, opListFolderComments = theOp(op{
		Name: "Comments", Summary: "What people wrote beside it",
		Query:   ofComments,
		Answers: gives(200, wire.Comments{}, "A page of comments, oldest first."),
		Fails:   ofNode,
	})
	opAddFileComment, opAddFolderComment = theOp(op{
		Name: "AddComment", Summary: "Write a comment",
		About:   "For everybody who may read it. At most 1,000 stand on a thing (409).",
		Body:    wire.WriteComment{},
		Answers: gives(201, wire.Comment{}, "The comment."),
		Fails:   list(404, 409, 410, 412),
	})
	opEditComment = op{
		Name: "editComment", Tag: tagFiles, Summary: "Change the text of a comment",
		About:   "For its author alone.",
		Path:    list(commentID),
		Body:    wire.WriteComment{},
		Answers: gives(200, wire.Comment{}, "The comment as it is now."),
		Fails:   list(410),
	}
	opDeleteComment = op{
		Name: "deleteComment", Tag: tagFiles, Summary: "Take a comment away",
		About:   "For its author, and for who manages the permissions of what it is on.",
		Path:    list(commentID),
		Answers: done,
		Fails:   list(410),
	}
	opGetFileTags, opGetFolderTags = theOp(op{
		Name: "Tags", Summary: "Its tags",
		Answers: gives(200, wire.Tags{}, "The tags, in the order in which they were set."),
		Fails:   ofNode,
	})
	opSetFileTags, opSetFolderTags = theOp(op{
		Name: "SetTags", Summary: "Replace its tags",
		About:   "What is the same but for its case stands once. A copy has no tags.",
		Body:    wire.Tags{},
		Answers: gives(200, wire.Tags{}, "The tags as they are now."),
		Fails:   ofNode,
	})
	opListTags = op{
		Name: "listTags", Tag: tagFiles, Summary: "The tags in use",
		About: "Those that are on something that the caller may read. A page can be empty and have a next one.",
		Query: list(openapi.May("prefix", openapi.Text(), "Only those that begin so, whatever the case."),
			openapi.May("limit", openapi.Int(1, annotate.MaxPage).Or(defaultLimit), "How many at most."), goesOnOnly),
		Answers: gives(200, wire.TagsInUse{}, "A page of tags."),
	}
	opListTagged = op{
		Name: "listTagged", Tag: tagFiles, Summary: "What has a tag",
		About: "The live files and folders with it that the caller may read, in no particular order. A page can be empty and have a next one.",
		Query: list(openapi.Need("tag", openapi.Text(), "The tag, in any case."),
			openapi.May("share_id", openapi.ID(engine.PrefixShare), "Only in this share."),
			openapi.May("folder_id", openapi.ID(engine.PrefixFolder), "Only below this folder."),
			openapi.May("limit", openapi.Int(1, annotate.MaxPage).Or(defaultLimit), "How many at most."), goesOnOnly),
		Answers: gives(200, wire.Tagged{}, "A page of files and folders."),
		Fails:   list(404, 410),
	}
	opListActivity = op{
		Name: "listActivity", Tag: tagMe, Summary: "What happened",
		About: "In all shares of the caller, in one, in a folder and all below it, or to a file; latest first. Each row is shown as the caller may see it now, as in sync/changes. A page can be empty and have a next one: a call examines at most 20,000 rows.",
		Query: list(openapi.May("share_id", openapi.ID(engine.PrefixShare), "Only in this share."),
			openapi.May("file_id", openapi.ID(engine.PrefixFile), "Only what is about this file."),
			openapi.May("folder_id", openapi.ID(engine.PrefixFolder), "Only what is about this folder and what is or was in it."),
			openapi.May("user_id", openapi.ID(engine.PrefixUser), "Only what this user did."),
			openapi.May("from", openapi.Moment(), "Not before this moment."),
			openapi.May("to", openapi.Moment(), "Before this moment."),
			openapi.May("limit", openapi.Int(1, journal.MaxActivity).Or(defaultLimit), "How many at most."), goesOnOnly),
		Answers: gives(200, wire.Activities{}, "A page of what happened."),
		Fails:   list(404, 410),
	}
)
