package httpd

import (
	"scaidrive/engine"
	"scaidrive/httpd/openapi"
	"scaidrive/httpd/wire"
)

var (
	opListShares = op{
		Name: "listShares", Tag: tagShares, Summary: "The shares that the caller sees",
		Query: list(openapi.May("all", openapi.Bool().Or(false), "All of the tenant's; for its administrators."),
			openapi.May("include_trashed", openapi.Bool().Or(false), "Deleted ones, too, that the caller may bring back."),
			shareLimit, withOffset),
		Answers: gives(200, wire.Shares{}, "A page of shares."),
	}
	opCreateShare = op{
		Name: "createShare", Tag: tagShares, Summary: "Make a share",
		Body:    wire.CreateShare{},
		Answers: gives(201, wire.Share{}, "Made."),
		Fails:   list(409),
	}
	opGetShare = op{
		Name: "getShare", Tag: tagShares, Summary: "A share",
		Path:    list(shareID),
		Answers: gives(200, wire.Share{}, "The share."),
		Fails:   list(404, 410),
	}

	opCreateFolder = op{
		Name: "createFolder", Tag: tagFolders, Summary: "Make a folder",
		Body:    wire.CreateFolder{},
		Answers: gives(201, wire.Folder{}, "Made."),
		Fails:   ofPlace,
	}
	opGetFolder = op{
		Name: "getFolder", Tag: tagFolders, Summary: "A folder",
		Path:    list(folderID),
		Answers: gives(200, wire.Folder{}, "The folder."),
		Fails:   ofNode,
	}
	opListChildren = op{
		Name: "listChildren", Tag: tagFolders, Summary: "What is in a folder",
		Path:  list(openapi.Need("id", openapi.IDOr("root", engine.PrefixFolder), `The folder, or "root" for the share's.`)),
		About: `By name a page costs the same anywhere in a folder of any size; by any other order it does, too, in folders of up to 250,000 entries in shares without permissions of their own, and there a page can be asked for by its position; elsewhere, and with include_deleted, each page goes through the whole folder. A page can be empty and have a next one, when a filter passes over very many names.`,
		Query: list(ofShare,
			openapi.May("sort", openapi.OneOf("name", "size", "modified_at", "type", "folders").Or("name"), "The order: by name, files and folders together; by size, folders first; by the content's time; by type, folders first, then by the name's extension; folders first whichever end is first, each by name. What is equal is in the order of names."),
			openapi.May("order", openapi.OneOf("asc", "desc").Or("asc"), "Which end is first."),
			openapi.May("filter", openapi.Text(), "Only names with a word that begins so, whatever its case; at most 255 bytes."),
			openapi.May("include", openapi.OneOf("permissions", "tags", "permissions,tags"), "What each item has, too: the caller's permissions, its tags, or both."),
			openapi.May("include_deleted", openapi.Bool().Or(false), "Shows, too, what was deleted from this folder itself."),
			openapi.May("position", openapi.From(0), "The page begins behind so many items, in place of offset and page_token: where an answer tells a position, in an order other than by name."),
			openapi.May("begins", openapi.Text(), "The page begins with the first item, at that position or behind it and then from the beginning, whose name begins so; without one it is empty."),
			openapi.May("item", openapi.Text(), "The page begins with this file or folder; if it is not in the listing, the page is empty."),
			withLimit, withOffset, withToken),
		Answers: gives(200, wire.Children{}, "A page of the folder."),
		Fails:   ofNode,
	}
	opUpdateFolder = op{
		Name: "updateFolder", Tag: tagFolders, Summary: "Rename a folder, or change its time",
		Path: list(folderID), Header: list(ifMatch), Body: wire.UpdateFolder{},
		Answers: gives(200, wire.Folder{}, "The folder as it is now."),
		Fails:   ofPlace,
	}
	opDeleteFolder = op{
		Name: "deleteFolder", Tag: tagFolders, Summary: "Delete a folder with all that is in it",
		Path: list(folderID), Query: list(permanently), Header: list(ifMatch),
		Answers: done,
		Fails:   ofNode,
	}
	opRestoreFolder = op{
		Name: "restoreFolder", Tag: tagFolders, Summary: "Bring a folder back from the trash",
		About: "It goes to where it was, or to the nearest folder of its path that is still there; if the name is taken, it gets another one.",
		Path:  list(folderID), Header: list(ifMatch),
		Answers: gives(200, wire.Folder{}, "The folder as it is now."),
		Fails:   ofPlace,
	}
	opMoveFolder = op{
		Name: "moveFolder", Tag: tagFolders, Summary: "Move a folder, within a share or to another",
		Path: list(folderID), Header: list(ifMatch), Body: wire.Place{},
		Answers: gives(200, wire.Folder{}, "The folder as it is now."),
		Fails:   ofPlace,
	}
	opCopyFolder = op{
		Name: "copyFolder", Tag: tagFolders, Summary: "Copy a folder with all that is in it",
		Path: list(folderID), Header: list(ifMatch), Body: wire.Place{},
		Answers: gives(201, wire.Folder{}, "The copy."),
		Fails:   ofPlace,
	}

	opListTrash = op{
		Name: "listTrash", Tag: tagTrash, Summary: "What is in the trash of a share",
		Query:   list(ofShare, withLimit, withOffset, withToken),
		Answers: gives(200, wire.Trash{}, "A page of the trash, what was deleted last first."),
		Fails:   list(404),
	}
	opEmptyTrash = op{
		Name: "emptyTrash", Tag: tagTrash, Summary: "Delete for good all that is in the trash of a share",
		Query:   list(ofShare),
		Answers: done,
		Fails:   list(404, 409),
	}
)
